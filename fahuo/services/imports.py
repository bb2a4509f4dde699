"""Importing order lists and line lists: a file becomes rows with verdicts, and the good rows become orders.

Both halves go chunk by chunk, each chunk in its own transaction, and remember no more than a chunk and the numbers that
the file named so far. Line lists are in `import_lines`; what a row changes in an order that stands is in rules/imports.
"""

import hashlib
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime, tzinfo
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from django.db import IntegrityError, transaction

from fahuo.connectors.sheet.reader import Sheet, open_sheet
from fahuo.rules import sheets
from fahuo.rules.imports import PAID, Change, Standing, merge, plain, receiver_key, receiver_of
from fahuo.rules.orders import IN_BACKLOG, OrderDraft
from fahuo.rules.people import Actor
from fahuo.rules.problems import Problem, Refusal
from fahuo.rules.sheets import Layout
from fahuo.services import assignments, import_lines, reports, stock, tasks
from fahuo.services.collecting import without_collecting
from fahuo.services.deadlines import NO_DEADLINE, Desk
from fahuo.services.import_rows import CHUNK, Checked, encode, record, refused, rejected, told
from fahuo.services.timers import catch_up
from fahuo.services.unknown_sheets import described
from fahuo.store import batches, imports, sealed, timers
from fahuo.store import tasks as task_store
from fahuo.store.models import Batch, Shop

TRIES = 3
Record = tuple[Any, ...]

decode = msgspec.json.Decoder(OrderDraft).decode


def fingerprint(text: bytes) -> str:
    """What tells a draft from another one."""
    return hashlib.blake2b(text, digest_size=16).hexdigest()


# --- received: the file becomes rows with verdicts ---


@without_collecting()
def check(batch: Batch, *, now: datetime) -> None:
    """Read the file into rows with verdicts. Taken up again after the last chunk that was written.

    Raises Refusal when the file cannot be read, its header is unknown (`unknown_sheet`; the header is kept in the
    batch's options, for `map_columns`), or it holds shipments.
    """
    if batch.upload_id is None:
        raise Refusal.of("upload_forgotten")
    name, body = batches.upload(batch.shop_id, batch.upload_id)
    sheet = open_sheet(name, body)
    layout = _layout(batch, sheet)
    batches.set_options(batch.shop_id, batch.id, {
        "header": list(layout.header), "sheet": layout.kind, "layout": layout.name,
        "tells_refund": "refund_status" in layout.fields, "total": sheet.count, "samples": None,
    })  # fmt: skip
    zone = ZoneInfo(Shop.objects.get(id=batch.shop_id).time_zone)
    last = batches.last_row(batch.shop_id, batch.id)
    rows = (row for row in sheet.rows() if row.no > last)
    if layout.kind == "lines":
        import_lines.check_rows(batch, layout, rows, zone, now=now)
        return
    seen = batches.first_rows(batch.shop_id, batch.id)
    while chunk := list(islice(_read(layout, rows, zone, seen), CHUNK)):
        write_chunk(batch, chunk, now=now, tells_refund="refund_status" in layout.fields)


def _layout(batch: Batch, sheet: Sheet) -> Layout:
    layout = sheets.recognise(sheet.header)
    kept = batches.column_map(batch.shop_id, kind=batch.kind, fingerprint=sheets.fingerprint(sheet.header))
    if kept is not None:
        layout = sheets.map_header(sheet.header, msgspec.json.decode(kept))
    if layout is None or layout.problems:
        # the page offers the columns for mapping, whether nothing was recognised or a column is missing
        batches.set_options(batch.shop_id, batch.id, described(sheet))
    if layout is None:
        raise Refusal.of("unknown_sheet")
    if layout.kind == "shipments":
        raise Refusal.of("sheet_of_shipments")
    return layout.require()


def _read(layout: Layout, rows: Iterator[Any], zone: tzinfo, seen: dict[tuple[str, str], int]) -> Iterator[Checked]:
    for row in rows:
        draft = sheets.read_order(layout, row, zone)
        if not isinstance(draft, OrderDraft):
            yield refused(layout, row, [told(*found) for found in draft])
            continue
        first = seen.setdefault((draft.number, draft.number), row.no)
        if first != row.no:
            twice = Problem("number_twice", {"row": first})
            yield rejected(layout, row, "number", draft.number, twice, key="number")
            continue
        yield Checked(row.no, draft, encode(draft), draft.number, [])


def write_chunk(batch: Batch, chunk: Sequence[Checked], *, now: datetime, tells_refund: bool) -> None:
    """Verdicts for a chunk, against the orders as they stand, written in one transaction."""
    drafts = {row.number: row.draft for row in chunk if isinstance(row.draft, OrderDraft)}
    prints = {row.number: sealed.keyed(batch.shop_id, fingerprint(row.text)) for row in chunk if row.draft is not None}
    with transaction.atomic():
        known = imports.hashes(batch.shop_id, list(drafts))
        stale = [order_id for number, (order_id, old) in known.items() if old != prints[number]]
        standing = imports.standing(batch.shop_id, stale) if stale else {}
        changes = {
            number: merge(order, drafts[number], now=now, tells_refund=tells_refund)
            for number, order in standing.items()
        }
        records = [record(batch, row, *_verdict(row, known, standing, changes)) for row in chunk]
        verdicts = Counter(record[3] for record in records)
        good = verdicts["new"] + verdicts["update"] + verdicts["conflict"]
        batches.advance(batch, now=now, rows=len(records), good=good, bad=verdicts["bad"])
        batches.add_rows(records)


def _verdict(
    row: Checked, known: dict[str, tuple[int, str]], standing: dict[str, Standing], changes: dict[str, Change]
) -> tuple[str, int | None, bytes]:
    """(verdict, order, JSON) of a row."""
    if row.draft is None:
        return "bad", None, row.text
    if row.number not in known:
        return "new", None, row.text
    order_id, change = known[row.number][0], changes.get(row.number)
    if not change:
        return "same", order_id, row.text
    text = row.text[:-1] + b',"changes":' + encode(change.told(standing[row.number])) + b"}"
    return ("conflict" if change.conflict else "update"), order_id, text


# --- committing: the good rows become orders ---


@without_collecting()
def commit_rows(batch: Batch, *, now: datetime) -> None:
    """Write the good rows, chunk by chunk, against the orders as they stand now, not as they stood at the preview."""
    lines = batch.options.get("sheet") == "lines"
    desk = Desk(Shop.objects.get(id=batch.shop_id))
    tries = 0
    while True:
        done = batch.done_count
        try:
            with transaction.atomic():
                imports.take_turn(batch.shop_id)
                rows = batches.good_rows(batch.shop_id, batch.id, limit=CHUNK)
                if not rows:
                    return
                batches.advance(batch, now=now, done=len(rows))
                if lines:
                    touched = import_lines.write_chunk(batch, rows, actor_of(batch), now=now)
                else:
                    touched = commit_chunk(batch, rows, desk, now=now)
                reports.cover_new(batch.shop_id, touched, now=now)
                assignments.choose_new(actor_of(batch), touched, now=now)
            tries = 0
        except IntegrityError:
            # somebody wrote one of these orders after we looked for it; the next look finds it
            batch.done_count, tries = done, tries + 1
            if tries == TRIES:
                raise


def actor_of(batch: Batch) -> Actor:
    """Whoever opened the batch, for the journal."""
    return Actor(batch.shop_id, batch.created_by, batch.created_by_name)


def commit_chunk(batch: Batch, rows: Sequence[Any], desk: Desk, *, now: datetime) -> list[int]:
    """Write rows (row_no, number, data: a draft as JSON); the ids of their orders. In a transaction that has its turn."""
    drafts = {row.number: decode(row.data) for row in rows}
    known = imports.hashes(batch.shop_id, list(drafts))
    ids = {number: order_id for number, (order_id, _) in known.items()}
    fresh = [draft for number, draft in drafts.items() if number not in known]
    new_ids = imports.draw_ids(len(fresh))
    ids.update(zip((draft.number for draft in fresh), new_ids, strict=True))
    tally: Counter[str] = Counter()
    if fresh:
        _add_orders(batch, dict(zip(new_ids, fresh, strict=True)), desk, tally, now=now)
    if known:
        _update_orders(batch, drafts, list(ids.values()), desk, tally, now=now)
    imports.add_tally(batch.shop_id, tally)
    gone = [draft for draft in drafts.values() if draft.waybill]
    stock.follow(actor_of(batch), [draft.carrier for draft in gone], [draft.waybill for draft in gone], now=now)
    batches.mark_rows(batch.shop_id, batch.id, [row.row_no for row in rows], [ids[row.number] for row in rows])
    return list(ids.values())


def _add_orders(batch: Batch, fresh: dict[int, OrderDraft], desk: Desk, tally: Counter[str], *, now: datetime) -> None:
    shop_id = batch.shop_id
    orders, receivers, lines, backlog, entries, parcels = [], [], [], [], [], []
    for order_id, draft in fresh.items():
        paid_at, deadline = new_deadline(draft, desk, now)
        receiver = receiver_of(draft)
        orders.append(_order_record(shop_id, order_id, draft, desk, paid_at, deadline, receiver, now))
        receivers.append((shop_id, order_id, *receiver.values()))
        lines += import_lines.new_lines(shop_id, order_id, draft)
        if draft.status in IN_BACKLOG:
            backlog.append((shop_id, order_id, deadline[0] or NO_DEADLINE))
        if draft.waybill and draft.status in {"shipped", "completed", "part_shipped"}:
            parcels.append(_parcel(order_id, draft, now))
        entries.append((order_id, None, b'{"status":"%b","paid_amount":"%b"}'
                        % (draft.status.encode(), str(draft.paid_amount).encode())))  # fmt: skip
        tally[draft.status] += 1
    imports.copy_orders(orders)
    imports.copy_receivers(receivers)
    imports.copy_lines(lines)
    imports.copy_backlog(backlog)
    imports.add_parcels(shop_id, parcels)
    imports.add_journal(actor_of(batch), "order.imported", entries, batch_id=batch.id, now=now)


def new_deadline(draft: OrderDraft, desk: Desk, now: datetime) -> tuple[datetime | None, tuple[Any, str, str]]:
    """(paid_at, (deadline, clause, rule book)) of an order that is new here."""
    if draft.status not in PAID:
        return draft.paid_at, (None, "", "")
    paid_at = draft.paid_at or draft.ordered_at or now
    return paid_at, desk.of_draft(draft, paid_at)


def _order_record(
    shop_id: int, order_id: int, draft: OrderDraft, desk: Desk, paid_at: datetime | None, deadline: tuple[Any, str, str],
    receiver: dict[str, Any], now: datetime,
) -> Record:  # fmt: skip
    """In the order of store.imports.ORDER_COLUMNS. Where the sheet leaves a moment out, the last one known stands in."""
    status = draft.status
    ordered_at = draft.ordered_at or paid_at or now
    completed_at, closed_at = draft.completed_at, None
    if status == "completed":
        completed_at = completed_at or draft.shipped_at or paid_at
    elif status == "closed":
        closed_at = completed_at or draft.shipped_at or paid_at or ordered_at
    key = receiver_key(
        draft.buyer, receiver["name"], receiver["phone"], receiver["phone_extension"], receiver["province"],
        receiver["city"], receiver["district"], receiver["address"],
    )  # fmt: skip
    memo = draft.memo or ""
    stamp = now.isoformat()
    return (
        shop_id, order_id, draft.number, status, draft.kind, draft.buyer, draft.title, draft.quantity,
        draft.item_amount, draft.postage, draft.paid_amount, draft.refund_status, draft.refund_amount, draft.region,
        key, draft.buyer_message, memo, memo, draft.flag, ordered_at, paid_at, draft.shipped_at, completed_at,
        closed_at, draft.close_reason, desk.promise_hours if draft.promise_hours is None else draft.promise_hours, draft.promised_until, draft.channel_deadline, *deadline,
        0, "", fingerprint(encode(draft)), stamp, stamp,
    )  # fmt: skip


def _parcel(order_id: int, draft: OrderDraft, now: datetime) -> dict[str, Any]:
    """The parcel that a sheet tells of. One whose order is completed lives no more: its number is free again."""
    return {
        "order_id": order_id, "carrier": draft.carrier, "waybill": draft.waybill, "whole": draft.status != "part_shipped",
        "shipped_at": draft.shipped_at or draft.completed_at or draft.paid_at or now,
        "retired_at": (draft.completed_at or now) if draft.status == "completed" else None,
    }  # fmt: skip


def _update_orders(
    batch: Batch, drafts: dict[str, OrderDraft], order_ids: list[int], desk: Desk, tally: Counter[str], *,
    now: datetime,
) -> None:  # fmt: skip
    tells = bool(batch.options.get("tells_refund"))
    if timers.late(batch.shop_id, order_ids, until=now):
        catch_up(batch.shop_id, task_store.hold(batch.shop_id, order_ids), now=now)
    standing = imports.standing(batch.shop_id, order_ids, lock=True)
    changed: list[tuple[Standing, Standing, Change]] = []
    for number, order in standing.items():
        draft = drafts[number]
        change = merge(order, draft, now=now, tells_refund=tells)
        if not change:
            continue
        after = order._replace(**change.order, **change.receiver, draft_hash=fingerprint(encode(draft)), updated_at=now)
        if after.status in IN_BACKLOG:
            deadline, clause, rulebook = desk.of_order(after)
            after = after._replace(deadline=deadline, deadline_clause=clause, rulebook=rulebook)
        changed.append((order, after, change))
    _write_changed(batch, changed, tally, now=now)
    gone = [
        _parcel(after.id, drafts[after.number], now) for before, after, change in changed
        if drafts[after.number].waybill and before.status in {"awaiting_payment", *IN_BACKLOG}
        and change.order.get("status") in {"part_shipped", "shipped", "completed"}
    ]  # fmt: skip
    imports.add_parcels(batch.shop_id, gone)
    tasks.marketplace_told(actor_of(batch), [after for _, after, _ in changed], now=now)


def _write_changed(
    batch: Batch, changed: Sequence[tuple[Standing, Standing, Change]], tally: Counter[str], *, now: datetime
) -> None:
    shop_id = batch.shop_id
    after = [new for _, new, _ in changed]
    imports.update_orders(shop_id, after)
    imports.update_receivers(shop_id, [new for _, new, change in changed if change.receiver])
    imports.update_summary_lines(
        shop_id, [new for _, new, change in changed if change.order.keys() & {"title", "quantity"}]
    )
    imports.put_backlog(shop_id, {
        new.id: new.deadline or NO_DEADLINE for old, new, _ in changed
        if new.status in IN_BACKLOG and (old.status not in IN_BACKLOG or old.deadline != new.deadline)
    })  # fmt: skip
    left = [new for old, new, _ in changed if old.status in IN_BACKLOG and new.status not in IN_BACKLOG]
    imports.drop_backlog(shop_id, [new.id for new in left])
    imports.ship_lines(shop_id, [new.id for new in left if new.status != "closed"])
    for old, new, _ in changed:
        tally[old.status] -= 1
        tally[new.status] += 1
    entries = [(new.id, *_told(old, new, change)) for old, new, change in changed]
    imports.add_journal(actor_of(batch), "order.updated", entries, batch_id=batch.id, now=now)


def _told(old: Standing, new: Standing, change: Change) -> tuple[bytes, bytes]:
    """Before and after of an update for the journal; of personal fields only that they changed."""
    told = change.told(old)
    before = {item["field"]: item["before"] for item in told if item["before"] != item["after"]}
    after: dict[str, Any] = {item["field"]: item["after"] for item in told if item["before"] != item["after"]}
    hidden = [item["field"] for item in told if item["before"] is None and item["after"] is None]
    if hidden:
        after["changed"] = hidden
    if old.deadline != new.deadline:
        before["deadline"], after["deadline"] = plain(old.deadline), plain(new.deadline)
    return encode(before), encode(after)
