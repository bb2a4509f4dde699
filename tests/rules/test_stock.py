"""Verdicts of bought numbers, how long stock lasts, and the moves of a number."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fahuo.rules import stock
from fahuo.rules.paces import SHORT, WINDOW, outlook
from fahuo.rules.problems import Refusal
from fahuo.rules.waybills import run_length, run_of

NOW = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
RUNS = st.sampled_from([
    ("ZTO", "75330000000501"), ("EMS", "EA000717618CN"), ("ZJS", "1000000002"), ("YUNDA", "460000000000001"),
    ("YTO", "Y100000000001"), ("DBKD", "10000001"), ("OTHER", "LAN-0001"), ("STO", "777000000000001"),
    ("POSTB", "9800000000001"), ("SF", "100000000010"),
])  # fmt: skip


@given(RUNS, st.integers(1, 900))
def test_a_run_by_its_last_is_the_run_by_its_count(named: tuple[str, str], count: int) -> None:
    carrier, first = named
    numbers = stock.run(carrier, first, count=count)
    assert len(set(numbers)) == count
    assert run_length(carrier, first, numbers[-1]) == count
    assert stock.run(carrier, first, last=numbers[-1]) == numbers == run_of(carrier, first, count)
    assert [each.problem for each in stock.judge(carrier, numbers, {})] == [None] * count
    with pytest.raises(Refusal) as refusal:
        stock.run(carrier, first, count=count + 1, last=numbers[-1])
    assert refusal.value.problems[0].code == "run_ends"


@given(st.lists(st.sampled_from(["75330000000501", "75330000000502", "７５３３００００００05０3", "YT1000000000017", "", "=\"75330000000504\""])), st.sets(st.sampled_from(["75330000000501", "75330000000503"])))  # fmt: skip
def test_of_a_list_each_good_number_comes_in_once(numbers: list[str], there: set[str]) -> None:
    known = dict.fromkeys(there, "in_stock")
    judged = stock.judge("ZTO", numbers, known)  # type: ignore[arg-type]  # words of Known
    good = [each.number for each in judged if each.problem is None]
    assert len(judged) == len(numbers)
    assert len(good) == len(set(good))
    assert not set(good) & there
    expected = {"75330000000501", "75330000000502", "75330000000503", "75330000000504"} - there
    written = {each.number for each in judged}
    assert set(good) == expected & written


days = st.floats(0, 400, allow_nan=False)


@given(st.integers(0, 100_000), st.integers(0, 100_000), days)
def test_an_outlook_is_the_stock_over_the_pace(left: int, taken: int, age: float) -> None:
    found = outlook(left, taken, NOW - timedelta(days=age), now=NOW)
    if left == 0:
        assert found.short
    if taken == 0:
        assert found.pace is None
        assert found.short == (left == 0)
        return
    assert found.pace is not None
    assert timedelta(days=1) <= found.pace.seen <= WINDOW
    lasts = found.lasts
    assert lasts is not None
    assert abs(lasts / timedelta(days=1) * found.pace.per_day - left) < 1
    assert found.short == (lasts < SHORT)


def test_a_new_shop_is_measured_by_what_it_has_seen() -> None:
    hour = outlook(300, 200, NOW - timedelta(hours=3), now=NOW)
    assert hour.pace is not None
    assert hour.pace.per_day == 200
    assert hour.short
    week = outlook(300, 200, NOW - timedelta(days=90), now=NOW)
    assert week.lasts == timedelta(days=10.5)
    assert not outlook(5, 0, None, now=NOW).short


def test_every_move_leads_from_a_state_to_a_state() -> None:
    assert {state for state, _ in stock.TABLE} | set(stock.TABLE.values()) == set(stock.STATES)
    assert {act for _, act in stock.TABLE} | {"buy"} == set(stock.ACTS)
    assert stock.before("take") == list(stock.IN_STOCK)
    # back into stock only by the carrier's rule, or when nothing was ever sent to a printer
    assert {act for (_, act), to in stock.TABLE.items() if to in stock.IN_STOCK} == {"release", "return"}
    assert ("shipped", "return") not in stock.TABLE
