"""The bench, on a real database: what a scan finds, what blocks it, packing and taking it back."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from fahuo.rules import station as rules
from fahuo.rules.people import Actor
from fahuo.rules.problems import Refusal
from fahuo.rules.station import Check
from fahuo.services import labels, parcels, pickups, station
from fahuo.store.models import Contract, JournalEntry, Label, Order, OrderLine, Parcel, Shop, Sku
from tests.conftest import make_account
from tests.services.parcelling import fresh, make_contract, make_label
from tests.services.shipping import agree, make_order, order_number, status_of, waybill

CUP = "6901234567892"


@pytest.fixture
def contract(shop: Shop, now: datetime) -> Contract:
    return make_contract(shop.id, now=now)


@pytest.fixture
def quick(shop: Shop, now: datetime) -> Contract:
    """What is packed under it is submitted at once."""
    return make_contract(shop.id, name="中通急件", ships_at="packed", now=now)


@pytest.fixture
def packer(shop: Shop) -> Actor:
    return make_account(shop, "packer", permissions=("ship",)).actor


def stocked(label: Label, **skus: dict[str, Any]) -> None:
    """Give the lines of the label's orders codes, in order, and let the shop know those SKUs."""
    orders = Order.objects.filter(shop_id=label.shop_id, number__startswith="27").values_list("id", flat=True)
    lines = OrderLine.objects.filter(shop_id=label.shop_id, order_id__in=list(orders)).order_by("id")
    for line, (code, known) in zip(lines, skus.items(), strict=True):
        OrderLine.objects.filter(shop_id=line.shop_id, id=line.id).update(sku_code=code)
        Sku.objects.create(shop_id=line.shop_id, code=code, **known)


def blocks(found: station.Found) -> list[str]:
    assert found.bench
    return [problem.code for problem in found.bench.blocks]


def test_a_label_is_found_by_its_number_and_by_its_order_with_two_statements(
    owner: Actor, contract: Contract, now: datetime
) -> None:
    label = make_label(owner, contract, 1, now=now, quantities=(2, 1), buyer_message="快点", memo="送贺卡", flag=1)
    for text in (waybill(1), f" {waybill(1)}\r", order_number(1)):
        with CaptureQueriesContext(connection) as asked:
            found = station.find(owner, text)
        assert len(asked) == 2
        assert found.kind == "label"
        assert found.bench
        assert found.bench.label_id == label.id
        assert blocks(found) == []
        assert found.bench.pieces == 3
        assert [each.title for each in found.bench.goods] == ["杯0", "杯1"]
        (order,) = found.bench.orders
        assert (order.buyer_message, order.memo, order.flag) == ("快点", "送贺卡", 1)


def test_an_order_without_lines_is_one_thing_to_look_at(owner: Actor, contract: Contract, now: datetime) -> None:
    make_label(owner, contract, 1, now=now)
    bench = station.find(owner, waybill(1)).bench
    assert bench
    assert [(each.title, each.quantity) for each in bench.goods] == [("手工陶瓷杯", 1)]
    looked = rules.look(bench.goods, Check())
    assert rules.unfinished(bench.goods, looked.check) is None


def test_what_is_no_label_says_what_it_is(owner: Actor, shop: Shop, contract: Contract, now: datetime) -> None:
    waiting = make_order(shop.id, 1, now=now)
    gone = make_order(shop.id, 2, now=now)
    parcels.ship(owner, order_ids=[gone], carrier="ZTO", waybill=waybill(2), now=now)
    Sku.objects.create(shop_id=shop.id, code="CUP", title="白瓷杯", barcode=CUP)
    for text, kind, code, order_id in [
        (order_number(1), "order", "station_no_label", waiting), (order_number(2), "order", "already_shipped", gone),
        (waybill(2), "parcel", "station_no_label_parcel", gone), (CUP, "sku", "goods_wrong", None),
        ("CUP", "sku", "goods_wrong", None), ("nothing", "unknown", "station_unknown", None), ("", "unknown", "station_unknown", None),
        ("'; DROP TABLE labels; --", "unknown", "station_unknown", None), ("9" * 500, "unknown", "station_unknown", None),
    ]:  # fmt: skip
        found = station.find(owner, text)
        assert found.problem, text
        assert (found.kind, found.problem.code, found.order_id) == (kind, code, order_id)


def test_everything_that_must_not_leave_is_blocked(
    owner: Actor, packer: Actor, shop: Shop, contract: Contract, quick: Contract, now: datetime
) -> None:
    voided = make_label(owner, contract, 1, now=now)
    labels.void(owner, [voided.id], reason="破了", now=now)
    for n in range(2, 7):
        make_label(owner, contract, n, now=now)
    change = {2: {"refund_status": "requested"}, 3: {"receiver_key": "moved"}, 4: {"status": "closed"}}
    for n, fields in change.items():
        Order.objects.filter(shop_id=shop.id, number=order_number(n)).update(**fields)
    station.pack(packer, fresh_of(5).id, now=now)
    expected = {
        1: "label_voided", 2: "refund_in_progress", 3: "receiver_changed", 4: "order_closed", 5: "label_packed", 6: "",
    }  # fmt: skip
    for n, code in expected.items():
        assert blocks(station.find(owner, waybill(n))) == ([code] if code else [])
        if code:
            with pytest.raises(Refusal, match=code):
                station.pack(owner, found_id(owner, n), now=now)
    assert blocks(station.find(owner, waybill(6), contract_id=quick.id)) == ["station_other_contract"]
    with pytest.raises(Refusal, match="station_other_contract"):
        station.pack(owner, fresh_of(6).id, contract_id=quick.id, now=now)
    assert Label.objects.filter(shop_id=shop.id, packed_at__isnull=False).count() == 1


def fresh_of(n: int) -> Label:
    return Label.objects.get(waybill=waybill(n))


def found_id(actor: Actor, n: int) -> int:
    bench = station.find(actor, waybill(n)).bench
    assert bench
    return bench.label_id


def test_packing_waits_for_the_pickup_or_submits_at_once(
    packer: Actor, owner: Actor, shop: Shop, contract: Contract, quick: Contract, now: datetime
) -> None:
    waits, leaves = make_label(owner, contract, 1, now=now), make_label(owner, quick, 2, now=now)
    at = now + timedelta(minutes=5)
    first = station.pack(packer, waits.id, grams=420, now=at)
    second = station.pack(packer, leaves.id, grams=500, now=at)
    assert (first.parcel_id, first.again) == (None, False)
    label = fresh(waits)
    assert (label.state, label.packed_at, label.packed_by, label.packed_by_name, label.grams) == (
        "printed", at, packer.member_id, "packer", 420,
    )  # fmt: skip
    label = fresh(leaves)
    assert (label.state, label.packed_at, label.shipped_at, label.parcel_id) == ("shipped", at, at, second.parcel_id)
    assert Parcel.objects.get(shop_id=shop.id, id=second.parcel_id).grams == 500
    for label_id, parcel_id in ((waits.id, None), (leaves.id, second.parcel_id)):
        again = station.pack(packer, label_id, grams=9, now=at + timedelta(minutes=1))
        assert (again.again, again.parcel_id) == (True, parcel_id)
    told = JournalEntry.objects.filter(shop_id=shop.id, act="label.packed").order_by("id")
    assert [(entry.member_id, (entry.after or {})["grams"]) for entry in told] == [
        (packer.member_id, 420),
        (packer.member_id, 500),
    ]
    assert fresh(waits).grams == 420
    agree(shop.id)


def test_goods_are_checked_before_the_parcel_is_closed(
    owner: Actor, contract: Contract, shop: Shop, now: datetime
) -> None:
    label = make_label(owner, contract, 1, now=now, quantities=(2, 1))
    stocked(label, CUP={"barcode": CUP, "grams": 200}, POT={"grams": 500})
    bench = station.find(owner, waybill(1)).bench
    assert bench
    assert bench.expected == 900
    with pytest.raises(Refusal, match="goods_left"):
        station.pack(owner, label.id, checked=Check(), now=now)
    check = Check()
    for text in (CUP, CUP):
        check = station.check(bench, check, text).check
    for text, code in ((CUP, "goods_too_many"), ("6900000000000", "goods_wrong")):
        counted = station.check(bench, check, text)
        assert counted.problem
        assert (counted.problem.code, counted.check) == (code, check)
    with pytest.raises(Refusal, match="goods_left"):
        station.pack(owner, label.id, checked=check, now=now)
    check = rules.look(bench.goods, check).check
    for grams, code in ((0, "weight_impossible"), (700, "weight_light"), (5000, "weight_heavy")):
        with pytest.raises(Refusal, match=code):
            station.pack(owner, label.id, checked=check, grams=grams, now=now)
    with pytest.raises(Refusal, match="weight_impossible"):
        station.pack(owner, label.id, checked=check, grams=0, sure=True, now=now)
    assert not station.pack(owner, label.id, checked=check, grams=700, sure=True, now=now).again
    entry = JournalEntry.objects.get(shop_id=shop.id, act="label.packed")
    assert entry.after
    assert (entry.after["checked"], entry.after["grams"]) == ("eye", 700)


def test_an_order_that_changes_while_it_is_packed_is_not_packed(
    owner: Actor, quick: Contract, shop: Shop, now: datetime
) -> None:
    label = make_label(owner, quick, 1, now=now)
    assert blocks(station.find(owner, waybill(1))) == []
    Order.objects.filter(shop_id=shop.id, number=order_number(1)).update(refund_status="requested")
    with pytest.raises(Refusal, match="refund_in_progress"):
        station.pack(owner, label.id, now=now)
    assert fresh(label).packed_at is None
    agree(shop.id)


def test_the_last_packing_is_taken_back(
    packer: Actor, owner: Actor, shop: Shop, contract: Contract, quick: Contract, now: datetime
) -> None:
    waits, leaves = make_label(owner, contract, 1, now=now), make_label(owner, quick, 2, now=now)
    order_id = Order.objects.get(shop_id=shop.id, number=order_number(2)).id
    with pytest.raises(Refusal, match="station_nothing_to_undo"):
        station.undo(packer, now=now)
    station.pack(packer, waits.id, now=now)
    station.pack(packer, leaves.id, grams=300, now=now + timedelta(minutes=1))
    later = now + timedelta(minutes=2)
    assert status_of(shop.id, order_id) == "shipped"
    assert station.undo(packer, now=later).label_id == leaves.id
    label = fresh(leaves)
    assert (label.state, label.packed_at, label.packed_by, label.parcel_id, label.grams) == (
        "printed",
        None,
        None,
        None,
        None,
    )
    assert status_of(shop.id, order_id) == "awaiting_shipment"
    assert station.undo(packer, label_id=leaves.id, now=later).again
    assert station.undo(packer, now=later).label_id == waits.id
    with pytest.raises(Refusal, match="station_nothing_to_undo"):
        station.undo(packer, now=later)
    assert JournalEntry.objects.filter(shop_id=shop.id, act="label.unpacked").count() == 2
    assert station.pack(packer, leaves.id, now=later).parcel_id
    agree(shop.id)


def test_what_was_submitted_before_packing_stays_submitted(
    owner: Actor, contract: Contract, shop: Shop, now: datetime
) -> None:
    label = make_label(owner, contract, 1, now=now)
    assert labels.ship(owner, [label.id], now=now)
    later = now + timedelta(minutes=3)
    packed = station.pack(owner, label.id, grams=300, now=later)
    assert packed.parcel_id == fresh(label).parcel_id
    assert Parcel.objects.get(shop_id=shop.id, id=packed.parcel_id).grams == 300
    assert station.undo(owner, now=later).parcel_id == packed.parcel_id
    assert fresh(label).state == "shipped"


def test_nothing_is_taken_back_once_it_lies_on_a_manifest(
    owner: Actor, contract: Contract, shop: Shop, now: datetime
) -> None:
    label = make_label(owner, contract, 1, now=now)
    station.pack(owner, label.id, now=now)
    pickup = pickups.call(owner, contract.id, at=now, now=now)
    pickups.add_packed(owner, pickup, now=now)
    with pytest.raises(Refusal, match="label_on_manifest"):
        station.undo(owner, now=now)
    pickups.sign(owner, pickup, count=1, courier="王师傅", now=now)
    with pytest.raises(Refusal, match="manifest_handed_over"):
        station.undo(owner, now=now)
    assert blocks(station.find(owner, waybill(1))) == ["manifest_handed_over"]
    with pytest.raises(Refusal, match="manifest_handed_over"):
        station.pack(owner, label.id, now=now)


def test_what_the_carrier_has_scanned_is_not_taken_back(
    owner: Actor, quick: Contract, shop: Shop, now: datetime
) -> None:
    label = make_label(owner, quick, 1, now=now)
    packed = station.pack(owner, label.id, now=now)
    Parcel.objects.filter(shop_id=shop.id, id=packed.parcel_id).update(picked_up_at=now, last_scan_at=now)
    with pytest.raises(Refusal, match="parcel_picked_up"):
        station.undo(owner, now=now)
    assert fresh(label).packed_at == now


def test_only_who_may_pack_does(
    teammate: Actor, stranger: Actor, owner: Actor, contract: Contract, now: datetime
) -> None:
    label = make_label(owner, contract, 1, now=now)
    for act in (
        lambda: station.find(teammate, waybill(1)),
        lambda: station.pack(teammate, label.id, now=now),
        lambda: station.undo(teammate, now=now),
    ):
        with pytest.raises(Refusal, match="not_permitted"):
            act()
    assert station.find(stranger, waybill(1)).kind == "unknown"
    for act in (
        lambda: station.pack(stranger, label.id, now=now),
        lambda: station.undo(stranger, label_id=label.id, now=now),
    ):
        with pytest.raises(Refusal, match="label_unknown"):
            act()
