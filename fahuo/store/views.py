"""The saved views of a member."""

from fahuo.store import sql

COUNT = """
SELECT count(*) AS number FROM saved_views v
WHERE v.shop_id = %(shop_id)s AND v.member_id = %(member_id)s AND v.name <> %(but)s
"""

SAVE = """
INSERT INTO saved_views (shop_id, member_id, name, query, position)
VALUES (%(shop_id)s, %(member_id)s, %(name)s, %(query)s, 0)
ON CONFLICT (shop_id, member_id, name) DO UPDATE SET query = excluded.query
RETURNING id
"""

DROP = "DELETE FROM saved_views WHERE shop_id = %(shop_id)s AND member_id = %(member_id)s AND id = %(view_id)s"


def count(shop_id: int, member_id: int, *, but: str) -> int:
    """How many views a member has, not counting the one called `but`."""
    return int(sql.fetch(COUNT, shop_id=shop_id, member_id=member_id, but=but)[0].number)


def save(shop_id: int, member_id: int, *, name: str, query: str) -> int:
    """Write a view, in place of the one of that name; its id."""
    return int(sql.fetch(SAVE, shop_id=shop_id, member_id=member_id, name=name, query=query)[0].id)


def drop(shop_id: int, member_id: int, view_id: int) -> int:
    """Delete a member's view; how many there were."""
    return sql.run(DROP, shop_id=shop_id, member_id=member_id, view_id=view_id)
