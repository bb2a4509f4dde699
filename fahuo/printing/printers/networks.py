"""Which addresses may be spoken to: printers stand in private networks, and nothing else there is to be reached by us."""

import ipaddress
import socket
from collections.abc import Sequence

from fahuo.rules.problems import Refusal

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def inside(address: str, networks: Sequence[Network]) -> bool:
    """Whether an IP address (text) is in one of the networks; an IPv4 address inside an IPv6 one counts as itself."""
    found: ipaddress.IPv4Address | ipaddress.IPv6Address = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(found, ipaddress.IPv6Address) and found.ipv4_mapped is not None:
        found = found.ipv4_mapped
    return any(found in network for network in networks)


def open_connection(host: str, port: int, networks: Sequence[Network], timeout: float) -> socket.socket:
    """A TCP connection to the first address of a host that is allowed and answers. What a name means is asked once, and
    the very address that was checked is connected to.

    Refusals: `printer_host_unknown`, `printer_outside`, `printer_unreachable`.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise Refusal.of("printer_host_unknown", host=host) from None
    addresses = [(family, address) for family, _, _, _, address in found if inside(str(address[0]), networks)]
    if not addresses:
        raise Refusal.of("printer_outside", host=host)
    for family, address in addresses:
        connection = socket.socket(family, socket.SOCK_STREAM)
        connection.settimeout(timeout)
        try:
            connection.connect(address)
        except OSError:
            connection.close()
            continue
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return connection
    raise Refusal.of("printer_unreachable", host=host, port=port)
