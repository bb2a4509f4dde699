"""The clock: one loop that does what is due. Any number of them may run; the tables decide who does what.

A round: heartbeat, reminders and timers of tasks, batches that wait for work, and every so often watchdogs look, the counts
are folded and old rows forgotten. Then
it sleeps a second, or less when the database says that there is work. A failure is logged and the next round goes on.
"""

import logging
import os
import signal
import socket
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from types import FrameType

from django.conf import settings
from django.db import connection

from fahuo.services import batches, moment, orders, regions, reminders, retention, tasks, watchdogs
from fahuo.store import clock, statistics

log = logging.getLogger(__name__)

CHANNEL = "fahuo_work"
PAUSE = 1.0
"""Seconds to sleep between rounds when nobody wakes the clock."""

GRACE = timedelta(seconds=1)
"""Timers fire so long after their due instant: what arrived at that instant, and is being written still, comes first."""


def fold(now: datetime) -> None:
    for shop_id in clock.shops():
        orders.fold_tally(shop_id)


def learn(now: datetime) -> None:
    for shop_id in clock.shops():
        statistics.gather(shop_id)


def forget(now: datetime) -> None:
    retention.forget(keep_days=settings.KEEP_DAYS, now=now)


SELDOM: dict[str, tuple[timedelta, Callable[[datetime], object]]] = {
    "watchdogs": (timedelta(seconds=60), lambda now: watchdogs.run_due(None, now=now)),
    "regions": (timedelta(seconds=10), regions.resume),
    "fold": (timedelta(seconds=30), fold),
    "statistics": (timedelta(minutes=5), learn),
    "forget": (timedelta(hours=1), forget),
}
"""Work that is done again after a while: name -> (how long, what)."""


class Clock:
    """One clock process. `run` returns after the round in which `stop` was called."""

    def __init__(self) -> None:
        self.name = f"{socket.gethostname()}:{os.getpid()}"
        self.stopping = False
        self.done: dict[str, datetime] = {}
        self.listening: object | None = None

    def stop(self, _signal: int = 0, _frame: FrameType | None = None) -> None:
        self.stopping = True

    def run(self) -> None:
        log.info("clock started", extra={"facts": {"clock": self.name}})
        while not self.stopping:
            self.round(moment.now())
            if not self.stopping:
                self.sleep()
        log.info("clock stopped", extra={"facts": {"clock": self.name}})

    def round(self, now: datetime) -> None:
        """Heartbeat, then each kind of work by itself: one that fails keeps no other from being done."""
        self.attempt("tick", lambda: clock.tick(self.name, now=now))
        due, stop = now - GRACE, lambda: self.stopping
        self.attempt("reminders", lambda: reminders.run_due(None, now=due, stop=stop))
        self.attempt("tasks", lambda: tasks.run_due(None, now=due, stop=stop))
        self.attempt("batches", lambda: batches.work_waiting(now=now))
        for name, (pause, act) in SELDOM.items():
            if not self.stopping and now - self.done.get(name, now - pause) >= pause:
                self.done[name] = now
                self.attempt(name, lambda act=act: act(now))  # type: ignore[misc]  # bound now, not late

    def attempt(self, name: str, act: Callable[[], object]) -> None:
        try:
            act()
        except Exception:
            log.exception("round failed", extra={"facts": {"clock": self.name, "work": name}})
            connection.close()  # the next use opens a new one

    def sleep(self) -> None:
        """Wait a second, or until somebody says on the channel that there is work."""
        try:
            connection.ensure_connection()
            line = connection.connection
            if line is not self.listening:
                line.execute(f"LISTEN {CHANNEL}")
                self.listening = line
            for _ in line.notifies(timeout=PAUSE, stop_after=1):
                pass
        except Exception:
            log.warning("the clock cannot listen", extra={"facts": {"clock": self.name}})
            connection.close()
            time.sleep(PAUSE)


def run() -> None:
    """Run a clock until SIGTERM or SIGINT; the unit of work in hand is finished first. Django must be set up."""
    found = Clock()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, found.stop)
    found.run()
