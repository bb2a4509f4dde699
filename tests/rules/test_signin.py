"""How long a sign-in waits, what counts as one address, and what may be typed as a code."""

from datetime import UTC, datetime, timedelta
from ipaddress import ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fahuo.rules.signin import BACKOFF, STEP, Backoff, is_obvious, neighbourhood, step_of, steps_around, typed

NOW = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)


@given(st.sampled_from(list(BACKOFF.values())), st.integers(0, 10_000))
def test_a_pause_grows_from_nothing_to_its_bound_and_never_shrinks(rule: Backoff, tries: int) -> None:
    assert rule.pause(min(tries, rule.free)) == timedelta()
    assert timedelta() <= rule.pause(tries) <= rule.pause(tries + 1) <= timedelta(seconds=rule.most)


def test_a_pause_doubles() -> None:
    rule = BACKOFF["pair"]
    assert [rule.pause(rule.free + n).seconds for n in range(1, 10)] == [5, 10, 20, 40, 80, 160, 320, 640, 900]


def test_a_stranger_keeps_nobody_out_for_long() -> None:
    """What others try elsewhere makes the owner wait half a minute at most; an office that mistypes, a minute."""
    assert BACKOFF["account"].most <= 30
    assert BACKOFF["address"].most <= 60


@pytest.mark.parametrize(
    ("address", "counts_as"),
    [
        ("203.0.113.9", "203.0.113.9"), ("::ffff:203.0.113.9", "203.0.113.9"), ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        ("2001:db8:1:2:ffff::1", "2001:db8:1:2::"), ("", ""), ("x" * 100, "x" * 64),
    ],
)  # fmt: skip
def test_one_address_is_an_ipv4_address_or_a_64(address: str, counts_as: str) -> None:
    assert neighbourhood(address) == counts_as


@given(st.ip_addresses(v=6))
def test_the_addresses_of_one_subscriber_count_together(address: object) -> None:
    there = ip_address(neighbourhood(str(address)))
    assert neighbourhood(str(there)) == str(there)


@given(st.text(max_size=40))
def test_whatever_is_typed_is_a_code_of_one_kind_or_none(text: str) -> None:
    kind, code = typed(text)
    assert kind in ("totp", "recovery", "")
    assert kind != "totp" or (len(code) == 6 and code.isascii() and code.isdigit())


def test_blanks_and_hyphens_do_not_matter() -> None:
    assert typed(" 123 456") == ("totp", "123456")
    assert typed("ABCD-efgh-2345-jkmn") == ("recovery", "abcdefgh2345jkmn")


def test_the_interval_and_its_neighbours_are_taken() -> None:
    here = step_of(NOW)
    assert list(steps_around(NOW)) == [here, here - 1, here + 1]
    assert step_of(NOW + timedelta(seconds=STEP)) == here + 1


@pytest.mark.parametrize("password", ["taobao2026", "Fahuo-888888", "淘宝发货2026", "kuaidi_shop!1", "wodedianpu66"])
def test_words_of_the_trade_and_digits_are_no_password(password: str) -> None:
    assert is_obvious(password)


@pytest.mark.parametrize("password", ["taobao-lancao-7", "correct horse", "48213977", "发货的老李1987", "fahuo-demo"])
def test_anything_else_in_it_is_for_the_other_checks(password: str) -> None:
    assert not is_obvious(password)
