"""Shops, and the people who serve them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from psycopg.types.json import Jsonb

from fahuo.store import sql

SHOPS_OF: Final = """
/* across shops: a person's shops */
SELECT s.id, s.code, s.name, s.platform, s.time_zone, s.tasks_here, s.second_factor,
       m.id AS member_id, m.name AS member, m.is_owner, m.permissions
FROM members m JOIN shops s ON s.id = m.shop_id
WHERE m.user_id = %(user_id)s AND m.active ORDER BY s.name, s.id
"""


def shops_of(user_id: int) -> list[Any]:
    """The shops (id, code, name, platform, time_zone) that a person serves now, and as which account (member_id, member,
    is_owner, permissions)."""
    return sql.fetch(SHOPS_OF, user_id=user_id)


BUYS_AT: Final = """
/* across shops: a person's shops */
SELECT s.id, s.code, s.name, s.platform, s.time_zone, b.name AS buyer
FROM buyers b JOIN shops s ON s.id = b.shop_id
WHERE b.user_id = %(user_id)s AND b.active ORDER BY s.name, s.id
"""


def buys_at(user_id: int) -> list[Any]:
    """The shops (id, code, name, platform, time_zone) at which a person buys, and as whom (buyer)."""
    return sql.fetch(BUYS_AT, user_id=user_id)


STAFF_OF: Final = "SELECT p.id, p.name FROM platform_staff p WHERE p.user_id = %(user_id)s AND p.active"


def staff_of(user_id: int) -> Any | None:
    """A person's active account (id, name) with the platform."""
    return sql.fetch_one(STAFF_OF, user_id=user_id)


TASK_SHOPS: Final = "SELECT s.id, s.code, s.name, s.platform FROM shops s WHERE s.tasks_here ORDER BY s.id LIMIT 20"


def task_shops() -> list[Any]:
    """The first shops (id, code, name, platform) that keep their tasks here."""
    return sql.fetch(TASK_SHOPS)


SHOP_ID: Final = "SELECT s.id FROM shops s WHERE s.code = %(code)s"


def shop_id(code: str) -> int | None:
    """The id of the shop with this code."""
    row = sql.fetch_one(SHOP_ID, code=code)
    return int(row.id) if row else None


SHOP_NAME: Final = "SELECT s.name FROM shops s WHERE s.id = %(shop_id)s"


def shop_name(shop_id: int) -> str:
    """The shop's name."""
    return str(sql.fetch(SHOP_NAME, shop_id=shop_id)[0].name)


SET_SECOND_FACTOR: Final = """
UPDATE shops SET second_factor = %(needed)s WHERE id = %(shop_id)s AND second_factor <> %(needed)s
"""


def set_second_factor(shop_id: int, needed: bool) -> bool:
    """Say whether the shop's accounts need a second factor; whether that changed anything."""
    return sql.run(SET_SECOND_FACTOR, shop_id=shop_id, needed=needed) > 0


ADD_SHOP: Final = """
INSERT INTO shops (code, name, platform, time_zone, ship_from, default_carrier, sender_name, sender_phone,
                   sender_address, tasks_here, created_at)
VALUES (%(code)s, %(name)s, %(platform)s, %(time_zone)s, '', '', '', '', '', %(tasks_here)s, %(now)s)
ON CONFLICT (code) DO NOTHING RETURNING id
"""


def add_shop(code: str, name: str, platform: str, time_zone: str, *, tasks_here: bool, now: datetime) -> int | None:
    """A new shop's id; None when the code is taken."""
    row = sql.fetch_one(
        ADD_SHOP, code=code, name=name, platform=platform, time_zone=time_zone, tasks_here=tasks_here, now=now
    )
    return int(row.id) if row else None


MEMBERS: Final = """
SELECT m.id, m.user_id, m.name, m.is_owner, m.permissions, m.active, m.created_at, u.username, u.last_login,
       u.second_factor
FROM members m JOIN users u ON u.id = m.user_id
WHERE m.shop_id = %(shop_id)s ORDER BY m.active DESC, m.is_owner DESC, m.id
"""
MEMBER: Final = """
SELECT m.id, m.user_id, m.name, m.is_owner, m.permissions, m.active, u.username
FROM members m JOIN users u ON u.id = m.user_id
WHERE m.shop_id = %(shop_id)s AND m.id = %(member_id)s
"""


def members(shop_id: int) -> list[Any]:
    """The accounts of a shop, the main account first, those switched off last."""
    return sql.fetch(MEMBERS, shop_id=shop_id)


def member(shop_id: int, member_id: int) -> Any | None:
    """One account of a shop."""
    return sql.fetch_one(MEMBER, shop_id=shop_id, member_id=member_id)


ADD_MEMBER: Final = """
INSERT INTO members (shop_id, id, user_id, name, is_owner, permissions, active, preferences, created_at)
VALUES (%(shop_id)s, nextval('ids'), %(user_id)s, %(name)s, %(is_owner)s, %(permissions)s, true, '{}', %(now)s)
ON CONFLICT (shop_id, user_id) DO NOTHING RETURNING id
"""


def add_member(
    shop_id: int, user_id: int, name: str, *, is_owner: bool = False, permissions: Sequence[str] = (), now: datetime
) -> int | None:
    """A new account's id; None when the person has one at this shop."""
    row = sql.fetch_one(
        ADD_MEMBER,
        shop_id=shop_id,
        user_id=user_id,
        name=name,
        is_owner=is_owner,
        permissions=list(permissions),
        now=now,
    )
    return int(row.id) if row else None


SET_MEMBER: Final = """
UPDATE members SET name = %(name)s, permissions = %(permissions)s, active = %(active)s
WHERE shop_id = %(shop_id)s AND id = %(member_id)s AND NOT is_owner
"""


def set_member(shop_id: int, member_id: int, *, name: str, permissions: Sequence[str], active: bool) -> bool:
    """Change a sub-account; False when there is none with this id."""
    return bool(
        sql.run(
            SET_MEMBER, shop_id=shop_id, member_id=member_id, name=name, permissions=list(permissions), active=active
        )
    )


PREFER: Final = """
UPDATE members SET preferences = preferences || %(changes)s
WHERE shop_id = %(shop_id)s AND id = %(member_id)s
"""


def prefer(shop_id: int, member_id: int, changes: dict[str, Any]) -> None:
    """Merge changes into what a member prefers."""
    sql.run(PREFER, shop_id=shop_id, member_id=member_id, changes=Jsonb(changes))


KNOWN_ELSEWHERE: Final = """
/* across shops: a person's shops */
SELECT EXISTS (SELECT FROM members m WHERE m.user_id = %(user_id)s AND m.shop_id <> %(shop_id)s AND m.active)
    OR EXISTS (SELECT FROM couriers c WHERE c.user_id = %(user_id)s AND c.shop_id <> %(shop_id)s AND c.active)
    OR EXISTS (SELECT FROM buyers b WHERE b.user_id = %(user_id)s AND b.active)
    OR EXISTS (SELECT FROM platform_staff p WHERE p.user_id = %(user_id)s AND p.active) AS known
"""


def known_elsewhere(user_id: int, shop_id: int) -> bool:
    """Whether a person has any other door than this shop's: its key is not the shop's to change."""
    return bool(sql.fetch(KNOWN_ELSEWHERE, user_id=user_id, shop_id=shop_id)[0].known)
