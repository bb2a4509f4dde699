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
                ELSE d.clock >= q.starts OR d.clock < q.ends END AS quiet,
           (d.day + CASE WHEN q.starts > q.ends AND d.clock >= q.starts THEN 1 ELSE 0 END + q.ends)
               AT TIME ZONE %(zone)s AS morning
    FROM due d CROSS JOIN members m CROSS JOIN LATERAL (
        SELECT (m.preferences ->> 'quiet_from')::time AS starts, (m.preferences ->> 'quiet_to')::time AS ends) AS q
    WHERE m.shop_id = %(shop_id)s AND m.id = ANY(%(members)s)
), given AS (
    INSERT INTO reminders (shop_id, task_id, member_id, at, day, due_at, status, release_at, delivered_at)
    SELECT %(shop_id)s, id, member_id, at, day, due_at,
           CASE WHEN place > %(per_day)s THEN 'suppressed' WHEN quiet THEN 'held' ELSE 'delivered' END,
           CASE WHEN place <= %(per_day)s AND quiet THEN morning END,
           CASE WHEN place <= %(per_day)s AND NOT quiet THEN at END
    FROM told ORDER BY at, id, member_id
    ON CONFLICT (shop_id, task_id, member_id, at) DO NOTHING RETURNING id, delivered_at
), moved AS (
    UPDATE tasks t SET next_reminder_at = (
        SELECT min(d.due_at - make_interval(hours => h.value::int))
        FROM jsonb_array_elements_text(%(hours)s -> d.rulebook) AS h
        WHERE d.due_at - make_interval(hours => h.value::int) > GREATEST(d.at, %(until)s))
    FROM due d WHERE t.shop_id = %(shop_id)s AND t.ctid = d.tid AND t.id = d.id RETURNING t.id
)
SELECT (SELECT count(*) FROM moved) AS count,
       ARRAY(SELECT g.id FROM given g WHERE g.delivered_at IS NOT NULL ORDER BY g.id) AS handed
"""


def remind(
    shop_id: int, members: Sequence[int], *, zone: str, per_day: int, hours: Mapping[str, Sequence[int]], until: datetime,
    limit: int,
) -> tuple[int, list[int]]:  # fmt: skip
    """Give the next reminder of up to `limit` tasks to these accounts, and set when each reminds next.

    How many tasks that were, and the reminders that are delivered now. One that falls into quiet hours is held, and says
    when they end.

    `per_day` is the most that an account is given in a calendar day of `zone`; what goes beyond is kept as suppressed.
    `hours` says how long before its due instant a task reminds, by rule-book version. What a late clock missed of one
    task it reminds of once.
    """
    found = sql.fetch(
        REMIND, shop_id=shop_id, members=list(members), zone=zone, per_day=per_day, until=until, limit=limit,
        hours=Jsonb({version: list(before) for version, before in hours.items()}),
    )[0]  # fmt: skip
    return int(found.count), list(found.handed)


RELEASING_SHOPS: Final = """
/* across shops: shops with work */
SELECT DISTINCT r.shop_id FROM reminders r
WHERE r.release_at <= %(until)s AND r.delivered_at IS NULL AND r.release_at IS NOT NULL
"""


def shops_releasing(*, until: datetime) -> list[int]:
    """The shops in which somebody's quiet hours ended over reminders that were held."""
    return [row.shop_id for row in sql.fetch(RELEASING_SHOPS, until=until)]


RELEASE: Final = """
WITH due AS (
    SELECT r.id FROM reminders r
    WHERE r.shop_id = %(shop_id)s AND r.release_at <= %(until)s AND r.delivered_at IS NULL AND r.release_at IS NOT NULL
    ORDER BY r.release_at, r.id LIMIT %(limit)s FOR NO KEY UPDATE SKIP LOCKED
)
UPDATE reminders r SET delivered_at = r.release_at FROM due d
WHERE r.shop_id = %(shop_id)s AND r.id = d.id AND r.delivered_at IS NULL RETURNING r.id
"""


def release(shop_id: int, *, until: datetime, limit: int) -> list[int]:
    """Let go what quiet hours held; each once, however many clocks come. The reminders that are delivered now."""
    return sorted(row.id for row in sql.fetch(RELEASE, shop_id=shop_id, until=until, limit=limit))


WHOSE: Final = """
SELECT DISTINCT r.member_id FROM reminders r WHERE r.shop_id = %(shop_id)s AND r.id = ANY(%(ids)s) ORDER BY r.member_id
"""
NOTIFY: Final = "SELECT pg_notify('fahuo_live', %(shop_id)s || ':' || %(member_id)s)"


def announce(shop_id: int, ids: Sequence[int]) -> None:
    """Tell open pages, once this transaction is kept, whose reminders came. A hint: two ids and nothing else."""
    for row in sql.fetch(WHOSE, shop_id=shop_id, ids=list(ids)):
        sql.fetch(NOTIFY, shop_id=shop_id, member_id=row.member_id)


SEE: Final = """
UPDATE reminders SET seen_at = %(now)s
WHERE shop_id = %(shop_id)s AND member_id = %(member_id)s AND id = ANY(%(ids)s::bigint[])
  AND delivered_at IS NOT NULL AND seen_at IS NULL
"""


def see(shop_id: int, member_id: int, ids: Sequence[int], *, now: datetime) -> int:
    """Note that an account has seen these of its reminders; how many were new to it."""
    return sql.run(SEE, shop_id=shop_id, member_id=member_id, ids=list(ids), now=now)


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
