"""One order with everything that belongs to it, its receiver masked."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from fahuo.rules import masking
from fahuo.rules.deadlines import Decision, Facts, decide
from fahuo.rules.orders import IN_BACKLOG
from fahuo.store import journal, rulebooks, sealed, sql
from fahuo.store.boards.cards import OrderRow, cards, stake_of
from fahuo.store.boards.find import neighbours

ORDER: Final = """
SELECT o.id, o.number, o.status, o.kind, o.buyer, o.title, o.quantity, o.item_amount, o.postage, o.paid_amount,
       o.refund_status, o.refund_amount, o.region, o.receiver_key, o.buyer_message, o.memo, o.channel_memo, o.flag,
       o.ordered_at, o.paid_at, o.shipped_at, o.completed_at, o.closed_at, o.close_reason, o.promise_hours,
       o.promised_until, o.channel_deadline, o.reported_until, o.agreed_until, o.deadline, o.deadline_clause, o.rulebook,
       o.urge_count, o.urged_at, o.printed_at, o.called_at, o.conflict, o.conflict_at, o.created_at, o.updated_at,
       shops.platform, shops.time_zone, shops.ship_from, coalesce(o.promise_hours, shops.promise_hours) AS promise,
       shops.default_carrier
FROM orders o JOIN shops ON shops.id = %(shop_id)s
WHERE o.shop_id = %(shop_id)s AND o.id = %(order_id)s
"""

LINES: Final = """
SELECT l.id, l.number, l.title, l.sku, l.sku_code, l.item_code, l.quantity, l.shipped_quantity, l.price, l.amount,
       l.refund_status, l.refund_amount, l.remark, l.quantity - l.shipped_quantity AS waiting
FROM order_lines l WHERE l.shop_id = %(shop_id)s AND l.order_id = %(order_id)s ORDER BY l.id
"""

RECEIVER: Final = """
SELECT r.name, r.phone, r.phone_extension, r.phone_expires_at, r.province, r.city, r.district, r.address, r.postcode,
       r.sealed, r.order_id AS sealed_of
FROM receivers r WHERE r.shop_id = %(shop_id)s AND r.order_id = %(order_id)s
"""

PARCELS: Final = """
SELECT p.id, p.kind, p.carrier, p.waybill, p.shipped_at, p.batch_id, p.picked_up_at, p.last_scan_at, p.delivered_at,
       p.voided_at, p.retired_at, p.note, po.whole,
       coalesce((SELECT json_agg(json_build_object('kind', s.kind, 'at', s.at, 'place', s.place) ORDER BY s.at DESC)
                 FROM scans s WHERE s.shop_id = %(shop_id)s AND s.parcel_id = p.id), '[]'::json) AS scans,
       coalesce((SELECT json_agg(json_build_object('line_id', k.line_id, 'quantity', k.quantity) ORDER BY k.line_id)
                 FROM parcel_lines k WHERE k.shop_id = %(shop_id)s AND k.parcel_id = p.id
                   AND k.order_id = %(order_id)s), '[]'::json) AS parts,
       coalesce((SELECT json_agg(json_build_object('id', x.id, 'number', x.number) ORDER BY x.id)
                 FROM parcel_orders y JOIN orders x ON x.shop_id = y.shop_id AND x.id = y.order_id
                 WHERE y.shop_id = %(shop_id)s AND x.shop_id = %(shop_id)s AND y.parcel_id = p.id
                   AND y.order_id <> %(order_id)s), '[]'::json) AS others
FROM parcel_orders po JOIN parcels p ON p.shop_id = po.shop_id AND p.id = po.parcel_id
WHERE po.shop_id = %(shop_id)s AND p.shop_id = %(shop_id)s AND po.order_id = %(order_id)s
ORDER BY p.voided_at IS NOT NULL, p.shipped_at DESC, p.id DESC
"""


@dataclass(frozen=True, slots=True)
class MaskedReceiver:
    """The receiver as anyone of the shop may see them."""

    name: str
    phone: str
    phone_expires_at: datetime | None
    province: str
    city: str
    district: str
    address: str


@dataclass(frozen=True, slots=True)
class OrderDetail:
    """An order, its lines, parcels (with scans, parts and the other orders in them) and journal; rows as named tuples.

    `history` is newest first; `beside` are the other waiting orders of the same receiver; `stake` in CNY; `why` tells
    every clause that was asked for the deadline.
    """

    order: Any
    buyer: str
    receiver: MaskedReceiver
    lines: list[Any]
    parcels: list[Any]
    history: list[Any]
    beside: list[OrderRow]
    stake: Decimal
    why: Decision

    @property
    def waiting(self) -> bool:
        """Whether some of it still waits to be shipped."""
        return self.order.status in IN_BACKLOG

    @property
    def living(self) -> list[Any]:
        """The parcels that were not voided."""
        return [parcel for parcel in self.parcels if parcel.voided_at is None]


def order_detail(shop_id: int, order_id: int, *, now: datetime) -> OrderDetail | None:
    """Everything about one order, or None where the shop has no such order. Six statements."""
    found = sealed.open_texts(
        shop_id, sql.fetch(ORDER, shop_id=shop_id, order_id=order_id), sealed.MESSAGE, "buyer_message"
    )
    if not found:
        return None
    order = found[0]
    waiting = order.status in IN_BACKLOG
    book = rulebooks.book(order.platform, shop_id)
    others = neighbours(shop_id, order_id) if waiting else []
    return OrderDetail(
        order=order, buyer=masking.mask_name(order.buyer),
        receiver=_masked(sealed.open_receivers(shop_id, sql.fetch(RECEIVER, shop_id=shop_id, order_id=order_id))),
        lines=sealed.open_texts(
            shop_id, sql.fetch(LINES, shop_id=shop_id, order_id=order_id), sealed.REMARK, "remark"
        ),
        parcels=sql.fetch(PARCELS, shop_id=shop_id, order_id=order_id), history=journal.history(shop_id, order_id),
        beside=cards(shop_id, others, now=now), stake=stake_of(book, order, now=now),
        why=decide(facts_of(order), book),
    )  # fmt: skip


def facts_of(order: Any) -> Facts:
    """What the deadline of an order depends on, as it stands now."""
    return Facts(
        paid_at=order.paid_at, kind=order.kind, promise_hours=order.promise, promised_until=order.promised_until,
        channel_deadline=order.channel_deadline, reported_until=order.reported_until, agreed_until=order.agreed_until,
        ship_to=order.region, ship_from=order.ship_from, zone=order.time_zone,
    )  # fmt: skip


def _masked(rows: list[Any]) -> MaskedReceiver:
    if not rows:
        return MaskedReceiver("", "", None, "", "", "", "")
    row = rows[0]
    phone = f"{row.phone}-{row.phone_extension}" if row.phone_extension else row.phone
    return MaskedReceiver(
        masking.mask_name(row.name), masking.mask_phone(phone), row.phone_expires_at, row.province, row.city,
        row.district, masking.mask_address(row.address),
    )  # fmt: skip
