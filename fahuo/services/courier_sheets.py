"""Numbers that a courier brings by sheet: his address table with 运单号 filled in, looked at first, then written.

Looking is what writing would do, taken back: each row's verdict is that of the verb itself. Rows are matched with his own
orders alone; an order of anybody else is one that he has not, whoever has it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from django.db import transaction

from fahuo.connectors.sheet.reader import SheetRow, open_sheet
from fahuo.rules import sheets
from fahuo.rules.handing import SEEN_AFTER
from fahuo.rules.people import CourierActor
from fahuo.rules.problems import Problem, Refusal
from fahuo.rules.sheets import CellProblem, Layout
from fahuo.rules.shipments import carrier_name
from fahuo.services import courier as verbs
from fahuo.services.import_rows import place
from fahuo.store import courier as store
from fahuo.store.boards import courier as board

LARGEST: Final = 4 * 2**20
"""Bytes of a sheet that a courier may send: a day's orders are far less."""


@dataclass(slots=True)
class Line:
    """A row of his sheet with a number. `verdict`: ready, same (the order has this number) or bad; a problem of a row that
    is not bad is a warning. `column` and `value`: the cell that is wrong, by the sheet's own heading."""

    no: int
    number: str
    waybill: str
    order_id: int = 0
    verdict: Literal["ready", "same", "bad"] = "ready"
    problem: Problem | None = None
    column: str = ""
    value: str = ""


@dataclass(frozen=True, slots=True)
class Looked:
    """What would become of a sheet: its rows in their order, and how many have no number yet (`empty`)."""

    lines: list[Line]
    empty: int

    @property
    def good(self) -> list[tuple[int, str]]:
        """(order id, number) of what would be written."""
        return [(line.order_id, line.waybill) for line in self.lines if line.verdict == "ready"]


def look(courier: CourierActor, name: str, body: bytes, *, now: datetime) -> Looked:
    """Read a sheet and judge its rows; nothing is kept.

    Refusals: what `open_sheet` says, `columns_missing`, `column_twice`, `too_many_orders`.
    """
    sheet = open_sheet(name, body, limit=LARGEST)
    layout = sheets.expect(sheet.header, "shipments").require()
    carrier = store.carrier(courier.shop_id, courier.contract_id)
    lines: list[Line] = []
    empty = 0
    for row in sheet.rows():
        if _cell(layout, row, "number") and not _cell(layout, row, "waybill"):
            empty += 1
        elif any(row.cells):
            lines.append(_line(layout, row, carrier))
        if len(lines) > verbs.MOST:
            raise Refusal.of("too_many_orders", most=verbs.MOST)
    _judge(courier, layout, lines, now=now)
    return Looked(lines, empty)


def _cell(layout: Layout, row: SheetRow, field: str) -> str:
    at = place(layout, field)
    return row.cells[at].strip() if at is not None and at < len(row.cells) else ""


def _line(layout: Layout, row: SheetRow, carrier: str) -> Line:
    """A row as far as it says by itself what is wrong with it."""
    draft = sheets.read_shipment(layout, row, carrier=carrier)
    if not isinstance(draft, sheets.ShipmentDraft):
        wrong: CellProblem = draft[0]
        number, waybill = _cell(layout, row, "number"), _cell(layout, row, "waybill")
        return Line(row.no, number[:64], waybill[:64], 0, "bad", wrong.problem, wrong.column.strip(), wrong.value[:60])
    line = Line(row.no, draft.number, draft.waybill)
    if draft.carrier != carrier:
        data = {"carrier": carrier_name(draft.carrier), "carrier_en": carrier_name(draft.carrier, "en")}
        _refuse(line, layout, "carrier", Problem("courier_other_carrier", data), _cell(layout, row, "carrier"))
    return line


def _refuse(line: Line, layout: Layout, field: str, problem: Problem, value: str) -> None:
    at = place(layout, field)
    line.verdict, line.problem, line.value = "bad", problem, value[:60]
    line.column = "" if at is None else layout.header[at].strip()


def _judge(courier: CourierActor, layout: Layout, lines: Sequence[Line], *, now: datetime) -> None:
    """The verdict on each row that could be read, as `courier.enter` would have it."""
    mine = _own(courier, [line.number for line in lines if line.verdict != "bad"], now=now)
    first: dict[int, Line] = {}
    for line in lines:
        if line.verdict == "bad":
            continue
        line.order_id = mine.get(line.number, 0)
        if not line.order_id:
            _refuse(line, layout, "number", Problem("order_not_with_you", {"order": line.number}), line.number)
        elif line.order_id in first:
            twice = Problem("row_again", {"value": line.number, "row": first[line.order_id].no})
            _refuse(line, layout, "number", twice, line.number)
        else:
            first[line.order_id] = line
    warnings: list[Problem] = []
    pairs = [(order_id, line.waybill) for order_id, line in first.items()]
    with transaction.atomic():
        found = verbs.enter(courier, pairs, now=now, warnings=warnings) if pairs else []
        transaction.set_rollback(True)
    used = {str(warning.data.get("value")): warning for warning in warnings}
    for line, outcome in zip(first.values(), found, strict=True):
        if isinstance(outcome, Problem):
            of_number = "value" in outcome.data or "waybill" in outcome.data
            _refuse(
                line, layout, *(("waybill", outcome, line.waybill) if of_number else ("number", outcome, line.number))
            )
        else:
            line.verdict = "ready" if outcome.new else "same"
            line.problem = used.get(outcome.waybill)


def _own(courier: CourierActor, numbers: Sequence[str], *, now: datetime) -> dict[str, int]:
    """His orders of these numbers, by number."""
    ids = store.ids_of(courier.shop_id, courier.contract_id, numbers)
    carrier = store.carrier(courier.shop_id, courier.contract_id)
    found = board.orders(courier.shop_id, courier.contract_id, carrier, ids, since=now - SEEN_AFTER) if ids else []
    return {order.number: order.id for order in found}
