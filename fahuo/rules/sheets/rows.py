"""One row of a sheet, read by its layout: a draft, or everything that is wrong with it."""

from collections.abc import Callable
from datetime import datetime, tzinfo
from decimal import Decimal
from typing import Any, Final, NamedTuple

from fahuo.rules.orders import IN_BACKLOG, LineDraft, OrderDraft
from fahuo.rules.problems import Problem
from fahuo.rules.regions import split_address
from fahuo.rules.sheets.cells import NULLS, BadCell, without_postcode
from fahuo.rules.sheets.layouts import Layout


class SheetRow(NamedTuple):
    """A row of cells as text. `no` is the row as a person sees it in the file, from 1; `damaged` are the columns whose
    number lost digits when it was saved."""

    no: int
    cells: list[str]
    damaged: frozenset[int] = frozenset()


class CellProblem(NamedTuple):
    """What is wrong, in which column (its heading), with which text. `value` may be personal: for the problem sheet only."""

    column: str
    value: str
    problem: Problem


class ShipmentDraft(NamedTuple):
    """One shipped order of a returned sheet; `carrier` is a code, "" where the sheet names none."""

    number: str
    carrier: str
    waybill: str


class UrgeDraft(NamedTuple):
    """One urge; instants in UTC, `due_at` None where the marketplace shows no deadline."""

    number: str
    at: datetime
    due_at: datetime | None


NO_MONEY: Final = Decimal("0.00")
Values = dict[str, Any]
Finish = Callable[[Layout, list[str], Values], list[CellProblem]]


def read_order(layout: Layout, row: SheetRow, zone: tzinfo) -> OrderDraft | tuple[CellProblem, ...]:
    """The order of a row, or all its problems. `zone` is the shop's: its wall clock is what the sheet's times mean."""
    values: Values = {}
    problems = _read(layout, row, zone, values, _finish_order)
    return tuple(problems) if problems else OrderDraft(**values)


def read_line(layout: Layout, row: SheetRow, zone: tzinfo) -> LineDraft | tuple[CellProblem, ...]:
    """The line (sub-order) of a row, or all its problems."""
    values: Values = {}
    problems = _read(layout, row, zone, values, None)
    return tuple(problems) if problems else LineDraft(**values)


def read_shipment(
    layout: Layout, row: SheetRow, zone: tzinfo | None = None, *, carrier: str = ""
) -> ShipmentDraft | tuple[CellProblem, ...]:
    """The shipped order of a row, or all its problems. `carrier` (a code) stands in where the row names none.

    Whether the number fits the carrier is `waybills.check`, not asked here.
    """
    values: Values = {"carrier": carrier}
    problems = _read(layout, row, zone, values, None)  # type: ignore[arg-type]  # no column of this kind holds a time
    return tuple(problems) if problems else ShipmentDraft(values["number"], values["carrier"], values["waybill"])


def read_urge(layout: Layout, row: SheetRow, zone: tzinfo) -> UrgeDraft | tuple[CellProblem, ...]:
    """The urge of a row, or all its problems. `zone` is the shop's."""
    values: Values = {}
    problems = _read(layout, row, zone, values, None)
    return tuple(problems) if problems else UrgeDraft(values["number"], values["at"], values.get("due_at"))


def read_entry(layout: Layout, row: SheetRow, zone: tzinfo) -> Values | tuple[CellProblem, ...]:
    """The values of a row of a sheet of numbers, SKUs, route marks or prices by field, or all its problems. A weight in
    kilograms stands in where the one in grams is not given."""
    values: Values = {}
    problems = _read(layout, row, zone, values, None)
    for kilograms in [name for name in values if name.endswith("kilograms")]:
        values.setdefault(kilograms.replace("kilograms", "grams"), values.pop(kilograms))
    return tuple(problems) if problems else values


def _read(layout: Layout, row: SheetRow, zone: tzinfo, values: Values, finish: Finish | None) -> list[CellProblem]:
    """Fill `values` from the row; what went wrong. The loop is the hottest of an import: one look a bound column."""
    cells = row.cells
    problems: list[CellProblem] = []
    if row.damaged or len(cells) != len(layout.header):
        cells, problems = _odd_row(layout, row)
    for field, parse, places, required, empty in layout.plan:
        for place in places:
            text = cells[place]
            if text not in NULLS:
                break
        else:
            if required:
                problems.append(CellProblem(layout.header[places[0]], "", Problem("cell_empty")))
            elif empty is not None:
                values[field] = empty
            continue
        try:
            value = parse(text, zone)
        except BadCell as bad:
            if not (place in row.damaged and place in layout.exact):  # that was told as digits that are lost
                problems.append(CellProblem(layout.header[place], text, _formula_or(bad.problem, text)))
            continue
        if value.__class__ is dict:
            values.update(value)
        else:
            values[field] = value
    if finish is not None and not problems:
        problems = finish(layout, cells, values)
    return problems


def _odd_row(layout: Layout, row: SheetRow) -> tuple[list[str], list[CellProblem]]:
    """The cells of a short, long or damaged row, at least as many as the header's, and what is wrong with them."""
    missing = len(layout.header) - len(row.cells)
    cells = row.cells + [""] * missing
    problems: list[CellProblem] = []
    if missing < 0 and any(cells[missing:]):
        problems.append(CellProblem("", cells[-1], Problem("row_shifted", {"columns": len(layout.header)})))
    for place in sorted(row.damaged & layout.exact):
        problems.append(CellProblem(layout.header[place], cells[place], Problem("digits_lost")))
    return cells, problems


def _formula_or(problem: Problem, text: str) -> Problem:
    """A text that begins with "=" where a number, a time or a status belongs was a formula."""
    return Problem("formula") if text[0] == "=" and problem.code != "text_too_long" else problem


def _finish_order(layout: Layout, cells: list[str], values: Values) -> list[CellProblem]:
    """What no cell says alone: the kind, the parts of the address, the refund, and what contradicts itself."""
    status = values.setdefault("status", "awaiting_shipment")
    _settle_kind(values)
    _settle_address(values)
    refunded = values.get("refund_amount", NO_MONEY) > NO_MONEY
    if values.get("refund_status") is None and (refunded or _closed_by_refund(status, values.get("close_reason", ""))):
        values["refund_status"] = "succeeded"
    paid, ordered = values.get("paid_at"), values.get("ordered_at")
    if ordered is None and paid is not None:
        values["ordered_at"] = paid
    return _contradictions(layout, cells, values, status)


def _contradictions(layout: Layout, cells: list[str], values: Values, status: str) -> list[CellProblem]:
    found: list[CellProblem] = []
    paid, ordered = values.get("paid_at"), values.get("ordered_at")
    if status in IN_BACKLOG and paid is None:
        found.append(_at(layout, cells, "paid_at", "paid_without_time"))
    if paid is not None and ordered is not None and paid < ordered:
        found.append(_at(layout, cells, "paid_at", "paid_before_ordered"))
    if status in IN_BACKLOG and values.get("kind") != "virtual":
        for field in ("receiver", "address"):
            if not values.get(field) and any(bound.field == field for bound in layout.plan):
                found.append(_at(layout, cells, field, "receiver_missing"))
    return found


def _at(layout: Layout, cells: list[str], field: str, code: str) -> CellProblem:
    place = next((bound.places[0] for bound in layout.plan if bound.field == field), None)
    if place is None:
        return CellProblem("", "", Problem(code))
    return CellProblem(layout.header[place], cells[place], Problem(code))


def _settle_kind(values: Values) -> None:
    virtual = values.pop("delivery", False)
    presale = values.pop("presale", False)
    if "kind" in values:
        return
    if values.get("staged"):
        values["kind"] = "presale_staged"
    elif presale:
        values["kind"] = "presale_full"
    elif virtual:
        values["kind"] = "virtual"


def _settle_address(values: Values) -> None:
    """Split 省市区 off the address and find the region; masked parts stay as they are."""
    told = values.get("address")
    if not told:
        return
    address, postcode = without_postcode(told) if told[-1] in ")\uff09" else (told, "")
    parts = [values[field] for field in ("province", "city", "district") if field in values]
    whole = " ".join([*(part for part in parts if not address.startswith(part)), address]) if parts else address
    province, city, district, rest, region = split_address(whole)
    values["province"], values["city"], values["district"] = province, city, district
    values["address"], values["region"] = rest, region
    if postcode:
        values.setdefault("postcode", postcode)


def _closed_by_refund(status: str, reason: str) -> bool:
    return status == "closed" and "退款" in reason
