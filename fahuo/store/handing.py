"""Orders in couriers' hands: handed to a contract, taken back, each by one statement over any number of orders.

Whoever hands or takes back locks the orders first, in the order of their ids (`store.parcels.lock_orders`), as whoever
ships them or makes their labels does.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from fahuo.rules.parcels import REFUND_OPEN
from fahuo.rules.people import Actor
from fahuo.store import arrays, sql
from fahuo.store.parcels import REFUSED_BY_REFUND

FACTS: Final = """
WITH asked AS MATERIALIZED (
    SELECT %(shop_id)s::bigint AS shop_id, a.id FROM unnest(%(order_ids)s::bigint[]) AS a (id)
)
SELECT o.id, o.number, o.status, o.kind, o.refund_status, o.refund_amount, o.paid_amount,
       EXISTS (SELECT FROM order_lines x WHERE x.shop_id = a.shop_id AND x.order_id = o.id
               AND x.refund_status IN ('requested', 'agreed')) AS line_refunding,
       g.contract_id, CASE WHEN g.handed_at IS NOT NULL THEN g.contract_id END AS handed_to,
       c.name AS handed_name, g.handed_at, l.id AS label_id, l.contract_id AS label_contract_id, l.state AS label_state,
       k.name AS label_contract, l.waybill, l.carrier, l.print_count
FROM asked a JOIN orders o ON o.shop_id = a.shop_id AND o.id = a.id
LEFT JOIN assignments g ON g.shop_id = a.shop_id AND g.order_id = o.id
LEFT JOIN contracts c ON c.shop_id = a.shop_id AND c.id = g.contract_id AND g.handed_at IS NOT NULL
LEFT JOIN label_orders h ON h.shop_id = a.shop_id AND h.order_id = o.id AND h.voided_at IS NULL
LEFT JOIN labels l ON l.shop_id = a.shop_id AND l.id = h.label_id
LEFT JOIN contracts k ON k.shop_id = a.shop_id AND k.id = l.contract_id
ORDER BY o.id
"""


def facts(shop_id: int, order_ids: Sequence[int]) -> list[Any]:
    """What handing needs of these orders (rules.handing.HandingFacts, the label, `contract_id` they are assigned to)."""
    return sql.fetch(FACTS, shop_id=shop_id, order_ids=arrays.ids(order_ids))


SHARED: Final = """
WITH asked AS MATERIALIZED (
    SELECT %(shop_id)s::bigint AS shop_id, a.id FROM unnest(%(label_ids)s::bigint[]) AS a (id)
)
SELECT h.label_id, h.order_id, o.number,
       EXISTS (SELECT FROM assignments g WHERE g.shop_id = a.shop_id AND g.order_id = h.order_id
               AND g.contract_id = %(contract_id)s AND g.handed_at IS NOT NULL) AS handed
FROM asked a JOIN label_orders h ON h.shop_id = a.shop_id AND h.label_id = a.id AND h.voided_at IS NULL
JOIN orders o ON o.shop_id = a.shop_id AND o.id = h.order_id ORDER BY h.label_id, h.order_id
"""


def shared(shop_id: int, label_ids: Sequence[int], contract_id: int) -> list[Any]:
    """The orders (label_id, order_id, number) on these living labels, and which the contract's couriers have already."""
    return sql.fetch(SHARED, shop_id=shop_id, label_ids=arrays.ids(label_ids), contract_id=contract_id)


HAND: Final = """
WITH asked AS MATERIALIZED (
    SELECT %(shop_id)s::bigint AS shop_id, a.id FROM unnest(%(order_ids)s::bigint[]) AS a (id)
), was AS MATERIALIZED (
    SELECT a.shop_id, a.id AS order_id, c.name FROM asked a
    LEFT JOIN assignments g ON g.shop_id = a.shop_id AND g.order_id = a.id
    LEFT JOIN contracts c ON c.shop_id = a.shop_id AND c.id = g.contract_id
), moved AS (
    INSERT INTO assignments AS g (shop_id, order_id, contract_id, chosen_by, chosen_at, handed_at, note, member_id)
    SELECT shop_id, order_id, %(contract_id)s, 'person', %(now)s, %(now)s, %(note)s, %(member_id)s FROM was
    ON CONFLICT (shop_id, order_id) DO UPDATE SET
        contract_id = EXCLUDED.contract_id, handed_at = EXCLUDED.handed_at, note = EXCLUDED.note, kept = false,
        chosen_by = CASE WHEN g.contract_id = EXCLUDED.contract_id THEN g.chosen_by ELSE 'person' END,
        rule_id = CASE WHEN g.contract_id = EXCLUDED.contract_id THEN g.rule_id END,
        chosen_at = CASE WHEN g.contract_id = EXCLUDED.contract_id THEN g.chosen_at ELSE EXCLUDED.chosen_at END,
        member_id = EXCLUDED.member_id
    WHERE g.shop_id = EXCLUDED.shop_id AND g.handed_at IS NULL
    RETURNING g.shop_id, g.order_id
), told AS (
    INSERT INTO journal (shop_id, at, member_id, actor, act, order_id, before, after)
    SELECT m.shop_id, %(now)s, %(member_id)s, %(actor)s, 'order.handed', m.order_id,
           jsonb_build_object('contract', w.name), jsonb_build_object('contract', %(contract)s::text)
    FROM moved m JOIN was w ON w.shop_id = m.shop_id AND w.order_id = m.order_id ORDER BY m.order_id
)
SELECT order_id FROM moved ORDER BY order_id
"""


def hand(
    actor: Actor, order_ids: Sequence[int], *, contract_id: int, contract: str, note: str = "", now: datetime
) -> list[int]:
    """Hand the locked orders to a contract (`contract` its name), which becomes theirs; those that were in no hands."""
    rows = sql.fetch(
        HAND, shop_id=actor.shop_id, member_id=actor.member_id, actor=actor.name, now=now, contract_id=contract_id,
        contract=contract, note=note, order_ids=arrays.ids(order_ids),
    )  # fmt: skip
    return [row.order_id for row in rows]


TAKE_BACK: Final = """
WITH moved AS (
    UPDATE assignments g SET handed_at = NULL, note = '', kept = true
    FROM unnest(%(order_ids)s::bigint[]) AS a (id)
    WHERE g.shop_id = %(shop_id)s AND g.order_id = a.id AND g.handed_at IS NOT NULL
    RETURNING g.shop_id, g.order_id, g.contract_id
), told AS (
    INSERT INTO journal (shop_id, at, member_id, actor, act, order_id, before)
    SELECT m.shop_id, %(now)s, %(member_id)s, %(actor)s, 'order.taken_back', m.order_id,
           jsonb_build_object('contract', c.name)
    FROM moved m JOIN contracts c ON c.shop_id = m.shop_id AND c.id = m.contract_id ORDER BY m.order_id
)
SELECT order_id FROM moved ORDER BY order_id
"""


def take_back(actor: Actor, order_ids: Sequence[int], *, now: datetime) -> list[int]:
    """Take the locked orders out of couriers' hands; those that were in any. Their contract stays."""
    rows = sql.fetch(
        TAKE_BACK, shop_id=actor.shop_id, member_id=actor.member_id, actor=actor.name, now=now,
        order_ids=arrays.ids(order_ids),
    )  # fmt: skip
    return [row.order_id for row in rows]


NOT_PRINTED: Final = """
UPDATE print_documents d SET state = 'cancelled'
FROM print_jobs j
WHERE d.shop_id = %(shop_id)s AND d.label_id = ANY(%(label_ids)s::bigint[]) AND d.state = 'waiting'
  AND j.shop_id = %(shop_id)s AND j.id = d.job_id
  AND EXISTS (SELECT FROM couriers k WHERE k.shop_id = %(shop_id)s AND k.id = j.member_id)
"""


def not_printed(shop_id: int, label_ids: Sequence[int]) -> int:
    """Cancel what of these labels waits in couriers' print jobs; how many documents."""
    return sql.run(NOT_PRINTED, shop_id=shop_id, label_ids=arrays.ids(label_ids))


NOTE: Final = """
UPDATE assignments g SET note = %(note)s
WHERE g.shop_id = %(shop_id)s AND g.order_id = %(order_id)s AND g.handed_at IS NOT NULL AND g.note <> %(note)s
"""


def set_note(shop_id: int, order_id: int, note: str) -> bool:
    """Write a word to the courier who has the order; False when nothing changed."""
    return bool(sql.run(NOTE, shop_id=shop_id, order_id=order_id, note=note))


HANDING_SHOPS: Final = """
/* across shops: shops with work */
SELECT DISTINCT shop_id FROM contracts WHERE hands_over AND active ORDER BY shop_id
"""
TO_HAND: Final = f"""
SELECT g.contract_id, c.name, array_agg(g.order_id ORDER BY g.order_id) AS order_ids
FROM contracts c JOIN assignments g ON g.shop_id = %(shop_id)s AND g.contract_id = c.id
JOIN backlog b ON b.shop_id = %(shop_id)s AND b.order_id = g.order_id
JOIN orders o ON o.shop_id = %(shop_id)s AND o.id = g.order_id
WHERE c.shop_id = %(shop_id)s AND c.hands_over AND c.active AND g.handed_at IS NULL AND NOT g.kept
  AND o.kind <> 'virtual' AND NOT {REFUSED_BY_REFUND}
  AND EXISTS (SELECT FROM couriers k WHERE k.shop_id = %(shop_id)s AND k.contract_id = c.id AND k.active)
GROUP BY g.contract_id, c.name
"""


def handing_shops() -> list[int]:
    """The shops with a contract whose orders are handed over by themselves."""
    return [row.shop_id for row in sql.fetch(HANDING_SHOPS)]


def to_hand(shop_id: int) -> list[Any]:
    """Waiting orders that came to such a contract and are in nobody's hands: contract_id, name, order_ids."""
    return sql.fetch(TO_HAND, shop_id=shop_id, refund_open=sorted(REFUND_OPEN))


FORGET: Final = """
UPDATE assignments g SET handed_at = NULL, note = ''
WHERE g.shop_id = %(shop_id)s AND g.handed_at < %(before)s
  AND NOT EXISTS (SELECT FROM backlog b WHERE b.shop_id = %(shop_id)s AND b.order_id = g.order_id)
  AND NOT EXISTS (SELECT FROM parcel_orders po JOIN parcels p ON p.shop_id = po.shop_id AND p.id = po.parcel_id
                  WHERE po.shop_id = %(shop_id)s AND p.shop_id = %(shop_id)s AND po.order_id = g.order_id
                    AND p.voided_at IS NULL AND p.shipped_at >= %(before)s)
"""


def forget(shop_id: int, *, before: datetime) -> int:
    """Let go of what was handed and left before an instant, so that couriers' lists stay short; how many orders."""
    return sql.run(FORGET, shop_id=shop_id, before=before)
