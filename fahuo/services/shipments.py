"""Shipping by batch: orders chosen or a sheet taken in, numbers filled in, every row judged, then all shipped by sets.

`services.batches` leads a batch through its life and calls `check`, `commit_rows` and `undo` here. A row waits until
it has a number; a bad row never stops the good ones; what was shipped is never shipped again.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, Final

import msgspec
from django.db import transaction

from fahuo.connectors.sheet.reader import open_sheet
from fahuo.rules import carriers, sheets, waybills
from fahuo.rules.parcels import why_not_ship
from fahuo.rules.people import Actor
from fahuo.rules.problems import Problem, Refusal
from fahuo.rules.shipments import NOT_FREE, Ask, Judged, judge, told
from fahuo.services import label_parcels, stock
from fahuo.services.collecting import without_collecting
from fahuo.services.papers import address_sheet, upload_file
from fahuo.services.parcels import NO_DEADLINE, left, name_parcel
from fahuo.services.timers import catch_up
from fahuo.services.unknown_sheets import described
from fahuo.store import batches, parcels, shipments, timers
from fahuo.store.models import Batch

__all__ = [
    "address_sheet", "assign_carrier", "check", "commit_rows", "fill_from_run", "fill_from_sheet", "open_shipments",
    "open_shipments_sheet", "undo", "upload_file",
]  # fmt: skip

CHUNK: Final = 10_000
"""Rows shipped in one transaction: about a second."""

OPEN: Final = ("ready", "waiting", "bad", "same")
"""Verdicts that a check gives anew. `done` stands; `undone` (its parcel was voided) waits for a number of its own."""


def open_shipments(actor: Actor, *, order_ids: Sequence[int], now: datetime, name: str = "") -> int:
    """A batch with a row for each order, in the given order; its id. Rows that cannot be shipped say so at once.

    Raises Refusal `no_orders_chosen`, `order_unknown`.
    """
    actor.require("ship")
    order_ids = list(dict.fromkeys(order_ids))
    if not order_ids:
        raise Refusal.of("no_orders_chosen")
    with transaction.atomic():
        batch_id = batches.add(actor, kind="shipments", status="open", name=name, now=now)
        if shipments.open_rows(actor.shop_id, batch_id, order_ids) != len(order_ids):
            raise Refusal.of("order_unknown", order="")
        _judge_open(actor.shop_id, batch_id, now=now)
    return batch_id


def open_shipments_sheet(actor: Actor, *, name: str, body: bytes, now: datetime, carrier: str = "") -> int:
    """A batch from a sheet of order number, carrier and waybill number; `carrier` where the sheet names none; its id.

    The clock (or `batches.work`) reads it. Raises Refusal `carrier_unknown`.
    """
    actor.require("ship")
    code = _code(carrier) if carrier else ""
    with transaction.atomic():
        upload_id = batches.add_upload(actor.shop_id, name=name, body=body, now=now)
        batch_id = batches.add(
            actor, kind="shipments", status="received", name=name, upload_id=upload_id, now=now,
            options={"pending": upload_id, "carrier": code},
        )  # fmt: skip
        batches.notify(actor.shop_id, batch_id)
    return batch_id


def open_rows(
    actor: Actor, layout: sheets.Layout, rows: Sequence[sheets.SheetRow], *, name: str, carrier: str = "", now: datetime
) -> int:  # fmt: skip
    """A batch from rows that are here already, with their verdicts, in the caller's transaction; its id. It is `received`.

    `carrier` stands in where a row names none. Raises Refusal `carrier_unknown`.
    """
    actor.require("ship")
    code = _code(carrier) if carrier else ""
    batch_id = batches.add(
        actor, kind="shipments", status="received", name=name, now=now, options={"by_api": True, "pending": None}
    )
    _add_rows(actor.shop_id, batch_id, list(_asks(layout, rows, code, keep_empty=True)))
    shipments.recount(actor.shop_id, batch_id, now=now)
    return batch_id


def fill_from_sheet(
    actor: Actor, batch_id: int, *, name: str, body: bytes, now: datetime, carrier: str = ""
) -> None:  # fmt: skip
    """Take numbers back for a batch from a sheet, matched by order number. The clock (or `batches.work`) reads it.

    Rows that are shipped stay as they are. Raises Refusal `carrier_unknown`, `batch_not_there`.
    """
    with transaction.atomic():
        _access(actor, batch_id)
        upload_id = batches.add_upload(actor.shop_id, name=name, body=body, now=now)
        options = {"pending": upload_id, "carrier": _code(carrier) if carrier else ""}
        _fill(actor, batch_id, now=now)
        batches.set_options(actor.shop_id, batch_id, options)


def fill_from_run(
    actor: Actor, batch_id: int, *, carrier: str, first: str, now: datetime, last: str | None = None,
    again: bool = False,
) -> None:  # fmt: skip
    """Give consecutive numbers from `first` on to the rows that wait, in the batch's order; `last` ends the range.

    The rows are those assigned to the carrier or, where none is, those assigned to nobody: the same as in the address
    table. `again` also replaces the numbers of rows not shipped yet. Raises Refusal `nothing_waiting`, what
    `waybills.run_of` says (`run_ends`, `no_increment`, `waybill_shape` ...), `carrier_unknown`, `batch_not_there`.
    """
    with transaction.atomic():
        _access(actor, batch_id)
        code = _code(carrier)
        rows = shipments.asks(actor.shop_id, batch_id, ("waiting", "ready", "undone") if again else ("waiting",))
        if not again:
            rows = [row for row in rows if not row.waybill]
        rows = [row for row in rows if row.carrier == code] or [row for row in rows if not row.carrier]
        if not rows:
            raise Refusal.of("nothing_waiting")
        for row, waybill in zip(rows, waybills.run_of(code, first, len(rows), last=last or None), strict=True):
            row.carrier, row.waybill, row.faults = code, waybill, []
        _fill(actor, batch_id, now=now)
        # A sheet that could not be read is not read again: the run stands in for it.
        batches.set_options(actor.shop_id, batch_id, {"pending": None})
        shipments.set_numbers(actor.shop_id, batch_id, rows)


def assign_carrier(
    actor: Actor, batch_id: int, *, carrier: str, now: datetime, row_nos: Sequence[int] | None = None
) -> int:
    """Say which carrier takes the rows without a number ("" for nobody): all, or those of `row_nos`; how many."""
    with transaction.atomic():
        _access(actor, batch_id)
        code = _code(carrier) if carrier else ""
        return shipments.assign_carrier(actor.shop_id, batch_id, code, row_nos)


def _code(carrier: str) -> str:
    known = carriers.find(carrier)
    if known is None:
        raise Refusal.of("carrier_unknown", carrier=carrier[:40])
    return known.code


def _access(actor: Actor, batch_id: int) -> Batch:
    actor.require("ship")
    batch = batches.lock(actor.shop_id, batch_id)
    if batch is None:
        raise Refusal.of("batch_unknown", batch=batch_id)
    if batch.kind != "shipments":
        raise Refusal.of("batch_not_shipments")
    return batch


def _fill(actor: Actor, batch_id: int, *, now: datetime) -> None:
    if not batches.move(actor.shop_id, batch_id, "fill", now=now):
        batch = batches.find(actor.shop_id, batch_id)
        raise Refusal.of("batch_not_there", status=batch.status if batch else "")
    batches.notify(actor.shop_id, batch_id)


# ---- the check --------------------------------------------------------------------------------------------------


@without_collecting()
def check(batch: Batch, *, now: datetime) -> None:
    """Read the sheet that is pending, if one is, and give every row that is not shipped its verdict.

    Raises Refusal when the sheet cannot be read (nothing changes), Overtaken when the batch moved meanwhile.
    """
    with transaction.atomic():
        mine = batches.lock(batch.shop_id, batch.id)
        if mine is None or mine.status != "received":
            raise batches.Overtaken
        pending = mine.options.get("pending")
        seen: dict[str, Any] = {}
        if pending is None:
            _judge_open(mine.shop_id, mine.id, now=now)
            return
        try:
            with transaction.atomic():
                _take_in(mine, seen, pending, now=now)
        except Refusal as refusal:
            wrong = refusal
        else:
            batches.set_options(mine.shop_id, mine.id, {"pending": None, **seen, "samples": None})
            return
        # Whoever maps the columns needs to see them; the sheet stays pending.
        if seen:
            batches.set_options(mine.shop_id, mine.id, seen)
    raise wrong


def _take_in(batch: Batch, seen: dict[str, Any], upload_id: int, *, now: datetime) -> None:
    name, body = batches.upload(batch.shop_id, upload_id)
    sheet = open_sheet(name, body)
    seen.update(described(sheet))
    layout = _layout(batch.shop_id, sheet.header)
    came = list(_asks(layout, sheet.rows(), str(batch.options.get("carrier") or "")))
    if batch.upload_id == upload_id:
        batches.clear_rows(batch.shop_id, batch.id)
        _add(batch, came)
    else:
        _merge(batch, came)
        _judge_open(batch.shop_id, batch.id, now=now)
    shipments.recount(batch.shop_id, batch.id, now=now)


def _layout(shop_id: int, header: list[str]) -> sheets.Layout:
    """How to read the sheet: as the shop mapped it once, else as we know it. Raises Refusal."""
    kept = batches.column_map(shop_id, kind="shipments", fingerprint=sheets.fingerprint(header))
    if kept is not None:
        return sheets.map_header(header, msgspec.json.decode(kept), kind="shipments")
    layout = sheets.recognise(header)
    if layout is None or layout.kind != "shipments":
        raise Refusal.of("sheet_without_shipments")
    return layout.require()


def _asks(layout: sheets.Layout, rows: Any, carrier: str, *, keep_empty: bool = False) -> Iterator[Ask]:
    places = next((bound.places for bound in layout.plan if bound.field == "number"), ())
    for row in rows:
        read = sheets.read_shipment(layout, row, carrier=carrier)
        if isinstance(read, sheets.ShipmentDraft):
            yield Ask(row.no, read.number, read.carrier, read.waybill, cells=row.cells)
        elif any(row.cells) or keep_empty:
            number = next((row.cells[place] for place in places if place < len(row.cells) and row.cells[place]), "")
            faults = [told(fault.problem, fault.column, fault.value) for fault in read]
            yield Ask(row.no, number[:40], faults=faults, cells=row.cells)


def _merge(batch: Batch, came: Sequence[Ask]) -> None:
    """Give the batch's rows what the sheet says of their orders; what else it says becomes rows after the last."""
    shipments.drop_strays(batch.shop_id, batch.id)
    own = {ask.number: ask for ask in shipments.asks(batch.shop_id, batch.id, (*OPEN, "undone", "done"))}
    filled: dict[str, Ask] = {}
    strays: list[Ask] = []
    shipped = {ask.number: ask for ask in shipments.asks(batch.shop_id, batch.id, ("done",))}
    last = batches.last_row(batch.shop_id, batch.id)
    for ask in came:
        done = shipped.get(ask.number)
        if done is not None and (done.carrier, done.waybill) == (ask.carrier, ask.waybill):
            continue
        if done is None and ask.number in own and ask.number not in filled:
            ask.row_no = own[ask.number].row_no
            filled[ask.number] = ask
            continue
        ask.stray, ask.row_no = True, last + len(strays) + 1
        if ask.number not in own and batch.upload_id is None and not ask.faults:
            ask.faults = [told(Problem("not_in_batch", {"order": ask.number}), "number", ask.number)]
        strays.append(ask)
    shipments.set_numbers(batch.shop_id, batch.id, list(filled.values()))
    _add(batch, strays)


def _add(batch: Batch, rows: Sequence[Ask]) -> None:
    _add_rows(batch.shop_id, batch.id, rows)


def _add_rows(shop_id: int, batch_id: int, rows: Sequence[Ask]) -> None:
    shipments.add(shop_id, batch_id, rows, _judge(shop_id, batch_id, rows))


def _judge_open(shop_id: int, batch_id: int, *, now: datetime) -> None:
    rows = shipments.asks(shop_id, batch_id, OPEN)
    shipments.mark(shop_id, batch_id, rows, _judge(shop_id, batch_id, rows))
    shipments.recount(shop_id, batch_id, now=now)


def _judge(shop_id: int, batch_id: int, rows: Sequence[Ask]) -> list[Judged]:
    """The verdict of each row; a problem names the parcel or the order in its way."""
    if not rows:
        return []
    found = shipments.standing(shop_id, batch_id, rows)
    judged = judge(rows, found)
    wrong = [(verdict, stands) for verdict, stands in zip(judged, found, strict=True) if verdict.verdict == "bad"]
    if wrong:
        _name(shop_id, wrong)
    return judged


def _name(shop_id: int, wrong: Sequence[tuple[Judged, Any]]) -> None:
    """Say of bad rows what stands in the way of their order, and which order uses their number."""
    codes = {problem["code"] for verdict, _ in wrong for problem in verdict.problems}
    if not codes & {NOT_FREE, "waybill_in_use"}:
        return
    stuck = sorted({stands.order_id for _, stands in wrong if stands.order_id and not stands.free})
    orders = {order.id: order for order in parcels.facts(shop_id, stuck)}
    shipped = shipments.shipped_as(shop_id, stuck)
    users = shipments.held_by(shop_id, [stands.living_id for _, stands in wrong if stands.living_id])
    for verdict, stands in wrong:
        for problem in verdict.problems:
            if problem["code"] == NOT_FREE:
                why = why_not_ship(orders[stands.order_id]) or Problem("ship_overtaken")
                problem.update(name_parcel(why, shipped.get(stands.order_id)).as_dict())
            elif problem["code"] == "waybill_in_use":
                problem["data"]["order"] = users.get(stands.living_id, "")


# ---- shipping ---------------------------------------------------------------------------------------------------


@without_collecting()
def commit_rows(batch: Batch, *, now: datetime) -> None:
    """Ship the ready rows, CHUNK by CHUNK, each its own transaction. What cannot be shipped any more turns bad.

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
        rows = shipments.ready(batch.shop_id, batch.id, limit=CHUNK)
        if rows:
            order_ids = sorted(row.order_id for row in rows)
            actor = _actor(mine)
            if timers.late(batch.shop_id, order_ids, until=now):
                parcels.lock_orders(batch.shop_id, order_ids)
                catch_up(batch.shop_id, order_ids, now=now)
            load = _load(rows)
            moved = parcels.ship(actor, load, now=now, batch_id=batch.id)
            left(actor, order_ids, now=now)
            stock.follow(actor, load.carriers, load.waybills, now=now)
            if moved.count < len(rows):
                _reject(mine, {row.row_no for row in rows})
        shipments.recount(batch.shop_id, batch.id, now=now)
    return len(rows) >= CHUNK


def _actor(batch: Batch) -> Actor:
    """Who let the batch be shipped: the journal's actor."""
    by = batch.options.get("committed_by") or {"member_id": batch.created_by, "name": batch.created_by_name}
    return Actor(batch.shop_id, by["member_id"], by["name"])


def _load(rows: Sequence[Any]) -> parcels.Load:
    load = parcels.Load()
    places: dict[tuple[str, str], int] = {}
    for row in rows:
        number = (row.carrier, row.waybill)
        place = places.get(number)
        if place is None:
            place = places[number] = load.parcel(*number)
        load.order(row.order_id, place, row_no=row.row_no)
    return load


def _reject(batch: Batch, row_nos: set[int]) -> None:
    """Say of those of the rows that are still `ready` why they could not be shipped."""
    rows = [ask for ask in shipments.asks(batch.shop_id, batch.id, ("ready",)) if ask.row_no in row_nos]
    overtaken = [told(Problem("ship_overtaken"), "number", "")]
    verdicts = [
        Judged("bad", judged.order_id, overtaken) if judged.verdict == "ready" else judged
        for judged in _judge(batch.shop_id, batch.id, rows)
    ]
    shipments.mark(batch.shop_id, batch.id, rows, verdicts)


def undo(actor: Actor, batch: Batch, *, now: datetime) -> None:
    """Take back every parcel of a committed batch, inside the caller's transaction: the rows are `ready` again.

    Raises Refusal `batch_scanned` when a carrier scanned one of them.
    """
    actor.require("ship")
    scanned = parcels.lock_for_void(batch.shop_id, batch_id=batch.id)
    if scanned is None:
        gone = parcels.void(actor, batch_id=batch.id, no_deadline=NO_DEADLINE, now=now)
        label_parcels.came_back(actor, [parcel.id for parcel in gone], now=now)
        stock.follow(actor, [row.carrier for row in gone], [row.waybill for row in gone], now=now)
        # A scan that came in between left its parcel living; then nothing is undone.
        scanned = parcels.lock_for_void(batch.shop_id, batch_id=batch.id)
    if scanned is not None:
        raise Refusal.of("batch_scanned", value=scanned.waybill, order=scanned.number or "")
    shipments.recount(batch.shop_id, batch.id, now=now)
