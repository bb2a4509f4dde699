"""Waybill numbers against published vectors, against rules written a second time here, and against chance."""

import re
import tomllib
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from fahuo.rules.carriers import CARRIERS, Shape
from fahuo.rules.problems import Problem, Refusal
from fahuo.rules.waybills import Candidate, candidates, check, normalise, run_of, s10_digit

SHAPES = [(code, shape) for code, carrier in CARRIERS.items() for shape in carrier.shapes]
IDS = [f"{code} {shape.sample}" for code, shape in SHAPES]
COUNTING = [(code, shape) for code, shape in SHAPES if shape.step != "list"]


def code_of(carrier: str, waybill: str) -> str | None:
    problem = check(carrier, waybill)
    return problem and problem.code


def refused(*args: object, **kwargs: object) -> tuple[str, dict[str, object]]:
    """The code and data of the refusal; both of its sentences can be said."""
    with pytest.raises(Refusal) as caught:
        run_of(*args, **kwargs)  # type: ignore[arg-type]
    (problem,) = caught.value.problems
    assert "{" not in problem.sentence("zh") + problem.sentence("en")
    return problem.code, dict(problem.data)


def refusal_of(code: str, first: str, count: int) -> Problem | None:
    try:
        run_of(code, first, count)
    except Refusal as refusal:
        return refusal.problems[0]
    return None


# ---- the rules a second time, independent of the code under test ----


def s10_by_the_book(serial: str) -> int:
    total = sum(weight * int(digit) for weight, digit in zip((8, 6, 4, 2, 3, 5, 9, 7), serial, strict=True))
    check_digit = 11 - total % 11
    return {10: 0, 11: 5}.get(check_digit, check_digit)


def sf_next_by_the_clerk(number: str) -> str:
    """The public rule, as a table of changes of the last digit from one slip to the next."""
    hundreds, tens, units = int(number[8]), int(number[9]), int(number[10])
    if units != 9:
        change = -1
    elif tens != 9:
        change = -5 if tens in (3, 6) else -4
    else:
        change = -7 if hundreds % 2 == 0 else -8
    return f"{int(number[:11]) + 1:011d}{(int(number[11]) + change) % 10}"


def sf_closed_form(serial: int) -> int:
    """Minus the digit sums of 5 x hundreds, 3 x tens and 1 x units."""
    hundreds, tens, units = (int(digit) for digit in f"{serial:03d}")
    return -sum(sum(map(int, str(product))) for product in (5 * hundreds, 3 * tens, units)) % 10


def whole(draw: st.DrawFn, shape: Shape) -> str:
    """A number of the shape whose check digit, if it has one, is right."""
    number = draw(st.from_regex(shape.regex, fullmatch=True))
    assume(number.isascii() and len(number) <= 40)
    match = shape.regex.fullmatch(number)
    assert match is not None
    if shape.step == "s10":
        number = number[:10] + str(s10_by_the_book(match[1])) + number[11:]
    if shape.step == "zjs":
        number = match[1] + str(int(match[1]) % 7)
    return number


@st.composite
def numbers(draw: st.DrawFn, shapes: list[tuple[str, Shape]] = SHAPES) -> tuple[str, str]:
    code, shape = draw(st.sampled_from(shapes))
    number = whole(draw, shape)
    assume(check(code, number) is None)
    return code, number


@st.composite
def starts(draw: st.DrawFn) -> tuple[str, str, int]:
    """A carrier, a first number and a count that its run can bear."""
    code, first = draw(numbers(COUNTING))
    # The shape that counts is the first that takes the number, and that one may be handed out one by one.
    assume(refusal_of(code, first, 0) is None)
    count = draw(st.integers(1, 400))
    short = refusal_of(code, first, count)
    if short:
        assert short.code in ("run_overflow", "run_block_ends")
        count = int(short.data["there"] or 0)
    return code, first, count


# ---- writing a number down ----


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("\uff39\uff34\uff11000000000017", "YT1000000000017"),
        ("\uff59\uff541000000000017", "YT1000000000017"),
        ("\uff1d\uff0273100000000001\uff02", "73100000000001"),
        (" yt1000000000017\t\r\n", "YT1000000000017"),
        ("YT1000000000017", "YT1000000000017"),
        ("yt 1000 0000　00017", "YT1000000000017"),
        ('="73100000000001"', "73100000000001"),
        ("'73100000000001", "73100000000001"),
        ("'0073100000000001 ", "0073100000000001"),
        ('="\'73100000000001"', "73100000000001"),
        ("\ufeff7310\u200b0000000001", "73100000000001"),
        ("JDX100000000001-1-3-", "JDX100000000001-1-3-"),
        ("", ""),
        ("'", ""),
        ("单号?", "单号?"),
    ],
)
def test_normalise(text: str, number: str) -> None:
    assert normalise(text) == number


@given(st.text(alphabet=st.one_of(st.characters(), st.sampled_from("=\"' 19Aa-'"))))
def test_normalise_is_settled_after_once_and_nothing_refuses_to_be_checked(text: str) -> None:
    once = normalise(text)
    assert normalise(once) == once
    assert not re.search(r"\s", once)
    for carrier in CARRIERS:
        problem = check(carrier, text)
        assert problem == check(carrier, once)
        assert problem is None or (problem.sentence("zh") and problem.sentence("en"))


# ---- whose number ----


@pytest.mark.parametrize(("code", "shape"), SHAPES, ids=IDS)
def test_every_sample_passes(code: str, shape: Shape) -> None:
    assert check(code, shape.sample) is None
    assert check(code, f" '{shape.sample.lower()} ") is None


@pytest.mark.parametrize(
    ("code", "number"),
    [
        ("STO", "77316523125896"), ("STO", "777283570307955"), ("SF", "SF100000000001"), ("JD", "JDVB10000000001-2-5-"),
        ("YTO", "8000000001"), ("YTO", "D1000000001"), ("DBKD", "DPK100000000001-1"), ("YUNDA", "1000000000001"),
        ("EMS", "1100000000001"), ("OTHER", "SF100"), ("OTHER", "SF1000000000017"), ("POST", "9800000000001"),
    ],
)  # fmt: skip
def test_known_numbers_pass(code: str, number: str) -> None:
    assert check(code, number) is None


@pytest.mark.parametrize(
    ("carrier", "number", "problem", "offered"),
    [
        ("YTO", "SF1000000000017", "waybill_other_carrier", "SF"),
        ("YTO", "JT1000000000017", "waybill_other_carrier", "HTKY"),
        ("ZTO", "YT1000000000017", "waybill_other_carrier", "YTO"),
        ("HTKY", "EA000717618CN", "waybill_other_carrier", "EMS EYB"),
        ("SF", "73100000000001", "waybill_other_carrier", "ZTO YTO"),
        ("EMS", "EA000717610CN", "check_digit", ""),
        ("ZJS", "1000000003", "check_digit", "YTO DBKD DBL"),
        ("SF", "SF12", "waybill_shape", ""),
        ("OTHER", "abc", "waybill_shape", ""),
        ("OTHER", "圆通", "waybill_shape", ""),
        ("ZTO", "731000000000O1", "waybill_shape", ""),
        ("ZTO", "٧٣١٠٠٠٠٠٠٠٠٠٠١", "waybill_shape", ""),
        ("ZTO", "7" * 5000, "waybill_shape", ""),
    ],
)
def test_what_is_wrong(carrier: str, number: str, problem: str, offered: str) -> None:
    found = check(carrier, number)
    assert found is not None
    assert (found.code, found.data["offered"]) == (problem, offered)
    assert CARRIERS[carrier].zh in found.sentence("zh") or problem == "check_digit"
    for code in offered.split() if problem == "waybill_other_carrier" else ():
        assert CARRIERS[code].zh in found.sentence("zh")
        assert CARRIERS[code].en in found.sentence("en")


def test_no_number_and_no_carrier() -> None:
    assert code_of("YTO", " ") == "waybill_missing"
    assert code_of("飞鸽", "1") == "carrier_unknown"
    assert refused("飞鸽", "1", 1)[0] == "carrier_unknown"
    assert refused("YTO", "", 1)[0] == "waybill_missing"


def test_the_check_digit_is_told() -> None:
    found = check("EMS", "EB000717619HK")
    assert found is not None
    assert found.data["expected"] == 8
    assert "8" in found.sentence("zh")


def test_candidates_from_sure_to_possible() -> None:
    assert candidates("sf1000000000017") == [Candidate("SF", "high")]
    assert candidates("777000000000001") == [
        Candidate("STO", "medium"), Candidate("YTO", "low"), Candidate("YUNDA", "low"),
    ]  # fmt: skip
    assert candidates("GA10000000133") == [Candidate("POSTB", "high"), Candidate("POST", "high")]
    assert candidates("") == candidates("LAN-0001") == []


@given(st.one_of(numbers().map(lambda pair: pair[1]), st.from_regex(r"[A-Z]{0,4}[0-9-]{0,20}", fullmatch=True)))
def test_candidates_are_exactly_the_carriers_that_pass(number: str) -> None:
    found = candidates(number)
    assert {candidate.code for candidate in found} == {c for c in CARRIERS if c != "OTHER" and check(c, number) is None}
    assert [c.confidence for c in found] == sorted((c.confidence for c in found), key=["high", "medium", "low"].index)


# ---- check digits and the next number, against vectors ----


@pytest.mark.parametrize(
    ("serial", "digit"),
    [("00071761", 8), ("47312482", 9), ("47110815", 1), ("00071758", 1), ("96633102", 0), ("76129403", 8)],
)
def test_s10_vectors(serial: str, digit: int) -> None:
    assert s10_digit(int(serial)) == digit == s10_by_the_book(serial)


@given(st.integers(0, 99_999_999))
def test_s10_against_the_book(serial: int) -> None:
    assert s10_digit(serial) == s10_by_the_book(f"{serial:08d}")


def test_s10_counts_its_serial_and_keeps_its_letters() -> None:
    assert run_of("EMS", "EB000717618HK", 3) == ["EB000717618HK", "EB000717621HK", "EB000717635HK"]


def test_every_old_sf_number_of_a_block_by_two_other_ways() -> None:
    first = f"12345678000{sf_closed_form(0)}"
    run = run_of("SF", first, 1000)
    assert run == [f"12345678{serial:03d}{sf_closed_form(serial)}" for serial in range(1000)]
    assert run[1:] == [sf_next_by_the_clerk(number) for number in run[:-1]]


@pytest.mark.parametrize(
    ("now", "then"),
    [
        ("100000000010", "100000000029"),
        ("100000000097", "100000000103"),
        ("100000000397", "100000000402"),
        ("100000000697", "100000000702"),
        ("100000000998", "100000001001"),
        ("100000001998", "100000002000"),
    ],
)
def test_old_sf_changes_of_the_last_digit(now: str, then: str) -> None:
    """Normal -1; units 9 to 0 -4, after a 3 or 6 -5; into the hundreds -7 from even, -8 from odd."""
    assert run_of("SF", now, 2) == [now, then] == [now, sf_next_by_the_clerk(now)]


def test_zjs_adds_eleven_or_four() -> None:
    run = run_of("ZJS", "1000000002", 20)
    assert all(int(after) - int(before) in (11, 4) for before, after in zip(run, run[1:], strict=False))
    assert run[:3] == ["1000000002", "1000000013", "1000000024"]


def test_plus_one_keeps_width_and_leading_zeros() -> None:
    assert run_of("YTO", "D1 0000 0009", 2) == ["D100000009", "D100000010"]
    assert run_of("DBKD", "00000099", 2) == ["00000099", "00000100"]
    assert run_of("OTHER", "lan-0009", 2) == ["LAN-0009", "LAN-0010"]
    assert run_of("ZTO", "731999999999", 2) == ["731999999999", "732000000000"]


@given(starts(), st.data())
def test_a_run(start: tuple[str, str, int], data: st.DataObject) -> None:
    code, first, count = start
    run = run_of(code, first, count)
    assert len(run) == len(set(run)) == count
    assert run[0] == first
    assert all(check(code, number) is None for number in run)
    assert {len(number) for number in run} == {len(first)}
    shape = next(shape for shape in CARRIERS[code].shapes if shape.regex.fullmatch(first))
    matches = [shape.regex.fullmatch(number) for number in run]
    serials = [int(match[1]) for match in matches if match]
    assert serials == list(range(serials[0], serials[0] + count))
    ends = {(m.string[: m.start(1)], m.string[m.end(1) + (shape.step != "plus_one") :]) for m in matches if m}
    assert len(ends) == 1
    k = data.draw(st.integers(0, count - 1))
    assert run[k:] == run_of(code, run[k], count - k)
    assert run_of(code, first, count, last=run[-1]) == run
    assert run_of(code, first, k, last=run[k]) == run[:k]
    assert refused(code, first, k + 2, last=run[k]) == (
        "run_ends", {"first": first, "last": run[k], "there": k + 1, "needed": k + 2},
    )  # fmt: skip
    if k:
        assert refused(code, run[k], 1, last=first)[0] == "run_backwards"


# ---- where a run ends ----


@pytest.mark.parametrize(("code", "shape"), [pair for pair in SHAPES if pair[1].step == "list"])
def test_numbers_handed_out_one_by_one_have_no_next(code: str, shape: Shape) -> None:
    problem, data = refused(code, shape.sample, 1)
    assert (problem, data["carrier_code"], data["value"]) == ("no_increment", code, shape.sample)


@pytest.mark.parametrize(
    ("code", "first", "end"),
    [
        ("EMS", f"EA99999998{s10_by_the_book('99999998')}CN", f"EA99999999{s10_by_the_book('99999999')}CN"),
        ("ZTO", "73999999999998", "73999999999999"),
        ("DBKD", "99999998", "99999999"),
        ("OTHER", "LAN-98", "LAN-99"),
        ("ZJS", f"999999998{999999998 % 7}", f"999999999{999999999 % 7}"),
    ],
)
def test_the_counting_part_runs_over(code: str, first: str, end: str) -> None:
    assert run_of(code, first, 2) == [first, end]
    problem, data = refused(code, first, 3)
    assert (problem, data["there"], data["needed"], data["end"]) == ("run_overflow", 2, 3, end)


def test_old_sf_numbers_end_with_their_block() -> None:
    first = f"12345678998{sf_closed_form(998)}"
    problem, data = refused("SF", first, 3)
    assert (problem, data["there"], data["end"]) == ("run_block_ends", 2, run_of("SF", first, 2)[-1])
    assert len(run_of("SF", first, 2, last="123456790007")) == 2
    assert refused("SF", first, 3, last="123456790007")[0] == "run_block_ends"
    assert refused("SF", first, 1, last="123456770007")[0] == "run_backwards"
    wrong = f"12345678999{(sf_closed_form(999) + 1) % 10}"
    assert refused("SF", first, 1, last=wrong)[0] == "run_last_off"


@pytest.mark.parametrize(
    ("code", "first", "last", "problem"),
    [
        ("ZTO", "73100000000001", "75100000000001", "run_last_off"),
        ("ZTO", "73100000000001", "731000000001", "run_last_off"),
        ("YUNDA", "100000000000001", "1000000000009", "run_last_off"),
        ("YTO", "D100000001", "YT1000000000017", "run_last_off"),
        ("YTO", "D100000001", "SF1000000000017", "waybill_other_carrier"),
        ("EMS", "EA000717618CN", "EA000717618HK", "run_last_off"),
        ("EMS", "EA000717618CN", "EA000717620CN", "check_digit"),
        ("ZTO", "73100000000001", "7", "waybill_shape"),
        ("ZTO", "73100000000002", "73100000000001", "run_backwards"),
        ("ZTO", "SF1000000000017", None, "waybill_other_carrier"),
        ("EMS", "EA000717610CN", None, "check_digit"),
    ],
)
def test_ends_that_do_not_fit(code: str, first: str, last: str | None, problem: str) -> None:
    assert refused(code, first, 1, last=last)[0] == problem


def test_the_end_of_a_run_may_lie_in_a_better_known_range() -> None:
    assert len(run_of("YUNDA", "459999999999990", 20, last="460000000000009")) == 20


def test_an_empty_run_and_a_negative_one() -> None:
    assert run_of("ZTO", "73100000000001", 0, last=" ") == []
    with pytest.raises(ValueError):
        run_of("ZTO", "73100000000001", -1)


def test_the_page_names_every_carrier_step_fit_and_problem() -> None:
    root = Path(__file__).parents[2]
    page = (root / "docs/waybills.md").read_text("utf-8")
    problems = tomllib.loads((root / "fahuo/rules/problems/waybills.toml").read_text("utf-8"))
    named = {*problems, *CARRIERS, *(f"`{shape.fit}`" for _, shape in SHAPES), *(shape.step for _, shape in SHAPES)}
    assert [name for name in sorted(named) if name not in page] == []


def test_the_examples_of_the_page() -> None:
    assert normalise('="yt1000000000017"') == "YT1000000000017"
    found = check("YTO", "SF1000000000017")
    assert found is not None
    assert (found.code, found.data["offered"]) == ("waybill_other_carrier", "SF")
