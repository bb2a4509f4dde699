"""Kdniao: label order (1007) and cancel (1147), query (1002), subscription (1008) and its pushes (101),
pickup (1001) and its end (1004).

What is sure and what is not stands in README.md.
"""

import base64
import hashlib
import hmac
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, Final
from urllib.parse import parse_qsl, unquote

from fahuo.connectors.carrying import (
    CHINA,
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
    code_of,
    compact,
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
from fahuo.rules.labels import Party
from fahuo.rules.parcels import CarrierScan, ScanKind
from fahuo.rules.problems import Problem

CODES: Final[Mapping[str, str]] = {
    "SF": "SF", "ZTO": "ZTO", "YTO": "YTO", "STO": "STO", "YUNDA": "YD", "EMS": "EMS", "POSTB": "YZPY", "JD": "JD",
    "ZJS": "ZJS", "DBKD": "DBL", "HTKY": "JTSD",
}  # fmt: skip
"""Our code -> ShipperCode. DBL and JTSD are from memory."""
_OURS: Final = {theirs: ours for ours, theirs in CODES.items()}
STATES: Final[Mapping[str, tuple[ScanKind, bool] | None]] = {
    "0": None,
    "1": ("picked_up", False),
    "2": ("in_transit", False),
    "3": ("delivered", True),
    "4": ("in_transit", False),
}
"""State -> (what the newest trace means here, whether nothing more comes): 0 none, 1 picked up, 2 transit, 3 signed,
4 problem."""
UNAUTHORISED: Final = frozenset({"102", "104", "107"})
"""ResultCode of an account, key or signature that is not known. From memory; any other code is a refusal of the row."""
HANDLE: Final = "/Ebusiness/EbusinessOrderHandle.aspx"
LABEL: Final = "/api/EOrderService"
FOLLOW: Final = "/api/dist"
PICKUP: Final = "/api/OOrderService"
FORBIDDEN: Final = str.maketrans("'\"#&+<>%\\", "＇＂＃＆＋＜＞％＼")
"""Signs that Kdniao's documents of 1001 and 1007 do not allow in what is asked, and the wide ones that say the same."""


def data_sign(words: str, app_key: str) -> str:
    """Base64 of the lower-case hex MD5 of data and key; the form's encoder encodes it for the URL."""
    mark = hashlib.md5((words + app_key).encode(), usedforsecurity=False).hexdigest()
    return base64.b64encode(mark.encode()).decode("ascii")


class KdniaoConnector:
    """One account at Kdniao."""

    def __init__(self, settings: Settings, transport: Transport, now: datetime) -> None:
        self.settings, self.transport, self.now = settings, transport, now

    def _call(self, path: str, kind: str, data: Mapping[str, Any]) -> dict[str, Any]:
        words = compact(data)
        answer = ask_form(
            self.transport, self.settings["gateway"].rstrip("/") + path,
            {
                "RequestData": words, "EBusinessID": self.settings["business_id"], "RequestType": kind, "DataType": "2",
                "DataSign": data_sign(words, self.settings["app_key"]),
            }, f"kdniao {kind}",
        )  # fmt: skip
        if not isinstance(answer.get("Success"), bool):
            raise trouble("unanswered", "carrier_garbage", what=f"kdniao {kind}")
        if not answer["Success"] and text(answer, "ResultCode") in UNAUTHORISED:
            raise trouble("unauthorised", "carrier_unauthorised", code=text(answer, "ResultCode"))
        return answer

    def check(self) -> str:
        """A query for a number that is not there: whether account and key are known."""
        data = {"OrderCode": "", "ShipperCode": "YTO", "LogisticCode": "YT0000000000000"}
        return text(self._call(HANDLE, "1002", data), "ResultCode") or "100"

    # --- labels ---

    def order(self, rows: Sequence[Consignment]) -> list[Numbered]:
        """One call an order; OrderCode is unique there, so none gets two numbers."""
        return one_by_one(rows, self._order, Numbered, CODES)

    def _order(self, row: Consignment) -> Numbered:
        answer = self._call(LABEL, "1007", self._asked(row))
        made = part(answer, "Order")
        waybill = text(made, "LogisticCode", 40)
        # an order that stands there already may come back as a refusal that names its number
        if waybill and text(made, "OrderCode") in (row.reference, ""):
            return Numbered("done", waybill=waybill, route=_route(made))
        if answer["Success"]:
            return Numbered("again", Problem("carrier_no_number"))
        code = code_of(answer.get("ResultCode"))
        if row.asked:
            return Numbered("refused", Problem("carrier_asked_before", {"code": code, "reference": row.reference}))
        return Numbered("refused", refused(code))

    def _asked(self, row: Consignment) -> dict[str, Any]:
        said = self.settings
        goods = [
            {"GoodsName": _plain(each.title[:60]) or "商品", "Goodsquantity": each.quantity} for each in row.goods[:20]
        ]
        asked: dict[str, Any] = {
            "OrderCode": row.reference, "ShipperCode": CODES[row.carrier], "PayType": int(said["pay_type"]),
            "ExpType": said["exp_type"], "CustomerName": row.account or said.get("customer_name", ""),
            "CustomerPwd": said.get("customer_password", ""), "SendSite": row.branch or said.get("send_site", ""),
            "MonthCode": said.get("month_code", ""), "Sender": _party(row.sender), "Receiver": _party(row.receiver),
            "Commodity": goods or [{"GoodsName": "商品"}], "Quantity": 1, "IsNotice": 1, "IsReturnPrintTemplate": 0,
        }  # fmt: skip
        if row.grams is not None:
            asked["Weight"] = float(Decimal(row.grams) / 1000)
        return {name: value for name, value in asked.items() if value != ""}

    def cancel(self, rows: Sequence[Number]) -> list[Outcome]:
        return one_by_one(rows, self._cancel, Outcome, CODES)

    def _cancel(self, row: Number) -> Outcome:
        data = {
            "ShipperCode": CODES[row.carrier], "OrderCode": row.reference, "ExpNo": row.waybill,
            "CustomerName": row.account or self.settings.get("customer_name", ""),
            "CustomerPwd": self.settings.get("customer_password", ""),
        }  # fmt: skip
        return _outcome(self._call(LABEL, "1147", {name: value for name, value in data.items() if value}))

    def pickup(self, rows: Sequence[Booking]) -> list[Outcome]:
        return one_by_one(rows, self._pickup, Outcome, CODES)

    def _pickup(self, row: Booking) -> Outcome:
        """Fields as Kdniao's document of 1001 has them; `MonthCode` is asked for where the month pays (PayType 3)."""
        month = self.settings.get("month_code", "")
        data = {
            "OrderCode": row.reference, "ShipperCode": CODES[row.carrier], "PayType": int(self.settings["pay_type"]),
            "ExpType": self.settings["exp_type"], **({"MonthCode": month} if month else {}), "Sender": _party(row.sender), "Receiver": _party(row.sender),
            "Commodity": [{"GoodsName": "商品"}], "Quantity": row.count,
            "StartDate": row.since.astimezone(CHINA).strftime("%Y-%m-%d %H:%M:%S"),
            "EndDate": row.until.astimezone(CHINA).strftime("%Y-%m-%d %H:%M:%S"),
        }  # fmt: skip
        answer = self._call(PICKUP, "1001", data)
        if row.asked and not answer["Success"]:
            code = code_of(answer.get("ResultCode"))
            return Outcome("refused", Problem("pickup_asked_before", {"code": code, "reference": row.reference}))
        return _outcome(answer)

    def call_off(self, rows: Sequence[Booking]) -> list[Outcome]:
        return one_by_one(rows, self._call_off, Outcome, CODES)

    def _call_off(self, row: Booking) -> Outcome:
        """By our own number; `LogisticCode` may be left out (Kdniao's document of 1004)."""
        return _outcome(self._call(PICKUP, "1004", {"OrderCode": row.reference, "ShipperCode": CODES[row.carrier]}))

    # --- scans ---

    def track(self, rows: Sequence[Number]) -> list[Tracked]:
        return one_by_one(rows, self._track, Tracked, CODES)

    def _track(self, row: Number) -> Tracked:
        data = {"OrderCode": "", "ShipperCode": CODES[row.carrier], "LogisticCode": row.waybill}
        answer = self._call(HANDLE, "1002", data)
        if not answer["Success"]:
            return Tracked("refused", refused(answer.get("ResultCode")))
        if text(answer, "LogisticCode") != row.waybill:
            raise trouble("unanswered", "carrier_garbage", what="LogisticCode")
        return Tracked("done", scans=_scans(answer, row.carrier), over=_over(answer))

    def subscribe(self, rows: Sequence[Number], address: str) -> list[Outcome]:
        """The address of pushes is set at Kdniao's own desk, not with each number."""
        return one_by_one(rows, self._subscribe, Outcome, CODES)

    def _subscribe(self, row: Number) -> Outcome:
        data = {"ShipperCode": CODES[row.carrier], "LogisticCode": row.waybill, "OrderCode": row.reference}
        return _outcome(self._call(FOLLOW, "1008", {name: value for name, value in data.items() if value}))

    # --- pushes ---

    def read_push(self, headers: Mapping[str, str], query: Mapping[str, str], body: bytes) -> Heard:
        """A form with RequestType 101, RequestData and DataSign."""
        try:
            form = dict(parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=20))
        except ValueError:
            raise trouble("refused", "push_refused", what="form") from None
        words, sign = form.get("RequestData", ""), form.get("DataSign", "")
        due = data_sign(words, self.settings["app_key"]).encode()
        if not words or not any(hmac.compare_digest(due, each.encode()) for each in (sign, unquote(sign))):
            raise trouble("refused", "push_refused", what="DataSign")
        if form.get("RequestType", "101") not in ("101", "102"):
            return Heard()
        scans: list[CarrierScan] = []
        over: list[tuple[str, str]] = []
        for told in parts(object_of(words, "RequestData"), "Data"):
            carrier, waybill = _OURS.get(text(told, "ShipperCode"), ""), text(told, "LogisticCode", 40)
            if carrier and waybill:
                scans += _scans(told, carrier)
                over += [(carrier, waybill)] if _over(told) else []
        return Heard(tuple(scans), tuple(over))

    def answer_push(self, problem: Problem | None, now: datetime) -> Reply:
        why = "" if problem is None else code_of(problem.data.get("what", problem.code))
        return Reply({
            "EBusinessID": self.settings["business_id"], "Success": problem is None, "Reason": why,
            "UpdateTime": now.astimezone(CHINA).strftime("%Y-%m-%d %H:%M:%S"),
        })  # fmt: skip


def _outcome(answer: Mapping[str, Any]) -> Outcome:
    return Outcome("done") if answer["Success"] else Outcome("refused", refused(answer.get("ResultCode")))


def _plain(words: str) -> str:
    """Words without the signs that are not allowed: `3#楼` stays readable, and is not refused."""
    return words.translate(FORBIDDEN)


def _party(party: Party) -> dict[str, str]:
    told = {
        "Name": party.name, "Mobile": party.phone, "ProvinceName": party.province, "CityName": party.city,
        "ExpAreaName": party.district, "Address": party.address,
    }  # fmt: skip
    return {name: _plain(words) for name, words in told.items()}


def _route(made: Mapping[str, Any]) -> Route:
    return Route(
        route_code=text(made, "SortingCode", 60), mark=text(made, "MarkDestination", 60),
        hub_name=text(made, "PackageName", 60),
    )  # fmt: skip


def _over(told: Mapping[str, Any]) -> bool:
    state = STATES.get(text(told, "State"))
    return state is not None and state[1]


def _scans(told: Mapping[str, Any], carrier: str) -> tuple[CarrierScan, ...]:
    """Every trace that can be read: the newest is what State says, the first of more than one is the pickup's."""
    waybill, state = text(told, "LogisticCode", 40), STATES.get(text(told, "State"), ("in_transit", False))
    if state is None:
        return ()
    at = sorted(when for when in (moment(text(row, "AcceptTime")) for row in parts(told, "Traces")) if when is not None)
    last = len(at) - 1
    return tuple(
        CarrierScan(carrier, waybill, state[0] if n == last else "picked_up" if n == 0 else "in_transit", when)
        for n, when in enumerate(at)
    )
