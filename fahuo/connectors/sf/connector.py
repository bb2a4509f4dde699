"""SF Express 丰桥: order, cancel, routes, and the search by our own order number that makes asking again safe.

What is sure and what is not stands in README.md.
"""

import base64
import hashlib
import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, Final
from urllib.parse import quote_plus

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
    cannot,
    code_of,
    compact,
    moment,
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

CODES: Final[Mapping[str, str]] = {"SF": "SF"}
"""Our code -> theirs."""
SCANS: Final[Mapping[str, ScanKind]] = {"50": "picked_up", "80": "delivered"}
"""opCode -> what it means here; every other code of a route is `in_transit`. Second-hand: public clients agree on both."""
UNAUTHORISED: Final = frozenset({"A1003", "A1004", "A1006"})
"""apiResultCode: address, service or signature that is not allowed. From memory, see README.md; an unknown code is tried
again later, which loses nothing."""
LIMITED: Final = frozenset({"A1005"})
_REFERENCE_SPACE: Final = uuid.UUID("6f6b9a43-30f1-5d3c-8a5e-0a4a1f2d7c11")


class Said(Exception):
    """The service refused one row: its code."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def java_encoded(words: str) -> str:
    """java.net.URLEncoder's form: as quote_plus, but `*` stays and `~` does not."""
    return quote_plus(words, safe="*").replace("~", "%7E")


def digest(msg_data: str, timestamp: str, check_word: str) -> str:
    """msgDigest: Base64 of the raw MD5 of the encoded concatenation."""
    encoded = java_encoded(msg_data + timestamp + check_word)
    return base64.b64encode(hashlib.md5(encoded.encode(), usedforsecurity=False).digest()).decode("ascii")


class SfConnector:
    """One partner account at 丰桥."""

    def __init__(self, settings: Settings, transport: Transport, now: datetime) -> None:
        self.settings, self.transport, self.now = settings, transport, now

    def _call(self, service: str, data: Mapping[str, Any], seed: str) -> dict[str, Any]:
        """apiResultData.msgData. Raises Trouble, or Said."""
        msg_data = compact(data)
        timestamp = str(int(self.now.timestamp() * 1000))
        answer = ask_form(
            self.transport, self.settings["gateway"],
            {
                "partnerID": self.settings["partner_id"], "serviceCode": service, "timestamp": timestamp,
                "requestID": str(uuid.uuid5(_REFERENCE_SPACE, f"{service}:{seed}:{timestamp}")), "msgData": msg_data,
                "msgDigest": digest(msg_data, timestamp, self.settings["check_word"]),
            }, service,
        )  # fmt: skip
        code = text(answer, "apiResultCode")
        if code in UNAUTHORISED:
            raise trouble("unauthorised", "carrier_unauthorised", code=code_of(code))
        if code in LIMITED:
            raise trouble("limited", "carrier_limited", seconds=30)
        if code != "A1000":
            raise trouble("unanswered", "carrier_unanswered", why=f"SF {code_of(code)}")
        result = part(answer, "apiResultData")
        if result.get("success") is True:
            return part(result, "msgData")
        if result.get("success") is not False:
            raise trouble("unanswered", "carrier_garbage", what=service)
        raise Said(code_of(result.get("errorCode")))

    def check(self) -> str:
        """A search for an order that is not there: whether the account may ask at all."""
        try:
            self._call("EXP_RECE_SEARCH_ORDER_RESP", {"language": "zh-CN", "orderId": "FH0-0"}, "check")
        except Said as said:
            return said.code
        return "S0000"

    # --- order ---

    def order(self, rows: Sequence[Consignment]) -> list[Numbered]:
        """One call an order. A reference that was asked before is searched first, and one that is refused is searched,
        too: SF answers an order number that it knows with the first order's waybill (丰桥's document of the service), or
        refuses it (older clients)."""
        return one_by_one(rows, self._order, Numbered, CODES)

    def _order(self, row: Consignment) -> Numbered:
        if row.asked:
            found = self._find(row.reference)
            if found is not None:
                return found
        try:
            made = _numbered(self._call("EXP_RECE_CREATE_ORDER", self._asked(row), row.reference))
        except Said as said:
            found = self._find(row.reference)
            return found or Numbered("refused", refused(said.code))
        return made or Numbered("again", Problem("carrier_no_number"))

    def _find(self, reference: str) -> Numbered | None:
        """What stands there under our reference: its number, or `again` where it has none yet; None when nothing does."""
        try:
            data = {"language": "zh-CN", "orderId": reference}
            answer = self._call("EXP_RECE_SEARCH_ORDER_RESP", data, reference)
        except Said:
            return None
        return _numbered(answer) or Numbered("again", Problem("carrier_no_number"))

    def _asked(self, row: Consignment) -> dict[str, Any]:
        weight = {} if row.grams is None else {"totalWeight": float(Decimal(row.grams) / 1000)}
        goods = [{"name": each.title[:60] or "商品", "count": each.quantity} for each in row.goods[:20]]
        return {
            "language": "zh-CN", "orderId": row.reference,
            "contactInfoList": [_contact(row.sender, 1), _contact(row.receiver, 2)],
            "cargoDetails": goods or [{"name": "商品", "count": 1}],
            "monthlyCard": row.account or self.settings.get("monthly_card", ""),
            "payMethod": int(self.settings["pay_method"]), "expressTypeId": _number(self.settings["express_type"]),
            "parcelQty": 1, "isDocall": 1 if self.settings.get("call_courier") == "yes" else 0, "isReturnRoutelabel": 1,
            "isGenWaybillNo": 1, **weight,
        }  # fmt: skip

    def cancel(self, rows: Sequence[Number]) -> list[Outcome]:
        return one_by_one(rows, lambda row: self._end(row.reference), Outcome, CODES)

    def _end(self, reference: str) -> Outcome:
        data = {"language": "zh-CN", "orderId": reference, "dealType": 2}
        try:
            self._call("EXP_RECE_UPDATE_ORDER", data, reference)
        except Said as said:
            return Outcome("refused", refused(said.code))
        return Outcome("done")

    # --- routes ---

    def track(self, rows: Sequence[Number]) -> list[Tracked]:
        return one_by_one(rows, self._track, Tracked, CODES)

    def _track(self, row: Number) -> Tracked:
        data = {"language": "zh-CN", "trackingType": 1, "trackingNumber": [row.waybill], "methodType": 1}
        if row.phone:
            data["checkPhoneNo"] = row.phone
        try:
            found = self._call("EXP_RECE_SEARCH_ROUTES", data, row.waybill)
        except Said as said:
            return Tracked("refused", refused(said.code))
        told = [
            scan for response in parts(found, "routeResps") if text(response, "mailNo") == row.waybill
            for scan in map(lambda each: _scan(row.waybill, each), parts(response, "routes")) if scan is not None
        ]  # fmt: skip
        return Tracked("done", scans=tuple(told), over=any(scan.kind == "delivered" for scan in told))

    def subscribe(self, rows: Sequence[Number], address: str) -> list[Outcome]:
        return cannot(rows)

    def pickup(self, rows: Sequence[Booking]) -> list[Outcome]:
        """An order of its own that takes no number and calls a courier; a reference that is known is not asked again."""
        return one_by_one(rows, self._pickup, Outcome, CODES)

    def _pickup(self, row: Booking) -> Outcome:
        if row.asked and self._stands(row.reference):
            return Outcome("done")
        try:
            self._call("EXP_RECE_CREATE_ORDER", self._booked(row), row.reference)
        except Said as said:
            return Outcome("done") if self._stands(row.reference) else Outcome("refused", refused(said.code))
        return Outcome("done")

    def _stands(self, reference: str) -> bool:
        """Whether an order stands there under our reference."""
        try:
            self._call("EXP_RECE_SEARCH_ORDER_RESP", {"language": "zh-CN", "orderId": reference}, reference)
        except Said:
            return False
        return True

    def _booked(self, row: Booking) -> dict[str, Any]:
        """Fields as 丰桥's document of EXP_RECE_CREATE_ORDER has them: `isDocall` 1 asks for a courier, `isGenWaybillNo` 0 for
        no number, and `sendStartTm` of an order that is booked is the end of its time (预约单传预约截止时间; without it the
        courier comes within the hour)."""
        return {
            "language": "zh-CN", "orderId": row.reference,
            "contactInfoList": [_contact(row.sender, 1), _contact(row.sender, 2)],
            "cargoDetails": [{"name": "商品", "count": row.count}],
            "monthlyCard": row.account or self.settings.get("monthly_card", ""),
            "payMethod": int(self.settings["pay_method"]), "expressTypeId": _number(self.settings["express_type"]),
            "parcelQty": 1, "isDocall": 1, "isGenWaybillNo": 0, "isReturnRoutelabel": 0,
            "sendStartTm": row.until.astimezone(CHINA).strftime("%Y-%m-%d %H:%M:%S"),
        }  # fmt: skip

    def call_off(self, rows: Sequence[Booking]) -> list[Outcome]:
        return one_by_one(rows, lambda row: self._end(row.reference), Outcome, CODES)

    def read_push(self, headers: Mapping[str, str], query: Mapping[str, str], body: bytes) -> Heard:
        raise trouble("refused", "carrier_cannot")

    def answer_push(self, problem: Problem | None, now: datetime) -> Reply:
        return Reply({"success": False}, 404)


def _number(words: str) -> int | str:
    return int(words) if words.isascii() and words.isdigit() else words


def _contact(party: Party, kind: int) -> dict[str, Any]:
    return {
        "contactType": kind, "contact": party.name, "mobile": party.phone, "country": "CN", "province": party.province,
        "city": party.city, "county": party.district, "address": party.address,
    }  # fmt: skip


def _numbered(data: Mapping[str, Any]) -> Numbered | None:
    """The number of an answer; None where it names none."""
    listed = parts(data, "waybillNoInfoList")
    main = next((row for row in listed if text(row, "waybillType") in ("1", "")), None)
    waybill = text(main, "waybillNo", 40) if main else ""
    if not waybill:
        return None
    labels = parts(data, "routeLabelInfo")
    told = part(labels[0], "routeLabelData") if labels else {}
    return Numbered("done", waybill=waybill, route=Route(route_code=text(told, "destRouteLabel", 60)))


def _scan(waybill: str, route: Mapping[str, Any]) -> CarrierScan | None:
    at = moment(text(route, "acceptTime"))
    if at is None:
        return None
    kind = SCANS.get(text(route, "opCode"), "in_transit")
    return CarrierScan("SF", waybill, kind, at, text(route, "acceptAddress", 60))
