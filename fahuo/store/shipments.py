"""Rows of shipping batches: opened, read, given numbers, judged, shipped; a set statement for each."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import msgspec
from psycopg.types.json import Jsonb

from fahuo.rules.orders import IN_BACKLOG
from fahuo.rules.parcels import REFUND_OPEN
from fahuo.rules.people import Actor
from fahuo.rules.shipments import Ask, Judged
from fahuo.store import arrays, batches, sealed, sql
from fahuo.store.parcels import REFUSED_BY_REFUND

_encode = msgspec.json.encode
_decode = msgspec.json.decode

OPEN = """
INSERT INTO batch_rows (shop_id, batch_id, row_no, verdict, number, order_id, data)
SELECT %(shop_id)s, %(batch_id)s, row_number() OVER (ORDER BY a.place), 'waiting', o.number, o.id, '{}'
FROM unnest(%(order_ids)s::bigint[]) WITH ORDINALITY AS a (id, place)
JOIN orders o ON o.shop_id = %(shop_id)s AND o.id = a.id
"""


def open_rows(shop_id: int, batch_id: int, order_ids: Sequence[int]) -> int:
    """A waiting row for each order, in the given order; how many of them the shop has."""
    return sql.run(OPEN, shop_id=shop_id, batch_id=batch_id, order_ids=list(order_ids))


ASKS = """
SELECT row_no, number, data ->> 'carrier' AS carrier, data ->> 'waybill' AS waybill, (data -> 'faults')::json AS faults
FROM batch_rows WHERE shop_id = %(shop_id)s AND batch_id = %(batch_id)s AND verdict = ANY(%(verdicts)s)
ORDER BY row_no
"""


def asks(shop_id: int, batch_id: int, verdicts: Iterable[str]) -> list[Ask]:
    """What the rows of these verdicts ask, by row number."""
    rows = sql.fetch(ASKS, shop_id=shop_id, batch_id=batch_id, verdicts=list(verdicts))
    return [Ask(row.row_no, row.number, row.carrier or "", row.waybill or "", row.faults or []) for row in rows]


STANDING = f"""
WITH asked AS MATERIALIZED (
    SELECT %(shop_id)s::bigint AS shop_id, a.*
    FROM unnest(%(numbers)s::text[], %(carriers)s::text[], %(waybills)s::text[])
        WITH ORDINALITY AS a (number, carrier, waybill, place)
)
SELECT o.id AS order_id, o.receiver_key, o.status = ANY(%(in_backlog)s) AND NOT {REFUSED_BY_REFUND} AS free,
       p.id AS living_id, h.order_id IS NOT NULL AS in_living,
       a.waybill <> '' AND EXISTS (
           SELECT FROM parcels u WHERE u.shop_id = a.shop_id AND u.waybill = a.waybill AND u.carrier = a.carrier
           AND u.waybill <> '' AND (u.voided_at IS NOT NULL OR u.retired_at IS NOT NULL)
           AND (u.batch_id IS NULL OR u.batch_id <> %(batch_id)s)) AS used_before,
       a.waybill <> '' AND EXISTS (
           SELECT FROM labels l WHERE l.shop_id = a.shop_id AND l.waybill = a.waybill AND l.carrier = a.carrier
           AND l.voided_at IS NULL AND NOT EXISTS (
               SELECT FROM label_orders b WHERE b.shop_id = a.shop_id AND b.label_id = l.id AND b.order_id = o.id
               AND b.voided_at IS NULL)) AS on_another_label
FROM asked a
LEFT JOIN orders o ON o.shop_id = a.shop_id AND o.number = a.number
LEFT JOIN parcels p ON p.shop_id = a.shop_id AND p.waybill = a.waybill AND p.carrier = a.carrier
    AND p.waybill <> '' AND p.voided_at IS NULL AND p.retired_at IS NULL
LEFT JOIN parcel_orders h ON h.shop_id = a.shop_id AND h.order_id = o.id AND h.parcel_id = p.id
ORDER BY a.place
"""


def standing(shop_id: int, batch_id: int, rows: Sequence[Ask]) -> list[Any]:
    """What stands for each row, in the same order (see rules.shipments.Standing)."""
    return sql.fetch(
        STANDING, shop_id=shop_id, batch_id=batch_id, numbers=arrays.texts([row.number for row in rows]),
        carriers=arrays.texts([row.carrier for row in rows]), waybills=arrays.texts([row.waybill for row in rows]),
        in_backlog=sorted(IN_BACKLOG), refund_open=sorted(REFUND_OPEN),
    )  # fmt: skip


SHIPPED_AS = """
SELECT DISTINCT ON (po.order_id) po.order_id, p.carrier, p.waybill
FROM parcel_orders po JOIN parcels p ON p.shop_id = %(shop_id)s AND p.id = po.parcel_id AND p.voided_at IS NULL
WHERE po.shop_id = %(shop_id)s AND po.order_id = ANY(%(order_ids)s) ORDER BY po.order_id, p.id DESC
"""
HELD_BY = """
SELECT po.parcel_id, min(o.number) AS number
FROM parcel_orders po JOIN orders o ON o.shop_id = %(shop_id)s AND o.id = po.order_id
WHERE po.shop_id = %(shop_id)s AND po.parcel_id = ANY(%(parcel_ids)s) GROUP BY po.parcel_id
"""


def shipped_as(shop_id: int, order_ids: Sequence[int]) -> dict[int, tuple[str, str]]:
    """order id -> (carrier, waybill) of its newest parcel that is not voided."""
    rows = sql.fetch(SHIPPED_AS, shop_id=shop_id, order_ids=list(order_ids)) if order_ids else []
    return {row.order_id: (row.carrier, row.waybill) for row in rows}


def held_by(shop_id: int, parcel_ids: Sequence[int]) -> dict[int, str]:
    """parcel id -> the number of an order in it."""
    rows = sql.fetch(HELD_BY, shop_id=shop_id, parcel_ids=list(parcel_ids)) if parcel_ids else []
    return {row.parcel_id: row.number for row in rows}


def _data(shop_id: int, ask: Ask, verdict: str) -> str:
    data: dict[str, Any] = {"carrier": ask.carrier, "waybill": ask.waybill}
    if verdict == "bad" and ask.cells:
        # Only to come back mended: a table of addresses is not kept once more with every batch.
        data["cells"] = sealed.seal_cells(shop_id, ask.cells)
    if ask.faults:
        data["faults"] = ask.faults
    if ask.stray:
        data["stray"] = True
    return _encode(data).decode()


def add(shop_id: int, batch_id: int, rows: Sequence[Ask], verdicts: Sequence[Judged]) -> int:
    """COPY judged rows in."""
    return batches.add_rows([
        (shop_id, batch_id, ask.row_no, judged.verdict, ask.number, judged.order_id, _data(shop_id, ask, judged.verdict),
         _encode(judged.problems).decode() if judged.problems else None)
        for ask, judged in zip(rows, verdicts, strict=True)
    ])  # fmt: skip


MARK = """
UPDATE batch_rows r SET verdict = a.verdict, order_id = a.order_id, problems = a.problems
FROM unnest(%(row_nos)s::int[], %(verdicts)s::text[], %(order_ids)s::bigint[], %(problems)s::jsonb[])
    AS a (row_no, verdict, order_id, problems)
WHERE r.shop_id = %(shop_id)s AND r.batch_id = %(batch_id)s AND r.row_no = a.row_no AND r.verdict <> 'done'
  AND (r.verdict, r.order_id, r.problems) IS DISTINCT FROM (a.verdict, a.order_id, a.problems)
"""


def mark(shop_id: int, batch_id: int, rows: Sequence[Ask], verdicts: Sequence[Judged]) -> int:
    """Write verdicts that changed; a row that is done stays done."""
    return sql.run(
        MARK, shop_id=shop_id, batch_id=batch_id, row_nos=[row.row_no for row in rows],
        verdicts=[judged.verdict for judged in verdicts], order_ids=[judged.order_id for judged in verdicts],
        problems=[Jsonb(judged.problems) if judged.problems else None for judged in verdicts],
    )  # fmt: skip


NUMBER = """
UPDATE batch_rows r SET verdict = 'waiting',
    data = (r.data - 'faults' - 'cells') || COALESCE(a.extra, '{}')
           || jsonb_build_object('carrier', a.carrier, 'waybill', a.waybill)
FROM unnest(%(row_nos)s::int[], %(carriers)s::text[], %(waybills)s::text[], %(extras)s::jsonb[])
    AS a (row_no, carrier, waybill, extra)
WHERE r.shop_id = %(shop_id)s AND r.batch_id = %(batch_id)s AND r.row_no = a.row_no AND r.verdict <> 'done'
"""


def set_numbers(shop_id: int, batch_id: int, rows: Sequence[Ask]) -> int:
    """Give rows that are not done their carriers and numbers (and cells, and faults); they wait for their verdict."""
    extras = [
        {"cells": sealed.seal_cells(shop_id, row.cells or []), "faults": row.faults} if row.faults else None
        for row in rows
    ]
    return sql.run(
        NUMBER, shop_id=shop_id, batch_id=batch_id, row_nos=[row.row_no for row in rows],
        carriers=[row.carrier for row in rows], waybills=[row.waybill for row in rows],
        extras=[Jsonb(extra) if extra else None for extra in extras],
    )  # fmt: skip


ASSIGN = """
UPDATE batch_rows SET data = data || jsonb_build_object('carrier', %(carrier)s::text)
WHERE shop_id = %(shop_id)s AND batch_id = %(batch_id)s AND verdict = 'waiting' AND COALESCE(data ->> 'waybill', '') = ''
  AND (%(row_nos)s::int[] IS NULL OR row_no = ANY(%(row_nos)s::int[]))
"""


def assign_carrier(shop_id: int, batch_id: int, carrier: str, row_nos: Sequence[int] | None) -> int:
    """Say which carrier takes the rows that have no number yet; all of them, or those of `row_nos`."""
    return sql.run(
        ASSIGN, shop_id=shop_id, batch_id=batch_id, carrier=carrier,
        row_nos=None if row_nos is None else list(row_nos),
    )  # fmt: skip


STRAYS = """
DELETE FROM batch_rows WHERE shop_id = %(shop_id)s AND batch_id = %(batch_id)s AND verdict <> 'done'
  AND (data ->> 'stray' = 'true' OR order_id IS NULL)
"""


def drop_strays(shop_id: int, batch_id: int) -> int:
    """Forget rows that earlier sheets brought beside the batch's own, and rows whose order nobody knows."""
    return sql.run(STRAYS, shop_id=shop_id, batch_id=batch_id)


RECOUNT = """
UPDATE batches b SET row_count = c.rows, good_count = c.good, bad_count = c.bad, done_count = c.done, worked_at = %(now)s
FROM (SELECT count(*) AS rows, count(*) FILTER (WHERE verdict = 'ready') AS good,
             count(*) FILTER (WHERE verdict = 'bad') AS bad, count(*) FILTER (WHERE verdict IN ('done', 'same')) AS done
      FROM batch_rows WHERE shop_id = %(shop_id)s AND batch_id = %(batch_id)s) AS c
WHERE b.shop_id = %(shop_id)s AND b.id = %(batch_id)s
"""


def recount(shop_id: int, batch_id: int, *, now: datetime) -> None:
    """Set the batch's counts from its rows."""
    sql.run(RECOUNT, shop_id=shop_id, batch_id=batch_id, now=now)


READY = """
SELECT r.row_no, r.order_id, r.data ->> 'carrier' AS carrier, r.data ->> 'waybill' AS waybill
FROM batch_rows r WHERE r.shop_id = %(shop_id)s AND r.batch_id = %(batch_id)s AND r.verdict = 'ready'
ORDER BY r.data ->> 'carrier' COLLATE "C", r.data ->> 'waybill' COLLATE "C" FETCH FIRST %(limit)s ROWS WITH TIES
"""


def ready(shop_id: int, batch_id: int, *, limit: int) -> list[Any]:
    """The next rows to ship, by number; rows that share a parcel are never split."""
    return sql.fetch(READY, shop_id=shop_id, batch_id=batch_id, limit=limit)


ADDRESSES = """
WITH picked AS MATERIALIZED (
    SELECT r.row_no, r.order_id, COALESCE(r.data ->> 'carrier', '') AS carrier, COALESCE(r.data ->> 'waybill', '') AS waybill
    FROM batch_rows r WHERE r.shop_id = %(shop_id)s AND r.batch_id = %(batch_id)s AND r.order_id IS NOT NULL
      AND r.verdict IN ('waiting', 'ready', 'done')
), chosen AS MATERIALIZED (
    SELECT picked.* FROM picked WHERE %(carrier)s = '' OR picked.carrier = CASE
        WHEN EXISTS (SELECT FROM picked p WHERE p.carrier = %(carrier)s) THEN %(carrier)s ELSE '' END
), told AS (
    INSERT INTO journal (shop_id, at, member_id, actor, act, order_id, batch_id, after)
    SELECT %(shop_id)s, %(now)s, %(member_id)s, %(actor)s, 'order.exported', order_id, %(batch_id)s,
           jsonb_build_object('carrier', %(carrier)s::text) FROM chosen ORDER BY row_no
), goods AS (
    SELECT n.order_id, string_agg(concat_ws(' ', NULLIF(n.title, ''), NULLIF(n.sku, ''), '×' || n.quantity), ';' ORDER BY n.id) AS goods
    FROM chosen JOIN order_lines n ON n.shop_id = %(shop_id)s AND n.order_id = chosen.order_id
    WHERE n.refund_status <> 'succeeded' GROUP BY n.order_id
)
SELECT c.row_no, c.carrier, c.waybill, o.number, o.buyer, o.quantity, o.memo, o.buyer_message,
       COALESCE(goods.goods, o.title) AS goods, COALESCE(t.name, '') AS receiver, COALESCE(t.phone, '') AS phone,
       COALESCE(t.phone_extension, '') AS phone_extension, COALESCE(t.province, '') AS province,
       COALESCE(t.city, '') AS city, COALESCE(t.district, '') AS district, COALESCE(t.address, '') AS address,
       COALESCE(t.postcode, '') AS postcode, t.sealed, t.order_id AS sealed_of
FROM chosen c JOIN orders o ON o.shop_id = %(shop_id)s AND o.id = c.order_id
LEFT JOIN receivers t ON t.shop_id = %(shop_id)s AND t.order_id = c.order_id
LEFT JOIN goods ON goods.order_id = c.order_id ORDER BY c.row_no
"""


def export_addresses(actor: Actor, batch_id: int, carrier: str, *, now: datetime) -> list[Any]:
    """Everything that a carrier's table may want of the batch's orders, unmasked, in row order; journaled.

    The rows assigned to `carrier` or, where none is, those assigned to nobody; all of them for "".
    """
    rows = sql.fetch(
        ADDRESSES, shop_id=actor.shop_id, member_id=actor.member_id, actor=actor.name, batch_id=batch_id,
        carrier=carrier, now=now,
    )  # fmt: skip
    return _open(actor.shop_id, rows)


def _open(shop_id: int, rows: Sequence[Any]) -> list[Any]:
    return sealed.open_texts(shop_id, sealed.open_receivers(shop_id, rows), sealed.MESSAGE, "buyer_message")


UPLOADS = """
SELECT o.number, p.carrier, p.waybill FROM batch_rows r
JOIN parcels p ON p.shop_id = %(shop_id)s AND p.id = r.parcel_id AND p.batch_id = %(batch_id)s AND p.voided_at IS NULL
JOIN orders o ON o.shop_id = %(shop_id)s AND o.id = r.order_id
WHERE r.shop_id = %(shop_id)s AND r.batch_id = %(batch_id)s AND r.verdict = 'done' ORDER BY r.row_no
"""


def shipped_rows(shop_id: int, batch_id: int) -> list[Any]:
    """What the batch really shipped and stands: order number, carrier, waybill number as it is now; in row order."""
    return sql.fetch(UPLOADS, shop_id=shop_id, batch_id=batch_id)


TEMPLATE = """
SELECT columns::text AS columns, format FROM sheet_templates
WHERE shop_id = %(shop_id)s AND purpose = %(purpose)s
  AND (id = %(template_id)s OR %(template_id)s IS NULL AND (carrier = %(carrier)s OR %(purpose)s = 'upload'))
ORDER BY id LIMIT 1
"""


def template(
    shop_id: int, purpose: str, *, template_id: int | None, carrier: str
) -> tuple[list[list[str]], str] | None:
    """The shop's template for a table: the one asked for, else the first made for this carrier (or for uploads).

    Its columns as [heading, field], and its format.
    """
    row = sql.fetch_one(TEMPLATE, shop_id=shop_id, purpose=purpose, template_id=template_id, carrier=carrier)
    return None if row is None else (_decode(row.columns), row.format)


PRINT = """
WITH printed AS (
    UPDATE orders o SET printed_at = %(now)s, updated_at = %(now)s
    WHERE o.shop_id = %(shop_id)s AND o.id = ANY(%(order_ids)s)
    RETURNING o.id, o.number, o.title, o.quantity, o.memo, o.buyer_message
), told AS (
    INSERT INTO journal (shop_id, at, member_id, actor, act, order_id, after)
    SELECT %(shop_id)s, %(now)s, %(member_id)s, %(actor)s, 'order.printed', id, '{"paper": "consignment"}' FROM printed
)
SELECT p.id, p.number, p.title, p.quantity, p.memo, p.buyer_message, t.name, t.phone, t.phone_extension, t.province,
       t.city, t.district, t.address, t.postcode, t.sealed, t.order_id AS sealed_of,
       (SELECT json_agg(json_build_array(n.title, n.sku, n.quantity) ORDER BY n.id) FROM order_lines n
        WHERE n.shop_id = %(shop_id)s AND n.order_id = p.id AND n.refund_status <> 'succeeded') AS lines
FROM printed p LEFT JOIN receivers t ON t.shop_id = %(shop_id)s AND t.order_id = p.id
ORDER BY array_position(%(order_ids)s::bigint[], p.id)
"""


def print_consignments(actor: Actor, order_ids: Sequence[int], *, now: datetime) -> list[Any]:
    """What stands on consignment sheets, in the given order; the orders are marked printed, journaled."""
    rows = sql.fetch(
        PRINT, shop_id=actor.shop_id, member_id=actor.member_id, actor=actor.name, now=now, order_ids=list(order_ids)
    )
    return _open(actor.shop_id, rows)
