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
from tests.faults import machine_time

CLOCKS: Final = ("clock 1", "clock 2")
PATIENCE: Final = 90.0
GRACE: Final = 3.0
"""Seconds that a part has to end by itself."""


class House:
    """Database, web server and two clocks on one data folder. What dies is started again at once."""

    def __init__(self, folder: Path, port: int, *, server: Server, url: str = "") -> None:
        """`server` runs already; `url`: how the product finds it, when not by its own address."""
        folder.mkdir(parents=True, exist_ok=True)
        self.folder, self.server = folder, server
        self.port = port
        self.log = (folder / "log").open("ab")
        self.environ = {
            **os.environ, "DATABASE_URL": url or server.url, "FAHUO_DATA": str(folder), "FAHUO_PORT": str(port),
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
        environ = self.environ | (machine_time.environ(self._time(name)) if name in CLOCKS else {})
        self.parts[name] = subprocess.Popen(
            self._command(name.split()[0]), env=environ, stdout=self.log, stderr=self.log, start_new_session=True
        )

    def _time(self, name: str) -> Path:
        return self.folder / f"time of {name}"

    def jump(self, name: str, seconds: int) -> None:
        """From now on the machine of a clock shows so many seconds more than the others (or less); it runs on meanwhile."""
        machine_time.show(self._time(name), seconds)

    def restart(self, chance: random.Random) -> None:
        """Stop everything in any order, some of it gently; start it again in any other order."""
        for name in chance.sample([*self.parts, "database"], len(self.parts) + 1):
            gently = chance.random() < 0.5
            if name == "database":
                self.server.stop() if gently else self._kill_database()
            elif gently:
                self._end(name)
            else:
                self._kill(name)
        for name in chance.sample([*self.parts, "database"], len(self.parts) + 1):
            if name == "database":
                self._raise_database()
            else:
                self._start(name)

    def _end(self, name: str) -> None:
        """SIGTERM, and SIGKILL for what takes too long."""
        part = self.parts[name]
        part.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            part.wait(GRACE)
        self._kill(name)

    def _kill(self, name: str) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.parts[name].pid, signal.SIGKILL)
        self.parts[name].wait()

    def _kill_database(self) -> None:
        with contextlib.suppress(psutil.Error, OSError, ValueError, IndexError):
            self._postmaster().kill()

    def kill_for_good(self) -> None:
        """The database's machine is gone: every process of it at once, and nobody starts it again."""
        main = self._postmaster()
        for each in [main, *main.children(recursive=True)]:
            with contextlib.suppress(psutil.Error):
                each.kill()

    def _postmaster(self) -> psutil.Process:
        return psutil.Process(int((self.server.data / "postmaster.pid").read_text("ascii").split()[0]))

    def kill(self, name: str, chance: random.Random) -> None:
        """SIGKILL: a part with all its processes, the database as a whole, or (`backend`) one process of it."""
        if name in self.parts:
            self._kill(name)
            self._start(name)
        elif name == "database":
            self._kill_database()
            self._raise_database()
        else:
            with contextlib.suppress(psutil.Error, OSError, ValueError, IndexError):
                main = self._postmaster()
                (chance.choice(_sessions(main)) if _sessions(main) else main).kill()

    def heal(self) -> None:
        """Start whatever is dead."""
        self._raise_database()
        for name, part in self.parts.items():
            if part.poll() is not None:
                self._start(name)

    def _raise_database(self) -> None:
        until = time.monotonic() + PATIENCE
        while not self.server.answers():
            if not self.server.alive():
                with contextlib.suppress(Exception):
                    self.server.start()
            if time.monotonic() > until:
                raise TimeoutError("the database does not come up")
            time.sleep(0.05)

    def said(self) -> str:
        """The end of the product's log."""
        return (self.folder / "log").read_text("utf-8", "replace")[-8000:]

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
        for name in self.parts:
            self._kill(name)
        self.server.leave()
        self.server.stop()
        self.log.close()


def _sessions(postmaster: psutil.Process) -> list[psutil.Process]:
    """The processes of the database that work for somebody."""
    return [each for each in postmaster.children() if "fahuo" in " ".join(each.cmdline())]
