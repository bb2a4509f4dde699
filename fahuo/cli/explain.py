"""fahuo explain: which clauses were asked for an order, what each said, and what happens next if nobody acts."""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import click

from fahuo.cli import desk
from fahuo.cli.language import language, say
from fahuo.cli.session import ready
from fahuo.cli.story_words import KINDS, STATES, URGES, pick
from fahuo.rules import deadlines, tasks, urges


@click.command("explain")
@click.argument("order")
@desk.shop_option
@desk.json_option
def command(order: str, shop_code: str | None, as_json: bool) -> None:
    """Explain ORDER (its number): the deadline, what an urge would come to, its task, and what comes next at what cost.

    Every clause that was asked is told with what it said, and the rule-book version that counts. Changes nothing.
    """
    ready()
    from fahuo.services.explain import explain

    found = explain(desk.desk(shop_code), order, now=desk.now())
    desk.tell(as_json, _document(found), *_lines(found))


def _lines(found: Any) -> Iterator[str]:
    zone = ZoneInfo(found.time_zone)

    def local(at: datetime | None) -> str:
        return at.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S") if at else "-"

    yield say(
        f"订单 {found.order.number}：{found.order.status}，付款 {local(found.order.paid_at)}，规则 {found.version or '-'}",
        f"order {found.order.number}: {found.order.status}, paid {local(found.order.paid_at)}, rules {found.version or '-'}",
    )
    clause = pick(deadlines.CLAUSES[found.deadline.clause], language())
    yield say(
        f"发货期限 {local(found.deadline.deadline)}（{clause}）",
        f"deadline {local(found.deadline.deadline)} ({clause})",
    )
    yield from _asked(found.deadline.asked, found.deadline.clause)
    reason = pick(urges.NAMES[found.urge.reason], language())
    yield say("现在催发货：", "an urge now: ") + f"{pick(URGES[found.urge.outcome], language())} ({reason})"
    if not found.tasks_here:
        yield say("  平台任务由平台自己处理，这里只标记", "  the marketplace keeps the tasks itself; here the order is only marked")  # fmt: skip
    yield from _asked(found.urge.asked, found.urge.reason)
    yield from _tasks(found, local)
    yield from _complaints(found, local)
    yield from _next(found, local)


def _asked(asked: Iterable[Any], decided: str) -> Iterator[str]:
    """What each clause said; the one that decided is marked."""
    for each in asked:
        yield f"  {'*' if each.clause == decided and each.applies else '-'} {pick((each.zh, each.en), language())}  [{each.clause}]"


def _tasks(found: Any, local: Callable[[datetime | None], str]) -> Iterator[str]:
    if not found.tasks:
        yield say("没有平台任务", "no platform task")
    for task in found.tasks:
        state = pick(STATES[task.state], language())
        yield say(
            f"任务：{state}，截止 {local(task.due_at)}，催过 {task.urge_count} 次，规则 {task.rulebook}",
            f"task: {state}, due {local(task.due_at)}, urged {task.urge_count} times, rules {task.rulebook}",
        )
        for event in found.events:
            if event.task_id == task.id:
                words = pick(tasks.CLAUSES.get(event.clause, (event.clause, event.clause)), language())
                yield f"  {local(event.at)}  {event.actor}  {event.event} → {event.to_state}: {words}  [{event.clause} / {event.rulebook}]"


def _complaints(found: Any, local: Callable[[datetime | None], str]) -> Iterator[str]:
    for each in found.complaints:
        kind = pick(KINDS[each.kind], language())
        yield (
            say(
                f"投诉：{kind}，{each.status}，{local(each.opened_at)} 由 {each.opened_by} 提出，赔付 {each.compensation} 元，{each.points} 分",
                f"complaint: {kind}, {each.status}, opened {local(each.opened_at)} by the {each.opened_by}, CNY {each.compensation}, {each.points} points",
            )
            + f"  [{each.kind} / {each.rulebook}]"
        )
    yield say(
        f"到现在为止的代价：{found.cost.compensation} 元，{found.cost.points} 分",
        f"cost so far: CNY {found.cost.compensation}, {found.cost.points} points",
    )


def _next(found: Any, local: Callable[[datetime | None], str]) -> Iterator[str]:
    yield say("没有人处理的话：" if found.next else "接下来没有自动发生的事", "if nobody acts:" if found.next else "nothing happens by itself")  # fmt: skip
    for step in found.next:
        when = local(step.at) if step.at else say("时间不定", "at some time")
        state = f" → {pick(STATES[step.to_state], language())}" if step.to_state else ""
        cost = ""
        if step.cost is not None:
            money, points = step.cost.compensation, step.cost.points
            cost = say(f"（投诉成立：赔 {money} 元，扣 {points} 分）", f" (upheld: CNY {money}, {points} points)")
        yield f"  {when}  {pick((step.zh, step.en), language())}{state}{cost}  [{step.clause} / {found.version}]"


def _document(found: Any) -> dict[str, Any]:
    def at(moment: datetime | None) -> str | None:
        return moment.astimezone(ZoneInfo(found.time_zone)).isoformat() if moment else None

    def asked(clauses: Iterable[Any]) -> list[dict[str, Any]]:
        return [
            {"clause": each.clause, "applies": each.applies, "zh": each.zh, "en": each.en, "until": at(each.until)}
            for each in clauses
        ]

    return {
        "order": found.order.number, "status": found.order.status, "paid_at": at(found.order.paid_at),
        "rulebook": found.version,
        "deadline": {
            "at": at(found.deadline.deadline), "clause": found.deadline.clause, "rulebook": found.deadline.version,
            "asked": asked(found.deadline.asked),
        },
        "urge": {
            "outcome": found.urge.outcome, "reason": found.urge.reason, "tasks_here": found.tasks_here,
            "asked": asked(found.urge.asked),
        },
        "tasks": [_task(found, task, at) for task in found.tasks],
        "complaints": [
            {
                "kind": each.kind, "status": each.status, "opened_by": each.opened_by, "opened_at": at(each.opened_at),
                "closed_at": at(each.closed_at), "compensation": each.compensation, "points": each.points,
                "rulebook": each.rulebook,
            }
            for each in found.complaints
        ],
        "cost": {"compensation": found.cost.compensation, "points": found.cost.points},
        "next": [
            {
                "at": at(step.at), "what": step.what, "clause": step.clause, "rulebook": found.version,
                "to": step.to_state or None, "zh": step.zh, "en": step.en,
                "cost": step.cost and {"compensation": step.cost.compensation, "points": step.cost.points},
            }
            for step in found.next
        ],
    }  # fmt: skip


def _task(found: Any, task: Any, at: Callable[[datetime | None], str | None]) -> dict[str, Any]:
    return {
        "kind": task.kind, "state": task.state, "due_at": at(task.due_at), "urges": task.urge_count,
        "plan": task.plan or None, "plan_until": at(task.plan_until), "rulebook": task.rulebook,
        "set_aside": task.set_aside_why or None,
        "events": [
            {
                "at": at(event.at), "by": event.actor, "from": event.from_state, "event": event.event,
                "to": event.to_state, "clause": event.clause, "rulebook": event.rulebook,
            }
            for event in found.events if event.task_id == task.id
        ],
    }  # fmt: skip
