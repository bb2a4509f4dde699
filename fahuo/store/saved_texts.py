"""The answers that a shop keeps to use again."""

from typing import Any, Final

from fahuo.store import sql

ALL: Final = """
SELECT s.id, s.title, s.body, s.position FROM saved_texts s WHERE s.shop_id = %(shop_id)s ORDER BY s.position, s.id
"""
KEEP: Final = """
INSERT INTO saved_texts (shop_id, title, body, position)
VALUES (%(shop_id)s, %(title)s, %(body)s,
        (SELECT coalesce(max(s.position), 0) + 1 FROM saved_texts s WHERE s.shop_id = %(shop_id)s))
ON CONFLICT (shop_id, title) DO UPDATE SET body = excluded.body RETURNING id
"""
DROP: Final = "DELETE FROM saved_texts WHERE shop_id = %(shop_id)s AND id = %(text_id)s"
COUNT: Final = "SELECT count(*) AS n FROM saved_texts s WHERE s.shop_id = %(shop_id)s"


def all_of(shop_id: int) -> list[Any]:
    """A shop's texts (id, title, body) in their order."""
    return sql.fetch(ALL, shop_id=shop_id)


def count(shop_id: int) -> int:
    """How many texts a shop keeps."""
    return int(sql.fetch(COUNT, shop_id=shop_id)[0].n)


def keep(shop_id: int, title: str, body: str) -> int:
    """Keep a text under its title, in place of what stood there; its id."""
    return int(sql.fetch(KEEP, shop_id=shop_id, title=title, body=body)[0].id)


def drop(shop_id: int, text_id: int) -> int:
    """Forget a text; how many that was."""
    return sql.run(DROP, shop_id=shop_id, text_id=text_id)
