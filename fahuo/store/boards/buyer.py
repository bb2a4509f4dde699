"""A buyer's own orders at one shop, as the buyer sees them: nothing of the seller's memos, flags or costs."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from fahuo.rules.orders import IN_BACKLOG
from fahuo.rules.parcels import refunded_whole
from fahuo.store import sealed, sql

SHOWN: Final = 100
"""The newest orders a buyer sees of one shop."""

ORDERS: Final = """
SELECT o.id, o.number, o.status, o.title, o.quantity, o.item_amount, o.postage, o.paid_amount, o.refund_status,
       o.refund_amount, o.ordered_at, o.paid_at, o.shipped_at, o.completed_at, o.closed_at, o.deadline, o.agreed_until,
       o.urge_count, o.urged_at, t.state, t.due_at, t.plan, t.plan_until, t.kind AS task_kind, c.kind AS complaint,
       c.id AS complaint_id
FROM orders o
LEFT JOIN tasks t ON t.shop_id = %(shop_id)s AND t.order_id = o.id AND NOT (t.state = 'completed')
LEFT JOIN complaints c ON c.shop_id = %(shop_id)s AND c.order_id = o.id AND c.status = 'open'
WHERE o.shop_id = %(shop_id)s AND o.buyer = %(buyer)s AND (%(order_id)s::bigint IS NULL OR o.id = %(order_id)s)
ORDER BY o.ordered_at DESC, o.id DESC LIMIT %(limit)s
"""


@dataclass(frozen=True, slots=True)
class BuyerOrder:
    """One order of a buyer. `state`, `due_at`, `plan` tell of its open task ("" for none), `complaint` of the open one."""

    shop_id: int
    id: int
    number: str
    status: str
    title: str
    quantity: int
    item_amount: Decimal
    postage: Decimal
    paid_amount: Decimal
    refund_status: str
    refund_amount: Decimal
    ordered_at: datetime
    paid_at: datetime | None
    shipped_at: datetime | None
    completed_at: datetime | None
    closed_at: datetime | None
    deadline: datetime | None
    agreed_until: datetime | None
    urge_count: int
    urged_at: datetime | None
    state: str
    due_at: datetime | None
    plan: str
    plan_until: datetime | None
    task_kind: str
    complaint: str
    complaint_id: int | None

    @property
    def urgeable(self) -> bool:
        """Whether 催发货 and 继续联系卖家 show: paid, and neither wholly shipped, refunded nor closed."""
        refunded = refunded_whole(self.refund_status, self.refund_amount, self.paid_amount)
        return self.status in IN_BACKLOG and self.paid_at is not None and self.deadline is not None and not refunded

    @property
    def receivable(self) -> bool:
        """Whether 确认收货 shows."""
        return self.status == "shipped"

    @property
    def refundable(self) -> bool:
        """Whether a refund may be asked for."""
        return self.paid_at is not None and self.status != "closed" and self.refund_status in ("none", "refused")

    @property
    def refunding(self) -> bool:
        """Whether a request is open, so that it may be withdrawn."""
        return self.refund_status in ("requested", "agreed") and self.status != "closed"


def buyer_orders(shop_id: int, buyer: str, *, order_id: int | None = None) -> list[BuyerOrder]:
    """The newest orders of a buyer at a shop; with `order_id`, that one if it is the buyer's."""
    rows = sql.fetch(ORDERS, shop_id=shop_id, buyer=buyer, order_id=order_id, limit=SHOWN)
    return [_order(shop_id, row) for row in rows] if buyer else []


def _order(shop_id: int, row: Any) -> BuyerOrder:
    told = row._asdict()
    texts = {name: told[name] or "" for name in ("state", "plan", "task_kind", "complaint")}
    return BuyerOrder(shop_id=shop_id, **{**told, **texts})


PARCELS: Final = """
SELECT p.id, p.kind, p.carrier, p.waybill, p.shipped_at, p.picked_up_at, p.last_scan_at, p.delivered_at
FROM parcel_orders po JOIN parcels p ON p.shop_id = %(shop_id)s AND p.id = po.parcel_id
WHERE po.shop_id = %(shop_id)s AND po.order_id = %(order_id)s AND p.voided_at IS NULL ORDER BY p.shipped_at, p.id
"""


def buyer_parcels(shop_id: int, order_id: int) -> list[Any]:
    """The parcels of an order: carrier, number, and how far the carrier has brought them."""
    return sql.fetch(PARCELS, shop_id=shop_id, order_id=order_id)


MESSAGES: Final = """
SELECT m.id, m.at, m.sender, m.name, m.kind, m.body FROM messages m
WHERE m.shop_id = %(shop_id)s AND m.order_id = %(order_id)s ORDER BY m.at DESC, m.id DESC LIMIT %(limit)s
"""


def conversation(shop_id: int, order_id: int, *, limit: int = 200) -> list[Any]:
    """The newest messages over an order, oldest first: id, at, sender, name, kind (message, card, auto), body."""
    rows = sql.fetch(MESSAGES, shop_id=shop_id, order_id=order_id, limit=limit)[::-1]
    return sealed.open_texts(shop_id, rows, sealed.TALK, "body")


RECEIVER: Final = """
SELECT r.name, r.phone, r.province, r.city, r.district, r.address, r.sealed, r.order_id AS sealed_of FROM receivers r
WHERE r.shop_id = %(shop_id)s AND r.order_id = %(order_id)s
"""


def buyer_receiver(shop_id: int, order_id: int) -> Any | None:
    """To whom the buyer lets an order be sent; only for the buyer's own page."""
    found = sealed.open_receivers(shop_id, sql.fetch(RECEIVER, shop_id=shop_id, order_id=order_id))
    return found[0] if found else None


DISPUTES: Final = """
SELECT c.id, c.kind, c.status, c.opened_at, c.closed_at, c.compensation, c.statement FROM complaints c
WHERE c.shop_id = %(shop_id)s AND c.order_id = %(order_id)s ORDER BY c.id
"""


def buyer_complaints(shop_id: int, order_id: int) -> list[Any]:
    """The complaints over an order, oldest first."""
    rows = sql.fetch(DISPUTES, shop_id=shop_id, order_id=order_id)
    return sealed.open_texts(shop_id, rows, sealed.STATEMENT, "statement")
