"""A folder of sample files: each real format, a carrier's returned sheet, and the dirty ones."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path

from fahuo.connectors.sheet.writer import write_csv, write_xlsx
from fahuo.rules import waybills
from fahuo.rules.orders import OrderDraft
from fahuo.samples import exports, faults
from fahuo.samples.draw import orders

FIRST_WAYBILL = "75300000000001"
DIRTY = 120
"""Orders taken for the dirty files; about two thirds of them wait to be shipped, and each fault takes two."""


def write(folder: Path, *, at: datetime, seed: int = 1, count: int = 300) -> list[Path]:
    """Write all sample files into `folder` (made if need be), as the shop stands at `at`: `count` orders in the newest
    format, a quarter of that in each older one. The same bytes for the same arguments, workbooks' own dates aside.
    """
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name, body in _files(at, seed, count):
        path = folder / name
        path.write_bytes(body)
        written.append(path)
    return written


def _files(at: datetime, seed: int, count: int) -> Iterator[tuple[str, bytes]]:
    older = max(count // 4, 1)
    newest = list(orders(count, seed, at))
    middle = list(orders(older, seed, at, first=count))
    oldest = [_plain(order) for order in orders(older, seed, at, first=count + older)]
    stamp = at.astimezone(exports.ZONE).strftime("%Y%m%d%H%M")
    yield f"ExportOrderList{stamp}.xlsx", _order_list(exports.ORDERS_2022, newest)
    yield f"ExportOrderList{stamp}-2019.xlsx", _order_list(exports.ORDERS_2019, middle)
    yield f"ExportOrderList{stamp}-2017.csv", write_csv(exports.ORDERS_2017, map(exports.old_order_row, oldest))
    yield f"ExportOrderDetailList{stamp}.csv", _line_list(exports.LINES_2022, newest)
    yield f"ExportOrderDetailList{stamp}-2017.csv", _line_list(exports.LINES_2017, oldest)
    yield f"shipments-{stamp}.xlsx", _shipments(newest)
    waiting = [order for order in orders(DIRTY, seed, at, first=count + 2 * older) if _ships(order)]
    yield from faults.files(waiting)


def _plain(order: OrderDraft) -> OrderDraft:
    """An order as it was before there were virtual phones and presale columns."""
    order.phone_extension, order.phone_expires_at = "", None
    if order.kind != "virtual":
        order.kind, order.staged = "normal", ""
    return order


def _ships(order: OrderDraft) -> bool:
    return order.status == "awaiting_shipment" and order.kind == "normal"


def _order_list(header: tuple[str, ...], drafts: Sequence[OrderDraft]) -> bytes:
    return write_xlsx(header, (exports.order_row(header, order) for order in drafts))


def _line_list(header: tuple[str, ...], drafts: Sequence[OrderDraft]) -> bytes:
    return write_csv(header, (exports.line_row(header, order, line) for order in drafts for line in order.lines))


def _shipments(drafts: Sequence[OrderDraft]) -> bytes:
    """What the carrier sends back: for two in three of the orders that wait, a number of one roll."""
    shipped = [order for n, order in enumerate(order for order in drafts if _ships(order)) if n % 3]
    numbers = waybills.run_of("ZTO", FIRST_WAYBILL, len(shipped)) if shipped else []
    rows = ([order.number, order.receiver, "中通快递", number] for order, number in zip(shipped, numbers, strict=True))
    return write_xlsx(exports.SHIPMENTS, rows)
