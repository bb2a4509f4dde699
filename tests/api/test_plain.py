"""The plain way of shipping writes what the long way writes, and takes itself out of whatever is not plain."""

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection, transaction

from fahuo.api import parcels as door
from fahuo.api.server import routes
from fahuo.rules.people import Actor, BuyerActor
from fahuo.services import keys, parcels, refunds, tasks
from fahuo.store import shipping, sql
from fahuo.store.models import ApiKey, KeptAnswer, LabelOrder, Order, OrderLine, Parcel, Shop, Task
from tests.api.conftest import Caller
from tests.services.shipping import agree, make_order, order_number, waybill

TABLES = (
    "orders", "backlog", "parcels", "parcel_orders", "parcel_lines", "order_lines", "journal", "order_tally", "tasks",
    "task_events", "alerts", "stock_moves", "label_orders",
)  # fmt: skip


def sent(n: int, number: int | None = None) -> dict[str, Any]:
    return {"orders": [order_number(n)], "carrier": "ZTO", "waybill": waybill(number or n)}


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Whether each call went the plain way."""
    went: list[bool] = []

    def seen(*args: Any) -> Any:
        reply = door.ship_plain(*args)
        went.append(reply is not None)
        return reply

    monkeypatch.setattr(routes.by_name["ship_parcel"], "quick", seen)
    return went


def rows(shop_id: int, table: str, order: int) -> list[Any]:
    """A table's rows, without what is another one each time: ids, numbers, the order's own."""
    found = sql.fetch(f"SELECT to_jsonb(t) AS row FROM {table} t WHERE t.shop_id = %(shop_id)s", shop_id=shop_id)
    loose = {
        "id",
        "parcel_id",
        "order_id",
        "number",
        "waybill",
        "receiver_key",
        "at",
        "updated_at",
        "shipped_at",
        "subject_id",
    }
    told = []
    for row in map(lambda each: json.loads(each.row), found):
        data = {name: value for name, value in row.items() if name not in loose and name not in ("after",)}
        after = row.get("after")
        if isinstance(after, dict):
            data["after"] = {name: value for name, value in after.items() if name != "waybill"}
        told.append(data)
    return sorted(told, key=str)


def test_both_ways_write_the_same(
    api: Caller, shop: Shop, other_shop: Shop, quick: list[bool], monkeypatch: pytest.MonkeyPatch, now: datetime
) -> None:
    make_order(shop.id, 1, now=now, quantities=(1, 2))
    plain = api.post("/parcels", sent(1))
    assert (plain.status, quick) == (201, [True])
    make_order(other_shop.id, 2, now=now, quantities=(1, 2))
    actor = Actor(other_shop.id, None, "ERP", permissions=frozenset({"ship"}))
    order_id = Order.objects.get(shop_id=other_shop.id).id
    parcels.ship(actor, order_ids=[order_id], carrier="ZTO", waybill=waybill(2), now=now)
    for table in TABLES:
        mine, long = rows(shop.id, table, 1), rows(other_shop.id, table, 2)
        drop = {"shop_id", "actor", "act"} if table == "journal" else {"shop_id"}
        mine = [each for each in mine if each.get("act") not in ("keys.made",)]
        strip = [{name: value for name, value in each.items() if name not in drop} for each in mine]
        assert strip == [{name: value for name, value in each.items() if name not in drop} for each in long], table
    agree(shop.id)
    assert api.post("/parcels", sent(1)).data == plain.data


def refund(shop: Shop, order_id: int, now: datetime) -> None:
    refunds.request(BuyerActor(shop.id, "b"), order_id, amount=Decimal("1.00"), reason="x", now=now)


def late_task(shop: Shop, order_id: int, now: datetime) -> None:
    late = now - timedelta(days=4)
    Order.objects.filter(shop_id=shop.id, id=order_id).update(
        paid_at=late, ordered_at=late, deadline=late + timedelta(days=2)
    )
    assert tasks.press_urge(BuyerActor(shop.id, "b"), order_id, now=now).outcome == "task"


def line_refund(shop: Shop, order_id: int, now: datetime) -> None:
    OrderLine.objects.filter(shop_id=shop.id, order_id=order_id).update(refund_status="requested")


def shipped(shop: Shop, order_id: int, now: datetime) -> None:
    actor = Actor(shop.id, None, "x", is_owner=True)
    parcels.ship(actor, order_ids=[order_id], carrier="ZTO", waybill=waybill(50), now=now)


def used(shop: Shop, order_id: int, now: datetime) -> None:
    actor = Actor(shop.id, None, "x", is_owner=True)
    other = make_order(shop.id, 9, now=now)
    parcels.void(actor, parcels.ship(actor, order_ids=[other], carrier="ZTO", waybill=waybill(1), now=now), now=now)


def part(shop: Shop, order_id: int, now: datetime) -> None:
    actor = Actor(shop.id, None, "x", is_owner=True)
    line = OrderLine.objects.filter(shop_id=shop.id, order_id=order_id)[0]
    parcels.ship(actor, order_ids=[order_id], carrier="ZTO", waybill=waybill(51), lines={line.id: 1}, now=now)


@pytest.mark.parametrize(
    ("unusual", "status"),
    [(refund, 409), (late_task, 201), (line_refund, 409), (shipped, 409), (used, 201), (part, 201)],
)
def test_what_is_not_plain_goes_the_long_way(
    api: Caller, shop: Shop, quick: list[bool], now: datetime, unusual: Any, status: int
) -> None:
    order_id = make_order(shop.id, 1, now=now, buyer="b", quantities=(1, 1))
    unusual(shop, order_id, now)
    answer = api.post("/parcels", sent(1), Idempotency_Key="k")
    assert (answer.status, quick) == (status, [False])
    assert not Task.objects.filter(shop_id=shop.id).exclude(state="completed").exists()
    assert KeptAnswer.objects.get(shop_id=shop.id).status == status
    agree(shop.id)


def test_a_revoked_key_and_one_with_other_scopes_ship_nothing(
    api: Caller, owner: Actor, shop: Shop, quick: list[bool], now: datetime
) -> None:
    for n in (1, 2, 3):
        make_order(shop.id, n, now=now)
    assert api.post("/parcels", sent(1)).status == 201  # remembered from now on
    row = ApiKey.objects.get(shop_id=shop.id)
    ApiKey.objects.filter(shop_id=shop.id, id=row.id).update(scopes=["print"])
    refused = api.post("/parcels", sent(2))
    assert (refused.status, refused.code) == (403, "key_scope")
    ApiKey.objects.filter(shop_id=shop.id, id=row.id).update(scopes=row.scopes)
    assert api.post("/parcels", sent(2)).status == 201
    keys.revoke(owner, row.id, now=now)
    assert api.post("/parcels", sent(3)).status == 401
    assert quick == [True, False, True, False]
    assert Order.objects.filter(shop_id=shop.id, status="awaiting_shipment").count() == 1


def test_an_answer_is_kept_with_the_parcel_and_given_again(
    api: Caller, shop: Shop, quick: list[bool], now: datetime
) -> None:
    make_order(shop.id, 1, now=now)
    make_order(shop.id, 2, now=now)
    first = api.post("/parcels", sent(1), Idempotency_Key="k")
    again = api.post("/parcels", sent(1), Idempotency_Key="k")
    assert (first.status, again.status, again.data) == (201, 201, first.data)
    assert again.headers["Idempotent-Replayed"] == "true"
    assert api.post("/parcels", sent(2), Idempotency_Key="k").code == "idempotency_other"
    assert quick == [True, False, False]
    assert not LabelOrder.objects.filter(shop_id=shop.id).exists()


def test_of_a_group_each_call_gets_what_is_its_own(shop: Shop, owner: Actor, now: datetime) -> None:
    """Plain; the same order once more; being refunded; not there; the first one's number; its Idempotency-Key; plain."""
    for n in (1, 2, 3, 4, 5):
        make_order(shop.id, n, now=now)
    Order.objects.filter(shop_id=shop.id, number=order_number(2)).update(refund_status="requested")
    key_id, _ = keys.make(owner, name="ERP", scopes=["ship"], now=now)
    caller = shipping.Caller(shop.id, key_id, ("ship",), "ERP", '{"parcel_id":0}')
    asked = [(1, 1, "k"), (1, 9, ""), (2, 2, ""), (8, 8, ""), (3, 1, ""), (4, 4, "k"), (5, 5, "m")]
    told = shipping.ship_together(
        caller, [shipping.Plain(order_number(n), "ZTO", waybill(number), name, b"x", now) for n, number, name in asked]
    )
    parcel_of = {parcel.waybill: parcel.id for parcel in Parcel.objects.filter(shop_id=shop.id)}
    assert told == [parcel_of[waybill(1)], None, None, None, None, None, parcel_of[waybill(5)]]
    kept = {row.name: bytes(row.body or b"") for row in KeptAnswer.objects.filter(shop_id=shop.id)}
    assert kept == {"k": b'{"parcel_id":%d}' % told[0], "m": b'{"parcel_id":%d}' % told[6]}
    assert Order.objects.filter(shop_id=shop.id, status="shipped").count() == 2
    agree(shop.id)


@pytest.mark.django_db(transaction=True)
def test_an_order_that_somebody_holds_keeps_no_other_call_waiting(owner: Actor, shop: Shop, now: datetime) -> None:
    for n in (1, 2, 3):
        make_order(shop.id, n, now=now)
    key_id, _ = keys.make(owner, name="ERP", scopes=["ship"], now=now)
    caller = shipping.Caller(shop.id, key_id, ("ship",), "ERP", '{"parcel_id":0}')
    asked = [shipping.Plain(order_number(n), "ZTO", waybill(n), "", b"", now) for n in (1, 2, 3)]
    with transaction.atomic(), ThreadPoolExecutor(1) as pool:
        Order.objects.select_for_update().get(shop_id=shop.id, number=order_number(2))
        told = pool.submit(closing(shipping.ship_together), caller, asked).result(30)
    assert [parcel is not None for parcel in told] == [True, False, True]
    agree(shop.id)


def closing(work: Any) -> Any:
    """The same, with this thread's connection closed in the end."""

    def worked(*parts: Any) -> Any:
        try:
            return work(*parts)
        finally:
            connection.close()

    return worked


@pytest.mark.django_db(transaction=True)
def test_many_at_once_ship_each_order_once(owner: Actor, shop: Shop, now: datetime) -> None:
    for n in (1, 2):
        make_order(shop.id, n, now=now)
    key = keys.make(owner, name="ERP", scopes=["ship"], now=now)[1]
    told: list[tuple[int, int, int]] = []

    def call(n: int) -> None:
        caller = Caller(key)
        for order, number in ((1, 1), (2, 1), (1, 1), (1, n)):
            answer = caller.post("/parcels", sent(order, number))
            told.append((order, number, answer.status))
        connection.close()

    threads = [threading.Thread(target=call, args=(n,)) for n in range(2, 8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    held = sorted(Parcel.objects.filter(shop_id=shop.id).values_list("waybill", flat=True))
    assert waybill(1) in held
    assert len(held) == Order.objects.filter(shop_id=shop.id, status="shipped").count() <= 2
    assert {status for _, _, status in told} <= {201, 409}
    agree(shop.id)
