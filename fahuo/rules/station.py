"""The bench (打包台): what a scan means, checking goods against an order, and what a parcel should weigh.

A check is a trail of steps: which goods were counted, how many at once, by their code or by eye. The last step can be
taken back.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, Literal, Protocol

from fahuo.rules.problems import Problem
from fahuo.rules.waybills import normalise

# ---- what was scanned -------------------------------------------------------------------------------------------

Command = Literal["done", "rest", "skip", "undo"]
COMMANDS: Final[dict[str, Command]] = {"9900001": "done", "9900002": "rest", "9900003": "skip", "9900004": "undo"}
"""The codes of the printed command sheet. done 完成: it is packed. rest 都对: the goods still to be counted were looked at.
skip 跳过: put it aside. undo 撤销: take the last step back.

Seven digits: digits get through an input method that would swallow letters, and no carrier's number and no EAN has seven.
"""
WORDS: Final[dict[str, Command]] = {
    "完成": "done", "都对": "rest", "跳过": "skip", "撤销": "undo",
    "DONE": "done", "REST": "rest", "SKIP": "skip", "UNDO": "undo",
}  # fmt: skip
"""The commands as they are typed."""

HEAVIEST: Final = 50_000
"""Grams; what is more is no parcel that a person lifts from a bench."""
_TYPED: Final = re.compile(r"[0-9]{1,5}")
_WEIGHT: Final = re.compile(r"([0-9]{1,6}(?:\.[0-9]{1,4})?)(KG|千克|公斤|斤|G|克)")
_UNITS: Final[dict[str, int]] = {"KG": 1000, "千克": 1000, "公斤": 1000, "斤": 500, "G": 1, "克": 1}


def command_of(text: str) -> Command | None:
    """The command that was scanned or typed, if it is one."""
    code = normalise(text)
    return COMMANDS.get(code) or WORDS.get(code)


def grams_of(text: str) -> int | None:
    """A weight that was typed: grams as up to five digits, or with its unit (350g, 0.35kg, 1.2斤), rounded. Else None."""
    code = normalise(text)
    if _TYPED.fullmatch(code):
        return int(code)
    found = _WEIGHT.fullmatch(code)
    return None if found is None else round(Decimal(found[1]) * _UNITS[found[2]])


# ---- the goods --------------------------------------------------------------------------------------------------


class Line(Protocol):
    """What the bench needs to know of something in a parcel: `key` is its own; `quantity` what goes into this parcel."""

    @property
    def key(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def sku(self) -> str: ...
    @property
    def code(self) -> str: ...
    @property
    def quantity(self) -> int: ...
    @property
    def barcode(self) -> str: ...
    @property
    def shelf(self) -> str: ...
    @property
    def grams(self) -> int | None: ...


@dataclass(frozen=True, slots=True)
class Goods:
    """What is taken into the hand: one SKU, over all orders of the parcel. `grams`: of one piece, where it is known."""

    key: str
    title: str
    sku: str
    code: str
    barcode: str
    shelf: str
    quantity: int
    grams: int | None

    @property
    def codes(self) -> frozenset[str]:
        """What a scanner may read on it."""
        return frozenset(filter(None, map(normalise, (self.barcode, self.code))))


def goods_of(lines: Iterable[Line]) -> list[Goods]:
    """The lines by SKU, in their order: those of one code, or without one of one name and kind, are added up."""
    found: dict[object, Goods] = {}
    for line in lines:
        if line.quantity < 1:
            continue
        same = line.code or (line.title, line.sku)
        known = found.get(same)
        quantity = line.quantity + (known.quantity if known else 0)
        key = known.key if known else line.key
        found[same] = Goods(key, line.title, line.sku, line.code, line.barcode, line.shelf, quantity, line.grams)
    return list(found.values())


@dataclass(frozen=True, slots=True)
class Step:
    """So many of one of the goods were counted, by their code or (`by_eye`) without."""

    key: str
    count: int = 1
    by_eye: bool = False


@dataclass(frozen=True, slots=True)
class Check:
    """How far the goods are counted."""

    steps: tuple[Step, ...] = ()

    @property
    def counts(self) -> Mapping[str, int]:
        """Goods' key -> how many were counted."""
        found: Counter[str] = Counter()
        for step in self.steps:
            found[step.key] += step.count
        return found

    @property
    def by_eye(self) -> int:
        """How many were counted without their code."""
        return sum(step.count for step in self.steps if step.by_eye)

    def back(self) -> "Check":
        """Without the last step."""
        return Check(self.steps[:-1])

    def __str__(self) -> str:
        return " ".join(f"{step.key}{'~' if step.by_eye else '*'}{step.count}" for step in self.steps)


_STEP: Final = re.compile(r"([a-z]?[0-9]{1,19})([*~])([0-9]{1,6})")


def read_check(text: str, goods: Sequence[Goods]) -> Check:
    """A check as `str(check)` wrote it, as far as it still fits the goods: an order may have changed meanwhile."""
    lacking = {each.key: each.quantity for each in goods}
    steps = []
    for part in text.split():
        found = _STEP.fullmatch(part)
        if found is None:
            continue
        count = min(int(found[3]), lacking.get(found[1], 0))
        if count > 0:
            lacking[found[1]] -= count
            steps.append(Step(found[1], count, found[2] == "~"))
    return Check(tuple(steps))


def lacking(each: Goods, check: Check) -> int:
    """How many of these goods are still to be counted."""
    return each.quantity - check.counts.get(each.key, 0)


def left(goods: Iterable[Goods], check: Check) -> int:
    """How many pieces are still to be counted."""
    return sum(lacking(each, check) for each in goods)


@dataclass(frozen=True, slots=True)
class Counted:
    """What came of counting: the check as it stands, which goods it was, or the problem."""

    check: Check
    goods: Goods | None = None
    problem: Problem | None = None


def count(goods: Sequence[Goods], check: Check, text: str) -> Counted | None:
    """Count one piece by a code that was scanned. None when it is the code of nothing in the parcel."""
    code = normalise(text)
    fits = [each for each in goods if code in each.codes]
    if not fits:
        return None
    for each in fits:
        if lacking(each, check) > 0:
            return Counted(Check((*check.steps, Step(each.key))), each)
    return Counted(check, fits[0], Problem("goods_too_many", {"goods": _name(fits[0]), "quantity": fits[0].quantity}))


def look(goods: Sequence[Goods], check: Check) -> Counted:
    """Count one piece by eye: of the first goods still lacking, unless it has a barcode to be scanned."""
    for each in goods:
        if lacking(each, check) > 0:
            if each.barcode:
                return Counted(check, each, Problem("goods_have_barcode", {"goods": _name(each)}))
            return Counted(Check((*check.steps, Step(each.key, 1, by_eye=True))), each)
    return Counted(check)


def look_at_rest(goods: Sequence[Goods], check: Check) -> Check:
    """Count everything that is still lacking by eye."""
    rest = [Step(each.key, lacking(each, check), by_eye=True) for each in goods if lacking(each, check) > 0]
    return Check((*check.steps, *rest))


def unfinished(goods: Sequence[Goods], check: Check) -> Problem | None:
    """What is still to be counted before the parcel may be closed, or None."""
    missing = [each for each in goods if lacking(each, check) > 0]
    if not missing:
        return None
    first = missing[0]
    return Problem(
        "goods_left", {"left": left(goods, check), "goods": _name(first), "lacking": lacking(first, check)}
    )  # fmt: skip


def _name(each: Goods) -> str:
    return " ".join(filter(None, (each.title[:40], each.sku[:40]))) or each.code


# ---- the weight -------------------------------------------------------------------------------------------------

LIGHTER: Final = Decimal("0.95")
LIGHTER_BY: Final = 10
HEAVIER: Final = Decimal("1.10")
HEAVIER_BY: Final = 300
"""A parcel is as heavy as its goods and its wrapping. Less than LIGHTER of the goods (and LIGHTER_BY g: the scale's error),
something is missing; more than HEAVIER and HEAVIER_BY g of wrapping, something is too much. Assumptions of ours."""


def expected_grams(goods: Sequence[Goods]) -> int | None:
    """What the goods weigh together; None unless the weight of each is known."""
    known = [(each.grams, each.quantity) for each in goods if each.grams]
    return sum(grams * quantity for grams, quantity in known) if goods and len(known) == len(goods) else None


def weight_problem(grams: int, expected: int | None) -> Problem | None:
    """What is odd about a parcel's weight (g), or None. Only `weight_impossible` can be no slip of the packer's eye."""
    if not 0 < grams <= HEAVIEST:
        return Problem("weight_impossible", {"grams": grams, "most": HEAVIEST})
    if expected is None:
        return None
    data = {"grams": grams, "expected": expected}
    if grams < expected * LIGHTER - LIGHTER_BY:
        return Problem("weight_light", data)
    if grams > expected * HEAVIER + HEAVIER_BY:
        return Problem("weight_heavy", data)
    return None
