"""Who may wait for a thread. Beyond what the threads can do, a queue of bounded length and a bounded wait, and then a
clear refusal: a person who is told to come back is served better than one whose page comes after a minute, and nobody's
memory fills.
"""

import asyncio
import re
import secrets
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, Final, TypeVar

from fahuo import figures, logs

PATIENCE: Final = 10.0
"""Seconds in the queue after which a request is refused instead of begun: whoever sent it has given up, or tried again."""
AGAIN: Final = "2"
"""Seconds after which a refused request may come again (Retry-After)."""
GIVEN: Final = re.compile(r"[A-Za-z0-9._-]{8,64}")
Answer = TypeVar("Answer")


class Busy(Exception):
    """No room: the queue is full, or it took too long."""


def request_id(given: str) -> str:
    """The name that a request has in every line of the log: what a proxy in front gave it (X-Request-Id), or a new one."""
    return given if GIVEN.fullmatch(given) else secrets.token_hex(8)


class Room:
    """The threads of one face, and at most `queue` requests that wait for one."""

    def __init__(self, face: str, threads: int, queue: int, *, patience: float = PATIENCE) -> None:
        self.face, self.queue, self.patience = face, queue, patience
        self.pool = ThreadPoolExecutor(threads, thread_name_prefix=face)
        self.lock = threading.Lock()
        self.waiting = 0
        figures.WAITING.labels(face).set_function(lambda: self.waiting)

    async def run(self, name: str, work: Callable[..., Answer], *parts: Any) -> Answer:
        """The answer of `work(*parts)`, done in one of the threads as the request `name`. Raises Busy."""
        with self.lock:
            if self.waiting >= self.queue:
                raise self._refusal()
            self.waiting += 1
        future = self.pool.submit(self._in_thread, time.monotonic(), name, work, parts)
        future.add_done_callback(self._left)
        return await asyncio.wrap_future(future)

    def _in_thread(self, came: float, name: str, work: Callable[..., Answer], parts: tuple[Any, ...]) -> Answer:
        self._one_less()
        waited = time.monotonic() - came
        figures.WAITED.labels(self.face).observe(waited)
        if waited > self.patience:
            raise self._refusal()
        known = logs.request.set(name)
        try:
            return work(*parts)
        finally:
            logs.request.reset(known)

    def _left(self, future: Future[Any]) -> None:
        if future.cancelled():  # its client went away before a thread was free
            self._one_less()

    def _one_less(self) -> None:
        with self.lock:
            self.waiting -= 1

    def _refusal(self) -> Busy:
        figures.REFUSED.labels(self.face).inc()
        return Busy()
