"""Shipping by many people at once: each order leaves once, each number serves once."""

import threading
from collections.abc import Callable, Sequence
from datetime import datetime

import pytest
from django.db import connection

from fahuo.rules.people import Actor
from fahuo.rules.problems import Refusal
from fahuo.services import batches, parcels
from fahuo.store.models import BatchRow, JournalEntry, Order, Parcel, Shop
from tests.services.shipping import agree, make_order, order_number, status_of, waybill
from tests.services.test_shipments import commit, from_sheet, pairs


def at_once(acts: Sequence[Callable[[], object]]) -> list[BaseException]:
    """Run every act in a thread with its own connection, all from one start; what was raised that is no Refusal."""
    start = threading.Barrier(len(acts))
    raised: list[BaseException] = []

    def run(act: Callable[[], object]) -> None:
        try:
            start.wait(10)
            act()
        except Refusal:
            pass
        except BaseException as error:
            raised.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return raised


def shop_of_many(now: datetime, count: int) -> tuple[Actor, list[int]]:
    shop = Shop.objects.create(code=f"many{count}", name="many", platform="taobao", created_at=now)
    actor = Actor(shop.id, None, "many", is_owner=True)
    return actor, [make_order(shop.id, n, now=now) for n in range(1, count + 1)]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("people", [2, 8])
def test_overlapping_batches_at_once_ship_each_order_once(now: datetime, people: int) -> None:
    count = 200
    actor, orders = shop_of_many(now, count)
    ids = []
    for person in range(people):
        # Each sheet holds most of the orders, in another sequence, under numbers of its own.
        mine = [n for n in range(1, count + 1) if n % people != person or people == 2]
        mine = mine if person % 2 else mine[::-1]
        ids.append(from_sheet(actor, [(order_number(n), "ZTO", waybill(1000 * person + n)) for n in mine], now))
        batches.commit(actor, ids[-1], now=now)
    raised = at_once([lambda batch_id=batch_id: batches.work(actor.shop_id, batch_id, now=now) for batch_id in ids])
    assert raised == []
    assert all(status_of(actor.shop_id, order) == "shipped" for order in orders)
    assert Parcel.objects.filter(shop_id=actor.shop_id).count() == count
    assert JournalEntry.objects.filter(shop_id=actor.shop_id, act="parcel.shipped").count() == count
    done = BatchRow.objects.filter(shop_id=actor.shop_id, verdict="done")
    assert done.count() == count
    assert not BatchRow.objects.filter(shop_id=actor.shop_id, verdict="ready").exists()
    agree(actor.shop_id)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("people", [2, 8])
def test_one_by_one_at_once_ships_each_order_once(now: datetime, people: int) -> None:
    actor, orders = shop_of_many(now, 20)

    refused: list[str] = []

    def person(who: int) -> Callable[[], None]:
        def ship_all() -> None:
            for order in orders if who % 2 else orders[::-1]:
                number = waybill(100 * who + orders.index(order))
                try:
                    parcels.ship(actor, order_ids=[order], carrier="ZTO", waybill=number, now=now)
                except Refusal as refusal:
                    refused.append(refusal.problems[0].code)

        return ship_all

    assert at_once([person(who) for who in range(people)]) == []
    assert refused == ["already_shipped_as"] * 20 * (people - 1)
    assert Parcel.objects.filter(shop_id=actor.shop_id).count() == 20
    assert JournalEntry.objects.filter(shop_id=actor.shop_id).count() == 20
    agree(actor.shop_id)


@pytest.mark.django_db(transaction=True)
def test_one_number_for_two_orders_at_once_goes_to_one(now: datetime) -> None:
    actor, orders = shop_of_many(now, 8)
    acts = [
        lambda order=order: parcels.ship(actor, order_ids=[order], carrier="ZTO", waybill=waybill(1), now=now)
        for order in orders
    ]
    assert at_once(acts) == []
    assert Parcel.objects.filter(shop_id=actor.shop_id).count() == 1
    assert Order.objects.filter(shop_id=actor.shop_id, status="shipped").count() == 1
    agree(actor.shop_id)


@pytest.mark.django_db(transaction=True)
def test_undo_void_scan_and_correct_at_once_agree(now: datetime) -> None:
    actor, _ = shop_of_many(now, 30)
    batch_id = from_sheet(actor, pairs(*range(1, 31)), now)
    commit(actor, batch_id, now)
    ids = list(Parcel.objects.filter(shop_id=actor.shop_id).order_by("id").values_list("id", flat=True))
    acts: list[Callable[[], object]] = [lambda: batches.undo(actor, batch_id, now=now)]
    acts += [lambda n=n: parcels.void(actor, ids[n], now=now) for n in (0, 29)]
    acts += [
        lambda n=n: parcels.correct(actor, ids[n], carrier="ZTO", waybill=waybill(n + 500), now=now) for n in (5, 15)
    ]
    acts += [lambda n=n: parcels.void(actor, ids[n], now=now) for n in (29, 0, 15)]
    assert at_once(acts) == []
    assert not Parcel.objects.filter(shop_id=actor.shop_id, voided_at=None).exists()
    agree(actor.shop_id)
