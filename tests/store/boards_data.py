"""Orders for the tests of boards and pages: a few, each told apart by what matters to the test."""

from datetime import datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import Any

from fahuo.store.models import Backlog, Order, OrderLine, OrderTally, Parcel, ParcelOrder
from tests.receivers import give_receiver

NUMBERS = count(1)
WAITING = ("awaiting_shipment", "part_shipped")


def add_order(shop_id: int, *, now: datetime, status: str = "awaiting_shipment", due: float = 10, **more: Any) -> Order:
    """An order that is due in `due` hours, with its receiver, line, backlog row and tally, as services leave it."""
    receiver = {"name": "王小明", "phone": "17012345678", "province": "浙江省", "city": "杭州市", "district": "西湖区",
                "address": "文三路1号2单元301室", **more.pop("receiver", {})}  # fmt: skip
    lines = more.pop("lines", [{}])
    paid = status != "awaiting_payment"
    deadline = now + timedelta(hours=due) if paid else None
    values = {
        "number": f"30{next(NUMBERS):016d}", "buyer": "买家甲乙", "title": "手工陶瓷杯", "region": "330106",
        "item_amount": Decimal("100.00"), "paid_amount": Decimal("100.00"),
        "ordered_at": now + timedelta(hours=due - 48), "paid_at": now + timedelta(hours=due - 48) if paid else None,
        "deadline": deadline, "deadline_clause": "default" if paid else "", "created_at": now, "updated_at": now,
        "completed_at": now if status == "completed" else None, "closed_at": now if status == "closed" else None,
        "shipped_at": now if status in ("shipped", "completed") else None, **more,
    }  # fmt: skip
    order = Order.objects.create(shop_id=shop_id, status=status, **values)
    give_receiver(shop_id, order.id, **receiver)
    for place, line in enumerate(lines):
        OrderLine.objects.create(
            shop_id=shop_id, order_id=order.id, number=str(place),
            **{"title": values["title"], "item_code": "A1", "price": Decimal("100.00"), **line},
        )  # fmt: skip
    if status in WAITING:
        Backlog.objects.create(shop_id=shop_id, order_id=order.id, deadline=deadline)
    OrderTally.objects.create(shop_id=shop_id, status=status, delta=1)
    return order


def add_parcel(
    shop_id: int, *orders: Order, at: datetime, carrier: str = "ZTO", waybill: str = "", **more: Any
) -> Parcel:
    """A parcel with these orders, submitted at `at`."""
    waybill = waybill or f"75{next(NUMBERS):012d}"
    parcel = Parcel.objects.create(shop_id=shop_id, carrier=carrier, waybill=waybill, shipped_at=at, **more)
    for order in orders:
        ParcelOrder.objects.create(shop_id=shop_id, order_id=order.id, parcel_id=parcel.id)
    return parcel
