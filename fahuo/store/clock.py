"""The clock's heartbeat, and what it forgets."""

from datetime import datetime
from typing import Any

from fahuo.store import sql

TICK = """
INSERT INTO clock_ticks (name, at) VALUES (%(name)s, %(at)s)
ON CONFLICT (name) DO UPDATE SET at = GREATEST(clock_ticks.at, excluded.at)
"""


def tick(name: str, *, now: datetime) -> None:
    """Say that the clock process `name` did a round."""
    sql.run(TICK, name=name, at=now)


LAST = "SELECT max(at) AS at FROM clock_ticks"


def last_tick() -> datetime | None:
    """When any clock last did a round."""
    found = sql.fetch_one(LAST)
    return found.at if found else None


FORGET_TICKS = "DELETE FROM clock_ticks WHERE at < %(before)s"


def forget_ticks(before: datetime) -> int:
    """Forget clocks that have not been seen since; how many."""
    return sql.run(FORGET_TICKS, before=before)


SHOPS = "SELECT id FROM shops ORDER BY id"


def shops() -> list[int]:
    """Every shop's id."""
    return [row.id for row in sql.fetch(SHOPS)]


OLD_BATCHES = """
SELECT id FROM batches
WHERE shop_id = %(shop_id)s AND status IN ('committed', 'closed', 'refused') AND NOT options ? 'forgotten'
  AND GREATEST(created_at, worked_at, committed_at, handed_over_at) < %(before)s
ORDER BY id LIMIT %(limit)s
"""


def old_batches(shop_id: int, before: datetime, *, limit: int = 100) -> list[int]:
    """Finished batches that nobody touched since, and that still have their rows and files."""
    return [row.id for row in sql.fetch(OLD_BATCHES, shop_id=shop_id, before=before, limit=limit)]


FORGET_BATCH = """
WITH gone AS (
    DELETE FROM batch_rows WHERE shop_id = %(shop_id)s AND batch_id = %(batch_id)s
), old AS (
    SELECT id, upload_id FROM batches WHERE shop_id = %(shop_id)s AND id = %(batch_id)s
), file AS (
    DELETE FROM uploads USING old WHERE uploads.shop_id = %(shop_id)s AND uploads.id = old.upload_id
)
UPDATE batches SET upload_id = NULL, options = batches.options || '{"forgotten": true}'
FROM old WHERE batches.shop_id = %(shop_id)s AND batches.id = old.id
"""


def forget_batch(shop_id: int, batch_id: int) -> int:
    """Delete a batch's rows and file; the batch itself stays, with its counts, and so does the journal."""
    return sql.run(FORGET_BATCH, shop_id=shop_id, batch_id=batch_id)


SERVER = """
SELECT current_setting('server_version_num')::int AS version, current_setting('server_encoding') AS encoding,
       clock_timestamp() AS at, pg_database_size(current_database()) AS size, lower('Ａ') = 'ａ' AS letters
"""


def server() -> Any:
    """The database server about itself: version (170004), encoding, its time, the database's size in bytes, and
    whether its locale knows letters beyond ASCII."""
    return sql.fetch_one(SERVER)


SHIFT = "SELECT shift FROM demo_clock WHERE id = 1"


def shift() -> int:
    """How many seconds a demo runs ahead of the real time."""
    found = sql.fetch_one(SHIFT)
    return int(found.shift) if found else 0


MOVE = """
INSERT INTO demo_clock (id, shift) VALUES (1, %(seconds)s)
ON CONFLICT (id) DO UPDATE SET shift = demo_clock.shift + excluded.shift
"""


def move(seconds: int) -> None:
    """Let a demo run so many seconds further ahead."""
    sql.run(MOVE, seconds=seconds)
