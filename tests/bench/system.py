"""The whole system as a seller runs it: how soon it answers, and what it holds while nothing happens."""

import os
import subprocess
import sys
import time
import urllib.request
from dataclasses import dataclass
from pathlib import Path

import psutil

from fahuo.cli.postgres import Server

FAHUO = Path(sys.executable).parent / "fahuo"


@dataclass(frozen=True, slots=True)
class Start:
    """Seconds to the first page; bytes that our processes and PostgreSQL's hold while idle; how many processes."""

    seconds: float
    ours: int
    postgres: int
    processes: int

    def line(self, name: str) -> str:
        return (
            f"{name}: first page after {self.seconds:.2f} s; idle memory {(self.ours + self.postgres) / 2**20:.0f} MiB "
            f"(PostgreSQL {self.postgres / 2**20:.0f}) in {self.processes} processes"
        )


def start(data: Path, port: int, *, idle: float) -> Start:
    """Start `fahuo run` on a data directory, wait for its first page, let it idle, add up its memory (PSS), stop it."""
    environ = {**os.environ, "FAHUO_DATA": str(data), "FAHUO_PORT": str(port), "FAHUO_DEMO": "1"}
    environ.pop("DATABASE_URL", None)
    begun = time.perf_counter()
    with (data.parent / f"{data.name}.log").open("wb") as log:
        running = subprocess.Popen([str(FAHUO), "run"], env=environ, stdout=log, stderr=log)
    try:
        _wait(f"http://127.0.0.1:{port}/login/", running)
        took = time.perf_counter() - begun
        time.sleep(idle)
        ours, postgres = _family(running.pid), _family(_postmaster(data))
        return Start(took, sum(map(pss, ours)), sum(map(pss, postgres)), len(ours) + len(postgres))
    finally:
        running.terminate()
        running.wait(60)


def _postmaster(data: Path) -> int:
    return int((Server(data).data / "postmaster.pid").read_text("ascii").split()[0])


def _family(pid: int) -> list[int]:
    return [pid, *(child.pid for child in psutil.Process(pid).children(recursive=True))]


def _wait(address: str, running: "subprocess.Popen[bytes]") -> None:
    until = time.monotonic() + 180
    while time.monotonic() < until:
        if running.poll() is not None:
            raise RuntimeError(f"fahuo run ended with {running.returncode}")
        try:
            with urllib.request.urlopen(address, timeout=5) as answer:
                if answer.status == 200:
                    return
        except OSError:
            time.sleep(0.05)
    raise TimeoutError(address)


def pss(pid: int) -> int:
    """Proportional set size: shared pages are counted once over all processes."""
    try:
        rolled = Path(f"/proc/{pid}/smaps_rollup").read_text("ascii")
        return 1024 * int(next(line.split()[1] for line in rolled.splitlines() if line.startswith("Pss:")))
    except FileNotFoundError:
        return psutil.Process(pid).memory_info().rss
