"""procrastinate: timers due at one instant."""

import subprocess
import time
from collections.abc import Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from pathlib import Path

from tests.bench.peers import meter, timers
from tests.bench.peers.environments import python_of, versions
from tests.bench.peers.meter import Side, Turn, in_turn
from tests.bench.peers.table import Found, Row

MODULE = "tests.bench.peers.inside.procrastinate_tasks"
SILENT = 30.0
"""Seconds without a heartbeat after which a worker counts as dead, as procrastinate has it."""


class Procrastinate:
    """A worker of ten coroutines that looks each second, as our clock does, and somebody who defers."""

    def __init__(self, python: Path, url: str) -> None:
        self.python, self.environ = python, {"PEER_URL": url}
        self.sender = Side(python, MODULE, **self.environ)
        self.sender.ask("setup")

    def worker(self) -> "AbstractContextManager[subprocess.Popen[bytes]]":
        command = [
            str(self.python), "-W", "ignore", "-m", "procrastinate", "--app", f"{MODULE}.app", "--log-level", "error", "worker", "--concurrency", "10",
            "--fetch-job-polling-interval", "1",
        ]  # fmt: skip
        return meter.running(command, **self.environ)

    def pids(self, worker: int) -> Sequence[int]:
        return [worker]

    def set(self, count: int, due: datetime) -> None:
        self.sender.ask("send", first=1, count=count, due=due.isoformat())

    def close(self) -> None:
        self.sender.close()


def measure(runs: int, n: int | None) -> Found:
    count = n or 1500
    python = python_of("procrastinate")
    own, url = timers.Tasks("beside-procrastinate", count), meter.new_database("peer_procrastinate")
    rows, engine = timers.PeerRows(url), Procrastinate(python, url)
    try:
        return Found([_lateness(engine, own, rows, runs, count)], [_killed(engine, rows, count)])
    finally:
        engine.close()


def _lateness(engine: Procrastinate, own: timers.Tasks, rows: timers.PeerRows, runs: int, count: int) -> Row:
    clock = timers.Clock()
    with engine.worker() as worker, clock.worker() as ticking:
        timers.ready(engine, rows)
        timers.ready(clock, own)
        pids, ticks = engine.pids(worker.pid), clock.pids(ticking.pid)

        def theirs(_round: int) -> Turn:
            return timers.late(engine, rows, pids, count, 2.0 + count / 500)

        found = in_turn(runs, lambda _: timers.late(clock, own, ticks, count, 2.0), theirs, warm=False)
    return Row(
        "fire timers due at one instant: lateness of the last", versions("procrastinate", "procrastinate", "psycopg"), count,
        *found,
        "One worker, 10 coroutines, looking each second (its default is 5). Its task is one UPDATE and one INSERT; ours asks "
        "the rules, opens the complaint and writes the event, and waits one second on purpose before it fires, which is in "
        "this figure. Setting the timers is not counted.",
    )  # fmt: skip


def _killed(engine: Procrastinate, rows: timers.PeerRows, count: int) -> str:
    at_kill, left, twice = timers.killed(engine, rows, count, 2.0 + count / 500)
    told = (
        f"procrastinate, worker killed (SIGKILL) with {at_kill:,} of {count:,} timers to go, another started at once: {left:,} "
        f"not fired after it had been still for {timers.STILL + 5:.0f} s, {twice:,} fired twice."
    )
    time.sleep(SILENT - timers.STILL - 5)
    with engine.worker():
        retried = engine.sender.ask("retry_stalled", silent=SILENT)
        left = timers.fired(rows, left + 1, still=5)
    return f"{told} Its manual has stalled jobs retried after {SILENT:.0f} s of silence: {retried:,} were, then {left:,} not fired, {rows.twice():,} fired twice."
