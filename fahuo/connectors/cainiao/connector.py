"""Cainiao's electronic waybills (cainiao.waybill.ii.*) through TOP: ten at a time, unencrypted print data for our own
labels. What is sure and what is not stands in README.md."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

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
    both,
    cannot,
    code_of,
    compact,
    goods_name,
    not_served,
    object_of,
    one_by_one,
    part,
    refused,
    text,
    trouble,
)
from fahuo.connectors.contract import Settings, Trouble
from fahuo.connectors.taobao.client import Gateway, Said
from fahuo.connectors.web import Transport
from fahuo.rules.labels import Party
from fahuo.rules.problems import Problem

CODES: Final[Mapping[str, str]] = {
    code: code for code in ("SF", "ZTO", "YTO", "STO", "YUNDA", "HTKY", "EMS", "EYB", "POSTB", "DBKD", "ZJS")
}
"""Our codes are the marketplace's own (cp_code)."""
AT_ONCE: Final = 10
MOST_DATA: Final = 8000
"""Characters of print data that a label keeps."""


class CainiaoConnector:
    """One seller's subscription at Cainiao."""

    def __init__(self, settings: Settings, transport: Transport, now: datetime) -> None:
        self.settings, self.now = settings, now
        self.gateway = Gateway(settings, transport, now)

    def _call(self, method: str, params: Mapping[str, Any]) -> dict[str, Any]:
        """What stands under the answer's root. Raises Trouble in this contract's words, or Said."""
        try:
            return self.gateway.call(method, params)
        except Trouble as found:
            problem = found.problem
            ours = {"marketplace_unanswered", "marketplace_garbage", "marketplace_limited", "marketplace_refused"}
            if problem.code not in ours:
                raise
            code = "carrier_" + problem.code.removeprefix("marketplace_")
            if found.kind == "unauthorised":
                code = "carrier_unauthorised"
            sent = problem.data.get("why") not in ("no_connection", "private_address", "tls")
            raise trouble(found.kind, code, sent=sent, seconds=found.seconds, **problem.data) from None

    def check(self) -> str:
        """How many of the subscriptions at Cainiao are the shop's: `.search` names them by carrier."""
        return f"{len(_listed(self._call('cainiao.waybill.ii.search', {'cp_code': 'ZTO'}), 'waybill_apply_subscription_cols'))}"

    # --- order ---

    def order(self, rows: Sequence[Consignment]) -> list[Numbered]:
        """Ten of one carrier and sender to a call. Trade orders and package id make asking again safe."""
        found: dict[int, Numbered] = {}
        for place, row in enumerate(rows):
            if row.carrier not in CODES:
                found[place] = Numbered("refused", not_served(row.carrier), sent=False)
        groups: dict[object, list[int]] = {}
        for place, row in enumerate(rows):
            if place not in found:
                groups.setdefault((row.carrier, row.sender, row.branch, row.account), []).append(place)
        stopped: Numbered | None = None
        for portion in _portions(groups.values()):
            if stopped is not None:
                found |= dict.fromkeys(portion, stopped)
                continue
            try:
                found |= zip(portion, self._order([rows[place] for place in portion]), strict=True)
            except Trouble as failure:
                failed, stopped = both(failure, Numbered)
                found |= dict.fromkeys(portion, failed)
        return [found[place] for place in range(len(rows))]

    def _order(self, rows: Sequence[Consignment]) -> list[Numbered]:
        try:
            answer = self._call(
                "cainiao.waybill.ii.get", {"param_waybill_cloud_print_apply_new_request": compact(self._asked(rows))}
            )
        except Said as said:
            if len(rows) == 1:
                code = code_of(said.sub_code or said.code)
                return [Numbered("refused", refused(code))]
            # one row's fault refuses all ten: each is asked by itself, under the same references
            return one_by_one(rows, lambda row: self._order([row])[0], Numbered, CODES)
        made = {text(each, "object_id"): each for each in _listed(answer, "modules")}
        return [_numbered(made.get(row.reference), row.carrier) for row in rows]

    def _asked(self, rows: Sequence[Consignment]) -> dict[str, Any]:
        first, said = rows[0], self.settings
        asked = {
            "cp_code": CODES[first.carrier], "sender": _party(first.sender), "need_encrypt": False,
            "trade_order_info_dtos": [self._one(row) for row in rows],
            "customer_code": first.account or said.get("customer_code", ""), "product_code": said.get("product_code", ""),
            "shipping_branch_code": first.branch,
        }  # fmt: skip
        return {name: value for name, value in asked.items() if value != ""}

    def _one(self, row: Consignment) -> dict[str, Any]:
        package: dict[str, Any] = {
            "id": row.reference, "goods_description": goods_name(row.goods),
            "items": [{"name": each.title[:60] or "商品", "count": each.quantity} for each in row.goods[:100]]
            or [{"name": "商品", "count": 1}],
        }  # fmt: skip
        if row.grams is not None:
            package["weight"] = row.grams
        return {
            "object_id": row.reference, "template_url": self.settings["template_url"], "user_id": self.settings["user_id"],
            "order_info": {
                "order_channels_type": self.settings["channel"], "trade_order_list": list(row.orders[:100]) or [row.reference],
            },
            "package_info": package, "recipient": _party(row.receiver),
        }  # fmt: skip

    def cancel(self, rows: Sequence[Number]) -> list[Outcome]:
        return one_by_one(rows, self._cancel, Outcome, CODES)

    def _cancel(self, row: Number) -> Outcome:
        try:
            answer = self._call(
                "cainiao.waybill.ii.cancel", {"cp_code": CODES[row.carrier], "waybill_code": row.waybill}
            )
        except Said as said:
            return Outcome("refused", refused(said.sub_code or said.code))
        return Outcome("done") if answer.get("cancel_result") is True else Outcome("refused", refused("cancel_result"))

    # --- what Cainiao does not do by this way ---

    def track(self, rows: Sequence[Number]) -> list[Tracked]:
        return [Tracked("refused", Problem("carrier_cannot"), sent=False) for _ in rows]

    def subscribe(self, rows: Sequence[Number], address: str) -> list[Outcome]:
        return cannot(rows)

    def pickup(self, rows: Sequence[Booking]) -> list[Outcome]:
        return cannot(rows)

    def call_off(self, rows: Sequence[Booking]) -> list[Outcome]:
        return cannot(rows)

    def read_push(self, headers: Mapping[str, str], query: Mapping[str, str], body: bytes) -> Heard:
        raise trouble("refused", "carrier_cannot")

    def answer_push(self, problem: Problem | None, now: datetime) -> Reply:
        return Reply({"success": False}, 404)


def _portions(groups: Iterable[list[int]]) -> list[list[int]]:
    return [group[at : at + AT_ONCE] for group in groups for at in range(0, len(group), AT_ONCE)]


def _listed(holder: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    """A list under its name, which TOP wraps into an object with one list."""
    held = holder.get(name)
    if isinstance(held, dict):
        held = next((value for value in held.values() if isinstance(value, list)), [])
    if held is None:
        return []
    if not isinstance(held, list) or not all(isinstance(each, dict) for each in held):
        raise trouble("unanswered", "carrier_garbage", what=name)
    return held


def _numbered(made: Mapping[str, Any] | None, carrier: str) -> Numbered:
    """What an answer says of one row; a row that it leaves out is asked again."""
    if made is None:
        return Numbered("again", Problem("carrier_missing_row"))
    waybill = text(made, "waybill_code", 40)
    if not waybill:
        return Numbered("again", Problem("carrier_no_number"))
    return Numbered("done", waybill=waybill, route=route_of(text(made, "print_data", MOST_DATA * 2)))


def route_of(print_data: str) -> Route:
    """The route in unencrypted print data; nothing of what cannot be read, or is encrypted.

    The whole of it names people: a label keeps the route and nothing else.
    """
    try:
        info = part(part(object_of(print_data, "print_data"), "data"), "routingInfo")
        sortation, consolidation = part(info, "sortation"), part(info, "consolidation")
    except Trouble:
        return Route()
    return Route(
        text(info, "routeCode", 60), text(sortation, "name", 60), text(consolidation, "name", 60),
        text(consolidation, "code", 60),
    )  # fmt: skip


def _party(party: Party) -> dict[str, Any]:
    return {
        "name": party.name, "mobile": party.phone,
        "address": {
            "province": party.province, "city": party.city, "district": party.district, "detail": party.address,
        },
    }  # fmt: skip
