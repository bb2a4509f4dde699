"""The conversation over an order, and how it stands (`talks`): who waits since when, what nobody has read.

Whatever is written tells the shop's open pages (see store/live.py).
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, Final

from fahuo.store import sealed, sql

KEPT: Final = """
    INSERT INTO talks (shop_id, order_id, last_id, last_at, waiting_since, unread, fresh)
    SELECT %(shop_id)s, a.order_id, a.id, a.at, CASE WHEN a.sender = 'buyer' THEN a.at END,
           CASE WHEN a.sender = 'buyer' THEN 1 ELSE 0 END, a.sender = 'buyer'
    FROM added a
    ON CONFLICT (shop_id, order_id) DO UPDATE SET last_id = excluded.last_id, last_at = excluded.last_at,
        waiting_since = CASE WHEN excluded.fresh THEN coalesce(talks.waiting_since, excluded.waiting_since)
                             WHEN %(answers)s THEN NULL ELSE talks.waiting_since END,
        unread = CASE WHEN %(answers)s THEN 0 ELSE talks.unread + excluded.unread END,
        fresh = NOT %(answers)s AND (talks.fresh OR excluded.fresh)
"""
ADD: Final = f"""
WITH added AS (
    INSERT INTO messages (shop_id, order_id, at, sender, member_id, name, kind, body)
    VALUES (%(shop_id)s, %(order_id)s, %(now)s, %(sender)s, %(member_id)s, %(name)s, %(kind)s, %(body)s)
    RETURNING id, order_id, at, sender
), kept AS ({KEPT})
SELECT added.id, pg_notify('fahuo_live', %(shop_id)s || ':0') FROM added
"""


def add(
    shop_id: int, order_id: int, *, sender: str, kind: str, body: str, now: datetime, member_id: int | None = None,
    name: str = "",
) -> int:  # fmt: skip
    """Add a message; its id. A buyer's `name` is not kept: the order knows it."""
    row = sql.fetch(
        ADD, shop_id=shop_id, order_id=order_id, now=now, sender=sender, member_id=member_id, name=name, kind=kind,
        body=sealed.seal_text(shop_id, sealed.TALK, body), answers=sender == "seller" and kind == "message",
    )[0]  # fmt: skip
    return int(row.id)


ADD_MANY: Final = f"""
WITH added AS (
    INSERT INTO messages (shop_id, order_id, at, sender, member_id, name, kind, body)
    SELECT %(shop_id)s, asked.id, %(now)s, 'seller', %(member_id)s, %(name)s, 'message', %(body)s
    FROM unnest(%(order_ids)s::bigint[]) WITH ORDINALITY AS asked (id, place) ORDER BY asked.place
    RETURNING id, order_id, at, sender
), kept AS ({KEPT})
SELECT count(*) AS n, pg_notify('fahuo_live', %(shop_id)s || ':0') FROM added
"""


def add_many(
    shop_id: int, order_ids: Sequence[int], *, body: str, member_id: int | None, name: str, now: datetime
) -> int:
    """The same message of the seller over many orders, each named once; how many."""
    row = sql.fetch(
        ADD_MANY, shop_id=shop_id, order_ids=list(order_ids), body=sealed.seal_text(shop_id, sealed.TALK, body),
        member_id=member_id, name=name, now=now, answers=True,
    )[0]  # fmt: skip
    return int(row.n)


GREET: Final = """
UPDATE talks t SET greeted_for = t.waiting_since
WHERE t.shop_id = %(shop_id)s AND t.order_id = %(order_id)s AND t.waiting_since IS NOT NULL
  AND t.greeted_for IS DISTINCT FROM t.waiting_since
"""
READ: Final = """
UPDATE talks t SET unread = 0, fresh = false
WHERE t.shop_id = %(shop_id)s AND t.order_id = %(order_id)s AND t.fresh AND t.last_id <= %(until)s
RETURNING t.unread, pg_notify('fahuo_live', %(shop_id)s || ':0')
"""


REST: Final = """
UPDATE talks t SET waiting_since = NULL, unread = 0, fresh = false
WHERE t.shop_id = %(shop_id)s AND t.order_id = %(order_id)s AND t.waiting_since IS NOT NULL AND t.last_id <= %(until)s
RETURNING t.unread, pg_notify('fahuo_live', %(shop_id)s || ':0')
"""


def rest(shop_id: int, order_id: int, *, until: int) -> bool:
    """Let nobody wait in a conversation, as it stood with the message `until`; whether somebody did."""
    return bool(sql.fetch(REST, shop_id=shop_id, order_id=order_id, until=until))


def greet(shop_id: int, order_id: int) -> bool:
    """Whether the buyer's present wait has had no automatic reply yet; from now on it has."""
    return sql.run(GREET, shop_id=shop_id, order_id=order_id) > 0


def read(shop_id: int, order_id: int, *, until: int) -> bool:
    """Somebody of the shop saw the messages up to the one with this id: none is unread, unless a later one came."""
    return bool(sql.fetch(READ, shop_id=shop_id, order_id=order_id, until=until))


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
    return sealed.open_texts(shop_id, sql.fetch(OF_ORDER, shop_id=shop_id, order_id=order_id), sealed.TALK, "body")


def between(shop_id: int, start: datetime, end: datetime) -> Iterator[Any]:
    """A shop's messages from `start` until just before `end`, without their texts, oldest first."""
    yield from sql.fetch(BETWEEN, shop_id=shop_id, start=start, end=end)


def cards(shop_id: int, order_id: int) -> int:
    """How many cards an order's seller was sent."""
    return int(sql.fetch(CARDS, shop_id=shop_id, order_id=order_id)[0].n)
