"""Scenario files: what a good one says, and where and how a bad one is wrong."""

import re
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fahuo.rules.scenario_keys import EVENTS
from fahuo.rules.scenarios import Event, Expect, Order, ScenarioError, parse

HEAD = """
title = "a story"
rulebook = "taobao"

[shop]
ship_from = "330106"
staff = ["cs1", "cs2"]

[[order]]
id = "A"
buyer = "b1"
paid_at = 2022-08-01T10:00:00+08:00
price = "150.00"
kind = "presale_full"
promise = "72h"
ship_to = "310115"

[[order]]
id = "B"
paid_at = 2022-08-01T02:00:00Z
price = "10"
"""
AT = "2022-08-03T11:00:00+08:00"
MORE = {
    "order": 'order = "A"', "carrier": 'carrier = "ZTO"', "waybill": 'waybill = "73111111111118"', "plan": 'plan = "exchange"',
    "region": 'region = "31"', "from": f"from = {AT}", "to": "to = 2022-08-04T11:00:00+08:00", "report": 'report = "r"',
    "orders": 'orders = ["A", "B"]', "until": "until = 2022-08-04T11:00:00+08:00", "verdict": 'verdict = "upheld"',
    "by": 'by = "cs1"', "reason": 'reason = "force_majeure"',
}  # fmt: skip


def event(do: str, *lines: str, at: str = AT) -> str:
    return "\n".join(["", "[[event]]", f"at = {at}", f'do = "{do}"', *lines, ""])


def whole(do: str) -> str:
    """An event with every key it must have."""
    kind = 'kind = "delay"' if do == "complain" else 'kind = "picked_up"'
    lines = [kind if key == "kind" else MORE[key] for key, (_, needed) in EVENTS[do].items() if needed]
    before = event("report_delay", *(MORE[key] for key in ("orders", "until", "report")))
    return (before if do in ("approve_report", "reject_report") else "") + event(do, *lines)


def expect(*lines: str) -> str:
    return "\n".join(["", "[[expect]]", f"at = {AT}", *lines, ""])


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def test_a_story_as_told() -> None:
    story = parse(HEAD + event("ship", 'order = "A"', 'by = "cs1"', MORE["carrier"], MORE["waybill"]) + expect(
        'order = "A"', 'task = "none"', 'compensation = "7.50"', "reminders = { cs1 = 10 }", f"task_due = {AT}"
    ) + expect('staff = "cs2"', "avg_response_seconds = 33.5"))  # fmt: skip
    assert (story.title, story.rulebook, story.ship_from, story.staff) == (
        "a story",
        "taobao",
        "330106",
        ("cs1", "cs2"),
    )
    paid = datetime(2022, 8, 1, 2, tzinfo=UTC)
    assert story.orders == (
        Order("A", paid, Decimal("150.00"), "b1", "presale_full", promise_hours=72, ship_to="310115"),
        Order("B", paid, Decimal("10.00")),
    )
    assert story.events == (
        Event(1, utc(AT), "ship", order="A", by="cs1", carrier="ZTO", waybill="73111111111118"),
    )  # fmt: skip
    values: dict[str, Any] = {
        "task": "none", "compensation": Decimal("7.50"), "reminders": {"cs1": 10}, "task_due": utc(AT),
    }  # fmt: skip
    assert story.expects == (
        Expect(1, utc(AT), order="A", values=values),
        Expect(2, utc(AT), staff="cs2", values={"avg_response_seconds": Decimal("33.5")}),
    )


@pytest.mark.parametrize("do", sorted(EVENTS))
def test_every_event_needs_its_keys_and_takes_no_others(do: str) -> None:
    story = parse(HEAD + whole(do))
    assert story.events[-1].do == do
    with pytest.raises(ScenarioError) as unknown:
        parse(HEAD + whole(do) + 'colour = "red"\n')
    assert (unknown.value.problems[0].code, unknown.value.key) == ("scenario_key_unknown", "colour")
    for key, (_, needed) in EVENTS[do].items():
        lines = whole(do).splitlines()
        last = len(lines) - lines[::-1].index("[[event]]")
        short = [line for no, line in enumerate(lines) if no < last or not line.startswith(f"{key} =")]
        if needed:
            with pytest.raises(ScenarioError) as missing:
                parse(HEAD + "\n".join(short))
            assert (missing.value.problems[0].code, missing.value.key) == ("scenario_key_missing", key)


@pytest.mark.parametrize(
    ("promise", "hours", "until"),
    [
        ('"1h"', 1, None),
        ("2022-08-05T00:00:00+08:00", None, utc("2022-08-05T00:00:00+08:00")),
        ('"2022-08-05T00:00:00+08:00"', None, utc("2022-08-05T00:00:00+08:00")),
    ],
)
def test_a_promise_in_hours_or_to_a_time(promise: str, hours: int | None, until: datetime | None) -> None:
    order = parse(HEAD.replace('"72h"', promise)).orders[0]
    assert (order.promise_hours, order.promised_until) == (hours, until)


def test_events_at_one_instant_keep_the_files_order() -> None:
    one = 'order = "A"'
    story = parse(
        HEAD + event("urge", one) + event("refund", one) + event("contact_again", one, at="2022-08-03T03:00:00Z")
    )
    assert [each.do for each in story.events] == ["urge", "refund", "contact_again"]


URGE = event("urge", 'order = "A"')
BAD: list[tuple[str, str, str, str]] = [
    ("title =", "scenario_toml", "", ""),
    ("a = " + "[" * 3000, "scenario_toml", "", ""),
    (HEAD.replace('title = "a story"', ""), "scenario_key_missing", "(top)", "title"),
    (HEAD.replace('title = "a story"', "title = 5"), "scenario_not_text", "(top)", "title"),
    (HEAD.replace("taobao", "ebay"), "scenario_choice", "(top)", "rulebook"),
    ('rules = "x"\n' + HEAD, "scenario_key_unknown", "(top)", "rules"),
    (HEAD[: HEAD.index("[[order]]")], "scenario_key_missing", "(top)", "order"),
    (HEAD[: HEAD.index("[[order]]")] + "[order]\nid = 'A'", "scenario_not_table", "(top)", "[[order]]"),
    ("event = [1]\n" + HEAD, "scenario_not_table", "[[event]] 1", "event"),
    ("shop = 1\n" + HEAD.replace("[shop]", "[other]"), "scenario_not_table", "(top)", "shop"),
    (HEAD.replace("ship_from", "ship_form"), "scenario_key_unknown", "[shop]", "ship_form"),
    (HEAD.replace('"330106"', '"3301"'), "scenario_region", "[shop]", "ship_from"),
    (HEAD.replace('["cs1", "cs2"]', '"cs1"'), "scenario_not_list", "[shop]", "staff"),
    (HEAD.replace('["cs1", "cs2"]', '["cs1", "cs1"]'), "scenario_twice", "[shop]", "staff"),
    (HEAD.replace('id = "B"', 'id = "A"'), "scenario_twice", "[[order]] 2", "id"),
    (HEAD.replace('id = "B"', 'id = " "'), "scenario_not_text", "[[order]] 2", "id"),
    (HEAD.replace('price = "10"', "price = 10"), "scenario_not_money", "[[order]] 2", "price"),
    (HEAD.replace('price = "10"', 'price = "-1.00"'), "scenario_not_money", "[[order]] 2", "price"),
    (HEAD.replace('price = "10"', 'price = "1."'), "scenario_not_money", "[[order]] 2", "price"),
    (HEAD.replace('price = "10"', 'price = "1.005"'), "scenario_not_money", "[[order]] 2", "price"),
    (HEAD.replace('price = "10"', 'price = "NaN"'), "scenario_not_money", "[[order]] 2", "price"),
    (HEAD.replace("02:00:00Z", "02:00:00"), "scenario_no_offset", "[[order]] 2", "paid_at"),
    (HEAD.replace("2022-08-01T02:00:00Z", "2022-08-01"), "scenario_not_time", "[[order]] 2", "paid_at"),
    (HEAD.replace("2022-08-01T02:00:00Z", "'2022-08-01T02:00:00Z'"), "scenario_not_time", "[[order]] 2", "paid_at"),
    (HEAD.replace("2022-08-01T02:00:00Z", "0001-01-01T02:00:00+08:00"), "scenario_not_time", "[[order]] 2", "paid_at"),
    (HEAD.replace('"72h"', '"72"'), "scenario_not_promise", "[[order]] 1", "promise"),
    (HEAD.replace('"72h"', "72"), "scenario_not_promise", "[[order]] 1", "promise"),
    (HEAD.replace('"72h"', '"0h"'), "scenario_not_promise", "[[order]] 1", "promise"),
    (HEAD.replace('"72h"', '"2022-08-05T00:00:00"'), "scenario_no_offset", "[[order]] 1", "promise"),
    (HEAD.replace("presale_full", "presale"), "scenario_choice", "[[order]] 1", "kind"),
    (HEAD.replace('"310115"', '"990115"'), "scenario_region", "[[order]] 1", "ship_to"),
    (HEAD.replace('"310115"', '"339915"'), "scenario_region", "[[order]] 1", "ship_to"),
    (HEAD + "\n[[event]]\nat = " + AT, "scenario_key_missing", "[[event]] 1", "do"),
    (HEAD + '\n[[event]]\ndo = "urge"\norder = "A"', "scenario_key_missing", "[[event]] 1", "at"),
    (HEAD + event("shout"), "scenario_choice", "[[event]] 1", "do"),
    (HEAD + "\n[[event]]\ndo = ['urge']", "scenario_choice", "[[event]] 1", "do"),
    (HEAD + URGE + event("urge", 'order = "C"'), "scenario_order_unknown", "[[event]] 2", "order"),
    (HEAD + URGE + event("refund", 'order = "A"', at="2022-08-03T10:59:59+08:00"), "scenario_time_order", "[[event]] 2", "at"),
    (HEAD + event("report_delay", 'orders = ["C"]', MORE["until"], MORE["report"]), "scenario_order_unknown", "[[event]] 1", "orders"),
    (HEAD + event("report_delay", "orders = []", MORE["until"], MORE["report"]), "scenario_not_list", "[[event]] 1", "orders"),
    (HEAD + 2 * whole("report_delay"), "scenario_twice", "[[event]] 2", "report"),
    (HEAD + event("approve_report", 'report = "r"'), "scenario_report_unknown", "[[event]] 1", "report"),
    (HEAD + event("seller_message", 'order = "A"', 'by = "cs9"'), "scenario_staff_unknown", "[[event]] 1", "by"),
    (HEAD + event("reply", 'order = "A"', 'plan = "ship_later"'), "scenario_key_missing", "[[event]] 1", "until"),
    (HEAD + event("reply", 'order = "A"', MORE["plan"], MORE["until"]), "scenario_key_unwanted", "[[event]] 1", "until"),
    (HEAD + event("reply", 'order = "A"', MORE["plan"], MORE["reason"]), "scenario_key_unwanted", "[[event]] 1", "reason"),
    (HEAD + event("reply", 'order = "A"', 'plan = "wait"'), "scenario_choice", "[[event]] 1", "plan"),
    (HEAD + event("complain", 'order = "A"', 'kind = "rude"'), "scenario_choice", "[[event]] 1", "kind"),
    (HEAD + event("exempt_region", 'region = "990"', MORE["from"], MORE["to"]), "scenario_region", "[[event]] 1", "region"),
    (HEAD + event("exempt_region", MORE["region"], MORE["from"], f"to = {AT}"), "scenario_from_to", "[[event]] 1", "to"),
    (HEAD + expect('task = "none"'), "scenario_key_missing", "[[expect]] 1", "order"),
    (HEAD + expect('order = "A"'), "scenario_expects_nothing", "[[expect]] 1", "order"),
    (HEAD + expect('order = "C"', 'task = "none"'), "scenario_order_unknown", "[[expect]] 1", "order"),
    (HEAD + expect('order = "A"', 'task = "gone"'), "scenario_choice", "[[expect]] 1", "task"),
    (HEAD + expect('order = "A"', "points = 1.5"), "scenario_not_count", "[[expect]] 1", "points"),
    (HEAD + expect('order = "A"', "points = true"), "scenario_not_count", "[[expect]] 1", "points"),
    (HEAD + expect('order = "A"', "refused = 1"), "scenario_not_flag", "[[expect]] 1", "refused"),
    (HEAD + expect('order = "A"', "reminders = 3"), "scenario_not_table", "[[expect]] 1", "reminders"),
    (HEAD + expect('order = "A"', "reminders = { cs1 = -1 }"), "scenario_not_count", "[[expect]] 1", "reminders.cs1"),
    (HEAD + expect('order = "A"', "reminders = { cs9 = 1 }"), "scenario_staff_unknown", "[[expect]] 1", "reminders"),
    (HEAD + expect('staff = "cs9"', "avg_response_seconds = 1"), "scenario_staff_unknown", "[[expect]] 1", "staff"),
    (HEAD + expect('staff = "cs1"', "avg_response_seconds = nan"), "scenario_not_number", "[[expect]] 1", "avg_response_seconds"),
    (HEAD + expect('staff = "cs1"', 'order = "A"', "cards = 1"), "scenario_key_unknown", "[[expect]] 1", "staff"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "code", "table", "key"), BAD, ids=[f"{code}-{key}" for _, code, _, key in BAD])
def test_a_bad_file_says_where_and_what(text: str, code: str, table: str, key: str) -> None:
    with pytest.raises(ScenarioError) as raised:
        parse(text)
    problem = raised.value.problems[0]
    assert (problem.code, raised.value.table, raised.value.key) == (code, table, key)
    for language in ("zh", "en"):
        sentence = problem.sentence(language)
        assert "\n" not in sentence
        assert table in sentence
        assert key in sentence


@given(st.text(max_size=60), st.integers(0, len(HEAD)), st.integers(0, 30))
def test_no_text_breaks_the_reader(junk: str, start: int, cut: int) -> None:
    text = HEAD + URGE + expect('order = "A"', 'task = "none"')
    found = None
    try:
        parse(text[:start] + junk + text[start + cut :])
    except ScenarioError as error:
        found = error
    if found is not None:
        assert re.fullmatch(r"scenario_\w+", found.problems[0].code)
        assert "\n" not in found.problems[0].sentence()


def test_a_files_own_words_stay_on_one_line() -> None:
    with pytest.raises(ScenarioError) as raised:
        parse(HEAD + event("urge", 'order = "C\\nD"'))
    assert "C D" in raised.value.problems[0].sentence("en")
