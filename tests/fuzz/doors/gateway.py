"""`/router/rest` and `/oauth/token`: every method with its parameters good and bad, signed and not."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from random import Random
from typing import Any, Final
from urllib.parse import urlencode

from fahuo.api.top.registry import METHODS, Method
from fahuo.rules.top import signing
from tests.fuzz.house import World
from tests.fuzz.judging import Answer
from tests.fuzz.spoil import any_text, plain, spoil_bytes, spoil_form, spoil_tree, written
from tests.fuzz.worlds import ids_of, numbers_of
from tests.services.shipping import waybill
from tests.top.calling import oid, tid
from tests.top.test_methods import ALL

FORM: Final = "application/x-www-form-urlencoded"
GOOD: Final[Mapping[str, str]] = {
    "tid": str(tid(1)), "fields": ALL, "out_sid": waybill(8001), "company_code": "ZTO", "sub_tid": str(oid(2, 1)), "cp_code": "ZTO",
    "waybill_code": "75330000000905", "memo": "记", "flag": "2", "refund_id": "1", "refund_phase": "onsale", "refuse_message": "已寄出", "oid": str(oid(2, 1)), "status": "WAIT_SELLER_SEND_GOODS",
    "order_ids": str(tid(1)), "type": "fixed", "buyer_nick": "买家3", "page_no": "1", "page_size": "20",
}  # fmt: skip
"""Parameter -> a value that makes sense, for whatever method takes it."""
WAYBILLS: Final = {
    "cp_code": "ZTO", "sender": {"name": "x"},
    "trade_order_info_dtos": [
        {"object_id": "1", "order_info": {"order_channels_type": "TB", "trade_order_list": [str(tid(3))]}, "template_url": "http://t.example/1", "user_id": 1}
    ],
}  # fmt: skip
JSONS: Final[Mapping[str, Any]] = {
    "param_waybill_cloud_print_apply_new_request": WAYBILLS,
    "query_list": [{"tid": str(tid(1)), "oaid": "x", "scene": "1002"}],
    "param_waybill_cloud_print_update_request": {"cp_code": "ZTO", "waybill_code": "75330000000905", "object_id": "1"},
}


@dataclass(slots=True)
class Call:
    method: str
    path: str
    kind: str
    query: str
    body: bytes


class Gateway:
    name, world, share = "gateway", "machines", 200
    writes: Final = {
        "gateway_uses": "an app's calls are counted, whatever became of them",
        "gateway_sessions": "when a session was last used is noted",
    }

    def make(self, chance: Random, world: World) -> Call:
        if chance.random() < 0.06:
            return self._token(chance, world)
        method = METHODS[chance.choice(sorted(METHODS))]
        params = self._params(chance, method, world)
        desk = world["desk"]
        asked = desk.params(method.name, way=chance.choice(("md5", "md5", "hmac", "hmac-sha256")), **{
            name: value for name, value in params.items() if name.isidentifier() and name not in ("self", "method", "way")
        })  # fmt: skip
        kind = chance.random()
        if kind < 0.08:
            asked = spoil_form(chance, asked)
        elif kind < 0.16:  # wrong before it was signed
            asked = spoil_form(chance, {name: value for name, value in asked.items() if name != "sign"})
            asked["sign"] = _signed(asked, desk.secret)
        return self._sent(chance, asked)

    def _params(self, chance: Random, method: Method, world: World) -> dict[str, str]:
        params = {}
        for each in method.params:
            if each.kind == "json":
                tree = JSONS.get(each.name, WAYBILLS)
                params[each.name] = (
                    written(chance, spoil_tree(chance, tree)).decode("utf-8", "replace")
                    if chance.random() < 0.9
                    else json.dumps(tree)
                )
            elif each.required or chance.random() < 0.4:
                params[each.name] = GOOD.get(each.name) or self._of_kind(chance, each)
        ids = ids_of(world["theirs"]) + ids_of(world["api"])

        def fitting(chance: Random, value: str) -> str:
            return str(chance.choice([*ids, *numbers_of(), tid(2), tid(4), oid(2, 2), waybill(8002)]))

        found = spoil_form(chance, params, fitting) if chance.random() < 0.8 else params
        return {name: plain(value) for name, value in found.items()}

    def _of_kind(self, chance: Random, param: Any) -> str:
        if param.choices:
            return str(chance.choice(param.choices))
        return {
            "number": str(chance.choice((1, 20, 0, 2**63 - 1))), "boolean": "true", "moment": "2026-03-02 12:00:00", "fields": "tid,status",
            "numbers": f"{tid(1)},{tid(2)}", "texts": "a,b", "unused": "",
        }.get(param.kind, "x")  # fmt: skip

    def _sent(self, chance: Random, asked: Mapping[str, str]) -> Call:
        body = urlencode(asked, errors="replace").encode()
        kind = chance.random()
        if kind < 0.05:
            return Call("GET", "/router/rest", "", body.decode(), b"")
        if kind < 0.10:
            return Call("POST", "/router/rest", FORM, "", spoil_bytes(chance, body))
        if kind < 0.13:
            return Call(
                "POST",
                "/router/rest",
                chance.choice(
                    (
                        "",
                        "text/xml",
                        "application/json",
                        "multipart/form-data",
                        FORM + "; charset=nonsense",
                        any_text(chance).encode("ascii", "replace").decode()[:80],
                    )
                ),
                "",
                body,
            )
        if kind < 0.16:
            return Call("POST", "/router/rest", "multipart/form-data; boundary=b", "", _multipart(chance, asked))
        return Call(
            "POST",
            "/router/rest",
            FORM,
            urlencode({"simplify": any_text(chance)}, errors="replace") if kind < 0.2 else "",
            body,
        )

    def _token(self, chance: Random, world: World) -> Call:
        desk = world["desk"]
        form = {
            "grant_type": chance.choice(("authorization_code", "refresh_token", "x")), "client_id": desk.key, "client_secret": desk.secret,
            "code": "x", "redirect_uri": "https://erp.example.com/back", "refresh_token": desk.tokens.refresh_token if chance.random() < 0.3 else "x",
        }  # fmt: skip
        return Call("POST", "/oauth/token", FORM, "", urlencode(spoil_form(chance, form), errors="replace").encode())

    def send(self, given: Call, world: World) -> Answer:
        address = given.path + (f"?{given.query}" if given.query else "")
        answer = world["desk"].client.generic(given.method, address, given.body, given.kind)
        text = answer.content.decode()
        refused = answer.status_code >= 400 or "error_response" in text[:120]
        return Answer(answer.status_code, refused, text[:300], frozenset({world["shop"].id}))


def _signed(asked: Mapping[str, str], secret: str) -> str:
    try:
        return signing.sign(asked, secret, "md5")
    except UnicodeEncodeError:
        return "0"


def _multipart(chance: Random, asked: Mapping[str, str]) -> bytes:
    parts = b"".join(
        b'--b\r\nContent-Disposition: form-data; name="%b"\r\n\r\n%b\r\n'
        % (name.encode("utf-8", "replace"), value.encode("utf-8", "replace"))
        for name, value in asked.items()
    )
    body = parts + b"--b--\r\n"
    return spoil_bytes(chance, body) if chance.random() < 0.6 else body
