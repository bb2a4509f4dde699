"""Printers, label templates, and print jobs under way."""

from io import BytesIO
from typing import Any

import msgspec

from fahuo.api.calls import Call
from fahuo.api.contract import Done, Listed, Nothing, Paged
from fahuo.api.labels import done, job_out, label_out
from fahuo.api.server import serves
from fahuo.api.shapes import printing as shapes
from fahuo.api.shapes.aftersales import MadeOut
from fahuo.api.shapes.common import Changed, FileOut
from fahuo.api.shapes.labels import JobOut, LabelOut, LabelOutcome, QueuedOut, ReprintIn
from fahuo.api.told import cursor_of, kept_problem, listed, order_id, problem, shaped
from fahuo.rules.problems import Language, Problem, Refusal
from fahuo.samples.labels import sample_label
from fahuo.services import label_templates, labels, page_printing, print_jobs, printers
from fahuo.store.boards import labels as label_board
from fahuo.store.boards import print_jobs as job_board
from fahuo.store.boards import printers as board


def _setup(sent: shapes.PrinterIn) -> printers.Setup:
    return printers.Setup(**msgspec.structs.asdict(sent))


@serves(shapes.ADD_PRINTER)
def add_printer(call: Call[Nothing, shapes.PrinterIn]) -> MadeOut:
    return MadeOut(printers.keep(call.actor, _setup(call.body), now=call.now))


@serves(shapes.GET_PRINTER)
def get_printer(call: Call[Nothing, Any]) -> shapes.PrinterDetail:
    found = board.listed(call.shop_id, now=call.now, printer_id=call.parts["printer_id"])
    if not found:
        raise Refusal.of("printer_unknown")
    return shaped(found[0]._replace(problem=kept_problem(found[0].problem, call.language)), shapes.PrinterDetail)


@serves(shapes.CHANGE_PRINTER)
def change_printer(call: Call[Nothing, shapes.PrinterIn]) -> Done:
    printers.keep(call.actor, _setup(call.body), printer_id=call.parts["printer_id"], now=call.now)
    return Done()


@serves(shapes.TURN_ON)
def turn_printer_on(call: Call[Nothing, Any]) -> Done:
    printers.set_active(call.actor, call.parts["printer_id"], True, now=call.now)
    return Done()


@serves(shapes.TURN_OFF)
def turn_printer_off(call: Call[Nothing, Any]) -> Done:
    printers.set_active(call.actor, call.parts["printer_id"], False, now=call.now)
    return Done()


def _state(found: Problem | None, language: Language) -> shapes.StateOut:
    return shapes.StateOut(None if found is None else problem(found, language))


@serves(shapes.LOOK)
def look_at_printer(call: Call[Nothing, Any]) -> shapes.StateOut:
    return _state(printers.look(call.shop_id, call.parts["printer_id"], now=call.now), call.language)


@serves(shapes.TEST)
def test_printer(call: Call[Nothing, Any]) -> shapes.StateOut:
    found = printers.test(call.actor, call.parts["printer_id"], sample_label("ZTO", 1), now=call.now)
    return _state(found, call.language)


@serves(shapes.LIST_TEMPLATES)
def list_label_templates(call: Call[Nothing, Any]) -> shapes.TemplatesOut:
    return shapes.TemplatesOut([shaped(row, shapes.TemplateRow) for row in board.templates(call.shop_id)])


@serves(shapes.ADD_TEMPLATE)
def add_label_template(call: Call[Nothing, shapes.TemplateIn]) -> MadeOut:
    return MadeOut(label_templates.keep(call.actor, name=call.body.name, body=call.body.body, now=call.now))


@serves(shapes.GET_TEMPLATE)
def get_label_template(call: Call[Nothing, Any]) -> shapes.TemplateOut:
    return shaped(label_templates.of_shop(call.shop_id, call.parts["template_id"]), shapes.TemplateOut)


@serves(shapes.CHANGE_TEMPLATE)
def change_label_template(call: Call[Nothing, shapes.TemplateIn]) -> Done:
    sent, kept = call.body, call.parts["template_id"]
    label_templates.keep(call.actor, name=sent.name, body=sent.body, template_id=kept, now=call.now)
    return Done()


@serves(shapes.DROP_TEMPLATE)
def drop_label_template(call: Call[Nothing, Any]) -> Done:
    label_templates.of_shop(call.shop_id, call.parts["template_id"])
    label_templates.drop(call.actor, call.parts["template_id"], now=call.now)
    return Done()


@serves(shapes.SET_STANDARD)
def set_standard_template(call: Call[Nothing, shapes.StandardIn]) -> Done:
    label_templates.set_standard(call.actor, call.body.template_id, now=call.now)
    return Done()


@serves(shapes.LIST_PAST_JOBS)
def list_past_print_jobs(call: Call[Paged, Any]) -> Listed[JobOut]:
    page = job_board.over(call.shop_id, cursor=cursor_of(call), limit=call.query.limit)
    return listed(page, lambda row: job_out(row, call.language))


@serves(shapes.LIST_DOCUMENTS)
def list_print_documents(call: Call[shapes.DocumentQuery, Any]) -> Listed[shapes.DocumentOut]:
    job_id, limit = call.parts["job_id"], call.query.limit
    if job_board.one(call.shop_id, job_id) is None:
        raise Refusal.of("job_unknown")
    after = int(cursor_of(call) or 0)
    rows = job_board.documents(call.shop_id, job_id, state=call.query.state or "", after=after, limit=limit + 1)
    told = [
        shaped(row._replace(
            orders=[number for _, number in row.orders or ()], problem=kept_problem(row.problem, call.language)
        ), shapes.DocumentOut)
        for row in rows[:limit]
    ]  # fmt: skip
    return Listed(told, str(told[-1].place) if len(rows) > limit else None)


@serves(shapes.HOLD)
def hold_print_job(call: Call[Nothing, Any]) -> Done:
    print_jobs.hold(call.actor, call.parts["job_id"], now=call.now)
    return Done()


@serves(shapes.RESUME)
def resume_print_job(call: Call[Nothing, Any]) -> Done:
    print_jobs.resume(call.actor, call.parts["job_id"], now=call.now)
    return Done()


@serves(shapes.CANCEL)
def cancel_print_job(call: Call[Nothing, Any]) -> Done:
    print_jobs.cancel(call.actor, call.parts["job_id"], now=call.now)
    return Done()


@serves(shapes.ANSWER)
def answer_print_job(call: Call[Nothing, shapes.AnswerIn]) -> Changed:
    sent = call.body
    moved = print_jobs.answer(
        call.actor, call.parts["job_id"], came_out=sent.came_out, places=sent.places, now=call.now
    )  # fmt: skip
    return Changed(moved)


@serves(shapes.TAKE_PDF)
def take_print_file(call: Call[Nothing, Any]) -> FileOut:
    job_id, sink = call.parts["job_id"], BytesIO()
    if not page_printing.take_some(call.actor, job_id, now=call.now):
        raise Refusal.of("job_over")
    page_printing.write_sent(call.shop_id, job_id, "pdf", 203, sink, now=call.now)
    return FileOut(f"labels-{job_id}.pdf", sink.getvalue())


@serves(shapes.REPRINT)
def reprint_labels(call: Call[Nothing, ReprintIn]) -> QueuedOut:
    sent = call.body
    ids = list(dict.fromkeys(sent.labels))
    queued = print_jobs.reprint(
        call.actor, ids, printer_id=sent.printer_id, reason=sent.reason, new_number=sent.new_number, now=call.now
    )
    by_id = dict(zip(ids, queued.outcomes, strict=True))
    return QueuedOut(queued.job_id, done(sent.labels, [by_id[each] for each in sent.labels], call.language))


@serves(shapes.GET_LABEL)
def get_label(call: Call[Nothing, Any]) -> LabelOut:
    row = label_board.one(call.shop_id, call.parts["label_id"])
    if row is None:
        raise Refusal.of("label_unknown")
    return label_out(row)


@serves(shapes.ENTER)
def enter_label(call: Call[Nothing, shapes.EnterIn]) -> LabelOutcome:
    found = labels.entered(call.actor, order_id(call), call.body.contract_id, call.body.waybill, call.now)
    if isinstance(found, Problem):
        raise Refusal(found)
    return LabelOutcome(call.parts["number"], found.label_id, found.carrier, found.waybill, found.new)
