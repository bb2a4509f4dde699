"""Calling the gateway as a client would, by Django's client: signed, and read as JSON or XML."""

import json
from datetime import UTC, datetime
from typing import Any
from xml.etree import ElementTree

from django.test import Client

from fahuo.rules.orders import LineDraft, OrderDraft
from fahuo.rules.people import Actor
from fahuo.rules.top import clock, signing
from fahuo.services import gateway, placing
from fahuo.services.gateway import Tokens
from tests.services.shipping import waybill


class Desk:
    """An app of the actor's shop, with a session of the actor's account."""

    def __init__(self, owner: Actor, actor: Actor | None = None, *, now: datetime | None = None, **limits: int) -> None:
        self.now = now or datetime.now(UTC)
        _, self.key, self.secret = gateway.register(owner, name="店铺助手", now=self.now, **limits)
        self.tokens: Tokens = gateway.issue(owner, self.key, now=self.now)
        self.session = self.tokens.token
        self.client = Client()

    def params(self, method: str, *, way: str = "md5", **given: Any) -> dict[str, str]:
        """The whole set of parameters, signed."""
        params = {
            "method": method, "app_key": self.key, "session": self.session, "v": "2.0", "format": "json",
            "timestamp": clock.written(datetime.now(UTC)), "sign_method": way,
        }  # fmt: skip
        params |= {name.rstrip("_"): str(value) for name, value in given.items() if value is not None}
        params = {name: value for name, value in params.items() if value != "-"}
        return {**params, "sign": signing.sign(params, self.secret, way)}  # type: ignore[arg-type]

    def post(self, method: str, **given: Any) -> Any:
        answer = self.client.post("/router/rest", self.params(method, **given))
        assert answer.status_code == 200
        return json.loads(answer.content)

    def call(self, method: str, **given: Any) -> Any:
        """What stands under the answer's root."""
        found = self.post(method, **given)
        root = method.removeprefix("taobao.").replace(".", "_") + "_response"
        assert root in found, found
        return found[root]

    def error(self, method: str, **given: Any) -> Any:
        """The error of a call that must fail."""
        found = self.post(method, **given)
        assert "error_response" in found, found
        return found["error_response"]

    def xml(self, method: str, **given: Any) -> ElementTree.Element:
        answer = self.client.post("/router/rest", self.params(method, **{**given, "format": "xml"}))
        assert answer.headers["Content-Type"] == "text/xml;charset=utf-8"
        return ElementTree.fromstring(answer.content)


def draft(n: int, *, now: datetime, lines: int = 1, **more: Any) -> OrderDraft:
    """A paid order with a Taobao-like number."""
    number = f"31{n:017d}"
    values: dict[str, Any] = {
        "number": number, "status": "awaiting_shipment", "buyer": f"买家{n}", "receiver": "张三丰", "phone": "13812345678",
        "province": "浙江省", "city": "杭州市", "district": "西湖区", "region": "330106", "address": f"文三路{n}号2栋301室",
        "paid_amount": "30.00", "item_amount": "28.00", "postage": "2.00", "ordered_at": now, "paid_at": now,
        "title": "手工陶瓷杯", "quantity": lines,
        "lines": [
            LineDraft(order_number=number, number=f"31{n:015d}{i:02d}", title=f"杯{i}", sku="白色", sku_code=f"S{i}",
                      quantity=1, amount="14.00", price="14.00")  # type: ignore[arg-type]
            for i in range(1, lines + 1)
        ] if lines > 1 else [],
        **more,
    }  # fmt: skip
    import msgspec

    return msgspec.convert(msgspec.to_builtins(OrderDraft(**values)), OrderDraft)


def tid(n: int) -> int:
    return int(f"31{n:017d}")


def oid(n: int, i: int) -> int:
    return int(f"31{n:015d}{i:02d}")


def take_in(actor: Actor, *drafts: OrderDraft, now: datetime) -> dict[str, int]:
    return placing.take_in(actor, list(drafts), now=now)


ALL = "tid,tid_str,status,created,pay_time,modified,payment,post_fee,buyer_nick,receiver_name,receiver_mobile,receiver_phone,receiver_address,receiver_state,seller_memo,seller_flag,ob_tag,delivery_time,oaid,is_part_consign,orders"  # fmt: skip
"""The fields that the tests look at."""


def full(desk: Desk, n: int, fields: str = ALL) -> Any:
    return desk.call("taobao.trade.fullinfo.get", tid=tid(n), fields=fields)["trade"]


def send(desk: Desk, n: int, number: int, **more: Any) -> Any:
    given = {"tid": tid(n), "out_sid": waybill(number), "company_code": "ZTO", **more}
    return desk.post("taobao.logistics.offline.send", **given)


def sent(answer: Any) -> bool:
    return answer.get("logistics_offline_send_response", {}).get("shipping") == {"is_success": True}


def refused(answer: Any) -> str:
    return str(answer["error_response"]["sub_code"]).removeprefix("isv.logistics-offline-service-error:")
