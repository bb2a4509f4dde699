"""The one request to a machine outside, against sockets that behave badly."""

import select
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import pytest

from fahuo.connectors.web import Request, Unanswered, transport

GOOD = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-Y: z\r\n\r\nok"


@contextmanager
def server(act: Callable[[socket.socket], None]) -> Iterator[str]:
    """Answers one connection after the other by `act`."""
    listening = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                link, _ = listening.accept()
            except OSError:
                return
            with link, suppress(OSError):
                act(link)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/x?y=1"
    finally:
        listening.shutdown(socket.SHUT_RDWR)  # wakes who waits for a connection: closing alone does not
        listening.close()
        thread.join(2)


def saying(*pieces: bytes, pause: float = 0.0) -> Callable[[socket.socket], None]:
    def act(link: socket.socket) -> None:
        link.recv(65536)
        for piece in pieces:
            link.sendall(piece)
            select.select([link], [], [], pause)  # nobody waits for who has gone

    return act


SEND = transport(allow_private=True, seconds=0.6, largest=1000)


def test_an_answer_comes_whole() -> None:
    with server(saying(GOOD[:20], GOOD[20:], pause=0.01)) as url:
        answer = SEND(Request("POST", url, {"A": "b"}, b"body"))
    assert (answer.status, answer.body, answer.headers["x-y"]) == (200, b"ok", "z")


@pytest.mark.parametrize(
    ("act", "why"),
    [
        (saying(), "garbage"), (saying(b"hello"), "garbage"), (saying(GOOD[:-1]), "cut_off"),
        (saying(b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 2000), "too_large"), (saying(b"HTTP/1.1 200 OK\r\n", pause=2), "timeout"),
        (saying(*[bytes([byte]) for byte in GOOD], pause=0.1), "timeout"), (saying(b"\x00\xff" * 40), "garbage"),
    ],
)  # fmt: skip
def test_what_is_no_answer_is_none_and_in_time(act: Callable[[socket.socket], None], why: str) -> None:
    with server(act) as url:
        begun = time.monotonic()
        with pytest.raises(Unanswered) as failed:
            SEND(Request("GET", url))
        assert time.monotonic() - begun < 5
    assert (failed.value.why, failed.value.sent) == (why, True)


def test_nobody_there_and_no_such_name() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    for url in (f"http://127.0.0.1:{port}/", "http://no-such-host.invalid/"):
        with pytest.raises(Unanswered) as failed:
            SEND(Request("GET", url))
        assert (failed.value.why, failed.value.sent) == ("no_connection", False)


def test_private_networks_are_closed_unless_allowed() -> None:
    with server(saying(GOOD)) as url, pytest.raises(Unanswered) as failed:
        transport(allow_private=False)(Request("GET", url.replace("127.0.0.1", "localhost")))
    assert failed.value.why == "private_address"


def test_redirects_are_answers_not_followed() -> None:
    with server(saying(b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n")) as url:
        assert SEND(Request("GET", url)).status == 302


def test_the_address_that_was_looked_at_is_the_one_connected_to(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that resolves to a public address first and to a private one later (DNS rebinding) gains nothing: it is
    looked up once, and the connection goes to the number that was checked."""
    looked, reached = [], []
    answers = iter([("93.184.215.14", 443), ("127.0.0.1", 443), ("169.254.169.254", 443)])

    def look_up(host: str, port: int, **_more: object) -> list[tuple[object, ...]]:
        looked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", next(answers))]

    class Watched(socket.socket):
        def connect(self, address: object) -> None:
            reached.append(address)
            raise ConnectionRefusedError

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    monkeypatch.setattr(socket, "socket", Watched)
    send = transport(allow_private=False, seconds=1)
    for why in ("no_connection", "private_address", "private_address"):
        with pytest.raises(Unanswered) as refused:
            send(Request("GET", "https://rebind.example/"))
        assert refused.value.why == why
    assert reached == [("93.184.215.14", 443)]
    assert len(looked) == 3
