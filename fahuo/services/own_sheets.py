"""Sheets that fill a table of the shop's own: bought numbers, SKUs, route marks, prices. See services/batches.py for how a batch lives.

Each row has its verdict before anything is written. Bad rows stop none of the others and come back as a sheet; a sheet that
is taken in again makes nothing twice. What a batch is for stands in its options: a lot's contract, price and date, the contract
of prices, or the carrier of rows that name none.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final, Literal, cast
from zoneinfo import ZoneInfo

import msgspec
from django.db import transaction

from fahuo.connectors.sheet.reader import open_sheet
from fahuo.rules import sheets
from fahuo.rules import stock as stock_rules
from fahuo.rules.people import Actor
from fahuo.rules.problems import Problem, Refusal
from fahuo.rules.regions import words_of
from fahuo.rules.sheets import Layout, SheetRow
from fahuo.services import contracts, skus, stock, tariff_sheets
from fahuo.services.import_rows import Checked, encode, place, record, refused, told
from fahuo.services.own_rows import Row, judge_entries
from fahuo.services.shopbook import ShopBook
from fahuo.services.stock import Terms
from fahuo.services.unknown_sheets import described
from fahuo.store import batches, route_marks, shipments
from fahuo.store import skus as sku_store
from fahuo.store.models import Batch

Kind = Literal["numbers", "skus", "route_marks", "tariffs"]
KINDS: Final[tuple[Kind, ...]] = ("numbers", "skus", "route_marks", "tariffs")
CHUNK: Final = 5000
"""SKUs or marks written in one transaction; a lot comes in as a whole."""


def open_numbers_sheet(
    actor: Actor, contract_id: int, terms: Terms, *, name: str, body: bytes, now: datetime
) -> int:  # fmt: skip
    """A batch from a sheet of bought numbers; its id. Refusals as `stock.buy_list` before it reads a number."""
    actor.require("buy_waybills")
    contract = stock.with_stock(actor.shop_id, contract_id)
    wrong = stock_rules.price_problem(terms.price)
    if wrong is not None:
        raise Refusal(wrong)
    options = {
        "contract": contract.id, "contract_name": contract.name, "price": str(terms.price),
        "bought_on": terms.bought_on.isoformat(), "note": terms.note,
    }  # fmt: skip
    return _open(actor, "numbers", name, body, options, now=now)


def open_skus_sheet(actor: Actor, *, name: str, body: bytes, now: datetime) -> int:
    """A batch from a sheet of SKUs; its id. Refusal `not_permitted`."""
    actor.require("manage_contracts")
    return _open(actor, "skus", name, body, {}, now=now)


def open_route_marks_sheet(actor: Actor, *, carrier: str, name: str, body: bytes, now: datetime) -> int:
    """A batch from a sheet of route marks; its id. `carrier`: of rows that name none. Refusal `not_permitted`."""
    actor.require("manage_contracts")
    return _open(actor, "route_marks", name, body, {"carrier": carrier}, now=now)


def open_tariffs_sheet(actor: Actor, contract_id: int, *, name: str, body: bytes, now: datetime) -> int:
    """A batch from a sheet of a contract's prices; its id. Refusals `not_permitted`, `contract_unknown`."""
    actor.require("manage_contracts")
    contract = contracts.find(actor.shop_id, contract_id)
    options = {"contract": contract.id, "contract_name": contract.name}
    return _open(actor, "tariffs", name, body, options, now=now)


def _open(actor: Actor, kind: Kind, name: str, body: bytes, options: Mapping[str, Any], *, now: datetime) -> int:
    with transaction.atomic():
        upload_id = batches.add_upload(actor.shop_id, name=name, body=body, now=now)
        batch_id = batches.add(
            actor, kind=kind, status="received", name=name, upload_id=upload_id, options=options, now=now
        )
        batches.notify(actor.shop_id, batch_id)
    return batch_id


# ---- checking ---------------------------------------------------------------------------------------------------


def check(batch: Batch, *, now: datetime) -> None:
    """Read the sheet into rows with verdicts, in one transaction. Raises Refusal when it cannot be read."""
    if batch.upload_id is None:
        raise Refusal.of("upload_forgotten")
    kind = cast("Kind", batch.kind)
    sheet = open_sheet(*batches.upload(batch.shop_id, batch.upload_id))
    batches.set_options(batch.shop_id, batch.id, described(sheet))
    layout = layout_of(batch.shop_id, kind, sheet.header)
    zone = ZoneInfo(ShopBook.of(batch.shop_id).shop.time_zone)
    rows, bad = _read(layout, sheet.rows(), zone)
    most = stock_rules.MOST if kind == "numbers" else skus.MOST
    if len(rows) > most:
        raise Refusal.of("skus_many", most=most)
    with transaction.atomic():
        mine = batches.lock(batch.shop_id, batch.id)
        if mine is None or mine.status != "received":
            raise batches.Overtaken
        batches.clear_rows(batch.shop_id, batch.id)
        JUDGES[kind](mine, rows)
        records = [record(batch, row, "bad", None, row.text) for row in bad]
        records += [_record(batch, layout, row) for row in rows]
        batches.add_rows(sorted(records, key=lambda each: each[2]))
        batches.set_options(batch.shop_id, batch.id, {"samples": None})
        shipments.recount(batch.shop_id, batch.id, now=now)


def layout_of(shop_id: int, kind: Kind, header: Sequence[str]) -> Layout:
    """How to read the sheet: as the shop mapped it once, else by its headings. Raises Refusal."""
    kept = batches.column_map(shop_id, kind=kind, fingerprint=sheets.fingerprint(header))
    if kept is not None:
        return sheets.map_header(header, msgspec.json.decode(kept), kind=kind)
    return sheets.expect(header, kind).require()


def _read(layout: Layout, found: Any, zone: ZoneInfo) -> tuple[list[Row], list[Checked]]:
    """(rows that could be read, rows that could not)."""
    rows: list[Row] = []
    bad: list[Checked] = []
    row: SheetRow
    for row in found:
        read = sheets.read_entry(layout, row, zone)
        if isinstance(read, dict):
            rows.append(Row(row.no, read, row.cells))
        elif any(row.cells):
            bad.append(refused(layout, row, [told(*each) for each in read], field=_key(layout.kind)))
    return rows, bad


def _key(kind: str) -> str:
    """The field that a row is called by."""
    return {"numbers": "waybill", "skus": "code"}.get(kind, "region")


def _record(batch: Batch, layout: Layout, row: Row) -> tuple[Any, ...]:
    """A judged row for batch_rows; a bad one keeps its cells, and its problems name the sheet's own columns."""
    problems = []
    for field, problem in row.problems:
        at = place(layout, field)
        there = at is not None and at < len(row.cells)
        heading = layout.header[at].strip() if at is not None else ""
        problems.append(told(heading, row.cells[at] if there and at is not None else "", problem))
    kept: Any = {"cells": row.cells} if row.verdict == "bad" else row.values
    name = str(row.values.get(_key(batch.kind), ""))
    name = name if _key(batch.kind) != "region" else words_of(name) if name else tariff_sheets.REST
    return record(batch, Checked(row.no, None, encode(kept), name[:64], problems), row.verdict, None, encode(kept))


def _judge_numbers(batch: Batch, rows: Sequence[Row]) -> None:
    contract = stock.with_stock(batch.shop_id, batch.options["contract"])
    judged = stock.judge(batch.shop_id, contract, [row.values["waybill"] for row in rows])
    for row, each in zip(rows, judged, strict=True):
        problem = each.problem or each.warning
        row.verdict = "bad" if each.problem is not None else "ready"
        row.problems = () if problem is None else (("waybill", _by_row(problem, rows)),)


def _by_row(problem: Problem, rows: Sequence[Row]) -> Problem:
    """A problem that names a place in the list, naming the row of the sheet instead."""
    if problem.code != "number_in_list_twice":
        return problem
    return Problem(problem.code, {**problem.data, "row": rows[int(problem.data["row"] or 1) - 1].no})


def _judge_skus(batch: Batch, rows: Sequence[Row]) -> None:
    known = sku_store.known(batch.shop_id, [row.values["code"] for row in rows])
    judge_entries(rows, lambda row: row.values["code"], known, skus.FIELDS, "code")


def _judge_marks(batch: Batch, rows: Sequence[Row]) -> None:
    default = batch.options.get("carrier") or ""
    good = []
    for row in rows:
        row.values["carrier"] = row.values.get("carrier") or default
        if not row.values["carrier"]:
            row.verdict, row.problems = "bad", (("carrier", Problem("carrier_missing")),)
        else:
            good.append(row)
    known = route_marks.known(batch.shop_id, [(row.values["carrier"], row.values["region"]) for row in good])
    fields = ("mark", "route_code", "hub_name", "hub_code")
    for row in good:
        row.values = {"carrier": row.values["carrier"], "region": row.values["region"], **{
            name: row.values.get(name, "") for name in fields
        }}  # fmt: skip
        if not any(row.values[name] for name in fields):
            row.verdict, row.problems = "bad", (("region", Problem("route_mark_empty")),)
    judge_entries(
        [row for row in good if row.verdict != "bad"], lambda row: (row.values["carrier"], row.values["region"]), known,
        fields, "region",
    )  # fmt: skip


JUDGES: Final[Mapping[Kind, Callable[[Batch, Sequence[Row]], None]]] = {
    "numbers": _judge_numbers, "skus": _judge_skus, "route_marks": _judge_marks, "tariffs": tariff_sheets.judge,
}  # fmt: skip


# ---- writing ----------------------------------------------------------------------------------------------------


def commit_rows(batch: Batch, *, now: datetime) -> None:
    """Write the good rows: a lot as a whole, the others CHUNK by CHUNK, each its own transaction.

    What cannot be written any more turns bad. Raises Overtaken when the batch is not `committing` any more.
    """
    while _commit_chunk(batch, now=now):
        pass


def _commit_chunk(batch: Batch, *, now: datetime) -> bool:
    """Whether there may be more."""
    limit = stock_rules.MOST if batch.kind == "numbers" else CHUNK
    with transaction.atomic():
        mine = batches.lock(batch.shop_id, batch.id)
        if mine is None or mine.status != "committing":
            raise batches.Overtaken
        rows = batches.good_rows(batch.shop_id, batch.id, limit=limit)
        kept = {row.row_no: msgspec.json.decode(row.data) for row in rows}
        if kept and batch.kind == "numbers":
            _buy(mine, kept, now=now)
        elif kept and batch.kind == "tariffs":
            _price(mine, kept, now=now)
        elif kept:
            keep = sku_store.keep if batch.kind == "skus" else route_marks.keep
            keep(batch.shop_id, list(kept.values()))
            batches.finish_rows(batch.shop_id, batch.id, list(kept))
        shipments.recount(batch.shop_id, batch.id, now=now)
    return len(rows) >= limit


def _committer(batch: Batch) -> Actor:
    """Whoever let the rows be written."""
    by = batch.options.get("committed_by") or {"member_id": batch.created_by, "name": batch.created_by_name}
    return Actor(batch.shop_id, by["member_id"], by["name"], permissions=frozenset({"finance"}))


def _price(batch: Batch, kept: Mapping[int, dict[str, Any]], *, now: datetime) -> None:
    """These rows' prices among those that the contract has by now; where that is not possible any more all turn bad."""
    try:
        tariff_sheets.write(_committer(batch), batch.options["contract"], list(kept.values()), now=now)
    except Refusal as refusal:
        wrong = [told("", "", problem) for problem in refusal.problems[:1]]
        batches.reject_rows(batch.shop_id, batch.id, dict.fromkeys(kept, wrong))
    else:
        batches.finish_rows(batch.shop_id, batch.id, list(kept))


def _buy(batch: Batch, kept: Mapping[int, dict[str, Any]], *, now: datetime) -> None:
    """One lot of these rows' numbers; those that came into stock or into use meanwhile turn bad."""
    options = batch.options
    actor = _committer(batch)
    contract = stock.with_stock(batch.shop_id, options["contract"])
    row_nos = list(kept)
    judged = stock.judge(batch.shop_id, contract, [kept[row_no]["waybill"] for row_no in row_nos])
    wrong = {
        row_no: [told("", each.number, each.problem)]
        for row_no, each in zip(row_nos, judged, strict=True)
        if each.problem
    }
    good = [row_no for row_no in row_nos if row_no not in wrong]
    if good:
        terms = Terms(Decimal(options["price"]), date.fromisoformat(options["bought_on"]), options.get("note", ""))
        numbers = [kept[row_no]["waybill"] for row_no in good]
        bought = stock.buy_list(actor, contract.id, terms, numbers, all_or_none=True, now=now)
        batches.set_options(batch.shop_id, batch.id, {"lot": bought.lot_id})
        batches.finish_rows(batch.shop_id, batch.id, good)
    if wrong:
        batches.reject_rows(batch.shop_id, batch.id, wrong)
