"""Parcels: shipped, voided, corrected and scanned, each by one statement over any number of rows.

Whoever ships or voids locks the orders first, in the order of their ids; so nobody waits in a circle, and two people who
ship the same order ship it once. `orders` has no index over what these statements change.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from fahuo.rules.orders import IN_BACKLOG
from fahuo.rules.parcels import REFUND_OPEN
from fahuo.rules.people import Actor
from fahuo.store import arrays, sql

REFUSED_BY_REFUND = """
(o.refund_status = ANY(%(refund_open)s)
 OR o.refund_status = 'succeeded' AND (o.refund_amount <= 0 OR o.refund_amount >= o.paid_amount)
 OR EXISTS (SELECT FROM order_lines x WHERE x.shop_id = %(shop_id)s AND x.order_id = o.id
            AND x.refund_status IN ('requested', 'agreed')))
"""
"""rules.parcels.why_not_ship, for the refund part of it."""

FACTS = """
SELECT o.id, o.number, o.status, o.refund_status, o.refund_amount, o.paid_amount, o.receiver_key,
       EXISTS (SELECT FROM order_lines x WHERE x.shop_id = %(shop_id)s AND x.order_id = o.id
               AND x.refund_status IN ('requested', 'agreed')) AS line_refunding
FROM orders o WHERE o.shop_id = %(shop_id)s AND o.id = ANY(%(order_ids)s) ORDER BY o.id
"""
LOCK_ORDERS = FACTS + "FOR NO KEY UPDATE OF o"


def facts(shop_id: int, order_ids: Sequence[int]) -> list[Any]:
    """The facts that shipping needs of these orders (see rules.parcels.OrderFacts), by id."""
    return sql.fetch(FACTS, shop_id=shop_id, order_ids=list(order_ids))


def lock_orders(shop_id: int, order_ids: Sequence[int]) -> list[Any]:
    """`facts`, with the orders locked."""
    return sql.fetch(LOCK_ORDERS, shop_id=shop_id, order_ids=list(order_ids))


LINES = """
SELECT id, order_id, quantity, shipped_quantity, refund_status FROM order_lines
WHERE shop_id = %(shop_id)s AND order_id = ANY(%(order_ids)s) ORDER BY order_id, id
"""


def lines(shop_id: int, order_ids: Sequence[int]) -> list[Any]:
    """The lines of these orders."""
    return sql.fetch(LINES, shop_id=shop_id, order_ids=list(order_ids))


LIVING = """
SELECT p.id, p.batch_id, array_agg(o.id ORDER BY o.id) AS order_ids, array_agg(o.number ORDER BY o.id) AS numbers
FROM parcels p
JOIN parcel_orders po ON po.shop_id = %(shop_id)s AND po.parcel_id = p.id
JOIN orders o ON o.shop_id = %(shop_id)s AND o.id = po.order_id
WHERE p.shop_id = %(shop_id)s AND p.waybill = %(waybill)s AND p.carrier = %(carrier)s AND p.waybill <> ''
  AND p.voided_at IS NULL AND p.retired_at IS NULL
GROUP BY p.id, p.batch_id
"""


def living(shop_id: int, carrier: str, waybill: str) -> Any | None:
    """The parcel that uses this number now: id, batch_id, and its orders' ids and numbers."""
    return sql.fetch_one(LIVING, shop_id=shop_id, carrier=carrier, waybill=waybill)


HOLDERS = """
SELECT po.order_id, p.id, p.kind, p.carrier, p.waybill, po.whole,
       (SELECT array_agg(s.order_id ORDER BY s.order_id) FROM parcel_orders s
        WHERE s.shop_id = %(shop_id)s AND s.parcel_id = p.id) AS order_ids
FROM parcel_orders po JOIN parcels p ON p.shop_id = %(shop_id)s AND p.id = po.parcel_id AND p.voided_at IS NULL
WHERE po.shop_id = %(shop_id)s AND po.order_id = ANY(%(order_ids)s) ORDER BY po.order_id, p.id
"""


def holders(shop_id: int, order_ids: Sequence[int]) -> list[Any]:
    """The parcels, not voided, that hold these orders: one row for each order and parcel."""
    return sql.fetch(HOLDERS, shop_id=shop_id, order_ids=list(order_ids))


PARCEL_LINES = """
SELECT line_id, order_id, quantity FROM parcel_lines WHERE shop_id = %(shop_id)s AND parcel_id = %(parcel_id)s
"""


def parcel_lines(shop_id: int, parcel_id: int, order_ids: Collection[int] | None = None) -> dict[int, int]:
    """line id -> quantity in a parcel that holds parts (of these orders); empty for one that holds whole orders."""
    rows = sql.fetch(PARCEL_LINES, shop_id=shop_id, parcel_id=parcel_id)
    return {row.line_id: row.quantity for row in rows if order_ids is None or row.order_id in order_ids}


USED = """
SELECT count(*) AS times FROM parcels WHERE shop_id = %(shop_id)s AND waybill = %(waybill)s AND carrier = %(carrier)s
AND (voided_at IS NOT NULL OR retired_at IS NOT NULL)
"""


def used_before(shop_id: int, carrier: str, waybill: str) -> bool:
    """Whether a voided or retired parcel had this number."""
    return bool(sql.fetch(USED, shop_id=shop_id, carrier=carrier, waybill=waybill)[0].times)


@dataclass
class Load:
    """What is to leave, as parallel arrays: parcels (by their place, from 1), and which order goes into which.

    `part_ids` are the orders of which something stays behind; `line_ids`, `line_orders` and `quantities` say what
    leaves, where it is not everything.
    """

    kind: str = "offline"
    carriers: list[str] = field(default_factory=list)
    waybills: list[str] = field(default_factory=list)
    order_ids: list[int] = field(default_factory=list)
    places: list[int] = field(default_factory=list)
    row_nos: list[int] = field(default_factory=list)
    part_ids: list[int] = field(default_factory=list)
    line_ids: list[int] = field(default_factory=list)
    line_orders: list[int] = field(default_factory=list)
    quantities: list[int] = field(default_factory=list)

    def parcel(self, carrier: str, waybill: str) -> int:
        """Add a parcel; its place."""
        self.carriers.append(carrier)
        self.waybills.append(waybill)
        return len(self.carriers)

    def order(self, order_id: int, place: int, *, row_no: int = 0) -> None:
        """Add an order to the parcel at `place`; `row_no` is its row in the batch. An order goes into one parcel."""
        self.order_ids.append(order_id)
        self.places.append(place)
        self.row_nos.append(row_no)

    def line(self, order_id: int, line_id: int, quantity: int) -> None:
        """Add so much of a line."""
        self.line_orders.append(order_id)
        self.line_ids.append(line_id)
        self.quantities.append(quantity)


# In these statements the shop comes to the big tables through the rows that are asked for, not as a constant: of a shop
# that the planner's statistics do not know yet it expects one row, and then compares each row with each.
NEW = """
fresh AS MATERIALIZED (
    SELECT nextval('ids') AS id, p.place::int AS place, p.carrier, p.waybill
    FROM unnest(%(carriers)s::text[], %(waybills)s::text[]) WITH ORDINALITY AS p (carrier, waybill, place)
    WHERE p.place IN (SELECT place FROM locked GROUP BY place HAVING min(receiver_key) = max(receiver_key))
), parcel AS (
    INSERT INTO parcels (shop_id, id, kind, carrier, waybill, shipped_at, shipped_by, batch_id, note)
    SELECT %(shop_id)s, id, %(kind)s, carrier, waybill, %(now)s, %(member_id)s, %(batch_id)s, '' FROM fresh
    ON CONFLICT (shop_id, waybill, carrier) WHERE voided_at IS NULL AND retired_at IS NULL AND NOT waybill = ''
    DO NOTHING RETURNING id
)"""
SAME = """
fresh AS MATERIALIZED (
    SELECT p.id, 1 AS place, p.carrier, p.waybill FROM parcels p
    WHERE p.shop_id = %(shop_id)s AND p.id = %(into)s AND p.voided_at IS NULL AND p.retired_at IS NULL FOR UPDATE
), parcel AS (
    SELECT id FROM fresh
)"""
SHIP = """
WITH asked AS MATERIALIZED (
    SELECT %(shop_id)s::bigint AS shop_id, %(batch_id)s::bigint AS batch_id, a.*
    FROM unnest(%(order_ids)s::bigint[], %(places)s::int[], %(row_nos)s::int[]) AS a (order_id, place, row_no)
), locked AS MATERIALIZED (
    SELECT o.id, o.status, o.receiver_key, a.shop_id, a.batch_id, a.place, a.row_no,
           CASE WHEN o.id = ANY(%(part_ids)s::bigint[]) THEN 'part_shipped' ELSE 'shipped' END AS next_status
    FROM asked a JOIN orders o ON o.shop_id = a.shop_id AND o.id = a.order_id
    WHERE o.status = ANY(%(in_backlog)s) AND (%(force)s OR NOT {refused})
    ORDER BY o.id FOR NO KEY UPDATE OF o
), {parcel}, moved AS MATERIALIZED (
    SELECT l.shop_id, l.batch_id, l.id AS order_id, l.status, l.next_status, l.row_no, f.id AS parcel_id, f.carrier, f.waybill,
           NOT %(parts)s AND l.status = 'awaiting_shipment' AS whole
    FROM locked l JOIN fresh f ON f.place = l.place JOIN parcel ON parcel.id = f.id
), held AS (
    INSERT INTO parcel_orders (shop_id, order_id, parcel_id, whole)
    SELECT %(shop_id)s, order_id, parcel_id, whole FROM moved
), told AS (
    INSERT INTO journal (shop_id, at, member_id, actor, act, order_id, parcel_id, batch_id, before, after)
    SELECT %(shop_id)s, %(now)s, %(member_id)s, %(actor)s, 'parcel.shipped', order_id, parcel_id, %(batch_id)s,
           jsonb_build_object('status', status),
           jsonb_build_object('status', next_status, 'carrier', carrier, 'waybill', waybill) FROM moved
), shipped AS (
    UPDATE orders o SET status = m.next_status, updated_at = %(now)s,
           shipped_at = CASE WHEN m.next_status = 'shipped' THEN %(now)s ELSE o.shipped_at END
    FROM moved m WHERE o.shop_id = m.shop_id AND o.id = m.order_id
), unlisted AS (
    DELETE FROM backlog b USING moved m
    WHERE b.shop_id = m.shop_id AND b.order_id = m.order_id AND m.next_status = 'shipped'
), counted AS (
    INSERT INTO order_tally (shop_id, status, delta)
    SELECT %(shop_id)s, status, sum(delta) FROM (
        SELECT status, -1 AS delta FROM moved UNION ALL SELECT next_status, 1 FROM moved) AS steps
    GROUP BY status HAVING sum(delta) <> 0
), packed AS (
    INSERT INTO parcel_lines (shop_id, parcel_id, line_id, order_id, quantity)
    SELECT %(shop_id)s, m.parcel_id, x.line_id, x.order_id, x.quantity
    FROM unnest(%(line_ids)s::bigint[], %(line_orders)s::bigint[], %(quantities)s::int[])
        AS x (line_id, order_id, quantity) JOIN moved m ON m.order_id = x.order_id
    RETURNING shop_id, line_id, quantity
), taken AS (
    UPDATE order_lines n SET shipped_quantity = n.shipped_quantity + k.quantity
    FROM packed k WHERE n.shop_id = k.shop_id AND n.id = k.line_id
), done AS (
    UPDATE batch_rows r SET verdict = 'done', parcel_id = m.parcel_id
    FROM moved m WHERE r.shop_id = m.shop_id AND r.batch_id = m.batch_id AND r.row_no = m.row_no
)
SELECT count(*) AS count, min(parcel_id) AS parcel_id, array_agg(order_id) FILTER (WHERE NOT whole) AS order_ids,
       array_agg(parcel_id) FILTER (WHERE NOT whole) AS parcel_ids
FROM moved
"""
SHIP_NEW = SHIP.format(refused=REFUSED_BY_REFUND, parcel=NEW.lstrip())
SHIP_INTO = SHIP.format(refused=REFUSED_BY_REFUND, parcel=SAME.lstrip())


def ship(
    actor: Actor, load: Load, *, now: datetime, batch_id: int | None = None, force: bool = False,
    into: int | None = None,
) -> Any:  # fmt: skip
    """Ship what of `load` still waits and is not being refunded (`force` passes over refunds); the rest stays as it is.

    `into` puts its one parcel's orders into a parcel that lives. Returns (count of orders that moved, parcel_id of the
    first parcel). A parcel whose number came into use meanwhile does not move, nor one whose orders go to different
    receivers by now.
    """
    moved = sql.fetch(
        SHIP_NEW if into is None else SHIP_INTO, into=into, shop_id=actor.shop_id, member_id=actor.member_id, actor=actor.name, now=now, batch_id=batch_id,
        order_ids=arrays.ids(load.order_ids), places=arrays.ids(load.places), row_nos=arrays.ids(load.row_nos),
        kind=load.kind, carriers=arrays.texts(load.carriers), waybills=arrays.texts(load.waybills), part_ids=load.part_ids, parts=bool(load.line_ids), line_ids=load.line_ids,
        line_orders=load.line_orders, quantities=load.quantities, in_backlog=sorted(IN_BACKLOG),
        refund_open=sorted(REFUND_OPEN), force=force,
    )[0]  # fmt: skip
    if moved.order_ids and not load.line_ids:
        sql.run(PACK_REST, shop_id=actor.shop_id, order_ids=moved.order_ids, parcel_ids=moved.parcel_ids)
    return moved


PACK_REST = """
WITH asked AS MATERIALIZED (
    SELECT %(shop_id)s::bigint AS shop_id, m.*
    FROM unnest(%(order_ids)s::bigint[], %(parcel_ids)s::bigint[]) AS m (order_id, parcel_id)
), rest AS MATERIALIZED (
    SELECT m.shop_id, n.id, n.order_id, m.parcel_id, n.quantity - n.shipped_quantity AS quantity
    FROM asked m JOIN order_lines n ON n.shop_id = m.shop_id AND n.order_id = m.order_id
    WHERE n.shipped_quantity < n.quantity AND n.refund_status <> 'succeeded'
), packed AS (
    INSERT INTO parcel_lines (shop_id, parcel_id, line_id, order_id, quantity)
    SELECT %(shop_id)s, parcel_id, id, order_id, quantity FROM rest
)
UPDATE order_lines n SET shipped_quantity = n.shipped_quantity + rest.quantity
FROM rest WHERE n.shop_id = rest.shop_id AND n.id = rest.id
"""

BATCH_OF = "SELECT batch_id FROM parcels WHERE shop_id = %(shop_id)s AND id = %(parcel_id)s"


def batch_of(shop_id: int, parcel_id: int) -> int | None:
    """The batch that shipped a parcel, if one did."""
    row = sql.fetch_one(BATCH_OF, shop_id=shop_id, parcel_id=parcel_id)
    return None if row is None else row.batch_id


LOCK_PARCEL = """
SELECT p.id, p.kind, p.carrier, p.waybill, p.picked_up_at, p.voided_at, p.retired_at, p.batch_id
FROM parcels p WHERE p.shop_id = %(shop_id)s AND p.id = %(parcel_id)s FOR UPDATE
"""


def lock_parcel(shop_id: int, parcel_id: int) -> Any | None:
    """A parcel, locked."""
    return sql.fetch_one(LOCK_PARCEL, shop_id=shop_id, parcel_id=parcel_id)


LOCK_ORDERS_OF = """
WITH chosen AS MATERIALIZED (
    SELECT p.shop_id, p.id FROM parcels p
    WHERE p.shop_id = %(shop_id)s AND (p.id = %(parcel_id)s OR p.batch_id = %(batch_id)s)
), held AS MATERIALIZED (
    SELECT DISTINCT po.shop_id, po.order_id
    FROM chosen c JOIN parcel_orders po ON po.shop_id = c.shop_id AND po.parcel_id = c.id
)
SELECT o.id FROM held h JOIN orders o ON o.shop_id = h.shop_id AND o.id = h.order_id
ORDER BY o.id FOR NO KEY UPDATE OF o
"""
SCANNED = """
SELECT p.waybill, (SELECT min(o.number) FROM parcel_orders po JOIN orders o ON o.shop_id = %(shop_id)s AND o.id = po.order_id
                   WHERE po.shop_id = %(shop_id)s AND po.parcel_id = p.id) AS number
FROM parcels p WHERE p.shop_id = %(shop_id)s AND (p.id = %(parcel_id)s OR p.batch_id = %(batch_id)s)
  AND p.voided_at IS NULL AND (p.picked_up_at IS NOT NULL OR p.last_scan_at IS NOT NULL) ORDER BY p.id LIMIT 1
"""


def lock_for_void(shop_id: int, *, parcel_id: int | None = None, batch_id: int | None = None) -> Any | None:
    """Lock the orders of a parcel, or of all parcels of a batch; then the first parcel that a carrier scanned, if any."""
    sql.fetch(LOCK_ORDERS_OF, shop_id=shop_id, parcel_id=parcel_id, batch_id=batch_id)
    return sql.fetch_one(SCANNED, shop_id=shop_id, parcel_id=parcel_id, batch_id=batch_id)


VOID = """
UPDATE parcels p SET voided_at = %(now)s
WHERE p.shop_id = %(shop_id)s AND (p.id = %(parcel_id)s OR p.batch_id = %(batch_id)s) AND p.voided_at IS NULL
  AND p.picked_up_at IS NULL
RETURNING p.id, p.carrier, p.waybill, p.batch_id
"""
TAKE_BACK = """
WITH gone AS MATERIALIZED (
    SELECT %(shop_id)s::bigint AS shop_id, g.*
    FROM unnest(%(ids)s::bigint[], %(carriers)s::text[], %(waybills)s::text[]) AS g (id, carrier, waybill)
), lost AS MATERIALIZED (
    SELECT g.shop_id, g.id AS parcel_id, g.carrier, g.waybill, o.id AS order_id, o.status,
           CASE WHEN o.status NOT IN ('shipped', 'part_shipped') THEN o.status
                WHEN EXISTS (SELECT FROM parcel_orders q JOIN parcels p ON p.shop_id = q.shop_id AND p.id = q.parcel_id
                             WHERE q.shop_id = g.shop_id AND q.order_id = o.id AND p.voided_at IS NULL)
                THEN 'part_shipped' ELSE 'awaiting_shipment' END AS next_status
    FROM gone g JOIN parcel_orders po ON po.shop_id = g.shop_id AND po.parcel_id = g.id
    JOIN orders o ON o.shop_id = g.shop_id AND o.id = po.order_id
), unpacked AS (
    UPDATE order_lines n SET shipped_quantity = n.shipped_quantity - k.quantity
    FROM (SELECT g.shop_id, x.line_id, sum(x.quantity)::int AS quantity FROM gone g
          JOIN parcel_lines x ON x.shop_id = g.shop_id AND x.parcel_id = g.id GROUP BY g.shop_id, x.line_id) AS k
    WHERE n.shop_id = k.shop_id AND n.id = k.line_id
), back AS (
    UPDATE orders o SET status = t.next_status, shipped_at = NULL, updated_at = %(now)s
    FROM (SELECT DISTINCT shop_id, order_id, status, next_status FROM lost
          WHERE status IN ('shipped', 'part_shipped')) AS t
    WHERE o.shop_id = t.shop_id AND o.id = t.order_id
    RETURNING o.id, o.status, o.deadline, t.status AS before
), listed AS (
    INSERT INTO backlog (shop_id, order_id, deadline)
    SELECT %(shop_id)s, id, COALESCE(deadline, %(no_deadline)s) FROM back WHERE before = 'shipped'
    ON CONFLICT DO NOTHING
), counted AS (
    INSERT INTO order_tally (shop_id, status, delta)
    SELECT %(shop_id)s, status, sum(delta) FROM (
        SELECT before AS status, -1 AS delta FROM back UNION ALL SELECT status, 1 FROM back) AS steps
    GROUP BY status HAVING sum(delta) <> 0
), told AS (
    INSERT INTO journal (shop_id, at, member_id, actor, act, order_id, parcel_id, batch_id, before, after)
    SELECT shop_id, %(now)s, %(member_id)s, %(actor)s, %(act)s, order_id, parcel_id, %(batch_id)s,
           jsonb_build_object('status', status, 'carrier', carrier, 'waybill', waybill),
           jsonb_build_object('status', next_status) FROM lost
)
UPDATE batch_rows r SET verdict = %(verdict)s, parcel_id = NULL
WHERE r.shop_id = %(shop_id)s AND r.batch_id = ANY(%(batch_ids)s::bigint[]) AND r.parcel_id = ANY(%(ids)s::bigint[])
"""


def void(
    actor: Actor, *, parcel_id: int | None = None, batch_id: int | None = None, no_deadline: datetime, now: datetime
) -> list[Any]:
    """Void a parcel, or every parcel of a batch that no carrier scanned; (id, batch_id) of those that were living.

    Their orders wait again (`part_shipped` where another parcel still holds some of it), with their old deadline. A
    row of a batch becomes `undone` with its parcel, and `ready` when the whole batch is taken back. To be called with
    the orders locked (`lock_for_void`).
    """
    gone = sql.fetch(VOID, shop_id=actor.shop_id, parcel_id=parcel_id, batch_id=batch_id, now=now)
    if gone:
        sql.run(
            TAKE_BACK, shop_id=actor.shop_id, member_id=actor.member_id, actor=actor.name, batch_id=batch_id,
            ids=arrays.ids([parcel.id for parcel in gone]), carriers=arrays.texts([parcel.carrier for parcel in gone]),
            waybills=arrays.texts([parcel.waybill for parcel in gone]),
            batch_ids=arrays.ids(sorted({parcel.batch_id for parcel in gone if parcel.batch_id is not None})),
            act="parcel.voided" if batch_id is None else "batch.undone", no_deadline=no_deadline, now=now,
            verdict="undone" if batch_id is None else "ready",
        )  # fmt: skip
    return gone


CORRECT = """
WITH was AS (
    SELECT id, carrier, waybill FROM parcels WHERE shop_id = %(shop_id)s AND id = %(parcel_id)s
), moved AS (
    UPDATE parcels p SET carrier = %(carrier)s, waybill = %(waybill)s
    FROM was WHERE p.shop_id = %(shop_id)s AND p.id = was.id AND p.picked_up_at IS NULL AND p.voided_at IS NULL
    RETURNING p.id, was.carrier, was.waybill
)
INSERT INTO journal (shop_id, at, member_id, actor, act, order_id, parcel_id, before, after)
SELECT %(shop_id)s, %(now)s, %(member_id)s, %(actor)s, 'parcel.corrected', po.order_id, moved.id,
       jsonb_build_object('carrier', moved.carrier, 'waybill', moved.waybill),
       jsonb_build_object('carrier', %(carrier)s::text, 'waybill', %(waybill)s::text)
FROM moved JOIN parcel_orders po ON po.shop_id = %(shop_id)s AND po.parcel_id = moved.id ORDER BY po.order_id
"""


def correct(actor: Actor, parcel_id: int, *, carrier: str, waybill: str, now: datetime) -> int:
    """Give a locked parcel another number; how many orders it holds. IntegrityError when the number is in use."""
    return sql.run(
        CORRECT, shop_id=actor.shop_id, member_id=actor.member_id, actor=actor.name, parcel_id=parcel_id,
        carrier=carrier, waybill=waybill, now=now,
    )  # fmt: skip
