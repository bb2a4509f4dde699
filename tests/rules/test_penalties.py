"""Compensation and points, to the cent, by the version in force when the order was paid."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fahuo.rules.penalties import Upheld, at_stake, compensation, complaint_kind, owed, points
from fahuo.rules.policy import Kind, Version, load
from fahuo.rules.problems import Refusal


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}+08:00")


OLD = load("taobao").at(at("2022-07-17T23:59"))
TAOBAO = load("taobao").at(at("2022-08-10T10:00"))
TMALL = load("tmall").at(at("2022-08-10T10:00"))
NEWEST = load("taobao").at(at("2026-03-02T10:00"))
VERSIONS = [OLD, TAOBAO, TMALL, NEWEST]
D = Decimal


@pytest.mark.parametrize(
    ("version", "kind", "amount", "sum_owed"),
    [
        (TAOBAO, "delay", "150.00", "7.50"),
        (TAOBAO, "out_of_stock", "150.00", "45.00"),
        (TMALL, "delay", "300.00", "15.00"),
        (OLD, "delay", "300.00", "30.00"),
        (TAOBAO, "delay", "10.00", "5.00"),
        (TAOBAO, "delay", "0.00", "5.00"),
        (TAOBAO, "delay", "10000.00", "30.00"),
        (TMALL, "delay", "10000.00", "50.00"),
        (TAOBAO, "false_shipping", "10000.00", "100.00"),
        (TMALL, "out_of_stock", "10000.00", "500.00"),
        (TAOBAO, "delay", "100.10", "5.01"),
        (TAOBAO, "delay", "100.30", "5.02"),
        (NEWEST, "track_overtime", "200.00", "10.00"),
    ],
)
def test_one_complaint(version: Version, kind: Kind, amount: str, sum_owed: str) -> None:
    found = compensation(kind, D(amount), version)
    assert found == D(sum_owed)
    assert found.as_tuple().exponent == -2


def test_half_a_cent_is_rounded_up() -> None:
    assert compensation("delay", D("100.10"), TAOBAO) == D("5.01")  # 5.005
    assert compensation("delay", D("100.09"), TAOBAO) == D("5.00")  # 5.0045


def test_a_long_promise_has_its_own_rate() -> None:
    assert compensation("out_of_stock", D("1000.00"), NEWEST) == D("100.00")
    assert compensation("out_of_stock", D("1000.00"), NEWEST, promise_hours=48) == D("100.00")
    assert compensation("out_of_stock", D("1000.00"), NEWEST, promise_hours=72) == D("150.00")


def test_a_kind_that_the_version_does_not_know_is_refused() -> None:
    for act in (
        lambda: compensation("track_abnormal", D("1.00"), TAOBAO),
        lambda: points("track_abnormal", False, 1, TAOBAO),
    ):
        with pytest.raises(Refusal, match="policy_no_kind"):
            act()


def test_orders_of_one_day_are_added_up() -> None:
    first = Upheld("A", "delay", D("20.00"))
    assert owed([], first, TAOBAO) == D("5.00")
    # 40.00 x 5 % = 2.00: still the minimum, which the first order has paid.
    second = Upheld("B", "delay", D("20.00"))
    assert owed([first], second, TAOBAO) == D("0.00")
    third = Upheld("C", "delay", D("400.00"))
    assert owed([first, second], third, TAOBAO) == D("17.00")
    fourth = Upheld("D", "delay", D("4000.00"))
    assert owed([first, second, third], fourth, TAOBAO) == D("8.00")
    assert owed([first, second, third, fourth], Upheld("E", "delay", D("4000.00")), TAOBAO) == D("0.00")


def test_each_kind_counts_once_an_order_and_kinds_add_up() -> None:
    delay, stock = Upheld("A", "delay", D("150.00")), Upheld("A", "out_of_stock", D("150.00"))
    assert owed([], delay, TAOBAO) + owed([delay], stock, TAOBAO) == D("52.50")
    assert owed([delay, stock], delay, TAOBAO) == D("0.00")


def test_points() -> None:
    assert [points("delay", True, nth, TAOBAO) for nth in range(1, 7)] == [0, 0, 3, 0, 0, 3]
    assert [points("out_of_stock", False, nth, TMALL) for nth in (1, 2, 3)] == [3, 3, 3]


def test_what_silence_costs_next() -> None:
    deadline = at("2022-08-12T10:00")
    later = deadline + timedelta(hours=72)
    for now in (deadline - timedelta(days=1), deadline, later - timedelta(microseconds=1)):
        assert at_stake(D("150.00"), deadline, TAOBAO, now=now) == D("7.50")
        assert complaint_kind(deadline, TAOBAO, now=now) == "delay"
    assert at_stake(D("150.00"), deadline, TAOBAO, now=later) == D("52.50")
    assert complaint_kind(deadline, TAOBAO, now=later) == "out_of_stock"
    assert at_stake(D("150.00"), None, TAOBAO, now=later) == D("0.00")


AMOUNTS = st.decimals(0, 20_000, places=2)
KINDS = st.sampled_from(["delay", "out_of_stock", "false_shipping"])
ITEMS = st.lists(
    st.builds(
        Upheld,
        order=st.integers(1, 999).map(str),
        kind=KINDS,
        item_amount=AMOUNTS,
        promise_hours=st.none() | st.sampled_from([24, 48, 72]),
    ),
    max_size=8,
)


@given(AMOUNTS, KINDS, st.sampled_from(VERSIONS))
def test_never_below_the_minimum_nor_above_the_maximum(amount: Decimal, kind: Kind, version: Version) -> None:
    found = compensation(kind, amount, version)
    rate = version.compensation[kind]
    assert rate.min <= found <= rate.max
    assert abs(min(max(amount * rate.percent / 100, rate.min), rate.max) - found) <= D("0.005")


@given(ITEMS, st.sampled_from(VERSIONS))
def test_verdict_by_verdict_comes_to_the_sum(items: list[Upheld], version: Version) -> None:
    debts = [owed(items[:no], item, version) for no, item in enumerate(items)]
    assert all(debt >= 0 for debt in debts)
    for kind in get_args(Kind):
        paid = sum((debt for debt, item in zip(debts, items, strict=True) if item.kind == kind), D("0.00"))
        once = {item.order: item for item in reversed(items) if item.kind == kind}
        if once and all(item.promise_hours is None for item in once.values()):
            assert paid == compensation(kind, sum((item.item_amount for item in once.values()), D("0.00")), version)
        if not once:
            assert paid == 0
