"""Tasks and urges: listed, answered, entered; and who was reminded."""

from datetime import UTC, datetime
from typing import Any

from fahuo.api.calls import Call
from fahuo.api.contract import Done, Listed, Nothing, Paged
from fahuo.api.server import serves
from fahuo.api.shapes import tasks as shapes
from fahuo.api.shapes.common import Outcomes
from fahuo.api.told import listed, outcomes, problem, shaped
from fahuo.rules.entries import Entry
from fahuo.rules.problems import Language, Problem, Refusal
from fahuo.services import metrics, reminders, stakes, urges
from fahuo.services import tasks as service
from fahuo.services.reports import orders_named
from fahuo.store import boards
from fahuo.store.boards import urges as urge_board


def aware(moment: datetime | None) -> datetime | None:
    """An instant that names no offset is in UTC."""
    return None if moment is None else moment if moment.tzinfo else moment.replace(tzinfo=UTC)


@serves(shapes.LIST_TASKS)
def list_tasks(call: Call[shapes.TaskQuery, Any]) -> Listed[shapes.TaskOut]:
    asked = call.query
    wish = boards.TaskFilter(tab=asked.tab, within=asked.within, kind=asked.kind or "", aside=asked.aside)
    page = boards.tasks_page(
        call.shop_id, wish, stakes.rates(call.shop_id), now=call.now, cursor=asked.cursor, limit=asked.limit
    )  # fmt: skip
    return listed(page, lambda row: shaped(row, shapes.TaskOut))


@serves(shapes.COUNT_TASKS)
def count_tasks(call: Call[Nothing, Any]) -> shapes.TaskCounts:
    return shapes.TaskCounts({tab: count.number for tab, count in boards.task_counts(call.shop_id).items()})


def _task(call: Call[Any, Any]) -> boards.TaskRow:
    row = boards.task_row(call.shop_id, call.parts["task_id"], stakes.rates(call.shop_id), now=call.now)
    if row is None:
        raise Refusal.of("task_unknown", task=call.parts["task_id"])
    return row


@serves(shapes.GET_TASK)
def get_task(call: Call[Nothing, Any]) -> shapes.TaskOut:
    return shaped(_task(call), shapes.TaskOut)


@serves(shapes.REPLY)
def reply_task(call: Call[Nothing, shapes.ReplyIn]) -> Done:
    task, sent = _task(call), call.body
    service.reply(
        call.actor, task.order_id, plan=sent.plan, until=aware(sent.until), reason=sent.reason, now=call.now,
        kind=task.kind, text=sent.text,
    )  # fmt: skip
    return Done()


@serves(shapes.REPLY_MANY)
def reply_many(call: Call[Nothing, shapes.ReplyManyIn]) -> Outcomes:
    sent, numbers = call.body, call.body.orders
    known = orders_named(call.shop_id, numbers)
    found = [number for number in numbers if number in known]
    answers = service.reply_many(
        call.actor, [known[number] for number in found], plan=sent.plan, until=aware(sent.until), reason=sent.reason,
        now=call.now, text=sent.text,
    )  # fmt: skip
    said = dict(zip(found, answers, strict=True))
    told = [said[number] if number in said else Problem("order_unknown", {"order": number[:64]}) for number in numbers]
    return Outcomes(outcomes(numbers, told, call.language))


@serves(shapes.TAKE_UP)
def take_up_task(call: Call[Nothing, Any]) -> Done:
    return Done(service.take_up(call.actor, _task(call).id, now=call.now))


@serves(shapes.BUYER_ANSWER)
def note_buyer_answer(call: Call[Nothing, shapes.VerdictIn]) -> Done:
    task = _task(call)
    service.buyer_answer(call.actor, task.order_id, accept=call.body.accept, now=call.now, kind=task.kind)
    return Done()


@serves(shapes.ENTER_URGES)
def enter_urges(call: Call[Nothing, shapes.UrgesIn]) -> shapes.UrgesOut:
    entries = [
        Entry(row.order.strip(), urges.whole(aware(row.at) or row.at),
              None if row.due_at is None else urges.whole(aware(row.due_at) or row.due_at), row_no=no)
        for no, row in enumerate(call.body.rows, 1)
    ]  # fmt: skip
    found = urges.enter(call.actor, entries, now=call.now)
    return shapes.UrgesOut([
        shapes.UrgeOutcome(each.entry.number, each.verdict, each.effect, _problems(each.problems, call.language))
        for each in found
    ])  # fmt: skip


def _problems(found: Any, language: Language) -> list[Any]:
    return [problem(Problem.kept(each), language, each.get("column") or "") for each in found]


@serves(shapes.LIST_URGES)
def list_urges(call: Call[Paged, Any]) -> Listed[shapes.UrgeOut]:
    page = urge_board.urges_page(call.shop_id, cursor=call.query.cursor, limit=call.query.limit)
    return listed(page, lambda row: shaped(row, shapes.UrgeOut))


@serves(shapes.LIST_REMINDERS)
def list_reminders(call: Call[shapes.ReminderQuery, Any]) -> shapes.RemindersOut:
    day = call.query.day or metrics.today_of(call.shop_id, now=call.now)
    found = reminders.of_day(call.shop_id, day)
    return shapes.RemindersOut(day, [
        shapes.ReminderOut(name, by.get("delivered", 0), by.get("held", 0), by.get("suppressed", 0))
        for name, by in sorted(found.items())
    ])  # fmt: skip
