"""The apps of a shop, who let which app in, and how much each called."""

from typing import Any, Final

from fahuo.store import sql

APPS: Final = """
SELECT a.id, a.key, a.name, a.redirect_uris, a.per_second, a.per_day, a.active, a.created_at, a.created_by,
       coalesce(sum(u.in_day) FILTER (WHERE u.day = %(day)s), 0) AS today, max(u.last_at) AS last_at,
       coalesce(sum(u.refused), 0) AS refused
FROM gateway_apps a LEFT JOIN gateway_uses u ON u.app_id = a.id
WHERE a.shop_id = %(shop_id)s GROUP BY a.id ORDER BY a.active DESC, a.id DESC
"""
SESSIONS: Final = """
SELECT s.id, s.app_id, s.member_id, s.until, s.created_at, s.last_used_at, a.key, a.name AS app, a.active AS app_active,
       a.shop_id = %(shop_id)s AS own, m.name AS member, m.active AS member_active
FROM gateway_sessions s JOIN gateway_apps a ON a.id = s.app_id
JOIN members m ON m.shop_id = %(shop_id)s AND m.id = s.member_id
WHERE s.shop_id = %(shop_id)s AND s.ended_at IS NULL AND s.token IS NOT NULL ORDER BY s.id DESC LIMIT 100
"""
USES: Final = """
SELECT u.method, u.last_at, CASE WHEN u.day = %(day)s THEN u.in_day ELSE 0 END AS today, u.refused
FROM gateway_uses u WHERE u.app_id = %(app_id)s ORDER BY u.last_at DESC LIMIT 60
"""


def apps(shop_id: int, day: Any) -> list[Any]:
    """The shop's apps, with what they called on `day` (a date in GMT+8)."""
    return sql.fetch(APPS, shop_id=shop_id, day=day)


def sessions(shop_id: int) -> list[Any]:
    """Who of the shop let which app in, the newest first."""
    return sql.fetch(SESSIONS, shop_id=shop_id)


def uses(app_id: int, day: Any) -> list[Any]:
    """What an app called, the latest first."""
    return sql.fetch(USES, app_id=app_id, day=day)
