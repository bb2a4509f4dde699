"""The pickups of a courier's contract: when he is expected, what is on the manifest (numbers only), what he may add."""

from datetime import datetime
from typing import Any, Final

from fahuo.store import sql

PICKUPS: Final = """
SELECT k.id, k.kind, k.status, k.expected_at, k.signed_at, k.signed_count, k.signed_by, k.note,
       (SELECT count(*) FROM pickup_parcels x WHERE x.shop_id = %(shop_id)s AND x.pickup_id = k.id) AS listed
FROM pickups k
WHERE k.shop_id = %(shop_id)s AND k.contract_id = %(contract_id)s AND (%(pickup_id)s::bigint IS NULL OR k.id = %(pickup_id)s)
ORDER BY (k.status IN ('called', 'open')) DESC, k.expected_at DESC, k.id DESC LIMIT 20
"""


def pickups(shop_id: int, contract_id: int, pickup_id: int | None = None) -> list[Any]:
    """The contract's pickups, those still to happen first, then the newest; or one of them."""
    return sql.fetch(PICKUPS, shop_id=shop_id, contract_id=contract_id, pickup_id=pickup_id)


MANIFEST: Final = """
SELECT x.waybill, x.added_at FROM pickup_parcels x WHERE x.shop_id = %(shop_id)s AND x.pickup_id = %(pickup_id)s
ORDER BY x.added_at DESC, x.waybill DESC LIMIT %(limit)s
"""


def manifest(shop_id: int, pickup_id: int, *, limit: int) -> list[Any]:
    """The numbers on a manifest, the last added first."""
    return sql.fetch(MANIFEST, shop_id=shop_id, pickup_id=pickup_id, limit=limit)


TO_TAKE: Final = """
SELECT DISTINCT l.waybill FROM assignments g
JOIN label_orders h ON h.shop_id = %(shop_id)s AND h.order_id = g.order_id AND h.voided_at IS NULL
JOIN labels l ON l.shop_id = %(shop_id)s AND l.id = h.label_id AND l.contract_id = %(contract_id)s
LEFT JOIN parcels p ON p.shop_id = %(shop_id)s AND p.id = l.parcel_id
WHERE g.shop_id = %(shop_id)s AND g.contract_id = %(contract_id)s AND g.handed_at IS NOT NULL AND l.handed_over_at IS NULL
  AND l.state IN ('printed', 'shipped') AND p.picked_up_at IS NULL AND (p.id IS NULL OR p.shipped_at >= %(since)s)
  AND NOT EXISTS (SELECT FROM pickup_parcels x WHERE x.shop_id = %(shop_id)s AND x.carrier = l.carrier
                  AND x.waybill = l.waybill AND x.signed_at IS NULL)
ORDER BY l.waybill LIMIT %(limit)s
"""


def to_take(shop_id: int, contract_id: int, *, since: datetime, limit: int) -> list[str]:
    """The numbers of what the courier had in hand, printed or shipped since, that nobody handed over or listed yet."""
    rows = sql.fetch(TO_TAKE, shop_id=shop_id, contract_id=contract_id, since=since, limit=limit)
    return [row.waybill for row in rows]
