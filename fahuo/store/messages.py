"""The conversation over an order."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, Final

from fahuo.store import sql

ADD: Final = """
INSERT INTO messages (shop_id, order_id, at, sender, member_id, name, kind, body)
VALUES (%(shop_id)s, %(order_id)s, %(now)s, %(sender)s, %(member_id)s, %(name)s, %(kind)s, %(body)s) RETURNING id
"""


def add(
    shop_id: int, order_id: int, *, sender: str, kind: str, body: str, now: datetime, member_id: int | None = None,
    name: str = "",
) -> int:  # fmt: skip
    """Add a message; its id. A buyer's `name` is not kept: the order knows it."""
    row = sql.fetch(
        ADD, shop_id=shop_id, order_id=order_id, now=now, sender=sender, member_id=member_id, name=name, kind=kind,
        body=body,
    )[0]  # fmt: skip
    return int(row.id)


ADD_MANY: Final = """
INSERT INTO messages (shop_id, order_id, at, sender, member_id, name, kind, body)
SELECT %(shop_id)s, asked.id, %(now)s, 'seller', %(member_id)s, %(name)s, 'message', %(body)s
FROM unnest(%(order_ids)s::bigint[]) WITH ORDINALITY AS asked (id, place) ORDER BY asked.place
"""


def add_many(
    shop_id: int, order_ids: Sequence[int], *, body: str, member_id: int | None, name: str, now: datetime
) -> int:
    """The same message of the seller over many orders; how many."""
    return sql.run(
        ADD_MANY, shop_id=shop_id, order_ids=list(order_ids), body=body, member_id=member_id, name=name, now=now
    )


OF_ORDER: Final = """
SELECT m.id, m.order_id, m.at, m.sender, m.member_id, m.name, m.kind, m.body FROM messages m
WHERE m.shop_id = %(shop_id)s AND m.order_id = %(order_id)s ORDER BY m.at, m.id
"""
BETWEEN: Final = """
SELECT m.id, m.order_id, m.at, m.sender, m.member_id, m.kind FROM messages m
WHERE m.shop_id = %(shop_id)s AND m.at >= %(start)s AND m.at < %(end)s ORDER BY m.at, m.id
"""
CARDS: Final = """
SELECT count(*) AS n FROM messages m
WHERE m.shop_id = %(shop_id)s AND m.order_id = %(order_id)s AND m.kind = 'card'
"""


def of_order(shop_id: int, order_id: int) -> list[Any]:
    """An order's messages, oldest first."""
    return sql.fetch(OF_ORDER, shop_id=shop_id, order_id=order_id)


def between(shop_id: int, start: datetime, end: datetime) -> Iterator[Any]:
    """A shop's messages from `start` until just before `end`, without their texts, oldest first."""
    yield from sql.fetch(BETWEEN, shop_id=shop_id, start=start, end=end)


def cards(shop_id: int, order_id: int) -> int:
    """How many cards an order's seller was sent."""
    return int(sql.fetch(CARDS, shop_id=shop_id, order_id=order_id)[0].n)
