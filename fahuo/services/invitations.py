"""Links with which a person chooses the own password: to begin with, or when it was forgotten. A link serves once, for
LASTS, and is shown once; another one takes its place."""

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from django.contrib.auth import get_user_model
from django.db import transaction

from fahuo.rules.people import Actor
from fahuo.rules.problems import Refusal
from fahuo.services import couriers, people, sealing, signin
from fahuo.services.signin import Visitor
from fahuo.store import accounts, journal
from fahuo.store import people as members
from fahuo.store.models import User

LASTS: Final = timedelta(hours=72)


def make(user_id: int, *, made_by: str, place: str, now: datetime) -> str:
    """The word of a new link; open ones of the person end. Inside the transaction that made the person, or called it off.

    `made_by` and `place` (a shop's name) are what the page behind the link says.
    """
    token = secrets.token_urlsafe(32)
    accounts.revoke_invitations(user_id, now=now)
    digest = sealing.digest(token)
    accounts.add_invitation(user_id, digest, made_by=made_by, place=place, expires_at=now + LASTS, now=now)
    signin.note(user_id, "invited", visitor=Visitor(), now=now, by=made_by)
    return token


def _place(actor: Actor) -> str:
    return str(members.shop_name(actor.shop_id))


@transaction.atomic
def for_member(actor: Actor, member_id: int, *, now: datetime) -> str:
    """A link for a sub-account. Refusals: `member_unknown`, `member_not_yours`, `grant_beyond_own`, `person_elsewhere`."""
    row = people.sub_account(actor, member_id)
    return _for(actor, row.user_id, row.username, "people.linked", now)


@transaction.atomic
def for_courier(actor: Actor, courier_id: int, *, now: datetime) -> str:
    """A link for a courier whose sign-in the shop made. Refusals: `courier_unknown`, `person_elsewhere`."""
    row = couriers.own_courier(actor, courier_id)
    return _for(actor, row.user_id, row.username, "courier.linked", now)


def _for(actor: Actor, user_id: int, username: str, act: str, now: datetime) -> str:
    if members.known_elsewhere(user_id, actor.shop_id):
        raise Refusal.of("person_elsewhere")
    token = make(user_id, made_by=actor.name, place=_place(actor), now=now)
    journal.append(actor, act, [journal.Moved(after={"account": username})], now=now)
    return token


@transaction.atomic
def open_for(username: str, *, now: datetime) -> str:
    """For whoever runs the installation: a link for anybody. Refusal `username_unknown`."""
    user = get_user_model()._default_manager.filter(username=username, is_active=True).first()
    if user is None:
        raise Refusal.of("username_unknown", name=username[:40])
    return make(user.pk, made_by="fahuo", place="Fahuo", now=now)


@transaction.atomic
def revoke_member(actor: Actor, member_id: int, *, now: datetime) -> bool:
    """Call the open link of a sub-account back; False when there was none."""
    row = people.sub_account(actor, member_id)
    return _revoke(actor, row, "people.link_revoked", now)


@transaction.atomic
def revoke_courier(actor: Actor, courier_id: int, *, now: datetime) -> bool:
    """Call the open link of a courier back; False when there was none."""
    return _revoke(actor, couriers.own_courier(actor, courier_id), "courier.link_revoked", now)


def _revoke(actor: Actor, row: Any, act: str, now: datetime) -> bool:
    moved = accounts.revoke_invitations(row.user_id, now=now) > 0
    if moved:
        journal.append(actor, act, [journal.Moved(before={"account": row.username})], now=now)
    return moved


def waiting(user_ids: Sequence[int], *, now: datetime) -> dict[int, Any]:
    """Which people have an open link: person -> (created_at, expires_at)."""
    return accounts.open_invitations(user_ids, now=now)


def find(token: str, *, now: datetime) -> Any:
    """The invitation behind a link: username, made_by, place, expires_at. Refusal `link_over`."""
    found = accounts.invitation(sealing.digest(token), now=now)
    if found is None:
        raise Refusal.of("link_over")
    return found


@transaction.atomic
def accept(token: str, password: str, *, visitor: Visitor, now: datetime) -> User:
    """Give the person this password; every session ends, and the link. Refusals: `link_over`, `password_weak`."""
    found = find(token, now=now)
    user = get_user_model()._default_manager.get(pk=found.user_id)
    people.check_password(password, user)
    if accounts.use_invitation(sealing.digest(token), now=now) is None:
        raise Refusal.of("link_over")
    people.give_password(user, password, now=now)
    signin.note(user.pk, "link_used", visitor=visitor, now=now)
    assert isinstance(user, User)
    return user
