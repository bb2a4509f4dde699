"""What order lists and line lists share while they are read: a row after reading, and how it is written down."""

from typing import Any, NamedTuple

import msgspec

from fahuo.rules.orders import LineDraft, OrderDraft
from fahuo.rules.problems import Problem
from fahuo.rules.sheets import Layout, SheetRow
from fahuo.rules.texts import without_nul
from fahuo.store import sealed
from fahuo.store.models import Batch

CHUNK = 5000


class Checked(NamedTuple):
    """A row of the file after it was read: its draft as JSON, or what is wrong with it. `number` is the order's."""

    no: int
    draft: OrderDraft | LineDraft | None
    text: bytes
    number: str
    problems: list[dict[str, Any]]


def encode(value: Any) -> bytes:
    """JSON without the one character that the database cannot hold."""
    return without_nul(msgspec.json.encode(value))


def told(column: str, value: str, problem: Problem) -> dict[str, Any]:
    """A problem of a cell as batch_rows keeps it."""
    return {"column": column, "value": value, **problem.as_dict()}


def place(layout: Layout, field: str) -> int | None:
    """Where the sheet has a field first, counted from 0."""
    return next((bound.places[0] for bound in layout.plan if bound.field == field), None)


def refused(layout: Layout, row: SheetRow, problems: list[dict[str, Any]], *, field: str = "number") -> Checked:
    """A bad row: it keeps its cells, so that it can be mended and come back."""
    at = place(layout, field)
    number = row.cells[at] if at is not None and at < len(row.cells) else ""
    return Checked(row.no, None, encode({"cells": row.cells}), number[:64].replace("\0", ""), problems)


def rejected(layout: Layout, row: SheetRow, field: str, value: str, problem: Problem, *, key: str) -> Checked:
    """A row refused for what one of its fields says; `key` is the field that holds the order's number."""
    at = place(layout, field)
    heading = "" if at is None else layout.header[at].strip()
    return refused(layout, row, [told(heading, value, problem)], field=key)


def record(batch: Batch, row: Checked, verdict: str, order_id: int | None, text: bytes) -> tuple[Any, ...]:
    """A row for batch_rows, in the order of store.batches.ROW_COLUMNS: what the sheet said is sealed."""
    shop_id = batch.shop_id
    problems = encode(sealed.seal_problems(shop_id, row.problems)).decode() if row.problems else None
    return shop_id, batch.id, row.no, verdict, row.number, order_id, sealed.seal_row(shop_id, text.decode()), problems
