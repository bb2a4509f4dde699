"""What a piece of work costs: seconds, CPU of the program's processes (children included) and of PostgreSQL apart, memory."""

import json
import os
import statistics
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psutil
import psycopg

from tests.bench.peers.environments import ROOT
from tests.bench.system import pss

GRACE = 20


@dataclass(frozen=True, slots=True)
class Turn:
    """One run: wall seconds; CPU seconds of the program and of PostgreSQL; bytes (PSS) that the program held after it."""

    seconds: float
    program: float
    postgres: float
    memory: int


def cpu(pids: Sequence[int]) -> float:
    """CPU seconds of these processes and all below them so far, with those that have ended meanwhile."""
    return sum(_spent(process) for pid in pids for process in _family(pid))


def _family(pid: int) -> list[psutil.Process]:
    with suppress(psutil.NoSuchProcess):
        main = psutil.Process(pid)
        return [main, *main.children(recursive=True)]
    return []


def _spent(process: psutil.Process) -> float:
    with suppress(psutil.NoSuchProcess):
        times = process.cpu_times()
        return float(times.user + times.system + times.children_user + times.children_system)
    return 0.0


def memory(pids: Sequence[int]) -> int:
    return sum(pss(process.pid) for pid in pids for process in _family(pid))


def postmaster() -> int:
    return int((Path(os.environ["BENCH_CLUSTER"]) / "postmaster.pid").read_text("ascii").split()[0])


class Meter:
    """Begins when it is made; `turn` tells what was spent since by the processes of `pids` and by PostgreSQL."""

    def __init__(self, pids: Sequence[int]) -> None:
        self.pids = pids
        self.program, self.postgres = cpu(pids), cpu([postmaster()])
        self.begun = time.perf_counter()

    def database_from_here(self) -> None:
        """What PostgreSQL did so far was preparation."""
        self.postgres = cpu([postmaster()])

    def turn(self, *, seconds: float | None = None) -> Turn:
        took = time.perf_counter() - self.begun if seconds is None else seconds
        return Turn(took, cpu(self.pids) - self.program, cpu([postmaster()]) - self.postgres, memory(self.pids))


class Side:
    """A program in a process of its own, loaded and connected, that does what it is told (see inside/turns.py)."""

    def __init__(self, python: Path, module: str, **environ: str) -> None:
        self.process = subprocess.Popen(
            [str(python), "-W", "ignore", "-m", module], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT,
            env=clean(environ), start_new_session=True,
        )  # fmt: skip
        self.heard()

    @property
    def pid(self) -> int:
        return self.process.pid

    def tell(self, do: str, **data: Any) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps({"do": do, **data}) + "\n")
        self.process.stdin.flush()

    def heard(self) -> Any:
        """The answer to what was told last."""
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(f"{self.process.args} ended with {self.process.wait(GRACE)}")
        return json.loads(line)

    def ask(self, do: str, **data: Any) -> Any:
        self.tell(do, **data)
        return self.heard()

    def close(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.close()
        stop(self.process)


def together(sides: Sequence[Side], do: str, parts: Sequence[dict[str, Any]]) -> list[Any]:
    """The same act in several processes at once."""
    for side, part in zip(sides, parts, strict=True):
        side.tell(do, **part)
    return [side.heard() for side in sides]


def clean(environ: dict[str, str]) -> dict[str, str]:
    """The environment of a child: ours without what points at our own parts, and what it is given."""
    kept = {name: value for name, value in os.environ.items() if name != "VIRTUAL_ENV"}
    return {**kept, **environ}


def stop(process: "subprocess.Popen[Any]") -> None:
    with suppress(ProcessLookupError):
        process.terminate()
    try:
        process.wait(GRACE)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def url(name: str) -> str:
    """The address of a database of that name on the bench's server."""
    return os.environ["DATABASE_URL"].replace("/fahuo?", f"/{quote(name)}?")


def new_database(name: str) -> str:
    """An empty database of its own on the same server; its address."""
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as connection:
        connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        connection.execute(f'CREATE DATABASE "{name}"')
    return url(name)


def settle() -> None:
    """Write out what earlier work left behind, so that it is not on the next one's bill."""
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as connection:
        connection.execute("CHECKPOINT")


def in_turn(
    runs: int, ours: Callable[[int], Turn], theirs: Callable[[int], Turn], *, warm: bool = True
) -> tuple[list[Turn], list[Turn]]:
    """Both in turn, `runs` times; with `warm` one round first that does not count. Each gets the number of its round."""
    mine, other = [], []
    for number in range(0 if warm else 1, runs + 1):
        for found, act in ((mine, ours), (other, theirs)):
            settle()
            turn = act(number)
            if number:
                found.append(turn)
    return mine, other


@contextmanager
def running(command: Sequence[str], **environ: str) -> Iterator["subprocess.Popen[bytes]"]:
    """A program in the background, in a session of its own; stopped afterwards."""
    process = subprocess.Popen(command, cwd=ROOT, env=clean(environ), start_new_session=True, stdout=subprocess.DEVNULL)
    try:
        yield process
    finally:
        stop(process)


def median(values: Sequence[float]) -> float:
    return statistics.median(values)


def answers(port: int, path: str, patience: float = 180) -> None:
    """Wait until somebody answers there."""
    until = time.monotonic() + patience
    while True:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5):
                return
        except urllib.error.HTTPError:
            return
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.05)


def gunicorn(python: Path, site: str, port: int) -> list[str]:
    """gunicorn as its documentation has it for this machine: two processes for two cores, threads that keep lines open."""
    return [
        str(python), "-W", "ignore", "-m", "gunicorn", "--workers", "2", "--threads", "4", "--bind", f"127.0.0.1:{port}",
        "--log-level", "error", "--preload", f"{site}:application",
    ]  # fmt: skip
