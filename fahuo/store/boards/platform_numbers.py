"""The platform's numbers over a period, across all shops or of one, by day or week; and the rows behind each figure.

What happened to tasks is read from their log, found by time (a BRIN index over what is only ever appended), urges from the
journal by an index of their own, complaints by when they were opened and closed. The cost depends on the period.
"""

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from fahuo.rules.complaints import KINDS, STATUSES
from fahuo.store import sql
from fahuo.store.boards.pages import MAX_ID, Page

UNITS: Final = ("day", "week")
REPLIES: Final = ("reply_ship_later", "reply_exchange", "reply_cannot_ship", "reply_force_majeure")
_DAY: Final = "date_trunc(%(unit)s, {at} AT TIME ZONE %(zone)s)::date AS day"
_ONE_SHOP: Final = "(%(shop_id)s::bigint IS NULL OR {table}.shop_id = %(shop_id)s)"
TASKS: Final = f"""
/* across shops: the platform's desk */
SELECT {_DAY.format(at="e.at")}, count(*) FILTER (WHERE e.event = 'urged') AS made,
       count(*) FILTER (WHERE e.event = ANY(%(replies)s)) AS answered,
       count(*) FILTER (WHERE e.event = 'due' AND e.from_state = 'awaiting_seller_reply') AS missed,
       count(*) FILTER (WHERE e.to_state = 'platform_intervention') AS escalated,
       COALESCE(sum(extract(epoch FROM e.at - t.created_at)), 0)::bigint AS seconds
FROM task_events e LEFT JOIN tasks t ON t.shop_id = e.shop_id AND t.id = e.task_id AND e.event = ANY(%(replies)s)
WHERE e.at >= %(start)s AND e.at < %(end)s AND {_ONE_SHOP.format(table="e")} GROUP BY 1
"""
URGES: Final = f"""
/* across shops: the platform's desk */
SELECT {_DAY.format(at="j.at")},
       sum((j.after ->> 'urge_count')::int - COALESCE((j.before ->> 'urge_count')::int, 0))::bigint AS urges
FROM journal j WHERE j.act = 'order.urged' AND j.at >= %(start)s AND j.at < %(end)s AND {_ONE_SHOP.format(table="j")}
GROUP BY 1
"""
OPENED: Final = f"""
/* across shops: the platform's desk */
SELECT {_DAY.format(at="c.opened_at")}, c.kind, count(*) AS n FROM complaints c
WHERE c.opened_at >= %(start)s AND c.opened_at < %(end)s AND {_ONE_SHOP.format(table="c")} GROUP BY 1, 2
"""
CLOSED: Final = f"""
/* across shops: the platform's desk */
SELECT {_DAY.format(at="c.closed_at")}, c.status, count(*) AS n, sum(c.compensation) AS paid, sum(c.points) AS points
FROM complaints c
WHERE c.closed_at >= %(start)s AND c.closed_at < %(end)s AND {_ONE_SHOP.format(table="c")} GROUP BY 1, 2
"""


@dataclass(slots=True)
class Numbers:
    """What happened in a day or a week, or in all of a period (`day` None). `seconds`: what all answers took together."""

    day: date | None = None
    urges: int = 0
    made: int = 0
    answered: int = 0
    missed: int = 0
    escalated: int = 0
    seconds: int = 0
    opened: dict[str, int] = field(default_factory=lambda: dict.fromkeys(KINDS, 0))
    closed: dict[str, int] = field(default_factory=lambda: dict.fromkeys(STATUSES, 0))
    paid: Decimal = Decimal("0.00")
    points: int = 0

    @property
    def complaints(self) -> int:
        return sum(self.opened.values())

    @property
    def answer_share(self) -> float | None:
        """Of the tasks that were answered or ran out, how many were answered in time: 0 to 100."""
        asked = self.answered + self.missed
        return 100 * self.answered / asked if asked else None

    @property
    def answer_hours(self) -> float | None:
        """The average time to an answer, in hours."""
        return self.seconds / 3600 / self.answered if self.answered else None

    @property
    def upheld_share(self) -> float | None:
        """Of the complaints that the platform decided, how many were upheld: 0 to 100."""
        decided = self.closed["upheld"] + self.closed["dismissed"]
        return 100 * self.closed["upheld"] / decided if decided else None

    def add(self, other: "Numbers") -> None:
        for name in ("urges", "made", "answered", "missed", "escalated", "seconds", "paid", "points"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        for mine, theirs in ((self.opened, other.opened), (self.closed, other.closed)):
            for key, count in theirs.items():
                mine[key] = mine.get(key, 0) + count


def numbers(
    start: datetime, end: datetime, *, unit: str = "day", zone: str, shop_id: int | None = None
) -> list[Numbers]:
    """The figures of each day (or week, by its Monday) from `start` until just before `end`, in which something happened."""
    asked: dict[str, Any] = {"start": start, "end": end, "unit": unit, "zone": zone, "shop_id": shop_id}
    found: dict[date, Numbers] = {}

    def of(day: date) -> Numbers:
        return found.setdefault(day, Numbers(day))

    for row in sql.fetch(TASKS, replies=list(REPLIES), **asked):
        each = of(row.day)
        each.made, each.answered, each.missed = row.made, row.answered, row.missed
        each.escalated, each.seconds = row.escalated, int(row.seconds)
    for row in sql.fetch(URGES, **asked):
        of(row.day).urges = int(row.urges or 0)
    for row in sql.fetch(OPENED, **asked):
        of(row.day).opened[row.kind] = row.n
    for row in sql.fetch(CLOSED, **asked):
        each = of(row.day)
        each.closed[row.status] = row.n
        each.paid += row.paid
        each.points += int(row.points)
    return [found[day] for day in sorted(found)]


_ROW: Final = "s.code, s.name AS shop, o.number, o.id AS order_id, o.item_amount"
_JOINS: Final = "JOIN shops s ON s.id = x.shop_id JOIN orders o ON o.shop_id = x.shop_id AND o.id = x.order_id"
_EVENT: Final = f"""
/* across shops: the platform's desk */
SELECT x.id, x.at, x.clause AS word, {_ROW} FROM task_events x {_JOINS}
WHERE x.at >= %(start)s AND x.at < %(end)s AND {_ONE_SHOP.format(table="x")} AND x.id < %(before)s AND """
_TAIL: Final = " ORDER BY x.id DESC LIMIT %(limit)s"
_COMPLAINT: Final = f"""
/* across shops: the platform's desk */
SELECT x.id, {{at}} AS at, {{word}} AS word, {_ROW} FROM complaints x {_JOINS}
WHERE {{at}} >= %(start)s AND {{at}} < %(end)s AND {_ONE_SHOP.format(table="x")} AND x.id < %(before)s AND """
ROWS: Final = {
    "urges": f"""
/* across shops: the platform's desk */
SELECT x.id, x.at, '' AS word, {_ROW} FROM journal x {_JOINS}
WHERE x.act = 'order.urged' AND x.at >= %(start)s AND x.at < %(end)s AND {_ONE_SHOP.format(table="x")}
  AND x.id < %(before)s{_TAIL}""",
    "made": f"{_EVENT} x.event = 'urged'{_TAIL}",
    "answered": f"{_EVENT} x.event = ANY(%(replies)s){_TAIL}",
    "missed": f"{_EVENT} x.event = 'due' AND x.from_state = 'awaiting_seller_reply'{_TAIL}",
    "escalated": f"{_EVENT} x.to_state = 'platform_intervention'{_TAIL}",
    "complaints": _COMPLAINT.format(at="x.opened_at", word="x.kind") + f"(%(value)s = '' OR x.kind = %(value)s){_TAIL}",
    "closed": _COMPLAINT.format(at="x.closed_at", word="x.status") + f"(%(value)s = '' OR x.status = %(value)s){_TAIL}",
    "decided": _COMPLAINT.format(at="x.closed_at", word="x.status") + f"x.status IN ('upheld', 'dismissed'){_TAIL}",
    "paid": _COMPLAINT.format(at="x.closed_at", word="x.compensation::text") + f"x.compensation > 0{_TAIL}",
    "points": _COMPLAINT.format(at="x.closed_at", word="x.points::text") + f"x.points > 0{_TAIL}",
}
"""What a figure counts -> the statement of the rows behind it."""


def number_rows(
    what: str, start: datetime, end: datetime, *, value: str = "", shop_id: int | None = None, before: str = "",
    limit: int = 100,
) -> Page[Any]:  # fmt: skip
    """The rows behind a figure of `ROWS`, newest first from a cursor (an id): at, word, shop, order number, its price."""
    wish = int(before[:19]) if before.isascii() and before.isdigit() else MAX_ID
    rows = sql.fetch(
        ROWS[what], start=start, end=end, value=value, shop_id=shop_id, before=min(wish, MAX_ID), limit=limit + 1,
        replies=list(REPLIES),
    )  # fmt: skip
    return Page(rows[:limit], next=str(rows[limit - 1].id) if len(rows) > limit else None)


SHOPS: Final = """
/* across shops: the platform's desk */
SELECT s.id, s.code, s.name, s.platform, s.tasks_here, s.created_at, work.tasks, work.taken, cases.complaints, late.overdue,
       year.points, year.paid, picked.parcels, picked.on_time
FROM (SELECT * FROM shops s WHERE (%(q)s = '' OR strpos(lower(s.name), %(q)s) > 0 OR strpos(s.code, %(q)s) > 0)
        AND s.id > %(after)s ORDER BY s.id LIMIT %(limit)s) AS s
CROSS JOIN LATERAL (
    SELECT count(*) AS tasks, count(*) FILTER (WHERE t.state = 'platform_intervention') AS taken FROM tasks t
    WHERE t.shop_id = s.id AND NOT (t.state = 'completed')) AS work
CROSS JOIN LATERAL (SELECT count(*) AS complaints FROM complaints c WHERE c.shop_id = s.id AND c.status = 'open') AS cases
CROSS JOIN LATERAL (
    SELECT count(*) AS overdue FROM (
        SELECT FROM backlog b WHERE b.shop_id = s.id AND b.deadline <= %(now)s LIMIT 10000) AS b) AS late
CROSS JOIN LATERAL (
    SELECT COALESCE(sum(l.points), 0)::int AS points, COALESCE(sum(l.amount), 0) AS paid FROM ledger l
    WHERE l.shop_id = s.id AND l.at >= %(year)s) AS year
CROSS JOIN LATERAL (
    SELECT count(*) AS parcels, count(*) FILTER (WHERE p.picked_up_at <= p.deadline) AS on_time FROM (
        SELECT p.picked_up_at, o.deadline FROM (
            SELECT p.id, p.picked_up_at FROM parcels p
            WHERE p.shop_id = s.id AND p.voided_at IS NULL AND p.picked_up_at IS NOT NULL
            ORDER BY p.shipped_at DESC, p.id DESC LIMIT 500) AS p
        JOIN parcel_orders po ON po.shop_id = s.id AND po.parcel_id = p.id
        JOIN orders o ON o.shop_id = s.id AND o.id = po.order_id WHERE o.deadline IS NOT NULL) AS p) AS picked
ORDER BY s.id
"""


def shops_page(*, q: str = "", after: str = "", now: datetime, year: datetime, limit: int = 50) -> Page[Any]:
    """Shops by age with how they stand: open tasks, those with the platform, complaints, overdue orders, points and
    compensation since `year`, and of the last 500 parcels that were scanned how many were picked up in time."""
    wish = int(after[:19]) if after.isascii() and after.isdigit() else 0
    rows = sql.fetch(SHOPS, q=q.lower(), after=min(wish, MAX_ID), now=now, year=year, limit=limit + 1)
    return Page(rows[:limit], next=str(rows[limit - 1].id) if len(rows) > limit else None)
