"""Who serves a shop and may do what. The main account is made with the shop; it adds sub-accounts."""

import re
import secrets
from collections.abc import Iterable
from datetime import datetime
from typing import Any
from zoneinfo import available_timezones

from django.contrib.auth import get_user_model
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction

from fahuo.rules.people import PERMISSIONS, Actor, BuyerActor, PlatformActor
from fahuo.rules.problems import Refusal
from fahuo.rules.signin import is_obvious
from fahuo.store import accounts, journal
from fahuo.store import people as store

ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
"""For passwords that are read aloud or copied by hand: no 0 o 1 l i."""
USERNAME = re.compile(r"[\w.@+:-]{1,80}")
NAME = 60
"""Characters of a person's or a shop's name."""
SHOP_CODE = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")


def shops_of(user_id: int) -> list[Any]:
    """The shops (id, code, name, platform, time_zone) that a person serves now, by name, and as which account."""
    return store.shops_of(user_id)


def actor_of(row: Any) -> Actor:
    """The person as an actor at one of `shops_of`."""
    permissions = frozenset(row.permissions) & frozenset(PERMISSIONS)
    return Actor(row.id, row.member_id, row.member, row.is_owner, permissions)


def actor_for(user_id: int, shop_code: str) -> Actor:
    """The person as an actor at the shop; Refusal `not_a_member` when there is no such shop or no account there."""
    row = next((shop for shop in store.shops_of(user_id) if shop.code == shop_code), None)
    if row is None:
        raise Refusal.of("not_a_member")
    return actor_of(row)


def buys_at(user_id: int) -> list[Any]:
    """The shops (id, code, name, platform, time_zone) at which a person buys, by name."""
    return store.buys_at(user_id)


def buyers_of(user_id: int) -> dict[str, BuyerActor]:
    """The person as a buyer at each shop at which they have bought: shop code -> buyer."""
    return {row.code: BuyerActor(row.id, row.buyer) for row in store.buys_at(user_id)}


def platform_for(user_id: int) -> PlatformActor | None:
    """The person as somebody who decides for the platform; None for everybody else."""
    row = store.staff_of(user_id)
    return PlatformActor(row.name) if row else None


def new_person(username: str, password: str | None, *, must_change: bool = False) -> int:
    """A new user's id. `password` None: nobody can sign in until an invitation was accepted; `must_change`: a first
    password, which the person replaces at the first sign-in. Refusal `name_length` or `username_taken`."""
    people = get_user_model()._default_manager
    if not USERNAME.fullmatch(username):
        raise Refusal.of("name_length", most=80)
    if people.filter(username__iexact=username).exists():
        raise Refusal.of("username_taken")
    user = people.create(username=username, must_change_password=must_change)
    user.set_password(password)
    user.save(update_fields=["password"])
    return int(user.pk)


def give_password(user: Any, password: str, *, must_change: bool = False, but: str = "", now: datetime) -> None:
    """Set a password: open links and all sessions end, except the one named `but`. In the caller's transaction."""
    user.set_password(password)
    user.must_change_password = must_change
    user.save(update_fields=["password", "must_change_password"])
    accounts.end_others(user.pk, but)
    accounts.revoke_invitations(user.pk, now=now)


def named(text: str, otherwise: str) -> str:
    """A name on one line, or `otherwise` where it says nothing. Refusal `name_length`."""
    name = " ".join(text.replace("\0", "").split()) or otherwise
    if len(name) > NAME:
        raise Refusal.of("name_length", most=NAME)
    return name


def create_shop(
    code: str, name: str, *, owner: str, password: str | None, now: datetime, platform: str = "taobao",
    time_zone: str = "Asia/Shanghai", owner_name: str = "", tasks_here: bool = False, must_change: bool = False,
) -> Actor:  # fmt: skip
    """A shop and its main account, as the actor of that account. `must_change`: the password is a first one.

    `tasks_here`: urges raise platform tasks in this installation; off where the marketplace keeps the shop's tasks.

    `owner` is the main account's user name; a `password` makes a new person, None takes the person who is there.
    Refusal `shop_code`, `shop_time_zone`, `shop_code_taken`, `username_taken`, `person_unknown`, `password_weak`,
    `name_length`.
    """
    if not SHOP_CODE.fullmatch(code) or platform not in ("taobao", "tmall"):
        raise Refusal.of("shop_code")
    if time_zone not in available_timezones():
        raise Refusal.of("shop_time_zone", value=time_zone[:40])
    name, owner_name = named(name, code), named(owner_name, owner)
    with transaction.atomic():
        shop_id = store.add_shop(code, name, platform, time_zone, tasks_here=tasks_here, now=now)
        if shop_id is None:
            raise Refusal.of("shop_code_taken", shop=code)
        if password is None:
            user = get_user_model()._default_manager.filter(username=owner).first()
            if user is None:
                raise Refusal.of("person_unknown")
            user_id = int(user.pk)
        else:
            check_password(password)
            user_id = new_person(owner, password, must_change=must_change)
        member_id = store.add_member(shop_id, user_id, owner_name, is_owner=True, now=now)
    return Actor(shop_id, member_id, owner_name, is_owner=True)


def check_password(password: str, user: Any = None) -> None:
    """Refusal `password_weak` for a password that is easily guessed, or says the name of the account; `password_obvious`."""
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise Refusal.of("password_weak", reason=" ".join(error.messages)) from error
    if is_obvious(password):
        raise Refusal.of("password_obvious")


def new_password() -> str:
    """A password to hand over: twelve signs in threes, about 59 bits."""
    signs = "".join(secrets.choice(ALPHABET) for _ in range(12))
    return "-".join(signs[at : at + 4] for at in (0, 4, 8))


def _granted(actor: Actor, permissions: Iterable[str]) -> list[str]:
    """The permissions, in the order of the rules. Nobody hands out what they do not hold."""
    asked = set(permissions)
    for name in asked:
        if name not in PERMISSIONS or not (actor.is_owner or name in actor.permissions):
            raise Refusal.of("grant_beyond_own", permission=PERMISSIONS.get(name, name))
    return [name for name in PERMISSIONS if name in asked]


def members(actor: Actor) -> list[Any]:
    """The shop's accounts: id, user_id, username, name, is_owner, permissions, active, created_at, last_login, second_factor."""
    actor.require("manage_people")
    return store.members(actor.shop_id)


def invite(
    actor: Actor, *, username: str, name: str, permissions: Iterable[str], now: datetime, password: str | None = ""
) -> tuple[int, str]:
    """A new sub-account: its member id and its password, shown once. Unless given it is made here, and is replaced at the
    first sign-in; None gives no password: the person chooses one by a link (services.invitations).

    Refusal `name_length`, `username_taken`, `grant_beyond_own`, `password_weak`, `not_permitted`.
    """
    actor.require("manage_people")
    granted = _granted(actor, permissions)
    name = named(name, username[:NAME])
    if password:
        check_password(password)
    word = "" if password is None else password or new_password()
    with transaction.atomic():
        user_id = new_person(username, word or None, must_change=not password)
        member_id = store.add_member(actor.shop_id, user_id, name, permissions=granted, now=now)
        after = {"account": username, "permissions": granted}
        journal.append(actor, "people.invited", [journal.Moved(after=after)], now=now)
    return int(member_id or 0), word


def sub_account(actor: Actor, member_id: int) -> Any:
    """A sub-account that the actor may change: not the main account, not their own."""
    actor.require("manage_people")
    row = store.member(actor.shop_id, member_id)
    if row is None:
        raise Refusal.of("member_unknown", member=member_id)
    if row.is_owner or row.id == actor.member_id:
        raise Refusal.of("member_not_yours")
    if not actor.is_owner and set(row.permissions) - actor.permissions:
        raise Refusal.of(
            "grant_beyond_own", permission="、".join(PERMISSIONS[n] for n in set(row.permissions) - actor.permissions)
        )
    return row


def _change(
    actor: Actor, row: Any, act: str, *, now: datetime, name: str | None = None,
    permissions: list[str] | None = None, active: bool | None = None,
) -> None:  # fmt: skip
    before = {"account": row.username, "permissions": list(row.permissions), "active": row.active}
    after = {
        "account": row.username,
        "permissions": list(row.permissions) if permissions is None else permissions,
        "active": row.active if active is None else active,
    }
    with transaction.atomic():
        store.set_member(
            actor.shop_id, row.id, name=row.name if name is None else name, permissions=after["permissions"],
            active=after["active"],
        )  # fmt: skip
        journal.append(actor, act, [journal.Moved(before=before, after=after)], now=now)


def grant(actor: Actor, member_id: int, permissions: Iterable[str], *, now: datetime, name: str | None = None) -> None:
    """Set a sub-account's permissions (and its name). Refusal as `invite`, or `member_unknown`, `member_not_yours`."""
    row = sub_account(actor, member_id)
    wanted = named(name, row.name) if name else None
    _change(actor, row, "people.granted", permissions=_granted(actor, permissions), name=wanted, now=now)


def deactivate(actor: Actor, member_id: int, *, now: datetime) -> None:
    """Close the shop to a sub-account at once; what it did stays in the journal."""
    _change(actor, sub_account(actor, member_id), "people.deactivated", active=False, now=now)


def reactivate(actor: Actor, member_id: int, *, now: datetime) -> None:
    """Let a sub-account in again, with the permissions it had."""
    _change(actor, sub_account(actor, member_id), "people.reactivated", active=True, now=now)


def reset_password(actor: Actor, member_id: int, *, now: datetime) -> str:
    """A new first password for a sub-account, shown once; its sessions end, and it is replaced at the next sign-in.

    Refusal `person_elsewhere` for a person who has another door, too: one shop cannot open another's.
    """
    row = sub_account(actor, member_id)
    if store.known_elsewhere(row.user_id, actor.shop_id):
        raise Refusal.of("person_elsewhere")
    word = new_password()
    with transaction.atomic():
        give_password(get_user_model()._default_manager.get(pk=row.user_id), word, must_change=True, now=now)
        after = {"account": row.username}
        journal.append(actor, "people.password_reset", [journal.Moved(after=after)], now=now)
    return word


def set_preferences(actor: Actor, changes: dict[str, Any], *, now: datetime) -> None:
    """Keep how a member likes the pages of this shop (columns and the like). Not journaled; nothing for the clock."""
    if actor.member_id is not None:
        store.prefer(actor.shop_id, actor.member_id, changes)


def change_password(user: Any, password: str, *, but: str, now: datetime) -> None:
    """A person's own new password: it is no first one any more, every other session ends. Refusal `password_weak`."""
    check_password(password, user)
    with transaction.atomic():
        give_password(user, password, but=but, now=now)


def set_second_factor(actor: Actor, needed: bool, *, now: datetime) -> bool:
    """Say whether every account of the shop needs a second factor to enter it; whether that changed.

    Refusals: `not_permitted`, `owner_only`, `second_factor_first` for who would shut out himself.
    """
    if not actor.is_owner or actor.member_id is None:
        raise Refusal.of("owner_only")
    row = store.member(actor.shop_id, actor.member_id)
    if needed and (row is None or not accounts.factors(row.user_id).second_factor):
        raise Refusal.of("second_factor_first")
    with transaction.atomic():
        changed = store.set_second_factor(actor.shop_id, needed)
        if changed:
            told = journal.Moved(before={"second_factor": not needed}, after={"second_factor": needed})
            journal.append(actor, "shop.changed", [told], now=now)
    return changed
