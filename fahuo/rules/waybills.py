"""Waybill numbers: whose they can be, whether they are right, and which come next. See docs/waybills.md."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal

from fahuo.rules.carriers import CARRIERS, Carrier, Fit, Shape, Step
from fahuo.rules.problems import Datum, Problem, Refusal

Confidence = Literal["high", "medium", "low"]

CONFIDENCE: Final[dict[Fit, Confidence]] = {"prefix": "high", "range": "medium", "digits": "low", "wide": "low"}
_RANK: Final[dict[Confidence, int]] = {"high": 0, "medium": 1, "low": 2}

_SHOWN = 40
"""Characters of a wrong value that a problem repeats; no real number is longer."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A carrier whose number this can be."""

    code: str
    confidence: Confidence


# ---- writing a number down --------------------------------------------------------------------------------------

_PLAIN: Final[dict[int, int | None]] = {
    **{0xFF01 + offset: 0x21 + offset for offset in range(0x5E)},
    **{ord(letter): ord(letter) - 32 for letter in "abcdefghijklmnopqrstuvwxyz"},
    **{0xFF41 + offset: 0x41 + offset for offset in range(26)},
    **dict.fromkeys((0x200B, 0x200C, 0x200D, 0x200E, 0x200F, 0x2060, 0xFEFF)),
}
"""Full-width to half-width, small to capital, and the invisible characters that a copied cell carries to nothing."""

_WRAPPED: Final = re.compile(r"=\"(.*)\"|\"(.*)\"|'+(.*)", re.DOTALL)


def normalise(text: str) -> str:
    """The number without what sheets, scanners and input methods put around it. Refuses nothing; `check` does."""
    if text.isascii() and text.isalnum():
        return text.upper()
    text = "".join(text.translate(_PLAIN).split())
    while wrapped := _WRAPPED.fullmatch(text):
        text = wrapped[wrapped.lastindex or 0]
    return text


# ---- check digits -----------------------------------------------------------------------------------------------


def s10_digit(serial: int) -> int:
    """The check digit of a UPU S10 serial (0 to 99999999): weights 8 6 4 2 3 5 9 7, eleven minus the sum mod eleven."""
    a, b, c, d, e, f, g, h = b"%08d" % serial
    # Each byte is its digit + 48, and the weights add up to 44.
    rest = 11 - (8 * a + 6 * b + 4 * c + 2 * d + 3 * e + 5 * f + 9 * g + 7 * h - 48 * 44) % 11
    return 0 if rest == 10 else 5 if rest == 11 else rest


def _digit_sum(number: int) -> int:
    return number // 10 + number % 10


SF12_SUM: Final = tuple(
    _digit_sum(5 * (serial // 100)) + _digit_sum(3 * (serial // 10 % 10)) + serial % 10 for serial in range(1000)
)
"""What the last three serial digits of an old SF number take off its check digit (mod 10): weights 5, 3, 1."""

_CHECK_DIGIT: Final[dict[Step, Callable[[int], int]]] = {"s10": s10_digit, "zjs": lambda serial: serial % 7}
"""Steps whose number is followed by a digit that the counting part alone decides."""


# ---- whose number -----------------------------------------------------------------------------------------------

_NAMED_BY_PREFIX: Final = re.compile(
    "|".join(
        f"(?:{pattern})"
        for pattern in dict.fromkeys(
            shape.pattern for carrier in CARRIERS.values() for shape in carrier.shapes if shape.fit == "prefix"
        )
    ),
    re.ASCII,
)
"""Numbers whose letters name their carrier. A carrier's `wide` shapes give way to them."""


def _expected(shape: Shape, match: re.Match[str]) -> int | None:
    """The check digit that the matched number ought to have, if it has another; None where it is right or has none."""
    rule = _CHECK_DIGIT.get(shape.step)
    if rule is None:
        return None
    expected = rule(int(match[1]))
    return None if int(match.string[match.end(1)]) == expected else expected


def _fit(carrier: Carrier, waybill: str) -> tuple[Shape, re.Match[str]] | int | None:
    """The first shape of `carrier` that takes `waybill`; else the check digit it lacks; else None."""
    lacks: int | None = None
    for shape in carrier.shapes:
        match = shape.regex.fullmatch(waybill)
        if match is None or (shape.fit == "wide" and _NAMED_BY_PREFIX.fullmatch(waybill)):
            continue
        expected = _expected(shape, match)
        if expected is None:
            return shape, match
        lacks = expected if lacks is None else lacks
    return lacks


def candidates(waybill: str) -> list[Candidate]:
    """The carriers whose number this can be, the surest first: exactly those for which `check` has nothing to say.

    The code OTHER takes anything and is never among them.
    """
    waybill = normalise(waybill)
    found = []
    for carrier in CARRIERS.values():
        fit = _fit(carrier, waybill)
        if isinstance(fit, tuple) and fit[0].fit != "any":
            found.append(Candidate(carrier.code, CONFIDENCE[fit[0].fit]))
    return sorted(found, key=lambda candidate: _RANK[candidate.confidence])


def check(carrier_code: str, waybill: str) -> Problem | None:
    """What is wrong with `waybill` as a number of this carrier, or None.

    `offered` in the problem's data holds the codes of the carriers that would fit, apart by spaces, surest first: they
    are for a person to choose from.
    """
    carrier = CARRIERS.get(carrier_code)
    if carrier is None:
        return Problem("carrier_unknown", {"carrier": carrier_code[:_SHOWN]})
    waybill = normalise(waybill)
    fit = _fit(carrier, waybill)
    return None if isinstance(fit, tuple) else _wrong(carrier, waybill, fit)


def _wrong(carrier: Carrier, waybill: str, expected: int | None) -> Problem:
    if not waybill:
        return Problem("waybill_missing")
    others = [CARRIERS[candidate.code] for candidate in candidates(waybill)]
    data: dict[str, Datum] = {
        **_names(carrier),
        "value": waybill[:_SHOWN],
        "offered": " ".join(other.code for other in others),
        "others": "、".join(other.zh for other in others),
        "others_en": ", ".join(other.en for other in others),
    }
    if expected is not None:
        return Problem("check_digit", {**data, "expected": expected})
    return Problem("waybill_other_carrier" if others else "waybill_shape", data)


def _names(carrier: Carrier) -> dict[str, Datum]:
    return {"carrier": carrier.zh, "carrier_en": carrier.en, "carrier_code": carrier.code}


# ---- the next numbers -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Run:
    """A first number taken apart. `number(serial)` writes the number of any serial from `serial` to `stop` - 1."""

    carrier: Carrier
    first: str
    shape: Shape
    head: str
    serial: int
    stop: int
    number: Callable[[int], str]


def _take_apart(carrier: Carrier, waybill: str) -> _Run:
    """Raises Refusal with what `check` says, or `no_increment`."""
    fit = _fit(carrier, waybill)
    if not isinstance(fit, tuple):
        raise Refusal(_wrong(carrier, waybill, fit))
    shape, match = fit
    if shape.step == "list":
        raise Refusal.of("no_increment", **_names(carrier), value=waybill)
    digits, head, tail = match[1], waybill[: match.start(1)], waybill[match.end(1) :]
    number = _writer(shape.step, head, digits, tail)
    return _Run(carrier, waybill, shape, head, int(digits), 10 ** len(digits), number)


def _writer(step: Step, head: str, digits: str, tail: str) -> Callable[[int], str]:
    """serial -> number, with the width, the leading zeros, the prefix and the suffix of the first number."""
    width = len(digits)
    if step == "sf12":
        # The weights of the digits further left are unknown, but inside a block of 1000 they add a constant.
        constant = int(tail) + SF12_SUM[int(digits)]
        return lambda serial: f"{head}{serial:03d}{(constant - SF12_SUM[serial]) % 10}"
    rule = _CHECK_DIGIT.get(step)
    if rule is None:
        return lambda serial: f"{head}{serial:0{width}d}{tail}"
    suffix = tail[1:]
    return lambda serial: f"{head}{serial:0{width}d}{rule(serial)}{suffix}"


def run_of(carrier_code: str, first: str, count: int, *, last: str | None = None) -> list[str]:
    """`count` consecutive numbers from `first` on, `first` among them; `last` is the last number that was bought.

    Raises ValueError for a negative count, and Refusal: what `check` says of `first` or `last`; `no_increment` where
    the carrier hands numbers out one by one; `run_last_off`, `run_backwards` for a `last` that does not belong to
    `first`; `run_ends` past `last`; `run_overflow` past the counting part, `run_block_ends` past a block of 1000
    (old SF numbers).
    """
    if count < 0:
        raise ValueError("a run has no negative length")
    carrier = CARRIERS.get(carrier_code)
    if carrier is None:
        raise Refusal.of("carrier_unknown", carrier=carrier_code[:_SHOWN])
    run = _take_apart(carrier, normalise(first))
    last = normalise(last or "")
    there = _there(run, last) if last else None
    left = run.stop - run.serial
    if there is not None and there <= left and count > there:
        raise Refusal.of("run_ends", first=run.first, last=last, there=there, needed=count)
    if count > left:
        code = "run_block_ends" if run.shape.step == "sf12" else "run_overflow"
        end = run.number(run.stop - 1)
        raise Refusal.of(code, **_names(carrier), first=run.first, end=end, there=left, needed=count)
    return list(map(run.number, range(run.serial, run.serial + count)))


def _there(run: _Run, last: str) -> int:
    """How many numbers lie from the run's first to `last`, both counted. Raises Refusal as `run_of` says."""
    fit = _fit(run.carrier, last)
    if not isinstance(fit, tuple):
        raise Refusal(_wrong(run.carrier, last, fit))
    match = run.shape.regex.fullmatch(last)
    if match is None:
        raise _off(run, last)
    head, serial = last[: match.start(1)], int(match[1])
    there = serial - run.serial + 1
    if head != run.head:
        if run.shape.step != "sf12":
            raise _off(run, last)
        # Another block of 1000: where it lies is known, its check digits are not.
        there += (int(head) - int(run.head)) * run.stop
    elif run.number(serial) != last:
        raise _off(run, last)
    if there < 1:
        raise Refusal.of("run_backwards", first=run.first, last=last)
    return there


def _off(run: _Run, last: str) -> Refusal:
    return Refusal.of("run_last_off", first=run.first, last=last)


def run_length(carrier_code: str, first: str, last: str) -> int:
    """How many numbers lie from `first` to `last`, both counted. Raises Refusal as `run_of` does for both."""
    carrier = CARRIERS.get(carrier_code)
    if carrier is None:
        raise Refusal.of("carrier_unknown", carrier=carrier_code[:_SHOWN])
    return _there(_take_apart(carrier, normalise(first)), normalise(last))
