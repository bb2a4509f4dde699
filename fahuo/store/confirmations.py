"""What left here and is to be told at the marketplaces: derived from parcels, told in turn, settled by what was answered."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import msgspec

from fahuo.store import sql

MAKE: Final = """
WITH moved AS MATERIALIZED (
    SELECT DISTINCT j.order_id FROM journal j
    WHERE j.shop_id = %(shop_id)s AND j.at >= %(since)s AND j.order_id IS NOT NULL
      AND j.act IN ('parcel.shipped', 'parcel.corrected')
), asked AS MATERIALIZED (
    SELECT k.ref, k.order_id FROM marketplace_orders k
    WHERE k.shop_id = %(shop_id)s AND k.marketplace_id = %(marketplace_id)s AND k.order_id IS NOT NULL AND k.waits
    UNION
    SELECT k.ref, k.order_id FROM moved JOIN marketplace_orders k ON k.order_id = moved.order_id
    WHERE k.shop_id = %(shop_id)s AND k.marketplace_id = %(marketplace_id)s
      AND EXISTS (SELECT 1 FROM confirmations c WHERE c.shop_id = %(shop_id)s AND c.order_id = k.order_id)
), left_here AS MATERIALIZED (
    SELECT a.ref, a.order_id, p.id AS parcel_id, p.carrier, p.waybill, po.whole,
           ARRAY(SELECT l.number FROM parcel_lines x JOIN order_lines l ON l.shop_id = %(shop_id)s AND l.id = x.line_id
                 WHERE x.shop_id = %(shop_id)s AND x.parcel_id = p.id AND x.order_id = a.order_id
                   AND NOT EXISTS (SELECT 1 FROM confirmations c WHERE c.shop_id = %(shop_id)s
                                   AND c.order_id = a.order_id AND NOT c.parcel_id = p.id AND NOT c.status = 'dropped'
                                   AND l.number = ANY(c.lines))
                 ORDER BY l.id) AS lines
    FROM asked a JOIN parcel_orders po ON po.shop_id = %(shop_id)s AND po.order_id = a.order_id
    JOIN parcels p ON p.shop_id = %(shop_id)s AND p.id = po.parcel_id AND p.voided_at IS NULL
    WHERE po.shop_id = %(shop_id)s AND EXISTS (
        SELECT 1 FROM journal j WHERE j.shop_id = %(shop_id)s AND j.order_id = a.order_id AND j.parcel_id = p.id
        AND j.act = 'parcel.shipped')
)
INSERT INTO confirmations (shop_id, marketplace_id, order_id, parcel_id, ref, carrier, waybill, before_carrier,
                           before_waybill, lines, status, due_at, attempts, made_at)
SELECT %(shop_id)s, %(marketplace_id)s, h.order_id, h.parcel_id, h.ref, h.carrier, h.waybill,
       coalesce(before.carrier, ''), coalesce(before.waybill, ''),
       CASE WHEN h.whole OR '' = ANY(h.lines) THEN '{}' ELSE h.lines END, 'waiting', %(now)s, 0, %(now)s
FROM left_here h LEFT JOIN LATERAL (
    SELECT c.carrier, c.waybill FROM confirmations c JOIN parcels q ON q.shop_id = %(shop_id)s AND q.id = c.parcel_id
    WHERE c.shop_id = %(shop_id)s AND c.order_id = h.order_id AND (c.parcel_id = h.parcel_id OR q.voided_at IS NOT NULL)
      AND (c.status = 'done' OR c.attempts > 0) AND NOT (c.carrier = h.carrier AND c.waybill = h.waybill)
    ORDER BY c.id DESC LIMIT 1
) AS before ON true
WHERE (h.whole OR cardinality(h.lines) > 0) AND NOT EXISTS (
    SELECT 1 FROM confirmations c WHERE c.shop_id = %(shop_id)s AND c.order_id = h.order_id
    AND c.parcel_id = h.parcel_id AND c.carrier = h.carrier AND c.waybill = h.waybill)
ORDER BY h.parcel_id, h.order_id
ON CONFLICT DO NOTHING
"""
DROP: Final = """
UPDATE confirmations c SET status = 'dropped', due_at = NULL, done_at = %(now)s
FROM parcels p WHERE c.shop_id = %(shop_id)s AND p.shop_id = %(shop_id)s AND p.id = c.parcel_id
  AND c.marketplace_id = %(marketplace_id)s AND c.status IN ('waiting', 'refused')
  AND (p.voided_at IS NOT NULL OR NOT (p.carrier = c.carrier AND p.waybill = c.waybill))
"""


def make(shop_id: int, marketplace_id: int, *, since: datetime, now: datetime) -> int:
    """A confirmation for each parcel of an order that waits there, and for each number that was changed since `since`;
    what was taken back here before it was told is dropped first. How many are new."""
    sql.run(DROP, shop_id=shop_id, marketplace_id=marketplace_id, now=now)
    return sql.run(MAKE, shop_id=shop_id, marketplace_id=marketplace_id, since=since, now=now)


DUE: Final = """
SELECT c.id, c.order_id, c.ref, c.carrier, c.waybill, c.before_carrier, c.before_waybill, c.lines, c.attempts
FROM confirmations c WHERE c.shop_id = %(shop_id)s AND c.marketplace_id = %(marketplace_id)s AND c.due_at <= %(now)s
ORDER BY c.due_at, c.id LIMIT %(limit)s
"""


def due(shop_id: int, marketplace_id: int, *, limit: int, now: datetime) -> list[Any]:
    """What is to be told now."""
    return sql.fetch(DUE, shop_id=shop_id, marketplace_id=marketplace_id, limit=limit, now=now)


SETTLE: Final = """
UPDATE confirmations c SET status = n.status, attempts = c.attempts + 1, problem = n.problem, due_at = n.due_at,
       done_at = CASE WHEN n.status = 'done' THEN %(now)s END
FROM jsonb_to_recordset(%(rows)s::jsonb) AS n (id bigint, status text, problem jsonb, due_at timestamptz)
WHERE c.shop_id = %(shop_id)s AND c.id = n.id AND c.status IN ('waiting', 'refused')
RETURNING c.order_id, c.parcel_id, c.status, c.carrier, c.waybill
"""


def settle(shop_id: int, rows: Sequence[Mapping[str, Any]], *, now: datetime) -> list[Any]:
    """Keep what became of confirmations: id, status, problem, due_at each; the rows that moved."""
    if not rows:
        return []
    return sql.fetch(SETTLE, shop_id=shop_id, rows=msgspec.json.encode(rows).decode(), now=now)


AGAIN: Final = """
UPDATE confirmations SET status = 'waiting', due_at = %(now)s
WHERE shop_id = %(shop_id)s AND marketplace_id = %(marketplace_id)s AND status IN ('waiting', 'refused')
  AND (%(id)s::bigint IS NULL OR id = %(id)s::bigint)
"""
GIVE_UP: Final = """
UPDATE confirmations SET status = 'dropped', due_at = NULL, done_at = %(now)s
WHERE shop_id = %(shop_id)s AND marketplace_id = %(marketplace_id)s AND id = %(id)s AND status IN ('waiting', 'refused')
RETURNING order_id, parcel_id
"""


def again(shop_id: int, marketplace_id: int, confirmation_id: int | None, *, now: datetime) -> int:
    """Tell one again now, or (None) all that are open."""
    return sql.run(AGAIN, shop_id=shop_id, marketplace_id=marketplace_id, id=confirmation_id, now=now)


def give_up(shop_id: int, marketplace_id: int, confirmation_id: int, *, now: datetime) -> list[Any]:
    """A person says that one need not be told; the rows that moved."""
    return sql.fetch(GIVE_UP, shop_id=shop_id, marketplace_id=marketplace_id, id=confirmation_id, now=now)


def plain(row: Any) -> Any:
    """A row with its problem as a dictionary."""
    return row._replace(problem=json.loads(row.problem) if row.problem else None)
