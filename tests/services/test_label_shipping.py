"""Labels shipped under, and how they follow when parcels move otherwise."""

from datetime import timedelta

import pytest

from fahuo.rules.people import Actor
from fahuo.rules.problems import Refusal
from fahuo.services import batches, labels, parcels, shipments
from fahuo.services.labels import Made
from fahuo.store.models import BatchRow, Label, LabelOrder, Order, Parcel
from tests.conftest import NOW
from tests.services.labelling import consistent, labelled, state, stocked
from tests.services.shipping import line_ids, make_order, status_of
from tests.services.shipping import waybill as other_waybill
from tests.services.stocks import states
from tests.services.test_labels import acts, codes

pytestmark = pytest.mark.django_db


def test_shipping_under_a_label(owner: Actor) -> None:
    stocked(owner)
    order, label = labelled(owner)
    Label.objects.filter(shop_id=owner.shop_id, id=label).update(grams=730)
    parcel_id = labels.ship(owner, [label], now=NOW)[0]
    parcel = Parcel.objects.get(shop_id=owner.shop_id)
    assert (parcel.id, parcel.carrier, parcel.waybill, parcel.grams) == (parcel_id, "ZTO", "75330000000501", 730)
    assert labels.ship(owner, [label, label], now=NOW + timedelta(hours=1)) == [parcel_id, parcel_id]
    assert (status_of(owner.shop_id, order), state(owner.shop_id, label)) == ("shipped", "shipped")
    assert acts(owner.shop_id, "") == ["label.made", "parcel.shipped", "label.shipped"]
    consistent(owner.shop_id)


def test_the_rest_of_an_order_goes_under_its_label(owner: Actor) -> None:
    stocked(owner)
    order = make_order(owner.shop_id, 1, now=NOW, quantities=(2, 1))
    first = line_ids(owner.shop_id, order)[0]
    parcels.ship(owner, order_ids=[order], carrier="ZTO", waybill=other_waybill(1), lines={first: 1}, now=NOW)
    made = labels.make(owner, [order], now=NOW)[0]
    assert isinstance(made, Made)
    assert codes(labels.ship(owner, [made.label_id], now=NOW)) == [""]
    assert status_of(owner.shop_id, order) == "shipped"
    consistent(owner.shop_id)


def test_blocked_labels_do_not_ship(owner: Actor, stranger: Actor) -> None:
    stocked(owner)
    pairs = [labelled(owner, n) for n in range(1, 6)]
    changes: list[dict[str, object]] = [
        {"refund_status": "requested"}, {"refund_status": "succeeded", "refund_amount": 10}, {"receiver_key": "other"}, {},
    ]  # fmt: skip
    for (order, _), change in zip(pairs, changes, strict=False):
        Order.objects.filter(shop_id=owner.shop_id, id=order).update(**change)
    parcels.ship(owner, order_ids=[pairs[3][0]], carrier="ZTO", waybill=other_waybill(1), now=NOW)
    outcome = labels.ship(owner, [*(label for _, label in pairs), 1], now=NOW)
    assert codes(outcome) == [
        "refund_in_progress", "order_refunded", "receiver_changed", "already_shipped_as", "", "label_unknown",
    ]  # fmt: skip
    assert outcome[3].data["waybill"] == other_waybill(1)  # type: ignore[union-attr]
    assert codes(labels.ship(stranger, [pairs[0][1]], now=NOW)) == ["label_unknown"]
    consistent(owner.shop_id)


def test_a_number_that_somebody_s_parcel_took(owner: Actor) -> None:
    stocked(owner)
    _, label = labelled(owner)
    other = make_order(owner.shop_id, 2, now=NOW)
    parcels.ship(owner, order_ids=[other], carrier="ZTO", waybill="75330000000501", now=NOW, insist=True)
    assert codes(labels.ship(owner, [label], now=NOW)) == ["waybill_in_use"]
    assert state(owner.shop_id, label) == "made"


def test_shipping_by_hand_under_the_label_s_number(owner: Actor) -> None:
    stocked(owner)
    order, label = labelled(owner)
    parcel_id = parcels.ship(owner, order_ids=[order], carrier="ZTO", waybill="75330000000501", now=NOW)
    assert Label.objects.get(shop_id=owner.shop_id, id=label).parcel_id == parcel_id
    consistent(owner.shop_id)


def test_one_of_two_orders_shipped_by_hand_leaves_the_other_free(owner: Actor) -> None:
    stocked(owner)
    same = [make_order(owner.shop_id, n, now=NOW, receiver_key="same") for n in (1, 2)]
    label = labels.make(owner, same, merge=True, now=NOW)[0].label_id  # type: ignore[union-attr]
    parcels.ship(owner, order_ids=same[:1], carrier="ZTO", waybill="75330000000501", now=NOW)
    assert LabelOrder.objects.get(shop_id=owner.shop_id, label_id=label, voided_at=None).order_id == same[0]
    made = labels.make(owner, [same[1]], now=NOW)[0]
    assert isinstance(made, Made)
    assert made.new
    consistent(owner.shop_id)


def test_a_voided_parcel_brings_its_label_back(owner: Actor) -> None:
    stocked(owner)
    order, label = labelled(owner)
    parcel_id = labels.ship(owner, [label], now=NOW)[0]
    assert isinstance(parcel_id, int)
    parcels.void(owner, parcel_id, now=NOW)
    assert (state(owner.shop_id, label), status_of(owner.shop_id, order)) == ("printed", "awaiting_shipment")
    assert states(owner.shop_id) == {"free": 9, "printed": 1}
    consistent(owner.shop_id)
    again = labels.ship(owner, [label], now=NOW)[0]
    assert again != parcel_id
    consistent(owner.shop_id)


def test_a_corrected_parcel_voids_the_label_with_the_old_number(owner: Actor) -> None:
    stocked(owner)
    order, label = labelled(owner)
    parcel_id = labels.ship(owner, [label], now=NOW)[0]
    assert isinstance(parcel_id, int)
    parcels.correct(owner, parcel_id, carrier="ZTO", waybill=other_waybill(7), now=NOW)
    assert state(owner.shop_id, label) == "voided"
    assert states(owner.shop_id) == {"free": 9, "voided": 1}
    assert status_of(owner.shop_id, order) == "shipped"
    consistent(owner.shop_id)


def test_a_batch_under_label_numbers_and_its_undo(owner: Actor) -> None:
    stocked(owner)
    pairs = [labelled(owner, n) for n in (1, 2)]
    batch_id = batches.open_shipments(owner, order_ids=[order for order, _ in pairs], now=NOW)
    shipments.fill_from_run(owner, batch_id, carrier="ZTO", first="75330000000501", now=NOW)
    batches.work(owner.shop_id, batch_id, now=NOW)
    batches.commit(owner, batch_id, now=NOW)
    batches.work(owner.shop_id, batch_id, now=NOW)
    assert [state(owner.shop_id, label) for _, label in pairs] == ["shipped", "shipped"]
    consistent(owner.shop_id)
    batches.undo(owner, batch_id, now=NOW)
    assert [state(owner.shop_id, label) for _, label in pairs] == ["printed", "printed"]
    consistent(owner.shop_id)


def test_a_number_on_the_label_of_one_order_ships_no_other(owner: Actor) -> None:
    stocked(owner)
    order, label = labelled(owner, 1)
    number = Label.objects.get(shop_id=owner.shop_id, id=label).waybill
    other, third = (make_order(owner.shop_id, n, now=NOW) for n in (2, 3))
    with pytest.raises(Refusal, match="number_on_label"):
        parcels.ship(owner, order_ids=[other], carrier="ZTO", waybill=number, now=NOW)
    parcel = parcels.ship(owner, order_ids=[third], carrier="ZTO", waybill=other_waybill(9), now=NOW)
    with pytest.raises(Refusal, match="number_on_label"):
        parcels.correct(owner, parcel, carrier="ZTO", waybill=number, now=NOW)
    batch = batches.open_shipments(owner, order_ids=[other], now=NOW)
    batches.fill_from_run(owner, batch, carrier="ZTO", first=number, now=NOW)
    batches.work(owner.shop_id, batch, now=NOW)
    (row,) = BatchRow.objects.filter(shop_id=owner.shop_id, batch_id=batch)
    assert (row.verdict, [each["code"] for each in row.problems]) == ("bad", ["number_on_label"])
    assert status_of(owner.shop_id, other) == "awaiting_shipment"
    parcels.ship(owner, order_ids=[order], carrier="ZTO", waybill=number, now=NOW)
    assert state(owner.shop_id, label) == "shipped"
    consistent(owner.shop_id)
