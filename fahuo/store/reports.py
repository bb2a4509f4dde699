"""Delay reports, and the orders that they are about."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from fahuo.store import sql

COLUMNS: Final = """r.id, r.name, r.status, r.scope, r.scope_value, r.until, r.evidence, r.filed_at, r.filed_by,
       r.answered_at, r.answered_by, r.answer"""
FILE: Final = """
WITH made AS (
    INSERT INTO delay_reports (shop_id, name, status, scope, scope_value, until, evidence, filed_at, filed_by,
                               answered_by)
    VALUES (%(shop_id)s, %(name)s, 'filed', %(scope)s, %(value)s, %(until)s, %(evidence)s, %(now)s, %(filed_by)s, '')
    RETURNING id
), listed AS (
    INSERT INTO report_orders (shop_id, report_id, order_id)
    SELECT %(shop_id)s, made.id, asked.order_id FROM made, unnest(%(order_ids)s::bigint[]) AS asked (order_id)
)
SELECT id FROM made
"""


def file(
    shop_id: int, *, name: str, scope: str, value: str, order_ids: Sequence[int], until: datetime, evidence: str,
    filed_by: str, now: datetime,
) -> int:  # fmt: skip
    """File a report; its id."""
    row = sql.fetch(
        FILE, shop_id=shop_id, name=name, scope=scope, value=value, order_ids=list(order_ids), until=until,
        evidence=evidence, filed_by=filed_by, now=now,
    )[0]  # fmt: skip
    return int(row.id)


LOCK: Final = f"""
SELECT {COLUMNS} FROM delay_reports r WHERE r.shop_id = %(shop_id)s AND r.id = %(report_id)s FOR UPDATE
"""
NEWEST: Final = f"""
SELECT {COLUMNS} FROM delay_reports r WHERE r.shop_id = %(shop_id)s ORDER BY r.id DESC LIMIT %(limit)s
"""
ANSWER: Final = """
UPDATE delay_reports SET status = %(status)s, answered_at = %(now)s, answered_by = %(by)s, answer = %(answer)s
WHERE shop_id = %(shop_id)s AND id = %(report_id)s AND status = 'filed'
"""


def lock(shop_id: int, report_id: int) -> Any | None:
    """A report, locked."""
    return sql.fetch_one(LOCK, shop_id=shop_id, report_id=report_id)


def newest(shop_id: int, *, limit: int = 200) -> list[Any]:
    """The shop's reports, newest first."""
    return sql.fetch(NEWEST, shop_id=shop_id, limit=limit)


def answer(shop_id: int, report_id: int, status: str, *, by: str, answer: str = "", now: datetime) -> int:
    """Note the platform's answer, with its reason (`answer`)."""
    return sql.run(ANSWER, shop_id=shop_id, report_id=report_id, status=status, by=by, answer=answer, now=now)


COVERED: Final = """
SELECT b.order_id FROM backlog b JOIN orders o ON o.shop_id = %(shop_id)s AND o.id = b.order_id
WHERE b.shop_id = %(shop_id)s AND CASE %(scope)s
    WHEN 'orders' THEN EXISTS (SELECT FROM report_orders l WHERE l.shop_id = %(shop_id)s
                               AND l.report_id = %(report_id)s AND l.order_id = o.id)
    WHEN 'shop' THEN TRUE
    WHEN 'region' THEN starts_with(o.region, %(value)s)
    ELSE EXISTS (SELECT FROM order_lines n WHERE n.shop_id = %(shop_id)s AND n.order_id = o.id
                 AND n.item_code = %(value)s) END
ORDER BY b.order_id
"""


def covered(shop_id: int, report: Any) -> list[int]:
    """The waiting orders that a report is about."""
    return [
        row.order_id for row in sql.fetch(
            COVERED, shop_id=shop_id, report_id=report.id, scope=report.scope, value=report.scope_value
        )
    ]  # fmt: skip
