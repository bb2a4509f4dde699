"""Importing line lists (宝贝报表): the lines of orders that stand already.

A line list changes no order's status. It takes the place of the one line that stood for the whole order, keeps what was
shipped, and tells the order when a refund of a line begins or ends.
"""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime, tzinfo
from itertools import islice
from typing import Any

import msgspec
from django.db import transaction

from fahuo.rules import sheets
from fahuo.rules.imports import RANK, Standing, line_refunds
from fahuo.rules.orders import LineDraft, OrderDraft
from fahuo.rules.people import Actor
from fahuo.rules.problems import Problem
from fahuo.rules.sheets import Layout, SheetRow
from fahuo.services import tasks
from fahuo.services.import_rows import CHUNK, Checked, encode, record, refused, rejected, told
from fahuo.store import batches, imports
from fahuo.store.models import Batch

decode = msgspec.json.Decoder(LineDraft).decode
Lines = dict[int, dict[str, Any]]

FIELDS = ("title", "sku", "sku_code", "item_code", "quantity", "price", "amount", "refund_status", "refund_amount",
          "remark")  # fmt: skip


def new_lines(shop_id: int, order_id: int, draft: OrderDraft) -> list[tuple[Any, ...]]:
    """The lines of a new order, in the order of store.imports.LINE_COLUMNS; one for the whole where none are told."""
    whole = LineDraft(order_number=draft.number, title=draft.title, quantity=draft.quantity)
    gone = draft.status in {"shipped", "completed"}
    return [
        (shop_id, order_id, line.number, line.title, line.sku, line.sku_code, line.item_code, line.quantity,
         line.quantity if gone else 0, line.price, line.amount, line.refund_status, line.refund_amount, line.remark)
        for line in draft.lines or (whole,)
    ]  # fmt: skip


# --- received ---


def check_rows(batch: Batch, layout: Layout, rows: Iterator[SheetRow], zone: tzinfo, *, now: datetime) -> None:
    """Read the rows into verdicts, chunk by chunk."""
    seen = batches.first_rows(batch.shop_id, batch.id)
    read = _read(layout, rows, zone, seen)
    while chunk := list(islice(read, CHUNK)):
        _check_chunk(batch, chunk, now=now)


def _read(
    layout: Layout, rows: Iterator[SheetRow], zone: tzinfo, seen: dict[tuple[str, str], int]
) -> Iterator[Checked]:
    for row in rows:
        draft = sheets.read_line(layout, row, zone)
        if not isinstance(draft, LineDraft):
            yield refused(layout, row, [told(*found) for found in draft], field="order_number")
            continue
        if not draft.number:
            draft.number = _made_number(draft, seen)
        first = seen.setdefault((draft.order_number, draft.number), row.no)
        if first != row.no:
            twice = Problem("line_twice", {"row": first})
            yield rejected(layout, row, "number", draft.number, twice, key="order_number")
            continue
        yield Checked(row.no, draft, encode(draft), draft.order_number, [])


def _made_number(draft: LineDraft, seen: dict[tuple[str, str], int]) -> str:
    """A number for a line of the old lists, which have none: the same goods of an order get the same again."""
    goods = "\x1f".join((draft.title, draft.sku, draft.sku_code, draft.item_code))
    stem = "~" + hashlib.blake2b(goods.encode(), digest_size=6).hexdigest()
    place = 1
    while (draft.order_number, f"{stem}-{place}") in seen:
        place += 1
    return f"{stem}-{place}"


def _check_chunk(batch: Batch, chunk: Sequence[Checked], *, now: datetime) -> None:
    known = imports.hashes(batch.shop_id, list({row.number for row in chunk if row.draft is not None}))
    ids = [order_id for order_id, _ in known.values()]
    lines = imports.lines(batch.shop_id, ids)
    standing = imports.standing(batch.shop_id, ids)
    records = []
    for row in chunk:
        verdict, problem = "bad", None
        if isinstance(row.draft, LineDraft):
            order = standing.get(row.number)
            verdict, problem = _verdict(row.draft, order, lines.get(order.id, {}) if order else {})
        if problem is not None:
            row = row._replace(problems=[told("", row.number, problem)])
        order_id = known[row.number][0] if row.draft is not None and row.number in known else None
        records.append(record(batch, row, verdict, order_id, row.text))
    counts = Counter(made[3] for made in records)
    good = counts["new"] + counts["update"] + counts["conflict"]
    with transaction.atomic():
        batches.advance(batch, now=now, rows=len(records), good=good, bad=counts["bad"])
        batches.add_rows(records)


def _verdict(draft: LineDraft, order: Standing | None, lines: dict[str, Any]) -> tuple[str, Problem | None]:
    if order is None:
        return "bad", Problem("line_without_order")
    line = lines.get(draft.number)
    if line is None:
        held = any(old.in_parcel for old in lines.values() if _made_up(old.number, draft.number))
        return ("bad", Problem("lines_in_parcel")) if held else ("new", None)
    if draft.quantity < line.shipped_quantity:
        return "bad", Problem("line_below_shipped", {"shipped": line.shipped_quantity})
    if all(getattr(draft, name) == getattr(line, name) for name in FIELDS):
        return "same", None
    refund = draft.refund_status in {"requested", "agreed", "succeeded"} and draft.refund_status != line.refund_status
    under_way = order.status in {"part_shipped", "shipped"} or (
        order.printed_at and RANK[order.status] < RANK["shipped"]
    )
    return ("conflict" if refund and under_way else "update"), None


def _made_up(old: str, new: str) -> bool:
    """Whether the line `old` only stood in until lines like `new` are known."""
    return old == "" or (old.startswith("~") and not new.startswith("~"))


# --- committing ---


def write_chunk(batch: Batch, rows: Sequence[Any], actor: Actor, *, now: datetime) -> list[int]:
    """Write a chunk's lines onto their orders, within the caller's transaction; the ids of the orders."""
    drafts = {row.row_no: decode(row.data) for row in rows}
    known = imports.hashes(batch.shop_id, list({draft.order_number for draft in drafts.values()}))
    ids = [order_id for order_id, _ in known.values()]
    standing = imports.standing(batch.shop_id, ids, lock=True)
    lines = imports.lines(batch.shop_id, ids)
    good: dict[int, LineDraft] = {}
    bad: dict[int, list[dict[str, Any]]] = {}
    for row_no, draft in drafts.items():
        order = standing.get(draft.order_number)
        _, problem = _verdict(draft, order, lines.get(order.id, {}) if order else {})
        if problem is None:
            good[row_no] = draft
        else:
            bad[row_no] = [told("", draft.order_number, problem)]
    _put(batch.shop_id, list(good.values()), standing, lines)
    _tell_orders(batch, list(good.values()), standing, actor, now=now)
    order_ids = [standing[draft.order_number].id for draft in good.values()]
    batches.mark_rows(batch.shop_id, batch.id, list(good), order_ids)
    if bad:
        batches.reject_rows(batch.shop_id, batch.id, bad)
    return list(dict.fromkeys(order_ids))


def _put(shop_id: int, drafts: Sequence[LineDraft], standing: dict[str, Standing], lines: Lines) -> None:
    stood_in, rows = set(), []
    for draft in drafts:
        order = standing[draft.order_number]
        stood_in |= {old.id for old in lines.get(order.id, {}).values() if _made_up(old.number, draft.number)}
        gone = order.status in {"shipped", "completed"}
        rows.append({
            "order_id": order.id, "number": draft.number, "shipped_quantity": draft.quantity if gone else 0,
            **{name: getattr(draft, name) for name in FIELDS},
        })  # fmt: skip
    imports.drop_lines(shop_id, sorted(stood_in))
    imports.put_lines(shop_id, rows)


def _tell_orders(
    batch: Batch, drafts: Sequence[LineDraft], standing: dict[str, Standing], actor: Actor, *, now: datetime
) -> None:
    """Journal the orders whose lines changed; where the list tells refunds, let the order know of them."""
    counts = Counter(draft.order_number for draft in drafts)
    orders = [standing[number] for number in counts]
    statuses: dict[int, set[str]] = defaultdict(set)
    if batch.options.get("tells_refund"):
        for order_id, of_order in imports.lines(batch.shop_id, [order.id for order in orders]).items():
            statuses[order_id] = {line.refund_status for line in of_order.values()}
    changed, entries = [], []
    for order in orders:
        after: dict[str, Any] = {"lines": counts[order.number]}
        before: dict[str, Any] | None = None
        change = line_refunds(order, statuses[order.id], now=now) if statuses[order.id] else None
        if change:
            changed.append(order._replace(**change.order, updated_at=now))
            before = {name: getattr(order, name) for name in ("refund_status", "conflict") if name in change.order}
            after |= {name: change.order[name] for name in before}
        entries.append((order.id, None if before is None else encode(before), encode(after)))
    imports.update_orders(batch.shop_id, changed)
    tasks.marketplace_told(actor, changed, now=now)
    imports.add_journal(actor, "order.updated", entries, batch_id=batch.id, now=now)
