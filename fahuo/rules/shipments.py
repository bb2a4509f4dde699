"""The verdict of each row of a shipping batch: what the row asks, held against what stands."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple, Protocol

from fahuo.rules import waybills
from fahuo.rules.batches import Verdict
from fahuo.rules.carriers import CARRIERS
from fahuo.rules.problems import Problem

HEADINGS: Final[Mapping[str, str]] = {"number": "订单编号", "carrier": "快递公司", "waybill": "运单号"}
"""What a problem calls a column where the rows did not come from a sheet."""


NOT_FREE: Final = "already_shipped"
"""What a row whose order cannot be shipped says until somebody looks why."""


@dataclass(slots=True)
class Ask:
    """One row: ship the order `number` by `carrier` (a code) under `waybill` (normalised). `faults`: what its cells lack.

    `stray`: a later sheet brought it beside the batch's own rows.
    """

    row_no: int
    number: str
    carrier: str = ""
    waybill: str = ""
    faults: list[dict[str, Any]] = field(default_factory=list)
    cells: list[str] | None = None
    stray: bool = False


class Standing(Protocol):
    """What stands for one row: its order (`order_id` None: there is none), whether that is `free` to be shipped (waits,
    and is not being refunded), who uses or used the number, and whether it is on a label that is not the order's."""

    @property
    def order_id(self) -> int | None: ...
    @property
    def free(self) -> bool: ...
    @property
    def receiver_key(self) -> str: ...
    @property
    def living_id(self) -> int | None: ...
    @property
    def in_living(self) -> bool: ...
    @property
    def used_before(self) -> bool: ...
    @property
    def on_another_label(self) -> bool: ...


class Judged(NamedTuple):
    """A row's verdict. Problems of a row that is not bad are warnings."""

    verdict: Verdict
    order_id: int | None
    problems: list[dict[str, Any]]


def told(problem: Problem, column: str, value: str) -> dict[str, Any]:
    """A problem as a batch row keeps it."""
    return {"column": HEADINGS.get(column, column), "value": value, **problem.as_dict()}


class Judge:
    """Judges rows in the sheet's order, and remembers which order and which number stood in which row before."""

    def __init__(self) -> None:
        self._orders: dict[str, int] = {}
        self._numbers: dict[tuple[str, str], tuple[int, str]] = {}

    def row(self, ask: Ask, found: Standing) -> Judged:
        """The verdict: ready, waiting (for a number), same (already shipped so), or bad with every problem."""
        if found.free and found.living_id is None and not (ask.faults or found.used_before) and self._plain(ask, found):
            return Judged("ready", found.order_id, [])
        if found.in_living and not ask.faults:
            return Judged("same", found.order_id, [])
        wrong = [*ask.faults]
        problem = self._order(ask, found)
        if problem:
            wrong.append(told(problem, "number", ask.number))
        if ask.waybill and not ask.faults:
            wrong += self._number(ask, found)
        if wrong:
            return Judged("bad", found.order_id, wrong)
        if not ask.waybill:
            return Judged("waiting", found.order_id, [])
        used = Problem("waybill_used_before", {"value": ask.waybill})
        return Judged("ready", found.order_id, [told(used, "waybill", ask.waybill)] if found.used_before else [])

    def _plain(self, ask: Ask, found: Standing) -> bool:
        """Whether nothing at all is to be said of a row whose order is free: most rows, told apart quickly."""
        if not ask.waybill or waybills.check(ask.carrier, ask.waybill):
            return False
        number, row_no = (ask.carrier, ask.waybill), ask.row_no
        if self._orders.setdefault(ask.number, row_no) != row_no or number in self._numbers or found.on_another_label:
            return False
        self._numbers[number] = (row_no, found.receiver_key)
        return True

    def _order(self, ask: Ask, found: Standing) -> Problem | None:
        if not ask.number:
            # A cell that is empty or unreadable has its own fault.
            return None if ask.faults else Problem("order_number_missing")
        if found.order_id is None:
            unreadable = any(fault["value"] == ask.number for fault in ask.faults)
            return None if unreadable else Problem("order_unknown", {"order": ask.number})
        first = self._orders.setdefault(ask.number, ask.row_no)
        if first != ask.row_no:
            return Problem("order_twice", {"order": ask.number, "row": first})
        # The reason is told later (`rules.parcels.why_not_ship`): it needs more of the order, and few rows need it.
        return None if found.free else Problem(NOT_FREE, {"order": ask.number})

    def _number(self, ask: Ask, found: Standing) -> Iterable[dict[str, Any]]:
        if not ask.carrier:
            yield told(Problem("carrier_missing"), "carrier", "")
            return
        problem = waybills.check(ask.carrier, ask.waybill)
        if problem:
            column, value = ("carrier", ask.carrier) if problem.code == "carrier_unknown" else ("waybill", ask.waybill)
            yield told(problem, column, value)
            return
        if found.living_id is not None:
            yield told(Problem("waybill_in_use", {"value": ask.waybill, "order": ""}), "waybill", ask.waybill)
        elif found.order_id is not None:
            mine = (ask.row_no, found.receiver_key)
            first, receiver = self._numbers.setdefault((ask.carrier, ask.waybill), mine)
            if first != ask.row_no and (receiver != found.receiver_key or not receiver):
                yield told(Problem("waybill_twice", {"value": ask.waybill, "row": first}), "waybill", ask.waybill)
            elif first == ask.row_no and found.on_another_label:
                # Behind its own order, in an earlier row, a label's number may carry more for the same receiver.
                yield told(Problem("number_on_label", {"value": ask.waybill}), "waybill", ask.waybill)


def judge(asks: Sequence[Ask], found: Sequence[Standing]) -> list[Judged]:
    """The verdict of each row, in the same order."""
    row = Judge().row
    return [row(ask, stands) for ask, stands in zip(asks, found, strict=True)]


def carrier_name(code: str, language: str = "zh") -> str:
    """A carrier's full name, or the code itself where it is nobody's."""
    carrier = CARRIERS.get(code)
    return code if carrier is None else carrier.zh if language == "zh" else carrier.en
