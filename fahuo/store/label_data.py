"""What stands on labels, read for many at once: sender, receiver, goods, route. Personal data, unmasked."""

from collections.abc import Sequence
from typing import Any, Final

from fahuo.store import arrays, sealed, sql

ON_LABELS: Final = """
WITH asked AS MATERIALIZED (
    SELECT %(shop_id)s::bigint AS shop_id, a.* FROM unnest(%(label_ids)s::bigint[]) WITH ORDINALITY AS a (id, place)
), label AS MATERIALIZED (
    SELECT a.shop_id, a.place, l.id, l.contract_id, l.carrier, l.waybill, l.state, l.parcel_id, l.voided_at, l.print_count, l.route
    FROM asked a JOIN labels l ON l.shop_id = a.shop_id AND l.id = a.id
), held AS MATERIALIZED (
    SELECT l.shop_id, l.id, l.carrier, l.state, l.parcel_id, o.id AS order_id, o.number, o.region,
           CASE WHEN g.handed_at IS NULL THEN o.memo ELSE g.note END AS memo, o.buyer_message, o.title, o.quantity
    FROM label l JOIN label_orders h ON h.shop_id = l.shop_id AND h.label_id = l.id
        AND h.voided_at IS NOT DISTINCT FROM l.voided_at
    JOIN orders o ON o.shop_id = h.shop_id AND o.id = h.order_id
    LEFT JOIN assignments g ON g.shop_id = h.shop_id AND g.order_id = h.order_id
), line AS (
    SELECT h.id, n.order_id, n.id AS line_id, n.title, n.sku,
           CASE WHEN h.state <> 'shipped' THEN n.quantity - n.shipped_quantity
                WHEN NOT EXISTS (SELECT FROM parcel_lines x WHERE x.shop_id = h.shop_id AND x.parcel_id = h.parcel_id)
                THEN n.quantity
                ELSE COALESCE((SELECT x.quantity FROM parcel_lines x
                               WHERE x.shop_id = h.shop_id AND x.parcel_id = h.parcel_id AND x.line_id = n.id), 0) END AS quantity
    FROM held h JOIN order_lines n ON n.shop_id = h.shop_id AND n.order_id = h.order_id
    WHERE n.refund_status <> 'succeeded'
), goods AS (
    SELECT id, json_agg(json_build_array(title, sku, quantity) ORDER BY order_id, line_id) AS goods
    FROM line WHERE quantity > 0 GROUP BY id
), orders_of AS (
    SELECT id, min(order_id) AS first_id, array_agg(number ORDER BY order_id) AS numbers,
           string_agg(NULLIF(memo, ''), '；' ORDER BY order_id) AS memo,
           json_agg(buyer_message ORDER BY order_id) FILTER (WHERE buyer_message <> '') AS buyer_message,
           json_agg(json_build_array(title, '', quantity) ORDER BY order_id) AS titles
    FROM held GROUP BY id
)
SELECT l.id, l.contract_id, l.carrier, l.waybill, l.state, l.print_count, l.route::json AS route, s.numbers, s.memo,
       s.buyer_message, COALESCE(g.goods, s.titles) AS goods, t.name, t.phone, t.phone_extension, t.province, t.city,
       t.district, t.address, t.sealed, t.order_id AS sealed_of, c.sender_name, c.sender_phone, c.sender_address, c.masked, c.template_id, m.mark, m.route_code,
       m.hub_name, m.hub_code
FROM label l
JOIN orders_of s ON s.id = l.id
JOIN held f ON f.id = l.id AND f.order_id = s.first_id
LEFT JOIN receivers t ON t.shop_id = l.shop_id AND t.order_id = s.first_id
LEFT JOIN goods g ON g.id = l.id
LEFT JOIN contracts c ON c.shop_id = l.shop_id AND c.id = l.contract_id
LEFT JOIN LATERAL (
    SELECT m.mark, m.route_code, m.hub_name, m.hub_code FROM route_marks m
    WHERE m.shop_id = l.shop_id AND m.carrier = l.carrier AND f.region LIKE m.region || '%%' AND f.region <> ''
    ORDER BY length(m.region) DESC LIMIT 1) AS m ON TRUE
ORDER BY l.place
"""


def on_labels(shop_id: int, label_ids: Sequence[int]) -> list[Any]:
    """A row for each of these labels, in the given order; a label that is not there is left out.

    `memo` of an order in couriers' hands is the shop's word to them: its own memo is not for their eyes.
    """
    rows = sealed.open_receivers(shop_id, sql.fetch(ON_LABELS, shop_id=shop_id, label_ids=arrays.ids(label_ids)))
    return [
        row._replace(
            buyer_message="；".join(sealed.open_text(shop_id, sealed.MESSAGE, text) for text in row.buyer_message)
        )
        if row.buyer_message
        else row
        for row in rows
    ]


TEMPLATES: Final = """
SELECT id, name, size, body, standard FROM label_templates
WHERE shop_id = %(shop_id)s ORDER BY name, id
"""


def templates(shop_id: int) -> list[Any]:
    """The shop's label templates."""
    return sql.fetch(TEMPLATES, shop_id=shop_id)
