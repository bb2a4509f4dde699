"""The moment at which a request, a command or a round of the clock acts: read once, at the door, and handed down.

It is the real time. Only a demo may run ahead of it, so that somebody can play a week in five minutes; and time goes
forward only, because what has happened stays.
"""

from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.db import transaction

from fahuo.rules.problems import Refusal
from fahuo.store import clock

FARTHEST = timedelta(days=3660)
"""How far ahead a demo may run."""


def real() -> datetime:
    """The real moment (aware, UTC), in a demo too: for what is told by other people's clocks."""
    return datetime.now(UTC)


def now() -> datetime:
    """The moment (aware, UTC): the real one, and in a demo as much later as its clock was moved."""
    return real() + timedelta(seconds=clock.shift()) if settings.DEMO else real()


def advance(by: timedelta) -> datetime:
    """Move the demo's clock forward by `by`, in whole seconds, rounded up; the moment it shows then.

    Refusals: `demo_only` outside a demo, `clock_backwards`, `clock_too_far`.
    """
    if not settings.DEMO:
        raise Refusal.of("demo_only")
    if by < timedelta():
        raise Refusal.of("clock_backwards")
    seconds = -(-by // timedelta(seconds=1))
    with transaction.atomic():
        if timedelta(seconds=clock.shift() + seconds) > FARTHEST:
            raise Refusal.of("clock_too_far", days=FARTHEST.days)
        clock.move(seconds)
    return now()
