"""Accounts of buyers at a shop."""

from datetime import datetime
from typing import Final

from fahuo.store import sql

ADD: Final = """
INSERT INTO buyers (shop_id, user_id, name, active, created_at)
SELECT %(shop_id)s, %(user_id)s, %(name)s, TRUE, %(now)s
WHERE NOT EXISTS (
    SELECT FROM buyers b WHERE b.shop_id = %(shop_id)s AND b.name = %(name)s AND b.user_id <> %(user_id)s)
ON CONFLICT (shop_id, user_id) DO UPDATE SET name = excluded.name, active = TRUE RETURNING id
"""


def add(shop_id: int, user_id: int, name: str, *, now: datetime) -> int | None:
    """Make, or make anew, a person's account as a buyer; None when the name is another person's."""
    row = sql.fetch_one(ADD, shop_id=shop_id, user_id=user_id, name=name, now=now)
    return int(row.id) if row else None
