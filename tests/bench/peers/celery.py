"""Celery over Redis: timers due at one instant."""

import json
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime
from pathlib import Path

from tests.bench.peers import meter, timers
from tests.bench.peers.environments import python_of, redis_server, versions
from tests.bench.peers.meter import Side, Turn, in_turn
from tests.bench.peers.table import Found, Row

MODULE = "tests.bench.peers.inside.celery_tasks"
DAY = 90_000
"""Seconds, longer than the 24 hours of a task: the visibility timeout that timers of a day need."""
MANY = 10_000
"""Tasks under which our clock is killed: of fewer it is seldom caught with some done and some not."""


class Celery:
    """Workers with two processes each, somebody who sends, and the Redis between them."""

    def __init__(self, python: Path, redis: "Redis", url: str, **transport: int) -> None:
        self.python, self.redis = python, redis
        self.environ = {"BROKER": redis.url, "PEER_URL": url, "TRANSPORT": json.dumps(transport)}
        self.sender = Side(python, MODULE, **self.environ)

    def worker(self) -> "AbstractContextManager[subprocess.Popen[bytes]]":
        command = [
            str(self.python), "-W", "ignore", "-m", "celery", "-A", MODULE, "worker", "--pool", "prefork", "--concurrency", "2",
            "--without-gossip", "--without-mingle", "--loglevel", "CRITICAL",
        ]  # fmt: skip
        return meter.running(command, C_FORCE_ROOT="1", **self.environ)

    def pids(self, worker: int) -> Sequence[int]:
        return [worker, self.redis.pid]

    def set(self, count: int, due: datetime) -> None:
        self.sender.ask("send", first=1, count=count, due=due.isoformat())

    def held(self, count: int) -> float:
        """Wait until a worker holds so many timers; for how long."""
        begun = time.monotonic()
        while self.sender.ask("unacknowledged") < count and time.monotonic() - begun < timers.PATIENCE:
            time.sleep(0.1)
        return time.monotonic() - begun

    def lead(self, count: int) -> float:
        """Seconds ahead of which timers must be set, so that a worker holds them all when they are due."""
        with self.worker():
            begun = time.monotonic()
            self.set(count, datetime.fromtimestamp(time.time() + 3600, UTC))
            self.held(count)
            took = time.monotonic() - begun
        self.sender.ask("purge")
        return took + 1

    def close(self) -> None:
        self.sender.close()


class Redis:
    def __init__(self, pid: int, port: int) -> None:
        self.pid, self.url = pid, f"redis://127.0.0.1:{port}/0"


@contextmanager
def redis() -> Iterator[Redis]:
    """A Redis on this machine alone, in a folder of its own, that writes each second what it was given."""
    program = redis_server()
    with tempfile.TemporaryDirectory(prefix="fahuo-redis-") as folder, socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
        free.close()
        command = [str(program), "--port", str(port), "--bind", "127.0.0.1", "--dir", folder, "--appendonly", "yes",
                   "--save", "", "--daemonize", "no"]  # fmt: skip
        with meter.running(command) as process:
            until = time.monotonic() + 20
            while time.monotonic() < until:
                try:
                    socket.create_connection(("127.0.0.1", port), timeout=1).close()
                    break
                except OSError:
                    time.sleep(0.05)
            yield Redis(process.pid, port)


def version_of(program: Path) -> str:
    told = subprocess.run([str(program), "--version"], capture_output=True, text=True, check=True).stdout
    return told.split("v=")[1].split()[0]


def measure(runs: int, n: int | None) -> Found:
    count = n or 1500
    python = python_of("celery")
    peer = f"{versions('celery', 'celery', 'redis')} (its client), Redis {version_of(redis_server())}"
    own, url = timers.Tasks("beside-celery", max(count, MANY)), meter.new_database("peer_celery")
    rows = timers.PeerRows(url)
    with redis() as broker:
        engine = Celery(python, broker, url, visibility_timeout=DAY)
        try:
            return _measure(engine, own, rows, peer, runs, count)
        finally:
            engine.close()


def _measure(engine: Celery, own: timers.Tasks, rows: timers.PeerRows, peer: str, runs: int, count: int) -> Found:
    lead = engine.lead(count)
    clock = timers.Clock()
    with engine.worker() as worker, clock.worker() as ticking:
        timers.ready(engine, rows)
        timers.ready(clock, own)
        pids, ticks = engine.pids(worker.pid), clock.pids(ticking.pid)

        def theirs(_round: int) -> Turn:
            return timers.late(engine, rows, pids, count, lead)

        found = in_turn(runs, lambda _: timers.late(clock, own, ticks, count, 2.0), theirs, warm=False)
    row = Row(
        "fire timers due at one instant: lateness of the last", peer, count, *found,
        "Prefork, 2 processes, late acknowledgement, Redis writing its log each second. Its task is one UPDATE and one "
        "INSERT; ours asks the rules, opens the complaint and writes the event. Ours waits one second on purpose before it "
        "fires (what arrived at that instant comes first), which is in this figure. Celery holds every timer in a worker's "
        "memory and in Redis; its CPU counts from the setting of the timers on.",
    )  # fmt: skip
    return Found([row], [_killed(engine, rows, count, lead), _own_killed(own), _short(engine, rows, count)])


def _killed(engine: Celery, rows: timers.PeerRows, count: int, lead: float) -> str:
    at_kill, left, twice = timers.killed(engine, rows, count, lead)
    kept = engine.sender.ask("unacknowledged")
    engine.sender.ask("purge")
    return (
        f"celery, worker killed (SIGKILL) with {at_kill:,} of {count:,} timers to go, another started at once: {left:,} not "
        f"fired after it had been still for {timers.STILL + 5:.0f} s, {twice:,} fired twice. Redis has {kept:,} as taken by the "
        f"dead worker; it hands them out again when the visibility timeout is over ({DAY / 3600:.0f} h here, which timers of "
        "24 h need)."
    )


def _own_killed(own: timers.Tasks) -> str:
    at_kill, left, twice = timers.again_until_caught(lambda: timers.killed(timers.Clock(), own, MANY, 2.0))
    return (
        f"Fahuo, clock killed (SIGKILL) with {at_kill:,} of {MANY:,} timers to go, another started at once: {left:,} not "
        f"fired, {twice:,} fired twice."
    )


def _short(engine: Celery, rows: timers.PeerRows, count: int) -> str:
    """The other way round: a visibility timeout shorter than the timer, and Redis looked through each second for it."""
    few, visibility, ahead = min(count, 50), 3, 15.0
    impatient = Celery(
        engine.python, engine.redis, engine.environ["PEER_URL"], visibility_timeout=visibility, unacked_restore_interval=1,
        unacked_restore_throttle=1,
    )  # fmt: skip
    try:
        with impatient.worker():
            timers.ready(impatient, rows)
            due = datetime.fromtimestamp(time.time() + ahead, UTC)
            rows.fill(few, due)
            impatient.set(few, due)
            timers.fired(rows, few)
            time.sleep(3)
    finally:
        impatient.close()
        engine.sender.ask("purge")
    return (
        f"celery with a visibility timeout shorter than its timers ({few:,} timers {ahead:.0f} s ahead, {visibility} s, swept "
        f"each second; by default one hour, swept each 100 s or so): {rows.twice():,} fired more than once, {rows.left():,} "
        "not fired."
    )
