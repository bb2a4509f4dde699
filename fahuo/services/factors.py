"""Second factors of a person: an authenticator app (TOTP, RFC 6238) and recovery codes. Passkeys: services/passkeys.py."""

import hmac
import secrets
from datetime import datetime
from typing import Any, Final

import pyotp
from django.db import transaction

from fahuo.rules.people import Actor
from fahuo.rules.problems import Refusal
from fahuo.rules.signin import CODES, STEP, steps_around, typed
from fahuo.services import people, sealing, signin
from fahuo.services.signin import Visitor
from fahuo.store import accounts, journal
from fahuo.store import people as members
from fahuo.store.models import User

ISSUER: Final = "Fahuo"


def of(user_id: int) -> Any:
    """What a person has: username, totp (sealed or ""), second_factor, codes that are left."""
    return accounts.factors(user_id)


def new_secret() -> str:
    """A secret for an authenticator app: 160 bits, base32."""
    return pyotp.random_base32()


def address_of(secret: str, username: str) -> str:
    """What the app reads from the QR code."""
    return pyotp.TOTP(secret, interval=STEP).provisioning_uri(name=username, issuer_name=ISSUER)


def step_that_fits(secret: str, code: str, *, now: datetime) -> int | None:
    """The interval around `now` whose code this is."""
    app = pyotp.HOTP(secret)
    return next((step for step in steps_around(now) if hmac.compare_digest(app.at(step), code)), None)


def _fresh_codes(user_id: int) -> list[str]:
    signs = ["".join(secrets.choice(people.ALPHABET) for _ in range(16)) for _ in range(CODES)]
    accounts.set_codes(user_id, [sealing.digest(code) for code in signs])
    return ["-".join(code[at : at + 4] for at in (0, 4, 8, 12)) for code in signs]


def first_codes(user_id: int) -> list[str]:
    """Recovery codes for who has none that are left; [] for who has some. In the caller's transaction."""
    return _fresh_codes(user_id) if not accounts.factors(user_id).codes else []


def add_app(user_id: int, secret: str, code: str, *, visitor: Visitor, now: datetime) -> list[str]:
    """Take an authenticator app into use, once it shows a right code; recovery codes, where there were none.

    Refusals: `code_wrong`, `sign_in_paused`.
    """
    one = signin.try_code(user_id, now=now)
    step = step_that_fits(secret, typed(code)[1], now=now)
    if step is None:
        raise Refusal.of("code_wrong")
    signin.right_code(one, now=now)
    with transaction.atomic():
        accounts.lock_user(user_id)
        accounts.set_totp(user_id, sealing.seal(secret), step)
        accounts.settle_factor(user_id)
        signin.note(user_id, "app_added", visitor=visitor, now=now)
        return first_codes(user_id)


@transaction.atomic
def drop_app(user_id: int, *, visitor: Visitor, now: datetime) -> bool:
    """Take the authenticator app out of use; False when there was none."""
    accounts.lock_user(user_id)
    if not accounts.factors(user_id).totp:
        return False
    accounts.set_totp(user_id, "", 0)
    settled(user_id)
    signin.note(user_id, "app_dropped", visitor=visitor, now=now)
    return True


def settled(user_id: int) -> None:
    """After a factor went: without any, recovery codes open nothing and are forgotten."""
    if not accounts.settle_factor(user_id):
        accounts.set_codes(user_id, [])


@transaction.atomic
def renew_codes(user_id: int, *, visitor: Visitor, now: datetime) -> list[str]:
    """New recovery codes in the place of the old ones. Refusal `no_second_factor` for who has no factor."""
    accounts.lock_user(user_id)
    if not accounts.factors(user_id).second_factor:
        raise Refusal.of("no_second_factor")
    signin.note(user_id, "codes_renewed", visitor=visitor, now=now)
    return _fresh_codes(user_id)


def check(user_id: int, text: str, *, visitor: Visitor, now: datetime) -> bool:
    """Whether a code of the app, or a recovery code, is right; each is right once. Refusal `sign_in_paused`."""
    one = signin.try_code(user_id, now=now)
    kind, code = typed(text)
    right = _right_code(user_id, code, now=now) if kind == "totp" else False
    if kind == "recovery" and accounts.use_code(user_id, sealing.digest(code), now=now):
        signin.note(user_id, "recovery_code", visitor=visitor, now=now)
        right = True
    if right:
        signin.right_code(one, now=now)
    return right


def _right_code(user_id: int, code: str, *, now: datetime) -> bool:
    found = accounts.factors(user_id)
    if not found.totp:
        return False
    step = step_that_fits(sealing.opened(found.totp), code, now=now)
    return step is not None and accounts.use_step(user_id, step)


def clear(user_id: int) -> None:
    """Take every second factor of a person away, and end the sessions. In the caller's transaction."""
    accounts.lock_user(user_id)
    accounts.set_totp(user_id, "", 0)
    accounts.drop_passkeys(user_id)
    settled(user_id)
    accounts.end_others(user_id, "")


@transaction.atomic
def take_away(username: str, *, now: datetime) -> None:
    """For whoever runs the installation: take a person's second factors away. Refusals `username_unknown`,
    `no_second_factor`."""
    user = User.objects.filter(username=username).first()
    if user is None:
        raise Refusal.of("username_unknown", name=username[:40])
    if not user.second_factor:
        raise Refusal.of("no_second_factor")
    clear(user.pk)
    signin.note(user.pk, "factors_reset", visitor=Visitor(), now=now, by="command line")


@transaction.atomic
def reset(actor: Actor, member_id: int, *, now: datetime) -> None:
    """Take a sub-account's second factors away: whoever lost the phone sets up another at the next sign-in.

    Refusals: `member_unknown`, `member_not_yours`, `grant_beyond_own`, `person_elsewhere`, `no_second_factor`.
    """
    row = people.sub_account(actor, member_id)
    if members.known_elsewhere(row.user_id, actor.shop_id):
        raise Refusal.of("person_elsewhere")
    if not accounts.factors(row.user_id).second_factor:
        raise Refusal.of("no_second_factor")
    clear(row.user_id)
    signin.note(row.user_id, "factors_reset", visitor=Visitor(), now=now, by=actor.name)
    journal.append(actor, "people.factors_reset", [journal.Moved(after={"account": row.username})], now=now)
