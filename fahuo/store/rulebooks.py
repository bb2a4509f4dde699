"""The rule books as they stand now: each platform's file, what was added to it since, and the regions it lists.

A book is read anew for every unit of work, by one statement over a few rows, so that every process sees an addition from
the moment it is there; what an addition says never changes, so it is parsed once.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from fahuo.rules import policy, rulebooks
from fahuo.rules.policy import ExemptRegion, RuleBook
from fahuo.store import sql

STANDING: Final = """
SELECT 'region' AS what, e.id, e.region, e.starts_at, LEAST(e.ends_at, e.ended_at) AS until, e.listed_by AS said
FROM exempt_regions e WHERE e.platform = %(platform)s AND e.starts_at < LEAST(e.ends_at, e.ended_at)
UNION ALL
SELECT 'addition', a.id, '', a.starts_at, NULL, a.body FROM rule_additions a
WHERE a.platform = %(platform)s AND a.withdrawn_at IS NULL
  AND (a.shop_id IS NULL OR a.shop_id = %(shop_id)s::bigint)
ORDER BY starts_at, id
"""


def book(platform: str, shop_id: int | None = None) -> RuleBook:
    """The platform's book (`shop_id`: with what the shop has of its own). Refusal `policy_unknown`."""
    rows = sql.fetch(STANDING, platform=platform, shop_id=shop_id)
    additions = tuple(row.said for row in rows if row.what == "addition")
    found = rulebooks.composed(platform, additions) if additions else policy.load(platform)
    regions = [
        ExemptRegion(region=row.region, start=row.starts_at, end=row.until, basis="stated",
                     source=f"listed by {row.said}")
        for row in rows if row.what == "region"
    ]  # fmt: skip
    return found.exempting(regions) if regions else found


COLUMNS: Final = """a.id, a.platform, a.shop_id, a.name, a.starts_at, a.body, a.added_at, a.added_by, a.withdrawn_at,
       a.withdrawn_by"""
ADDITIONS: Final = f"""
SELECT {COLUMNS} FROM rule_additions a
WHERE a.platform = %(platform)s AND (a.shop_id IS NULL OR %(every)s OR a.shop_id = %(shop_id)s::bigint)
ORDER BY a.starts_at, a.id
"""


def additions(platform: str, shop_id: int | None = None, *, every: bool = False) -> list[Any]:
    """What was added to a platform's book, withdrawn or not, by when it takes force; `shop_id`: with the shop's own;
    `every`: with every shop's."""
    return sql.fetch(ADDITIONS, platform=platform, shop_id=shop_id, every=every)


ONE: Final = f"SELECT {COLUMNS} FROM rule_additions a WHERE a.id = %(addition_id)s FOR UPDATE"


def lock(addition_id: int) -> Any | None:
    """An addition, held until the transaction ends; see `additions`."""
    return sql.fetch_one(ONE, addition_id=addition_id)


HOLD: Final = "SELECT pg_advisory_xact_lock(hashtext('rulebooks'), hashtext(%(platform)s))"


def hold(platform: str) -> None:
    """Let nobody else add to, or take from, this platform's books until the transaction ends."""
    sql.run(HOLD, platform=platform)


ADD: Final = """
INSERT INTO rule_additions (platform, shop_id, name, starts_at, body, added_at, added_by)
VALUES (%(platform)s, %(shop_id)s, %(name)s, %(starts_at)s, %(body)s, %(now)s, %(by)s) RETURNING id
"""


def add(
    platform: str, shop_id: int | None, *, name: str, starts_at: datetime, body: str, by: str, now: datetime
) -> int:  # fmt: skip
    """Add what was checked to a platform's book, or to one shop's; its id."""
    row = sql.fetch(
        ADD, platform=platform, shop_id=shop_id, name=name, starts_at=starts_at, body=body, by=by, now=now
    )[0]  # fmt: skip
    return int(row.id)


WITHDRAW: Final = """
UPDATE rule_additions SET withdrawn_at = %(now)s, withdrawn_by = %(by)s
WHERE id = %(addition_id)s AND withdrawn_at IS NULL
"""


def withdraw(addition_id: int, *, by: str, now: datetime) -> bool:
    """Take an addition out of the book; False when it was out already."""
    return bool(sql.run(WITHDRAW, addition_id=addition_id, by=by, now=now))


PAID: Final = f"""
/* across shops: the platform's desk */
SELECT o.shop_id, s.code, s.ship_from, s.time_zone, o.id, o.number, o.kind, o.item_amount, o.region, o.paid_at,
       coalesce(o.promise_hours, s.promise_hours) AS promise, o.promised_until,
       {sql.promised("o", "coalesce(o.promise_hours, s.promise_hours)")} AS promised, o.channel_deadline, o.reported_until,
       o.agreed_until, o.shipped_at, o.closed_at, o.urged_at, o.status
FROM shops s JOIN orders o ON o.shop_id = s.id
WHERE s.platform = %(platform)s AND (%(shop_id)s::bigint IS NULL OR s.id = %(shop_id)s::bigint)
  AND o.paid_at >= %(start)s AND o.paid_at < %(end)s
ORDER BY o.paid_at DESC, o.id DESC LIMIT %(most)s
"""


def paid(platform: str, shop_id: int | None, start: datetime, end: datetime, *, most: int) -> list[Any]:
    """Orders of the platform's shops (or of one) that were paid from `start` until just before `end`, newest first."""
    return sql.fetch(PAID, platform=platform, shop_id=shop_id, start=start, end=end, most=most)


COST: Final = f"""
/* across shops: the platform's desk */
SELECT l.shop_id, l.order_id, l.kind, l.why, l.buyer, l.paid_day, l.amount, l.points, o.item_amount,
       {sql.promised("o", "o.promise_hours")} AS promised, o.paid_at
FROM ledger l JOIN orders o ON o.shop_id = l.shop_id AND o.id = l.order_id
JOIN shops s ON s.id = l.shop_id
WHERE s.platform = %(platform)s AND (%(shop_id)s::bigint IS NULL OR s.id = %(shop_id)s::bigint)
  AND o.paid_at >= %(start)s AND o.paid_at < %(end)s
ORDER BY l.id LIMIT %(most)s
"""


def cost(platform: str, shop_id: int | None, start: datetime, end: datetime, *, most: int) -> list[Any]:
    """What orders paid in that time have cost so far, entry by entry, the oldest first."""
    return sql.fetch(COST, platform=platform, shop_id=shop_id, start=start, end=end, most=most)


def bodies(rows: Sequence[Any]) -> list[str]:
    """The texts of the additions that stand, in their order."""
    return [row.body for row in rows if row.withdrawn_at is None]
