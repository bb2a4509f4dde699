"""Papers of a shipping: the carrier's address table, the marketplace's upload file, the consignment sheet (发件单).

Personal data leaves unmasked only here, with the permission to do so, and journaled order by order.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db import transaction

from fahuo.connectors.sheet.writer import write_csv, write_xlsx
from fahuo.rules import carriers
from fahuo.rules.people import Actor
from fahuo.rules.problems import Refusal
from fahuo.rules.shipments import carrier_name
from fahuo.services import disclosures
from fahuo.store import batches, shipments
from fahuo.store.models import Shop

Columns = Sequence[Sequence[str]]
"""[heading, field] pairs, as a template keeps them."""


def _phone(row: Any) -> str:
    return f"{row.phone}-{row.phone_extension}" if row.phone_extension else row.phone or ""


def _full_address(row: Any) -> str:
    return " ".join(part for part in (row.province, row.city, row.district, row.address) if part)


ADDRESS_FIELDS: Final[Mapping[str, Callable[[Any, Shop], str]]] = {
    "row": lambda row, shop: str(row.row_no),
    "number": lambda row, shop: row.number,
    "receiver": lambda row, shop: row.receiver,
    "phone": lambda row, shop: _phone(row),
    "phone_plain": lambda row, shop: row.phone,
    "phone_extension": lambda row, shop: row.phone_extension,
    "province": lambda row, shop: row.province,
    "city": lambda row, shop: row.city,
    "district": lambda row, shop: row.district,
    "address": lambda row, shop: row.address,
    "full_address": lambda row, shop: _full_address(row),
    "postcode": lambda row, shop: row.postcode,
    "goods": lambda row, shop: row.goods,
    "quantity": lambda row, shop: str(row.quantity),
    "memo": lambda row, shop: row.memo,
    "buyer": lambda row, shop: row.buyer,
    "buyer_message": lambda row, shop: row.buyer_message,
    "carrier": lambda row, shop: carrier_name(row.carrier),
    "carrier_code": lambda row, shop: row.carrier,
    "waybill": lambda row, shop: row.waybill,
    "sender_name": lambda row, shop: shop.sender_name,
    "sender_phone": lambda row, shop: shop.sender_phone,
    "sender_address": lambda row, shop: shop.sender_address,
    "blank": lambda row, shop: "",
}
"""What a column of an address table may hold."""

ADDRESS_COLUMNS: Final[Columns] = (
    ("订单编号", "number"), ("收件人", "receiver"), ("联系电话", "phone"), ("省", "province"), ("市", "city"),
    ("区县", "district"), ("详细地址", "address"), ("物品", "goods"), ("数量", "quantity"), ("备注", "memo"),
    ("寄件人", "sender_name"), ("寄件电话", "sender_phone"), ("寄件地址", "sender_address"), ("运单号", "waybill"),
)  # fmt: skip
"""The table for a shop without a template: the carrier writes its number into the last column and sends it back."""

UPLOAD_FIELDS: Final[Mapping[str, Callable[[Any, Shop], str]]] = {
    "number": lambda row, shop: row.number,
    "carrier": lambda row, shop: carrier_name(row.carrier),
    "carrier_code": lambda row, shop: row.carrier,
    "waybill": lambda row, shop: row.waybill,
    "blank": lambda row, shop: "",
}
UPLOAD_COLUMNS: Final[Columns] = (("订单编号", "number"), ("物流公司", "carrier"), ("运单号", "waybill"))
"""The marketplace's own template of 批量发货."""


def address_sheet(
    actor: Actor, batch_id: int, *, carrier: str, now: datetime, template_id: int | None = None
) -> tuple[str, bytes]:
    """The table of addresses for a carrier, in the batch's order, as (name, body); the name tells how many.

    It holds the rows assigned to the carrier or, where none is, those assigned to nobody; with carrier "" all rows.
    `template_id`: one of the shop's own, 0 for the table every shop has, None for the first made for this carrier, else
    that table. Rows that cannot be shipped stay out. Needs `export_orders`; each order is journaled as exported. Raises Refusal
    `batch_unknown`, `carrier_unknown`, `template_unknown`, `nothing_to_export`.
    """
    actor.require("export_orders")
    known = carriers.find(carrier) if carrier else None
    if carrier and known is None:
        raise Refusal.of("carrier_unknown", carrier=carrier[:40])
    code = known.code if known else ""
    with transaction.atomic():
        batch = batches.lock(actor.shop_id, batch_id)
        if batch is None or batch.kind != "shipments":
            raise Refusal.of("batch_unknown", batch=batch_id)
        columns, form = _template(actor.shop_id, "address", template_id, code, ADDRESS_COLUMNS)
        rows = shipments.export_addresses(actor, batch_id, code, now=now)
        if not rows:
            raise Refusal.of("nothing_to_export")
        disclosures.spend(actor, "exported", len(rows), now=now)
    stem = "-".join(part for part in ("发货地址", carrier_name(code), str(batch_id), f"{len(rows)}单") if part)
    return _write(actor.shop_id, stem, form, columns, ADDRESS_FIELDS, rows)


def upload_file(
    actor: Actor, batch_id: int, *, now: datetime, template_id: int | None = None
) -> tuple[str, bytes]:  # fmt: skip
    """The marketplace's batch-upload file of what the batch really shipped, corrections included: (name, body).

    `template_id` as for `address_sheet`. Raises Refusal `batch_unknown`, `template_unknown`, `nothing_to_export`.
    """
    actor.require("ship")
    batch = batches.find(actor.shop_id, batch_id)
    if batch is None or batch.kind != "shipments":
        raise Refusal.of("batch_unknown", batch=batch_id)
    columns, form = _template(actor.shop_id, "upload", template_id, "", UPLOAD_COLUMNS)
    rows = shipments.shipped_rows(actor.shop_id, batch_id)
    if not rows:
        raise Refusal.of("nothing_to_export")
    return _write(actor.shop_id, f"批量发货-{batch_id}-{len(rows)}单", form, columns, UPLOAD_FIELDS, rows)


def _template(
    shop_id: int, purpose: str, template_id: int | None, carrier: str, standard: Columns
) -> tuple[Columns, str]:  # fmt: skip
    if template_id == 0:
        return standard, "xlsx"
    found = shipments.template(shop_id, purpose, template_id=template_id, carrier=carrier)
    if found is not None:
        return found
    if template_id is not None:
        raise Refusal.of("template_unknown")
    return standard, "xlsx"


def _write(
    shop_id: int, stem: str, form: str, columns: Columns, fields: Mapping[str, Callable[[Any, Shop], str]],
    rows: Sequence[Any],
) -> tuple[str, bytes]:  # fmt: skip
    shop = Shop.objects.get(id=shop_id)
    makers = [fields.get(field, fields["blank"]) for _, field in columns]
    header = [heading for heading, _ in columns]
    cells = ([make(row, shop) for make in makers] for row in rows)
    if form == "csv":
        return f"{stem}.csv", write_csv(header, cells)
    return f"{stem}.xlsx", write_xlsx(header, cells)


@dataclass(frozen=True, slots=True)
class Consignment:
    """What stands on one consignment sheet: sender, receiver (unmasked), goods as (title, SKU, quantity)."""

    order_id: int
    number: str
    sender_name: str
    sender_phone: str
    sender_address: str
    receiver: str
    phone: str
    full_address: str
    postcode: str
    goods: tuple[tuple[str, str, int], ...]
    quantity: int
    memo: str
    buyer_message: str


def consignment_sheets(actor: Actor, order_ids: Sequence[int], *, now: datetime) -> list[Consignment]:
    """The sheets to print for hand-written waybills, in the given order; the orders are noted as printed, journaled.

    Raises Refusal `no_orders_chosen`, `order_unknown`.
    """
    actor.require("print_papers")
    order_ids = list(dict.fromkeys(order_ids))
    if not order_ids:
        raise Refusal.of("no_orders_chosen")
    shop = Shop.objects.get(id=actor.shop_id)
    with transaction.atomic():
        rows = shipments.print_consignments(actor, order_ids, now=now)
        if len(rows) != len(order_ids):
            raise Refusal.of("order_unknown", order="")
    return [_consignment(row, shop) for row in rows]


def _consignment(row: Any, shop: Shop) -> Consignment:
    goods = tuple((title, sku, quantity) for title, sku, quantity in row.lines or [(row.title, "", row.quantity)])
    return Consignment(
        row.id, row.number, shop.sender_name, shop.sender_phone, shop.sender_address, row.name or "", _phone(row),
        _full_address(row), row.postcode or "", goods, row.quantity, row.memo, row.buyer_message,
    )  # fmt: skip
