"""How an order and its lines look as a Trade and its Orders: every field that `fields` may name, and where it comes from.

A field that nothing here knows (discounts, stores, promotions) is left out, as TOP leaves empty fields out.
"""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, Final, NamedTuple

from fahuo.api.top.registry import Fields, Selection, pick
from fahuo.rules import masking
from fahuo.rules.carriers import CARRIERS
from fahuo.rules.orders import IN_BACKLOG
from fahuo.rules.parcels import REFUND_OPEN
from fahuo.rules.top import statuses
from fahuo.rules.top.clock import written
from fahuo.rules.top.envelope import Listed
from fahuo.services import sealing
from fahuo.store.boards.trades import Trade, is_tid

OAID_NEEDS: Final = ("receiver_name", "receiver_address", "created", "receiver_mobile", "receiver_phone")
"""TOP answers with `oaid` only when all of these are asked for, or `include_oaid` says so."""


class Shown(NamedTuple):
    """An order to be shown, and to whom."""

    trade: Trade
    shop_id: int
    shop_name: str
    wish: Selection | None
    include_oaid: bool = False

    @property
    def o(self) -> Any:
        return self.trade.order


class Line(NamedTuple):
    """One of its lines."""

    shown: Shown
    line: Any

    @property
    def parcels(self) -> list[Any]:
        """The parcels that hold something of the line: all that hold the order whole, and those that name the line."""
        return [p for p in self.shown.trade.parcels if p.whole or not p.line_ids or self.line.id in p.line_ids]

    @property
    def gone(self) -> bool:
        """Whether all of it left."""
        whole = any(parcel.whole or not parcel.line_ids for parcel in self.parcels)
        return whole or self.line.shipped_quantity >= self.line.quantity or self.shown.o.status == "shipped"


def tid(order: Any) -> int:
    """The order's number as an integer; its id where the number is none (orders of other channels)."""
    return int(order.number) if is_tid(order.number) else int(order.id)


def oid(line: Any, order: Any, alone: bool) -> int:
    """The line's number as an integer; of an order's only line without a number, the order's; else its id."""
    if is_tid(line.number):
        return int(line.number)
    return tid(order) if alone else int(line.id)


def at(moment: datetime | None) -> str | None:
    return None if moment is None else written(moment)


def money(amount: Decimal | None) -> str | None:
    return None if amount is None else f"{amount:.2f}"


def trade_status(order: Any) -> str:
    if order.status == "closed" and order.paid_at is None:
        return statuses.CLOSED_UNPAID
    return statuses.TRADE[order.status]


def order_status(row: Line) -> str:
    order = row.shown.o
    if row.line.refund_status == "succeeded" and order.status != "completed":
        return statuses.TRADE["closed"]
    if order.status == "part_shipped":
        return statuses.TRADE["shipped" if row.gone else "awaiting_shipment"]
    return trade_status(order)


def oaid_of(shop_id: int, order: Any) -> str:
    """The opaque mark of an order's receiver: for this order, this address, this installation."""
    return sealing.mark("oaid", shop_id, order.id, order.receiver_key or order.address or "")


def _oaid(row: Shown) -> str | None:
    asked = row.include_oaid or (row.wish is not None and row.wish.wants(*OAID_NEEDS))
    return oaid_of(row.shop_id, row.o) if asked and row.o.address else None


def lines_of(row: Shown) -> list[Line]:
    return [Line(row, line) for line in row.trade.lines]


def line_refund(row: Line) -> str:
    """The line's refund status, or the order's where the order tells it for all of it."""
    own, whole = row.line.refund_status, row.shown.o.refund_status
    if own == "none" and (whole in REFUND_OPEN or whole == "succeeded" and row.shown.o.status == "closed"):
        return str(statuses.REFUND[whole])
    return str(statuses.REFUND[own])


def refund_id(row: Line) -> str | None:
    """The refund that concerns the line: its own, or the order's."""
    if row.line.refund_status != "none":
        return str(row.line.id)
    return str(row.shown.o.id) if row.shown.o.refund_status != "none" else None


def _company(parcels: Sequence[Any]) -> str | None:
    known = CARRIERS.get(parcels[0].carrier) if parcels else None
    return known.zh if known else None


ORDER: Final[Fields] = {
    "oid": lambda r: oid(r.line, r.shown.o, len(r.shown.trade.lines) == 1),
    "oid_str": lambda r: str(oid(r.line, r.shown.o, len(r.shown.trade.lines) == 1)),
    "title": lambda r: r.line.title or r.shown.o.title,
    "num": lambda r: r.line.quantity,
    "price": lambda r: money(r.line.price),
    "payment": lambda r: money(r.line.amount if len(r.shown.trade.lines) > 1 or r.line.amount is not None else r.shown.o.paid_amount),
    "total_fee": lambda r: money(r.line.amount if r.line.amount is not None else r.shown.o.item_amount),
    "sku_properties_name": lambda r: r.line.sku or None,
    "outer_sku_id": lambda r: r.line.sku_code or None,
    "outer_iid": lambda r: r.line.item_code or None,
    "status": order_status,
    "refund_status": line_refund,
    "refund_id": refund_id,
    "consign_time": lambda r: at(r.parcels[0].shipped_at) if r.parcels else None,
    "logistics_company": lambda r: _company(r.parcels),
    "invoice_no": lambda r: (r.parcels[0].waybill or None) if r.parcels else None,
    "shipping_type": lambda r: _shipping_type(r.shown),
    "delivery_time": lambda r: at(r.shown.o.deadline),
    "collect_time": lambda r: at(r.shown.o.deadline),
    "estimate_con_time": lambda r: at(r.shown.o.agreed_until or r.shown.o.promised_until),
    "is_oversold": lambda r: False,
    "buyer_rate": lambda r: False,
    "seller_rate": lambda r: False,
    "seller_type": lambda r: "C",
}  # fmt: skip
"""Fields of an Order (a line). delivery_time and collect_time: this house's deadline is the carrier's pickup scan."""


def orders_of(row: Shown) -> Listed:
    wish = row.wish.under("orders") if row.wish is not None else None
    return Listed("order", [pick(line, ORDER, wish) for line in lines_of(row)])


def _shipping_type(row: Shown) -> str:
    kinds = {parcel.kind for parcel in row.trade.parcels}
    return "virtual" if kinds == {"virtual"} or (not kinds and row.o.kind == "virtual") else "express"


def _masked_phone(row: Shown) -> str | None:
    phone = row.o.phone or ""
    shown = masking.mask_phone(f"{phone}-{row.o.phone_extension}" if row.o.phone_extension else phone)
    return shown or None


TRADE: Final[Fields] = {
    "tid": lambda r: tid(r.o),
    "tid_str": lambda r: str(tid(r.o)),
    "sid": lambda r: str(tid(r.o)),
    "title": lambda r: r.shop_name,
    "type": lambda r: "step" if r.o.kind == "presale_staged" else "fixed",
    "status": lambda r: trade_status(r.o),
    "created": lambda r: at(r.o.ordered_at),
    "pay_time": lambda r: at(r.o.paid_at),
    "modified": lambda r: at(r.o.modified_at),
    "consign_time": lambda r: at(r.o.shipped_at),
    "end_time": lambda r: at(r.o.completed_at or r.o.closed_at),
    "payment": lambda r: money(r.o.paid_amount),
    "received_payment": lambda r: money(r.o.paid_amount if r.o.status == "completed" else Decimal(0)),
    "total_fee": lambda r: money(r.o.item_amount),
    "post_fee": lambda r: money(r.o.postage),
    "discount_fee": lambda r: money(max(r.o.item_amount + r.o.postage - r.o.paid_amount, Decimal(0))),
    "adjust_fee": lambda r: "0.00",
    "num": lambda r: r.o.quantity,
    "price": lambda r: money(r.trade.lines[0].price) if len(r.trade.lines) == 1 else None,
    "seller_nick": lambda r: r.shop_name,
    "buyer_nick": lambda r: r.o.buyer or None,
    "buyer_open_uid": lambda r: sealing.mark("buyer", r.shop_id, r.o.buyer) if r.o.buyer else None,
    "buyer_message": lambda r: r.o.buyer_message or None,
    "has_buyer_message": lambda r: bool(r.o.buyer_message),
    "seller_memo": lambda r: r.o.memo or None,
    "seller_flag": lambda r: r.o.flag if r.o.flag is not None else 0,
    "receiver_name": lambda r: masking.mask_name(r.o.name or "") or None,
    "receiver_mobile": _masked_phone,
    "receiver_phone": lambda r: None,
    "receiver_state": lambda r: r.o.province or None,
    "receiver_city": lambda r: r.o.city or None,
    "receiver_district": lambda r: r.o.district or None,
    "receiver_town": lambda r: None,
    "receiver_address": lambda r: masking.mask_address(r.o.address or "") or None,
    "receiver_zip": lambda r: r.o.postcode or None,
    "receiver_country": lambda r: "中国" if r.o.address else None,
    "oaid": _oaid,
    "shipping_type": _shipping_type,
    "is_part_consign": lambda r: r.o.status == "part_shipped",
    "ob_tag": lambda r: statuses.URGED if r.o.urge_count and r.o.status in IN_BACKLOG else None,
    "delivery_time": lambda r: at(r.o.deadline),
    "collect_time": lambda r: at(r.o.deadline),
    "est_con_time": lambda r: at(r.o.agreed_until or r.o.promised_until),
    "step_trade_status": lambda r: _step(r.o),
    "trade_from": lambda r: "WAP,WAP",
    "buyer_rate": lambda r: False,
    "seller_rate": lambda r: False,
    "can_rate": lambda r: False,
    "has_post_fee": lambda r: r.o.postage > 0,
    "orders": orders_of,
}  # fmt: skip
"""Fields of a Trade. Receivers are masked; `oaid` opens them to who may (taobao.top.oaid.decrypt)."""


def _step(order: Any) -> str | None:
    if order.kind != "presale_staged":
        return None
    return "FRONT_NOPAID_FINAL_NOPAID" if order.paid_at is None else "FRONT_PAID_FINAL_PAID"


def shown(row: Shown) -> dict[str, Any]:
    """The asked fields of an order."""
    return pick(row, TRADE, row.wish)
