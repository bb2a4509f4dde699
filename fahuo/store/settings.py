"""What a shop keeps: its own row, its sheet templates, its column maps; and a person's language and theme."""

from collections.abc import Sequence
from datetime import time
from typing import Any

from psycopg.types.json import Jsonb

from fahuo.store import sql

PERSON = """
UPDATE users SET language = COALESCE(%(language)s, language), theme = COALESCE(%(theme)s, theme)
WHERE id = %(user_id)s
"""


def keep_person(user_id: int, *, language: str | None, theme: str | None) -> None:
    """Set what is not None."""
    sql.run(PERSON, user_id=user_id, language=language, theme=theme)


SHOP = """
SELECT id, code, name, platform, time_zone, ship_from, promise_hours, default_carrier,
       sender_name, sender_phone, sender_address, auto_reply, auto_reply_from, auto_reply_until
FROM shops WHERE id = %(shop_id)s
"""


def shop(shop_id: int) -> Any:
    """The shop's own row."""
    return sql.fetch_one(SHOP, shop_id=shop_id)


SET_SHOP = """
UPDATE shops SET name = %(name)s, ship_from = %(ship_from)s, promise_hours = %(promise_hours)s,
       default_carrier = %(default_carrier)s, sender_name = %(sender_name)s, sender_phone = %(sender_phone)s,
       sender_address = %(sender_address)s
WHERE id = %(shop_id)s
"""


def set_shop(shop_id: int, **values: Any) -> None:
    """Write the shop's own data."""
    sql.run(SET_SHOP, shop_id=shop_id, **values)


TASKS_HERE = """
UPDATE shops SET tasks_here = %(here)s WHERE id = %(shop_id)s AND tasks_here <> %(here)s
"""


def set_tasks_here(shop_id: int, here: bool) -> bool:
    """Say whether late urges make tasks here; whether that changed anything."""
    return sql.run(TASKS_HERE, shop_id=shop_id, here=here) > 0


AUTO_REPLY = """
UPDATE shops SET auto_reply = %(body)s, auto_reply_from = %(start)s, auto_reply_until = %(end)s
WHERE id = %(shop_id)s
  AND (auto_reply, auto_reply_from, auto_reply_until) IS DISTINCT FROM (%(body)s, %(start)s::time, %(end)s::time)
"""


def set_auto_reply(shop_id: int, body: str, start: time | None, end: time | None) -> bool:
    """Write the automatic reply ("" for none) and its hours on the shop's clock; whether anything changed."""
    return sql.run(AUTO_REPLY, shop_id=shop_id, body=body, start=start, end=end) > 0


TEMPLATES = """
SELECT id, name, purpose, carrier, columns::json AS columns, format FROM sheet_templates
WHERE shop_id = %(shop_id)s ORDER BY purpose, name
"""


def templates(shop_id: int) -> list[Any]:
    """The shop's sheet templates, by purpose and name."""
    return sql.fetch(TEMPLATES, shop_id=shop_id)


ADD_TEMPLATE = """
INSERT INTO sheet_templates (shop_id, id, name, purpose, carrier, columns, format)
VALUES (%(shop_id)s, nextval('ids'), %(name)s, %(purpose)s, %(carrier)s, %(columns)s, %(format)s)
ON CONFLICT (shop_id, purpose, name) DO NOTHING RETURNING id
"""
SET_TEMPLATE = """
UPDATE sheet_templates SET name = %(name)s, purpose = %(purpose)s, carrier = %(carrier)s, columns = %(columns)s,
       format = %(format)s
WHERE shop_id = %(shop_id)s AND id = %(id)s AND NOT EXISTS (
    SELECT 1 FROM sheet_templates other WHERE other.shop_id = %(shop_id)s AND other.purpose = %(purpose)s
      AND other.name = %(name)s AND other.id <> %(id)s)
RETURNING id
"""


def keep_template(
    shop_id: int, *, template_id: int | None, columns: Sequence[tuple[str, str]], **values: Any
) -> int | None:
    """Add a template, or change the one with `template_id`; its id, None when the name is taken (or it is gone)."""
    params = {"shop_id": shop_id, "columns": Jsonb([list(pair) for pair in columns]), **values}
    row = (
        sql.fetch_one(SET_TEMPLATE, id=template_id, **params) if template_id else sql.fetch_one(ADD_TEMPLATE, **params)
    )
    return None if row is None else int(row.id)


DROP_TEMPLATE = "DELETE FROM sheet_templates WHERE shop_id = %(shop_id)s AND id = %(id)s"


def drop_template(shop_id: int, template_id: int) -> bool:
    """Whether there was one."""
    return sql.run(DROP_TEMPLATE, shop_id=shop_id, id=template_id) == 1


MAPS = """
SELECT id, kind, name, columns::json AS columns, created_at FROM column_maps WHERE shop_id = %(shop_id)s ORDER BY id DESC
"""


def column_maps(shop_id: int) -> list[Any]:
    """The column choices kept for unknown sheets, newest first."""
    return sql.fetch(MAPS, shop_id=shop_id)


DROP_MAP = "DELETE FROM column_maps WHERE shop_id = %(shop_id)s AND id = %(id)s"


def drop_map(shop_id: int, map_id: int) -> bool:
    """Whether there was one."""
    return sql.run(DROP_MAP, shop_id=shop_id, id=map_id) == 1
