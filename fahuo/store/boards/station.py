"""What the bench has done: the last parcels that were packed, and how many an hour."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from fahuo.store import sql

LAST: Final = """
SELECT l.id, l.waybill, l.carrier, l.state, l.packed_at, l.packed_by, l.packed_by_name, l.grams, l.handed_over_at,
       f.numbers, f.order_id
FROM (
    SELECT * FROM labels WHERE shop_id = %(shop_id)s AND packed_at >= %(since)s AND packed_at IS NOT NULL
    ORDER BY packed_at DESC, id DESC LIMIT %(limit)s
) AS l
LEFT JOIN LATERAL (
    SELECT array_agg(o.number ORDER BY o.id) AS numbers, min(o.id) AS order_id
    FROM label_orders lo JOIN orders o ON o.shop_id = %(shop_id)s AND o.id = lo.order_id
    WHERE lo.shop_id = %(shop_id)s AND lo.label_id = l.id AND lo.voided_at IS NULL
) AS f ON true
ORDER BY l.packed_at DESC, l.id DESC
"""
HOURS: Final = """
SELECT date_part('hour', l.packed_at AT TIME ZONE %(zone)s)::int AS hour, count(*)::int AS count,
       count(*) FILTER (WHERE l.packed_by IS NOT DISTINCT FROM %(member_id)s)::int AS mine
FROM labels l WHERE l.shop_id = %(shop_id)s AND l.packed_at >= %(since)s AND l.packed_at IS NOT NULL
GROUP BY 1 ORDER BY 1
"""


@dataclass(frozen=True, slots=True)
class Done:
    """What was packed since the day began: the last rows, and (hour of the shop's day, count, one's own) where any."""

    rows: list[Any]
    hours: list[Any]

    @property
    def count(self) -> int:
        return sum(hour.count for hour in self.hours)

    @property
    def mine(self) -> int:
        return sum(hour.mine for hour in self.hours)


def done(shop_id: int, member_id: int | None, *, since: datetime, zone: str, limit: int = 10) -> Done:
    """What was packed since `since`, the start of the shop's day."""
    return Done(
        sql.fetch(LAST, shop_id=shop_id, since=since, limit=limit),
        sql.fetch(HOURS, shop_id=shop_id, since=since, zone=zone, member_id=member_id),
    )  # fmt: skip


CONTRACTS: Final = """
SELECT id, name, carrier, ships_at FROM contracts WHERE shop_id = %(shop_id)s AND active ORDER BY position, id
"""


def contracts(shop_id: int) -> list[Any]:
    """The contracts in use, in the shop's order: (id, name, carrier, ships_at)."""
    return sql.fetch(CONTRACTS, shop_id=shop_id)
