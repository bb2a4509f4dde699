"""`/push/…`: what marketplaces and carriers' services tell, signed over nonsense and nonsense signed wrongly."""

import json
from dataclasses import dataclass, field
from random import Random
from typing import Any, Final
from urllib.parse import urlencode

from fahuo.connectors.kdniao.connector import data_sign
from fahuo.connectors.kuaidi100.connector import signed
from fahuo.rules.top import clock, signing
from tests.carriers.test_scans import told
from tests.fuzz.house import World
from tests.fuzz.judging import Answer
from tests.fuzz.spoil import TEXTS, any_text, plain, spoil_bytes, spoil_form, spoil_text, spoil_tree, written
from tests.fuzz.worlds import PUSHED, numbers_of
from tests.services.shipping import order_number
from tests.top.calling import tid

FORM: Final = "application/x-www-form-urlencoded"
SHAPES: Final = (
    {"method": "ome.order.delivergoods", "tid": str(tid(1)), "notify_time": "2026-03-02 12:00:00"},
    {"method": "ome.order.deliverypriority", "tid": str(tid(2)), "fulfilmentBizType": "10002"},
    {"method": "ome.order.promise", "orderId": str(tid(3)), "event_type": "latest_delivery_time", "deliveredTime": "2026-03-03 12:00:00"},
    {"topic": "taobao_trade_TradeClose", "content": json.dumps({"tid": tid(1), "oid": tid(1), "status": "TRADE_CLOSED"})},
    {"method": "taobao.order.delivergoods", "tid": order_number(1), "notify_time": "2026-03-02 12:00:00"},
)  # fmt: skip


@dataclass(slots=True)
class Push:
    address: str
    kind: str
    body: bytes
    method: str = "POST"
    extra: dict[str, str] = field(default_factory=dict)


class Pushes:
    name, world, share = "pushes", "machines", 180
    writes: Final = {
        "carrier_calls": "what a carrier's service said, or tried to, is recorded by its code alone",
        "carrier_accounts": "the account tells when and how its service was heard last",
    }

    def make(self, chance: Random, world: World) -> Push:
        kind = chance.choice(("taobao", "taobao", *PUSHED))
        address, secret = world["pushes"][kind]
        push = self._taobao(chance, secret) if kind == "taobao" else self._carrier(chance, kind, secret)
        push.address = (
            address
            if chance.random() < 0.96
            else spoil_text(chance, address).encode("ascii", "replace").decode()[:300] or "/"
        )
        kind_of_spoil = chance.random()
        if kind_of_spoil < 0.10:
            push.body = spoil_bytes(chance, push.body)
        elif kind_of_spoil < 0.14:
            push.kind = chance.choice(
                (
                    "",
                    "application/json",
                    "text/plain",
                    "multipart/form-data; boundary=b",
                    any_text(chance).encode("ascii", "replace").decode()[:60],
                )
            )
        elif kind_of_spoil < 0.17:
            push.extra["CONTENT_LENGTH"] = chance.choice(
                ("", "-1", "x", "²", "1e3", "99999999999", "0", "٣", " 12 ", "9" * 5_000)
            )
        elif kind_of_spoil < 0.18:
            push.method = chance.choice(("GET", "PUT", "HEAD", "DELETE"))
        elif kind_of_spoil < 0.20:
            push.address += "?" + urlencode({any_text(chance)[:50]: any_text(chance)[:500]}, errors="replace")
        return push

    def _taobao(self, chance: Random, secret: str) -> Push:
        form = {**chance.choice(SHAPES), "sign_method": "md5", "timestamp": clock.written(_now())}
        if chance.random() < 0.85:
            form = spoil_form(
                chance, form, lambda chance, _: chance.choice([*numbers_of(), str(tid(chance.randrange(9)))])
            )
        if "content" in form and chance.random() < 0.5:
            form["content"] = written(chance, spoil_tree(chance, {"tid": tid(1), "oid": tid(1)})).decode(
                "utf-8", "replace"
            )
        as_json = chance.random() < 0.3
        given: dict[str, Any] = form
        way = form.get("sign_method", "md5")
        if chance.random() < 0.92:
            try:
                form["sign"] = signing.sign(
                    {name: value for name, value in form.items() if name != "sign"},
                    secret,
                    way if way in signing.WAYS else "md5",
                )  # type: ignore[arg-type]
            except UnicodeEncodeError:
                form["sign"] = "0"
        else:
            form["sign"] = spoil_text(chance, "0" * 32)
        if as_json:
            return Push(
                "", "application/json", written(chance, spoil_tree(chance, given) if chance.random() < 0.3 else given)
            )
        return Push("", FORM, urlencode(form, errors="replace").encode())

    def _carrier(self, chance: Random, kind: str, secret: str) -> Push:
        number = chance.choice((PUSHED[kind], PUSHED[kind], *numbers_of(), plain(any_text(chance)[:60])))
        times = [
            plain(chance.choice(("2026-03-02 13:00:00", "2026-11-27 09:00:00", *TEXTS)))
            for _ in range(chance.choice((0, 1, 1, 2, 5)))
        ]
        form = told(kind, number, chance.choice(("0", "1", "2", "3", "4", "99", plain(any_text(chance)[:20]))), *times)
        inner = "param" if kind == "kuaidi100" else "RequestData"
        if chance.random() < 0.8:
            form[inner] = written(chance, spoil_tree(chance, json.loads(form[inner]))).decode("utf-8", "replace")
            mark, sign = ("sign", signed) if kind == "kuaidi100" else ("DataSign", data_sign)
            form[mark] = sign(form[inner], secret)
        if chance.random() < 0.15:
            form = spoil_form(chance, form)
        return Push("", FORM, urlencode(form, errors="replace").encode())

    def send(self, given: Push, world: World) -> Answer:
        answer = world["nobody"].generic(given.method, given.address, given.body, given.kind, **given.extra)
        text = answer.content.decode()[:300]
        return Answer(answer.status_code, answer.status_code >= 400, text, frozenset({world["shop"].id}))


def _now() -> Any:
    from datetime import UTC, datetime

    return datetime.now(UTC)
