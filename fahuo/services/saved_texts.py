"""常用回复: answers that a shop keeps, to put into a message or beside a plan."""

from datetime import datetime
from typing import Any, Final

from django.db import transaction

from fahuo.rules.people import Actor
from fahuo.rules.problems import Refusal
from fahuo.services.messages import checked_text
from fahuo.store import journal, saved_texts
from fahuo.store.journal import Moved

TITLE: Final = 40
MOST: Final = 100


def of_shop(shop_id: int) -> list[Any]:
    """The shop's texts (id, title, body) in their order."""
    return saved_texts.all_of(shop_id)


@transaction.atomic
def keep(actor: Actor, *, title: str, body: str, now: datetime) -> int:
    """Keep a text under its title, in place of what stood there; its id.

    Refusals: `not_permitted`, `text_title` (1 to TITLE characters), `message_empty`, `message_too_long`, `texts_full`.
    """
    actor.require("send_messages")
    title, body = " ".join(title.replace("\0", "").split()), checked_text(body)
    if not 0 < len(title) <= TITLE:
        raise Refusal.of("text_title", most=TITLE)
    if not body:
        raise Refusal.of("message_empty")
    if saved_texts.count(actor.shop_id) >= MOST:
        raise Refusal.of("texts_full", most=MOST)
    made = saved_texts.keep(actor.shop_id, title, body)
    journal.append(actor, "text.kept", [Moved(None, after={"text": made, "title": title})], now=now)
    return made


@transaction.atomic
def drop(actor: Actor, text_id: int, *, now: datetime) -> bool:
    """Forget a text; whether there was one. Refusal `not_permitted`."""
    actor.require("send_messages")
    gone = saved_texts.drop(actor.shop_id, text_id) > 0
    if gone:
        journal.append(actor, "text.dropped", [Moved(None, before={"text": text_id})], now=now)
    return gone
