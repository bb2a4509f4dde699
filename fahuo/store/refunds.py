"""Refunds in full: the order is closed, waits no more, and is counted as closed."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from fahuo.rules.people import Actor
from fahuo.store import sql

REFUND: Final = """
WITH before AS MATERIALIZED (
    SELECT o.id, o.status, o.refund_status, o.paid_amount,
           CASE WHEN o.status = 'completed' THEN 'completed' ELSE 'closed' END AS next_status
    FROM orders o WHERE o.shop_id = %(shop_id)s AND o.id = ANY(%(order_ids)s) AND o.paid_at IS NOT NULL
      AND NOT (o.refund_status = 'succeeded' AND (o.refund_amount <= 0 OR o.refund_amount >= o.paid_amount))
      AND NOT (o.status = 'closed')
), moved AS (
    UPDATE orders o SET status = b.next_status, refund_status = 'succeeded', refund_amount = b.paid_amount,
           closed_at = CASE WHEN b.next_status = 'closed' THEN %(now)s ELSE o.closed_at END, updated_at = %(now)s
    FROM before b WHERE o.shop_id = %(shop_id)s AND o.id = b.id
), gone AS (
    DELETE FROM backlog l USING before b WHERE l.shop_id = %(shop_id)s AND l.order_id = b.id
), counted AS (
    INSERT INTO order_tally (shop_id, status, delta)
    SELECT %(shop_id)s, status, sum(delta) FROM (
        SELECT status, -1 AS delta FROM before UNION ALL SELECT next_status, 1 FROM before) AS steps
    GROUP BY status HAVING sum(delta) <> 0
), told AS (
    INSERT INTO journal (shop_id, at, member_id, actor, act, order_id, before, after)
    SELECT %(shop_id)s, %(now)s, %(member_id)s, %(actor)s, 'order.refunded', id,
           jsonb_build_object('status', status, 'refund_status', refund_status),
           jsonb_build_object('status', next_status, 'refund_status', 'succeeded') FROM before
)
SELECT id, status, next_status FROM before
"""


def succeed(actor: Actor, order_ids: Sequence[int], *, now: datetime) -> list[Any]:
    """Refund these locked orders in full; (id, status, next_status) of those that were not refunded before."""
    return sql.fetch(
        REFUND, shop_id=actor.shop_id, member_id=actor.member_id, actor=actor.name, order_ids=list(order_ids), now=now
    )  # fmt: skip


LINES: Final = """
UPDATE order_lines SET refund_status = 'succeeded'
WHERE shop_id = %(shop_id)s AND order_id = ANY(%(order_ids)s) AND refund_status <> 'succeeded'
"""


def succeed_lines(shop_id: int, order_ids: Sequence[int]) -> int:
    """Nothing of these orders' lines is left to be refunded."""
    return sql.run(LINES, shop_id=shop_id, order_ids=list(order_ids))


MOVE: Final = """
WITH before AS MATERIALIZED (
    SELECT o.id, o.refund_status, o.refund_amount FROM orders o
    WHERE o.shop_id = %(shop_id)s AND o.id = %(order_id)s AND o.refund_status = ANY(%(states)s::text[])
), moved AS (
    UPDATE orders o SET refund_status = %(state)s, refund_amount = coalesce(%(amount)s, o.refund_amount),
           updated_at = %(now)s
    FROM before b WHERE o.shop_id = %(shop_id)s AND o.id = b.id RETURNING o.id, o.refund_amount
)
INSERT INTO journal (shop_id, at, member_id, actor, act, order_id, before, after)
SELECT %(shop_id)s, %(now)s, %(member_id)s, %(actor)s, %(act)s, b.id,
       jsonb_build_object('refund_status', b.refund_status, 'refund_amount', b.refund_amount::text),
       jsonb_build_object('refund_status', %(state)s::text, 'refund_amount', m.refund_amount::text)
FROM before b JOIN moved m ON m.id = b.id RETURNING order_id
"""


def move(
    actor: Actor, order_id: int, *, states: Sequence[str], state: str, act: str, amount: Decimal | None, now: datetime
) -> bool:
    """Move a locked order's refund from one of `states`; whether it did. `amount` None leaves it as it stands."""
    return bool(sql.fetch(
        MOVE, shop_id=actor.shop_id, order_id=order_id, states=list(states), state=state, act=act, amount=amount, now=now,
        member_id=actor.member_id, actor=actor.name,
    ))  # fmt: skip
