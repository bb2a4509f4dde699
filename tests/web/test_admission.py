"""Beyond its capacity the server refuses clearly, and at once; what it has taken on it finishes."""

import asyncio
import threading
from collections.abc import Callable, Mapping
from types import SimpleNamespace
from typing import Any

import pytest
from django.http import HttpResponse

from fahuo import logs
from fahuo.api import doors
from fahuo.web.admission import Busy, Room, request_id
from fahuo.web.live import Hub
from fahuo.web.server import Machines, Pages, Server
from tests.web.test_server import SCOPE, Source, run


def test_a_full_queue_refuses_and_what_waits_is_done() -> None:
    hold, seen = threading.Event(), []

    def work(number: int) -> int:
        hold.wait(10)
        seen.append(number)
        return number

    async def story() -> list[Any]:
        room = Room("test", 1, 3)
        asked = [asyncio.create_task(room.run("x", work, number)) for number in range(8)]
        while sum(task.done() for task in asked) < 4:  # one works, three wait
            await asyncio.sleep(0)
        hold.set()
        return await asyncio.gather(*asked, return_exceptions=True)

    answers = run(story)
    assert sum(isinstance(answer, Busy) for answer in answers) == 4
    assert sorted(seen) == sorted(answer for answer in answers if isinstance(answer, int))
    assert len(seen) == 4


def test_who_waited_too_long_is_refused_before_anything_is_done() -> None:
    done = []

    async def story() -> None:
        room = Room("test", 1, 3, patience=-1.0)
        with pytest.raises(Busy):
            await room.run("x", done.append, 1)
        assert room.waiting == 0

    run(story)
    assert done == []


def test_a_client_that_went_away_leaves_its_place() -> None:
    hold = threading.Event()

    async def story() -> Room:
        room = Room("test", 1, 2)
        first = asyncio.create_task(room.run("x", hold.wait, 10))
        await asyncio.sleep(0.05)
        second = asyncio.create_task(room.run("x", hold.wait, 10))
        await asyncio.sleep(0.05)
        second.cancel()
        await asyncio.gather(second, return_exceptions=True)
        hold.set()
        await first
        return room

    assert run(story).waiting == 0


def test_a_request_has_the_name_that_a_proxy_gave_it_if_it_is_one() -> None:
    assert request_id("proxy-1234.5") == "proxy-1234.5"
    for odd in ("", "short", "x" * 65, "two words", "line\nbreak", "名字名字名字名字"):
        made = request_id(odd)
        assert made != odd
        assert len(made) == 16


def asked(path: str, *, queue: int, **headers: str) -> list[dict[str, Any]]:
    """What a server with a queue of that length sends for one request."""
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        sent.append(dict(message))

    def page(environ: dict[str, Any], start: Callable[..., None]) -> HttpResponse:
        start("200 OK", [])
        return HttpResponse(logs.request.get())

    def call(method: str, path: str, query: str, headers: Mapping[str, str], read: Any, scheme: str) -> Any:
        return SimpleNamespace(status=200, body=logs.request.get().encode(), headers=[])

    given = [(name.encode(), text.encode()) for name, text in headers.items()]
    server = Server(
        Pages(page, 1, queue),  # type: ignore[arg-type]
        Machines(call, 1, "/api/", doors.busy, queue),
        lambda: Hub(Source()),  # type: ignore[arg-type]
    )
    run(lambda: server({**SCOPE, "path": path, "headers": given}, receive, send))
    return sent


@pytest.mark.parametrize("path", ["/", "/api/v1/orders"])
def test_every_answer_names_its_request(path: str) -> None:
    head, body = asked(path, queue=1, **{"x-request-id": "proxy-1234"})
    assert dict(head["headers"])[b"x-request-id"] == b"proxy-1234"
    assert body["body"] == b"proxy-1234"


def test_a_busy_server_says_when_to_come_again() -> None:
    head, body = asked("/", queue=0)
    assert (head["status"], dict(head["headers"])[b"retry-after"]) == (503, b"2")
    assert "服务器正忙" in body["body"].decode()
    head, body = asked("/api/v1/orders", queue=0, **{"accept-language": "en"})
    assert (head["status"], dict(head["headers"])[b"retry-after"]) == (503, b"2")
    assert b'"server_busy"' in body["body"]
    assert b"Nothing was done" in body["body"]
