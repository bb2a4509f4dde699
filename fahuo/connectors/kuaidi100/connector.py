"""Kuaidi100: label order and cancel, tracking query, subscription and its pushes. What is sure stands in README.md."""

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, Final
from urllib.parse import parse_qsl

from fahuo.connectors.carrying import (
    Booking,
    Consignment,
    Heard,
    Number,
    Numbered,
    Outcome,
    Reply,
    Route,
    Tracked,
    ask_form,
    cannot,
    code_of,
    compact,
    goods_name,
    moment,
    object_of,
    one_by_one,
    part,
    parts,
    refused,
    text,
    trouble,
)
from fahuo.connectors.contract import Settings
from fahuo.connectors.web import Transport
from fahuo.rules.carriers import CARRIERS, find
from fahuo.rules.labels import Party
from fahuo.rules.parcels import CarrierScan, ScanKind
from fahuo.rules.problems import Problem

CODES: Final[Mapping[str, str]] = {code: each.kuaidi100 for code, each in CARRIERS.items() if each.kuaidi100}
"""Our code of a carrier -> theirs."""
STATES: Final[Mapping[str, tuple[ScanKind, bool]]] = {
    "0": ("in_transit", False), "1": ("picked_up", False), "2": ("in_transit", False), "3": ("delivered", True),
    "4": ("in_transit", True), "5": ("in_transit", False), "6": ("in_transit", False), "7": ("in_transit", False),
}  # fmt: skip
"""state -> (what its newest scan means here, whether nothing more comes): 0 transit, 1 picked up, 2 problem, 3 signed,
4 return signed, 5 delivering, 6 returned, 7 forwarded. A parcel that went back to its sender was not delivered."""
WORDS: Final[Mapping[str, ScanKind]] = {"揽收": "picked_up", "签收": "delivered"}
"""status of a scan -> what it means here; every other is in_transit."""
LABEL_TROUBLE: Final = frozenset({"30002", "30003"})
"""Label codes of an account or signature that is not known. 30004 (quota) is a refusal that a person settles."""
QUERY_NOTHING: Final = frozenset({"400", "500", "501", "502"})
"""Codes of a query whose number is not known (yet). From memory."""
QUERY_TROUBLE: Final = frozenset({"503", "601"})
"""Codes of a query: signature wrong, key run out. From memory."""
SUBSCRIBED: Final = frozenset({"200", "501"})
"""returnCode: subscribed, subscribed before. 501 from memory."""
SALTS: Final = 16


def signed(*words: str) -> str:
    """Upper-case hex MD5 of the concatenation."""
    return hashlib.md5("".join(words).encode(), usedforsecurity=False).hexdigest().upper()


class Kuaidi100Connector:
    """One key at Kuaidi100."""

    def __init__(self, settings: Settings, transport: Transport, now: datetime) -> None:
        self.settings, self.transport, self.now = settings, transport, now

    def _set(self, name: str) -> str:
        """A setting that this act needs. Raises Trouble `unauthorised` when it was left empty."""
        found = self.settings.get(name, "")
        if not found:
            raise trouble("unauthorised", "carrier_unauthorised", sent=False, code=name)
        return found

    # --- labels ---

    def _label(self, method: str, param: Mapping[str, Any]) -> dict[str, Any]:
        words, stamp, key = compact(param), str(int(self.now.timestamp() * 1000)), self._set("key")
        answer = ask_form(
            self.transport, self.settings["label_gateway"],
            {
                "method": method, "key": key, "t": stamp, "param": words,
                "sign": signed(words, stamp, key, self._set("secret")),
            }, f"label {method}",
        )  # fmt: skip
        if text(answer, "code") in LABEL_TROUBLE:
            raise trouble("unauthorised", "carrier_unauthorised", code=text(answer, "code"))
        if not text(answer, "code"):
            raise trouble("unanswered", "carrier_garbage", what=f"label {method}")
        return answer

    def check(self) -> str:
        """A query for a number that is not there: whether key and customer are known."""
        return text(self._query("shunfeng", "SF0000000000000", ""), "returnCode") or "200"

    def order(self, rows: Sequence[Consignment]) -> list[Numbered]:
        """One call an order; `reorder` false and the same orderId give the same number again, for 48 hours."""
        return one_by_one(rows, self._order, Numbered, CODES)

    def _order(self, row: Consignment) -> Numbered:
        answer = self._label("order", self._asked(row))
        data = part(answer, "data")
        waybill = text(data, "kuaidinum", 40)
        if waybill:
            return Numbered("done", waybill=waybill, route=_route(data))
        code = text(answer, "code")
        if code == "200":
            return Numbered("again", Problem("carrier_no_number"))
        if code == "-1":  # a failure of their own: what became of it is not said
            return Numbered("again", refused(code), 30)
        return Numbered("refused", refused(code))

    def _asked(self, row: Consignment) -> dict[str, Any]:
        said = self.settings
        asked: dict[str, Any] = {
            "printType": "NON", "kuaidicom": CODES[row.carrier], "recMan": _man(row.receiver), "sendMan": _man(row.sender),
            "orderId": row.reference, "reorder": False, "cargo": goods_name(row.goods), "count": 1,
            "payType": said["pay_type"], "expType": said.get("exp_type", ""),
            "partnerId": row.account or said.get("partner_id", ""), "partnerKey": said.get("partner_key", ""),
            "partnerSecret": said.get("partner_secret", ""), "partnerName": said.get("partner_name", ""),
            "net": row.branch or said.get("net", ""), "code": said.get("code", ""), "checkMan": said.get("check_man", ""),
        }  # fmt: skip
        if row.grams is not None:
            asked["weight"] = float(Decimal(row.grams) / 1000)
        return {name: value for name, value in asked.items() if value != ""}

    def cancel(self, rows: Sequence[Number]) -> list[Outcome]:
        return one_by_one(rows, self._cancel, Outcome, CODES)

    def _cancel(self, row: Number) -> Outcome:
        said = self.settings
        param = {
            "partnerId": row.account or said.get("partner_id", ""), "partnerKey": said.get("partner_key", ""),
            "partnerSecret": said.get("partner_secret", ""), "partnerName": said.get("partner_name", ""),
            "net": said.get("net", ""), "code": said.get("code", ""), "kuaidinum": row.waybill,
            "kuaidicom": CODES[row.carrier], "reason": "不寄了",
        }  # fmt: skip
        answer = self._label("cancel", {name: value for name, value in param.items() if value})
        code = text(answer, "code")
        return Outcome("done") if code == "200" else Outcome("refused", refused(code))

    # --- scans ---

    def _query(self, company: str, waybill: str, phone: str) -> dict[str, Any]:
        param = {"com": company, "num": waybill, "resultv2": "4", "show": "0", "order": "desc"}
        if phone:
            param["phone"] = phone
        words, customer = compact(param), self._set("customer")
        fields = {"customer": customer, "sign": signed(words, self._set("key"), customer), "param": words}
        return ask_form(self.transport, f"{self.settings['poll_gateway']}/query.do", fields, "query")

    def track(self, rows: Sequence[Number]) -> list[Tracked]:
        return one_by_one(rows, self._track, Tracked, CODES)

    def _track(self, row: Number) -> Tracked:
        answer = self._query(CODES[row.carrier], row.waybill, row.phone)
        code = text(answer, "returnCode")
        if code in QUERY_NOTHING:
            return Tracked("done")
        if code in QUERY_TROUBLE:
            raise trouble("unauthorised", "carrier_unauthorised", code=code)
        if code and code != "200":
            return Tracked("refused", refused(code))
        if text(answer, "nu") != row.waybill:
            raise trouble("unanswered", "carrier_garbage", what="query nu")
        return Tracked("done", scans=_scans(answer, row.carrier), over=_over(answer))

    def subscribe(self, rows: Sequence[Number], address: str) -> list[Outcome]:
        return one_by_one(rows, lambda row: self._subscribe(row, address), Outcome, CODES)

    def _subscribe(self, row: Number, address: str) -> Outcome:
        parameters = {"callbackurl": address, "salt": self._set("salt"), "resultv2": "4"}
        if row.phone:
            parameters["phone"] = row.phone
        param = {
            "company": CODES[row.carrier],
            "number": row.waybill,
            "key": self._set("key"),
            "parameters": parameters,
        }
        fields = {"schema": "json", "param": compact(param)}
        answer = ask_form(self.transport, self.settings["poll_gateway"], fields, "poll")
        code = text(answer, "returnCode")
        if not code:
            raise trouble("unanswered", "carrier_garbage", what="poll")
        return Outcome("done") if code in SUBSCRIBED else Outcome("refused", refused(code))

    def pickup(self, rows: Sequence[Booking]) -> list[Outcome]:
        return cannot(rows)

    def call_off(self, rows: Sequence[Booking]) -> list[Outcome]:
        return cannot(rows)

    # --- pushes ---

    def read_push(self, headers: Mapping[str, str], query: Mapping[str, str], body: bytes) -> Heard:
        """A form with `param` and `sign` = MD5(param + salt)."""
        try:
            form = dict(parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=20))
        except ValueError:
            raise trouble("refused", "push_refused", what="form") from None
        words, sign, salt = form.get("param", ""), form.get("sign", ""), self.settings.get("salt", "")
        # without a salt nothing could prove who speaks
        if not salt or not hmac.compare_digest(signed(words, salt).encode(), sign.upper().encode()):
            raise trouble("refused", "push_refused", what="sign")
        said = object_of(words, "param")
        last = part(said, "lastResult")
        carrier, waybill = find(text(last, "com")), text(last, "nu", 40)
        if carrier is None or not waybill:
            # an abort may name no number that we follow; it is heard and changes nothing
            return Heard()
        number = (carrier.code, waybill)
        ended = _over(last) or text(said, "status") == "shutdown"
        lost = text(said, "status") == "abort" and not ended
        return Heard(_scans(last, carrier.code), (number,) if ended else (), (number,) if lost else ())

    def answer_push(self, problem: Problem | None, now: datetime) -> Reply:
        if problem is None:
            return Reply({"result": True, "returnCode": "200", "message": "成功"})
        return Reply({"result": False, "returnCode": "500", "message": code_of(problem.data.get("what", problem.code))})


def _man(party: Party) -> dict[str, str]:
    return {"name": party.name, "mobile": party.phone, "printAddr": party.whole_address}


def _route(data: Mapping[str, Any]) -> Route:
    """destCode and bulkpen are printed large; pkgName is the bag."""
    return Route(
        route_code=text(data, "destCode", 60), mark=text(data, "bulkpen", 60), hub_name=text(data, "pkgName", 60)
    )


def _over(result: Mapping[str, Any]) -> bool:
    return STATES.get(text(result, "state"), ("in_transit", False))[1]


def _scans(result: Mapping[str, Any], carrier: str) -> tuple[CarrierScan, ...]:
    """Every scan that can be read. The newest is what the state says it is, the others what their own status says."""
    waybill = text(result, "nu", 40)
    listed = [(moment(text(row, "ftime") or text(row, "time")), row) for row in parts(result, "data")]
    told = sorted(((at, row) for at, row in listed if at is not None), key=lambda each: each[0])
    found = []
    for place, (at, row) in enumerate(told):
        kind = WORDS.get(text(row, "status"), "in_transit")
        if place == len(told) - 1:
            kind = STATES.get(text(result, "state"), (kind, False))[0]
        elif kind == "delivered" and text(result, "state") != "3":
            kind = "in_transit"
        found.append(CarrierScan(carrier, waybill, kind, at, text(row, "areaName", 60)))
    return tuple(found)
