"""The journal: append-only. Entries are written from the rows that moved, never from the rows that were asked."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from psycopg.types.json import Jsonb

from fahuo.rules.people import Actor
from fahuo.store import sql

APPEND = """
INSERT INTO journal (shop_id, at, member_id, actor, act, order_id, parcel_id, batch_id, before, after)
SELECT %(shop_id)s, %(at)s, %(member_id)s, %(actor)s, %(act)s, moved.order_id, moved.parcel_id, %(batch_id)s,
       moved.before, moved.after
FROM unnest(%(order_ids)s::bigint[], %(parcel_ids)s::bigint[], %(befores)s::jsonb[], %(afters)s::jsonb[])
     WITH ORDINALITY AS moved (order_id, parcel_id, before, after, place)
ORDER BY moved.place
"""


class Moved:
    """What became of one row: for a journal entry."""

    __slots__ = ("after", "before", "order_id", "parcel_id")

    def __init__(
        self, order_id: int | None = None, parcel_id: int | None = None,
        before: dict[str, Any] | None = None, after: dict[str, Any] | None = None,
    ) -> None:  # fmt: skip
        self.order_id = order_id
        self.parcel_id = parcel_id
        self.before = before
        self.after = after


def append(actor: Actor, act: str, moved: Sequence[Moved], *, now: datetime, batch_id: int | None = None) -> int:
    """Write one entry for each row that moved; how many. Inside the transaction that moved them."""
    if not moved:
        return 0
    return sql.run(
        APPEND, shop_id=actor.shop_id, at=now, member_id=actor.member_id, actor=actor.name, act=act, batch_id=batch_id,
        order_ids=[row.order_id for row in moved], parcel_ids=[row.parcel_id for row in moved],
        befores=[None if row.before is None else Jsonb(row.before) for row in moved],
        afters=[None if row.after is None else Jsonb(row.after) for row in moved],
    )  # fmt: skip


HISTORY = """
SELECT id, at, actor, act, parcel_id, batch_id, before, after
FROM journal WHERE shop_id = %(shop_id)s AND order_id = %(order_id)s ORDER BY id DESC LIMIT %(limit)s
"""


def history(shop_id: int, order_id: int, *, limit: int = 500) -> list[Any]:
    """An order's entries, newest first."""
    return sql.fetch(HISTORY, shop_id=shop_id, order_id=order_id, limit=limit)
