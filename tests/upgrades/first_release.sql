-- Two shops as the tables of the first release held them (0001_initial): everything readable, nothing of later years.
-- Monday, 2 March 2026 is today. Ids are given by hand; the sequence goes on from 50000.

INSERT INTO users (id, password, is_superuser, username, email, is_staff, is_active, date_joined, name, language, theme)
OVERRIDING SYSTEM VALUE VALUES
    (1, '!', false, 'lan', '', false, true, '2026-01-01T00:00Z', '兰', 'zh-hans', 'auto'),
    (2, '!', false, 'zhu', '', false, true, '2026-01-01T00:00Z', '竹', 'en', 'dark');
SELECT setval(pg_get_serial_sequence('users', 'id'), 10);

INSERT INTO shops (id, code, name, platform, time_zone, ship_from, promise_hours, default_carrier, sender_name, sender_phone,
                   sender_address, created_at)
OVERRIDING SYSTEM VALUE VALUES
    (1, 'lan', '兰草小铺', 'taobao', 'Asia/Shanghai', '330106', NULL, 'ZTO', '兰', '17000000009', '杭州市西湖区花园路9号', '2026-01-01T00:00Z'),
    (2, 'zhu', '竹里馆', 'tmall', 'Asia/Shanghai', '440305', 48, '', '', '', '', '2026-01-01T00:00Z');
SELECT setval(pg_get_serial_sequence('shops', 'id'), 10);

INSERT INTO members (shop_id, id, user_id, name, is_owner, permissions, active, preferences, created_at) VALUES
    (1, 101, 1, '兰', true, '{}', true, '{"columns": ["number", "buyer"]}', '2026-01-01T00:00Z'),
    (1, 102, 2, '竹', false, '{view_orders,ship}', true, '{}', '2026-01-01T00:00Z'),
    (2, 201, 2, '竹', true, '{}', true, '{}', '2026-01-01T00:00Z');
INSERT INTO saved_views (shop_id, id, member_id, name, query, position) VALUES (1, 110, 101, '加急', 'tab=urged', 0);
INSERT INTO clock_ticks (name, at) VALUES ('old:1', '2026-03-01T16:00Z');

INSERT INTO orders (shop_id, id, number, status, kind, buyer, title, quantity, item_amount, postage, paid_amount,
                    refund_status, refund_amount, region, receiver_key, buyer_message, memo, channel_memo, flag, ordered_at,
                    paid_at, shipped_at, completed_at, closed_at, close_reason, deadline, deadline_clause, rulebook, urge_count,
                    urged_at, conflict, draft_hash, created_at, updated_at)
SELECT shop, id, '27' || lpad(id::text, 16, '0'), status, 'normal', 'b' || id, '手工陶瓷杯', pieces, 59.00, 0, 59.00,
       refund, CASE refund WHEN 'succeeded' THEN 59.00 ELSE 0 END, '330106', md5(id::text), '请尽快', '熟客', '', 1, paid - interval '1 hour',
       CASE WHEN status <> 'awaiting_payment' THEN paid END,
       CASE WHEN status IN ('part_shipped', 'shipped', 'completed') THEN paid + interval '1 day' END,
       CASE WHEN status = 'completed' THEN paid + interval '5 days' END,
       CASE WHEN status = 'closed' THEN paid + interval '2 days' END,
       CASE WHEN status = 'closed' THEN '买家不想要了' ELSE '' END,
       CASE WHEN status <> 'awaiting_payment' THEN paid + interval '2 days' END,
       CASE WHEN status <> 'awaiting_payment' THEN 'standard' ELSE '' END,
       CASE WHEN status <> 'awaiting_payment' THEN 'taobao-2025-09-05' ELSE '' END,
       urges, CASE WHEN urges > 0 THEN paid + interval '1 day' END, '', md5('draft' || id), paid, paid
FROM (VALUES
    (1, 1001, 'awaiting_payment',  1, 'none',      timestamptz '2026-03-01T10:00+08:00', 0),
    (1, 1002, 'awaiting_shipment', 1, 'none',      timestamptz '2026-03-01T10:00+08:00', 0),
    (1, 1003, 'awaiting_shipment', 1, 'none',      timestamptz '2026-02-25T10:00+08:00', 1),
    (1, 1004, 'part_shipped',      3, 'none',      timestamptz '2026-02-27T10:00+08:00', 0),
    (1, 1005, 'shipped',           1, 'none',      timestamptz '2026-02-26T10:00+08:00', 0),
    (1, 1006, 'completed',         1, 'none',      timestamptz '2026-02-01T10:00+08:00', 0),
    (1, 1007, 'closed',            1, 'succeeded', timestamptz '2026-02-20T10:00+08:00', 0),
    (1, 1008, 'awaiting_shipment', 1, 'requested', timestamptz '2026-03-01T11:00+08:00', 0),
    (1, 1009, 'shipped',           1, 'none',      timestamptz '2026-02-26T12:00+08:00', 0),
    (1, 1010, 'shipped',           1, 'none',      timestamptz '2026-02-26T12:00+08:00', 0),
    (2, 2001, 'awaiting_shipment', 1, 'none',      timestamptz '2026-03-01T10:00+08:00', 0)
) AS o (shop, id, status, pieces, refund, paid, urges);

INSERT INTO order_lines (shop_id, id, order_id, number, title, sku, sku_code, item_code, quantity, shipped_quantity, price,
                         amount, refund_status, refund_amount, remark)
SELECT shop_id, id * 10, id, number || '-1', title, '白', 'CUP-W', '', quantity,
       CASE status WHEN 'part_shipped' THEN 1 WHEN 'shipped' THEN quantity WHEN 'completed' THEN quantity ELSE 0 END,
       59.00, 59.00, refund_status, NULL, '刻字：安'
FROM orders;
INSERT INTO receivers (shop_id, order_id, name, phone, phone_extension, province, city, district, address, postcode)
SELECT shop_id, id, '甲' || id, '1700000' || id, '', '浙江省', '杭州市', '西湖区', '花园路' || id || '号3栋501室', '310000' FROM orders;
INSERT INTO backlog (shop_id, order_id, deadline)
SELECT shop_id, id, deadline FROM orders WHERE status IN ('awaiting_shipment', 'part_shipped');
INSERT INTO order_tally (shop_id, status, delta) SELECT shop_id, status, count(*) FROM orders GROUP BY shop_id, status;

-- 1004 by one of three pieces, 1005 and 1006 whole, 1009 and 1010 together; a parcel that was taken back, and one long over
INSERT INTO parcels (shop_id, id, kind, carrier, waybill, shipped_at, shipped_by, batch_id, picked_up_at, last_scan_at,
                     delivered_at, voided_at, retired_at, note) VALUES
    (1, 3004, 'offline', 'ZTO', '75000000003004', '2026-02-28T02:00Z', 101, NULL, NULL, NULL, NULL, NULL, NULL, ''),
    (1, 3005, 'offline', 'ZTO', '75000000003005', '2026-02-27T02:00Z', 101, 4002, '2026-02-27T10:00Z', '2026-02-27T10:00Z', NULL, NULL, NULL, ''),
    (1, 3006, 'offline', 'YTO', 'YT0000000003006', '2026-02-02T02:00Z', 102, NULL, '2026-02-02T10:00Z', '2026-02-04T10:00Z', '2026-02-04T10:00Z', NULL, '2026-02-06T02:00Z', '门口'),
    (1, 3007, 'offline', 'ZTO', '75000000003007', '2026-02-21T02:00Z', 101, NULL, NULL, NULL, NULL, '2026-02-21T03:00Z', NULL, ''),
    (1, 3009, 'offline', 'ZTO', '75000000003009', '2026-02-27T05:00Z', 102, NULL, NULL, NULL, NULL, NULL, NULL, '');
INSERT INTO parcel_orders (shop_id, order_id, parcel_id, whole) VALUES
    (1, 1004, 3004, false), (1, 1005, 3005, true), (1, 1006, 3006, true), (1, 1007, 3007, true), (1, 1009, 3009, true),
    (1, 1010, 3009, true);
INSERT INTO parcel_lines (shop_id, parcel_id, line_id, order_id, quantity) VALUES (1, 3004, 10040, 1004, 1);
INSERT INTO scans (shop_id, id, parcel_id, kind, at, place) VALUES
    (1, 3101, 3005, 'picked_up', '2026-02-27T10:00Z', '杭州'), (1, 3102, 3006, 'picked_up', '2026-02-02T10:00Z', '杭州'),
    (1, 3103, 3006, 'delivered', '2026-02-04T10:00Z', '上海');

INSERT INTO uploads (shop_id, id, name, body, created_at) VALUES
    (1, 4101, 'orders.csv', convert_to('订单编号,收件人' || E'\n' || '271005,甲1005', 'UTF8'), '2026-02-26T03:00Z');
INSERT INTO batches (shop_id, id, kind, status, name, upload_id, options, row_count, good_count, bad_count, done_count,
                     created_by, created_by_name, created_at, worked_at, committed_at, handed_over_at) VALUES
    (1, 4001, 'orders', 'committed', 'orders.csv', 4101, '{"header": ["订单编号", "收件人"], "sheet": "orders"}', 2, 1, 1, 1,
     101, '兰', '2026-02-26T03:00Z', '2026-02-26T03:01Z', '2026-02-26T03:01Z', NULL),
    (1, 4002, 'shipments', 'committed', '2月27日', NULL, '{}', 1, 1, 0, 1, 101, '兰', '2026-02-27T01:00Z', '2026-02-27T02:00Z',
     '2026-02-27T02:00Z', '2026-02-27T10:00Z'),
    (1, 4003, 'shipments', 'open', '', NULL, '{}', 1, 0, 0, 0, 101, '兰', '2026-03-02T01:00Z', NULL, NULL, NULL);
INSERT INTO batch_rows (shop_id, batch_id, row_no, verdict, number, order_id, parcel_id, data, problems) VALUES
    (1, 4001, 2, 'done', '270000000000001005', 1005, NULL,
     '{"number": "270000000000001005", "status": "awaiting_shipment", "buyer": "b1005", "receiver": "甲1005", "phone": "17000001005"}', NULL),
    (1, 4001, 3, 'bad', '27x', NULL, NULL, '{"cells": ["27x", "乙"]}',
     '[{"code": "refund_over_paid", "data": {"refund": "60.00", "paid": "59.00"}, "column": "退款金额", "value": "60.00"}]'),
    (1, 4002, 1, 'done', '270000000000001005', 1005, 3005, '{"carrier": "ZTO", "waybill": "75000000003005"}', NULL),
    (1, 4003, 1, 'waiting', '270000000000001002', 1002, NULL, '{}', NULL);
INSERT INTO column_maps (shop_id, id, kind, fingerprint, name, columns, created_at) VALUES
    (1, 4201, 'orders', md5('header'), '别处的表', '{"number": 0, "receiver": 1}', '2026-02-01T00:00Z');
INSERT INTO sheet_templates (shop_id, id, name, purpose, carrier, columns, format) VALUES
    (1, 4301, '中通大客户', 'address', 'ZTO', '["number", "receiver", "phone", "address"]', 'xlsx');

INSERT INTO journal (shop_id, at, member_id, actor, act, order_id, parcel_id, batch_id, before, after)
SELECT shop_id, created_at, CASE shop_id WHEN 1 THEN 101 ELSE 201 END, '兰', 'order.imported', id, NULL::bigint, 4001, NULL::jsonb, '{"status": "awaiting_shipment"}'::jsonb
FROM orders
UNION ALL
SELECT p.shop_id, p.shipped_at, p.shipped_by, '兰', 'parcel.shipped', d.order_id, p.id, p.batch_id, NULL,
       jsonb_build_object('carrier', p.carrier, 'waybill', p.waybill)
FROM parcels p JOIN parcel_orders d ON d.shop_id = p.shop_id AND d.parcel_id = p.id
UNION ALL
SELECT 1, '2026-02-21T03:00Z', 101, '兰', 'parcel.voided', 1007, 3007, NULL, '{"waybill": "75000000003007"}', NULL
UNION ALL
SELECT 1, '2026-02-26T02:00Z', NULL, 'b1003', 'order.urged', 1003, NULL, NULL, NULL, '{"count": 1}';

SELECT setval('ids', 50000);
