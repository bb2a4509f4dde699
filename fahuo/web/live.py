"""The line between an open page and the server: a page that listens is told that something came for it, and reads it then.

What goes over the line is a hint without content; the page fetches its part by the ordinary door. Who may listen is asked
by that door too: the address below answers with a `seat`, and the server (fahuo/asgi.py) goes on from there without a
thread. A server that cannot says hello once and asks the page to come again soon, so that it still learns of everything.
"""

import asyncio
import contextlib
import logging
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from typing import Any, Final

from django.http import HttpResponse
from django.urls import URLPattern, path
from django.views.decorators.http import require_safe

from fahuo.web.access import ShopRequest, shop_page

log = logging.getLogger(__name__)

Key = tuple[int, int]
"""A shop and an account of it."""

WAITING: Final = 100
"""Hints that wait for one page; a page that does not take them is sent away, and reads anew when it comes again."""
SEATS: Final = 16
"""Pages of one account that listen at a time; one more sends the oldest away."""
BEAT: Final = 20.0
"""Seconds after which a silent line says that it lives."""
LIFE: Final = 600.0
"""Seconds after which a page has to come again through the door."""
PAUSE: Final = 1.0
HELLO: Final = b"retry: 2000\nevent: hello\ndata:\n\n"
AGAIN: Final = b"retry: 5000\nevent: hello\ndata:\n\n"
NEWS: Final = b"event: news\ndata:\n\n"
TALK: Final = b"event: talk\ndata:\n\n"
EVERYBODY: Final = 0
"""In place of an account: all of the shop; so the database says that a conversation went on."""


class Seat:
    """One page that listens."""

    def __init__(self) -> None:
        self.hints: asyncio.Queue[bytes | None] = asyncio.Queue(WAITING)

    def tell(self, hint: bytes) -> bool:
        """Whether there was room for it."""
        with contextlib.suppress(asyncio.QueueFull):
            self.hints.put_nowait(hint)
            return True
        return False

    def dismiss(self) -> None:
        """Send the page away."""
        while not self.hints.empty():
            self.hints.get_nowait()
        self.hints.put_nowait(None)


class Hub:
    """All pages that listen to this process, and the one connection to the database that it listens by.

    `source(ready)` yields the keys for which something came, sets `ready` once nothing is missed, and raises one of
    `errors` when its connection is lost: then every page is sent away, and reads anew when it comes again.
    """

    def __init__(
        self, source: Callable[[asyncio.Event], AsyncIterator[Key]], errors: tuple[type[Exception], ...] = (OSError,)
    ) -> None:
        self.source, self.errors = source, errors
        self.seats: dict[Key, dict[Seat, None]] = {}
        self.ready = asyncio.Event()
        self.task: asyncio.Task[None] | None = None
        self.stopped = False

    def sit(self, key: Key) -> Seat:
        seat = Seat()
        mine = self.seats.setdefault(key, {})
        if len(mine) >= SEATS:
            self._away(key, next(iter(mine)))
            mine = self.seats.setdefault(key, {})
        mine[seat] = None
        if self.task is None or self.task.done():
            self.task = asyncio.get_running_loop().create_task(self._listen())
        return seat

    def _away(self, key: Key, seat: Seat) -> None:
        self.leave(key, seat)
        seat.dismiss()

    def leave(self, key: Key, seat: Seat) -> None:
        mine = self.seats.get(key, {})
        mine.pop(seat, None)
        if not mine:
            self.seats.pop(key, None)

    def tell(self, key: Key) -> None:
        """Tell an account that reminders came, or everybody of a shop that a conversation went on."""
        whole = key[1] == EVERYBODY
        for each in [other for other in self.seats if other[0] == key[0]] if whole else [key]:
            for seat in list(self.seats.get(each, ())):
                if not seat.tell(TALK if whole else NEWS):
                    self._away(each, seat)

    async def _listen(self) -> None:
        while True:
            try:
                async for key in self.source(self.ready):
                    self.tell(key)
            except self.errors:
                log.warning("pages cannot be told of news")
            self.ready.clear()
            for key, seats in list(self.seats.items()):
                for seat in list(seats):
                    self._away(key, seat)
            await asyncio.sleep(PAUSE)

    async def stop(self) -> None:
        """Send everybody away, for good, and close the connection."""
        self.stopped = True
        if self.task is not None:
            self.task.cancel()
            await asyncio.wait([self.task])
        for key, seats in list(self.seats.items()):
            for seat in list(seats):
                self._away(key, seat)

    async def stream(self, key: Key, going: Coroutine[Any, Any, None], put: Callable[[bytes], Awaitable[None]]) -> None:
        """Talk to one page until it goes (`going` ends), is sent away, or has to come again. `put` sends a piece of the
        answer."""
        gone = asyncio.ensure_future(going)
        if self.stopped:
            gone.cancel()
            return
        seat = self.sit(key)
        try:
            await asyncio.wait_for(self.ready.wait(), 5)
            await put(HELLO)
            await self._talk(seat, gone, put)
        except TimeoutError:
            log.info("a page could not listen")
        finally:
            gone.cancel()
            self.leave(key, seat)

    async def _talk(self, seat: Seat, gone: "asyncio.Future[None]", put: Callable[[bytes], Awaitable[None]]) -> None:
        clock = asyncio.get_running_loop().time
        until = clock() + LIFE * random.uniform(0.8, 1.2)
        while clock() < until:
            hint = asyncio.ensure_future(seat.hints.get())
            both: set[asyncio.Future[Any]] = {hint, gone}
            done, _ = await asyncio.wait(both, timeout=BEAT, return_when=asyncio.FIRST_COMPLETED)
            if hint not in done:
                hint.cancel()
            if gone in done:
                return
            said = hint.result() if hint in done else b":\n\n"
            if said is None:
                return
            await put(said)


class Listening(HttpResponse):
    """The door's answer to who may listen."""

    def __init__(self, seat: Key) -> None:
        super().__init__(AGAIN, content_type="text/event-stream")
        self.seat = seat
        self.headers["X-Accel-Buffering"] = "no"


@shop_page("send_messages")
@require_safe
def listen(request: ShopRequest) -> HttpResponse:
    """The line of this account."""
    return Listening((request.actor.shop_id, request.actor.member_id or 0))


urlpatterns: list[URLPattern] = [path("live/", listen, name="live")]
