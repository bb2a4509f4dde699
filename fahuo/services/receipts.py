"""确认收货: the buyer says that the goods arrived."""

from datetime import datetime

from django.db import transaction

from fahuo.rules.people import BuyerActor
from fahuo.rules.problems import Refusal
from fahuo.services import tasks
from fahuo.store import receipts


@transaction.atomic
def confirm(buyer: BuyerActor, order_id: int, *, now: datetime) -> bool:
    """The buyer has the goods: the order is completed; False when it was already.

    Refusals: `order_unknown`, `receipt_not_now` before everything was shipped, or once it is closed.
    """
    order = tasks.hold(buyer.shop_id, order_id, now=now, buyer=buyer)
    if order.status == "completed":
        return False
    if order.status != "shipped":
        raise Refusal.of("receipt_not_now")
    return receipts.confirm(buyer.shop_id, order_id, actor=tasks.BUYER, now=now)
