"""Complaints: opened by the buyer (or by the platform for him, see `timers`), settled, decided or withdrawn.

What one costs is decided when it closes, from all that was upheld or settled before over orders of the same buyer paid
on the same day; the shop's books are held meanwhile, so that two verdicts never count past each other.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Final, NamedTuple

from django.db import transaction

from fahuo.rules import complaints as rules
from fahuo.rules import penalties
from fahuo.rules.complaints import Cost
from fahuo.rules.penalties import Upheld
from fahuo.rules.people import Actor, BuyerActor, PlatformActor
from fahuo.rules.policy import Version
from fahuo.rules.problems import Problem, Refusal
from fahuo.services import tasks
from fahuo.services.shopbook import ShopBook
from fahuo.store import complaints, evidence, journal
from fahuo.store import tasks as task_store
from fahuo.store.journal import Moved

STATEMENT: Final = 1000
"""Characters of what a verdict says."""


@dataclass(frozen=True, slots=True)
class Picture:
    """What a verdict was decided on: the complaint, what it would cost, and the last that was put on record."""

    complaint_id: int
    cost: Cost
    evidence_id: int = 0


@dataclass(frozen=True, slots=True)
class Working:
    """What a verdict would cost, and how that comes about."""

    cost: Cost
    penalty: penalties.Working
    version: Version


@transaction.atomic
def open_by_buyer(buyer: BuyerActor | Actor, order_id: int, *, kind: str, now: datetime) -> int:
    """The buyer complains (or the shop notes that he did); the complaint's id.

    Refusals: `order_unknown`, `complaint_kind`, `complaint_unpaid`, `complaint_open_already`.
    """
    if isinstance(buyer, Actor):
        buyer.require("answer_tasks")
    order = tasks.hold(buyer.shop_id, order_id, now=now, buyer=buyer if isinstance(buyer, BuyerActor) else None)
    wrong = rules.check_open(kind, paid=order.paid_at is not None, complaint_open=order.complaint_id is not None)
    if wrong:
        raise Refusal(wrong)
    made = complaints.add(
        buyer.shop_id, order_id, task_id=None, kind=kind, opened_by="buyer", now=now,
        rulebook=ShopBook.of(buyer.shop_id).of_order(order).id,
    )  # fmt: skip
    if made is None:
        raise Refusal.of("complaint_open_already")
    _tell(buyer.shop_id, buyer, "complaint.opened", order_id, {"kind": kind}, now=now)
    return made


@transaction.atomic
def settle(actor: Actor, order_id: int, *, now: datetime) -> Cost:
    """The seller compensates before the verdict: what an upheld one would have paid, and points every third time.

    Refusals: `not_permitted`, `order_unknown`, `complaint_none_open`.
    """
    actor.require("settle_complaints")
    return _close(actor.shop_id, order_id, "settle", "seller", actor, now=now)


@transaction.atomic
def adjudicate(
    platform: PlatformActor, shop_id: int, order_id: int, *, verdict: str, now: datetime, statement: str = "",
    shown: Picture | None = None,
) -> Cost:  # fmt: skip
    """The platform decides the order's open complaint: `upheld` or `dismissed`, and says why; what that costs.

    `shown` is the picture on which it was decided (`picture_of`): a verdict over anything else, or without a reason, is
    refused. Refusals: `verdict_unknown`, `statement_missing`, `statement_long`, `order_unknown`, `complaint_none_open`, `complaint_other`, `verdict_changed`.
    """
    act = rules.VERDICTS.get(verdict)
    if act is None:
        raise Refusal.of("verdict_unknown", verdict=verdict[:40])
    if len(statement) > STATEMENT:
        raise Refusal.of("statement_long", most=STATEMENT)
    if shown is not None and not statement.strip():
        raise Refusal.of("statement_missing")
    return _close(shop_id, order_id, act, "platform", platform, now=now, statement=statement.strip(), shown=shown)


@transaction.atomic
def withdraw(buyer: BuyerActor | Actor, order_id: int, *, now: datetime) -> None:
    """The buyer takes his complaint back (or the shop notes that he did).

    Refusals: `order_unknown`, `complaint_none_open`.
    """
    if isinstance(buyer, Actor):
        buyer.require("answer_tasks")
    _close(buyer.shop_id, order_id, "withdraw", "buyer", buyer, now=now)


def cost_of(shop_id: int, order_id: int, *, verdict: str, now: datetime) -> Cost | None:
    """What closing the open complaint as `settled` or `upheld` would cost now; None where none is open."""
    order = next(iter(task_store.orders(shop_id, [order_id])), None)
    found = [row for row in complaints.of_order(shop_id, order_id) if row.status == "open"]
    return price_of(ShopBook.of(shop_id), order, found[0].kind, verdict) if order and found else None


def price_of(book: ShopBook, order: Any, kind: str, status: Any) -> Cost:
    """What a complaint of that kind over the order costs that closes as `status` now."""
    return working_of(book, order, kind, status).cost


def working_of(book: ShopBook, order: Any, kind: str, status: Any) -> Working:
    """What a complaint of that kind over the order costs that closes as `status` now, and why."""
    day = order.paid_at.astimezone(book.zone).date()
    previous = [
        Upheld(str(row.order_id), row.kind, row.item_amount, row.promised)
        for row in complaints.previous(book.shop_id, order.buyer, day, order.id)
    ]
    item = Upheld(str(order.id), kind, order.item_amount, order.promised)  # type: ignore[arg-type]  # of rules.KINDS
    version = book.of_order(order)
    settled = complaints.settled(book.shop_id) if status == "settled" else 0
    cost = rules.cost(status, previous, item, version, settled_before=settled)
    return Working(cost, penalties.working(previous, item, version), version)


def picture_of(shop_id: int, order_id: int) -> tuple[Picture, Working] | None:
    """The order's open complaint as it stands now, with what upholding it would cost and why; None where none is open."""
    order = next(iter(task_store.orders(shop_id, [order_id])), None)
    if order is None or order.complaint_id is None:
        return None
    kind = next(row.kind for row in complaints.of_order(shop_id, order_id) if row.id == order.complaint_id)
    found = working_of(ShopBook.of(shop_id), order, kind, "upheld")
    return Picture(order.complaint_id, found.cost, _last_evidence(shop_id, order_id)), found


def check_picture(shop_id: int, order_id: int, shown: Picture) -> None:
    """Refuse a picture that is not the present one: `complaint_none_open`, `complaint_other`, `verdict_changed`."""
    found = picture_of(shop_id, order_id)
    if found is None:
        raise Refusal.of("complaint_none_open")
    _compare(shown, found[0])


def _compare(shown: Picture, present: Picture) -> None:
    if shown.complaint_id != present.complaint_id:
        raise Refusal.of("complaint_other")
    if shown != present:
        raise Refusal.of("verdict_changed")


def prices(rows: Sequence[Any]) -> dict[int, Cost]:
    """What upholding each of these open complaints would cost now: id -> cost. `rows` as the platform's desk lists them."""
    books: dict[int, ShopBook] = {}
    found = {}
    for row in rows:
        if row.shop_id not in books:
            books[row.shop_id] = ShopBook.of(row.shop_id)
        order = _Priced(row.order_id, row.buyer, row.paid_at, row.item_amount, row.promised)
        found[row.id] = price_of(books[row.shop_id], order, row.kind, "upheld")
    return found


class _Priced(NamedTuple):
    """What the price of a complaint needs of an order."""

    id: int
    buyer: str
    paid_at: datetime
    item_amount: Decimal
    promised: int | None


def _last_evidence(shop_id: int, order_id: int) -> int:
    return max((row.id for row in evidence.of_order(shop_id, order_id)), default=0)


def _close(
    shop_id: int, order_id: int, act: rules.Act, party: rules.Party, who: Actor | BuyerActor | PlatformActor, *,
    now: datetime, statement: str = "", shown: Picture | None = None,
) -> Cost:  # fmt: skip
    order = tasks.hold(shop_id, order_id, now=now, buyer=who if isinstance(who, BuyerActor) else None)
    complaints.hold_books(shop_id)
    standing = complaints.open_of(shop_id, order_id)
    after = rules.close(standing.status if standing else None, act, party)
    if isinstance(after, Problem):
        raise Refusal(after)
    assert standing is not None  # the rules close only what is open
    book = ShopBook.of(shop_id)
    cost = price_of(book, order, standing.kind, after)
    if shown is not None:
        price = price_of(book, order, standing.kind, "upheld")
        _compare(shown, Picture(standing.id, price, _last_evidence(shop_id, order_id)))
    actor, member_id = _name(who)
    complaints.close(
        shop_id, standing.id, after, owes=after in rules.PAYS, amount=cost.compensation, points=cost.points,
        buyer=order.buyer, day=order.paid_at.astimezone(book.zone).date(),
        by=actor, statement=statement, now=now,
    )  # fmt: skip
    tasks.closed_complaint(shop_id, order_id, actor=actor, member_id=member_id, now=now)
    told = {"kind": standing.kind, "compensation": str(cost.compensation), "points": cost.points}
    _tell(shop_id, who, f"complaint.{after}", order_id, told, now=now)
    return cost


def _name(who: Actor | BuyerActor | PlatformActor) -> tuple[str, int | None]:
    if isinstance(who, Actor):
        return who.name, who.member_id
    return (who.name if isinstance(who, PlatformActor) else tasks.BUYER), None


def _tell(
    shop_id: int, who: Actor | BuyerActor | PlatformActor, act: str, order_id: int, after: dict[str, Any], *,
    now: datetime,
) -> None:  # fmt: skip
    name, member_id = _name(who)
    journal.append(Actor(shop_id, member_id, name), act, [Moved(order_id=order_id, after=after)], now=now)


def owed(shop_id: int, order_id: int) -> Cost:
    """What an order has cost so far: CNY owed to the buyer, and points."""
    rows = complaints.ledger(shop_id, [order_id])
    return Cost(sum((row.amount for row in rows), Decimal("0.00")), sum(row.points for row in rows))
