"""Shipping by the marketplace's methods: a number for an order or for some of its lines, another number, no number.

Sending the same again answers as the first time, so a client whose answer was lost may simply ask again. A number that
left to the same receiver already takes further orders in, as one parcel of several orders needs it.
"""

from typing import Any, Final

from fahuo.api.top.methods.trades import order_id
from fahuo.api.top.registry import Call, Param, method
from fahuo.api.top.trade_fields import oid, tid
from fahuo.rules import carriers
from fahuo.rules.problems import Problem, Refusal
from fahuo.rules.top.errors import TopError
from fahuo.services import electronic_waybills, parcels
from fahuo.store.boards import trades as board
from fahuo.store.boards.trades import Trade

OFFLINE: Final = "isv.logistics-offline-service-error"
ONLINE: Final = "isv.logistics-online-service-error"
DUMMY: Final = "isv.logistics-dummy-service-error"
RESEND: Final = "isv.logistics-update-company-or-mailno-error"

TID: Final = Param("tid", "number", required=True, zh="交易编号", en="the trade's number")
NUMBER: Final = Param("out_sid", required=True, most=64, zh="运单号", en="the waybill number")
COMPANY: Final = Param("company_code", required=True, most=60, zh="物流公司代码", en="the carrier's code")
SPLIT: Final = (
    Param("sub_tid", "numbers", most=100, zh="拆单发货的子订单号，逗号分隔", en="the sub-orders that leave, comma-separated"),
    Param("is_split", "number", most=1, default=0, zh="1：拆单发货", en="1: only some sub-orders leave"),
)  # fmt: skip
BESIDE: Final = (
    Param("sender_id", "number", zh="发货地址编号（不用）", en="id of the sender's address (not used)"),
    Param("cancel_id", "number", zh="退货地址编号（不用）", en="id of the returns' address (not used)"),
    Param("feature", most=2000, zh="识别码等（不用）", en="serial numbers and the like (not used)"),
    Param("seller_ip", most=64, zh="卖家 IP（不用）", en="the seller's address (not used)"),
)
"""Parameters that clients send, and that change nothing here."""


def _trade(call: Call, refused_as: str) -> Trade:
    code = "P02" if refused_as == RESEND else "B01"
    return board.trades(call.shop_id, [order_id(call, f"{refused_as}:{code}")])[0]


def _code(company: str) -> str:
    """Our code of the carrier that the client names, by code or by name."""
    known = carriers.find(company)
    if known is None:
        raise Refusal.of("carrier_unknown", carrier=company[:40])
    return known.code


def chosen_lines(call: Call, trade: Trade, refused_as: str) -> dict[int, int] | None:
    """line id -> quantity of the sub-orders that the call names, all that is left of each; None: the whole order.

    A sub-order that left already counts with all its quantity: then it is the same call again, or refused.
    """
    named = call["sub_tid"]
    if not named:
        if call["is_split"]:
            code = "P09" if refused_as == RESEND else "CD22"
            raise TopError.of_service(f"{refused_as}:{code}", "拆单发货（is_split=1）要写 sub_tid")
        return None
    alone = len(trade.lines) == 1
    known = {str(oid(line, trade.order, alone)): line for line in trade.lines}
    if unknown := [number for number in named if number not in known]:
        code = "P09" if refused_as == RESEND else "B06"
        raise TopError.of_service(f"{refused_as}:{code}", f"子订单 {unknown[0]} 不属于这笔交易")
    lines = [known[number] for number in dict.fromkeys(named)]
    if len(lines) == len(trade.lines) and trade.order.status != "part_shipped":
        return None
    return {line.id: line.quantity - line.shipped_quantity or line.quantity for line in lines}


def _send(call: Call, refused_as: str) -> Trade:
    trade = _trade(call, refused_as)
    parcels.ship(
        call.actor, order_ids=[trade.order.id], carrier=_code(call["company_code"]), waybill=call["out_sid"],
        lines=chosen_lines(call, trade, refused_as), join=True, now=call.now,
    )  # fmt: skip
    return trade


@method(
    "taobao.logistics.offline.send", TID, NUMBER, COMPANY, *SPLIT, *BESIDE,
    zh="自己联系物流发货", en="Ship with a carrier of one's own", act="ship", refused_as=OFFLINE, answer=("shipping",),
)  # fmt: skip
def offline(call: Call) -> dict[str, Any]:
    """See the registry."""
    _send(call, OFFLINE)
    return {"shipping": {"is_success": True}}


@method(
    "taobao.logistics.online.send", TID,
    Param("out_sid", most=64, zh="运单号，不写就从单号库存取一个", en="the waybill number; without one, from the shop's stock"),
    COMPANY, *SPLIT, *BESIDE, zh="在线下单发货", en="Ship by an order placed online", act="ship",
    refused_as=ONLINE, answer=("shipping",),
)  # fmt: skip
def online(call: Call) -> dict[str, Any]:
    """See the registry. The number that the marketplace would give comes from the shop's own stock, by a label."""
    if call["out_sid"]:
        trade, number = _send(call, ONLINE), call["out_sid"]
    else:
        trade = _trade(call, ONLINE)
        if call["sub_tid"]:
            raise TopError.of_service(f"{ONLINE}:B59", "拆单发货请填写运单号")
        number = _number(call, trade)
    return {"shipping": {"is_success": True, "tid": tid(trade.order), "out_sid": number}}


def _number(call: Call, trade: Trade) -> str:
    """The order's label, made now where it has none, and shipped under."""
    carrier, order = _code(call["company_code"]), int(trade.order.id)
    issued = electronic_waybills.issue(call.actor, [[order]], carrier=carrier, now=call.now)[0]
    if isinstance(issued, Problem):
        raise Refusal(issued)
    parcels.ship(call.actor, order_ids=[order], carrier=carrier, waybill=issued.data.waybill, now=call.now)
    return issued.data.waybill


@method(
    "taobao.logistics.dummy.send", TID, *BESIDE[2:],
    zh="无需物流发货", en="Ship goods that need no logistics", act="ship", refused_as=DUMMY, answer=("shipping",),
)  # fmt: skip
def dummy(call: Call) -> dict[str, Any]:
    """See the registry."""
    trade = _trade(call, DUMMY)
    parcels.ship(call.actor, order_ids=[trade.order.id], carrier="", waybill="", kind="virtual", now=call.now)
    return {"shipping": {"is_success": True}}


@method(
    "taobao.logistics.consign.resend", TID, NUMBER, COMPANY, *SPLIT, *BESIDE[2:],
    zh="修改已发货的物流公司和运单号（揽收以前）", en="Another carrier or number, before the pickup", act="ship",
    refused_as=RESEND, answer=("shipping",),
)  # fmt: skip
def resend(call: Call) -> dict[str, Any]:
    """See the registry."""
    trade = _trade(call, RESEND)
    code, number = _code(call["company_code"]), call["out_sid"]
    parcel = _parcel(trade, chosen_lines(call, trade, RESEND))
    if parcel is None:
        raise TopError.of_service(f"{RESEND}:P03", "交易没有发货，或有几个包裹，请用 sub_tid 说明是哪一个")
    parcels.correct(call.actor, parcel.id, carrier=code, waybill=number, now=call.now)
    return {"shipping": {"is_success": True}}


def _parcel(trade: Trade, lines: dict[int, int] | None) -> Any | None:
    """The one parcel that holds these lines, or the order's only one."""
    found = [
        parcel for parcel in trade.parcels
        if lines is None or parcel.whole or not parcel.line_ids or set(lines) & set(parcel.line_ids)
    ]  # fmt: skip
    return found[0] if len(found) == 1 else None
