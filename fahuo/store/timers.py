"""The timers of tasks: whatever is due moves by set statements, in the order of the due instants.

A row is taken by whoever locks it first and moves only while it still stands as it was read, so that any number of
clocks fire each timer once. `until` is the last instant that counts as due; the moves carry the due instant itself, so
a clock that comes late writes what a punctual one would have written.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from fahuo.store import sql

WORK: Final = """
/* across shops: shops with work */
WITH RECURSIVE first AS (
    (SELECT t.shop_id, t.{column} AS at FROM tasks t WHERE t.{column} IS NOT NULL AND t.set_aside_at IS NULL
     ORDER BY t.shop_id, t.{column}, t.id LIMIT 1)
    UNION ALL
    SELECT next.shop_id, next.at FROM first, LATERAL (
        SELECT t.shop_id, t.{column} AS at FROM tasks t
        WHERE t.shop_id > first.shop_id AND t.{column} IS NOT NULL AND t.set_aside_at IS NULL
        ORDER BY t.shop_id, t.{column}, t.id LIMIT 1) AS next
)
SELECT shop_id FROM first WHERE at <= %(until)s ORDER BY at
"""
DUE_SHOPS: Final = WORK.format(column="due_at")
REMINDING_SHOPS: Final = WORK.format(column="next_reminder_at")


def shops_due(*, until: datetime) -> list[int]:
    """The shops that have a task due, the longest due first. One look into the index for each shop that has tasks."""
    return [row.shop_id for row in sql.fetch(DUE_SHOPS, until=until)]


def shops_reminding(*, until: datetime) -> list[int]:
    """The shops that have a reminder due."""
    return [row.shop_id for row in sql.fetch(REMINDING_SHOPS, until=until)]


DUE: Final = """
SELECT t.id, t.order_id FROM tasks t
WHERE t.shop_id = %(shop_id)s AND t.due_at <= %(until)s AND t.set_aside_at IS NULL AND t.state = ANY(%(states)s)
ORDER BY t.due_at, t.id LIMIT %(limit)s
"""
LOCK: Final = """
SELECT t.id, t.order_id, t.kind, t.state, t.due_at, t.plan, t.plan_until, t.rulebook FROM tasks t
WHERE t.shop_id = %(shop_id)s AND t.id = ANY(%(ids)s) AND t.due_at <= %(until)s AND t.set_aside_at IS NULL
  AND t.order_id = ANY(%(order_ids)s) AND t.state = ANY(%(states)s)
ORDER BY t.due_at, t.id FOR UPDATE SKIP LOCKED
"""
HOLD_FREE: Final = """
SELECT o.id FROM orders o WHERE o.shop_id = %(shop_id)s AND o.id = ANY(%(order_ids)s) ORDER BY o.id
FOR NO KEY UPDATE OF o SKIP LOCKED
"""


def due(shop_id: int, states: Sequence[str], *, until: datetime, limit: int) -> list[Any]:
    """Tasks (id, order_id) in these states that are due, the longest due first; not locked."""
    return sql.fetch(DUE, shop_id=shop_id, states=list(states), until=until, limit=limit)


def lock(shop_id: int, tasks: Sequence[Any], states: Sequence[str], *, until: datetime) -> list[Any]:
    """Those of `due` tasks that are due still, locked with their orders; what others hold is left out."""
    held = [
        row.id for row in sql.fetch(HOLD_FREE, shop_id=shop_id, order_ids=sorted({task.order_id for task in tasks}))
    ]  # fmt: skip
    return sql.fetch(
        LOCK, shop_id=shop_id, ids=[task.id for task in tasks], order_ids=held, states=list(states), until=until
    )  # fmt: skip


# The rows are found again by where they lie, and their orders once for all: for a shop that is new to the planner's
# statistics a join would read the whole shop for each task. A row that moved after the statement began lies elsewhere
# by now; it is left for the next round.
ESCALATE: Final = """
WITH due AS MATERIALIZED (
    SELECT t.ctid AS tid, t.id, t.order_id, t.kind, t.state, t.due_at, t.rulebook FROM tasks t
    WHERE t.shop_id = %(shop_id)s AND t.due_at <= %(until)s AND t.set_aside_at IS NULL AND t.state = ANY(%(states)s)
      {only}
    ORDER BY t.due_at, t.id LIMIT %(limit)s FOR UPDATE {skip}
), late AS MATERIALIZED (
    SELECT o.id, o.deadline, o.status, o.refund_status, o.refund_amount, o.paid_amount FROM orders o
    WHERE o.shop_id = %(shop_id)s AND o.id = ANY(ARRAY(SELECT d.order_id FROM due d))
), judged AS MATERIALIZED (
    SELECT d.tid, d.id, d.order_id, d.state, d.due_at, d.rulebook, m.to_state, m.clause,
           CASE WHEN d.due_at >= o.deadline + make_interval(hours => v.hours) THEN 'out_of_stock' ELSE 'delay' END AS kind,
           m.only_unfulfilled AND (k.by_shipping AND o.status IN ('shipped', 'completed')
               OR k.by_refund AND {refunded}) AS stays,
           CASE WHEN v.id IS NULL THEN 'rulebook' WHEN k.name IS NULL THEN 'kind' ELSE '' END AS why
    FROM due d JOIN late AS o ON o.id = d.order_id
    JOIN unnest(%(states)s::text[], %(tos)s::text[], %(clauses)s::text[], %(only_unfulfilled)s::bool[])
        AS m (state, to_state, clause, only_unfulfilled) ON m.state = d.state
    LEFT JOIN unnest(%(versions)s::text[], %(hours)s::int[]) AS v (id, hours) ON v.id = d.rulebook
    LEFT JOIN unnest(%(kinds)s::text[], %(by_shipping)s::bool[], %(by_refund)s::bool[])
        AS k (name, by_shipping, by_refund) ON k.name = d.kind
), moved AS (
    UPDATE tasks t SET state = CASE WHEN j.why <> '' OR j.stays THEN t.state ELSE j.to_state END,
           state_since = CASE WHEN j.why <> '' OR j.stays THEN t.state_since ELSE j.due_at END,
           due_at = CASE WHEN j.why <> '' THEN t.due_at END, next_reminder_at = NULL,
           set_aside_at = CASE WHEN j.why <> '' THEN %(now)s END, set_aside_why = j.why
    FROM judged j
    WHERE t.shop_id = %(shop_id)s AND t.ctid = j.tid AND t.id = j.id AND t.state = j.state AND t.due_at = j.due_at
    RETURNING j.id, j.order_id, j.state, j.due_at, j.rulebook, j.to_state, j.clause, j.kind, j.why, j.stays
), told AS (
    INSERT INTO task_events (shop_id, task_id, order_id, at, actor, from_state, event, to_state, clause, rulebook)
    SELECT %(shop_id)s, id, order_id, due_at, %(actor)s, state, 'due', to_state, clause, rulebook
    FROM moved WHERE why = '' AND NOT stays
), opened AS (
    INSERT INTO complaints (shop_id, order_id, task_id, kind, opened_by, status, opened_at, compensation, points,
                            rulebook)
    SELECT %(shop_id)s, order_id, id, kind, 'platform', 'open', due_at, 0, 0, rulebook
    FROM moved WHERE why = '' AND NOT stays
    ON CONFLICT (shop_id, order_id) WHERE status = 'open' DO NOTHING
)
SELECT count(*) AS count, count(*) FILTER (WHERE why <> '') AS set_aside FROM moved
"""
_REFUNDED: Final = """(o.status = 'closed' OR o.refund_status = 'succeeded'
               AND (o.refund_amount <= 0 OR o.refund_amount >= o.paid_amount))"""
"""rules.parcels.refunded_whole, of an order that was paid."""
ESCALATE_SOME: Final = ESCALATE.format(only="", skip="SKIP LOCKED", refunded=_REFUNDED)
ESCALATE_THESE: Final = ESCALATE.format(only="AND t.id = ANY(%(ids)s::bigint[])", skip="", refunded=_REFUNDED)
ESCALATE_OF: Final = ESCALATE.format(only="AND t.order_id = ANY(%(ids)s::bigint[])", skip="", refunded=_REFUNDED)


def escalate(
    shop_id: int, table: Mapping[str, Sequence[Any]], *, until: datetime, now: datetime, limit: int,
    task_ids: Sequence[int] | None = None, order_ids: Sequence[int] | None = None,
) -> Any:  # fmt: skip
    """Let the platform take over what is due and was not answered; (count, set_aside) of the tasks that were taken.

    `table` is what the rules say (`services.timers.escalations`). What cannot be judged is set aside with the reason.
    """
    ids = task_ids if task_ids is not None else order_ids
    statement = ESCALATE_SOME if ids is None else ESCALATE_THESE if task_ids is not None else ESCALATE_OF
    return sql.fetch(
        statement, shop_id=shop_id, until=until, now=now, limit=limit, actor=CLOCK, ids=list(ids or ()), **table
    )[0]  # fmt: skip


CLOCK: Final = "clock"
"""Who the log names for what time did."""

SET_ASIDE: Final = """
UPDATE tasks SET set_aside_at = %(now)s, set_aside_why = %(why)s, next_reminder_at = NULL
WHERE shop_id = %(shop_id)s AND id = ANY(%(ids)s) AND set_aside_at IS NULL
"""
TAKE_UP: Final = """
UPDATE tasks SET set_aside_at = NULL, set_aside_why = ''
WHERE shop_id = %(shop_id)s AND id = %(task_id)s AND set_aside_at IS NOT NULL
"""


def set_aside(shop_id: int, ids: Sequence[int], why: str, *, now: datetime) -> int:
    """Keep these tasks from their timers, saying why; how many."""
    return sql.run(SET_ASIDE, shop_id=shop_id, ids=list(ids), why=why, now=now)


def take_up(shop_id: int, task_id: int) -> int:
    """Let a task that was set aside be timed again."""
    return sql.run(TAKE_UP, shop_id=shop_id, task_id=task_id)


LATE: Final = """
SELECT DISTINCT t.order_id FROM tasks t
WHERE t.shop_id = %(shop_id)s AND t.order_id = ANY(%(order_ids)s) AND t.set_aside_at IS NULL
  AND NOT (t.state = 'completed') AND t.due_at <= %(until)s
"""


def late(shop_id: int, order_ids: Sequence[int], *, until: datetime) -> list[int]:
    """Which of these orders have a task whose time ran out by `until`, and that no clock has seen to yet."""
    return [row.order_id for row in sql.fetch(LATE, shop_id=shop_id, order_ids=list(order_ids), until=until)]


NEXT: Final = """
SELECT (SELECT min(t.due_at) FROM tasks t
        WHERE t.shop_id = %(shop_id)s AND t.due_at IS NOT NULL AND t.set_aside_at IS NULL) AS due,
       (SELECT min(t.next_reminder_at) FROM tasks t
        WHERE t.shop_id = %(shop_id)s AND t.next_reminder_at IS NOT NULL AND t.set_aside_at IS NULL) AS reminder
"""


def next_moments(shop_id: int) -> list[datetime]:
    """When the first task, and the first reminder, of a shop is due."""
    row = sql.fetch(NEXT, shop_id=shop_id)[0]
    return [at for at in row if at is not None]


AGREED: Final = """
WITH asked AS (
    SELECT * FROM unnest(%(order_ids)s::bigint[], %(untils)s::timestamptz[]) AS asked (id, until)
)
UPDATE orders o SET agreed_until = asked.until, updated_at = %(now)s
FROM asked WHERE o.shop_id = %(shop_id)s AND o.id = ANY(%(order_ids)s::bigint[]) AND o.id = asked.id AND o.status = ANY(%(waits)s)
  AND o.agreed_until IS DISTINCT FROM asked.until
RETURNING o.id
"""


def agree(
    shop_id: int, agreed: Mapping[int, datetime], *, waits: Sequence[str], now: datetime
) -> list[int]:  # fmt: skip
    """Note until when buyers agreed to wait: order id -> instant; the waiting orders that changed. They are held."""
    return [
        row.id for row in sql.fetch(
            AGREED, shop_id=shop_id, order_ids=list(agreed), untils=list(agreed.values()), waits=list(waits), now=now
        )
    ]  # fmt: skip
