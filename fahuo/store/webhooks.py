"""Webhooks, and their outbox. Events are followed by id, and never in front of a commit.

Ids come from one sequence and are drawn before their transactions commit, so a higher one may be seen earlier. Whoever
writes an entry holds a lock on its table from before the id is drawn until the end of the transaction. Hence: take the
sequence's last value first, then see who holds such a lock; once all of these are gone, every entry up to that value is
there to be seen, or never will be. `last_id` and `writers` are the two looks; services.webhooks.Horizon puts them together.
"""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from fahuo.store import sealed, sql

LAST: Final = "SELECT last_value AS last FROM ids"
WRITERS: Final = """
SELECT DISTINCT l.virtualtransaction AS writer FROM pg_locks l
WHERE l.locktype = 'relation' AND l.mode = 'RowExclusiveLock' AND l.granted AND NOT (l.pid IS NOT DISTINCT FROM pg_backend_pid())
  AND l.database = (SELECT d.oid FROM pg_database d WHERE d.datname = current_database())
  AND l.relation IN ('journal'::regclass, 'task_events'::regclass)
"""


def last_id() -> int:
    """The last id that anybody drew."""
    return int(sql.fetch(LAST)[0].last)


def writers() -> frozenset[str]:
    """The transactions under way that write, or may write, entries; but for this one."""
    return frozenset(row.writer for row in sql.fetch(WRITERS))


COLUMNS: Final = """w.id, w.name, w.address, w.kinds, w.with_receiver, w.secret_no, w.cursor, w.active, w.off_why, w.off_at,
       w.failing_since, w.failures, w.rest_until, w.created_at, w.created_by_name"""
OF_SHOP: Final = f"""
SELECT {COLUMNS}, coalesce(d.waiting, 0) AS waiting, coalesce(d.given_up, 0) AS given_up, last.done_at AS sent_at
FROM webhooks w
LEFT JOIN LATERAL (
    SELECT count(*) FILTER (WHERE c.status = 'waiting') AS waiting, count(*) FILTER (WHERE c.status = 'given_up') AS given_up
    FROM (SELECT x.status FROM webhook_deliveries x WHERE x.shop_id = %(shop_id)s AND x.webhook_id = w.id
          ORDER BY x.id DESC LIMIT 1000) AS c) AS d ON true
LEFT JOIN LATERAL (
    SELECT x.done_at FROM webhook_deliveries x WHERE x.shop_id = %(shop_id)s AND x.webhook_id = w.id AND x.status = 'sent'
    ORDER BY x.id DESC LIMIT 1) AS last ON true
WHERE w.shop_id = %(shop_id)s ORDER BY w.id
"""
ONE: Final = f"""
SELECT {COLUMNS}, s.code AS shop FROM webhooks w JOIN shops s ON s.id = w.shop_id
WHERE w.shop_id = %(shop_id)s AND w.id = %(webhook_id)s
"""


def of_shop(shop_id: int) -> list[Any]:
    """The shop's webhooks, and of the last thousand deliveries of each how many wait and were given up."""
    return sql.fetch(OF_SHOP, shop_id=shop_id)


def one(shop_id: int, webhook_id: int, *, lock: bool = False) -> Any | None:
    """One webhook, with its shop's code."""
    return sql.fetch_one(ONE + ("FOR UPDATE OF w" if lock else ""), shop_id=shop_id, webhook_id=webhook_id)


ADD: Final = """
INSERT INTO webhooks (shop_id, name, address, kinds, with_receiver, secret_no, cursor, active, off_why, failures,
                      created_at, created_by_name)
SELECT %(shop_id)s, %(name)s, %(address)s, %(kinds)s, %(with_receiver)s, 1, ids.last_value, true, '', 0, %(now)s, %(actor)s
FROM ids RETURNING id
"""
CHANGE: Final = """
UPDATE webhooks SET name = %(name)s, address = %(address)s, kinds = %(kinds)s, with_receiver = %(with_receiver)s
WHERE shop_id = %(shop_id)s AND id = %(webhook_id)s
"""
TURN_SECRET: Final = """
UPDATE webhooks SET secret_no = secret_no + 1 WHERE shop_id = %(shop_id)s AND id = %(webhook_id)s RETURNING secret_no
"""


DROP_DELIVERIES: Final = "DELETE FROM webhook_deliveries WHERE shop_id = %(shop_id)s AND webhook_id = %(webhook_id)s"
DROP: Final = "DELETE FROM webhooks WHERE shop_id = %(shop_id)s AND id = %(webhook_id)s"


def add(shop_id: int, *, now: datetime, **values: Any) -> int:
    """A new webhook, of what happens from now on; its id. `values`: name, address, kinds, with_receiver, actor."""
    return int(sql.fetch(ADD, shop_id=shop_id, now=now, **values)[0].id)


def change(shop_id: int, webhook_id: int, **values: Any) -> int:
    """Write name, address, kinds, with_receiver."""
    return sql.run(CHANGE, shop_id=shop_id, webhook_id=webhook_id, **values)


def turn_secret(shop_id: int, webhook_id: int) -> int:
    """A new secret; its number."""
    return int(sql.fetch(TURN_SECRET, shop_id=shop_id, webhook_id=webhook_id)[0].secret_no)


def drop(shop_id: int, webhook_id: int) -> None:
    """Delete a webhook with its outbox."""
    sql.run(DROP_DELIVERIES, shop_id=shop_id, webhook_id=webhook_id)
    sql.run(DROP, shop_id=shop_id, webhook_id=webhook_id)


ON: Final = """
UPDATE webhooks w SET active = true, off_why = '', off_at = NULL, failing_since = NULL, failures = 0, rest_until = NULL,
       cursor = GREATEST(w.cursor, coalesce((
           SELECT max(j.id) FROM journal j WHERE j.shop_id = %(shop_id)s AND j.id > w.cursor AND j.at < %(since)s), 0))
WHERE w.shop_id = %(shop_id)s AND w.id = %(webhook_id)s AND NOT w.active
"""
OFF: Final = """
WITH dropped AS (
    UPDATE webhook_deliveries d SET status = 'dropped', due_at = NULL, done_at = %(now)s, why = 'off'
    WHERE d.shop_id = %(shop_id)s AND d.webhook_id = %(webhook_id)s AND d.due_at IS NOT NULL
)
UPDATE webhooks SET active = false, off_why = %(why)s, off_at = %(now)s
WHERE shop_id = %(shop_id)s AND id = %(webhook_id)s AND active
"""


def turn_on(shop_id: int, webhook_id: int, *, since: datetime) -> bool:
    """Switch a webhook on: what happened while it was off is told from `since` on. Whether it was off."""
    return sql.run(ON, shop_id=shop_id, webhook_id=webhook_id, since=since) > 0


def turn_off(shop_id: int, webhook_id: int, *, why: str, now: datetime) -> bool:
    """Switch a webhook off; what waits is dropped. Whether it was on."""
    return sql.run(OFF, shop_id=shop_id, webhook_id=webhook_id, why=why, now=now) > 0


BEHIND: Final = """
/* across shops: shops with work */
SELECT DISTINCT w.shop_id FROM webhooks w WHERE w.active AND (
    EXISTS (SELECT FROM journal j WHERE j.shop_id = w.shop_id AND j.id > w.cursor AND j.id <= %(until)s)
    OR EXISTS (SELECT FROM task_events t WHERE t.shop_id = w.shop_id AND t.id > w.cursor AND t.id <= %(until)s))
"""
FOLLOW: Final = """
WITH hooks AS MATERIALIZED (
    SELECT w.id, w.cursor, w.kinds FROM webhooks w
    WHERE w.shop_id = %(shop_id)s AND w.active AND w.cursor < %(until)s ORDER BY w.id FOR NO KEY UPDATE SKIP LOCKED
), found AS MATERIALIZED (
    SELECT h.id AS webhook_id, h.kinds, e.entry_id, e.kind, e.of_task FROM hooks h CROSS JOIN LATERAL (
        (SELECT j.id AS entry_id, j.act AS kind, false AS of_task FROM journal j
         WHERE j.shop_id = %(shop_id)s AND j.id > h.cursor AND j.id <= %(until)s ORDER BY j.id LIMIT %(most)s)
        UNION ALL
        (SELECT t.id, CASE WHEN t.from_state = '' THEN %(opened)s ELSE %(moved)s END, true FROM task_events t
         WHERE t.shop_id = %(shop_id)s AND t.id > h.cursor AND t.id <= %(until)s ORDER BY t.id LIMIT %(most)s)
        ORDER BY 1 LIMIT %(most)s) AS e
), queued AS (
    INSERT INTO webhook_deliveries (shop_id, webhook_id, entry_id, of_task, kind, created_at, due_at)
    SELECT %(shop_id)s, f.webhook_id, f.entry_id, f.of_task, f.kind, %(now)s, %(now)s FROM found f
    WHERE f.kind = ANY(%(known)s) AND (f.kinds = '{}' OR f.kind = ANY(f.kinds)) ORDER BY f.entry_id
    ON CONFLICT (shop_id, webhook_id, entry_id) DO NOTHING RETURNING 1
), reached AS (
    SELECT f.webhook_id AS id, max(f.entry_id) AS cursor, count(*) >= %(most)s AS more FROM found f GROUP BY f.webhook_id
), moved AS (
    UPDATE webhooks w SET cursor = r.cursor FROM reached r WHERE w.shop_id = %(shop_id)s AND w.id = r.id RETURNING r.more
)
SELECT coalesce((SELECT bool_or(more) FROM moved), false) AS more, (SELECT count(*) FROM queued) AS queued
"""


def behind(*, until: int) -> list[int]:
    """The shops with a webhook that has not been told of an entry up to an id."""
    return [row.shop_id for row in sql.fetch(BEHIND, until=until)]


def follow(
    shop_id: int, *, until: int, known: Sequence[str], opened: str, moved: str, most: int, now: datetime
) -> tuple[int, bool]:  # fmt: skip
    """Put the entries up to `until` into the outboxes of the shop's webhooks, at most so many for each: (how many, more?)."""
    row = sql.fetch(
        FOLLOW, shop_id=shop_id, until=until, known=list(known), opened=opened, moved=moved, most=most, now=now
    )[0]  # fmt: skip
    return int(row.queued), bool(row.more)


DUE: Final = """
/* across shops: shops with work */
SELECT w.shop_id, w.id, w.failures FROM webhooks w CROSS JOIN LATERAL (
    SELECT d.due_at FROM webhook_deliveries d WHERE d.shop_id = w.shop_id AND d.webhook_id = w.id AND d.due_at <= %(now)s
    ORDER BY d.due_at LIMIT 1) AS first
WHERE w.active AND (w.rest_until IS NULL OR w.rest_until <= %(now)s) ORDER BY first.due_at LIMIT %(limit)s
"""
TAKE: Final = """
WITH due AS MATERIALIZED (
    SELECT d.id FROM webhook_deliveries d
    WHERE d.shop_id = %(shop_id)s AND d.webhook_id = %(webhook_id)s AND d.due_at <= %(now)s
    ORDER BY d.due_at, d.id LIMIT %(limit)s FOR NO KEY UPDATE SKIP LOCKED
), taken AS MATERIALIZED (
    UPDATE webhook_deliveries d SET due_at = %(until)s, attempts = d.attempts + 1 FROM due
    WHERE d.shop_id = %(shop_id)s AND d.id = due.id
    RETURNING d.id, d.entry_id, d.of_task, d.kind, d.created_at, d.attempts
)
SELECT t.id, t.kind, t.created_at, t.attempts, coalesce(j.at, e.at, t.created_at) AS at, coalesce(j.actor, e.actor, '') AS actor,
       coalesce(j.order_id, e.order_id) AS order_id, o.number, j.parcel_id, j.batch_id, j.before::json AS before,
       j.after::json AS after, e.task_id, e.event, e.from_state, e.to_state, e.clause, e.data::json AS data,
       r.name, r.phone, r.phone_extension, r.province, r.city, r.district, r.address, r.postcode, r.sealed,
       r.order_id AS sealed_of
FROM taken t
LEFT JOIN journal j ON j.shop_id = %(shop_id)s AND j.id = t.entry_id AND NOT t.of_task
LEFT JOIN task_events e ON e.shop_id = %(shop_id)s AND e.id = t.entry_id AND t.of_task
LEFT JOIN orders o ON o.shop_id = %(shop_id)s AND o.id = coalesce(j.order_id, e.order_id)
LEFT JOIN receivers r ON %(with_receiver)s AND r.shop_id = %(shop_id)s AND r.order_id = o.id
ORDER BY t.id
"""


def due(*, limit: int, now: datetime) -> list[Any]:
    """The webhooks (shop_id, id, failures) that have something to send and do not rest, who waits longest first."""
    return sql.fetch(DUE, limit=limit, now=now)


def take(
    shop_id: int, webhook_id: int, *, limit: int, until: datetime, with_receiver: bool, now: datetime
) -> list[Any]:  # fmt: skip
    """Take deliveries that are due, and put their next moment off to `until`; each with its entry."""
    rows = sql.fetch(
        TAKE, shop_id=shop_id, webhook_id=webhook_id, limit=limit, until=until, with_receiver=with_receiver, now=now
    )
    return sealed.open_receivers(shop_id, rows)


SETTLE: Final = """
UPDATE webhook_deliveries d SET status = asked.status, why = asked.why, due_at = asked.due_at,
       attempts = CASE WHEN asked.untried THEN d.attempts - 1 ELSE d.attempts END,
       done_at = CASE WHEN asked.due_at IS NULL THEN %(now)s::timestamptz END
FROM unnest(%(ids)s::bigint[], %(attempts)s::smallint[], %(statuses)s::text[], %(whys)s::text[], %(dues)s::timestamptz[],
            %(untried)s::bool[]) AS asked (id, attempts, status, why, due_at, untried)
WHERE d.shop_id = %(shop_id)s AND d.id = asked.id AND d.attempts = asked.attempts AND d.due_at IS NOT NULL
"""
HEALTH: Final = """
UPDATE webhooks SET failing_since = CASE WHEN %(good)s THEN NULL ELSE coalesce(failing_since, %(now)s) END,
       failures = CASE WHEN %(good)s THEN 0 ELSE failures + 1 END, rest_until = %(rest_until)s
WHERE shop_id = %(shop_id)s AND id = %(webhook_id)s AND active RETURNING failures, failing_since
"""
EXPIRE: Final = """
UPDATE webhook_deliveries d SET status = 'given_up', due_at = NULL, done_at = %(now)s, why = CASE WHEN d.why = '' THEN 'late' ELSE d.why END
WHERE d.shop_id = %(shop_id)s AND d.webhook_id = %(webhook_id)s AND d.due_at IS NOT NULL AND d.created_at < %(before)s
"""


def settle(shop_id: int, outcomes: Sequence[tuple[Any, str, str, datetime | None, bool]], *, now: datetime) -> int:
    """Write what became of deliveries that were taken (row, status, why, when again, not tried after all), each only while
    nobody took it again; how many."""
    return sql.run(
        SETTLE, shop_id=shop_id, ids=[row.id for row, *_ in outcomes], attempts=[row.attempts for row, *_ in outcomes],
        statuses=[each[1] for each in outcomes], whys=[each[2] for each in outcomes],
        dues=[each[3] for each in outcomes], untried=[each[4] for each in outcomes], now=now,
    )  # fmt: skip


def health(shop_id: int, webhook_id: int, *, good: bool, rest_until: datetime | None, now: datetime) -> Any | None:
    """Note that the address answered well, or did not and rests; (failures, failing_since)."""
    return sql.fetch_one(HEALTH, shop_id=shop_id, webhook_id=webhook_id, good=good, rest_until=rest_until, now=now)


def expire(shop_id: int, webhook_id: int, *, before: datetime, now: datetime) -> int:
    """Give up what has waited since before a moment; how many."""
    return sql.run(EXPIRE, shop_id=shop_id, webhook_id=webhook_id, before=before, now=now)


TRIAL: Final = """
INSERT INTO webhook_deliveries (shop_id, webhook_id, of_task, kind, created_at, due_at)
VALUES (%(shop_id)s, %(webhook_id)s, false, %(kind)s, %(now)s, %(now)s) RETURNING id
"""
REPLAY: Final = """
UPDATE webhook_deliveries SET status = 'waiting', due_at = %(now)s, attempts = 0, why = '', done_at = NULL, created_at = %(now)s
WHERE shop_id = %(shop_id)s AND webhook_id = %(webhook_id)s AND due_at IS NULL
  AND (id = ANY(%(ids)s::bigint[]) OR %(failed)s AND status IN ('given_up', 'dropped'))
"""
LIST: Final = """
SELECT d.id, d.entry_id, d.kind, d.created_at, d.due_at, d.attempts, d.status, d.why, d.done_at, o.number,
       coalesce(j.at, e.at, d.created_at) AS at
FROM webhook_deliveries d
LEFT JOIN journal j ON j.shop_id = %(shop_id)s AND j.id = d.entry_id AND NOT d.of_task
LEFT JOIN task_events e ON e.shop_id = %(shop_id)s AND e.id = d.entry_id AND d.of_task
LEFT JOIN orders o ON o.shop_id = %(shop_id)s AND o.id = coalesce(j.order_id, e.order_id)
WHERE d.shop_id = %(shop_id)s AND d.webhook_id = %(webhook_id)s AND d.id < %(before)s
  AND (%(status)s = '' OR d.status = %(status)s)
ORDER BY d.id DESC LIMIT %(limit)s
"""
FORGET: Final = "DELETE FROM webhook_deliveries WHERE shop_id = %(shop_id)s AND due_at IS NULL AND done_at < %(before)s"


def add_trial(shop_id: int, webhook_id: int, kind: str, *, now: datetime) -> int:
    """A trial event; the delivery's id."""
    return int(sql.fetch(TRIAL, shop_id=shop_id, webhook_id=webhook_id, kind=kind, now=now)[0].id)


def replay(shop_id: int, webhook_id: int, ids: Sequence[int], *, failed: bool, now: datetime) -> int:
    """Send settled deliveries again under their own ids: these, or (`failed`) all that did not get through; how many."""
    return sql.run(REPLAY, shop_id=shop_id, webhook_id=webhook_id, ids=list(ids), failed=failed, now=now)


def listed(shop_id: int, webhook_id: int, *, status: str, before: int, limit: int) -> list[Any]:
    """Deliveries below an id, newest first."""
    return sql.fetch(LIST, shop_id=shop_id, webhook_id=webhook_id, status=status, before=before, limit=limit)


def forget(shop_id: int, before: datetime) -> int:
    """Delete deliveries that were settled before a moment."""
    return sql.run(FORGET, shop_id=shop_id, before=before)


def document(text: Any) -> Any:
    """JSON as it comes from the database: text or what it holds."""
    return json.loads(text) if isinstance(text, str) else text
