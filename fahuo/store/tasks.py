"""Tasks of the platform: made, moved and timed by set statements.

Whoever changes an order's tasks holds the order first, then its tasks by id, then its complaint; only the timers take
tasks without their orders, and those that nobody else holds (SKIP LOCKED). So nobody waits in a circle. Every move
compares what it read (`state`, `due_at`) with what stands, and is logged from the rows that moved.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from psycopg.types.json import Jsonb

from fahuo.store import sql

ORDERS: Final = f"""
SELECT o.id, o.number, o.status, o.kind, o.buyer, o.region, o.item_amount, o.paid_amount, o.refund_status,
       o.refund_amount, o.paid_at, o.shipped_at, o.deadline, o.deadline_clause, o.promise_hours, o.promised_until,
       {sql.promised("o", "o.promise_hours")} AS promised,
       o.channel_deadline, o.reported_until, o.agreed_until, o.rulebook, o.urge_count,
       (SELECT c.id FROM complaints c WHERE c.shop_id = %(shop_id)s AND c.order_id = o.id AND c.status = 'open')
           AS complaint_id
FROM orders o WHERE o.shop_id = %(shop_id)s AND o.id = ANY(%(order_ids)s) ORDER BY o.id
"""
HOLD: Final = """
SELECT o.id FROM orders o WHERE o.shop_id = %(shop_id)s AND o.id = ANY(%(order_ids)s) ORDER BY o.id
FOR NO KEY UPDATE OF o
"""


def orders(shop_id: int, order_ids: Sequence[int]) -> list[Any]:
    """What the task engine asks of these orders, by id; `complaint_id` is the open complaint, or None."""
    return sql.fetch(ORDERS, shop_id=shop_id, order_ids=list(order_ids))


def hold(shop_id: int, order_ids: Sequence[int]) -> list[int]:
    """Lock these orders until the transaction ends; those that are the shop's."""
    return [row.id for row in sql.fetch(HOLD, shop_id=shop_id, order_ids=list(order_ids))]


COLUMNS: Final = """t.id, t.order_id, t.kind, t.state, t.due_at, t.marketplace_due_at, t.next_reminder_at, t.created_at, t.state_since, t.plan,
       t.plan_until, t.plan_reason, t.answered_by, t.urge_count, t.rulebook, t.set_aside_at, t.set_aside_why"""
OPEN: Final = f"""
SELECT {COLUMNS} FROM tasks t
WHERE t.shop_id = %(shop_id)s AND t.order_id = ANY(%(order_ids)s) AND NOT (t.state = 'completed')
ORDER BY t.id FOR UPDATE
"""
ONE: Final = f"SELECT {COLUMNS} FROM tasks t WHERE t.shop_id = %(shop_id)s AND t.id = %(task_id)s"
OF_ORDER: Final = f"""
SELECT {COLUMNS} FROM tasks t WHERE t.shop_id = %(shop_id)s AND t.order_id = %(order_id)s ORDER BY t.id
"""


LATEST: Final = f"""
SELECT {COLUMNS} FROM tasks t
WHERE t.shop_id = %(shop_id)s AND t.order_id = ANY(%(order_ids)s) AND t.kind = %(kind)s
ORDER BY t.order_id, (t.state = 'completed') DESC, t.id FOR UPDATE
"""


def latest(shop_id: int, order_ids: Sequence[int], kind: str) -> list[Any]:
    """The tasks of a kind of these orders, locked; an order's open one comes last, else its newest."""
    return sql.fetch(LATEST, shop_id=shop_id, order_ids=list(order_ids), kind=kind)


def open_tasks(shop_id: int, order_ids: Sequence[int]) -> list[Any]:
    """The tasks of these orders that are not completed, locked."""
    return sql.fetch(OPEN, shop_id=shop_id, order_ids=list(order_ids))


UNFINISHED: Final = """
SELECT t.order_id, t.state FROM tasks t
WHERE t.shop_id = %(shop_id)s AND t.order_id = ANY(%(order_ids)s) AND t.kind = %(kind)s AND NOT (t.state = 'completed')
"""


def unfinished(shop_id: int, order_ids: Sequence[int], kind: str) -> list[Any]:
    """The open tasks of a kind of these orders: order_id and state; not locked."""
    return sql.fetch(UNFINISHED, shop_id=shop_id, order_ids=list(order_ids), kind=kind)


def find(shop_id: int, task_id: int) -> Any | None:
    """One task."""
    return sql.fetch_one(ONE, shop_id=shop_id, task_id=task_id)


def of_order(shop_id: int, order_id: int) -> list[Any]:
    """All tasks of an order, oldest first."""
    return sql.fetch(OF_ORDER, shop_id=shop_id, order_id=order_id)


EVENTS: Final = """
SELECT e.id, e.task_id, e.at, e.member_id, e.actor, e.from_state, e.event, e.to_state, e.clause, e.rulebook, e.data
FROM task_events e WHERE e.shop_id = %(shop_id)s AND e.order_id = %(order_id)s ORDER BY e.id
"""


def events(shop_id: int, order_id: int) -> list[Any]:
    """What happened to an order's tasks, oldest first."""
    return sql.fetch(EVENTS, shop_id=shop_id, order_id=order_id)


ADD: Final = """
WITH made AS (
    INSERT INTO tasks (shop_id, order_id, kind, state, due_at, next_reminder_at, created_at, state_since, plan,
                       plan_reason, urge_count, rulebook, set_aside_why)
    VALUES (%(shop_id)s, %(order_id)s, %(kind)s, %(state)s, %(due_at)s, %(reminder_at)s, %(now)s, %(now)s, '', '',
            %(count)s, %(rulebook)s, '')
    ON CONFLICT (shop_id, order_id, kind) WHERE NOT (state = 'completed') DO NOTHING RETURNING id
)
INSERT INTO task_events (shop_id, task_id, order_id, at, member_id, actor, from_state, event, to_state, clause, rulebook)
SELECT %(shop_id)s, id, %(order_id)s, %(now)s, %(member_id)s, %(actor)s, '', %(event)s, %(state)s, %(clause)s,
       %(rulebook)s FROM made RETURNING task_id
"""


def add(shop_id: int, order_id: int, **task: Any) -> int | None:
    """Make an order's task of a kind; its id, or None where one is open. See ADD for what `task` names."""
    made = sql.fetch_one(ADD, shop_id=shop_id, order_id=order_id, **task)
    return None if made is None else int(made.task_id)


COUNT: Final = """
UPDATE tasks SET urge_count = urge_count + %(count)s WHERE shop_id = %(shop_id)s AND id = %(task_id)s
"""


def count_urge(shop_id: int, task_id: int, count: int) -> int:
    """Add further urges to a task that stands."""
    return sql.run(COUNT, shop_id=shop_id, task_id=task_id, count=count)


@dataclass(frozen=True, slots=True)
class Step:
    """One move of one task, ready to be written. `plan` None leaves the plan as it stands."""

    task_id: int
    at: datetime
    from_state: str
    event: str
    to_state: str
    clause: str
    rulebook: str
    due_at: datetime | None
    reminder_at: datetime | None
    complaint: str = ""
    """The kind of complaint that the platform opens along with it; "" for none."""
    plan: str | None = None
    plan_until: datetime | None = None
    plan_reason: str = ""
    data: dict[str, Any] | None = None


APPLY: Final = """
WITH asked AS MATERIALIZED (
    SELECT * FROM jsonb_to_recordset(%(steps)s) AS asked (
        task_id bigint, at timestamptz, from_state text, event text, to_state text, clause text, rulebook text,
        due_at timestamptz, reminder_at timestamptz, complaint text, plan text, plan_until timestamptz,
        plan_reason text, data jsonb)
), moved AS (
    UPDATE tasks t SET state = a.to_state, due_at = a.due_at, next_reminder_at = a.reminder_at,
           state_since = CASE WHEN t.state = a.to_state THEN t.state_since ELSE a.at END,
           plan = COALESCE(a.plan, t.plan),
           plan_until = CASE WHEN a.plan IS NULL THEN t.plan_until ELSE a.plan_until END,
           plan_reason = CASE WHEN a.plan IS NULL THEN t.plan_reason ELSE a.plan_reason END,
           answered_by = CASE WHEN a.plan IS NULL THEN t.answered_by ELSE %(member_id)s END
    FROM asked a WHERE t.shop_id = %(shop_id)s AND t.id = ANY(%(ids)s::bigint[]) AND t.id = a.task_id AND t.state = a.from_state
    RETURNING t.id, t.order_id, a.at, a.from_state, a.event, a.to_state, a.clause, a.rulebook, a.complaint, a.data
), told AS (
    INSERT INTO task_events (shop_id, task_id, order_id, at, member_id, actor, from_state, event, to_state, clause,
                             rulebook, data)
    SELECT %(shop_id)s, id, order_id, at, %(member_id)s, %(actor)s, from_state, event, to_state, clause, rulebook, data
    FROM moved ORDER BY at, id
), opened AS (
    INSERT INTO complaints (shop_id, order_id, task_id, kind, opened_by, status, opened_at, compensation, points,
                            rulebook)
    SELECT %(shop_id)s, order_id, id, complaint, 'platform', 'open', at, 0, 0, rulebook
    FROM moved WHERE complaint <> '' ON CONFLICT (shop_id, order_id) WHERE status = 'open' DO NOTHING
)
SELECT id FROM moved
"""


def apply(shop_id: int, steps: Iterable[Step], *, actor: str, member_id: int | None) -> list[int]:
    """Write these moves of locked tasks, with their log and complaints; the ids of the tasks that moved."""
    rows = [{name: _plain(getattr(step, name)) for name in Step.__slots__} for step in steps]
    if not rows:
        return []
    return [
        row.id for row in sql.fetch(
            APPLY, shop_id=shop_id, steps=Jsonb(rows), ids=[row["task_id"] for row in rows], actor=actor, member_id=member_id
        )
    ]  # fmt: skip


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value
