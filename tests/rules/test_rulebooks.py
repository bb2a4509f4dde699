"""Additions to a rule book: what may be added, what each slip is told, what changes, and what it would have come to."""

import contextlib
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fahuo.rules import policy, rulebooks
from fahuo.rules.problems import Refusal

NOW = datetime(2026, 11, 23, 4, tzinfo=UTC)
NEW = """
[[version]]
id = "taobao-2027"
from = 2027-01-01T00:00:00+08:00
basis = "norm"
source = "an announcement"
default_hours = { value = 24, basis = "stated", source = "an announcement" }

[version.compensation]
delay = { percent = "8", min = "5.00", max = "50.00", basis = "stated", source = "an announcement" }
"""
LATER = (
    NEW.replace("taobao-2027", "taobao-2028").replace("2027-01-01", "2028-01-01").replace("value = 24", "value = 12")
)


def slip(text: str, *known: str, platform: str = "taobao") -> str:
    with pytest.raises(Refusal) as refused:
        rulebooks.add(text, platform=platform, known=known, now=NOW)
    return refused.value.problems[0].code


def test_a_version_goes_on_from_the_one_before() -> None:
    found = rulebooks.add(NEW, platform="taobao", now=NOW)
    start = datetime(2026, 12, 31, 16, tzinfo=UTC)
    assert (found.name, found.starts_at) == ("taobao-2027", start)
    assert found.book.at(start - timedelta(microseconds=1)).id == policy.load("taobao").versions[-1].id
    after = found.book.at(start)
    assert (after.default_hours.value, after.compensation["delay"].percent) == (24, Decimal(8))
    assert after.timers == found.before.timers
    assert [change.path for change in rulebooks.changes(found.before, after)] == ["default_hours", "delay"]
    change = rulebooks.changes(found.before, after)[0]
    assert (change.before and change.before.text, change.after and change.after.text) == ("48", "24")


def test_a_second_one_builds_on_the_first() -> None:
    found = rulebooks.add(LATER, platform="taobao", known=[NEW], now=NOW)
    assert [version.default_hours.value for version in found.book.versions[-2:]] == [24, 12]
    assert found.before.id == "taobao-2027"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "rulebook_empty"),
        ("[[version]\n", "policy_malformed"),
        (NEW.replace("default_hours", "default_hour"), "policy_malformed"),
        (NEW.replace("value = 24", "value = -1"), "policy_malformed"),
        (NEW.replace('percent = "8"', 'percent = "800"'), "policy_malformed"),
        (NEW.replace('"taobao-2027"', f'"{policy.load("taobao").versions[-1].id}"'), "policy_malformed"),
        (NEW + LATER, "rulebook_versions"),
        (NEW.replace("from = 2027-01-01T00:00:00+08:00\n", ""), "rulebook_undated"),
        (NEW.replace("2027-01-01T00:00:00+08:00", "2027-01-01T00:00:00"), "rulebook_offset"),
        (NEW.replace("2027-01-01T", "2026-11-23T"), "rulebook_past"),
        (NEW.replace("2027-01-01T", "2020-01-01T"), "policy_overlap"),
        (NEW.replace("basis = \"norm\"", "to = 2029-01-01T00:00:00+08:00\nbasis = \"norm\"", 1), "policy_hole"),
        ('platform = "tmall"\n' + NEW, "rulebook_platform"),
        ("[clause.custom]\nbasis = \"norm\"\nsource = \"x\"\nlast_day = 2026-11-23\n", "rulebook_past"),
        ("[shop]\nname = 1\n", "policy_malformed"),
        ("#" * 60_000, "rulebook_long"),
    ],
)  # fmt: skip
def test_every_slip_has_its_answer(text: str, code: str) -> None:
    assert slip(text) == code


def test_a_date_that_another_addition_has_taken() -> None:
    assert slip(NEW, LATER) == "policy_overlap"
    assert slip(NEW.replace("taobao-2027", "other"), NEW) == "policy_overlap"
    assert slip(NEW, platform="nowhere") == "policy_unknown"


def test_a_sale_and_a_clause_are_additions_too() -> None:
    sale = """
[[override]]
id = "spring-sale"
zh = "春季大促"
en = "spring sale"
paid_from = 2027-03-01T00:00:00+08:00
paid_to = 2027-03-05T00:00:00+08:00
hours = 96
basis = "norm"
source = "an announcement"
"""
    found = rulebooks.add(sale, platform="taobao", now=NOW)
    assert (found.name, found.version) == ("spring-sale", None)
    assert found.starts_at == datetime(2027, 2, 28, 16, tzinfo=UTC)
    ends = '[clause.custom]\nbasis = "norm"\nsource = "x"\nlast_day = 2026-12-31\n'
    clause = rulebooks.add(ends, platform="taobao", now=NOW)
    assert clause.clauses == ("custom",)
    assert clause.book.clause_applies("custom", NOW)
    assert not clause.book.clause_applies("custom", NOW + timedelta(days=60))


def test_supposed_holds_for_every_order() -> None:
    found = rulebooks.add(NEW, platform="taobao", now=NOW)
    assert rulebooks.supposed(found).at(NOW - timedelta(days=999)).default_hours.value == 24


def test_every_value_of_every_version_has_a_name() -> None:
    for platform in policy.platforms():
        for version in policy.load(platform).versions:
            told = rulebooks.values(version)
            assert {value.path for value in told} >= set(version.compensation) | {
                "default_hours",
                "form",
                "points.upheld",
            }
            assert all(value.name("zh") and value.name("en") and value.text for value in told)


@given(st.text(max_size=200) | st.builds(lambda cut: NEW[:cut], st.integers(0, len(NEW))))
def test_nothing_that_is_typed_breaks_it(text: str) -> None:
    with contextlib.suppress(Refusal):
        rulebooks.add(text, platform="taobao", now=NOW)


@pytest.mark.parametrize(
    "value", ["9" * 5_000, "[" * 3_000 + "]" * 3_000], ids=["a number without end", "lists without end"]
)
def test_what_no_reader_gets_to_the_end_of_is_malformed(value: str) -> None:
    assert slip(NEW.replace("value = 24", f"value = {value}")) == "policy_malformed"


@pytest.mark.parametrize(
    "text",
    [
        NEW.replace("2027-01-01T00:00:00+08:00", "9999-12-31T23:59:59-14:00"), NEW.replace("2027-01-01", "3000-01-01"),
        NEW.replace("taobao-2027", "taobao\\u0000"),
        "version = [5]", "override = 5", "override = [5]", "clause = 5", '"a\\u0000" = 1', '[clause.custom]\nlast_day = 9999-01-01\nbasis = "norm"\nsource = "x"',
    ],
)  # fmt: skip
def test_what_no_book_can_hold_is_malformed(text: str) -> None:
    assert slip(text) == "policy_malformed"
