"""What the planner believes of a shop. Of one that its statistics do not know it expects a single row in every table.

PostgreSQL gathers statistics anew when a tenth of a table has changed; a new shop beside a large one never is a tenth.
Until then a statement over ten thousand of its orders may compare each with each, and a second becomes minutes.
"""

import json
from collections.abc import Sequence
from typing import Any, Final

from django.db import connection

from fahuo.store import sql, wall

TABLES: Final = (
    "orders", "receivers", "order_lines", "backlog", "parcels", "parcel_orders", "tasks", "task_events", "messages",
    "reminders", "complaints", "ledger", "waybill_numbers", "labels", "label_orders", "print_documents",
)  # fmt: skip
"""The tables that statements join for many rows of one shop."""

MANY: Final = 1000
"""Rows of a shop from which on a wrong belief hurts."""
WRONG: Final = 10
"""How many times fewer rows the planner may expect than there are."""

EXPECTED: Final = {table: f"EXPLAIN (FORMAT JSON) SELECT FROM {table} WHERE shop_id = %(shop_id)s" for table in TABLES}
COUNTED: Final = {
    table: f"SELECT count(*) AS n FROM (SELECT FROM {table} WHERE shop_id = %(shop_id)s LIMIT %(most)s) AS found"
    for table in TABLES
}


def expected(shop_id: int, table: str) -> int:
    """How many rows of the shop the planner expects in a table."""
    plan: Any = sql.fetch(EXPECTED[table], shop_id=shop_id)[0][0]
    return int((plan if isinstance(plan, list) else json.loads(plan))[0]["Plan"]["Plan Rows"])


def unknown(shop_id: int, tables: Sequence[str] = TABLES) -> list[str]:
    """The tables in which the shop has many rows and the planner expects few."""
    found = []
    for table in tables:
        believed = expected(shop_id, table)
        if believed >= MANY * WRONG:
            continue
        counted = sql.fetch(COUNTED[table], shop_id=shop_id, most=MANY * WRONG)[0].n
        if counted >= MANY and believed * WRONG < counted:
            found.append(table)
    return found


def gather(shop_id: int, tables: Sequence[str] = TABLES) -> list[str]:
    """Gather statistics anew of the tables in which the planner does not know the shop; which those were."""
    found = unknown(shop_id, tables)
    if found:
        with wall.as_owner(), connection.cursor() as cursor:
            cursor.execute(f"ANALYZE {', '.join(found)}")
    return found
