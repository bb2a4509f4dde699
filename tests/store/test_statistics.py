"""A shop that the planner does not know is made known."""

import pytest
from django.db import connection

from fahuo.rules.people import Actor
from fahuo.store import statistics
from fahuo.store.models import Shop
from tests import volume
from tests.conftest import NOW
from tests.services.stocks import buy, make_contract

OLD, NEW = 30_000, 2_000


@pytest.fixture
def new_shop(transactional_db: None) -> Shop:
    """Beside a large shop whose rows are all that the statistics know."""
    for n, (code, orders) in enumerate((("old", OLD), ("new", NEW))):
        shop = Shop.objects.create(code=code, name=code, platform="taobao", created_at=NOW)
        volume.fill(shop.id, n * OLD + 1, n * OLD + orders, at=NOW, waiting=600)
        if code == "old":
            with connection.cursor() as cursor:
                cursor.execute("ANALYZE")
    return shop


def test_a_shop_with_many_orders_that_the_planner_does_not_know_is_made_known(new_shop: Shop) -> None:
    assert statistics.expected(new_shop.id, "orders") < NEW / statistics.WRONG
    assert {"orders", "receivers", "order_lines", "backlog"} <= set(statistics.gather(new_shop.id))
    assert statistics.expected(new_shop.id, "orders") == pytest.approx(NEW, rel=0.5)
    assert statistics.gather(new_shop.id) == []
    small = Shop.objects.create(code="small", name="small", platform="taobao", created_at=NOW)
    volume.fill(small.id, OLD * 3, OLD * 3 + 200, at=NOW, waiting=600)
    assert statistics.unknown(small.id) == []


def test_a_shop_that_buys_many_numbers_is_made_known_at_once(new_shop: Shop) -> None:
    old = Shop.objects.get(code="old")
    buy(_owner(old), make_contract(old.id), OLD)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE waybill_numbers")
    assert statistics.expected(new_shop.id, "waybill_numbers") < NEW / statistics.WRONG
    buy(_owner(new_shop), make_contract(new_shop.id), NEW)
    assert statistics.expected(new_shop.id, "waybill_numbers") == pytest.approx(NEW, rel=0.5)


def _owner(shop: Shop) -> Actor:
    return Actor(shop.id, None, "owner", is_owner=True)
