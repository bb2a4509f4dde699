"""The sets that importing writes: new orders by COPY with ids drawn beforehand, changed ones by one UPDATE a table."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec

from fahuo.rules.imports import Standing
from fahuo.rules.people import Actor
from fahuo.store import arrays, sealed, sql

ORDER_COLUMNS = (
    "shop_id", "id", "number", "status", "kind", "buyer", "title", "quantity", "item_amount", "postage", "paid_amount",
    "refund_status", "refund_amount", "region", "receiver_key", "buyer_message", "memo", "channel_memo", "flag",
    "ordered_at", "paid_at", "shipped_at", "completed_at", "closed_at", "close_reason", "promise_hours",
    "promised_until", "channel_deadline", "deadline", "deadline_clause", "rulebook", "urge_count", "conflict",
    "draft_hash", "created_at", "updated_at",
)  # fmt: skip
RECEIVER_COLUMNS = (
    "shop_id", "order_id", "name", "phone", "phone_expires_at", "province", "city", "district", "phone_extension", "address",
    "postcode", "sealed", "name_mark", "phone_mark", "phone_ending",
)  # fmt: skip
LINE_COLUMNS = (
    "shop_id", "order_id", "number", "title", "sku", "sku_code", "item_code", "quantity", "shipped_quantity", "price",
    "amount", "refund_status", "refund_amount", "remark",
)  # fmt: skip
BACKLOG_COLUMNS = ("shop_id", "order_id", "deadline")
JOURNAL_COLUMNS = ("shop_id", "at", "member_id", "actor", "act", "order_id", "batch_id", "before", "after")

DRAW = "SELECT nextval('ids') AS id FROM generate_series(1, %(count)s)"


def draw_ids(count: int) -> list[int]:
    """So many new ids."""
    return [row.id for row in sql.fetch(DRAW, count=count)]


TURN = "SELECT pg_advisory_xact_lock(hashtextextended('import', %(shop_id)s))"


def take_turn(shop_id: int) -> None:
    """Let imports of one shop write one after the other. A hint that spares them collisions; the constraints hold."""
    sql.fetch(TURN, shop_id=shop_id)


def copy_orders(records: Iterable[Sequence[Any]]) -> int:
    """COPY new orders in, in the order of ORDER_COLUMNS; what is personal in them sealed."""
    return sql.copy_rows("orders", ORDER_COLUMNS, map(_sealed_order, records))


_SHOP, _KEY, _MESSAGE, _HASH = map(ORDER_COLUMNS.index, ("shop_id", "receiver_key", "buyer_message", "draft_hash"))


def _sealed_order(record: Sequence[Any]) -> Sequence[Any]:
    values, shop_id = list(record), record[_SHOP]
    for place in (_KEY, _HASH):
        values[place] = sealed.keyed(shop_id, values[place])
    values[_MESSAGE] = sealed.seal_text(shop_id, sealed.MESSAGE, values[_MESSAGE])
    return values


def copy_receivers(records: Iterable[Sequence[Any]]) -> int:
    """COPY the receivers of new orders in, sealed: (shop_id, order_id, *RECEIVER) each."""
    return sql.copy_rows("receivers", RECEIVER_COLUMNS, map(_sealed_receiver, records))


def _sealed_receiver(record: Sequence[Any]) -> Sequence[Any]:
    shop_id, order_id, name, phone, extension, expires_at, province, city, district, address, postcode = record
    kept = sealed.receiver(shop_id, order_id, name, phone, extension, address, postcode)
    return (
        shop_id, order_id, kept.name, kept.phone, expires_at, province, city, district, "", "", "", kept.sealed,
        kept.name_mark, kept.phone_mark, kept.phone_ending,
    )  # fmt: skip


def copy_lines(records: Iterable[Sequence[Any]]) -> int:
    """COPY the lines of new orders in."""
    return sql.copy_rows(
        "order_lines",
        LINE_COLUMNS,
        ((*record[:-1], sealed.seal_text(record[0], sealed.REMARK, record[-1])) for record in records),
    )


def copy_backlog(records: Iterable[Sequence[Any]]) -> int:
    """COPY new orders that wait into the backlog."""
    return sql.copy_rows("backlog", BACKLOG_COLUMNS, records)


HASHES = """
SELECT number, id, draft_hash FROM orders WHERE shop_id = %(shop_id)s AND number = ANY(%(numbers)s::text[])
"""


def hashes(shop_id: int, numbers: Sequence[str]) -> dict[str, tuple[int, str]]:
    """Of these numbers, the orders that stand: number -> (id, hash of the draft imported last)."""
    found = sql.fetch(HASHES, shop_id=shop_id, numbers=arrays.texts(numbers))
    return {row.number: (row.id, row.draft_hash) for row in found}


STANDING = """
SELECT id, number, status, kind, buyer, title, quantity, item_amount, postage, paid_amount, refund_status,
       refund_amount, region, receiver_key, buyer_message, memo, channel_memo, flag, ordered_at, paid_at, shipped_at,
       completed_at, closed_at, close_reason, promise_hours, promised_until, channel_deadline, reported_until,
       agreed_until, deadline, deadline_clause, rulebook, printed_at, conflict, conflict_at, draft_hash, updated_at, erased
FROM orders WHERE shop_id = %(shop_id)s AND id = ANY(%(order_ids)s) ORDER BY id
"""
RECEIVERS = """
SELECT r.order_id, r.name, r.phone, r.phone_extension, r.phone_expires_at, r.province, r.city, r.district, r.address,
       r.postcode, r.sealed, r.order_id AS sealed_of
FROM receivers r WHERE r.shop_id = %(shop_id)s AND r.order_id = ANY(%(order_ids)s)
"""
NOBODY = ("", "", "", None, "", "", "", "", "")


def standing(shop_id: int, order_ids: Iterable[int], *, lock: bool = False) -> dict[str, Standing]:
    """Orders as they stand, by number; locked until the transaction ends if so asked.

    Two statements and no join: for a shop that is new to the planner's statistics a join would compare each with each.
    """
    ids = list(order_ids)
    orders = sql.fetch(STANDING + " FOR UPDATE" if lock else STANDING, shop_id=shop_id, order_ids=ids)
    orders = sealed.open_texts(shop_id, orders, sealed.MESSAGE, "buyer_message")
    found = sealed.open_receivers(shop_id, sql.fetch(RECEIVERS, shop_id=shop_id, order_ids=ids))
    receivers = {row[0]: row[1:-2] for row in found}
    return {row.number: Standing._make((*row[:-1], *receivers.get(row.id, NOBODY), row.erased)) for row in orders}


UPDATE_ORDERS = """
UPDATE orders SET status = new.status, kind = new.kind, buyer = new.buyer, title = new.title, quantity = new.quantity,
       item_amount = new.item_amount, postage = new.postage, paid_amount = new.paid_amount,
       refund_status = new.refund_status, refund_amount = new.refund_amount, region = new.region,
       receiver_key = new.receiver_key, buyer_message = new.buyer_message, memo = new.memo,
       channel_memo = new.channel_memo, flag = new.flag, ordered_at = new.ordered_at, paid_at = new.paid_at,
       shipped_at = new.shipped_at, completed_at = new.completed_at, closed_at = new.closed_at,
       close_reason = new.close_reason, promise_hours = new.promise_hours, promised_until = new.promised_until,
       channel_deadline = new.channel_deadline, deadline = new.deadline, deadline_clause = new.deadline_clause,
       rulebook = new.rulebook, conflict = new.conflict, conflict_at = new.conflict_at, draft_hash = new.draft_hash,
       updated_at = new.updated_at
FROM jsonb_to_recordset(%(rows)s::jsonb) AS new (
       id bigint, status text, kind text, buyer text, title text, quantity int, item_amount numeric, postage numeric,
       paid_amount numeric, refund_status text, refund_amount numeric, region text, receiver_key text,
       buyer_message text, memo text, channel_memo text, flag smallint, ordered_at timestamptz, paid_at timestamptz,
       shipped_at timestamptz, completed_at timestamptz, closed_at timestamptz, close_reason text,
       promise_hours smallint, promised_until timestamptz, channel_deadline timestamptz, deadline timestamptz,
       deadline_clause text, rulebook text, conflict text, conflict_at timestamptz, draft_hash text,
       updated_at timestamptz)
WHERE orders.shop_id = %(shop_id)s AND orders.id = new.id
"""


def update_orders(shop_id: int, rows: Sequence[Standing]) -> int:
    """Write orders as they shall stand from now on."""
    return _write(UPDATE_ORDERS, shop_id, [_sealed_standing(shop_id, row)._asdict() for row in rows])


def _sealed_standing(shop_id: int, row: Standing) -> Standing:
    return row._replace(
        receiver_key=sealed.keyed(shop_id, row.receiver_key), draft_hash=sealed.keyed(shop_id, row.draft_hash),
        buyer_message=sealed.seal_text(shop_id, sealed.MESSAGE, row.buyer_message),
    )  # fmt: skip


UPDATE_RECEIVERS = """
INSERT INTO receivers (shop_id, order_id, name, phone, phone_extension, phone_expires_at, province, city, district,
                       address, postcode, sealed, name_mark, phone_mark, phone_ending)
SELECT %(shop_id)s, id, name, phone, '', phone_expires_at, province, city, district, '', '', decode(sealed, 'hex'),
       name_mark, phone_mark, phone_ending
FROM jsonb_to_recordset(%(rows)s::jsonb) AS new (
       id bigint, name text, phone text, phone_expires_at timestamptz, province text, city text, district text,
       sealed text, name_mark bigint, phone_mark bigint, phone_ending bigint)
ON CONFLICT (shop_id, order_id) DO UPDATE SET name = EXCLUDED.name, phone = EXCLUDED.phone,
       phone_extension = EXCLUDED.phone_extension, phone_expires_at = EXCLUDED.phone_expires_at,
       province = EXCLUDED.province, city = EXCLUDED.city, district = EXCLUDED.district, address = EXCLUDED.address,
       postcode = EXCLUDED.postcode, sealed = EXCLUDED.sealed, name_mark = EXCLUDED.name_mark,
       phone_mark = EXCLUDED.phone_mark, phone_ending = EXCLUDED.phone_ending
"""


def update_receivers(shop_id: int, rows: Sequence[Standing]) -> int:
    """Write the receivers of orders as they shall stand from now on, sealed."""
    return _write(UPDATE_RECEIVERS, shop_id, [_kept(shop_id, row) for row in rows])


def _kept(shop_id: int, row: Standing) -> dict[str, Any]:
    kept = sealed.receiver(shop_id, row.id, row.name, row.phone, row.phone_extension, row.address, row.postcode)
    return {
        "id": row.id, "phone_expires_at": row.phone_expires_at, "province": row.province, "city": row.city,
        "district": row.district, **kept._asdict(), "sealed": kept.sealed.hex(),
    }  # fmt: skip


def _write(statement: str, shop_id: int, rows: Sequence[Mapping[str, Any]]) -> int:
    if not rows:
        return 0
    return sql.run(statement, shop_id=shop_id, rows=msgspec.json.encode(rows).decode())


PUT_BACKLOG = """
INSERT INTO backlog (shop_id, order_id, deadline)
SELECT %(shop_id)s, asked.order_id, asked.deadline
FROM unnest(%(order_ids)s::bigint[], %(deadlines)s::timestamptz[]) AS asked (order_id, deadline)
ON CONFLICT (shop_id, order_id) DO UPDATE SET deadline = EXCLUDED.deadline
"""


def put_backlog(shop_id: int, waiting: Mapping[int, datetime]) -> int:
    """Orders that wait, or wait until another deadline: order id -> deadline."""
    if not waiting:
        return 0
    return sql.run(
        PUT_BACKLOG, shop_id=shop_id, order_ids=list(waiting), deadlines=list(waiting.values())
    )  # fmt: skip


DROP_BACKLOG = "DELETE FROM backlog WHERE shop_id = %(shop_id)s AND order_id = ANY(%(order_ids)s)"


def drop_backlog(shop_id: int, order_ids: Sequence[int]) -> int:
    """Orders that wait no more."""
    return sql.run(DROP_BACKLOG, shop_id=shop_id, order_ids=list(order_ids)) if order_ids else 0


ADD_TALLY = """
INSERT INTO order_tally (shop_id, status, delta)
SELECT %(shop_id)s, status, delta FROM unnest(%(statuses)s::text[], %(deltas)s::int[]) AS moved (status, delta)
"""


def add_tally(shop_id: int, deltas: Mapping[str, int]) -> int:
    """Count orders that came into, or left (negative), each status."""
    moved = {status: delta for status, delta in deltas.items() if delta}
    if not moved:
        return 0
    return sql.run(ADD_TALLY, shop_id=shop_id, statuses=list(moved), deltas=list(moved.values()))


SUMMARY_LINES = """
UPDATE order_lines SET title = new.title, quantity = new.quantity
FROM jsonb_to_recordset(%(rows)s::jsonb) AS new (id bigint, title text, quantity int)
WHERE order_lines.shop_id = %(shop_id)s AND order_lines.order_id = new.id AND order_lines.number = ''
  AND order_lines.shipped_quantity <= new.quantity
"""


def update_summary_lines(shop_id: int, rows: Sequence[Standing]) -> int:
    """Let the one line that stands for a whole order (no line list was imported yet) say what its order says."""
    return _write(
        SUMMARY_LINES, shop_id, [{"id": row.id, "title": row.title, "quantity": row.quantity} for row in rows]
    )


LINES_GONE = """
UPDATE order_lines SET shipped_quantity = quantity
WHERE shop_id = %(shop_id)s AND order_id = ANY(%(order_ids)s) AND shipped_quantity < quantity
"""


def ship_lines(shop_id: int, order_ids: Sequence[int]) -> int:
    """All of these orders' goods have left."""
    return sql.run(LINES_GONE, shop_id=shop_id, order_ids=list(order_ids)) if order_ids else 0


ADD_PARCELS = """
WITH asked AS (
    SELECT * FROM jsonb_to_recordset(%(rows)s::jsonb) AS asked (
        order_id bigint, carrier text, waybill text, whole boolean, shipped_at timestamptz,
        retired_at timestamptz)
), made AS (
    INSERT INTO parcels (shop_id, kind, carrier, waybill, shipped_at, shipped_by, batch_id, retired_at, note)
    SELECT %(shop_id)s, 'offline', carrier, waybill, min(shipped_at), NULL, NULL,
           CASE WHEN bool_and(retired_at IS NOT NULL) THEN max(retired_at) END, ''
    FROM asked GROUP BY carrier, waybill
    ON CONFLICT (shop_id, waybill, carrier)
        WHERE voided_at IS NULL AND retired_at IS NULL AND NOT (waybill = '') DO NOTHING
    RETURNING id, carrier, waybill
), living AS (
    SELECT id, carrier, waybill FROM made
    UNION ALL
    SELECT p.id, p.carrier, p.waybill FROM parcels p
    WHERE p.shop_id = %(shop_id)s AND p.voided_at IS NULL AND p.retired_at IS NULL AND NOT (p.waybill = '')
      AND (p.waybill, p.carrier) IN (SELECT waybill, carrier FROM asked)
)
INSERT INTO parcel_orders (shop_id, order_id, parcel_id, whole)
SELECT DISTINCT ON (asked.order_id) %(shop_id)s, asked.order_id, living.id, asked.whole
FROM asked JOIN living USING (carrier, waybill)
ORDER BY asked.order_id, living.id
ON CONFLICT DO NOTHING
"""


def add_parcels(shop_id: int, rows: Sequence[Mapping[str, Any]]) -> int:
    """Parcels that left outside of here: {order_id, carrier, waybill, whole, shipped_at, retired_at} each.

    Orders with one number share its parcel; a number that lives already takes the order in.
    """
    return _write(ADD_PARCELS, shop_id, rows)


def add_journal(
    actor: Actor, act: str, moved: Iterable[tuple[int, bytes | None, bytes | None]], *, batch_id: int, now: datetime
) -> int:
    """One entry an order: (order id, before, after), both JSON text."""
    head = (actor.shop_id, now.isoformat(), actor.member_id, actor.name, act)
    return sql.copy_rows(
        "journal", JOURNAL_COLUMNS,
        ((*head, order_id, batch_id, before and before.decode(), after and after.decode())
         for order_id, before, after in moved),
    )  # fmt: skip


LINES = """
SELECT l.id, order_id, number, title, sku, sku_code, item_code, quantity, shipped_quantity, price, amount,
       refund_status, refund_amount, remark,
       EXISTS (SELECT 1 FROM parcel_lines p WHERE p.shop_id = l.shop_id AND p.line_id = l.id) AS in_parcel
FROM order_lines l WHERE l.shop_id = %(shop_id)s AND l.order_id = ANY(%(order_ids)s) ORDER BY l.id
"""


def lines(shop_id: int, order_ids: Iterable[int]) -> dict[int, dict[str, Any]]:
    """The lines that stand: order id -> line number -> line."""
    found: dict[int, dict[str, Any]] = {}
    rows = sql.fetch(LINES, shop_id=shop_id, order_ids=list(order_ids))
    for row in sealed.open_texts(shop_id, rows, sealed.REMARK, "remark"):
        found.setdefault(row.order_id, {})[row.number] = row
    return found


DROP_LINES = "DELETE FROM order_lines WHERE shop_id = %(shop_id)s AND id = ANY(%(line_ids)s)"


def drop_lines(shop_id: int, line_ids: Sequence[int]) -> int:
    """Take lines away that others stand in for."""
    return sql.run(DROP_LINES, shop_id=shop_id, line_ids=list(line_ids)) if line_ids else 0


PUT_LINES = """
INSERT INTO order_lines (shop_id, order_id, number, title, sku, sku_code, item_code, quantity, shipped_quantity, price,
                         amount, refund_status, refund_amount, remark)
SELECT %(shop_id)s, order_id, number, title, sku, sku_code, item_code, quantity, shipped_quantity, price, amount,
       refund_status, refund_amount, remark
FROM jsonb_to_recordset(%(rows)s::jsonb) AS new (
       order_id bigint, number text, title text, sku text, sku_code text, item_code text, quantity int,
       shipped_quantity int, price numeric, amount numeric, refund_status text, refund_amount numeric, remark text)
ON CONFLICT (shop_id, order_id, number) DO UPDATE SET title = EXCLUDED.title, sku = EXCLUDED.sku,
       sku_code = EXCLUDED.sku_code, item_code = EXCLUDED.item_code, quantity = EXCLUDED.quantity,
       price = EXCLUDED.price, amount = EXCLUDED.amount, refund_status = EXCLUDED.refund_status,
       refund_amount = EXCLUDED.refund_amount, remark = EXCLUDED.remark
"""


def put_lines(shop_id: int, rows: Sequence[Mapping[str, Any]]) -> int:
    """Add lines, or change those that stand; what was shipped of them stays."""
    kept = [{**row, "remark": sealed.seal_text(shop_id, sealed.REMARK, row["remark"] or "")} for row in rows]
    return _write(PUT_LINES, shop_id, kept)
