"""What the marketplace, or a relay in its name, tells by itself: urges, promised times, and that orders moved.

Nobody outside knows Taobao's own name and signature of the urge push; these are the names and fields that open-source
shop software answers to, signed as any TOP call is. A message about an order never stands in for reading it.
"""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from urllib.parse import parse_qsl

from fahuo.connectors.contract import Progress, Pushed, Settings, Trouble
from fahuo.rules.problems import Problem
from fahuo.rules.top import clock, signing

URGE: Final = frozenset({"ome.order.delivergoods", "taobao.order.delivergoods"})
PRIORITY: Final = "ome.order.deliverypriority"
URGED_FIRST: Final = "10002"
"""`fulfilmentBizType` of an urge; 10001 is "ship first", which is none."""
PROMISE: Final = "ome.order.promise"
TOPICS: Final = ("taobao_trade_", "taobao_refund_", "taobao_dispute_", "taobao_logistics_", "taobao_rdc")
FRESH: Final = "加急发货"
"""The tag of the newer way to urge, which wants reports of every step."""
CODES: Final = {
    "waiting": 30, "assigned": 50, "labelled": 10, "printed": 90, "packed": 70, "shipped": 99,
}  # fmt: skip
"""How far an order is -> processCode."""
STATES: Final = {
    "waiting": "ORDER_CREATED", "assigned": "WAREHOUSE_PROCESSING", "labelled": "WAREHOUSE_PROCESSING",
    "printed": "WAREHOUSE_PROCESSING", "packed": "WAREHOUSE_PROCESSING", "shipped": "SHIPPED", "closed": "CANCELLED",
}  # fmt: skip
FAILED: Final = {"unknown": "ORDER_NOT_FOUND", "closed": "ORDER_CANCELLED"}
MOST: Final = 2**20


def refused(what: str) -> Trouble:
    return Trouble("refused", Problem("push_refused", {"what": what}))


def read(settings: Settings, headers: Mapping[str, str], query: Mapping[str, str], body: bytes) -> Pushed:
    """What was said. Raises Trouble `refused` when it is not signed with the app's secret, or says nothing that is known."""
    given = _given(headers, query, body)
    way = given.get("sign_method", "md5")
    if way not in signing.WAYS or not signing.genuine(given, settings["app_secret"], way, given.get("sign", "")):
        raise refused("sign")
    method, topic = given.get("method", ""), given.get("topic", "")
    if topic:
        return Pushed(refs=_refs(topic, _object(given.get("content", ""))))
    if method in URGE or (method == PRIORITY and given.get("fulfilmentBizType") == URGED_FIRST):
        ref = _ref(given.get("tid") or given.get("orderId"))
        return Pushed(refs=(ref,), urges=((ref, clock.read(given.get("notify_time", ""))),))
    if method == PRIORITY:
        return Pushed(refs=(_ref(given.get("tid") or given.get("orderId")),))
    if method == PROMISE:
        ref = _ref(given.get("orderId") or given.get("tid"))
        until = (
            clock.read(given.get("deliveredTime", "")) if given.get("event_type") == "latest_delivery_time" else None
        )
        return Pushed(refs=(ref,), deadlines=((ref, until),) if until else ())
    raise refused("method")


def _given(headers: Mapping[str, str], query: Mapping[str, str], body: bytes) -> dict[str, str]:
    """The parameters, of query and body; a body of JSON has its values as text, objects as JSON."""
    found = dict(query)
    if len(body) > MOST:
        raise refused("body")
    try:
        text = body.decode()
        if "json" in headers.get("content-type", ""):
            parsed = json.loads(text)
            found |= {name: _text(value) for name, value in parsed.items()}
        else:
            found |= dict(parse_qsl(text, keep_blank_values=True, max_num_fields=200))
        "".join((*found, *found.values())).encode()  # what holds half a character was signed by nobody
    except (ValueError, AttributeError, RecursionError):
        raise refused("body") from None
    return found


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _object(text: str) -> Mapping[str, Any]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        raise refused("content") from None
    if not isinstance(found, dict):
        raise refused("content")
    return found


def _refs(topic: str, content: Mapping[str, Any]) -> tuple[str, ...]:
    if not topic.startswith(TOPICS):
        raise refused("topic")
    return (_ref(content.get("tid")),)


def _ref(value: Any) -> str:
    text = str(value or "")
    if not text.isascii() or not text.isdecimal() or len(text) > 19:
        raise refused("tid")
    return text


def answer(pushed: Pushed, progress: Mapping[str, Progress]) -> dict[str, Any]:
    """The answer to an urge: how far its order is, or why it cannot be urged; "succ" to anything else."""
    if not pushed.urges:
        return {"rsp": "succ", "data": {"tid": pushed.refs[0] if pushed.refs else ""}}
    ref = pushed.urges[0][0]
    found = progress.get(ref, Progress("unknown"))
    if found.state in FAILED:
        # an order that is not known yet may be a moment later
        again = found.state == "unknown"
        return {"rsp": "fail", "error_code": FAILED[found.state], "retry": again, "data": {"tid": ref}}
    if found.state == "shipped":
        return {"rsp": "fail", "error_code": "ORDER_ALREADY_SHIPPED", "retry": False, "data": {"tid": ref}}
    data: dict[str, Any] = {"tid": ref, "processCode": CODES[found.state], "order_status": STATES[found.state]}
    if found.until is not None:
        data["logisticTime"] = _until(found.until)
    if found.waybill:
        data["tracking_number"] = found.waybill
    return {"rsp": "succ", "data": data}


def _until(moment: datetime) -> str:
    return clock.written(moment)
