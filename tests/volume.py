"""Any number of orders, 10^3 to 10^7, the same for the same seed: made inside PostgreSQL by set statements.

Tests use it for pages and plans, benchmarks for size. A share of the orders waits, a few are unpaid, closed or being
refunded, the rest was shipped and mostly completed; receivers, lines, parcels, backlog and tally agree with that.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from django.db import connection, transaction

from fahuo.store import sql, wall

DRAWN = """
CREATE TEMPORARY TABLE drawn ON COMMIT DROP AS
SELECT nextval('ids') AS id, n, pick,
       CASE WHEN pick < %(waiting)s THEN 'awaiting_shipment'
            WHEN pick < %(waiting)s + 10 THEN 'awaiting_payment'
            WHEN pick < %(waiting)s + 30 THEN 'closed'
            WHEN pick < %(waiting)s + 130 THEN 'shipped'
            ELSE 'completed' END AS status,
       %(at)s - make_interval(secs =>
           CASE WHEN pick < %(waiting)s THEN (h2 %% 170000)::float ELSE 190000 + (h2 %% 7600000)::float END) AS ordered_at,
       h2
FROM (SELECT n, (abs(hashint8extended(n, %(seed)s)) %% 1000)::int AS pick,
             abs(hashint8extended(n, %(seed)s + 1)) %% 100000000 AS h2
      FROM generate_series(%(first)s::bigint, %(last)s::bigint) AS n) AS numbers
"""

ORDERS = """
INSERT INTO orders (shop_id, id, number, status, kind, buyer, title, quantity, item_amount, postage, paid_amount,
    refund_status, refund_amount, region, receiver_key, buyer_message, memo, channel_memo, flag, ordered_at, paid_at,
    shipped_at, completed_at, closed_at, close_reason, deadline, deadline_clause, rulebook, urge_count, urged_at,
    conflict, draft_hash, created_at, updated_at)
SELECT %(shop_id)s, id, '27' || lpad(n::text, 16, '0'), status, 'normal', 'buyer' || h2 %% 200000,
       (%(titles)s::text[])[1 + h2 %% 6], 1 + h2 %% 3, 19.90 + h2 %% 300, 0, 19.90 + h2 %% 300,
       CASE WHEN status = 'awaiting_shipment' AND h2 %% 97 = 0 THEN 'requested' ELSE 'none' END, 0,
       (%(regions)s::text[])[1 + h2 %% 6], md5((h2 %% 3000000)::text), '', CASE WHEN h2 %% 40 = 0 THEN '送赠品' ELSE '' END,
       '', CASE WHEN h2 %% 50 = 0 THEN (h2 %% 6)::smallint END, ordered_at,
       CASE WHEN status <> 'awaiting_payment' THEN ordered_at + interval '1 minute' END,
       CASE WHEN status IN ('shipped', 'completed') THEN ordered_at + interval '1 day' END,
       CASE WHEN status = 'completed' THEN ordered_at + interval '9 days' END,
       CASE WHEN status = 'closed' THEN ordered_at + interval '3 days' END, '',
       CASE WHEN status <> 'awaiting_payment' THEN ordered_at + interval '1 minute' + interval '48 hours' END,
       'default', 'taobao-2025-09-05', CASE WHEN status = 'awaiting_shipment' AND h2 %% 30 = 0 THEN 1 ELSE 0 END,
       CASE WHEN status = 'awaiting_shipment' AND h2 %% 30 = 0 THEN ordered_at + interval '6 hours' END,
       '', '', ordered_at, ordered_at
FROM drawn
"""

RECEIVERS = """
INSERT INTO receivers (shop_id, order_id, name, phone, phone_extension, province, city, district, address, postcode)
SELECT %(shop_id)s, id, (%(names)s::text[])[1 + h2 %% 6], '170' || lpad((h2 %% 100000000)::text, 8, '0'), '',
       (%(provinces)s::text[])[1 + h2 %% 6], (%(cities)s::text[])[1 + h2 %% 6], '', '花园路' || n %% 900 || '号3栋2单元501室', ''
FROM drawn
"""

LINES = """
INSERT INTO order_lines (shop_id, order_id, number, title, sku, sku_code, item_code, quantity, shipped_quantity,
                         price, refund_status, remark)
SELECT %(shop_id)s, id, '', (%(titles)s::text[])[1 + h2 %% 6], '', '', 'A' || h2 %% 500, 1 + h2 %% 3,
       CASE WHEN status IN ('shipped', 'completed') THEN 1 + h2 %% 3 ELSE 0 END, 19.90, 'none', '' FROM drawn
"""

BACKLOG = """
INSERT INTO backlog (shop_id, order_id, deadline)
SELECT %(shop_id)s, id, ordered_at + interval '1 minute' + interval '48 hours' FROM drawn
WHERE status = 'awaiting_shipment'
"""

PARCELS = """
WITH made AS (
    INSERT INTO parcels (shop_id, id, kind, carrier, waybill, shipped_at, picked_up_at, last_scan_at, delivered_at,
                         retired_at, note)
    SELECT %(shop_id)s, id, 'offline', 'ZTO', '75' || lpad(n::text, 12, '0'), ordered_at + interval '1 day',
           ordered_at + interval '30 hours', ordered_at + interval '30 hours',
           CASE WHEN status = 'completed' THEN ordered_at + interval '5 days' END,
           CASE WHEN status = 'completed' THEN ordered_at + interval '9 days' END, ''
    FROM drawn WHERE status IN ('shipped', 'completed')
    RETURNING id)
INSERT INTO parcel_orders (shop_id, order_id, parcel_id, whole) SELECT %(shop_id)s, id, id, true FROM made
"""

TALLY = """
INSERT INTO order_tally (shop_id, status, delta) SELECT %(shop_id)s, status, count(*) FROM drawn GROUP BY status
"""

CHUNK = 500_000
WORDS = {
    "titles": ["手工陶瓷杯", "亚麻衬衫", "竹编收纳篮", "羊毛袜三双装", "桂花乌龙茶 250g", "帆布双肩包"],
    "regions": ["330106", "310115", "440305", "510107", "110105", "320505"],
    "provinces": ["浙江省", "上海市", "广东省", "四川省", "北京市", "江苏省"],
    "cities": ["杭州市", "上海市", "深圳市", "成都市", "北京市", "苏州市"],
    "names": ["甲一", "乙二", "丙三", "丁四", "戊五", "己六"],
}


@wall.as_owner()
def fill(shop_id: int, first: int, last: int, *, at: datetime, seed: int = 1, waiting: int = 40) -> None:
    """Add orders number `first` to `last` to a shop; `waiting` in a thousand of them wait to be shipped at `at`."""
    for start in range(first, last + 1, CHUNK):
        with transaction.atomic():
            # Rows that are right by construction go in without foreign-key checks; needs a superuser.
            sql.run("SET LOCAL session_replication_role = replica")
            end = min(start + CHUNK - 1, last)
            sql.run(DRAWN, first=start, last=end, at=at, seed=seed, waiting=waiting)
            for statement in (ORDERS, RECEIVERS, LINES, BACKLOG, PARCELS, TALLY):
                sql.run(statement, shop_id=shop_id, **WORDS)


@contextmanager
def without_indexes() -> Iterator[None]:
    """Drop the secondary indexes of the big tables, and build them again after the rows are in; then analyze."""
    tables = ["orders", "receivers", "order_lines", "backlog", "parcels", "parcel_orders"]
    found = sql.fetch(
        """SELECT i.indexname, i.indexdef FROM pg_indexes i
           WHERE i.schemaname = 'public' AND i.tablename = ANY(%(tables)s)
             AND NOT EXISTS (SELECT 1 FROM pg_constraint c WHERE c.conname = i.indexname)""",
        tables=tables,
    )
    with wall.as_owner():
        for index in found:
            sql.run(f'DROP INDEX "{index.indexname}"')
    yield
    with wall.as_owner():
        for index in found:
            sql.run(index.indexdef)
    with wall.as_owner(), connection.cursor() as cursor:
        cursor.execute(f"VACUUM (ANALYZE) {', '.join(tables)}")
