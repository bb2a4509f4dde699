"""How a shop keeps in step with a marketplace: states, windows of time, and when what failed is tried again."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final, Literal

Trouble = Literal["", "limited", "unauthorised", "unanswered", "refused"]
TROUBLES: Final[tuple[Trouble, ...]] = ("", "limited", "unauthorised", "unanswered", "refused")
"""What keeps a marketplace from being pulled: nothing; it said to wait; a person must let us in again; no answer; it will
not."""

Status = Literal["waiting", "refused", "done", "dropped"]
CONFIRMATIONS: Final[tuple[Status, ...]] = ("waiting", "refused", "done", "dropped")
"""waiting: it is to be told, or told again. refused: a person must look. done: it stands there. dropped: the parcel was
taken back here before it was told, or a person says that it is settled."""

EVERY: Final = timedelta(seconds=60)
"""A marketplace without trouble is pulled so often."""
LOOK_EVERY: Final = timedelta(minutes=10)
"""So often every order that waits there is read by itself: nobody knows whether an urge moves an order."""
LEASE: Final = timedelta(minutes=10)
"""How long a pull belongs to the clock that took it up."""
BEHIND: Final = timedelta(seconds=5)
"""A window ends so long before now: what is written there this moment may not be seen yet."""
BACK_OFF: Final = (5, 15, 30, 60, 120, 300, 600)
"""Seconds after the first, second … failure in a row."""
PATIENCE: Final = 40
"""Failures of one confirmation after which a person must look: some six hours."""


def later(failures: int, *, now: datetime, at_least: int = 0) -> datetime:
    """When what failed so often in a row is tried again."""
    seconds = BACK_OFF[min(max(failures, 1), len(BACK_OFF)) - 1]
    return now + timedelta(seconds=max(seconds, at_least))


def windows(
    pulled_until: datetime, now: datetime, *, overlap: int, longest: int
) -> Iterator[tuple[datetime, datetime]]:  # fmt: skip
    """The windows to pull, one after the other: each begins `overlap` seconds before what is known, none is longer than
    `longest` seconds, the last ends shortly before now. None where there is nothing new yet."""
    end, step = now - BEHIND, timedelta(seconds=longest - overlap)
    at = pulled_until
    while at < end:
        until = min(at + step, end)
        yield at - timedelta(seconds=overlap), until
        at = until
