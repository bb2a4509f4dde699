"""发件单: what is printed for a parcel. Holds the receiver in full, so whoever asks must be allowed to print."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from fahuo.store import sealed, sql
from fahuo.store.boards.pages import ordered

PAPERS: Final = """
SELECT o.id, o.number, o.title, o.quantity, o.buyer_message, o.memo, o.deadline, o.status,
       coalesce(r.name, '') AS receiver, coalesce(r.phone, '') AS phone,
       coalesce(r.phone_extension, '') AS phone_extension, coalesce(r.province, '') AS province,
       coalesce(r.city, '') AS city, coalesce(r.district, '') AS district, coalesce(r.address, '') AS address,
       coalesce(r.postcode, '') AS postcode, r.sealed, r.order_id AS sealed_of, shops.name AS shop_name, shops.sender_name, shops.sender_phone,
       shops.sender_address, coalesce(l.lines, '[]'::json) AS lines
FROM orders o
JOIN shops ON shops.id = %(shop_id)s
LEFT JOIN receivers r ON r.shop_id = %(shop_id)s AND r.order_id = o.id
LEFT JOIN LATERAL (
    SELECT json_agg(json_build_object('title', k.title, 'sku', k.sku, 'sku_code', k.sku_code,
        'quantity', k.quantity - k.shipped_quantity) ORDER BY k.id) AS lines
    FROM order_lines k WHERE k.shop_id = %(shop_id)s AND k.order_id = o.id AND k.quantity > k.shipped_quantity
) AS l ON true
WHERE o.shop_id = %(shop_id)s AND o.id = ANY(%(ids)s)
"""


@dataclass(frozen=True, slots=True)
class Paper:
    """One consignment sheet: the order as a named tuple, and what of it is still to go."""

    order: Any
    lines: list[dict[str, Any]]


def papers(shop_id: int, order_ids: Sequence[int]) -> list[Paper]:
    """The sheets of these orders, in this order."""
    found = sealed.open_receivers(shop_id, sql.fetch(PAPERS, shop_id=shop_id, ids=list(order_ids)))
    rows = ordered(sealed.open_texts(shop_id, found, sealed.MESSAGE, "buyer_message"), order_ids)
    return [Paper(row, row.lines or [{"title": row.title, "sku": "", "sku_code": "", "quantity": row.quantity}])
            for row in rows]  # fmt: skip


PICK: Final = """
WITH asked AS MATERIALIZED (
    SELECT %(shop_id)s::bigint AS shop_id, a.id FROM unnest(%(ids)s::bigint[]) AS a (id)
), line AS (
    SELECT k.sku_code, k.title, k.sku, k.quantity - k.shipped_quantity AS quantity, k.order_id
    FROM asked a JOIN order_lines k ON k.shop_id = a.shop_id AND k.order_id = a.id
    WHERE k.quantity > k.shipped_quantity AND k.refund_status <> 'succeeded'
    UNION ALL
    SELECT '', o.title, '', o.quantity, o.id FROM asked a JOIN orders o ON o.shop_id = a.shop_id AND o.id = a.id
    WHERE NOT EXISTS (SELECT FROM order_lines k WHERE k.shop_id = a.shop_id AND k.order_id = o.id)
)
SELECT COALESCE(s.shelf, '') AS shelf, l.sku_code, min(l.title) AS title, l.sku, COALESCE(s.barcode, '') AS barcode,
       sum(l.quantity)::int AS quantity, count(DISTINCT l.order_id)::int AS orders
FROM line l LEFT JOIN skus s ON s.shop_id = %(shop_id)s AND s.code = l.sku_code AND l.sku_code <> ''
GROUP BY COALESCE(s.shelf, ''), l.sku_code, CASE WHEN l.sku_code = '' THEN l.title END, l.sku, COALESCE(s.barcode, '')
ORDER BY COALESCE(s.shelf, '') = '', COALESCE(s.shelf, ''), l.sku_code, min(l.title), l.sku
"""


def pick_list(shop_id: int, order_ids: Sequence[int]) -> list[Any]:
    """What is to be fetched for these orders, by shelf and SKU: quantity, and of how many orders. No personal data."""
    return sql.fetch(PICK, shop_id=shop_id, ids=list(order_ids))


SLIPS: Final = """
SELECT o.id, o.number, o.title, o.quantity, o.buyer_message, coalesce(r.name, '') AS receiver, coalesce(r.city, '') AS city,
       shops.name AS shop_name, coalesce(w.waybill, '') AS waybill, coalesce(l.lines, '[]'::json) AS lines
FROM orders o JOIN shops ON shops.id = %(shop_id)s
LEFT JOIN receivers r ON r.shop_id = %(shop_id)s AND r.order_id = o.id
LEFT JOIN LATERAL (
    SELECT b.waybill FROM label_orders h JOIN labels b ON b.shop_id = %(shop_id)s AND b.id = h.label_id
    WHERE h.shop_id = %(shop_id)s AND h.order_id = o.id AND h.voided_at IS NULL) AS w ON true
LEFT JOIN LATERAL (
    SELECT json_agg(json_build_object('title', k.title, 'sku', k.sku, 'sku_code', k.sku_code,
        'shelf', coalesce(s.shelf, ''), 'quantity', k.quantity - k.shipped_quantity) ORDER BY s.shelf, k.id) AS lines
    FROM order_lines k LEFT JOIN skus s ON s.shop_id = %(shop_id)s AND s.code = k.sku_code AND k.sku_code <> ''
    WHERE k.shop_id = %(shop_id)s AND k.order_id = o.id AND k.quantity > k.shipped_quantity
      AND k.refund_status <> 'succeeded') AS l ON true
WHERE o.shop_id = %(shop_id)s AND o.id = ANY(%(ids)s)
"""


def packing_slips(shop_id: int, order_ids: Sequence[int]) -> list[Paper]:
    """What goes into the parcels of these orders, in this order: goods and shelf, no prices, no address."""
    found = sql.fetch(SLIPS, shop_id=shop_id, ids=list(order_ids))
    rows = ordered(sealed.open_texts(shop_id, found, sealed.MESSAGE, "buyer_message"), order_ids)
    whole = [{"title": row.title, "sku": "", "sku_code": "", "shelf": "", "quantity": row.quantity} for row in rows]
    return [Paper(row, row.lines or [rest]) for row, rest in zip(rows, whole, strict=True)]
