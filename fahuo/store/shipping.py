"""The plain shipping of one order, in one round trip: nearly every parcel that software ships one by one.

Plain is: the order waits as a whole and is not being refunded, no task of it is open and no label was made, nobody uses or
ever used the number, it is on no label, and it is none of the shop's bought ones. Then the statement below writes exactly what `store.parcels.SHIP` writes; a test compares them. Whatever is not
plain moves nothing here and goes the long way (services.parcels.ship), which tells why. The order is locked by a
statement of its own, so that the second one sees whatever was committed until then.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from fahuo.rules.people import Actor
from fahuo.store import sql

LOCK: Final = """
SELECT 1 FROM orders o WHERE o.shop_id = $1 AND o.number = $2 FOR NO KEY UPDATE OF o
"""
SHIP: Final = """
WITH plain AS MATERIALIZED (
    SELECT o.id, nextval('ids') AS parcel_id FROM orders o
    WHERE o.shop_id = $1 AND o.number = $2 AND o.status = 'awaiting_shipment'
      AND o.refund_status IN ('none', 'refused')
      AND EXISTS (SELECT FROM api_keys k WHERE k.shop_id = $1 AND k.id = $3 AND k.revoked_at IS NULL AND k.scopes = $4)
      AND ($5 = '' OR NOT EXISTS (SELECT FROM kept_answers a WHERE a.shop_id = $1 AND a.key_id = $3 AND a.name = $5))
      AND NOT EXISTS (SELECT FROM order_lines l WHERE l.shop_id = $1 AND l.order_id = o.id
                      AND l.refund_status IN ('requested', 'agreed'))
      AND NOT EXISTS (SELECT FROM tasks t WHERE t.shop_id = $1 AND t.order_id = o.id AND NOT (t.state = 'completed'))
      AND NOT EXISTS (SELECT FROM label_orders b WHERE b.shop_id = $1 AND b.order_id = o.id)
      AND NOT EXISTS (SELECT FROM labels n WHERE n.shop_id = $1 AND n.waybill = $8 AND n.carrier = $7
                      AND n.voided_at IS NULL)
      AND NOT EXISTS (SELECT FROM waybill_numbers w WHERE w.shop_id = $1 AND w.carrier = $7 AND w.number = $8)
      AND NOT EXISTS (SELECT FROM parcels u WHERE u.shop_id = $1 AND u.waybill = $8 AND u.carrier = $7
                      AND (u.voided_at IS NOT NULL OR u.retired_at IS NOT NULL))
), parcel AS (
    INSERT INTO parcels (shop_id, id, kind, carrier, waybill, shipped_at, shipped_by, note)
    SELECT $1, parcel_id, 'offline', $7, $8, $9, NULL, '' FROM plain
    ON CONFLICT (shop_id, waybill, carrier) WHERE voided_at IS NULL AND retired_at IS NULL AND NOT waybill = ''
    DO NOTHING RETURNING id
), moved AS MATERIALIZED (
    SELECT p.id AS order_id, p.parcel_id FROM plain p JOIN parcel ON parcel.id = p.parcel_id
), held AS (
    INSERT INTO parcel_orders (shop_id, order_id, parcel_id, whole) SELECT $1, order_id, parcel_id, true FROM moved
), told AS (
    INSERT INTO journal (shop_id, at, member_id, actor, act, order_id, parcel_id, before, after)
    SELECT $1, $9, NULL, $10, 'parcel.shipped', order_id, parcel_id, '{"status": "awaiting_shipment"}',
           jsonb_build_object('status', 'shipped', 'carrier', $7::text, 'waybill', $8::text) FROM moved
), shipped AS (
    UPDATE orders o SET status = 'shipped', updated_at = $9, shipped_at = $9
    FROM moved m WHERE o.shop_id = $1 AND o.id = m.order_id
), unlisted AS (
    DELETE FROM backlog b USING moved m WHERE b.shop_id = $1 AND b.order_id = m.order_id
), counted AS (
    INSERT INTO order_tally (shop_id, status, delta)
    SELECT $1, s.status, s.delta FROM moved, (VALUES ('awaiting_shipment', -1), ('shipped', 1)) AS s (status, delta)
), kept AS (
    INSERT INTO kept_answers (shop_id, key_id, name, request, status, body, at)
    SELECT $1, $3, $5, $6, 201, convert_to(replace($11, '0', parcel_id::text), 'UTF8'), $9 FROM moved WHERE $5 <> ''
)
SELECT parcel_id FROM moved
"""


def ship(
    actor: Actor, key_id: int, number: str, *, carrier: str, waybill: str, name: str, request: bytes, answer: str,
    scopes: Sequence[str], now: datetime,
) -> int | None:  # fmt: skip
    """Ship an order (by its number) if that is plain and the key still has these scopes; the parcel's id, or None.

    `name`: the call's Idempotency-Key; the `answer`, in which 0 stands for the parcel's id, is kept under it. Raises
    IntegrityError when another call took the name at this moment; nothing was written then.
    """
    params: list[Any] = [
        actor.shop_id, number, key_id, list(scopes), name, request, carrier, waybill, now, actor.name, answer,
    ]  # fmt: skip
    rows = sql.together((LOCK, params[:2]), (SHIP, params))
    return int(rows[0][0]) if rows else None
