"""What the watchdogs found and is still so: a page of it, and how much there is of each kind."""

from datetime import UTC, datetime
from typing import Any, Final

from fahuo.store import sql
from fahuo.store.boards.metric_rows import walk
from fahuo.store.boards.pages import MAX_ID, Count, Key, Page
from fahuo.store.models.tasks import ALERT_KINDS

MOST: Final = 10_000
"""Counting stops there."""
TOP: Final = datetime(9999, 1, 1, tzinfo=UTC)

COUNTS: Final = """
SELECT a.kind, count(*) AS number FROM (
    SELECT x.kind FROM alerts x WHERE x.shop_id = %(shop_id)s AND x.resolved_at IS NULL LIMIT %(most)s) AS a
GROUP BY a.kind
"""
_ROWS: Final = """
SELECT a.id, a.kind, a.at, a.order_id, o.number, o.title, o.quantity, o.status, o.deadline, o.item_amount,
       p.id AS parcel_id, p.carrier, p.waybill, p.shipped_at, p.last_scan_at
FROM alerts a
JOIN orders o ON o.shop_id = %(shop_id)s AND o.id = a.order_id
LEFT JOIN parcels p ON p.shop_id = %(shop_id)s AND p.id = a.parcel_id
WHERE a.shop_id = %(shop_id)s AND a.resolved_at IS NULL AND (%(kind)s = '' OR a.kind = %(kind)s)
"""
PAGE: Final = f"{_ROWS} AND (a.at, a.id) < (%(at)s, %(id)s) ORDER BY a.at DESC, a.id DESC LIMIT %(limit)s"
BACK: Final = f"{_ROWS} AND (a.at, a.id) > (%(at)s, %(id)s) ORDER BY a.at, a.id LIMIT %(limit)s"
OF_ORDER: Final = f"{_ROWS} AND a.order_id = %(order_id)s ORDER BY a.at, a.id"


def alert_counts(shop_id: int) -> dict[str, Count]:
    """Kind -> how many alerts are open, and "" for all of them."""
    found = {row.kind: int(row.number) for row in sql.fetch(COUNTS, shop_id=shop_id, most=MOST)}
    total = sum(found.values())
    return {
        "": Count(total, total >= MOST),
        **{kind: Count(found.get(kind, 0), total >= MOST) for kind in ALERT_KINDS},
    }


def alerts_page(shop_id: int, *, kind: str = "", cursor: str = "", limit: int = 50) -> Page[Any]:
    """Open alerts of a kind ("": of all), the newest first, each with its order and its parcel (None: it is of none)."""

    def fetch(forward: bool, key: Key, most: int) -> list[Any]:
        statement = PAGE if forward else BACK
        return sql.fetch(statement, shop_id=shop_id, kind=kind, at=key.at, id=key.id, limit=most)

    return walk("w", cursor, limit, Key(TOP, 0, MAX_ID), fetch, lambda row: Key(row.at, 0, row.id))


def alerts_of(shop_id: int, order_id: int) -> list[Any]:
    """The open alerts of one order, the oldest first."""
    return sql.fetch(OF_ORDER, shop_id=shop_id, kind="", order_id=order_id)
