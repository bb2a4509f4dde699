"""Numbers ordered from carriers' services: asked for, taken up, settled row by row, given back.

`rules.carrying` says which state leads to which. A row is marked unknown, and that is committed, before the service is
asked: whatever ends the call, nobody takes it for one that was never asked.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import msgspec

from fahuo.rules.people import Actor
from fahuo.store import arrays, sealed, sql

OF_ORDERS: Final = """
SELECT n.id, n.state, n.contract_id, n.account_id, n.receiver_key, n.order_ids FROM number_orders n
WHERE n.shop_id = %(shop_id)s AND n.state IN ('waiting', 'unknown', 'refused') AND n.order_ids && %(order_ids)s::bigint[]
FOR UPDATE
"""


def of_orders(shop_id: int, order_ids: Sequence[int]) -> list[Any]:
    """What is asked for already for any of these orders, locked; the orders are locked by the caller."""
    return sql.fetch(OF_ORDERS, shop_id=shop_id, order_ids=arrays.ids(order_ids))


NAMES: Final = "SELECT id, number FROM orders WHERE shop_id = %(shop_id)s AND id = ANY(%(ids)s::bigint[])"


def names(shop_id: int, order_ids: Sequence[int]) -> dict[int, str]:
    """What these orders are called at the marketplace."""
    return {row.id: row.number for row in sql.fetch(NAMES, shop_id=shop_id, ids=arrays.ids(order_ids))}


ASK: Final = """
WITH fresh AS (
    INSERT INTO number_orders (shop_id, account_id, contract_id, order_ids, receiver_key, replaces_id, reason, state,
                               attempts, due_at, waybill, route, made_at, member_id, actor)
    SELECT %(shop_id)s, n.account_id, n.contract_id, ARRAY(SELECT jsonb_array_elements_text(n.order_ids)::bigint),
           n.receiver_key, n.replaces_id, %(reason)s, 'waiting', 0, %(now)s, '', '{}', %(now)s, %(member_id)s, %(actor)s
    FROM jsonb_to_recordset(%(rows)s::jsonb) AS n (
        account_id bigint, contract_id bigint, order_ids jsonb, receiver_key text, replaces_id bigint)
    RETURNING shop_id, id, account_id, contract_id, order_ids
), told AS (
    INSERT INTO journal (shop_id, at, member_id, actor, act, order_id, after)
    SELECT f.shop_id, %(now)s, %(member_id)s, %(actor)s, 'number.ordered', o.id,
           jsonb_build_object('number_order', f.id, 'contract', f.contract_id)
    FROM fresh f CROSS JOIN LATERAL unnest(f.order_ids) AS o (id) ORDER BY f.id, o.id
)
SELECT id, account_id FROM fresh
"""


def ask(actor: Actor, rows: Sequence[Mapping[str, Any]], *, reason: str, now: datetime) -> list[Any]:
    """Ask for a number for each: account_id, contract_id, order_ids, receiver_key, replaces_id; (id, account_id)."""
    if not rows:
        return []
    return sql.fetch(
        ASK, shop_id=actor.shop_id, member_id=actor.member_id, actor=actor.name, now=now, reason=reason,
        rows=msgspec.json.encode(rows).decode(),
    )  # fmt: skip


AGAIN: Final = """
UPDATE number_orders SET state = CASE WHEN state = 'refused' THEN 'waiting' ELSE state END, due_at = %(now)s, problem = NULL,
       attempts = 0
WHERE shop_id = %(shop_id)s AND id = ANY(%(ids)s::bigint[]) AND state IN ('waiting', 'unknown', 'refused', 'cancelling')
"""
OPEN_IDS: Final = """
SELECT id FROM number_orders WHERE shop_id = %(shop_id)s AND account_id = %(account_id)s
  AND state IN ('waiting', 'unknown', 'refused', 'cancelling') ORDER BY id LIMIT 10000
"""


def again(shop_id: int, ids: Sequence[int], *, now: datetime) -> int:
    """Ask for these again now, those refused too; how many."""
    return sql.run(AGAIN, shop_id=shop_id, ids=arrays.ids(ids), now=now)


def open_ids(shop_id: int, account_id: int) -> list[int]:
    """What is open at an account."""
    return [row.id for row in sql.fetch(OPEN_IDS, shop_id=shop_id, account_id=account_id)]


GIVE_UP: Final = """
WITH moved AS (
    UPDATE number_orders SET state = 'dropped', due_at = NULL, settled_at = %(now)s
    WHERE shop_id = %(shop_id)s AND id = ANY(%(ids)s::bigint[]) AND state IN ('waiting', 'refused')
    RETURNING shop_id, id, order_ids
), told AS (
    INSERT INTO journal (shop_id, at, member_id, actor, act, order_id, after)
    SELECT m.shop_id, %(now)s, %(member_id)s, %(actor)s, 'number.dropped', o.id, jsonb_build_object('number_order', m.id)
    FROM moved m CROSS JOIN LATERAL unnest(m.order_ids) AS o (id) ORDER BY m.id, o.id
)
SELECT id FROM moved
"""
SETTLED_ELSEWHERE: Final = """
UPDATE number_orders SET state = 'cancelled', due_at = NULL, settled_at = %(now)s
WHERE shop_id = %(shop_id)s AND id = %(id)s AND state = 'cancelling'
"""


def give_up(actor: Actor, ids: Sequence[int], *, now: datetime) -> int:
    """What waits or was refused is no longer wanted; how many. What is unknown stays: a number may stand there."""
    return len(sql.fetch(
        GIVE_UP, shop_id=actor.shop_id, member_id=actor.member_id, actor=actor.name, ids=arrays.ids(ids), now=now
    ))  # fmt: skip


def settled_elsewhere(shop_id: int, row_id: int, *, now: datetime) -> bool:
    """A person has given the number back at the carrier."""
    return sql.run(SETTLED_ELSEWHERE, shop_id=shop_id, id=row_id, now=now) == 1


TAKE: Final = """
WITH chosen AS MATERIALIZED (
    SELECT n.id, n.state AS before FROM number_orders n
    WHERE n.shop_id = %(shop_id)s AND n.account_id = %(account_id)s AND n.due_at <= %(now)s
      AND n.state IN ('waiting', 'unknown') ORDER BY n.due_at, n.id LIMIT %(limit)s FOR UPDATE
)
UPDATE number_orders n SET state = 'unknown', attempts = n.attempts + 1, due_at = %(until)s,
       asked_at = COALESCE(n.asked_at, %(now)s)
FROM chosen c WHERE n.shop_id = %(shop_id)s AND n.id = c.id
RETURNING n.id, c.before = 'unknown' AS asked, n.contract_id, n.order_ids, n.receiver_key, n.attempts, n.asked_at
"""


def take(shop_id: int, account_id: int, *, limit: int, until: datetime, now: datetime) -> list[Any]:
    """Rows that are due, unknown from now on; `asked`: they were unknown before. In the order of their ids."""
    rows = sql.fetch(TAKE, shop_id=shop_id, account_id=account_id, limit=limit, until=until, now=now)
    return sorted(rows, key=lambda row: row.id)


SETTLE: Final = """
UPDATE number_orders n SET state = s.state, due_at = s.due_at, problem = s.problem,
       asked_at = CASE WHEN s.state = 'waiting' AND NOT s.asked THEN NULL ELSE n.asked_at END,
       settled_at = CASE WHEN s.state = 'refused' THEN %(now)s END
FROM jsonb_to_recordset(%(rows)s::jsonb) AS s (id bigint, state text, due_at timestamptz, problem jsonb, asked boolean)
WHERE n.shop_id = %(shop_id)s AND n.id = s.id AND n.state = 'unknown'
"""


def settle(shop_id: int, rows: Sequence[Mapping[str, Any]], *, now: datetime) -> int:
    """Keep what became of rows without a number: id, state, due_at, problem, asked each."""
    if not rows:
        return 0
    return sql.run(SETTLE, shop_id=shop_id, rows=msgspec.json.encode(rows).decode(), now=now)


CAME: Final = """
UPDATE number_orders SET state = %(state)s, waybill = %(waybill)s, route = %(route)s::jsonb, label_id = %(label_id)s,
       problem = %(problem)s::jsonb, due_at = %(due_at)s, settled_at = %(now)s
WHERE shop_id = %(shop_id)s AND id = %(id)s AND state = 'unknown'
"""
LOCK: Final = """
SELECT n.id, n.state, n.contract_id, n.order_ids, n.receiver_key, n.replaces_id, n.reason, n.member_id, n.actor
FROM number_orders n WHERE n.shop_id = %(shop_id)s AND n.id = %(id)s FOR UPDATE
"""


def lock(shop_id: int, row_id: int) -> Any | None:
    """A row, locked."""
    return sql.fetch_one(LOCK, shop_id=shop_id, id=row_id)


def came(
    shop_id: int, row_id: int, waybill: str, route: Mapping[str, str], *, label_id: int | None,
    problem: Mapping[str, Any] | None, now: datetime,
) -> bool:  # fmt: skip
    """A number came: onto a label, or (None) to be given back, with the reason. False when it was settled before."""
    return sql.run(
        CAME, shop_id=shop_id, id=row_id, state="cancelling" if label_id is None else "done", waybill=waybill,
        route=msgspec.json.encode(route).decode(), label_id=label_id, now=now,
        problem=None if problem is None else msgspec.json.encode(problem).decode(), due_at=now if label_id is None else None,
    ) == 1  # fmt: skip


ROUTE: Final = "UPDATE labels SET route = %(route)s::jsonb WHERE shop_id = %(shop_id)s AND id = %(label_id)s"


def route(shop_id: int, label_id: int, found: Mapping[str, str]) -> int:
    """What the carrier wants printed, onto the label."""
    return sql.run(ROUTE, shop_id=shop_id, label_id=label_id, route=msgspec.json.encode(found).decode())


VOIDED: Final = """
UPDATE number_orders SET state = 'cancelling', due_at = %(now)s, attempts = 0, settled_at = NULL
WHERE shop_id = %(shop_id)s AND label_id = ANY(%(label_ids)s::bigint[]) AND state = 'done' RETURNING account_id
"""


def voided(shop_id: int, label_ids: Sequence[int], *, now: datetime) -> list[int]:
    """Labels were voided: numbers of theirs that came from a service are given back; the accounts concerned."""
    rows = sql.fetch(VOIDED, shop_id=shop_id, label_ids=arrays.ids(label_ids), now=now)
    return sorted({row.account_id for row in rows})


CANCELS: Final = """
SELECT n.id, n.contract_id, n.waybill, n.attempts, c.carrier, c.account FROM number_orders n
JOIN contracts c ON c.shop_id = %(shop_id)s AND c.id = n.contract_id
WHERE n.shop_id = %(shop_id)s AND n.account_id = %(account_id)s AND n.due_at <= %(now)s AND n.state = 'cancelling'
ORDER BY n.due_at, n.id LIMIT %(limit)s
"""
CANCELLED: Final = """
UPDATE number_orders n SET state = s.state, due_at = s.due_at, problem = s.problem, attempts = n.attempts + 1,
       settled_at = CASE WHEN s.state = 'cancelled' THEN %(now)s END
FROM jsonb_to_recordset(%(rows)s::jsonb) AS s (id bigint, state text, due_at timestamptz, problem jsonb)
WHERE n.shop_id = %(shop_id)s AND n.id = s.id AND n.state = 'cancelling'
"""


def cancels(shop_id: int, account_id: int, *, limit: int, now: datetime) -> list[Any]:
    """Numbers to be given back now."""
    return sql.fetch(CANCELS, shop_id=shop_id, account_id=account_id, limit=limit, now=now)


def cancelled(shop_id: int, rows: Sequence[Mapping[str, Any]], *, now: datetime) -> int:
    """Keep what became of giving back: id, state, due_at, problem each."""
    if not rows:
        return 0
    return sql.run(CANCELLED, shop_id=shop_id, rows=msgspec.json.encode(rows).decode(), now=now)


GOODS: Final = """
WITH asked AS MATERIALIZED (
    SELECT %(shop_id)s::bigint AS shop_id, n.id, n.contract_id, u.order_id, u.place
    FROM number_orders n CROSS JOIN LATERAL unnest(n.order_ids) WITH ORDINALITY AS u (order_id, place)
    WHERE n.shop_id = %(shop_id)s AND n.id = ANY(%(ids)s::bigint[])
), line AS (
    SELECT a.id, l.title, l.sku, l.quantity - l.shipped_quantity AS quantity, a.place, l.id AS line_id, s.grams
    FROM asked a JOIN order_lines l ON l.shop_id = a.shop_id AND l.order_id = a.order_id
    LEFT JOIN skus s ON s.shop_id = a.shop_id AND s.code = l.sku AND l.sku <> ''
    WHERE l.refund_status <> 'succeeded' AND l.quantity > l.shipped_quantity
), goods AS (
    SELECT id, json_agg(json_build_array(title, sku, quantity) ORDER BY place, line_id) AS goods,
           CASE WHEN bool_and(grams IS NOT NULL) THEN sum(grams * quantity) END AS grams
    FROM line GROUP BY id
), numbers AS (
    SELECT a.id, array_agg(o.number ORDER BY a.place) AS numbers, json_agg(json_build_array(o.title, '', o.quantity)
           ORDER BY a.place) AS titles
    FROM asked a JOIN orders o ON o.shop_id = a.shop_id AND o.id = a.order_id GROUP BY a.id
)
SELECT a.id, c.carrier, c.account, c.branch, c.sender_name, c.sender_phone, c.sender_address, n.numbers,
       COALESCE(g.goods, n.titles) AS goods, g.grams, t.name, t.phone, t.phone_extension, t.province, t.city, t.district,
       t.address, t.sealed, t.order_id AS sealed_of
FROM asked a
JOIN numbers n ON n.id = a.id
JOIN contracts c ON c.shop_id = a.shop_id AND c.id = a.contract_id
LEFT JOIN goods g ON g.id = a.id
LEFT JOIN receivers t ON t.shop_id = a.shop_id AND t.order_id = a.order_id
WHERE a.place = 1
"""


def contents(shop_id: int, ids: Sequence[int]) -> dict[int, Any]:
    """What a service must know of each row: carrier, sender, receiver, goods, weight. Personal data, unmasked."""
    rows = sealed.open_receivers(shop_id, sql.fetch(GOODS, shop_id=shop_id, ids=arrays.ids(ids)))
    return {row.id: row for row in rows}


LISTED: Final = """
SELECT n.id, n.account_id, n.state, n.attempts, n.due_at, n.problem, n.waybill, n.made_at, n.asked_at, c.name AS contract,
       c.carrier, (SELECT o.number FROM orders o WHERE o.shop_id = %(shop_id)s AND o.id = n.order_ids[1]) AS number,
       n.order_ids[1] AS order_id
FROM number_orders n JOIN contracts c ON c.shop_id = %(shop_id)s AND c.id = n.contract_id
WHERE n.shop_id = %(shop_id)s AND n.account_id = %(account_id)s
  AND n.state IN ('waiting', 'unknown', 'refused', 'cancelling')
ORDER BY n.id LIMIT %(limit)s
"""
COUNTED: Final = """
SELECT n.account_id, n.state, count(*) AS n FROM number_orders n
WHERE n.shop_id = %(shop_id)s AND n.state IN ('waiting', 'unknown', 'refused', 'cancelling') GROUP BY 1, 2
"""


def listed(shop_id: int, account_id: int, *, limit: int) -> list[Any]:
    """What is open at an account, oldest first."""
    rows = sql.fetch(LISTED, shop_id=shop_id, account_id=account_id, limit=limit)
    return [row._replace(problem=json.loads(row.problem) if row.problem else None) for row in rows]


def counted(shop_id: int) -> dict[int, dict[str, int]]:
    """How many are open, by account and state."""
    found: dict[int, dict[str, int]] = {}
    for row in sql.fetch(COUNTED, shop_id=shop_id):
        found.setdefault(row.account_id, {})[row.state] = row.n
    return found
