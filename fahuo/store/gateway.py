"""Apps and sessions of the gateway, and how often each app called: one statement each. These tables are shared."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Final

from fahuo.store import sql

ADD_APP: Final = """
INSERT INTO gateway_apps (shop_id, key, secret, name, redirect_uris, per_second, per_day, active, created_at, created_by)
VALUES (%(shop_id)s, %(key)s, %(secret)s, %(name)s, %(redirect_uris)s, %(per_second)s, %(per_day)s, true, %(now)s,
        %(created_by)s)
RETURNING id
"""


def add_app(
    shop_id: int, *, key: str, secret: str, name: str, redirect_uris: Sequence[str], per_second: int, per_day: int,
    created_by: str, now: datetime,
) -> int:  # fmt: skip
    """A new app's id; `secret` is sealed."""
    return int(sql.fetch(
        ADD_APP, shop_id=shop_id, key=key, secret=secret, name=name, redirect_uris=list(redirect_uris),
        per_second=per_second, per_day=per_day, created_by=created_by, now=now,
    )[0].id)  # fmt: skip


APP: Final = """
SELECT a.id, a.shop_id, a.key, a.secret, a.name, a.redirect_uris, a.per_second, a.per_day, a.active
FROM gateway_apps a WHERE a.key = %(key)s
"""


def app(key: str) -> Any | None:
    """The app with this key."""
    return sql.fetch_one(APP, key=key)


SET_APP: Final = """
UPDATE gateway_apps SET name = %(name)s, redirect_uris = %(redirect_uris)s, active = %(active)s,
       per_second = %(per_second)s, per_day = %(per_day)s
WHERE shop_id = %(shop_id)s AND id = %(app_id)s
"""


def set_app(
    shop_id: int, app_id: int, *, name: str, redirect_uris: Sequence[str], per_second: int, per_day: int, active: bool
) -> int:
    """Change an app of the shop."""
    return sql.run(
        SET_APP, shop_id=shop_id, app_id=app_id, name=name, redirect_uris=list(redirect_uris), per_second=per_second,
        per_day=per_day, active=active,
    )  # fmt: skip


SET_SECRET: Final = "UPDATE gateway_apps SET secret = %(secret)s WHERE shop_id = %(shop_id)s AND id = %(app_id)s"


def set_secret(shop_id: int, app_id: int, secret: str) -> int:
    """Give an app another (sealed) secret."""
    return sql.run(SET_SECRET, shop_id=shop_id, app_id=app_id, secret=secret)


ADD_SESSION: Final = """
INSERT INTO gateway_sessions (app_id, shop_id, member_id, code, code_until, redirect_uri, token, until, refresh_token,
                              refresh_until, created_at)
VALUES (%(app_id)s, %(shop_id)s, %(member_id)s, %(code)s, %(code_until)s, %(redirect_uri)s, %(token)s, %(until)s,
        %(refresh_token)s, %(refresh_until)s, %(now)s)
RETURNING id
"""


def add_session(
    app_id: int, shop_id: int, member_id: int, *, now: datetime, code: str | None = None,
    code_until: datetime | None = None, redirect_uri: str = "", token: str | None = None, until: datetime | None = None,
    refresh_token: str | None = None, refresh_until: datetime | None = None,
) -> int:  # fmt: skip
    """A session that begins with a code or with tokens (digests); its id."""
    return int(sql.fetch(
        ADD_SESSION, app_id=app_id, shop_id=shop_id, member_id=member_id, code=code, code_until=code_until,
        redirect_uri=redirect_uri, token=token, until=until, refresh_token=refresh_token, refresh_until=refresh_until,
        now=now,
    )[0].id)  # fmt: skip


EXCHANGE: Final = """
UPDATE gateway_sessions SET code = NULL, token = %(token)s, until = %(until)s, refresh_token = %(refresh_token)s,
       refresh_until = %(refresh_until)s
WHERE app_id = %(app_id)s AND code = %(code)s AND code_until > %(now)s AND ended_at IS NULL
  AND (%(redirect_uri)s::text IS NULL OR redirect_uri = %(redirect_uri)s::text)
RETURNING id, shop_id, member_id
"""
REFRESH: Final = """
UPDATE gateway_sessions SET token = %(token)s, until = %(until)s, refresh_token = %(refresh_token)s,
       refresh_until = %(refresh_until)s
WHERE app_id = %(app_id)s AND refresh_token = %(old)s AND refresh_until > %(now)s AND ended_at IS NULL
RETURNING id, shop_id, member_id
"""


def exchange(
    app_id: int, *, code: str, redirect_uri: str | None, token: str, until: datetime, refresh_token: str,
    refresh_until: datetime, now: datetime,
) -> Any | None:  # fmt: skip
    """Turn a code that is good still, once, into tokens (digests): (id, shop_id, member_id), or None."""
    return sql.fetch_one(
        EXCHANGE, app_id=app_id, code=code, redirect_uri=redirect_uri, token=token, until=until,
        refresh_token=refresh_token, refresh_until=refresh_until, now=now,
    )  # fmt: skip


def refresh(
    app_id: int, *, old: str, token: str, until: datetime, refresh_token: str, refresh_until: datetime, now: datetime
) -> Any | None:
    """Give the session of a refresh token new tokens (digests): (id, shop_id, member_id), or None."""
    return sql.fetch_one(
        REFRESH, app_id=app_id, old=old, token=token, until=until, refresh_token=refresh_token,
        refresh_until=refresh_until, now=now,
    )  # fmt: skip


SESSION: Final = """
SELECT s.id, s.app_id, s.shop_id, s.member_id, s.until, s.ended_at, s.last_used_at
FROM gateway_sessions s WHERE s.token = %(token)s
"""
HOLDER: Final = """
SELECT m.id, m.user_id, m.name, m.is_owner, m.permissions, m.active, h.code, h.name AS shop, h.time_zone
FROM members m JOIN shops h ON h.id = m.shop_id WHERE m.shop_id = %(shop_id)s AND m.id = %(member_id)s
"""


def session(token: str) -> Any | None:
    """The session of a token (its digest)."""
    return sql.fetch_one(SESSION, token=token)


def holder(shop_id: int, member_id: int) -> Any | None:
    """The account that a session acts as, with its shop."""
    return sql.fetch_one(HOLDER, shop_id=shop_id, member_id=member_id)


USED: Final = "UPDATE gateway_sessions SET last_used_at = %(now)s WHERE id = %(session_id)s"


def used(session_id: int, *, now: datetime) -> int:
    """Note that a session called."""
    return sql.run(USED, session_id=session_id, now=now)


END: Final = """
UPDATE gateway_sessions SET ended_at = %(now)s
WHERE shop_id = %(shop_id)s AND id = %(session_id)s AND ended_at IS NULL RETURNING app_id, member_id
"""


def end(shop_id: int, session_id: int, *, now: datetime) -> Any | None:
    """End a session of the shop; None when it had ended."""
    return sql.fetch_one(END, shop_id=shop_id, session_id=session_id, now=now)


UNHURRIED: Final = "WITH unhurried AS MATERIALIZED (SELECT set_config('synchronous_commit', 'off', true) AS is)"
"""Counts need not reach the disk before the next call may count: an app's calls at the same moment share one row, and would
wait there for each other's disk. A crash forgets a blink of them."""
COUNT: Final = f"""
{UNHURRIED}
INSERT INTO gateway_uses AS u (app_id, method, second, in_second, day, in_day, refused, last_at)
SELECT %(app_id)s, %(method)s, %(second)s, 1, %(day)s::date, 1, 0, %(now)s FROM unhurried
ON CONFLICT (app_id, method) DO UPDATE SET
    second = GREATEST(u.second, excluded.second), day = excluded.day, last_at = excluded.last_at,
    in_second = CASE WHEN u.second >= excluded.second THEN u.in_second + 1 ELSE 1 END,
    in_day = CASE WHEN u.day = excluded.day THEN u.in_day + 1 ELSE 1 END
RETURNING in_second, (SELECT coalesce(sum(o.in_day), 0) FROM gateway_uses o
                      WHERE o.app_id = %(app_id)s AND o.day = %(day)s AND NOT o.method = %(method)s) + in_day AS in_day
"""
REFUSED: Final = f"""
{UNHURRIED}
UPDATE gateway_uses SET refused = refused + 1 FROM unhurried WHERE app_id = %(app_id)s AND method = %(method)s
"""


def count(app_id: int, method: str, *, second: int, day: date, now: datetime) -> Any:
    """Count a call: (in_second, of this method in this second; in_day, of the app on this day). Outside a transaction, so that
    the row is held for the statement alone."""
    return sql.fetch(COUNT, app_id=app_id, method=method, second=second, day=day, now=now)[0]


def note_refused(app_id: int, method: str) -> int:
    """A call was refused for being one too many."""
    return sql.run(REFUSED, app_id=app_id, method=method)
