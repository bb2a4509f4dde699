"""Passkeys (WebAuthn): registered by a person who is signed in; then a second factor, or a whole sign-in of its own.

The library checks the answer of the browser: the challenge, the host, the origin, the signature and its counter, and that
the person was verified by the device. Challenges are kept in the session, for CHALLENGE, and serve once.
"""

import json
import re
import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.contrib.auth import get_user_model
from django.db import transaction
from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from fahuo.rules.problems import Refusal
from fahuo.rules.signin import CHALLENGE, PASSKEYS
from fahuo.services import factors, people, signin
from fahuo.services.signin import Visitor
from fahuo.store import accounts
from fahuo.store.models import User

LARGEST: Final = 16 * 2**10
"""Characters of a browser's answer."""
ID: Final = re.compile(r"[A-Za-z0-9_=-]{1,1400}")
"""A credential's id as the browser writes it: 1,023 bytes at most."""


@dataclass(frozen=True, slots=True)
class Site:
    """Where the browser stands: its host (the relying party) and origin, from a host name that FAHUO_HOSTS allows."""

    host: str
    origin: str


def of(user_id: int) -> list[Any]:
    """A person's passkeys: id, name, host, created_at, used_at."""
    return accounts.passkeys(user_id)


def _keep(session: Any, purpose: str, challenge: bytes, now: datetime) -> None:
    session["passkey"] = {"for": purpose, "challenge": bytes_to_base64url(challenge), "at": now.timestamp()}


def _challenge(session: Any, purpose: str, now: datetime) -> bytes:
    kept = session.pop("passkey", None)
    if not kept or kept["for"] != purpose or now.timestamp() - kept["at"] > CHALLENGE.total_seconds():
        raise Refusal.of("passkey_late")
    return base64url_to_bytes(kept["challenge"])


def ask_new(user: User, session: Any, site: Site, *, now: datetime) -> str:
    """What the browser needs to make a passkey, as JSON. Refusal `passkeys_many`."""
    known = accounts.passkeys(user.pk)
    if len(known) >= PASSKEYS:
        raise Refusal.of("passkeys_many", most=PASSKEYS)
    handle = base64url_to_bytes(known[0].handle) if known else secrets.token_bytes(32)
    options = generate_registration_options(
        rp_id=site.host, rp_name=factors.ISSUER, user_name=user.username, user_id=handle,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED, user_verification=UserVerificationRequirement.REQUIRED
        ),
        exclude_credentials=[
            PublicKeyCredentialDescriptor(id=base64url_to_bytes(row.credential)) for row in known if row.host == site.host
        ],
    )  # fmt: skip
    _keep(session, f"new:{bytes_to_base64url(handle)}", options.challenge, now)
    return options_to_json(options)


def _answer(body: str) -> dict[str, Any]:
    """What the browser said, as far as it has the shape of an answer. Refusal `passkey_wrong`."""
    try:
        found = json.loads(body) if len(body) <= LARGEST else None
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict) or not isinstance(found.get("response"), dict):
        raise Refusal.of("passkey_wrong")
    if not ID.fullmatch(str(found.get("id", ""))):
        raise Refusal.of("passkey_wrong")
    return {**found, "id": str(found["id"])}


def add(
    user: User, session: Any, site: Site, body: str, *, name: str, visitor: Visitor, now: datetime
) -> list[str]:  # fmt: skip
    """Keep the passkey that the browser made; recovery codes, where there were none.

    Refusals: `passkey_late`, `passkey_wrong`, `passkeys_many`, `name_length`.
    """
    kept = session.get("passkey", {}).get("for", "")
    challenge, answer = _challenge(session, kept if kept.startswith("new:") else "new:", now), _answer(body)
    name = people.named(name, visitor.agent or "Passkey")
    try:
        found = verify_registration_response(
            credential=answer, expected_challenge=challenge, expected_rp_id=site.host, expected_origin=site.origin,
            require_user_verification=True,
        )  # fmt: skip
    except (WebAuthnException, ValueError, KeyError, TypeError):
        raise Refusal.of("passkey_wrong") from None
    ways = answer.get("response", {}).get("transports") or []
    with transaction.atomic():
        accounts.lock_user(user.pk)
        if len(accounts.passkeys(user.pk)) >= PASSKEYS:
            raise Refusal.of("passkeys_many", most=PASSKEYS)
        made = accounts.add_passkey(
            user.pk, credential=bytes_to_base64url(found.credential_id), handle=kept.removeprefix("new:"),
            public_key=bytes_to_base64url(found.credential_public_key), host=site.host, name=name,
            sign_count=found.sign_count, transports=[str(way)[:20] for way in ways[:8]], now=now,
        )  # fmt: skip
        if made is None:
            raise Refusal.of("passkey_wrong")
        accounts.settle_factor(user.pk)
        signin.note(user.pk, "passkey_added", visitor=visitor, now=now, name=name)
        return factors.first_codes(user.pk)


def ask(session: Any, site: Site, user_id: int | None, *, now: datetime) -> str:
    """What the browser needs to sign in, as JSON: with any passkey it knows, or (a second factor) one of the person's."""
    known = accounts.passkeys(user_id) if user_id is not None else []
    options = generate_authentication_options(
        rp_id=site.host, user_verification=UserVerificationRequirement.REQUIRED,
        allow_credentials=[PublicKeyCredentialDescriptor(id=base64url_to_bytes(row.credential)) for row in known],
    )  # fmt: skip
    _keep(session, f"use:{user_id or ''}", options.challenge, now)
    return options_to_json(options)


def use(session: Any, site: Site, body: str, user_id: int | None, *, now: datetime) -> User:
    """The person whose passkey answered. Refusals: `passkey_late`, `passkey_wrong` (also for the passkey of another than
    `user_id`, and for an account that is closed)."""
    challenge, answer = _challenge(session, f"use:{user_id or ''}", now), _answer(body)
    row = accounts.passkey(answer["id"])
    if row is None or (user_id is not None and row.user_id != user_id):
        raise Refusal.of("passkey_wrong")
    said = (answer.get("response") or {}).get("userHandle")
    if said and said != row.handle:
        raise Refusal.of("passkey_wrong")
    try:
        found = verify_authentication_response(
            credential=answer, expected_challenge=challenge, expected_rp_id=site.host, expected_origin=site.origin,
            credential_public_key=base64url_to_bytes(row.public_key), credential_current_sign_count=row.sign_count,
            require_user_verification=True,
        )  # fmt: skip
    except (WebAuthnException, ValueError, KeyError, TypeError):
        raise Refusal.of("passkey_wrong") from None
    user = get_user_model()._default_manager.filter(pk=row.user_id, is_active=True).first()
    if not isinstance(user, User) or not accounts.use_passkey(row.id, row.sign_count, found.new_sign_count, now=now):
        raise Refusal.of("passkey_wrong")
    return user


@transaction.atomic
def drop(user_id: int, passkey_id: int, *, visitor: Visitor, now: datetime) -> bool:
    """Remove a passkey; False when the person has none with this id."""
    accounts.lock_user(user_id)
    name = accounts.drop_passkey(user_id, passkey_id)
    if name is None:
        return False
    factors.settled(user_id)
    signin.note(user_id, "passkey_dropped", visitor=visitor, now=now, name=name)
    return True
