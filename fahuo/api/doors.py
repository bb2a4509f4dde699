"""How a call reaches `server`: by Django, or past its middleware straight from the web server (see asgi.py).

Both ways lead to the same `server.answer`; the second spares each call what only pages need.
"""

import threading
import time
from collections.abc import Callable, Mapping
from typing import Final

from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.views.decorators.csrf import csrf_exempt

from fahuo.api import nouns, openapi, server
from fahuo.api.calls import Reply, Request, language_of, refused
from fahuo.rules.problems import Refusal
from fahuo.services import moment

assert nouns.LOADED

PREFIX: Final = "/api/v1/"
DOCUMENT: Final = f"{PREFIX}openapi.json"
"""The document of the operations; anyone may read it."""
AGAIN: Final = 2
"""Seconds after which a call that found no room may come again."""
IDLE: Final = 5.0
"""Seconds after which a connection is looked at before it is used again: the pool does so."""
Read = Callable[[int], bytes]


@csrf_exempt
def view(request: HttpRequest, rest: str) -> HttpResponse:
    """The door by Django. A key opens it, never a cookie: hence no token of a form."""
    headers = {name.lower(): value for name, value in request.headers.items()}
    reply = answer(
        request.method or "GET", request.path, request.META.get("QUERY_STRING", ""), headers, request.read,
        request.scheme or "http",
    )  # fmt: skip
    return HttpResponse(reply.body, status=reply.status, headers=dict(reply.headers))


view.access = "public"  # type: ignore[attr-defined]  # the mark the tests read: the API asks for a key by itself


def answer(
    method: str, path_info: str, query: str, headers: Mapping[str, str], read: Read, scheme: str
) -> Reply:  # fmt: skip
    if path_info == DOCUMENT and method in ("GET", "HEAD"):
        return Reply(200, openapi.text() if method == "GET" else b"", [*server.HEADERS])
    secure = scheme == "https" or headers.get("x-forwarded-proto") == "https"
    return server.answer(Request(method, path_info, query, headers, read, moment.now(), secure))


def busy(headers: Mapping[str, str]) -> Reply:
    """What a call is told that finds no thread and no room to wait for one: 503 `server_busy`, with Retry-After."""
    reply = refused(Refusal.of("server_busy", seconds=AGAIN), language_of(headers.get("accept-language", "")))
    reply.headers += [*server.HEADERS, ("Retry-After", str(AGAIN))]
    return reply


last = threading.local()


def straight(
    method: str, path_info: str, query: str, headers: Mapping[str, str], read: Read, scheme: str
) -> Reply:  # fmt: skip
    """Answer a call in this thread, whose connection is kept for the next call, unless that is long in coming."""
    began = time.monotonic()
    if began - getattr(last, "at", began) > IDLE:
        connection.close()
    reply = answer(method, path_info, query, headers, read, scheme)
    if reply.status >= 500:
        connection.close()
    last.at = time.monotonic()
    return reply


urlpatterns: list[URLPattern] = [path("api/v1/<path:rest>", view, name="api")]
