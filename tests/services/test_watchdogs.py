"""Watchdogs: nothing scanned, nothing moving, a number used twice, an order out of stock."""

from datetime import datetime

import pytest

from fahuo.rules.parcels import CarrierScan
from fahuo.rules.people import Actor
from fahuo.services import batches, parcels, watchdogs
from fahuo.store import alerts
from fahuo.store.models import Alert
from tests.services.aftersales import HOUR, PAID, at, paid
from tests.services.shipping import waybill

pytestmark = pytest.mark.django_db


def found(shop_id: int) -> list[tuple[str, int | None, datetime]]:
    return [(row.kind, row.order_id, row.at) for row in alerts.open_alerts(shop_id)]


def scan(actor: Actor, n: int, kind: str, moment: datetime) -> None:
    parcels.record_scans(actor, [CarrierScan("ZTO", waybill(n), kind, moment)], now=moment)  # type: ignore[arg-type]


def test_shipped_and_not_scanned_for_a_day(owner: Actor) -> None:
    order = paid(owner.shop_id, 1)
    parcels.ship(owner, order_ids=[order], carrier="ZTO", waybill=waybill(1), now=PAID)
    assert watchdogs.run_due(None, now=PAID + 23 * HOUR) == 0
    assert watchdogs.run_due(None, now=PAID + 24 * HOUR) == 1
    assert watchdogs.run_due(None, now=PAID + 30 * HOUR) == 0
    assert found(owner.shop_id) == [("not_picked_up", order, PAID + 24 * HOUR)]
    scan(owner, 1, "picked_up", PAID + 31 * HOUR)
    watchdogs.run_due(owner.shop_id, now=PAID + 32 * HOUR)
    assert found(owner.shop_id) == []
    assert Alert.objects.get(shop_id=owner.shop_id).resolved_at == PAID + 32 * HOUR


def test_scanned_and_then_silent(owner: Actor) -> None:
    order = paid(owner.shop_id, 1)
    parcels.ship(owner, order_ids=[order], carrier="ZTO", waybill=waybill(1), now=PAID)
    scan(owner, 1, "picked_up", PAID + HOUR)
    watchdogs.run_due(None, now=PAID + 25 * HOUR)
    assert found(owner.shop_id) == [("silent", order, PAID + 25 * HOUR)]
    scan(owner, 1, "in_transit", PAID + 26 * HOUR)
    watchdogs.run_due(None, now=PAID + 27 * HOUR)
    assert found(owner.shop_id) == []
    watchdogs.run_due(None, now=PAID + 50 * HOUR)
    assert found(owner.shop_id) == [("silent", order, PAID + 50 * HOUR)]
    scan(owner, 1, "delivered", PAID + 51 * HOUR)
    watchdogs.run_due(None, now=PAID + 99 * HOUR)
    assert found(owner.shop_id) == []


def test_out_of_stock_three_days_after_the_deadline(owner: Actor) -> None:
    order = paid(owner.shop_id, 1)
    watchdogs.run_due(None, now=at("15 09:59"))
    assert found(owner.shop_id) == []
    watchdogs.run_due(None, now=at("15 10:00"))
    assert found(owner.shop_id) == [("out_of_stock", order, at("15 10:00"))]
    parcels.ship(owner, order_ids=[order], carrier="ZTO", waybill=waybill(1), now=at("15 11:00"))
    watchdogs.run_due(None, now=at("15 12:00"))
    assert found(owner.shop_id) == []


def test_a_number_used_before_one_by_one_and_by_batch(owner: Actor) -> None:
    orders = [paid(owner.shop_id, n, receiver_key=f"k{n}") for n in (1, 2, 3)]
    parcel = parcels.ship(owner, order_ids=[orders[0]], carrier="ZTO", waybill=waybill(1), now=PAID)
    parcels.void(owner, parcel, now=PAID)
    assert found(owner.shop_id) == []
    again = parcels.ship(owner, order_ids=[orders[1]], carrier="ZTO", waybill=waybill(1), now=PAID + HOUR)
    assert found(owner.shop_id) == [("number_used_before", orders[1], PAID + HOUR)]
    parcels.void(owner, again, now=PAID + 2 * HOUR)
    watchdogs.run_due(None, now=PAID + 2 * HOUR)
    assert found(owner.shop_id) == []
    batch = batches.open_shipments(owner, order_ids=[orders[2]], now=PAID)
    batches.fill_from_run(owner, batch, carrier="ZTO", first=waybill(1), now=PAID)
    later = PAID + 3 * HOUR
    assert batches.work(owner.shop_id, batch, now=later)
    batches.commit(owner, batch, now=later)
    assert batches.work(owner.shop_id, batch, now=later)
    assert found(owner.shop_id) == [("number_used_before", orders[2], later)]


def test_parcels_of_long_ago_are_left_alone(owner: Actor) -> None:
    order = paid(owner.shop_id, 1)
    parcels.ship(owner, order_ids=[order], carrier="ZTO", waybill=waybill(1), now=PAID)
    assert watchdogs.run_due(None, now=PAID + 24 * HOUR + alerts.REACH) == 0
    assert watchdogs.next_moments(owner.shop_id, now=PAID + 24 * HOUR + alerts.REACH) == []
