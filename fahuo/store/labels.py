"""Labels: made, voided, and followed when their parcels move; each by one statement over any number of rows.

Whoever makes, voids or ships labels locks their orders first, in the order of their ids, then the labels; a print
worker locks labels only. `store/stock.py` moves the numbers, in the same transaction.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from fahuo.rules.label_states import before
from fahuo.rules.orders import IN_BACKLOG
from fahuo.rules.parcels import REFUND_OPEN
from fahuo.rules.people import Actor
from fahuo.store import arrays, sql
from fahuo.store.parcels import REFUSED_BY_REFUND

BLOCKED: Final = f"""
(o.receiver_key <> l.receiver_key OR o.status = 'closed' OR l.state <> 'shipped' AND NOT o.status = ANY(%(in_backlog)s) OR {REFUSED_BY_REFUND})
"""
"""rules.label_states.why_blocked, for an order `o` on a living label `l`."""
BLOCKED_PARAMS: Final = {"in_backlog": sorted(IN_BACKLOG), "refund_open": sorted(REFUND_OPEN)}

CONTRACTS = """
SELECT id, carrier, name, numbers, ships_at, printer_id, template_id, active, carrier_account_id
FROM contracts WHERE shop_id = %(shop_id)s ORDER BY NOT active, position, id
"""


def contracts(shop_id: int) -> list[Any]:
    """The shop's contracts, those at work first, in the shop's order."""
    return sql.fetch(CONTRACTS, shop_id=shop_id)


ORDER_FACTS = """
WITH asked AS MATERIALIZED (
    SELECT %(shop_id)s::bigint AS shop_id, a.id FROM unnest(%(order_ids)s::bigint[]) AS a (id)
)
SELECT o.id, o.number, o.status, o.kind, o.refund_status, o.refund_amount, o.paid_amount, o.receiver_key,
       EXISTS (SELECT FROM order_lines x WHERE x.shop_id = a.shop_id AND x.order_id = o.id
               AND x.refund_status IN ('requested', 'agreed')) AS line_refunding,
       l.id AS label_id, l.contract_id AS label_contract_id, l.carrier, l.waybill, g.contract_id AS assigned_id
FROM asked a JOIN orders o ON o.shop_id = a.shop_id AND o.id = a.id
LEFT JOIN label_orders h ON h.shop_id = a.shop_id AND h.order_id = o.id AND h.voided_at IS NULL
LEFT JOIN labels l ON l.shop_id = a.shop_id AND l.id = h.label_id
LEFT JOIN assignments g ON g.shop_id = a.shop_id AND g.order_id = o.id
ORDER BY o.id
"""


def order_facts(shop_id: int, order_ids: Sequence[int]) -> list[Any]:
    """What making a label needs of these orders: rules.parcels.OrderFacts, kind, the living label, the assignment."""
    return sql.fetch(ORDER_FACTS, shop_id=shop_id, order_ids=arrays.ids(order_ids))


USED = """
WITH asked AS MATERIALIZED (
    SELECT %(shop_id)s::bigint AS shop_id, a.* FROM unnest(%(carriers)s::text[], %(waybills)s::text[])
        WITH ORDINALITY AS a (carrier, waybill, place)
)
SELECT a.place, p.id IS NOT NULL AS shipped, l.id IS NOT NULL AS labelled
FROM asked a
LEFT JOIN LATERAL (
    SELECT p.id FROM parcels p WHERE p.shop_id = a.shop_id AND p.waybill = a.waybill AND p.carrier = a.carrier
    AND p.waybill <> '' AND p.voided_at IS NULL LIMIT 1) AS p ON TRUE
LEFT JOIN labels l ON l.shop_id = a.shop_id AND l.waybill = a.waybill AND l.carrier = a.carrier AND l.voided_at IS NULL
WHERE p.id IS NOT NULL OR l.id IS NOT NULL ORDER BY a.place
"""


def used(shop_id: int, carriers: Sequence[str], waybills: Sequence[str]) -> dict[int, Any]:
    """Which of these numbers are in use, by their place from 0: `shipped` by a parcel (which may be over), `labelled`."""
    rows = sql.fetch(USED, shop_id=shop_id, carriers=arrays.texts(carriers), waybills=arrays.texts(waybills))
    return {row.place - 1: row for row in rows}


STOCKED = """
SELECT state FROM waybill_numbers WHERE shop_id = %(shop_id)s AND carrier = %(carrier)s AND number = %(waybill)s
"""


def in_stock(shop_id: int, carrier: str, waybill: str) -> bool:
    """Whether the shop bought this number, whatever became of it."""
    return sql.fetch_one(STOCKED, shop_id=shop_id, carrier=carrier, waybill=waybill) is not None


@dataclass
class Sheet:
    """Labels to be made, as parallel arrays: each by its place, from 1, and which order goes onto which."""

    contract_ids: list[int] = field(default_factory=list)
    carriers: list[str] = field(default_factory=list)
    waybills: list[str] = field(default_factory=list)
    number_ids: list[int | None] = field(default_factory=list)
    receiver_keys: list[str] = field(default_factory=list)
    replaces: list[int | None] = field(default_factory=list)
    order_ids: list[int] = field(default_factory=list)
    places: list[int] = field(default_factory=list)

    def label(
        self, contract_id: int, carrier: str, waybill: str, number_id: int | None, key: str, order_ids: Sequence[int],
        replaces: int | None = None,
    ) -> None:  # fmt: skip
        """Add a label with its orders."""
        self.contract_ids.append(contract_id)
        self.carriers.append(carrier)
        self.waybills.append(waybill)
        self.number_ids.append(number_id)
        self.receiver_keys.append(key)
        self.replaces.append(replaces)
        self.order_ids += order_ids
        self.places += [len(self.carriers)] * len(order_ids)


MAKE = """
WITH asked AS MATERIALIZED (
    SELECT %(shop_id)s::bigint AS shop_id, a.* FROM unnest(%(order_ids)s::bigint[], %(places)s::int[]) AS a (order_id, place)
), fresh AS MATERIALIZED (
    SELECT %(shop_id)s::bigint AS shop_id, nextval('ids') AS id, n.*
    FROM unnest(%(contract_ids)s::bigint[], %(carriers)s::text[], %(waybills)s::text[], %(number_ids)s::bigint[],
                %(receiver_keys)s::text[], %(replaces)s::bigint[])
        WITH ORDINALITY AS n (contract_id, carrier, waybill, number_id, receiver_key, replaces_id, place)
), label AS (
    INSERT INTO labels (shop_id, id, contract_id, carrier, waybill, number_id, state, receiver_key, route, print_count,
                        made_at, made_by, made_by_name, packed_by_name, void_reason, replaces_id)
    SELECT shop_id, id, contract_id, carrier, waybill, number_id, 'made', receiver_key, '{}', 0,
           %(now)s, %(member_id)s, %(actor)s, '', '', replaces_id FROM fresh ORDER BY place
), held AS MATERIALIZED (
    SELECT a.shop_id, a.order_id, f.id AS label_id, f.contract_id, f.carrier, f.waybill, f.replaces_id
    FROM asked a JOIN fresh f ON f.place = a.place
), kept AS (
    INSERT INTO label_orders (shop_id, order_id, label_id) SELECT shop_id, order_id, label_id FROM held
), tied AS (
    UPDATE waybill_numbers n SET label_id = f.id FROM fresh f WHERE n.shop_id = f.shop_id AND n.id = f.number_id
), chosen AS (
    INSERT INTO assignments AS g (shop_id, order_id, contract_id, chosen_by, chosen_at, member_id)
    SELECT shop_id, order_id, contract_id, 'label', %(now)s, %(member_id)s FROM held
    ON CONFLICT (shop_id, order_id) DO UPDATE SET contract_id = EXCLUDED.contract_id, chosen_by = 'label', rule_id = NULL,
        chosen_at = EXCLUDED.chosen_at, handed_at = NULL, member_id = EXCLUDED.member_id
    WHERE g.shop_id = EXCLUDED.shop_id AND g.contract_id <> EXCLUDED.contract_id
), told AS (
    INSERT INTO journal (shop_id, at, member_id, actor, act, order_id, after)
    SELECT h.shop_id, %(now)s, %(member_id)s, %(actor)s, 'label.made', h.order_id,
           jsonb_build_object('label', h.label_id, 'carrier', h.carrier, 'waybill', h.waybill)
           || CASE WHEN h.replaces_id IS NULL THEN '{}'::jsonb ELSE jsonb_build_object('replaces', h.replaces_id) END
    FROM held h ORDER BY h.label_id, h.order_id
)
SELECT order_id, label_id FROM held
"""


def make(actor: Actor, sheet: Sheet, *, now: datetime) -> dict[int, int]:
    """Write the labels of a sheet: order id -> label id. The orders are locked by the caller and have no living label.

    Each order's assignment follows its label. IntegrityError when a number is on a living label.
    """
    rows = sql.fetch(
        MAKE, shop_id=actor.shop_id, member_id=actor.member_id, actor=actor.name, now=now,
        order_ids=arrays.ids(sheet.order_ids), places=arrays.ids(sheet.places),
        contract_ids=arrays.ids(sheet.contract_ids), carriers=arrays.texts(sheet.carriers),
        waybills=arrays.texts(sheet.waybills), number_ids=sheet.number_ids, receiver_keys=sheet.receiver_keys,
        replaces=sheet.replaces,
    )  # fmt: skip
    return {row.order_id: row.label_id for row in rows}


LABEL_FACTS = """
WITH asked AS MATERIALIZED (
    SELECT %(shop_id)s::bigint AS shop_id, a.id FROM unnest(%(label_ids)s::bigint[]) AS a (id)
)
SELECT l.id AS label_id, l.contract_id, l.carrier, l.waybill, l.number_id, l.state AS label_state,
       l.receiver_key AS label_key, l.parcel_id, l.packed_at, l.handed_over_at, l.print_count,
       o.id, o.number, o.status, o.kind, o.refund_status, o.refund_amount, o.paid_amount, o.receiver_key,
       EXISTS (SELECT FROM order_lines x WHERE x.shop_id = a.shop_id AND x.order_id = o.id
               AND x.refund_status IN ('requested', 'agreed')) AS line_refunding
FROM asked a JOIN labels l ON l.shop_id = a.shop_id AND l.id = a.id
JOIN label_orders h ON h.shop_id = a.shop_id AND h.label_id = l.id AND h.voided_at IS NOT DISTINCT FROM l.voided_at
JOIN orders o ON o.shop_id = a.shop_id AND o.id = h.order_id
ORDER BY l.id, o.id
"""


def label_facts(shop_id: int, label_ids: Sequence[int]) -> list[Any]:
    """A row for each order on these labels (rules.label_states.LabelFacts and what the label holds), by label and order."""
    return sql.fetch(LABEL_FACTS, shop_id=shop_id, label_ids=arrays.ids(label_ids))


LOCK_ORDERS = """
SELECT o.id FROM orders o WHERE o.shop_id = %(shop_id)s AND o.id IN (
    SELECT h.order_id FROM label_orders h WHERE h.shop_id = %(shop_id)s AND h.label_id = ANY(%(label_ids)s::bigint[]))
ORDER BY o.id FOR NO KEY UPDATE OF o
"""
LOCK = """
SELECT l.id FROM labels l WHERE l.shop_id = %(shop_id)s AND l.id = ANY(%(label_ids)s::bigint[]) ORDER BY l.id FOR UPDATE
"""


def lock_labels(shop_id: int, label_ids: Sequence[int]) -> None:
    """Lock these labels alone; for whoever writes nothing of their orders."""
    sql.fetch(LOCK, shop_id=shop_id, label_ids=arrays.ids(label_ids))


def lock(shop_id: int, label_ids: Sequence[int]) -> list[int]:
    """Lock the orders of these labels, then the labels; the ids of the orders."""
    asked = arrays.ids(label_ids)
    orders = sql.fetch(LOCK_ORDERS, shop_id=shop_id, label_ids=asked)
    sql.fetch(LOCK, shop_id=shop_id, label_ids=asked)
    return [row.id for row in orders]


VOID = """
WITH moved AS (
    UPDATE labels l SET state = 'voided', voided_at = %(now)s, void_reason = %(reason)s, parcel_id = NULL
    WHERE l.shop_id = %(shop_id)s AND l.id = ANY(%(label_ids)s::bigint[]) AND l.state = ANY(%(states)s)
    RETURNING l.shop_id, l.id, l.carrier, l.waybill, l.number_id, l.print_count = 0 AND NOT EXISTS (
        SELECT FROM print_documents d WHERE d.shop_id = l.shop_id AND d.label_id = l.id AND d.attempts > 0) AS untouched
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
SELECT id, number_id, untouched FROM moved ORDER BY id
"""


def void(
    actor: Actor, label_ids: Sequence[int], *, reason: str, now: datetime, states: Sequence[str] | None = None
) -> list[Any]:
    """Void the locked labels that are not shipped (or are in `states`).

    (id, number_id, `untouched`: nothing was ever sent to a printer) of those that moved.
    """
    return sql.fetch(
        VOID, shop_id=actor.shop_id, member_id=actor.member_id, actor=actor.name, now=now, reason=reason,
        label_ids=arrays.ids(label_ids), states=list(before("void") if states is None else states),
    )  # fmt: skip


PARCEL_OF = """
SELECT id, parcel_id FROM labels
WHERE shop_id = %(shop_id)s AND id = ANY(%(label_ids)s::bigint[]) AND state = 'shipped'
"""


def parcel_of(shop_id: int, label_ids: Sequence[int]) -> dict[int, int]:
    """label id -> the parcel under its number, of those that are shipped."""
    rows = sql.fetch(PARCEL_OF, shop_id=shop_id, label_ids=arrays.ids(label_ids))
    return {row.id: row.parcel_id for row in rows}


ORDERS_OF_BATCH = """
SELECT order_id FROM batch_rows
WHERE shop_id = %(shop_id)s AND batch_id = %(batch_id)s AND order_id IS NOT NULL ORDER BY row_no
"""


def orders_of_batch(shop_id: int, batch_id: int) -> list[int]:
    """The orders of a batch, row by row."""
    return [row.order_id for row in sql.fetch(ORDERS_OF_BATCH, shop_id=shop_id, batch_id=batch_id)]


ON_ANOTHER = """
SELECT EXISTS (
    SELECT FROM labels l WHERE l.shop_id = %(shop_id)s AND l.waybill = %(waybill)s AND l.carrier = %(carrier)s
    AND l.voided_at IS NULL AND NOT EXISTS (
        SELECT FROM label_orders h WHERE h.shop_id = %(shop_id)s AND h.label_id = l.id
        AND h.order_id = ANY(%(order_ids)s::bigint[]) AND h.voided_at IS NULL)) AS other
"""


def on_another(shop_id: int, carrier: str, waybill: str, order_ids: Sequence[int]) -> bool:
    """Whether this number is on a label that is in force, and for none of these orders."""
    found = sql.fetch(ON_ANOTHER, shop_id=shop_id, carrier=carrier, waybill=waybill, order_ids=arrays.ids(order_ids))
    return bool(found[0].other)
