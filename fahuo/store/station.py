"""The bench: what a scanned number is, what lies under a label, and packing it. One statement each."""

from datetime import datetime
from typing import Any, Final

from fahuo.rules.people import Actor
from fahuo.store import sealed, sql

RESOLVE: Final = """
SELECT kind, id, rank FROM (
    SELECT 'label' AS kind, l.id, CASE WHEN l.contract_id = %(contract_id)s THEN 1 ELSE 2 END AS rank
    FROM labels l WHERE l.shop_id = %(shop_id)s AND l.waybill = %(code)s AND l.voided_at IS NULL
    UNION ALL
    SELECT 'label', lo.label_id, 3 FROM orders o
    JOIN label_orders lo ON lo.shop_id = %(shop_id)s AND lo.order_id = o.id AND lo.voided_at IS NULL
    WHERE o.shop_id = %(shop_id)s AND o.number = %(code)s
    UNION ALL
    SELECT 'parcel', p.id, 4 FROM parcels p
    WHERE p.shop_id = %(shop_id)s AND p.waybill = %(code)s AND p.waybill <> '' AND p.voided_at IS NULL
      AND p.retired_at IS NULL
    UNION ALL
    SELECT 'label', v.id, 5 FROM labels v
    WHERE v.shop_id = %(shop_id)s AND v.waybill = %(code)s AND v.voided_at IS NOT NULL
    UNION ALL
    SELECT 'order', o.id, 6 FROM orders o WHERE o.shop_id = %(shop_id)s AND o.number = %(code)s
    UNION ALL
    SELECT 'sku', s.id, 7 FROM skus s WHERE s.shop_id = %(shop_id)s AND s.barcode = %(text)s AND NOT s.barcode = ''
    UNION ALL
    SELECT 'sku', s.id, 8 FROM skus s WHERE s.shop_id = %(shop_id)s AND s.code = %(text)s
) AS hit ORDER BY rank, id DESC LIMIT 1
"""


def resolve(shop_id: int, *, code: str, text: str, contract_id: int | None) -> Any | None:
    """What was scanned: (kind, id) of a label (by its number, or its order's), a parcel without label, an order, a SKU.

    `code` is the scan as numbers are kept, `text` as it came. A label of `contract_id` comes before another carrier's.
    """
    return sql.fetch_one(RESOLVE, shop_id=shop_id, code=code, text=text, contract_id=contract_id)


BENCH: Final = """
SELECT l.id AS label_id, l.contract_id, l.carrier, l.waybill, l.state AS label_state, l.receiver_key AS label_key, l.grams,
       l.printed_at, l.packed_at, l.packed_by, l.packed_by_name, l.shipped_at, l.handed_over_at, l.voided_at, l.void_reason,
       l.parcel_id, c.name AS contract, c.ships_at,
       (SELECT x.pickup_id FROM pickup_parcels x WHERE x.shop_id = %(shop_id)s AND x.carrier = l.carrier
        AND x.waybill = l.waybill AND x.signed_at IS NULL) AS listed_in,
       o.id, o.number, o.status, o.refund_status, o.refund_amount, o.paid_amount, o.receiver_key, o.buyer, o.buyer_message,
       o.memo, o.channel_memo, o.flag, o.deadline, o.region, o.postage, o.title AS order_title, o.quantity AS order_quantity, o.conflict,
       EXISTS (SELECT FROM order_lines y WHERE y.shop_id = %(shop_id)s AND y.order_id = o.id
               AND y.refund_status IN ('requested', 'agreed')) AS line_refunding,
       n.id AS line_id, n.title, n.sku, n.refund_status AS line_refund,
       coalesce(nullif(n.sku_code, ''), nullif(n.item_code, ''), '') AS code, n.quantity - n.shipped_quantity AS unshipped,
       k.quantity AS parcelled, coalesce(s.barcode, '') AS barcode, coalesce(s.shelf, '') AS shelf, s.grams AS sku_grams
FROM labels l
JOIN contracts c ON c.shop_id = %(shop_id)s AND c.id = l.contract_id
JOIN label_orders h ON h.shop_id = %(shop_id)s AND h.label_id = l.id AND h.voided_at IS NOT DISTINCT FROM l.voided_at
JOIN orders o ON o.shop_id = %(shop_id)s AND o.id = h.order_id
LEFT JOIN order_lines n ON n.shop_id = %(shop_id)s AND n.order_id = o.id
LEFT JOIN parcel_lines k ON k.shop_id = %(shop_id)s AND k.parcel_id = l.parcel_id AND k.line_id = n.id
LEFT JOIN skus s ON s.shop_id = %(shop_id)s AND s.code = coalesce(nullif(n.sku_code, ''), nullif(n.item_code, ''))
WHERE l.shop_id = %(shop_id)s AND l.id = %(label_id)s
ORDER BY o.id, n.id
"""


def bench(shop_id: int, label_id: int) -> list[Any]:
    """What lies under a label: a row for each line of its orders (line_id None: the order has none), by order and line."""
    rows = sql.fetch(BENCH, shop_id=shop_id, label_id=label_id)
    return sealed.open_texts(shop_id, rows, sealed.MESSAGE, "buyer_message")


NAMED: Final = """
SELECT o.number, o.id, p.waybill, p.carrier FROM parcels p
JOIN parcel_orders po ON po.shop_id = %(shop_id)s AND po.parcel_id = p.id
JOIN orders o ON o.shop_id = %(shop_id)s AND o.id = po.order_id
WHERE p.shop_id = %(shop_id)s AND p.id = %(parcel_id)s ORDER BY o.id LIMIT 1
"""
ORDER: Final = "SELECT o.number, o.id, o.status FROM orders o WHERE o.shop_id = %(shop_id)s AND o.id = %(order_id)s"
SKU: Final = "SELECT s.code, s.title FROM skus s WHERE s.shop_id = %(shop_id)s AND s.id = %(sku_id)s"


def parcel(shop_id: int, parcel_id: int) -> Any | None:
    """A parcel without label: its number, and the first order in it."""
    return sql.fetch_one(NAMED, shop_id=shop_id, parcel_id=parcel_id)


def order(shop_id: int, order_id: int) -> Any | None:
    """An order without label."""
    return sql.fetch_one(ORDER, shop_id=shop_id, order_id=order_id)


def sku(shop_id: int, sku_id: int) -> Any | None:
    """What is known of a SKU."""
    return sql.fetch_one(SKU, shop_id=shop_id, sku_id=sku_id)


PACK: Final = """
WITH moved AS (
    UPDATE labels SET packed_at = %(now)s, packed_by = %(member_id)s, packed_by_name = %(actor)s,
           grams = COALESCE(%(grams)s, grams)
    WHERE shop_id = %(shop_id)s AND id = %(label_id)s AND packed_at IS NULL AND voided_at IS NULL
    RETURNING id, carrier, waybill, parcel_id, grams
), weighed AS (
    UPDATE parcels p SET grams = moved.grams
    FROM moved WHERE p.shop_id = %(shop_id)s AND p.id = moved.parcel_id AND moved.grams IS NOT NULL
), told AS (
    INSERT INTO journal (shop_id, at, member_id, actor, act, order_id, parcel_id, after)
    SELECT %(shop_id)s, %(now)s, %(member_id)s, %(actor)s, 'label.packed', lo.order_id, moved.parcel_id,
           jsonb_build_object('label', moved.id, 'carrier', moved.carrier, 'waybill', moved.waybill, 'grams', moved.grams,
                              'checked', %(checked)s::text)
    FROM moved JOIN label_orders lo ON lo.shop_id = %(shop_id)s AND lo.label_id = moved.id AND lo.voided_at IS NULL
)
SELECT id FROM moved
"""


def pack(actor: Actor, label_id: int, *, grams: int | None, checked: str, now: datetime) -> bool:
    """A locked label is packed now, with its weight; whether it was not before."""
    return bool(sql.fetch(
        PACK, shop_id=actor.shop_id, member_id=actor.member_id, actor=actor.name, label_id=label_id, grams=grams,
        checked=checked, now=now,
    ))  # fmt: skip


UNPACK: Final = """
WITH was AS (
    SELECT id, packed_at, packed_by_name, grams FROM labels
    WHERE shop_id = %(shop_id)s AND id = %(label_id)s AND packed_at IS NOT NULL AND handed_over_at IS NULL
), moved AS (
    UPDATE labels l SET packed_at = NULL, packed_by = NULL, packed_by_name = '', grams = NULL
    FROM was WHERE l.shop_id = %(shop_id)s AND l.id = was.id
    RETURNING l.id, l.carrier, l.waybill, l.parcel_id, was.packed_at, was.packed_by_name, was.grams
)
INSERT INTO journal (shop_id, at, member_id, actor, act, order_id, parcel_id, before)
SELECT %(shop_id)s, %(now)s, %(member_id)s, %(actor)s, 'label.unpacked', lo.order_id, moved.parcel_id,
       jsonb_build_object('label', moved.id, 'carrier', moved.carrier, 'waybill', moved.waybill, 'grams', moved.grams,
                          'at', moved.packed_at, 'by', moved.packed_by_name)
FROM moved JOIN label_orders lo ON lo.shop_id = %(shop_id)s AND lo.label_id = moved.id AND lo.voided_at IS NULL
"""


def unpack(actor: Actor, label_id: int, *, now: datetime) -> bool:
    """A locked label is not packed; whether it was."""
    return bool(sql.run(
        UNPACK, shop_id=actor.shop_id, member_id=actor.member_id, actor=actor.name, label_id=label_id, now=now
    ))  # fmt: skip


LAST: Final = """
SELECT l.id FROM labels l
WHERE l.shop_id = %(shop_id)s AND l.packed_at > %(since)s AND l.packed_by IS NOT DISTINCT FROM %(member_id)s
ORDER BY l.packed_at DESC, l.id DESC LIMIT 1
"""


def last_packed(actor: Actor, *, since: datetime) -> int | None:
    """The label that the actor packed last, after `since`."""
    row = sql.fetch_one(LAST, shop_id=actor.shop_id, member_id=actor.member_id, since=since)
    return None if row is None else int(row.id)
