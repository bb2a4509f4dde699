"""Parcels as a marketplace's clients read them, the newest first, and a parcel's scans."""

from datetime import datetime
from typing import Any, Final

from fahuo.store import sealed, sql

_PARCELS: Final = """
FROM parcels p JOIN parcel_orders po ON po.shop_id = p.shop_id AND po.parcel_id = p.id
JOIN orders o ON o.shop_id = %(shop_id)s AND o.id = po.order_id
LEFT JOIN receivers r ON r.shop_id = %(shop_id)s AND r.order_id = o.id
WHERE p.shop_id = %(shop_id)s AND po.shop_id = %(shop_id)s AND p.shipped_at >= %(start)s AND p.shipped_at < %(until)s
  AND (%(order_id)s::bigint IS NULL OR po.order_id = %(order_id)s::bigint) AND (%(buyer)s = '' OR o.buyer = %(buyer)s)
  AND (%(voided)s::bool IS NULL OR (p.voided_at IS NOT NULL) = %(voided)s::bool)
  AND (%(picked_up)s::bool IS NULL OR (p.picked_up_at IS NOT NULL) = %(picked_up)s::bool)
  AND (%(delivered)s::bool IS NULL OR (p.delivered_at IS NOT NULL) = %(delivered)s::bool)
"""
PAGE: Final = f"""
SELECT p.id, p.kind, p.carrier, p.waybill, p.shipped_at, p.picked_up_at, p.delivered_at, p.voided_at, p.last_scan_at,
       po.whole, o.id AS order_id, o.number, o.title, o.buyer, r.name, r.phone, r.phone_extension, r.province, r.city,
       r.district, r.address, r.postcode, r.sealed, r.order_id AS sealed_of,
       ARRAY(SELECT l.number FROM parcel_lines k
             JOIN order_lines l ON l.shop_id = %(shop_id)s AND l.id = k.line_id
             WHERE k.shop_id = %(shop_id)s AND k.parcel_id = p.id AND k.order_id = o.id) AS lines
{_PARCELS} ORDER BY p.shipped_at DESC, p.id DESC, o.id LIMIT %(limit)s OFFSET %(offset)s
"""
COUNT: Final = f"SELECT count(*) AS number FROM (SELECT 1 {_PARCELS} LIMIT %(limit)s) AS matching"


def page(
    shop_id: int, *, start: datetime, until: datetime, order_id: int | None, buyer: str, voided: bool | None,
    picked_up: bool | None, delivered: bool | None, limit: int, offset: int, most: int,
) -> tuple[list[Any], int]:  # fmt: skip
    """A page of parcels, one row for each order in each, and how many rows there are (counted no further than `most`)."""
    asked: dict[str, Any] = {
        "shop_id": shop_id, "start": start, "until": until, "order_id": order_id, "buyer": buyer, "voided": voided,
        "picked_up": picked_up, "delivered": delivered,
    }  # fmt: skip
    rows = sql.fetch(PAGE, limit=limit, offset=offset, **asked)
    return sealed.open_receivers(shop_id, rows), int(sql.fetch(COUNT, limit=most, **asked)[0].number)


SCANS: Final = """
SELECT s.kind, s.at, s.place FROM scans s WHERE s.shop_id = %(shop_id)s AND s.parcel_id = %(parcel_id)s ORDER BY s.at, s.id
"""


def scans(shop_id: int, parcel_id: int) -> list[Any]:
    """A parcel's scans, the first first."""
    return sql.fetch(SCANS, shop_id=shop_id, parcel_id=parcel_id)
