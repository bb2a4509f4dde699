"""The buyer has received the goods: a shipped order is completed."""

from datetime import datetime
from typing import Final

from fahuo.store import sql

CONFIRM: Final = """
WITH moved AS (
    UPDATE orders SET status = 'completed', completed_at = %(now)s, updated_at = %(now)s
    WHERE shop_id = %(shop_id)s AND id = %(order_id)s AND status = 'shipped' RETURNING id
), counted AS (
    INSERT INTO order_tally (shop_id, status, delta)
    SELECT %(shop_id)s, step.status, step.delta FROM moved, (VALUES ('shipped', -1), ('completed', 1)) AS step (status, delta)
), retired AS (
    UPDATE parcels p SET retired_at = %(now)s
    FROM moved JOIN parcel_orders po ON po.shop_id = %(shop_id)s AND po.order_id = moved.id
    WHERE p.shop_id = %(shop_id)s AND p.id = po.parcel_id AND p.retired_at IS NULL AND p.voided_at IS NULL
      AND NOT EXISTS (
          SELECT FROM parcel_orders other JOIN orders o ON o.shop_id = %(shop_id)s AND o.id = other.order_id
          WHERE other.shop_id = %(shop_id)s AND other.parcel_id = p.id AND other.order_id <> moved.id
            AND o.status = 'shipped')
)
INSERT INTO journal (shop_id, at, member_id, actor, act, order_id, before, after)
SELECT %(shop_id)s, %(now)s, NULL, %(actor)s, 'order.received', id, '{"status": "shipped"}', '{"status": "completed"}'
FROM moved RETURNING order_id
"""


def confirm(shop_id: int, order_id: int, *, actor: str, now: datetime) -> bool:
    """Complete a shipped order; whether it was one."""
    return bool(sql.fetch(CONFIRM, shop_id=shop_id, order_id=order_id, actor=actor, now=now))
