"""Saved views: the filters of the order list that a member keeps under a name."""

from datetime import datetime
from typing import Final

from django.db import transaction

from fahuo.rules.filters import parse_query
from fahuo.rules.people import Actor
from fahuo.rules.problems import Refusal
from fahuo.store import views

LONGEST: Final = 40
MOST: Final = 30


@transaction.atomic
def save_view(actor: Actor, *, name: str, query: str, now: datetime) -> int:
    """Keep a filter under a name, in place of one that had it; its id.

    Raises Refusal `not_permitted`, `view_name`, `view_empty`, `view_too_many`, `view_nobody`.
    """
    actor.require("view_orders")
    name = " ".join(name.replace("\x00", "").split())
    if not 0 < len(name) <= LONGEST:
        raise Refusal.of("view_name", most=LONGEST)
    if actor.member_id is None:
        raise Refusal.of("view_nobody")
    wish = parse_query(query).filter
    if not wish.query():
        raise Refusal.of("view_empty")
    if views.count(actor.shop_id, actor.member_id, but=name) >= MOST:
        raise Refusal.of("view_too_many", most=MOST)
    return views.save(actor.shop_id, actor.member_id, name=name, query=wish.query())


@transaction.atomic
def drop_view(actor: Actor, view_id: int, *, now: datetime) -> bool:
    """Forget one of the actor's own views; whether there was one."""
    actor.require("view_orders")
    return actor.member_id is not None and views.drop(actor.shop_id, actor.member_id, view_id) > 0
