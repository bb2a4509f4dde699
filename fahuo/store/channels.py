"""The channels of a shop and of its accounts."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from psycopg.types.json import Jsonb

from fahuo.store import sql

ADD: Final = """
INSERT INTO channels (shop_id, member_id, kind, name, settings, active, created_at)
VALUES (%(shop_id)s, %(member_id)s, %(kind)s, %(name)s, %(settings)s, true, %(now)s) RETURNING id
"""


def add(
    shop_id: int, member_id: int | None, *, kind: str, name: str, settings: Mapping[str, str], now: datetime
) -> int:  # fmt: skip
    """A new channel's id; of an account, or (`member_id` None) of the shop."""
    rows = sql.fetch(
        ADD, shop_id=shop_id, member_id=member_id, kind=kind, name=name, settings=Jsonb(dict(settings)), now=now
    )
    return int(rows[0].id)


ONE: Final = """
SELECT c.id, c.member_id, c.kind, c.name, c.settings, c.active, c.created_at FROM channels c
WHERE c.shop_id = %(shop_id)s AND c.id = %(channel_id)s
"""


def one(shop_id: int, channel_id: int) -> Any | None:
    """A channel with its settings, secrets included."""
    row = sql.fetch_one(ONE, shop_id=shop_id, channel_id=channel_id)
    return row._replace(settings=json.loads(row.settings)) if row else None


COUNT: Final = """
SELECT count(*) AS count FROM channels c
WHERE c.shop_id = %(shop_id)s AND c.member_id IS NOT DISTINCT FROM %(member_id)s
"""


def count(shop_id: int, member_id: int | None) -> int:
    """How many channels the account, or the shop, has."""
    return int(sql.fetch(COUNT, shop_id=shop_id, member_id=member_id)[0].count)


CHANGE: Final = """
UPDATE channels SET name = %(name)s, settings = %(settings)s, active = %(active)s
WHERE shop_id = %(shop_id)s AND id = %(channel_id)s
"""


def change(shop_id: int, channel_id: int, *, name: str, settings: Mapping[str, str], active: bool) -> int:
    """Keep what was changed."""
    return sql.run(
        CHANGE, shop_id=shop_id, channel_id=channel_id, name=name, settings=Jsonb(dict(settings)), active=active
    )


DROP_MESSAGES: Final = "DELETE FROM deliveries WHERE shop_id = %(shop_id)s AND channel_id = %(channel_id)s"
DROP: Final = "DELETE FROM channels WHERE shop_id = %(shop_id)s AND id = %(channel_id)s"


def drop(shop_id: int, channel_id: int) -> int:
    """Delete a channel and what was, or waits to be, sent to it."""
    sql.run(DROP_MESSAGES, shop_id=shop_id, channel_id=channel_id)
    return sql.run(DROP, shop_id=shop_id, channel_id=channel_id)
