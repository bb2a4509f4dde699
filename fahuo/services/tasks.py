"""Tasks of the platform: the buyer urges, the seller answers, the buyer agrees or not, goods leave or money goes back.

Each act is one transaction: it holds the order, lets the timers that ran out before `now` fire, asks the rules
(rules/urges.py, rules/tasks.py) and writes what they say, with the log. An act that the rules refuse changes nothing.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from django.db import transaction

from fahuo.rules import complaints as complaint_rules
from fahuo.rules import tasks as rules
from fahuo.rules import urges
from fahuo.rules.orders import IN_BACKLOG
from fahuo.rules.parcels import refunded_whole
from fahuo.rules.people import Actor, BuyerActor
from fahuo.rules.problems import Problem, Refusal
from fahuo.rules.urges import Urge, UrgeFacts
from fahuo.services import watchdogs
from fahuo.services.messages import checked_text
from fahuo.services.shopbook import ShopBook
from fahuo.services.timers import agree, catch_up, run_due, step_of
from fahuo.store import journal, messages, orders, tasks, timers
from fahuo.store.journal import Moved

__all__ = [
    "buyer_answer", "closed_complaint", "fulfilled", "hold", "longest_wait", "marketplace_told", "next_moment", "press_urge", "reply", "reply_many",
    "run_due", "take_up", "urge_of",
]  # fmt: skip

TASKS_ELSEWHERE: Final = "tasks_elsewhere"
"""The reason of an urge that only marks the order, because its marketplace keeps the tasks itself."""


def hold(shop_id: int, order_id: int, *, now: datetime, buyer: BuyerActor | None = None) -> Any:
    """The order, locked with its tasks, as it stands once time has caught up. Refusal `order_unknown`.

    For a `buyer`, orders of other buyers are unknown too.
    """
    held = tasks.hold(shop_id, [order_id])
    catch_up(shop_id, held, now=now)
    # read once it is held: what was waited for may have changed it
    order = tasks.orders(shop_id, held)[0] if held else None
    if order is None or (buyer is not None and order.buyer != buyer.name):
        raise Refusal.of("order_unknown", order=order_id)
    return order


def done(order: Any) -> set[str]:
    """What has been given to the buyer: `shipped` (the whole order), `refunded` (in full)."""
    found = set()
    if order.status in {"shipped", "completed"}:
        found.add("shipped")
    if order.status == "closed" or refunded_whole(order.refund_status, order.refund_amount, order.paid_amount):
        found.add("refunded")
    return found


def urge_facts(book: ShopBook, order: Any, *, open_task: bool) -> UrgeFacts:
    """What an urge of this order depends on."""
    return UrgeFacts(
        status=order.status, deadline=order.deadline, kind=order.kind, refunded="refunded" in done(order),
        open_task=open_task, complaint_open=order.complaint_id is not None, reported_until=order.reported_until,
        ship_to=order.region, ship_from=book.shop.ship_from, zone=book.shop.time_zone,
    )  # fmt: skip


def urge_of(shop_id: int, order_id: int, *, now: datetime) -> Urge:
    """What an urge would come to at `now`, with every clause that was asked; nothing is written."""
    order = next(iter(tasks.orders(shop_id, [order_id])), None)
    if order is None:
        raise Refusal.of("order_unknown", order=order_id)
    opened = any(task.state != "completed" for task in tasks.of_order(shop_id, order_id))
    book = ShopBook.of(shop_id)
    return urges.decide(urge_facts(book, order, open_task=opened), book.book, now=now)


@transaction.atomic
def press_urge(who: BuyerActor | Actor, order_id: int, *, now: datetime, count: int = 1) -> Urge:
    """The buyer presses 催发货, or the shop notes that he did at the marketplace (`count` times); what it came to.

    The order is marked, and past the deadline a task is made, or the open one counts one more. A refused urge changes
    nothing. Where the shop's tasks are kept by its marketplace (`tasks_here` is off) the order is marked and no more.
    Refusal `order_unknown` for another buyer's order, `not_permitted`, `urge_count`.
    """
    if isinstance(who, Actor):
        who.require("view_orders")
    if count < 1:
        raise Refusal.of("urge_count")
    order = hold(who.shop_id, order_id, now=now, buyer=who if isinstance(who, BuyerActor) else None)
    book = ShopBook.of(who.shop_id)
    opened = [row for row in tasks.open_tasks(who.shop_id, [order_id]) if row.kind == rules.URGE_SHIPMENT]
    found = urges.decide(urge_facts(book, order, open_task=bool(opened)), book.book, now=now)
    if not found.counts:
        return found
    _mark(who, order_id, count, now=now)
    if opened:
        tasks.count_urge(who.shop_id, opened[0].id, count)
    elif found.makes_task and not book.shop.tasks_here:
        return replace(found, outcome="flagged", reason=TASKS_ELSEWHERE)  # type: ignore[arg-type]  # not of the rules
    elif found.makes_task:
        _open(book, who, order, count, now=now)
    return found


def _mark(who: BuyerActor | Actor, order_id: int, count: int, *, now: datetime) -> None:
    moved = orders.urge(who.shop_id, order_id, count, now=now)
    told = [
        Moved(order_id=row.id, before={"urge_count": row.urge_count}, after={"urge_count": row.after}) for row in moved
    ]
    actor = who if isinstance(who, Actor) else Actor(who.shop_id, None, BUYER)
    journal.append(actor, "order.urged", told, now=now)


BUYER: Final = "buyer"
"""How the log names a buyer: never by the name of the account."""


def _name(who: BuyerActor | Actor) -> tuple[str, int | None]:
    return (who.name, who.member_id) if isinstance(who, Actor) else (BUYER, None)


def _open(book: ShopBook, who: BuyerActor | Actor, order: Any, count: int, *, now: datetime) -> None:
    version = book.of_order(order)
    made = rules.opened(now=now, version=version)
    actor, member_id = _name(who)
    tasks.add(
        book.shop_id, order.id, kind=rules.URGE_SHIPMENT, state=made.state, due_at=made.due_at, reminder_at=now,
        now=now, count=count, rulebook=version.id, member_id=member_id, actor=actor, event=rules.URGED,
        clause=made.clause,
    )  # fmt: skip


# ---- what moves a task -------------------------------------------------------------------------------------------


def _move(
    book: ShopBook, order: Any, row: Any, event: rules.Event, *, now: datetime, until: datetime | None = None,
    **plan: Any,
) -> tuple[tasks.Step, rules.Moved]:  # fmt: skip
    """The step of one task upon an event. Raises Refusal with the rules' problem."""
    given = done(order)
    moved = rules.move(
        row.state, event, complaint_open=order.complaint_id is not None,
        fulfilled=bool(given & set(rules.KINDS[row.kind].fulfilled_by)), now=now, until=until,
        version=book.versions[row.rulebook], due_at=row.due_at, kind=row.kind,
    )  # fmt: skip
    if isinstance(moved, Problem):
        raise Refusal(moved)
    kind = complaint_rules.kind_at(order.deadline, book.versions[row.rulebook], now=now)
    return step_of(row, event, moved, at=now, complaint=kind, **plan), moved


def _task(actor_shop: int, order_id: int, kind: str) -> Any:
    """The open task of that kind, locked; the newest completed one when none is open. Refusal `task_unknown`."""
    rows = [row for row in tasks.open_tasks(actor_shop, [order_id]) if row.kind == kind]
    rows = rows or [row for row in tasks.of_order(actor_shop, order_id) if row.kind == kind]
    if not rows:
        raise Refusal.of("task_unknown", task=order_id)
    return rows[-1]


def reply(
    actor: Actor, order_id: int, *, plan: str, until: datetime | None = None, reason: str | None = None, now: datetime,
    kind: str = rules.URGE_SHIPMENT, text: str = "",
) -> None:  # fmt: skip
    """The seller answers the order's open task: `ship_later` (`until`), `exchange`, or `cannot_ship` (`reason`).

    `text` goes to the buyer as a message along with it. Refusals: `not_permitted`, `order_unknown`, `task_unknown`,
    `message_too_long`, what `rules.tasks.check_reply` says of the plan (`plan_until_past`, …), and what
    `rules.tasks.move` says of the state (`task_answered`, `task_with_platform`, …).
    """
    outcome = reply_many(actor, [order_id], plan=plan, until=until, reason=reason, now=now, kind=kind, text=text)[0]
    if outcome is not None:
        raise Refusal(outcome)


@transaction.atomic
def reply_many(
    actor: Actor, order_ids: Sequence[int], *, plan: str, until: datetime | None = None, reason: str | None = None,
    now: datetime, kind: str = rules.URGE_SHIPMENT, text: str = "",
) -> list[Problem | None]:  # fmt: skip
    """One answer for the open tasks of many orders; for each, in their order, None or why it was not answered.

    Those that can be answered are, all in one transaction. Refusals for all: `not_permitted`, `message_too_long`.
    """
    actor.require("answer_tasks")
    text = checked_text(text)
    ids = list(dict.fromkeys(order_ids))
    held = tasks.hold(actor.shop_id, ids)
    catch_up(actor.shop_id, held, now=now)
    found = {order.id: order for order in tasks.orders(actor.shop_id, held)}
    rows = {row.order_id: row for row in tasks.latest(actor.shop_id, held, kind)}
    book = ShopBook.of(actor.shop_id)
    answers: dict[int, Problem | tasks.Step] = {
        order_id: _answer(book, found.get(order_id), rows.get(order_id), order_id, plan, until, reason, now=now)
        for order_id in ids
    }
    steps = {order_id: step for order_id, step in answers.items() if isinstance(step, tasks.Step)}
    tasks.apply(actor.shop_id, steps.values(), actor=actor.name, member_id=actor.member_id)
    if text and steps:
        messages.add_many(actor.shop_id, list(steps), body=text, member_id=actor.member_id, name=actor.name, now=now)
    return [None if order_id in steps else answers[order_id] for order_id in order_ids]  # type: ignore[misc]  # no step


def _answer(
    book: ShopBook, order: Any | None, row: Any | None, order_id: int, plan: str, until: datetime | None,
    reason: str | None, *, now: datetime,
) -> Problem | tasks.Step:  # fmt: skip
    """The step that an answer makes of one order's task, or what is wrong with it."""
    if order is None:
        return Problem("order_unknown", {"order": order_id})
    if row is None:
        return Problem("task_unknown", {"task": order_id})
    wrong = rules.check_reply(plan, until, reason, now=now, version=book.versions[row.rulebook], kind=row.kind)
    event = rules.reply_event(plan, reason) if wrong is None else None  # type: ignore[arg-type]  # checked
    data = {"plan": plan, "until": until.isoformat() if until else None, "reason": reason}
    try:
        # a task that takes no reply says so before what is wrong with the plan
        step, _ = _move(
            book, order, row, event or "reply_exchange", now=now, until=until, plan=plan, plan_until=until,
            plan_reason=reason or "", data=data,
        )  # fmt: skip
    except Refusal as refusal:
        return refusal.problems[0]
    return wrong or step


@transaction.atomic
def buyer_answer(
    buyer: BuyerActor | Actor, order_id: int, *, accept: bool, now: datetime, kind: str = rules.URGE_SHIPMENT
) -> None:
    """The buyer accepts or refuses the seller's plan (or the shop notes that he did).

    What he accepts of a later shipping is an agreement: the order's deadline follows. Refusals: `order_unknown`,
    `task_unknown`, `no_plan_offered`, `task_completed`.
    """
    if isinstance(buyer, Actor):
        buyer.require("answer_tasks")
    order = hold(buyer.shop_id, order_id, now=now, buyer=buyer if isinstance(buyer, BuyerActor) else None)
    row = _task(buyer.shop_id, order_id, kind)
    book = ShopBook.of(buyer.shop_id)
    step, moved = _move(book, order, row, "accepted" if accept else "refused", now=now, until=row.plan_until)
    actor, member_id = _name(buyer)
    tasks.apply(buyer.shop_id, [step], actor=actor, member_id=member_id)
    if moved.agrees and row.plan_until is not None and order.status in IN_BACKLOG:
        agree(book, {order_id: row.plan_until}, now=now)


# ---- hooks -------------------------------------------------------------------------------------------------------


def fulfilled(
    shop_id: int, order_ids: Sequence[int], event: rules.Event, *, actor: str, member_id: int | None, now: datetime
) -> int:
    """Of these orders, which the caller holds, some were shipped or refunded a moment ago; how many tasks that moved.

    What became of each order is read from the order itself.
    """
    rows = [
        row for row in tasks.open_tasks(shop_id, order_ids)
        if row.kind in rules.KINDS and event in rules.KINDS[row.kind].fulfilled_by
    ] if order_ids else []  # fmt: skip
    return _all(shop_id, rows, event, actor=actor, member_id=member_id, now=now)


def marketplace_told(actor: Actor, orders: Sequence[Any], *, now: datetime) -> int:
    """An import wrote these orders as they stand now, and holds them; how many tasks that settled."""
    left = [order.id for order in orders if order.status in {"shipped", "completed"}]
    back = [order.id for order in orders if order.status == "closed" or order.refund_status == "succeeded"]
    told: tuple[tuple[rules.Event, list[int]], ...] = (("shipped", left), ("refunded", back))
    return sum(
        fulfilled(actor.shop_id, ids, event, actor=actor.name, member_id=actor.member_id, now=now)
        for event, ids in told
    )


def closed_complaint(shop_id: int, order_id: int, *, actor: str, member_id: int | None, now: datetime) -> int:
    """The order's complaint was closed a moment ago; how many tasks that moved."""
    rows = tasks.open_tasks(shop_id, [order_id])
    return _all(shop_id, rows, "complaint_closed", actor=actor, member_id=member_id, now=now)


def _all(
    shop_id: int, rows: Iterable[Any], event: rules.Event, *, actor: str, member_id: int | None, now: datetime
) -> int:
    rows = list(rows)
    if not rows:
        return 0
    book = ShopBook.of(shop_id)
    found = {order.id: order for order in tasks.orders(shop_id, sorted({row.order_id for row in rows}))}
    rows = [
        row for row in rows
        if row.rulebook in book.versions and (event == "complaint_closed" or event in done(found[row.order_id]))
    ]  # fmt: skip
    steps = [_move(book, found[row.order_id], row, event, now=now)[0] for row in rows]
    return len(tasks.apply(shop_id, [step for step in steps if step.from_state != step.to_state], actor=actor,
                           member_id=member_id))  # fmt: skip


def longest_wait(shop_id: int, rulebook: str) -> int:
    """How many days ahead a later shipping may be promised at most under a version (the newest where it is unknown)."""
    versions = ShopBook.of(shop_id).versions
    return versions.get(rulebook, list(versions.values())[-1]).timers.ship_later_days.value


@transaction.atomic
def take_up(actor: Actor, task_id: int, *, now: datetime) -> bool:
    """Let a task that was set aside be timed again; whether it was."""
    actor.require("answer_tasks")
    return timers.take_up(actor.shop_id, task_id) > 0


def next_moment(shop_id: int, *, now: datetime | None = None) -> datetime | None:
    """When time does something next for this shop: a task, a reminder or a watchdog.

    With `now`, parcels that are out of the watchdogs' reach by then are left out; a shop with a past has some.
    """
    return min((*timers.next_moments(shop_id), *watchdogs.next_moments(shop_id, now=now)), default=None)
