"""What buyer and seller write each other over an order, and the cards that 继续联系卖家 sends."""

from datetime import datetime, time
from typing import Any

from django.db import transaction

from fahuo.rules.orders import IN_BACKLOG
from fahuo.rules.people import Actor, BuyerActor
from fahuo.rules.problems import Refusal
from fahuo.rules.response import greets
from fahuo.store import journal, messages, tasks
from fahuo.store import settings as store
from fahuo.store.journal import Moved

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
    made = messages.add(buyer.shop_id, order_id, sender="buyer", kind="card", body="", now=now)
    _greet(buyer.shop_id, order_id, now=now)
    return made


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
        made = messages.add(
            who.shop_id, order_id, sender="buyer", kind="message", body=body, now=now, member_id=member_id
        )  # fmt: skip
        _greet(who.shop_id, order_id, now=now)
        return made
    made = messages.add(
        who.shop_id, order_id, sender="seller", kind="auto" if automatic else "message", body=body, now=now,
        member_id=who.member_id, name=who.name,
    )  # fmt: skip
    journal.append(who, "message.sent", [Moved(order_id, after={"message": made})], now=now)
    return made


def _greet(shop_id: int, order_id: int, *, now: datetime) -> None:
    """Answer a buyer automatically, once for each wait, where the shop wants that at this hour."""
    shop = store.shop(shop_id)
    if not shop.auto_reply or not greets(shop.auto_reply_from, shop.auto_reply_until, now=now, zone=shop.time_zone):
        return
    if messages.greet(shop_id, order_id):
        messages.add(shop_id, order_id, sender="seller", kind="auto", body=shop.auto_reply, now=now)


@transaction.atomic
def see(actor: Actor, order_id: int, *, until: int) -> bool:
    """Somebody of the shop saw the conversation up to the message `until`; whether that was news. Refusal `not_permitted`."""
    actor.require("send_messages")
    return messages.read(actor.shop_id, order_id, until=until)


@transaction.atomic
def rest(actor: Actor, order_id: int, *, until: int, now: datetime) -> bool:
    """The buyer's last word (`until` is the last message that was seen) needs no answer: nobody waits any more.

    Whether somebody waited, and nothing came meanwhile. The figures of response are not touched. Refusal `not_permitted`.
    """
    actor.require("send_messages")
    rested = messages.rest(actor.shop_id, order_id, until=until)
    if rested:
        journal.append(actor, "message.rested", [Moved(order_id, after={"message": until})], now=now)
    return rested


@transaction.atomic
def set_automatic(actor: Actor, *, body: str, start: time | None, end: time | None, now: datetime) -> bool:
    """Answer buyers with this text at these hours (both None: at all hours); "" for not at all. Whether that is new.

    Refusals: `not_permitted`, `message_too_long`, `auto_reply_hours` (only one of the two hours).
    """
    actor.require("configure_shop")
    body = checked_text(body)
    if (start is None) != (end is None):
        raise Refusal.of("auto_reply_hours")
    moved = store.set_auto_reply(actor.shop_id, body, start, end)
    if moved:
        after = {"fields": ["auto_reply"], "auto_reply": bool(body)}
        journal.append(actor, "shop.changed", [Moved(after=after)], now=now)
    return moved


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
