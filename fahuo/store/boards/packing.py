"""The orders that may cost something soon, with what decides by when each must be out."""

from datetime import datetime
from typing import Any, Final

from fahuo.store import sql

MOST: Final = 2000
"""So many orders are put in order at once, those that fall due first."""

SOON: Final = (
    """
WITH soon AS MATERIALIZED (
    SELECT b.order_id FROM backlog b WHERE b.shop_id = %(shop_id)s AND b.deadline <= %(until)s
    ORDER BY b.deadline, b.order_id LIMIT %(most)s
)
SELECT o.id, o.number, o.title, o.quantity, o.item_amount, o.deadline, o.paid_at, o.refund_status, o.conflict,
       """
    + sql.promised("o", "coalesce(o.promise_hours, s.promise_hours)")
    + """ AS promise, task.state, task.due_at,
       coalesce((SELECT array_agg(DISTINCT l.kind) FROM ledger l
                 WHERE l.shop_id = %(shop_id)s AND l.order_id = o.id), '{}'::text[]) AS owed
FROM soon
JOIN shops s ON s.id = %(shop_id)s
CROSS JOIN LATERAL (
    SELECT x.* FROM orders x WHERE x.shop_id = %(shop_id)s AND x.id = soon.order_id AND x.paid_at IS NOT NULL OFFSET 0
) AS o
LEFT JOIN LATERAL (
    SELECT t.state, t.due_at FROM tasks t
    WHERE t.shop_id = %(shop_id)s AND t.order_id = o.id AND NOT t.state = 'completed' AND t.kind = 'urge_shipment'
    ORDER BY t.id DESC LIMIT 1
) AS task ON true
WHERE o.refund_status NOT IN ('requested', 'agreed', 'succeeded') AND o.conflict = ''
"""
)


def soon(shop_id: int, *, until: datetime, most: int = MOST) -> list[Any]:
    """Orders that wait, fall due by `until` and could leave now: no refund under way, no conflict to look at first.

    `promise` is in hours or None; `state` and `due_at` are those of the open task, or None; `owed` the kinds of
    compensation that it has cost.
    """
    return sql.fetch(SOON, shop_id=shop_id, until=until, most=most)
