"""The guard itself: it sees a forgotten shop, and lets the honest statements through."""

import pytest

from fahuo.store import clock, sql, wall
from tests.isolation import ShopForgotten, check_copy, forgotten, shop_tables

GOOD = [
    "SELECT 1",
    "SELECT number FROM orders WHERE shop_id = %(shop_id)s AND id = %(id)s",
    "SELECT o.id FROM orders o JOIN backlog b USING (shop_id, order_id) WHERE o.shop_id = %s",
    "SELECT o.id FROM orders o JOIN backlog b ON b.shop_id = o.shop_id AND b.order_id = o.id WHERE o.shop_id = %s",
    "SELECT 1 FROM backlog WHERE (shop_id, order_id) IN (SELECT %s, unnest(%s))",
    "INSERT INTO order_tally (shop_id, status, delta) VALUES (%s, %s, %s)",
    "UPDATE orders SET memo = %s WHERE shop_id = %s AND id = ANY(%s)",
    "WITH gone AS (DELETE FROM backlog WHERE shop_id = %s RETURNING order_id) "
    "INSERT INTO order_tally (shop_id, status, delta) SELECT %s, 'shipped', count(*) FROM gone",
    "SELECT name FROM shops WHERE code = %s AND name LIKE 'a%%'",
]
BAD = [
    "SELECT number FROM orders WHERE id = %s",
    "SELECT o.id FROM orders o JOIN backlog b ON b.order_id = o.id WHERE o.shop_id = %s",
    "DELETE FROM backlog WHERE order_id = %s",
    "UPDATE orders SET memo = '' WHERE number = %s",
    "INSERT INTO order_tally (status, delta) VALUES ('shipped', 1)",
    "SELECT count(*) FROM shops s, orders o WHERE s.id = 1",
    "WITH gone AS (DELETE FROM backlog RETURNING order_id) SELECT * FROM gone",
]


@pytest.mark.parametrize("statement", GOOD)
def test_a_statement_that_names_its_shop_passes(statement: str) -> None:
    assert forgotten(statement) == []


@pytest.mark.parametrize("statement", BAD)
def test_a_statement_that_forgets_its_shop_is_caught(statement: str) -> None:
    assert forgotten(statement)


def test_copy_needs_the_shop() -> None:
    with pytest.raises(ShopForgotten):
        check_copy("orders", ["id", "number"])
    check_copy("orders", ["shop_id", "id"])
    check_copy("users", ["id"])


def test_every_table_but_the_shared_ones_is_owned_by_a_shop() -> None:
    from django.apps import apps

    shared = {
        "shops", "users", "clock_ticks", "exempt_regions", "platform_staff", "demo_clock", "gateway_uses",
        "sessions", "passkeys", "recovery_codes", "sign_in_tries", *wall.SHARED,
    }  # fmt: skip

    tables = {model._meta.db_table for model in apps.get_app_config("fahuo").get_models()}
    assert {table for table in tables if not table.startswith("users_")} - shop_tables() == shared


@pytest.mark.django_db
def test_the_guard_stands_around_the_cursor(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.isolation.asked_by_the_product", lambda: True)
    with pytest.raises(ShopForgotten):
        sql.fetch("SELECT number FROM orders WHERE id = %(id)s", id=1)
    with pytest.raises(ShopForgotten):
        sql.fetch("/* across shops: because I like it */ SELECT number FROM orders")
    assert sql.fetch("SELECT number FROM orders WHERE shop_id = %(shop_id)s", shop_id=1) == []


@pytest.mark.django_db
def test_the_guard_sees_what_the_product_asks(monkeypatch: pytest.MonkeyPatch) -> None:
    assert clock.shops() == []
    monkeypatch.setattr(clock, "SHOPS", "SELECT id FROM orders")
    with pytest.raises(ShopForgotten):
        clock.shops()
