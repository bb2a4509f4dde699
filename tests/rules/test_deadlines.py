"""The deadline of an order: which clause decides, in which order, and that it says so."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fahuo.rules.deadlines import CLAUSES, Facts, deadline_of, decide
from fahuo.rules.policy import ExemptRegion, RuleBook, load

TAOBAO, TMALL = load("taobao"), load("tmall")


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}+08:00")


def exempt(region: str, start: str, end: str) -> ExemptRegion:
    return ExemptRegion(region=region, start=at(start), end=at(end), basis="stated", source="the platform's list")


SHANGHAI = TAOBAO.exempting(
    [
        exempt("31", "2026-03-03T00:00", "2026-03-10T00:00"),
        exempt("310115", "2026-03-09T00:00", "2026-03-20T00:00"),
        exempt("330106", "2026-03-01T00:00", "2026-03-04T00:00"),
    ]
)
PAID = at("2026-03-02T10:00")


def decided(book: RuleBook = TAOBAO, **facts: Any) -> tuple[datetime | None, str]:
    facts.setdefault("paid_at", PAID)
    decision = decide(Facts(**facts), book)
    assert deadline_of(Facts(**facts), book) == (decision.deadline, decision.clause, decision.version)
    return decision.deadline, decision.clause


def test_by_default_forty_eight_hours() -> None:
    decision = decide(Facts(paid_at=at("2022-08-10T10:00")), TAOBAO)
    assert (decision.deadline, decision.clause) == (at("2022-08-12T10:00"), "default")
    assert decision.version == "taobao-2022-07-18"
    assert decide(Facts(paid_at=at("2022-08-10T10:00")), TMALL).version == "tmall-2021-01-14"


@pytest.mark.parametrize("kind", ["normal", "custom", "virtual", "presale_full", "presale_staged"])
def test_every_kind_has_a_deadline(kind: str) -> None:
    assert decided(kind=kind) == (PAID + timedelta(hours=48), "default")
    assert decided(kind=kind, promise_hours=360) == (PAID + timedelta(days=15), "promise")


def test_unpaid_has_none() -> None:
    assert decided(paid_at=None, channel_deadline=PAID, agreed_until=PAID) == (None, "unpaid")


def test_the_promise_in_hours_or_to_a_day() -> None:
    assert decided(promise_hours=24) == (PAID + timedelta(hours=24), "promise")
    day = at("2026-03-30T23:59:59")
    assert decided(promised_until=day) == (day, "promise")
    assert decided(promised_until=day, promise_hours=24) == (day, "promise")
    assert decided(promised_until=PAID, promise_hours=24) == (PAID + timedelta(hours=24), "promise")
    assert decided(promised_until=PAID) == (PAID + timedelta(hours=48), "default")


def test_the_strongest_clause_decides() -> None:
    paid = at("2022-11-12T10:00")
    facts: dict[str, Any] = {"paid_at": paid}
    steps = [
        ({}, at("2022-11-17T23:59:59"), "platform_override"),
        ({"promise_hours": 72}, at("2022-11-17T23:59:59"), "platform_override"),
        ({"reported_until": at("2022-11-25T00:00")}, at("2022-11-25T00:00"), "reported"),
        ({"agreed_until": at("2022-11-20T00:00")}, at("2022-11-20T00:00"), "agreed"),
        ({"channel_deadline": at("2022-11-13T00:00")}, at("2022-11-13T00:00"), "channel"),
    ]
    for more, deadline, clause in steps:
        facts |= more
        assert decided(**facts) == (deadline, clause)
    asked = {entry.clause: entry for entry in decide(Facts(**facts), TAOBAO).asked}
    assert [entry.applies for entry in asked.values()] == [True, True, True, True, True, False, True]
    assert asked["promise"].until == paid + timedelta(hours=72)


@pytest.mark.parametrize(
    ("book", "facts", "deadline", "clause"),
    [
        (TAOBAO, {"paid_at": at("2022-11-15T10:00")}, at("2022-11-18T10:00"), "platform_override"),
        (TAOBAO, {"paid_at": at("2022-11-15T10:00"), "category": "fresh"}, at("2022-11-22T23:59:59"), "platform_override"),
        (TAOBAO, {"paid_at": at("2022-11-15T10:00"), "kind": "custom"}, at("2022-11-17T10:00"), "default"),
        (TAOBAO, {"paid_at": at("2023-01-20T10:00"), "promise_hours": 48}, at("2023-02-05T23:59:59"), "platform_override"),
        (TAOBAO, {"paid_at": at("2023-01-20T10:00"), "promise_hours": 480}, at("2023-02-09T10:00"), "promise"),
        (TAOBAO, {"paid_at": at("2023-01-20T10:00"), "promised_until": at("2023-02-09T10:00")}, at("2023-02-09T10:00"), "promise"),
        (TAOBAO, {"paid_at": at("2023-02-04T00:00")}, at("2023-02-06T00:00"), "default"),
        (TMALL, {"paid_at": at("2021-11-12T10:00")}, at("2021-11-16T23:59:59"), "platform_override"),
        (TMALL, {"paid_at": at("2022-11-10T10:00")}, at("2022-11-13T10:00"), "platform_override"),
        (TAOBAO, {"paid_at": at("2014-01-01T00:00")}, at("2014-01-04T00:00"), "default"),
    ],
)  # fmt: skip
def test_holidays_and_sales(book: RuleBook, facts: dict[str, Any], deadline: datetime, clause: str) -> None:
    assert decided(book, **facts) == (deadline, clause)


def test_an_exempt_region_moves_the_deadline_to_its_end() -> None:
    assert decided(SHANGHAI, ship_to="310101") == (at("2026-03-10T00:00"), "exempt_region")
    assert decided(SHANGHAI, ship_from="310101") == (at("2026-03-10T00:00"), "exempt_region")
    assert decided(SHANGHAI, ship_to="320506") == (PAID + timedelta(hours=48), "default")
    assert decided(SHANGHAI) == (PAID + timedelta(hours=48), "default")
    # The end of one window lies inside the next, which covers only this district.
    assert decided(SHANGHAI, ship_to="310115") == (at("2026-03-20T00:00"), "exempt_region")
    # At its end a window is over; before its start it has not begun.
    assert decided(SHANGHAI, ship_to="330106", paid_at=at("2026-03-02T00:00"))[1] == "default"
    assert decided(SHANGHAI, ship_to="330106", paid_at=at("2026-03-01T23:59"))[1] == "exempt_region"
    assert decided(SHANGHAI, ship_to="310101", agreed_until=at("2026-03-04T00:00"))[1] == "exempt_region"
    assert decided(SHANGHAI, ship_to="310101", channel_deadline=at("2026-03-04T00:00"))[1] == "channel"


def test_hours_are_natural_hours() -> None:
    """Clocks in New York went forward on 8 March 2026: the wall clock gains an hour, the deadline does not."""
    paid = datetime.fromisoformat("2026-03-07T12:00:00-05:00")
    deadline, _ = decided(paid_at=paid.astimezone(ZoneInfo("America/New_York")))
    assert deadline is not None
    assert deadline - paid == timedelta(hours=48)
    assert deadline.tzinfo is UTC


def test_every_clause_is_asked_and_says_why() -> None:
    asked = decide(Facts(paid_at=PAID, promise_hours=72, zone="Asia/Tokyo"), TAOBAO).asked
    assert [entry.clause for entry in asked] == [clause for clause in CLAUSES if clause != "unpaid"]
    promise = next(entry for entry in asked if entry.clause == "promise")
    assert promise.zh == "商家承诺付款后 72 小时内发货，即 2026-03-05 11:00"
    assert promise.en == "The seller promised to ship within 72 h of the payment: by 2026-03-05 11:00"
    (unpaid,) = decide(Facts(paid_at=None), TAOBAO).asked
    assert unpaid.clause == "unpaid"


SALES = st.integers(0, 42_000_000).map(lambda seconds: at("2021-10-25T00:00") + timedelta(seconds=seconds))
MARCH = st.integers(0, 2_400_000).map(lambda seconds: at("2026-02-25T00:00") + timedelta(seconds=seconds))
INSTANTS = st.builds(datetime.astimezone, SALES | MARCH, st.timezones() | st.just(UTC))
REGIONS = st.sampled_from(["", "310115", "310101", "330106", "440305"])
FACTS = st.builds(
    Facts,
    paid_at=st.none() | INSTANTS,
    kind=st.sampled_from(["normal", "custom", "virtual", "presale_full", "presale_staged"]),
    promise_hours=st.none() | st.integers(1, 600),
    promised_until=st.none() | INSTANTS,
    channel_deadline=st.none() | INSTANTS,
    reported_until=st.none() | INSTANTS,
    agreed_until=st.none() | INSTANTS,
    ship_to=REGIONS,
    ship_from=REGIONS,
    category=st.sampled_from(["", "fresh", "books"]),
)


@given(FACTS, st.sampled_from([TAOBAO, TMALL, SHANGHAI]))
def test_the_quick_answer_is_the_full_answer(facts: Facts, book: RuleBook) -> None:
    decision = decide(facts, book)
    assert deadline_of(facts, book) == (decision.deadline, decision.clause, decision.version)
    winner = next(entry for entry in decision.asked if entry.clause == decision.clause)
    assert winner.applies
    assert winner.until == decision.deadline
    for entry in decision.asked:
        assert entry.zh
        assert entry.en
        assert entry.clause == "unpaid" or entry.applies == (entry.until is not None)
        assert entry.until is None or entry.until.tzinfo is UTC
    assert (decision.deadline is None) == (facts.paid_at is None)


@given(FACTS)
def test_no_deadline_stays_inside_an_exempt_window(facts: Facts) -> None:
    deadline, clause, _ = deadline_of(facts, SHANGHAI)
    if clause in ("unpaid", "channel") or not {"310115", "310101"} & {facts.ship_to, facts.ship_from}:
        return
    assert deadline is not None
    assert not at("2026-03-03T00:00") <= deadline < at("2026-03-10T00:00")
