"""Couriers' accounts: a shop invites a carrier's courier for one contract, and closes his account at once.

The account is asked at every request, so what is closed here is closed everywhere. A courier is no member of the shop:
a person is the one or the other.
"""

import re
from datetime import datetime
from typing import Any, Final

from django.contrib.auth import get_user_model
from django.db import transaction

from fahuo.rules.people import Actor, CourierActor
from fahuo.rules.problems import Refusal
from fahuo.services import people
from fahuo.store import couriers as store
from fahuo.store import journal
from fahuo.store import people as accounts
from fahuo.store.journal import Moved

PHONE: Final = re.compile(r"\+?[0-9][0-9 -]{5,24}")


def serves(user_id: int) -> list[Any]:
    """The shops at which a person is a courier now, with the contract (see store.couriers.serves)."""
    return [row for row in store.serves(user_id) if row.active]


def closed_for(user_id: int) -> bool:
    """Whether a person was a courier somewhere and is so nowhere now."""
    rows = store.serves(user_id)
    return bool(rows) and not any(row.active for row in rows)


def find(user_id: int, shop_code: str) -> Any | None:
    """The person's account as a courier at a shop, closed or not (see store.couriers.serves)."""
    return next((row for row in store.serves(user_id) if row.code == shop_code), None)


def actor_of(row: Any) -> CourierActor:
    """An account that `find` gave, as somebody who acts."""
    return CourierActor(row.id, row.courier_id, row.contract_id, row.courier)


def listed(actor: Actor) -> list[Any]:
    """The shop's couriers (see store.couriers.listed)."""
    actor.require("manage_couriers")
    return store.listed(actor.shop_id)


def one(actor: Actor, courier_id: int) -> Any:
    """One courier of the shop. Refusal `courier_unknown`."""
    actor.require("manage_couriers")
    found = store.listed(actor.shop_id, courier_id)
    if not found:
        raise Refusal.of("courier_unknown")
    return found[0]


def _contract(shop_id: int, contract_id: int) -> Any:
    found = next((row for row in store.contracts(shop_id) if row.id == contract_id), None)
    if found is None:
        raise Refusal.of("contract_not_in_force")
    return found


def _phone(text: str) -> str:
    phone = text.strip()
    if phone and not PHONE.fullmatch(phone):
        raise Refusal.of("courier_phone")
    return phone


def invite(
    actor: Actor, *, username: str, name: str, phone: str = "", contract_id: int, existing: bool = False,
    password: str | None = "", now: datetime,
) -> tuple[int, str]:  # fmt: skip
    """A courier for one contract of the shop: the account's id and, for a new person, the password, shown once. A password
    that is made here is replaced at the first sign-in; None gives none (services.invitations).

    `existing` takes the person who can sign in already as `username`, and gives no password. Inviting the same existing
    person for the same contract again changes nothing. Refusals: `contract_not_in_force`, `name_length`, `courier_phone`,
    `username_taken`, `username_unknown`, `password_weak`, `courier_is_member` for somebody who serves the shop,
    `courier_already` for a courier of the shop who is closed, or of another contract: nobody is moved by an invitation.
    """
    actor.require("manage_couriers")
    contract = _contract(actor.shop_id, contract_id)
    name, phone = people.named(name, username[: people.NAME]), _phone(phone)
    if password:
        people.check_password(password)
    with transaction.atomic():
        word = "" if existing or password is None else password or people.new_password()
        new = not existing
        user_id = people.new_person(username, word or None, must_change=not password) if new else _person(username)
        if any(row.user_id == user_id for row in accounts.members(actor.shop_id)):
            raise Refusal.of("courier_is_member")
        made = store.add(
            actor.shop_id, user_id, contract_id=contract_id, name=name, phone=phone, made_person=not existing, now=now
        )
        if made is None:
            return _again(actor.shop_id, user_id, contract_id), ""
        after = {"account": username, "contract": contract.name}
        journal.append(actor, "courier.invited", [Moved(after=after)], now=now)
    return made, word


def _person(username: str) -> int:
    user = get_user_model()._default_manager.filter(username=username, is_active=True).first()
    if user is None:
        raise Refusal.of("username_unknown", name=username[:40])
    return int(user.pk)


def _again(shop_id: int, user_id: int, contract_id: int) -> int:
    row = store.lock(shop_id, user_id=user_id)
    if row is None or row.contract_id != contract_id or not row.active:
        raise Refusal.of("courier_already")
    return int(row.id)


def _lock(actor: Actor, courier_id: int) -> Any:
    actor.require("manage_couriers")
    row = store.lock(actor.shop_id, courier_id=courier_id)
    if row is None:
        raise Refusal.of("courier_unknown")
    return row


def own_courier(actor: Actor, courier_id: int) -> Any:
    """A courier whose sign-in the shop made, locked. Refusals: `courier_unknown`, `person_elsewhere`."""
    row = _lock(actor, courier_id)
    if not row.made_person:
        raise Refusal.of("person_elsewhere")
    return row


@transaction.atomic
def change(actor: Actor, courier_id: int, *, name: str, phone: str, contract_id: int, now: datetime) -> bool:
    """Set a courier's name and phone, and the contract he serves from now on; False when all was so already.

    Refusals: `courier_unknown`, `contract_not_in_force`, `name_length`, `courier_phone`.
    """
    row = _lock(actor, courier_id)
    name, phone = people.named(name, row.username[: people.NAME]), _phone(phone)
    if (name, phone, contract_id) == (row.name, row.phone, row.contract_id):
        return False
    names = {one.id: one.name for one in store.contracts(actor.shop_id)}
    if contract_id != row.contract_id:
        _contract(actor.shop_id, contract_id)
    store.change(actor.shop_id, courier_id, contract_id=contract_id, name=name, phone=phone)
    before = {"account": row.username, "name": row.name, "contract": names.get(row.contract_id, "")}
    after = {"account": row.username, "name": name, "contract": names.get(contract_id, "")}
    journal.append(actor, "courier.changed", [Moved(before=before, after=after)], now=now)
    return True


@transaction.atomic
def _switch(actor: Actor, courier_id: int, act: str, *, active: bool, now: datetime) -> bool:
    row = _lock(actor, courier_id)
    moved = store.switch(actor.shop_id, courier_id, active=active, now=now)
    if moved:
        before, after = ({"account": row.username, "active": value} for value in (not active, active))
        journal.append(actor, act, [Moved(before=before, after=after)], now=now)
    return moved


def close(actor: Actor, courier_id: int, *, now: datetime) -> bool:
    """Shut a courier out at his next request, wherever he is signed in; False when he was. What he did stays journaled.

    Orders that were handed to his contract stay handed: other couriers of it see them, and the shop may take them back.
    """
    return _switch(actor, courier_id, "courier.closed", active=False, now=now)


def reopen(actor: Actor, courier_id: int, *, now: datetime) -> bool:
    """Let a courier in again, for the contract he had; False when he was in."""
    return _switch(actor, courier_id, "courier.reopened", active=True, now=now)


@transaction.atomic
def reset_password(actor: Actor, courier_id: int, *, now: datetime) -> str:
    """A new password for a courier whose sign-in the shop made, shown once; his sessions end.

    Refusal `person_elsewhere` for a person who came with his own sign-in, or who has another door by now.
    """
    row = own_courier(actor, courier_id)
    if accounts.known_elsewhere(row.user_id, actor.shop_id):
        raise Refusal.of("person_elsewhere")
    word = people.new_password()
    people.give_password(get_user_model()._default_manager.get(pk=row.user_id), word, must_change=True, now=now)
    journal.append(actor, "courier.password_reset", [Moved(after={"account": row.username})], now=now)
    return word


@transaction.atomic
def set_hands_over(actor: Actor, contract_id: int, hands_over: bool, *, now: datetime) -> bool:
    """Whether orders that come to a contract are handed to its couriers by themselves; False when it was so already."""
    actor.require("manage_couriers")
    moved = store.set_hands_over(actor.shop_id, contract_id, hands_over)
    if moved is not None:
        after = {"contract": moved.name, "hands_over": hands_over}
        journal.append(actor, "contract.hands_over", [Moved(after=after)], now=now)
    return moved is not None
