"""When a task reminds the sub-accounts that care for it, how often in a day, and what quiet hours hold back.

Instants are aware and come back in UTC; a calendar day is the shop's.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final, Literal
from zoneinfo import ZoneInfo

from fahuo.rules.policy import Version

Status = Literal["delivered", "held", "suppressed"]
STATUSES: Final[tuple[Status, ...]] = ("delivered", "held", "suppressed")
"""delivered: it goes out now. held: quiet hours keep it back; it counts as given. suppressed: the day has had its ten."""


@dataclass(frozen=True, slots=True)
class Quiet:
    """Hours of the shop's day in which nothing is delivered, from `start` until just before `end`; may pass midnight."""

    start: time
    end: time


@dataclass(frozen=True, slots=True)
class Delivery:
    """What becomes of one reminder to one sub-account, and when it goes out (UTC; None: never)."""

    status: Status
    at: datetime | None


def moments(since: datetime, due_at: datetime | None, version: Version) -> tuple[datetime, ...]:
    """When a task that has needed the seller `since` reminds: at once, and so many hours before it is due, in order.

    Hours that lie before `since` are left out, and so is everything when it is due at once.
    """
    since = since.astimezone(UTC)
    if due_at is None:
        return (since,)
    due_at = due_at.astimezone(UTC)
    if due_at <= since:
        return ()
    before = {due_at - timedelta(hours=hours) for hours in version.reminders.hours_before.values}
    return (since, *sorted(moment for moment in before if moment > since))


def next_moment(
    since: datetime, due_at: datetime | None, version: Version, *, after: datetime | None = None
) -> datetime | None:
    """The first moment, or the first later than `after`; None when there is none left.

    A clock that comes late thus reminds once for all that it missed.
    """
    found = moments(since, due_at, version)
    return next((moment for moment in found if after is None or moment > after), None)


def day_of(instant: datetime, zone: str) -> date:
    """The shop's calendar day, over which reminders are counted."""
    return instant.astimezone(ZoneInfo(zone)).date()


def left_today(given_today: int, version: Version) -> int:
    """How many more reminders a sub-account gets on a day on which it was given (delivered or held) so many."""
    return max(0, version.reminders.per_day.value - given_today)


def deliver(
    given_today: int, version: Version, *, now: datetime, zone: str = "Asia/Shanghai", quiet: Quiet | None = None
) -> Delivery:
    """What becomes of a reminder that falls due `now`. Quiet hours only put its delivery off; it counts for today."""
    if not left_today(given_today, version):
        return Delivery("suppressed", None)
    end = quiet_until(quiet, now=now, zone=zone) if quiet is not None else None
    return Delivery("delivered", now.astimezone(UTC)) if end is None else Delivery("held", end)


def quiet_until(quiet: Quiet, *, now: datetime, zone: str = "Asia/Shanghai") -> datetime | None:
    """When the quiet hours that `now` falls into end (UTC), or None outside them. Equal ends mean there are none."""
    local = now.astimezone(ZoneInfo(zone))
    clock, overnight = local.time(), quiet.start > quiet.end
    if overnight:
        inside = clock >= quiet.start or clock < quiet.end
    else:
        inside = quiet.start <= clock < quiet.end
    if not inside:
        return None
    day = local.date() + timedelta(days=1 if overnight and clock >= quiet.start else 0)
    return datetime.combine(day, quiet.end, ZoneInfo(zone)).astimezone(UTC)
