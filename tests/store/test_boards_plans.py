"""The plans of the order list: every tab walks its index from the cursor and stops at its page; nothing reads it all."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection

from fahuo.rules.filters import OrderFilter
from fahuo.store import boards
from fahuo.store.boards import walks
from fahuo.store.boards.filters import plan
from fahuo.store.boards.pages import read_cursor
from fahuo.store.models import Shop
from tests.conftest import NOW
from tests.volume import fill

ROWS = 30_000
PLANS: list[tuple[OrderFilter, str]] = [
    (OrderFilter(), "backlog_due"),
    (OrderFilter(overdue=True), "backlog_due"),
    (OrderFilter(due=6), "backlog_due"),
    (OrderFilter(urged=True), "backlog_due"),
    (OrderFilter(region="33"), "backlog_due"),
    (OrderFilter(tab="shipped"), "parcels_recent"),
    (OrderFilter(tab="shipped", unscanned=True), "parcels_unscanned"),
    (OrderFilter(tab="unpaid"), "orders_unpaid"),
    (OrderFilter(tab="completed"), "orders_completed"),
    (OrderFilter(tab="closed"), "orders_closed"),
    (OrderFilter(tab="refunding"), "orders_refunding"),
    (OrderFilter(tab="all"), "orders_recent"),
    (OrderFilter(tab="all", goods="陶瓷"), "orders_recent"),
    (OrderFilter(tab="all", urged=True), "orders_urged"),
    (OrderFilter(tab="all", conflict=True), "orders_conflict"),
    (OrderFilter(tab="all", number="270000000000000007"), "orders_number"),
    (OrderFilter(tab="all", waybill="75000000000007"), "parcels_living_number"),
    (OrderFilter(tab="all", phone="17000000007"), "receivers_by_phone"),
    (OrderFilter(tab="all", buyer="buyer7"), "orders_buyer"),
]


def nodes(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield node
    for child in node.get("Plans", ()):
        yield from nodes(child)


def explained(shop_id: int, wish: OrderFilter, cursor: str = "") -> list[dict[str, Any]]:
    way = plan(shop_id, wish, now=NOW, zone="Asia/Shanghai")
    place = walks_cursor(cursor, way)
    with connection.cursor() as db:
        params = {**way.at(shop_id, place), "limit": 51, "budget": walks.BUDGET}
        db.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {way.statement(place)}", params)
        found = db.fetchone()[0]
    tree = json.loads(found) if isinstance(found, str) else found
    return list(nodes(tree[0]["Plan"]))


def walks_cursor(cursor: str, way: walks.Plan) -> Any:
    return read_cursor(cursor, way.walk.letter) if cursor else None


@pytest.fixture
def volume(shop: Shop, other_shop: Shop) -> Shop:
    fill(shop.id, 1, ROWS, at=NOW)
    with connection.cursor() as db:
        db.execute("DROP TABLE drawn")  # a test is one transaction, at whose end it would have gone
    fill(other_shop.id, 1, 500, at=NOW)
    with connection.cursor() as db:
        db.execute("ANALYZE orders, backlog, parcels, parcel_orders, receivers, order_lines")
    return shop


@pytest.mark.django_db
def test_every_tab_walks_its_index(volume: Shop) -> None:
    for wish, index in PLANS:
        found = explained(volume.id, wish)
        used = {node["Index Name"] for node in found if "Index Name" in node}
        assert index in used, (wish, used)
        assert not [node for node in found if node["Node Type"] == "Seq Scan"], wish


@pytest.mark.django_db
def test_a_page_reads_a_page(volume: Shop) -> None:
    """Deep in the list as at its top: the rows that any step of the plan yields stay within a few pages."""
    for tab in ("awaiting", "unpaid", "completed", "closed", "all"):
        wish = OrderFilter(tab=tab)
        cursor = ""
        for _ in range(4):
            most = max(node["Actual Rows"] * node["Actual Loops"] for node in explained(volume.id, wish, cursor))
            assert most <= 60, (tab, most)
            page = boards.orders_page(volume.id, wish, cursor=cursor, now=NOW)
            if page.next is None:
                break
            cursor = page.next
