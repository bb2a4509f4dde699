"""Row-level security: whoever stands in another shop sees nothing and writes nothing, whatever the statement says."""

import os
from datetime import datetime

import psycopg
import pytest
from django.db import connection, transaction
from django.db.utils import ProgrammingError

from fahuo.rules.people import Actor
from fahuo.services import parcels
from fahuo.store import orders as store
from fahuo.store import sql, statistics, wall, wall_tables
from fahuo.store.models import Order, Shop
from tests import walls
from tests.services.shipping import make_order, waybill

FORGETS: str = "SELECT id, shop_id FROM orders"

pytestmark = [pytest.mark.postgres, pytest.mark.django_db]


@pytest.fixture
def orders(shop: Shop, other_shop: Shop, now: datetime) -> dict[int, int]:
    """Shop -> its one order."""
    return {each.id: make_order(each.id, n, now=now) for n, each in enumerate((shop, other_shop), 1)}


def test_a_statement_that_forgets_its_shop_finds_the_rows_of_where_it_stands(orders: dict[int, int]) -> None:
    for shop_id, order_id in orders.items():
        with wall.inside(shop_id):
            assert [(row.id, row.shop_id) for row in sql.fetch(FORGETS)] == [(order_id, shop_id)]
            assert [order.id for order in Order.objects.all()] == [order_id]


def test_who_stands_nowhere_sees_nothing(orders: dict[int, int], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wall, "place", lambda: wall.BY_STATEMENT)
    assert sql.fetch(FORGETS, nothing=1) == []
    (shop_id, order_id), other = orders.items()
    assert [row.id for row in sql.fetch(FORGETS, shop_id=shop_id)] == [order_id]
    assert {row.id for row in sql.fetch(f"/* across shops: a test */ {FORGETS}")} == {order_id, other[1]}


def test_what_asks_no_table_of_a_shop_moves_nobody(orders: dict[int, int], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wall, "place", lambda: wall.BY_STATEMENT)
    shop_id = next(iter(orders))
    here = wall.Stand(wall.ROLE, str(shop_id))
    sql.fetch("SELECT id FROM orders WHERE shop_id = %(shop_id)s", shop_id=shop_id)
    Shop.objects.get(id=shop_id)
    sql.fetch("SELECT id FROM users WHERE id = %(id)s", id=1)
    assert connection.connection.stand == here
    connection.stand(wall.FREE)
    assert sql.fetch("SELECT current_user::text AS name", nothing=1)[0].name == wall.ROLE
    Order.objects.filter(shop_id=shop_id).count()
    assert connection.connection.stand == wall.EVERYWHERE


def test_a_write_into_another_shop_is_refused(orders: dict[int, int]) -> None:
    shop_id, other = orders
    with wall.inside(shop_id):
        assert sql.run("UPDATE orders SET memo = 'x' WHERE shop_id = %(shop_id)s", shop_id=other) == 0
        with pytest.raises(ProgrammingError, match="row-level security"), transaction.atomic():
            sql.run("UPDATE orders SET shop_id = %(other)s WHERE id = %(id)s", other=other, id=orders[shop_id])
        assert [row.id for row in sql.fetch(FORGETS)] == [orders[shop_id]]


def test_a_verb_for_a_shop_other_than_where_one_stands_finds_nothing(
    orders: dict[int, int], shop: Shop, other_shop: Shop, now: datetime
) -> None:  # fmt: skip
    stranger = Actor(shop.id, None, "stranger", is_owner=True)
    with wall.inside(other_shop.id), pytest.raises(Exception, match="order_unknown"):
        parcels.ship(stranger, order_ids=[orders[shop.id]], carrier="ZTO", waybill=waybill(1), now=now)
    with wall.inside(shop.id):
        assert parcels.ship(stranger, order_ids=[orders[shop.id]], carrier="ZTO", waybill=waybill(1), now=now)


def test_where_a_connection_stands_goes_back_with_what_is_rolled_back(orders: dict[int, int]) -> None:
    shop_id, other = orders
    with wall.inside(shop_id):
        sql.fetch(FORGETS)
    with transaction.atomic(), wall.inside(other):
        assert [row.shop_id for row in sql.fetch(FORGETS)] == [other]
        transaction.set_rollback(True)
    with wall.inside(other):
        assert [row.shop_id for row in sql.fetch(FORGETS)] == [other]


def test_rows_of_another_shop_are_not_copied_in(orders: dict[int, int], now: datetime) -> None:
    shop_id, other = orders
    columns = ("shop_id", "id", "name", "body", "created_at")
    with wall.inside(shop_id), pytest.raises(PermissionError), transaction.atomic():
        sql.copy_rows("uploads", columns, [(other, 1, "a.csv", b"", now)])
    with pytest.raises(PermissionError), transaction.atomic():
        sql.copy_rows("uploads", columns, [(shop_id, 1, "a.csv", b"", now), (other, 2, "b.csv", b"", now)])


def test_statistics_are_gathered_as_the_owner(shop: Shop) -> None:
    with wall.inside(shop.id):
        assert statistics.gather(shop.id) == []
        sql.run("/* across shops: a test */ SELECT 1")
        assert sql.fetch("SELECT current_user::text AS name")[0].name == wall.ROLE


def test_every_table_of_a_shop_has_its_wall_and_one_that_lost_it_gets_it_back(shop: Shop) -> None:
    assert sql.fetch(wall_tables.BARE, tables=wall.tables()) == []
    with connection.cursor() as cursor:
        cursor.execute("DROP POLICY shop ON orders")
        cursor.execute("ALTER TABLE parcels DISABLE ROW LEVEL SECURITY")
        cursor.execute(f"REVOKE ALL ON shops FROM {wall.ROLE}")
    assert sorted(wall_tables.build()) == ["orders", "parcels"]
    assert wall_tables.build() == []
    with wall.inside(shop.id):
        assert Shop.objects.get(id=shop.id).code == shop.code


def test_the_proof_sees_a_wall_that_is_missing(orders: dict[int, int]) -> None:
    shop_id = next(iter(orders))
    statement = "SELECT id FROM orders WHERE shop_id = %(shop_id)s"
    assert walls.rows_shown(statement, {"shop_id": shop_id}) == set()
    moving = "UPDATE orders SET memo = 'x' WHERE shop_id = %(shop_id)s"
    assert walls.rows_shown(moving, {"shop_id": shop_id}) == set()
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE orders DISABLE ROW LEVEL SECURITY")
    assert walls.rows_shown(statement, {"shop_id": shop_id}) == {"orders"}
    assert walls.rows_shown(moving, {"shop_id": shop_id}) == {"orders"}


def test_the_proof_looks_at_what_the_product_asks(
    orders: dict[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    monkeypatch.setattr(walls, "PROVED", set())
    with connection.cursor() as cursor:
        cursor.execute("DROP POLICY shop ON orders")
        cursor.execute("CREATE POLICY shop ON orders USING (true)")
    shop_id, order_id = next(iter(orders.items()))
    with pytest.raises(walls.WallMissing):
        store.numbers(shop_id, [order_id])


@pytest.mark.django_db(transaction=True)
def test_a_table_that_is_busy_waits_for_the_next_time(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wall_tables, "PATIENCE", "50ms")
    with connection.cursor() as cursor:
        cursor.execute("DROP POLICY shop ON parcels")
        cursor.execute("DROP POLICY shop ON orders")
    with psycopg.connect(os.environ["DATABASE_URL"], dbname=connection.settings_dict["NAME"]) as other:
        other.execute("SELECT FROM parcels")
        assert wall_tables.build() == ["orders"]
    assert wall_tables.build() == ["parcels"]
