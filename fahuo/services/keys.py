"""API keys: made and revoked by whoever manages the shop's machines; and who a key is when a call comes in."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from fahuo.rules import machines
from fahuo.rules.people import PERMISSIONS, Actor
from fahuo.rules.problems import Refusal
from fahuo.store import answers, clock, journal, keys


@dataclass(frozen=True, slots=True)
class Identity:
    """Who calls: the key, its shop, and the actor that it acts as. `per_minute` None: the installation's own limit."""

    key_id: int
    shop_id: int
    shop: str
    time_zone: str
    actor: Actor
    scopes: tuple[str, ...]
    per_minute: int | None
    last_used_at: datetime | None


def make(
    actor: Actor, *, name: str, scopes: Sequence[str], per_minute: int | None = None, now: datetime
) -> tuple[int, str]:
    """A new key: (id, the key itself). The key is told this once; only its digest is kept.

    Refusals: `not_permitted`, `name_length`, `key_scopes`, `key_too_many`, `key_limit`. Nobody gives what he has not.
    """
    actor.require("manage_machines")
    name = " ".join(name.replace("\0", "").split())
    if not 1 <= len(name) <= machines.NAME:
        raise Refusal.of("name_length", most=machines.NAME)
    wanted = [scope for scope in machines.SCOPES if scope in set(scopes)]
    held = set(PERMISSIONS) if actor.is_owner else set(actor.permissions)
    if not wanted or set(scopes) - set(machines.SCOPES) or not set(wanted) <= held:
        raise Refusal.of("key_scopes")
    low, high = machines.PER_MINUTE
    if per_minute is not None and not low <= per_minute <= high:
        raise Refusal.of("key_limit", low=low, high=high)
    fresh = machines.key_of(secrets.token_bytes(32))
    with transaction.atomic():
        if keys.living(actor.shop_id) >= machines.MOST:
            raise Refusal.of("key_too_many", most=machines.MOST)
        key_id = keys.add(
            actor.shop_id, fresh, name=name, scopes=wanted, per_minute=per_minute, member_id=actor.member_id,
            actor=actor.name, now=now,
        )  # fmt: skip
        told = journal.Moved(after={"key": key_id, "name": name, "hint": fresh.hint, "scopes": wanted})
        journal.append(actor, "keys.made", [told], now=now)
    return key_id, fresh.text


@transaction.atomic
def revoke(actor: Actor, key_id: int, *, now: datetime) -> bool:
    """Revoke a key at once; False when it was revoked already. Refusals: `not_permitted`, `key_unknown`."""
    actor.require("manage_machines")
    name = keys.revoke(actor.shop_id, key_id, actor=actor.name, now=now)
    if name is None:
        if keys.one(actor.shop_id, key_id) is None:
            raise Refusal.of("key_unknown")
        return False
    journal.append(actor, "keys.revoked", [journal.Moved(before={"key": key_id, "name": name})], now=now)
    return True


def of_shop(actor: Actor) -> list[Any]:
    """The shop's keys, the living ones first. Refusal `not_permitted`."""
    actor.require("manage_machines")
    return keys.of_shop(actor.shop_id)


def whose(text: str) -> tuple[int, int] | None:
    """(shop, key) of a key as it was sent; None for what is none. Never changes, so that it may be remembered."""
    if not machines.SHAPE.fullmatch(text):
        return None
    return keys.find(machines.digest(text))


def identify(shop_id: int, key_id: int) -> Identity | None:
    """Who a key is now; None for a revoked one."""
    row = keys.one(shop_id, key_id)
    if row is None or row.revoked_at is not None:
        return None
    actor = Actor(row.shop_id, None, row.name, permissions=frozenset(row.scopes))
    return Identity(
        row.id, row.shop_id, row.shop, row.time_zone, actor, tuple(row.scopes), row.per_minute, row.last_used_at
    )


def note_use(who: Identity, *, now: datetime) -> None:
    """Note when the key was used last."""
    keys.used(who.shop_id, who.key_id, now=now)


def forget(*, now: datetime) -> int:
    """Forget kept answers that are older than a day, in all shops; how many."""
    count = 0
    for shop_id in clock.shops():
        with transaction.atomic():
            count += answers.forget(shop_id, now - answers.DAY)
    return count


def take(
    owner: tuple[int, int], *, most: int, least: int, want: int, back: int, window: int, now: datetime
) -> tuple[int, float]:  # fmt: skip
    """Take calls of a key's allowance: (taken, left); none when there are fewer than `least`. See store.keys.take."""
    return keys.take(*owner, most=most, least=least, want=want, back=back, window=window, now=now)
