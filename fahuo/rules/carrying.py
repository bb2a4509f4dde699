"""How a shop works with a carrier's service: states of what is asked of it, when it is asked again, when it is left alone.

A service is asked for numbers by a reference of ours, so that asking again after a lost answer takes no second number.
"""

from datetime import datetime, timedelta
from typing import Final, Literal

State = Literal["waiting", "unknown", "refused", "done", "cancelling", "cancelled", "dropped"]
STATES: Final[tuple[State, ...]] = ("waiting", "unknown", "refused", "done", "cancelling", "cancelled", "dropped")
"""waiting: the service was not asked, or surely did not hear. unknown: it was asked and nobody knows what became of it; it
is asked again under the same reference. refused: it will not; a person must look. done: a number came and stands on a
label. cancelling: the number is to be given back. cancelled: it was. dropped: no longer wanted before it was asked."""
OPEN: Final[tuple[State, ...]] = ("waiting", "unknown", "refused")
"""Asked for and not there: at most one of these for an order."""

MOVES: Final[dict[State, frozenset[State]]] = {
    "waiting": frozenset({"unknown", "dropped"}),
    "unknown": frozenset({"waiting", "unknown", "refused", "done", "cancelling"}),
    "refused": frozenset({"waiting", "dropped"}),
    "done": frozenset({"cancelling"}),
    "cancelling": frozenset({"cancelling", "cancelled"}),
    "cancelled": frozenset(),
    "dropped": frozenset(),
}
"""State -> where it may go. What is unknown is never dropped: a number may stand there."""

Act = Literal["order", "cancel", "track", "subscribe", "pickup", "call_off", "check"]
ACTS: Final[tuple[Act, ...]] = ("order", "cancel", "track", "subscribe", "pickup", "call_off", "check")
"""What a service may be asked; pickup: have a courier come, call_off: have him not come. Each connector says which it can."""

Heard = Literal["done", "partly", "refused", "limited", "unauthorised", "unanswered", "pushed"]
HEARD: Final[tuple[Heard, ...]] = ("done", "partly", "refused", "limited", "unauthorised", "unanswered", "pushed")
"""What became of a call, for the record of calls: all rows, some rows, none; or why none could be asked; or it called us."""

EVERY: Final = timedelta(seconds=60)
"""An account is looked at so often, and at once when something is asked."""
LEASE: Final = timedelta(minutes=15)
"""How long an account belongs to the clock that took it up."""
AT_ONCE: Final = 10
"""Rows between two transactions; a connector asks them in its own portions."""
BACK_OFF: Final = (5, 15, 30, 60, 120, 300, 600)
"""Seconds after the first, second … failure in a row."""
BREAKS_AT: Final = 5
"""Failures of an account in a row after which it is left alone; then one row is tried before the rest."""
PATIENCE: Final = 40
"""Attempts of one row after which a person must look: some six hours."""
FOLLOW_FOR: Final = timedelta(days=30)
"""So long after it left a parcel is asked for."""
_PULLS: Final = ((timedelta(days=2), timedelta(hours=1)), (timedelta(days=7), timedelta(hours=3)))
_SELDOM: Final = timedelta(hours=8)
PUSHED_PULLS: Final = timedelta(hours=24)
"""A parcel whose scans are pushed is asked for only when nothing came for so long."""
FIRST_PULL: Final = timedelta(minutes=30)


def later(failures: int, *, now: datetime, at_least: int = 0) -> datetime:
    """When what failed so often in a row is tried again."""
    seconds = BACK_OFF[min(max(failures, 1), len(BACK_OFF)) - 1]
    return now + timedelta(seconds=max(seconds, at_least))


def next_pull(shipped_at: datetime, *, pushed: bool, now: datetime) -> datetime | None:
    """When a parcel is asked for again: often in its first days, then seldom; None when it is too long ago."""
    age = now - shipped_at
    if age > FOLLOW_FOR:
        return None
    step = next((pause for until, pause in _PULLS if age < until), _SELDOM)
    return now + (PUSHED_PULLS if pushed else step)


PICKUP_LASTS: Final = timedelta(hours=2)
"""A courier who is called for a moment may come so long after it."""


def pickup_reference(shop_id: int, pickup_id: int) -> str:
    """What a pickup is called at the service: ours alone, the same each time."""
    return f"FP{shop_id}-{pickup_id}"


def reference_of(shop_id: int, order_row: int) -> str:
    """What an ordered number is called at the service: ours alone, the same each time, at most 40 characters."""
    return f"FH{shop_id}-{order_row}"
