"""What a shop sets itself, and the few acts over orders and reports that come with it."""

from collections.abc import Sequence
from datetime import time
from typing import Any

from fahuo.api.calls import Call
from fahuo.api.contract import Done, Nothing
from fahuo.api.server import serves
from fahuo.api.shapes import settings as shapes
from fahuo.api.shapes.aftersales import MadeOut
from fahuo.api.shapes.common import Changed, FileOut, NumbersIn, PasswordOut
from fahuo.api.told import order_id, order_ids, shaped
from fahuo.rules.problems import Refusal
from fahuo.services import evidence, messages, orders, papers, people, rulebooks
from fahuo.services import settings as service
from fahuo.store import boards
from fahuo.store.boards import reports as report_board


@serves(shapes.LIST_ADDITIONS)
def list_rule_additions(call: Call[Nothing, Any]) -> shapes.AdditionsOut:
    _, rows = rulebooks.of_shop(call.shop_id)
    return shapes.AdditionsOut([
        shaped({**row._asdict(), "own": row.shop_id is not None}, shapes.AdditionOut) for row in rows
    ])  # fmt: skip


@serves(shapes.CHECK_ADDITION)
def check_rule_addition(call: Call[Nothing, shapes.AdditionIn]) -> shapes.ReplayOut:
    checked = rulebooks.check(call.actor, call.body.text, now=call.now)
    found, added = rulebooks.replay(checked, now=call.now), checked.addition
    before, after = (
        shapes.OutcomeOut(one.risk, one.cost, one.points, found.lates[n], found.tasks[n])
        for n, one in enumerate((found.before, found.after))
    )
    return shapes.ReplayOut(added.name, added.starts_at, found.orders, found.more, found.differ, before, after)


@serves(shapes.SCHEDULE_ADDITION)
def schedule_rule_addition(call: Call[Nothing, shapes.AdditionIn]) -> MadeOut:
    return MadeOut(rulebooks.schedule(call.actor, call.body.text, now=call.now))


@serves(shapes.WITHDRAW_ADDITION)
def withdraw_rule_addition(call: Call[Nothing, Any]) -> Done:
    return Done(rulebooks.withdraw(call.actor, call.parts["addition_id"], now=call.now))


def _clock(at: time | None) -> str | None:
    return None if at is None else f"{at:%H:%M}"


@serves(shapes.GET_AUTOMATIC)
def get_automatic_answer(call: Call[Nothing, Any]) -> shapes.AutomaticOut:
    shop = service.shop_data(call.shop_id)
    return shapes.AutomaticOut(shop.auto_reply, _clock(shop.auto_reply_from), _clock(shop.auto_reply_until))


@serves(shapes.SET_AUTOMATIC)
def set_automatic_answer(call: Call[Nothing, shapes.AutomaticIn]) -> Done:
    sent = call.body
    start, end = (None if text is None else time.fromisoformat(text) for text in (sent.start, sent.end))
    return Done(messages.set_automatic(call.actor, body=sent.body, start=start, end=end, now=call.now))


@serves(shapes.SET_TASKS_HERE)
def set_tasks_here(call: Call[Nothing, shapes.TasksHereIn]) -> Done:
    return Done(service.set_tasks_here(call.actor, call.body.here, now=call.now))


@serves(shapes.RESET_PASSWORD)
def reset_member_password(call: Call[Nothing, Any]) -> PasswordOut:
    return PasswordOut(people.reset_password(call.actor, call.parts["member_id"], now=call.now))


# ---- the shop's own tables --------------------------------------------------------------------------------------


@serves(shapes.LIST_TABLES)
def list_sheet_templates(call: Call[Nothing, Any]) -> shapes.SheetTemplatesOut:
    return shapes.SheetTemplatesOut(
        [shaped(row, shapes.SheetTemplateOut) for row in service.sheet_templates(call.shop_id)]
    )


def _keep(call: Call[Nothing, shapes.TemplateColumns], template_id: int | None) -> int:
    sent = call.body
    table = service.SheetTemplate(
        sent.name, sent.purpose, [(heading, field) for heading, field in sent.columns], sent.carrier, sent.format
    )
    fields = papers.UPLOAD_FIELDS if sent.purpose == "upload" else papers.ADDRESS_FIELDS
    return service.keep_template(call.actor, table, fields=list(fields), template_id=template_id, now=call.now)


@serves(shapes.ADD_TABLE)
def add_sheet_template(call: Call[Nothing, shapes.TemplateColumns]) -> MadeOut:
    return MadeOut(_keep(call, None))


def _table(call: Call[Any, Any]) -> int:
    """The table of the path. Refusal `template_unknown`."""
    if call.parts["template_id"] not in {row.id for row in service.sheet_templates(call.shop_id)}:
        raise Refusal.of("template_unknown")
    return int(call.parts["template_id"])


@serves(shapes.CHANGE_TABLE)
def change_sheet_template(call: Call[Nothing, shapes.TemplateColumns]) -> Done:
    _keep(call, _table(call))
    return Done()


@serves(shapes.DROP_TABLE)
def drop_sheet_template(call: Call[Nothing, Any]) -> Done:
    service.drop_template(call.actor, _table(call), now=call.now)
    return Done()


@serves(shapes.LIST_MAPS)
def list_column_maps(call: Call[Nothing, Any]) -> shapes.ColumnMapsOut:
    return shapes.ColumnMapsOut([shaped(row, shapes.ColumnMapOut) for row in service.column_maps(call.shop_id)])


@serves(shapes.FORGET_MAP)
def forget_column_map(call: Call[Nothing, Any]) -> Done:
    service.forget_map(call.actor, call.parts["map_id"], now=call.now)
    return Done()


# ---- orders and reports -----------------------------------------------------------------------------------------


@serves(shapes.SET_FLAGS)
def set_flags(call: Call[Nothing, shapes.FlagsIn]) -> Changed:
    return Changed(orders.set_flags(call.actor, order_ids(call, call.body.orders), call.body.flag, now=call.now))


@serves(shapes.PICK_LIST)
def get_pick_list(call: Call[Nothing, NumbersIn]) -> shapes.PickListOut:
    rows = boards.pick_list(call.shop_id, order_ids(call, call.body.orders))
    return shapes.PickListOut([shaped(row, shapes.PickRow) for row in rows])


def _pieces(rows: Sequence[Any]) -> shapes.PiecesOut:
    return shapes.PiecesOut([shaped(row, shapes.PieceOut) for row in rows])


@serves(shapes.LIST_PIECES)
def list_evidence(call: Call[Nothing, Any]) -> shapes.PiecesOut:
    return _pieces(evidence.of_order(call.shop_id, order_id(call)))


@serves(shapes.LIST_REPORT_PIECES)
def list_report_evidence(call: Call[Nothing, Any]) -> shapes.PiecesOut:
    if report_board.report(call.shop_id, call.parts["report_id"]) is None:
        raise Refusal.of("report_unknown")
    return _pieces(evidence.of_report(call.shop_id, call.parts["report_id"]))


@serves(shapes.GET_REPORT_FILE)
def get_report_file(call: Call[Nothing, Any]) -> FileOut:
    return FileOut(*evidence.file_of(call.shop_id, call.parts["evidence_id"], report_id=call.parts["report_id"]))


@serves(shapes.REPORT_PIECE)
def add_report_evidence(call: Call[Nothing, shapes.PieceIn]) -> MadeOut:
    sent = call.body
    file = None if sent.file is None else (sent.file.name, sent.file.content)
    made = evidence.add(call.actor, report_id=call.parts["report_id"], body=sent.body, file=file, now=call.now)
    return MadeOut(made)
