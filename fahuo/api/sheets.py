"""Sheets in, workbooks out."""

from decimal import Decimal
from pathlib import PurePosixPath
from typing import Any

from django.conf import settings

from fahuo.api.calls import Call
from fahuo.api.contract import Done, Nothing
from fahuo.api.server import serves
from fahuo.api.shapes import sheets as shapes
from fahuo.api.shapes.aftersales import MadeOut
from fahuo.api.shapes.common import Changed, FileIn, FileOut, NumbersIn
from fahuo.api.told import order_ids
from fahuo.rules.problems import Refusal
from fahuo.services import batches, exports, metrics, own_sheets, papers, shipments
from fahuo.services.stock import Terms


def _body(sent: FileIn) -> dict[str, Any]:
    """A file as services take it: its name without folders, and its bytes. Refusal `file_too_large`."""
    if len(sent.content) > settings.UPLOAD_LIMIT:
        raise Refusal.of("file_too_large", size=-(-len(sent.content) // 2**20), limit=settings.UPLOAD_LIMIT // 2**20)
    return {"name": PurePosixPath(sent.name.replace("\\", "/")).name or "sheet", "body": sent.content}


@serves(shapes.SEND)
def send_sheet(call: Call[Nothing, shapes.SheetIn]) -> MadeOut:
    sent = call.body
    file = {**_body(sent), "now": call.now}
    match sent.kind:
        case "orders":
            made = batches.open_import(call.actor, **file)
        case "shipments":
            made = batches.open_shipments_sheet(call.actor, carrier=sent.carrier, **file)
        case "urges":
            made = batches.open_urges_sheet(call.actor, **file)
        case "skus":
            made = own_sheets.open_skus_sheet(call.actor, **file)
        case "route_marks":
            made = own_sheets.open_route_marks_sheet(call.actor, carrier=sent.carrier, **file)
        case "numbers":
            made = _numbers(call, file)
        case "tariffs":
            made = own_sheets.open_tariffs_sheet(call.actor, _contract(sent), **file)
    return MadeOut(made)


def _numbers(call: Call[Nothing, shapes.SheetIn], file: dict[str, Any]) -> int:
    sent = call.body
    call.actor.require("buy_waybills")
    day = sent.bought_on or metrics.today_of(call.shop_id, now=call.now)
    terms = Terms(Decimal(sent.price), day, sent.note)
    return own_sheets.open_numbers_sheet(call.actor, _contract(sent), terms, **file)


def _contract(sent: shapes.SheetIn) -> int:
    if sent.contract_id is None:
        raise Refusal.of("contract_unknown")
    return sent.contract_id


@serves(shapes.OPEN)
def open_batch(call: Call[Nothing, shapes.OpenIn]) -> MadeOut:
    ids = order_ids(call, call.body.orders)
    return MadeOut(batches.open_shipments(call.actor, order_ids=ids, name=call.body.name, now=call.now))


def _id(call: Call[Any, Any]) -> int:
    return int(call.parts["batch_id"])


@serves(shapes.MAP)
def map_batch_columns(call: Call[Nothing, shapes.ColumnsIn]) -> Done:
    batches.map_columns(call.actor, _id(call), call.body.columns, now=call.now)
    return Done()


@serves(shapes.ASSIGN)
def assign_batch_carrier(call: Call[Nothing, shapes.CarrierIn]) -> Changed:
    sent, rows = call.body, None
    if sent.first_row is not None or sent.last_row is not None:
        low, high = sent.first_row or 1, sent.last_row or 200_000
        if low > high:
            raise Refusal.of("rows_backwards")
        rows = range(low, high + 1)
    return Changed(shipments.assign_carrier(call.actor, _id(call), carrier=sent.carrier, row_nos=rows, now=call.now))


@serves(shapes.FILL)
def fill_batch_run(call: Call[Nothing, shapes.FillIn]) -> Done:
    sent = call.body
    batches.fill_from_run(
        call.actor, _id(call), carrier=sent.carrier, first=sent.first, last=sent.last or None, again=sent.again, now=call.now
    )  # fmt: skip
    return Done()


@serves(shapes.FILL_SHEET)
def fill_batch_sheet(call: Call[Nothing, shapes.NumbersSheetIn]) -> Done:
    sent = call.body
    batches.fill_from_sheet(call.actor, _id(call), **_body(sent), carrier=sent.carrier, now=call.now)
    return Done()


@serves(shapes.PROBLEMS)
def export_batch_problems(call: Call[Nothing, Any]) -> FileOut:
    return FileOut(*batches.problems_sheet(call.actor, _id(call), language=call.language))


@serves(shapes.ADDRESSES)
def export_addresses(call: Call[Nothing, shapes.TableIn]) -> FileOut:
    sent = call.body
    return FileOut(*batches.address_sheet(
        call.actor, _id(call), carrier=sent.carrier, template_id=sent.template_id, now=call.now
    ))  # fmt: skip


@serves(shapes.UPLOAD)
def export_upload_file(call: Call[Nothing, shapes.UploadIn]) -> FileOut:
    return FileOut(*batches.upload_file(call.actor, _id(call), template_id=call.body.template_id, now=call.now))


@serves(shapes.EXPORT)
def export_orders(call: Call[Nothing, NumbersIn]) -> FileOut:
    ids = list(dict.fromkeys(order_ids(call, call.body.orders)))
    return FileOut(*exports.export_orders(call.actor, ids, now=call.now))


@serves(shapes.CONSIGN)
def print_consignments(call: Call[Nothing, NumbersIn]) -> shapes.ConsignmentsOut:
    found = papers.consignment_sheets(call.actor, order_ids(call, call.body.orders), now=call.now)
    return shapes.ConsignmentsOut([
        shapes.ConsignmentOut(
            each.number, each.sender_name, each.sender_phone, each.sender_address, each.receiver, each.phone,
            each.full_address, each.postcode, [shapes.GoodsRow(*row) for row in each.goods], each.quantity, each.memo,
            each.buyer_message,
        )
        for each in found
    ])  # fmt: skip
