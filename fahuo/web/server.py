"""Pages and lines behind one ASGI application: every page whole in one of a fixed number of threads, every line to an open
page in none.

Django answers as it does under WSGI, in a thread that keeps it from the first byte of a request to the last of its
answer. What a page may listen to (live.py) goes on in the event loop.
"""

import asyncio
import io
import signal
import threading
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any, Final, Protocol

from django.core.handlers.wsgi import WSGIHandler
from django.http.response import HttpResponseBase

from fahuo.web.admission import AGAIN, Busy, Room, request_id
from fahuo.web.live import Hub, Listening

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

SLOW: Final = 60.0
"""Seconds for which a thread waits for a client's next bytes, or for the client to take some."""


SMALL: Final = 2**16
"""Bytes of a call's body that are read before anybody knows who sends them."""

BUSY: Final = (
    '<!doctype html><meta charset="utf-8"><title>503</title>'
    "<h1>服务器正忙</h1><p>请等几秒再刷新，什么都没有丢。</p>"
    '<p lang="en">The server is busy. Try again in a few seconds; nothing is lost.</p>'
).encode()
BUSY_HEADERS: Final = (
    (b"content-type", b"text/html; charset=utf-8"), (b"content-length", b"%d" % len(BUSY)), (b"cache-control", b"no-store"),
    (b"retry-after", AGAIN.encode()), (b"x-content-type-options", b"nosniff"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
)  # fmt: skip


class Body(io.RawIOBase):
    """A request's body, as the thread that answers reads it; nothing is read ahead."""

    def __init__(self, receive: Receive, loop: asyncio.AbstractEventLoop) -> None:
        self.receive, self.loop = receive, loop
        self.held = memoryview(b"")
        self.more = True

    def readable(self) -> bool:
        return True

    def readinto(self, room: Any) -> int:
        while not self.held and self.more:
            message = asyncio.run_coroutine_threadsafe(self._next(), self.loop).result(SLOW)
            self.more = message["type"] == "http.request" and bool(message.get("more_body"))
            self.held = memoryview(message.get("body") or b"")
        count = min(len(room), len(self.held))
        room[:count] = self.held[:count]
        self.held = self.held[count:]
        return count

    async def _next(self) -> Message:
        return await self.receive()


def environ_of(scope: Message, body: io.BufferedIOBase) -> dict[str, Any]:
    """A request as WSGI tells it."""
    server, client = scope.get("server") or ("localhost", 80), scope.get("client")
    found: dict[str, Any] = {
        "REQUEST_METHOD": scope["method"], "SCRIPT_NAME": "", "PATH_INFO": scope["path"].encode().decode("latin-1"),
        "QUERY_STRING": scope.get("query_string", b"").decode("latin-1"), "SERVER_NAME": server[0],
        "SERVER_PORT": str(server[1]), "SERVER_PROTOCOL": f"HTTP/{scope.get('http_version', '1.1')}",
        "REMOTE_ADDR": client[0] if client else "", "wsgi.version": (1, 0), "wsgi.input": body,
        "wsgi.url_scheme": scope.get("scheme", "http"), "wsgi.errors": io.StringIO(), "wsgi.multithread": True,
        "wsgi.multiprocess": False, "wsgi.run_once": False,
    }  # fmt: skip
    headers: dict[str, list[str]] = defaultdict(list)
    for name, value in scope.get("headers", ()):
        if b"_" not in name:  # it would be taken for the one with a hyphen
            headers[name.decode("latin-1").upper().replace("-", "_")].append(value.decode("latin-1"))
    for name, values in headers.items():
        plain = name in ("CONTENT_TYPE", "CONTENT_LENGTH")
        found[name if plain else f"HTTP_{name}"] = (";" if name == "COOKIE" else ",").join(values)
    return found


class Pages:
    """Django, in `threads` threads; at most `queue` requests wait for one."""

    def __init__(self, django: WSGIHandler, threads: int, queue: int = 200) -> None:
        self.django = django
        self.room = Room("pages", threads, queue)

    async def answer(self, scope: Message, receive: Receive, send: Send) -> Listening | None:
        """Answer a request, or return what a page may listen to; its head is sent then."""
        name = request_id(_header(scope, b"x-request-id"))
        try:
            head, rest, listening = await self.room.run(
                name, self._in_thread, scope, receive, send, asyncio.get_running_loop(), name
            )
        except Busy:
            await send({"type": "http.response.start", "status": 503, "headers": [*BUSY_HEADERS, _named(name)]})
            await send({"type": "http.response.body", "body": BUSY})
            return None
        if head is not None:
            await send(head)
        if listening is None:
            await send({"type": "http.response.body", "body": rest})
        return listening

    def _in_thread(
        self, scope: Message, receive: Receive, send: Send, loop: asyncio.AbstractEventLoop, name: str
    ) -> tuple[Message | None, bytes, Listening | None]:
        """What is still to be sent: the head, the last of the body. A stream goes out from here, piece by piece."""
        head: Message = {"type": "http.response.start"}

        def start(status: str, headers: list[tuple[str, str]]) -> None:
            head["status"] = int(status.split()[0])
            head["headers"] = [(key.lower().encode("latin-1"), value.encode("latin-1")) for key, value in headers]
            head["headers"].append(_named(name))

        async def put(message: Message) -> None:
            await send(message)

        body = io.BufferedReader(Body(receive, loop), 2**16)
        response: HttpResponseBase = self.django(environ_of(scope, body), start)  # type: ignore[arg-type]
        try:
            if isinstance(response, Listening) and scope["method"] == "GET":
                head["headers"] = [pair for pair in head["headers"] if pair[0] != b"content-length"]
                return head, b"", response
            if not response.streaming:
                return head, b"".join(response), None
            asyncio.run_coroutine_threadsafe(put(head), loop).result(SLOW)
            for piece in response:
                message = {"type": "http.response.body", "body": bytes(piece), "more_body": True}
                asyncio.run_coroutine_threadsafe(put(message), loop).result(SLOW)
            return None, b"", None
        finally:
            response.close()


class Reply(Protocol):
    """An answer of the API."""

    status: int
    body: bytes
    headers: list[tuple[str, str]]


Straight = Callable[[str, str, str, Mapping[str, str], Callable[[int], bytes], str], Reply]


class Machines:
    """The API, in threads of its own: calls of software keep no page waiting, and need nothing that pages need. `busy` is
    the answer to a call that finds no room."""

    def __init__(
        self, answer: Straight, threads: int, prefix: str, busy: Callable[[Mapping[str, str]], Reply], queue: int = 200
    ) -> None:
        self.answer_call, self.prefix, self.busy = answer, prefix, busy
        self.room = Room("calls", threads, queue)

    async def answer(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer a call. A small body is read here, a large one by the thread, once it knows who sends it."""
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope.get("headers", ())}
        length = headers.get("content-length", "0")
        short = length.isascii() and length.isdigit() and len(length) < 9
        read: Callable[[int], bytes]
        if "transfer-encoding" not in headers and short and int(length) <= SMALL:
            read = io.BytesIO(await _whole(receive) if int(length) else b"").read
        else:
            read = io.BufferedReader(Body(receive, asyncio.get_running_loop()), 2**16).read
        name = request_id(headers.get("x-request-id", ""))
        try:
            reply = await self.room.run(
                name, self.answer_call, scope["method"], scope["path"], scope.get("query_string", b"").decode("latin-1"),
                headers, read, scope.get("scheme", "http"),
            )  # fmt: skip
        except Busy:
            reply = self.busy(headers)
        head = [(key.lower().encode(), value.encode("latin-1")) for key, value in reply.headers]
        head.append(_named(name))
        head.append((b"content-length", b"%d" % len(reply.body)))
        await send({"type": "http.response.start", "status": reply.status, "headers": head})
        await send({"type": "http.response.body", "body": reply.body})


def _header(scope: Message, name: bytes) -> str:
    return next((value.decode("latin-1") for key, value in scope.get("headers", ()) if key == name), "")


def _named(name: str) -> tuple[bytes, bytes]:
    return b"x-request-id", name.encode()


async def _whole(receive: Receive) -> bytes:
    pieces = []
    while True:
        message = await receive()
        pieces.append(message.get("body") or b"")
        if message["type"] != "http.request" or not message.get("more_body"):
            return b"".join(pieces)


class Server:
    """The ASGI application."""

    def __init__(self, pages: Pages, machines: Machines, hub: Callable[[], Hub]) -> None:
        self.pages, self.machines, self.make_hub = pages, machines, hub
        self.hub: Hub | None = None
        self.stopping: asyncio.Future[None] | None = None

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._lifespan(receive, send)
        elif scope["type"] == "http" and scope["path"].startswith(self.machines.prefix):
            await self.machines.answer(scope, receive, send)
        elif scope["type"] == "http":
            listening = await self.pages.answer(scope, receive, send)
            if listening is not None:
                await self._stream(listening, receive, send)

    async def _stream(self, listening: Listening, receive: Receive, send: Send) -> None:
        if self.hub is None:
            self.hub = self.make_hub()

        async def put(piece: bytes) -> None:
            await send({"type": "http.response.body", "body": piece, "more_body": True})

        async def gone() -> None:
            while (await receive())["type"] != "http.disconnect":
                pass

        await self.hub.stream(listening.seat, gone(), put)
        await send({"type": "http.response.body", "body": b""})

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        while (await receive())["type"] != "lifespan.shutdown":
            self._heed_signals(asyncio.get_running_loop())
            await send({"type": "lifespan.startup.complete"})
        await self._stop()
        await send({"type": "lifespan.shutdown.complete"})

    def _heed_signals(self, loop: asyncio.AbstractEventLoop) -> None:
        """End the lines as soon as this process is told to stop: the server waits for whoever it still talks to, and only
        then ends the lifespan. Its own handler is the loop's, which the signal reaches as well."""
        if threading.current_thread() is threading.main_thread():
            for number in (signal.SIGTERM, signal.SIGINT):
                signal.signal(number, lambda *_: loop.call_soon_threadsafe(self._stop_soon))

    def _stop_soon(self) -> None:
        self.stopping = asyncio.ensure_future(self._stop())

    async def _stop(self) -> None:
        if self.hub is not None:
            await self.hub.stop()
