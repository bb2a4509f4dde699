"""What left: logistics orders, and where a parcel is."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from fahuo.api.top.methods.trades import order_id
from fahuo.api.top.registry import FIELDS, PAGE, Call, Fields, Param, method, pick
from fahuo.api.top.trade_fields import at, oid, tid
from fahuo.rules import masking
from fahuo.rules.carriers import CARRIERS
from fahuo.rules.top.envelope import Listed
from fahuo.rules.top.errors import TopError
from fahuo.store.boards import trade_parcels, trades
from fahuo.store.boards.trades import is_tid

FARTHEST: Final = timedelta(days=92)
DEEPEST: Final = 10_000
STATUS: Final[Mapping[str, dict[str, bool]]] = {
    "CANCELLED": {"voided": True},
    "SENDING": {"voided": False, "picked_up": False},
    "PICK_UP": {"voided": False, "picked_up": True, "delivered": False},
    "ACCEPTED_BY_RECEIVER": {"voided": False, "delivered": True},
}
"""A status -> what is so of a parcel then."""
NEVER: Final = (
    "CREATED", "RECREATED", "CLOSED", "ACCEPTING", "ACCEPTED", "REJECTED", "PICK_UP_FAILED", "LOST", "REJECTED_BY_RECEIVER",
)  # fmt: skip
"""Statuses that exist at the marketplace and never here."""
NO_STATUS: Final = {"voided": None, "picked_up": None, "delivered": None}
ACTIONS: Final = {
    "picked_up": ("GOT", "已揽收"),
    "in_transit": ("DEPARTURE", "运输中"),
    "delivered": ("SIGNED", "已签收"),
}


def status_of(parcel: Any) -> str:
    if parcel.voided_at is not None:
        return "CANCELLED"
    if parcel.delivered_at is not None:
        return "ACCEPTED_BY_RECEIVER"
    return "PICK_UP" if parcel.picked_up_at is not None else "SENDING"


def company(code: str) -> str | None:
    known = CARRIERS.get(code)
    return known.zh if known else None


def _number(row: Any) -> int:
    return int(row.number) if is_tid(row.number) else int(row.order_id)


def _phone(row: Any) -> str | None:
    return masking.mask_phone(row.phone or "") or None


SHIPPING: Final[Fields] = {
    "tid": _number,
    "order_code": lambda r: str(r.id),
    "sub_tids": lambda r: Listed("number", [int(n) for n in r.lines if is_tid(n)]) if not r.whole else None,
    "is_spilt": lambda r: 0 if r.whole else 1,
    "status": status_of,
    "out_sid": lambda r: r.waybill or None,
    "company_name": lambda r: company(r.carrier),
    "item_title": lambda r: r.title or None,
    "buyer_nick": lambda r: r.buyer or None,
    "created": lambda r: at(r.shipped_at),
    "modified": lambda r: at(r.voided_at or r.last_scan_at or r.shipped_at),
    "delivery_start": lambda r: at(r.shipped_at),
    "delivery_end": lambda r: at(r.delivered_at),
    "receiver_name": lambda r: masking.mask_name(r.name or "") or None,
    "receiver_mobile": _phone,
    "location": lambda r: _location(r),
    "type": lambda r: "virtual" if r.kind == "virtual" else "express",
    "freight_payer": lambda r: "seller",
    "seller_confirm": lambda r: "yes",
    "is_success": lambda r: r.voided_at is None,
}  # fmt: skip
"""Fields of a Shipping. (`is_spilt` is spelt so.) Receivers are masked."""


def _location(row: Any) -> dict[str, Any]:
    return {
        "state": row.province or None, "city": row.city or None, "district": row.district or None,
        "address": masking.mask_address(row.address or "") or None, "zip": row.postcode or None,
    }  # fmt: skip


@method(
    "taobao.logistics.orders.get", FIELDS,
    Param("tid", "number", zh="交易编号", en="the trade's number"),
    Param("buyer_nick", most=200, zh="买家会员名", en="the buyer's name"),
    Param("status", choices=(*STATUS, *NEVER), zh="物流状态", en="status of the parcel"),
    Param("seller_confirm", choices=("yes", "no"), zh="卖家是否确认发货", en="whether the seller confirmed"),
    Param("receiver_name", kind="unused", zh="收货人（不能查）", en="the receiver (cannot be asked)"),
    Param("start_created", "moment", zh="发货时间从", en="shipped from"),
    Param("end_created", "moment", zh="发货时间到", en="shipped until"),
    Param("freight_payer", choices=("seller", "buyer"), zh="运费谁付", en="who pays the freight"),
    Param("type", choices=("free", "post", "express", "ems", "virtual"), zh="物流方式", en="way of shipping"),
    *PAGE[:2],
    zh="查询物流订单（三个月内）", en="Parcels of the last three months, the newest first", act="view_orders",
    fields={"shippings": tuple(SHIPPING)}, answer=("shippings", "total_results"),
)  # fmt: skip
def orders(call: Call) -> dict[str, Any]:
    """See the registry."""
    impossible = (
        call["status"] in NEVER or call["seller_confirm"] == "no" or call["freight_payer"] == "buyer"
        or call["type"] in ("free", "post", "ems")
    )  # fmt: skip
    number = order_id(call, "isv.logistics-orders-service-error:B01") if call["tid"] is not None else None
    size, offset = max(call["page_size"], 1), (max(call["page_no"], 1) - 1) * max(call["page_size"], 1)
    if offset + size > DEEPEST:
        raise TopError.of_service("isv.trade-service-rejection", "翻页太深，请缩小时间范围")
    if impossible:
        return {"shippings": Listed("shipping", []), "total_results": 0}
    start = max(call["start_created"] or call.now - FARTHEST, call.now - FARTHEST)
    rows, total = trade_parcels.page(
        call.shop_id, start=start, until=(call["end_created"] or call.now) + timedelta(seconds=1), order_id=number,
        buyer=call["buyer_nick"] or "", limit=size, offset=offset, most=DEEPEST,
        **{**NO_STATUS, **STATUS.get(call["status"] or "", {})},
    )  # fmt: skip
    return {"shippings": Listed("shipping", [pick(row, SHIPPING, call["fields"]) for row in rows]), "total_results": total}  # fmt: skip


@method(
    "taobao.logistics.trace.search",
    Param("tid", "number", required=True, zh="交易编号", en="the trade's number"),
    Param("is_split", "number", most=1, default=0, zh="1：查一个子订单的包裹", en="1: the parcel of some sub-orders"),
    Param("sub_tid", "numbers", most=50, zh="子订单号", en="the sub-orders"),
    Param("seller_nick", zh="卖家昵称（不用）", en="the seller (not used)"),
    zh="查询物流流转", en="The scans of a trade's parcel", act="view_orders",
    answer=("out_sid", "company_name", "status", "tid", "trace_list"),
)  # fmt: skip
def trace(call: Call) -> dict[str, Any]:
    """See the registry. Of several parcels the last one, unless `sub_tid` says which."""
    trade = trades.trades(call.shop_id, [order_id(call, "isv.logistics-trace-service-error:B01")])[0]
    found = trade.parcels
    if call["sub_tid"]:
        alone = len(trade.lines) == 1
        ids = {line.id for line in trade.lines if str(oid(line, trade.order, alone)) in call["sub_tid"]}
        found = [p for p in found if p.whole or not p.line_ids or ids & set(p.line_ids)]
    if not found:
        raise TopError.of_service("isv.logistics-trace-service-error:B05", "交易还没有发货，没有物流信息")
    parcel = found[-1]
    steps = []
    for scan in trade_parcels.scans(call.shop_id, parcel.id):
        action, words = ACTIONS[scan.kind]
        said = f"{words} {scan.place}".strip()
        steps.append({"status_time": at(scan.at), "status_desc": said, "action": action})
    return {
        "out_sid": parcel.waybill or None, "company_name": company(parcel.carrier), "tid": tid(trade.order),
        "status": _words(parcel), "trace_list": Listed("transit_step_info", steps),
    }  # fmt: skip


def _words(parcel: Any) -> str:
    if parcel.delivered_at is not None:
        return "对方已签收"
    return "物流公司已揽收" if parcel.picked_up_at is not None else "等候发送给物流公司"
