"""A scan or a search: the orders that a number, a name or a phone number means."""

from typing import Final

from fahuo.rules import phones
from fahuo.store import sealed, sql

EXACT: Final = """
SELECT o.id FROM orders o WHERE o.shop_id = %(shop_id)s AND o.number = %(text)s
UNION
SELECT po.order_id FROM parcels p JOIN parcel_orders po ON po.shop_id = p.shop_id AND po.parcel_id = p.id
WHERE p.shop_id = %(shop_id)s AND po.shop_id = %(shop_id)s AND p.waybill = %(waybill)s AND NOT p.waybill = ''
  AND p.voided_at IS NULL AND p.retired_at IS NULL
UNION
SELECT h.order_id FROM labels l JOIN label_orders h ON h.shop_id = l.shop_id AND h.label_id = l.id
WHERE l.shop_id = %(shop_id)s AND h.shop_id = %(shop_id)s AND l.waybill = %(waybill)s AND NOT %(waybill)s = ''
  AND l.voided_at IS NULL AND h.voided_at IS NULL
LIMIT %(limit)s
"""

BROAD: Final = """
SELECT id FROM (
    (SELECT r.order_id AS id FROM receivers r WHERE r.shop_id = %(shop_id)s AND r.phone_mark = %(phone)s LIMIT %(limit)s)
    UNION
    (SELECT r.order_id FROM receivers r WHERE r.shop_id = %(shop_id)s AND r.phone_ending = %(ending)s
     ORDER BY r.order_id DESC LIMIT %(limit)s)
    UNION
    (SELECT r.order_id FROM receivers r WHERE r.shop_id = %(shop_id)s AND r.name_mark = %(name)s LIMIT %(limit)s)
    UNION
    (SELECT o.id FROM orders o WHERE o.shop_id = %(shop_id)s AND o.buyer = %(text)s LIMIT %(limit)s)
) AS found
ORDER BY id DESC LIMIT %(limit)s
"""

NEIGHBOURS: Final = """
SELECT waits.id FROM (
    SELECT o.receiver_key FROM orders o
    WHERE o.shop_id = %(shop_id)s AND o.id = %(order_id)s AND NOT o.receiver_key = '' OFFSET 0
) AS k
CROSS JOIN LATERAL (
    SELECT o.id FROM orders o
    WHERE o.shop_id = %(shop_id)s AND o.receiver_key = k.receiver_key AND o.id <> %(order_id)s OFFSET 0
) AS s
CROSS JOIN LATERAL (
    SELECT b.order_id AS id, b.deadline FROM backlog b WHERE b.shop_id = %(shop_id)s AND b.order_id = s.id OFFSET 0
) AS waits
ORDER BY waits.deadline, waits.id LIMIT %(limit)s
"""
"""From the key to its orders to the backlog, in that order: in a shop that is new to the planner's statistics it would
walk the whole backlog instead."""

FOUND: Final = 100
LONGEST: Final = 100


def find_orders(shop_id: int, text: str, *, limit: int = FOUND) -> list[int]:
    """The ids of the orders that `text` means: an exact order or waybill number first; else phone (or its last four
    digits), receiver or buyer, each whole."""
    text = text.replace("\x00", "").strip()[:LONGEST]
    if not text:
        return []
    waybill = "".join(text.split()).upper()
    exact = sql.fetch(EXACT, shop_id=shop_id, text=text, waybill=waybill, limit=limit)
    found = exact or sql.fetch(
        BROAD, shop_id=shop_id, text=text, name=sealed.name_mark(shop_id, text), phone=sealed.phone_mark(shop_id, text),
        ending=sealed.ending_mark(shop_id, text) if phones.is_ending(text) else None, limit=limit,
    )  # fmt: skip
    return [row.id for row in found]


def neighbours(shop_id: int, order_id: int, *, limit: int = 20) -> list[int]:
    """The other waiting orders of an order's receiver, by deadline."""
    return [row.id for row in sql.fetch(NEIGHBOURS, shop_id=shop_id, order_id=order_id, limit=limit)]
