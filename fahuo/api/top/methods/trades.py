"""Orders: sold in a time, moved in a time, one in full."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

from fahuo.api.top.registry import FIELDS, PAGE, Call, Param, method
from fahuo.api.top.trade_fields import ORDER, TRADE, Shown, shown
from fahuo.rules.orders import ORDER_KINDS
from fahuo.rules.top import statuses
from fahuo.rules.top.envelope import Listed
from fahuo.rules.top.errors import TopError
from fahuo.store.boards import trades as board
from fahuo.store.boards.trades import Wish

KNOWN_FIELDS: Final = {"trade": tuple(TRADE), "orders": tuple(ORDER)}
FARTHEST: Final = timedelta(days=92)
"""Orders of the last three months can be listed."""
LONGEST: Final = timedelta(days=1)
"""The longest window of changes."""
SECOND: Final = timedelta(seconds=1)
STEP: Final = ("presale_staged",)
OTHER_TYPES: Final = {
    "guarantee_trade", "auto_delivery", "ec", "cod", "fixed", "auction", "independent_simple_trade", "nopaid",
    "independent_shop_trade", "pre_auth_type", "tmall_i18n",
}  # fmt: skip

FILTERS: Final = (
    Param("status", zh="交易状态", en="status of the trade"),
    Param("buyer_nick", most=200, zh="买家会员名", en="the buyer's name"),
    Param("type", "texts", zh="交易类型，逗号分隔", en="types of trade, comma-separated"),
    Param("ext_type", zh="扩展类型", en="extended type", kind="unused"),
    Param("rate_status", zh="评价状态", en="state of ratings", kind="unused"),
    Param("tag", zh="卖家分组标签", en="the seller's tag", kind="unused"),
)


def _wish(call: Call, start: Any, end: Any) -> Wish:
    """What the filters mean. A moment names its whole second, so the end is meant with it."""
    wish = Wish(start, end + SECOND, buyer=call["buyer_nick"] or "")
    asked = call["status"]
    if asked:
        if asked not in statuses.ASKED:
            raise TopError(41, "isv.invalid-parameter:status", "没有这个交易状态", detail="status")
        wish = replace(wish, statuses=statuses.ASKED[asked])
        if asked in (statuses.CLOSED_UNPAID, "TRADE_CLOSED"):
            wish = replace(wish, unpaid_only=asked == statuses.CLOSED_UNPAID)
    types = set(call["type"] or ())
    if types and not ("step" in types and types & OTHER_TYPES):
        kinds = STEP if "step" in types else tuple(kind for kind in ORDER_KINDS if kind not in STEP)
        wish = replace(wish, kinds=kinds if types <= OTHER_TYPES | {"step"} else ())
    return wish


def _listed(
    call: Call, wish: Wish, ids: Callable[..., list[int]], count: Callable[[int, Wish], int]
) -> dict[str, Any]:  # fmt: skip
    """A page of trades with its signal of what follows."""
    size = call["page_size"]
    if size < 1 or call["page_no"] < 1:
        raise TopError(41, "isv.invalid-parameter:page_no", "页码和每页条数要从 1 开始", detail="page_no")
    offset = (call["page_no"] - 1) * size
    if offset + size > board.DEEPEST:
        raise TopError.of_service("isv.trade-service-rejection", "翻页太深，请缩小时间范围")
    signal: dict[str, Any] = {}
    if call["use_has_next"]:
        found = ids(call.shop_id, wish, limit=size + 1, offset=offset)
        signal["has_next"] = len(found) > size
    else:
        signal["total_results"] = count(call.shop_id, wish)
        if signal["total_results"] > board.DEEPEST:
            raise TopError.of_service("isv.trade-service-rejection", "超过 10 万条，请缩小时间范围，或用 use_has_next")
        found = ids(call.shop_id, wish, limit=size, offset=offset)
    return {"trades": Listed("trade", [_shown(call, trade) for trade in board.trades(call.shop_id, found[:size])]), **signal}  # fmt: skip


def _shown(call: Call, trade: board.Trade, *, include_oaid: bool = False) -> dict[str, Any]:
    assert call.caller is not None  # these methods need a session
    return shown(Shown(trade, call.shop_id, call.caller.shop_name, call["fields"], include_oaid))


@method(
    "taobao.trades.sold.get", FIELDS,
    Param("start_created", "moment", zh="下单时间从", en="ordered from"),
    Param("end_created", "moment", zh="下单时间到", en="ordered until"),
    *FILTERS, Param("buyer_open_id", zh="买家 open id", en="the buyer's open id", kind="unused"), *PAGE,
    zh="查询卖家已卖出的交易（三个月内，按下单时间倒序）", en="Trades sold in the last three months, the newest first",
    act="view_orders", fields=KNOWN_FIELDS, answer=("trades", "total_results", "has_next"),
)  # fmt: skip
def sold(call: Call) -> dict[str, Any]:
    """See the registry."""
    start = max(call["start_created"] or call.now - FARTHEST, call.now - FARTHEST)
    end = call["end_created"] or call.now
    if end < start:
        raise TopError(
            41, "isv.invalid-parameter:end_created", "结束时间早于开始时间，或在三个月以前", detail="end_created"
        )
    return _listed(call, _wish(call, start, end), board.created, board.created_count)


@method(
    "taobao.trades.sold.increment.get", FIELDS,
    Param("start_modified", "moment", required=True, zh="变动时间从", en="moved from"),
    Param("end_modified", "moment", required=True, zh="变动时间到，最多一天", en="moved until; a day at most"),
    *FILTERS, Param("buyer_open_uid", zh="买家 open uid", en="the buyer's open uid", kind="unused"), *PAGE,
    zh="查询有变动的交易；请从最后一页往前翻，否则会漏单",
    en="Trades that moved; page from the last page backwards, or some are missed",
    act="view_orders", fields=KNOWN_FIELDS, answer=("trades", "total_results", "has_next"),
)  # fmt: skip
def increment(call: Call) -> dict[str, Any]:
    """See the registry."""
    start, end = call["start_modified"], call["end_modified"]
    if not start <= end <= start + LONGEST:
        raise TopError(41, "isv.invalid-parameter:end_modified", "变动时间的跨度要在一天以内", detail="end_modified")
    return _listed(call, _wish(call, start, end), board.modified, board.modified_count)


@method(
    "taobao.trade.fullinfo.get", FIELDS,
    Param("tid", "number", required=True, zh="交易编号", en="the trade's number"),
    Param("include_oaid", zh="为 true 时返回 oaid", en="true: with the oaid"),
    zh="一笔交易的全部信息", en="One trade in full", act="view_orders", fields=KNOWN_FIELDS, answer=("trade",),
)  # fmt: skip
def fullinfo(call: Call) -> dict[str, Any]:
    """See the registry."""
    trade = board.trades(call.shop_id, [order_id(call)])[0]
    return {"trade": _shown(call, trade, include_oaid=str(call["include_oaid"]).lower() == "true")}


def order_id(call: Call, refused_as: str = "isv.trade-not-exist") -> int:
    """The order that `tid` names. TopError when there is none."""
    tid = str(call["tid"])
    found = board.ids_of(call.shop_id, [tid]).get(tid)
    if found is None:
        raise TopError.of_service(refused_as, "交易不存在，或不属于授权的店铺")
    return found
