"""Batches: looked at, committed, undone, handed over, put away."""

from typing import Any, Final

from fahuo.api.calls import Call
from fahuo.api.contract import Done, Listed, Nothing
from fahuo.api.server import serves
from fahuo.api.shapes import batches as shapes
from fahuo.api.shapes.common import RowProblem
from fahuo.api.told import kept_problem, listed, problem, shaped
from fahuo.rules.problems import Language, Problem, Refusal
from fahuo.services import batches as service
from fahuo.store import boards

TOLD: Final = (
    "carrier",
    "waybill",
    "status",
    "kind",
    "item_amount",
    "paid_amount",
    "quantity",
    "title",
    "paid_at",
    "at",
    "due_at",
)
"""What of a row's data an answer tells: nothing about a person."""


@serves(shapes.LIST_BATCHES)
def list_batches(call: Call[shapes.BatchQuery, Any]) -> Listed[shapes.BatchOut]:
    page = boards.batches_page(
        call.shop_id, kind=call.query.kind or "", cursor=call.query.cursor, limit=call.query.limit
    )  # fmt: skip
    return listed(page, lambda row: shaped(row, shapes.BatchOut))


def _found(call: Call[Any, Any]) -> boards.BatchDetail:
    detail = boards.batch_detail(call.shop_id, call.parts["batch_id"])
    if detail is None:
        raise Refusal.of("batch_unknown", batch=call.parts["batch_id"])
    return detail


@serves(shapes.GET_BATCH)
def get_batch(call: Call[Nothing, Any]) -> shapes.BatchDetail:
    detail = _found(call)
    wrong = kept_problem(detail.batch.problem, call.language)
    return shapes.BatchDetail(shaped(detail.batch, shapes.BatchOut), detail.verdicts, wrong)


@serves(shapes.LIST_ROWS)
def list_batch_rows(call: Call[shapes.RowsQuery, Any]) -> Listed[shapes.BatchRow]:
    _found(call)
    page = boards.batch_rows(
        call.shop_id, call.parts["batch_id"], call.query.verdict or "", call.query.cursor, call.query.limit
    )  # fmt: skip
    return listed(page, lambda row: _row(row, call.language))


def _row(row: Any, language: Language) -> shapes.BatchRow:
    data = row.data or {}
    return shapes.BatchRow(
        row.row_no, row.verdict, row.number, row.order_id, row.parcel_id,
        {name: data[name] for name in TOLD if name in data},
        [_problem(each, language) for each in row.problems or ()],
    )  # fmt: skip


def _problem(each: dict[str, Any], language: Language) -> RowProblem:
    return problem(Problem.kept(each), language, str(each.get("column") or ""))


@serves(shapes.COMMIT)
def commit_batch(call: Call[Nothing, Any]) -> Done:
    service.commit(call.actor, call.parts["batch_id"], now=call.now)
    return Done()


@serves(shapes.UNDO)
def undo_batch(call: Call[Nothing, Any]) -> Done:
    service.undo(call.actor, call.parts["batch_id"], now=call.now)
    return Done()


@serves(shapes.HAND_OVER)
def hand_over_batch(call: Call[Nothing, Any]) -> Done:
    service.hand_over(call.actor, call.parts["batch_id"], now=call.now)
    return Done()


@serves(shapes.CLOSE)
def close_batch(call: Call[Nothing, Any]) -> Done:
    service.close(call.actor, call.parts["batch_id"], now=call.now)
    return Done()


@serves(shapes.REOPEN)
def reopen_batch(call: Call[Nothing, Any]) -> Done:
    service.reopen(call.actor, call.parts["batch_id"], now=call.now)
    return Done()
