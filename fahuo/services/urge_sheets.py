"""Urges by sheet: one row an urge at an outside marketplace. See services/batches.py for how a batch lives.

A row says 订单编号, 催促时间 and, where the marketplace shows one, 平台截止时间. Bad rows stop none of the others, and a
sheet that is taken in again makes nothing twice.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

import msgspec
from django.db import transaction

from fahuo.connectors.sheet.reader import open_sheet
from fahuo.connectors.sheet.writer import write_xlsx
from fahuo.rules import sheets
from fahuo.rules.entries import HEADINGS, Entry, Judged
from fahuo.rules.people import Actor
from fahuo.rules.problems import Refusal
from fahuo.services import urges
from fahuo.services.import_rows import Checked, encode, place, record, refused, told
from fahuo.services.shopbook import ShopBook
from fahuo.services.unknown_sheets import described
from fahuo.store import batches, shipments
from fahuo.store.models import Batch

CHUNK: Final = 2000
"""Rows written in one transaction."""


class Kept(msgspec.Struct):
    """A good row as batch_rows keeps it."""

    number: str
    at: datetime
    due_at: datetime | None = None
    effect: str = ""


decode = msgspec.json.Decoder(Kept).decode


def open_urges_sheet(actor: Actor, *, name: str, body: bytes, now: datetime) -> int:
    """A batch from a sheet of urges; its id. The clock (or `batches.work`) reads it. Refusal `not_permitted`."""
    actor.require("enter_urges")
    with transaction.atomic():
        upload_id = batches.add_upload(actor.shop_id, name=name, body=body, now=now)
        batch_id = batches.add(actor, kind="urges", status="received", name=name, upload_id=upload_id, now=now)
        batches.notify(actor.shop_id, batch_id)
    return batch_id


def empty() -> bytes:
    """A sheet (xlsx) with the headings and nothing else, to be filled in."""
    return write_xlsx(list(HEADINGS.values()), [])


def check(batch: Batch, *, now: datetime) -> None:
    """Read the sheet into rows with verdicts, in one transaction. Raises Refusal when it cannot be read."""
    if batch.upload_id is None:
        raise Refusal.of("upload_forgotten")
    name, body = batches.upload(batch.shop_id, batch.upload_id)
    sheet = open_sheet(name, body)
    batches.set_options(batch.shop_id, batch.id, described(sheet))
    layout = _layout(batch.shop_id, sheet.header)
    book = ShopBook.of(batch.shop_id)
    zone = ZoneInfo(book.shop.time_zone)
    bad: list[Checked] = []
    good: dict[int, tuple[Entry, list[str]]] = {}
    for row in sheet.rows():
        read = sheets.read_urge(layout, row, zone)
        if isinstance(read, sheets.UrgeDraft):
            good[row.no] = Entry(read.number, read.at, read.due_at, row.no), row.cells
        elif any(row.cells):
            bad.append(refused(layout, row, [told(*found) for found in read]))
    with transaction.atomic():
        mine = batches.lock(batch.shop_id, batch.id)
        if mine is None or mine.status != "received":
            raise batches.Overtaken
        batches.clear_rows(batch.shop_id, batch.id)
        judged = urges.judge(book, [entry for entry, _ in good.values()], now=now)
        records = [record(batch, row, "bad", None, row.text) for row in bad]
        records += [_record(batch, layout, each, good[each.entry.row_no][1]) for each in judged]
        batches.add_rows(sorted(records, key=lambda each: each[2]))
        batches.set_options(batch.shop_id, batch.id, {"samples": None})
        shipments.recount(batch.shop_id, batch.id, now=now)


def _layout(shop_id: int, header: list[str]) -> sheets.Layout:
    """How to read the sheet: as the shop mapped it once, else as we know it. Raises Refusal."""
    kept = batches.column_map(shop_id, kind="urges", fingerprint=sheets.fingerprint(header))
    if kept is not None:
        return sheets.map_header(header, msgspec.json.decode(kept), kind="urges")
    layout = sheets.recognise(header)
    if layout is None or layout.kind != "urges":
        raise Refusal.of("sheet_without_urges")
    return layout.require()


def _record(batch: Batch, layout: sheets.Layout, judged: Judged, cells: list[str]) -> tuple[Any, ...]:
    """A judged row for batch_rows; a bad one keeps its cells, and its problems name the sheet's own columns."""
    entry = judged.entry
    problems = [_named(layout, problem, cells) for problem in judged.problems]
    kept: Any = Kept(entry.number, entry.at, entry.due_at, judged.effect)
    if judged.verdict == "bad":
        kept = {"cells": cells}
    row = Checked(entry.row_no, None, encode(kept), entry.number, problems)
    return record(batch, row, judged.verdict, judged.order_id, row.text)


def _named(layout: sheets.Layout, problem: dict[str, Any], cells: Sequence[str]) -> dict[str, Any]:
    """A problem with the heading and the cell as they stand in the sheet."""
    field = next((name for name, heading in HEADINGS.items() if heading == problem["column"]), "")
    at = place(layout, field)
    if at is None or at >= len(cells):
        return problem
    return {**problem, "column": layout.header[at].strip(), "value": cells[at]}


def commit_rows(batch: Batch, *, now: datetime) -> None:
    """Enter the good rows, CHUNK by CHUNK, each its own transaction. What cannot be entered any more turns bad.

    Raises Overtaken when the batch is not `committing` any more.
    """
    while _commit_chunk(batch, now=now):
        pass


def _commit_chunk(batch: Batch, *, now: datetime) -> bool:
    """Whether there may be more."""
    with transaction.atomic():
        mine = batches.lock(batch.shop_id, batch.id)
        if mine is None or mine.status != "committing":
            raise batches.Overtaken
        rows = batches.good_rows(batch.shop_id, batch.id, limit=CHUNK)
        by = mine.options.get("committed_by") or {"member_id": mine.created_by, "name": mine.created_by_name}
        actor = Actor(batch.shop_id, by["member_id"], by["name"], permissions=frozenset({"tasks"}))
        kept = [(row.row_no, decode(row.data)) for row in rows]
        entries = [Entry(row.number, row.at, row.due_at, row_no) for row_no, row in kept]
        judged = urges.enter(actor, entries, now=now, batch_id=batch.id) if entries else []
        for verdict, became in (("ready", "done"), ("same", "same")):
            those = [each for each in judged if each.verdict == verdict]
            row_nos, order_ids = [each.entry.row_no for each in those], [each.order_id or 0 for each in those]
            batches.mark_rows(batch.shop_id, batch.id, row_nos, order_ids, verdict=became)
        bad = {each.entry.row_no: each.problems for each in judged if each.verdict == "bad"}
        if bad:
            batches.reject_rows(batch.shop_id, batch.id, bad)
        shipments.recount(batch.shop_id, batch.id, now=now)
    return len(rows) >= CHUNK
