"""The table: how many times as long, and as much CPU, a peer takes as Fahuo for the same work."""

import statistics
import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from tests.bench.peers.meter import Turn

WIDTH = 150
HEADINGS = (
    "work", "N", "time × min", "median", "CPU ms each: peer (PostgreSQL)", "Fahuo (PostgreSQL)", "×", "MiB peer", "Fahuo",
)  # fmt: skip
WIDTHS = (52, 6, 10, 7, 30, 20, 6, 9, 6)


@dataclass(frozen=True, slots=True)
class Row:
    """The same work of `count` pieces by both, run by run in pairs. `lacks`: what the peer does not do in that figure, and
    what else one must know to read it."""

    work: str
    peer: str
    count: int
    ours: Sequence[Turn]
    theirs: Sequence[Turn]
    lacks: str

    @property
    def ratios(self) -> list[float]:
        """How many times as long the peer took, pair by pair: above 1 Fahuo was quicker, below 1 the peer."""
        return [other.seconds / mine.seconds for mine, other in zip(self.ours, self.theirs, strict=True)]

    @property
    def cpu_ratio(self) -> float:
        """The peer's CPU for one piece beside ours, PostgreSQL's share in both."""
        mine, other = self.cpu(self.ours), self.cpu(self.theirs)
        return sum(other) / sum(mine)

    def cpu(self, turns: Iterable[Turn]) -> tuple[float, float]:
        """Milliseconds of CPU for one piece: the program's, PostgreSQL's; medians over the runs."""
        turns = list(turns)
        return (
            statistics.median(turn.program for turn in turns) / self.count * 1000,
            statistics.median(turn.postgres for turn in turns) / self.count * 1000,
        )

    def cells(self) -> tuple[str, ...]:
        mine, other = self.cpu(self.ours), self.cpu(self.theirs)
        return (
            self.work, f"{self.count:,}", _times(min(self.ratios)), _times(statistics.median(self.ratios)),
            f"{sum(other):.2f} ({other[1]:.2f})", f"{sum(mine):.2f} ({mine[1]:.2f})", _times(self.cpu_ratio),
            _mebibytes(self.theirs), _mebibytes(self.ours),
        )  # fmt: skip


@dataclass
class Found:
    """What one peer's part gave: rows of the table, facts that are no ratios, why it was left out."""

    rows: list[Row] = field(default_factory=list)
    facts: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)


def _times(ratio: float) -> str:
    return f"{ratio:.0f}" if ratio >= 20 else f"{ratio:.1f}" if ratio >= 2 else f"{ratio:.2f}"


def _mebibytes(turns: Sequence[Turn]) -> str:
    return f"{statistics.median(turn.memory for turn in turns) / 2**20:.0f}"


def lines(found: Found) -> list[str]:
    """The table, peer by peer; under each row what the peer does not do in it; then the facts."""
    told = []
    last = ""
    if found.rows:
        told += [_line(HEADINGS), "-" * WIDTH]
    for row in found.rows:
        if row.peer != last:
            told += ["", row.peer]
            last = row.peer
        told.append(_line(row.cells()))
        told += textwrap.wrap(row.lacks, WIDTH - 4, initial_indent="    ", subsequent_indent="    ")
    for fact in found.facts:
        told += textwrap.wrap(fact, WIDTH, initial_indent="* ", subsequent_indent="  ")
    return told + [f"left out: {sentence}" for sentence in found.missing]


def _line(cells: Sequence[str]) -> str:
    first, *others = (
        cell.ljust(width) if not place else cell.rjust(width)
        for place, (cell, width) in enumerate(zip(cells, WIDTHS, strict=True))
    )
    return " ".join([first, *others]).rstrip()
