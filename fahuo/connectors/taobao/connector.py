"""One shop at Taobao: pulls what moved from the last page backwards, reads, ships, opens receivers, listens to pushes."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final
from urllib.parse import urlencode

from fahuo.connectors.contract import (
    Found,
    FoundRefund,
    Outcome,
    Progress,
    Pushed,
    Receiver,
    Settings,
    Shipment,
    Trouble,
    garbage,
    unanswered,
)
from fahuo.connectors.taobao import pushing, reading
from fahuo.connectors.taobao.client import Gateway, Said, listed
from fahuo.connectors.web import Request, Transport, Unanswered
from fahuo.rules.problems import Problem
from fahuo.rules.top import clock, statuses

SIZE: Final = 50
"""Rows a page."""
RECEIVERS: Final = 20
"""Receivers that one call opens."""
SCENE: Final = "1002"
"""What an opened receiver is for: a waybill."""
REFUND_FIELDS: Final = "refund_id,tid,oid,status,refund_fee,modified"
SENT: Final = frozenset({"B04", "B02", "B27", "B55"})
"""Wrong state: perhaps because it was sent already. The order is read again before anybody is troubled."""
PASSING: Final = frozenset({"B150", "S01"})
UNSENT: Final = frozenset({"P03"})
"""Another number for what was not sent yet."""
SECOND: Final = timedelta(seconds=1)


class TaobaoConnector:
    """See connectors.contract.Connector, Pushes and Renews."""

    def __init__(self, settings: Settings, transport: Transport, now: datetime) -> None:
        self.settings, self.transport, self.now = settings, transport, now
        self.gateway = Gateway(settings, transport, now)

    # --- pulling ---

    def check(self) -> str:
        """Asks for a single order: the cheapest call that needs the session."""
        body = self._call("taobao.trades.sold.get", {"fields": "tid,title", "page_size": 1, "use_has_next": True})
        rows = listed(body, "trades", "trade")
        return str(rows[0].get("title") or "") if rows else ""

    def changes(self, since: datetime, until: datetime) -> Iterator[list[Found]]:
        """Pages come from the last one backwards: an order that moves again leaves the window, and what stood after it
        comes forward into pages that are still to be read."""
        window = {"start_modified": since, "end_modified": until}
        return self._backwards("taobao.trades.sold.increment.get", window)

    def backlog(self, since: datetime, until: datetime) -> Iterator[list[Found]]:
        """By the time they were made, whatever their status: such a window never changes."""
        return self._backwards("taobao.trades.sold.get", {"start_created": since, "end_created": until})

    def _backwards(self, method: str, window: Mapping[str, Any]) -> Iterator[list[Found]]:
        for rows in self._pages(method, window, "trades", "trade", reading.FIELDS):
            yield [reading.found_of(row) for row in rows]

    def _pages(
        self, method: str, window: Mapping[str, Any], outer: str, inner: str, fields: str
    ) -> Iterator[list[dict[str, Any]]]:
        total = self._total(method, window, fields.split(",")[0])
        for page in range(-(-total // SIZE), 0, -1):
            body = self._call(method, {**window, "fields": fields, "page_no": page, "page_size": SIZE})
            rows = listed(body, outer, inner)
            # fewer rows than the page must have, and nothing left the window: half a page came
            expected = min(SIZE, _count(body) - (page - 1) * SIZE)
            if len(rows) < expected:
                raise garbage(method)
            yield rows

    def _total(self, method: str, window: Mapping[str, Any], field: str) -> int:
        return _count(self._call(method, {**window, "fields": field, "page_no": 1, "page_size": 1}))

    def read(self, refs: Sequence[str]) -> list[Found]:
        """One call an order. A trouble of one of them is everybody's: those that came before it are kept by the caller."""
        return [self._read(ref) for ref in refs]

    def _read(self, ref: str) -> Found:
        given = {"fields": reading.FIELDS, "tid": ref, "include_oaid": "true"}
        try:
            body = self._call("taobao.trade.fullinfo.get", given, raising=True)
        except Said as said:
            gone = said.sub_code.startswith(("isv.trade-not-exist", "isv.invalid-parameter:tid"))
            return Found(ref) if gone else Found(ref, problem=said.problem())
        trade = body.get("trade")
        if not isinstance(trade, dict) or reading.ref_of(trade) != ref:
            raise garbage("trade")
        return reading.found_of(trade)

    def refunds(self, since: datetime, until: datetime) -> Iterator[list[FoundRefund]]:
        """By the time they moved, from the last page backwards."""
        window = {"start_modified": since, "end_modified": until}
        for rows in self._pages("taobao.refunds.receive.get", window, "refunds", "refund", REFUND_FIELDS):
            yield [found for row in rows if (found := _refund(row)) is not None]

    # --- telling ---

    def confirm(self, shipments: Sequence[Shipment]) -> list[Outcome]:
        """One call a row; a trouble of the whole ends the work and leaves the rest for later."""
        found: list[Outcome] = []
        for each in shipments:
            try:
                found.append(self._confirm(each))
            except Trouble as trouble:
                later = Outcome("again", trouble.problem, trouble.seconds)
                if trouble.kind in ("limited", "unauthorised"):
                    return found + [later] * (len(shipments) - len(found))
                found.append(later)
        return found

    def _confirm(self, row: Shipment) -> Outcome:
        given = {"tid": row.ref, "out_sid": row.waybill, "company_code": row.carrier}
        if row.lines:
            given |= {"sub_tid": ",".join(row.lines), "is_split": "1"}
        method = "taobao.logistics.consign.resend" if row.before else "taobao.logistics.offline.send"
        if not row.carrier and not row.waybill:
            method, given = "taobao.logistics.dummy.send", {"tid": row.ref}
        try:
            body = self._call(method, given, raising=True)
        except Said as said:
            if said.tail in PASSING:
                return Outcome("again", said.problem())
            if row.before and said.tail in UNSENT:
                # the number before never arrived there: then this is the first
                return self._confirm(replace(row, before=None))
            return self._settled(row, said)
        held = body.get("shipping")
        if not isinstance(held, dict) or held.get("is_success") not in (True, "true"):
            return Outcome("again", Problem("marketplace_garbage", {"what": method}))
        return Outcome("done")

    def _settled(self, row: Shipment, said: Said) -> Outcome:
        """A refusal that may mean that it is so already: the order is read, and its number compared with ours."""
        if said.tail not in SENT:
            return Outcome("refused", said.problem())
        there = self._numbers(row)
        if there is None:
            return Outcome("refused", said.problem())
        if there == {row.waybill}:
            return Outcome("done")
        if len(there) == 1 and "" not in there:
            return Outcome(
                "refused", Problem("marketplace_other_number", {"order": row.ref, "value": next(iter(there))})
            )
        return Outcome("refused", said.problem())

    def _numbers(self, row: Shipment) -> set[str] | None:
        """The numbers under which the lines of a row left there; None where the order cannot be read."""
        try:
            body = self._call(
                "taobao.trade.fullinfo.get", {"fields": "tid,status,orders", "tid": row.ref}, raising=True
            )
        except Said:
            return None
        trade = body.get("trade")
        if not isinstance(trade, dict):
            raise garbage("trade")
        rows = [
            each for each in listed(trade, "orders", "order")
            if not row.lines or str(each.get("oid_str") or each.get("oid")) in row.lines
        ]  # fmt: skip
        left = statuses.ORDER.get(str(trade.get("status"))) in ("shipped", "completed", "part_shipped")
        return {str(each.get("invoice_no") or "") for each in rows} if left else None

    def receivers(self, marks: Sequence[tuple[str, str]]) -> list[Receiver | Problem]:
        """Twenty a call. What does not come back is a problem of its row."""
        found: dict[str, Receiver] = {}
        for first in range(0, len(marks), RECEIVERS):
            query = [{"tid": ref, "oaid": mark, "scene": SCENE} for ref, mark in marks[first : first + RECEIVERS]]
            try:
                body = self._call("taobao.top.oaid.decrypt", {"query_list": query}, raising=True)
            except Said as said:
                raise Trouble("refused", said.problem()) from None
            for row in listed(body, "receiver_list", "receiver"):
                if row.get("matched") in (True, "true"):
                    found[str(row.get("tid"))] = _receiver(row)
        missing = Problem("marketplace_receiver")
        return [found.get(ref, missing) for ref, _ in marks]

    def _call(self, method: str, params: Mapping[str, Any], *, raising: bool = False) -> dict[str, Any]:
        """`raising`: the method's own refusal is of one row and comes as Said; else it is everybody's."""
        try:
            return self.gateway.call(method, params)
        except Said as said:
            if raising:
                raise
            raise Trouble("refused", said.problem()) from None

    # --- being told ---

    def read_push(self, headers: Mapping[str, str], query: Mapping[str, str], body: bytes) -> Pushed:
        """See pushing.py."""
        return pushing.read(self.settings, headers, query, body)

    def answer_push(self, pushed: Pushed, progress: Mapping[str, Progress]) -> dict[str, Any]:
        """See pushing.py."""
        return pushing.answer(pushed, progress)

    # --- being let in ---

    def ask_at(self, redirect: str, state: str) -> str:
        """The marketplace's page on which a person lets us in."""
        given = {
            "response_type": "code", "client_id": self.settings["app_key"], "redirect_uri": redirect, "state": state,
            "view": "web",
        }  # fmt: skip
        return f"{self.settings['authorize']}?{urlencode(given)}"

    def let_in(self, code: str, redirect: str) -> dict[str, str]:
        """The tokens for a code."""
        return self._tokens({"grant_type": "authorization_code", "code": code, "redirect_uri": redirect})

    def renew(self) -> dict[str, str]:
        """New tokens. Raises Trouble `unauthorised` where there is nothing to renew with, or it is good no more."""
        if not self.settings.get("refresh_token"):
            raise Trouble("unauthorised", Problem("marketplace_unauthorised"))
        return self._tokens({"grant_type": "refresh_token", "refresh_token": self.settings["refresh_token"]})

    def _tokens(self, given: Mapping[str, str]) -> dict[str, str]:
        body = {"client_id": self.settings["app_key"], "client_secret": self.settings["app_secret"], **given}
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        try:
            answer = self.transport(Request("POST", self.settings["token"], headers, urlencode(body).encode()))
            found = json.loads(answer.body)
        except Unanswered as error:
            raise unanswered(error.why) from None
        except (ValueError, RecursionError):
            raise garbage("token") from None
        if not isinstance(found, dict) or not found.get("access_token"):
            if answer.status >= 500:
                raise unanswered(f"http:{answer.status}")
            raise Trouble("unauthorised", Problem("marketplace_unauthorised"))
        made = {"session": str(found["access_token"]), "refresh_token": str(found.get("refresh_token") or "")}
        try:
            ends = self.now + timedelta(seconds=int(found.get("expires_in") or 0))
        except (TypeError, ValueError, OverflowError):
            ends = self.now
        return {**made, "session_until": clock.written(ends)}


def _count(body: Mapping[str, Any]) -> int:
    total = body.get("total_results")
    if isinstance(total, bool) or not isinstance(total, (int, str)) or not str(total).isdecimal():
        raise garbage("total_results")
    return int(total)


def _receiver(row: Mapping[str, Any]) -> Receiver:
    def text(name: str) -> str:
        return str(row.get(name) or "")[:300]

    return reading.receiver(
        name=text("name"), phone=text("mobile") or text("phone"), province=text("state"), city=text("city"),
        district=text("district"), address=text("town") + text("address_detail"),
    )  # fmt: skip


def _refund(row: Mapping[str, Any]) -> FoundRefund | None:
    """A refund that can be read; one that cannot is read with its order."""
    status = statuses.REFUND_READ.get(str(row.get("status")))
    tid, oid = str(row.get("tid") or ""), str(row.get("oid") or "")
    if status is None or not tid.isdecimal():
        return None
    try:
        amount: Decimal = reading.money(row, "refund_fee")
        return FoundRefund(tid, "" if oid in ("", tid) else oid, status, amount, reading.moment(row, "modified"))
    except reading.Unreadable:
        return None
