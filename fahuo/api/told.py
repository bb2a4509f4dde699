"""From what services and boards give to what answers hold; and from an order's number to its id."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar

import msgspec

from fahuo.api.calls import Call
from fahuo.api.contract import Listed
from fahuo.api.shapes.common import Outcome, RowOut, RowProblem, RowsOut
from fahuo.rules.problems import Language, Problem, Refusal
from fahuo.services import bulk
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


def order_id(call: Call[Any, Any], number: str | None = None) -> int:
    """The id of the order with this number; of the path's where none is given. Refusal `order_unknown`."""
    return order_ids(call, [number if number is not None else call.parts["number"]])[0]


def order_ids(call: Call[Any, Any], numbers: Sequence[str]) -> list[int]:
    """The ids of these orders, in their order. Refusal `order_unknown` with the first that the shop has not."""
    known = orders_named(call.shop_id, [number.replace("\0", "") for number in numbers])
    for number in numbers:
        if number not in known:
            raise Refusal.of("order_unknown", order=number[:64])
    return [known[number] for number in numbers]


def problem(found: Problem, language: Language, field: str = "") -> RowProblem:
    """A problem of one row."""
    return RowProblem(field, found.code, dict(found.data), found.sentence(language))


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
