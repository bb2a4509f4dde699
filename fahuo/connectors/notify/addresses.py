"""Which addresses are out in the open internet, and which belong to somebody's own network."""

import ipaddress

INNER = (".local", ".localhost", ".internal", ".intranet", ".lan", ".home", ".corp")
"""How names end that mean something only inside a network."""


def private(address: str) -> bool:
    """Whether an IP address (text) is not a public one: loopback, private, link-local, reserved, multicast, or any of
    these inside an IPv6 address."""
    found = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(found, ipaddress.IPv6Address):
        inner = found.ipv4_mapped or found.sixtofour or (found.teredo[1] if found.teredo else None)
        if inner is None and found in ipaddress.ip_network("64:ff9b::/96"):
            inner = ipaddress.IPv4Address(int(found) & 0xFFFFFFFF)
        if inner is not None:
            return private(str(inner))
    return not found.is_global or found.is_multicast


def inside(host: str) -> bool:
    """Whether a host as it is written in an address can be seen to be private, without asking anybody for its number."""
    host = host.strip("[]").rstrip(".").lower()
    try:
        return private(host)
    except ValueError:
        return "." not in host or host.endswith(INNER) or host.replace(".", "").isdigit() or "0x" in host
