"""Labels follow their parcels: shipped with them, back with them, voided when a parcel gets another number."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from fahuo.rules.label_states import before
from fahuo.rules.people import Actor
from fahuo.store import arrays, sql

LEFT = """
WITH asked AS MATERIALIZED (
    SELECT %(shop_id)s::bigint AS shop_id, a.id FROM unnest(%(order_ids)s::bigint[]) AS a (id)
)
SELECT DISTINCT l.id, p.id AS parcel_id
FROM asked a
JOIN label_orders h ON h.shop_id = a.shop_id AND h.order_id = a.id AND h.voided_at IS NULL
JOIN labels l ON l.shop_id = a.shop_id AND l.id = h.label_id AND l.state = ANY(%(states)s)
JOIN parcels p ON p.shop_id = a.shop_id AND p.waybill = l.waybill AND p.carrier = l.carrier
    AND p.voided_at IS NULL AND p.retired_at IS NULL
JOIN parcel_orders c ON c.shop_id = a.shop_id AND c.parcel_id = p.id AND c.order_id = a.id
ORDER BY l.id
"""


def left(shop_id: int, order_ids: Sequence[int]) -> list[Any]:
    """The labels under whose number these orders have left: (id, parcel_id)."""
    return sql.fetch(LEFT, shop_id=shop_id, order_ids=arrays.ids(order_ids), states=before("ship"))


SHIP = """
WITH asked AS MATERIALIZED (
    SELECT %(shop_id)s::bigint AS shop_id, a.*
    FROM unnest(%(ids)s::bigint[], %(parcel_ids)s::bigint[]) AS a (id, parcel_id)
), moved AS (
    UPDATE labels l SET state = 'shipped', shipped_at = %(now)s, parcel_id = a.parcel_id
    FROM asked a WHERE l.shop_id = a.shop_id AND l.id = a.id AND l.state = ANY(%(states)s)
    RETURNING l.shop_id, l.id, l.carrier, l.waybill, l.number_id, l.parcel_id, l.grams, l.handed_over_at
), carried AS (
    UPDATE parcels p SET grams = COALESCE(m.grams, p.grams), handed_over_at = COALESCE(m.handed_over_at, p.handed_over_at)
    FROM moved m WHERE p.shop_id = m.shop_id AND p.id = m.parcel_id
      AND (m.grams IS NOT NULL OR m.handed_over_at IS NOT NULL)
), apart AS (
    UPDATE label_orders h SET voided_at = %(now)s FROM moved m
    WHERE h.shop_id = m.shop_id AND h.label_id = m.id AND h.voided_at IS NULL
      AND NOT EXISTS (SELECT FROM parcel_orders c
                      WHERE c.shop_id = m.shop_id AND c.parcel_id = m.parcel_id AND c.order_id = h.order_id)
), told AS (
    INSERT INTO journal (shop_id, at, member_id, actor, act, order_id, parcel_id, after)
    SELECT m.shop_id, %(now)s, %(member_id)s, %(actor)s, 'label.shipped', c.order_id, m.parcel_id,
           jsonb_build_object('label', m.id)
    FROM moved m JOIN parcel_orders c ON c.shop_id = m.shop_id AND c.parcel_id = m.parcel_id ORDER BY m.id, c.order_id
)
SELECT id, number_id FROM moved
"""


def ship(actor: Actor, found: Sequence[Any], *, now: datetime) -> list[Any]:
    """Mark labels shipped (`left`), with their weight and hand-over told to the parcel; (id, number_id) that moved.

    An order of the label that is not in the parcel comes off the label, and may get one of its own.
    """
    return sql.fetch(
        SHIP, shop_id=actor.shop_id, member_id=actor.member_id, actor=actor.name, now=now, states=before("ship"),
        ids=arrays.ids([row.id for row in found]), parcel_ids=arrays.ids([row.parcel_id for row in found]),
    )  # fmt: skip


UNSHIP = """
WITH moved AS (
    UPDATE labels l SET state = 'printed', shipped_at = NULL, parcel_id = NULL, handed_over_at = NULL
    FROM unnest(%(parcel_ids)s::bigint[]) AS gone (id)
    WHERE l.shop_id = %(shop_id)s AND l.parcel_id = gone.id AND l.state = ANY(%(states)s)
    RETURNING l.shop_id, l.id, l.number_id, gone.id AS parcel_id
), told AS (
    INSERT INTO journal (shop_id, at, member_id, actor, act, order_id, parcel_id, before)
    SELECT m.shop_id, %(now)s, %(member_id)s, %(actor)s, 'label.unshipped', h.order_id, m.parcel_id,
           jsonb_build_object('label', m.id)
    FROM moved m JOIN label_orders h ON h.shop_id = m.shop_id AND h.label_id = m.id AND h.voided_at IS NULL
    ORDER BY m.id, h.order_id
)
SELECT id, number_id FROM moved
"""


def unship(actor: Actor, parcel_ids: Sequence[int], *, now: datetime) -> list[Any]:
    """Bring back the labels of these voided parcels; (id, number_id) of those that moved."""
    return sql.fetch(
        UNSHIP, shop_id=actor.shop_id, member_id=actor.member_id, actor=actor.name, now=now,
        parcel_ids=arrays.ids(parcel_ids), states=before("unship"),
    )  # fmt: skip


OTHER_NUMBER = """
SELECT l.id, l.number_id FROM labels l JOIN parcels p ON p.shop_id = %(shop_id)s AND p.id = l.parcel_id
WHERE l.shop_id = %(shop_id)s AND l.parcel_id = %(parcel_id)s AND l.state = 'shipped'
  AND (p.carrier, p.waybill) IS DISTINCT FROM (l.carrier, l.waybill)
FOR UPDATE OF l
"""
ORDERS_OF = """
SELECT order_id FROM parcel_orders WHERE shop_id = %(shop_id)s AND parcel_id = %(parcel_id)s ORDER BY order_id
"""


def other_number(shop_id: int, parcel_id: int) -> list[Any]:
    """The label of a parcel that goes under another number by now: (id, number_id), locked."""
    return sql.fetch(OTHER_NUMBER, shop_id=shop_id, parcel_id=parcel_id)


def orders_of(shop_id: int, parcel_id: int) -> list[int]:
    """The orders in a parcel."""
    return [row.order_id for row in sql.fetch(ORDERS_OF, shop_id=shop_id, parcel_id=parcel_id)]
