"""Urges of outside marketplaces: the shop enters when its buyers urged, and the deadlines that the marketplace shows.

One by one or a sheet at a time (services/urge_sheets.py), they drive the same tasks, clock and reminders as the buyer's
own button; where the marketplace shows a deadline, the task is due then.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from fahuo.rules import entries as rules
from fahuo.rules import tasks as task_rules
from fahuo.rules.entries import Entry, Judged, Standing
from fahuo.rules.people import Actor
from fahuo.rules.problems import Problem, Refusal
from fahuo.services.shopbook import ShopBook
from fahuo.services.tasks import urge_facts
from fahuo.services.timers import catch_up
from fahuo.store import imports, journal, tasks, urges
from fahuo.store.journal import Moved


def note(actor: Actor, number: str, *, at: datetime, due_at: datetime | None = None, now: datetime) -> Judged:
    """Enter one urge; what came of it (see rules.entries). One that was entered before changes nothing.

    Refusals: `not_permitted`, and every slip (`order_unknown`, `urge_future`, `urge_before_paid`, `urge_due_early`,
    `urge_not_waiting`).
    """
    entry = Entry(number.replace("\0", "").strip(), whole(at), None if due_at is None else whole(due_at))
    found = enter(actor, [entry], now=now)[0]
    if found.verdict == "bad":
        raise Refusal(*(Problem(each["code"], each.get("data") or {}) for each in found.problems))
    return found


def whole(moment: datetime) -> datetime:
    """A moment to the second, so that a form and a sheet name the same urge."""
    return moment.replace(microsecond=0)


@transaction.atomic
def enter(
    actor: Actor, entries: Sequence[Entry], *, now: datetime, batch_id: int | None = None
) -> list[Judged]:  # fmt: skip
    """Enter many urges; what came of each, in their order. A bad one stops none of the others. Refusal `not_permitted`."""
    actor.require("enter_urges")
    known = imports.hashes(actor.shop_id, sorted({entry.number for entry in entries}))
    held = tasks.hold(actor.shop_id, sorted(order_id for order_id, _ in known.values()))
    catch_up(actor.shop_id, held, now=now)
    # no timer moves them between what is judged and what is written
    tasks.open_tasks(actor.shop_id, held)
    book = ShopBook.of(actor.shop_id)
    judged = judge(book, entries, now=now)
    _write(book, actor, [each for each in judged if each.verdict == "ready"], batch_id, now=now)
    return judged


def judge(book: ShopBook, entries: Sequence[Entry], *, now: datetime) -> list[Judged]:
    """What would come of these entries; nothing is written."""
    shop_id = book.shop_id
    numbers = imports.hashes(shop_id, sorted({entry.number for entry in entries}))
    ids = sorted(order_id for order_id, _ in numbers.values())
    opened = {row.order_id: row.state for row in tasks.unfinished(shop_id, ids, task_rules.URGE_SHIPMENT)}
    found = {
        order.number: Standing(
            order.id, urge_facts(book, order, open_task=order.id in opened), order.paid_at, opened.get(order.id, "")
        )
        for order in tasks.orders(shop_id, ids)
    }  # fmt: skip
    by_id = {stands.order_id: stands for stands in found.values()}
    for row in urges.known(shop_id, ids):
        by_id[row.order_id].known[row.at] = row.due_at
    return rules.judge(entries, found, book.book, tasks_here=book.shop.tasks_here, now=now)


def from_outside(shop_id: int, order_id: int) -> bool:
    """Whether the shop entered an urge of this order: then its buyer is at another marketplace, and answers there."""
    return bool(urges.known(shop_id, [order_id]))


def _write(book: ShopBook, actor: Actor, good: Sequence[Judged], batch_id: int | None, *, now: datetime) -> None:
    """Write what the entries came to: the urges, the orders' marks, the tasks, the log."""
    if not good:
        return
    good = sorted(good, key=lambda each: (each.entry.at, each.entry.row_no))
    urges.add(
        book.shop_id, [(each.order_id or 0, each.entry.at, each.entry.due_at) for each in good],
        member_id=actor.member_id, name=actor.name, batch_id=batch_id, now=now,
    )  # fmt: skip
    _open(book, actor, [each for each in good if each.effect == "task"], now=now)
    counted: dict[int, tuple[int, datetime | None]] = {}
    marked: dict[int, tuple[int, datetime]] = {}
    for each in good:
        order_id, entry = each.order_id or 0, each.entry
        if each.effect != "flagged":
            count, due = counted.get(order_id, (0, None))
            counted[order_id] = count + (each.effect != "deadline"), entry.due_at or due
        if not each.again:
            marked[order_id] = marked.get(order_id, (0, entry.at))[0] + 1, entry.at
    urges.count(book.shop_id, counted, kind=task_rules.URGE_SHIPMENT, now=now)
    moved = {row.id: row for row in urges.mark(book.shop_id, marked, now=now)}
    journal.append(actor, "order.urged", [_told(each, moved) for each in _last_each(good)], now=now, batch_id=batch_id)


def _last_each(good: Sequence[Judged]) -> list[Judged]:
    """The last entry of each order; one with a deadline before one without."""
    found: dict[int, Judged] = {}
    for each in good:
        kept = found.get(each.order_id or 0)
        if kept is None or kept.entry.due_at is None or each.entry.due_at is not None:
            found[each.order_id or 0] = each
    return list(found.values())


def _told(each: Judged, moved: dict[int, Any]) -> Moved:
    after: dict[str, Any] = {"at": each.entry.at.isoformat()}
    if each.entry.due_at is not None:
        after["marketplace_due_at"] = each.entry.due_at.isoformat()
    row = moved.get(each.order_id or 0)
    if row is None:
        return Moved(each.order_id, after=after)
    return Moved(each.order_id, before={"urge_count": row.urge_count}, after={"urge_count": row.after, **after})


def _open(book: ShopBook, actor: Actor, fresh: Sequence[Judged], *, now: datetime) -> None:
    """Make the tasks of these orders, each under the version of its order."""
    orders = {order.id: order for order in tasks.orders(book.shop_id, [each.order_id or 0 for each in fresh])}
    opening = task_rules.OPENING
    made = []
    for each in fresh:
        version = book.of_order(orders[each.order_id or 0])
        shown = each.entry.due_at
        due = shown or task_rules.opened(now=each.entry.at, version=version).due_at
        made.append({
            "order_id": each.order_id, "at": each.entry.at, "due_at": due, "shown": shown,
            "reminder_at": now if due is not None and due > now else None, "rulebook": version.id,
        })  # fmt: skip
    urges.open_tasks(
        book.shop_id, made, kind=task_rules.URGE_SHIPMENT, state=opening.to, event=task_rules.URGED,
        clause=opening.clause, actor=actor.name, member_id=actor.member_id,
    )  # fmt: skip
