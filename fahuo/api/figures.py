"""The figures by account and by hour, the rows behind them, what complaints cost, and the journal."""

from typing import Any

from fahuo.api.aftersales import wished
from fahuo.api.calls import Call
from fahuo.api.contract import Listed
from fahuo.api.server import serves
from fahuo.api.shapes import figures as shapes
from fahuo.api.shapes.common import FileOut
from fahuo.api.shapes.shop import Figures, MetricsQuery
from fahuo.api.shop import span_asked
from fahuo.api.told import cursor_of, listed, order_id, shaped
from fahuo.rules import metrics as rules
from fahuo.services import ledger, metric_sheets, metrics
from fahuo.services.shopbook import ShopBook
from fahuo.services.turns import range_of
from fahuo.store.boards import journal
from fahuo.store.boards import ledger as ledger_board
from fahuo.store.boards import metric_rows as board


@serves(shapes.MEMBERS)
def get_member_metrics(call: Call[MetricsQuery, Any]) -> shapes.MembersFigures:
    span, names = span_asked(call), metrics.member_names(call.shop_id)
    found = metrics.report(call.shop_id, span, now=call.now).members
    return shapes.MembersFigures(span.first, span.last, [
        shapes.MemberFigures(member, names.get(member, "") if member else "", shaped(found[member], Figures))
        for member in sorted(found, key=lambda member: (member is None, member or 0))
    ])  # fmt: skip


@serves(shapes.HOURS)
def get_hours(call: Call[MetricsQuery, Any]) -> shapes.HoursOut:
    span = span_asked(call)
    return shapes.HoursOut(span.first, span.last, *metrics.hours(call.shop_id, span, now=call.now))


@serves(shapes.TURNS)
def list_turns(call: Call[shapes.TurnQuery, Any]) -> Listed[shapes.TurnOut]:
    asked = call.query
    page = metrics.turns_page(
        call.shop_id, span_asked(call), only=asked.only or "", by_member=asked.member_id is not None, member=asked.member_id,
        cursor=asked.cursor, limit=asked.limit, now=call.now,
    )  # fmt: skip
    return listed(page, _turn)


def _turn(row: metrics.TurnRow) -> shapes.TurnOut:
    turn, member = row.turn, row.turn.member
    return shapes.TurnOut(
        row.number, None if member is None else int(member), turn.day, turn.started_at, int(turn.took.total_seconds()),
        turn.answered, turn.answered_at,
    )  # fmt: skip


def _range(call: Call[Any, Any]) -> Any:
    return range_of(ShopBook.of(call.shop_id), span_asked(call), now=call.now)


def _by(query: shapes.RowsQuery) -> dict[str, Any]:
    return {
        "by_member": query.member_id is not None, "member": query.member_id, "cursor": query.cursor, "limit": query.limit,
    }  # fmt: skip


@serves(shapes.DUE)
def list_due(call: Call[shapes.DueQuery, Any]) -> Listed[shapes.DueOut]:
    wished = [call.query.only] if call.query.only else rules.PICKUPS
    return listed(board.due(_range(call), wished, **_by(call.query)), lambda row: shaped(row, shapes.DueOut))


@serves(shapes.RAISED)
def list_raised(call: Call[shapes.RaisedQuery, Any]) -> Listed[shapes.RaisedOut]:
    page = board.raised(_range(call), missed=call.query.missed, within=rules.ANSWER_WITHIN, **_by(call.query))
    return listed(page, lambda row: shaped(row, shapes.RaisedOut))


@serves(shapes.PAID)
def list_paid(call: Call[shapes.HourQuery, Any]) -> Listed[shapes.PaidOut]:
    asked = call.query
    page = board.paid(_range(call), hour=asked.hour, cursor=asked.cursor, limit=asked.limit)
    return listed(page, lambda row: shaped(row, shapes.PaidOut))


@serves(shapes.SHIPPED)
def list_shipped(call: Call[shapes.HourQuery, Any]) -> Listed[shapes.ShippedRow]:
    asked = call.query
    page = board.shipped(_range(call), hour=asked.hour, cursor=asked.cursor, limit=asked.limit)
    return listed(page, lambda row: shapes.ShippedRow(
        row.id, [number for _, number in row.orders], row.carrier, row.waybill, row.shipped_at, row.picked_up_at,
        row.member_id,
    ))  # fmt: skip


@serves(shapes.METRICS_SHEET)
def export_metrics(call: Call[shapes.SheetQuery, Any]) -> FileOut:
    return FileOut(*metric_sheets.workbook(call.actor, span_asked(call), call.query.what, now=call.now))


@serves(shapes.COSTS)
def sum_complaints(call: Call[shapes.CostQuery, Any]) -> shapes.CostsOut:
    found = ledger_board.ledger_sums(call.shop_id, wished(call))
    return shapes.CostsOut({status: shaped(one, shapes.CostSum) for status, one in found.items()})


@serves(shapes.COSTS_SHEET)
def export_complaints(call: Call[shapes.CostQuery, Any]) -> FileOut:
    return FileOut(*ledger.workbook(call.actor, wished(call)))


@serves(shapes.JOURNAL)
def list_journal(call: Call[shapes.JournalQuery, Any]) -> Listed[shapes.EntryOut]:
    asked = call.query
    page = journal.listed(
        call.shop_id, act=asked.act or "", cursor=cursor_of(call), limit=asked.limit,
        order_id=None if asked.order is None else order_id(call, asked.order),
    )  # fmt: skip
    return listed(page, lambda row: shaped(row, shapes.EntryOut))
