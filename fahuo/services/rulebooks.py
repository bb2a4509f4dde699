"""Rules that change while shops work: check an addition, ask it of last month, schedule it, withdraw it in time.

The platform's book is the platform's. A shop sets a book of its own only where a marketplace elsewhere judges its tasks
(`tasks_here` is off): there it copies that marketplace's rules. What is scheduled counts for orders that are paid from
its instant on; what was judged stays.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from django.db import transaction

from fahuo.rules import penalties, urges
from fahuo.rules import rulebooks as rules
from fahuo.rules.deadlines import Facts, deadline_of
from fahuo.rules.penalties import Upheld
from fahuo.rules.people import Actor, PlatformActor
from fahuo.rules.policy import RuleBook
from fahuo.rules.problems import Refusal
from fahuo.rules.rulebooks import Addition
from fahuo.rules.urges import UrgeFacts
from fahuo.store import journal, rulebooks
from fahuo.store.journal import Moved
from fahuo.store.models import Shop

MONTH: Final = timedelta(days=30)
MOST: Final = 20_000
"""So many orders, the newest, are asked what they would have come to."""
SHOWN: Final = 200
Who = PlatformActor | Actor


@dataclass(frozen=True, slots=True)
class Checked:
    """An addition that may be scheduled. `stands` names what it was checked beside, so that nothing comes between."""

    addition: Addition
    platform: str
    shop_id: int | None
    stands: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an order comes to under a book. `risk`: what a complaint about its delay would cost (CNY), if it was late.
    `cost` and `points`: what its complaints have cost."""

    deadline: datetime | None
    late: bool
    task: bool
    risk: Decimal
    cost: Decimal
    points: int


@dataclass(frozen=True, slots=True)
class Row:
    """One order that would have come to something else. `order` is as `store.rulebooks.paid` has it."""

    order: Any
    before: Outcome
    after: Outcome


@dataclass(frozen=True, slots=True)
class Replay:
    """Last month's orders under the rules as they were, and as they would have been. `more`: there were others that were
    not asked; `rows`: the first of those that differ, of which there are `differ`."""

    orders: int
    more: bool
    before: Outcome
    """Sums: `late` and `task` are counted in `lates` and `tasks`."""
    after: Outcome
    lates: tuple[int, int]
    tasks: tuple[int, int]
    differ: int
    rows: tuple[Row, ...]


def of_platform(platform: str) -> tuple[RuleBook, list[Any]]:
    """A platform's book, and what was added to it for all its shops. Refusal `policy_unknown`."""
    return rulebooks.book(platform), rulebooks.additions(platform)


def of_shop(shop_id: int) -> tuple[RuleBook, list[Any]]:
    """The book that a shop lives under, and what was added to it, for all shops or for this one."""
    platform = Shop.objects.get(id=shop_id).platform
    return rulebooks.book(platform, shop_id), rulebooks.additions(platform, shop_id)


def check(who: Who, text: str, *, platform: str = "", shop_id: int | None = None, now: datetime) -> Checked:
    """Check an addition to the book of `platform`, or (`shop_id`; an Actor's own shop) of one shop.

    Refusals: `not_permitted`, `rulebook_of_platform`, and what `rules.rulebooks.add` says.
    """
    platform, shop_id = _place(who, platform, shop_id)
    rows = rulebooks.additions(platform, shop_id)
    known = [row for row in rows if row.withdrawn_at is None]
    added = rules.add(text, platform=platform, known=[row.body for row in known], now=now)
    return Checked(added, platform, shop_id, ",".join(str(row.id) for row in known))


def _place(who: Who, platform: str, shop_id: int | None) -> tuple[str, int | None]:
    """Of which platform, and of which shop (None: of all), the book is."""
    if isinstance(who, PlatformActor):
        return (Shop.objects.get(id=shop_id).platform if shop_id else platform), shop_id
    who.require("configure_shop")
    shop = Shop.objects.get(id=who.shop_id)
    if shop.tasks_here:
        raise Refusal.of("rulebook_of_platform")
    return shop.platform, int(shop.id)


@transaction.atomic
def schedule(
    who: Who, text: str, *, platform: str = "", shop_id: int | None = None, stands: str | None = None, now: datetime
) -> int:
    """Let an addition take force at its time; its id. `stands`: as `check` told it, when somebody has looked at it.

    Refusals as `check`, and `rulebook_moved` when the book has changed since.
    """
    platform, shop_id = _place(who, platform, shop_id)
    rulebooks.hold(platform)
    found = check(who, text, platform=platform, shop_id=shop_id, now=now)
    if stands is not None and stands != found.stands:
        raise Refusal.of("rulebook_moved")
    added = found.addition
    made = rulebooks.add(
        platform, shop_id, name=added.name, starts_at=added.starts_at, body=text, by=who.name, now=now
    )  # fmt: skip
    _told(who, shop_id, "rules.scheduled", made, added.name, added.starts_at, now=now)
    return made


@transaction.atomic
def withdraw(who: Who, addition_id: int, *, now: datetime) -> bool:
    """Take back what was scheduled, before it takes force; False when it was taken back already.

    Refusals: `not_permitted`, `rulebook_unknown`, `rulebook_in_force` and `rulebook_not_last` (data `name`).
    """
    if isinstance(who, Actor):
        who.require("configure_shop")
    row = rulebooks.lock(addition_id)
    if row is None or (isinstance(who, Actor) and row.shop_id != who.shop_id):
        raise Refusal.of("rulebook_unknown")
    if row.withdrawn_at is not None:
        return False
    if row.starts_at <= now:
        raise Refusal.of("rulebook_in_force", name=row.name)
    rulebooks.hold(row.platform)
    later = [
        other for other in rulebooks.additions(row.platform, row.shop_id, every=row.shop_id is None)
        if other.withdrawn_at is None and (other.starts_at, other.id) > (row.starts_at, row.id)
    ]  # fmt: skip
    if later:
        raise Refusal.of("rulebook_not_last", name=later[-1].name)
    rulebooks.withdraw(addition_id, by=who.name, now=now)
    _told(who, row.shop_id, "rules.withdrawn", addition_id, row.name, row.starts_at, now=now)
    return True


def _told(
    who: Who, shop_id: int | None, act: str, addition_id: int, name: str, starts_at: datetime, *, now: datetime
) -> None:
    """A shop's journal tells of its own book; the platform's additions are their own record."""
    if shop_id is not None:
        actor = who if isinstance(who, Actor) else Actor(shop_id, None, who.name)
        after = {"addition": addition_id, "name": name, "at": starts_at.isoformat()}
        journal.append(actor, act, [Moved(after=after)], now=now)


def replay(checked: Checked, *, now: datetime) -> Replay:
    """What the orders that were paid within the last MONTH would have come to, had the addition been in force."""
    asked = checked.platform, checked.shop_id, now - MONTH, now
    found = rulebooks.paid(*asked, most=MOST + 1)
    more, found = len(found) > MOST, found[:MOST]
    old, new = rulebooks.book(checked.platform, checked.shop_id), rules.supposed(checked.addition)
    entries = rulebooks.cost(*asked, most=MOST)
    before, after = ([_outcome(order, book, now=now) for order in found] for book in (old, new))
    late = {(order.shop_id, order.id): one.late for order, one in zip(found, after, strict=True)}
    actual = _sums({(row.shop_id, row.order_id): (Decimal("0.00"), 0) for row in entries}, entries)
    then = _recounted(entries, new, late)
    rows = [
        Row(order, _with(one, actual.get((order.shop_id, order.id))), _with(other, then.get((order.shop_id, order.id))))
        for order, one, other in zip(found, before, after, strict=True)
    ]
    differ = [row for row in rows if row.before != row.after]
    return Replay(
        len(found), more, _total([row.before for row in rows]), _total([row.after for row in rows]),
        (sum(row.before.late for row in rows), sum(row.after.late for row in rows)),
        (sum(row.before.task for row in rows), sum(row.after.task for row in rows)), len(differ), tuple(differ[:SHOWN]),
    )  # fmt: skip


def _outcome(order: Any, book: RuleBook, *, now: datetime) -> Outcome:
    facts = Facts(
        paid_at=order.paid_at, kind=order.kind, promise_hours=order.promise, promised_until=order.promised_until,
        channel_deadline=order.channel_deadline, reported_until=order.reported_until, agreed_until=order.agreed_until,
        ship_to=order.region, ship_from=order.ship_from, zone=order.time_zone,
    )  # fmt: skip
    deadline = deadline_of(facts, book)[0]
    if deadline is None:
        return Outcome(None, False, False, penalties.NOTHING, penalties.NOTHING, 0)
    done = order.shipped_at or order.closed_at or now
    late = done > deadline
    task = order.urged_at is not None and _makes_task(order, deadline, book)
    version = book.at(order.paid_at)
    risk = penalties.compensation("delay", order.item_amount, version, promise_hours=order.promised)
    return Outcome(deadline, late, task, risk if late else penalties.NOTHING, penalties.NOTHING, 0)


def _makes_task(order: Any, deadline: datetime, book: RuleBook) -> bool:
    """Whether the last urge would make a task, had it been the first."""
    facts = UrgeFacts(
        status="awaiting_shipment", deadline=deadline, kind=order.kind, complaint_open=True,
        reported_until=order.reported_until, ship_to=order.region, ship_from=order.ship_from, zone=order.time_zone,
    )  # fmt: skip
    return urges.decide(facts, book, now=order.urged_at).makes_task


Costs = dict[tuple[int, int], tuple[Decimal, int]]


def _sums(found: Costs, entries: list[Any]) -> Costs:
    for row in entries:
        amount, points = found[row.shop_id, row.order_id]
        found[row.shop_id, row.order_id] = amount + row.amount, points + row.points
    return found


def _recounted(entries: list[Any], book: RuleBook, late: dict[tuple[int, int], bool]) -> Costs:
    """What the ledger would say under a book: a buyer's day is added up anew; who was not late pays nothing for it."""
    days: dict[tuple[Any, ...], list[Upheld]] = {}
    found: Costs = {}
    for row in entries:
        key = row.shop_id, row.order_id
        amount, points = found.get(key, (penalties.NOTHING, 0))
        if row.kind == "false_shipping" or late.get(key, True):
            version = book.at(row.paid_at)
            alone = row.buyer or str(row.order_id)
            day = days.setdefault((row.shop_id, alone, row.paid_day, row.kind), [])
            item = Upheld(str(row.order_id), row.kind, row.item_amount, row.promised)
            amount += penalties.owed(day, item, version)
            points += version.points.upheld if row.points else 0
            day.append(item)
        found[key] = amount, points
    return found


def _with(outcome: Outcome, cost: tuple[Decimal, int] | None) -> Outcome:
    if cost is None:
        return outcome
    return Outcome(outcome.deadline, outcome.late, outcome.task, outcome.risk, *cost)


def _total(found: list[Outcome]) -> Outcome:
    nothing = penalties.NOTHING
    return Outcome(
        None, any(one.late for one in found), any(one.task for one in found), sum((one.risk for one in found), nothing),
        sum((one.cost for one in found), nothing), sum(one.points for one in found),
    )  # fmt: skip
