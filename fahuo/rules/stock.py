"""Waybill numbers that a shop bought ahead: the states of a number, as one table of moves, and how lots come in.

A number is never used by two parcels. What leaves the stock leaves it by one of these moves, and the ledger
(`stock_moves`) is written from the rows that moved, so that for each lot and state the ledger adds up to the rows.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, Literal

from fahuo.rules import waybills
from fahuo.rules.problems import Problem, Refusal

State = Literal["free", "taken", "printed", "shipped", "voided", "returned"]
STATES: Final[tuple[State, ...]] = ("free", "taken", "printed", "shipped", "voided", "returned")
"""free 可用: never used. taken 已取号: a label holds it. printed 已打印: paper with it exists. shipped 已发货: a parcel
has it. voided 已作废: given up, the paper may still exist. returned 已回收: back in stock by the carrier's rule."""

IN_STOCK: Final[tuple[State, ...]] = ("free", "returned")
"""What a new label may take, in this order: a number with a past comes last."""

LotKind = Literal["run", "list"]
LOT_KINDS: Final[tuple[LotKind, ...]] = ("run", "list")
"""run 号段: consecutive numbers from a first one. list 号单: numbers as the carrier wrote them down."""

Act = Literal["buy", "take", "release", "print", "ship", "unship", "void", "return"]
ACTS: Final[tuple[Act, ...]] = ("buy", "take", "release", "print", "ship", "unship", "void", "return")

TABLE: Final[dict[tuple[State, Act], State]] = {
    ("free", "take"): "taken",
    ("returned", "take"): "taken",
    ("free", "ship"): "shipped",
    ("returned", "ship"): "shipped",
    ("free", "void"): "voided",
    ("returned", "void"): "voided",
    ("taken", "release"): "free",
    ("taken", "print"): "printed",
    ("printed", "print"): "printed",
    ("shipped", "print"): "shipped",
    ("taken", "ship"): "shipped",
    ("printed", "ship"): "shipped",
    ("shipped", "unship"): "printed",
    ("taken", "void"): "voided",
    ("printed", "void"): "voided",
    ("shipped", "void"): "voided",
    ("voided", "return"): "returned",
    ("taken", "return"): "returned",
    ("printed", "return"): "returned",
}
"""(state, act) -> state; "buy" makes a free number. Shipped from free: somebody typed the number, no label took it; voided
from free: the slip is lost or spoilt. release: nothing was sent to a printer. unship: the parcel was taken back before the
carrier saw it. return: the carrier's rule gives the number back (15 days after it was voided, 30 days after it was last
touched, in both cases without a trace). A pair that is not here is refused and changes nothing."""

MOST: Final = 100_000
"""Numbers in one lot."""


def before(act: Act) -> list[State]:
    """The states in which `act` may happen, for `state = ANY(...)`."""
    return [state for (state, name) in TABLE if name == act]


# ---- what is bought ---------------------------------------------------------------------------------------------

Known = Literal["in_stock", "used", "used_before"]
"""How a shop knows a number that is being bought: in stock, in whatever state; used by a parcel; used by one that is gone."""


@dataclass(frozen=True, slots=True)
class Judged:
    """A number that somebody wants to put into stock, and what stands against it. `warning`: it is taken all the same."""

    number: str
    problem: Problem | None = None
    warning: Problem | None = None


def run(carrier: str, first: str, *, count: int | None = None, last: str = "") -> list[str]:
    """The numbers of a run, by its first and how many, or its last, or both. Raises Refusal as `waybills.run_of` does, and
    `run_unbounded`, `lot_too_big`, `run_count`."""
    if count is None:
        if not last.strip():
            raise Refusal.of("run_unbounded")
        count = waybills.run_length(carrier, first, last)
    if count < 1:
        raise Refusal.of("run_count", count=count)
    if count > MOST:
        raise Refusal.of("lot_too_big", count=count, most=MOST)
    return waybills.run_of(carrier, first, count, last=last.strip() or None)


def judge(carrier: str, numbers: Sequence[str], known: Mapping[str, Known]) -> list[Judged]:
    """What comes of each number of a list, in its order. `known` by the number as `waybills.normalise` writes it."""
    seen: dict[str, int] = {}
    found = []
    for row, text in enumerate(numbers, start=1):
        number = waybills.normalise(text)
        problem = waybills.check(carrier, number) or _again(number, seen, known)
        seen.setdefault(number, row)
        warned = problem is None and known.get(number) == "used_before"
        warning = Problem("waybill_used_before", {"value": number}) if warned else None
        found.append(Judged(number, problem, warning))
    return found


def _again(number: str, seen: Mapping[str, int], known: Mapping[str, Known]) -> Problem | None:
    if number in seen:
        return Problem("number_in_list_twice", {"value": number, "row": seen[number]})
    if known.get(number) == "in_stock":
        return Problem("number_in_stock", {"value": number})
    if known.get(number) == "used":
        return Problem("number_used", {"value": number})
    return None


def price_problem(price: Decimal) -> Problem | None:
    """What is wrong with a price (CNY a number), or None."""
    if not price.is_finite() or price < 0 or price >= 10_000 or price != price.quantize(Decimal("0.01")):
        return Problem("number_price", {"value": str(price)[:20]})
    return None
