"""The table of a task's moves, held to a model that was written from the rules by hand, pair by pair."""

import re
from datetime import UTC, datetime, timedelta
from itertools import product
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fahuo.rules import tasks
from fahuo.rules.policy import load
from fahuo.rules.problems import Problem
from fahuo.rules.tasks import EVENTS, KINDS, OPEN, STATES, TABLE, Event, Moved, State

VERSION = load("taobao").at(datetime(2022, 8, 10, tzinfo=UTC))
NOW = datetime(2022, 8, 12, 7, tzinfo=UTC)
H = timedelta(hours=1)

REFUSED = {
    ("reply", "awaiting_buyer_confirmation"): "task_answered",
    ("reply", "awaiting_seller_action"): "task_answered",
    ("reply", "platform_intervention"): "task_with_platform",
    ("answer", "awaiting_seller_reply"): "no_plan_offered",
    ("answer", "awaiting_seller_action"): "no_plan_offered",
    ("answer", "platform_intervention"): "no_plan_offered",
    ("due", "platform_intervention"): "task_no_timer",
}
Told = tuple[str, datetime | None, bool] | str
"""(state, due, whether a complaint is opened), or the problem's code."""


def model(state: str, event: str, complaint: bool, done: bool, until: datetime | None, due: datetime | None) -> Told:
    """What the rules say, written without the table."""
    if state == "completed":
        return "task_completed"
    if event == "tracked":
        return "task_not_fulfilled_so"
    if event in ("shipped", "refunded"):
        return (state, due, False) if complaint else ("completed", None, False)
    if event == "complaint_closed":
        return ("completed", None, False) if done and not complaint else (state, due, False)
    group = "reply" if event.startswith("reply") else "answer" if event in ("accepted", "refused") else "due"
    if (group, state) in REFUSED:
        return REFUSED[group, state]
    if group == "reply":
        return {
            "reply_ship_later": ("awaiting_buyer_confirmation", min(NOW + 24 * H, until or NOW + 24 * H), False),
            "reply_exchange": ("awaiting_buyer_confirmation", min(NOW + 24 * H, until or NOW + 24 * H), False),
            "reply_cannot_ship": ("awaiting_seller_action", NOW + 24 * H, False),
            "reply_force_majeure": ("platform_intervention", None, False),
        }[event]
    if state == "awaiting_buyer_confirmation" and event != "refused":
        return "awaiting_seller_action", until or NOW + 48 * H, False
    if state == "awaiting_seller_action" and done:
        return state, None, False
    return "platform_intervention", None, not complaint


def told(came: Moved | Problem) -> Told:
    return came.code if isinstance(came, Problem) else (came.state, came.due_at, came.opens_complaint)


def step(
    state: State, event: Event, complaint: bool, done: bool, until: datetime | None, due: datetime | None
) -> Moved | Problem:
    return tasks.move(
        state, event, complaint_open=complaint, fulfilled=done, now=NOW, until=until, version=VERSION, due_at=due
    )


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("event", EVENTS)
def test_every_pair_legal_and_illegal(state: State, event: Event) -> None:
    for complaint, done, until, due in product((False, True), (False, True), (None, NOW + 5 * H), (None, NOW + H)):
        came = step(state, event, complaint, done, until, due)
        assert told(came) == model(state, event, complaint, done, until, due)
        if isinstance(came, Problem):
            assert came.sentence("zh") != came.sentence("en")
        else:
            assert (state, event) in TABLE
            assert came.clause in tasks.CLAUSES
            assert came.changed == (came.state != state)
            assert came.agrees == (state == "awaiting_buyer_confirmation" and event in ("accepted", "due"))


@given(
    st.lists(
        st.tuples(
            st.sampled_from(EVENTS),
            st.booleans(),
            st.booleans(),
            st.none() | st.integers(1, 15 * 24).map(lambda n: n * H),
        ),
        max_size=12,
    )
)
def test_any_walk_stays_on_the_table(events: list[tuple[Event, bool, bool, timedelta | None]]) -> None:
    begun = tasks.opened(now=NOW, version=VERSION)
    state, due = begun.state, begun.due_at
    assert (state, due, begun.clause) == ("awaiting_seller_reply", NOW + 24 * H, "late_urge")
    for event, complaint, done, ahead in events:
        until = NOW + ahead if ahead else None
        came = step(state, event, complaint, done, until, due)
        assert told(came) == model(state, event, complaint, done, until, due)
        if isinstance(came, Moved):
            assert came.state in STATES
            assert (came.due_at is None) or came.state not in ("completed", "platform_intervention")
            state, due = came.state, came.due_at


def test_states_and_kinds_for_the_statements() -> None:
    assert tasks.states_before("shipped") == list(OPEN)
    assert tasks.states_before("reply_exchange") == ["awaiting_seller_reply"]
    assert tasks.states_before("due") == [
        "awaiting_seller_reply", "awaiting_buyer_confirmation", "awaiting_seller_action",
    ]  # fmt: skip
    assert tasks.kinds_fulfilled_by("shipped") == ["urge_shipment"]
    assert tasks.kinds_fulfilled_by("refunded") == list(KINDS)
    assert tasks.kinds_fulfilled_by("tracked") == ["urge_logistics"]


def test_the_kinds_share_the_table() -> None:
    assert get_args(State) == STATES
    assert get_args(Event) == EVENTS
    assert list(KINDS) == ["urge_shipment", "urge_logistics", "urge_refund"]
    assert tuple(KINDS["urge_shipment"].plans) == tasks.PLANS
    for name, kind in KINDS.items():
        assert set(kind.fulfilled_by) <= set(tasks.FULFILLING)
        for event in tasks.FULFILLING:
            came = tasks.move(
                "awaiting_seller_reply",
                event,
                complaint_open=False,
                fulfilled=True,
                now=NOW,
                until=None,
                version=VERSION,
                kind=name,
            )
            assert told(came) == (("completed", None, False) if event in kind.fulfilled_by else "task_not_fulfilled_so")


@pytest.mark.parametrize(
    ("plan", "until", "reason", "code"),
    [
        ("ship_later", NOW + H, None, None),
        ("ship_later", NOW + timedelta(days=15), None, None),
        ("ship_later", NOW + timedelta(days=15, microseconds=1), None, "plan_until_far"),
        ("ship_later", NOW, None, "plan_until_past"),
        ("ship_later", NOW - H, None, "plan_until_past"),
        ("ship_later", None, None, "plan_until_missing"),
        ("ship_later", NOW + H, "force_majeure", "plan_reason"),
        ("exchange", None, None, None),
        ("exchange", NOW + H, None, "plan_until_unwanted"),
        ("cannot_ship", None, None, None),
        ("cannot_ship", None, "", None),
        ("cannot_ship", None, "force_majeure", None),
        ("cannot_ship", None, "illness", "plan_reason"),
        ("cannot_ship", NOW + H, None, "plan_until_unwanted"),
        ("wait", None, None, "plan_unknown"),
    ],
)
def test_what_may_be_replied(plan: str, until: datetime | None, reason: str | None, code: str | None) -> None:
    found = tasks.check_reply(plan, until, reason, now=NOW, version=VERSION)
    assert (found.code if found else None) == code


def test_a_kind_may_leave_out_plans() -> None:
    found = tasks.check_reply("ship_later", NOW + H, None, now=NOW, version=VERSION, kind="urge_refund")
    assert found is not None
    assert found.code == "plan_unknown"


def test_the_event_of_a_reply() -> None:
    assert tasks.reply_event("ship_later") == "reply_ship_later"
    assert tasks.reply_event("exchange") == "reply_exchange"
    assert tasks.reply_event("cannot_ship") == "reply_cannot_ship"
    assert tasks.reply_event("cannot_ship", "force_majeure") == "reply_force_majeure"


def test_hours_are_natural_hours_in_any_zone() -> None:
    local = datetime.fromisoformat("2022-08-12T15:00:00+08:00")
    came = tasks.opened(now=local, version=VERSION)
    assert came.due_at == datetime(2022, 8, 13, 7, tzinfo=UTC)
    assert came.due_at.tzinfo is UTC


def test_the_page_shows_the_table() -> None:
    page = (Path(__file__).parents[2] / "docs" / "tasks.md").read_text("utf-8")
    assert tasks.as_markdown() in page
    rows = re.findall(r"^\| (?:-|`\w+`) \| `\w+` \|", page, re.MULTILINE)
    assert len(rows) == len(TABLE) + 1
    for clause, words in tasks.CLAUSES.items():
        assert f"| `{clause}` | {words[0]} | {words[1]} |" in page
