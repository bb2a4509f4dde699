"""What only a demo has: goods to order and pay for, and a clock that can be moved ahead.

An order is paid now, or some days ago so that its deadline has passed already. Moving the clock stops at every instant
at which something is due, in order, as a clock that comes late does.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from django.conf import settings

from fahuo.rules.orders import OrderDraft
from fahuo.rules.people import Actor, BuyerActor
from fahuo.rules.problems import Refusal
from fahuo.services import moment, placing, reminders, tasks, watchdogs
from fahuo.store import clock
from fahuo.store import people as accounts

GRACE: Final = timedelta(seconds=2)
"""The clock fires so long after a due instant; moving to one goes just past that."""
MOST_STOPS: Final = 500
MOVER: Final = "demo"
"""Whose heartbeat it is when the demo's clock was moved by hand."""


@dataclass(frozen=True, slots=True)
class Goods:
    """A sample article: its key, words, and price (CNY)."""

    key: str
    zh: str
    en: str
    price: Decimal
    icon: str


GOODS: Final = (
    Goods("cup", "手工陶瓷马克杯 350ml", "Handmade ceramic mug, 350 ml", Decimal("59.00"), "coffee"),
    Goods("cloth", "亚麻桌布 防水防油", "Linen tablecloth, water-repellent", Decimal("128.00"), "grid-2x2"),
    Goods("tea", "桂花乌龙茶 250g", "Osmanthus oolong tea, 250 g", Decimal("88.50"), "leaf"),
    Goods("chair", "实木折叠椅 两把装", "Folding chairs of solid wood, two", Decimal("699.00"), "armchair"),
)
AGO: Final = (0, 3, 6)
"""Days before now at which a sample order may be paid: in time, late, and late enough to be out of stock."""


def require_demo() -> None:
    """Refusal `demo_only` outside a demo."""
    if not settings.DEMO:
        raise Refusal.of("demo_only")


def shops() -> list[Any]:
    """The demo's shops (id, code, name, platform) that keep their tasks here."""
    require_demo()
    return accounts.task_shops()


def place(buyer: BuyerActor, *, goods: str, days_ago: int, now: datetime) -> int:
    """Order and pay for one article, now or some days ago; the order's id. Refusals: `demo_only`, `goods_unknown`."""
    require_demo()
    found = next((each for each in GOODS if each.key == goods), None)
    if found is None or days_ago not in AGO:
        raise Refusal.of("goods_unknown")
    paid_at = now - timedelta(days=days_ago)
    number = f"88{now:%y%m%d%H%M%S}{secrets.randbelow(10**6):06}"
    draft = OrderDraft(
        number=number, status="awaiting_shipment", buyer=buyer.name, receiver="样例收件人", phone="17000000001",
        province="上海市", city="上海市", district="徐汇区", region="310104", address="样例路8号2栋301室",
        item_amount=found.price, paid_amount=found.price, title=found.zh, ordered_at=paid_at, paid_at=paid_at,
    )  # fmt: skip
    return placing.take_in(Actor(buyer.shop_id, None, tasks.BUYER), [draft], now=now)[number]


def next_due(*, now: datetime) -> datetime | None:
    """When time does something next in any shop of the demo."""
    require_demo()
    found = (tasks.next_moment(shop_id, now=now) for shop_id in clock.shops())
    return min((at for at in found if at is not None), default=None)


def move(by: timedelta | None, *, now: datetime) -> datetime:
    """Let the demo's clock run ahead by `by`, or (None) just past the next due instant; the moment it shows then.

    Whatever falls due on the way happens at its own moment. Refusals: `demo_only`, `clock_backwards`, `clock_too_far`,
    `nothing_due`.
    """
    require_demo()
    due = next_due(now=now)
    if by is None:
        if due is None:
            raise Refusal.of("nothing_due")
        by = max(due - now, timedelta()) + GRACE
    target = now + by
    for _ in range(MOST_STOPS):
        at = next_due(now=target)
        if at is None or at > target or not _fire(at):
            break
    shown = moment.advance(by)
    clock.tick(MOVER, now=shown)  # what was due is done: no clock is late for the hours that were skipped
    return shown


def _fire(at: datetime) -> int:
    """Everything that time does at an instant; how much that was."""
    return sum(
        run(shop_id, now=at)
        for shop_id in clock.shops()
        for run in (reminders.run_due, tasks.run_due, watchdogs.run_due)
    )
