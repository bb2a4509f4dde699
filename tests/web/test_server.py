"""The web process: pages in threads, bodies in pieces, streams piece by piece; and the hub of those who listen."""

import asyncio
import io
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace
from typing import Any

import pytest
from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase

from fahuo.web.live import EVERYBODY, HELLO, NEWS, SEATS, TALK, WAITING, Hub, Key, Listening
from fahuo.web.server import SMALL, Machines, Pages, Server, environ_of

ME: Key = (1, 2)
SCOPE: dict[str, Any] = {
    "type": "http", "method": "POST", "path": "/s/兰/", "query_string": b"a=1", "http_version": "1.1", "scheme": "https",
    "client": ("10.0.0.9", 1), "server": ("127.0.0.1", 8000),
    "headers": [(b"content-length", b"9"), (b"x_forwarded_proto", b"https"), (b"x-one", b"1"), (b"cookie", b"a=b"),
                (b"cookie", b"c=d")],
}  # fmt: skip


class Source:
    """Stands for the connection that listens."""

    def __init__(self) -> None:
        self.keys: asyncio.Queue[Key | None] = asyncio.Queue()

    async def __call__(self, ready: asyncio.Event) -> AsyncIterator[Key]:
        ready.set()
        while (key := await self.keys.get()) is not None:
            yield key
        raise OSError


async def settle() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


def listening(hub: Hub, said: list[bytes], going: asyncio.Event, key: Key = ME) -> "asyncio.Task[None]":
    async def put(piece: bytes) -> None:
        said.append(piece)

    async def gone() -> None:
        await going.wait()

    return asyncio.ensure_future(hub.stream(key, gone(), put))


def run(story: Callable[[], Any]) -> Any:
    """Tell a story in a thread of its own: a browser that was open in this process leaves its loop in the tests' thread."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(lambda: asyncio.run(story())).result()


def test_who_listens_is_told_and_nobody_else_and_is_forgotten_when_gone() -> None:
    async def story() -> None:
        source, said, others, going = Source(), [], [], asyncio.Event()
        hub = Hub(source)
        lines = [listening(hub, said, going), listening(hub, others, going, (1, 3))]
        await settle()
        source.keys.put_nowait(ME)
        await settle()
        assert (said, others) == ([HELLO, NEWS], [HELLO])
        source.keys.put_nowait((ME[0], EVERYBODY))
        source.keys.put_nowait((ME[0] + 1, EVERYBODY))
        await settle()
        assert (said, others) == ([HELLO, NEWS, TALK], [HELLO, TALK]), "a conversation is everybody's of the shop"
        going.set()
        await asyncio.gather(*lines)
        assert hub.seats == {}
        await hub.stop()
        await listening(hub, said, going)
        assert said == [HELLO, NEWS, TALK], "nobody is taken in any more"

    run(story)


def test_a_lost_connection_sends_everybody_away_and_is_opened_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fahuo.web.live.PAUSE", 0)

    async def story() -> None:
        source, said, going = Source(), [], asyncio.Event()
        hub = Hub(source)
        line = listening(hub, said, going)
        await settle()
        source.keys.put_nowait(None)
        await asyncio.wait_for(line, 2)
        line = listening(hub, said, going)
        await settle()
        source.keys.put_nowait(ME)
        await settle()
        assert said == [HELLO, HELLO, NEWS]
        await hub.stop()
        await asyncio.wait_for(line, 2)

    run(story)


def test_a_page_that_takes_nothing_is_sent_away_and_so_is_one_too_many() -> None:
    async def story() -> None:
        hub = Hub(Source())
        seat = hub.sit(ME)
        for _ in range(WAITING + 1):
            hub.tell(ME)
        assert seat.hints.qsize() == 1
        assert seat.hints.get_nowait() is None
        assert hub.seats == {}
        first = hub.sit(ME)
        for _ in range(SEATS):
            hub.sit(ME)
        assert first.hints.get_nowait() is None
        assert len(hub.seats[ME]) == SEATS
        await hub.stop()

    run(story)


def no_call(*_: Any) -> Any:
    raise AssertionError("no page is a call")


def called(*pieces: bytes, length: int | str | None = None) -> list[dict[str, Any]]:
    """What the server sends for a call of the API whose body comes in pieces."""
    sent: list[dict[str, Any]] = []
    waiting = [*pieces]

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": waiting.pop(0) if waiting else b"", "more_body": bool(waiting)}

    async def send(message: Any) -> None:
        sent.append(dict(message))

    def answer(method: str, path: str, query: str, headers: Any, read: Callable[[int], bytes], scheme: str) -> Any:
        first = read(3)
        return SimpleNamespace(status=201, body=first + b"|" + read(2**20)[-3:], headers=[("X-Path", path)])

    lengths = [] if length is None else [(b"content-length", str(length).encode("latin-1"))]
    scope = {**SCOPE, "path": "/api/v1/orders", "headers": [(b"authorization", b"Bearer x"), *lengths]}
    server = Server(None, Machines(answer, 1, "/api/", no_call), lambda: Hub(Source()))  # type: ignore[arg-type]
    run(lambda: server(scope, receive, send))
    return sent


@pytest.mark.parametrize("length", ["²", "x", "-1", "9" * 5000])
def test_a_length_that_is_none_is_no_small_one(length: str) -> None:
    head, body = called(b"ab", b"cdef", length=length)
    assert (head["status"], body["body"]) == (201, b"abc|def")


@pytest.mark.parametrize("length", [6, SMALL + 1, None])
def test_a_call_of_the_api_goes_past_the_pages_whatever_its_size(length: int | None) -> None:
    pieces = [b"ab", b"cdef"] if length == 6 else [b"ab", b"c" * SMALL, b"def"]
    if length is None:
        pieces = []
    head, body = called(*pieces, length=length)
    assert (head["status"], dict(head["headers"])[b"x-path"]) == (201, b"/api/v1/orders")
    assert body["body"] == {6: b"abc|def", None: b"|"}.get(length, b"abc|def")


def asked(django: Callable[..., HttpResponseBase], *pieces: bytes) -> list[dict[str, Any]]:
    """What a server with this Django sends for a request whose body comes in pieces."""
    sent: list[dict[str, Any]] = []
    waiting = [*pieces]

    async def receive() -> dict[str, Any]:
        if not waiting:
            return {"type": "http.disconnect"}
        return {"type": "http.request", "body": waiting.pop(0), "more_body": bool(waiting)}

    async def send(message: Any) -> None:
        sent.append(dict(message))

    def answering(environ: dict[str, Any], start: Callable[..., None]) -> HttpResponseBase:
        response = django(environ)
        start("200 OK", [*response.items(), ("Set-Cookie", "x=y")])
        return response

    server = Server(Pages(answering, 2), Machines(no_call, 1, "/api/", no_call), lambda: Hub(Source()))  # type: ignore[arg-type]
    run(lambda: server(dict(SCOPE), receive, send))
    return sent


def test_a_page_reads_its_body_as_it_comes() -> None:
    def page(environ: dict[str, Any]) -> HttpResponse:
        read = environ["wsgi.input"]
        return HttpResponse(read.read(4) + b"|" + read.readline() + b"|" + read.read(100))

    head, body = asked(page, b"ab", b"cdef\n", b"gh")
    assert (head["status"], (b"set-cookie", b"x=y") in head["headers"]) == (200, True)
    assert body == {"type": "http.response.body", "body": b"abcd|ef\n|gh"}


def test_a_stream_goes_out_piece_by_piece_and_is_closed() -> None:
    closed: list[bool] = []

    def pieces() -> Any:
        try:
            yield b"1"
            yield b"2"
        finally:
            closed.append(True)

    head, *body = asked(lambda _: StreamingHttpResponse(pieces()))
    assert [part["body"] for part in body] == [b"1", b"2", b""]
    assert closed == [True]


def test_a_line_is_not_opened_by_a_post() -> None:
    head, body = asked(lambda _: Listening(ME))
    assert body["body"].startswith(b"retry:"), "a POST gets what a server without lines says"


def test_a_request_as_wsgi_tells_it() -> None:
    found = environ_of(SCOPE, io.BufferedReader(io.BytesIO()))  # type: ignore[arg-type]
    assert found["PATH_INFO"].encode("latin-1").decode() == "/s/兰/"
    assert (found["CONTENT_LENGTH"], found["REMOTE_ADDR"], found["wsgi.url_scheme"]) == ("9", "10.0.0.9", "https")
    assert (found["HTTP_X_ONE"], found["HTTP_COOKIE"]) == ("1", "a=b;c=d")
    assert "HTTP_X_FORWARDED_PROTO" not in found, "a header with an underscore is nobody's"
