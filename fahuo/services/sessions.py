"""Sessions of browsers, Django's in a table that knows whose they are, since when, and from where; so that a person sees
them and ends them. The table keeps a digest of the cookie: a copy of the database signs nobody in.
"""

import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends import db
from django.contrib.sessions.base_session import AbstractBaseSession

from fahuo.services import moment
from fahuo.store import accounts
from fahuo.store.models import Session

WHOSE, SINCE, SEEN, PROVED, ADDRESS, AGENT, DEMO = "whose", "since", "seen", "proved", "address", "agent", "demo"
"""What a session holds besides Django's own."""
SEEN_AGAIN = timedelta(minutes=5)
"""How exactly it is known when a session was last used."""


def name_of(key: str) -> str:
    """What the table keeps of a session's key: 160 bits of its SHA-256, in hexadecimal."""
    return hashlib.sha256(key.encode()).hexdigest()[:40]


class SessionStore(db.SessionStore):
    """The engine (see SESSION_ENGINE)."""

    @classmethod
    def get_model_class(cls) -> type[AbstractBaseSession]:
        return Session

    def _get_session_from_db(self) -> Any:
        found = Session.objects.filter(session_key=name_of(self.session_key or ""), expire_date__gt=moment.real())
        row = found.first()
        if row is None:
            self._session_key = None
        return row

    def exists(self, session_key: str) -> bool:
        return super().exists(name_of(session_key))

    def delete(self, session_key: str | None = None) -> None:
        key = session_key or self.session_key
        if key is not None:
            accounts.end_session(name_of(key))

    def create_model_instance(self, data: dict[str, Any]) -> AbstractBaseSession:
        now = moment.real()
        whose = data.get(SESSION_KEY)
        if SINCE not in data or data.get(WHOSE) != whose:
            data.update({WHOSE: whose, SINCE: now.timestamp(), SEEN: now.timestamp(), DEMO: settings.DEMO})
        key = self._get_or_create_session_key()  # type: ignore[attr-defined]  # Django's base has it
        return Session(
            session_key=name_of(key), session_data=self.encode(data),
            expire_date=self.get_expiry_date(), user_id=int(whose) if whose else None, since=at(data, SINCE),
            seen=at(data, SEEN), address=data.get(ADDRESS, ""), agent=data.get(AGENT, ""),
        )  # fmt: skip


def at(session: Any, name: str) -> datetime:
    """An instant that a session holds."""
    return datetime.fromtimestamp(session.get(name, 0), UTC)


def outlived(session: Any, *, now: datetime) -> bool:
    """Whether a session of somebody is too old, was left alone for too long, or is of the demo where none is."""
    age, idle = (timedelta(seconds=seconds) for seconds in (settings.SESSION_COOKIE_AGE, settings.SESSION_IDLE))
    old = now - at(session, SINCE) > age or now - at(session, SEEN) > idle
    return SINCE in session and (old or (session.get(DEMO, False) and not settings.DEMO))


def touch(session: Any, *, now: datetime) -> None:
    """Note that a session is used, to the nearest SEEN_AGAIN."""
    if now - at(session, SEEN) > SEEN_AGAIN:
        session[SEEN] = now.timestamp()


def prove(session: Any, *, now: datetime) -> None:
    """Note that the person has just shown once more who they are."""
    session[PROVED] = now.timestamp()


def proved_within(session: Any, within: timedelta, *, now: datetime) -> bool:
    """Whether the person has shown who they are within this time: by signing in, or by being asked since."""
    latest = max(at(session, PROVED), at(session, SINCE)) if SINCE in session else at(session, PROVED)
    return now - latest <= within


def listed(user_id: int, current: str, *, now: datetime) -> list[Any]:
    """A person's sessions (ref, current, since, seen, address, agent); `current` is a session's key."""
    return accounts.sessions(user_id, name_of(current), now=now)


def end(user_id: int, ref: str) -> bool:
    """End one session of a person; False when there is none of this `ref`."""
    return accounts.end_own(user_id, ref)


def end_others(user_id: int, current: str) -> int:
    """End every session of a person but the one with this key; how many."""
    return accounts.end_others(user_id, name_of(current))
