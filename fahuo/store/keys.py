"""API keys, and how many calls each has left.

A key is found by its digest in one small shared table, which says whose it is; everything else names the shop.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from fahuo.rules.machines import Fresh
from fahuo.store import sql

FIND: Final = "SELECT to_shop_id, key_id FROM api_key_map WHERE digest = %(digest)s"


def find(digest: bytes) -> tuple[int, int] | None:
    """(shop, key) of a digest; None for a key that was never made."""
    row = sql.fetch_one(FIND, digest=digest)
    return None if row is None else (row.to_shop_id, row.key_id)


ONE: Final = """
SELECT k.id, k.shop_id, k.name, k.hint, k.scopes, k.per_minute, k.revoked_at, k.last_used_at, s.code AS shop, s.time_zone
FROM api_keys k JOIN shops s ON s.id = k.shop_id
WHERE k.shop_id = %(shop_id)s AND k.id = %(key_id)s
"""


def one(shop_id: int, key_id: int) -> Any | None:
    """A key as it stands, with its shop's code and time zone."""
    return sql.fetch_one(ONE, shop_id=shop_id, key_id=key_id)


ADD: Final = """
WITH made AS (
    INSERT INTO api_keys (shop_id, name, hint, scopes, per_minute, created_at, created_by, created_by_name, revoked_by_name)
    VALUES (%(shop_id)s, %(name)s, %(hint)s, %(scopes)s, %(per_minute)s, %(now)s, %(member_id)s, %(actor)s, '')
    RETURNING id
)
INSERT INTO api_key_map (digest, to_shop_id, key_id) SELECT %(digest)s, %(shop_id)s, made.id FROM made RETURNING key_id
"""


def add(
    shop_id: int, fresh: Fresh, *, name: str, scopes: Sequence[str], per_minute: int | None, member_id: int | None,
    actor: str, now: datetime,
) -> int:  # fmt: skip
    """Keep a new key; its id."""
    return int(sql.fetch(
        ADD, shop_id=shop_id, name=name, hint=fresh.hint, scopes=list(scopes), per_minute=per_minute, now=now,
        member_id=member_id, actor=actor, digest=fresh.digest,
    )[0].key_id)  # fmt: skip


REVOKE: Final = """
UPDATE api_keys SET revoked_at = %(now)s, revoked_by_name = %(actor)s
WHERE shop_id = %(shop_id)s AND id = %(key_id)s AND revoked_at IS NULL RETURNING name
"""


def revoke(shop_id: int, key_id: int, *, actor: str, now: datetime) -> str | None:
    """Revoke a living key; its name, or None where there is none."""
    row = sql.fetch_one(REVOKE, shop_id=shop_id, key_id=key_id, actor=actor, now=now)
    return None if row is None else row.name


ALL: Final = """
SELECT id, name, hint, scopes, per_minute, created_at, created_by_name, last_used_at, revoked_at, revoked_by_name
FROM api_keys WHERE shop_id = %(shop_id)s ORDER BY revoked_at IS NOT NULL, id DESC LIMIT 200
"""
LIVING: Final = "SELECT count(*) AS number FROM api_keys WHERE shop_id = %(shop_id)s AND revoked_at IS NULL"


def of_shop(shop_id: int) -> list[Any]:
    """The shop's keys: the living ones first, each newest first."""
    return sql.fetch(ALL, shop_id=shop_id)


def living(shop_id: int) -> int:
    """How many keys of the shop may be used."""
    return int(sql.fetch(LIVING, shop_id=shop_id)[0].number)


USED: Final = """
UPDATE api_keys SET last_used_at = %(now)s
WHERE shop_id = %(shop_id)s AND id = %(key_id)s AND (last_used_at IS NULL OR last_used_at < %(now)s)
"""


def used(shop_id: int, key_id: int, *, now: datetime) -> None:
    """Note that a key was used; asked at most once a minute by each process."""
    sql.run(USED, shop_id=shop_id, key_id=key_id, now=now)


TAKE: Final = """
WITH was AS MATERIALIZED (
    SELECT l.key_id, LEAST(%(most)s::float8, l.tokens + %(back)s::float8
           + GREATEST(extract(epoch FROM %(now)s::timestamptz - l.at), 0)::float8 * %(most)s::float8 / %(window)s::float8) AS filled
    FROM api_limits l WHERE l.shop_id = %(shop_id)s AND l.key_id = %(key_id)s FOR UPDATE
), given AS (
    SELECT key_id, filled, CASE WHEN filled >= %(least)s THEN LEAST(floor(filled), %(want)s::float8) ELSE 0 END AS granted
    FROM was
)
UPDATE api_limits l SET tokens = g.filled - g.granted, at = GREATEST(l.at, %(now)s::timestamptz)
FROM given g WHERE l.shop_id = %(shop_id)s AND l.key_id = g.key_id
RETURNING g.granted::bigint AS granted, l.tokens
"""
FILL: Final = """
INSERT INTO api_limits (shop_id, key_id, tokens, at) VALUES (%(shop_id)s, %(key_id)s, %(most)s, %(now)s)
ON CONFLICT DO NOTHING
"""


def take(
    shop_id: int, key_id: int, *, most: int, least: int, want: int, back: int, window: int, now: datetime
) -> tuple[int, float]:  # fmt: skip
    """Take up to `want` tokens of a key's allowance (`most` in `window` seconds), none when there are fewer than `least`.

    `back`: tokens taken earlier and not used. (taken, left). One row for each key, shared by all processes.
    """
    asked: dict[str, Any] = {
        "shop_id": shop_id, "key_id": key_id, "most": most, "least": least, "want": want, "back": back,
        "window": window, "now": now,
    }  # fmt: skip
    row = sql.fetch_one(TAKE, **asked)
    if row is None:
        sql.run(FILL, shop_id=shop_id, key_id=key_id, most=most, now=now)
        row = sql.fetch_one(TAKE, **asked)
    return (int(row.granted), float(row.tokens)) if row else (0, 0.0)
