"""The run: so many inputs, each drawn from the seed, its door and its number alone; every answer judged; the whole counted."""

import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from random import Random
from types import FrameType
from typing import Any, Final, Protocol

from tests.faults import checker
from tests.fuzz.house import House, World
from tests.fuzz.judging import Answer, heard, judge, told

PATIENCE: Final = 120
"""Seconds after which an answer does not come any more: far beyond any limit of the product's own."""
WORN: Final = 60
"""Inputs that changed something, after which the world is made anew: good inputs would find nothing left to do."""
CHECKED: Final = 12
"""Every so many of these the independent checker reads the database."""
SHOWN: Final = 1_500


class Door(Protocol):
    """One way in. `share`: how many inputs of a thousand it gets; `writes`: the tables that a refusal itself writes, with why."""

    name: str
    world: str
    share: int
    writes: Mapping[str, str]

    def make(self, chance: Random, world: World) -> Any:
        """One input; its repr tells what it is."""

    def send(self, given: Any, world: World) -> Answer:
        """Let it in as the world outside does. What raises is a fault."""


class Hung(Exception):
    """An answer did not come."""


@contextmanager
def patience(seconds: int) -> Iterator[None]:
    def late(number: int, frame: FrameType | None) -> None:
        raise Hung(f"no answer after {seconds} s")

    before = signal.signal(signal.SIGALRM, late)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


@dataclass
class Fault:
    """One thing that must not be: at which door, by which input (after which the world had been made anew), and what."""

    door: str
    number: int
    since: int
    what: str
    given: str

    @property
    def kind(self) -> tuple[str, str]:
        """What faults have in common that are one and the same: the door, and the end of what is wrong."""
        return self.door, "\n".join(self.what.splitlines()[-3:])[:200]

    def lines(self, seed: int) -> str:
        """What it is, and the command that brings it back: checking after each change, so that the input itself is named."""
        again = f"python -m tests.fuzz --seed {seed} --first {self.since} --inputs {self.number - self.since + 1} --every 1 {self.door}"
        return f"{self.door} {self.number}: {self.what}\n    input: {self.given[:SHOWN]}\n    again: {again}"


@dataclass
class Tally:
    """What one door came to."""

    inputs: int = 0
    answers: Counter[str] = field(default_factory=Counter)
    refused: int = 0
    changed: int = 0
    checks: int = 0
    seconds: float = 0.0
    faults: list[Fault] = field(default_factory=list)


class Run:
    """One door after another in one house. `say` hears each new fault at once; `every` so many changes
    the checker reads the database."""

    def __init__(
        self, house: House, seed: int, say: Callable[[str], None] = lambda line: None, every: int = CHECKED
    ) -> None:
        self.house, self.seed, self.say, self.every = house, seed, say, every
        self.tallies: dict[str, Tally] = {}

    def door(self, door: Door, numbers: range) -> Tally:
        """Send the inputs of these numbers in."""
        tally = self.tallies.setdefault(door.name, Tally())
        began, world, worn = time.monotonic(), self.house.fresh(door.world), 0
        since = trusted = numbers.start
        for number in numbers:
            given = door.make(Random(f"{self.seed}/{door.name}/{number}"), world)
            wrong, changed = self._one(door, given, world, tally)
            worn += changed
            over = bool(wrong) or worn >= WORN or number == numbers[-1]
            if over or (changed and worn % self.every == 0):
                wrong += self._check(tally, range(trusted, number + 1))
                trusted = number + 1
            for each in wrong:
                self._note(tally, Fault(door.name, number, since, each, repr(given)))
            if over or wrong:
                world, worn, since = self.house.fresh(door.world), 0, number + 1
        tally.seconds += time.monotonic() - began
        return tally

    def _note(self, tally: Tally, fault: Fault) -> None:
        if fault.kind not in {each.kind for each in tally.faults}:
            self.say(fault.lines(self.seed))
        tally.faults.append(fault)

    def _one(self, door: Door, given: Any, world: World, tally: Tally) -> tuple[list[str], bool]:
        """(what must not be, whether anything changed that a refusal would not)."""
        with heard() as ear:
            try:
                with patience(PATIENCE):
                    answer = door.send(given, world)
            except Exception as error:
                answer = Answer(599, refused=True, wrong=[f"it raised:\n{told(error)}"])
        moves = self.house.take()
        tally.inputs += 1
        tally.answers[f"{answer.status // 100}xx"] += 1
        tally.refused += answer.refused
        changed = bool({each.table for each in (*moves, *answer.moved)} - set(door.writes))
        tally.changed += changed
        return judge(answer, moves, ear.found, writes=door.writes), changed

    def _check(self, tally: Tally, numbers: range) -> list[str]:
        """What the independent checker finds after the inputs of these numbers."""
        tally.checks += 1
        return [
            f"after {numbers.start} to {numbers.stop - 1} the checker: {each}"
            for each in checker.check(self.house.line)
        ]


def shares(doors: Sequence[Door], inputs: int) -> dict[str, int]:
    """How many inputs each door gets of so many, by its share; at least one."""
    whole = sum(door.share for door in doors)
    found = {door.name: max(inputs * door.share // whole, 1) for door in doors}
    found[doors[0].name] += max(inputs - sum(found.values()), 0)
    return found


def summary(tallies: Mapping[str, Tally], seed: int) -> Iterator[str]:
    """The tallies as a table, then each different fault once."""
    yield f"{'door':<12}{'inputs':>8}{'2xx':>8}{'3xx':>7}{'4xx':>8}{'5xx':>6}{'refused':>9}{'changed':>9}{'checks':>8}{'seconds':>9}{'faults':>8}"
    for name, each in tallies.items():
        counts = [each.answers[key] for key in ("2xx", "3xx", "4xx", "5xx")]
        yield (
            f"{name:<12}{each.inputs:>8}{counts[0]:>8}{counts[1]:>7}{counts[2]:>8}{counts[3]:>6}{each.refused:>9}{each.changed:>9}"
            f"{each.checks:>8}{each.seconds:>9.0f}{len(each.faults):>8}"
        )
    faults = [fault for each in tallies.values() for fault in each.faults]
    yield f"{sum(each.inputs for each in tallies.values())} inputs, {len(faults)} faults; seed {seed}"
    yield from (fault.lines(seed) for fault in different(faults))


def different(faults: Sequence[Fault]) -> list[Fault]:
    """The first of each kind."""
    found: dict[tuple[str, str], Fault] = {}
    for fault in faults:
        found.setdefault(fault.kind, fault)
    return list(found.values())
