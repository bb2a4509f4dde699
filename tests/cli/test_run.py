"""`fahuo run`: everything comes up, comes back when it is killed, and goes away without a trace."""

import json
import os
import re
import signal
import socket
import subprocess
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import psycopg
import pytest

from fahuo.cli.postgres import Server
from fahuo.cli.run import Alone, Child, find_port
from fahuo.rules.problems import Refusal
from tests.cli.systems import System
from tests.faults.disk import Disk

pytestmark = pytest.mark.postgres


def wait_for(what: Callable[[], object], seconds: float = 60) -> None:
    until = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < until, "waited too long"
        time.sleep(0.1)


class Running:
    """A `fahuo run` and what it says."""

    def __init__(self, system: System) -> None:
        self.system = system
        self.log = (system.folder / "log").open("w")
        self.process = subprocess.Popen(
            system.command("run"), env=system.environ, cwd=system.folder, stdout=self.log, stderr=subprocess.STDOUT
        )
        wait_for(lambda: "Fahuo runs at" in self.said() or self.process.poll() is not None)

    def said(self) -> str:
        return (self.system.folder / "log").read_text()

    @property
    def port(self) -> int:
        found = re.search(r"http://localhost:(\d+)/", self.said())
        assert found, self.said()
        return int(found[1])

    def healthy(self) -> bool:
        with suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{self.port}/healthz", timeout=5) as answer:
            return bool(answer.status == 200)
        return False

    def children(self) -> dict[str, psutil.Process]:
        found = {}
        for child in psutil.Process(self.process.pid).children():
            with suppress(psutil.Error):
                if words := child.cmdline():  # one that was killed just now has none until it is reaped
                    found[words[-1]] = child
        return found

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(40)
        finally:
            self.log.close()


@pytest.fixture(scope="module")
def system(new_folder: Callable[[], Path]) -> System:
    return System(new_folder())


@pytest.fixture
def running(system: System) -> Iterator[Running]:
    found = Running(system)
    yield found
    if found.process.poll() is None:
        found.stop()
    Server(system.folder / "data").stop()


def ticks(system: System) -> list[str]:
    with psycopg.connect(Server(system.folder / "data").url) as line:
        return [name for (name,) in line.execute("SELECT name FROM clock_ticks")]


def test_everything_comes_up_and_goes_away(running: Running, system: System) -> None:
    assert running.process.poll() is None, running.said()
    assert running.healthy()
    assert set(running.children()) == {"web", "clock"}
    wait_for(lambda: ticks(system))
    family = psutil.Process(running.process.pid).children(recursive=True)
    seen = {found["check"]: found["state"] for found in json.loads(system.call("doctor", "--json").stdout)}
    assert (seen["work"], seen["web"], seen["clock"]) == ("ok", "ok", "ok")
    second = system.call("run")
    assert (second.returncode, "already running" in second.stderr) == (1, True)
    assert running.stop() == 0
    assert running.said().endswith("Stopped\n")
    assert not [process for process in family if process.is_running()]
    assert not Server(system.folder / "data").answers()


def test_what_is_killed_comes_back(running: Running, system: System) -> None:
    for name in ("clock", "web"):
        before = running.children()[name]
        before.kill()
        wait_for(lambda name=name, before=before: running.children().get(name) not in (None, before))
    wait_for(running.healthy)
    server = Server(system.folder / "data")
    os.kill(int((server.data / "postmaster.pid").read_text().split()[0]), signal.SIGKILL)
    wait_for(lambda: not server.alive() or server.answers(), 5)
    wait_for(running.healthy)
    assert running.stop() == 0


def test_a_killed_supervisor_takes_its_children_along(running: Running, system: System) -> None:
    family = psutil.Process(running.process.pid).children(recursive=True)
    running.process.kill()
    running.process.wait()
    wait_for(lambda: not [process for process in family if process.is_running()], 20)
    again = Running(system)
    assert again.healthy()
    assert again.stop() == 0


def test_a_taken_port_is_named_and_only_a_free_choice_moves_on(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(Refusal) as caught:
            find_port("127.0.0.1", port, given=True)
        assert caught.value.problems[0].data == {"port": port}
        assert find_port("127.0.0.1", port, given=False) > port
        assert str(port) in capsys.readouterr().err


def test_a_folder_is_for_one_run_and_remembers_a_killed_one(tmp_path: Path) -> None:
    first = Alone(tmp_path)
    with pytest.raises(Refusal):
        Alone(tmp_path)
    first.note("8000")
    os.close(first.file)
    second = Alone(tmp_path)
    assert second.was_killed
    second.note("")
    os.close(second.file)
    third = Alone(tmp_path)
    assert not third.was_killed
    os.close(third.file)


def test_a_child_that_keeps_dying_is_started_later_each_time() -> None:
    child = Child("no_such_module_anywhere")
    pauses = []
    for _ in range(3):
        child.start()
        assert child.process is not None
        child.process.wait()
        child.watch()
        pauses.append(round(child.due - time.monotonic(), 1))
        assert child.process is None
    assert pauses == [0.5, 1.0, 2.0]


def test_a_full_disk_stops_the_database_and_room_brings_it_back(folder: Path) -> None:
    if not Disk.can(folder):
        pytest.skip("a small disk can only be mounted by root")
    disk, system = Disk(folder / "data"), System(folder)
    running = Running(system)
    try:
        disk.fill()
        os.kill(int((Server(folder / "data").data / "postmaster.pid").read_text().split()[0]), signal.SIGKILL)
        wait_for(lambda: running.said().count("No space left") > 1 or running.process.poll() is not None)
        disk.free()
        wait_for(running.healthy)
        assert running.stop() == 0
    finally:
        disk.free()
        if running.process.poll() is None:
            running.stop()
        Server(folder / "data").stop()
        disk.close()
