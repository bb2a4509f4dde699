"""Timing of pairs, in turn, so that a ratio holds when the machine's speed drifts."""

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

from fahuo.store import wall


@dataclass(frozen=True, slots=True)
class Pair:
    """Seconds of ours and of the floor, run by run."""

    name: str
    ours: list[float]
    floor: list[float]
    goal: float

    @property
    def ratio(self) -> float:
        """The median of the ratios, pair by pair."""
        return statistics.median(mine / bare for mine, bare in zip(self.ours, self.floor, strict=True))

    def line(self) -> str:
        return (
            f"{self.name:<44} {statistics.median(self.ours):7.3f} s  floor {statistics.median(self.floor):7.3f} s  "
            f"ratio {self.ratio:5.2f}  goal {self.goal:.1f}  {'met' if self.ratio <= self.goal else 'NOT MET'}"
        )


def seconds(act: Callable[[], object]) -> float:
    """How long the product takes, behind its walls. (The bench itself works as the tables' owner.)"""
    with wall.at(wall.BY_STATEMENT):
        return bare_seconds(act)


def bare_seconds(act: Callable[[], object]) -> float:
    """How long a floor takes."""
    begun = time.perf_counter()
    act()
    return time.perf_counter() - begun


def in_turn(name: str, ours: Callable[[], object], floor: Callable[[], object], *, runs: int, goal: float) -> Pair:
    """Ours and the floor in turn, one uncounted round first."""
    seconds(ours)
    floor()
    mine, bare = [], []
    for _ in range(runs):
        mine.append(seconds(ours))
        bare.append(bare_seconds(floor))
    return Pair(name, mine, bare, goal)
