"""Who decides for the platform. Small and shared: a reference table beside the users."""

from datetime import datetime
from typing import Any, Final

from fahuo.store import sql

ADD: Final = """
INSERT INTO platform_staff (user_id, name, active, created_at) VALUES (%(user_id)s, %(name)s, true, %(now)s)
ON CONFLICT (user_id) DO UPDATE SET name = excluded.name, active = true RETURNING id
"""
LISTED: Final = """
SELECT p.id, p.user_id, p.name, p.active, p.created_at, u.username, u.last_login
FROM platform_staff p JOIN users u ON u.id = p.user_id ORDER BY p.active DESC, p.id
"""
END: Final = """
UPDATE platform_staff SET active = false FROM users u
WHERE u.id = platform_staff.user_id AND u.username = %(username)s AND platform_staff.active
"""


def add(user_id: int, name: str, *, now: datetime) -> int:
    """Let a person decide for the platform, under this name; the id. Who did before may again."""
    return int(sql.fetch(ADD, user_id=user_id, name=name, now=now)[0].id)


def listed() -> list[Any]:
    """Everybody who decides, or decided, for the platform: id, username, name, active, created_at, last_login."""
    return sql.fetch(LISTED)


def end(username: str) -> bool:
    """Take a person's desk away; False when they had none."""
    return bool(sql.run(END, username=username))
