"""Delay reports, and the orders that they are about."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from fahuo.rules.orders import IN_BACKLOG
from fahuo.rules.reports import Wish
from fahuo.store import sql

COLUMNS: Final = """r.id, r.name, r.status, r.scope, r.scope_value, r.until, r.paid_from, r.paid_until, r.evidence, r.filed_at, r.filed_by,
       r.answered_at, r.answered_by, r.answer"""
FILE: Final = """
WITH made AS (
    INSERT INTO delay_reports (shop_id, name, status, scope, scope_value, until, paid_from, paid_until, evidence,
                               filed_at, filed_by, answered_by)
    VALUES (%(shop_id)s, %(name)s, 'filed', %(scope)s, %(value)s, %(until)s, %(paid_from)s, %(paid_until)s,
            %(evidence)s, %(now)s, %(filed_by)s, '')
    RETURNING id
), listed AS (
    INSERT INTO report_orders (shop_id, report_id, order_id)
    SELECT %(shop_id)s, made.id, asked.order_id FROM made, unnest(%(order_ids)s::bigint[]) AS asked (order_id)
)
SELECT id FROM made
"""


def file(shop_id: int, wish: Wish, *, name: str, evidence: str, filed_by: str, now: datetime) -> int:
    """File a report; its id."""
    row = sql.fetch(
        FILE, shop_id=shop_id, name=name, scope=wish.scope, value=wish.value, order_ids=list(wish.order_ids),
        until=wish.until, paid_from=wish.paid_from, paid_until=wish.paid_until, evidence=evidence, filed_by=filed_by,
        now=now,
    )[0]  # fmt: skip
    return int(row.id)


WAITING: Final = """
SELECT r.id FROM delay_reports r
WHERE r.shop_id = %(shop_id)s AND r.status = 'filed' AND r.name = %(name)s AND r.until = %(until)s
  AND r.scope = %(scope)s AND r.scope_value = %(value)s AND r.paid_from IS NOT DISTINCT FROM %(paid_from)s
  AND r.paid_until IS NOT DISTINCT FROM %(paid_until)s
  AND ARRAY(SELECT l.order_id FROM report_orders l WHERE l.shop_id = %(shop_id)s AND l.report_id = r.id
            ORDER BY l.order_id) = %(order_ids)s::bigint[]
ORDER BY r.id LIMIT 1
"""


def waiting(shop_id: int, wish: Wish, *, name: str) -> int | None:
    """The report that waits and asks for the very same."""
    row = sql.fetch_one(
        WAITING, shop_id=shop_id, name=name, until=wish.until, scope=wish.scope, value=wish.value,
        paid_from=wish.paid_from, paid_until=wish.paid_until, order_ids=sorted(wish.order_ids),
    )  # fmt: skip
    return None if row is None else int(row.id)


LOCK: Final = f"""
SELECT {COLUMNS} FROM delay_reports r WHERE r.shop_id = %(shop_id)s AND r.id = %(report_id)s FOR UPDATE
"""
ANSWER: Final = """
UPDATE delay_reports SET status = %(status)s, answered_at = %(now)s, answered_by = %(by)s, answer = %(answer)s
WHERE shop_id = %(shop_id)s AND id = %(report_id)s AND status = 'filed'
"""


def lock(shop_id: int, report_id: int) -> Any | None:
    """A report, locked."""
    return sql.fetch_one(LOCK, shop_id=shop_id, report_id=report_id)


def answer(shop_id: int, report_id: int, status: str, *, by: str, answer: str = "", now: datetime) -> int:
    """Note the platform's answer, with its reason (`answer`)."""
    return sql.run(ANSWER, shop_id=shop_id, report_id=report_id, status=status, by=by, answer=answer, now=now)


LISTED: Final = """
SELECT l.order_id FROM report_orders l WHERE l.shop_id = %(shop_id)s AND l.report_id = %(report_id)s ORDER BY l.order_id
"""
IN_SCOPE: Final = """CASE r.scope
    WHEN 'orders' THEN o.id = ANY(%(order_ids)s)
    WHEN 'shop' THEN TRUE
    WHEN 'region' THEN starts_with(o.region, r.scope_value)
    ELSE EXISTS (SELECT FROM order_lines n WHERE n.shop_id = %(shop_id)s AND n.order_id = o.id
                 AND r.scope_value IN (n.item_code, n.sku_code)) END
    AND (r.paid_until IS NULL OR (o.paid_at >= r.paid_from AND o.paid_at < r.paid_until))"""
COVERED: Final = f"""
SELECT b.order_id FROM (SELECT %(scope)s::text AS scope, %(value)s::text AS scope_value,
                               %(paid_from)s::timestamptz AS paid_from, %(paid_until)s::timestamptz AS paid_until) AS r
CROSS JOIN backlog b JOIN orders o ON o.shop_id = %(shop_id)s AND o.id = b.order_id
WHERE b.shop_id = %(shop_id)s AND {IN_SCOPE}
ORDER BY b.order_id
"""
COMING: Final = f"""
SELECT DISTINCT ON (o.id) o.id, r.id AS report_id, r.until
FROM delay_reports r JOIN orders o ON o.shop_id = %(shop_id)s AND o.id = ANY(%(order_ids)s)
WHERE r.shop_id = %(shop_id)s AND r.status = 'approved' AND r.paid_until IS NOT NULL
  AND o.reported_until IS NULL AND o.status = ANY(%(waits)s) AND {IN_SCOPE}
ORDER BY o.id, r.answered_at DESC, r.id DESC
"""


NOTE: Final = """
INSERT INTO report_orders (shop_id, report_id, order_id)
SELECT %(shop_id)s, %(report_id)s, asked.order_id FROM unnest(%(order_ids)s::bigint[]) AS asked (order_id)
ON CONFLICT DO NOTHING
"""


def note(shop_id: int, report_id: int, order_ids: Sequence[int]) -> int:
    """Keep which orders fell under a report that was approved; how many are new."""
    return sql.run(NOTE, shop_id=shop_id, report_id=report_id, order_ids=list(order_ids))


def listed(shop_id: int, report_id: int) -> list[int]:
    """The orders that a report lists; of one that was approved, all that fell under it."""
    return [row.order_id for row in sql.fetch(LISTED, shop_id=shop_id, report_id=report_id)]


def in_scope(shop_id: int, wish: Wish) -> list[int]:
    """The waiting orders that such a report would be about."""
    found = sql.fetch(
        COVERED, shop_id=shop_id, scope=wish.scope, value=wish.value, order_ids=list(wish.order_ids),
        paid_from=wish.paid_from, paid_until=wish.paid_until,
    )  # fmt: skip
    return [row.order_id for row in found]


EARLIEST: Final = """
SELECT b.order_id FROM backlog b WHERE b.shop_id = %(shop_id)s AND b.order_id = ANY(%(order_ids)s)
ORDER BY b.deadline, b.order_id LIMIT %(limit)s
"""


def earliest(shop_id: int, order_ids: Sequence[int], *, limit: int) -> list[int]:
    """Of these orders the first to fall due."""
    return [
        row.order_id for row in sql.fetch(EARLIEST, shop_id=shop_id, order_ids=list(order_ids), limit=limit)
    ]  # fmt: skip


def covered(shop_id: int, report: Any) -> list[int]:
    """The waiting orders that a report is about."""
    return in_scope(shop_id, wish_of(shop_id, report))


def wish_of(shop_id: int, report: Any) -> Wish:
    """What a report that stands asks for."""
    ids = listed(shop_id, report.id) if report.scope == "orders" else ()
    return Wish(report.until, report.scope, report.scope_value, ids, report.paid_from, report.paid_until)


def coming(shop_id: int, order_ids: Sequence[int]) -> list[Any]:
    """Of these orders, those that wait, have no report yet, and fall under one that was approved ahead of time:
    (id, report_id, until), of the report approved last."""
    return sql.fetch(COMING, shop_id=shop_id, order_ids=list(order_ids), waits=sorted(IN_BACKLOG))
