"""Why an order stands as it does, and what comes next: every clause that was asked, and what each said. Reads only."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from fahuo.rules import outlook
from fahuo.rules import tasks as task_rules
from fahuo.rules.complaints import Cost
from fahuo.rules.deadlines import Decision, Facts, decide
from fahuo.rules.outlook import Situation, Step
from fahuo.rules.people import Actor
from fahuo.rules.problems import Refusal
from fahuo.rules.urges import Urge
from fahuo.services import complaints, tasks
from fahuo.services.shopbook import ShopBook
from fahuo.store import alerts, imports
from fahuo.store import complaints as complaint_rows
from fahuo.store import tasks as task_rows


@dataclass(frozen=True, slots=True)
class Explanation:
    """All about one order at a moment. `order`, `tasks`, `events` and `complaints` are rows, oldest first.

    `version` is the id of the rule-book version in force when it was paid ("" before that); `urge` what an urge would
    come to now; `cost` what the order has cost so far.
    """

    order: Any
    time_zone: str
    version: str
    deadline: Decision
    urge: Urge
    tasks_here: bool
    tasks: list[Any]
    events: list[Any]
    complaints: list[Any]
    cost: Cost
    next: tuple[Step, ...]


def explain(actor: Actor, number: str, *, now: datetime) -> Explanation:
    """Explain the order with this number. Refusal `not_permitted` or `order_unknown`."""
    actor.require("view_orders")
    shop_id = actor.shop_id
    known = imports.hashes(shop_id, [number])
    if number not in known:
        raise Refusal.of("order_unknown", order=number[:64])
    order = task_rows.orders(shop_id, [known[number][0]])[0]
    book = ShopBook.of(shop_id)
    urge = tasks.urge_of(shop_id, order.id, now=now)
    rows = task_rows.of_order(shop_id, order.id)
    disputes = complaint_rows.of_order(shop_id, order.id)
    return Explanation(
        order=order, time_zone=book.shop.time_zone, version=book.of_order(order).id if order.paid_at else "",
        deadline=decide(_facts(book, order), book.book), urge=urge, tasks_here=book.shop.tasks_here, tasks=rows,
        events=task_rows.events(shop_id, order.id), complaints=disputes, cost=complaints.owed(shop_id, order.id),
        next=_next(book, order, rows, disputes, urge, now=now) if order.paid_at else (),
    )  # fmt: skip


def _facts(book: ShopBook, order: Any) -> Facts:
    return Facts(
        paid_at=order.paid_at, kind=order.kind, promise_hours=order.promise_hours,
        promised_until=order.promised_until, channel_deadline=order.channel_deadline,
        reported_until=order.reported_until, agreed_until=order.agreed_until, ship_to=order.region,
        ship_from=book.shop.ship_from, zone=book.shop.time_zone,
    )  # fmt: skip


def _next(
    book: ShopBook, order: Any, rows: list[Any], disputes: list[Any], urge: Urge, *, now: datetime
) -> tuple[Step, ...]:
    """What happens if nobody acts, as the rules foresee it."""
    opened = next((row for row in rows if row.state != "completed" and row.set_aside_at is None), None)
    complaint = next((row for row in disputes if row.status == "open"), None)
    parcels = alerts.under_way(book.shop_id, order.id)
    found = Situation(
        status=order.status, deadline=order.deadline, version=book.of_order(order),
        complaint=complaint.kind if complaint else "", refunded="refunded" in tasks.done(order),
        urge_makes_task=urge.makes_task and book.shop.tasks_here, shipped_at=parcels.unscanned_since,
        scanned_at=parcels.silent_since,
        **_of_task(book, opened),
    )  # fmt: skip
    return outlook.foresee(found, lambda kind: complaints.price_of(book, order, kind, "upheld"), now=now)


def _of_task(book: ShopBook, task: Any | None) -> dict[str, Any]:
    """What the rules foresee of an open task; nothing of one whose kind or version this installation does not know."""
    if task is None or task.kind not in task_rules.KINDS or task.rulebook not in book.versions:
        return {}
    return {
        "state": task.state, "kind": task.kind, "due_at": task.due_at, "plan_until": task.plan_until,
        "reminder_at": task.next_reminder_at,
    }  # fmt: skip
