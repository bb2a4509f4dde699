"""A day with faults: a shop works through the API while the product is killed, cut off, sent through time and stopped at
random instants; then what is left is held against what was acknowledged, the fakes outside, and the checker."""

import random
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from fahuo.cli.postgres import Server
from tests.faults import checker, machine_time, room
from tests.faults.disk import Disk
from tests.faults.house import CLOCKS, House
from tests.faults.judge import judge
from tests.faults.outside import Hook, Printer
from tests.faults.sheets import Batcher
from tests.faults.work import WITHIN, Clerk, Desk, Packer, Told

KILLS: Final = {"web": 2, CLOCKS[0]: 2, CLOCKS[1]: 2, "backend": 5, "database": 2, "printer": 2}
"""What is killed, and how often in comparison."""
TROUBLES: Final = {"restart": 0.4, "full disk": 0.4, "line to printer": 0.5, "line to webhook": 0.5, "clock jumps": 0.6}
"""What else goes wrong: everything stopped and started in any order, no room left, nobody outside, the time of one machine."""
RESTARTED: Final = 4
"""What a restart kills: database, web server, both clocks."""
JUMPS: Final = (-7200, -300, -5, 0, 0, 5, 300, 7200)
"""Seconds by which the time of a clock's machine may be off, from one moment to the next."""
CLERKS: Final = 3
PROGRESS: Final = 0.7
"""How often the next fault waits until the web server answers again: on a slow machine nothing would be done otherwise."""
STEP: Final = 50
"""Kills after which a long day says how far it is."""
REST: Final = 180.0
"""Seconds in which some of what is due must be done, while nothing is killed."""
LOOK: Final = 2.0
"""Seconds between two looks: each reads the whole database, and the clocks want to work."""


@dataclass
class Result:
    """What a day with faults was like. `wrong`: what must not be."""

    faults: Counter[str]
    told: Told
    seconds: float
    rest: float
    left_out: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    @property
    def kills(self) -> int:
        """How often something was killed; a restart kills everything."""
        return sum(self.faults[name] for name in KILLS) + RESTARTED * self.faults["restart"]

    def lines(self) -> Iterator[str]:
        named = ", ".join(f"{name} {count}" for name, count in sorted(self.faults.items()))
        yield f"{self.kills} kills among {self.faults.total()} faults in {self.seconds:.0f} s ({named})"
        yield from (f"not tried here: {each}" for each in self.left_out)
        yield (
            f"acknowledged: {len(self.told.orders)} orders, {len(self.told.shipped)} shipments, {len(self.told.batched)} by batch, {len(self.told.labels)} labels,"
            f" {len(self.told.jobs)} print jobs, {len(self.told.urged)} urges; answers {dict(sorted(self.told.calls.items()))}"
        )
        yield f"the clocks had caught up {self.rest:.1f} s after the last fault"
        yield from (f"WRONG: {each}" for each in self.wrong)
        yield "nothing lost, nothing doubled" if not self.wrong else f"{len(self.wrong)} wrong"


class Day:
    """The product with everything around it, for a day."""

    def __init__(self, folder: Path, seed: int, *, throw_away: bool) -> None:
        self.chance = random.Random(seed)
        self.disk = Disk(folder / "disk") if Disk.can(folder) else None
        self.printer, self.hook = Printer(), Hook()
        self.house = House(
            folder / "disk" / "house", free_port(), server=started(folder / "disk" / "server", throw_away)
        )

    def close(self) -> None:
        self.house.close()
        self.hook.close()
        self.printer.close()
        if self.disk is not None:
            self.disk.close()

    def left_out(self) -> list[str]:
        """The troubles that this machine does not let us make."""
        found = [] if self.disk is not None else ["full disk (to mount one is for root)"]
        return found if machine_time.library() else [*found, "clock jumps (there is no libfaketime that works here)"]

    def ways(self) -> Mapping[str, Callable[[], None]]:
        """The faults: name -> what brings it about, and ends when it is over."""
        chance, house = self.chance, self.house
        ways: dict[str, Callable[[], None]] = {
            name: lambda name=name: house.kill(name, chance) for name in KILLS  # type: ignore[misc]  # bound now
        }  # fmt: skip
        ways["printer"] = self.printer.kill
        ways["restart"] = lambda: house.restart(chance)
        ways["line to printer"] = lambda: self.printer.out_of_reach(chance, chance.uniform(0.2, 1.5))
        ways["line to webhook"] = lambda: self.hook.out_of_reach(chance, chance.uniform(0.2, 1.5))
        if machine_time.library() is not None:
            ways["clock jumps"] = lambda: house.jump(chance.choice(CLOCKS), chance.choice(JUMPS))
        if self.disk is not None:
            ways["full disk"] = self._fill
        return ways

    def _fill(self) -> None:
        """No room for a while; somebody may die meanwhile."""
        assert self.disk is not None
        self.disk.fill(left=self.chance.choice((0, 0, 64 * 1024)))
        try:
            time.sleep(self.chance.uniform(0.3, 1.5))
            if self.chance.random() < 0.3:
                self.house.kill(self.chance.choice(("web", CLOCKS[0])), self.chance)
                time.sleep(0.5)
        finally:
            self.disk.free()

    def order(self) -> Iterator[str]:
        """Which fault is next: each once, then as it comes."""
        ways = self.ways()
        weights = {name: weight for name, weight in (KILLS | TROUBLES).items() if name in ways}
        yield from self.chance.sample(list(weights), len(weights))
        while True:
            yield self.chance.choices(list(weights), list(weights.values()))[0]


@contextmanager
def at_work(desk: Desk, told: Told, *, paper: bool) -> Iterator[list[Clerk]]:
    """The shop's people work meanwhile."""
    stop = threading.Event()
    clerks = [Clerk(desk, no, told, stop, paper=paper) for no in range(1, CLERKS + 1)]
    people = [*clerks, Batcher(desk, 10, told, stop), Packer(desk, 9, told, stop)]
    for each in people:
        each.start()
    try:
        yield people
    finally:
        stop.set()
        for each in people:
            each.join(150)


def day(
    folder: Path, *, kills: int, seed: int, pause: tuple[float, float], paper: bool = True, throw_away: bool = False
) -> Result:  # fmt: skip
    """Work until so many were killed, `pause` (least, most) seconds between two faults; then rest, and judge.

    Without `paper` nothing is printed: a job whose worker was killed waits for the end of its lease, a minute and a half.
    """
    found = Day(folder, seed, throw_away=throw_away)
    house, told = found.house, Told()
    try:
        house.call("migrate")
        desk = open_shop(house, found.printer.port, found.hook.address)
        house.open()
        result = Result(Counter(), told, 0, 0, found.left_out())
        if found.disk is not None:
            result.wrong += room.tried(house, desk, found.disk, told)
        with at_work(desk, told, paper=paper) as people:
            begun, ways, order, told_kills = time.monotonic(), found.ways(), found.order(), 0
            while result.kills < kills or len(result.faults) < len(ways):
                time.sleep(found.chance.uniform(*pause))
                fault = next(order)
                ways[fault]()
                house.heal()
                result.faults[fault] += 1
                told_kills = _progress(result, told_kills, time.monotonic() - begun)
                if found.chance.random() < PROGRESS:
                    house.wait(house.answers, 30)
            result.seconds = time.monotonic() - begun
        for name in CLOCKS:
            house.jump(name, 0)
        result.rest = rest(house, Packer(desk, 8, told, threading.Event()))
        result.wrong += [f"{each.name}: {each.failure!r}" for each in people if each.failure]
        result.wrong += told.odd
        result.wrong += judge(house, told, found.printer, found.hook)
        if result.wrong:
            print(house.said(), file=sys.stderr)
        return result
    except BaseException:
        print(house.said(), file=sys.stderr)
        raise
    finally:
        found.close()


def _progress(result: Result, before: int, seconds: float) -> int:
    """Say how far it is, every STEP kills; up to which kill that was said."""
    if result.kills // STEP > before // STEP:
        print(f"  {result.kills} kills after {seconds:.0f} s, {len(result.told.shipped)} shipments", flush=True)
    return result.kills


def started(folder: Path, throw_away: bool = False) -> Server:
    """A database server of its own, in a folder that its user may reach."""
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o755)
    server = Server(folder, throw_away=throw_away)
    server.start()
    return server


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as found:
        return int(found.getsockname()[1])


def open_shop(house: House, printer: int, hook: str) -> Desk:
    """A shop with a key, a contract with bought numbers, a printer and a webhook, made by the services in a process of its
    own: Django knows one database a process."""
    made = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "tests.faults.shop", str(printer), hook], env=house.environ,
        stdout=subprocess.PIPE, check=True, text=True, cwd=Path(__file__).parents[2],
    )  # fmt: skip
    key, contract, printer_id = made.stdout.split()
    return Desk(f"http://127.0.0.1:{house.port}/api/v1", key, int(contract), int(printer_id))


def rest(house: House, packer: Packer) -> float:
    """Let the clocks do what is due, as long as it becomes less; how long that took. A printer takes its time for each label,
    so that a day may leave it an hour's work."""
    begun = time.monotonic()
    due: list[int] = []

    def less() -> bool:
        packer.look()
        with house.looked_at() as line:
            found = checker.check(line, at_rest=datetime.now(UTC) - timedelta(seconds=2))
        due.append(sum(fault.count for fault in found if fault.what in checker.AT_REST))
        return due[-1] == 0 or due[-1] < min(due[:-1], default=sys.maxsize)

    time.sleep(WITHIN.total_seconds() + 2)  # until then timers come due
    while house.wait(less, REST) and due[-1]:
        time.sleep(LOOK)
    return time.monotonic() - begun
