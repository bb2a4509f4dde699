"""Orders as a marketplace's clients read them: by the moment they were made or last moved, page by page, and whole.

`modified` of an order is the moment of its last journal entry: all that moves an order
writes one, and a look at its receiver moves nothing. The pages of these
clients have numbers, so a page is reached by passing over the ones before it; a window of time bounds how many.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from fahuo.store import sealed, sql

DEEPEST: Final = 100_000
"""Rows that a query may match in all; more than that is told apart only by `has_next`."""

_FILTER: Final = """
(%(statuses)s::text[] IS NULL OR o.status = ANY(%(statuses)s::text[]))
AND (%(unpaid_only)s::bool IS NULL OR (o.paid_at IS NULL) = %(unpaid_only)s::bool)
AND (%(kinds)s::text[] IS NULL OR o.kind = ANY(%(kinds)s::text[])) AND (%(buyer)s = '' OR o.buyer = %(buyer)s)
"""
CREATED: Final = f"""
SELECT o.id FROM orders o
WHERE o.shop_id = %(shop_id)s AND o.ordered_at >= %(start)s AND o.ordered_at < %(until)s AND {_FILTER}
ORDER BY o.ordered_at DESC, o.id DESC LIMIT %(limit)s OFFSET %(offset)s
"""
CREATED_COUNT: Final = f"""
SELECT count(*) AS number FROM (
    SELECT 1 FROM orders o
    WHERE o.shop_id = %(shop_id)s AND o.ordered_at >= %(start)s AND o.ordered_at < %(until)s AND {_FILTER}
    LIMIT %(limit)s
) AS matching
"""
_MOVED: Final = f"""
FROM (
    SELECT DISTINCT j.order_id FROM journal j
    WHERE j.shop_id = %(shop_id)s AND j.at >= %(start)s AND j.at < %(until)s AND j.order_id IS NOT NULL
      AND NOT j.act = 'order.revealed'
) AS moved JOIN orders o ON o.shop_id = %(shop_id)s AND o.id = moved.order_id
CROSS JOIN LATERAL (
    SELECT j.at FROM journal j WHERE j.shop_id = %(shop_id)s AND j.order_id = o.id AND NOT j.act = 'order.revealed'
    ORDER BY j.id DESC LIMIT 1
) AS latest
WHERE latest.at < %(until)s AND {_FILTER}
"""
MODIFIED: Final = f"""
SELECT o.id {_MOVED} ORDER BY date_trunc('second', latest.at) DESC, o.id DESC LIMIT %(limit)s OFFSET %(offset)s
"""
MODIFIED_COUNT: Final = f"SELECT count(*) AS number FROM (SELECT 1 {_MOVED} LIMIT %(limit)s) AS matching"


@dataclass(frozen=True, slots=True)
class Wish:
    """Which orders: made, or moved last, from `start` to before `until`. None leaves a condition out.

    `unpaid_only`: of the closed ones, those that were never paid (True) or those that were (False).
    """

    start: datetime
    until: datetime
    statuses: tuple[str, ...] | None = None
    unpaid_only: bool | None = None
    kinds: tuple[str, ...] | None = None
    buyer: str = ""

    def params(self) -> dict[str, Any]:
        return {
            "start": self.start, "until": self.until, "unpaid_only": self.unpaid_only, "buyer": self.buyer,
            "statuses": None if self.statuses is None else list(self.statuses),
            "kinds": None if self.kinds is None else list(self.kinds),
        }  # fmt: skip


def created(shop_id: int, wish: Wish, *, limit: int, offset: int) -> list[int]:
    """Ids of orders by when they were made, the newest first."""
    return [row.id for row in sql.fetch(CREATED, shop_id=shop_id, limit=limit, offset=offset, **wish.params())]


def created_count(shop_id: int, wish: Wish) -> int:
    """How many there are, counted no further than DEEPEST + 1."""
    return int(sql.fetch(CREATED_COUNT, shop_id=shop_id, limit=DEEPEST + 1, **wish.params())[0].number)


def modified(shop_id: int, wish: Wish, *, limit: int, offset: int) -> list[int]:
    """Ids of orders by when they moved last, the latest first. One that moves again leaves the window."""
    return [row.id for row in sql.fetch(MODIFIED, shop_id=shop_id, limit=limit, offset=offset, **wish.params())]


def modified_count(shop_id: int, wish: Wish) -> int:
    """How many there are, counted no further than DEEPEST + 1."""
    return int(sql.fetch(MODIFIED_COUNT, shop_id=shop_id, limit=DEEPEST + 1, **wish.params())[0].number)


TRADES: Final = """
SELECT o.id, o.number, o.status, o.kind, o.buyer, o.title, o.quantity, o.item_amount, o.postage, o.paid_amount,
       o.refund_status, o.refund_amount, o.region, o.receiver_key, o.buyer_message, o.memo, o.flag, o.ordered_at,
       o.paid_at, o.shipped_at, o.completed_at, o.closed_at, o.promised_until, o.agreed_until, o.deadline, o.urge_count,
       o.created_at, r.name, r.phone, r.phone_extension, r.province, r.city, r.district, r.address, r.postcode,
       r.sealed, r.order_id AS sealed_of, coalesce(latest.at, o.updated_at) AS modified_at
FROM orders o LEFT JOIN receivers r ON r.shop_id = %(shop_id)s AND r.order_id = o.id
LEFT JOIN LATERAL (
    SELECT j.at FROM journal j WHERE j.shop_id = %(shop_id)s AND j.order_id = o.id AND NOT j.act = 'order.revealed'
    ORDER BY j.id DESC LIMIT 1
) AS latest ON true
WHERE o.shop_id = %(shop_id)s AND o.id = ANY(%(ids)s)
"""
LINES: Final = """
SELECT l.id, l.order_id, l.number, l.title, l.sku, l.sku_code, l.item_code, l.quantity, l.shipped_quantity, l.price,
       l.amount, l.refund_status, l.refund_amount
FROM order_lines l WHERE l.shop_id = %(shop_id)s AND l.order_id = ANY(%(ids)s) ORDER BY l.order_id, l.id
"""
PARCELS: Final = """
SELECT po.order_id, po.whole, p.id, p.kind, p.carrier, p.waybill, p.shipped_at, p.picked_up_at, p.delivered_at,
       ARRAY(SELECT k.line_id FROM parcel_lines k
             WHERE k.shop_id = %(shop_id)s AND k.parcel_id = p.id AND k.order_id = po.order_id) AS line_ids
FROM parcel_orders po JOIN parcels p ON p.shop_id = %(shop_id)s AND p.id = po.parcel_id
WHERE po.shop_id = %(shop_id)s AND po.order_id = ANY(%(ids)s) AND p.voided_at IS NULL
ORDER BY po.order_id, p.shipped_at, p.id
"""


@dataclass(frozen=True, slots=True)
class Trade:
    """An order with its receiver (whole: mask before it goes out), lines and parcels that live; rows as named tuples."""

    order: Any
    lines: list[Any]
    parcels: list[Any]


def trades(shop_id: int, ids: Sequence[int]) -> list[Trade]:
    """The orders of these ids, in their order."""
    if not ids:
        return []
    found = sealed.open_receivers(shop_id, sql.fetch(TRADES, shop_id=shop_id, ids=list(ids)))
    found = sealed.open_texts(shop_id, found, sealed.MESSAGE, "buyer_message")
    orders = {row.id: Trade(row, [], []) for row in found}
    for line in sql.fetch(LINES, shop_id=shop_id, ids=list(ids)):
        orders[line.order_id].lines.append(line)
    for parcel in sql.fetch(PARCELS, shop_id=shop_id, ids=list(ids)):
        orders[parcel.order_id].parcels.append(parcel)
    return [orders[order_id] for order_id in ids if order_id in orders]


BY_NUMBER: Final = "SELECT o.id, o.number FROM orders o WHERE o.shop_id = %(shop_id)s AND o.number = ANY(%(numbers)s)"
BY_ID: Final = "SELECT o.id, o.number FROM orders o WHERE o.shop_id = %(shop_id)s AND o.id = ANY(%(ids)s::bigint[])"


def ids_of(shop_id: int, numbers: Sequence[str]) -> dict[str, int]:
    """Order numbers (or, of orders whose number is no number, their ids as text) -> id; unknown ones are left out."""
    found = {row.number: int(row.id) for row in sql.fetch(BY_NUMBER, shop_id=shop_id, numbers=list(numbers))}
    rest = [int(number) for number in numbers if number not in found and _is_id(number)]
    if rest:
        for row in sql.fetch(BY_ID, shop_id=shop_id, ids=rest):
            if not is_tid(row.number):
                found[str(row.id)] = int(row.id)
    return found


def is_tid(number: str) -> bool:
    """Whether a number can stand where these clients expect an integer."""
    return _is_id(number) and not number.startswith("0")


def _is_id(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 20 and int(text) < 2**63
