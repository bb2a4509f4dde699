"""Warnings of a shop: raised, over, and the reminders that tell accounts of them."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final

import msgspec

from fahuo.rules.shop_warnings import Trouble
from fahuo.store import sql

SHOPS: Final = """
/* across shops: shops with work */
SELECT shop_id FROM contracts WHERE active AND numbers = 'stock'
UNION SELECT shop_id FROM webhooks WHERE NOT active AND off_why <> ''
UNION SELECT shop_id FROM disclosures WHERE day >= %(day)s
UNION SELECT shop_id FROM shop_warnings WHERE over_at IS NULL ORDER BY 1
"""


def shops(now: datetime) -> list[int]:
    """The shops in which something may be wrong, or was."""
    return [row.shop_id for row in sql.fetch(SHOPS, day=now.date() - timedelta(days=1))]


OFF: Final = """
SELECT w.id, w.name FROM webhooks w WHERE w.shop_id = %(shop_id)s AND NOT w.active AND w.off_why <> '' ORDER BY w.id
"""


def webhooks_off(shop_id: int) -> list[Any]:
    """The webhooks that were switched off because nobody took their events: (id, name)."""
    return sql.fetch(OFF, shop_id=shop_id)


OVER: Final = """
UPDATE shop_warnings w SET over_at = %(now)s
WHERE w.shop_id = %(shop_id)s AND w.over_at IS NULL AND NOT EXISTS (
    SELECT FROM unnest(%(kinds)s::text[], %(subjects)s::bigint[]) AS t (kind, subject_id)
    WHERE t.kind = w.kind AND t.subject_id = w.subject_id)
"""


def over(shop_id: int, standing: Sequence[Trouble], *, now: datetime) -> int:
    """End the warnings of what is no trouble any more; how many."""
    return sql.run(
        OVER, shop_id=shop_id, kinds=[each.kind for each in standing],
        subjects=[each.subject_id for each in standing], now=now,
    )  # fmt: skip


RAISE: Final = """
INSERT INTO shop_warnings (shop_id, kind, subject_id, facts, raised_at, due_at)
SELECT %(shop_id)s, t.kind, t.subject_id, jsonb_build_object('name', t.name, 'left', t."left"), %(now)s, t.due_at
FROM jsonb_to_recordset(%(rows)s::jsonb) AS t (kind text, subject_id bigint, name text, "left" int, due_at timestamptz)
WHERE NOT EXISTS (
    SELECT FROM shop_warnings w WHERE w.shop_id = %(shop_id)s AND w.kind = t.kind AND w.subject_id = t.subject_id
      AND (w.over_at IS NULL OR w.raised_at > %(since)s))
ON CONFLICT (shop_id, kind, subject_id) WHERE over_at IS NULL DO NOTHING
RETURNING id, kind
"""


def raise_new(shop_id: int, standing: Sequence[Trouble], *, again: timedelta, now: datetime) -> list[Any]:
    """Raise what is not raised yet, nor was within `again`: (id, kind) of the new ones."""
    if not standing:
        return []
    rows = [
        {"kind": each.kind, "subject_id": each.subject_id, "name": each.name, "left": each.left, "due_at": each.due_at}
        for each in standing
    ]  # fmt: skip
    return sql.fetch(RAISE, shop_id=shop_id, rows=msgspec.json.encode(rows).decode(), since=now - again, now=now)


SUBSCRIBERS: Final = """
SELECT m.id, m.is_owner, m.permissions, (m.preferences ->> 'quiet_from')::time AS quiet_from,
       (m.preferences ->> 'quiet_to')::time AS quiet_to,
       (SELECT count(*) FROM reminders r WHERE r.shop_id = %(shop_id)s AND r.member_id = m.id AND r.day = %(day)s
        AND r.status <> 'suppressed') AS given
FROM members m
WHERE m.shop_id = %(shop_id)s AND m.active AND (m.is_owner OR 'tasks' = ANY(m.permissions))
  AND m.preferences ->> 'todo_notice' = 'true'
ORDER BY m.id FOR NO KEY UPDATE OF m
"""


def subscribers(shop_id: int, day: date) -> list[Any]:
    """The accounts that subscribed to 待办通知, with their quiet hours and how often they were reminded on the day; locked, so
    that nobody else counts their reminders now."""
    return sql.fetch(SUBSCRIBERS, shop_id=shop_id, day=day)


REMIND: Final = """
INSERT INTO reminders (shop_id, warning_id, member_id, at, day, due_at, status, release_at, delivered_at)
SELECT %(shop_id)s, g.warning_id, g.member_id, %(now)s, %(day)s, w.due_at, g.status,
       CASE WHEN g.status = 'held' THEN g.at END, CASE WHEN g.status = 'delivered' THEN g.at END
FROM jsonb_to_recordset(%(rows)s::jsonb) AS g (warning_id bigint, member_id bigint, status text, at timestamptz)
JOIN shop_warnings w ON w.shop_id = %(shop_id)s AND w.id = g.warning_id
ON CONFLICT (shop_id, warning_id, member_id) WHERE warning_id IS NOT NULL DO NOTHING
RETURNING id, delivered_at IS NOT NULL AS delivered
"""


def remind(shop_id: int, rows: Sequence[dict[str, Any]], day: date, *, now: datetime) -> list[int]:
    """Keep these reminders (warning_id, member_id, status, at); the ids of those that are delivered now."""
    if not rows:
        return []
    found = sql.fetch(REMIND, shop_id=shop_id, rows=msgspec.json.encode(rows).decode(), day=day, now=now)
    return sorted(row.id for row in found if row.delivered)
