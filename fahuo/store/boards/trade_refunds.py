"""Refunds as a marketplace's clients read them: one of the whole order under the order's id, one a line under the line's.

A refund's moments are its order's: when the journal first and last told of it.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from fahuo.store import sql

_COLUMNS: Final = """
found.id, found.line_id, found.refund_status, found.refund_amount, o.id AS order_id, o.number, o.status, o.buyer,
o.paid_at, o.paid_amount, o.item_amount, o.title, o.quantity, o.shipped_at, o.completed_at, o.ordered_at, found.line,
found.line_title, found.line_quantity, found.line_amount, found.sku, found.item_code, latest.at AS modified_at,
coalesce(early.at, latest.at) AS created_at
"""
_REFUNDS: Final = """
(
    SELECT o.id, NULL::bigint AS line_id, o.id AS order_id, o.refund_status, o.refund_amount, '' AS line,
           '' AS line_title, NULL::int AS line_quantity, NULL::numeric AS line_amount, '' AS sku, '' AS item_code
    FROM orders o WHERE o.shop_id = %(shop_id)s AND o.id = ANY(%(ids)s) AND NOT o.refund_status = 'none'
      AND NOT EXISTS (SELECT 1 FROM order_lines x WHERE x.shop_id = %(shop_id)s AND x.order_id = o.id
                      AND x.refund_status = o.refund_status)
    UNION ALL
    SELECT l.id, l.id, l.order_id, l.refund_status, l.refund_amount, l.number, l.title, l.quantity, l.amount, l.sku,
           l.item_code
    FROM order_lines l WHERE l.shop_id = %(shop_id)s AND l.order_id = ANY(%(ids)s) AND NOT l.refund_status = 'none'
) AS found JOIN orders o ON o.shop_id = %(shop_id)s AND o.id = found.order_id
CROSS JOIN LATERAL (
    SELECT j.at FROM journal j WHERE j.shop_id = %(shop_id)s AND j.order_id = o.id AND NOT j.act = 'order.revealed'
    ORDER BY j.id DESC LIMIT 1
) AS latest
LEFT JOIN LATERAL (
    SELECT j.at FROM journal j WHERE j.shop_id = %(shop_id)s AND j.order_id = o.id AND j.after ? 'refund_status'
    ORDER BY j.id LIMIT 1
) AS early ON true
"""
OF_ORDERS: Final = f"""
SELECT {_COLUMNS} FROM {_REFUNDS}
WHERE (%(statuses)s::text[] IS NULL OR found.refund_status = ANY(%(statuses)s::text[]))
  AND (%(buyer)s = '' OR o.buyer = %(buyer)s)
ORDER BY date_trunc('second', latest.at) DESC, found.id DESC
"""
MOVED: Final = """
SELECT moved.order_id FROM (
    SELECT DISTINCT j.order_id FROM journal j
    WHERE j.shop_id = %(shop_id)s AND j.at >= %(start)s AND j.at < %(until)s AND j.order_id IS NOT NULL
      AND NOT j.act = 'order.revealed'
) AS moved JOIN orders o ON o.shop_id = %(shop_id)s AND o.id = moved.order_id
WHERE (NOT o.refund_status = 'none' OR EXISTS (
    SELECT 1 FROM order_lines l WHERE l.shop_id = %(shop_id)s AND l.order_id = o.id AND NOT l.refund_status = 'none'))
  AND (SELECT j.at FROM journal j WHERE j.shop_id = %(shop_id)s AND j.order_id = o.id AND NOT j.act = 'order.revealed'
    ORDER BY j.id DESC LIMIT 1) < %(until)s
LIMIT %(limit)s
"""
ORDER_OF: Final = """
SELECT o.id FROM orders o WHERE o.shop_id = %(shop_id)s AND o.id = %(id)s
UNION ALL SELECT l.order_id FROM order_lines l WHERE l.shop_id = %(shop_id)s AND l.id = %(id)s
"""


def moved(
    shop_id: int, *, start: datetime, until: datetime, statuses: Sequence[str] | None, buyer: str, limit: int
) -> list[Any]:
    """The refunds of orders that moved last from `start` to before `until`, the latest first; of `limit` orders at most."""
    ids = [row.order_id for row in sql.fetch(MOVED, shop_id=shop_id, start=start, until=until, limit=limit)]
    return _of(shop_id, ids, statuses, buyer)


def one(shop_id: int, refund_id: int) -> Any | None:
    """One refund by its id."""
    ids = [row.id for row in sql.fetch(ORDER_OF, shop_id=shop_id, id=refund_id)]
    return next((row for row in _of(shop_id, ids, None, "") if row.id == refund_id), None)


def _of(shop_id: int, ids: Sequence[int], statuses: Sequence[str] | None, buyer: str) -> list[Any]:
    if not ids:
        return []
    asked = None if statuses is None else list(statuses)
    return sql.fetch(OF_ORDERS, shop_id=shop_id, ids=list(ids), statuses=asked, buyer=buyer)
