"""The start page: what must be done now, and what waiting costs. A handful of statements, each bounded."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from fahuo.rules import penalties
from fahuo.store import rulebooks, sql
from fahuo.store.boards.filters import UNSCANNED_AFTER, UNSCANNED_UNTIL
from fahuo.store.boards.orders import REFUNDING, REFUNDING_CAP, SHOP_ZONE, tally
from fahuo.store.boards.pages import Count

DUE_CAP: Final = 20_000
MARK_CAP: Final = 1000
STAKE_CAP: Final = 2000

DUE: Final = """
SELECT count(*) FILTER (WHERE soon.deadline <= %(now)s) AS overdue,
       count(*) FILTER (WHERE soon.deadline > %(now)s AND soon.deadline <= %(in_2h)s) AS due_2h,
       count(*) FILTER (WHERE soon.deadline > %(now)s AND soon.deadline <= %(in_6h)s) AS due_6h,
       count(*) FILTER (WHERE soon.deadline > %(now)s) AS due_24h
FROM (
    SELECT b.deadline FROM backlog b WHERE b.shop_id = %(shop_id)s AND b.deadline <= %(in_24h)s
    ORDER BY b.deadline LIMIT %(cap)s
) AS soon
"""

URGED: Final = """
SELECT count(*) AS number FROM (
    SELECT o.id FROM orders o WHERE o.shop_id = %(shop_id)s AND o.urge_count > 0
    ORDER BY o.urged_at DESC, o.id DESC LIMIT %(cap)s
) AS urged
WHERE EXISTS (SELECT 1 FROM backlog b WHERE b.shop_id = %(shop_id)s AND b.order_id = urged.id)
"""

CONFLICTS: Final = """
SELECT count(*) AS number FROM (
    SELECT 1 FROM orders o WHERE o.shop_id = %(shop_id)s AND NOT o.conflict = '' LIMIT %(cap)s
) AS conflicts
"""

UNSCANNED: Final = """
SELECT count(DISTINCT unscanned.order_id) AS number FROM (
    SELECT held.order_id FROM parcels p
    CROSS JOIN LATERAL (
        SELECT po.order_id FROM parcel_orders po WHERE po.shop_id = %(shop_id)s AND po.parcel_id = p.id OFFSET 0
    ) AS held
    CROSS JOIN LATERAL (
        SELECT 1 FROM orders o WHERE o.shop_id = %(shop_id)s AND o.id = held.order_id
          AND o.status IN ('shipped', 'part_shipped') OFFSET 0
    ) AS on_its_way
    WHERE p.shop_id = %(shop_id)s AND p.picked_up_at IS NULL AND p.voided_at IS NULL AND p.kind = 'offline'
      AND p.retired_at IS NULL AND p.delivered_at IS NULL
      AND p.shipped_at > %(unscanned_from)s AND p.shipped_at <= %(unscanned_to)s
    ORDER BY p.shipped_at, p.id LIMIT %(cap)s
) AS unscanned
"""

STAKE: Final = (
    """
SELECT due.item_amount, due.deadline, due.paid_at, """
    + sql.promised("due", "coalesce(due.promise_hours, shops.promise_hours)")
    + """ AS promise
FROM (
    SELECT b.order_id FROM backlog b WHERE b.shop_id = %(shop_id)s AND b.deadline <= %(in_24h)s
    ORDER BY b.deadline LIMIT %(cap)s
) AS soon
CROSS JOIN LATERAL (
    SELECT o.item_amount, o.deadline, o.paid_at, o.promise_hours, o.promised_until FROM orders o
    WHERE o.shop_id = %(shop_id)s AND o.id = soon.order_id AND o.paid_at IS NOT NULL OFFSET 0
) AS due
JOIN shops ON shops.id = %(shop_id)s
"""
)

OPEN_BATCHES: Final = """
SELECT count(*) AS number FROM (
    SELECT b.status FROM batches b WHERE b.shop_id = %(shop_id)s ORDER BY b.id DESC LIMIT 200
) AS recent
WHERE recent.status IN ('open', 'received', 'checked', 'committing', 'refused')
"""

LAST_TICK: Final = "SELECT max(t.at) AS at FROM clock_ticks t"


@dataclass(frozen=True, slots=True)
class StartBoard:
    """What waits. `due_2h`, `due_6h`, `due_24h` hold what is due within so many hours and not yet overdue (each includes
    the one before). `stake_now`: what it costs (CNY) if nothing of what is overdue or due within 24 h is shipped."""

    waiting: int
    overdue: int
    due_2h: int
    due_6h: int
    due_24h: int
    urged: int
    conflicts: Count
    unscanned: Count
    refunding: Count
    stake_now: Decimal
    stake_more: bool
    open_batches: int
    part_shipped: int


def start_board(shop_id: int, *, now: datetime) -> StartBoard:
    """Count what must be done now. Six bounded statements, whatever the size of the shop."""
    in_24h = now + timedelta(hours=24)
    due = sql.fetch(
        DUE, shop_id=shop_id, now=now, in_2h=now + timedelta(hours=2), in_6h=now + timedelta(hours=6), in_24h=in_24h,
        cap=DUE_CAP,
    )[0]  # fmt: skip
    unscanned = _capped(
        UNSCANNED, shop_id, cap=MARK_CAP, unscanned_from=now - UNSCANNED_UNTIL, unscanned_to=now - UNSCANNED_AFTER
    )
    by_status = tally(shop_id)
    stake, more = _stake(shop_id, now, in_24h)
    return StartBoard(
        waiting=by_status["awaiting_shipment"] + by_status["part_shipped"], overdue=due.overdue, due_2h=due.due_2h,
        due_6h=due.due_6h, due_24h=due.due_24h, urged=_capped(URGED, shop_id, cap=DUE_CAP).number,
        conflicts=_capped(CONFLICTS, shop_id, cap=MARK_CAP), unscanned=unscanned,
        refunding=_capped(REFUNDING, shop_id, cap=REFUNDING_CAP), stake_now=stake, stake_more=more,
        open_batches=_capped(OPEN_BATCHES, shop_id, cap=MARK_CAP).number, part_shipped=by_status["part_shipped"],
    )  # fmt: skip


def _capped(statement: str, shop_id: int, *, cap: int, **params: object) -> Count:
    number = int(sql.fetch(statement, shop_id=shop_id, cap=cap, **params)[0].number)
    return Count(number, number >= cap)


def _stake(shop_id: int, now: datetime, in_24h: datetime) -> tuple[Decimal, bool]:
    """What silence costs over the orders due within a day, and whether there are more than were added up."""
    shop = sql.fetch_one(SHOP_ZONE, shop_id=shop_id)
    rows = sql.fetch(STAKE, shop_id=shop_id, in_24h=in_24h, cap=STAKE_CAP)
    if shop is None:
        return Decimal("0.00"), False
    book = rulebooks.book(shop.platform, shop_id)
    total = sum(
        (
            penalties.at_stake(row.item_amount, row.deadline, book.at(row.paid_at), now=now, promise_hours=row.promise)
            for row in rows
        ),
        Decimal("0.00"),
    )
    return total, len(rows) >= STAKE_CAP


def last_tick() -> datetime | None:
    """When a clock process last did its round; None before the first."""
    row = sql.fetch_one(LAST_TICK)
    return row.at if row else None
