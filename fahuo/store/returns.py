"""Numbers that the carrier's rule gives back: voided without a trace, or untouched for long without one.

Locks go from orders over labels to numbers, as wherever labels are voided.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from fahuo.rules.label_states import before
from fahuo.rules.people import Actor
from fahuo.store import arrays, sql

BACK = """
(n.state = 'voided' AND n.changed_at <= %(now)s - c.return_voided_days * interval '1 day'
 OR n.state IN ('taken', 'printed') AND n.changed_at <= %(now)s - c.return_silent_days * interval '1 day')
AND n.scanned_at IS NULL
"""
"""When a number `n` of a contract `c` comes back; days that are NULL give nothing back."""

DUE = f"""
SELECT n.id, n.label_id FROM contracts c
JOIN waybill_numbers n ON n.shop_id = %(shop_id)s AND n.contract_id = c.id
LEFT JOIN labels l ON l.shop_id = %(shop_id)s AND l.id = n.label_id AND n.state <> 'voided' AND l.voided_at IS NULL
WHERE c.shop_id = %(shop_id)s AND n.state IN ('taken', 'printed', 'voided') AND {BACK}
  AND (l.id IS NULL OR l.state = ANY(%(voidable)s) AND l.handed_over_at IS NULL)
  AND n.changed_at <= %(now)s - LEAST(c.return_voided_days, c.return_silent_days) * interval '1 day'
ORDER BY n.contract_id, n.changed_at, n.id LIMIT %(limit)s
"""


def due(shop_id: int, *, now: datetime, limit: int) -> list[Any]:
    """Numbers that may come back at `now`: id, and the label that held them last (it may be living)."""
    return sql.fetch(DUE, shop_id=shop_id, now=now, limit=limit, voidable=list(before("void")))


LOCK_ORDERS = """
SELECT o.id FROM label_orders h JOIN orders o ON o.shop_id = %(shop_id)s AND o.id = h.order_id
WHERE h.shop_id = %(shop_id)s AND h.label_id = ANY(%(label_ids)s::bigint[]) AND h.voided_at IS NULL
ORDER BY o.id FOR NO KEY UPDATE OF o
"""
LOCK_LABELS = """
SELECT l.id FROM labels l WHERE l.shop_id = %(shop_id)s AND l.id = ANY(%(label_ids)s::bigint[])
  AND l.voided_at IS NULL ORDER BY l.id FOR UPDATE
"""
STILL = f"""
SELECT n.id, CASE WHEN n.state <> 'voided' THEN n.label_id END AS label_id FROM waybill_numbers n
JOIN contracts c ON c.shop_id = %(shop_id)s AND c.id = n.contract_id
WHERE n.shop_id = %(shop_id)s AND n.id = ANY(%(ids)s::bigint[]) AND {BACK} ORDER BY n.id FOR NO KEY UPDATE OF n
"""
VOID_LABELS = """
WITH moved AS (
    UPDATE labels l SET state = 'voided', voided_at = %(now)s, void_reason = %(reason)s
    WHERE l.shop_id = %(shop_id)s AND l.id = ANY(%(label_ids)s::bigint[]) AND l.state = ANY(%(voidable)s)
      AND l.handed_over_at IS NULL
    RETURNING l.shop_id, l.id, l.carrier, l.waybill
), free AS (
    UPDATE label_orders h SET voided_at = %(now)s FROM moved m
    WHERE h.shop_id = m.shop_id AND h.label_id = m.id AND h.voided_at IS NULL
    RETURNING h.shop_id, h.order_id, m.id, m.carrier, m.waybill
), told AS (
    INSERT INTO journal (shop_id, at, member_id, actor, act, order_id, before, after)
    SELECT f.shop_id, %(now)s, %(member_id)s, %(actor)s, 'label.voided', f.order_id,
           jsonb_build_object('label', f.id, 'carrier', f.carrier, 'waybill', f.waybill),
           jsonb_build_object('reason', %(reason)s::text) FROM free f ORDER BY f.id, f.order_id
)
SELECT id FROM moved
"""
LIVING = """
SELECT l.id FROM labels l
WHERE l.shop_id = %(shop_id)s AND l.id = ANY(%(label_ids)s::bigint[]) AND l.voided_at IS NULL
"""


def lock(shop_id: int, number_ids: Sequence[int], label_ids: Sequence[int], *, now: datetime) -> list[Any]:
    """Lock orders, labels and numbers, and look again: the numbers that still may come back, and the labels of the silent."""
    asked = arrays.ids(label_ids)
    sql.fetch(LOCK_ORDERS, shop_id=shop_id, label_ids=asked)
    sql.fetch(LOCK_LABELS, shop_id=shop_id, label_ids=asked)
    return sql.fetch(STILL, shop_id=shop_id, ids=arrays.ids(number_ids), now=now)


def void_labels(actor: Actor, label_ids: Sequence[int], *, reason: str, now: datetime) -> set[int]:
    """Void those of these locked labels that are living and may be; the ids of those that are living afterwards."""
    asked = arrays.ids(label_ids)
    sql.fetch(
        VOID_LABELS, shop_id=actor.shop_id, member_id=actor.member_id, actor=actor.name, now=now, reason=reason,
        label_ids=asked, voidable=list(before("void")),
    )  # fmt: skip
    return {row.id for row in sql.fetch(LIVING, shop_id=actor.shop_id, label_ids=asked)}
