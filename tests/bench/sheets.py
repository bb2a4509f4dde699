"""The files that the benchmarks import."""

from fahuo.connectors.sheet.writer import write_xlsx
from fahuo.samples import exports, orders
from tests.conftest import NOW


def order_list(rows: int, seed: int) -> bytes:
    """An order list of the 61-column generation: `rows` orders that no other seed has."""
    header = exports.ORDERS_2019
    drafts = orders(rows, 1, NOW, first=seed * rows)
    return write_xlsx(header, (exports.order_row(header, draft) for draft in drafts))
