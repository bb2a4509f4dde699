"""The tables of the first release with a shop's data, walked through every migration: nothing is lost, what was readable is
sealed, and the shop works on."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from pytest_django.plugin import DjangoDbBlocker

from fahuo import clock as loop
from fahuo.rules.people import Actor
from fahuo.services import parcels, sealing_rounds, tasks, urges
from fahuo.store import wall_tables
from fahuo.store.models import Member, User
from tests import walls
from tests.conftest import NOW
from tests.faults import checker
from tests.receivers import receiver_of
from tests.upgrades import databases

pytestmark = pytest.mark.postgres
SQL = Path(__file__).with_name("first_release.sql")
KEPT = ("orders", "order_lines", "receivers", "backlog", "parcels", "parcel_orders", "parcel_lines", "scans", "journal",
        "batches", "batch_rows", "uploads", "members", "shops", "users", "saved_views", "column_maps", "sheet_templates",
        "order_tally")  # fmt: skip
PAGES = [
    "", "orders/", "orders/?tab=awaiting_payment", "orders/?tab=awaiting_shipment", "orders/?tab=shipped",
    "orders/?tab=completed", "orders/?tab=closed", "orders/?tab=urged", "batches/", "import/", "tasks/", "ledger/",
    *(f"orders/{order}/" for order in range(1001, 1011)), *(f"batches/{batch}/" for batch in (4001, 4002, 4003)),
]  # fmt: skip


def counts() -> dict[str, int]:
    with connection.cursor() as cursor:
        found = {}
        for table in KEPT:
            cursor.execute(f"SELECT count(*) FROM {table}")
            found[table] = int(cursor.fetchone()[0])
    return found


@pytest.fixture(scope="module")
def upgraded(django_db_blocker: DjangoDbBlocker) -> Iterator[dict[str, int]]:
    """A database of the first release, brought up to date; how many rows there were before."""
    with django_db_blocker.unblock(), databases.fresh("upgraded"):
        databases.migrate(databases.ours()[0])
        walls.owners_line().execute(SQL.read_text("utf-8"))
        before = counts()
        databases.migrate(*databases.leaves())
        wall_tables.build()
        yield before


@pytest.fixture
def lan(upgraded: dict[str, int]) -> Actor:
    member = Member.objects.get(shop_id=1, id=101)
    return Actor(1, member.id, member.name, member.is_owner, frozenset(member.permissions))


def check() -> list[str]:
    connection.ensure_connection()
    return [str(fault) for fault in checker.check(walls.owners_line(), at_rest=NOW - timedelta(days=9))]


def test_nothing_is_lost_on_the_way(upgraded: dict[str, int]) -> None:
    assert counts() == upgraded
    assert check() == []


def test_every_page_shows_it(lan: Actor) -> None:
    client = Client()
    client.force_login(User.objects.get(username="lan"))
    answers = {page: client.get(f"/s/lan/{page}", follow=True) for page in PAGES}
    assert {page: answer.status_code for page, answer in answers.items() if answer.status_code != 200} == {}
    shown = answers["orders/1005/"].content.decode()
    assert "75000000003005" in shown
    assert "17000001005" not in shown
    assert "refund_over_paid" in answers["batches/4001/"].content.decode()  # a code that only older versions knew
    assert client.get("/s/zhu/orders/2001/").status_code == 404


def test_what_was_readable_is_sealed_by_the_clock_and_opens_again(lan: Actor) -> None:
    assert receiver_of(1, 1005).address == "花园路1005号3栋501室"  # read as it stands, before anything is sealed
    rounds = 0
    while not sealing_rounds.run_due(moment=lambda: NOW) and rounds < 100:
        rounds += 1
    for shop_id in (1, 2):
        assert sealing_rounds.run(shop_id, moment=lambda: NOW)
        assert sealing_rounds.faults(shop_id) == []
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM receivers r WHERE r::text LIKE '%%花园路%%' OR phone LIKE '170000010%%'"
            " UNION ALL SELECT count(*) FROM orders WHERE buyer_message LIKE '%%请尽快%%'"
            " UNION ALL SELECT count(*) FROM order_lines WHERE remark LIKE '%%刻字%%'"
        )
        assert [int(count) for (count,) in cursor.fetchall()] == [0, 0, 0]
    found = receiver_of(1, 1005)
    assert (found.name, found.phone, found.address) == ("甲1005", "17000001005", "花园路1005号3栋501室")


def test_the_shop_works_on(lan: Actor) -> None:
    parcels.ship(lan, order_ids=[1002], carrier="ZTO", waybill="75000000008002", now=NOW)
    parcels.ship(lan, order_ids=[1004], carrier="ZTO", waybill="75000000008004", lines={10040: 2}, now=NOW)
    judged = urges.note(lan, "270000000000001003", at=NOW - timedelta(minutes=1), now=NOW)
    assert judged.effect == "task"
    tasks.run_due(1, now=NOW + timedelta(days=30))
    loop.Clock().round(NOW)
    states = dict(_rows("SELECT id, status FROM orders WHERE shop_id = 1 AND id IN (1002, 1003, 1004)"))
    assert states == {1002: "shipped", 1003: "awaiting_shipment", 1004: "shipped"}
    assert dict(_rows("SELECT order_id, state FROM tasks")) == {1003: "platform_intervention"}
    assert check() == []


def _rows(statement: str) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return list(cursor.fetchall())


def test_today_is_the_day_of_the_data() -> None:
    assert datetime.fromisoformat("2026-03-02T12:00+08:00") == NOW
