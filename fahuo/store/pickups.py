"""Pickups: called for, opened, listed, signed, cancelled; each act one statement, journaled from the rows that moved.

Whoever changes a manifest locks its pickup first; whoever signs it locks the orders after that, in the order of their ids.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from fahuo.rules.people import Actor
from fahuo.rules.pickups import LIVING, before
from fahuo.store import sql

CONTRACT = """
SELECT id, carrier, name, ships_at, pickup_times, active FROM contracts
WHERE shop_id = %(shop_id)s AND id = %(contract_id)s
"""


def contract(shop_id: int, contract_id: int) -> Any | None:
    """What pickups need of a contract: carrier, name, ships_at, pickup_times, active."""
    return sql.fetch_one(CONTRACT, shop_id=shop_id, contract_id=contract_id)


FIND = """
SELECT k.id, k.contract_id, k.kind, k.status, k.expected_at, k.called_at, k.signed_at, k.signed_count, k.signed_by,
       k.note, k.actor, c.carrier, c.name AS contract, c.ships_at,
       (SELECT count(*) FROM pickup_parcels x WHERE x.shop_id = %(shop_id)s AND x.pickup_id = k.id) AS listed
FROM pickups k JOIN contracts c ON c.shop_id = k.shop_id AND c.id = k.contract_id
WHERE k.shop_id = %(shop_id)s AND k.id = %(pickup_id)s
"""
LOCK = FIND + "FOR NO KEY UPDATE OF k"


def find(shop_id: int, pickup_id: int) -> Any | None:
    """A pickup with its contract, and how many numbers are `listed` on its manifest."""
    return sql.fetch_one(FIND, shop_id=shop_id, pickup_id=pickup_id)


def lock(shop_id: int, pickup_id: int) -> Any | None:
    """`find`, with the pickup locked. The row is read after the lock was had, as whoever held it before left it."""
    sql.fetch("SELECT FROM pickups WHERE shop_id = %(shop_id)s AND id = %(pickup_id)s FOR NO KEY UPDATE",
              shop_id=shop_id, pickup_id=pickup_id)  # fmt: skip
    return sql.fetch_one(LOCK, shop_id=shop_id, pickup_id=pickup_id)


# ---- one comes to be, opens, is cancelled -----------------------------------------------------------------------

MADE = """
INSERT INTO journal (shop_id, at, member_id, actor, act, after)
SELECT %(shop_id)s, %(now)s, %(member_id)s, %(actor)s, %(act)s,
       jsonb_build_object('pickup', made.id, 'contract', made.contract_id, 'expected_at', made.expected_at)
FROM made
"""
CALL = f"""
WITH made AS (
    INSERT INTO pickups (shop_id, contract_id, kind, status, expected_at, called_at, signed_by, note, member_id, actor, created_at)
    VALUES (%(shop_id)s, %(contract_id)s, 'extra', 'called', %(at)s, %(now)s, '', %(note)s, %(member_id)s, %(actor)s, %(now)s)
    RETURNING id, contract_id, expected_at
), told AS ({MADE})
SELECT id FROM made
"""
CALLED = """
SELECT k.id FROM pickups k
WHERE k.shop_id = %(shop_id)s AND k.contract_id = %(contract_id)s AND k.status = ANY(%(living)s) AND k.kind = 'extra'
  AND k.expected_at = %(at)s
"""
HOLD_CONTRACT = "SELECT FROM contracts WHERE shop_id = %(shop_id)s AND id = %(contract_id)s FOR NO KEY UPDATE"


def call(actor: Actor, contract_id: int, *, at: datetime, note: str, now: datetime) -> int:
    """An extra pickup of a contract; the one that was called for the same time, if there is one. Its id."""
    sql.fetch(HOLD_CONTRACT, shop_id=actor.shop_id, contract_id=contract_id)
    found = sql.fetch_one(CALLED, shop_id=actor.shop_id, contract_id=contract_id, at=at, living=list(LIVING))
    if found is None:
        found = sql.fetch(
            CALL, shop_id=actor.shop_id, contract_id=contract_id, at=at, note=note, member_id=actor.member_id,
            actor=actor.name, act="pickup.called", now=now,
        )[0]  # fmt: skip
    return int(found.id)


OPEN_DAILY = f"""
WITH made AS (
    INSERT INTO pickups (shop_id, contract_id, kind, status, expected_at, signed_by, note, member_id, actor, created_at)
    VALUES (%(shop_id)s, %(contract_id)s, 'daily', 'open', %(at)s, '', '', %(member_id)s, %(actor)s, %(now)s)
    ON CONFLICT (shop_id, contract_id, expected_at) WHERE kind = 'daily' DO NOTHING
    RETURNING id, contract_id, expected_at
), told AS ({MADE})
SELECT id FROM made
"""
DAILY = """
SELECT k.id FROM pickups k WHERE k.shop_id = %(shop_id)s AND k.contract_id = %(contract_id)s AND k.kind = 'daily'
  AND k.expected_at = %(at)s
"""


def open_daily(actor: Actor, contract_id: int, *, at: datetime, now: datetime) -> int:
    """The pickup of a contract's daily time; made, and open, if it was not there. Its id."""
    made = sql.fetch_one(
        OPEN_DAILY, shop_id=actor.shop_id, contract_id=contract_id, at=at, member_id=actor.member_id, actor=actor.name,
        act="pickup.opened", now=now,
    )  # fmt: skip
    found = made or sql.fetch_one(DAILY, shop_id=actor.shop_id, contract_id=contract_id, at=at)
    return int(found.id)  # type: ignore[union-attr]  # it was made, or stood in the way of being made


OPEN = f"""
WITH made AS (
    UPDATE pickups SET status = 'open'
    WHERE shop_id = %(shop_id)s AND id = %(pickup_id)s AND status = ANY(%(before)s) AND status <> 'open'
    RETURNING id, contract_id, expected_at
), told AS ({MADE})
SELECT id FROM made
"""


def open_called(actor: Actor, pickup_id: int, *, now: datetime) -> bool:
    """Begin the list of a pickup that was called for; whether it moved."""
    return bool(sql.fetch(
        OPEN, shop_id=actor.shop_id, pickup_id=pickup_id, before=before("open"), member_id=actor.member_id,
        actor=actor.name, act="pickup.opened", now=now,
    ))  # fmt: skip


CANCEL = f"""
WITH made AS (
    UPDATE pickups SET status = 'cancelled'
    WHERE shop_id = %(shop_id)s AND id = %(pickup_id)s AND status = ANY(%(before)s)
    RETURNING id, contract_id, expected_at
), told AS ({MADE}), freed AS (
    DELETE FROM pickup_parcels x USING made WHERE x.shop_id = %(shop_id)s AND x.pickup_id = made.id RETURNING x.waybill
)
SELECT made.id, (SELECT count(*) FROM freed) AS freed FROM made
"""


def cancel(actor: Actor, pickup_id: int, *, now: datetime) -> Any | None:
    """Cancel a pickup that is not signed, and free what stood on its manifest; (id, freed) if it moved."""
    return sql.fetch_one(
        CANCEL, shop_id=actor.shop_id, pickup_id=pickup_id, before=before("cancel"), member_id=actor.member_id,
        actor=actor.name, act="pickup.cancelled", now=now,
    )  # fmt: skip


# ---- the manifest -----------------------------------------------------------------------------------------------

ORDERS_OF = """
SELECT lo.order_id FROM label_orders lo
WHERE lo.shop_id = %(shop_id)s AND lo.label_id = moved.label_id AND lo.voided_at IS NULL
UNION
SELECT po.order_id FROM parcel_orders po WHERE po.shop_id = %(shop_id)s AND po.parcel_id = moved.parcel_id
"""
TOLD = f"""
INSERT INTO journal (shop_id, at, member_id, actor, act, order_id, parcel_id, after)
SELECT %(shop_id)s, %(now)s, %(member_id)s, %(actor)s, %(act)s, held.order_id, moved.parcel_id,
       jsonb_build_object('carrier', moved.carrier, 'waybill', moved.waybill, 'pickup', moved.pickup_id)
FROM moved CROSS JOIN LATERAL ({ORDERS_OF}) AS held
"""
ADD = f"""
WITH moved AS (
    INSERT INTO pickup_parcels (shop_id, pickup_id, carrier, waybill, label_id, parcel_id, added_at, member_id)
    SELECT %(shop_id)s, %(pickup_id)s, n.carrier, n.waybill, n.label_id, n.parcel_id, %(now)s, %(member_id)s
    FROM unnest(%(carriers)s::text[], %(waybills)s::text[], %(label_ids)s::bigint[], %(parcel_ids)s::bigint[])
        AS n (carrier, waybill, label_id, parcel_id)
    ON CONFLICT DO NOTHING RETURNING pickup_id, carrier, waybill, label_id, parcel_id
), told AS ({TOLD})
SELECT waybill FROM moved
"""


def add(actor: Actor, pickup_id: int, sent: Sequence[Any], *, now: datetime) -> set[str]:
    """Put numbers (boards.manifests.Sent) on a locked pickup's manifest; those that were added. What stands on any
    unsigned manifest is not added again."""
    moved = sql.fetch(
        ADD, shop_id=actor.shop_id, pickup_id=pickup_id, carriers=[one.carrier for one in sent],
        waybills=[one.waybill for one in sent], label_ids=[one.label_id for one in sent],
        parcel_ids=[one.parcel_id for one in sent], member_id=actor.member_id, actor=actor.name, act="manifest.added",
        now=now,
    )  # fmt: skip
    return {row.waybill for row in moved}


REMOVE = f"""
WITH moved AS (
    DELETE FROM pickup_parcels x
    WHERE x.shop_id = %(shop_id)s AND x.pickup_id = %(pickup_id)s AND x.waybill = ANY(%(waybills)s) AND x.signed_at IS NULL
    RETURNING x.pickup_id, x.carrier, x.waybill, x.label_id, x.parcel_id
), told AS ({TOLD})
SELECT waybill FROM moved
"""


def remove(actor: Actor, pickup_id: int, numbers: Sequence[str], *, now: datetime) -> set[str]:
    """Take numbers off a locked pickup's manifest; those that stood on it."""
    moved = sql.fetch(
        REMOVE, shop_id=actor.shop_id, pickup_id=pickup_id, waybills=list(numbers), member_id=actor.member_id,
        actor=actor.name, act="manifest.removed", now=now,
    )  # fmt: skip
    return {row.waybill for row in moved}


SIGN = f"""
WITH made AS (
    UPDATE pickups SET status = 'signed', signed_at = %(now)s, signed_count = %(count)s, signed_by = %(courier)s,
           member_id = %(member_id)s, actor = %(actor)s
    WHERE shop_id = %(shop_id)s AND id = %(pickup_id)s AND status = ANY(%(before)s)
    RETURNING id, contract_id, expected_at
), noted AS (
    INSERT INTO journal (shop_id, at, member_id, actor, act, after)
    SELECT %(shop_id)s, %(now)s, %(member_id)s, %(actor)s, 'pickup.signed', jsonb_build_object(
           'pickup', id, 'contract', contract_id, 'expected_at', expected_at, 'quantity', %(count)s::int,
           'courier', %(courier)s::text) FROM made
), moved AS (
    UPDATE pickup_parcels x SET signed_at = %(now)s, parcel_id = COALESCE(
           (SELECT l.parcel_id FROM labels l WHERE l.shop_id = %(shop_id)s AND l.id = x.label_id), x.parcel_id)
    FROM made WHERE x.shop_id = %(shop_id)s AND x.pickup_id = made.id
    RETURNING x.pickup_id, x.carrier, x.waybill, x.label_id, x.parcel_id
), given AS (
    UPDATE labels l SET handed_over_at = %(now)s FROM moved WHERE l.shop_id = %(shop_id)s AND l.id = moved.label_id
), gone AS (
    UPDATE parcels p SET handed_over_at = %(now)s FROM moved WHERE p.shop_id = %(shop_id)s AND p.id = moved.parcel_id
), told AS ({TOLD})
SELECT count(*) AS count FROM moved
"""


def sign(actor: Actor, pickup_id: int, *, count: int, courier: str, now: datetime) -> int:
    """Sign a locked pickup: its labels and parcels are handed over now; how many numbers."""
    return int(sql.fetch(
        SIGN, shop_id=actor.shop_id, pickup_id=pickup_id, count=count, courier=courier, before=before("sign"),
        member_id=actor.member_id, actor=actor.name, act="parcel.handed_over", now=now,
    )[0].count)  # fmt: skip
