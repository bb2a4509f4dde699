"""The urges that a shop entered for an outside marketplace, newest first."""

from typing import Any, Final

from fahuo.rules import masking
from fahuo.store import sql
from fahuo.store.boards.pages import MAX_ID, Page

_ROWS: Final = """
SELECT u.id, u.order_id, u.at, u.due_at, u.entered_at, u.name, u.batch_id, o.number, o.title, o.quantity, o.buyer,
       o.status AS order_status, t.id AS task_id, t.state, t.due_at AS task_due, t.marketplace_due_at
FROM urges u
JOIN orders o ON o.shop_id = %(shop_id)s AND o.id = u.order_id
LEFT JOIN tasks t ON t.shop_id = %(shop_id)s AND t.order_id = u.order_id AND t.kind = 'urge_shipment'
     AND NOT (t.state = 'completed')
WHERE u.shop_id = %(shop_id)s AND u.id {sign} %(id)s ORDER BY u.id {way} LIMIT %(limit)s
"""
NEWER_TO_OLDER: Final = _ROWS.format(sign="<", way="DESC")
OLDER_TO_NEWER: Final = _ROWS.format(sign=">", way="ASC")


def urges_page(shop_id: int, *, cursor: str = "", limit: int = 50) -> Page[Any]:
    """A page of what was entered; buyers are masked. A cursor is `n` (onward) or `p` (back) and an id."""
    good = cursor[:1] in ("n", "p") and cursor.isascii() and cursor[1:].isdecimal() and int(cursor[1:20]) <= MAX_ID
    back = good and cursor[0] == "p"
    at = int(cursor[1:20]) if good else MAX_ID
    found = sql.fetch(OLDER_TO_NEWER if back else NEWER_TO_OLDER, shop_id=shop_id, id=at, limit=limit + 1)
    more, rows = len(found) > limit, [row._replace(buyer=masking.mask_name(row.buyer)) for row in found[:limit]]
    if back:
        rows.reverse()
    onward, before = (True, more) if back else (more, good)
    return Page(
        rows, next=f"n{rows[-1].id}" if rows and onward else None,
        previous=f"p{rows[0].id}" if rows and before else None, cursor_lost=bool(cursor) and not good,
    )  # fmt: skip
