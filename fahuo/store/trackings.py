"""Parcels followed at carriers' services: which, when each is asked for, and what keeps it from being told."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import msgspec

from fahuo.rules import phones
from fahuo.store import arrays, sealed, sql

FOLLOW: Final = """
WITH moved AS MATERIALIZED (
    SELECT DISTINCT j.parcel_id FROM journal j
    WHERE j.shop_id = %(shop_id)s AND j.at >= %(since)s AND j.parcel_id IS NOT NULL
      AND j.act IN ('parcel.shipped', 'parcel.corrected')
), fresh AS (
    INSERT INTO trackings AS t (shop_id, parcel_id, account_id, carrier, waybill, shipped_at, due_at, wants_push, failures)
    SELECT %(shop_id)s, p.id, %(account_id)s, p.carrier, p.waybill, p.shipped_at, %(due_at)s, %(push)s, 0
    FROM moved m JOIN parcels p ON p.shop_id = %(shop_id)s AND p.id = m.parcel_id
    WHERE p.carrier = ANY(%(carriers)s::text[]) AND p.waybill <> '' AND p.voided_at IS NULL AND p.retired_at IS NULL
      AND p.delivered_at IS NULL
    ORDER BY p.id
    ON CONFLICT (shop_id, parcel_id) DO UPDATE SET account_id = excluded.account_id, carrier = excluded.carrier,
        waybill = excluded.waybill, due_at = excluded.due_at, wants_push = excluded.wants_push, subscribed_at = NULL,
        failures = 0, problem = NULL
    WHERE t.shop_id = excluded.shop_id AND NOT (t.carrier = excluded.carrier AND t.waybill = excluded.waybill)
    RETURNING 1
), kept AS (
    UPDATE carrier_accounts SET followed_until = GREATEST(followed_until, %(now)s)
    WHERE shop_id = %(shop_id)s AND id = %(account_id)s
)
SELECT count(*) AS n FROM fresh
"""


def follow(
    shop_id: int,
    account_id: int,
    carriers: Sequence[str],
    *,
    push: bool,
    since: datetime,
    due_at: datetime,
    now: datetime,
) -> int:
    """Follow what left since then by one of these carriers and nobody follows under that number; how many."""
    row = sql.fetch_one(
        FOLLOW, shop_id=shop_id, account_id=account_id, carriers=arrays.texts(carriers), push=push, since=since,
        due_at=due_at, now=now,
    )  # fmt: skip
    return int(row.n) if row else 0


WANTING: Final = """
SELECT t.parcel_id, t.carrier, t.waybill, t.shipped_at, t.failures, t.subscribed_at IS NOT NULL AS pushed, coalesce(r.phone, '') AS phone,
       r.sealed, r.sealed_of FROM trackings t
LEFT JOIN LATERAL (
    SELECT v.phone, v.sealed, v.order_id AS sealed_of FROM parcel_orders o JOIN receivers v ON v.shop_id = %(shop_id)s AND v.order_id = o.order_id
    WHERE o.shop_id = %(shop_id)s AND o.parcel_id = t.parcel_id ORDER BY o.order_id LIMIT 1) AS r ON true
"""
TO_SUBSCRIBE: Final = (
    WANTING
    + """
WHERE t.shop_id = %(shop_id)s AND t.account_id = %(account_id)s AND t.wants_push ORDER BY t.parcel_id LIMIT %(limit)s
"""
)
TO_PULL: Final = (
    WANTING
    + """
WHERE t.shop_id = %(shop_id)s AND t.account_id = %(account_id)s AND t.due_at <= %(now)s
ORDER BY t.due_at, t.parcel_id LIMIT %(limit)s
"""
)


def to_subscribe(shop_id: int, account_id: int, *, limit: int) -> list[Any]:
    """Numbers whose scans are still to be pushed."""
    return _ended(shop_id, sql.fetch(TO_SUBSCRIBE, shop_id=shop_id, account_id=account_id, limit=limit))


def to_pull(shop_id: int, account_id: int, *, limit: int, now: datetime) -> list[Any]:
    """Numbers to be asked for now; `phone`: the last four digits of the receiver's."""
    return _ended(shop_id, sql.fetch(TO_PULL, shop_id=shop_id, account_id=account_id, limit=limit, now=now))


def _ended(shop_id: int, rows: Sequence[Any]) -> list[Any]:
    return [row._replace(phone=row.phone[-phones.ENDING :]) for row in sealed.open_receivers(shop_id, rows)]


END: Final = """
UPDATE trackings t SET due_at = NULL, wants_push = false FROM parcels p
WHERE t.shop_id = %(shop_id)s AND t.account_id = %(account_id)s AND p.shop_id = %(shop_id)s AND p.id = t.parcel_id
  AND (t.due_at <= %(now)s OR t.wants_push)
  AND (p.voided_at IS NOT NULL OR p.retired_at IS NOT NULL OR p.delivered_at IS NOT NULL)
"""


def end(shop_id: int, account_id: int, *, now: datetime) -> int:
    """Follow no longer what was taken back or delivered."""
    return sql.run(END, shop_id=shop_id, account_id=account_id, now=now)


SUBSCRIBED: Final = """
UPDATE trackings t SET wants_push = s.wants_push, problem = s.problem,
       subscribed_at = CASE WHEN s.done THEN %(now)s ELSE t.subscribed_at END
FROM jsonb_to_recordset(%(rows)s::jsonb) AS s (parcel_id bigint, done boolean, wants_push boolean, problem jsonb)
WHERE t.shop_id = %(shop_id)s AND t.parcel_id = s.parcel_id
"""
PULLED: Final = """
UPDATE trackings t SET due_at = s.due_at, problem = s.problem,
       failures = CASE WHEN s.done THEN 0 ELSE t.failures + 1 END,
       pulled_at = CASE WHEN s.done THEN %(now)s ELSE t.pulled_at END
FROM jsonb_to_recordset(%(rows)s::jsonb) AS s (parcel_id bigint, done boolean, due_at timestamptz, problem jsonb)
WHERE t.shop_id = %(shop_id)s AND t.parcel_id = s.parcel_id
"""


def subscribed(shop_id: int, rows: Sequence[Mapping[str, Any]], *, now: datetime) -> int:
    """Keep what became of subscriptions: parcel_id, done, wants_push, problem each."""
    return sql.run(SUBSCRIBED, shop_id=shop_id, rows=msgspec.json.encode(rows).decode(), now=now) if rows else 0


def pulled(shop_id: int, rows: Sequence[Mapping[str, Any]], *, now: datetime) -> int:
    """Keep what became of asking: parcel_id, done, due_at, problem each."""
    return sql.run(PULLED, shop_id=shop_id, rows=msgspec.json.encode(rows).decode(), now=now) if rows else 0


PUSHED: Final = """
UPDATE trackings t SET due_at = CASE WHEN n.over THEN NULL WHEN n.lost THEN %(now)s ELSE GREATEST(t.due_at, %(next)s) END,
       subscribed_at = CASE WHEN n.lost THEN NULL ELSE t.subscribed_at END
FROM unnest(%(carriers)s::text[], %(waybills)s::text[], %(over)s::bool[], %(lost)s::bool[]) AS n (carrier, waybill, over, lost)
WHERE t.shop_id = %(shop_id)s AND t.waybill = n.waybill AND t.carrier = n.carrier AND t.due_at IS NOT NULL
"""


def pushed(
    shop_id: int, numbers: Mapping[tuple[str, str], tuple[bool, bool]], *, later: datetime, now: datetime
) -> int:
    """The scans of these numbers were told: (carrier, waybill) -> (nothing more comes, the service lost it)."""
    if not numbers:
        return 0
    return sql.run(
        PUSHED, shop_id=shop_id, carriers=arrays.texts([each[0] for each in numbers]),
        waybills=arrays.texts([each[1] for each in numbers]), over=[each[0] for each in numbers.values()],
        lost=[each[1] for each in numbers.values()], next=later, now=now,
    )  # fmt: skip


COUNTED: Final = """
SELECT t.account_id, count(*) FILTER (WHERE t.due_at IS NOT NULL) AS followed,
       count(*) FILTER (WHERE t.problem IS NOT NULL AND t.due_at IS NOT NULL) AS wrong
FROM trackings t WHERE t.shop_id = %(shop_id)s AND (t.due_at IS NOT NULL OR t.problem IS NOT NULL) GROUP BY 1
"""
WRONG: Final = """
SELECT t.parcel_id, t.carrier, t.waybill, t.problem, t.due_at FROM trackings t
WHERE t.shop_id = %(shop_id)s AND t.account_id = %(account_id)s AND t.problem IS NOT NULL
ORDER BY t.parcel_id DESC LIMIT %(limit)s
"""


def counted(shop_id: int) -> dict[int, Any]:
    """How many parcels each account follows, and how many of them have a problem."""
    return {row.account_id: row for row in sql.fetch(COUNTED, shop_id=shop_id)}


def wrong(shop_id: int, account_id: int, *, limit: int) -> list[Any]:
    """Parcels whose scans cannot be had, newest first."""
    rows = sql.fetch(WRONG, shop_id=shop_id, account_id=account_id, limit=limit)
    return [row._replace(problem=json.loads(row.problem) if row.problem else None) for row in rows]
