"""Shipping one by one, correcting, voiding, scanning."""

from datetime import datetime, timedelta

import pytest

from fahuo.rules.parcels import CarrierScan
from fahuo.rules.people import Actor
from fahuo.rules.problems import Problem, Refusal
from fahuo.services import parcels
from fahuo.store.models import JournalEntry, Order, OrderLine, Parcel, ParcelLine, ParcelOrder, Scan
from tests.services.shipping import agree, line_ids, make_order, order_number, status_of, waybill

pytestmark = pytest.mark.django_db


def codes(caught: pytest.ExceptionInfo[Refusal]) -> list[str]:
    for problem in caught.value.problems:
        assert problem.sentence("zh")
        assert problem.sentence("en")
    return [problem.code for problem in caught.value.problems]


def ship(actor: Actor, *order_ids: int, n: int, now: datetime, **options: object) -> int:
    return parcels.ship(actor, order_ids=order_ids, carrier="ZTO", waybill=waybill(n), now=now, **options)  # type: ignore[arg-type]


def test_one_order(owner: Actor, now: datetime) -> None:
    order = make_order(owner.shop_id, 1, now=now)
    parcel_id = parcels.ship(owner, order_ids=[order], carrier="中通快递", waybill=" 75 0000 0000 0001", now=now)
    parcel = Parcel.objects.get(shop_id=owner.shop_id, id=parcel_id)
    assert (parcel.carrier, parcel.waybill, parcel.shipped_at, parcel.shipped_by) == (
        "ZTO",
        waybill(1),
        now,
        owner.member_id,
    )
    assert ParcelOrder.objects.get(shop_id=owner.shop_id, parcel_id=parcel_id).whole
    shipped = Order.objects.get(shop_id=owner.shop_id, id=order)
    assert (shipped.status, shipped.shipped_at) == ("shipped", now)
    entry = JournalEntry.objects.get(shop_id=owner.shop_id)
    assert (entry.act, entry.order_id, entry.parcel_id, entry.actor) == ("parcel.shipped", order, parcel_id, "owner")
    assert entry.after == {"status": "shipped", "carrier": "ZTO", "waybill": waybill(1)}
    agree(owner.shop_id)


def test_once_more_changes_nothing(owner: Actor, now: datetime) -> None:
    order = make_order(owner.shop_id, 1, now=now)
    first = ship(owner, order, n=1, now=now)
    assert ship(owner, order, n=1, now=now + timedelta(hours=1)) == first
    assert Parcel.objects.filter(shop_id=owner.shop_id).count() == 1
    assert JournalEntry.objects.filter(shop_id=owner.shop_id).count() == 1
    assert Order.objects.get(shop_id=owner.shop_id).shipped_at == now


def test_another_number_is_refused_and_names_the_first(owner: Actor, now: datetime) -> None:
    order = make_order(owner.shop_id, 1, now=now)
    ship(owner, order, n=1, now=now)
    with pytest.raises(Refusal) as caught:
        ship(owner, order, n=2, now=now)
    assert codes(caught) == ["already_shipped_as"]
    assert caught.value.problems[0].data["waybill"] == waybill(1)


def test_a_number_in_use_names_its_order(owner: Actor, now: datetime) -> None:
    first, second = make_order(owner.shop_id, 1, now=now), make_order(owner.shop_id, 2, now=now)
    ship(owner, first, n=1, now=now)
    with pytest.raises(Refusal) as caught:
        ship(owner, second, n=1, now=now)
    assert codes(caught) == ["waybill_in_use"]
    assert caught.value.problems[0].data["order"] == order_number(1)
    agree(owner.shop_id)


def test_a_wrong_number_offers_carriers(owner: Actor, now: datetime) -> None:
    order = make_order(owner.shop_id, 1, now=now)
    with pytest.raises(Refusal) as caught:
        parcels.ship(owner, order_ids=[order], carrier="ZTO", waybill="SF1234567890123", now=now)
    assert codes(caught) == ["waybill_other_carrier"]
    assert "SF" in str(caught.value.problems[0].data["offered"]).split()
    for carrier, number, code in (("", waybill(1), "carrier_missing"), ("nobody", waybill(1), "carrier_unknown"), ("ZTO", "", "waybill_missing")):  # fmt: skip
        with pytest.raises(Refusal) as caught:
            parcels.ship(owner, order_ids=[order], carrier=carrier, waybill=number, now=now)
        assert codes(caught) == [code]
    assert status_of(owner.shop_id, order) == "awaiting_shipment"


def test_a_number_used_before_warns(owner: Actor, now: datetime) -> None:
    first, second = make_order(owner.shop_id, 1, now=now), make_order(owner.shop_id, 2, now=now)
    parcels.void(owner, ship(owner, first, n=1, now=now), now=now)
    warnings: list[Problem] = []
    ship(owner, second, n=1, now=now, warnings=warnings)
    assert [problem.code for problem in warnings] == ["waybill_used_before"]
    agree(owner.shop_id)


def test_several_orders_of_one_receiver(owner: Actor, now: datetime) -> None:
    orders = [make_order(owner.shop_id, n, now=now, receiver_key="same") for n in (1, 2, 3)]
    parcel_id = ship(owner, *orders, n=1, now=now)
    assert ParcelOrder.objects.filter(shop_id=owner.shop_id, parcel_id=parcel_id).count() == 3
    assert ship(owner, *reversed(orders), n=1, now=now) == parcel_id
    with pytest.raises(Refusal) as caught:
        ship(owner, *orders[:2], n=1, now=now)
    assert codes(caught) == ["waybill_in_use"]
    agree(owner.shop_id)


def test_different_receivers_are_refused(owner: Actor, now: datetime) -> None:
    orders = [make_order(owner.shop_id, n, now=now) for n in (1, 2)]
    with pytest.raises(Refusal) as caught:
        ship(owner, *orders, n=1, now=now)
    assert codes(caught) == ["receivers_differ"]
    agree(owner.shop_id)


def test_parts_until_all_is_shipped(owner: Actor, now: datetime) -> None:
    order = make_order(owner.shop_id, 1, now=now, quantities=(3, 1))
    cups, saucer = line_ids(owner.shop_id, order)
    first = ship(owner, order, n=1, now=now, lines={cups: 2})
    assert status_of(owner.shop_id, order) == "part_shipped"
    assert ship(owner, order, n=1, now=now, lines={cups: 2}) == first
    agree(owner.shop_id)
    with pytest.raises(Refusal) as caught:
        ship(owner, order, n=2, now=now, lines={cups: 2})
    assert codes(caught) == ["quantity_too_many"]
    assert caught.value.problems[0].data["left"] == 1
    ship(owner, order, n=2, now=now, lines={cups: 1, saucer: 1})
    assert status_of(owner.shop_id, order) == "shipped"
    agree(owner.shop_id)


def test_the_rest_without_naming_lines(owner: Actor, now: datetime) -> None:
    order = make_order(owner.shop_id, 1, now=now, quantities=(3, 1))
    cups, saucer = line_ids(owner.shop_id, order)
    ship(owner, order, n=1, now=now, lines={cups: 2})
    with pytest.raises(Refusal) as caught:
        ship(owner, order, n=1, now=now)
    assert codes(caught) == ["waybill_in_use"], "the first parcel has left; the rest needs a number of its own"
    rest = ship(owner, order, n=2, now=now)
    packed = ParcelLine.objects.filter(shop_id=owner.shop_id, parcel_id=rest).values_list("line_id", "quantity")
    assert dict(packed) == {cups: 1, saucer: 1}
    assert status_of(owner.shop_id, order) == "shipped"
    agree(owner.shop_id)


def test_a_refunded_line_needs_no_shipping(owner: Actor, now: datetime) -> None:
    order = make_order(owner.shop_id, 1, now=now, quantities=(1, 1))
    cup, saucer = line_ids(owner.shop_id, order)
    OrderLine.objects.filter(shop_id=owner.shop_id, id=saucer).update(refund_status="succeeded")
    with pytest.raises(Refusal) as caught:
        ship(owner, order, n=1, now=now, lines={saucer: 1})
    assert codes(caught) == ["line_refunded"]
    ship(owner, order, n=1, now=now, lines={cup: 1})
    assert status_of(owner.shop_id, order) == "shipped"


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"status": "awaiting_payment"}, "order_not_paid"),
        ({"status": "closed"}, "order_closed"),
        ({"status": "completed"}, "already_shipped"),
        ({"refund_status": "requested"}, "refund_in_progress"),
        ({"refund_status": "agreed"}, "refund_in_progress"),
        ({"refund_status": "succeeded"}, "order_refunded"),
        ({"refund_status": "succeeded", "refund_amount": 10}, "order_refunded"),
    ],
)
def test_what_must_not_leave(owner: Actor, now: datetime, fields: dict[str, object], code: str) -> None:
    order = make_order(owner.shop_id, 1, now=now, **fields)  # type: ignore[arg-type]
    with pytest.raises(Refusal) as caught:
        ship(owner, order, n=1, now=now)
    assert codes(caught) == [code]
    assert not Parcel.objects.filter(shop_id=owner.shop_id).exists()


@pytest.mark.parametrize("fields", [{"refund_status": "refused"}, {"refund_status": "succeeded", "refund_amount": 3}])
def test_what_may_leave_despite_a_refund(owner: Actor, now: datetime, fields: dict[str, object]) -> None:
    order = make_order(owner.shop_id, 1, now=now, **fields)  # type: ignore[arg-type]
    ship(owner, order, n=1, now=now)
    agree(owner.shop_id)


def test_a_line_being_refunded_stops_the_order(owner: Actor, now: datetime) -> None:
    order = make_order(owner.shop_id, 1, now=now, quantities=(1, 1))
    cup, saucer = line_ids(owner.shop_id, order)
    OrderLine.objects.filter(shop_id=owner.shop_id, id=saucer).update(refund_status="requested")
    with pytest.raises(Refusal) as caught:
        ship(owner, order, n=1, now=now)
    assert codes(caught) == ["refund_in_progress"]


def test_force_needs_its_permission(owner: Actor, now: datetime) -> None:
    order = make_order(owner.shop_id, 1, now=now, refund_status="requested")
    shipper = Actor(owner.shop_id, 7, "shipper", permissions=frozenset({"ship"}))
    with pytest.raises(Refusal) as caught:
        ship(shipper, order, n=1, now=now, force=True)
    assert codes(caught) == ["not_permitted"]
    ship(owner, order, n=1, now=now, force=True)
    agree(owner.shop_id)


def test_virtual_goods_need_no_logistics(owner: Actor, now: datetime) -> None:
    order = make_order(owner.shop_id, 1, now=now, kind="virtual")
    with pytest.raises(Refusal) as caught:
        ship(owner, order, n=1, now=now, kind="virtual")
    assert codes(caught) == ["waybill_without_logistics"]
    parcel_id = parcels.ship(owner, order_ids=[order], carrier="", waybill="", now=now, kind="virtual")
    assert parcels.ship(owner, order_ids=[order], carrier="", waybill="", now=now, kind="virtual") == parcel_id
    with pytest.raises(Refusal) as caught:
        parcels.correct(owner, parcel_id, carrier="ZTO", waybill=waybill(1), now=now)
    assert codes(caught) == ["parcel_without_number"]
    agree(owner.shop_id)


def test_strangers_and_teammates(owner: Actor, stranger: Actor, teammate: Actor, now: datetime) -> None:
    order = make_order(owner.shop_id, 1, now=now)
    with pytest.raises(Refusal) as caught:
        ship(stranger, order, n=1, now=now)
    assert codes(caught) == ["order_unknown"]
    with pytest.raises(Refusal) as caught:
        ship(teammate, order, n=1, now=now)
    assert codes(caught) == ["not_permitted"]
    parcel_id = ship(owner, order, n=1, now=now)
    for act in (parcels.void, lambda *a, **k: parcels.correct(*a, carrier="ZTO", waybill=waybill(5), **k)):
        with pytest.raises(Refusal) as caught:
            act(stranger, parcel_id, now=now)
        assert codes(caught) == ["parcel_unknown"]
    with pytest.raises(Refusal) as caught:
        parcels.ship(owner, order_ids=[], carrier="ZTO", waybill=waybill(1), now=now)
    assert codes(caught) == ["no_orders_chosen"]


def test_correct_keeps_before_and_after(owner: Actor, now: datetime) -> None:
    first, second = make_order(owner.shop_id, 1, now=now), make_order(owner.shop_id, 2, now=now)
    parcel_id = ship(owner, first, n=1, now=now)
    ship(owner, second, n=2, now=now)
    parcels.correct(owner, parcel_id, carrier="ZTO", waybill=waybill(3), now=now)
    parcels.correct(owner, parcel_id, carrier="ZTO", waybill=waybill(3), now=now)
    entry = JournalEntry.objects.get(shop_id=owner.shop_id, act="parcel.corrected")
    assert entry.before == {"carrier": "ZTO", "waybill": waybill(1)}
    assert entry.after == {"carrier": "ZTO", "waybill": waybill(3)}
    assert entry.order_id == first
    with pytest.raises(Refusal) as caught:
        parcels.correct(owner, parcel_id, carrier="ZTO", waybill=waybill(2), now=now)
    assert codes(caught) == ["waybill_in_use"]


def test_void_brings_the_order_back(owner: Actor, now: datetime) -> None:
    order = make_order(owner.shop_id, 1, now=now, quantities=(2,))
    (cup,) = line_ids(owner.shop_id, order)
    first = ship(owner, order, n=1, now=now, lines={cup: 1})
    second = ship(owner, order, n=2, now=now, lines={cup: 1})
    agree(owner.shop_id)
    for parcel_id, status in ((second, "part_shipped"), (first, "awaiting_shipment")):
        parcels.void(owner, parcel_id, now=now)
        parcels.void(owner, parcel_id, now=now)
        assert status_of(owner.shop_id, order) == status
        agree(owner.shop_id)
    assert JournalEntry.objects.filter(shop_id=owner.shop_id, act="parcel.voided").count() == 2


def test_scans_are_noted_once_and_bind(owner: Actor, now: datetime) -> None:
    order = make_order(owner.shop_id, 1, now=now)
    parcel_id = ship(owner, order, n=1, now=now)
    scans = [
        CarrierScan("ZTO", waybill(1), "in_transit", now + timedelta(hours=5), "杭州"),
        CarrierScan("ZTO", waybill(1), "picked_up", now + timedelta(hours=2)),
        CarrierScan("ZTO", waybill(9), "picked_up", now + timedelta(hours=2)),
    ]
    assert parcels.record_scans(owner, scans, now=now) == 2
    assert parcels.record_scans(owner, scans, now=now) == 0
    assert parcels.record_scans(owner, [], now=now) == 0
    parcel = Parcel.objects.get(shop_id=owner.shop_id, id=parcel_id)
    assert (parcel.picked_up_at, parcel.last_scan_at) == (scans[1].at, scans[0].at)
    delivered = CarrierScan("ZTO", waybill(1), "delivered", now + timedelta(hours=50))
    assert parcels.record_scans(owner, [delivered], now=now) == 1
    assert Parcel.objects.get(shop_id=owner.shop_id, id=parcel_id).delivered_at == delivered.at
    assert Scan.objects.filter(shop_id=owner.shop_id).count() == 3
    assert status_of(owner.shop_id, order) == "shipped"
    for act in (parcels.void, lambda *a, **k: parcels.correct(*a, carrier="ZTO", waybill=waybill(5), **k)):
        with pytest.raises(Refusal) as caught:
            act(owner, parcel_id, now=now)
        assert codes(caught) == ["parcel_picked_up"]
