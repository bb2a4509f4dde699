"""The shop's couriers: who did how much today, and how much is in their hands."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from fahuo.store import sql

DONE: Final = """
SELECT c.id,
       (SELECT count(*) FROM labels l WHERE l.shop_id = %(shop_id)s AND l.made_at >= %(since)s AND l.made_by = c.id) AS made,
       (SELECT count(*) FROM parcels p WHERE p.shop_id = %(shop_id)s AND p.shipped_at >= %(since)s AND p.shipped_by = c.id
        AND p.voided_at IS NULL) AS shipped
FROM couriers c WHERE c.shop_id = %(shop_id)s AND c.id = ANY(%(courier_ids)s)
"""


def done_since(shop_id: int, courier_ids: Sequence[int], since: datetime) -> Mapping[int, Any]:
    """Courier -> how many labels they made and how many parcels they shipped since an instant (midnight of the shop)."""
    rows = sql.fetch(DONE, shop_id=shop_id, courier_ids=list(courier_ids), since=since)
    return {row.id: row for row in rows}


IN_HAND: Final = """
SELECT g.contract_id AS id, count(*) AS number
FROM backlog b JOIN assignments g ON g.shop_id = %(shop_id)s AND g.order_id = b.order_id AND g.handed_at IS NOT NULL
WHERE b.shop_id = %(shop_id)s GROUP BY g.contract_id
"""


def in_hand(shop_id: int) -> dict[int, int]:
    """Contract -> how many orders its couriers have that are not shipped."""
    return {row.id: int(row.number) for row in sql.fetch(IN_HAND, shop_id=shop_id)}


HANDED: Final = """
SELECT g.order_id, g.contract_id, c.name, c.carrier, g.handed_at, g.note, l.id AS label_id, l.waybill,
       l.state AS label_state, l.made_by_name
FROM assignments g JOIN contracts c ON c.shop_id = %(shop_id)s AND c.id = g.contract_id
LEFT JOIN label_orders h ON h.shop_id = %(shop_id)s AND h.order_id = g.order_id AND h.voided_at IS NULL
LEFT JOIN labels l ON l.shop_id = %(shop_id)s AND l.id = h.label_id
WHERE g.shop_id = %(shop_id)s AND g.order_id = %(order_id)s AND g.handed_at IS NOT NULL
"""


def handed(shop_id: int, order_id: int) -> Any | None:
    """Whose couriers have an order: contract_id, name, carrier, handed_at, note, and the label they made; None: nobody's."""
    return sql.fetch_one(HANDED, shop_id=shop_id, order_id=order_id)
