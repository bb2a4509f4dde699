"""Delay reports as the platform answers them: those that wait across all shops, the oldest first; and what one would move."""

from datetime import datetime
from typing import Any, Final

from fahuo.store import evidence, reports, sql
from fahuo.store.boards.pages import MAX_ID, Page

COLUMNS: Final = f"{reports.COLUMNS}, s.id AS shop_id, s.code, s.name AS shop, s.platform, s.time_zone"
_FROM: Final = f"""
/* across shops: the platform's desk */
SELECT {COLUMNS}, (SELECT count(*) FROM report_orders l WHERE l.shop_id = r.shop_id AND l.report_id = r.id) AS listed,
       (SELECT count(*) FROM evidence e WHERE e.shop_id = r.shop_id AND e.report_id = r.id) AS pieces
FROM delay_reports r JOIN shops s ON s.id = r.shop_id
WHERE (%(shop)s = '' OR s.code = %(shop)s) AND """
FILED: Final = f"{_FROM} r.status = 'filed' ORDER BY r.filed_at, r.id LIMIT %(limit)s"
ANSWERED: Final = f"{_FROM} r.status <> 'filed' AND r.id < %(before)s ORDER BY r.id DESC LIMIT %(limit)s"
ONE: Final = f"""
SELECT {COLUMNS} FROM delay_reports r JOIN shops s ON s.id = %(shop_id)s
WHERE r.shop_id = %(shop_id)s AND r.id = %(report_id)s
"""
MOVES: Final = """
SELECT count(*) AS waiting,
       count(*) FILTER (WHERE channel_deadline IS NULL AND agreed_until IS NULL
                        AND deadline IS DISTINCT FROM %(until)s) AS moves,
       count(*) FILTER (WHERE deadline <= %(now)s) AS overdue, min(deadline) AS earliest
FROM (SELECT b.deadline, o.channel_deadline, o.agreed_until FROM backlog b
      JOIN orders o ON o.shop_id = %(shop_id)s AND o.id = b.order_id
      WHERE b.shop_id = %(shop_id)s AND b.order_id = ANY(%(order_ids)s)) AS covered
"""
LISTED: Final = """
SELECT o.id, o.number, o.status, o.item_amount, o.paid_at, o.deadline FROM report_orders l
JOIN orders o ON o.shop_id = %(shop_id)s AND o.id = l.order_id
WHERE l.shop_id = %(shop_id)s AND l.report_id = %(report_id)s ORDER BY o.deadline, o.id LIMIT 200
"""


def filed(*, shop: str = "", limit: int = 200) -> list[Any]:
    """The reports that wait for an answer, the longest first; `listed` orders and `pieces` of evidence each."""
    return sql.fetch(FILED, shop=shop, limit=limit)


def answered(*, shop: str = "", before: str = "", limit: int = 50) -> Page[Any]:
    """The reports that were answered, newest first, from a cursor (an id)."""
    wish = int(before[:19]) if before.isascii() and before.isdigit() else MAX_ID
    rows = sql.fetch(ANSWERED, shop=shop, before=min(wish, MAX_ID), limit=limit + 1)
    return Page(rows[:limit], next=str(rows[limit - 1].id) if len(rows) > limit else None)


def report(shop_id: int, report_id: int) -> Any | None:
    """One report with its shop."""
    return sql.fetch_one(ONE, shop_id=shop_id, report_id=report_id)


def moves(report: Any, *, now: datetime) -> Any:
    """What approving it would do now: `waiting` orders it covers, `moves` of their deadlines, `overdue` of them, and the
    `earliest` deadline. An agreement with the buyer, and the marketplace's own deadline, are stronger and stay."""
    return sql.fetch(
        MOVES, shop_id=report.shop_id, order_ids=reports.covered(report.shop_id, report), until=report.until, now=now
    )[0]  # fmt: skip


def listed_orders(shop_id: int, report_id: int) -> list[Any]:
    """The first 200 orders that a report lists."""
    return sql.fetch(LISTED, shop_id=shop_id, report_id=report_id)


def evidence_of(shop_id: int, report_id: int) -> list[Any]:
    """What was put on record over a report."""
    return evidence.of_report(shop_id, report_id)
