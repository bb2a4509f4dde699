"""The product as it runs in earnest, each part a process of its own that can be killed: database, web server, clocks."""

import contextlib
import os
import random
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import psutil
import psycopg

from fahuo.cli.postgres import Server
from tests.printing.machines import Machine

CLOCKS: Final = ("clock 1", "clock 2")
PATIENCE: Final = 90.0


class Printer:
    """A label printer of this machine, at one address whatever becomes of it; `kill` takes it off its plug for a moment, and
    what it had in hand is lost."""

    def __init__(self) -> None:
        self.paper: list[bytes] = []
        self.machine = Machine("zpl", paper=10**9, seconds=0.0).__enter__()
        self.port = self.machine.port

    def kill(self) -> None:
        self.machine.__exit__()
        self.paper += self.machine.printed
        time.sleep(0.1)
        self.machine = Machine("zpl", paper=10**9, seconds=0.0, at=self.port).__enter__()

    def printed(self) -> bytes:
        """All labels that came out."""
        return b"".join([*self.paper, *self.machine.printed])


class House:
    """Database, web server and two clocks on one data folder. What dies is started again at once."""

    def __init__(self, folder: Path, port: int, *, throw_away: bool) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        os.chmod(folder, 0o755)
        self.server = Server(folder, throw_away=throw_away)
        self.server.start()
        self.port = port
        self.log = (folder / "log").open("wb")
        self.environ = {
            **os.environ, "DATABASE_URL": self.server.url, "FAHUO_DATA": str(folder), "FAHUO_PORT": str(port),
            "FAHUO_NOTIFY_PRIVATE": "yes", "FAHUO_PRINTER_NETWORKS": "127.0.0.0/8", "FAHUO_API_PER_MINUTE": "1000000",
            "DJANGO_SETTINGS_MODULE": "fahuo.settings",
        }  # fmt: skip
        self.parts: dict[str, subprocess.Popen[bytes]] = {}

    def call(self, *words: str) -> None:
        """Run a command of the product."""
        subprocess.run(self._command(*words), env=self.environ, check=True, stdout=self.log, stderr=self.log)

    def open(self) -> None:
        for name in ("web", *CLOCKS):
            self._start(name)
        until = time.monotonic() + PATIENCE
        while not self.answers():
            if time.monotonic() > until:
                raise TimeoutError("the web server does not come up")
            time.sleep(0.1)

    def answers(self) -> bool:
        address = f"http://127.0.0.1:{self.port}/healthz"
        with contextlib.suppress(OSError), urllib.request.urlopen(address, timeout=5) as answer:
            return bool(answer.status == 200)
        return False

    def _command(self, *words: str) -> list[str]:
        return [sys.executable, "-W", "ignore", "-m", "fahuo.cli.main", *words]

    def _start(self, name: str) -> None:
        self.parts[name] = subprocess.Popen(
            self._command(name.split()[0]), env=self.environ, stdout=self.log, stderr=self.log, start_new_session=True
        )

    def kill(self, name: str, chance: random.Random) -> None:
        """SIGKILL: a part with all its processes, the database as a whole, or (`backend`) one process of it."""
        if name in self.parts:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.parts[name].pid, signal.SIGKILL)
            self.parts[name].wait()
            self._start(name)
            return
        with contextlib.suppress(psutil.Error, OSError, ValueError):
            main = psutil.Process(int((self.server.data / "postmaster.pid").read_text("ascii").split()[0]))
            if name == "backend":
                sessions = [
                    each for each in main.children() if "idle" in " ".join(each.cmdline()) or "test" in each.name()
                ]
                (chance.choice(sessions) if sessions else main).kill()
            else:
                main.kill()
        if name == "database":
            self.heal()

    def heal(self) -> None:
        """Start whatever is dead."""
        until = time.monotonic() + PATIENCE
        while not self.server.answers():
            if not self.server.alive():
                with contextlib.suppress(Exception):
                    self.server.start()
            if time.monotonic() > until:
                raise TimeoutError("the database does not come up")
            time.sleep(0.05)
        for name, part in self.parts.items():
            if part.poll() is not None:
                self._start(name)

    @contextlib.contextmanager
    def looked_at(self) -> Iterator[psycopg.Connection[object]]:
        """A line to the database that reads repeatably."""
        with psycopg.connect(self.server.url) as line:
            line.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
            yield line

    def wait(self, holds: Callable[[], bool], seconds: float = PATIENCE) -> bool:
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            with contextlib.suppress(psycopg.OperationalError):
                if holds():
                    return True
            time.sleep(0.2)
        return False

    def close(self) -> None:
        for part in self.parts.values():
            with contextlib.suppress(ProcessLookupError):
                os.killpg(part.pid, signal.SIGKILL)
            part.wait()
        self.server.leave()
        self.server.stop()
        self.log.close()
