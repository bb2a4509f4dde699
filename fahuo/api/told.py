"""From what services and boards give to what answers hold; and from an order's number to its id."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar

import msgspec

from fahuo.api.calls import Call
from fahuo.api.contract import Listed
from fahuo.api.shapes.common import Outcome, RowOut, RowProblem, RowsOut
from fahuo.api.shapes.labels import BoughtOut, RefusedNumber
from fahuo.rules.problems import Language, Problem, Refusal
from fahuo.services import bulk, stock
from fahuo.services.reports import orders_named
from fahuo.store.boards import Page

Shape = TypeVar("Shape", bound=msgspec.Struct)


def shaped(row: Any, shape: type[Shape]) -> Shape:
    """A row (a named tuple, or an object with attributes) as an answer's shape; what it has besides is left out."""
    told = row._asdict() if isinstance(row, tuple) and hasattr(row, "_asdict") else row
    return msgspec.convert(told, shape, from_attributes=True)


def listed(page: Page[Any], make: Callable[[Any], Shape]) -> Listed[Shape]:
    """A page as an answer. Refusal `cursor_unknown` for a cursor that made no sense."""
    if page.cursor_lost:
        raise Refusal.of("cursor_unknown")
    return Listed([make(row) for row in page.rows], page.next)


def cursor_of(call: Call[Any, Any], *, dots: int = 0) -> str:
    """The cursor of a list that is walked by id, with at most so many dots in it. Refusal `cursor_unknown`."""
    cursor: str = call.query.cursor
    pieces = cursor.split(".")
    if cursor and not (
        len(pieces) <= dots + 1 and all(each.isascii() and each.isdigit() and len(each) < 19 for each in pieces)
    ):
        raise Refusal.of("cursor_unknown")
    return cursor


def walked(rows: Sequence[Any], limit: int, shape: type[Shape], *, by: str = "id") -> Listed[Shape]:
    """Rows of which one more than `limit` was asked for, as a page; the last one's `by` is the cursor of the next."""
    return Listed(
        [shaped(row, shape) for row in rows[:limit]], str(getattr(rows[limit - 1], by)) if len(rows) > limit else None
    )


def order_id(call: Call[Any, Any], number: str | None = None) -> int:
    """The id of the order with this number; of the path's where none is given. Refusal `order_unknown`."""
    return order_ids(call, [number if number is not None else call.parts["number"]])[0]


def order_ids(call: Call[Any, Any], numbers: Sequence[str]) -> list[int]:
    """The ids of these orders, in their order. Refusal `order_unknown` with the first that the shop has not."""
    known = orders_named(call.shop_id, numbers)
    for number in numbers:
        if number not in known:
            raise Refusal.of("order_unknown", order=number[:64])
    return [known[number] for number in numbers]


def problem(found: Problem, language: Language, field: str = "") -> RowProblem:
    """A problem of one row."""
    return RowProblem(field, found.code, dict(found.data), found.sentence(language))


def kept_problem(said: Any, language: Language) -> RowProblem | None:
    """A problem as tables keep it (code, data); None for none."""
    return problem(Problem(said["code"], said.get("data") or {}), language) if said else None


def bought(found: stock.Bought, language: Language) -> BoughtOut:
    """What came of numbers that were bought."""
    return BoughtOut(found.lot_id, found.count, [
        RefusedNumber(each.number, problem(each.problem, language, "numbers"))
        for each in found.refused if each.problem is not None
    ])  # fmt: skip


def rows(batch_id: int, outcomes: Iterable[bulk.Outcome], language: Language) -> RowsOut:
    """The answer to a bulk call."""
    return RowsOut(batch_id, [
        RowOut(each.verdict, each.number, each.order_id, each.parcel_id,
               [problem(wrong, language, field) for field, wrong in each.problems])
        for each in outcomes
    ])  # fmt: skip


def outcomes(numbers: Sequence[str], found: Sequence[Problem | None], language: Language) -> list[Outcome]:
    """An outcome for each of many orders."""
    return [
        Outcome(number, None if each is None else problem(each, language))
        for number, each in zip(numbers, found, strict=True)
    ]
