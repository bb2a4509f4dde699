"""The outbox: what is to be sent to channels. A message is taken for a while, sent outside any transaction, then settled."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from fahuo.store import sql

ADD: Final = """
INSERT INTO deliveries (shop_id, channel_id, task_id, at, created_at, due_at)
SELECT DISTINCT ON (c.id, r.task_id, r.at) r.shop_id, c.id, r.task_id, r.at, %(now)s::timestamptz, %(now)s::timestamptz
FROM reminders r
JOIN tasks t ON t.shop_id = %(shop_id)s AND t.id = r.task_id AND t.state = ANY(%(states)s)
JOIN channels c ON c.shop_id = %(shop_id)s AND c.active AND (c.member_id IS NULL OR c.member_id = r.member_id)
WHERE r.shop_id = %(shop_id)s AND r.id = ANY(%(ids)s::bigint[])
ON CONFLICT (shop_id, channel_id, task_id, at) DO NOTHING
"""


def add(shop_id: int, reminder_ids: Sequence[int], *, states: Sequence[str], now: datetime) -> int:
    """Put reminders that were delivered into the outbox, once for each channel of the account and of the shop, unless the
    task has left these states meanwhile; how many messages."""
    return sql.run(ADD, shop_id=shop_id, ids=list(reminder_ids), states=list(states), now=now)


ADD_WARNINGS: Final = """
INSERT INTO deliveries (shop_id, channel_id, warning_id, at, created_at, due_at)
SELECT DISTINCT ON (c.id, r.warning_id) r.shop_id, c.id, r.warning_id, r.at, %(now)s::timestamptz, %(now)s::timestamptz
FROM reminders r
JOIN shop_warnings w ON w.shop_id = %(shop_id)s AND w.id = r.warning_id AND w.over_at IS NULL
JOIN channels c ON c.shop_id = %(shop_id)s AND c.active AND (c.member_id IS NULL OR c.member_id = r.member_id)
WHERE r.shop_id = %(shop_id)s AND r.id = ANY(%(ids)s::bigint[])
ON CONFLICT (shop_id, channel_id, warning_id) WHERE warning_id IS NOT NULL DO NOTHING
"""


def add_warnings(shop_id: int, reminder_ids: Sequence[int], *, now: datetime) -> int:
    """As `add`, of the reminders that tell of a warning which is not over; how many messages."""
    return sql.run(ADD_WARNINGS, shop_id=shop_id, ids=list(reminder_ids), now=now)


ADD_TRIAL: Final = """
INSERT INTO deliveries (shop_id, channel_id, at, created_at, due_at)
VALUES (%(shop_id)s, %(channel_id)s, %(now)s, %(now)s, %(now)s) RETURNING id
"""


def add_trial(shop_id: int, channel_id: int, *, now: datetime) -> int:
    """A trial of a channel; the message's id."""
    return int(sql.fetch(ADD_TRIAL, shop_id=shop_id, channel_id=channel_id, now=now)[0].id)


DUE_SHOPS: Final = """
/* across shops: shops with work */
SELECT DISTINCT d.shop_id FROM deliveries d WHERE d.due_at <= %(until)s AND d.due_at IS NOT NULL
"""


def shops_due(*, until: datetime) -> list[int]:
    """The shops that have a message to send."""
    return [row.shop_id for row in sql.fetch(DUE_SHOPS, until=until)]


TAKE: Final = """
WITH due AS (
    SELECT d.id FROM deliveries d
    WHERE d.shop_id = %(shop_id)s AND d.due_at <= %(now)s AND d.due_at IS NOT NULL
    ORDER BY d.due_at, d.id LIMIT %(limit)s FOR NO KEY UPDATE SKIP LOCKED
), taken AS (
    UPDATE deliveries d SET due_at = %(until)s, attempts = d.attempts + 1 FROM due
    WHERE d.shop_id = %(shop_id)s AND d.id = due.id
    RETURNING d.id, d.channel_id, d.task_id, d.warning_id, d.attempts
)
SELECT d.id, d.task_id, d.attempts, c.id AS channel_id, c.kind, c.settings, c.active, u.language, s.name AS shop,
       s.code, s.time_zone, t.kind AS task_kind, t.state, t.due_at, o.number, d.warning_id, w.kind AS warning_kind,
       w.subject_id, w.facts::text AS facts, w.due_at AS warning_due_at, w.over_at,
       (SELECT l.title FROM order_lines l WHERE l.shop_id = %(shop_id)s AND l.order_id = o.id ORDER BY l.id LIMIT 1) AS goods
FROM taken d
JOIN channels c ON c.shop_id = %(shop_id)s AND c.id = d.channel_id
JOIN shops s ON s.id = %(shop_id)s
LEFT JOIN members m ON m.shop_id = %(shop_id)s AND m.id = c.member_id
LEFT JOIN users u ON u.id = m.user_id
LEFT JOIN tasks t ON t.shop_id = %(shop_id)s AND t.id = d.task_id
LEFT JOIN orders o ON o.shop_id = %(shop_id)s AND o.id = t.order_id
LEFT JOIN shop_warnings w ON w.shop_id = %(shop_id)s AND w.id = d.warning_id
ORDER BY d.id
"""


def take(shop_id: int, *, until: datetime, limit: int, now: datetime) -> list[Any]:
    """Take messages that are due, and put their next moment off to `until`; each with its channel, and its task or its warning (`facts`)."""
    found = sql.fetch(TAKE, shop_id=shop_id, until=until, limit=limit, now=now)
    return [row._replace(settings=json.loads(row.settings), facts=json.loads(row.facts or "{}")) for row in found]


SETTLE: Final = """
UPDATE deliveries d SET status = asked.status, why = asked.why, due_at = asked.due_at,
       done_at = CASE WHEN asked.due_at IS NULL THEN %(now)s END
FROM unnest(%(ids)s::bigint[], %(attempts)s::smallint[], %(statuses)s::text[], %(whys)s::text[],
            %(dues)s::timestamptz[]) AS asked (id, attempts, status, why, due_at)
WHERE d.shop_id = %(shop_id)s AND d.id = asked.id AND d.attempts = asked.attempts AND d.due_at IS NOT NULL
"""


def settle(
    shop_id: int, *, ids: Sequence[int], attempts: Sequence[int], statuses: Sequence[str], whys: Sequence[str],
    dues: Sequence[datetime | None], now: datetime,
) -> int:  # fmt: skip
    """Write what became of messages, each only while nobody took it again; how many."""
    return sql.run(
        SETTLE, shop_id=shop_id, ids=list(ids), attempts=list(attempts), statuses=list(statuses), whys=list(whys),
        dues=list(dues), now=now,
    )  # fmt: skip


FORGET: Final = "DELETE FROM deliveries WHERE shop_id = %(shop_id)s AND due_at IS NULL AND done_at < %(before)s"


def forget(shop_id: int, before: datetime) -> int:
    """Delete messages that were settled before a moment."""
    return sql.run(FORGET, shop_id=shop_id, before=before)
