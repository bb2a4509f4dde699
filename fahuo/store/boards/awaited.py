"""Numbers that were ordered from a carrier's service and are not there yet: of a few orders, and of the whole shop."""

import json
from collections.abc import Sequence
from typing import Any, Final

from fahuo.store import arrays, sql

OF_ORDERS: Final = """
SELECT n.id, n.account_id, n.state, n.due_at, n.problem, n.order_ids, n.contract_id, c.name AS contract
FROM number_orders n JOIN contracts c ON c.shop_id = %(shop_id)s AND c.id = n.contract_id
WHERE n.shop_id = %(shop_id)s AND n.state IN ('waiting', 'unknown', 'refused') AND n.order_ids && %(order_ids)s::bigint[]
ORDER BY n.id
"""
COUNTED: Final = """
SELECT n.account_id, a.name, count(*) FILTER (WHERE n.state = 'refused') AS refused, count(*) AS open
FROM number_orders n JOIN carrier_accounts a ON a.shop_id = %(shop_id)s AND a.id = n.account_id
WHERE n.shop_id = %(shop_id)s AND n.state IN ('waiting', 'unknown', 'refused') GROUP BY n.account_id, a.name ORDER BY 1
"""


def of_orders(shop_id: int, order_ids: Sequence[int]) -> list[Any]:
    """What is asked for any of these orders: state waiting, unknown or refused, with the service's `problem`."""
    if not order_ids:
        return []
    rows = sql.fetch(OF_ORDERS, shop_id=shop_id, order_ids=arrays.ids(order_ids))
    return [row._replace(problem=json.loads(row.problem) if row.problem else None) for row in rows]


def counted(shop_id: int) -> list[Any]:
    """How many numbers are `open` at each account, and how many of them `refused`."""
    return sql.fetch(COUNTED, shop_id=shop_id)
