"""What a courier does with the orders in his hands, and that it is those alone."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from fahuo.connectors.sheet.reader import open_sheet
from fahuo.rules.handing import SEEN_AFTER
from fahuo.rules.people import Actor, CourierActor
from fahuo.rules.problems import Problem
from fahuo.services import courier, handing, labels, parcels, stock
from fahuo.services.labels import Made
from fahuo.store.boards import courier as board
from fahuo.store.models import Contract, JournalEntry, Label, Order, Parcel, Shop
from tests.conftest import NOW
from tests.services.contracts import make_contract, make_courier
from tests.services.shipping import agree, make_order, order_number, status_of, waybill
from tests.services.test_people import codes

pytestmark = pytest.mark.django_db
MIDNIGHT = NOW - timedelta(hours=12)


@pytest.fixture
def contract(shop: Shop) -> Contract:
    return make_contract(shop.id, now=NOW)


@pytest.fixture
def li(contract: Contract) -> CourierActor:
    return make_courier(contract).actor


@pytest.fixture
def zhang(shop: Shop) -> CourierActor:
    """The courier of another contract of the same carrier."""
    return make_courier(make_contract(shop.id, "中通余杭", now=NOW), "zhang").actor


def handed(owner: Actor, to: CourierActor, *numbers: int, **more: Any) -> list[int]:
    """New orders in a courier's hands."""
    orders = [make_order(to.shop_id, n, now=NOW, **more) for n in numbers]
    told = handing.hand(owner, orders, contract_id=to.contract_id, note="轻放", now=NOW)
    assert told.moved == orders
    return orders


def buy(owner: Actor, contract: Contract, first: int, count: int) -> None:
    """So many numbers in stock, from the first on."""
    stock.buy_run(
        owner, contract.id, stock.Terms(Decimal("0.5"), NOW.date()), first=waybill(first), count=count, now=NOW
    )


def outcomes(found: Sequence[Made | Problem | int]) -> list[Any]:
    return [one.code if isinstance(one, Problem) else getattr(one, "waybill", "parcel") for one in found]


def tabs(of: CourierActor, *, at: datetime = MIDNIGHT) -> list[int]:
    found = board.counts(of.shop_id, of.contract_id, "ZTO", since=at)
    return [found[tab] for tab in board.TABS]


def test_numbers_are_entered_and_orders_leave(owner: Actor, li: CourierActor, shop: Shop) -> None:
    orders = handed(owner, li, 1, 2, 3)
    assert tabs(li) == [3, 0, 0]
    entered = courier.enter(li, [(orders[0], waybill(1)), (orders[1], "75 0000 0000 0002")], now=NOW)
    assert outcomes(entered) == [waybill(1), "75000000000002"]
    assert tabs(li) == [1, 2, 0]
    assert outcomes(courier.ship(li, orders, now=NOW)) == ["parcel", "parcel", "label_none"]
    assert tabs(li) == [1, 0, 2]
    again = courier.ship(li, orders[:2], now=NOW)
    assert Parcel.objects.filter(shop_id=shop.id).count() == 2
    assert outcomes(again) == ["parcel", "parcel"]
    told = JournalEntry.objects.filter(shop_id=shop.id, order_id=orders[0], member_id=li.courier_id)
    assert set(told.values_list("act", flat=True)) >= {"label.made", "parcel.shipped"}
    assert set(told.values_list("actor", flat=True)) == {li.name}
    agree(shop.id)


def test_the_other_contracts_orders_are_not_there(owner: Actor, li: CourierActor, zhang: CourierActor) -> None:
    mine, theirs = handed(owner, li, 1)[0], handed(owner, zhang, 2)[0]
    free = make_order(li.shop_id, 3, now=NOW)
    for other in (theirs, free, 10**9):
        for act in (
            lambda: courier.own(li, [mine, other], now=NOW),  # noqa: B023
            lambda: courier.reveal(li, other, now=NOW),  # noqa: B023
            lambda: courier.take(li, [other], now=NOW),  # noqa: B023
            lambda: courier.enter(li, [(other, waybill(1))], now=NOW),  # noqa: B023
            lambda: courier.run(li, [other], waybill(1), now=NOW),  # noqa: B023
            lambda: courier.ship(li, [mine, other], now=NOW),  # noqa: B023
            lambda: courier.address_table(li, [other], now=NOW),  # noqa: B023
            lambda: courier.label_ids(li, [other], now=NOW),  # noqa: B023
            lambda: courier.give_up(li, other, reason="x", now=NOW),  # noqa: B023
            lambda: courier.take_again(li, other, now=NOW),  # noqa: B023
        ):
            assert codes(act) == ["order_unknown"]
    assert [row.id for row in board.page(li.shop_id, li.contract_id, "ZTO", "print", since=MIDNIGHT).rows] == [mine]
    assert board.find(li.shop_id, li.contract_id, order_number(2)) is None
    assert board.find(li.shop_id, li.contract_id, order_number(1)) == mine
    assert not Label.objects.exists()


def test_a_number_that_another_order_has_does_not_tell_whose(
    owner: Actor, li: CourierActor, zhang: CourierActor
) -> None:
    mine, theirs = handed(owner, li, 1)[0], handed(owner, zhang, 2)[0]
    courier.enter(zhang, [(theirs, waybill(1))], now=NOW)
    courier.ship(zhang, [theirs], now=NOW)
    (told,) = courier.enter(li, [(mine, waybill(1))], now=NOW)
    assert isinstance(told, Problem)
    assert order_number(2) not in told.sentence("zh") + told.sentence("en") + str(told.data)
    assert told.code == "waybill_used"


def test_an_order_is_taken_back_under_his_hand(owner: Actor, li: CourierActor) -> None:
    orders = handed(owner, li, 1, 2)
    courier.enter(li, [(orders[0], waybill(1))], now=NOW)
    told = handing.take_back(owner, orders[:1], now=NOW)
    assert [row.waybill for row in told.labels] == [waybill(1)]
    assert codes(lambda: courier.ship(li, orders[:1], now=NOW)) == ["order_unknown"]
    assert codes(lambda: courier.reveal(li, orders[0], now=NOW)) == ["order_unknown"]
    assert tabs(li) == [1, 0, 0]
    assert labels.void(owner, [told.labels[0].label_id], reason="收回", now=NOW) == [told.labels[0].label_id]


def test_a_label_of_two_orders_is_not_his_when_one_was_taken_back(owner: Actor, shop: Shop, li: CourierActor) -> None:
    pair = [make_order(shop.id, n, now=NOW, receiver_key="same") for n in (1, 2)]
    contract = Contract.objects.get(shop_id=shop.id, id=li.contract_id)
    contract.numbers = "stock"
    contract.save(update_fields=["numbers"])
    buy(owner, contract, 1, 5)
    labels.make(owner, pair, contract_id=contract.id, merge=True, now=NOW)
    handing.hand(owner, pair, contract_id=contract.id, now=NOW)
    assert len(courier.label_ids(li, pair, now=NOW)) == 1
    handing.take_back(owner, pair[1:], now=NOW)
    assert outcomes(courier.ship(li, pair[:1], now=NOW)) == ["label_torn"]
    assert codes(lambda: courier.label_ids(li, pair[:1], now=NOW)) == ["label_torn"]
    assert codes(lambda: courier.give_up(li, pair[0], reason="x", now=NOW)) == ["label_torn"]
    assert status_of(shop.id, pair[1]) == "awaiting_shipment"


def test_what_must_stay_says_so(owner: Actor, li: CourierActor, shop: Shop) -> None:
    refund, moved, closed = handed(owner, li, 1, 2, 3)
    courier.enter(li, [(moved, waybill(2))], now=NOW)
    Order.objects.filter(shop_id=shop.id, id=refund).update(refund_status="requested")
    Order.objects.filter(shop_id=shop.id, id=moved).update(receiver_key="elsewhere")
    Order.objects.filter(shop_id=shop.id, id=closed).update(status="closed")
    found = {order.id: courier.stopped(order) for order in courier.own(li, [refund, moved, closed], now=NOW)}
    assert {key: problem.code for key, problem in found.items() if problem} == {
        refund: "refund_in_progress", moved: "receiver_changed", closed: "order_closed",
    }  # fmt: skip
    assert outcomes(courier.ship(li, [refund, moved], now=NOW)) == ["refund_in_progress", "receiver_changed"]
    assert outcomes(courier.enter(li, [(refund, waybill(1))], now=NOW)) == ["refund_in_progress"]


def test_numbers_come_from_the_stock_where_the_contract_has_one(owner: Actor, shop: Shop) -> None:
    contract = make_contract(shop.id, "有库存", numbers="stock", now=NOW)
    of = make_courier(contract, "wang").actor
    buy(owner, contract, 50, 2)
    orders = handed(owner, of, 1, 2, 3)
    assert outcomes(courier.take(of, orders, now=NOW)) == [waybill(50), waybill(51), "stock_short"]
    assert outcomes(courier.take(of, orders[:2], now=NOW)) == [waybill(50), waybill(51)]
    assert outcomes(courier.enter(of, [(orders[2], waybill(9))], now=NOW)) == ["numbers_from_stock"]
    assert tabs(of) == [3, 0, 0]


def test_a_run_is_shown_before_it_is_written(owner: Actor, li: CourierActor) -> None:
    orders = handed(owner, li, 1, 2, 3)
    found = courier.run(li, orders, waybill(7), now=NOW)
    assert [number for _, number in found] == [waybill(7), waybill(8), waybill(9)]
    assert not Label.objects.exists()


def test_a_wrong_number_is_given_up_and_a_shipping_taken_back(
    owner: Actor, li: CourierActor, zhang: CourierActor
) -> None:
    order = handed(owner, li, 1)[0]
    assert codes(lambda: courier.give_up(li, order, reason="x", now=NOW)) == ["label_none"]
    courier.enter(li, [(order, waybill(1))], now=NOW)
    courier.give_up(li, order, reason="扫错了", now=NOW)
    courier.enter(li, [(order, waybill(2))], now=NOW)
    courier.ship(li, [order], now=NOW)
    assert codes(lambda: courier.give_up(li, order, reason="x", now=NOW)) == ["label_shipped"]
    courier.take_again(li, order, now=NOW)
    assert status_of(li.shop_id, order) == "awaiting_shipment"
    assert tabs(li) == [0, 1, 0]
    parcels.ship(owner, order_ids=[order], carrier="ZTO", waybill=waybill(2), now=NOW)
    assert codes(lambda: courier.take_again(li, order, now=NOW)) == ["order_unknown"]
    agree(li.shop_id)


def test_addresses_go_out_in_full_and_are_journaled(owner: Actor, li: CourierActor, shop: Shop) -> None:
    orders = handed(owner, li, 1, 2, buyer="买家甲", buyer_message="快点", memo="自己人看的")
    name, body = courier.address_table(li, orders, now=NOW)
    sheet = open_sheet(name, body)
    rows = [dict(zip(sheet.header, row.cells, strict=False)) for row in sheet.rows()]
    assert [row["订单编号"] for row in rows] == [order_number(1), order_number(2)]
    assert (rows[0]["收件人"], rows[0]["联系电话"], rows[0]["备注"]) == ("甲一", "17000000001-1234", "轻放")
    assert not {"买家甲", "快点", "自己人看的"} & {cell for row in rows for cell in row.values()}
    told = JournalEntry.objects.filter(shop_id=shop.id, act="order.exported", member_id=li.courier_id)
    assert [entry.order_id for entry in told.order_by("id")] == orders
    assert courier.reveal(li, orders[0], now=NOW).name == "甲一"
    assert JournalEntry.objects.get(shop_id=shop.id, act="order.revealed").member_id == li.courier_id


def test_what_left_is_seen_for_a_week(owner: Actor, li: CourierActor) -> None:
    order = handed(owner, li, 1)[0]
    courier.enter(li, [(order, waybill(1))], now=NOW)
    courier.ship(li, [order], now=NOW)
    assert [row.tab for row in courier.own(li, [order], now=NOW + SEEN_AFTER)] == ["shipped"]
    late = NOW + SEEN_AFTER + timedelta(minutes=1)
    assert codes(lambda: courier.own(li, [order], now=late)) == ["order_unknown"]


def test_a_list_goes_on_where_it_stopped(owner: Actor, li: CourierActor) -> None:
    orders = handed(owner, li, *range(1, 8))
    seen, cursor = [], ""
    for _ in range(4):
        page = board.page(li.shop_id, li.contract_id, "ZTO", "print", since=MIDNIGHT, cursor=cursor, limit=2)
        seen += [row.id for row in page.rows]
        cursor = page.next
    assert (seen, cursor) == (orders, "")
    courier.enter(li, [(order, waybill(n)) for n, order in enumerate(orders)], now=NOW)
    courier.ship(li, orders, now=NOW)
    first = board.page(li.shop_id, li.contract_id, "ZTO", "shipped", since=MIDNIGHT, limit=4)
    rest = board.page(li.shop_id, li.contract_id, "ZTO", "shipped", since=MIDNIGHT, cursor=first.next, limit=4)
    assert [row.id for row in (*first.rows, *rest.rows)] == orders[::-1]
