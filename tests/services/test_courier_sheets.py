"""A courier's numbers by sheet: his own address table, filled in; looked at first, written under his name, his orders only."""

import pytest

from fahuo.connectors.sheet.reader import open_sheet
from fahuo.connectors.sheet.writer import write_xlsx
from fahuo.rules.people import Actor, CourierActor
from fahuo.rules.problems import Refusal
from fahuo.services import courier, courier_sheets, handing
from fahuo.store.models import JournalEntry, Label, Order, Shop
from tests.conftest import NOW
from tests.services.contracts import make_contract, make_courier
from tests.services.shipping import make_order, order_number, waybill

pytestmark = pytest.mark.django_db


def handed(owner: Actor, to: CourierActor, *numbers: int) -> list[int]:
    orders = [make_order(to.shop_id, n, now=NOW) for n in numbers]
    assert handing.hand(owner, orders, contract_id=to.contract_id, now=NOW).moved == orders
    return orders


@pytest.fixture
def li(shop: Shop) -> CourierActor:
    return make_courier(make_contract(shop.id, now=NOW)).actor


@pytest.fixture
def zhang(shop: Shop) -> CourierActor:
    return make_courier(make_contract(shop.id, "中通余杭", now=NOW), "zhang").actor


def test_each_row_has_the_verdict_of_the_verb_and_nothing_is_kept(
    owner: Actor, li: CourierActor, zhang: CourierActor
) -> None:
    orders, theirs = handed(owner, li, 1, 2, 3, 4, 5, 6), handed(owner, zhang, 7)
    courier.enter(li, [(orders[1], waybill(2))], now=NOW)
    courier.enter(zhang, [(theirs[0], waybill(7))], now=NOW)
    Order.objects.filter(shop_id=li.shop_id, id=orders[4]).update(refund_status="requested")
    rows = [
        [order_number(1), " 75 0000 0000 0001"], [order_number(2), waybill(2)], [order_number(3), "123"],
        [order_number(4), ""], [order_number(5), waybill(5)], [order_number(6), waybill(7)], [order_number(7), waybill(8)],
        [order_number(8), waybill(9)], [order_number(1), waybill(10)], ["", waybill(11)], [order_number(3), waybill(1)],
    ]  # fmt: skip
    head = ["订单编号", "快递公司", "运单号"]
    body = write_xlsx(head, [[row[0], "", row[1]] for row in rows] + [[order_number(4), "圆通", waybill(12)]])
    looked = courier_sheets.look(li, "地址表.xlsx", body, now=NOW)
    told = [(line.no, line.verdict, line.column, line.problem.code if line.problem else "") for line in looked.lines]
    assert told == [
        (2, "ready", "", ""), (3, "same", "", ""), (4, "bad", "运单号", "waybill_shape"),
        (6, "bad", "订单编号", "refund_in_progress"), (7, "bad", "运单号", "number_on_label"),
        (8, "bad", "订单编号", "order_not_with_you"), (9, "bad", "订单编号", "order_not_with_you"),
        (10, "bad", "订单编号", "row_again"), (11, "bad", "订单编号", "cell_empty"), (12, "bad", "订单编号", "row_again"),
        (13, "bad", "快递公司", "courier_other_carrier"),
    ]  # fmt: skip
    assert looked.empty == 1
    assert looked.good == [(orders[0], waybill(1))]
    assert Label.objects.filter(shop_id=li.shop_id).count() == 2, "looking keeps nothing"
    assert not JournalEntry.objects.filter(shop_id=li.shop_id, order_id=orders[0], act="label.made").exists()
    courier.enter(li, looked.good, now=NOW)
    entry = JournalEntry.objects.get(shop_id=li.shop_id, order_id=orders[0], act="label.made")
    assert (entry.actor, entry.member_id) == (li.name, li.courier_id)
    again = courier_sheets.look(li, "地址表.xlsx", body, now=NOW)
    assert (again.lines[0].verdict, again.good) == ("same", [])


def test_the_table_that_goes_out_comes_back(owner: Actor, li: CourierActor) -> None:
    orders = handed(owner, li, 1, 2)
    name, body = courier.address_table(li, orders, now=NOW)
    sheet = open_sheet(name, body)
    at = sheet.header.index("运单号")
    filled = [[*row.cells[:at], waybill(n)] for n, row in enumerate(sheet.rows(), 1)]
    looked = courier_sheets.look(li, name, write_xlsx(sheet.header, filled), now=NOW)
    assert looked.good == [(orders[0], waybill(1)), (orders[1], waybill(2))]
    assert courier_sheets.look(li, name, body, now=NOW).empty == 2


def test_a_sheet_without_the_columns_is_refused_whole(li: CourierActor) -> None:
    with pytest.raises(Refusal, match="columns_missing"):
        courier_sheets.look(li, "a.xlsx", write_xlsx(["订单编号", "地址"], [["1", "2"]]), now=NOW)
    with pytest.raises(Refusal, match="file_not_a_sheet"):
        courier_sheets.look(li, "a.xlsx", b"\x00\x01\x02", now=NOW)
