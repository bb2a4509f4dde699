"""Batches: imports, shippings and urges by the sheet or by the API, their rows and their verdicts."""

from datetime import datetime
from typing import Annotated, Any, Literal

from msgspec import Meta, Struct

from fahuo.api.contract import AN_INSTANT, Done, Listed, Nothing, Operation, Paged
from fahuo.api.shapes.common import RowProblem
from fahuo.api.shapes.orders import AN_ORDER

Kind = Literal["orders", "shipments", "urges"]
VerdictName = Literal["new", "update", "same", "ready", "done", "conflict", "bad", "undone", "waiting"]


class BatchQuery(Paged, kw_only=True):
    """Batches of one kind, or of every kind."""

    kind: Kind | None = None


class RowsQuery(Paged, kw_only=True):
    """Rows with one verdict, or with any."""

    verdict: VerdictName | None = None


class BatchOut(Struct):
    """A batch, and how many rows it has in each state of its work."""

    id: int
    kind: str
    status: str
    name: str
    row_count: int
    good_count: int
    bad_count: int
    done_count: int
    created_by_name: str
    created_at: datetime
    committed_at: datetime | None
    handed_over_at: datetime | None


class BatchDetail(Struct):
    """A batch, how many rows have each verdict, and why it was refused, if it was."""

    batch: BatchOut
    verdicts: dict[str, int]
    problem: RowProblem | None = None


class BatchRow(Struct):
    """A row of a batch: what was asked (without personal data) and what became of it."""

    row_no: int
    verdict: str
    order: str
    order_id: int | None
    parcel_id: int | None
    asked: dict[str, Any]
    problems: list[RowProblem]


_BATCH = BatchOut(72, "shipments", "committed", "API", 1, 0, 0, 1, "ERP", AN_INSTANT, AN_INSTANT, None)
_PATH = {"batch_id": "72"}
BatchId = Annotated[int, Meta(ge=1)]

LIST_BATCHES = Operation(
    name="list_batches", method="GET", path="/batches", noun="batches", act="view_orders", zh="批次列表", en="List batches",
    query=BatchQuery, body=Nothing, out=Listed[BatchOut], gets=Listed([_BATCH]), asks={"kind": "shipments"},
)  # fmt: skip
GET_BATCH = Operation(
    name="get_batch", method="GET", path="/batches/{batch_id}", noun="batches", act="view_orders", zh="一个批次",
    en="One batch", query=Nothing, body=Nothing, out=BatchDetail, parts=_PATH, missing=("batch_unknown",),
    gets=BatchDetail(_BATCH, {"done": 1}),
)  # fmt: skip
LIST_ROWS = Operation(
    name="list_batch_rows", method="GET", path="/batches/{batch_id}/rows", noun="batches", act="view_orders",
    zh="批次的行", en="The rows of a batch", query=RowsQuery, body=Nothing, out=Listed[BatchRow], parts=_PATH,
    missing=("batch_unknown",), asks={"verdict": "bad"},
    gets=Listed([BatchRow(1, "done", AN_ORDER, 1001, 5001, {"carrier": "ZTO", "waybill": "75330000000501"}, [])]),
)  # fmt: skip


def _act(name: str, verb: str, zh: str, en: str, more: str = "") -> "Operation[Nothing, Struct, Done]":
    return Operation(
        name=f"{name}_batch", method="POST", path=f"/batches/{{batch_id}}/{verb}", noun="batches", act="view_orders",
        zh=zh, en=en, query=Nothing, body=Nothing, out=Done, parts=_PATH, missing=("batch_unknown",), gets=Done(), more=more,
    )  # fmt: skip


COMMIT = _act(
    "commit",
    "commit",
    "提交批次",
    "Let a checked batch be written",
    "The clock does the work; the scope is that of the batch's kind.",
)
UNDO = _act(
    "undo",
    "undo",
    "撤销发货批次",
    "Take back what a shipping batch shipped",
    "While it was not handed over and nothing was scanned.",
)
HAND_OVER = _act("hand_over", "handed-over", "交接批次", "Note that the courier took the parcels")
CLOSE = _act("close", "close", "收起批次", "Put a batch away")
REOPEN = _act("reopen", "reopen", "重新打开批次", "Take a batch out again")
