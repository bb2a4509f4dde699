"""Contracts at work and buying their numbers, labels, print jobs."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from fahuo.api.calls import Call
from fahuo.api.contract import Listed, Nothing
from fahuo.api.server import serves
from fahuo.api.shapes import labels as shapes
from fahuo.api.told import bought, kept_problem, listed, order_ids, problem, shaped
from fahuo.rules.problems import Language, Problem, Refusal
from fahuo.services import assignments, labels, print_jobs, stock
from fahuo.services.reports import orders_named
from fahuo.store.boards import labels as board
from fahuo.store.boards import print_jobs as job_board
from fahuo.store.boards import printers as printer_board


@serves(shapes.LIST_CONTRACTS)
def list_contracts(call: Call[Nothing, Any]) -> shapes.ContractsOut:
    there = stock.in_stock(call.shop_id)
    return shapes.ContractsOut([
        shapes.ContractOut(row.id, row.name, row.carrier, row.numbers, there.get(row.id, 0))
        for row in printer_board.contracts(call.shop_id)
    ])  # fmt: skip


@serves(shapes.BUY_NUMBERS)
def buy_numbers(call: Call[Nothing, shapes.BuyIn]) -> shapes.BoughtOut:
    sent = call.body
    terms = stock.Terms(Decimal(sent.price), sent.bought_on, sent.note)
    found = stock.buy_list(call.actor, call.parts["contract_id"], terms, sent.numbers, now=call.now)
    return bought(found, call.language)


@serves(shapes.CHOOSE)
def choose_contracts(call: Call[Nothing, shapes.ChooseIn]) -> shapes.GivenOut:
    sent, ids = call.body, order_ids(call, call.body.orders)
    if sent.contract_id is None:
        given = assignments.choose_many(call.actor, ids, again=sent.again, now=call.now)
    else:
        given = assignments.assign(call.actor, ids, sent.contract_id, now=call.now)
    return shaped(given, shapes.GivenOut)


@serves(shapes.LIST_LABELS)
def list_labels(call: Call[shapes.LabelQuery, Any]) -> Listed[shapes.LabelOut]:
    asked = call.query
    page = board.listed(
        call.shop_id, asked.tab, contract_id=asked.contract_id, cursor=asked.cursor, limit=asked.limit
    )  # fmt: skip
    return listed(page, label_out)


def label_out(row: Any) -> shapes.LabelOut:
    """A label as answers tell it."""
    return shaped(row._replace(orders=[number for _, number in row.orders or ()]), shapes.LabelOut)


@serves(shapes.MAKE_LABELS)
def make_labels(call: Call[Nothing, shapes.MakeIn]) -> shapes.LabelsOut:
    sent = call.body
    known = orders_named(call.shop_id, sent.orders)
    ids = list(dict.fromkeys(known.values()))
    made = labels.make(
        call.actor, ids, now=call.now, contract_id=sent.contract_id, merge=sent.merge
    ) if ids else []  # fmt: skip
    by_id = dict(zip(ids, made, strict=True))
    return shapes.LabelsOut([_made(number, by_id.get(known.get(number, 0)), call.language) for number in sent.orders])


def _made(number: str, found: labels.Made | Problem | None, language: Language) -> shapes.LabelOutcome:
    if found is None:
        found = Problem("order_unknown", {"order": number[:64]})
    if isinstance(found, Problem):
        return shapes.LabelOutcome(number, problem=problem(found, language))
    return shapes.LabelOutcome(number, found.label_id, found.carrier, found.waybill, found.new)


def done(ids: Sequence[int], found: Sequence[int | Problem], language: Language) -> list[shapes.LabelDone]:
    """What became of each label."""
    return [
        shapes.LabelDone(label_id, problem=problem(each, language)) if isinstance(each, Problem)
        else shapes.LabelDone(label_id, each)
        for label_id, each in zip(ids, found, strict=True)
    ]  # fmt: skip


@serves(shapes.VOID_LABELS)
def void_labels(call: Call[Nothing, shapes.VoidIn]) -> shapes.LabelsDone:
    found = labels.void(call.actor, call.body.labels, reason=call.body.reason, now=call.now)
    return shapes.LabelsDone(done(call.body.labels, found, call.language))


@serves(shapes.SHIP_LABELS)
def ship_labels(call: Call[Nothing, shapes.LabelIdsIn]) -> shapes.LabelsDone:
    found = labels.ship(call.actor, call.body.labels, now=call.now)
    return shapes.LabelsDone(done(call.body.labels, found, call.language))


@serves(shapes.PRINT)
def print_labels(call: Call[Nothing, shapes.PrintIn]) -> shapes.QueuedOut:
    sent = call.body
    ids = list(dict.fromkeys(sent.labels))
    queued = print_jobs.make(call.actor, ids, printer_id=sent.printer_id, reason=sent.reason.strip(), now=call.now)
    by_id = dict(zip(ids, queued.outcomes, strict=True))
    return shapes.QueuedOut(queued.job_id, done(sent.labels, [by_id[each] for each in sent.labels], call.language))


def job_out(row: Any, language: Language) -> shapes.JobOut:
    """A print job as answers tell it."""
    return shaped(row._replace(problem=kept_problem(row.problem, language)), shapes.JobOut)


@serves(shapes.LIST_JOBS)
def list_print_jobs(call: Call[Nothing, Any]) -> shapes.JobsOut:
    return shapes.JobsOut([job_out(row, call.language) for row in job_board.under_way(call.shop_id)])


@serves(shapes.GET_JOB)
def get_print_job(call: Call[Nothing, Any]) -> shapes.JobOut:
    row = job_board.one(call.shop_id, call.parts["job_id"])
    if row is None:
        raise Refusal.of("job_unknown")
    return job_out(row, call.language)


@serves(shapes.LIST_PRINTERS)
def list_printers(call: Call[Nothing, Any]) -> shapes.PrintersOut:
    return shapes.PrintersOut([
        shapes.PrinterOut(row.id, row.name, row.kind, kept_problem(row.problem, call.language))
        for row in printer_board.in_use(call.shop_id)
    ])  # fmt: skip
