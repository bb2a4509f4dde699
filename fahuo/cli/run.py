"""`fahuo run`: one process that keeps the database, the web server and the clock alive; and each of them alone.

The supervisor itself loads no Django. A child that dies is started again, later each time; children die with their
supervisor, even when it is killed.
"""

import contextlib
import ctypes
import fcntl
import os
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import FrameType

import click

from fahuo.cli.language import say
from fahuo.cli.postgres import Server
from fahuo.cli.session import attach, ready
from fahuo.rules.problems import Refusal

GRACE = 15.0
"""Seconds that a child has to finish what it is doing."""


def dies_with_parent() -> Callable[[], None] | None:
    """For a child, on Linux: get SIGTERM when the parent is gone, however it went."""
    if not sys.platform.startswith("linux"):
        return None
    library = ctypes.CDLL(None)
    return lambda: library.prctl(1, signal.SIGTERM)


class Child:
    """One supervised process, in a process group of its own."""

    def __init__(self, *command: str) -> None:
        self.command = [sys.executable, "-m", *command]
        self.process: subprocess.Popen[bytes] | None = None
        self.deaths = 0
        self.started = 0.0
        self.due = 0.0

    def start(self) -> None:
        self.started = time.monotonic()
        self.process = subprocess.Popen(
            self.command, stdin=subprocess.DEVNULL, process_group=0, preexec_fn=dies_with_parent()
        )

    def watch(self) -> None:
        """Start the process if it is due; note its death, and when to try again (0.5 s, 1 s, 2 s ... 30 s)."""
        if self.process is None:
            if time.monotonic() >= self.due:
                self.start()
        elif self.process.poll() is not None:
            self.signal(signal.SIGKILL)  # whatever it left behind
            if time.monotonic() - self.started > 60:
                self.deaths = 0
            self.due = time.monotonic() + min(30.0, 0.5 * 2**self.deaths)
            self.deaths += 1
            self.process = None

    def signal(self, number: int) -> None:
        if self.process is not None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, number)

    def stop(self, until: float) -> None:
        if self.process is not None:
            try:
                self.process.wait(max(0.1, until - time.monotonic()))
            except subprocess.TimeoutExpired:
                self.signal(signal.SIGKILL)
                self.process.wait()


class Stops:
    """Signals as something to wait for: `wait` returns early when a signal came."""

    def __init__(self) -> None:
        self.asked = False
        self.reader, writer = socket.socketpair()
        self.reader.setblocking(False)
        writer.setblocking(False)
        self.writer = writer
        signal.set_wakeup_fd(writer.fileno(), warn_on_full_buffer=False)
        for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(name, self.ask)
        signal.signal(signal.SIGCHLD, lambda number, frame: None)

    def ask(self, _number: int, _frame: FrameType | None) -> None:
        self.asked = True

    def wait(self, seconds: float) -> None:
        select.select([self.reader], [], [], seconds)
        with contextlib.suppress(BlockingIOError):
            self.reader.recv(256)


def free(bind: str, port: int) -> bool:
    """Whether nobody listens on a port."""
    family = socket.AF_INET6 if ":" in bind else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((bind, port))
        except OSError:
            return False
    return True


def find_port(bind: str, port: int, *, given: bool, patience: float = 0.0) -> int:
    """The port to use: the one that was given, else the next free one of twenty. Raises Refusal `port_taken`."""
    until = time.monotonic() + patience
    while not (ok := free(bind, port)) and time.monotonic() < until:
        time.sleep(0.1)
    if ok:
        return port
    for other in () if given else range(port + 1, min(port + 20, 65536)):
        if free(bind, other):
            click.echo(say(f"端口 {port} 已被占用，改用 {other}", f"Port {port} is taken; using {other}"), err=True)
            return other
    raise Refusal.of("port_taken", port=port)


class Alone:
    """The lock that lets one `run` at a time work on a data folder; its content is the port, gone after a clean stop."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.file = os.open(folder / "run.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self.file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Refusal.of("already_running") from None
        self.was_killed = bool(os.pread(self.file, 16, 0))

    def note(self, text: str) -> None:
        os.ftruncate(self.file, 0)
        os.pwrite(self.file, text.encode(), 0)


def answers(bind: str, port: int) -> bool:
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(bind, bind)
    with contextlib.suppress(OSError), socket.create_connection((host, port), timeout=2):
        return True
    return False


def await_web(web: Child, stops: Stops, bind: str, port: int) -> None:
    """Return when the web server answers, or somebody asked to stop; Refusal when it dies first."""
    until = time.monotonic() + 120
    while not stops.asked and not answers(bind, port):
        if web.process is None or web.process.poll() is not None or time.monotonic() > until:
            raise Refusal.of("web_not_up")
        time.sleep(0.03)


def supervise(children: list[Child], server: Server | None, stops: Stops) -> None:
    """Keep everything alive until a signal asks to stop."""
    while not stops.asked:
        if server is not None and not server.alive():
            try:
                server.start()
            except (Refusal, OSError) as error:  # a full disk, say: it is tried again until there is room
                click.echo(_why(error), err=True)
        for child in children:
            child.watch()
        stops.wait(1.0)


def _why(error: Refusal | OSError) -> str:
    if isinstance(error, OSError):
        error = Refusal.of("postgres_failed", program="pg_ctl", said=error.strerror or type(error).__name__)
    return error.problems[0].sentence("en")


def stop(children: list[Child]) -> None:
    for child in children:
        child.signal(signal.SIGTERM)
    until = time.monotonic() + GRACE
    for child in children:
        child.stop(until)


@click.command("run")
def command() -> None:
    """启动整个系统:数据库、网页和时钟。Start everything: database, web and clock; Ctrl-C stops it all."""
    from fahuo import settings

    alone = Alone(settings.DATA)
    given = bool(os.environ.get("FAHUO_PORT"))
    port = find_port(settings.BIND, settings.PORT, given=given, patience=5.0 if alone.was_killed else 0.0)
    alone.note(str(port))
    os.environ["FAHUO_PORT"] = str(port)
    stops = Stops()
    server = attach()
    children: list[Child] = []
    try:
        made = subprocess.run([sys.executable, "-m", "fahuo.cli.prepare"], stdin=subprocess.DEVNULL, check=False)
        if made.returncode:
            raise click.exceptions.Exit(0 if stops.asked else 1)
        web, clock = Child("fahuo.cli.main", "web"), Child("fahuo.cli.main", "clock")
        children += [web, clock]
        web.start()
        await_web(web, stops, settings.BIND, port)
        clock.start()  # after the web: on a small machine the first page comes sooner
        if not stops.asked:
            scheme, host = ("https", settings.ALLOWED_HOSTS[0]) if settings.HTTPS else ("http", f"localhost:{port}")
            click.echo(
                say(
                    f"发货台已启动：{scheme}://{host}/ （Ctrl-C 停止）",
                    f"Fahuo runs at {scheme}://{host}/  (Ctrl-C stops it)",
                )
            )
        supervise(children, server, stops)
    finally:
        stop(children)
        if server is not None:
            server.leave()
        alone.note("")
    click.echo(say("已停止", "Stopped"))


@click.command("web")
def web() -> None:
    """只运行网页服务。Run the web server alone (one process, FAHUO_THREADS threads for pages)."""
    from fahuo import settings

    attach()
    from granian.constants import Interfaces
    from granian.log import LogLevels
    from granian.server import Server as Granian

    granian = Granian(
        "fahuo.asgi:application", address=settings.BIND, port=settings.PORT, interface=Interfaces.ASGI, workers=1,
        websockets=False, log_level=LogLevels.error,
        respawn_failed_workers=True, respawn_interval=1.0, workers_kill_timeout=10,
    )  # fmt: skip
    granian.serve()


@click.command("clock")
def clock() -> None:
    """只运行时钟;可以同时运行任意多个。Run a clock alone; any number of them may run."""
    ready()
    from fahuo import clock as loop

    loop.run()
