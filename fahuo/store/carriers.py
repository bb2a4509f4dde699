"""Accounts with carriers' services: kept, taken up by one clock at a time, and the record of their calls."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from psycopg.types.json import Jsonb

from fahuo.store import sql

COLUMNS: Final = """
a.id, a.shop_id, a.kind, a.name, a.settings, a.shown, a.push_key, a.active, a.tracks, a.due_at, a.held_until, a.failures,
a.trouble, a.problem, a.called_at, a.answered_at, a.pushed_at, a.followed_until, a.created_at
"""
ADD: Final = """
INSERT INTO carrier_accounts (shop_id, kind, name, settings, shown, push_key, active, tracks, due_at, failures, trouble,
                              followed_until, created_at)
VALUES (%(shop_id)s, %(kind)s, %(name)s, %(settings)s, %(shown)s, %(push_key)s, true, %(tracks)s, %(now)s, 0, '',
        %(now)s, %(now)s)
ON CONFLICT (shop_id, name) DO NOTHING RETURNING id
"""


def add(
    shop_id: int, kind: str, name: str, *, settings: str, shown: Mapping[str, str], push_key: str, tracks: bool,
    now: datetime,
) -> int | None:  # fmt: skip
    """A new account's id; None when the shop has one of that name."""
    row = sql.fetch_one(
        ADD, shop_id=shop_id, kind=kind, name=name, settings=settings, shown=Jsonb(dict(shown)), push_key=push_key,
        tracks=tracks, now=now,
    )  # fmt: skip
    return int(row.id) if row else None


ONE: Final = f"SELECT {COLUMNS} FROM carrier_accounts a WHERE a.shop_id = %(shop_id)s AND a.id = %(id)s"
OF_SHOP: Final = f"SELECT {COLUMNS} FROM carrier_accounts a WHERE a.shop_id = %(shop_id)s ORDER BY a.id"


def _row(row: Any) -> Any:
    return row._replace(shown=json.loads(row.shown), problem=json.loads(row.problem) if row.problem else None)


def one(shop_id: int, account_id: int) -> Any | None:
    """An account of the shop, its settings sealed."""
    row = sql.fetch_one(ONE, shop_id=shop_id, id=account_id)
    return None if row is None else _row(row)


def of_shop(shop_id: int) -> list[Any]:
    """The shop's accounts."""
    return [_row(row) for row in sql.fetch(OF_SHOP, shop_id=shop_id)]


BY_KEY: Final = (
    f"SELECT {COLUMNS} FROM carrier_accounts a WHERE a.shop_id = %(shop_id)s AND a.push_key = %(key)s AND a.active"
)


def by_key(shop_id: int, key: str) -> Any | None:
    """The active account that this key of its push address is for."""
    row = sql.fetch_one(BY_KEY, shop_id=shop_id, key=key) if key.isascii() and key.isprintable() else None
    return None if row is None else _row(row)


SET: Final = """
UPDATE carrier_accounts a SET name = %(name)s, settings = %(settings)s, shown = %(shown)s, active = %(active)s,
       tracks = %(tracks)s, failures = 0, due_at = CASE WHEN %(active)s THEN %(now)s::timestamptz END,
       followed_until = CASE WHEN %(tracks)s AND NOT a.tracks THEN %(now)s ELSE a.followed_until END
WHERE a.shop_id = %(shop_id)s AND a.id = %(id)s AND NOT EXISTS (
    SELECT FROM carrier_accounts o WHERE o.shop_id = %(shop_id)s AND o.name = %(name)s AND o.id <> %(id)s)
"""


def change(
    shop_id: int, account_id: int, *, name: str, settings: str, shown: Mapping[str, str], active: bool, tracks: bool,
    now: datetime,
) -> bool:  # fmt: skip
    """Keep what was changed; False when another has that name."""
    return sql.run(
        SET, shop_id=shop_id, id=account_id, name=name, settings=settings, shown=Jsonb(dict(shown)), active=active,
        tracks=tracks, now=now,
    ) == 1  # fmt: skip


USED: Final = """
SELECT EXISTS (SELECT FROM contracts c WHERE c.shop_id = %(shop_id)s AND c.carrier_account_id = %(id)s)
    OR EXISTS (SELECT FROM number_orders n WHERE n.shop_id = %(shop_id)s AND n.account_id = %(id)s
               AND n.state IN ('waiting', 'unknown', 'cancelling'))
    OR EXISTS (SELECT FROM pickup_calls k WHERE k.shop_id = %(shop_id)s AND k.account_id = %(id)s
               AND k.state IN ('waiting', 'unknown', 'cancelling')) AS used
"""
DROP: Final = (
    "DELETE FROM carrier_calls WHERE shop_id = %(shop_id)s AND account_id = %(id)s",
    "DELETE FROM trackings WHERE shop_id = %(shop_id)s AND account_id = %(id)s",
    "DELETE FROM carrier_accounts WHERE shop_id = %(shop_id)s AND id = %(id)s",
)


def used(shop_id: int, account_id: int) -> bool:
    """Whether a contract goes by it, or a number is under way."""
    row = sql.fetch_one(USED, shop_id=shop_id, id=account_id)
    return row is not None and bool(row.used)


def drop(shop_id: int, account_id: int) -> int:
    """Forget an account with what it follows; numbers that were ordered stay as they are."""
    return sum(sql.run(statement, shop_id=shop_id, id=account_id) for statement in DROP)


BIND: Final = """
UPDATE contracts SET numbers = CASE WHEN %(account_id)s::bigint IS NULL THEN 'entered' ELSE 'service' END,
       carrier_account_id = %(account_id)s
WHERE shop_id = %(shop_id)s AND id = %(id)s
  AND (carrier_account_id IS DISTINCT FROM %(account_id)s::bigint OR %(account_id)s::bigint IS NOT NULL AND numbers <> 'service')
"""


def bind(shop_id: int, contract_id: int, account_id: int | None) -> bool:
    """Let a contract's numbers come from an account, or (None) from its courier again; whether that is news."""
    return sql.run(BIND, shop_id=shop_id, id=contract_id, account_id=account_id) == 1


HURRY: Final = "UPDATE carrier_accounts SET due_at = %(at)s WHERE shop_id = %(shop_id)s AND id = %(id)s AND active"
HURRY_WELL: Final = HURRY + " AND failures < %(breaks_at)s AND (due_at IS NULL OR due_at > %(at)s) AND trouble <> 'unauthorised'"  # fmt: skip


def hurry(shop_id: int, account_id: int, *, at: datetime) -> int:
    """Take it up then, whatever was before: a person says so."""
    return sql.run(HURRY, shop_id=shop_id, id=account_id, at=at)


def wake(shop_id: int, account_id: int, *, breaks_at: int, at: datetime) -> int:
    """Take it up then, unless its breaker is open or it waits for a person."""
    return sql.run(HURRY_WELL, shop_id=shop_id, id=account_id, at=at, breaks_at=breaks_at)


SHOPS_DUE: Final = """
/* across shops: shops with work */
SELECT DISTINCT a.shop_id FROM carrier_accounts a
WHERE a.due_at <= %(now)s AND (a.held_until IS NULL OR a.held_until < %(now)s)
"""
TAKE: Final = f"""
WITH chosen AS MATERIALIZED (
    SELECT a.shop_id, a.id FROM carrier_accounts a
    WHERE a.shop_id = %(shop_id)s AND a.due_at <= %(now)s AND a.active
      AND (a.held_until IS NULL OR a.held_until < %(now)s) ORDER BY a.due_at FOR UPDATE SKIP LOCKED
)
UPDATE carrier_accounts a SET held_until = %(until)s, due_at = %(until)s FROM chosen c WHERE a.shop_id = c.shop_id AND a.id = c.id
RETURNING {COLUMNS}
"""
KEEP: Final = """
UPDATE carrier_accounts SET held_until = %(until)s
WHERE shop_id = %(shop_id)s AND id = %(id)s AND held_until = %(before)s
"""


def shops_due(*, now: datetime) -> list[int]:
    """The shops that have an account to take up."""
    return [row.shop_id for row in sql.fetch(SHOPS_DUE, now=now)]


def take(shop_id: int, *, until: datetime, now: datetime) -> list[Any]:
    """The shop's accounts that are due, each nobody else's before `until`."""
    return [_row(row) for row in sql.fetch(TAKE, shop_id=shop_id, until=until, now=now)]


def keep(shop_id: int, account_id: int, *, before: datetime, until: datetime) -> bool:
    """Keep it in hand for longer; False when it is in other hands by now."""
    return sql.run(KEEP, shop_id=shop_id, id=account_id, before=before, until=until) == 1


LET_GO: Final = """
UPDATE carrier_accounts SET failures = %(failures)s, trouble = %(trouble)s, problem = %(problem)s, held_until = NULL,
       due_at = CASE WHEN NOT active THEN NULL
                     WHEN due_at > %(began_at)s AND due_at < %(first)s THEN LEAST(due_at, %(due_at)s::timestamptz)
                     ELSE %(due_at)s::timestamptz END
WHERE shop_id = %(shop_id)s AND id = %(id)s AND held_until = %(held)s
"""


def let_go(
    shop_id: int, account_id: int, *, held: datetime, began_at: datetime, first: datetime, failures: int, trouble: str,
    problem: Mapping[str, Any] | None, due_at: datetime | None,
) -> int:  # fmt: skip
    """A round is over: how it stands, and when it is taken up again; sooner, if somebody asked since `began_at` (then it
    was put off until `first`)."""
    return sql.run(
        LET_GO, shop_id=shop_id, id=account_id, held=held, began_at=began_at, first=first, failures=failures, trouble=trouble,
        problem=None if problem is None else Jsonb(problem), due_at=due_at,
    )  # fmt: skip


NOTE: Final = """
WITH called AS (
    UPDATE carrier_accounts SET
        called_at = CASE WHEN %(act)s = 'push' THEN called_at ELSE %(at)s END,
        answered_at = CASE WHEN %(act)s = 'push' OR %(heard)s = 'unanswered' THEN answered_at ELSE %(at)s END,
        pushed_at = CASE WHEN %(act)s = 'push' AND %(heard)s = 'pushed' THEN %(at)s ELSE pushed_at END
    WHERE shop_id = %(shop_id)s AND id = %(account_id)s
)
INSERT INTO carrier_calls (shop_id, account_id, act, at, rows, heard, code, ms)
VALUES (%(shop_id)s, %(account_id)s, %(act)s, %(at)s, %(rows)s, %(heard)s, %(code)s, %(ms)s)
"""


def note(
    shop_id: int, account_id: int, act: str, *, at: datetime, rows: int, heard: str, code: str, ms: int
) -> int:  # fmt: skip
    """Record a call."""
    return sql.run(
        NOTE, shop_id=shop_id, account_id=account_id, act=act, at=at, rows=rows, heard=heard, code=code, ms=ms
    )  # fmt: skip


CALLS: Final = """
SELECT id, act, at, rows, heard, code, ms FROM carrier_calls
WHERE shop_id = %(shop_id)s AND account_id = %(account_id)s ORDER BY id DESC LIMIT %(limit)s
"""
FORGET: Final = """
/* across shops: shops with work */
SELECT a.shop_id FROM carrier_accounts a GROUP BY a.shop_id
"""
FORGET_OF: Final = "DELETE FROM carrier_calls WHERE shop_id = %(shop_id)s AND at < %(before)s"


def calls(shop_id: int, account_id: int, *, limit: int) -> list[Any]:
    """The newest calls."""
    return sql.fetch(CALLS, shop_id=shop_id, account_id=account_id, limit=limit)


def forget_calls(*, before: datetime) -> int:
    """Forget calls before then."""
    return sum(sql.run(FORGET_OF, shop_id=row.shop_id, before=before) for row in sql.fetch(FORGET))


CONTRACTS: Final = """
SELECT id, name, carrier, numbers, active, carrier_account_id FROM contracts WHERE shop_id = %(shop_id)s
ORDER BY NOT active, position, id
"""


def contracts(shop_id: int) -> Sequence[Any]:
    """The shop's contracts, with the accounts that their numbers come from."""
    return sql.fetch(CONTRACTS, shop_id=shop_id)
