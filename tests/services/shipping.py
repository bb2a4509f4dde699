"""Orders that wait to be shipped, made row by row for small tests; and what must always hold of them afterwards."""

from datetime import datetime, timedelta
from typing import Any

from fahuo.store import sql
from fahuo.store.models import Backlog, Order, OrderLine, OrderTally
from tests.receivers import give_receiver

WAITING = ("awaiting_shipment", "part_shipped")


def make_order(
    shop_id: int, n: int, *, now: datetime, status: str = "awaiting_shipment", receiver_key: str = "",
    quantities: tuple[int, ...] = (), **fields: Any,
) -> int:  # fmt: skip
    """One order with its lines, receiver, backlog row and tally; its id. Its number is order_number(n)."""
    order = Order.objects.create(
        shop_id=shop_id, number=order_number(n), status=status, title="手工陶瓷杯", quantity=sum(quantities) or 1,
        item_amount=10, paid_amount=fields.pop("paid_amount", 10), receiver_key=receiver_key or f"key{n}",
        ordered_at=now - timedelta(hours=5), paid_at=now - timedelta(hours=4), deadline=now + timedelta(hours=44),
        created_at=now, updated_at=now, **fields,
    )  # fmt: skip
    give_receiver(
        shop_id, order.id, name="甲一", phone="17000000001", phone_extension="1234", province="浙江省", city="杭州市",
        district="西湖区", address=f"花园路{n}号3栋501室",
    )  # fmt: skip
    for place, quantity in enumerate(quantities):
        OrderLine.objects.create(
            shop_id=shop_id, order_id=order.id, number=f"{n}-{place}", title=f"杯{place}", sku="白", quantity=quantity
        )
    if status in WAITING:
        Backlog.objects.create(shop_id=shop_id, order_id=order.id, deadline=order.deadline)
    OrderTally.objects.create(shop_id=shop_id, status=status, delta=1)
    return int(order.id)


def order_number(n: int) -> str:
    return f"27{n:016d}"


def waybill(n: int) -> str:
    """A number in ZTO's shape."""
    return f"75{n:012d}"


def line_ids(shop_id: int, order_id: int) -> list[int]:
    return list(
        OrderLine.objects.filter(shop_id=shop_id, order_id=order_id).order_by("id").values_list("id", flat=True)
    )


def status_of(shop_id: int, order_id: int) -> str:
    return Order.objects.get(shop_id=shop_id, id=order_id).status


def agree(shop_id: int) -> None:
    """Backlog, tally, living numbers, quantities and statuses agree with each other over the whole shop."""
    waiting = set(Order.objects.filter(shop_id=shop_id, status__in=WAITING).values_list("id", "deadline"))
    assert set(Backlog.objects.filter(shop_id=shop_id).values_list("order_id", "deadline")) == waiting
    counted = sql.fetch(
        "SELECT status, sum(delta) AS n FROM order_tally WHERE shop_id = %(shop_id)s GROUP BY status", shop_id=shop_id
    )
    real = sql.fetch(
        "SELECT status, count(*) AS n FROM orders WHERE shop_id = %(shop_id)s GROUP BY status", shop_id=shop_id
    )
    assert {row.status: row.n for row in counted if row.n} == {row.status: row.n for row in real}
    wrong = sql.fetch(WRONG, shop_id=shop_id)
    assert wrong == []


WRONG = """
WITH held AS (
    SELECT po.order_id, bool_or(po.whole) AS whole, count(*) AS parcels
    FROM parcel_orders po JOIN parcels p ON p.shop_id = po.shop_id AND p.id = po.parcel_id
    WHERE po.shop_id = %(shop_id)s AND p.voided_at IS NULL GROUP BY po.order_id
), packed AS (
    SELECT x.line_id, sum(x.quantity) AS quantity FROM parcel_lines x
    JOIN parcels p ON p.shop_id = x.shop_id AND p.id = x.parcel_id
    WHERE x.shop_id = %(shop_id)s AND p.voided_at IS NULL GROUP BY x.line_id
), lines AS (
    SELECT n.order_id, bool_and(n.shipped_quantity = n.quantity) AS complete,
           bool_and(n.shipped_quantity = COALESCE(packed.quantity, 0)) AS agrees
    FROM order_lines n LEFT JOIN packed ON packed.line_id = n.id WHERE n.shop_id = %(shop_id)s GROUP BY n.order_id
)
SELECT o.id, o.status, o.shipped_at, held.whole, held.parcels, lines.complete, lines.agrees
FROM orders o LEFT JOIN held ON held.order_id = o.id LEFT JOIN lines ON lines.order_id = o.id
WHERE o.shop_id = %(shop_id)s AND o.status IN ('awaiting_shipment', 'part_shipped', 'shipped') AND (
    lines.agrees IS FALSE
    OR (o.status = 'awaiting_shipment') <> (held.parcels IS NULL)
    OR (o.status = 'shipped') <> COALESCE(held.whole OR lines.complete, FALSE)
    OR (o.status = 'shipped') <> (o.shipped_at IS NOT NULL)
    OR held.whole AND held.parcels > 1)
"""
