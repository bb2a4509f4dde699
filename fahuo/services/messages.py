"""What buyer and seller write each other over an order, and the cards that 继续联系卖家 sends."""

from datetime import datetime
from typing import Any

from django.db import transaction

from fahuo.rules.orders import IN_BACKLOG
from fahuo.rules.people import Actor, BuyerActor
from fahuo.rules.problems import Refusal
from fahuo.store import messages, tasks

MOST = 2000
"""Characters of a message."""


@transaction.atomic
def contact_again(buyer: BuyerActor | Actor, order_id: int, *, now: datetime) -> int:
    """The buyer presses 继续联系卖家 (or the shop notes that he did): a card to the seller, whose answer is timed; its id.

    The button stands beside 催发货, so it is there as long as that is. Refusal `order_unknown`, `card_not_now`.
    """
    order = _order(buyer, order_id)
    if order.status not in IN_BACKLOG or order.paid_at is None:
        raise Refusal.of("card_not_now")
    return messages.add(buyer.shop_id, order_id, sender="buyer", kind="card", body="", now=now)


@transaction.atomic
def send(who: Actor | BuyerActor, order_id: int, *, body: str, now: datetime, automatic: bool = False,
         member_id: int | None = None) -> int:  # fmt: skip
    """Write a message; its id. A buyer's may be to one account (`member_id`), a seller's may be `automatic`.

    Refusals: `not_permitted`, `order_unknown`, `message_empty`, `message_too_long`.
    """
    if isinstance(who, Actor):
        who.require("send_messages")
    return tell(who, order_id, body=body, now=now, automatic=automatic, member_id=member_id)


def tell(who: Actor | BuyerActor, order_id: int, *, body: str, now: datetime, automatic: bool = False,
         member_id: int | None = None) -> int:  # fmt: skip
    """As `send`, for what somebody may say along with an act that he may do; within the act's transaction."""
    _order(who, order_id)
    body = checked_text(body)
    if not body:
        raise Refusal.of("message_empty")
    if isinstance(who, BuyerActor):
        return messages.add(
            who.shop_id, order_id, sender="buyer", kind="message", body=body, now=now, member_id=member_id
        )  # fmt: skip
    return messages.add(
        who.shop_id, order_id, sender="seller", kind="auto" if automatic else "message", body=body, now=now,
        member_id=who.member_id, name=who.name,
    )  # fmt: skip


def checked_text(body: str) -> str:
    """A message's text as it is kept; may be empty. Refusal `message_too_long`."""
    body = body.replace("\0", "").strip()
    if len(body) > MOST:
        raise Refusal.of("message_too_long", most=MOST)
    return body


def _order(who: Actor | BuyerActor, order_id: int) -> Any:
    order = next(iter(tasks.orders(who.shop_id, [order_id])), None)
    if order is None or (isinstance(who, BuyerActor) and order.buyer != who.name):
        raise Refusal.of("order_unknown", order=order_id)
    return order
