"""A shop with staff and paid orders for stories of urges, tasks and complaints."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from fahuo.rules.people import Actor, BuyerActor, PlatformActor
from fahuo.services import reminders, tasks
from fahuo.services.deadlines import recompute
from fahuo.store.models import Complaint, Order, Reminder, Shop, Task, TaskEvent
from tests.conftest import make_account
from tests.services.shipping import make_order

PAID = datetime.fromisoformat("2022-08-10T10:00:00+08:00")
"""The payment of every order here, unless told otherwise; its deadline is two days later."""
HOUR = timedelta(hours=1)
PLATFORM = PlatformActor()


def at(text: str) -> datetime:
    """A moment of August 2022 in Shanghai: "12 15:00"."""
    day, clock = text.split()
    return datetime.fromisoformat(f"2022-08-{day}T{clock}+08:00")


def paid(
    shop_id: int, n: int, *, price: str = "300.00", buyer: str = "b1", paid_at: datetime = PAID, **fields: Any
) -> int:  # fmt: skip
    """A paid order with the deadline that its facts give; its id."""
    order_id = make_order(shop_id, n, now=paid_at, buyer=buyer, **fields)
    Order.objects.filter(shop_id=shop_id, id=order_id).update(
        item_amount=Decimal(price), paid_amount=Decimal(price), paid_at=paid_at
    )
    recompute(shop_id, [order_id], now=paid_at)
    return order_id


def buyer(shop_id: int, name: str = "b1") -> BuyerActor:
    return BuyerActor(shop_id, name)


LATE = at("12 15:00")


def late(shop_id: int, n: int, *, now: datetime = LATE, name: str = "b1", **fields: Any) -> int:
    """A paid order that was urged after its deadline, so that it has a task."""
    order_id = paid(shop_id, n, buyer=name, **fields)
    assert tasks.press_urge(buyer(shop_id, name), order_id, now=now).outcome == "task"
    return order_id


def clerk(shop: Shop, name: str, *, permissions: tuple[str, ...] = ("tasks",), now: datetime = PAID) -> Actor:
    """A sub-account that subscribed to 待办通知."""
    actor = make_account(shop, name, permissions=permissions).actor
    reminders.subscribe(actor, now=now)
    return actor


def task(shop_id: int, order_id: int) -> Task:
    """The newest task of an order."""
    return Task.objects.filter(shop_id=shop_id, order_id=order_id).order_by("-id")[0]


def state(shop_id: int, order_id: int) -> str:
    found = Task.objects.filter(shop_id=shop_id, order_id=order_id).order_by("-id").first()
    return found.state if found else "none"


def complaint(shop_id: int, order_id: int) -> str:
    found = Complaint.objects.filter(shop_id=shop_id, order_id=order_id).order_by("-id").first()
    return found.status if found else "none"


def steps(shop_id: int, order_id: int) -> list[tuple[str, str, str]]:
    """(from, event, to) of everything that happened to an order's tasks."""
    found = TaskEvent.objects.filter(shop_id=shop_id, order_id=order_id).order_by("id")
    return list(found.values_list("from_state", "event", "to_state"))


def given(shop_id: int, status: str = "delivered") -> list[datetime]:
    """When reminders of that status fell due."""
    return list(Reminder.objects.filter(shop_id=shop_id, status=status).order_by("at").values_list("at", flat=True))
