"""How people sign in, one statement each: sessions, tries, second factors, invitations, what happened to an account."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from psycopg.types.json import Jsonb

from fahuo.store import sql

END_SESSION: Final = "DELETE FROM sessions WHERE session_key = %(name)s"
END_OWN: Final = "DELETE FROM sessions WHERE user_id = %(user_id)s AND left(session_key, 16) = %(ref)s"
END_OTHERS: Final = "DELETE FROM sessions WHERE user_id = %(user_id)s AND session_key <> %(but)s"
OLD_SESSIONS: Final = "DELETE FROM sessions WHERE expire_date < %(now)s"
SESSIONS: Final = """
SELECT left(session_key, 16) AS ref, session_key = %(current)s AS current, since, seen, address, agent
FROM sessions WHERE user_id = %(user_id)s AND expire_date > %(now)s ORDER BY session_key = %(current)s DESC, seen DESC
"""


def end_session(name: str) -> None:
    """End the session of this name (see services.sessions.name_of)."""
    sql.run(END_SESSION, name=name)


def end_own(user_id: int, ref: str) -> bool:
    """End one session of a person, as `sessions` names it."""
    return sql.run(END_OWN, user_id=user_id, ref=ref) > 0


def end_others(user_id: int, but: str) -> int:
    """End all sessions of a person but one ("": all); how many."""
    return sql.run(END_OTHERS, user_id=user_id, but=but)


def forget_sessions(now: datetime) -> int:
    """Delete sessions that are over."""
    return sql.run(OLD_SESSIONS, now=now)


def sessions(user_id: int, current: str, *, now: datetime) -> list[Any]:
    """A person's sessions (ref, current, since, seen, address, agent), this one first."""
    return sql.fetch(SESSIONS, user_id=user_id, current=current, now=now)


OPEN_TRIES: Final = """
INSERT INTO sign_in_tries (key, tries, last_at, until)
SELECT asked.key, 0, %(now)s, %(now)s FROM unnest(%(keys)s::text[]) AS asked (key) ORDER BY asked.key
ON CONFLICT (key) DO NOTHING
"""
LOCK_TRIES: Final = """
SELECT key, tries, last_at, until FROM sign_in_tries WHERE key = ANY(%(keys)s) ORDER BY key FOR UPDATE
"""
SET_TRIES: Final = """
UPDATE sign_in_tries t SET tries = asked.tries, last_at = %(now)s, until = asked.until
FROM unnest(%(keys)s::text[], %(tries)s::int[], %(untils)s::timestamptz[]) AS asked (key, tries, until)
WHERE t.key = asked.key
"""
TAKE_BACK: Final = """
UPDATE sign_in_tries SET tries = CASE WHEN key = ANY(%(wholly)s) THEN 0 ELSE greatest(tries - 1, 0) END,
       until = least(until, %(now)s)
WHERE key = ANY(%(keys)s)
"""
FORGET_TRIES: Final = "DELETE FROM sign_in_tries WHERE last_at < %(before)s"


def lock_tries(keys: Sequence[str], *, now: datetime) -> list[Any]:
    """The counts (key, tries, last_at, until) of these keys, locked; made where there are none."""
    sql.run(OPEN_TRIES, keys=list(keys), now=now)
    return sql.fetch(LOCK_TRIES, keys=list(keys))


def set_tries(keys: Sequence[str], tries: Sequence[int], untils: Sequence[datetime], *, now: datetime) -> None:
    """Write the counts that were locked."""
    sql.run(SET_TRIES, keys=list(keys), tries=list(tries), untils=list(untils), now=now)


def take_back(keys: Sequence[str], wholly: Sequence[str], *, now: datetime) -> None:
    """A try was right: it counts no more, and of `wholly` none counts."""
    sql.run(TAKE_BACK, keys=list(keys), wholly=list(wholly), now=now)


def forget_tries(before: datetime) -> int:
    """Delete counts without a try since then."""
    return sql.run(FORGET_TRIES, before=before)


ADD_EVENT: Final = """
INSERT INTO account_events (user_id, at, act, address, agent, facts)
VALUES (%(user_id)s, %(now)s, %(act)s, %(address)s, %(agent)s, %(facts)s)
"""
EVENTS: Final = """
SELECT at, act, address, agent, facts FROM account_events WHERE user_id = %(user_id)s ORDER BY at DESC, id DESC
LIMIT %(limit)s
"""
CAME_FROM: Final = """
SELECT EXISTS (SELECT FROM account_events WHERE user_id = %(user_id)s AND act = 'signed_in' AND address = %(address)s
               AND at > %(since)s) AS known
"""
LAST_EVENT: Final = "SELECT max(at) AS at FROM account_events WHERE user_id = %(user_id)s AND act = %(act)s"
GUESSED: Final = """
SELECT u.username, max(e.at) AS at FROM account_events e JOIN users u ON u.id = e.user_id
WHERE e.user_id = ANY(%(user_ids)s) AND e.at > %(since)s AND e.act = 'paused' GROUP BY u.username ORDER BY 2 DESC
"""
FORGET_EVENTS: Final = "DELETE FROM account_events WHERE at < %(before)s"


def add_event(
    user_id: int, act: str, *, now: datetime, address: str = "", agent: str = "", facts: dict[str, Any] | None = None
) -> None:  # fmt: skip
    """Append to an account's journal."""
    sql.run(ADD_EVENT, user_id=user_id, act=act, address=address, agent=agent, facts=Jsonb(facts or {}), now=now)


def events(user_id: int, limit: int) -> list[Any]:
    """The latest entries (at, act, address, agent, facts) of an account's journal."""
    return sql.fetch(EVENTS, user_id=user_id, limit=limit)


def came_from(user_id: int, address: str, since: datetime) -> bool:
    """Whether a person has signed in from this address since then."""
    return bool(sql.fetch(CAME_FROM, user_id=user_id, address=address, since=since)[0].known)


def last_event(user_id: int, act: str) -> datetime | None:
    """When this happened to an account last."""
    at: datetime | None = sql.fetch(LAST_EVENT, user_id=user_id, act=act)[0].at
    return at


def guessed(user_ids: Sequence[int], since: datetime) -> list[Any]:
    """Whose sign-in (username) was paused since then, and when last (at)."""
    return sql.fetch(GUESSED, user_ids=list(user_ids), since=since)


def forget_events(before: datetime) -> int:
    """Delete entries that are older."""
    return sql.run(FORGET_EVENTS, before=before)


FACTORS: Final = """
SELECT u.username, u.totp, u.totp_step, u.second_factor,
       (SELECT count(*) FROM recovery_codes r WHERE r.user_id = u.id AND r.used_at IS NULL) AS codes
FROM users u WHERE u.id = %(user_id)s
"""
LOCK_USER: Final = "SELECT id FROM users WHERE id = %(user_id)s FOR UPDATE"
SET_TOTP: Final = "UPDATE users SET totp = %(totp)s, totp_step = %(step)s WHERE id = %(user_id)s"
USE_STEP: Final = "UPDATE users SET totp_step = %(step)s WHERE id = %(user_id)s AND totp_step < %(step)s"
SETTLE: Final = """
UPDATE users u SET second_factor = u.totp <> '' OR EXISTS (SELECT FROM passkeys p WHERE p.user_id = u.id)
WHERE u.id = %(user_id)s RETURNING u.second_factor
"""


def factors(user_id: int) -> Any:
    """A person's second factors: username, totp (sealed), totp_step, second_factor, codes that are left.

    LookupError for an account that is not there: whoever asks for somebody's factors has seen the person.
    """
    found = sql.fetch_one(FACTORS, user_id=user_id)
    if found is None:
        raise LookupError(f"no account {user_id}")
    return found


def lock_user(user_id: int) -> None:
    """Hold a person's row, so that changes of factors follow each other."""
    sql.fetch(LOCK_USER, user_id=user_id)


def set_totp(user_id: int, totp: str, step: int) -> None:
    """Keep the sealed secret of an authenticator app ("": none), and the step of its first code."""
    sql.run(SET_TOTP, user_id=user_id, totp=totp, step=step)


def use_step(user_id: int, step: int) -> bool:
    """Take the code of a step; False when it, or a later one, was taken before."""
    return sql.run(USE_STEP, user_id=user_id, step=step) > 0


def settle_factor(user_id: int) -> bool:
    """Write down whether a person has a second factor now; the answer."""
    return bool(sql.fetch(SETTLE, user_id=user_id)[0].second_factor)


ADD_CODES: Final = """
INSERT INTO recovery_codes (user_id, digest) SELECT %(user_id)s, asked.digest
FROM unnest(%(digests)s::text[]) AS asked (digest)
"""
DROP_CODES: Final = "DELETE FROM recovery_codes WHERE user_id = %(user_id)s"
USE_CODE: Final = """
UPDATE recovery_codes SET used_at = %(now)s
WHERE user_id = %(user_id)s AND digest = %(digest)s AND used_at IS NULL
"""


def set_codes(user_id: int, digests: Sequence[str]) -> None:
    """Put these recovery codes in the place of all others."""
    sql.run(DROP_CODES, user_id=user_id)
    sql.run(ADD_CODES, user_id=user_id, digests=list(digests))


def use_code(user_id: int, digest: str, *, now: datetime) -> bool:
    """Use a recovery code up; False when there is none like it."""
    return sql.run(USE_CODE, user_id=user_id, digest=digest, now=now) > 0


PASSKEYS: Final = """
SELECT id, credential, public_key, handle, host, name, sign_count, transports, created_at, used_at FROM passkeys
WHERE user_id = %(user_id)s ORDER BY id
"""
PASSKEY: Final = (
    "SELECT id, user_id, public_key, handle, sign_count, name FROM passkeys WHERE credential = %(credential)s"
)
ADD_PASSKEY: Final = """
INSERT INTO passkeys (user_id, credential, public_key, handle, host, name, sign_count, transports, created_at)
VALUES (%(user_id)s, %(credential)s, %(public_key)s, %(handle)s, %(host)s, %(name)s, %(sign_count)s, %(transports)s,
        %(now)s)
ON CONFLICT (credential) DO NOTHING RETURNING id
"""
USE_PASSKEY: Final = """
UPDATE passkeys SET sign_count = %(sign_count)s, used_at = %(now)s WHERE id = %(passkey_id)s AND sign_count = %(before)s
"""
DROP_PASSKEY: Final = "DELETE FROM passkeys WHERE user_id = %(user_id)s AND id = %(passkey_id)s RETURNING name"
DROP_PASSKEYS: Final = "DELETE FROM passkeys WHERE user_id = %(user_id)s"


def passkeys(user_id: int) -> list[Any]:
    """A person's passkeys, the oldest first."""
    return sql.fetch(PASSKEYS, user_id=user_id)


def passkey(credential: str) -> Any | None:
    """The passkey of this credential: id, user_id, public_key, handle, sign_count, name."""
    return sql.fetch_one(PASSKEY, credential=credential)


def add_passkey(
    user_id: int, *, credential: str, public_key: str, handle: str, host: str, name: str, sign_count: int,
    transports: Sequence[str], now: datetime,
) -> int | None:  # fmt: skip
    """A new passkey's id; None when the credential is known."""
    row = sql.fetch_one(
        ADD_PASSKEY, user_id=user_id, credential=credential, public_key=public_key, handle=handle, host=host, name=name,
        sign_count=sign_count, transports=list(transports), now=now,
    )  # fmt: skip
    return int(row.id) if row else None


def use_passkey(passkey_id: int, before: int, sign_count: int, *, now: datetime) -> bool:
    """Note a use; False when another use came between."""
    return sql.run(USE_PASSKEY, passkey_id=passkey_id, before=before, sign_count=sign_count, now=now) > 0


def drop_passkey(user_id: int, passkey_id: int) -> str | None:
    """Remove a passkey of a person; its name, None where there is none."""
    row = sql.fetch_one(DROP_PASSKEY, user_id=user_id, passkey_id=passkey_id)
    return str(row.name) if row else None


def drop_passkeys(user_id: int) -> int:
    """Remove all passkeys of a person."""
    return sql.run(DROP_PASSKEYS, user_id=user_id)


ADD_INVITATION: Final = """
INSERT INTO invitations (digest, user_id, made_by, place, created_at, expires_at)
VALUES (%(digest)s, %(user_id)s, %(made_by)s, %(place)s, %(now)s, %(expires_at)s)
"""
REVOKE: Final = """
UPDATE invitations SET revoked_at = %(now)s
WHERE user_id = %(user_id)s AND used_at IS NULL AND revoked_at IS NULL AND expires_at > %(now)s
"""
INVITATION: Final = """
SELECT i.id, i.user_id, i.made_by, i.place, i.expires_at, u.username FROM invitations i JOIN users u ON u.id = i.user_id
WHERE i.digest = %(digest)s AND i.used_at IS NULL AND i.revoked_at IS NULL AND i.expires_at > %(now)s AND u.is_active
"""
USE_INVITATION: Final = """
UPDATE invitations SET used_at = %(now)s
WHERE digest = %(digest)s AND used_at IS NULL AND revoked_at IS NULL AND expires_at > %(now)s RETURNING user_id
"""
OPEN_INVITATIONS: Final = """
SELECT user_id, created_at, expires_at FROM invitations
WHERE user_id = ANY(%(user_ids)s) AND used_at IS NULL AND revoked_at IS NULL AND expires_at > %(now)s
"""
FORGET_INVITATIONS: Final = "DELETE FROM invitations WHERE expires_at < %(before)s"


def add_invitation(
    user_id: int, digest: str, *, made_by: str, place: str, expires_at: datetime, now: datetime
) -> None:  # fmt: skip
    """Keep the digest of a link."""
    sql.run(
        ADD_INVITATION, user_id=user_id, digest=digest, made_by=made_by, place=place, expires_at=expires_at, now=now
    )


def revoke_invitations(user_id: int, *, now: datetime) -> int:
    """Let no open link of a person open anything any more; how many there were."""
    return sql.run(REVOKE, user_id=user_id, now=now)


def invitation(digest: str, *, now: datetime) -> Any | None:
    """The open invitation of this digest: id, user_id, made_by, place, expires_at, username."""
    return sql.fetch_one(INVITATION, digest=digest, now=now)


def use_invitation(digest: str, *, now: datetime) -> int | None:
    """Use a link up; the person's id, None when it opens nothing."""
    row = sql.fetch_one(USE_INVITATION, digest=digest, now=now)
    return int(row.user_id) if row else None


def open_invitations(user_ids: Sequence[int], *, now: datetime) -> dict[int, Any]:
    """Which of these people have a link that waits: person -> (created_at, expires_at)."""
    return {row.user_id: row for row in sql.fetch(OPEN_INVITATIONS, user_ids=list(user_ids), now=now)}


def forget_invitations(before: datetime) -> int:
    """Delete links that ran out before then."""
    return sql.run(FORGET_INVITATIONS, before=before)


MUST_CHANGE: Final = "UPDATE users SET must_change_password = %(must)s WHERE id = %(user_id)s"


def set_must_change(user_id: int, must: bool) -> None:
    """Say whether a person chooses another password at the next page."""
    sql.run(MUST_CHANGE, user_id=user_id, must=must)


SERVES: Final = """
/* across shops: a person's shops */
SELECT m.shop_id, m.id, m.name FROM members m WHERE m.user_id = %(user_id)s AND m.active
"""


def serves(user_id: int) -> list[Any]:
    """Where a person is a member: shop_id, id, name."""
    return sql.fetch(SERVES, user_id=user_id)
