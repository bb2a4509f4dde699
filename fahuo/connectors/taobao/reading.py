"""A Trade of the marketplace as our OrderDraft: statuses, money, times, receiver, lines. What cannot be read is a Problem."""

import re
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from fahuo.connectors.contract import Found, Receiver
from fahuo.rules import carriers, regions
from fahuo.rules.orders import IN_BACKLOG, LineDraft, OrderDraft, RefundStatus
from fahuo.rules.problems import Problem
from fahuo.rules.top import clock, statuses

FIELDS: Final = (
    "tid,tid_str,status,type,created,pay_time,modified,consign_time,end_time,payment,total_fee,post_fee,num,title,"
    "buyer_nick,buyer_open_uid,buyer_message,seller_memo,seller_flag,receiver_name,receiver_mobile,receiver_phone,"
    "receiver_state,receiver_city,receiver_district,receiver_town,receiver_address,receiver_zip,oaid,shipping_type,ob_tag,"
    "delivery_time,collect_time,est_con_time,step_trade_status,orders"
)
HIDDEN: Final = re.compile(r"\*")
EXTENSION: Final = re.compile(r"(1\d{10})\s*[-转,]\s*(\d{1,6})", re.ASCII)
FIRST_PAID: Final = ("FRONT_PAID_FINAL_NOPAID", "FRONT_NOPAID_FINAL_NOPAID")


class Unreadable(Exception):
    """A field says what it cannot."""

    def __init__(self, field: str) -> None:
        super().__init__(field)
        self.field = field


def ref_of(trade: Mapping[str, Any]) -> str:
    """The trade's number as text; "" where it has none."""
    for name in ("tid_str", "tid"):
        text = str(trade.get(name) or "")
        if text.isascii() and text.isdecimal():
            return text
    return ""


def found_of(trade: Mapping[str, Any]) -> Found:
    """The trade as an order, or why it cannot be read."""
    ref = ref_of(trade)
    try:
        draft = draft_of(trade, ref)
    except Unreadable as wrong:
        return Found(ref, problem=Problem("marketplace_field", {"order": ref, "field": wrong.field}))
    except (TypeError, ValueError, KeyError, AttributeError, InvalidOperation):
        return Found(ref, problem=Problem("marketplace_field", {"order": ref, "field": "?"}))
    masked = any(HIDDEN.search(text) for text in (draft.receiver, draft.phone, draft.address))
    return Found(
        ref, draft, modified=moment(trade, "modified"), urged=statuses.URGED in str(trade.get("ob_tag") or "").split(","),
        masked=masked, mark=str(trade.get("oaid") or "")[:500], waits=draft.status in IN_BACKLOG,
    )  # fmt: skip


def draft_of(trade: Mapping[str, Any], ref: str) -> OrderDraft:
    """Raises Unreadable."""
    if not ref:
        raise Unreadable("tid")
    status = statuses.ORDER.get(str(trade.get("status")))
    if status is None:
        raise Unreadable("status")
    paid_at = moment(trade, "pay_time")
    if status == "awaiting_payment":
        paid_at = None  # a deposit of a presale, or paid and not to be shipped yet: the clock starts later
    lines = [line_of(row, ref) for row in _rows(trade)]
    refund = refund_of(lines)
    carrier, waybill = _left(trade)
    receiver, split = receiver_of(trade), regions.split_address(_place(trade))
    return OrderDraft(
        number=ref, status=status, kind=_kind(trade), buyer=_buyer(trade), receiver=receiver.name, phone=receiver.phone,
        phone_extension=receiver.phone_extension, province=receiver.province, city=receiver.city,
        district=receiver.district, region=split.region, address=receiver.address,
        postcode=_text(trade, "receiver_zip", 12), item_amount=money(trade, "total_fee"),
        postage=money(trade, "post_fee"), paid_amount=money(trade, "payment"), refund_status=refund,
        quantity=sum(line.quantity for line in lines) or 1, title=lines[0].title if lines else _text(trade, "title", 200),
        ordered_at=moment(trade, "created"), paid_at=paid_at, shipped_at=moment(trade, "consign_time"),
        completed_at=moment(trade, "end_time") if status == "completed" else None,
        buyer_message=_text(trade, "buyer_message", 1000), memo=_text(trade, "seller_memo", 1000), flag=_flag(trade),
        carrier=carrier, waybill=waybill, promised_until=moment(trade, "est_con_time", strict=False),
        channel_deadline=_deadline(trade), lines=lines,
    )  # fmt: skip


def _rows(trade: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    held = trade.get("orders") or {}
    rows = held.get("order", []) if isinstance(held, dict) else held
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise Unreadable("orders")
    return rows


def line_of(row: Mapping[str, Any], ref: str) -> LineDraft:
    """A sub-order."""
    number = str(row.get("oid_str") or row.get("oid") or "")
    if not number.isdecimal():
        raise Unreadable("oid")
    status = statuses.REFUND_READ.get(str(row.get("refund_status") or ""))
    if status is None:
        raise Unreadable("refund_status")
    quantity = int(row.get("num") or 1)
    if not 0 < quantity < 1_000_000:
        raise Unreadable("num")
    return LineDraft(
        order_number=ref, number=number, title=_text(row, "title", 200), sku=_text(row, "sku_properties_name", 200),
        sku_code=_text(row, "outer_sku_id", 100), item_code=_text(row, "outer_iid", 100), quantity=quantity,
        price=money(row, "price", none=True), amount=money(row, "payment", none=True), refund_status=status,
    )  # fmt: skip


def refund_of(lines: list[LineDraft]) -> RefundStatus:
    """The order's refund status, of those of its lines."""
    told = {line.refund_status for line in lines}
    if told == {"succeeded"}:
        return "succeeded"
    order: tuple[RefundStatus, ...] = ("requested", "agreed", "refused")
    return next((status for status in order if status in told), "none")


def receiver_of(trade: Mapping[str, Any]) -> Receiver:
    """The receiver as the trade shows it, masked or not."""
    phone = _text(trade, "receiver_mobile", 40) or _text(trade, "receiver_phone", 40)
    return receiver(
        name=_text(trade, "receiver_name", 100), phone=phone, province=_text(trade, "receiver_state", 40),
        city=_text(trade, "receiver_city", 40), district=_text(trade, "receiver_district", 40),
        address=_text(trade, "receiver_town", 60) + _text(trade, "receiver_address", 300),
    )  # fmt: skip


def receiver(*, name: str, phone: str, province: str, city: str, district: str, address: str) -> Receiver:
    """A virtual number's extension is kept apart."""
    found = EXTENSION.fullmatch(phone)
    return Receiver(
        name, found[1] if found else phone, province, city, district, address, found[2] if found else ""
    )  # fmt: skip


def _place(trade: Mapping[str, Any]) -> str:
    return " ".join(_text(trade, f"receiver_{name}", 60) for name in ("state", "city", "district")) + " "


def _kind(trade: Mapping[str, Any]) -> Any:
    if trade.get("type") == "step" or trade.get("step_trade_status"):
        return "presale_staged"
    return "virtual" if trade.get("shipping_type") == "virtual" else "normal"


def _buyer(trade: Mapping[str, Any]) -> str:
    """The buyer's name; where the marketplace masks it, with a piece of what tells two of one mask apart."""
    nick = _text(trade, "buyer_nick", 100)
    if not HIDDEN.search(nick):
        return nick
    return f"{nick}#{_text(trade, 'buyer_open_uid', 200)[-8:]}"


def _flag(trade: Mapping[str, Any]) -> int | None:
    text = str(trade.get("seller_flag") or "")
    return int(text) if text.isdecimal() and 0 < int(text) <= 10 else None


def _deadline(trade: Mapping[str, Any]) -> datetime | None:
    """The marketplace's own deadline: the earliest of the trade's and its lines'."""
    told = [moment(trade, "delivery_time", strict=False)]
    told += [moment(row, "delivery_time", strict=False) for row in _rows(trade)]
    known = [each for each in told if each is not None]
    return min(known) if known else moment(trade, "collect_time", strict=False)


def _left(trade: Mapping[str, Any]) -> tuple[str, str]:
    """(carrier's code, number) of the first parcel that the marketplace knows."""
    for row in _rows(trade):
        number, known = _text(row, "invoice_no", 64), carriers.find(_text(row, "logistics_company", 60))
        if number:
            return (known.code if known else "OTHER"), number
    return "", ""


def moment(row: Mapping[str, Any], name: str, *, strict: bool = True) -> datetime | None:
    """An instant (UTC) or None. Raises Unreadable for anything else, unless other texts are to be expected there."""
    text = str(row.get(name) or "")
    if not text:
        return None
    found = clock.read(text)
    if found is None and strict:
        raise Unreadable(name)
    return found


def money(row: Mapping[str, Any], name: str, *, none: bool = False) -> Any:
    """CNY with two decimals; 0.00 (or None) where nothing stands. Raises Unreadable."""
    text = str(row.get(name) if row.get(name) is not None else "").strip()
    if not text:
        return None if none else Decimal("0.00")
    if not re.fullmatch(r"\d{1,10}(\.\d{1,2})?", text, re.ASCII):
        raise Unreadable(name)
    return Decimal(text).quantize(Decimal("0.01"))


def _text(row: Mapping[str, Any], name: str, most: int) -> str:
    value = row.get(name)
    return "" if value is None else str(value).replace("\0", "").strip()[:most]
