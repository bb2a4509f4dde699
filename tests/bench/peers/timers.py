"""Timers due at one instant, each moving one row of PostgreSQL once: how late the last one is, what each costs, and what
becomes of them when the process that fires them is killed at work."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from typing import Protocol

import psycopg

from tests.bench import clocks
from tests.bench.peers import meter, ours
from tests.bench.peers.meter import Meter, Turn

PATIENCE = 120.0
STILL = 10.0
"""Seconds without one more timer fired after which nobody is expected to fire the rest."""

TABLES = """
CREATE TABLE timers (id integer PRIMARY KEY, fired integer NOT NULL, fired_at timestamptz);
CREATE TABLE events (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, timer_id integer NOT NULL, at timestamptz NOT NULL);
"""


class Rows(Protocol):
    """The rows that the timers move."""

    def fill(self, count: int, due: datetime) -> None: ...
    def left(self) -> int:
        """How many were not moved yet."""
        ...

    def last(self) -> datetime:
        """When the last of them was moved."""
        ...

    def twice(self) -> int: ...


class PeerRows:
    """Rows 1 to `count` in a database of the peer's."""

    def __init__(self, url: str) -> None:
        self.connection = psycopg.connect(url, autocommit=True)
        self.connection.execute(TABLES)

    def fill(self, count: int, _due: datetime) -> None:
        self.connection.execute("TRUNCATE timers, events")
        self.connection.execute("INSERT INTO timers (id, fired) SELECT n, 0 FROM generate_series(1, %s) AS n", [count])
        self.connection.execute("VACUUM ANALYZE timers")

    def _one(self, query: str) -> object:
        row = self.connection.execute(query).fetchone()
        assert row is not None
        return row[0]

    def left(self) -> int:
        return int(self._one("SELECT count(*) FROM timers WHERE fired = 0"))  # type: ignore[call-overload]

    def last(self) -> datetime:
        found = self._one("SELECT max(fired_at) FROM timers")
        assert isinstance(found, datetime)
        return found

    def twice(self) -> int:
        return int(self._one("SELECT count(*) FROM timers WHERE fired > 1"))  # type: ignore[call-overload]


class Tasks:
    """Open tasks of a shop of ours, due at that instant: fired, each has its event, its complaint and its new state."""

    def __init__(self, code: str, count: int) -> None:
        self.shop = ours.new_shop(code)
        ours.waiting(self.shop, 1, count, days_ago=4)
        self.connection = psycopg.connect(os.environ["DATABASE_URL"], autocommit=True)
        self.seen = datetime.now(UTC)

    def fill(self, count: int, due: datetime) -> None:
        from django.db import connection, transaction

        from fahuo.store import sql, wall

        with wall.as_owner(), transaction.atomic():
            sql.run(clocks.EMPTY)
            sql.run(clocks.MAKE, shop_id=self.shop, due=due, made=due - timedelta(days=1), tasks=count)
        with wall.as_owner(), connection.cursor() as cursor:
            cursor.execute("VACUUM (ANALYZE) tasks")

    def left(self) -> int:
        found = self.connection.execute(
            "SELECT count(*) FROM tasks WHERE shop_id = %s AND due_at IS NOT NULL", [self.shop]
        ).fetchone()  # fmt: skip
        self.seen = datetime.now(UTC)
        assert found is not None
        return int(found[0])

    def last(self) -> datetime:
        """When they were first seen to be moved, all of them."""
        return self.seen

    def twice(self) -> int:
        found = self.connection.execute(
            "SELECT count(*) FROM (SELECT FROM task_events WHERE shop_id = %s GROUP BY task_id HAVING count(*) > 1) AS again",
            [self.shop],
        ).fetchone()  # fmt: skip
        assert found is not None
        return int(found[0])


class Engine(Protocol):
    """Something that fires timers in processes of its own."""

    def worker(self) -> "AbstractContextManager[subprocess.Popen[bytes]]":
        """A worker that runs, in a session of its own."""
        ...

    def pids(self, worker: int) -> Sequence[int]: ...
    def set(self, count: int, due: datetime) -> None: ...


class Clock:
    """Ours: `fahuo clock` as it runs everywhere. The tasks are the timers, so there is nothing to set."""

    def worker(self) -> "AbstractContextManager[subprocess.Popen[bytes]]":
        return meter.running(
            [sys.executable, "-W", "ignore", "-m", "fahuo.cli.main", "clock"], FAHUO_LOG_LEVEL="warning"
        )

    def pids(self, worker: int) -> Sequence[int]:
        return [worker]

    def set(self, count: int, due: datetime) -> None:
        pass


def ready(engine: Engine, rows: Rows) -> None:
    """Wait until a timer that is due was fired: the worker is there."""
    due = datetime.now(UTC) - timedelta(seconds=5)
    rows.fill(1, due)
    engine.set(1, due)
    if fired(rows, 1):
        raise TimeoutError(f"{type(engine).__name__}: a timer that was due did not fire in {PATIENCE:.0f} s")


def fired(rows: Rows, count: int, *, until_left: int = 0, still: float = PATIENCE) -> int:
    """Look until no more than that are left, or nothing has moved for so long; how many are left."""
    moved, left, last = time.monotonic(), count, count
    while left > until_left and time.monotonic() - moved < still:
        time.sleep(0.02)
        left = rows.left()
        if left != last:
            moved, last = time.monotonic(), left
    return left


def late(engine: Engine, rows: Rows, pids: Sequence[int], count: int, lead: float) -> Turn:
    """So many timers due in `lead` seconds; `seconds` of the turn is how late the last was."""
    due = datetime.now(UTC) + timedelta(seconds=lead)
    spent = Meter(pids)
    rows.fill(count, due)
    engine.set(count, due)
    spent.database_from_here()
    time.sleep(max(0.0, (due - datetime.now(UTC)).total_seconds()))
    left = fired(rows, count)
    assert left == 0, f"{left} of {count} timers did not fire"
    return spent.turn(seconds=(rows.last() - due).total_seconds())


def killed(engine: Engine, rows: Rows, count: int, lead: float) -> tuple[int, int, int]:
    """A worker killed (SIGKILL, with all its processes) when a third was fired, another started at once; then how many
    were left at the kill, how many no one has fired ten seconds after the last one was, and how many were fired twice."""
    with engine.worker() as worker:
        ready(engine, rows)
        due = datetime.now(UTC) + timedelta(seconds=lead)
        rows.fill(count, due)
        engine.set(count, due)
        left = fired(rows, count, until_left=count * 2 // 3)
        os.killpg(worker.pid, signal.SIGKILL)
        worker.wait()
    time.sleep(0.5)  # what was sent to PostgreSQL before is done by it now
    at_kill = rows.left()
    with engine.worker():
        left = fired(rows, at_kill, still=STILL + 5)
    return at_kill, left, rows.twice()


def again_until_caught(act: Callable[[], tuple[int, int, int]], times: int = 5) -> tuple[int, int, int]:
    """Kill until something was left at the kill; the last kill's figures."""
    for _ in range(times):
        found = act()
        if found[0]:
            break
    return found
