"""The product as it runs in earnest, each part a process of its own that can be killed: database, web server, clocks."""

import contextlib
import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import psutil
import psycopg

from fahuo.cli.postgres import Server

CLOCKS: Final = ("clock 1", "clock 2")
PATIENCE: Final = 90.0


class Printer:
    """A raw printer of this machine that takes everything; `kill` closes its port and its lines for a moment."""

    def __init__(self) -> None:
        self.paper = bytearray()
        self.lock = threading.Lock()
        self.lines: set[socket.socket] = set()
        self.door = socket.create_server(("127.0.0.1", 0))
        self.port = int(self.door.getsockname()[1])
        threading.Thread(target=self._listen, args=(self.door,), daemon=True).start()

    def _listen(self, door: socket.socket) -> None:
        while True:
            try:
                line, _ = door.accept()
            except OSError:
                return
            self.lines.add(line)
            threading.Thread(target=self._take, args=(line,), daemon=True).start()

    def _take(self, line: socket.socket) -> None:
        with contextlib.suppress(OSError), line:
            while part := line.recv(1 << 16):
                with self.lock:
                    self.paper += part
        self.lines.discard(line)

    def kill(self) -> None:
        with contextlib.suppress(OSError):
            self.door.shutdown(socket.SHUT_RDWR)
        self.door.close()
        for line in list(self.lines):
            with contextlib.suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)
        time.sleep(0.1)
        self.door = socket.create_server(("127.0.0.1", self.port))
        threading.Thread(target=self._listen, args=(self.door,), daemon=True).start()


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
