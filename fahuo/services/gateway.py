"""Who may call the Taobao-compatible gateway: apps, the accounts that let them in, and limits.

An app has a key and a secret; a session lets it act as one account of one shop, with just that account's permissions, as
long as that account is active. Tokens are shown once and kept as digests; secrets are sealed (services/sealing.py).
"""

import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import urlsplit

from django.db import transaction

from fahuo.rules.people import PERMISSIONS, Actor
from fahuo.rules.problems import Refusal
from fahuo.rules.top.clock import ZONE
from fahuo.services import people
from fahuo.services.sealing import digest, opened, seal
from fahuo.store import gateway as store
from fahuo.store import journal
from fahuo.store.boards import gateway as board

MOST: Final = 20
"""Apps of one shop."""
CODE_LIVES: Final = timedelta(minutes=10)
TOKEN_LIVES: Final = timedelta(days=30)
REFRESH_LIVES: Final = timedelta(days=60)
ISSUED_LIVES: Final = timedelta(days=365)
"""A token that is made on the page lives so long; one from OAuth must be refreshed."""
NOTED_EVERY: Final = timedelta(minutes=1)
PER_SECOND: Final = range(1, 1001)
PER_DAY: Final = range(1, 100_000_001)
LOCAL: Final = ("localhost", "127.0.0.1", "[::1]")


@dataclass(frozen=True, slots=True)
class App:
    """An app that calls, with its secret."""

    id: int
    key: str
    secret: str
    name: str
    per_second: int
    per_day: int


@dataclass(frozen=True, slots=True)
class Caller:
    """Whom an app acts for: an account of a shop. `user_id` is the person."""

    actor: Actor
    session_id: int
    user_id: int
    shop_code: str
    shop_name: str


@dataclass(frozen=True, slots=True)
class Tokens:
    """What an app gets when it is let in; shown once."""

    token: str
    refresh_token: str
    until: datetime
    refresh_until: datetime
    caller: Caller


# --- apps ---


def register(
    actor: Actor, *, name: str, now: datetime, redirect_uris: Sequence[str] = (), per_second: int = 40,
    per_day: int = 1_000_000,
) -> tuple[int, str, str]:  # fmt: skip
    """A new app of the shop: (id, key, secret). The secret is shown once.

    Refusals: `not_permitted`, `name_length`, `app_redirect`, `app_limit`, `app_too_many`.
    """
    actor.require("configure_shop")
    name, uris = people.named(name, "App"), _redirects(redirect_uris)
    _limits(per_second, per_day)
    key, secret = str(10_000_000 + secrets.randbelow(89_999_999)), secrets.token_hex(16)
    with transaction.atomic():
        if len(board.apps(actor.shop_id, now.date())) >= MOST:
            raise Refusal.of("app_too_many", most=MOST)
        app_id = store.add_app(
            actor.shop_id, key=key, secret=seal(secret), name=name, redirect_uris=uris, per_second=per_second,
            per_day=per_day, created_by=actor.name, now=now,
        )  # fmt: skip
        _noted(actor, "gateway.app_added", now, app=key, name=name)
    return app_id, key, secret


def change(
    actor: Actor, key: str, *, name: str, redirect_uris: Sequence[str], per_second: int, per_day: int, active: bool,
    now: datetime,
) -> None:  # fmt: skip
    """Change an app of the shop. Refusals as for `register`, and `app_unknown`."""
    row = mine(actor, key)
    name, uris = people.named(name, row.name), _redirects(redirect_uris)
    _limits(per_second, per_day)
    with transaction.atomic():
        store.set_app(
            actor.shop_id, row.id, name=name, redirect_uris=uris, per_second=per_second, per_day=per_day, active=active
        )
        _noted(actor, "gateway.app_changed", now, app=key, name=name, active=active)


def renew_secret(actor: Actor, key: str, *, now: datetime) -> str:
    """Another secret for an app, shown once; the old one signs nothing any more. Refusal `app_unknown`."""
    row = mine(actor, key)
    secret = secrets.token_hex(16)
    with transaction.atomic():
        store.set_secret(actor.shop_id, row.id, seal(secret))
        _noted(actor, "gateway.secret_renewed", now, app=key)
    return secret


def mine(actor: Actor, key: str) -> Any:
    """An app that the actor's shop registered. Refusals `not_permitted`, `app_unknown`."""
    actor.require("configure_shop")
    row = store.app(key)
    if row is None or row.shop_id != actor.shop_id:
        raise Refusal.of("app_unknown")
    return row


def _limits(per_second: int, per_day: int) -> None:
    if per_second not in PER_SECOND or per_day not in PER_DAY:
        raise Refusal.of("app_limit")


def _redirects(uris: Sequence[str]) -> list[str]:
    found = []
    for uri in (text.strip() for text in uris if text.strip()):
        try:
            parts = urlsplit(uri)
            local = parts.scheme == "http" and (parts.netloc.rsplit(":", 1)[0] in LOCAL or parts.netloc in LOCAL)
        except ValueError:
            raise Refusal.of("app_redirect", value=uri[:80]) from None
        if not parts.netloc or parts.fragment or not (parts.scheme == "https" or local) or re.search(r"[\s<>\"]", uri):
            raise Refusal.of("app_redirect", value=uri[:80])
        found.append(uri)
    return found


def _noted(actor: Actor, act: str, now: datetime, **what: object) -> None:
    journal.append(actor, act, [journal.Moved(after=what)], now=now)


# --- letting an app in ---


def same(given: str, secret: str) -> bool:
    """Whether a secret is the app's, compared in constant time."""
    return secrets.compare_digest(given.encode(), secret.encode())


def known_app(key: str) -> App | None:
    """The app with this key, while it is switched on. Refusal `sealing_key`."""
    row = store.app(key)
    if row is None or not row.active:
        return None
    return App(row.id, row.key, opened(row.secret), row.name, row.per_second, row.per_day)


def asked_in(key: str, redirect_uri: str) -> App:
    """The app that asks to be let in, and may be sent back to `redirect_uri`. Refusals `app_unknown`, `oauth_redirect`."""
    row = store.app(key)
    if row is None or not row.active:
        raise Refusal.of("app_unknown")
    if redirect_uri not in row.redirect_uris:
        raise Refusal.of("oauth_redirect", value=redirect_uri[:80])
    return App(row.id, row.key, "", row.name, row.per_second, row.per_day)


@transaction.atomic
def let_in(actor: Actor, key: str, redirect_uri: str, *, now: datetime) -> str:
    """The account lets an app act for it: a code that the app turns into tokens, once and soon. Refusals as `asked_in`."""
    app = asked_in(key, redirect_uri)
    code = secrets.token_urlsafe(24)
    store.add_session(
        app.id, actor.shop_id, _member(actor), code=digest(code), code_until=now + CODE_LIVES,
        redirect_uri=redirect_uri, now=now,
    )  # fmt: skip
    _noted(actor, "gateway.let_in", now, app=key, name=app.name)
    return code


def issue(actor: Actor, key: str, *, now: datetime) -> Tokens:
    """A session for an app of the shop without OAuth: it acts as the actor's own account. Refusal `app_unknown`."""
    return issue_for(actor, key, _member(actor), now=now)


@transaction.atomic
def issue_for(actor: Actor, key: str, member_id: int, *, now: datetime) -> Tokens:
    """A session that acts as an account of the shop: one's own, or any for the command line. Refusals `app_unknown`,
    `not_a_member`, `not_permitted`."""
    row = mine(actor, key)
    if actor.member_id not in (None, member_id):
        raise Refusal.of("not_permitted", act="configure_shop", actor=actor.name)
    until = now + ISSUED_LIVES
    made = _made()
    session_id = store.add_session(
        row.id, actor.shop_id, member_id, token=digest(made[0]), until=until, refresh_token=digest(made[1]),
        refresh_until=until, now=now,
    )  # fmt: skip
    _noted(actor, "gateway.let_in", now, app=key, name=row.name)
    return Tokens(*made, until, until, _caller(session_id, actor.shop_id, member_id))


def _member(actor: Actor) -> int:
    if actor.member_id is None:
        raise Refusal.of("not_permitted", act="configure_shop", actor=actor.name)
    return actor.member_id


def _made() -> tuple[str, str]:
    return secrets.token_urlsafe(42), secrets.token_urlsafe(42)


@transaction.atomic
def exchange(app: App, *, code: str, redirect_uri: str | None, now: datetime) -> Tokens | None:
    """A code turned into tokens; None when it is not good (any more). `redirect_uri` None: the call was signed, so the app
    that asked for the code has proved itself already."""
    made = _made()
    until, refresh_until = now + TOKEN_LIVES, now + REFRESH_LIVES
    row = store.exchange(
        app.id, code=digest(code), redirect_uri=redirect_uri, token=digest(made[0]), until=until,
        refresh_token=digest(made[1]), refresh_until=refresh_until, now=now,
    )  # fmt: skip
    return _given(row, made, until, refresh_until)


@transaction.atomic
def refresh(app: App, *, refresh_token: str, now: datetime) -> Tokens | None:
    """New tokens for a refresh token, which is good once; None when it is not good (any more)."""
    made = _made()
    until, refresh_until = now + TOKEN_LIVES, now + REFRESH_LIVES
    row = store.refresh(
        app.id, old=digest(refresh_token), token=digest(made[0]), until=until, refresh_token=digest(made[1]),
        refresh_until=refresh_until, now=now,
    )  # fmt: skip
    return _given(row, made, until, refresh_until)


def _given(row: Any, made: tuple[str, str], until: datetime, refresh_until: datetime) -> Tokens | None:
    caller = None if row is None else _caller_or_none(row.id, row.shop_id, row.member_id)
    return None if caller is None else Tokens(*made, until, refresh_until, caller)


def _caller_or_none(session_id: int, shop_id: int, member_id: int) -> Caller | None:
    row = store.holder(shop_id, member_id)
    if row is None or not row.active:
        return None
    held = frozenset(row.permissions) & frozenset(PERMISSIONS)
    return Caller(Actor(shop_id, row.id, row.name, row.is_owner, held), session_id, row.user_id, row.code, row.shop)


def _caller(session_id: int, shop_id: int, member_id: int) -> Caller:
    found = _caller_or_none(session_id, shop_id, member_id)
    if found is None:
        raise Refusal.of("not_a_member")
    return found


def caller_of(app: App, token: str, *, now: datetime) -> Caller | str:
    """Whom this token lets the app act for; or why it does not: "unknown", "expired"."""
    row = store.session(digest(token))
    if row is None or row.app_id != app.id:
        return "unknown"
    found = _caller_or_none(row.id, row.shop_id, row.member_id)
    if row.ended_at is not None or row.until <= now or found is None:
        return "expired"
    if row.last_used_at is None or now - row.last_used_at >= NOTED_EVERY:
        store.used(row.id, now=now)
    return found


@transaction.atomic
def end(actor: Actor, session_id: int, *, now: datetime) -> None:
    """Let an app act for an account no longer: one's own, or any of the shop for who configures it.

    Refusals `app_session_unknown`, `not_permitted`.
    """
    row = store.end(actor.shop_id, session_id, now=now)
    if row is None:
        raise Refusal.of("app_session_unknown")
    if row.member_id != actor.member_id:
        actor.require("configure_shop")
    _noted(actor, "gateway.session_ended", now, session=session_id)


# --- limits ---


def banned_for(app: App, method: str, *, now: datetime) -> tuple[str, int] | None:
    """Count a call; where it is one too many: (what was exceeded: "second" or "day", seconds until it may call again)."""
    local = now.astimezone(ZONE)
    counted = store.count(app.id, method, second=int(now.timestamp()), day=local.date(), now=now)
    if counted.in_day > app.per_day:
        midnight = local.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
        store.note_refused(app.id, method)
        return "day", max(1, int((midnight - local).total_seconds()))
    if counted.in_second > app.per_second:
        store.note_refused(app.id, method)
        return "second", 1
    return None
