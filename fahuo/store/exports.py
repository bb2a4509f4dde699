"""Orders with their receivers in full, for a sheet."""

from collections.abc import Sequence
from typing import Any

from fahuo.store import sealed, sql

ORDERS = """
SELECT o.id, o.number, o.status, o.buyer, o.title, o.quantity, o.paid_amount, o.ordered_at, o.paid_at, o.deadline,
       o.buyer_message, o.memo, coalesce(r.name, '') AS receiver, coalesce(r.phone, '') AS phone,
       coalesce(r.phone_extension, '') AS phone_extension, coalesce(r.province, '') AS province,
       coalesce(r.city, '') AS city, coalesce(r.district, '') AS district, coalesce(r.address, '') AS address,
       coalesce(r.postcode, '') AS postcode, r.sealed, r.order_id AS sealed_of, coalesce(held.carrier, '') AS carrier, coalesce(held.waybill, '') AS waybill
FROM unnest(%(ids)s::bigint[]) WITH ORDINALITY AS asked (id, place)
JOIN orders o ON o.shop_id = %(shop_id)s AND o.id = asked.id
LEFT JOIN receivers r ON r.shop_id = %(shop_id)s AND r.order_id = o.id
LEFT JOIN LATERAL (
    SELECT p.carrier, p.waybill FROM parcel_orders po
    JOIN parcels p ON p.shop_id = po.shop_id AND p.id = po.parcel_id
    WHERE po.shop_id = %(shop_id)s AND p.shop_id = %(shop_id)s AND po.order_id = o.id AND p.voided_at IS NULL
    ORDER BY p.shipped_at DESC, p.id DESC LIMIT 1
) AS held ON true
ORDER BY asked.place
"""

ZONE = "SELECT time_zone FROM shops WHERE id = %(shop_id)s"


def orders(shop_id: int, order_ids: Sequence[int]) -> list[Any]:
    """These orders of the shop, in this order, each with the newest parcel it left in."""
    rows = sealed.open_receivers(shop_id, sql.fetch(ORDERS, shop_id=shop_id, ids=list(order_ids)))
    return sealed.open_texts(shop_id, rows, sealed.MESSAGE, "buyer_message")


def zone(shop_id: int) -> str:
    """The shop's time zone."""
    return str(sql.fetch(ZONE, shop_id=shop_id)[0].time_zone)
