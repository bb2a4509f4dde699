"""Reminders of tasks, and who gets them. One statement gives what is due to everyone who subscribed, up to the limit."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final

from psycopg.types.json import Jsonb

from fahuo.store import sql

SUBSCRIBERS: Final = """
SELECT m.id FROM members m
WHERE m.shop_id = %(shop_id)s AND m.active AND (m.is_owner OR 'tasks' = ANY(m.permissions))
  AND m.preferences ->> 'todo_notice' = 'true'
ORDER BY m.id FOR NO KEY UPDATE OF m
"""


def subscribers(shop_id: int) -> list[int]:
    """The accounts that see tasks and subscribed to 待办通知; locked, so that nobody else counts their reminders now."""
    return [row.id for row in sql.fetch(SUBSCRIBERS, shop_id=shop_id)]


REMIND: Final = """
WITH due AS MATERIALIZED (
    SELECT t.ctid AS tid, t.id, t.next_reminder_at AS at, t.due_at, t.rulebook,
           (t.next_reminder_at AT TIME ZONE %(zone)s)::date AS day, (t.next_reminder_at AT TIME ZONE %(zone)s)::time AS clock
    FROM tasks t
    WHERE t.shop_id = %(shop_id)s AND t.next_reminder_at <= %(until)s AND t.set_aside_at IS NULL
    ORDER BY t.next_reminder_at, t.id LIMIT %(limit)s FOR UPDATE SKIP LOCKED
), told AS (
    SELECT d.id, m.id AS member_id, d.at, d.day, d.due_at,
           row_number() OVER (PARTITION BY m.id, d.day ORDER BY d.at, d.id) + (
               SELECT count(*) FROM reminders r WHERE r.shop_id = %(shop_id)s AND r.member_id = m.id AND r.day = d.day
               AND r.status <> 'suppressed') AS place,
           CASE WHEN q.starts IS NULL OR q.ends IS NULL THEN FALSE
                WHEN q.starts <= q.ends THEN d.clock >= q.starts AND d.clock < q.ends
                ELSE d.clock >= q.starts OR d.clock < q.ends END AS quiet
    FROM due d CROSS JOIN members m CROSS JOIN LATERAL (
        SELECT (m.preferences ->> 'quiet_from')::time AS starts, (m.preferences ->> 'quiet_to')::time AS ends) AS q
    WHERE m.shop_id = %(shop_id)s AND m.id = ANY(%(members)s)
), given AS (
    INSERT INTO reminders (shop_id, task_id, member_id, at, day, due_at, status)
    SELECT %(shop_id)s, id, member_id, at, day, due_at,
           CASE WHEN place > %(per_day)s THEN 'suppressed' WHEN quiet THEN 'held' ELSE 'delivered' END
    FROM told ORDER BY at, id, member_id
    ON CONFLICT (shop_id, task_id, member_id, at) DO NOTHING
)
UPDATE tasks t SET next_reminder_at = (
    SELECT min(d.due_at - make_interval(hours => h.value::int))
    FROM jsonb_array_elements_text(%(hours)s -> d.rulebook) AS h
    WHERE d.due_at - make_interval(hours => h.value::int) > GREATEST(d.at, %(until)s))
FROM due d WHERE t.shop_id = %(shop_id)s AND t.ctid = d.tid AND t.id = d.id
"""


def remind(
    shop_id: int, members: Sequence[int], *, zone: str, per_day: int, hours: Mapping[str, Sequence[int]], until: datetime,
    limit: int,
) -> int:  # fmt: skip
    """Give the next reminder of up to `limit` tasks to these accounts, and set when each reminds next; how many tasks.

    `per_day` is the most that an account is given in a calendar day of `zone`; what goes beyond is kept as suppressed.
    `hours` says how long before its due instant a task reminds, by rule-book version. What a late clock missed of one
    task it reminds of once.
    """
    return sql.run(
        REMIND, shop_id=shop_id, members=list(members), zone=zone, per_day=per_day, until=until, limit=limit,
        hours=Jsonb({version: list(found) for version, found in hours.items()}),
    )  # fmt: skip


OF_DAY: Final = """
SELECT m.name, r.status, count(*) AS count FROM reminders r
JOIN members m ON m.shop_id = %(shop_id)s AND m.id = r.member_id
WHERE r.shop_id = %(shop_id)s AND r.day = %(day)s GROUP BY m.name, r.status
"""


def of_day(shop_id: int, day: date) -> dict[str, dict[str, int]]:
    """account -> status -> reminders on a calendar day of the shop."""
    found: dict[str, dict[str, int]] = {}
    for row in sql.fetch(OF_DAY, shop_id=shop_id, day=day):
        found.setdefault(row.name, {})[row.status] = row.count
    return found


OF_TASK: Final = """
SELECT r.at, r.day, r.status, r.due_at, r.member_id, m.name FROM reminders r
JOIN members m ON m.shop_id = %(shop_id)s AND m.id = r.member_id
WHERE r.shop_id = %(shop_id)s AND r.task_id = %(task_id)s ORDER BY r.at, m.name
"""


def of_task(shop_id: int, task_id: int) -> list[Any]:
    """Every reminder of a task, oldest first."""
    return sql.fetch(OF_TASK, shop_id=shop_id, task_id=task_id)
