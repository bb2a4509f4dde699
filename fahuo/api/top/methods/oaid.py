"""Receivers behind their marks: what a label needs, for whoever may see it; every look is journaled."""

from typing import Any, Final

from fahuo.api.top.registry import Call, Param, method
from fahuo.api.top.trade_fields import oaid_of, tid
from fahuo.rules.top.envelope import Listed
from fahuo.rules.top.errors import TopError
from fahuo.services import orders
from fahuo.store.boards import trades as board

MOST: Final = 20
SCENES: Final = ("1001", "1002", "1003", "1004", "1005", "1006", "1007", "2001", "2002")


@method(
    "taobao.top.oaid.decrypt",
    Param("query_list", "json", required=True, most=MOST,
          zh="要解密的订单，JSON 数组：[{tid, oaid, scene}]，最多 20 个", en="the orders, a JSON array [{tid, oaid, scene}], 20 at most"),
    zh="解开收货人（每次查看都记录）", en="Open receivers; every look is journaled", act="reveal_receiver",
    refused_as="isv.oaid-decrypt-error", answer=("receiver_list",),
)  # fmt: skip
def decrypt(call: Call) -> dict[str, Any]:
    """See the registry. An order or a mark that does not fit is left out, with `matched` false."""
    asked = call["query_list"]
    wrong = not isinstance(asked, list) or not all(isinstance(each, dict) for each in asked)
    if wrong or any(str(each.get("scene", "")) not in SCENES for each in asked):
        raise TopError(
            41, "isv.invalid-parameter:query_list", "query_list 要是 [{tid, oaid, scene}]", detail="query_list"
        )
    ids = board.ids_of(call.shop_id, [str(each.get("tid", "")) for each in asked])
    trades = {trade.order.id: trade.order for trade in board.trades(call.shop_id, sorted(set(ids.values())))}
    found = []
    for each in asked:
        order = trades.get(ids.get(str(each.get("tid", "")), 0))
        given = str(each.get("oaid", ""))
        if order is None or given != oaid_of(call.shop_id, order):
            found.append({"tid": str(each.get("tid", "")), "oaid": given, "matched": False})
            continue
        receiver = orders.reveal_receiver(call.actor, order.id, now=call.now)
        found.append({
            "tid": str(tid(order)), "oaid": given, "matched": True, "name": receiver.name,
            "mobile": "-".join(filter(None, (receiver.phone, receiver.phone_extension))), "state": receiver.province, "city": receiver.city,
            "district": receiver.district, "address_detail": receiver.address, "privacy_protection": False,
        })  # fmt: skip
    return {"receiver_list": Listed("receiver", found)}
