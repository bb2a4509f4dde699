"""The average time to answer, held to a second reading of the rule that goes day by day."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fahuo.rules import response
from fahuo.rules.response import Message, average, counted, quick_share, turns, window

TODAY = date(2022, 8, 13)
D = Decimal


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"2022-08-12T{text}+08:00" if "T" not in text else f"{text}+08:00")


def told(*messages: tuple[str, str]) -> list[Message]:
    """("10:00", "buyer"), ("10:00", "buyer>cs1"), ("10:00", "card"), ("10:02", "cs1"), ("10:01", "auto")."""
    found = []
    for when, who in messages:
        more: dict[str, Any] = {"sender": "seller", "member": who}
        if who == "card":
            more = {"sender": "buyer", "kind": "card"}
        elif who == "auto":
            more = {"sender": "seller", "kind": "auto", "member": "cs1"}
        elif who.startswith("buyer"):
            more = {"sender": "buyer", "member": who[6:] or None}
        found.append(Message(conversation="A", at=at(when), **more))
    return found


def of(member: str, *messages: tuple[str, str], today: date = TODAY) -> Decimal | None:
    return average(turns(told(*messages)), member, today=today)


@pytest.mark.parametrize(
    ("messages", "seconds"),
    [
        ([("10:00:00", "buyer"), ("10:02:00", "cs1")], 120),
        ([("10:00:00", "card"), ("10:02:00", "cs1")], 120),
        ([("10:00:00", "buyer"), ("10:01:00", "buyer"), ("10:02:00", "cs1"), ("10:09:00", "cs1")], 120),
        ([("10:00:00", "buyer"), ("10:00:01", "auto"), ("10:02:00", "cs1")], 120),
        ([("10:00:00", "buyer"), ("10:02:00", "cs1"), ("11:00:00", "card"), ("11:01:00", "cs1")], 90),
        ([("10:00:00", "buyer"), ("10:30:00", "cs1")], 600),
        ([("10:00:00", "buyer")], 600),
        ([("10:00:00", "buyer>cs1")], 600),
        ([("07:59:59", "buyer"), ("08:01:00", "cs1")], None),
        ([("08:00:00", "buyer"), ("08:01:00", "cs1")], 60),
        ([("07:59:59", "buyer"), ("08:00:30", "buyer"), ("08:01:00", "cs1")], 30),
        ([("22:59:59", "buyer"), ("23:00:09", "cs1")], 10),
        ([("23:00:00", "buyer"), ("23:00:09", "cs1")], None),
        ([("10:00:00", "cs1")], None),
        ([], None),
    ],
)
def test_the_rule_case_by_case(messages: list[tuple[str, str]], seconds: int | None) -> None:
    assert of("cs1", *messages) == (None if seconds is None else D(seconds))


def test_each_account_has_its_own_turns() -> None:
    both = [("10:00", "buyer>cs1"), ("10:01", "buyer>cs2"), ("10:03", "cs2")]
    assert (of("cs1", *both), of("cs2", *both)) == (D(600), D(120))
    to_the_shop = [("10:00", "card"), ("10:03", "cs2")]
    assert (of("cs1", *to_the_shop), of("cs2", *to_the_shop)) == (None, D(180))
    last_partner = [("10:00", "buyer"), ("10:01", "cs2"), ("12:00", "card")]
    assert (of("cs1", *last_partner), of("cs2", *last_partner)) == (None, D(330))
    nobody = [("10:00", "card")]
    assert (of("cs1", *nobody), of("cs2", *nobody)) == (D(600), D(600))
    first_of_two = [("10:00", "card"), ("10:01", "buyer>cs1"), ("10:02", "cs1")]
    assert (of("cs1", *first_of_two), of("cs2", *first_of_two)) == (D(120), None)
    left_over = [("10:00", "card"), ("10:01", "buyer>cs1")]
    assert [turn.started_at for turn in turns(told(*left_over))] == [at("10:00")]


def test_a_turn_ends_with_its_day() -> None:
    night = [("2022-08-11T22:00", "buyer"), ("2022-08-12T09:00", "cs1")]
    assert of("cs1", *night) == D(600)
    again = [*night[:1], ("2022-08-12T09:00", "buyer"), ("2022-08-12T09:01", "cs1")]
    assert of("cs1", *again) == D(330)
    assert [turn.day for turn in turns(told(*again))] == [date(2022, 8, 11), date(2022, 8, 12)]


def test_conversations_are_apart() -> None:
    messages = [*told(("10:00", "buyer"), ("10:04", "cs1"))]
    messages += [Message("B", at("10:01"), "buyer"), Message("B", at("10:02"), "seller", member="cs1")]
    assert average(turns(messages), "cs1", today=TODAY) == D(150)


def test_the_thirty_days_before_today() -> None:
    first, last = window(TODAY)
    assert (first, last) == (date(2022, 7, 14), date(2022, 8, 12))
    one = [("10:00", "buyer"), ("10:02", "cs1")]
    assert of("cs1", *one, today=date(2022, 8, 12)) is None
    assert of("cs1", *one, today=date(2022, 9, 11)) == D(120)
    assert of("cs1", *one, today=date(2022, 9, 12)) is None


def test_a_third_of_a_second_is_rounded_and_the_quick_share_counted() -> None:
    found = turns(told(("10:00:00", "buyer"), ("10:01:40", "cs1"), ("11:00", "buyer"), ("11:01:40", "cs1"),
                       ("12:00:00", "buyer"), ("12:03:20", "cs1")))  # fmt: skip
    assert average(found, "cs1", today=TODAY) == D("133.33")
    assert quick_share(found, "cs1", today=TODAY) == D("0.6667")
    assert quick_share(found, "cs2", today=TODAY) is None
    assert len(counted(found, "cs1", today=TODAY)) == 3


def test_what_an_account_less_hand_answers_is_nobodys() -> None:
    found = turns([Message("A", at("10:00"), "buyer"), Message("A", at("10:01"), "seller")])
    assert [turn.answered for turn in found] == [True]
    assert average(found, "cs1", today=TODAY) is None


def test_the_words_are_one() -> None:
    assert get_args(response.Sender) == response.SENDERS
    assert get_args(response.MessageKind) == response.MESSAGE_KINDS


minutes = st.integers(0, 4 * 24 * 60)


@given(st.lists(st.tuples(minutes, st.sampled_from(["buyer", "card", "auto", "cs1"])), max_size=30))
def test_one_account_as_the_model_says(told_at: list[tuple[int, str]]) -> None:
    start = at("2022-08-08T00:00")
    story = sorted(told_at, key=lambda each: each[0])
    messages = told(*((f"{start + timedelta(minutes=minute):%Y-%m-%dT%H:%M}", who) for minute, who in story))
    took = []
    for day in range(5):
        asked: int | None = None
        for minute, who in ((m - day * 1440, who) for m, who in story if m // 1440 == day):
            if who in ("buyer", "card") and 480 <= minute < 1380 and asked is None:
                asked = minute
            if who == "cs1" and asked is not None:
                took.append(min(600, (minute - asked) * 60))
                asked = None
        if asked is not None:
            took.append(600)
    found = average(turns(messages), "cs1", today=TODAY)
    if took:
        assert found == (D(sum(took)) / len(took)).quantize(D("0.01"), "ROUND_HALF_UP")
    else:
        assert found is None
