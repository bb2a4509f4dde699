"""Urges of outside marketplaces, as a shop entered them, and what they change in orders and tasks: set statements.

The caller holds the orders. What is written comes back as the rows that moved.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from psycopg.types.json import Jsonb

from fahuo.rules.orders import IN_BACKLOG
from fahuo.rules.tasks import NEEDS_SELLER
from fahuo.store import sql

KNOWN: Final = """
SELECT u.order_id, u.at, u.due_at FROM urges u WHERE u.shop_id = %(shop_id)s AND u.order_id = ANY(%(order_ids)s::bigint[])
"""


def known(shop_id: int, order_ids: Sequence[int]) -> list[Any]:
    """The urges entered for these orders: order_id, at, due_at."""
    return sql.fetch(KNOWN, shop_id=shop_id, order_ids=list(order_ids))


ADD: Final = """
INSERT INTO urges (shop_id, order_id, at, due_at, entered_at, member_id, name, batch_id)
SELECT %(shop_id)s, asked.order_id, asked.at, asked.due_at, %(now)s, %(member_id)s, %(name)s, %(batch_id)s
FROM unnest(%(order_ids)s::bigint[], %(ats)s::timestamptz[], %(dues)s::timestamptz[])
     WITH ORDINALITY AS asked (order_id, at, due_at, place) ORDER BY asked.place
ON CONFLICT (shop_id, order_id, at) DO UPDATE SET due_at = excluded.due_at
"""


def add(
    shop_id: int, rows: Sequence[tuple[int, datetime, datetime | None]], *, member_id: int | None, name: str,
    batch_id: int | None, now: datetime,
) -> int:  # fmt: skip
    """Keep urges: (order, when, the marketplace's deadline). One that is kept already takes the deadline."""
    return sql.run(
        ADD, shop_id=shop_id, now=now, member_id=member_id, name=name, batch_id=batch_id,
        order_ids=[row[0] for row in rows], ats=[row[1] for row in rows], dues=[row[2] for row in rows],
    )  # fmt: skip


MARK: Final = """
WITH asked AS MATERIALIZED (
    SELECT * FROM unnest(%(order_ids)s::bigint[], %(counts)s::int[], %(ats)s::timestamptz[]) AS asked (id, count, at)
), before AS MATERIALIZED (
    SELECT o.id, o.urge_count FROM orders o
    WHERE o.shop_id = %(shop_id)s AND o.id = ANY(%(order_ids)s::bigint[]) ORDER BY o.id FOR NO KEY UPDATE
)
UPDATE orders SET urge_count = before.urge_count + asked.count, updated_at = %(now)s,
       urged_at = GREATEST(orders.urged_at, asked.at)
FROM before JOIN asked ON asked.id = before.id
WHERE orders.shop_id = %(shop_id)s AND orders.id = before.id AND orders.status = ANY(%(waits)s)
RETURNING orders.id, before.urge_count, orders.urge_count AS after, orders.urged_at
"""


def mark(shop_id: int, urged: Mapping[int, tuple[int, datetime]], *, now: datetime) -> list[Any]:
    """Add to orders that wait: order -> (how many urges, when the last was); the rows that moved."""
    return sql.fetch(
        MARK, shop_id=shop_id, now=now, waits=sorted(IN_BACKLOG), order_ids=list(urged),
        counts=[count for count, _ in urged.values()], ats=[at for _, at in urged.values()],
    )  # fmt: skip


OPEN: Final = """
WITH asked AS MATERIALIZED (
    SELECT * FROM jsonb_to_recordset(%(tasks)s) AS asked (
        order_id bigint, at timestamptz, due_at timestamptz, shown timestamptz, reminder_at timestamptz, rulebook text)
), made AS (
    INSERT INTO tasks (shop_id, order_id, kind, state, due_at, marketplace_due_at, next_reminder_at, created_at,
                       state_since, plan, plan_reason, urge_count, rulebook, set_aside_why)
    SELECT %(shop_id)s, a.order_id, %(kind)s, %(state)s, a.due_at, a.shown, a.reminder_at, a.at, a.at, '', '', 0,
           a.rulebook, ''
    FROM asked a
    ON CONFLICT (shop_id, order_id, kind) WHERE NOT (state = 'completed') DO NOTHING
    RETURNING id, order_id, created_at, rulebook
)
INSERT INTO task_events (shop_id, task_id, order_id, at, member_id, actor, from_state, event, to_state, clause, rulebook)
SELECT %(shop_id)s, id, order_id, created_at, %(member_id)s, %(actor)s, '', %(event)s, %(state)s, %(clause)s, rulebook
FROM made ORDER BY id
"""


def open_tasks(
    shop_id: int, tasks: Iterable[Mapping[str, Any]], *, kind: str, state: str, event: str, clause: str, actor: str,
    member_id: int | None,
) -> int:  # fmt: skip
    """Make tasks, whose urges are counted afterwards. See OPEN for what each names; `shown` is the marketplace's deadline."""
    rows = [{name: _plain(value) for name, value in each.items()} for each in tasks]
    if not rows:
        return 0
    return sql.run(
        OPEN, shop_id=shop_id, tasks=Jsonb(rows), kind=kind, state=state, event=event, clause=clause, actor=actor,
        member_id=member_id,
    )  # fmt: skip


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


COUNT: Final = """
WITH asked AS MATERIALIZED (
    SELECT * FROM unnest(%(order_ids)s::bigint[], %(counts)s::int[], %(dues)s::timestamptz[])
        AS asked (order_id, count, due_at)
), found AS MATERIALIZED (
    SELECT s.id, a.count, a.due_at, a.due_at IS NOT NULL AND s.state = ANY(%(needs)s) AS takes,
           s.due_at IS DISTINCT FROM a.due_at AS differs
    FROM asked a JOIN tasks s ON s.shop_id = %(shop_id)s AND s.order_id = a.order_id AND s.kind = %(kind)s
         AND NOT (s.state = 'completed')
)
UPDATE tasks t SET urge_count = t.urge_count + f.count,
    marketplace_due_at = CASE WHEN f.takes THEN f.due_at ELSE t.marketplace_due_at END,
    due_at = CASE WHEN f.takes THEN f.due_at ELSE t.due_at END,
    next_reminder_at = CASE WHEN NOT (f.takes AND f.differs) THEN t.next_reminder_at
                            WHEN f.due_at > %(now)s THEN %(now)s END
FROM found f WHERE t.shop_id = %(shop_id)s AND t.id = f.id
"""


def count(
    shop_id: int, urged: Mapping[int, tuple[int, datetime | None]], *, kind: str, now: datetime
) -> int:  # fmt: skip
    """Add to open tasks: order -> (how many urges, the marketplace's deadline or None); how many tasks.

    While a task waits for the seller the deadline becomes its own, and those who subscribed are reminded of it anew.
    """
    return sql.run(
        COUNT, shop_id=shop_id, now=now, kind=kind, needs=sorted(NEEDS_SELLER), order_ids=list(urged),
        counts=[each for each, _ in urged.values()], dues=[due for _, due in urged.values()],
    )  # fmt: skip
