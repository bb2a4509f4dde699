"""What an urge comes to: the order of checks, held to a model of a few lines, and each exception with its dates."""

from datetime import UTC, datetime, timedelta
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fahuo.rules.orders import ORDER_KINDS, ORDER_STATUSES
from fahuo.rules.policy import ExemptRegion, load
from fahuo.rules.urges import NAMES, OUTCOME_OF, OUTCOMES, REASONS, Reason, Urge, UrgeFacts, decide, urgeable


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}+08:00")


BOOK = load("taobao")
NOW = at("2022-08-12T15:00")
H = timedelta(hours=1)
EXEMPT = BOOK.exempting(
    [
        ExemptRegion(
            region="3101", start=at("2022-08-12T00:00"), end=at("2022-08-13T00:00"), basis="stated", source="a list"
        )
    ]
)


def urged(now: datetime = NOW, **facts: Any) -> Urge:
    facts = {"status": "awaiting_shipment", "deadline": NOW - H, **facts}
    return decide(UrgeFacts(**facts), EXEMPT, now=now)


def came(now: datetime = NOW, **facts: Any) -> tuple[str, str]:
    urge = urged(now, **facts)
    return urge.outcome, urge.reason


def test_the_order_of_checks_is_the_rules() -> None:
    assert get_args(Reason) == REASONS
    assert set(NAMES) == set(REASONS)
    assert set(OUTCOME_OF.values()) == set(OUTCOMES)


def test_each_stronger_check_wins_over_the_weaker_ones() -> None:
    before = at("2022-07-15T15:00")
    facts: dict[str, Any] = {"deadline": before - H}
    assert came(before, **facts) == ("exempt", "no_complaint")
    steps: list[tuple[dict[str, Any], Reason]] = [
        ({"complaint_open": True}, "past_deadline"),
        ({"deadline": before}, "within_deadline"),
        ({"reported_until": before}, "reported"),
        ({"kind": "presale_full"}, "presale"),
        ({"kind": "virtual"}, "virtual"),
        ({"kind": "custom"}, "custom"),
        ({"open_task": True}, "open_task"),
        ({"refunded": True}, "not_awaiting_shipment"),
    ]
    for more, reason in steps:
        facts |= more
        assert came(before, **facts) == (OUTCOME_OF[reason], reason)


@pytest.mark.parametrize("status", ORDER_STATUSES)
def test_only_what_awaits_shipment_can_be_urged(status: str) -> None:
    waits = status in ("awaiting_shipment", "part_shipped")
    assert came(status=status) == (("task", "past_deadline") if waits else ("refused", "not_awaiting_shipment"))
    assert came(status=status, deadline=None)[0] == "refused"
    assert urgeable(UrgeFacts(status=status, deadline=NOW)) == waits
    assert urged(status=status).counts == waits


def test_at_the_deadline_it_is_only_flagged() -> None:
    assert came(deadline=NOW) == ("flagged", "within_deadline")
    assert came(deadline=NOW + H) == ("flagged", "within_deadline")
    assert came(deadline=NOW - timedelta(microseconds=1)) == ("task", "past_deadline")
    assert urged().makes_task
    assert not urged(open_task=True).makes_task


def test_presale_and_no_complaint_end_with_their_day() -> None:
    last, first = at("2022-07-15T23:59:59"), at("2022-07-16T00:00:00")
    for kind in ("presale_full", "presale_staged"):
        late = {"kind": kind, "deadline": last - H, "complaint_open": True}
        assert came(last, **late) == ("exempt", "presale")
        assert came(first, **late) == ("task", "past_deadline")
    assert came(last, deadline=last - H) == ("exempt", "no_complaint")
    assert came(last, deadline=last - H, complaint_open=True) == ("task", "past_deadline")
    assert came(first, deadline=last - H) == ("task", "past_deadline")


def test_an_exempt_region_at_either_end_in_its_window() -> None:
    assert came(ship_to="310115") == ("exempt", "exempt_region")
    assert came(ship_from="310115") == ("exempt", "exempt_region")
    assert came(ship_to="330106", ship_from="330106") == ("task", "past_deadline")
    assert came(at("2022-08-13T00:00"), ship_to="310115") == ("task", "past_deadline")
    assert came(at("2022-08-12T00:00"), ship_to="310115", deadline=NOW) == ("exempt", "exempt_region")


def test_a_report_until_its_time_has_passed() -> None:
    assert came(reported_until=NOW) == ("exempt", "reported")
    assert came(reported_until=NOW - timedelta(seconds=1)) == ("task", "past_deadline")


def test_custom_and_virtual_never_make_a_task() -> None:
    assert came(at("2026-01-01T00:00"), kind="custom") == ("exempt", "custom")
    assert came(at("2026-01-01T00:00"), kind="virtual", deadline=at("2026-01-02T00:00")) == ("exempt", "virtual")


instants = st.integers(-60, 60).map(lambda days: at("2022-07-16T00:00") + timedelta(days=days, hours=days % 24))


@given(
    status=st.sampled_from(ORDER_STATUSES), kind=st.sampled_from(ORDER_KINDS), refunded=st.booleans(),
    open_task=st.booleans(), complaint=st.booleans(), reported=st.none() | instants, deadline=st.none() | instants,
    ship_to=st.sampled_from(["", "310115", "330106"]), ship_from=st.sampled_from(["", "310115"]), now=instants,
)  # fmt: skip
def test_any_urge_as_the_model_says(
    status: str,
    kind: str,
    refunded: bool,
    open_task: bool,
    complaint: bool,
    reported: datetime | None,
    deadline: datetime | None,
    ship_to: str,
    ship_from: str,
    now: datetime,
) -> None:
    early = now < at("2022-07-16T00:00")
    listed = at("2022-08-12T00:00") <= now < at("2022-08-13T00:00")
    if status not in ("awaiting_shipment", "part_shipped") or refunded or deadline is None:
        expected = "not_awaiting_shipment"
    elif open_task:
        expected = "open_task"
    elif kind in ("custom", "virtual"):
        expected = kind
    elif kind.startswith("presale") and early:
        expected = "presale"
    elif listed and "310115" in (ship_to, ship_from):
        expected = "exempt_region"
    elif reported is not None and reported >= now:
        expected = "reported"
    elif now <= deadline:
        expected = "within_deadline"
    elif early and not complaint:
        expected = "no_complaint"
    else:
        expected = "past_deadline"
    urge = urged(
        now.astimezone(UTC),
        status=status,
        kind=kind,
        refunded=refunded,
        open_task=open_task,
        complaint_open=complaint,
        reported_until=reported,
        deadline=deadline,
        ship_to=ship_to,
        ship_from=ship_from,
    )
    assert urge.reason == expected
    assert tuple(asked.clause for asked in urge.asked) == REASONS
    assert all(asked.zh and asked.en and asked.zh != asked.en for asked in urge.asked)
