"""The rule books are whole, dated without gaps, and say of every value where it comes from."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from fahuo.rules.deadlines import CLAUSES
from fahuo.rules.policy import BASE_KINDS, ExemptRegion, RuleBook, load, parse, platforms
from fahuo.rules.problems import Refusal

Sums = tuple[int, int, int]
"""Percent, minimum and maximum."""

TAOBAO, TMALL = load("taobao"), load("tmall")

VERSION = """
[[version]]
id = "{id}"
{dates}
basis = "assumption"
source = "us"
"""
REST = """
default_hours = { value = 48, basis = "norm", source = "us" }
out_of_stock_after_hours = { value = 72, basis = "norm", source = "us" }
pickup_within_hours = { value = 24, basis = "norm", source = "us" }
update_within_hours = { value = 24, basis = "norm", source = "us" }
form = { value = "cash", basis = "norm", source = "us" }
points = { upheld = 3, voluntary_every = 3, basis = "norm", source = "us" }
[version.compensation]
delay = { percent = 5, min = "5.00", max = "30.00", basis = "norm", source = "us" }
out_of_stock = { percent = 30, min = "5.00", max = "100.00", basis = "norm", source = "us" }
false_shipping = { percent = 30, min = "5.00", max = "100.00", basis = "norm", source = "us" }
[version.timers]
seller_reply_hours = { value = 24, basis = "norm", source = "us" }
buyer_confirmation_hours = { value = 24, basis = "norm", source = "us" }
seller_action_hours = { value = 24, basis = "norm", source = "us" }
exchange_hours = { value = 48, basis = "norm", source = "us" }
ship_later_days = { value = 15, basis = "norm", source = "us" }
[version.reminders]
hours_before = { values = [12, 4, 1], basis = "norm", source = "us" }
per_day = { value = 10, basis = "norm", source = "us" }
"""
EXCEPTIONS = "\n".join(
    f'[clause.{name}]\nbasis = "norm"\nsource = "us"'
    for name in ("custom", "virtual", "presale", "exempt_region", "reported", "no_complaint")
)
OVERRIDE = """
[[override]]
id = "{id}"
zh = "节"
en = "Feast"
paid_from = 2026-01-0{first}T00:00:00+08:00
paid_to = 2026-01-0{last}T00:00:00+08:00
hours = 72
basis = "assumption"
source = "us"
{more}
"""


def book(*dates: str, more: str = "", rest: str = REST) -> str:
    """A rule book's TOML with one version for each of `dates`; the first states all, the others nothing."""
    versions = [VERSION.format(id=f"v{no}", dates=line) + (rest if no == 0 else "") for no, line in enumerate(dates)]
    return "\n".join(['platform = "mine"\nzone = "Asia/Shanghai"', *versions, EXCEPTIONS, more])


def day(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}T12:00:00+08:00")


def code_of(text: str) -> str:
    with pytest.raises(Refusal) as refused:
        parse(text)
    return refused.value.problems[0].code


def test_the_platforms_have_books() -> None:
    assert platforms() == ("taobao", "tmall")
    assert [(load(name).platform, load(name).zone) for name in platforms()] == [
        ("taobao", "Asia/Shanghai"),
        ("tmall", "Asia/Shanghai"),
    ]
    with pytest.raises(Refusal, match="policy_unknown"):
        load("nowhere")
    with pytest.raises(Refusal, match="policy_unknown"):
        load("../policies/taobao")


@pytest.mark.parametrize(
    ("rules", "paid", "version", "delay", "out_of_stock", "false_shipping"),
    [
        (TAOBAO, "2012-01-01", "taobao-before-2015-10-29", (5, 0, 30), (5, 0, 30), (5, 0, 30)),
        (TAOBAO, "2015-11-11", "taobao-2015-10-29", (5, 5, 30), (5, 5, 30), (5, 5, 30)),
        (TAOBAO, "2022-07-17", "taobao-2016-01-01", (10, 5, 100), (10, 5, 100), (10, 5, 100)),
        (TAOBAO, "2022-07-18", "taobao-2022-07-18", (5, 5, 30), (30, 5, 100), (30, 5, 100)),
        (TAOBAO, "2024-05-08", "taobao-2024-05-07", (5, 5, 30), (30, 5, 100), (30, 5, 100)),
        (TAOBAO, "2025-03-01", "taobao-2025-02-13", (5, 5, 30), (10, 5, 100), (30, 5, 100)),
        (TAOBAO, "2026-03-01", "taobao-2025-09-05", (5, 5, 30), (10, 5, 100), (30, 5, 100)),
        (TMALL, "2019-01-01", "tmall-before-2020-08-25", (30, 5, 500), (30, 5, 500), (30, 5, 500)),
        (TMALL, "2020-09-20", "tmall-2020-09-17", (5, 5, 50), (30, 5, 500), (30, 5, 500)),
        (TMALL, "2022-08-10", "tmall-2021-01-14", (5, 5, 50), (30, 5, 500), (30, 5, 500)),
        (TMALL, "2026-03-01", "tmall-2025-09-05", (5, 5, 50), (30, 5, 500), (30, 5, 500)),
    ],
)
def test_the_sums_of_each_version(
    rules: RuleBook, paid: str, version: str, delay: Sums, out_of_stock: Sums, false_shipping: Sums
) -> None:
    found = rules.at(day(paid))
    assert found.id == version
    rates = [found.compensation[kind] for kind in ("delay", "out_of_stock", "false_shipping")]
    assert [(rate.percent, rate.min, rate.max) for rate in rates] == [delay, out_of_stock, false_shipping]


def test_a_version_begins_at_midnight_in_china() -> None:
    midnight = datetime(2022, 7, 17, 16, tzinfo=UTC)
    assert TAOBAO.at(midnight).id == "taobao-2022-07-18"
    assert TAOBAO.at(midnight - timedelta(microseconds=1)).id == "taobao-2016-01-01"


def test_what_a_version_does_not_state_stands_as_before() -> None:
    new = TAOBAO.at(day("2026-03-01"))
    assert new.default_hours.value == 48
    assert new.out_of_stock_after_hours.value == 72
    assert (new.points.upheld, new.points.voluntary_every) == (3, 3)
    assert new.compensation["track_abnormal"].percent == 20
    assert "track_overtime" not in TAOBAO.at(day("2024-06-01")).compensation
    assert new.timers.seller_reply_hours.value == 24
    assert new.reminders.hours_before.values == (12, 4, 1)
    assert new.reminders.per_day.value == 10
    assert new.note != TAOBAO.at(day("2025-03-01")).note


@pytest.mark.parametrize("rules", [TAOBAO, TMALL], ids=lambda rules: rules.platform)
def test_every_value_says_where_it_comes_from(rules: RuleBook) -> None:
    def origins(value: Any) -> list[Any]:
        if isinstance(value, dict):
            own = [value] if set(value) & {"value", "values", "percent", "id", "basis"} - {"over_hours"} else []
            own = [entry for entry in own if "over_hours" not in entry]
            return own + [found for part in value.values() for found in origins(part)]
        return [found for part in value for found in origins(part)] if isinstance(value, list | tuple) else []

    found = origins(msgspec.to_builtins((rules.versions, rules.clauses, rules.overrides)))
    assert len(found) > 50
    assert all(entry["source"] and entry["basis"] in ("stated", "norm", "assumption") for entry in found)


def test_two_exceptions_end_with_the_fifteenth_of_july() -> None:
    for name in ("presale", "no_complaint"):
        assert TAOBAO.clause_applies(name, datetime.fromisoformat("2022-07-15T23:59:59+08:00"))
        assert not TAOBAO.clause_applies(name, datetime.fromisoformat("2022-07-16T00:00:00+08:00"))
    for name in ("custom", "virtual", "exempt_region", "reported"):
        assert TMALL.clause_applies(name, day("2026-03-01"))


@pytest.mark.parametrize(
    ("rules", "paid", "override"),
    [
        (TAOBAO, "2022-11-11", "taobao-double-eleven-2022-first"),
        (TAOBAO, "2022-11-18", "taobao-double-eleven-2022-second"),
        (TAOBAO, "2022-11-19", None),
        (TAOBAO, "2023-01-13", None),
        (TAOBAO, "2023-01-14", "taobao-spring-festival-2023"),
        (TAOBAO, "2023-02-03", "taobao-spring-festival-2023"),
        (TAOBAO, "2023-02-04", None),
        (TMALL, "2021-11-02", "tmall-double-eleven-2021-first"),
        (TMALL, "2021-11-16", "tmall-double-eleven-2021-third"),
        (TMALL, "2022-11-13", "tmall-double-eleven-2022-second"),
        (TMALL, "2022-11-14", None),
    ],
)
def test_holidays_and_sales(rules: RuleBook, paid: str, override: str | None) -> None:
    found = rules.override_for(day(paid), "normal")
    assert (found.id if found else None) == override
    assert rules.override_for(day(paid), "custom") is None


def test_an_override_for_the_category_wins() -> None:
    found = TAOBAO.override_for(day("2022-11-12"), "normal", category="beauty")
    assert found is not None
    assert found.id == "taobao-double-eleven-2022-apparel-beauty-fresh"
    other = TAOBAO.override_for(day("2022-11-12"), "normal", category="books")
    assert other is not None
    assert other.id == "taobao-double-eleven-2022-first"
    assert TAOBAO.override_for(day("2023-01-20"), "normal", promise_hours=361) is None


def test_no_region_is_exempt_unless_someone_lists_it() -> None:
    assert TAOBAO.exempt_regions == TMALL.exempt_regions == ()
    region = ExemptRegion(
        region="31", start=day("2022-04-01"), end=day("2022-06-01"), basis="stated", source="the platform's list"
    )
    assert TAOBAO.exempting([region]).exempt_regions[0].start == day("2022-04-01")
    assert TAOBAO.exempt_regions == ()


def test_a_shop_may_have_its_own_book() -> None:
    mine = parse(book("to = 2026-01-01T00:00:00+08:00", "from = 2026-01-01T00:00:00+08:00"))
    assert [version.id for version in mine.versions] == ["v0", "v1"]
    assert mine.override_for(day("2026-01-02"), "normal") is None
    exempt = '[[exempt_region]]\nregion = "3301"\nfrom = 2026-01-01T00:00:00+08:00\nto = 2026-02-01T00:00:00+08:00\nbasis = "stated"\nsource = "us"'
    assert parse(book("", more=exempt)).exempt_regions[0].region == "3301"


@pytest.mark.parametrize(
    ("dates", "code"),
    [
        (("from = 2020-01-01T00:00:00+08:00",), "policy_hole"),
        (("to = 2020-01-01T00:00:00+08:00",), "policy_hole"),
        (("to = 2020-01-01T00:00:00+08:00", "from = 2020-01-02T00:00:00+08:00"), "policy_hole"),
        (("to = 2020-01-02T00:00:00+08:00", "from = 2020-01-01T00:00:00+08:00"), "policy_overlap"),
        (("", ""), "policy_overlap"),
        (("to = 2020-01-01T00:00:00",), "policy_malformed"),
        ((), "policy_malformed"),
    ],
)
def test_holes_and_overlaps_are_refused(dates: tuple[str, ...], code: str) -> None:
    assert code_of(book(*dates)) == code


def test_overrides_of_the_same_goods_may_not_overlap() -> None:
    first = OVERRIDE.format(id="a", first=1, last=4, more="")
    assert code_of(book("", more=first + OVERRIDE.format(id="b", first=3, last=5, more=""))) == "policy_overlap"
    beside = OVERRIDE.format(id="b", first=4, last=5, more="")
    special = OVERRIDE.format(id="c", first=2, last=5, more='categories = ["fresh"]')
    assert len(parse(book("", more=first + beside + special)).overrides) == 3


@pytest.mark.parametrize(
    "text",
    [
        "platform = ",
        "",
        book("colour = 1"),
        book("", more="[clause.colour]"),
        book("", rest=REST.replace("percent = 5", "percent = 101")),
        book("", rest=REST.replace('"30.00"', '"1.00"')),
        book("", rest=REST.replace("value = 48", "value = 0")),
        book("", rest=REST.replace('basis = "norm"', 'basis = "rumour"')),
        book("", rest=REST.replace('source = "us"', 'source = ""')),
        book("", rest="\n".join(line for line in REST.splitlines() if "false_shipping" not in line)),
        book("").replace("Asia/Shanghai", "Asia/Atlantis"),
        book("", more=OVERRIDE.format(id="a", first=1, last=4, more="ship_by = 2026-01-09T00:00:00+08:00")),
        book("", more=OVERRIDE.format(id="a", first=4, last=1, more="")),
    ],
)
def test_what_is_no_rule_book_is_refused(text: str) -> None:
    assert code_of(text) == "policy_malformed"


def test_the_versions_and_sums_are_documented() -> None:
    page = (Path(__file__).parents[2] / "docs" / "deadlines.md").read_text("utf-8")
    for version in (*TAOBAO.versions, *TMALL.versions):
        told = []
        for rate in (version.compensation[kind] for kind in BASE_KINDS):
            words = f"{rate.percent} %, {rate.min:.0f}-{rate.max:.0f}"
            if longer := rate.long_promise:
                words += f"; promise over {longer.over_hours} h: {longer.percent} %, {longer.min:.0f}-{longer.max:.0f}"
            told.append(words + (" (assumption)" if rate.basis == "assumption" else ""))
        assert f"| `{version.id}` | {' | '.join(told)} |" in page
    assert all(f"`{clause}`" in page for clause in CLAUSES)
