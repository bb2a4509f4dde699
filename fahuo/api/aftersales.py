"""Complaints, refunds, evidence and delay reports."""

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from fahuo.api.calls import Call
from fahuo.api.contract import Done, Listed, Nothing
from fahuo.api.server import serves
from fahuo.api.shapes import aftersales as shapes
from fahuo.api.tasks import aware
from fahuo.api.told import cursor_of, listed, order_id, order_ids, shaped
from fahuo.rules.problems import Refusal
from fahuo.rules.reports import Wish
from fahuo.services import complaints, evidence, refunds, reports
from fahuo.store.boards import ledger
from fahuo.store.boards import reports as report_board

USUAL = timedelta(days=90)


def wished(call: Call[Any, Any], status: str | None = None) -> ledger.LedgerFilter:
    """Which complaints a query's days (the last 90 where it names none) and kind mean. Refusal `query_shape`."""
    asked, zone = call.query, ZoneInfo(call.who.time_zone)
    today = call.now.astimezone(zone).date()
    last = asked.last or today
    first = asked.first or last - USUAL
    if not date(2000, 1, 1) <= first <= last < date(2100, 1, 1):
        raise Refusal.of("query_shape", reason="first, last")
    return ledger.LedgerFilter(
        start=datetime.combine(first, time(), zone), end=datetime.combine(last + timedelta(days=1), time(), zone),
        statuses=[status] if status else None, kind=asked.kind or "",
    )  # fmt: skip


@serves(shapes.LIST_COMPLAINTS)
def list_complaints(call: Call[shapes.ComplaintQuery, Any]) -> Listed[shapes.ComplaintOut]:
    asked = call.query
    page = ledger.ledger_page(call.shop_id, wished(call, asked.status), cursor=asked.cursor, limit=asked.limit)
    return listed(page, lambda row: shaped(row, shapes.ComplaintOut))


@serves(shapes.OPEN_COMPLAINT)
def note_complaint(call: Call[Nothing, shapes.ComplainIn]) -> shapes.MadeOut:
    return shapes.MadeOut(complaints.open_by_buyer(call.actor, order_id(call), kind=call.body.kind, now=call.now))


@serves(shapes.SETTLE_COMPLAINT)
def settle_complaint(call: Call[Nothing, Any]) -> shapes.CostOut:
    return shaped(complaints.settle(call.actor, order_id(call), now=call.now), shapes.CostOut)


@serves(shapes.WITHDRAW_COMPLAINT)
def note_complaint_withdrawn(call: Call[Nothing, Any]) -> Done:
    complaints.withdraw(call.actor, order_id(call), now=call.now)
    return Done()


@serves(shapes.ADD_EVIDENCE)
def add_evidence(call: Call[Nothing, shapes.EvidenceIn]) -> shapes.MadeOut:
    return shapes.MadeOut(evidence.add(call.actor, order_id=order_id(call), body=call.body.body, now=call.now))


@serves(shapes.AGREE_REFUND)
def agree_refund(call: Call[Nothing, Any]) -> Done:
    refunds.agree(call.actor, order_id(call), now=call.now)
    return Done()


@serves(shapes.REFUSE_REFUND)
def refuse_refund(call: Call[Nothing, shapes.RefuseIn]) -> Done:
    refunds.refuse(call.actor, order_id(call), reason=call.body.reason, now=call.now)
    return Done()


@serves(shapes.REFUND)
def note_refund(call: Call[Nothing, shapes.RefundIn]) -> Done:
    amount = None if call.body.amount is None else Decimal(call.body.amount)
    return Done(refunds.succeed(call.actor, order_id(call), now=call.now, amount=amount))


@serves(shapes.LIST_REPORTS)
def list_reports(call: Call[shapes.ReportQuery, Any]) -> Listed[shapes.ReportOut]:
    page = report_board.listed(call.shop_id, call.query.status or "", cursor=cursor_of(call), limit=call.query.limit)
    return listed(page, lambda row: shaped(row, shapes.ReportOut))


@serves(shapes.GET_REPORT)
def get_report(call: Call[Nothing, Any]) -> shapes.ReportOut:
    found = report_board.report(call.shop_id, call.parts["report_id"])
    if found is None:
        raise Refusal.of("report_unknown")
    return shaped(found, shapes.ReportOut)


def _wish(call: Call[Nothing, shapes.ReportIn]) -> Wish:
    sent = call.body
    until = aware(sent.until) or sent.until
    ids = order_ids(call, sent.orders) if sent.orders else []
    return Wish(until, sent.scope, sent.value, ids, aware(sent.paid_from), aware(sent.paid_until))


@serves(shapes.FILE_REPORT)
def file_report(call: Call[Nothing, shapes.ReportIn]) -> shapes.MadeOut:
    name, body = call.body.name, call.body.evidence
    return shapes.MadeOut(reports.file_with(call.actor, _wish(call), name=name, body=body, files=(), now=call.now))


@serves(shapes.PREVIEW_REPORT)
def preview_report(call: Call[Nothing, shapes.ReportIn]) -> shapes.PreviewOut:
    return shaped(reports.preview(call.actor, _wish(call), now=call.now), shapes.PreviewOut)


@serves(shapes.WITHDRAW_REPORT)
def withdraw_report(call: Call[Nothing, Any]) -> Done:
    reports.withdraw(call.actor, call.parts["report_id"], now=call.now)
    return Done()
