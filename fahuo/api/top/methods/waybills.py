"""Electronic waybills (菜鸟电子面单) on the shop's own stock: get, change, give up, and what is left.

`print_data` is plain (`needEncrypt` false): anything that draws labels can draw it. The same orders get the same number again.
"""

import base64
import hashlib
import json
from collections.abc import Mapping
from typing import Any, Final

from fahuo.api.top.registry import Call, Param, method
from fahuo.rules import carriers
from fahuo.rules.labels import LabelData
from fahuo.rules.problems import Problem
from fahuo.rules.top.envelope import Listed
from fahuo.rules.top.errors import TopError
from fahuo.services import electronic_waybills
from fahuo.services.electronic_waybills import Issued
from fahuo.store.boards import trades as board

GET: Final = "isv.waybill-get-error"
MOST: Final = 10
"""Labels of one call."""
TEMPLATE: Final = "http://cloudprint.cainiao.com/template/standard/201"
NEW: Final = "param_waybill_cloud_print_apply_new_request"
UPDATE: Final = "param_waybill_cloud_print_update_request"


def print_data(data: LabelData, template: str) -> str:
    """What stands on a label, as print software reads it; signed as a whole, so that a change of it is seen."""
    inner = {
        "cpCode": data.carrier, "waybillCode": data.waybill, "needEncrypt": False, "parent": False,
        "recipient": _party(data.receiver), "sender": _party(data.sender),
        "routingInfo": {
            "sortation": {"name": data.mark}, "consolidation": {"name": data.hub_name, "code": data.hub_code},
            "origin": {"code": "", "name": ""}, "routeCode": data.route_code,
        },
        "shippingOption": {"code": "STANDARD_EXPRESS", "title": "标准快递"},
    }  # fmt: skip
    text = json.dumps(inner, ensure_ascii=False, separators=(",", ":"))
    digest = base64.b64encode(hashlib.md5(text.encode(), usedforsecurity=False).digest()).decode()
    whole = {"data": inner, "signature": f"MD:{digest}", "templateURL": template or TEMPLATE}
    return json.dumps(whole, ensure_ascii=False, separators=(",", ":"))


def _party(party: Any) -> dict[str, Any]:
    address = {"province": party.province, "city": party.city, "district": party.district, "detail": party.address}
    return {"name": party.name, "mobile": party.phone, "phone": "", "address": address}


def _carrier(code: Any) -> str:
    known = carriers.find(str(code or ""))
    if known is None:
        raise TopError.of_service(f"{GET}:carrier_unknown", "没有这家物流公司")
    return known.code


def _wrong(name: str, said: str) -> TopError:
    return TopError(41, f"isv.invalid-parameter:{name}", said, detail=name)


def _orders(call: Call, row: Mapping[str, Any]) -> list[int]:
    """The orders of one label."""
    info = row.get("order_info")
    numbers = info.get("trade_order_list") if isinstance(info, dict) else None
    if isinstance(numbers, dict):
        numbers = numbers.get("string")
    if isinstance(numbers, str):
        numbers = numbers.split(",")
    if not isinstance(numbers, list) or not 0 < len(numbers) <= 100:
        raise _wrong(NEW, "trade_order_list 要有 1 到 100 个交易编号")
    texts = [str(number) for number in numbers]
    found = board.ids_of(call.shop_id, texts)
    if unknown := [text for text in texts if text not in found]:
        raise TopError.of_service(f"{GET}:order_unknown", f"交易 {unknown[0][:40]} 不属于授权的店铺")
    return list(dict.fromkeys(found[text] for text in texts))


@method(
    "cainiao.waybill.ii.get",
    Param(NEW, "json", required=True, zh="取号请求（JSON）", en="what is asked for, as JSON"),
    zh="从店铺的单号库存取电子面单号和打印数据，一次最多 10 个",
    en="Numbers from the shop's stock with what to print, ten at most", act="make_labels", refused_as=GET,
    answer=("modules",),
)  # fmt: skip
def get(call: Call) -> dict[str, Any]:
    """See the registry. One label that cannot be had refuses the call; what the others got they keep."""
    asked = call[NEW]
    rows = asked.get("trade_order_info_dtos") if isinstance(asked, dict) else None
    if isinstance(rows, dict):
        rows = rows.get("trade_order_info_dto")
    if not isinstance(rows, list) or not 0 < len(rows) <= MOST or not all(isinstance(row, dict) for row in rows):
        raise _wrong(NEW, "trade_order_info_dtos 要有 1 到 10 项")
    carrier = _carrier(asked.get("cp_code"))
    groups = [_orders(call, row) for row in rows]
    issued = electronic_waybills.issue(call.actor, groups, carrier=carrier, now=call.now)
    for outcome in issued:
        if isinstance(outcome, Problem):
            raise TopError.of_service(f"{GET}:{outcome.code}", outcome.sentence("zh"))
    made = [_module(row, each) for row, each in zip(rows, issued, strict=True) if isinstance(each, Issued)]
    return {"modules": Listed("waybill_cloud_print_response", made)}


def _module(row: Mapping[str, Any], issued: Issued) -> dict[str, Any]:
    return {
        "object_id": str(row.get("object_id") or ""), "waybill_code": issued.data.waybill,
        "cp_code": issued.data.carrier, "real_cp_code": issued.data.carrier,
        "print_data": print_data(issued.data, str(row.get("template_url") or "")),
    }  # fmt: skip


@method(
    "cainiao.waybill.ii.update", Param(UPDATE, "json", required=True, zh="更新请求（JSON）", en="what is asked for, as JSON"),
    zh="已取号的面单的最新打印数据（收件人以订单为准）", en="What to print for a number now; the receiver is the order's",
    act="make_labels", refused_as="isv.waybill-update-error", answer=("print_data", "waybill_code"),
)  # fmt: skip
def update(call: Call) -> dict[str, Any]:
    """See the registry."""
    asked = call[UPDATE]
    if not isinstance(asked, dict):
        raise _wrong(UPDATE, "要是 JSON 对象")
    label = electronic_waybills.label_of(
        call.shop_id, _carrier(asked.get("cp_code")), str(asked.get("waybill_code") or "")
    )
    issued = electronic_waybills.printed(call.actor, label, now=call.now)
    template = str(asked.get("template_url") or "")
    return {"print_data": print_data(issued.data, template), "waybill_code": issued.data.waybill}


@method(
    "cainiao.waybill.ii.cancel",
    Param("cp_code", required=True, most=60, zh="物流公司代码", en="the carrier's code"),
    Param("waybill_code", required=True, most=64, zh="面单号", en="the number"),
    zh="作废没有发出的面单号", en="Give up a number that has not left", act="make_labels",
    refused_as="isv.waybill-cancel-error", answer=("cancel_result",),
)  # fmt: skip
def cancel(call: Call) -> dict[str, Any]:
    """See the registry."""
    electronic_waybills.cancel(
        call.actor, _carrier(call["cp_code"]), call["waybill_code"], reason=f"接口取消（{call.app.name}）", now=call.now
    )
    return {"cancel_result": True}


@method(
    "cainiao.waybill.ii.search", Param("cp_code", most=60, zh="物流公司代码", en="the carrier's code; all without one"),
    zh="店铺的电子面单合同和余量", en="The shop's contracts and what is left of their numbers", act="view_contracts",
    answer=("waybill_apply_subscription_cols",),
)  # fmt: skip
def search(call: Call) -> dict[str, Any]:
    """See the registry."""
    found: dict[str, list[dict[str, Any]]] = {}
    for each in electronic_waybills.balances(call.shop_id, _carrier(call["cp_code"]) if call["cp_code"] else ""):
        contract = each.contract
        found.setdefault(contract.carrier, []).append({
            "branch_code": str(contract.id), "branch_name": contract.branch or contract.name, "branch_status": 1,
            "quantity": each.left, "allocated_quantity": each.taken, "cancel_quantity": each.voided,
            "print_quantity": each.printed, "shipp_address_cols": Listed("address_dto", [{
                "province": "", "city": "", "district": "", "detail": contract.sender_address,
            }]),
        })  # fmt: skip
    cols = [
        {"cp_code": code, "cp_type": 2, "branch_account_cols": Listed("waybill_branch_account", branches)}
        for code, branches in found.items()
    ]
    return {"waybill_apply_subscription_cols": Listed("waybill_apply_subscription_info", cols)}
