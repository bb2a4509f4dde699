"""Thousands of rows in one call: the same batches, rules and verdicts as a file's, to the end, within one transaction.

What a shop's software sends stands under 批次 like an import or a shipping: seen, undone and corrected there.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from itertools import islice
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.db import transaction

from fahuo.rules import sheets
from fahuo.rules.orders import LineDraft, OrderDraft
from fahuo.rules.people import Actor
from fahuo.rules.problems import Problem, Refusal
from fahuo.rules.sheets import Layout, SheetRow
from fahuo.rules.sheets.columns import COLUMNS
from fahuo.services import imports, shipments
from fahuo.services.collecting import without_collecting
from fahuo.services.import_rows import CHUNK, Checked, encode, refused, rejected, told
from fahuo.store import batches, statistics
from fahuo.store import bulk as store
from fahuo.store.models import Batch, Shop

Row = Mapping[str, str]

STATUS_WORDS: Final[Mapping[str, str]] = {
    "awaiting_payment": "WAIT_BUYER_PAY", "awaiting_shipment": "WAIT_SELLER_SEND_GOODS",
    "part_shipped": "SELLER_CONSIGNED_PART", "shipped": "WAIT_BUYER_CONFIRM_GOODS", "completed": "TRADE_FINISHED",
    "closed": "TRADE_CLOSED",
}  # fmt: skip
REFUND_WORDS: Final[Mapping[str, str]] = {
    "none": "NO_REFUND", "requested": "WAIT_SELLER_AGREE", "agreed": "WAIT_BUYER_RETURN_GOODS",
    "refused": "SELLER_REFUSE_BUYER", "succeeded": "SUCCESS",
}  # fmt: skip
KIND_WORDS: Final[Mapping[str, str]] = {"presale_full": "全款预售", "presale_staged": "分阶段预售"}
"""Our own words, as the sheets' readers know them."""
_WORDS: Final = {"status": STATUS_WORDS, "refund_status": REFUND_WORDS, "kind": KIND_WORDS}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one row: the batch's verdict (see rules.batches), the order, the parcel, and what is wrong or to be
    looked at, each with the field it is about ("" for the whole row)."""

    verdict: str
    number: str
    order_id: int | None
    parcel_id: int | None
    problems: list[tuple[str, Problem]]


@cache
def layout(kind: str) -> tuple[Layout, Mapping[str, str]]:
    """How rows of fields are read as rows of a sheet, and heading -> field."""
    headings = {column.headings[0]: field for field, column in COLUMNS[kind].items()}
    return sheets.map_header(list(headings), headings, kind=kind), headings  # type: ignore[arg-type]  # a kind of sheet


def _cells(kind: str, row: Row) -> list[str]:
    return [
        _WORDS.get(field, {}).get(text := row.get(field, "").replace("\0", "").strip(), text) for field in COLUMNS[kind]
    ]


@without_collecting()
def take_orders(
    actor: Actor, rows: Sequence[tuple[Row, Sequence[Row]]], *, name: str, now: datetime
) -> tuple[int, list[Outcome]]:  # fmt: skip
    """Import orders, each as (fields of rules.sheets' order columns, its lines); (the batch's id, an outcome for each row).

    Lines are taken with orders that are new here. Refusal `not_permitted`.
    """
    actor.require("import_orders")
    known, headings = layout("orders")
    with transaction.atomic():
        batch_id = batches.add(
            actor, kind="orders", status="received", name=name, now=now,
            options={"by_api": True, "header": list(known.header), "sheet": "orders", "layout": "api", "tells_refund": True},
        )  # fmt: skip
        batch = _batch(actor.shop_id, batch_id)
        zone = ZoneInfo(Shop.objects.get(id=actor.shop_id).time_zone)
        read = _read_orders(known, rows, zone)
        while chunk := list(islice(read, CHUNK)):
            imports.write_chunk(batch, chunk, now=now, tells_refund=True)
        _commit(actor, batch_id, now=now)
    return batch_id, _outcomes(actor.shop_id, batch_id, headings)


def _read_orders(known: Layout, rows: Sequence[tuple[Row, Sequence[Row]]], zone: ZoneInfo) -> Iterator[Checked]:
    seen: dict[str, int] = {}
    for no, (fields, lines) in enumerate(rows, 1):
        row = SheetRow(no, _cells("orders", fields))
        draft = sheets.read_order(known, row, zone)
        if not isinstance(draft, OrderDraft):
            yield refused(known, row, [told(*found) for found in draft])
            continue
        first = seen.setdefault(draft.number, no)
        if first != no:
            yield rejected(known, row, "number", draft.number, Problem("number_twice", {"row": first}), key="number")
            continue
        problems = _read_lines(draft, lines, zone)
        if problems:
            yield refused(known, row, problems)
            continue
        yield Checked(no, draft, encode(draft), draft.number, [])


def _read_lines(draft: OrderDraft, lines: Sequence[Row], zone: ZoneInfo) -> list[dict[str, Any]]:
    """Give the draft its lines; what is wrong with them."""
    known, _ = layout("lines")
    found: list[LineDraft] = []
    problems: list[dict[str, Any]] = []
    for place, fields in enumerate(lines, 1):
        cells = _cells("lines", {"number": f"{draft.number}-{place}", **fields, "order_number": draft.number})
        line = sheets.read_line(known, SheetRow(place, cells), zone)
        if isinstance(line, LineDraft):
            found.append(line)
        else:
            problems += [told("lines", bad.value, bad.problem) for bad in line]
    draft.lines = found
    return problems


@without_collecting()
def ship_rows(
    actor: Actor, rows: Sequence[Row], *, name: str, carrier: str = "", now: datetime
) -> tuple[int, list[Outcome]]:  # fmt: skip
    """Ship orders, each as (number, carrier, waybill); (the batch's id, an outcome for each row in its order).

    `carrier` stands in where a row names none. Rows with the same carrier and number leave in one parcel. Refusals
    `not_permitted`, `carrier_unknown`.
    """
    actor.require("ship")
    known, headings = layout("shipments")
    sheet = [SheetRow(no, _cells("shipments", row)) for no, row in enumerate(rows, 1)]
    with transaction.atomic():
        batch_id = shipments.open_rows(actor, known, sheet, name=name, carrier=carrier, now=now)
        _commit(actor, batch_id, now=now)
    return batch_id, _outcomes(actor.shop_id, batch_id, headings)


def _batch(shop_id: int, batch_id: int) -> Batch:
    found = batches.find(shop_id, batch_id)
    if found is None:
        raise Refusal.of("batch_unknown", batch=batch_id)
    return found


def _commit(actor: Actor, batch_id: int, *, now: datetime) -> None:
    """From its verdicts to its end: what a person does by 提交 and the clock after it."""
    shop_id = actor.shop_id
    batches.move(shop_id, batch_id, "check", now=now)
    batches.move(shop_id, batch_id, "commit", now=now)
    batches.set_options(shop_id, batch_id, {"committed_by": {"member_id": actor.member_id, "name": actor.name}})
    batch = _batch(shop_id, batch_id)
    (imports if batch.kind == "orders" else shipments).commit_rows(batch, now=now)
    batches.move(shop_id, batch_id, "finish", now=now)
    if batch.row_count >= statistics.MANY:
        transaction.on_commit(lambda: statistics.gather(shop_id))


def _outcomes(shop_id: int, batch_id: int, headings: Mapping[str, str]) -> list[Outcome]:
    return [
        Outcome(
            row.verdict, row.number, row.order_id, row.parcel_id,
            [
                (headings.get(each.get("column") or "", ""), Problem.kept(each))
                for each in row.problems or ()
            ],
        )
        for row in store.rows(shop_id, batch_id)
    ]  # fmt: skip
