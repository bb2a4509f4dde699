"""The clock: what is due is done. Any number of them may run; the tables decide who does what.

A clock has lanes, each with a thread and a database connection of its own, so that an import of an hour keeps no timer
waiting. Each lane does its round, then sleeps a second, or less when the database says that there is work. A failure is
logged and the next round goes on.
"""

import logging
import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from types import FrameType

from django.conf import settings
from django.db import connection, connections

from fahuo.services import (
    batches,
    carrier_rounds,
    deliveries,
    erasure,
    handing,
    keys,
    marketplace_sync,
    moment,
    orders,
    regions,
    reminders,
    retention,
    returns,
    sealing_rounds,
    shop_warnings,
    signin,
    stock,
    tasks,
    turns,
    watchdogs,
    webhooks,
)
from fahuo.services.print_workers import Workers
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


def give_back(now: datetime) -> None:
    returns.run_due(None, now=now)


def fold_stock(now: datetime) -> None:
    for shop_id in clock.shops():
        stock.fold_tally(shop_id)


def learn(now: datetime) -> None:
    for shop_id in clock.shops():
        statistics.gather(shop_id)


def add_up_turns(now: datetime) -> None:
    for shop_id in clock.shops():
        turns.add_up(shop_id, now=now)


def forget(now: datetime) -> None:
    retention.forget(keep_days=settings.KEEP_DAYS, now=now)
    deliveries.forget(keep_days=settings.KEEP_DAYS, now=now)
    webhooks.forget(keep_days=settings.KEEP_DAYS, now=now)
    keys.forget(now=now)
    signin.forget(keep_days=settings.KEEP_DAYS, now=now)
    handing.forget(now=now)
    carrier_rounds.forget(keep_days=settings.KEEP_DAYS, now=now)


SELDOM: dict[str, tuple[timedelta, Callable[[datetime], object]]] = {
    "watchdogs": (timedelta(seconds=60), lambda now: watchdogs.run_due(None, now=now)),
    "warnings": (timedelta(seconds=60), lambda now: shop_warnings.run_due(None, now=now)),
    "regions": (timedelta(seconds=10), regions.resume),
    "handing": (timedelta(seconds=10), lambda now: handing.run_due(now=now)),
    "fold": (timedelta(seconds=30), fold),
    "stock": (timedelta(seconds=30), fold_stock),
    "returns": (timedelta(minutes=10), give_back),
    "statistics": (timedelta(minutes=5), learn),
    "turns": (timedelta(minutes=10), add_up_turns),
    "sealing": (timedelta(seconds=10), lambda now: sealing_rounds.run_due(moment=moment.now)),
    "factors": (timedelta(hours=1), lambda now: sealing_rounds.renew_people()),
    "erasure": (timedelta(hours=1), lambda now: erasure.forget(now=now)),
    "forget": (timedelta(hours=1), forget),
}
"""Work that is done again after a while: name -> (how long, what)."""


ROUNDS = 5
"""Of events to webhooks, before reminders are looked at again; each takes less than 15 seconds."""
LANES: Sequence[str] = ("timers", "work", "sending", "printing", "marketplaces", "carriers")
"""The first is the clock's own thread: heartbeat, timers, reminders. The others may take long over one thing."""


class Clock:
    """One clock process. `run` returns after the rounds in which `stop` was called."""

    def __init__(self) -> None:
        self.name = f"{socket.gethostname()}:{os.getpid()}"
        self.stopping = False
        self.done: dict[str, datetime] = {}
        self.listening: object | None = None
        self.horizon = webhooks.Horizon()
        self.bells = {lane: threading.Event() for lane in LANES[1:]}
        self.presses = Workers(self.name, moment=moment.now, stop=lambda: self.stopping)

    def stop(self, _signal: int = 0, _frame: FrameType | None = None) -> None:
        self.stopping = True

    def run(self) -> None:
        log.info("clock started", extra={"facts": {"clock": self.name}})
        others = [threading.Thread(target=self.keep, args=(lane,), name=lane) for lane in self.bells]
        for other in others:
            other.start()
        while not self.stopping:
            self.beat(LANES[0], moment.now())
            if not self.stopping:
                self.sleep()
            for bell in self.bells.values():
                bell.set()
        for other in others:
            other.join()
        self.presses.join()
        log.info("clock stopped", extra={"facts": {"clock": self.name}})

    def keep(self, lane: str) -> None:
        """One lane in its own thread, until the clock stops."""
        try:
            while not self.stopping:
                self.bells[lane].clear()
                self.beat(lane, moment.now())
                self.bells[lane].wait(PAUSE)
        finally:
            connections.close_all()

    def round(self, now: datetime) -> None:
        """Every lane's round once, in this thread."""
        for lane in LANES:
            self.beat(lane, now)

    def beat(self, lane: str, now: datetime) -> None:
        """One round of a lane, each kind of work by itself: one that fails keeps no other from being done."""
        getattr(self, lane)(now)

    def timers(self, now: datetime) -> None:
        self.attempt("tick", lambda: clock.tick(self.name, now=now))
        due, stop = now - GRACE, lambda: self.stopping
        # A reminder takes nothing away from anybody, so it need not wait for what arrived at its instant.
        self.attempt("reminders", lambda: reminders.run_due(None, now=now, stop=stop))
        self.attempt("tasks", lambda: tasks.run_due(None, now=due, stop=stop))

    def work(self, now: datetime) -> None:
        self.attempt("batches", lambda: batches.work_waiting(now=now))
        for name, (pause, act) in SELDOM.items():
            since = now - self.done.get(name, now - pause)
            if not self.stopping and not timedelta() <= since < pause:  # below: this machine's time was set back
                self.done[name] = now
                self.attempt(name, lambda act=act: act(now))  # type: ignore[misc]  # bound now, not late

    def sending(self, now: datetime) -> None:
        stop = lambda: self.stopping  # noqa: E731  # said twice
        self.attempt("deliveries", lambda: deliveries.run_due(None, moment=moment.now, stop=stop))
        self.attempt("events", lambda: webhooks.follow(self.horizon, now=now, stop=stop))
        self.attempt("webhooks", self.send_events)

    def send_events(self) -> None:
        """Events to the shops' own software, a few rounds of them: then reminders have their turn again."""
        for _ in range(ROUNDS):
            if self.stopping or not webhooks.run_due(moment=moment.now):
                break

    def printing(self, now: datetime) -> None:
        self.attempt("print jobs", self.presses.round)

    def marketplaces(self, now: datetime) -> None:
        def stop() -> bool:
            return self.stopping

        self.attempt("marketplaces", lambda: marketplace_sync.run_due(None, moment=moment.now, stop=stop))

    def carriers(self, now: datetime) -> None:
        def stop() -> bool:
            return self.stopping

        self.attempt("carriers", lambda: carrier_rounds.run_due(None, moment=moment.now, stop=stop))

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
