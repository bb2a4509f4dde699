"""Reminders: their moments, the day's ten, and quiet hours, each held to a simple model."""

from datetime import UTC, datetime, time, timedelta
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fahuo.rules import reminders
from fahuo.rules.policy import load
from fahuo.rules.reminders import Quiet, deliver, left_today, moments, next_moment, quiet_until

VERSION = load("taobao").at(datetime(2022, 8, 10, tzinfo=UTC))
SINCE = datetime(2022, 8, 12, 7, tzinfo=UTC)
H = timedelta(hours=1)


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}+08:00")


def test_at_once_and_before_it_is_due() -> None:
    due = SINCE + 24 * H
    assert moments(SINCE, due, VERSION) == (SINCE, due - 12 * H, due - 4 * H, due - H)
    assert moments(SINCE, SINCE + 12 * H, VERSION) == (SINCE, SINCE + 8 * H, SINCE + 11 * H)
    assert moments(SINCE, SINCE + H / 2, VERSION) == (SINCE,)
    assert moments(SINCE, SINCE, VERSION) == ()
    assert moments(SINCE, None, VERSION) == (SINCE,)


@given(st.integers(-5, 60 * 24 * 15), st.integers(-60, 60 * 24 * 16))
def test_moments_and_the_next_one(minutes: int, late: int) -> None:
    due, after = SINCE + timedelta(minutes=minutes), SINCE + timedelta(minutes=late)
    found = moments(SINCE, due, VERSION)
    expected = [SINCE] * (minutes > 0) + [due - h * H for h in (12, 4, 1) if minutes > h * 60]
    assert list(found) == expected
    assert all(SINCE <= moment < due for moment in found)
    assert next_moment(SINCE, due, VERSION) == (expected[0] if expected else None)
    assert next_moment(SINCE, due, VERSION, after=after) == min((m for m in expected if m > after), default=None)


def test_ten_a_calendar_day_then_none() -> None:
    given_today: dict[object, int] = {}
    sent = []
    for minute in range(0, 60 * 30, 60):  # from 08:00 on, every hour, into the next day
        now = at("2022-08-12T08:00") + timedelta(minutes=minute)
        day = reminders.day_of(now, "Asia/Shanghai")
        came = deliver(given_today.get(day, 0), VERSION, now=now)
        assert (came.at is None) == (came.status == "suppressed")
        if came.status != "suppressed":
            given_today[day] = given_today.get(day, 0) + 1
            sent.append(now)
    assert [str(day) for day in given_today] == ["2022-08-12", "2022-08-13"]
    assert list(given_today.values()) == [10, 10]
    assert sent[9:11] == [at("2022-08-12T17:00"), at("2022-08-13T00:00")]
    assert [left_today(count, VERSION) for count in (0, 9, 10, 11)] == [10, 1, 0, 0]


@pytest.mark.parametrize(
    ("quiet", "now", "until"),
    [
        (Quiet(time(22), time(8)), "2022-08-12T22:00", "2022-08-13T08:00"),
        (Quiet(time(22), time(8)), "2022-08-13T07:59", "2022-08-13T08:00"),
        (Quiet(time(22), time(8)), "2022-08-13T08:00", None),
        (Quiet(time(22), time(8)), "2022-08-12T21:59", None),
        (Quiet(time(12), time(14)), "2022-08-12T13:00", "2022-08-12T14:00"),
        (Quiet(time(12), time(14)), "2022-08-12T14:00", None),
        (Quiet(time(9), time(9)), "2022-08-12T09:00", None),
    ],
)
def test_quiet_hours_hold_the_delivery_only(quiet: Quiet, now: str, until: str | None) -> None:
    assert quiet_until(quiet, now=at(now)) == (at(until) if until else None)
    came = deliver(0, VERSION, now=at(now), quiet=quiet)
    assert (came.status, came.at) == (("held", at(until)) if until else ("delivered", at(now)))
    assert came.at is not None
    assert came.at.tzinfo is UTC
    assert deliver(10, VERSION, now=at(now), quiet=quiet) == reminders.Delivery("suppressed", None)


def test_the_statuses_are_one() -> None:
    assert get_args(reminders.Status) == reminders.STATUSES
