"""Complaints: who may close one, the kind that time makes, and what closing costs."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import product
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fahuo.rules import complaints
from fahuo.rules.complaints import FREE, KINDS, STATUSES, TABLE, Cost, check_open, close, cost, kind_at
from fahuo.rules.penalties import Upheld
from fahuo.rules.policy import load
from fahuo.rules.problems import Problem

PAID = datetime(2022, 8, 10, 2, tzinfo=UTC)
TAOBAO, TMALL = load("taobao").at(PAID), load("tmall").at(PAID)
DEADLINE = PAID + timedelta(hours=48)
D = Decimal


def test_the_words_are_one() -> None:
    assert get_args(complaints.Status) == STATUSES
    assert get_args(complaints.ComplaintKind) == KINDS
    assert set(TABLE) == set(get_args(complaints.Act))
    assert {after for _, after in TABLE.values()} == set(STATUSES) - {"open"}


@pytest.mark.parametrize(
    ("hours", "kind"), [(-1, "delay"), (0, "delay"), (71.9999, "delay"), (72, "out_of_stock"), (500, "out_of_stock")]
)
def test_the_platform_complains_of_what_the_time_made_of_it(hours: float, kind: str) -> None:
    assert kind_at(DEADLINE, TAOBAO, now=DEADLINE + timedelta(hours=hours)) == kind
    assert kind_at(None, TAOBAO, now=DEADLINE) == "delay"


def test_the_buyer_may_open_one_at_a_time() -> None:
    for kind in KINDS:
        assert check_open(kind, paid=True, complaint_open=False) is None
        assert check_open(kind, paid=True, complaint_open=True) == Problem("complaint_open_already", {})
        assert check_open(kind, paid=False, complaint_open=False) == Problem("complaint_unpaid", {})
    assert check_open("rude", paid=True, complaint_open=False) == Problem("complaint_kind", {"kind": "rude"})


def test_each_act_is_one_partys_over_an_open_complaint() -> None:
    allowed = {
        ("settle", "seller"): "settled",
        ("uphold", "platform"): "upheld",
        ("dismiss", "platform"): "dismissed",
        ("withdraw", "buyer"): "withdrawn",
    }
    for status, act, party in product((None, *STATUSES), TABLE, get_args(complaints.Party)):
        came = close(status, act, party)
        if (act, party) not in allowed:
            assert came == Problem("complaint_not_yours", {"act": act})
        else:
            assert came == (allowed[act, party] if status == "open" else Problem("complaint_none_open", {}))


def test_what_a_verdict_costs() -> None:
    delay = Upheld("A", "delay", D("150.00"))
    stock = Upheld("A", "out_of_stock", D("150.00"))
    assert cost("upheld", [], delay, TAOBAO) == Cost(D("7.50"), 3)
    assert cost("upheld", [delay], stock, TAOBAO) == Cost(D("45.00"), 3)
    assert cost("upheld", [delay], delay, TAOBAO) == FREE, "each kind counts once an order, for points too"
    assert cost("settled", [delay], delay, TAOBAO, settled_before=2) == FREE
    assert cost("upheld", [], Upheld("A", "delay", D("300.00")), TMALL) == Cost(D("15.00"), 3)
    assert cost("dismissed", [], delay, TAOBAO) == FREE
    assert cost("withdrawn", [], delay, TAOBAO) == FREE


def test_orders_of_one_buyer_and_day_share_minimum_and_maximum() -> None:
    items = [Upheld(str(no), "delay", D("250.00")) for no in range(4)]
    paid = [cost("upheld", items[:no], item, TAOBAO).compensation for no, item in enumerate(items)]
    assert paid == [D("12.50"), D("12.50"), D("5.00"), D("0.00")]


@given(st.lists(st.sampled_from(["settled", "upheld", "dismissed", "withdrawn"]), max_size=20))
def test_every_third_settlement_costs_points(ends: list[complaints.Status]) -> None:
    settled, points, expected = 0, 0, 0
    for end in ends:
        points += cost(end, [], Upheld("A", "delay", D("150.00")), TAOBAO, settled_before=settled).points
        if end == "settled":
            settled += 1
        expected += 3 * (end == "upheld") + 3 * (end == "settled" and settled in (3, 6, 9, 12, 15, 18))
    assert points == expected
