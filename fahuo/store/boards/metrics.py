"""The figures of a shop over a range of instants: one statement a metric, grouped by day, by member, and in all.

Each walks one index of what it counts (orders by deadline or payment, parcels by shipping, tasks by when they were
raised), so that what it costs grows with the range and not with the shop. Days and hours are those of the shop's zone.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from fahuo.rules.response import Message
from fahuo.store import sql


@dataclass(frozen=True, slots=True)
class Range:
    """A shop and a range of instants, `end` left out; `now` is when it is looked at."""

    shop_id: int
    zone: str
    start: datetime
    end: datetime
    now: datetime

    def params(self) -> dict[str, Any]:
        return {"shop_id": self.shop_id, "zone": self.zone, "start": self.start, "end": self.end, "now": self.now}


DUE: Final = """
SELECT d.id, d.number, d.deadline, d.shipped_at, left_in.picked_up_at, left_in.member_id,
       CASE WHEN d.shipped_at IS NOT NULL AND left_in.picked_up_at <= d.deadline THEN 'on_time'
            WHEN d.shipped_at IS NULL THEN 'not_shipped'
            WHEN left_in.picked_up_at IS NULL THEN 'no_scan' ELSE 'late_scan' END AS pickup
FROM orders d
LEFT JOIN LATERAL (
    SELECT CASE WHEN bool_and(p.picked_up_at IS NOT NULL OR p.kind = 'virtual')
                THEN max(coalesce(p.picked_up_at, p.shipped_at)) END AS picked_up_at,
           (array_agg(p.shipped_by ORDER BY p.shipped_at DESC, p.id DESC))[1] AS member_id
    FROM parcel_orders po
    JOIN parcels p ON p.shop_id = po.shop_id AND p.id = po.parcel_id AND p.voided_at IS NULL
    WHERE po.shop_id = d.shop_id AND po.order_id = d.id
) AS left_in ON true
WHERE d.shop_id = %(shop_id)s AND d.deadline >= %(start)s AND d.deadline < %(end)s AND d.deadline <= %(now)s
  AND d.paid_at IS NOT NULL
  AND (d.closed_at IS NULL OR d.closed_at > d.deadline
       OR coalesce(d.shipped_at IS NOT NULL AND left_in.picked_up_at <= d.deadline, false))
"""
"""The orders that were due, as `rules.metrics.pickup` says."""

PICKUPS: Final = """
WITH due AS MATERIALIZED (
    SELECT d.shop_id, d.id, d.deadline, d.shipped_at, d.closed_at FROM orders d
    WHERE d.shop_id = %(shop_id)s AND d.deadline >= %(start)s AND d.deadline < %(end)s AND d.deadline <= %(now)s
      AND d.paid_at IS NOT NULL
), left_in AS (
    SELECT d.id, CASE WHEN bool_and(p.picked_up_at IS NOT NULL OR p.kind = 'virtual')
                      THEN max(coalesce(p.picked_up_at, p.shipped_at)) END AS picked_up_at,
           (array_agg(p.shipped_by ORDER BY p.shipped_at DESC, p.id DESC))[1] AS member_id
    FROM due d
    JOIN parcel_orders po ON po.shop_id = d.shop_id AND po.order_id = d.id
    JOIN parcels p ON p.shop_id = po.shop_id AND p.id = po.parcel_id AND p.voided_at IS NULL
    GROUP BY d.id
), judged AS (
    SELECT (d.deadline AT TIME ZONE %(zone)s)::date AS day, l.member_id,
           CASE WHEN d.shipped_at IS NOT NULL AND l.picked_up_at <= d.deadline THEN 'on_time'
                WHEN d.closed_at <= d.deadline THEN NULL
                WHEN d.shipped_at IS NULL THEN 'not_shipped'
                WHEN l.picked_up_at IS NULL THEN 'no_scan' ELSE 'late_scan' END AS pickup
    FROM due d LEFT JOIN left_in l ON l.id = d.id
)
SELECT j.day, j.member_id, grouping(j.member_id) = 0 AS by_member, count(*) AS due,
       count(*) FILTER (WHERE j.pickup = 'on_time') AS on_time,
       count(*) FILTER (WHERE j.pickup = 'late_scan') AS late_scan,
       count(*) FILTER (WHERE j.pickup = 'no_scan') AS no_scan,
       count(*) FILTER (WHERE j.pickup = 'not_shipped') AS not_shipped
FROM judged j WHERE j.pickup IS NOT NULL GROUP BY GROUPING SETS ((j.day), (j.member_id))
"""
"""The same by sets, for all of them at once: thousands of orders are joined, not looked up one by one."""

RAISED: Final = """
SELECT t.id, t.order_id, t.kind, t.state, t.created_at, CASE WHEN first.event <> 'due' THEN first.at END AS answered_at,
       CASE WHEN first.event <> 'due' THEN first.member_id END AS member_id,
       CASE WHEN first.event <> 'due' THEN first.event END AS answer,
       first.event IS NOT NULL AND first.event <> 'due' AND first.at <= t.created_at + %(within)s AS in_time,
       first.event IS NULL AND t.created_at + %(within)s > %(now)s AS waits
FROM tasks t
LEFT JOIN LATERAL (
    SELECT e.event, e.at, e.member_id FROM task_events e
    WHERE e.shop_id = t.shop_id AND e.order_id = t.order_id AND e.task_id = t.id
      AND e.from_state = 'awaiting_seller_reply' AND e.to_state <> e.from_state ORDER BY e.id LIMIT 1
) AS first ON true
WHERE t.shop_id = %(shop_id)s AND t.created_at >= %(start)s AND t.created_at < %(end)s
"""
"""The tasks that were raised, with what first moved each on: the seller's reply, a shipment, a refund, or its time."""

ANSWERS: Final = f"""
SELECT f.day, f.member_id, grouping(f.member_id) = 0 AS by_member, grouping(f.day) = 0 AS by_day,
       count(*) AS raised, count(*) FILTER (WHERE f.waits) AS waiting, count(*) FILTER (WHERE f.in_time) AS in_time,
       count(f.answered_at) AS answered,
       avg(extract(epoch FROM f.answered_at - f.created_at))::float AS average,
       percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM f.answered_at - f.created_at))::float AS median
FROM (SELECT r.*, (r.created_at AT TIME ZONE %(zone)s)::date AS day FROM ({RAISED}) AS r) AS f
GROUP BY GROUPING SETS ((f.day), (f.member_id), ())
"""

PAID_HOURS: Final = """
SELECT extract(hour FROM o.paid_at AT TIME ZONE %(zone)s)::int AS hour, count(*) AS count FROM orders o
WHERE o.shop_id = %(shop_id)s AND o.paid_at >= %(start)s AND o.paid_at < %(end)s GROUP BY 1
"""
SHIPPED_HOURS: Final = """
SELECT extract(hour FROM p.shipped_at AT TIME ZONE %(zone)s)::int AS hour, count(*) AS count FROM parcels p
WHERE p.shop_id = %(shop_id)s AND p.shipped_at >= %(start)s AND p.shipped_at < %(end)s AND p.voided_at IS NULL
GROUP BY 1
"""

MESSAGES: Final = """
SELECT m.order_id, m.at, m.sender, m.kind, m.member_id FROM messages m
WHERE m.shop_id = %(shop_id)s AND m.at >= %(start)s AND m.at < %(end)s ORDER BY m.at, m.id
"""
PARTNERS: Final = """
SELECT c.order_id, last.member_id FROM (
    SELECT DISTINCT m.order_id FROM messages m
    WHERE m.shop_id = %(shop_id)s AND m.at >= %(start)s AND m.at < %(end)s
) AS c
CROSS JOIN LATERAL (
    SELECT b.member_id FROM messages b
    WHERE b.shop_id = %(shop_id)s AND b.order_id = c.order_id AND b.at < %(start)s
      AND ((b.sender = 'seller' AND b.kind = 'message') OR (b.sender = 'buyer' AND b.member_id IS NOT NULL))
    ORDER BY b.at DESC, b.id DESC LIMIT 1
) AS last
WHERE last.member_id IS NOT NULL
"""
MEMBERS: Final = "SELECT m.id, m.name, m.active FROM members m WHERE m.shop_id = %(shop_id)s ORDER BY m.id"
NUMBERS: Final = """
SELECT o.id, o.number FROM orders o WHERE o.shop_id = %(shop_id)s AND o.id = ANY(%(ids)s)
"""


@dataclass(frozen=True, slots=True)
class Pickups:
    """Orders that were due, by what became of them; with a day, or (`by_member`) with the member who shipped last."""

    day: date | None
    member: int | None
    by_member: bool
    due: int
    on_time: int
    late_scan: int
    no_scan: int
    not_shipped: int


@dataclass(frozen=True, slots=True)
class Answers:
    """Tasks that were raised. `average` and `median` are seconds from being raised to the answer, None without one.

    With a day, or (`by_member`) with the member who answered; neither: all of them.
    """

    day: date | None
    member: int | None
    by_member: bool
    by_day: bool
    raised: int
    waiting: int
    in_time: int
    answered: int
    average: float | None
    median: float | None


def pickups(asked: Range) -> list[Pickups]:
    """One row for each day on which orders were due, and one for each member who shipped some (None: nobody did)."""
    found = sql.fetch(PICKUPS, **asked.params())
    return [
        Pickups(None if row.by_member else row.day, row.member_id, row.by_member, row.due, row.on_time, row.late_scan,
                row.no_scan, row.not_shipped)
        for row in found
    ]  # fmt: skip


def answers(asked: Range, *, within: timedelta) -> list[Answers]:
    """One row for each day on which tasks were raised, one for each member who answered some, and one of all."""
    found = sql.fetch(ANSWERS, within=within, **asked.params())
    return [
        Answers(row.day, row.member_id, row.by_member, row.by_day, row.raised, row.waiting, row.in_time, row.answered,
                row.average, row.median)
        for row in found
    ]  # fmt: skip


def hours(asked: Range) -> tuple[list[int], list[int]]:
    """Orders that were paid, and parcels that were shipped and not voided, in each of the 24 hours of the day."""
    return _by_hour(PAID_HOURS, asked), _by_hour(SHIPPED_HOURS, asked)


def _by_hour(statement: str, asked: Range) -> list[int]:
    counts = {row.hour: row.count for row in sql.fetch(statement, **asked.params())}
    return [counts.get(hour, 0) for hour in range(24)]


def messages(asked: Range) -> Iterator[Message]:
    """The messages within the range, oldest first; a conversation is an order."""
    for row in sql.fetch(MESSAGES, **asked.params()):
        yield Message(row.order_id, row.at, row.sender, row.kind, row.member_id)


def partners(asked: Range) -> dict[int | str, int | str]:
    """Conversation -> the account it went with last before the range, for those with messages in the range."""
    return {row.order_id: row.member_id for row in sql.fetch(PARTNERS, **asked.params())}


def member_names(shop_id: int) -> dict[int, str]:
    """Every account of the shop by its id, those that were switched off too."""
    return {row.id: row.name for row in sql.fetch(MEMBERS, shop_id=shop_id)}


def order_numbers(shop_id: int, order_ids: Sequence[int]) -> dict[int, str]:
    """The marketplace's numbers of these orders."""
    return {row.id: row.number for row in sql.fetch(NUMBERS, shop_id=shop_id, ids=list(order_ids))}
