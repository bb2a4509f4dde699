"""The filters of the order list that a member keeps under a name."""

from typing import Any, Final

from fahuo.store import sql

VIEWS: Final = """
SELECT v.id, v.name, v.query FROM saved_views v
WHERE v.shop_id = %(shop_id)s AND v.member_id = %(member_id)s ORDER BY v.position, v.id
"""


def saved_views(shop_id: int, member_id: int | None) -> list[Any]:
    """A member's views (id, name, query) in their order."""
    return [] if member_id is None else sql.fetch(VIEWS, shop_id=shop_id, member_id=member_id)


PREFERENCES: Final = """
SELECT m.preferences::json AS preferences FROM members m
WHERE m.shop_id = %(shop_id)s AND m.id = %(member_id)s
"""


def preferences(shop_id: int, member_id: int | None) -> dict[str, Any]:
    """What a member prefers at this shop, as it was set by `services.people.set_preferences`."""
    row = None if member_id is None else sql.fetch_one(PREFERENCES, shop_id=shop_id, member_id=member_id)
    return dict(row.preferences) if row and isinstance(row.preferences, dict) else {}
