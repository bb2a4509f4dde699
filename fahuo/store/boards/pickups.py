"""What waits for couriers, contract by contract; the pickups of the day; and the rows behind each count.

A label waits here from its print until it is handed over, or its carrier's scan proves that it went all the same. Each
contract's newest `DEEP` labels that no manifest took are looked at, so that a shop without manifests costs no more.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from fahuo.store import sql
from fahuo.store.boards.filters import UNSCANNED_UNTIL
from fahuo.store.boards.pages import Count, Cursor, Key, Page, read_cursor
from fahuo.store.pickups import find as pickup

__all__ = [
    "DEEP", "PAGE", "ROWS", "Waiting", "couriers", "left_here", "manifest", "of_day", "pickup", "recent", "unscanned",
    "unscanned_count", "waiting",
]  # fmt: skip

DEEP: Final = 3000
ROWS: Final = 300
PAGE: Final = 30

HERE: Final = """
SELECT h.* FROM (
    SELECT l.id, l.contract_id, l.carrier, l.waybill, l.state, l.printed_at, l.packed_at, l.packed_by_name, l.parcel_id, l.grams
    FROM labels l
    WHERE l.shop_id = %(shop_id)s AND l.contract_id = c.id AND l.handed_over_at IS NULL AND l.voided_at IS NULL
    ORDER BY l.id DESC LIMIT %(deep)s
) AS h
WHERE coalesce(h.packed_at, h.printed_at) > %(since)s
  AND NOT EXISTS (SELECT FROM parcels p WHERE p.shop_id = %(shop_id)s AND p.id = h.parcel_id
                  AND (p.picked_up_at IS NOT NULL OR p.delivered_at IS NOT NULL OR p.retired_at IS NOT NULL))
"""
WAITING: Final = f"""
SELECT c.id, c.name, c.carrier, c.ships_at, c.pickup_times, c.active, w.printed::int, w.packed::int, w.unlisted::int, w.missed::int
FROM contracts c
LEFT JOIN LATERAL (
    SELECT max(r.signed_at) AS at FROM (
        SELECT k.signed_at FROM pickups k
        WHERE k.shop_id = %(shop_id)s AND k.contract_id = c.id AND k.status = 'signed'
        ORDER BY k.expected_at DESC LIMIT 5) AS r
) AS last ON true
CROSS JOIN LATERAL (
    SELECT count(*) FILTER (WHERE here.packed_at IS NULL) AS printed, count(here.packed_at) AS packed,
           count(here.packed_at) FILTER (WHERE NOT EXISTS (
               SELECT FROM pickup_parcels x WHERE x.shop_id = %(shop_id)s AND x.carrier = here.carrier
               AND x.waybill = here.waybill AND x.signed_at IS NULL)) AS unlisted,
           count(*) FILTER (WHERE coalesce(here.printed_at, here.packed_at) < last.at) AS missed
    FROM ({HERE}) AS here
) AS w
WHERE c.shop_id = %(shop_id)s AND (c.active OR w.printed > 0 OR w.packed > 0)
ORDER BY c.position, c.id
"""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A contract and what waits for its courier: labels `printed` and not packed, `packed` (`unlisted`: and on no open
    manifest), and those of both that were there (`missed`) when he came last."""

    id: int
    name: str
    carrier: str
    ships_at: str
    pickup_times: Sequence[Any]
    active: bool
    printed: int
    packed: int
    unlisted: int
    missed: int


def waiting(shop_id: int, *, now: datetime) -> list[Waiting]:
    """The shop's contracts in its order, each with what waits under it."""
    rows = sql.fetch(WAITING, shop_id=shop_id, deep=DEEP, since=now - UNSCANNED_UNTIL)
    return [Waiting(*row) for row in rows]


DAY: Final = """
SELECT k.id, k.contract_id, k.kind, k.status, k.expected_at, k.signed_at, k.signed_count, k.signed_by, k.note,
       (SELECT count(*)::int FROM pickup_parcels x WHERE x.shop_id = %(shop_id)s AND x.pickup_id = k.id) AS listed
FROM pickups k
WHERE k.shop_id = %(shop_id)s AND (k.status IN ('called', 'open') OR k.expected_at >= %(from)s AND k.expected_at < %(until)s)
ORDER BY k.expected_at, k.id
"""


def of_day(shop_id: int, start: datetime, until: datetime) -> list[Any]:
    """The pickups expected from `start` until `until`, and every one that is still to happen, by their time."""
    return sql.fetch(DAY, shop_id=shop_id, until=until, **{"from": start})


RECENT: Final = """
SELECT k.id, k.contract_id, c.name AS contract, k.kind, k.status, k.expected_at, k.signed_at, k.signed_count, k.signed_by,
       k.note, k.actor
FROM pickups k JOIN contracts c ON c.shop_id = k.shop_id AND c.id = k.contract_id
WHERE k.shop_id = %(shop_id)s AND k.status IN ('signed', 'cancelled')
  AND (%(at)s::timestamptz IS NULL OR (k.expected_at, k.id) < (%(at)s, %(id)s))
ORDER BY k.expected_at DESC, k.id DESC LIMIT %(limit)s
"""


def recent(shop_id: int, *, cursor: str = "", limit: int = PAGE) -> Page[Any]:
    """The pickups that are over, the newest first."""
    after = read_cursor(cursor, "k")
    rows = sql.fetch(
        RECENT, shop_id=shop_id, at=after and after.key.at, id=after and after.key.id, limit=limit + 1
    )  # fmt: skip
    shown, seen = rows[:limit], after.seen if after else 0
    further = None
    if len(rows) > limit:
        further = str(Cursor("k", True, Key(shown[-1].expected_at, 0, shown[-1].id), seen + limit))
    return Page(shown, next=further, cursor_lost=bool(cursor) and after is None, first=seen + 1)


COURIERS: Final = """
SELECT name FROM (
    SELECT r.signed_by AS name, max(r.signed_at) AS at FROM (
        SELECT k.signed_by, k.signed_at FROM pickups k
        WHERE k.shop_id = %(shop_id)s AND k.contract_id = %(contract_id)s AND k.status = 'signed'
        ORDER BY k.expected_at DESC LIMIT 60) AS r
    GROUP BY r.signed_by
) AS known ORDER BY at DESC LIMIT 5
"""


def couriers(shop_id: int, contract_id: int) -> list[str]:
    """Who signed last for a contract, the latest first."""
    return [row.name for row in sql.fetch(COURIERS, shop_id=shop_id, contract_id=contract_id)]


MANIFEST: Final = """
SELECT x.waybill, x.carrier, x.added_at, x.signed_at, l.packed_at, l.packed_by_name, l.grams, coalesce(l.state, 'shipped') AS state,
       x.label_id, f.numbers, f.order_id, f.quantity, f.city
FROM (
    SELECT * FROM pickup_parcels WHERE shop_id = %(shop_id)s AND pickup_id = %(pickup_id)s
    ORDER BY added_at DESC, waybill DESC LIMIT %(newest)s
) AS x
LEFT JOIN labels l ON l.shop_id = %(shop_id)s AND l.id = x.label_id
LEFT JOIN LATERAL (
    SELECT array_agg(o.number ORDER BY o.id) AS numbers, min(o.id) AS order_id, sum(o.quantity)::int AS quantity,
           min(coalesce(nullif(r.city, ''), r.province)) AS city
    FROM (
        SELECT lo.order_id FROM label_orders lo WHERE lo.shop_id = %(shop_id)s AND lo.label_id = x.label_id
          AND lo.voided_at IS NOT DISTINCT FROM l.voided_at
        UNION ALL
        SELECT po.order_id FROM parcel_orders po
        WHERE po.shop_id = %(shop_id)s AND po.parcel_id = x.parcel_id AND x.label_id IS NULL
    ) AS held
    JOIN orders o ON o.shop_id = %(shop_id)s AND o.id = held.order_id
    LEFT JOIN receivers r ON r.shop_id = %(shop_id)s AND r.order_id = o.id
) AS f ON true
ORDER BY x.added_at DESC, x.waybill DESC
"""


def manifest(shop_id: int, pickup_id: int, *, newest: int | None) -> list[Any]:
    """The numbers on a pickup's manifest with their orders, the last added first; None: all of them."""
    return sql.fetch(MANIFEST, shop_id=shop_id, pickup_id=pickup_id, newest=newest)


# ---- the rows behind the counts ---------------------------------------------------------------------------------

ORDERS: Final = """
LEFT JOIN LATERAL (
    SELECT array_agg(o.number ORDER BY o.id) AS numbers, min(o.id) AS order_id, min(o.deadline) AS deadline
    FROM label_orders lo JOIN orders o ON o.shop_id = %(shop_id)s AND o.id = lo.order_id
    WHERE lo.shop_id = %(shop_id)s AND lo.label_id = here.id AND lo.voided_at IS NULL
) AS f ON true
"""
LEFT_HERE: Final = f"""
SELECT here.id, here.waybill, here.carrier, c.name AS contract, c.id AS contract_id, here.state, here.printed_at,
       here.packed_at, here.packed_by_name, here.grams, f.numbers, f.order_id, f.deadline,
       (SELECT x.pickup_id FROM pickup_parcels x WHERE x.shop_id = %(shop_id)s AND x.carrier = here.carrier
        AND x.waybill = here.waybill AND x.signed_at IS NULL) AS listed_in
FROM contracts c CROSS JOIN LATERAL ({HERE}) AS here {ORDERS}
WHERE c.shop_id = %(shop_id)s AND (%(packed)s = (here.packed_at IS NOT NULL))
  AND (%(contract_id)s::bigint IS NULL OR c.id = %(contract_id)s)
ORDER BY coalesce(here.packed_at, here.printed_at), here.id LIMIT %(limit)s
"""


def left_here(shop_id: int, *, packed: bool, now: datetime, contract_id: int | None = None) -> list[Any]:
    """The labels that wait for a courier, packed or only printed, the longest waiting first; at most ROWS + 1."""
    return sql.fetch(
        LEFT_HERE, shop_id=shop_id, packed=packed, contract_id=contract_id, deep=DEEP, since=now - UNSCANNED_UNTIL,
        limit=ROWS + 1,
    )  # fmt: skip


GIVEN: Final = """
FROM parcels p
WHERE p.shop_id = %(shop_id)s AND p.handed_over_at IS NOT NULL AND p.picked_up_at IS NULL AND p.voided_at IS NULL
  AND p.retired_at IS NULL AND p.delivered_at IS NULL AND p.handed_over_at > %(since)s AND p.handed_over_at <= %(until)s
"""
UNSCANNED: Final = f"SELECT count(*)::int AS number FROM (SELECT 1 {GIVEN} LIMIT %(cap)s) AS given"
UNSCANNED_ROWS: Final = f"""
SELECT here.id, here.waybill, here.carrier, here.handed_over_at, k.contract, k.signed_by, k.pickup_id, f.numbers, f.order_id
FROM (SELECT p.id, p.waybill, p.carrier, p.handed_over_at {GIVEN} ORDER BY p.handed_over_at, p.id LIMIT %(limit)s) AS here
LEFT JOIN LATERAL (
    SELECT c.name AS contract, s.signed_by, s.id AS pickup_id FROM pickup_parcels x
    JOIN pickups s ON s.shop_id = %(shop_id)s AND s.id = x.pickup_id AND s.status = 'signed'
    JOIN contracts c ON c.shop_id = %(shop_id)s AND c.id = s.contract_id
    WHERE x.shop_id = %(shop_id)s AND x.carrier = here.carrier AND x.waybill = here.waybill
    ORDER BY s.signed_at DESC LIMIT 1
) AS k ON true
LEFT JOIN LATERAL (
    SELECT array_agg(o.number ORDER BY o.id) AS numbers, min(o.id) AS order_id
    FROM parcel_orders po JOIN orders o ON o.shop_id = %(shop_id)s AND o.id = po.order_id
    WHERE po.shop_id = %(shop_id)s AND po.parcel_id = here.id
) AS f ON true
ORDER BY here.handed_over_at, here.id
"""
CAP: Final = 1000


def unscanned_count(shop_id: int, *, within: timedelta, now: datetime) -> Count:
    """How many parcels were handed over more than `within` ago and are not scanned by their carrier."""
    row = sql.fetch(UNSCANNED, shop_id=shop_id, since=now - UNSCANNED_UNTIL, until=now - within, cap=CAP)[0]
    return Count(row.number, row.number >= CAP)


def unscanned(shop_id: int, *, within: timedelta, now: datetime) -> list[Any]:
    """Those parcels, the longest silent first; at most ROWS + 1."""
    return sql.fetch(
        UNSCANNED_ROWS, shop_id=shop_id, since=now - UNSCANNED_UNTIL, until=now - within, limit=ROWS + 1
    )  # fmt: skip
