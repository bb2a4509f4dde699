"""The plain shipping of one order: nearly every parcel that software ships one by one. What many calls of a key ship at the
same moment goes out together, in one round trip and one commit.

Plain is: the order waits as a whole and is not being refunded, nobody is at work on it, no task of it is open and no label
was made, nobody uses or ever used the number, it is on no label, and it is none of the shop's bought ones. Then the
statement below writes exactly what `store.parcels.SHIP` writes; a test compares them. Whatever is not plain moves nothing
here and goes the long way (services.parcels.ship), which tells why. The orders are locked by a statement of its own, so
that the second one sees whatever was committed until then.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final, NamedTuple

from django.db import connection

from fahuo.store import sql
from fahuo.store.gathering import Gathering

HOLD: Final = """
WITH held AS MATERIALIZED (
    SELECT o.id FROM orders o WHERE o.shop_id = $1 AND o.number = ANY($2::text[])
    ORDER BY o.id FOR NO KEY UPDATE OF o SKIP LOCKED
)
SELECT set_config('fahuo.held', '{' || COALESCE(string_agg(held.id::text, ','), '') || '}', true) FROM held
"""
"""Lock what nobody else holds, and tell the next statement of this transaction which orders these are."""
SHIP: Final = """
WITH asked AS MATERIALIZED (
    SELECT $1::bigint AS shop_id, a.*
    FROM unnest($2::text[], $5::text[], $6::text[], $7::text[], $8::bytea[], $9::timestamptz[])
        WITH ORDINALITY AS a (number, carrier, waybill, name, request, at, place)
    WHERE EXISTS (SELECT FROM api_keys k WHERE k.shop_id = $1 AND k.id = $3 AND k.revoked_at IS NULL AND k.scopes = $4)
), plain AS MATERIALIZED (
    SELECT a.*, o.id, nextval('ids') AS parcel_id FROM asked a JOIN orders o ON o.shop_id = a.shop_id AND o.number = a.number
    WHERE o.id = ANY(nullif(current_setting('fahuo.held', true), '')::bigint[]) AND o.status = 'awaiting_shipment'
      AND o.refund_status IN ('none', 'refused')
      AND NOT EXISTS (SELECT FROM kept_answers x WHERE a.name <> '' AND x.shop_id = a.shop_id AND x.key_id = $3
                      AND x.name = a.name)
      AND NOT EXISTS (SELECT FROM order_lines l WHERE l.shop_id = a.shop_id AND l.order_id = o.id
                      AND l.refund_status IN ('requested', 'agreed'))
      AND NOT EXISTS (SELECT FROM tasks t WHERE t.shop_id = a.shop_id AND t.order_id = o.id AND NOT (t.state = 'completed'))
      AND NOT EXISTS (SELECT FROM label_orders b WHERE b.shop_id = a.shop_id AND b.order_id = o.id)
      AND NOT EXISTS (SELECT FROM labels n WHERE n.shop_id = a.shop_id AND n.waybill = a.waybill
                      AND n.carrier = a.carrier AND n.voided_at IS NULL)
      AND NOT EXISTS (SELECT FROM waybill_numbers w WHERE w.shop_id = a.shop_id AND w.carrier = a.carrier
                      AND w.number = a.waybill)
      AND NOT EXISTS (SELECT FROM parcels u WHERE u.shop_id = a.shop_id AND u.waybill = a.waybill
                      AND u.carrier = a.carrier AND (u.voided_at IS NOT NULL OR u.retired_at IS NOT NULL))
), parcel AS (
    INSERT INTO parcels (shop_id, id, kind, carrier, waybill, shipped_at, shipped_by, note)
    SELECT $1, parcel_id, 'offline', carrier, waybill, at, NULL, '' FROM plain
    ON CONFLICT (shop_id, waybill, carrier) WHERE voided_at IS NULL AND retired_at IS NULL AND NOT waybill = ''
    DO NOTHING RETURNING id
), moved AS MATERIALIZED (
    SELECT p.*, p.id AS order_id FROM plain p JOIN parcel ON parcel.id = p.parcel_id
), held AS (
    INSERT INTO parcel_orders (shop_id, order_id, parcel_id, whole) SELECT $1, order_id, parcel_id, true FROM moved
), told AS (
    INSERT INTO journal (shop_id, at, member_id, actor, act, order_id, parcel_id, before, after)
    SELECT $1, at, NULL, $10, 'parcel.shipped', order_id, parcel_id, '{"status": "awaiting_shipment"}',
           jsonb_build_object('status', 'shipped', 'carrier', carrier, 'waybill', waybill) FROM moved
), shipped AS (
    UPDATE orders o SET status = 'shipped', updated_at = m.at, shipped_at = m.at
    FROM moved m WHERE o.shop_id = m.shop_id AND o.id = m.order_id
), unlisted AS (
    DELETE FROM backlog b USING moved m WHERE b.shop_id = m.shop_id AND b.order_id = m.order_id
), counted AS (
    INSERT INTO order_tally (shop_id, status, delta)
    SELECT $1, s.status, s.one * count(*)
    FROM moved, (VALUES ('awaiting_shipment', -1), ('shipped', 1)) AS s (status, one) GROUP BY s.status, s.one
), kept AS (
    INSERT INTO kept_answers (shop_id, key_id, name, request, status, body, at)
    SELECT $1, $3, name, request, 201, convert_to(replace($11, '0', parcel_id::text), 'UTF8'), at
    FROM moved WHERE name <> ''
)
SELECT place, parcel_id FROM moved
"""


class Caller(NamedTuple):
    """For whom parcels leave: a key of a shop, with the scopes that it was seen with, under the name that the journal tells.
    `answer` is what is kept of an answer; 0 stands in it for the parcel's id."""

    shop_id: int
    key_id: int
    scopes: tuple[str, ...]
    actor: str
    answer: str


class Plain(NamedTuple):
    """An order by its number, what it leaves under, and the call's Idempotency-Key with the digest of what it asks."""

    order: str
    carrier: str
    waybill: str
    name: str
    request: bytes
    now: datetime


def ship(caller: Caller, plain: Plain) -> int | None:
    """Ship an order if that is plain and the key still has these scopes; the parcel's id, or None. Raises IntegrityError
    when somebody took the name at this moment, and GroupFailed when something was wrong with one of the calls that were to
    go out together: nothing was written then."""
    if connection.in_atomic_block:  # what another thread is told must be committed
        return ship_together(caller, [plain])[0]
    return gathering.ask(caller, plain)


def ship_together(caller: Caller, asked: Sequence[Plain]) -> list[int | None]:
    """Ship those that are plain, in one transaction; the parcels' ids and Nones, in the order of what was asked."""
    first = _first_of_each(asked)
    chosen = [asked[place] for place in first]
    columns = [list(column) for column in zip(*chosen, strict=True)]
    shop_id, key_id, scopes, actor, answer = caller
    rows = sql.together(
        (HOLD, (shop_id, columns[0])),
        (SHIP, (shop_id, columns[0], key_id, list(scopes), *columns[1:], actor, answer)),
    )
    told: list[int | None] = [None] * len(asked)
    for place, parcel_id in rows:
        told[first[place - 1]] = int(parcel_id)
    return told


def _first_of_each(asked: Sequence[Plain]) -> list[int]:
    """The places of what can go out together: no order twice, no Idempotency-Key twice."""
    orders, names = set[str](), set[str]()
    first = []
    for place, plain in enumerate(asked):
        if plain.order not in orders and (not plain.name or plain.name not in names):
            first.append(place)
            orders.add(plain.order)
            names.add(plain.name)
    return first


gathering: Final = Gathering(ship_together)
