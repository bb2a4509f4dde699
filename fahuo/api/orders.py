"""Orders: listed, looked at, brought in, noted upon."""

import json
from dataclasses import fields
from typing import Any

import msgspec

from fahuo.api.calls import Call
from fahuo.api.contract import Listed, Nothing
from fahuo.api.server import acts, serves
from fahuo.api.shapes import orders as shapes
from fahuo.api.shapes.common import Changed, NumbersIn, RowsOut
from fahuo.api.told import listed, order_id, order_ids, rows, shaped
from fahuo.rules.deadlines import Decision
from fahuo.rules.filters import OrderFilter, parse
from fahuo.rules.problems import Language, Refusal
from fahuo.services import bulk, explain
from fahuo.services import orders as service
from fahuo.store import boards

_NAMES = {field.name for field in fields(OrderFilter)}


def filter_of(query: shapes.OrderQuery) -> OrderFilter:
    """The pages' filter that a query means. Refusal `query_shape` for a value that makes no sense."""
    told = msgspec.structs.asdict(query)
    pairs = [
        (name, {True: "1", False: "0"}.get(value, str(value)) if isinstance(value, bool) else str(value))
        for name, value in told.items() if name in _NAMES and value is not None and value is not False
    ]  # fmt: skip
    for name in ("has_memo", "printed"):
        if told[name] is False:
            pairs.append((name, "0"))
    found = parse(pairs)
    if found.ignored:
        raise Refusal.of("query_shape", reason=", ".join(found.ignored))
    return found.filter


@serves(shapes.LIST_ORDERS)
def list_orders(call: Call[shapes.OrderQuery, Any]) -> Listed[shapes.OrderRow]:
    page = boards.orders_page(
        call.shop_id, filter_of(call.query), cursor=call.query.cursor, limit=call.query.limit, now=call.now
    )
    return listed(page, lambda row: shaped(row, shapes.OrderRow))


@serves(shapes.COUNT_ORDERS)
def count_orders(call: Call[Nothing, Any]) -> shapes.CountsOut:
    counts = boards.tab_counts(call.shop_id)
    return shapes.CountsOut({tab: shapes.CountOut(count.number, count.more) for tab, count in counts.items()})


def _texts(struct: msgspec.Struct) -> dict[str, str]:
    return {name: value for name, value in msgspec.structs.asdict(struct).items() if isinstance(value, str) and value}


@serves(shapes.IMPORT_ORDERS)
def import_orders(call: Call[Nothing, shapes.OrdersIn]) -> RowsOut:
    sent = [(_texts(row), [_texts(line) for line in row.lines]) for row in call.body.rows]
    name = " ".join(call.body.name.split()) or "API"
    batch_id, outcomes = bulk.take_orders(call.actor, sent, name=name, now=call.now)
    return rows(batch_id, outcomes, call.language)


def deadline_out(why: Decision, language: Language) -> shapes.DeadlineOut:
    """A decision with its clauses."""
    return shapes.DeadlineOut(why.deadline, why.clause, why.version, [
        shapes.Clause(each.clause, each.applies, each.en if language == "en" else each.zh, each.until)
        for each in why.asked
    ])  # fmt: skip


def _entry(row: Any) -> shapes.Entry:
    before, after = (json.loads(value) if isinstance(value, str) else value for value in (row.before, row.after))
    return shapes.Entry(row.id, row.at, row.actor, row.act, before, after)


@serves(shapes.GET_ORDER)
def get_order(call: Call[Nothing, Any]) -> shapes.OrderOut:
    found = order_id(call)
    detail = boards.order_detail(call.shop_id, found, now=call.now)
    if detail is None:
        raise Refusal.of("order_unknown", order=call.parts["number"])
    return shapes.OrderOut(
        order=shaped(boards.cards(call.shop_id, [found], now=call.now)[0], shapes.OrderRow),
        receiver=shaped(detail.receiver, shapes.ReceiverOut), deadline=deadline_out(detail.why, call.language),
        lines=[shaped(row, shapes.LineOut) for row in detail.lines],
        parcels=[shaped(row, shapes.ParcelOut) for row in detail.parcels],
        history=[_entry(row) for row in detail.history],
    )  # fmt: skip


@serves(shapes.EXPLAIN_ORDER)
def explain_order(call: Call[Nothing, Any]) -> shapes.ExplanationOut:
    told = explain.explain(call.actor, call.parts["number"], now=call.now)
    opened = next((task.state for task in told.tasks if task.state != "completed"), "")
    return shapes.ExplanationOut(
        number=told.order.number, rulebook=told.version, deadline=deadline_out(told.deadline, call.language),
        urge_outcome=told.urge.outcome, urge_reason=told.urge.reason, open_task=opened, owed=told.cost.compensation,
        points=told.cost.points,
    )  # fmt: skip


@serves(shapes.REVEAL_RECEIVER)
def reveal_receiver(call: Call[Nothing, Any]) -> shapes.ReceiverOut:
    return shaped(service.reveal_receiver(call.actor, order_id(call), now=call.now), shapes.ReceiverOut)


acts(shapes.SET_MEMO, service.set_memo, order_id, "memo")
acts(shapes.SET_FLAG, service.set_flag, order_id, "flag")
acts(shapes.SETTLE_CONFLICT, service.settle_conflict, order_id)


@serves(shapes.LET_WAIT)
def let_wait(call: Call[Nothing, shapes.WaitIn]) -> Changed:
    ids = order_ids(call, call.body.orders)
    return Changed(service.let_wait(call.actor, ids, call.body.until, ground=call.body.ground, now=call.now))


@serves(shapes.NOTE_COURIER)
def note_courier_call(call: Call[Nothing, NumbersIn]) -> Changed:
    return Changed(service.note_courier_call(call.actor, order_ids(call, call.body.orders), now=call.now))


@serves(shapes.MARK_PRINTED)
def mark_printed(call: Call[Nothing, NumbersIn]) -> Changed:
    return Changed(service.mark_printed(call.actor, order_ids(call, call.body.orders), now=call.now))
