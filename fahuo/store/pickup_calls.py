"""Pickups that carriers' services are asked for: taken up, settled row by row, called off. As numbers (`number_orders`), a
row is marked unknown, and that is committed, before the service is asked."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import msgspec

from fahuo.store import arrays, sql

ASK: Final = """
INSERT INTO pickup_calls (shop_id, pickup_id, account_id, state, attempts, due_at, made_at)
VALUES (%(shop_id)s, %(pickup_id)s, %(account_id)s, 'waiting', 0, %(now)s, %(now)s)
ON CONFLICT (shop_id, pickup_id) DO NOTHING
"""


def ask(shop_id: int, pickup_id: int, account_id: int, *, now: datetime) -> bool:
    """Have an account ask for a pickup; whether it was not asked for already."""
    return sql.run(ASK, shop_id=shop_id, pickup_id=pickup_id, account_id=account_id, now=now) == 1


ACCOUNT: Final = """
SELECT a.id, a.kind FROM contracts c
JOIN carrier_accounts a ON a.shop_id = %(shop_id)s AND a.id = c.carrier_account_id
WHERE c.shop_id = %(shop_id)s AND c.id = %(contract_id)s AND a.active
"""


def account_of(shop_id: int, contract_id: int) -> Any | None:
    """The account that a contract's numbers come from, while it is on: id, kind."""
    return sql.fetch_one(ACCOUNT, shop_id=shop_id, contract_id=contract_id)


TAKE: Final = """
WITH chosen AS MATERIALIZED (
    SELECT k.pickup_id, k.state AS before FROM pickup_calls k
    WHERE k.shop_id = %(shop_id)s AND k.account_id = %(account_id)s AND k.due_at <= %(now)s
      AND k.state IN ('waiting', 'unknown') ORDER BY k.due_at, k.pickup_id LIMIT %(limit)s FOR UPDATE
)
UPDATE pickup_calls k SET state = 'unknown', attempts = k.attempts + 1, due_at = %(until)s
FROM chosen c WHERE k.shop_id = %(shop_id)s AND k.pickup_id = c.pickup_id
RETURNING k.pickup_id, c.before = 'unknown' AS asked, k.attempts
"""
CANCELS: Final = """
SELECT k.pickup_id, TRUE AS asked, k.attempts FROM pickup_calls k
WHERE k.shop_id = %(shop_id)s AND k.account_id = %(account_id)s AND k.due_at <= %(now)s AND k.state = 'cancelling'
ORDER BY k.due_at, k.pickup_id LIMIT %(limit)s
"""


def take(shop_id: int, account_id: int, *, limit: int, until: datetime, now: datetime) -> list[Any]:
    """Pickups that are to be asked for now, unknown from now on: pickup_id, asked (it was unknown before), attempts."""
    rows = sql.fetch(TAKE, shop_id=shop_id, account_id=account_id, limit=limit, until=until, now=now)
    return sorted(rows, key=lambda row: row.pickup_id)


def cancels(shop_id: int, account_id: int, *, limit: int, now: datetime) -> list[Any]:
    """Pickups that are to be called off now, as `take` has them."""
    return sql.fetch(CANCELS, shop_id=shop_id, account_id=account_id, limit=limit, now=now)


CONTENTS: Final = """
SELECT p.id, p.expected_at, c.carrier, c.account, c.sender_name, c.sender_phone, c.sender_address,
       (SELECT count(*)::int FROM (
            SELECT FROM labels l WHERE l.shop_id = %(shop_id)s AND l.contract_id = c.id AND l.handed_over_at IS NULL
              AND l.voided_at IS NULL LIMIT 999) AS here) AS waits
FROM pickups p JOIN contracts c ON c.shop_id = %(shop_id)s AND c.id = p.contract_id
WHERE p.shop_id = %(shop_id)s AND p.id = ANY(%(ids)s::bigint[])
"""


def contents(shop_id: int, pickup_ids: Sequence[int]) -> dict[int, Any]:
    """What a service must know of each pickup: when, carrier, sender, how many parcels wait."""
    return {row.id: row for row in sql.fetch(CONTENTS, shop_id=shop_id, ids=arrays.ids(pickup_ids))}


SETTLE: Final = """
UPDATE pickup_calls k SET state = s.state, due_at = s.due_at, problem = s.problem,
       attempts = k.attempts + CASE WHEN s.before = 'cancelling' THEN 1 ELSE 0 END,
       settled_at = CASE WHEN s.state IN ('done', 'refused', 'cancelled') THEN %(now)s END
FROM jsonb_to_recordset(%(rows)s::jsonb) AS s (id bigint, before text, state text, due_at timestamptz, problem jsonb)
WHERE k.shop_id = %(shop_id)s AND k.pickup_id = s.id AND k.state = s.before
"""


def settle(shop_id: int, rows: Sequence[Mapping[str, Any]], *, now: datetime) -> int:
    """Keep what became of rows that are still as they were asked: id, before, state, due_at, problem each."""
    return sql.run(SETTLE, shop_id=shop_id, rows=msgspec.json.encode(rows).decode(), now=now) if rows else 0


WITHDRAW: Final = """
UPDATE pickup_calls SET state = CASE WHEN state IN ('unknown', 'done') THEN 'cancelling' ELSE 'dropped' END, attempts = 0,
       due_at = CASE WHEN state IN ('unknown', 'done') THEN %(now)s::timestamptz END, problem = NULL, settled_at = NULL
WHERE shop_id = %(shop_id)s AND pickup_id = %(pickup_id)s AND state IN ('waiting', 'unknown', 'refused', 'done')
RETURNING account_id, state
"""
CAME: Final = """
UPDATE pickup_calls SET state = CASE state WHEN 'unknown' THEN 'done' ELSE 'dropped' END, due_at = NULL, settled_at = %(now)s
WHERE shop_id = %(shop_id)s AND pickup_id = %(pickup_id)s AND state IN ('waiting', 'unknown', 'refused')
"""
AGAIN: Final = """
UPDATE pickup_calls SET state = CASE WHEN state = 'refused' THEN 'waiting' ELSE state END, due_at = %(now)s, problem = NULL,
       attempts = 0, settled_at = NULL
WHERE shop_id = %(shop_id)s AND account_id = %(account_id)s AND (%(pickup_id)s::bigint IS NULL OR pickup_id = %(pickup_id)s)
  AND state IN ('waiting', 'unknown', 'refused', 'cancelling')
"""
SETTLED_ELSEWHERE: Final = """
UPDATE pickup_calls SET state = CASE state WHEN 'refused' THEN 'dropped' ELSE 'cancelled' END, due_at = NULL, settled_at = %(now)s
WHERE shop_id = %(shop_id)s AND pickup_id = %(pickup_id)s AND state IN ('refused', 'cancelling') AND due_at IS NULL
"""


def withdraw(shop_id: int, pickup_id: int, *, now: datetime) -> int | None:
    """Nobody is to come: what was not asked is dropped, what may stand there is called off; the account that must ask."""
    row = sql.fetch_one(WITHDRAW, shop_id=shop_id, pickup_id=pickup_id, now=now)
    return int(row.account_id) if row is not None and row.state == "cancelling" else None


def came(shop_id: int, pickup_id: int, *, now: datetime) -> int:
    """The courier came: he is called no more."""
    return sql.run(CAME, shop_id=shop_id, pickup_id=pickup_id, now=now)


def again(shop_id: int, account_id: int, pickup_id: int | None, *, now: datetime) -> int:
    """Ask again now for one, or (None) all that are open at an account; how many."""
    return sql.run(AGAIN, shop_id=shop_id, account_id=account_id, pickup_id=pickup_id, now=now)


def settled_elsewhere(shop_id: int, pickup_id: int, *, now: datetime) -> bool:
    """A person has called the courier, or called him off, by himself; whether a row waited for that."""
    return sql.run(SETTLED_ELSEWHERE, shop_id=shop_id, pickup_id=pickup_id, now=now) == 1


OF_PICKUPS: Final = """
SELECT k.pickup_id, k.account_id, k.state, k.attempts, k.due_at, k.problem::text AS problem, a.name AS account
FROM pickup_calls k LEFT JOIN carrier_accounts a ON a.shop_id = %(shop_id)s AND a.id = k.account_id
WHERE k.shop_id = %(shop_id)s AND k.pickup_id = ANY(%(ids)s::bigint[])
"""
LISTED: Final = """
SELECT k.pickup_id, k.state, k.attempts, k.due_at, k.problem::text AS problem, p.expected_at, c.name AS contract
FROM pickup_calls k JOIN pickups p ON p.shop_id = %(shop_id)s AND p.id = k.pickup_id
JOIN contracts c ON c.shop_id = %(shop_id)s AND c.id = p.contract_id
WHERE k.shop_id = %(shop_id)s AND k.account_id = %(account_id)s AND k.state IN ('waiting', 'unknown', 'refused', 'cancelling')
ORDER BY k.pickup_id LIMIT %(limit)s
"""


def _told(row: Any) -> Any:
    return row._replace(problem=json.loads(row.problem) if row.problem else None)


def of_pickups(shop_id: int, pickup_ids: Sequence[int]) -> dict[int, Any]:
    """Pickup -> how it stands with the service that was asked for it."""
    return {row.pickup_id: _told(row) for row in sql.fetch(OF_PICKUPS, shop_id=shop_id, ids=arrays.ids(pickup_ids))}


def listed(shop_id: int, account_id: int, *, limit: int) -> list[Any]:
    """What is open at an account, oldest first."""
    return [_told(row) for row in sql.fetch(LISTED, shop_id=shop_id, account_id=account_id, limit=limit)]
