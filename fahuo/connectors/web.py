"""One request to a machine outside: bounded in time as a whole and in size, no redirects, no proxies, and never into a
private network unless that is allowed: the address is looked up once and the connection goes to the number that was looked
at, whatever the name resolves to later.
"""

import contextlib
import http.client
import socket
import ssl
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final, Literal
from urllib.parse import urlsplit

from fahuo.connectors.notify.addresses import private

SECONDS: Final = 20.0
"""For a whole exchange, from the look-up of the name to the last byte."""
LARGEST: Final = 16 * 2**20
"""Bytes of an answer."""

Why = Literal["timeout", "no_connection", "tls", "private_address", "too_large", "cut_off", "garbage"]


class Unanswered(Exception):
    """No answer, or not all of it. `sent`: the request may have arrived, so nobody knows what became of it."""

    def __init__(self, why: Why, *, sent: bool) -> None:
        super().__init__(why)
        self.why = why
        self.sent = sent


@dataclass(frozen=True, slots=True)
class Request:
    """What to ask. `body` and `headers` as they go out."""

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back; header names in small letters."""

    status: int
    headers: Mapping[str, str]
    body: bytes


Transport = Callable[[Request], Answer]
"""How a connector asks. Raises Unanswered. Tests and the conformance suite put their own in its place."""


def transport(*, allow_private: bool, seconds: float = SECONDS, largest: int = LARGEST) -> Transport:
    """The real one."""

    def send(request: Request) -> Answer:
        return _exchange(request, allow_private=allow_private, until=time.monotonic() + seconds, largest=largest)

    return send


def _exchange(request: Request, *, allow_private: bool, until: float, largest: int) -> Answer:
    parts = urlsplit(request.url)
    secure, host = parts.scheme == "https", parts.hostname or ""
    link = _connect(host, parts.port or (443 if secure else 80), allow_private, until)
    sent = False
    # whatever the other side does, byte by byte or not at all: at the end of its time the connection is closed
    end = threading.Timer(max(until - time.monotonic(), 0.01), _close, (link,))
    end.daemon = True
    end.start()
    try:
        if secure:
            link = ssl.create_default_context().wrap_socket(link, server_hostname=host)
        speaker = http.client.HTTPConnection(host, parts.port)
        speaker.sock = link
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        headers = {"Host": parts.netloc.rpartition("@")[2], "Accept-Encoding": "identity", "Connection": "close", **request.headers}  # fmt: skip
        sent = True
        speaker.request(request.method, target, body=request.body or None, headers=headers)
        answer = speaker.getresponse()
        body = answer.read(largest + 1)
        if len(body) > largest:
            raise Unanswered("too_large", sent=True)
        if time.monotonic() >= until:
            raise Unanswered("timeout", sent=True)  # what looks like an end was ours
        if answer.length:
            raise Unanswered("cut_off", sent=True)
        return Answer(answer.status, {name.lower(): value for name, value in answer.getheaders()}, body)
    except ssl.SSLError:
        raise Unanswered("timeout" if time.monotonic() >= until else "tls", sent=sent) from None
    except http.client.IncompleteRead:
        raise Unanswered("timeout" if time.monotonic() >= until else "cut_off", sent=True) from None
    except (http.client.HTTPException, ValueError):
        raise Unanswered("timeout" if time.monotonic() >= until else "garbage", sent=sent) from None
    except OSError:
        raise Unanswered("timeout" if time.monotonic() >= until else "cut_off", sent=sent) from None
    finally:
        end.cancel()
        _close(link)


def _connect(host: str, port: int, allow_private: bool, until: float) -> socket.socket:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise Unanswered("no_connection", sent=False) from None
    why: Why = "no_connection"
    for family, kind, protocol, _, address in found:
        if not allow_private and private(str(address[0])):
            why = "private_address"
            continue
        link = socket.socket(family, kind, protocol)
        link.settimeout(max(until - time.monotonic(), 0.01))
        try:
            link.connect(address)
        except OSError as error:
            link.close()
            why = "timeout" if isinstance(error, TimeoutError) else "no_connection"
            continue
        return link
    raise Unanswered(why, sent=False)


def _close(link: socket.socket) -> None:
    with contextlib.suppress(OSError):
        link.shutdown(socket.SHUT_RDWR)
    link.close()
