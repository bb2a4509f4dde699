"""Prices by region and weight, and the choice of a contract by rules that say why."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fahuo.rules.carrier_choice import (
    CarrierRule,
    Conditions,
    Offer,
    OrderFacts,
    choose,
    condition_problems,
    read_conditions,
    unfit,
)
from fahuo.rules.contracts import (
    ContractData,
    Tariff,
    Weight,
    contract_problems,
    price,
    quote,
    tariff_of,
    tariff_problems,
)

REGIONS = ("", "11", "1101", "110105", "33", "3301", "330106", "65")
CODES = ("330106", "330110", "330203", "110105", "650102", "440305", "")
money = st.decimals(0, 100, places=2)
tariffs = st.builds(
    Tariff, st.sampled_from(REGIONS), st.booleans(), st.integers(1, 3000), money, st.integers(1, 2000), money
)  # fmt: skip
weights = st.builds(Weight, st.integers(0, 30_000), st.integers(0, 2))


@given(tariffs, st.integers(0, 100_000))
def test_a_price_is_the_first_weight_and_every_begun_next_weight(tariff: Tariff, grams: int) -> None:
    expected, paid_for = tariff.first_price, tariff.first_grams
    while paid_for < grams and tariff.next_grams * 1000 > grams:
        expected, paid_for = expected + tariff.next_price, paid_for + tariff.next_grams
    if paid_for >= grams:
        assert price(tariff, grams) == expected
    assert price(tariff, grams) == round(price(tariff, grams), 2)
    assert price(tariff, grams + 1) >= price(tariff, grams)


def test_the_weights_at_the_edges() -> None:
    tariff = Tariff("", True, 1000, Decimal("4.50"), 500, Decimal("1.20"))
    told = [str(price(tariff, grams)) for grams in (0, 1000, 1001, 1500, 1501, 2000)]
    assert told == ["4.50", "4.50", "5.70", "5.70", "6.90", "6.90"]
    with pytest.raises(ValueError, match="weighs"):
        price(tariff, -1)


@given(st.lists(tariffs, unique_by=lambda each: each.region), st.sampled_from(CODES))
def test_the_row_that_names_a_region_most_closely_counts(rows: list[Tariff], region: str) -> None:
    found = tariff_of(rows, region)
    fitting = [row for row in rows if region.startswith(row.region)]
    assert (found is None) == (not fitting)
    if found is not None:
        assert found in fitting
        assert all(len(row.region) <= len(found.region) for row in fitting)


@given(st.lists(tariffs, unique_by=lambda each: each.region), st.sampled_from(CODES), weights)
def test_a_quote_never_says_more_than_is_known(rows: list[Tariff], region: str, weight: Weight) -> None:
    found = quote(rows, region, weight)
    row = tariff_of(rows, region)
    if found.price is not None:
        assert row is not None
        assert weight.unknown == 0
        assert found.price == price(row, weight.grams) == found.least
    if found.why == "not_served":
        assert row is not None
        assert not row.served
    if found.why == "weight_unknown":
        assert weight.known is None
        assert found.least is not None
    if not region and any(each.region for each in rows):
        assert found.why == "region_unknown"


# ---- choice -----------------------------------------------------------------------------------------------------

conditions = st.builds(
    Conditions,
    regions=st.lists(st.sampled_from(("33", "3301", "110105", "65")), max_size=2).map(tuple),
    min_grams=st.none() | st.integers(0, 3000),
    max_grams=st.none() | st.integers(0, 3000),
    goods=st.lists(st.sampled_from(("杯", "Plate")), max_size=2).map(tuple),
    memo=st.lists(st.sampled_from(("顺丰", "急")), max_size=2).map(tuple),
    flags=st.lists(st.integers(0, 3), max_size=2).map(tuple),
    min_amount=st.none() | money,
    max_amount=st.none() | money,
)
orders = st.builds(
    OrderFacts, st.just(1), st.sampled_from(CODES), weights, st.sampled_from(("手工陶瓷杯", "plate", "")),
    st.sampled_from(("发顺丰", "急！", "")), st.none() | st.integers(0, 3), money,
)  # fmt: skip
offers = st.lists(st.builds(Offer, st.integers(1, 4), st.lists(tariffs, unique_by=lambda t: t.region, max_size=3)), max_size=4, unique_by=lambda each: each.id)  # fmt: skip
rule_lists = st.lists(
    st.builds(CarrierRule, st.integers(1, 9), st.just(""), st.none() | st.integers(1, 4), conditions),
    max_size=5, unique_by=lambda each: each.id,
)  # fmt: skip


@given(conditions)
def test_conditions_are_kept_and_read_back(asked: Conditions) -> None:
    assert read_conditions(asked.kept()) == asked


@given(conditions, orders)
def test_an_order_fits_when_each_condition_does(asked: Conditions, order: OrderFacts) -> None:
    """Against the plainest reading: every condition by itself; an unknown weight fits no limit that it could break."""
    weight = order.weight
    holds = [
        not asked.regions or any(order.region.startswith(region) for region in asked.regions),
        asked.min_grams is None or weight.grams >= asked.min_grams,
        asked.max_grams is None or (weight.unknown == 0 and weight.grams <= asked.max_grams),
        not asked.goods or any(word.lower() in order.goods.lower() for word in asked.goods),
        not asked.memo or any(word.lower() in order.memo.lower() for word in asked.memo),
        not asked.flags or order.flag in asked.flags,
        asked.min_amount is None or order.amount >= asked.min_amount,
        asked.max_amount is None or order.amount <= asked.max_amount,
    ]
    assert (unfit(asked, order) is None) == all(holds)


@given(orders, rule_lists, offers)
def test_the_first_rule_that_takes_it_does_and_all_before_say_why_not(
    order: OrderFacts, rules: list[CarrierRule], offered: list[Offer]
) -> None:
    choice = choose(order, rules, offered)
    by_id = {offer.id: quote(offer.tariffs, order.region, order.weight) for offer in offered}
    asked = choice.asked
    assert [said.rule_id for said in asked[:-1]] == [rule.id for rule in rules][: len(asked) - 1]
    assert not any(said.took for said in asked[:-1])
    assert asked[-1].took == (choice.contract_id is not None)
    if choice.contract_id is None:
        assert all(not each.served for each in by_id.values())
        return
    assert by_id[choice.contract_id].served
    assert choice.quote == by_id[choice.contract_id]
    if asked[-1].reason == "cheapest":
        least = [each.least for each in by_id.values() if each.least is not None]
        assert choice.quote.least == min(least)
        assert asked[-1].data["known"] == all(
            each.price is not None for each in by_id.values() if each.least is not None
        )
    if asked[-1].reason == "first":
        assert choice.rule_id is None
        assert choice.contract_id == next(each.id for each in offered if by_id[each.id].served)
    if asked[-1].reason == "fits":
        taker = next(rule for rule in rules if rule.id == choice.rule_id)
        assert taker.contract_id == choice.contract_id
        assert unfit(taker.conditions, order) is None


def test_rules_in_the_shops_order_and_their_reasons() -> None:
    near = Offer(1, [Tariff("", True, 1000, Decimal(4)), Tariff("65", False)])
    far = Offer(2, [Tariff("", True, 1000, Decimal(6))])
    rules = [
        CarrierRule(10, "加急", 2, Conditions(memo=("顺丰",))),
        CarrierRule(11, "重货", 2, Conditions(min_grams=5000)),
        CarrierRule(12, "偏远", 1, Conditions(regions=("65",))),
        CarrierRule(13, "停用的", 7),
        CarrierRule(14, "比价"),
    ]

    def told(order: OrderFacts) -> tuple[int | None, list[str]]:
        choice = choose(order, rules, [near, far])
        return choice.contract_id, [said.reason for said in choice.asked]

    assert told(OrderFacts(1, "330106", memo="请发顺丰")) == (2, ["fits"])
    assert told(OrderFacts(1, "330106")) == (1, ["memo", "too_light", "region", "contract_closed", "cheapest"])
    assert told(OrderFacts(1, "650102", Weight(0, 1))) == (
        2, ["memo", "weight_unknown", "not_served", "contract_closed", "cheapest"],
    )  # fmt: skip
    assert choose(OrderFacts(1, "330106"), [], []).asked[-1].reason == "none_goes"


def test_what_makes_no_sense_is_said() -> None:
    wrong = Conditions(
        regions=("99",), min_grams=9, max_grams=3, flags=(11,), min_amount=Decimal(-1), goods=("长" * 61,)
    )
    assert [problem.code for problem in condition_problems(wrong)] == [
        "region_unknown", "carrier_rule_words", "flag_unknown", "carrier_rule_backwards", "carrier_rule_numbers",
    ]  # fmt: skip
    assert condition_problems(Conditions(regions=("33", "110105"), min_grams=1, max_grams=1)) == []
    bad = Tariff("99", True, 0, Decimal("-1"), 1, Decimal("1.234"))
    assert [problem.code for problem in tariff_problems(bad)] == ["region_unknown", "tariff_grams", "tariff_price"]
    contract = ContractData("XX", " ", account="长" * 201, sender_region="99", return_voided_days=0)
    assert [problem.code for problem in contract_problems(contract)] == [
        "carrier_unknown", "contract_name_missing", "contract_text_long", "region_unknown", "contract_return_days",
    ]  # fmt: skip
