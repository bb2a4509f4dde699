"""Refunds that buyers asked for: a list and one in full."""

from datetime import timedelta
from decimal import Decimal
from typing import Any, Final

from fahuo.api.top.registry import FIELDS, PAGE, Call, Fields, Param, method, pick
from fahuo.api.top.trade_fields import at, money, trade_status
from fahuo.rules.top import statuses
from fahuo.rules.top.envelope import Listed
from fahuo.rules.top.errors import TopError
from fahuo.store.boards import trade_refunds as board
from fahuo.store.boards.trades import is_tid

DEEPEST: Final = 10_000
USUAL: Final = timedelta(days=30)
"""How far back a list goes that names no time."""


def _tid(row: Any) -> int:
    return int(row.number) if is_tid(row.number) else int(row.order_id)


def _oid(row: Any) -> int:
    if row.line_id is None:
        return _tid(row)
    return int(row.line) if is_tid(row.line) else int(row.line_id)


def _fee(row: Any) -> str:
    """What is (to be) given back: as told; else what was paid for it."""
    told: Decimal | None = row.refund_amount
    whole = row.line_amount if row.line_id is not None and row.line_amount is not None else row.paid_amount
    return f"{told if told else whole:.2f}"


def _goods(row: Any) -> str:
    return "BUYER_RECEIVED" if row.completed_at else "BUYER_NOT_RECEIVED"


REFUND: Final[Fields] = {
    "refund_id": lambda r: int(r.id),
    "tid": _tid,
    "oid": _oid,
    "status": lambda r: statuses.REFUND[r.refund_status],
    "order_status": trade_status,
    "good_status": _goods,
    "has_good_return": lambda r: False,
    "refund_fee": _fee,
    "payment": lambda r: money(r.paid_amount),
    "total_fee": lambda r: money(r.item_amount),
    "title": lambda r: r.line_title or r.title or None,
    "num": lambda r: r.line_quantity or r.quantity,
    "sku": lambda r: r.sku or None,
    "outer_id": lambda r: r.item_code or None,
    "buyer_nick": lambda r: r.buyer or None,
    "created": lambda r: at(r.created_at),
    "modified": lambda r: at(r.modified_at),
    "end_time": lambda r: at(r.modified_at) if r.refund_status in ("succeeded", "refused") else None,
    "refund_phase": lambda r: "aftersale" if r.completed_at else "onsale",
    "refund_version": lambda r: int(r.modified_at.timestamp() * 1000),
    "dispute_type": lambda r: "REFUND",
    "cs_status": lambda r: 1,
    "advance_status": lambda r: 0,
    "operation_contraint": lambda r: "null",
}  # fmt: skip
"""Fields of a Refund. (`operation_contraint` is spelt so.) The buyer's reason stands in the conversation and stays there."""

OURS: Final = {theirs: ours for ours, theirs in statuses.REFUND.items() if ours != "none"}


@method(
    "taobao.refunds.receive.get", FIELDS,
    Param("status", zh="退款状态", en="status of the refund"),
    Param("type", "texts", zh="交易类型（不筛选）", en="types of trade (not filtered by)"),
    Param("start_modified", "moment", zh="变动时间从，默认最近 30 天", en="moved from; 30 days where it says nothing"),
    Param("end_modified", "moment", zh="变动时间到", en="moved until"),
    Param("buyer_nick", most=200, zh="买家会员名", en="the buyer's name"),
    Param("buyer_open_uid", zh="买家 open uid", en="the buyer's open uid", kind="unused"),
    Param("ouid", zh="买家 ouid", en="the buyer's ouid", kind="unused"), *PAGE,
    zh="查询卖家收到的退款", en="Refunds that the seller got", act="view_orders",
    fields={"refunds": tuple(REFUND)}, answer=("refunds", "total_results", "has_next"),
)  # fmt: skip
def received(call: Call) -> dict[str, Any]:
    """See the registry."""
    end = call["end_modified"] or call.now
    start = call["start_modified"] or end - USUAL
    if end < start or end - start > timedelta(days=92):
        raise TopError(41, "isv.invalid-parameter:end_modified", "变动时间的跨度要在三个月以内", detail="end_modified")
    asked = call["status"]
    if asked and asked not in statuses.REFUND_READ:
        raise TopError(41, "isv.invalid-parameter:status", "没有这个退款状态", detail="status")
    if call["page_size"] < 1 or call["page_no"] < 1:
        raise TopError(41, "isv.invalid-parameter:page_no", "页码和每页条数要从 1 开始", detail="page_no")
    wanted = None if not asked else [OURS[asked]] if asked in OURS else []
    rows = board.moved(
        call.shop_id, start=start, until=end + timedelta(seconds=1), statuses=wanted, buyer=call["buyer_nick"] or "",
        limit=DEEPEST + 1,
    )  # fmt: skip
    if len(rows) > DEEPEST:
        raise TopError.of_service("isv.refund-service-rejection", "超过 1 万条，请缩小时间范围")
    first = (call["page_no"] - 1) * call["page_size"]
    shown = rows[first : first + call["page_size"]]
    listed = Listed("refund", [pick(row, REFUND, call["fields"]) for row in shown])
    if call["use_has_next"]:
        return {"refunds": listed, "has_next": len(rows) > first + call["page_size"]}
    return {"refunds": listed, "total_results": len(rows)}


@method(
    "taobao.refund.get", FIELDS,
    Param("refund_id", "number", required=True, zh="退款编号", en="the refund's number"),
    zh="一笔退款的详情", en="One refund in full", act="view_orders", fields={"refund": tuple(REFUND)}, answer=("refund",),
)  # fmt: skip
def get(call: Call) -> dict[str, Any]:
    """See the registry."""
    row = board.one(call.shop_id, call["refund_id"])
    if row is None:
        raise TopError.of_service("isv.refund-not-exist", "退款不存在，或不属于授权的店铺")
    return {"refund": pick(row, REFUND, call["fields"])}
