"""The figures of a shop over a span of calendar days: on-time pickups, answered tasks, and what changed since before.

How long buyers wait for an answer is `rules.response`. A share is None where there was nothing to share out.
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Final, Literal
from zoneinfo import ZoneInfo

from fahuo.rules import response
from fahuo.rules.problems import Refusal

MOST_DAYS: Final = 366
ANSWER_WITHIN: Final = timedelta(hours=24)
"""A task that the seller answered, shipped or refunded so soon was answered in time."""

QUICK_GOAL: Final = Decimal("0.9")
"""The marketplace's goal for the 3-minute answer rate."""

Pickup = Literal["on_time", "late_scan", "no_scan", "not_shipped"]
PICKUPS: Final[tuple[Pickup, ...]] = ("on_time", "late_scan", "no_scan", "not_shipped")
"""What became of an order that was due: scanned at or before its deadline; scanned later; shipped, but no scan is
known; not (wholly) shipped. Only the first is on time: the carrier's scan stops the clock, not the seller's click."""


@dataclass(frozen=True, slots=True)
class Span:
    """Calendar days of the shop, both ends in."""

    first: date
    last: date

    @property
    def length(self) -> int:
        """How many days."""
        return (self.last - self.first).days + 1

    @property
    def days(self) -> list[date]:
        return [self.first + timedelta(days=n) for n in range(self.length)]

    @property
    def before(self) -> "Span":
        """As many days, right before."""
        return Span(self.first - timedelta(days=self.length), self.first - timedelta(days=1))

    def bounds(self, zone: ZoneInfo) -> tuple[datetime, datetime]:
        """The first instant, and the first one after."""
        start = datetime.combine(self.first, time(), zone)
        return start, datetime.combine(self.last + timedelta(days=1), time(), zone)


def usual(today: date) -> Span:
    """What is shown when nobody asked for other days: those that count for the time to answer."""
    return Span(*response.window(today))


def span_of(first: str, last: str, *, today: date) -> Span:
    """The days from `first` to `last` (ISO dates; both empty: the usual ones), no further than today.

    Refusal `span_unreadable`, `span_backwards`, `span_too_long` (data `most`), `span_ahead`.
    """
    if not first and not last:
        return usual(today)
    try:
        begin, end = date.fromisoformat(first), date.fromisoformat(last)
    except ValueError as error:
        raise Refusal.of("span_unreadable") from error
    if begin > end:
        raise Refusal.of("span_backwards")
    if begin > today:
        raise Refusal.of("span_ahead")
    span = Span(begin, min(end, today))
    if span.length > MOST_DAYS:
        raise Refusal.of("span_too_long", most=MOST_DAYS)
    if begin.year < 2000:
        raise Refusal.of("span_unreadable")
    return span


def pickup(
    deadline: datetime, *, shipped_at: datetime | None, picked_up_at: datetime | None, closed_at: datetime | None
) -> Pickup | None:
    """What became of an order by its deadline; None where it was closed by then, so that nothing was due.

    `shipped_at` is None until the whole order is shipped; `picked_up_at` is None until each of its parcels was scanned
    (goods without logistics leave when they are shipped).
    """
    shipped = shipped_at is not None
    if shipped and picked_up_at is not None and picked_up_at <= deadline:
        return "on_time"
    if closed_at is not None and closed_at <= deadline:
        return None
    if not shipped:
        return "not_shipped"
    return "no_scan" if picked_up_at is None else "late_scan"


def share(part: int, whole: int) -> Decimal | None:
    """0 to 1, to four decimals, half up; None of nothing."""
    if not whole:
        return None
    return (Decimal(part) / whole).quantize(Decimal("0.0001"), ROUND_HALF_UP)
