"""Orders in couriers' hands: each order's verdict, one entry for each that moved, and back at once."""

from datetime import timedelta

import pytest

from fahuo.rules.handing import SEEN_AFTER
from fahuo.rules.people import Actor
from fahuo.services import couriers, handing, parcels
from fahuo.store.models import Assignment, Contract, JournalEntry, Label, LabelOrder, Order, Shop
from tests.conftest import NOW
from tests.services.contracts import make_contract, make_courier
from tests.services.shipping import make_order, order_number, waybill
from tests.services.test_people import codes

pytestmark = pytest.mark.django_db


@pytest.fixture
def contract(shop: Shop) -> Contract:
    found = make_contract(shop.id, now=NOW)
    make_courier(found)
    return found


@pytest.fixture
def other(shop: Shop) -> Contract:
    found = make_contract(shop.id, "圆通", carrier="YTO", now=NOW)
    make_courier(found, "yto")
    return found


def hand(actor: Actor, contract: Contract, *orders: int, note: str = "") -> handing.Handed:
    return handing.hand(actor, orders, contract_id=contract.id, note=note, now=NOW)


def told(shop: Shop, act: str) -> list[int]:
    found = JournalEntry.objects.filter(shop_id=shop.id, act=act).order_by("id")
    return [int(entry.order_id or 0) for entry in found]


def add_label(shop: Shop, contract: Contract, *orders: int, number: int = 1) -> int:
    label = Label.objects.create(
        shop_id=shop.id, contract_id=contract.id, carrier=contract.carrier, waybill=waybill(number), made_at=NOW
    )
    for order in orders:
        LabelOrder.objects.create(shop_id=shop.id, order_id=order, label_id=label.id)
    return int(label.id)


def test_orders_are_handed_once_and_say_so(owner: Actor, shop: Shop, contract: Contract) -> None:
    orders = [make_order(shop.id, n, now=NOW) for n in range(1, 4)]
    first = hand(owner, contract, *orders, note="  易碎 \n 轻放 ")
    again = hand(owner, contract, *orders)
    assert (first.moved, first.same, first.problems) == (orders, [], [])
    assert (again.moved, again.same, again.problems) == ([], orders, [])
    assert told(shop, "order.handed") == orders
    kept = Assignment.objects.get(shop_id=shop.id, order_id=orders[0])
    assert (kept.contract_id, kept.handed_at, kept.note, kept.chosen_by) == (contract.id, NOW, "易碎 轻放", "person")


def test_each_order_has_its_verdict(
    owner: Actor, shop: Shop, other_shop: Shop, contract: Contract, other: Contract
) -> None:
    good, unpaid, refund, virtual, with_other, labelled, pair, partner, shipped, foreign = [
        make_order(shop.id, 1, now=NOW), make_order(shop.id, 2, now=NOW, status="awaiting_payment"),
        make_order(shop.id, 3, now=NOW, refund_status="requested"), make_order(shop.id, 4, now=NOW, kind="virtual"),
        *(make_order(shop.id, n, now=NOW) for n in range(5, 10)), make_order(other_shop.id, 10, now=NOW),
    ]  # fmt: skip
    hand(owner, other, with_other)
    add_label(shop, other, labelled)
    add_label(shop, contract, pair, partner, number=2)
    parcels.ship(owner, order_ids=[shipped], carrier="ZTO", waybill=waybill(3), now=NOW)
    found = hand(owner, contract, good, unpaid, refund, virtual, with_other, labelled, pair, shipped, foreign)
    assert found.moved == [good]
    assert {problem.data["order"]: problem.code for problem in found.problems} == {
        order_number(2): "order_not_paid", order_number(3): "refund_in_progress", order_number(4): "order_needs_no_courier",
        order_number(5): "order_handed_elsewhere", order_number(6): "order_labelled_elsewhere",
        order_number(7): "order_shares_label", order_number(9): "already_shipped",
    }  # fmt: skip
    for problem in found.problems:
        assert problem.sentence("zh")
        assert problem.sentence("en")
    assert hand(owner, contract, pair, partner).moved == [pair, partner]
    assert Assignment.objects.get(shop_id=shop.id, order_id=with_other).contract_id == other.id


def test_what_refuses_the_whole(owner: Actor, teammate: Actor, shop: Shop, contract: Contract) -> None:
    order = make_order(shop.id, 1, now=NOW)
    alone = make_contract(shop.id, "顺丰", carrier="SF", now=NOW)
    assert codes(lambda: hand(owner, alone, order)) == ["contract_without_couriers"]
    assert codes(lambda: hand(owner, contract)) == ["no_orders_chosen"]
    assert codes(lambda: hand(owner, contract, order, note="长" * 101)) == ["courier_note_long"]
    assert codes(lambda: hand(teammate, contract, order)) == ["not_permitted"]
    assert codes(lambda: handing.take_back(teammate, [order], now=NOW)) == ["not_permitted"]
    assert not Assignment.objects.filter(shop_id=shop.id).exists()


def test_taken_back_at_once_with_the_labels_that_exist(owner: Actor, shop: Shop, contract: Contract) -> None:
    plain, labelled, never, shipped = [make_order(shop.id, n, now=NOW) for n in range(1, 5)]
    hand(owner, contract, plain, labelled, shipped)
    label = add_label(shop, contract, labelled)
    parcels.ship(owner, order_ids=[shipped], carrier="ZTO", waybill=waybill(3), now=NOW)
    found = handing.take_back(owner, [plain, labelled, never, shipped], now=NOW)
    assert found.moved == [plain, labelled]
    assert [(row.id, row.label_id, row.waybill) for row in found.labels] == [(labelled, label, waybill(1))]
    assert {problem.data["order"]: problem.code for problem in found.problems} == {
        order_number(3): "order_not_handed", order_number(4): "order_left_already",
    }  # fmt: skip
    assert told(shop, "order.taken_back") == [plain, labelled]
    assert handing.take_back(owner, [plain], now=NOW).moved == []
    assert Assignment.objects.get(shop_id=shop.id, order_id=plain).contract_id == contract.id
    assert hand(owner, contract, plain).moved == [plain]


def test_a_closed_order_is_taken_back_too(owner: Actor, shop: Shop, contract: Contract) -> None:
    order = make_order(shop.id, 1, now=NOW)
    hand(owner, contract, order)
    Order.objects.filter(shop_id=shop.id, id=order).update(status="closed")
    assert handing.take_back(owner, [order], now=NOW).moved == [order]


def test_a_contract_hands_over_by_itself_and_not_what_was_taken_back(
    owner: Actor, shop: Shop, contract: Contract
) -> None:
    orders = [make_order(shop.id, n, now=NOW) for n in range(1, 4)]
    refund = make_order(shop.id, 4, now=NOW, refund_status="agreed")
    for order in (*orders, refund):
        Assignment.objects.create(
            shop_id=shop.id, order_id=order, contract_id=contract.id, chosen_by="rule", chosen_at=NOW
        )
    assert handing.run_due(now=NOW) == 0
    assert couriers.set_hands_over(owner, contract.id, True, now=NOW)
    assert not couriers.set_hands_over(owner, contract.id, True, now=NOW)
    assert handing.run_due(now=NOW) == 3
    assert told(shop, "order.handed") == orders
    handing.take_back(owner, [orders[0]], now=NOW)
    assert handing.run_due(now=NOW) == 0
    assert Assignment.objects.get(shop_id=shop.id, order_id=orders[1]).chosen_by == "rule"


def test_what_left_is_let_go_after_a_week(owner: Actor, shop: Shop, contract: Contract) -> None:
    waits, left = make_order(shop.id, 1, now=NOW), make_order(shop.id, 2, now=NOW)
    hand(owner, contract, waits, left)
    parcels.ship(owner, order_ids=[left], carrier="ZTO", waybill=waybill(1), now=NOW + timedelta(days=1))
    assert handing.forget(now=NOW + SEEN_AFTER + timedelta(hours=1)) == 0
    assert handing.forget(now=NOW + SEEN_AFTER + timedelta(days=1, hours=1)) == 1
    handed = Assignment.objects.filter(shop_id=shop.id, handed_at__isnull=False)
    assert [row.order_id for row in handed] == [waits]
