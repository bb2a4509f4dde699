"""A number that somebody insists on: one of a shape that nobody knows, and one that is in use."""

from datetime import datetime

import pytest

from fahuo.rules.people import Actor
from fahuo.rules.problems import Problem, Refusal
from fahuo.services import parcels
from fahuo.store import alerts
from fahuo.store.models import Order, Parcel, ParcelOrder
from tests.services.shipping import agree, line_ids, make_order, status_of, waybill

pytestmark = pytest.mark.django_db


def test_a_number_of_a_new_shape_is_taken_when_it_is_meant(owner: Actor, now: datetime) -> None:
    order = make_order(owner.shop_id, 1, now=now)
    for number in ("ZTO-2027-1", "SF1234567890123"):
        with pytest.raises(Refusal):
            parcels.ship(owner, order_ids=[order], carrier="ZTO", waybill=number, now=now)
    for number in ("", "9" * 65):
        with pytest.raises(Refusal):
            parcels.ship(owner, order_ids=[order], carrier="ZTO", waybill=number, now=now, insist=True)
    parcel = parcels.ship(owner, order_ids=[order], carrier="ZTO", waybill="ZTO-2027-1", now=now, insist=True)
    assert Parcel.objects.get(shop_id=owner.shop_id, id=parcel).waybill == "ZTO-2027-1"
    agree(owner.shop_id)


@pytest.mark.parametrize(("key", "alerted"), [("same", 0), ("", 1), ("other", 1)])
def test_a_number_in_use_puts_the_order_into_that_parcel(owner: Actor, now: datetime, key: str, alerted: int) -> None:
    first = make_order(owner.shop_id, 1, now=now, receiver_key="same")
    second = make_order(owner.shop_id, 2, now=now, receiver_key=key)
    parcel = parcels.ship(owner, order_ids=[first], carrier="ZTO", waybill=waybill(1), now=now)
    with pytest.raises(Refusal, match="waybill_in_use"):
        parcels.ship(owner, order_ids=[second], carrier="ZTO", waybill=waybill(1), now=now)
    warnings: list[Problem] = []
    for _ in range(2):  # once more changes nothing
        done = parcels.ship(
            owner, order_ids=[second], carrier="ZTO", waybill=waybill(1), now=now, insist=True, warnings=warnings
        )
        assert done == parcel
    assert status_of(owner.shop_id, second) == "shipped"
    assert ParcelOrder.objects.filter(shop_id=owner.shop_id, parcel_id=parcel, whole=True).count() == 2
    found = [(alert.kind, alert.order_id) for alert in alerts.open_alerts(owner.shop_id)]
    assert found == [("number_used_before", second)] * alerted
    assert [problem.code for problem in warnings] == ["waybill_used_before"] * alerted
    agree(owner.shop_id)
    parcels.void(owner, parcel, now=now)
    assert set(Order.objects.filter(shop_id=owner.shop_id).values_list("status", flat=True)) == {"awaiting_shipment"}
    agree(owner.shop_id)


def test_parts_never_join_a_parcel(owner: Actor, now: datetime) -> None:
    first, second = make_order(owner.shop_id, 1, now=now), make_order(owner.shop_id, 2, now=now, quantities=(3,))
    parcels.ship(owner, order_ids=[first], carrier="ZTO", waybill=waybill(1), now=now)
    [line] = line_ids(owner.shop_id, second)
    with pytest.raises(Refusal, match="waybill_in_use"):
        parcels.ship(
            owner, order_ids=[second], carrier="ZTO", waybill=waybill(1), now=now, lines={line: 1}, insist=True
        )
    agree(owner.shop_id)
