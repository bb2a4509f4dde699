"""Which contract an order goes by: what the choice needs of many orders, and the assignments written by one statement."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from fahuo.rules.contracts import ChosenBy
from fahuo.rules.orders import IN_BACKLOG
from fahuo.rules.people import Actor
from fahuo.store import arrays, sealed, sql

FACTS = """
WITH asked AS MATERIALIZED (
    SELECT DISTINCT %(shop_id)s::bigint AS shop_id, id FROM unnest(%(order_ids)s::bigint[]) AS a (id)
)
SELECT o.id, o.number, o.status, o.kind, o.region, o.flag, o.paid_amount AS amount,
       concat_ws(E'\\n', o.title, n.goods) AS goods, concat_ws(E'\\n', o.memo, o.channel_memo) AS memo,
       o.buyer_message,
       COALESCE(n.grams, 0)::bigint AS grams, CASE WHEN n.order_id IS NULL THEN 1 ELSE n.unknown END::int AS unknown,
       g.contract_id, g.chosen_by, g.rule_id, g.chosen_at, g.handed_at, g.member_id, h.label_id
FROM asked a JOIN orders o ON o.shop_id = a.shop_id AND o.id = a.id
LEFT JOIN (
    SELECT l.order_id, string_agg(concat_ws(' ', l.title, l.sku, l.sku_code, l.item_code), E'\\n' ORDER BY l.id) AS goods,
           sum(l.quantity * s.grams) AS grams, count(*) FILTER (WHERE s.grams IS NULL) AS unknown
    FROM asked x JOIN order_lines l ON l.shop_id = x.shop_id AND l.order_id = x.id AND l.refund_status <> 'succeeded'
    LEFT JOIN skus s ON s.shop_id = l.shop_id AND s.code = COALESCE(NULLIF(l.sku_code, ''), NULLIF(l.item_code, ''))
    GROUP BY l.order_id
) AS n ON n.order_id = o.id
LEFT JOIN assignments g ON g.shop_id = a.shop_id AND g.order_id = o.id
LEFT JOIN label_orders h ON h.shop_id = a.shop_id AND h.order_id = o.id AND h.voided_at IS NULL
ORDER BY o.id
"""


def facts(shop_id: int, order_ids: Sequence[int]) -> list[Any]:
    """What the choice needs of these orders (rules.carrier_choice.OrderFacts), their assignments and living labels, by id.

    `unknown`: lines whose SKU (by the SKU's code, else the item's) says no weight; 1 for an order without lines.
    """
    rows = sql.fetch(FACTS, shop_id=shop_id, order_ids=arrays.ids(order_ids))
    return [row if not row.buyer_message else row._replace(memo=_said(shop_id, row)) for row in rows]


def _said(shop_id: int, row: Any) -> str:
    """All words on an order: a rule may look for one in the buyer's as in the shop's."""
    return f"{row.memo}\n{sealed.open_text(shop_id, sealed.MESSAGE, row.buyer_message)}"


class Assigned(NamedTuple):
    """Where an order is to go, and by which rule (None: by none)."""

    contract_id: int
    rule_id: int | None = None


# The order is locked first, as whoever makes its label locks it: then its label is there, or cannot come meanwhile.
ASSIGN = """
WITH asked AS MATERIALIZED (
    SELECT %(shop_id)s::bigint AS shop_id, a.*
    FROM unnest(%(order_ids)s::bigint[], %(contract_ids)s::bigint[], %(rule_ids)s::bigint[]) AS a (order_id, contract_id, rule_id)
), locked AS MATERIALIZED (
    SELECT a.*, o.status FROM asked a JOIN orders o ON o.shop_id = a.shop_id AND o.id = a.order_id
    WHERE o.status = ANY(%(waits)s) ORDER BY o.id FOR NO KEY UPDATE OF o
), before AS MATERIALIZED (
    SELECT l.*, g.contract_id AS was, g.chosen_by AS was_by
    FROM locked l LEFT JOIN assignments g ON g.shop_id = l.shop_id AND g.order_id = l.order_id
    WHERE (g.order_id IS NULL OR %(by)s = 'person' OR g.chosen_by = 'rule' AND g.handed_at IS NULL)
      AND (g.order_id IS NULL OR g.contract_id <> l.contract_id OR g.chosen_by <> %(by)s OR g.rule_id IS DISTINCT FROM l.rule_id)
      AND NOT EXISTS (SELECT FROM label_orders h WHERE h.shop_id = l.shop_id AND h.order_id = l.order_id AND h.voided_at IS NULL)
), moved AS (
    INSERT INTO assignments AS g (shop_id, order_id, contract_id, chosen_by, rule_id, chosen_at, member_id)
    SELECT shop_id, order_id, contract_id, %(by)s, rule_id, %(now)s, %(member_id)s FROM before
    ON CONFLICT (shop_id, order_id) DO UPDATE SET contract_id = EXCLUDED.contract_id, chosen_by = EXCLUDED.chosen_by,
        rule_id = EXCLUDED.rule_id, chosen_at = EXCLUDED.chosen_at, member_id = EXCLUDED.member_id,
        handed_at = CASE WHEN g.contract_id = EXCLUDED.contract_id THEN g.handed_at END
    WHERE g.shop_id = EXCLUDED.shop_id
    RETURNING g.order_id, g.contract_id
), told AS (
    INSERT INTO journal (shop_id, at, member_id, actor, act, order_id, before, after)
    SELECT %(shop_id)s, %(now)s, %(member_id)s, %(actor)s, 'order.assigned', m.order_id,
           CASE WHEN b.was IS NOT NULL THEN jsonb_build_object('contract', w.name) END,
           jsonb_build_object('contract', c.name, 'chosen_by', %(by)s::text)
    FROM moved m JOIN before b ON b.order_id = m.order_id
    JOIN contracts c ON c.shop_id = %(shop_id)s AND c.id = m.contract_id
    LEFT JOIN contracts w ON w.shop_id = %(shop_id)s AND w.id = b.was
    WHERE b.was IS DISTINCT FROM m.contract_id OR %(by)s = 'person' ORDER BY m.order_id
)
SELECT order_id FROM moved ORDER BY order_id
"""


def assign(actor: Actor, wanted: Mapping[int, Assigned], *, by: ChosenBy, now: datetime) -> list[int]:
    """Give orders that wait to contracts; the ids of those whose assignment changed.

    A rule overrules neither a person nor a label, and takes nothing from a courier; nobody overrules a living label. An
    order that changes its contract is the courier's no more. Journaled where the contract changed, or a person decided.
    """
    if not wanted:
        return []
    rows = sql.fetch(
        ASSIGN, shop_id=actor.shop_id, member_id=actor.member_id, actor=actor.name, by=by, now=now,
        waits=sorted(IN_BACKLOG), order_ids=arrays.ids(list(wanted)),
        contract_ids=arrays.ids([each.contract_id for each in wanted.values()]),
        rule_ids=[each.rule_id for each in wanted.values()],
    )  # fmt: skip
    return [row.order_id for row in rows]


CLEAR = """
WITH gone AS (
    DELETE FROM assignments g USING orders o
    WHERE g.shop_id = %(shop_id)s AND g.order_id = ANY(%(order_ids)s::bigint[]) AND g.chosen_by <> 'label'
      AND o.shop_id = g.shop_id AND o.id = g.order_id AND o.status = ANY(%(waits)s)
      AND NOT EXISTS (SELECT FROM label_orders h WHERE h.shop_id = g.shop_id AND h.order_id = g.order_id AND h.voided_at IS NULL)
    RETURNING g.order_id, g.contract_id
), told AS (
    INSERT INTO journal (shop_id, at, member_id, actor, act, order_id, before, after)
    SELECT %(shop_id)s, %(now)s, %(member_id)s, %(actor)s, 'order.assigned', m.order_id,
           jsonb_build_object('contract', c.name), jsonb_build_object('contract', '')
    FROM gone m JOIN contracts c ON c.shop_id = %(shop_id)s AND c.id = m.contract_id ORDER BY m.order_id
)
SELECT order_id FROM gone
"""


def clear(actor: Actor, order_ids: Sequence[int], *, now: datetime) -> list[int]:
    """Take orders that wait, and have no label, from their contracts; which ones. Then the rules may choose again."""
    rows = sql.fetch(
        CLEAR, shop_id=actor.shop_id, member_id=actor.member_id, actor=actor.name, now=now, waits=sorted(IN_BACKLOG),
        order_ids=arrays.ids(order_ids),
    )  # fmt: skip
    return [row.order_id for row in rows]
