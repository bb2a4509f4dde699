"""Bought numbers: what comes in, what is taken, what moves; and that the ledger always adds up to the rows."""

from datetime import timedelta
from decimal import Decimal

import pytest

from fahuo.rules.people import Actor
from fahuo.rules.problems import Refusal
from fahuo.services import parcels, stock
from fahuo.store import stock as store
from fahuo.store.models import StockMove, WaybillLot, WaybillNumber
from tests.conftest import NOW
from tests.services.shipping import make_order, waybill
from tests.services.stocks import TERMS, adds_up, buy, make_contract, states

pytestmark = pytest.mark.django_db


def codes(refusal: "pytest.ExceptionInfo[Refusal]") -> list[str]:
    return [problem.code for problem in refusal.value.problems]


def test_a_run_comes_in_once_with_its_ledger(owner: Actor) -> None:
    contract = make_contract(owner.shop_id)
    bought = buy(owner, contract, 500)
    assert (bought.count, bought.refused) == (500, [])
    lot = WaybillLot.objects.get(shop_id=owner.shop_id, id=bought.lot_id)
    assert (lot.kind, lot.first, lot.last, lot.price) == ("run", "75330000000501", "75330000001000", Decimal("1.20"))
    numbers = WaybillNumber.objects.filter(shop_id=owner.shop_id).order_by("id").values_list("number", flat=True)
    assert [int(number) for number in numbers] == list(range(75330000000501, 75330000001001))
    with pytest.raises(Refusal) as again:
        buy(owner, contract, 500)
    assert codes(again) == ["lot_has_bad_numbers", "number_in_stock"]
    assert StockMove.objects.filter(shop_id=owner.shop_id).count() == 1
    adds_up(owner.shop_id)


@pytest.mark.parametrize(
    ("carrier", "first", "last", "count"),
    [
        ("ZTO", "75330000000501", "75330000000600", 100),
        ("EMS", "EA000717618CN", "EA000717706CN", 10),
        ("ZJS", "1000000002", "1000000083", 9),
        ("OTHER", "LAN-0001", "LAN-0030", 30),
    ],
)
def test_a_run_by_its_last_number(owner: Actor, carrier: str, first: str, last: str, count: int) -> None:
    contract = make_contract(owner.shop_id, carrier=carrier)
    assert stock.buy_run(owner, contract.id, TERMS, first=first, last=last, now=NOW).count == count


def test_each_number_of_a_list_has_its_verdict(owner: Actor) -> None:
    contract = make_contract(owner.shop_id)
    parcels.ship(owner, order_ids=[make_order(owner.shop_id, 1, now=NOW)], carrier="ZTO", waybill=waybill(1), now=NOW)
    gone = parcels.ship(
        owner, order_ids=[make_order(owner.shop_id, 2, now=NOW)], carrier="ZTO", waybill=waybill(2), now=NOW
    )
    parcels.void(owner, gone, now=NOW)
    stock.buy_list(owner, contract.id, TERMS, [waybill(3)], now=NOW)
    asked = [waybill(1), waybill(2), waybill(3), waybill(4), f" {waybill(4)} ", "YT1000000000017", "123", ""]
    judged = stock.judge(owner.shop_id, contract, asked)
    assert [each.problem.code if each.problem else "" for each in judged] == [
        "number_used", "", "number_in_stock", "", "number_in_list_twice", "waybill_other_carrier", "waybill_shape", "waybill_missing",
    ]  # fmt: skip
    assert judged[1].warning is not None
    assert judged[1].warning.code == "waybill_used_before"
    bought = stock.buy_list(owner, contract.id, TERMS, asked, now=NOW)
    assert bought.count == 2
    assert len(bought.refused) == 6
    adds_up(owner.shop_id)


def test_what_is_refused_and_who_is(owner: Actor, teammate: Actor, stranger: Actor) -> None:
    contract = make_contract(owner.shop_id)
    entered = make_contract(owner.shop_id, "圆通", carrier="YTO", numbers="entered")
    for actor, of, changes, code in (
        (teammate, contract.id, {}, "not_permitted"),
        (stranger, contract.id, {}, "contract_unknown"),
        (owner, entered.id, {}, "contract_enters_numbers"),
        (owner, contract.id, {"count": 100_001}, "lot_too_big"),
        (owner, contract.id, {"count": 0}, "run_count"),
        (owner, contract.id, {"count": None}, "run_unbounded"),
        (owner, contract.id, {"first": "YT1000000000017"}, "waybill_other_carrier"),
    ):
        asked = {"first": "75330000000501", "count": 1, **changes}
        with pytest.raises(Refusal) as refusal:
            stock.buy_run(actor, of, TERMS, now=NOW, **asked)
        assert codes(refusal) == [code]
    for price in ("-1", "1.234", "NaN", "10000"):
        with pytest.raises(Refusal) as refusal:
            stock.buy_list(owner, contract.id, stock.Terms(Decimal(price), NOW.date()), [waybill(1)], now=NOW)
        assert codes(refusal) == ["number_price"]
    assert states(owner.shop_id) == {}


def test_free_numbers_go_first_and_then_the_returned(owner: Actor) -> None:
    contract = make_contract(owner.shop_id)
    buy(owner, contract, 3)
    first, second = store.take(owner, contract.id, 2, now=NOW)
    assert store.move(owner, [first.id, second.id], "void", now=NOW) == 2
    assert store.move(owner, [first.id, second.id], "return", now=NOW) == 2
    taken = store.take(owner, contract.id, 5, now=NOW)
    assert [each.number[-3:] for each in taken] == ["503", "501", "502"]
    assert store.take(owner, contract.id, 5, now=NOW) == []
    adds_up(owner.shop_id)


def test_only_the_moves_of_the_table_move(owner: Actor, stranger: Actor) -> None:
    contract = make_contract(owner.shop_id)
    buy(owner, contract, 2)
    (taken,) = store.take(owner, contract.id, 1, now=NOW)
    assert store.hold(owner.shop_id, [taken.id], [7]) == 1
    assert store.move(stranger, [taken.id], "print", now=NOW) == 0
    assert store.move(owner, [taken.id], "unship", now=NOW) == 0
    assert store.move(owner, [taken.id, taken.id], "print", now=NOW, label_ids=[8, 8]) == 1
    assert store.move(owner, [taken.id], "release", now=NOW) == 0
    assert store.move(owner, [taken.id], "ship", now=NOW + timedelta(hours=1)) == 1
    number = WaybillNumber.objects.get(shop_id=owner.shop_id, id=taken.id)
    assert (number.state, number.label_id, number.changed_at) == ("shipped", 8, NOW + timedelta(hours=1))
    adds_up(owner.shop_id)


def test_spoilt_slips_cost_what_they_cost(owner: Actor) -> None:
    contract = make_contract(owner.shop_id)
    buy(owner, contract, 10)
    ids = list(WaybillNumber.objects.filter(shop_id=owner.shop_id).order_by("id").values_list("id", flat=True)[:4])
    assert stock.void(owner, ids, note="卷纸受潮", now=NOW) == 4
    move = StockMove.objects.get(shop_id=owner.shop_id, act="void")
    assert (move.count, move.amount, move.note, move.number_ids) == (4, Decimal("4.80"), "卷纸受潮", ids)
    with pytest.raises(Refusal):
        stock.void(owner, ids, note="", now=NOW)
    adds_up(owner.shop_id)


def test_folding_changes_no_sum(owner: Actor) -> None:
    contract = make_contract(owner.shop_id)
    buy(owner, contract, 30)
    for _ in range(20):
        store.take(owner, contract.id, 1, now=NOW)
    before = store.balances(owner.shop_id)
    assert store.fold_tally(owner.shop_id, least=0) == 2
    assert store.fold_tally(owner.shop_id, least=0) == 0
    assert store.balances(owner.shop_id) == before
    assert [(row.state, row.count) for row in before] == [("free", 10), ("taken", 20)]
    adds_up(owner.shop_id)
