"""A person as a buyer: under which name of the marketplace their orders stand at a shop."""

from datetime import datetime

from django.contrib.auth import get_user_model
from django.db import transaction

from fahuo.rules.people import Actor
from fahuo.rules.problems import Refusal
from fahuo.store import buyers, journal
from fahuo.store import people as accounts
from fahuo.store.journal import Moved


@transaction.atomic
def add(shop_code: str, username: str, *, name: str, now: datetime) -> int:
    """Let the person see and act on the orders of the buyer `name` at a shop; the account's id. Safe to repeat.

    Refusals: `shop_unknown`, `username_unknown`, `name_length`, `buyer_taken` when the name is another person's.
    """
    shop_id = accounts.shop_id(shop_code)
    if shop_id is None:
        raise Refusal.of("shop_unknown", shop=shop_code[:40])
    user = get_user_model()._default_manager.filter(username=username).first()
    if user is None:
        raise Refusal.of("username_unknown", name=username[:80])
    name = " ".join(name.replace("\0", "").split())
    if not 0 < len(name) <= 60:
        raise Refusal.of("name_length", most=60)
    made = buyers.add(shop_id, int(user.pk), name, now=now)
    if made is None:
        raise Refusal.of("buyer_taken")
    journal.append(Actor(shop_id, None, "buyers"), "buyer.added", [Moved(None, after={"buyer": made})], now=now)
    return made
