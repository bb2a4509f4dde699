"""What a marketplace's list tells of shipping and refunds settles the tasks here."""

from datetime import datetime

import pytest

from fahuo.rules.people import Actor
from fahuo.services import orders, tasks
from fahuo.store.models import Shop
from tests.services import lists
from tests.services.aftersales import HOUR, complaint, state
from tests.services.importing import get, holds_together, take_in

pytestmark = pytest.mark.django_db
LATE = datetime.fromisoformat("2026-03-03T12:00:00+08:00")


def urged(actor: Actor) -> list[int]:
    take_in(actor, lists.as_csv([lists.order(n) for n in (1, 2, 3)]))
    found = [get(actor, n).id for n in (1, 2, 3)]
    for order in found:
        assert orders.urge(actor, order, now=LATE)
    assert [state(actor.shop_id, order) for order in found] == ["awaiting_seller_reply"] * 3
    return found


def told(actor: Actor, now: datetime) -> None:
    """The next list: the first was shipped, the second closed, the third still waits."""
    rows = [
        lists.order(1, 订单状态=lists.SENT, 物流公司="中通快递", 物流单号="No:75000000000011"),
        lists.order(2, 订单状态=lists.SHUT, 退款金额="59.90"),
        lists.order(3, 订单备注="催"),
    ]
    take_in(actor, lists.as_csv(rows), now=now)
    holds_together(actor.shop_id)


def test_a_list_settles_tasks(owner: Actor) -> None:
    found = urged(owner)
    told(owner, LATE + HOUR)
    assert [state(owner.shop_id, order) for order in found] == ["completed", "completed", "awaiting_seller_reply"]


def test_a_list_that_comes_after_the_due_instant_comes_too_late(owner: Actor) -> None:
    found = urged(owner)
    told(owner, LATE + 25 * HOUR)
    tasks.run_due(None, now=LATE + 25 * HOUR)
    assert [state(owner.shop_id, order) for order in found] == ["platform_intervention"] * 3
    assert [complaint(owner.shop_id, order) for order in found] == ["open"] * 3


def test_a_list_makes_no_tasks_where_the_marketplace_keeps_them(shop: Shop, owner: Actor) -> None:
    Shop.objects.filter(id=shop.id).update(tasks_here=False)
    take_in(owner, lists.as_csv([lists.order(1)]))
    assert orders.urge(owner, get(owner, 1).id, now=LATE)
    assert state(shop.id, get(owner, 1).id) == "none"
