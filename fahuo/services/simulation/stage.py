"""The stage of one story: a shop with its people and orders, made by the same services that serve real ones."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from django.contrib.auth import get_user_model

from fahuo.rules.orders import OrderDraft, OrderStatus
from fahuo.rules.people import Actor, BuyerActor, PlatformActor
from fahuo.rules.scenarios import Order, Scenario
from fahuo.rules.urges import Urge
from fahuo.services import people, placing, reminders
from fahuo.store import people as accounts
from fahuo.store.models import Shop

MAIN: Final = "主账号"
STAFF_MAY: Final = ("tasks", "ship", "messages")
"""What a sub-account of a story holds: 平台任务, and what it needs to act on one."""
PLATFORM: Final = PlatformActor()


@dataclass
class Stage:
    """A shop on stage. What was asked last of each order is kept here, for no table holds it."""

    scenario: Scenario
    rulebook: str
    owner: Actor
    staff: dict[str, Actor] = field(default_factory=dict)
    orders: dict[str, int] = field(default_factory=dict)
    """The story's name of an order -> its id."""
    reports: dict[str, int] = field(default_factory=dict)
    """The story's name of a delay report -> its id; one whose filing was refused is missing."""
    urges: dict[str, Urge] = field(default_factory=dict)
    """Order -> what the last urge came to."""
    refused: dict[str, bool] = field(default_factory=dict)
    """Order -> whether the last event on it was refused."""

    @property
    def shop_id(self) -> int:
        return self.owner.shop_id

    def told(self, name: str) -> Order:
        return next(order for order in self.scenario.orders if order.id == name)

    def buyer(self, name: str) -> BuyerActor:
        """The buyer of an order."""
        return BuyerActor(self.shop_id, self.told(name).buyer)

    def actor(self, name: str | None) -> Actor:
        """The main account, or the sub-account of that name."""
        return self.owner if name is None else self.staff[name]

    def without(self, name: str, permission: str) -> Actor:
        """The same sub-account, or one that serves the shop and may do nothing, without that permission."""
        found = self.staff.get(name) or Actor(self.shop_id, None, name)
        return replace(found, permissions=found.permissions - {permission})


def set_up(scenario: Scenario, rulebook: str, *, now: datetime) -> Stage:
    """The shop with its people and its orders, which nobody has paid yet."""
    main = get_user_model()._default_manager.create(username=MAIN)
    owner = people.create_shop(
        "story", "story", owner=main.get_username(), password=None, platform=rulebook, now=now,
        tasks_here=True,
    )  # fmt: skip
    Shop.objects.filter(id=owner.shop_id).update(ship_from=scenario.ship_from)
    stage = Stage(scenario, rulebook, owner)
    for place, name in enumerate(scenario.staff, 1):
        stage.staff[name] = _sub_account(owner, f"{MAIN}:{place}", name, now=now)
    stage.orders = _import(owner, ((order, "awaiting_payment") for order in scenario.orders), now=now)
    return stage


def pay(stage: Stage, orders: Iterable[Order], *, now: datetime) -> None:
    """These orders were paid: the marketplace's list says so now."""
    _import(stage.owner, ((order, "awaiting_shipment") for order in orders), now=now)


def _sub_account(owner: Actor, username: str, name: str, *, now: datetime) -> Actor:
    """A sub-account that holds 平台任务 and subscribes to 待办通知."""
    user = get_user_model()._default_manager.create(username=username)
    member_id = accounts.add_member(owner.shop_id, user.pk, name, permissions=STAFF_MAY, now=now)
    actor = Actor(owner.shop_id, member_id, name, permissions=frozenset(STAFF_MAY))
    reminders.subscribe(actor, now=now)
    return actor


def _import(owner: Actor, told: Iterable[tuple[Order, OrderStatus]], *, now: datetime) -> dict[str, int]:
    """Take these orders in as an order list would bring them; name -> id."""
    return placing.take_in(owner, [_draft(order, status, now) for order, status in told], now=now)


def _draft(order: Order, status: OrderStatus, now: datetime) -> OrderDraft:
    paid = status != "awaiting_payment"
    return OrderDraft(
        number=order.id, status=status, kind=order.kind, buyer=order.buyer, item_amount=order.price,
        paid_amount=order.price, region=order.ship_to, title=order.id, ordered_at=min(now, order.paid_at),
        paid_at=order.paid_at if paid else None, promise_hours=order.promise_hours,
        promised_until=order.promised_until,
    )  # fmt: skip
