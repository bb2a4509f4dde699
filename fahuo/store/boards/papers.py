"""发件单: what is printed for a parcel. Holds the receiver in full, so whoever asks must be allowed to print."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from fahuo.store import sql
from fahuo.store.boards.pages import ordered

PAPERS: Final = """
SELECT o.id, o.number, o.title, o.quantity, o.buyer_message, o.memo, o.deadline, o.status,
       coalesce(r.name, '') AS receiver, coalesce(r.phone, '') AS phone,
       coalesce(r.phone_extension, '') AS phone_extension, coalesce(r.province, '') AS province,
       coalesce(r.city, '') AS city, coalesce(r.district, '') AS district, coalesce(r.address, '') AS address,
       coalesce(r.postcode, '') AS postcode, shops.name AS shop_name, shops.sender_name, shops.sender_phone,
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
    rows = ordered(sql.fetch(PAPERS, shop_id=shop_id, ids=list(order_ids)), order_ids)
    return [Paper(row, row.lines or [{"title": row.title, "sku": "", "sku_code": "", "quantity": row.quantity}])
            for row in rows]  # fmt: skip
