"""The figures' rules: which days are shown, what became of an order that was due, and shares."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fahuo.rules import metrics, response
from fahuo.rules.metrics import Span, pickup, share, span_of
from fahuo.rules.problems import Refusal
from fahuo.rules.response import Message, Turn, turns

TODAY = date(2026, 3, 2)
DUE = datetime.fromisoformat("2026-02-20T10:00:00+08:00")
SECOND, NEVER = timedelta(seconds=1), None


def test_nobody_asked_so_the_thirty_days_before_today_are_shown() -> None:
    span = span_of("", "", today=TODAY)
    assert (span.first, span.last, span.length) == (date(2026, 1, 31), date(2026, 3, 1), 30)
    assert span == Span(*response.window(TODAY))
    assert (span.before.last, span.before.length) == (date(2026, 1, 30), 30)


def test_a_range_ends_today_at_the_latest() -> None:
    assert span_of("2026-03-01", "2026-03-31", today=TODAY) == Span(date(2026, 3, 1), TODAY)
    assert span_of("2026-03-02", "2026-03-02", today=TODAY).days == [TODAY]


@pytest.mark.parametrize(
    ("first", "last", "code"),
    [
        ("2026-02-30", "2026-03-01", "span_unreadable"),
        ("2026-02-01", "", "span_unreadable"),
        ("yesterday", "today", "span_unreadable"),
        ("1999-12-31", "2000-01-01", "span_unreadable"),
        ("2026-02-02", "2026-02-01", "span_backwards"),
        ("2026-03-03", "2026-03-04", "span_ahead"),
        ("2025-01-01", "2026-03-01", "span_too_long"),
    ],
)
def test_a_range_that_cannot_be_shown_is_refused_by_name(first: str, last: str, code: str) -> None:
    with pytest.raises(Refusal) as refused:
        span_of(first, last, today=TODAY)
    assert [problem.code for problem in refused.value.problems] == [code]


def test_the_longest_range_is_a_leap_year() -> None:
    first = TODAY - timedelta(days=metrics.MOST_DAYS - 1)
    assert span_of(first.isoformat(), TODAY.isoformat(), today=TODAY).length == metrics.MOST_DAYS


def test_days_begin_at_the_shops_midnight() -> None:
    start, end = Span(date(2026, 3, 1), TODAY).bounds(ZoneInfo("Asia/Shanghai"))
    assert (start.isoformat(), end.isoformat()) == ("2026-03-01T00:00:00+08:00", "2026-03-03T00:00:00+08:00")


@pytest.mark.parametrize(
    ("shipped", "scanned", "closed", "expected"),
    [
        (DUE - SECOND, DUE, NEVER, "on_time"),
        (DUE - SECOND, DUE + SECOND, NEVER, "late_scan"),
        (DUE - SECOND, NEVER, NEVER, "no_scan"),
        (NEVER, NEVER, NEVER, "not_shipped"),
        (NEVER, DUE - SECOND, NEVER, "not_shipped"),
        (NEVER, NEVER, DUE, None),
        (NEVER, NEVER, DUE + SECOND, "not_shipped"),
        (DUE - SECOND, NEVER, DUE - SECOND, None),
        (DUE - SECOND, DUE - SECOND, DUE - SECOND, "on_time"),
    ],
)
def test_what_became_of_an_order_that_was_due(
    shipped: datetime | None, scanned: datetime | None, closed: datetime | None, expected: str | None
) -> None:
    assert pickup(DUE, shipped_at=shipped, picked_up_at=scanned, closed_at=closed) == expected


def test_a_share_of_nothing_is_not_nought() -> None:
    assert share(0, 0) is None
    assert share(0, 3) == 0
    assert (share(2, 3), share(1, 16)) == (Decimal("0.6667"), Decimal("0.0625"))


MESSAGES = st.lists(
    st.tuples(
        st.integers(0, 2 * 24 * 60 - 1),
        st.sampled_from([("buyer", None), ("buyer", 1), ("buyer", 2), ("seller", 1), ("seller", 2), ("card", None)]),
    ),
    max_size=12,
)
MORNING = datetime.fromisoformat("2026-02-20T00:00:00+08:00")


def told(rows: list[tuple[int, tuple[str, int | None]]]) -> list[Message]:
    found = []
    for minute, (who, member) in sorted(rows, key=lambda row: row[0]):
        at = MORNING + timedelta(minutes=minute)
        kind: response.MessageKind = "card" if who == "card" else "message"
        found.append(Message("A", at, "seller" if who == "seller" else "buyer", kind, member))
    return found


@given(MESSAGES)
def test_a_day_read_alone_has_the_turns_it_has_among_all(rows: list[tuple[int, tuple[str, int | None]]]) -> None:
    """`partners` makes up for the messages that were not read."""
    every = told(rows)
    midnight = MORNING + timedelta(days=1)
    before = [message for message in every if message.at < midnight]
    spoken = [
        message.member for message in before
        if (message.sender == "seller" and message.kind == "message") or (message.member and message.sender == "buyer")
    ]  # fmt: skip
    partners: dict[int | str, int | str] = {"A": spoken[-1]} if spoken and spoken[-1] else {}
    alone = turns([message for message in every if message.at >= midnight], partners=partners)

    def second(found: list[Turn]) -> list[Turn]:
        return [turn for turn in found if turn.day == date(2026, 2, 21)]

    assert second(turns(every)) == alone
