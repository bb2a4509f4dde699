"""A shop's delay reports as it sees them: by state, the newest first, each with the orders that it is about."""

from typing import Any, Final

from fahuo.rules.reports import STATUSES
from fahuo.store import evidence, reports, sql
from fahuo.store.boards.pages import MAX_ID, Page

LISTED: Final = f"""
SELECT {reports.COLUMNS},
       (SELECT count(*) FROM report_orders l WHERE l.shop_id = r.shop_id AND l.report_id = r.id) AS listed,
       (SELECT count(*) FROM evidence e WHERE e.shop_id = r.shop_id AND e.report_id = r.id) AS pieces
FROM delay_reports r WHERE r.shop_id = %(shop_id)s AND r.status = ANY(%(statuses)s) AND r.id < %(before)s
ORDER BY r.id DESC LIMIT %(limit)s
"""
COUNTS: Final = """
SELECT r.status, count(*) AS count FROM delay_reports r WHERE r.shop_id = %(shop_id)s GROUP BY r.status
"""
ONE: Final = f"""
SELECT {reports.COLUMNS} FROM delay_reports r WHERE r.shop_id = %(shop_id)s AND r.id = %(report_id)s
"""
ORDERS: Final = """
SELECT o.id, o.number, o.status, o.item_amount, o.paid_at, o.deadline, o.reported_until FROM orders o
WHERE o.shop_id = %(shop_id)s AND o.id = ANY(%(order_ids)s) ORDER BY o.deadline, o.id LIMIT %(limit)s
"""


def listed(shop_id: int, status: str, *, cursor: str = "", limit: int = 50) -> Page[Any]:
    """The reports in one state ("": in any), newest first, from a cursor (an id); `listed` orders and `pieces` of
    evidence each."""
    before = int(cursor[:19]) if cursor.isascii() and cursor.isdigit() else MAX_ID
    rows = sql.fetch(
        LISTED, shop_id=shop_id, statuses=[status] if status else list(STATUSES), before=min(before, MAX_ID),
        limit=limit + 1,
    )  # fmt: skip
    return Page(rows[:limit], next=str(rows[limit - 1].id) if len(rows) > limit else None)


def counts(shop_id: int) -> dict[str, int]:
    """How many reports stand in each state."""
    found = {row.status: int(row.count) for row in sql.fetch(COUNTS, shop_id=shop_id)}
    return {status: found.get(status, 0) for status in STATUSES}


def report(shop_id: int, report_id: int) -> Any | None:
    """One report."""
    return sql.fetch_one(ONE, shop_id=shop_id, report_id=report_id)


def orders(shop_id: int, report: Any, *, limit: int = 200) -> list[Any]:
    """The first `limit` orders that a report is about, the first to fall due first: those it lists; else those that wait
    under it now, and once it was approved those whose deadlines it moved."""
    if report.scope == "orders" or report.status == "approved":
        ids = reports.listed(shop_id, report.id)
    else:
        ids = reports.earliest(shop_id, reports.covered(shop_id, report), limit=limit)
    return sql.fetch(ORDERS, shop_id=shop_id, order_ids=ids, limit=limit)


def evidence_of(shop_id: int, report_id: int) -> list[Any]:
    """What was put on record over a report, oldest first."""
    return evidence.of_report(shop_id, report_id)
