"""Pickups and manifests, on a real database: what belongs on a list, signing by count, and doing it all twice."""

from datetime import UTC, datetime, timedelta

import pytest

from fahuo.rules.people import Actor
from fahuo.rules.problems import Refusal
from fahuo.services import labels, parcels, pickups
from fahuo.store.models import Contract, JournalEntry, Label, Order, Parcel, Pickup, PickupParcel, Shop
from tests.services.parcelling import fresh, make_contract, make_label, make_labels
from tests.services.shipping import agree, make_order, order_number, status_of, waybill

EVENING = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
"""17:30 in Shanghai."""


@pytest.fixture
def contract(shop: Shop, now: datetime) -> Contract:
    return make_contract(shop.id, now=now)


@pytest.fixture
def evening(owner: Actor, contract: Contract, now: datetime) -> int:
    return pickups.open_daily(owner, contract.id, at=EVENING, now=now)


def codes(found: list[pickups.Added]) -> list[str]:
    return [one.problem.code if one.problem else "" for one in found]


def listed(pickup_id: int) -> list[str]:
    return sorted(PickupParcel.objects.filter(pickup_id=pickup_id).values_list("waybill", flat=True))


def acts(shop: Shop, prefix: str) -> list[str]:
    found = JournalEntry.objects.filter(shop_id=shop.id, act__startswith=prefix).order_by("id")
    return list(found.values_list("act", flat=True))


def test_a_daily_pickup_is_begun_once(owner: Actor, contract: Contract, shop: Shop, now: datetime) -> None:
    first = pickups.open_daily(owner, contract.id, at=EVENING, now=now)
    assert pickups.open_daily(owner, contract.id, at=EVENING, now=now) == first
    assert acts(shop, "pickup.") == ["pickup.opened"]
    for at in (EVENING + timedelta(minutes=1), EVENING + timedelta(days=2)):
        with pytest.raises(Refusal, match="pickup_not_daily"):
            pickups.open_daily(owner, contract.id, at=at, now=now)


def test_a_courier_is_called_for_once(owner: Actor, contract: Contract, shop: Shop, now: datetime) -> None:
    at = now + timedelta(hours=2)
    first = pickups.call(owner, contract.id, at=at, note=" 后门  按铃 ", now=now)
    assert pickups.call(owner, contract.id, at=at, note="后门", now=now) == first
    made = Pickup.objects.get(shop_id=shop.id)
    assert (made.status, made.kind, made.note, made.called_at) == ("called", "extra", "后门 按铃", now)
    assert pickups.begin(owner, first, now=now)
    assert not pickups.begin(owner, first, now=now)
    assert acts(shop, "pickup.") == ["pickup.called", "pickup.opened"]
    for wrong in (now - timedelta(hours=2), now + timedelta(days=8)):
        with pytest.raises(Refusal, match="pickup_when"):
            pickups.call(owner, contract.id, at=wrong, now=now)


def test_a_contract_out_of_use_has_no_pickups(owner: Actor, stranger: Actor, contract: Contract, now: datetime) -> None:
    with pytest.raises(Refusal, match="contract_unknown"):
        pickups.call(stranger, contract.id, at=now, now=now)
    Contract.objects.filter(shop_id=contract.shop_id, id=contract.id).update(active=False)
    with pytest.raises(Refusal, match="contract_inactive"):
        pickups.open_daily(owner, contract.id, at=EVENING, now=now)


def test_what_does_not_belong_is_refused_by_its_number_and_the_rest_is_listed(
    owner: Actor, contract: Contract, evening: int, shop: Shop, now: datetime
) -> None:
    other = make_contract(shop.id, name="中通滨江", now=now)
    yto = make_contract(shop.id, name="圆通", carrier="YTO", now=now)
    good = make_label(owner, contract, 1, now=now, state="packed")
    make_label(owner, other, 2, now=now, state="packed")
    make_label(owner, yto, 3, now=now, state="packed", number="YT1234567890123")
    gone = make_label(owner, contract, 4, now=now)
    labels.void(owner, [gone.id], reason="撕坏了", now=now)
    refunding = make_label(owner, contract, 5, now=now, state="packed")
    Order.objects.filter(shop_id=shop.id, number=order_number(5)).update(refund_status="requested")
    make_label(owner, contract, 6, now=now)
    scans = [waybill(1), waybill(2), "YT1234567890123", waybill(4), waybill(5), waybill(6), waybill(99), waybill(1)]
    found = pickups.add(owner, evening, scans[:-1], now=now)
    assert codes(found) == [
        "", "manifest_other_contract", "manifest_other_carrier", "label_voided", "refund_in_progress", "",
        "manifest_unknown",
    ]  # fmt: skip
    assert [one.waybill for one in found] == scans[:-1]
    assert found[0].new
    assert found[0].warning is None
    assert found[5].warning
    assert found[5].warning.code == "manifest_not_packed"
    again = pickups.add(owner, evening, scans[-1:], now=now)
    assert codes(again) == [""]
    assert not again[0].new
    assert listed(evening) == [waybill(1), waybill(6)]
    assert acts(shop, "manifest.") == ["manifest.added"] * 2
    assert fresh(good).handed_over_at is None
    assert status_of(shop.id, Order.objects.get(number=order_number(1)).id) == "awaiting_shipment"
    assert refunding.id


def test_a_number_stands_on_one_open_manifest(owner: Actor, contract: Contract, evening: int, now: datetime) -> None:
    make_labels(owner, contract, [1, 2], now=now)
    later = pickups.call(owner, contract.id, at=EVENING + timedelta(hours=1), now=now)
    assert codes(pickups.add(owner, evening, [waybill(1)], now=now)) == [""]
    assert codes(pickups.add(owner, later, [waybill(1), waybill(2)], now=now)) == ["manifest_elsewhere", ""]
    assert pickups.remove(owner, evening, [waybill(1), waybill(2)], now=now) == 1
    assert pickups.remove(owner, evening, [waybill(1)], now=now) == 0
    assert codes(pickups.add(owner, later, [waybill(1)], now=now)) == [""]
    assert pickups.cancel(owner, later, now=now) == 2
    assert pickups.cancel(owner, later, now=now) == 0
    with pytest.raises(Refusal, match="pickup_cancelled"):
        pickups.add(owner, later, [waybill(1)], now=now)
    assert codes(pickups.add(owner, evening, [waybill(1), waybill(2)], now=now)) == ["", ""]


def test_everything_packed_is_listed_but_what_must_stay(
    owner: Actor, contract: Contract, evening: int, shop: Shop, now: datetime
) -> None:
    make_labels(owner, contract, range(1, 6), now=now)
    make_labels(owner, contract, [6], now=now, state="printed")
    Order.objects.filter(shop_id=shop.id, number=order_number(3)).update(receiver_key="moved")
    found = pickups.add_packed(owner, evening, now=now)
    assert (found.count, [problem.code for problem in found.problems], found.more) == (4, ["receiver_changed"], False)
    assert pickups.add_packed(owner, evening, now=now).count == 0
    assert listed(evening) == [waybill(n) for n in (1, 2, 4, 5)]


def test_signing_ships_and_hands_over_what_is_listed(
    owner: Actor, contract: Contract, evening: int, shop: Shop, now: datetime
) -> None:
    made = make_labels(owner, contract, [1, 2, 3], now=now)
    pickups.add_packed(owner, evening, now=now)
    at = now + timedelta(hours=5)
    done = pickups.sign(owner, evening, count=3, courier="王师傅", now=at)
    assert (done.count, done.shipped, done.again) == (3, 3, False)
    for label in map(fresh, made):
        assert (label.state, label.shipped_at, label.handed_over_at) == ("shipped", at, at)
        parcel = Parcel.objects.get(shop_id=shop.id, id=label.parcel_id)
        assert (parcel.waybill, parcel.shipped_at, parcel.handed_over_at) == (label.waybill, at, at)
    pickup = Pickup.objects.get(shop_id=shop.id, id=evening)
    assert (pickup.status, pickup.signed_at, pickup.signed_count, pickup.signed_by) == ("signed", at, 3, "王师傅")
    assert set(PickupParcel.objects.values_list("signed_at", flat=True)) == {at}
    assert set(PickupParcel.objects.values_list("parcel_id", flat=True)) == {fresh(label).parcel_id for label in made}
    assert acts(shop, "parcel.handed_over") == ["parcel.handed_over"] * 3
    agree(shop.id)

    again = pickups.sign(owner, evening, count=3, courier="王师傅", now=at + timedelta(hours=1))
    assert (again.count, again.again) == (3, True)
    assert Pickup.objects.get(shop_id=shop.id, id=evening).signed_at == at
    assert acts(shop, "parcel.handed_over") == ["parcel.handed_over"] * 3
    with pytest.raises(Refusal, match="pickup_signed"):
        pickups.sign(owner, evening, count=2, courier="王师傅", now=at)
    with pytest.raises(Refusal, match="pickup_signed"):
        pickups.cancel(owner, evening, now=at)
    extra = pickups.call(owner, contract.id, at=at, now=at)
    assert codes(pickups.add(owner, extra, [waybill(1)], now=at)) == ["manifest_handed_over"]


def test_another_count_is_refused_with_both_numbers_until_the_missing_are_named(
    owner: Actor, contract: Contract, evening: int, shop: Shop, now: datetime
) -> None:
    make_labels(owner, contract, [1, 2, 3], now=now)
    pickups.add_packed(owner, evening, now=now)
    with pytest.raises(Refusal, match="manifest_count_short") as short:
        pickups.sign(owner, evening, count=2, courier="王师傅", now=now)
    assert short.value.problems[0].data == {"listed": 3, "counted": 2, "apart": 1}
    with pytest.raises(Refusal, match="manifest_count_over"):
        pickups.sign(owner, evening, count=4, courier="王师傅", now=now)
    with pytest.raises(Refusal, match="manifest_not_listed"):
        pickups.sign(owner, evening, count=2, courier="王师傅", missing=[waybill(9)], now=now)
    with pytest.raises(Refusal, match="manifest_who"):
        pickups.sign(owner, evening, count=3, courier="  ", now=now)
    assert listed(evening) == [waybill(n) for n in (1, 2, 3)]
    assert Label.objects.filter(shop_id=shop.id, state="shipped").count() == 0
    done = pickups.sign(owner, evening, count=2, courier="王师傅", missing=[waybill(2)], now=now)
    assert done.count == 2
    assert listed(evening) == [waybill(1), waybill(3)]
    assert fresh(Label.objects.get(waybill=waybill(2))).handed_over_at is None
    agree(shop.id)


def test_an_empty_manifest_is_not_signed(owner: Actor, evening: int, now: datetime) -> None:
    with pytest.raises(Refusal, match="manifest_empty"):
        pickups.sign(owner, evening, count=0, courier="王师傅", now=now)


def test_what_became_forbidden_on_the_list_stops_the_signing(
    owner: Actor, contract: Contract, evening: int, shop: Shop, now: datetime
) -> None:
    made = make_labels(owner, contract, [1, 2, 3], now=now)
    pickups.add_packed(owner, evening, now=now)
    Order.objects.filter(shop_id=shop.id, number=order_number(2)).update(refund_status="agreed")
    labels.void(owner, [made[2].id], reason="地址错", now=now)
    with pytest.raises(Refusal) as refused:
        pickups.sign(owner, evening, count=3, courier="王师傅", now=now)
    assert [problem.code for problem in refused.value.problems] == ["refund_in_progress", "label_voided"]
    assert Label.objects.filter(shop_id=shop.id, state="shipped").count() == 0
    done = pickups.sign(owner, evening, count=1, courier="王师傅", missing=[waybill(2), waybill(3)], now=now)
    assert (done.count, done.shipped) == (1, 1)
    agree(shop.id)


def test_a_parcel_shipped_by_sheet_goes_on_a_manifest_too(
    owner: Actor, contract: Contract, evening: int, shop: Shop, now: datetime
) -> None:
    order_id = make_order(shop.id, 1, now=now)
    parcel_id = parcels.ship(owner, order_ids=[order_id], carrier="ZTO", waybill=waybill(7), now=now)
    other = make_order(shop.id, 2, now=now)
    parcels.ship(owner, order_ids=[other], carrier="YTO", waybill="YT1234567890123", now=now)
    found = pickups.add(owner, evening, [waybill(7), "YT1234567890123"], now=now)
    assert codes(found) == ["", "manifest_other_carrier"]
    assert found[0].warning is None
    pickups.sign(owner, evening, count=1, courier="王师傅", now=now)
    assert Parcel.objects.get(shop_id=shop.id, id=parcel_id).handed_over_at == now
    assert JournalEntry.objects.get(shop_id=shop.id, act="parcel.handed_over").order_id == order_id


def test_a_parcel_taken_back_is_no_longer_handed_over(
    owner: Actor, contract: Contract, evening: int, shop: Shop, now: datetime
) -> None:
    label = make_labels(owner, contract, [1], now=now)[0]
    pickups.add_packed(owner, evening, now=now)
    pickups.sign(owner, evening, count=1, courier="王师傅", now=now)
    parcels.void(owner, int(fresh(label).parcel_id or 0), now=now)
    assert fresh(label).handed_over_at is None
    extra = pickups.call(owner, contract.id, at=now, now=now)
    assert codes(pickups.add(owner, extra, [waybill(1)], now=now)) == [""]
    assert pickups.sign(owner, extra, count=1, courier="李师傅", now=now).shipped == 1
    agree(shop.id)


def test_only_who_may_hand_over_does(
    teammate: Actor, owner: Actor, contract: Contract, evening: int, now: datetime
) -> None:
    for act in (
        lambda: pickups.call(teammate, contract.id, at=now, now=now),
        lambda: pickups.open_daily(teammate, contract.id, at=EVENING, now=now),
        lambda: pickups.add(teammate, evening, [waybill(1)], now=now),
        lambda: pickups.add_packed(teammate, evening, now=now),
        lambda: pickups.remove(teammate, evening, [waybill(1)], now=now),
        lambda: pickups.sign(teammate, evening, count=1, courier="x", now=now),
        lambda: pickups.cancel(teammate, evening, now=now),
    ):
        with pytest.raises(Refusal, match="not_permitted"):
            act()


def test_nobody_reaches_another_shops_pickup(stranger: Actor, evening: int, now: datetime) -> None:
    with pytest.raises(Refusal, match="pickup_unknown"):
        pickups.add(stranger, evening, [waybill(1)], now=now)
    with pytest.raises(Refusal, match="pickup_unknown"):
        pickups.sign(stranger, evening, count=1, courier="x", now=now)


def test_too_many_numbers_at_once(owner: Actor, evening: int, now: datetime) -> None:
    with pytest.raises(Refusal, match="manifest_too_many"):
        pickups.add(owner, evening, ["1"] * 5001, now=now)
