"""Couriers' accounts: one a person and shop, of one contract of the shop."""

from datetime import datetime
from typing import Any, Final

from fahuo.store import sql

SERVES: Final = """
/* across shops: a person's shops */
SELECT s.id, s.code, s.name, s.platform, s.time_zone, c.id AS courier_id, c.active, c.name AS courier,
       t.id AS contract_id, t.name AS contract, t.carrier
FROM couriers c JOIN shops s ON s.id = c.shop_id JOIN contracts t ON t.shop_id = c.shop_id AND t.id = c.contract_id
WHERE c.user_id = %(user_id)s ORDER BY s.name, s.id
"""


def serves(user_id: int) -> list[Any]:
    """The shops (id, code, name, platform, time_zone) at which a person has an account as a courier, closed ones
    (`active` false) with them: courier_id, courier (the name), contract_id, contract, carrier."""
    return sql.fetch(SERVES, user_id=user_id)


LISTED: Final = """
SELECT c.id, c.user_id, c.contract_id, c.name, c.phone, c.active, c.made_person, c.created_at, c.closed_at, u.username,
       u.last_login, t.name AS contract, t.carrier, t.active AS contract_active
FROM couriers c JOIN users u ON u.id = c.user_id
JOIN contracts t ON t.shop_id = %(shop_id)s AND t.id = c.contract_id
WHERE c.shop_id = %(shop_id)s AND (%(courier_id)s::bigint IS NULL OR c.id = %(courier_id)s)
ORDER BY c.active DESC, t.name, c.id
"""


def listed(shop_id: int, courier_id: int | None = None) -> list[Any]:
    """The couriers of a shop, or one of them, with their contracts; those closed last."""
    return sql.fetch(LISTED, shop_id=shop_id, courier_id=courier_id)


LOCK: Final = """
SELECT c.id, c.user_id, c.contract_id, c.name, c.phone, c.active, c.made_person, u.username
FROM couriers c JOIN users u ON u.id = c.user_id
WHERE c.shop_id = %(shop_id)s AND (c.id = %(courier_id)s OR c.user_id = %(user_id)s) FOR NO KEY UPDATE OF c
"""


def lock(shop_id: int, *, courier_id: int | None = None, user_id: int | None = None) -> Any | None:
    """One account, by its id or by its person, locked."""
    return sql.fetch_one(LOCK, shop_id=shop_id, courier_id=courier_id, user_id=user_id)


ADD: Final = """
INSERT INTO couriers (shop_id, contract_id, user_id, name, phone, active, made_person, created_at)
VALUES (%(shop_id)s, %(contract_id)s, %(user_id)s, %(name)s, %(phone)s, true, %(made_person)s, %(now)s)
ON CONFLICT (shop_id, user_id) DO NOTHING RETURNING id
"""


def add(
    shop_id: int, user_id: int, *, contract_id: int, name: str, phone: str, made_person: bool, now: datetime
) -> int | None:
    """A new account's id; None when the person has one at this shop."""
    row = sql.fetch_one(
        ADD, shop_id=shop_id, user_id=user_id, contract_id=contract_id, name=name, phone=phone,
        made_person=made_person, now=now,
    )  # fmt: skip
    return int(row.id) if row else None


SET: Final = """
UPDATE couriers SET contract_id = %(contract_id)s, name = %(name)s, phone = %(phone)s
WHERE shop_id = %(shop_id)s AND id = %(courier_id)s
"""
SWITCH: Final = """
UPDATE couriers SET active = %(active)s, closed_at = %(closed_at)s
WHERE shop_id = %(shop_id)s AND id = %(courier_id)s AND active <> %(active)s
"""


def change(shop_id: int, courier_id: int, *, contract_id: int, name: str, phone: str) -> None:
    """Set what is known of a courier."""
    sql.run(SET, shop_id=shop_id, courier_id=courier_id, contract_id=contract_id, name=name, phone=phone)


def switch(shop_id: int, courier_id: int, *, active: bool, now: datetime) -> bool:
    """Open or close an account; False when it was so already."""
    closed_at = None if active else now
    return bool(sql.run(SWITCH, shop_id=shop_id, courier_id=courier_id, active=active, closed_at=closed_at))


CONTRACTS: Final = """
SELECT t.id, t.name, t.carrier, t.branch, t.hands_over,
       (SELECT count(*) FROM couriers c WHERE c.shop_id = %(shop_id)s AND c.contract_id = t.id AND c.active) AS couriers
FROM contracts t WHERE t.shop_id = %(shop_id)s AND t.active ORDER BY t.position, t.id
"""


def contracts(shop_id: int) -> list[Any]:
    """The contracts in force, each with how many couriers serve it now."""
    return sql.fetch(CONTRACTS, shop_id=shop_id)


HANDS_OVER: Final = """
UPDATE contracts SET hands_over = %(hands_over)s
WHERE shop_id = %(shop_id)s AND id = %(contract_id)s AND hands_over <> %(hands_over)s RETURNING name
"""


def set_hands_over(shop_id: int, contract_id: int, hands_over: bool) -> Any | None:
    """Whether a contract's orders are handed to its couriers by themselves; its name if that changed."""
    return sql.fetch_one(HANDS_OVER, shop_id=shop_id, contract_id=contract_id, hands_over=hands_over)
