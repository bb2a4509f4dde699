"""The floors: the same rows, parsed by the fastest reader and written by COPY and set statements in plain SQL.

No checks, no verdicts, no preview, no deadlines by clause: what is left is what a spreadsheet and PostgreSQL cost.
The same tables are written, with all their indexes and foreign keys.
"""

import io
from datetime import datetime

from django.db import transaction
from python_calamine import CalamineWorkbook

from fahuo.store import sql

SHIP = """
WITH found AS MATERIALIZED (
    SELECT o.id AS order_id, o.status, a.carrier, a.waybill, nextval('ids') AS parcel_id
    FROM asked a JOIN orders o ON o.shop_id = %(shop_id)s AND o.number = a.number
    JOIN backlog b ON b.shop_id = o.shop_id AND b.order_id = o.id
    ORDER BY o.id FOR UPDATE OF o
), parcel AS (
    INSERT INTO parcels (shop_id, id, kind, carrier, waybill, shipped_at, note)
    SELECT %(shop_id)s, parcel_id, 'offline', carrier, waybill, %(now)s, '' FROM found
), link AS (
    INSERT INTO parcel_orders (shop_id, order_id, parcel_id, whole)
    SELECT %(shop_id)s, order_id, parcel_id, true FROM found
), moved AS (
    UPDATE orders o SET status = 'shipped', shipped_at = %(now)s, updated_at = %(now)s
    FROM found WHERE o.shop_id = %(shop_id)s AND o.id = found.order_id
), gone AS (
    DELETE FROM backlog b USING found WHERE b.shop_id = %(shop_id)s AND b.order_id = found.order_id
), told AS (
    INSERT INTO journal (shop_id, at, actor, act, order_id, parcel_id, before, after)
    SELECT %(shop_id)s, %(now)s, 'floor', 'parcel.shipped', order_id, parcel_id,
           jsonb_build_object('status', status), jsonb_build_object('status', 'shipped', 'waybill', waybill) FROM found
)
INSERT INTO order_tally (shop_id, status, delta)
SELECT %(shop_id)s, status, -count(*) FROM found GROUP BY status
UNION ALL SELECT %(shop_id)s, 'shipped', count(*) FROM found
"""


def ship(shop_id: int, body: bytes, now: datetime) -> None:
    """Ship the orders of a three-column sheet (number, carrier code, waybill number)."""
    rows = CalamineWorkbook.from_filelike(io.BytesIO(body)).get_sheet_by_index(0).to_python()[1:]
    with transaction.atomic():
        sql.run("CREATE TEMPORARY TABLE asked (number text, carrier text, waybill text) ON COMMIT DROP")
        sql.copy_rows("asked", ["number", "carrier", "waybill"], rows)
        sql.run("ANALYZE asked")
        sql.run(SHIP, shop_id=shop_id, now=now)


TEMPORARY = """
CREATE TEMPORARY TABLE asked (number text, buyer text, status text, receiver text, address text, phone text,
    title text, quantity text, item_amount text, postage text, paid_amount text, memo text, message text,
    ordered_at text, paid_at text) ON COMMIT DROP
"""
HEADINGS = {
    "number": "订单编号", "buyer": "买家会员名", "status": "订单状态", "receiver": "收货人姓名", "address": "收货地址",
    "phone": "联系手机", "title": "宝贝标题", "quantity": "宝贝总数量", "item_amount": "买家应付货款",
    "postage": "买家应付邮费", "paid_amount": "买家实际支付金额", "memo": "订单备注", "message": "买家留言",
    "ordered_at": "订单创建时间", "paid_at": "订单付款时间",
}  # fmt: skip
TAKE_IN = """
WITH typed AS MATERIALIZED (
    SELECT nextval('ids') AS id, a.*,
        CASE WHEN a.status LIKE '买家已付款%%' THEN 'awaiting_shipment' WHEN a.status LIKE '卖家已发货%%' THEN 'shipped'
             WHEN a.status = '交易成功' THEN 'completed' WHEN a.status = '交易关闭' THEN 'closed'
             ELSE 'awaiting_payment' END AS state,
        a.ordered_at::timestamp AT TIME ZONE 'Asia/Shanghai' AS ordered,
        nullif(a.paid_at, '')::timestamp AT TIME ZONE 'Asia/Shanghai' AS paid
    FROM asked a
), made AS (
    INSERT INTO orders (shop_id, id, number, status, kind, buyer, title, quantity, item_amount, postage, paid_amount,
        refund_status, refund_amount, region, receiver_key, buyer_message, memo, channel_memo, ordered_at, paid_at,
        close_reason, deadline, deadline_clause, rulebook, urge_count, conflict, draft_hash, created_at, updated_at)
    SELECT %(shop_id)s, id, number, state, 'normal', buyer, title, quantity::int, item_amount::numeric,
           postage::numeric, paid_amount::numeric, 'none', 0, '', md5(receiver || phone || address), message, memo, memo,
           ordered, paid, '', paid + interval '48 hours', 'default', 'floor', 0, '', md5(typed::text), %(now)s, %(now)s
    FROM typed
), receiver AS (
    INSERT INTO receivers (shop_id, order_id, name, phone, phone_extension, province, city, district, address, postcode)
    SELECT %(shop_id)s, id, receiver, phone, '', split_part(address, ' ', 1), split_part(address, ' ', 2),
           split_part(address, ' ', 3), split_part(address, ' ', 4), '' FROM typed
), line AS (
    INSERT INTO order_lines (shop_id, order_id, number, title, sku, sku_code, item_code, quantity, shipped_quantity,
                             refund_status, remark)
    SELECT %(shop_id)s, id, '', title, '', '', '', quantity::int, 0, 'none', '' FROM typed
), wait AS (
    INSERT INTO backlog (shop_id, order_id, deadline)
    SELECT %(shop_id)s, id, paid + interval '48 hours' FROM typed WHERE state = 'awaiting_shipment'
), told AS (
    INSERT INTO journal (shop_id, at, actor, act, order_id, after)
    SELECT %(shop_id)s, %(now)s, 'floor', 'order.imported', id, jsonb_build_object('status', state) FROM typed
)
INSERT INTO order_tally (shop_id, status, delta) SELECT %(shop_id)s, state, count(*) FROM typed GROUP BY state
"""


def take_in(shop_id: int, body: bytes, now: datetime) -> None:
    """Import an order list of the 61-column generation."""
    rows = CalamineWorkbook.from_filelike(io.BytesIO(body)).get_sheet_by_index(0).to_python()
    header = [str(heading).strip() for heading in rows[0]]
    columns = [header.index(heading) for heading in HEADINGS.values()]
    with transaction.atomic():
        sql.run(TEMPORARY)
        sql.copy_rows("asked", list(HEADINGS), ([_text(row[place]) for place in columns] for row in rows[1:]))
        sql.run(TAKE_IN, shop_id=shop_id, now=now)


def _text(cell: object) -> str:
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell).strip()
