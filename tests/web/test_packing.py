"""The packing plan in pages: the dear one first, a pace that can be typed wrong, and a batch in just that order."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from fahuo.rules.people import Actor, BuyerActor
from fahuo.services import packing, tasks
from fahuo.store.models import Backlog, BatchRow, Order, Shop
from tests.services.shipping import make_order, order_number


@pytest.fixture
def now() -> datetime:
    """The pages live now."""
    return datetime.now(UTC)


@pytest.fixture
def client(owner_account: Any) -> Client:
    client = Client()
    client.force_login(owner_account.user)
    return client


def due(shop: Shop, n: int, now: datetime, *, hours: float, price: int, **fields: Any) -> int:
    order = make_order(shop.id, n, now=now, **fields)
    at = now + timedelta(hours=hours)
    Order.objects.filter(shop_id=shop.id, id=order).update(
        deadline=at, item_amount=price, paid_at=at - timedelta(days=2)
    )
    Backlog.objects.filter(shop_id=shop.id, order_id=order).update(deadline=at)
    return order


def test_the_dear_order_is_packed_before_the_one_that_is_due_first(
    shop: Shop, owner: Actor, client: Client, now: datetime
) -> None:
    cheap = due(shop, 1, now, hours=1.2, price=10)
    dear = due(shop, 2, now, hours=1.5, price=600)
    due(shop, 3, now, hours=1, price=600, refund_status="requested")
    due(shop, 4, now, hours=30, price=600)
    late = due(shop, 5, now, hours=-1, price=300)
    tasks.press_urge(BuyerActor(shop.id, ""), late, now=now)
    found = packing.plan(shop.id, per_hour=1, now=now)
    assert [line.job.order_id for line in found.plan.lines] == [dear, late, cheap]
    assert (found.plan.lost, found.usual.lost) == (Decimal("5.00"), Decimal("30.00"))
    page = client.get("/s/lan/packing/", {"per_hour": "1"}).content.decode()
    assert page.index(order_number(2)) < page.index(order_number(5)) < page.index(order_number(1))
    assert "25.00" in page
    answer = client.post("/s/lan/packing/ship/")
    batch_id = int(answer["Location"].rstrip("/").rsplit("/", 1)[1])
    rows = BatchRow.objects.filter(shop_id=shop.id, batch_id=batch_id).order_by("row_no")
    assert list(rows.values_list("order_id", flat=True)) == [dear, late, cheap]


@pytest.mark.parametrize("typed", ["0", "-3", "many", "10001", "１"])
def test_a_pace_that_is_none_says_so(shop: Shop, client: Client, typed: str) -> None:
    answer = client.get("/s/lan/packing/", {"per_hour": typed})
    assert answer.status_code == 422
    assert "10000" in answer.content.decode()


def test_the_start_page_says_what_today_costs(shop: Shop, client: Client, now: datetime) -> None:
    late = due(shop, 1, now - timedelta(hours=30), hours=-30, price=300)
    tasks.press_urge(BuyerActor(shop.id, ""), late, now=now - timedelta(hours=23, minutes=59))
    page = client.get("/s/lan/").content.decode()
    assert "平台任务" in page
    assert "/s/lan/packing/" in page
