"""Walks over everything that is kept sealed: the next rows that are not sealed under the newest key, and writing them back.

A walk goes by the rows' ids and leaves out whoever else has a row in hand; the walk after it finds those. How far each has
come is a row of `seal_passes`, written in the transaction of the step itself: a walk goes on where it was killed.
"""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import msgspec

from fahuo.store import sealed, sql


@dataclass(frozen=True, slots=True)
class Walk:
    """One kind of rows: what it finds (`upto` and `row` tell where), what it writes, and what counts its rows by key."""

    find: str
    write: str
    count: str = ""


def _texts(table: str, column: str) -> Walk:
    """Of a column of texts that are sealed one by one."""
    return Walk(
        f"""
SELECT t.id AS upto, 0 AS row, t.{column} AS text FROM {table} t
WHERE t.shop_id = %(shop_id)s AND t.id > %(upto)s AND NOT t.{column} = '' AND NOT starts_with(t.{column}, %(word)s)
ORDER BY t.id LIMIT %(limit)s FOR NO KEY UPDATE SKIP LOCKED
""",
        f"""
UPDATE {table} t SET {column} = n.text FROM jsonb_to_recordset(%(rows)s::jsonb) AS n (upto bigint, text text)
WHERE t.shop_id = %(shop_id)s AND t.id = n.upto
""",
        f"""
SELECT CASE WHEN starts_with(t.{column}, 'sealed:') THEN substr(t.{column}, 8, 8) ELSE '' END AS head, count(*) AS number
FROM {table} t WHERE t.shop_id = %(shop_id)s AND NOT t.{column} = '' GROUP BY 1
""",
    )


RECEIVERS: Final = Walk(
    """
SELECT r.order_id AS upto, 0 AS row, r.name, r.phone, r.phone_extension, r.address, r.postcode, r.sealed,
       r.order_id AS sealed_of
FROM receivers r WHERE r.shop_id = %(shop_id)s AND r.order_id > %(upto)s
  AND (r.sealed IS NULL OR NOT substring(r.sealed FROM 1 FOR 6) = %(head)s)
ORDER BY r.order_id LIMIT %(limit)s FOR NO KEY UPDATE SKIP LOCKED
""",
    """
UPDATE receivers r SET name = n.name, phone = n.phone, phone_extension = '', address = '', postcode = '',
       sealed = decode(n.sealed, 'hex'), name_mark = n.name_mark, phone_mark = n.phone_mark, phone_ending = n.phone_ending
FROM jsonb_to_recordset(%(rows)s::jsonb) AS n (
     upto bigint, name text, phone text, sealed text, name_mark bigint, phone_mark bigint, phone_ending bigint)
WHERE r.shop_id = %(shop_id)s AND r.order_id = n.upto
""",
    """
SELECT coalesce(encode(substring(r.sealed FROM 1 FOR 6), 'base64'), '') AS head, count(*) AS number
FROM receivers r WHERE r.shop_id = %(shop_id)s GROUP BY 1
""",
)
UPLOADS: Final = Walk(
    """
SELECT u.id AS upto, 0 AS row, u.body FROM uploads u WHERE u.shop_id = %(shop_id)s AND u.id > %(upto)s
  AND NOT substring(u.body FROM 1 FOR 6) = %(head)s ORDER BY u.id LIMIT 1 FOR NO KEY UPDATE SKIP LOCKED
""",
    "UPDATE uploads u SET body = %(body)s WHERE u.shop_id = %(shop_id)s AND u.id = %(upto)s",
    """
SELECT CASE WHEN substring(u.body FROM 1 FOR 3) = %(magic)s THEN encode(substring(u.body FROM 1 FOR 6), 'base64') ELSE '' END
       AS head, count(*) AS number FROM uploads u WHERE u.shop_id = %(shop_id)s GROUP BY 1
""",
)
ROWS: Final = Walk(
    """
SELECT r.batch_id AS upto, r.row_no AS row, r.data::text AS data, r.problems::text AS problems, b.kind
FROM batch_rows r JOIN batches b ON b.shop_id = %(shop_id)s AND b.id = r.batch_id
WHERE r.shop_id = %(shop_id)s AND (r.batch_id, r.row_no) > (%(upto)s, %(row)s)
  AND CASE b.kind WHEN 'shipments' THEN r.data ? 'cells' AND NOT starts_with(r.data ->> 'cells', %(base)s)
                  ELSE NOT starts_with(coalesce(r.data ->> 'sealed', ''), %(base)s) END
ORDER BY r.batch_id, r.row_no LIMIT %(limit)s FOR NO KEY UPDATE OF r SKIP LOCKED
""",
    """
UPDATE batch_rows r SET data = n.data, problems = n.problems
FROM jsonb_to_recordset(%(rows)s::jsonb) AS n (upto bigint, "row" int, data jsonb, problems jsonb)
WHERE r.shop_id = %(shop_id)s AND r.batch_id = n.upto AND r.row_no = n."row"
""",
    """
SELECT left(coalesce(r.data ->> 'sealed', r.data ->> 'cells', ''), 8) AS head, count(*) AS number
FROM batch_rows r JOIN batches b ON b.shop_id = %(shop_id)s AND b.id = r.batch_id
WHERE r.shop_id = %(shop_id)s AND (NOT b.kind = 'shipments' OR r.data ? 'cells') GROUP BY 1
""",
)
KEYS: Final = Walk(
    """
SELECT o.id AS upto, 0 AS row, o.receiver_key AS key, o.draft_hash AS hash FROM orders o
WHERE o.shop_id = %(shop_id)s AND o.id > %(upto)s
  AND (NOT o.receiver_key = '' AND NOT starts_with(o.receiver_key, 'k') OR NOT o.draft_hash = '' AND NOT starts_with(o.draft_hash, 'k'))
ORDER BY o.id LIMIT %(limit)s FOR NO KEY UPDATE SKIP LOCKED
""",
    """
UPDATE orders o SET receiver_key = n.key, draft_hash = n.hash
FROM jsonb_to_recordset(%(rows)s::jsonb) AS n (upto bigint, key text, hash text)
WHERE o.shop_id = %(shop_id)s AND o.id = n.upto
""",
    """
SELECT CASE WHEN starts_with(o.receiver_key, 'k') THEN 'keyed' ELSE '' END AS head, count(*) AS number FROM orders o
WHERE o.shop_id = %(shop_id)s AND NOT o.receiver_key = '' GROUP BY 1
""",
)
FOLLOW_KEYS: Final = (
    """
UPDATE orders o SET receiver_key = n.new FROM unnest(%(old)s::text[], %(new)s::text[]) AS n (old, new)
WHERE o.shop_id = %(shop_id)s AND o.receiver_key = n.old
""",
    """
UPDATE labels l SET receiver_key = n.new
FROM unnest(%(old)s::text[], %(new)s::text[]) AS n (old, new)
JOIN orders o ON o.shop_id = %(shop_id)s AND o.receiver_key = n.new
JOIN label_orders h ON h.shop_id = %(shop_id)s AND h.order_id = o.id
WHERE l.shop_id = %(shop_id)s AND l.id = h.label_id AND l.receiver_key = n.old
""",
    """
UPDATE number_orders q SET receiver_key = n.new FROM unnest(%(old)s::text[], %(new)s::text[]) AS n (old, new)
WHERE q.shop_id = %(shop_id)s AND q.receiver_key = n.old
""",
)
"""Whoever has the same receiver keeps having it: the other orders of a key, their labels, the numbers asked for."""


def _lone_keys(table: str) -> Walk:
    """Keys of labels and asked numbers whose orders have moved on to another receiver."""
    return Walk(
        f"""
SELECT t.id AS upto, 0 AS row, t.receiver_key AS key FROM {table} t
WHERE t.shop_id = %(shop_id)s AND t.id > %(upto)s AND NOT t.receiver_key = '' AND NOT starts_with(t.receiver_key, 'k')
ORDER BY t.id LIMIT %(limit)s FOR NO KEY UPDATE SKIP LOCKED
""",
        f"""
UPDATE {table} t SET receiver_key = n.key FROM jsonb_to_recordset(%(rows)s::jsonb) AS n (upto bigint, key text)
WHERE t.shop_id = %(shop_id)s AND t.id = n.upto
""",
    )


def _secrets(table: str, column: str) -> Walk:
    return Walk(
        f"""
SELECT t.id AS upto, 0 AS row, t.{column} AS text FROM {table} t
WHERE t.shop_id = %(shop_id)s AND t.id > %(upto)s AND NOT t.{column} = '' ORDER BY t.id LIMIT %(limit)s FOR NO KEY UPDATE
""",
        _texts(table, column).write,
    )


WALKS: Final[Mapping[str, Walk]] = {
    "orders.receiver_key": KEYS,
    "receivers": RECEIVERS,
    sealed.TALK: _texts("messages", "body"),
    sealed.MESSAGE: _texts("orders", "buyer_message"),
    sealed.REMARK: _texts("order_lines", "remark"),
    sealed.EVIDENCE: _texts("evidence", "body"),
    sealed.STATEMENT: _texts("complaints", "statement"),
    sealed.FILE: UPLOADS,
    sealed.ROW: ROWS,
    "labels.receiver_key": _lone_keys("labels"),
    "number_orders.receiver_key": _lone_keys("number_orders"),
    "gateway_apps.secret": _secrets("gateway_apps", "secret"),
    "marketplaces.settings": _secrets("marketplaces", "settings"),
    "carrier_accounts.settings": _secrets("carrier_accounts", "settings"),
}
"""Place -> its walk. The keys first: who has the same receiver should be seen soon."""

BEGIN: Final = """
INSERT INTO seal_passes (shop_id, place, key_id, upto, "row", moved) VALUES (%(shop_id)s, %(place)s, %(key_id)s, 0, 0, 0)
ON CONFLICT (shop_id, place) DO UPDATE SET key_id = excluded.key_id, upto = 0, "row" = 0, moved = 0, done_at = NULL
WHERE NOT seal_passes.key_id = excluded.key_id
"""
HOLD: Final = """
SELECT p.upto, p."row", p.moved, p.done_at FROM seal_passes p
WHERE p.shop_id = %(shop_id)s AND p.place = %(place)s FOR UPDATE SKIP LOCKED
"""
KEEP: Final = """
UPDATE seal_passes SET upto = %(upto)s, "row" = %(row)s, moved = moved + %(moved)s, done_at = %(done_at)s
WHERE shop_id = %(shop_id)s AND place = %(place)s
"""
OPEN: Final = """
SELECT p.place FROM seal_passes p
WHERE p.shop_id = %(shop_id)s AND p.key_id = %(key_id)s AND p.done_at IS NOT NULL
"""
STATE: Final = """
SELECT p.place, p.key_id, p.upto, p.moved, p.done_at FROM seal_passes p WHERE p.shop_id = %(shop_id)s ORDER BY p.place
"""
AGAIN: Final = 'UPDATE seal_passes SET upto = 0, "row" = 0, done_at = NULL WHERE shop_id = %(shop_id)s'


SHOPS: Final = """
/* across shops: shops with work */
SELECT s.id FROM shops s
WHERE (SELECT count(*) FROM seal_passes p
       WHERE p.shop_id = s.id AND p.key_id = %(key_id)s AND p.done_at IS NOT NULL) < %(places)s ORDER BY s.id
"""


def open_shops(key_id: str) -> list[int]:
    """The shops in which a place is not done yet."""
    return [row.id for row in sql.fetch(SHOPS, key_id=key_id, places=len(WALKS))]


def heads() -> dict[str, Any]:
    """How things begin that are sealed under the newest key: as bytes, in base64, as a text."""
    head = sealed.HEAD + sealed.key_ids()[0]
    base = base64.b64encode(head).decode("ascii")
    return {"head": head, "base": base, "word": sealed.WORD + base}


def open_places(shop_id: int, key_id: str) -> list[str]:
    """The places that no whole walk has found in order yet."""
    done = {row.place for row in sql.fetch(OPEN, shop_id=shop_id, key_id=key_id)}
    return [place for place in WALKS if place not in done]


def hold(shop_id: int, place: str, key_id: str) -> Any | None:
    """The walk under way at a place (upto, row, moved, done_at), begun if there is none, and held; None while another holds it."""
    sql.run(BEGIN, shop_id=shop_id, place=place, key_id=key_id)
    return sql.fetch_one(HOLD, shop_id=shop_id, place=place)


def find(shop_id: int, place: str, *, upto: int, row: int, limit: int) -> list[Any]:
    """The next rows of a place that are to be sealed, locked."""
    return sql.fetch(WALKS[place].find, shop_id=shop_id, upto=upto, row=row, limit=limit, **heads())


def write(shop_id: int, place: str, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write rows back."""
    if place == sealed.FILE:
        for row in rows:
            sql.run(UPLOADS.write, shop_id=shop_id, upto=row["upto"], body=row["body"])
    elif rows:
        sql.run(WALKS[place].write, shop_id=shop_id, rows=msgspec.json.encode(rows).decode())


def follow_keys(shop_id: int, keys: Mapping[str, str]) -> None:
    """Let all that had an old key have its new one."""
    old = [key for key, new in keys.items() if key and key != new]
    for statement in FOLLOW_KEYS if old else ():
        sql.run(statement, shop_id=shop_id, old=old, new=[keys[key] for key in old])


def keep(shop_id: int, place: str, *, upto: int, row: int, moved: int, done_at: datetime | None) -> None:
    """Note how far a walk has come."""
    sql.run(KEEP, shop_id=shop_id, place=place, upto=upto, row=row, moved=moved, done_at=done_at)


def again(shop_id: int) -> None:
    """Walk over everything once more."""
    sql.run(AGAIN, shop_id=shop_id)


def state(shop_id: int) -> list[Any]:
    """How far each walk has come."""
    return sql.fetch(STATE, shop_id=shop_id)


def counted(shop_id: int, place: str) -> dict[str, int]:
    """How a place's rows stand: id of the key in hexadecimal ("keyed" for keyed digests, "" for readable) -> how many."""
    found: dict[str, int] = {}
    magic = {"magic": sealed.HEAD} if place == sealed.FILE else {}
    for row in sql.fetch(WALKS[place].count, shop_id=shop_id, **magic):
        name = row.head if row.head in ("", "keyed") else _key_of(row.head)
        found[name] = found.get(name, 0) + int(row.number)
    return found


def _key_of(head: str) -> str:
    try:
        kept = base64.b64decode(head, validate=True)
    except ValueError:
        return ""
    return kept[3:].hex() if kept.startswith(sealed.HEAD) else ""


NEWEST: Final = """
SELECT r.order_id, r.sealed, r.name_mark, r.phone_mark FROM receivers r
WHERE r.shop_id = %(shop_id)s AND r.sealed IS NOT NULL ORDER BY r.order_id DESC LIMIT %(limit)s
"""


def newest(shop_id: int, *, limit: int) -> list[Any]:
    """The newest sealed receivers, with their marks."""
    return sql.fetch(NEWEST, shop_id=shop_id, limit=limit)


PEOPLE: Final = (
    "SELECT u.id, u.totp FROM users u WHERE NOT u.totp = '' AND u.id > %(after)s ORDER BY u.id LIMIT 500 FOR UPDATE"
)
RENEW: Final = "UPDATE users SET totp = %(totp)s WHERE id = %(id)s"


def people(after: int) -> list[Any]:
    """The next persons with a secret of a second factor, held: (id, totp). They belong to no shop."""
    return sql.fetch(PEOPLE, after=after)


def renew_person(user_id: int, totp: str) -> None:
    """Write a person's secret, sealed anew."""
    sql.run(RENEW, id=user_id, totp=totp)
