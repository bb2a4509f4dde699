"""How long bought waybill numbers last at the pace at which a contract takes them."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

WINDOW: Final = timedelta(days=7)
"""The pace is what was taken over these days."""

LEAST: Final = timedelta(days=1)
"""A contract that has taken for a shorter time is measured as if it were so long: a busy first hour says little of a day."""

SHORT: Final = timedelta(days=2)
"""Stock that lasts less is said aloud."""


@dataclass(frozen=True, slots=True)
class Pace:
    """`taken` numbers (what was given back unused is off) over `seen`, which is the window or, for a new one, less."""

    taken: int
    seen: timedelta

    @property
    def per_day(self) -> float:
        return self.taken / (self.seen / timedelta(days=1))


@dataclass(frozen=True, slots=True)
class Outlook:
    """A contract's stock: `left` numbers, at a `pace` (None: nothing was taken in the window, nobody knows)."""

    left: int
    pace: Pace | None = None

    @property
    def lasts(self) -> timedelta | None:
        """How long it lasts; None where nobody knows. Nothing lasts no time at all."""
        if self.left <= 0:
            return timedelta()
        return None if self.pace is None else self.pace.seen * self.left / self.pace.taken

    @property
    def short(self) -> bool:
        """Whether it lasts less than SHORT; an empty stock always does."""
        lasts = self.lasts
        return lasts is not None and lasts < SHORT


def outlook(left: int, taken: int, first_taken_at: datetime | None, *, now: datetime) -> Outlook:
    """What lasts how long: `left` numbers, of which `taken` were taken since `now` - WINDOW; `first_taken_at`: ever."""
    if taken <= 0 or first_taken_at is None:
        return Outlook(left)
    return Outlook(left, Pace(taken, min(WINDOW, max(LEAST, now - first_taken_at))))
