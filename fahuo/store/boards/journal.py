"""The journal as the shop reads it: everything, or what one act or one order left, the newest first."""

import json
from typing import Any, Final

from fahuo.store import sql
from fahuo.store.boards.pages import MAX_ID, Page

DEEP: Final = 20_000
"""Entries that are looked through for one page; where they do not fill it, `next` looks further."""
_COLUMNS: Final = """
SELECT l.id, l.at, l.actor, l.act, o.number, l.parcel_id, l.batch_id, l.before::text AS before, l.after::text AS after
"""
_NUMBER: Final = "LEFT JOIN orders o ON o.shop_id = %(shop_id)s AND o.id = l.order_id"
LOOKED: Final = """
(SELECT j.* FROM journal j WHERE j.shop_id = %(shop_id)s AND j.id < %(before)s ORDER BY j.id DESC LIMIT %(deep)s) AS l
"""
LISTED: Final = f"""
{_COLUMNS} FROM {LOOKED} {_NUMBER}
WHERE %(act)s = '' OR l.act = %(act)s ORDER BY l.id DESC LIMIT %(limit)s
"""
OF_ORDER: Final = f"""
{_COLUMNS} FROM journal l {_NUMBER}
WHERE l.shop_id = %(shop_id)s AND l.order_id = %(order_id)s AND l.id < %(before)s AND (%(act)s = '' OR l.act = %(act)s)
ORDER BY l.id DESC LIMIT %(limit)s
"""
FLOOR: Final = f"SELECT min(l.id) AS id, count(*) AS looked FROM {LOOKED}"


def listed(
    shop_id: int, *, act: str = "", order_id: int | None = None, cursor: str = "", limit: int = 50
) -> Page[Any]:  # fmt: skip
    """Entries of an act, of an order, or all; `cursor` is an id."""
    before = int(cursor or MAX_ID)
    asked = {"shop_id": shop_id, "before": before, "act": act, "limit": limit + 1}
    if order_id is not None:
        rows = sql.fetch(OF_ORDER, order_id=order_id, **asked)
    else:
        rows = sql.fetch(LISTED, deep=DEEP, **asked)
    shown = [row._replace(before=_read(row.before), after=_read(row.after)) for row in rows[:limit]]
    if len(rows) > limit:
        return Page(shown, str(shown[-1].id))
    if act and order_id is None:
        floor = sql.fetch(FLOOR, shop_id=shop_id, before=before, deep=DEEP)[0]
        if floor.looked == DEEP:
            return Page(shown, str(floor.id), cut=True)
    return Page(shown)


def _read(text: str | None) -> Any:
    return None if text is None else json.loads(text)
