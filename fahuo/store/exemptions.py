"""Exempt regions as a platform lists them while its shops run.

A row that was listed or ended is applied shop by shop, a transaction each; `applied_to` says how far that is, so that
whoever comes next goes on there.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from fahuo.store import sql

COLUMNS: Final = """e.id, e.platform, e.region, e.starts_at, e.ends_at, e.listed_at, e.listed_by, e.note, e.ended_at,
       e.ended_by, e.applied_to, LEAST(e.ends_at, e.ended_at) AS until"""
LISTED: Final = f"""
SELECT {COLUMNS} FROM exempt_regions e WHERE e.platform = %(platform)s ORDER BY e.starts_at, e.id
"""
ADD: Final = """
INSERT INTO exempt_regions (platform, region, starts_at, ends_at, listed_at, listed_by, note, ended_by, applied_to)
VALUES (%(platform)s, %(region)s, %(starts_at)s, %(ends_at)s, %(now)s, %(listed_by)s, %(note)s, '', 0) RETURNING id
"""
ONE: Final = f"SELECT {COLUMNS} FROM exempt_regions e WHERE e.id = %(region_id)s"
UNFINISHED: Final = "SELECT e.id FROM exempt_regions e WHERE e.applied_to IS NOT NULL ORDER BY e.id"
END: Final = """
UPDATE exempt_regions SET ended_at = %(now)s, ended_by = %(by)s, applied_to = 0
WHERE id = %(region_id)s AND ended_at IS NULL AND ends_at > %(now)s
"""
REACHED: Final = """
UPDATE exempt_regions SET applied_to = %(shop_id)s WHERE id = %(region_id)s AND applied_to = %(before)s
"""


def listed(platform: str) -> list[Any]:
    """The regions that a platform listed, beside those of its rule book; `until` is when each ends or ended."""
    return sql.fetch(LISTED, platform=platform)


def add(
    platform: str, region: str, starts_at: datetime, ends_at: datetime, *, by: str, note: str = "", now: datetime
) -> int:
    """List a region, to be applied to no shop yet; its id."""
    row = sql.fetch(
        ADD, platform=platform, region=region, starts_at=starts_at, ends_at=ends_at, listed_by=by, note=note, now=now
    )[0]  # fmt: skip
    return int(row.id)


def one(region_id: int) -> Any | None:
    """A listed region; see `listed`."""
    return sql.fetch_one(ONE, region_id=region_id)


def unfinished() -> list[int]:
    """The listed regions that not all shops' deadlines follow yet."""
    return [row.id for row in sql.fetch(UNFINISHED)]


def end(region_id: int, *, by: str, now: datetime) -> bool:
    """End a region before its time; False when it has ended."""
    return bool(sql.run(END, region_id=region_id, by=by, now=now))


def reached(region_id: int, shop_id: int | None, *, before: int) -> bool:
    """Note that the region is applied up to this shop (None: to all); False when somebody else has gone on meanwhile."""
    return bool(sql.run(REACHED, region_id=region_id, shop_id=shop_id, before=before))


AFFECTED: Final = """
SELECT b.order_id, b.deadline FROM backlog b JOIN orders o ON o.shop_id = %(shop_id)s AND o.id = b.order_id
WHERE b.shop_id = %(shop_id)s AND b.deadline >= %(starts_at)s
  AND (b.deadline < %(ends_at)s OR o.deadline_clause = 'exempt_region')
  AND o.channel_deadline IS NULL AND (%(all)s OR starts_with(o.region, %(prefix)s))
ORDER BY b.order_id
"""


def affected(
    shop_id: int, prefix: str, starts_at: datetime, ends_at: datetime, *, whole_shop: bool
) -> dict[int, datetime]:
    """Orders whose deadline a region with this window may move, and the deadline: those whose deadline falls inside, or
    was moved by an exemption, and that go to the region or leave from it (`whole_shop`)."""
    return {
        row.order_id: row.deadline for row in sql.fetch(
            AFFECTED, shop_id=shop_id, prefix=prefix, starts_at=starts_at, ends_at=ends_at, all=whole_shop
        )
    }  # fmt: skip


DEADLINES: Final = """
SELECT b.order_id, b.deadline FROM backlog b WHERE b.shop_id = %(shop_id)s AND b.order_id = ANY(%(order_ids)s)
"""


def deadlines(shop_id: int, order_ids: Sequence[int]) -> dict[int, datetime]:
    """The deadlines of these orders as they wait now."""
    return {row.order_id: row.deadline for row in sql.fetch(DEADLINES, shop_id=shop_id, order_ids=list(order_ids))}


SHOPS: Final = """
SELECT s.id, s.ship_from FROM shops s WHERE s.platform = %(platform)s AND s.id > %(after)s ORDER BY s.id
"""


def shops(platform: str, *, after: int = 0) -> list[Any]:
    """(id, ship_from) of the shops of a platform, by id."""
    return sql.fetch(SHOPS, platform=platform, after=after)


PREVIEW: Final = """
/* across shops: the platform's desk */
SELECT s.id, s.code, s.name, found.orders FROM shops s CROSS JOIN LATERAL (
    SELECT count(*) AS orders FROM backlog b JOIN orders o ON o.shop_id = s.id AND o.id = b.order_id
    WHERE b.shop_id = s.id AND b.deadline >= %(starts_at)s AND b.deadline < %(ends_at)s AND o.channel_deadline IS NULL
      AND (starts_with(s.ship_from, %(prefix)s) OR starts_with(o.region, %(prefix)s))
) AS found
WHERE s.platform = %(platform)s AND found.orders > 0 ORDER BY found.orders DESC, s.id
"""


def preview(platform: str, prefix: str, starts_at: datetime, ends_at: datetime) -> list[Any]:
    """The shops (id, code, name, orders) with orders that such an exemption would move, and how many, most first."""
    return sql.fetch(PREVIEW, platform=platform, prefix=prefix, starts_at=starts_at, ends_at=ends_at)
