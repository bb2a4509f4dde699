"""The life of a batch: opened, filled, checked, committed, handed over, closed; undone while that is still possible.

What a batch does depends on its kind, and each kind is a module beside this one (`imports`, `shipments`, `urge_sheets`,
`own_sheets`) with

    check(batch, *, now)        received: read what was asked, write rows with verdicts
    commit_rows(batch, *, now)  committing: write the good rows, chunk by chunk
    undo(actor, batch, *, now)  shipments only: take back what was committed, inside the caller's transaction

All work is restartable: each chunk is its own transaction and begins with `store.batches.advance` or with the lock on the
batch, which moves nothing (and raises Overtaken) when another worker was faster. The status is moved here, after the work.
"""

import logging
from collections.abc import Mapping
from datetime import datetime
from types import ModuleType
from typing import Any

import msgspec
from django.db import transaction

from fahuo.connectors.sheet.writer import write_xlsx
from fahuo.rules import sheets
from fahuo.rules.batches import WORK_WAITS
from fahuo.rules.people import Actor
from fahuo.rules.problems import Language, Problem, Refusal
from fahuo.services import imports, own_sheets, shipments, urge_sheets
from fahuo.services.shipments import (
    address_sheet,
    fill_from_run,
    fill_from_sheet,
    open_shipments,
    open_shipments_sheet,
    upload_file,
)
from fahuo.services.urge_sheets import open_urges_sheet
from fahuo.store import batches, statistics
from fahuo.store.models import Batch

__all__ = [
    "address_sheet", "close", "commit", "fill_from_run", "fill_from_sheet", "hand_over", "map_columns", "open_import",
    "open_shipments", "open_shipments_sheet", "open_urges_sheet", "problems_sheet", "reopen", "undo", "upload_file", "work", "work_waiting",
]  # fmt: skip

log = logging.getLogger(__name__)

ACT: Mapping[str, str] = {
    "orders": "import_orders", "shipments": "ship", "urges": "enter_urges", "numbers": "buy_waybills",
    "skus": "manage_contracts", "route_marks": "manage_contracts", "tariffs": "manage_contracts",
}  # fmt: skip
"""Kind of batch -> what its people must be allowed to do."""


def _kind(batch: Batch) -> ModuleType:
    return {"orders": imports, "shipments": shipments, "urges": urge_sheets}.get(batch.kind, own_sheets)


def _access(actor: Actor, batch_id: int, *, lock: bool = False) -> Batch:
    """The batch, if this actor may work on it; Refusal `batch_unknown` or `not_permitted` otherwise."""
    batch = (batches.lock if lock else batches.find)(actor.shop_id, batch_id)
    if batch is None:
        raise Refusal.of("batch_unknown", batch=batch_id)
    actor.require(ACT[batch.kind])
    return batch


def open_import(actor: Actor, *, name: str, body: bytes, now: datetime) -> int:
    """Take an order list or a line list in; the new batch's id. The clock (or `work`) reads it."""
    actor.require("import_orders")
    with transaction.atomic():
        upload_id = batches.add_upload(actor.shop_id, name=name, body=body, now=now)
        batch_id = batches.add(actor, kind="orders", status="received", name=name, upload_id=upload_id, now=now)
        batches.notify(actor.shop_id, batch_id)
    return batch_id


def map_columns(
    actor: Actor, batch_id: int, columns: dict[str, str], *, now: datetime, sheet: sheets.SheetKind | None = None
) -> None:
    """Say which heading of a refused sheet means which field; kept for every later sheet with the same header.

    `sheet`: for an import, whether a row is an order ("orders") or a line ("lines"); None lets the fields say it. Raises
    Refusal `unknown_field`, `columns_missing` (a sheet without an order number) or `batch_not_there`.
    """
    with transaction.atomic():
        batch = _access(actor, batch_id, lock=True)
        header = batch.options.get("header")
        if batch.status != "refused" or not header:
            raise Refusal.of("batch_not_there", status=batch.status)
        sheets.map_header(header, columns, kind=sheet if batch.kind == "orders" else batch.kind)  # type: ignore[arg-type]  # a batch's kind
        batches.keep_column_map(
            actor.shop_id, kind=batch.kind, fingerprint=sheets.fingerprint(header), name=batch.name, columns=columns,
            now=now,
        )  # fmt: skip
        if batch.kind == "orders":
            batches.clear_rows(actor.shop_id, batch_id)
        batches.move(actor.shop_id, batch_id, "fill", now=now)
        batches.notify(actor.shop_id, batch_id)


def commit(actor: Actor, batch_id: int, *, now: datetime) -> None:
    """Let the good rows be written; safe to repeat. Raises Refusal `batch_not_there` unless it was checked."""
    with transaction.atomic():
        batch = _access(actor, batch_id)
        if batches.move(actor.shop_id, batch_id, "commit", now=now):
            by = {"member_id": actor.member_id, "name": actor.name}
            batches.set_options(actor.shop_id, batch_id, {"committed_by": by})
            batches.notify(actor.shop_id, batch_id)
        elif batch.status not in {"committing", "committed"}:
            raise Refusal.of("batch_not_there", status=batch.status)


def work(shop_id: int, batch_id: int, *, now: datetime) -> bool:
    """Do the step the batch waits for, to its end. False when it waits for none, or another worker has it in hand.

    A file that cannot be read ends as status `refused` with its problem; that, too, is work done.
    """
    with batches.worker_hint(shop_id, batch_id) as mine:
        batch = batches.find(shop_id, batch_id) if mine else None
        if batch is None or batch.status not in WORK_WAITS:
            return False
        try:
            if batch.status == "received":
                return _check(batch, now=now)
            _kind(batch).commit_rows(batch, now=now)
            if batch.row_count >= statistics.MANY:
                statistics.gather(shop_id)
            return batches.move(shop_id, batch_id, "finish", now=now)
        except batches.Overtaken:
            return False


def _check(batch: Batch, *, now: datetime) -> bool:
    try:
        _kind(batch).check(batch, now=now)
    except Refusal as refusal:
        with transaction.atomic():
            if batch.kind != "shipments":
                # A shipping batch keeps its orders: it was the returned sheet that could not be read.
                batches.clear_rows(batch.shop_id, batch.id)
            return batches.move(batch.shop_id, batch.id, "refuse", now=now, problem=refusal.problems[0])
    return batches.move(batch.shop_id, batch.id, "check", now=now)


def work_waiting(*, now: datetime) -> int:
    """Do what waits, in all shops; how many batches moved. A batch whose work fails says so, rests, and is tried again."""
    count = 0
    for batch in batches.waiting(now=now):
        try:
            count += work(batch.shop_id, batch.id, now=now)
        except Exception:
            log.exception("batch %s of shop %s: its work failed", batch.id, batch.shop_id)
            batches.note_trouble(batch.shop_id, batch.id, Problem("batch_trouble"), now=now)
    return count


def undo(actor: Actor, batch_id: int, *, now: datetime) -> None:
    """Take back what a shipping batch shipped. Refusal once it was handed over, or for an import."""
    with transaction.atomic():
        batch = _access(actor, batch_id, lock=True)
        if batch.kind != "shipments":
            raise Refusal.of("import_stays")
        if batch.handed_over_at is not None:
            raise Refusal.of("batch_handed_over")
        if not batches.move(actor.shop_id, batch_id, "undo", now=now):
            raise Refusal.of("batch_not_there", status=batch.status)
        shipments.undo(actor, batch, now=now)


def close(actor: Actor, batch_id: int, *, now: datetime) -> None:
    """Put the batch away; safe to repeat."""
    _turn(actor, batch_id, "close", "closed", now=now)


def reopen(actor: Actor, batch_id: int, *, now: datetime) -> None:
    """Take the batch out again; rows that were written stay written."""
    _turn(actor, batch_id, "reopen", "checked", now=now)


def _turn(actor: Actor, batch_id: int, event: str, there: str, *, now: datetime) -> None:
    with transaction.atomic():
        batch = _access(actor, batch_id, lock=True)
        if batch.status != there and not batches.move(actor.shop_id, batch_id, event, now=now):
            raise Refusal.of("batch_not_there", status=batch.status)


def hand_over(actor: Actor, batch_id: int, *, now: datetime) -> None:
    """Note that the courier took the parcels; from then on there is no undo. Safe to repeat."""
    with transaction.atomic():
        batch = _access(actor, batch_id, lock=True)
        if batch.kind != "shipments":
            raise Refusal.of("import_stays")
        if batch.handed_over_at is None and not batches.hand_over(actor.shop_id, batch_id, now=now):
            raise Refusal.of("batch_not_there", status=batch.status)


HEADINGS: dict[Language, tuple[str, ...]] = {
    "zh": ("行号", "问题列", "问题值", "原因"),
    "en": ("Row", "Column", "Value", "Reason"),
}


def problems_sheet(actor: Actor, batch_id: int, *, language: Language = "zh") -> tuple[str, bytes]:
    """The refused rows as an xlsx (name, body): row, column, value, reason, then the row's own cells to mend."""
    batch = _access(actor, batch_id)
    header = batch.options.get("header") or ["订单编号"]
    own = batch.kind in own_sheets.KINDS
    layout = own_sheets.layout_of(batch.shop_id, batch.kind, header) if own else sheets.recognise(header)  # type: ignore[arg-type]  # one of them
    places = {bound.field: bound.places[0] for bound in layout.plan} if layout else {"number": 0}
    rows = [_problem_row(row, len(header), places, language) for row in batches.bad_rows(actor.shop_id, batch_id)]
    stem = batch.name.rsplit(".", 1)[0] or str(batch.id)
    name = f"{stem}-问题行.xlsx" if language == "zh" else f"{stem}-problems.xlsx"
    return name, write_xlsx([*HEADINGS[language], *header], rows)


def _problem_row(row: Any, width: int, places: Mapping[str, int], language: Language) -> list[str]:
    problems = msgspec.json.decode(row.problems or "[]")
    data = {"number": row.number, **msgspec.json.decode(row.data)}
    cells = data.get("cells") or []
    if not cells:
        # A row that was good when it was read kept only what it means.
        meant = {place: str(data.get(field) or "") for field, place in places.items()}
        cells = [meant.get(place, "") for place in range(width)]
    told = [Problem(found["code"], found.get("data") or {}).sentence(language) for found in problems]
    return [
        str(row.row_no),
        "\n".join(str(found.get("column") or "") for found in problems),
        "\n".join(str(found.get("value") or "") for found in problems),
        "\n".join(told),
        *(cells + [""] * width)[:width],
    ]
