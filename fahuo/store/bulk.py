"""The rows of a batch as they are told to whoever sent them, all at once."""

from typing import Any, Final

from fahuo.store import sealed, sql

ROWS: Final = """
SELECT r.verdict, r.number, r.order_id, r.parcel_id, r.problems::json AS problems FROM batch_rows r
WHERE r.shop_id = %(shop_id)s AND r.batch_id = %(batch_id)s ORDER BY r.row_no
"""


def rows(shop_id: int, batch_id: int) -> list[Any]:
    """Every row (verdict, number, order_id, parcel_id, problems) of a batch, in its order."""
    found = sql.fetch(ROWS, shop_id=shop_id, batch_id=batch_id)
    return [row._replace(problems=sealed.open_problems(shop_id, row.problems)) for row in found]
