"""Contracts, tariffs, carrier rules, and orders that are given to contracts by rule and by hand."""

import json
from dataclasses import replace
from datetime import time, timedelta
from decimal import Decimal

import pytest

from fahuo.rules.carrier_choice import Conditions
from fahuo.rules.contracts import ContractData, Tariff
from fahuo.rules.people import Actor
from fahuo.rules.problems import Refusal
from fahuo.services import assignments, contracts
from fahuo.store import journal
from fahuo.store.models import Assignment, Contract, Label, LabelOrder, Order, OrderLine, Sku
from tests.conftest import NOW
from tests.services import lists
from tests.services.importing import get, take_in
from tests.services.shipping import make_order
from tests.services.stocks import buy, make_contract

pytestmark = pytest.mark.django_db

ZTO = ContractData("ZTO", "中通西湖", pickup_times=(time(16, 30), time(11, 0)), return_voided_days=15)


def codes(refusal: "pytest.ExceptionInfo[Refusal]") -> list[str]:
    return [problem.code for problem in refusal.value.problems]


def test_a_contract_is_kept_changed_and_told(owner: Actor, stranger: Actor, teammate: Actor) -> None:
    made = contracts.keep(owner, ZTO, now=NOW)
    kept = contracts.data_of(contracts.find(owner.shop_id, made))
    assert kept == replace(ZTO, pickup_times=(time(11, 0), time(16, 30)))
    assert contracts.keep(owner, replace(kept, branch="西湖区三部"), contract_id=made, now=NOW) == made
    assert contracts.data_of(contracts.find(owner.shop_id, made)).branch == "西湖区三部"
    with pytest.raises(Refusal) as taken:
        contracts.keep(owner, ZTO, now=NOW)
    assert codes(taken) == ["contract_name_taken"]
    for actor, code in ((teammate, "not_permitted"), (stranger, "contract_unknown")):
        with pytest.raises(Refusal) as refusal:
            contracts.keep(actor, ZTO, contract_id=made, now=NOW)
        assert codes(refusal) == [code]
    with pytest.raises(Refusal):
        contracts.find(stranger.shop_id, made)


def test_a_contract_keeps_its_carrier_once_it_was_used(owner: Actor) -> None:
    made = contracts.keep(owner, ZTO, now=NOW)
    contracts.keep(owner, replace(ZTO, carrier="YUNDA"), contract_id=made, now=NOW)
    contracts.keep(owner, ZTO, contract_id=made, now=NOW)
    buy(owner, contracts.find(owner.shop_id, made), 3)
    for data in (replace(ZTO, carrier="YUNDA"), replace(ZTO, numbers="entered")):
        with pytest.raises(Refusal) as refusal:
            contracts.keep(owner, data, contract_id=made, now=NOW)
        assert codes(refusal) == ["contract_has_numbers"]


def test_tariffs_are_replaced_as_a_whole(owner: Actor) -> None:
    made = contracts.keep(owner, ZTO, now=NOW)
    rows = [Tariff("", True, 1000, Decimal("4.00"), 1000, Decimal("1.00")), Tariff("650000", False)]
    assert contracts.set_tariffs(owner, made, rows, now=NOW)
    assert contracts.tariffs_of(owner.shop_id, made) == [rows[0], replace(rows[1], region="65")]
    assert not contracts.set_tariffs(owner, made, rows, now=NOW)
    with pytest.raises(Refusal) as refusal:
        contracts.set_tariffs(owner, made, [Tariff("65"), Tariff("650000"), Tariff("99")], now=NOW)
    assert set(codes(refusal)) == {"tariff_region_twice", "region_unknown"}
    assert len(contracts.tariffs_of(owner.shop_id, made)) == 2


# ---- choice -----------------------------------------------------------------------------------------------------


@pytest.fixture
def two(owner: Actor) -> tuple[Contract, Contract]:
    """A cheap one that does not go to 新疆, and a dear one that goes everywhere."""
    cheap, dear = make_contract(owner.shop_id, "中通"), make_contract(owner.shop_id, "顺丰", carrier="SF", position=1)
    near = Tariff("", True, 1000, Decimal("4.00"), 1000, Decimal("1.00"))
    contracts.set_tariffs(owner, cheap.id, [near, Tariff("65", False)], now=NOW)
    contracts.set_tariffs(owner, dear.id, [Tariff("", True, 1000, Decimal("9.00"), 1000, Decimal("3.00"))], now=NOW)
    return cheap, dear


def order(owner: Actor, n: int, *, region: str = "330106", memo: str = "", codes: tuple[str, ...] = ("C1",)) -> int:
    made = make_order(owner.shop_id, n, now=NOW, quantities=(2,) * len(codes), region=region, memo=memo)
    for line, code in zip(
        OrderLine.objects.filter(shop_id=owner.shop_id, order_id=made).order_by("id"), codes, strict=True
    ):
        OrderLine.objects.filter(shop_id=owner.shop_id, id=line.id).update(sku_code=code)
    return made


def assigned(owner: Actor, order_id: int) -> tuple[int, str, int | None] | None:
    row = Assignment.objects.filter(shop_id=owner.shop_id, order_id=order_id).first()
    return None if row is None else (row.contract_id, row.chosen_by, row.rule_id)


def test_rules_choose_and_say_why(owner: Actor, two: tuple[Contract, Contract]) -> None:
    cheap, dear = two
    Sku.objects.create(shop_id=owner.shop_id, code="C1", grams=700)
    urgent = contracts.keep_rule(
        owner, name="点名", contract_id=dear.id, conditions=Conditions(memo=("顺丰",)), now=NOW
    )
    least = contracts.keep_rule(owner, name="比价", contract_id=None, conditions=Conditions(), now=NOW)
    plain, named, far = order(owner, 1), order(owner, 2, memo="发顺丰"), order(owner, 3, region="650102")
    given = assignments.choose_many(owner, [plain, named, far], now=NOW)
    assert given == assignments.Given(3, 0, 0)
    assert assigned(owner, plain) == (cheap.id, "rule", least)
    assert assigned(owner, named) == (dear.id, "rule", urgent)
    assert assigned(owner, far) == (dear.id, "rule", least)
    assert assignments.choose_many(owner, [plain, named, far], now=NOW) == assignments.Given(0, 3, 0)

    why = assignments.explain(owner.shop_id, plain)
    assert why is not None
    assert [said.reason for said in why.choice.asked] == ["memo", "cheapest"]
    assert why.weight.known == 1400
    assert [(contract.id, quote.price) for contract, quote in why.quotes] == [
        (cheap.id, Decimal("5.00")), (dear.id, Decimal("12.00")),
    ]  # fmt: skip
    told = [json.loads(entry.after) for entry in journal.history(owner.shop_id, plain)]
    assert told == [{"contract": "中通", "chosen_by": "rule"}]


def test_an_unknown_weight_is_said(owner: Actor, two: tuple[Contract, Contract]) -> None:
    Sku.objects.create(shop_id=owner.shop_id, code="C1", grams=700)
    known, half, none = (
        order(owner, 1),
        order(owner, 2, codes=("C1", "C2")),
        make_order(owner.shop_id, 3, now=NOW, region="330106"),
    )
    weights = {n: assignments.explain(owner.shop_id, n) for n in (known, half, none)}
    told = [(why.weight.grams, why.weight.unknown) for why in weights.values() if why]
    assert told == [(1400, 0), (1400, 1), (0, 1)]
    assert [why.quotes[0][1].why for why in weights.values() if why] == ["priced", "weight_unknown", "weight_unknown"]


def test_a_person_overrules_and_is_not_overruled(owner: Actor, two: tuple[Contract, Contract]) -> None:
    cheap, dear = two
    one = order(owner, 1)
    assert assignments.choose_many(owner, [one], now=NOW).changed == 1
    assert assigned(owner, one) == (cheap.id, "rule", None)
    assert assignments.assign(owner, [one], dear.id, now=NOW).changed == 1
    assert assignments.assign(owner, [one], dear.id, now=NOW).changed == 0
    assert assignments.choose_many(owner, [one], now=NOW) == assignments.Given(0, 1, 0)
    assert assigned(owner, one) == (dear.id, "person", None)
    assert assignments.choose_many(owner, [one], again=True, now=NOW).changed == 1
    assert assigned(owner, one) == (cheap.id, "rule", None)
    Contract.objects.filter(shop_id=owner.shop_id, id=dear.id).update(active=False)
    with pytest.raises(Refusal) as refusal:
        assignments.assign(owner, [one], dear.id, now=NOW)
    assert codes(refusal) == ["contract_closed_to_orders"]


def test_a_label_and_a_courier_are_left_alone(owner: Actor, two: tuple[Contract, Contract]) -> None:
    cheap, dear = two
    labelled, handed, gone = order(owner, 1), order(owner, 2), order(owner, 3)
    assignments.choose_many(owner, [labelled, handed, gone], now=NOW)
    label = Label.objects.create(
        shop_id=owner.shop_id, contract_id=cheap.id, carrier="ZTO", waybill="75330000000501", made_at=NOW
    )
    LabelOrder.objects.create(shop_id=owner.shop_id, order_id=labelled, label_id=label.id)
    Assignment.objects.filter(shop_id=owner.shop_id, order_id=handed).update(handed_at=NOW)
    Order.objects.filter(shop_id=owner.shop_id, id=gone).update(status="shipped")
    contracts.place(owner, [dear.id, cheap.id], now=NOW)
    assert assignments.choose_many(owner, [labelled, handed, gone], now=NOW).changed == 0
    assert assignments.assign(owner, [labelled, handed, gone], dear.id, now=NOW).changed == 1
    assert assigned(owner, labelled) == (cheap.id, "rule", None)
    row = Assignment.objects.get(shop_id=owner.shop_id, order_id=handed)
    assert (row.contract_id, row.chosen_by, row.handed_at) == (dear.id, "person", None)


def test_nobody_goes_there(owner: Actor, stranger: Actor, teammate: Actor) -> None:
    one = order(owner, 1)
    assert assignments.choose_many(owner, [one], now=NOW) == assignments.Given(0, 0, 1)
    assert assignments.choose_many(stranger, [one], now=NOW) == assignments.Given(0, 1, 0)
    assert assignments.explain(stranger.shop_id, one) is None
    with pytest.raises(Refusal) as refusal:
        assignments.choose_many(teammate, [one], now=NOW)
    assert codes(refusal) == ["not_permitted"]


def test_an_import_chooses_where_the_shop_has_rules(owner: Actor, two: tuple[Contract, Contract]) -> None:
    cheap, dear = two
    take_in(owner, lists.as_csv([lists.order(1)]))
    assert assigned(owner, get(owner, 1).id) is None
    contracts.keep_rule(owner, name="", contract_id=dear.id, conditions=Conditions(memo=("急",)), now=NOW)
    take_in(owner, lists.as_csv([lists.order(2)]))
    assert assigned(owner, get(owner, 2).id) == (cheap.id, "rule", None)
    take_in(owner, lists.as_csv([{**lists.order(2), "订单备注": "急"}]), now=NOW + timedelta(hours=1))
    assert (assigned(owner, get(owner, 2).id) or ())[0] == dear.id
