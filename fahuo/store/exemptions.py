"""Exempt regions as a platform lists them while its shops run, and the rule book that knows them."""

from datetime import datetime
from typing import Any, Final

from fahuo.rules import policy
from fahuo.rules.policy import ExemptRegion, RuleBook
from fahuo.store import sql

LISTED: Final = """
SELECT e.id, e.region, e.starts_at, e.ends_at, e.listed_at, e.listed_by FROM exempt_regions e
WHERE e.platform = %(platform)s ORDER BY e.starts_at, e.id
"""
ADD: Final = """
INSERT INTO exempt_regions (platform, region, starts_at, ends_at, listed_at, listed_by)
VALUES (%(platform)s, %(region)s, %(starts_at)s, %(ends_at)s, %(now)s, %(listed_by)s) RETURNING id
"""


def listed(platform: str) -> list[Any]:
    """The regions that a platform listed, beside those of its rule book."""
    return sql.fetch(LISTED, platform=platform)


def add(platform: str, region: str, starts_at: datetime, ends_at: datetime, *, by: str, now: datetime) -> int:
    """List a region; its id."""
    row = sql.fetch(
        ADD, platform=platform, region=region, starts_at=starts_at, ends_at=ends_at, listed_by=by, now=now
    )[0]  # fmt: skip
    return int(row.id)


def rule_book(platform: str) -> RuleBook:
    """The platform's rule book with the regions it has listed since. Refusal `policy_unknown`."""
    book = policy.load(platform)
    rows = listed(platform)
    if not rows:
        return book
    return book.exempting(
        [ExemptRegion(region=row.region, start=row.starts_at, end=row.ends_at, basis="stated",
                      source=f"listed by {row.listed_by}") for row in rows]
    )  # fmt: skip


AFFECTED: Final = """
SELECT b.order_id FROM backlog b JOIN orders o ON o.shop_id = %(shop_id)s AND o.id = b.order_id
WHERE b.shop_id = %(shop_id)s AND b.deadline >= %(starts_at)s AND b.deadline < %(ends_at)s
  AND (%(all)s OR starts_with(o.region, %(prefix)s))
ORDER BY b.order_id
"""


def affected(shop_id: int, prefix: str, starts_at: datetime, ends_at: datetime, *, whole_shop: bool) -> list[int]:
    """Orders whose deadline falls inside the window and that go to the region, or leave from it (`whole_shop`)."""
    return [
        row.order_id for row in sql.fetch(
            AFFECTED, shop_id=shop_id, prefix=prefix, starts_at=starts_at, ends_at=ends_at, all=whole_shop
        )
    ]  # fmt: skip


SHOPS: Final = "SELECT s.id, s.ship_from FROM shops s WHERE s.platform = %(platform)s ORDER BY s.id"


def shops(platform: str) -> list[Any]:
    """(id, ship_from) of the shops of a platform."""
    return sql.fetch(SHOPS, platform=platform)
