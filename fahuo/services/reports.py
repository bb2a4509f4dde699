"""Delay reports (报备): filed by the shop, answered by the platform. What is approved moves the orders' deadlines.

A report filed ahead of time goes on covering orders that are paid inside its window (`cover_new`).
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from itertools import groupby
from typing import Any

from django.db import transaction

from fahuo.connectors.sheet.reader import open_sheet
from fahuo.rules.imports import Standing
from fahuo.rules.penalties import at_stake
from fahuo.rules.people import Actor, PlatformActor
from fahuo.rules.problems import Refusal
from fahuo.rules.regions import digits_of
from fahuo.rules.reports import Wish
from fahuo.services import deadlines, evidence
from fahuo.services.shopbook import ShopBook
from fahuo.store import imports, journal, orders, reports, tasks
from fahuo.store.journal import Moved

PLATFORM = PlatformActor().name
BETWEEN = re.compile(r"[\s,，;；、'\"]+")
HEADINGS = ("订单编号", "主订单编号", "订单号", "order number", "order no")
SHOWN = 20
"""Orders named in a preview."""
PRICED = 5000
"""Orders whose deadlines a preview decides one by one, the earliest first."""


@transaction.atomic
def file(
    actor: Actor, *, name: str, until: datetime, now: datetime, order_ids: Sequence[int] = (), scope: str = "orders",
    scope_value: str = "", evidence: str = "", paid_from: datetime | None = None, paid_until: datetime | None = None,
) -> int:  # fmt: skip
    """Report that orders will ship by `until`; the report's id. It changes nothing before the platform approves it.

    `scope` orders (`order_ids`), shop, region (`scope_value` of 2, 4 or 6 digits) or goods (an item code): all orders
    that wait when it is approved; with `paid_from` and `paid_until` (left out) those paid in between, however late they
    come. Refusals: `not_permitted`, `order_unknown`, and those of `rules.reports`.
    """
    wish = Wish(until, scope, scope_value, sorted(set(order_ids)), paid_from, paid_until)
    wish = _checked(actor, wish, now=now)
    made = reports.file(
        actor.shop_id, wish, name=name[:200], evidence=evidence[:2000], filed_by=actor.name, now=now
    )  # fmt: skip
    journal.append(actor, "report.filed", [Moved(after={"report": made, "scope": scope})], now=now)
    return made


@transaction.atomic
def file_with(
    actor: Actor, wish: Wish, *, name: str, body: str, files: Sequence[tuple[str, bytes]], now: datetime
) -> int:  # fmt: skip
    """File a report together with its evidence, words and files (name, content); its id. Sent twice it stands once, while
    it waits. Refusals as `file` and `evidence.add`."""
    imports.take_turn(actor.shop_id)
    same = reports.waiting(actor.shop_id, _checked(actor, wish, now=now), name=name[:200])
    if same is not None:
        return same
    made = file(
        actor, name=name, until=wish.until, now=now, order_ids=wish.order_ids, scope=wish.scope, scope_value=wish.value,
        paid_from=wish.paid_from, paid_until=wish.paid_until,
    )  # fmt: skip
    if body.strip() or files:
        add_evidence(actor, made, body=body, files=files, now=now)
    return made


@transaction.atomic
def add_evidence(
    actor: Actor, report_id: int, *, body: str, files: Sequence[tuple[str, bytes]], now: datetime
) -> int:  # fmt: skip
    """Put words, files or both on record over a report that waits; how many pieces. Refusals as `evidence.add`."""
    evidence.add(actor, report_id=report_id, body=body, file=files[0] if files else None, now=now)
    for more in files[1:]:
        evidence.add(actor, report_id=report_id, body="", file=more, now=now)
    return max(len(files), 1)


def numbers_in(name: str, body: bytes) -> list[str]:
    """The order numbers of a sheet: its column of that name, else its first column with the heading taken as one."""
    sheet = open_sheet(name, body)
    heads = [text.strip().lower() for text in sheet.header]
    at = next((heads.index(heading) for heading in HEADINGS if heading in heads), None)
    cells = [row.cells[at or 0] for row in sheet.rows() if len(row.cells) > (at or 0)]
    return split_numbers("\n".join(cells if at is not None else [*sheet.header[:1], *cells]))


def split_numbers(text: str) -> list[str]:
    """The numbers that were pasted, each once."""
    return list(dict.fromkeys(part for part in BETWEEN.split(text) if part))


def orders_named(shop_id: int, numbers: Sequence[str]) -> dict[str, int]:
    """Of these numbers, the orders that the shop has: number -> id."""
    return {number: order_id for number, (order_id, _) in imports.hashes(shop_id, numbers).items()}


def _checked(actor: Actor, wish: Wish, *, now: datetime) -> Wish:
    actor.require("report_delays")
    problems = wish.problems(now=now)
    if problems:
        raise Refusal(*problems)
    missing = set(wish.order_ids) - orders.known(actor.shop_id, wish.order_ids)
    if missing:
        raise Refusal.of("order_unknown", order=min(missing))
    return replace(wish, value=digits_of(wish.value)) if wish.scope == "region" else wish


@dataclass(frozen=True, slots=True)
class Moving:
    """One order that a report covers: its deadline now and after an approval (None: it has none)."""

    order_id: int
    number: str
    before: datetime | None
    after: datetime | None
    saved: Decimal
    """CNY that lateness until the report's time would cost, and with the report does not."""


@dataclass(frozen=True, slots=True)
class Preview:
    """What approving a report would do now: `covered` orders that wait; of the first PRICED how many deadlines move
    `later`, `earlier`, or stay because the buyer's agreement or the marketplace's own deadline is stronger."""

    covered: int
    later: int
    earlier: int
    stays: int
    overdue: int
    saved: Decimal
    shown: Sequence[Moving]


def preview(actor: Actor, wish: Wish, *, now: datetime) -> Preview:
    """What such a report would move if the platform approved it now. Refusals as `file`."""
    wish = _checked(actor, wish, now=now)
    return _preview(actor.shop_id, wish, now=now)


def preview_of(shop_id: int, report: Any, *, now: datetime) -> Preview:
    """The same of a report that was filed."""
    return _preview(shop_id, reports.wish_of(shop_id, report), now=now)


def _preview(shop_id: int, wish: Wish, *, now: datetime) -> Preview:
    book = ShopBook.of(shop_id)
    desk = deadlines.Desk(book.shop)
    ids = reports.in_scope(shop_id, wish)
    first = reports.earliest(shop_id, ids, limit=PRICED)
    moving = []
    for order in imports.standing(shop_id, first).values():
        after = desk.of_order(order._replace(reported_until=wish.until))[0]
        moving.append(Moving(order.id, order.number, order.deadline, after, _saved(book, order, after, wish.until)))
    moving.sort(key=lambda each: (each.before or deadlines.NO_DEADLINE, each.order_id))
    steps = [(each.before, each.after) for each in moving if each.before and each.after]
    return Preview(
        covered=len(ids), later=sum(after > before for before, after in steps),
        earlier=sum(after < before for before, after in steps), stays=sum(after == before for before, after in steps),
        overdue=sum(before <= now for before, _ in steps), saved=sum((each.saved for each in moving), Decimal("0.00")),
        shown=moving[:SHOWN],
    )  # fmt: skip


def _saved(book: ShopBook, order: Standing, after: datetime | None, until: datetime) -> Decimal:
    """What the order would cost if it left at `until` under its deadline of today, less what it costs under the new."""
    if order.paid_at is None:
        return Decimal("0.00")
    hours = order.promise_hours if order.promise_hours is not None else book.shop.promise_hours

    def late(deadline: datetime | None) -> Decimal:
        if deadline is None or until <= deadline:
            return Decimal("0.00")
        return at_stake(order.item_amount, deadline, book.of_order(order), now=until, promise_hours=hours)

    return max(late(order.deadline) - late(after), Decimal("0.00"))


@transaction.atomic
def withdraw(actor: Actor, report_id: int, *, now: datetime) -> None:
    """Take back a report that waits for its answer. Refusals: `not_permitted`, `report_unknown`, `report_answered`."""
    actor.require("report_delays")
    _close(actor, actor.shop_id, report_id, "withdrawn", "", now=now)


def cover_new(shop_id: int, order_ids: Sequence[int], *, now: datetime) -> int:
    """Orders that came in or were paid: those under a report that was approved ahead of time may wait until its time.

    Within the caller's transaction, which holds the shop's turn to import. How many deadlines it decided anew.
    """
    found = reports.coming(shop_id, order_ids) if order_ids else []
    for (report_id, until), rows in groupby(sorted(found, key=_by_report), key=_by_report):
        held = tasks.hold(shop_id, [row.id for row in rows])
        _move(Actor(shop_id, None, PLATFORM), held, until, report_id, now=now)
    return len(found)


def _by_report(row: Any) -> tuple[int, datetime]:
    return row.report_id, row.until


def _move(who: Actor, held: Sequence[int], until: datetime, report_id: int, *, now: datetime) -> int:
    reports.note(who.shop_id, report_id, held)
    moved = orders.let_wait(who.shop_id, held, until, ground="reported", now=now)
    deadlines.recompute(who.shop_id, [row.id for row in moved], now=now)
    told = [
        Moved(order_id=row.id, before={"until": row.until.isoformat() if row.until else None},
              after={"until": until.isoformat(), "report": report_id}) for row in moved
    ]  # fmt: skip
    return journal.append(who, "order.reported", told, now=now)


def approve(platform: PlatformActor, shop_id: int, report_id: int, *, now: datetime, reason: str = "") -> int:
    """Approve a report: its orders that wait may ship until its time; how many deadlines that moved.

    Refusals: `report_unknown`, `report_answered`.
    """
    who = Actor(shop_id, None, platform.name)
    with transaction.atomic():
        imports.take_turn(shop_id)  # orders that are coming in either stand already or find the report approved
        report = _close(who, shop_id, report_id, "approved", reason, now=now)
        return _move(who, tasks.hold(shop_id, reports.covered(shop_id, report)), report.until, report_id, now=now)


def reject(platform: PlatformActor, shop_id: int, report_id: int, *, now: datetime, reason: str = "") -> None:
    """Reject a report, saying why; it changes nothing. Refusals: `report_unknown`, `report_answered`."""
    with transaction.atomic():
        _close(Actor(shop_id, None, platform.name), shop_id, report_id, "rejected", reason, now=now)


def _close(who: Actor, shop_id: int, report_id: int, status: str, reason: str, *, now: datetime) -> Any:
    report = reports.lock(shop_id, report_id)
    if report is None:
        raise Refusal.of("report_unknown")
    if report.status != "filed":
        raise Refusal.of("report_answered")
    reports.answer(shop_id, report_id, status, by=who.name, answer=reason.strip()[:500], now=now)
    told = [Moved(before={"status": "filed"}, after={"status": status, "report": report_id})]
    journal.append(who, f"report.{status}", told, now=now)
    return report
