"""What the engine wrote since a certain moment, of all tables together: ids come from one sequence, so they tell the order."""

from typing import Any, Final

from fahuo.store import sql

MARK: Final = "SELECT nextval('ids') AS id"
SINCE: Final = """
SELECT e.id, e.at, 'transition' AS what, e.order_id, e.clause, e.rulebook,
       jsonb_build_object('from', e.from_state, 'event', e.event, 'to', e.to_state, 'by', e.actor) AS data, 2 AS place
FROM task_events e WHERE e.shop_id = %(shop_id)s AND e.id > %(mark)s
UNION ALL
SELECT c.id, c.opened_at, 'complaint', c.order_id, c.kind, c.rulebook, jsonb_build_object('by', c.opened_by), 3
FROM complaints c WHERE c.shop_id = %(shop_id)s AND c.id > %(mark)s
UNION ALL
SELECT l.id, l.at, 'penalty', l.order_id, l.kind, l.rulebook,
       jsonb_build_object('why', l.why, 'compensation', l.amount::text, 'points', l.points), 1
FROM ledger l WHERE l.shop_id = %(shop_id)s AND l.id > %(mark)s
UNION ALL
SELECT r.id, r.at, 'reminder', t.order_id,
       CASE r.status WHEN 'suppressed' THEN 'reminders_per_day' WHEN 'held' THEN 'quiet_hours' ELSE 'todo_notice' END,
       t.rulebook, jsonb_build_object('account', m.name, 'status', r.status, 'task_due', r.due_at), 4
FROM reminders r JOIN tasks t ON t.shop_id = %(shop_id)s AND t.id = r.task_id
JOIN members m ON m.shop_id = %(shop_id)s AND m.id = r.member_id
WHERE r.shop_id = %(shop_id)s AND r.id > %(mark)s
UNION ALL
SELECT a.id, a.at, 'alert', a.order_id, a.kind, '', '{}'::jsonb, 5
FROM alerts a WHERE a.shop_id = %(shop_id)s AND a.id > %(mark)s
ORDER BY 2, 8, 1
"""


def mark() -> int:
    """A point in the sequence: whatever is written later has a greater id."""
    return int(sql.fetch(MARK)[0].id)


def since(shop_id: int, after: int) -> list[Any]:
    """(id, at, what, order_id, clause, rulebook, data, place) of all that came after a mark, cause before effect."""
    return sql.fetch(SINCE, shop_id=shop_id, mark=after)
