"""Watchdogs: what parcels and orders say by themselves once time has passed.

No timer column is kept for them, because shipping and importing, the hottest writes, would have to maintain it: an alert
is due at a moment that follows from an indexed one (shipped, last scanned, deadline), and its own row, unique by that
moment, says that it was raised. A watchdog looks back `REACH`, which is longer than any clock may rest.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from fahuo.store import sql

REACH: Final = timedelta(days=7)

NOT_PICKED_UP: Final = """
SELECT 'not_picked_up' AS kind, p.id AS subject_id, p.id AS parcel_id, p.shipped_at + %(pickup)s AS at
FROM parcels p
WHERE p.shop_id = %(shop_id)s AND p.kind = 'offline' AND p.picked_up_at IS NULL AND p.voided_at IS NULL
  AND p.retired_at IS NULL AND p.shipped_at > %(now)s - %(pickup)s - %(reach)s
"""
SILENT: Final = """
SELECT 'silent' AS kind, p.id AS subject_id, p.id AS parcel_id, p.last_scan_at + %(update)s AS at
FROM parcels p
WHERE p.shop_id = %(shop_id)s AND p.last_scan_at IS NOT NULL AND p.delivered_at IS NULL AND p.voided_at IS NULL
  AND p.retired_at IS NULL AND p.last_scan_at > %(now)s - %(update)s - %(reach)s
"""
OUT_OF_STOCK: Final = """
SELECT 'out_of_stock' AS kind, b.order_id AS subject_id, NULL::bigint AS parcel_id, b.deadline + %(stock)s AS at
FROM backlog b
WHERE b.shop_id = %(shop_id)s AND b.deadline > %(now)s - %(stock)s - %(reach)s AND b.deadline < 'infinity'
"""
WATCHED: Final = f"({NOT_PICKED_UP} UNION ALL {SILENT} UNION ALL {OUT_OF_STOCK}) AS w"
UNRAISED: Final = """NOT EXISTS (SELECT FROM alerts a WHERE a.shop_id = %(shop_id)s AND a.kind = w.kind
                                 AND a.subject_id = w.subject_id AND a.at = w.at)"""
RAISE: Final = f"""
INSERT INTO alerts (shop_id, kind, subject_id, order_id, parcel_id, at, raised_at)
SELECT %(shop_id)s, w.kind, w.subject_id, COALESCE(
           (SELECT min(l.order_id) FROM parcel_orders l WHERE l.shop_id = %(shop_id)s AND l.parcel_id = w.parcel_id),
           w.subject_id), w.parcel_id, w.at, %(now)s
FROM {WATCHED} WHERE w.at <= %(now)s AND {UNRAISED}
ORDER BY w.at, w.subject_id ON CONFLICT (shop_id, kind, subject_id, at) DO NOTHING
"""
NEXT: Final = f"SELECT min(w.at) AS at FROM {WATCHED} WHERE {UNRAISED}"
RESOLVE: Final = """
UPDATE alerts a SET resolved_at = %(now)s
WHERE a.shop_id = %(shop_id)s AND a.resolved_at IS NULL AND CASE a.kind
    WHEN 'out_of_stock' THEN NOT EXISTS (
        SELECT FROM backlog b WHERE b.shop_id = %(shop_id)s AND b.order_id = a.subject_id
        AND b.deadline + %(stock)s <= %(now)s)
    WHEN 'number_used_before' THEN NOT EXISTS (
        SELECT FROM parcels p WHERE p.shop_id = %(shop_id)s AND p.id = a.parcel_id AND p.voided_at IS NULL
        AND p.retired_at IS NULL)
    WHEN 'not_picked_up' THEN NOT EXISTS (
        SELECT FROM parcels p WHERE p.shop_id = %(shop_id)s AND p.id = a.parcel_id AND p.picked_up_at IS NULL
        AND p.voided_at IS NULL AND p.retired_at IS NULL)
    ELSE NOT EXISTS (
        SELECT FROM parcels p WHERE p.shop_id = %(shop_id)s AND p.id = a.parcel_id AND p.delivered_at IS NULL
        AND p.voided_at IS NULL AND p.retired_at IS NULL AND p.last_scan_at + %(update)s = a.at) END
"""


def raise_due(shop_id: int, *, pickup: timedelta, update: timedelta, stock: timedelta, now: datetime) -> int:
    """Raise what is due at `now` and was not raised, and put away what is so no longer; how many were raised.

    `pickup` after shipping without a scan, `update` after the last scan without another, `stock` after the deadline.
    """
    terms: dict[str, Any] = {"pickup": pickup, "update": update, "stock": stock, "reach": REACH, "now": now}
    sql.run(RESOLVE, shop_id=shop_id, update=update, stock=stock, now=now)
    return sql.run(RAISE, shop_id=shop_id, **terms)


def next_due(shop_id: int, *, pickup: timedelta, update: timedelta, stock: timedelta, now: datetime) -> datetime | None:
    """When the next alert is due that was not raised yet, if nothing happens."""
    row = sql.fetch_one(NEXT, shop_id=shop_id, pickup=pickup, update=update, stock=stock, reach=REACH, now=now)
    return row.at if row else None


USED: Final = """
INSERT INTO alerts (shop_id, kind, subject_id, order_id, parcel_id, at, raised_at)
SELECT %(shop_id)s, 'number_used_before', p.id,
       (SELECT min(l.order_id) FROM parcel_orders l WHERE l.shop_id = %(shop_id)s AND l.parcel_id = p.id),
       p.id, %(now)s, %(now)s
FROM parcels p
WHERE p.shop_id = %(shop_id)s AND p.shipped_at = %(now)s AND p.voided_at IS NULL AND p.retired_at IS NULL
  AND p.waybill <> '' AND EXISTS (
    SELECT FROM parcels u WHERE u.shop_id = %(shop_id)s AND u.waybill = p.waybill AND u.carrier = p.carrier
    AND (u.voided_at IS NOT NULL OR u.retired_at IS NOT NULL))
ON CONFLICT (shop_id, kind, subject_id, at) DO NOTHING
"""


def used_before(shop_id: int, *, now: datetime) -> int:
    """Raise an alert for each parcel that left now under a number that an earlier parcel had; how many."""
    return sql.run(USED, shop_id=shop_id, now=now)


SHARED: Final = """
INSERT INTO alerts (shop_id, kind, subject_id, order_id, parcel_id, at, raised_at)
SELECT %(shop_id)s, 'number_used_before', p.id, %(order_id)s, p.id, %(now)s, %(now)s
FROM parcels p
WHERE p.shop_id = %(shop_id)s AND p.id = %(parcel_id)s AND (
    SELECT count(DISTINCT o.receiver_key) > 1 OR bool_or(o.receiver_key = '')
    FROM parcel_orders l JOIN orders o ON o.shop_id = %(shop_id)s AND o.id = l.order_id
    WHERE l.shop_id = %(shop_id)s AND l.parcel_id = p.id)
ON CONFLICT (shop_id, kind, subject_id, at) DO NOTHING
"""


def shared(shop_id: int, parcel_id: int, order_id: int, *, now: datetime) -> int:
    """An order left now under the number of a parcel that others left in: raise an alert, unless all of it goes to one
    receiver; how many."""
    return sql.run(SHARED, shop_id=shop_id, parcel_id=parcel_id, order_id=order_id, now=now)


OPEN: Final = """
SELECT a.id, a.kind, a.order_id, a.parcel_id, a.at, a.raised_at FROM alerts a
WHERE a.shop_id = %(shop_id)s AND a.resolved_at IS NULL ORDER BY a.at, a.id LIMIT %(limit)s
"""


def open_alerts(shop_id: int, *, limit: int = 500) -> list[Any]:
    """What the watchdogs found and is still so, oldest first."""
    return sql.fetch(OPEN, shop_id=shop_id, limit=limit)


PUT_AWAY: Final = """
UPDATE alerts SET resolved_at = %(now)s
WHERE shop_id = %(shop_id)s AND id = ANY(%(ids)s::bigint[]) AND resolved_at IS NULL RETURNING id, kind, order_id
"""


def put_away(shop_id: int, ids: Sequence[int], *, now: datetime) -> list[Any]:
    """Put these alerts away, whether it is so still or not: (id, kind, order_id) of those that were open."""
    return sql.fetch(PUT_AWAY, shop_id=shop_id, ids=list(ids), now=now)


UNDER_WAY: Final = """
SELECT min(p.shipped_at) FILTER (WHERE p.picked_up_at IS NULL) AS unscanned_since, min(p.last_scan_at) AS silent_since
FROM parcel_orders l JOIN parcels p ON p.shop_id = %(shop_id)s AND p.id = l.parcel_id
WHERE l.shop_id = %(shop_id)s AND l.order_id = %(order_id)s AND p.kind = 'offline' AND p.delivered_at IS NULL
  AND p.voided_at IS NULL AND p.retired_at IS NULL
"""


def under_way(shop_id: int, order_id: int) -> Any:
    """(unscanned_since, silent_since) of an order's parcels: what their watchdogs count from; None where none waits."""
    return sql.fetch(UNDER_WAY, shop_id=shop_id, order_id=order_id)[0]
