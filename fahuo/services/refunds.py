"""A refund in full has succeeded: the order closes, and a task over it is settled by that."""

from datetime import datetime

from django.db import transaction

from fahuo.rules.people import Actor, PlatformActor
from fahuo.rules.problems import Refusal
from fahuo.services import tasks
from fahuo.store import refunds


@transaction.atomic
def succeed(actor: Actor | PlatformActor, order_id: int, *, now: datetime, shop_id: int | None = None) -> bool:
    """The buyer got everything back; False when he had already. A completed order stays completed, any other closes.

    The platform names the shop. Refusals: `not_permitted`, `order_unknown`, `refund_unpaid`.
    """
    if isinstance(actor, Actor):
        actor.require("refund")
        shop_id = actor.shop_id
    assert shop_id is not None  # the platform names it
    order = tasks.hold(shop_id, order_id, now=now)
    if order.paid_at is None:
        raise Refusal.of("refund_unpaid")
    who = actor if isinstance(actor, Actor) else Actor(shop_id, None, actor.name)
    if not refunds.succeed(who, [order_id], now=now):
        return False
    refunds.succeed_lines(shop_id, [order_id])
    tasks.fulfilled(shop_id, [order_id], "refunded", actor=who.name, member_id=who.member_id, now=now)
    return True
