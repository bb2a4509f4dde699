"""Signing in: wrong tries are counted in the database, where every web process sees them, before the password is looked
at; so a hundred tries at once count as a hundred.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.conf import settings
from django.contrib.auth import authenticate, get_user_model
from django.db import transaction

from fahuo.rules.people import Actor
from fahuo.rules.problems import Refusal
from fahuo.rules.signin import BACKOFF, DEMO_PASSWORD, Kind, neighbourhood
from fahuo.services import sealing
from fahuo.store import accounts, journal
from fahuo.store.models import User

KNOWN: Final = timedelta(days=90)
"""An address from which a person came so lately does not wait for what others try elsewhere."""
TOLD_AGAIN: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Visitor:
    """Where a request comes from: its address, and its browser in a few words."""

    address: str = ""
    agent: str = ""


@dataclass(frozen=True, slots=True)
class Try:
    """One try that was counted: what it counts for."""

    keys: Sequence[str]
    own: Sequence[str]
    """Counts that a right answer clears wholly."""


def _key(kind: Kind, *parts: str) -> str:
    return f"{kind}:{sealing.mark('tries', kind, *parts)}"


def _count(keys: dict[str, Kind], *, now: datetime) -> tuple[datetime | None, bool]:
    """Count a try under each key: (None, whether a pause begins here), or (until when none is taken, False)."""
    with transaction.atomic():
        rows = accounts.lock_tries(sorted(keys), now=now)
        waits = [row.until for row in rows if row.until > now]
        if waits:
            return max(waits), False
        counts = {}
        for row in rows:
            rule = BACKOFF[keys[row.key]]
            tries = 1 if now - row.last_at > rule.forget else row.tries + 1
            counts[row.key] = (tries, now + rule.pause(tries))
        accounts.set_tries(
            list(counts), [tries for tries, _ in counts.values()], [until for _, until in counts.values()], now=now
        )
    begins = any(tries == BACKOFF[keys[key]].free + 1 for key, (tries, _) in counts.items() if keys[key] != "address")
    return None, begins


def _begin(keys: dict[str, Kind], own: Sequence[str], user_id: int | None, *, now: datetime) -> Try:
    until, begins = _count(keys, now=now)
    if until is not None:
        raise Refusal.of("sign_in_paused", seconds=-(-(until - now) // timedelta(seconds=1)))
    if begins and user_id is not None:
        _tell(user_id, now=now)
    return Try(list(keys), own)


def _right(one: Try, *, now: datetime) -> None:
    accounts.take_back(one.keys, one.own, now=now)


def _tell(user_id: int, *, now: datetime) -> None:
    """Somebody guesses: the account's journal and its shops' say so, once in a while."""
    last = accounts.last_event(user_id, "paused")
    if last is not None and now - last < TOLD_AGAIN:
        return
    accounts.add_event(user_id, "paused", now=now)
    username = get_user_model()._default_manager.values_list("username", flat=True).get(pk=user_id)
    for row in accounts.serves(user_id):
        with transaction.atomic():
            after = {"account": username, "name": row.name}
            entry = journal.Moved(after=after)
            journal.append(Actor(row.shop_id, None, "sign-in"), "people.sign_in_paused", [entry], now=now)


def by_password(username: str, password: str, *, visitor: Visitor, now: datetime) -> User | None:
    """The person, or None for a wrong name or password (they look alike). Refusal `sign_in_paused` after too many."""
    name, address = username.strip().lower(), neighbourhood(visitor.address)
    user_id = get_user_model()._default_manager.filter(username__iexact=name).values_list("pk", flat=True).first()
    keys: dict[str, Kind] = {_key("pair", name, address): "pair", _key("address", address): "address"}
    own = [_key("pair", name, address)]
    if user_id is None or not accounts.came_from(user_id, visitor.address, now - KNOWN):
        keys[_key("account", name)] = "account"
    one = _begin(keys, own, user_id, now=now)
    user = authenticate(username=username, password=password)
    if user is None or not isinstance(user, User) or public(password):
        return None
    _right(one, now=now)
    return user


def public(password: str) -> bool:
    """Whether this is the demo's password where no demo is."""
    return not settings.DEMO and password == DEMO_PASSWORD


def try_code(user_id: int, *, now: datetime) -> Try:
    """Count a try at the second factor. Refusal `sign_in_paused`."""
    key = _key("second", str(user_id))
    return _begin({key: "second"}, [key], user_id, now=now)


def right_code(one: Try, *, now: datetime) -> None:
    """The code was right: no try counts any more."""
    _right(one, now=now)


def again(user: User, password: str, *, visitor: Visitor, now: datetime) -> bool:
    """Whether the person who is signed in knows the password; counted like a sign-in. Refusal `sign_in_paused`."""
    found = by_password(user.username, password, visitor=visitor, now=now)
    return found is not None and found.pk == user.pk


def note(user_id: int, act: str, *, visitor: Visitor, now: datetime, **facts: object) -> None:
    """Write what happened into the account's journal."""
    accounts.add_event(user_id, act, address=visitor.address, agent=visitor.agent, facts=dict(facts), now=now)


def latest(user_id: int, limit: int) -> list[Any]:
    """The latest entries (at, act, address, agent, facts) of an account's journal."""
    return accounts.events(user_id, limit)


def guessed(user_ids: Sequence[int], *, since: datetime) -> list[Any]:
    """Whose password somebody guessed at since then: username, at."""
    return accounts.guessed(user_ids, since)


def person(user_id: int) -> User | None:
    """The person, where the account is open."""
    return User.objects.filter(pk=user_id, is_active=True).first()


def shown_to_all(user: User) -> bool:
    """Whether an account still has the demo's password where no demo is: whoever enters it may be anybody."""
    return not settings.DEMO and user.check_password(DEMO_PASSWORD)


def left_of_the_demo(names: Sequence[str]) -> list[str]:
    """Which of these accounts have the demo's password."""
    found = User.objects.filter(username__in=names, is_active=True).order_by("username")
    return [user.username for user in found if user.check_password(DEMO_PASSWORD)]


def forget(*, keep_days: int, now: datetime) -> None:
    """Forget sessions that are over, counts that are stale, links that ran out, and old entries of accounts' journals."""
    accounts.forget_sessions(now)
    accounts.forget_tries(now - max(rule.forget for rule in BACKOFF.values()))
    accounts.forget_invitations(now - timedelta(days=keep_days))
    accounts.forget_events(now - timedelta(days=max(keep_days, KNOWN.days)))
