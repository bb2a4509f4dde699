"""The seller's memo and flag of a trade."""

from typing import Any, Final

from fahuo.api.top.methods.trades import order_id
from fahuo.api.top.registry import Call, Param, method
from fahuo.api.top.trade_fields import at
from fahuo.rules.orders import FLAGS
from fahuo.rules.top.errors import TopError
from fahuo.services import orders
from fahuo.store.boards import trades as board

TID: Final = Param("tid", "number", required=True, zh="交易编号", en="the trade's number")
FLAG: Final = Param("flag", "number", most=len(FLAGS) - 1, zh="旗帜 0 到 10", en="flag, 0 to 10")


def _write(call: Call, memo: str | None) -> int:
    number = order_id(call)
    if memo is not None:
        orders.set_memo(call.actor, number, memo, now=call.now)
    if call["flag"] is not None:
        orders.set_flag(call.actor, number, call["flag"], now=call.now)
    return number


@method(
    "taobao.trade.memo.update", TID,
    Param("memo", zh="备注，最多 1000 字节", en="the memo, 1000 bytes at most"), FLAG,
    Param("reset", "boolean", default=False, zh="true：清空备注", en="true: empty the memo"),
    zh="修改交易备注和旗帜", en="Change a trade's memo and flag", act="edit_memo",
    refused_as="isv.trade-memo-update-error", answer=("trade",),
)  # fmt: skip
def update(call: Call) -> dict[str, Any]:
    """See the registry."""
    number = _write(call, "" if call["reset"] else call["memo"])
    modified = board.trades(call.shop_id, [number])[0].order.modified_at
    return {"trade": {"tid": call["tid"], "modified": at(modified)}}


@method(
    "taobao.trade.memo.add", TID,
    Param("memo", required=True, zh="备注，最多 1000 字节", en="the memo, 1000 bytes at most"), FLAG,
    zh="给没有备注的交易加备注", en="Add a memo to a trade without one", act="edit_memo",
    refused_as="isv.trade-memo-add-error", answer=("trade",),
)  # fmt: skip
def add(call: Call) -> dict[str, Any]:
    """See the registry."""
    standing = board.trades(call.shop_id, [order_id(call)])[0].order.memo
    if standing and standing != call["memo"].strip():
        raise TopError.of_service("isv.trade-memo-exists", "交易已有备注，请用 taobao.trade.memo.update")
    _write(call, call["memo"])
    return {"trade": {"tid": call["tid"], "created": at(call.now)}}
