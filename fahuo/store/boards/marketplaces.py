"""How a shop stands with its marketplaces: what waits to be told, what was refused, what could not be read, and why."""

import json
from typing import Any, Final

from fahuo.store import sql

STATE: Final = """
SELECT (SELECT count(*) FROM (SELECT 1 FROM confirmations c WHERE c.shop_id = %(shop_id)s AND c.marketplace_id = %(id)s
        AND c.status = 'waiting' LIMIT 1000) AS w) AS waiting,
       (SELECT count(*) FROM (SELECT 1 FROM confirmations c WHERE c.shop_id = %(shop_id)s AND c.marketplace_id = %(id)s
        AND c.status = 'refused' LIMIT 1000) AS r) AS refused,
       (SELECT count(*) FROM (SELECT 1 FROM marketplace_orders k WHERE k.shop_id = %(shop_id)s
        AND k.marketplace_id = %(id)s AND k.problem IS NOT NULL LIMIT 1000) AS p) AS unread,
       (SELECT count(*) FROM (SELECT 1 FROM marketplace_orders k WHERE k.shop_id = %(shop_id)s
        AND k.marketplace_id = %(id)s AND k.waits LIMIT 10000) AS o) AS unshipped
"""
OPEN: Final = """
SELECT c.id, c.order_id, c.ref, c.carrier, c.waybill, c.status, c.attempts, c.due_at, c.problem, c.made_at, o.number
FROM confirmations c JOIN orders o ON o.shop_id = %(shop_id)s AND o.id = c.order_id
WHERE c.shop_id = %(shop_id)s AND c.marketplace_id = %(id)s AND NOT c.status IN ('done', 'dropped')
ORDER BY c.status = 'waiting', c.id LIMIT 200
"""
RECENT: Final = """
SELECT c.id, c.order_id, c.carrier, c.waybill, c.done_at, o.number
FROM confirmations c JOIN orders o ON o.shop_id = %(shop_id)s AND o.id = c.order_id
WHERE c.shop_id = %(shop_id)s AND c.marketplace_id = %(id)s AND c.status = 'done' ORDER BY c.id DESC LIMIT 20
"""
UNREAD: Final = """
SELECT k.ref, k.order_id, k.problem, k.attempts, k.due_at, k.seen_at FROM marketplace_orders k
WHERE k.shop_id = %(shop_id)s AND k.marketplace_id = %(id)s AND k.problem IS NOT NULL ORDER BY k.ref LIMIT 200
"""


def state(shop_id: int, marketplace_id: int) -> Any:
    """How many shipments wait to be told (waiting), were refused, how many orders could not be read (unread), and how many
    wait there to be shipped (unshipped)."""
    return sql.fetch(STATE, shop_id=shop_id, id=marketplace_id)[0]


def _with_problem(rows: list[Any]) -> list[Any]:
    return [row._replace(problem=json.loads(row.problem) if row.problem else None) for row in rows]


def open_confirmations(shop_id: int, marketplace_id: int) -> list[Any]:
    """Shipments that are still to be told, the refused ones first."""
    return _with_problem(sql.fetch(OPEN, shop_id=shop_id, id=marketplace_id))


def recent_confirmations(shop_id: int, marketplace_id: int) -> list[Any]:
    """What was told last."""
    return sql.fetch(RECENT, shop_id=shop_id, id=marketplace_id)


def unread(shop_id: int, marketplace_id: int) -> list[Any]:
    """Orders that could not be read or written, with the reason."""
    return _with_problem(sql.fetch(UNREAD, shop_id=shop_id, id=marketplace_id))
