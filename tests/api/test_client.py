"""The client against the real server: a web process of its own, over the line, with its own threads and connections."""

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from django.db import connection

from fahuo.api.shapes import batches, orders, parcels, tasks
from fahuo.api.shapes import shop as shop_shapes
from fahuo.client import Client, Refused
from fahuo.rules.people import PERMISSIONS, Actor
from fahuo.services import keys
from fahuo.store.models import KeptAnswer, Order, Parcel, Shop
from tests.services.shipping import make_order, order_number, waybill
from tests.services.test_webhooks import database_url

pytestmark = pytest.mark.django_db(transaction=True)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def server(db: None) -> Iterator[str]:
    """The address of a web process on the test's own database."""
    port = free_port()
    environ = {**os.environ, "DATABASE_URL": database_url(), "FAHUO_PORT": str(port)}
    web = subprocess.Popen([sys.executable, "-m", "fahuo.cli.main", "web"], env=environ, start_new_session=True)
    address, until = f"http://127.0.0.1:{port}", time.monotonic() + 90
    try:
        while True:
            try:
                with urllib.request.urlopen(f"{address}/healthz", timeout=5):
                    break
            except OSError:
                assert web.poll() is None
                assert time.monotonic() < until
                time.sleep(0.1)
        yield address
    finally:
        web.terminate()
        web.wait(30)
        with connection.cursor() as cursor:  # its connections would keep the test's database from being emptied
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )


def test_a_days_work_by_the_client(server: str, shop: Shop, owner: Actor, now: datetime) -> None:
    key = keys.make(owner, name="ERP", scopes=list(PERMISSIONS), now=now)[1]
    paid = (now - timedelta(hours=3)).isoformat()
    sent = [
        orders.OrderIn(
            number=order_number(n), buyer=f"b{n}", receiver="林间", phone="13800000001", title="皂", item_amount="9.00",
            paid_amount="9.00", address="浙江省 杭州市 西湖区 文三路 1 号", paid_at=paid, ordered_at=paid,
        )
        for n in range(1, 31)
    ]  # fmt: skip
    with Client(server, key, language="en") as fahuo:
        assert fahuo.call(shop_shapes.WHO).shop == "lan"
        came = fahuo.call(orders.IMPORT_ORDERS, orders.OrdersIn(sent))
        assert {row.verdict for row in came.rows} == {"done"}
        listed = list(fahuo.pages(orders.LIST_ORDERS, orders.OrderQuery(limit=7)))
        assert sorted(row.number for row in listed) == [order_number(n) for n in range(1, 31)]
        one = fahuo.call(parcels.SHIP, parcels.ShipIn([order_number(1)], "中通", waybill(1)), name="first")
        again = fahuo.call(parcels.SHIP, parcels.ShipIn([order_number(1)], "中通", waybill(1)), name="first")
        assert one == again
        rows = [parcels.ShipRow(order_number(n), waybill(n)) for n in range(2, 31)]
        gone = fahuo.call(parcels.SHIP_MANY, parcels.ShipManyIn(rows, "ZTO"))
        assert {row.verdict for row in gone.rows} == {"done"}
        told = fahuo.call(orders.GET_ORDER, number=order_number(2))
        assert (told.order.status, told.parcels[0].waybill) == ("shipped", waybill(2))
        with pytest.raises(Refused, match="already_shipped_as") as refused:
            fahuo.call(parcels.SHIP, parcels.ShipIn([order_number(3)], "中通", waybill(99)))
        assert (refused.value.status, refused.value.code) == (409, "already_shipped_as")
        assert fahuo.call(batches.UNDO, batch_id=gone.batch_id).changed
        assert fahuo.call(tasks.COUNT_TASKS).states["open"] == 0
        assert fahuo.calls_left is not None
        with pytest.raises(TypeError):
            fahuo.call(orders.GET_ORDER, number="x", other=1)
    assert Order.objects.filter(shop_id=shop.id, status="awaiting_shipment").count() == 29
    assert Parcel.objects.filter(shop_id=shop.id, voided_at=None).count() == 1
    assert KeptAnswer.objects.filter(shop_id=shop.id).count() >= 4


def test_too_many_calls_wait_and_broken_lines_are_made_again(
    server: str, shop: Shop, owner: Actor, now: datetime
) -> None:
    few = keys.make(owner, name="few", scopes=["ship"], per_minute=60, now=now)[1]
    make_order(shop.id, 1, now=now)
    with Client(server, few) as fahuo:
        for _ in range(61):  # the last one waits until it may
            fahuo.call(shop_shapes.WHO)
        fahuo.line.sock.close()
        assert fahuo.call(parcels.SHIP, parcels.ShipIn([order_number(1)], "ZTO", waybill(1))).parcel_id
    with Client("http://127.0.0.1:1", few, tries=1) as nobody, pytest.raises(ConnectionError):
        nobody.call(shop_shapes.WHO)
    with Client(server, "fahuo_nobody") as stranger, pytest.raises(Refused, match="key_refused"):
        stranger.call(shop_shapes.WHO)
