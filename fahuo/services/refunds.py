"""Refunds: the buyer asks, the seller agrees or refuses, and when the money went back in full the order is closed.

A request that is open stops shipping (rules.parcels.why_not_ship); one that was refused or withdrawn frees it again.
A task is settled by a refund in full only, and only once it has succeeded.
"""

from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction

from fahuo.rules import refunds as rules
from fahuo.rules.people import Actor, BuyerActor, PlatformActor
from fahuo.rules.problems import Problem, Refusal
from fahuo.services import messages, tasks
from fahuo.store import refunds


@transaction.atomic
def request(buyer: BuyerActor, order_id: int, *, amount: Decimal, reason: str, now: datetime) -> None:
    """The buyer asks for `amount` (CNY) back and says why, which the seller reads in the conversation.

    Refusals: `order_unknown`, `refund_unpaid`, `refund_amount`, `refund_not_now`, `message_empty`, `message_too_long`.
    """
    order = _held(buyer, order_id, now=now)
    wrong = rules.check_amount(amount, order.paid_amount)
    if wrong:
        raise Refusal(wrong)
    _move(Actor(buyer.shop_id, None, tasks.BUYER), order, "request", now=now, amount=amount)
    messages.send(buyer, order_id, body=reason, now=now)


@transaction.atomic
def withdraw(buyer: BuyerActor, order_id: int, *, now: datetime) -> None:
    """The buyer wants his goods after all. Refusals: `order_unknown`, `refund_not_now`."""
    order = _held(buyer, order_id, now=now)
    _move(Actor(buyer.shop_id, None, tasks.BUYER), order, "withdraw", now=now, amount=Decimal("0.00"))


@transaction.atomic
def agree(actor: Actor, order_id: int, *, now: datetime) -> None:
    """The seller agrees to what was asked for. Refusals: `not_permitted`, `order_unknown`, `refund_not_now`."""
    actor.require("refund")
    _move(actor, _held(actor, order_id, now=now), "agree", now=now)


@transaction.atomic
def refuse(actor: Actor, order_id: int, *, reason: str, now: datetime) -> None:
    """The seller refuses and tells the buyer why; the order may be shipped again.

    Refusals: `not_permitted`, `order_unknown`, `refund_not_now`, `message_empty`, `message_too_long`.
    """
    actor.require("refund")
    _move(actor, _held(actor, order_id, now=now), "refuse", now=now)
    messages.tell(actor, order_id, body=reason, now=now)


@transaction.atomic
def succeed(
    actor: Actor | PlatformActor, order_id: int, *, now: datetime, shop_id: int | None = None,
    amount: Decimal | None = None,
) -> bool:  # fmt: skip
    """The buyer got everything back, or `amount` (CNY) of it; False when he had already.

    In full a completed order stays completed, any other closes, and its tasks are settled; of a part the order goes on.
    The platform names the shop. Refusals: `not_permitted`, `order_unknown`, `refund_unpaid`, `refund_amount`.
    """
    if isinstance(actor, Actor):
        actor.require("refund")
        shop_id = actor.shop_id
    assert shop_id is not None  # the platform names it
    order = tasks.hold(shop_id, order_id, now=now)
    if order.paid_at is None:
        raise Refusal.of("refund_unpaid")
    who = actor if isinstance(actor, Actor) else Actor(shop_id, None, actor.name)
    if amount is not None:
        wrong = rules.check_amount(amount, order.paid_amount)
        if wrong:
            raise Refusal(wrong)
        if amount < order.paid_amount:
            _move(who, order, "succeed", now=now, amount=amount)
            return True
    if not refunds.succeed(who, [order_id], now=now):
        return False
    refunds.succeed_lines(shop_id, [order_id])
    tasks.fulfilled(shop_id, [order_id], "refunded", actor=who.name, member_id=who.member_id, now=now)
    return True


def _held(who: Actor | BuyerActor, order_id: int, *, now: datetime) -> Any:
    order = tasks.hold(who.shop_id, order_id, now=now, buyer=who if isinstance(who, BuyerActor) else None)
    if order.paid_at is None:
        raise Refusal.of("refund_unpaid")
    return order


def _move(who: Actor, order: Any, act: rules.Act, *, now: datetime, amount: Decimal | None = None) -> None:
    closed = Problem("refund_not_now", {"status": order.status, "act": act})
    state = closed if order.status == "closed" else rules.move(order.refund_status, act)
    if isinstance(state, Problem):
        raise Refusal(state)
    refunds.move(
        who, order.id, states=rules.states_before(act), state=state, act=f"refund.{act}", amount=amount, now=now
    )
