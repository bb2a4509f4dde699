"""The whole server behind its ASGI door, as the web server hands requests to it: raw headers, paths, methods, bodies in pieces."""

import asyncio
from dataclasses import dataclass, field
from functools import cached_property
from random import Random
from typing import Any, Final
from urllib.parse import unquote_to_bytes

from django.core.wsgi import get_wsgi_application
from django.db import connections

from fahuo.api.doors import PREFIX, busy, straight
from fahuo.web.server import Machines, Pages, Server
from tests.fuzz.house import World
from tests.fuzz.judging import Answer
from tests.fuzz.spoil import any_text, plain, spoil_bytes, spoil_text

PATHS: Final = (
    "/", "/login/", "/s/lan/orders/", "/s/lan/import/", "/api/v1/orders", "/api/v1/orders", "/api/v1/parcels", "/api/v1/openapi.json", "/router/rest",
    "/oauth/token", "/push/lan/x/", "/push/carriers/lan/x/", "/healthz", "/metrics", "/static/x", "/s/lan/live/", "/platform/", "/nowhere",
)  # fmt: skip
HEADERS: Final = (
    "content-length", "content-type", "host", "cookie", "authorization", "accept-language", "x-request-id", "idempotency-key", "range",
    "transfer-encoding", "if-none-match", "if-modified-since", "referer", "origin", "x-forwarded-proto", "x-forwarded-for", "accept-encoding", "expect",
    "hx-request", "x_real_ip", "",
)  # fmt: skip
MEANT: Final = {
    "content-length": ("0", "5", "-1", "99999999999", "x", "²", "٣", "1e3", " 3 ", "9" * 5_000), "content-type": ("application/json", "multipart/form-data", "multipart/form-data; boundary=", "application/x-www-form-urlencoded; charset=x"),
    "cookie": ("sessionid=x", "csrftoken=" + "x" * 5_000, "a=b;;=;c", "fahuo_language=xx", "messages=x"), "range": ("bytes=0-", "bytes=-1", "bytes=9-1"),
    "authorization": ("Bearer x", "Basic ==", "Bearer"), "transfer-encoding": ("chunked",), "host": ("testserver", "a:b", "[::1", "evil.example"),
    "if-modified-since": ("x", "Thu, 01 Jan 1970 00:00:00 GMT"), "accept-language": ("en;q=nan", "zh;q=1e999", ",,,;q=", "en-US,en;q=0.5"),
}  # fmt: skip


@dataclass(slots=True)
class Raw:
    method: str
    path: str
    query: bytes
    headers: list[tuple[bytes, bytes]]
    pieces: list[bytes] = field(default_factory=list)


class Wire:
    name, world, share = "wire", "machines", 40
    writes: Final = {
        "sessions": "as at the forms", "api_limits": "as at the API", "api_keys": "as at the API", "sign_in_tries": "as at the forms",
        "kept_answers": "as at the API", "gateway_uses": "as at the gateway", "carrier_calls": "as at the pushes",
    }  # fmt: skip

    @cached_property
    def server(self) -> Server:
        def never() -> Any:
            raise OSError("no line is kept open here")

        return Server(Pages(get_wsgi_application(), 1), Machines(_call, 1, PREFIX, busy), never)

    def make(self, chance: Random, world: World) -> Raw:
        path = chance.choice(PATHS)
        if chance.random() < 0.3:
            path = spoil_text(chance, path)
        headers = {"host": "testserver", "authorization": f"Bearer {world['key']}"} if chance.random() < 0.7 else {}
        body = b'{"orders": ["1"]}' if chance.random() < 0.5 else spoil_bytes(chance, b"method=x&app_key=1&sign=2")
        if chance.random() < 0.6:
            headers["content-length"] = str(len(body))
        for _ in range(chance.randint(0, 3)):
            name = chance.choice(HEADERS)
            headers[name] = (
                chance.choice(MEANT[name]) if name in MEANT and chance.random() < 0.8 else any_text(chance)[:3_000]
            )
        raw = [(name.encode(), _raw(value)) for name, value in headers.items()]
        if raw and chance.random() < 0.1:
            raw.append(chance.choice(raw))
        cut = chance.randrange(len(body) + 1)
        return Raw(
            chance.choice(("GET", "POST", "POST", "PUT", "HEAD", "OPTIONS", "TRACE", "FOO")), path.encode("utf-8", "replace").decode()[:8_000],
            unquote_to_bytes(plain(any_text(chance))[:500]) if chance.random() < 0.3 else b"", raw, [body[:cut], body[cut:]] if chance.random() < 0.5 else [body],
        )  # fmt: skip

    def send(self, given: Raw, world: World) -> Answer:
        status, body = asyncio.run(self._answered(given))
        return Answer(status, status >= 400, body.decode(errors="replace")[:300])

    async def _answered(self, given: Raw) -> tuple[int, bytes]:
        said: list[Any] = []
        pieces = list(given.pieces)

        async def receive() -> Any:
            if pieces:
                return {"type": "http.request", "body": pieces.pop(0), "more_body": bool(pieces)}
            return {"type": "http.disconnect"}

        async def send(message: Any) -> None:
            said.append(message)

        scope = {
            "type": "http", "method": given.method, "path": given.path or "/", "query_string": given.query, "headers": given.headers, "scheme": "http",
            "http_version": "1.1", "client": ("127.0.0.1", 5), "server": ("127.0.0.1", 80),
        }  # fmt: skip
        await self.server(scope, receive, send)
        starts = [message for message in said if message["type"] == "http.response.start"]
        assert len(starts) == 1, said
        return starts[0]["status"], b"".join(
            message.get("body", b"") for message in said if message["type"] == "http.response.body"
        )


def _call(*parts: Any) -> Any:
    """A call in a thread of the server's; its line to the database ends with it, so that the world can be made anew."""
    try:
        return straight(*parts)
    finally:
        connections.close_all()


def _raw(text: str) -> bytes:
    """As bytes of a header: a web server lets no line break and no NUL through."""
    raw = text.encode("latin-1") if text in ("²",) else text.encode("utf-8", "replace")
    return raw.replace(b"\r", b"").replace(b"\n", b"").replace(b"\0", b"")
