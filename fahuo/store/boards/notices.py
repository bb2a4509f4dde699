"""消息: what reminded an account, what is new to it, who subscribed, and the channels with their last message."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from fahuo.rules.tasks import NEEDS_SELLER
from fahuo.store import sql

_NEW: Final = """
FROM reminders r
JOIN tasks t ON t.shop_id = %(shop_id)s AND t.id = r.task_id AND t.state = ANY(%(states)s) AND t.due_at IS NOT NULL
JOIN orders o ON o.shop_id = %(shop_id)s AND o.id = t.order_id
WHERE r.shop_id = %(shop_id)s AND r.member_id = %(member_id)s AND r.delivered_at IS NOT NULL AND r.seen_at IS NULL
"""
UNSEEN: Final = f"""
SELECT t.id AS task_id, t.kind, t.state, t.due_at, t.order_id, o.number, max(r.id) AS newest, array_agg(r.id) AS ids,
       max(r.delivered_at) AS at
{_NEW}
GROUP BY t.id, t.kind, t.state, t.due_at, t.order_id, o.number ORDER BY max(r.delivered_at) DESC, max(r.id) DESC
LIMIT %(limit)s
"""
_WARNED: Final = """
FROM reminders r
JOIN shop_warnings w ON w.shop_id = %(shop_id)s AND w.id = r.warning_id AND w.over_at IS NULL
WHERE r.shop_id = %(shop_id)s AND r.member_id = %(member_id)s AND r.delivered_at IS NOT NULL AND r.seen_at IS NULL
"""
UNSEEN_WARNINGS: Final = f"""
SELECT w.id AS warning_id, w.kind, w.subject_id, w.facts ->> 'name' AS name, w.due_at, r.id AS newest, ARRAY[r.id] AS ids,
       r.delivered_at AS at
{_WARNED} ORDER BY r.delivered_at DESC, r.id DESC LIMIT %(limit)s
"""
COUNT: Final = f"SELECT (SELECT count(DISTINCT r.task_id) {_NEW}) + (SELECT count(*) {_WARNED}) AS count"


def unseen(shop_id: int, member_id: int, *, limit: int) -> list[Any]:
    """The tasks that wait for the seller, and the warnings that are not over, of which the account was reminded without seeing
    it, the newest first. All have kind, due_at, newest (the greatest id), ids of the reminders, at; a task besides task_id,
    state, order_id, number; a warning warning_id, subject_id, name."""
    tasks = sql.fetch(UNSEEN, shop_id=shop_id, member_id=member_id, states=sorted(NEEDS_SELLER), limit=limit)
    warnings = sql.fetch(UNSEEN_WARNINGS, shop_id=shop_id, member_id=member_id, limit=limit)
    return sorted([*tasks, *warnings], key=lambda row: (row.at, row.newest), reverse=True)[:limit]


def unseen_count(shop_id: int, member_id: int) -> int:
    """How many tasks and warnings that is."""
    row = sql.fetch(COUNT, shop_id=shop_id, member_id=member_id, states=sorted(NEEDS_SELLER))[0]
    return int(row.count)


OF_DAY: Final = """
SELECT r.id, r.at, r.status, r.due_at, r.release_at, r.delivered_at, r.seen_at, t.id AS task_id, t.kind, t.state,
       o.number, o.id AS order_id
FROM reminders r
JOIN tasks t ON t.shop_id = %(shop_id)s AND t.id = r.task_id
JOIN orders o ON o.shop_id = %(shop_id)s AND o.id = t.order_id
WHERE r.shop_id = %(shop_id)s AND r.member_id = %(member_id)s AND r.day = %(day)s
ORDER BY r.at DESC, r.id DESC LIMIT %(limit)s
"""


WARNINGS_OF_DAY: Final = """
SELECT r.id, r.at, r.status, r.due_at, r.release_at, r.delivered_at, r.seen_at, w.id AS warning_id, w.kind, w.subject_id,
       w.facts ->> 'name' AS name, w.over_at
FROM reminders r
JOIN shop_warnings w ON w.shop_id = %(shop_id)s AND w.id = r.warning_id
WHERE r.shop_id = %(shop_id)s AND r.member_id = %(member_id)s AND r.day = %(day)s
ORDER BY r.at DESC, r.id DESC LIMIT %(limit)s
"""


def reminders_of_day(shop_id: int, member_id: int, day: date, *, limit: int = 200) -> list[Any]:
    """What an account was reminded of on a calendar day of the shop, tasks and warnings, the latest first; whatever became of
    it."""
    asked = {"shop_id": shop_id, "member_id": member_id, "day": day, "limit": limit}
    found = [*sql.fetch(OF_DAY, **asked), *sql.fetch(WARNINGS_OF_DAY, **asked)]
    return sorted(found, key=lambda row: (row.at, row.id), reverse=True)[:limit]


@dataclass(frozen=True, slots=True)
class Subscriber:
    """An account and its reminders of one day. `sees`: it may see tasks. `ways`: how it is told, by their names."""

    id: int
    name: str
    sees: bool
    subscribed: bool
    given: int
    suppressed: int
    ways: tuple[str, ...]
    quiet: str


OVERVIEW: Final = """
SELECT m.id, m.name, m.is_owner OR 'tasks' = ANY(m.permissions) AS sees, m.preferences::json AS preferences,
       count(r.id) FILTER (WHERE NOT (r.status = 'suppressed')) AS given,
       count(r.id) FILTER (WHERE r.status = 'suppressed') AS suppressed,
       ARRAY(SELECT DISTINCT c.kind FROM channels c
             WHERE c.shop_id = %(shop_id)s AND c.member_id = m.id AND c.active ORDER BY c.kind) AS kinds
FROM members m
LEFT JOIN reminders r ON r.shop_id = %(shop_id)s AND r.member_id = m.id AND r.day = %(day)s
WHERE m.shop_id = %(shop_id)s AND m.active
GROUP BY m.shop_id, m.id ORDER BY m.is_owner DESC, m.id
"""


def subscribers(shop_id: int, day: date) -> list[Subscriber]:
    """Every account that is on, the main account first."""
    found = []
    for row in sql.fetch(OVERVIEW, shop_id=shop_id, day=day):
        likes: Mapping[str, Any] = row.preferences
        ways = ["popup"] if likes.get("todo_popup", True) else []
        ways += ["sound"] if ways and likes.get("todo_sound", True) else []
        quiet = (
            f"{likes['quiet_from']}–{likes['quiet_to']}" if likes.get("quiet_from") and likes.get("quiet_to") else ""
        )
        found.append(
            Subscriber(
                row.id, row.name, row.sees, row.sees and likes.get("todo_notice") is True, row.given, row.suppressed,
                (*ways, *row.kinds), quiet,
            )
        )  # fmt: skip
    return found


CHANNELS: Final = """
SELECT c.id, c.member_id, c.kind, c.name, c.settings::text AS settings, c.active, d.status, d.why, d.created_at AS sent_at,
       d.attempts, d.due_at, d.task_id IS NULL AND d.warning_id IS NULL AS trial
FROM channels c
LEFT JOIN LATERAL (
    SELECT d.status, d.why, d.created_at, d.attempts, d.due_at, d.task_id, d.warning_id FROM deliveries d
    WHERE d.shop_id = %(shop_id)s AND d.channel_id = c.id ORDER BY d.id DESC LIMIT 1) AS d ON true
WHERE c.shop_id = %(shop_id)s AND (c.id = %(channel_id)s OR %(channel_id)s::bigint IS NULL AND (
    c.member_id = %(member_id)s OR c.member_id IS NULL AND %(shops)s))
ORDER BY c.id
"""


def _shown(rows: Sequence[Any]) -> list[Any]:
    return [row._replace(settings=json.loads(row.settings)) for row in rows]


def channels(shop_id: int, member_id: int | None, *, shops: bool) -> list[Any]:
    """An account's channels, and with `shops` those of the shop; each with what became of its last message (status None:
    there was none yet). `settings` hold secrets: no page shows them."""
    return _shown(sql.fetch(CHANNELS, shop_id=shop_id, member_id=member_id, shops=shops, channel_id=None))


def channel(shop_id: int, channel_id: int) -> Any | None:
    """One channel, as `channels` tells of it."""
    found = _shown(sql.fetch(CHANNELS, shop_id=shop_id, member_id=None, shops=False, channel_id=channel_id))
    return found[0] if found else None


MESSAGES: Final = """
SELECT d.id, d.created_at, d.status, d.why, d.attempts, d.due_at, d.done_at, t.id AS task_id, o.number,
       w.kind AS warning, w.subject_id, w.facts ->> 'name' AS name
FROM deliveries d
LEFT JOIN shop_warnings w ON w.shop_id = %(shop_id)s AND w.id = d.warning_id
LEFT JOIN tasks t ON t.shop_id = %(shop_id)s AND t.id = d.task_id
LEFT JOIN orders o ON o.shop_id = %(shop_id)s AND o.id = t.order_id
WHERE d.shop_id = %(shop_id)s AND d.channel_id = %(channel_id)s ORDER BY d.id DESC LIMIT %(limit)s
"""


def messages_of(shop_id: int, channel_id: int, *, limit: int = 20) -> list[Any]:
    """The last messages of a channel, the newest first; with neither task nor `warning` (its kind): a trial."""
    return sql.fetch(MESSAGES, shop_id=shop_id, channel_id=channel_id, limit=limit)
