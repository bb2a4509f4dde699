"""已卖出的宝贝: the order list by tab and filter, its counts, and what "all that match" means."""

from datetime import datetime
from typing import Final

from fahuo.rules.filters import TAB_STATUSES, OrderFilter
from fahuo.rules.orders import ORDER_STATUSES
from fahuo.store import sql
from fahuo.store.boards import walks
from fahuo.store.boards.cards import OrderRow, cards
from fahuo.store.boards.filters import plan
from fahuo.store.boards.pages import Count, Page, read_cursor

PAGE: Final = 50
SELECTABLE: Final = 10_000
"""At most so many orders are counted, selected and worked on at once: one batch."""

LOOKED_AT: Final = 100_000
"""So many waiting orders a count or a selection looks at; on the other tabs walks.BUDGET."""

SHOP_ZONE: Final = "SELECT time_zone, platform FROM shops WHERE id = %(shop_id)s"

TALLY: Final = """
SELECT t.status, sum(t.delta)::bigint AS number FROM order_tally t WHERE t.shop_id = %(shop_id)s GROUP BY t.status
"""

REFUNDING: Final = """
SELECT count(*) AS number FROM (
    SELECT 1 FROM orders o WHERE o.shop_id = %(shop_id)s AND o.refund_status IN ('requested', 'agreed') LIMIT %(cap)s
) AS refunding
"""
REFUNDING_CAP: Final = 1000


def zone_of(shop_id: int) -> str:
    """The shop's time zone."""
    row = sql.fetch_one(SHOP_ZONE, shop_id=shop_id)
    return row.time_zone if row else "UTC"


def tally(shop_id: int) -> dict[str, int]:
    """How many orders have each status: the sums of the tally."""
    found = {row.status: max(int(row.number), 0) for row in sql.fetch(TALLY, shop_id=shop_id)}
    return {status: found.get(status, 0) for status in ORDER_STATUSES}


def tab_counts(shop_id: int) -> dict[str, Count]:
    """Tab -> how many orders it holds. 退款中 alone is counted, up to a cap."""
    by_status = tally(shop_id)
    counts = {tab: Count(sum(by_status[status] for status in statuses)) for tab, statuses in TAB_STATUSES.items()}
    counts["all"] = Count(sum(by_status.values()))
    refunding = int(sql.fetch(REFUNDING, shop_id=shop_id, cap=REFUNDING_CAP)[0].number)
    counts["refunding"] = Count(refunding, refunding == REFUNDING_CAP)
    return counts


def orders_page(
    shop_id: int, asked: OrderFilter, *, cursor: str = "", limit: int = PAGE, now: datetime
) -> Page[OrderRow]:
    """One page of the orders asked for. A cursor that makes no sense opens the first page and says so."""
    found = ids_page(shop_id, asked, cursor=cursor, limit=limit, now=now)
    return Page(
        rows=cards(shop_id, found.rows, now=now), next=found.next, previous=found.previous,
        cursor_lost=found.cursor_lost, cut=found.cut, first=found.first,
    )  # fmt: skip


def ids_page(shop_id: int, asked: OrderFilter, *, cursor: str = "", limit: int = PAGE, now: datetime) -> Page[int]:
    """The ids of one page."""
    way = plan(shop_id, asked, now=now, zone=zone_of(shop_id))
    place = read_cursor(cursor, way.walk.letter) if cursor else None
    # Only this tab can be sparse in its walk (old parcels belong to completed orders); the tally tells where to stop.
    bare = asked.tab == "shipped" and not asked.asked
    ceiling = tally(shop_id)["shipped"] if bare else None
    return walks.page(
        shop_id, way, place, limit=limit, ceiling=ceiling, lost=bool(cursor) and place is None
    )  # fmt: skip


def matching_ids(shop_id: int, asked: OrderFilter, *, limit: int = SELECTABLE, now: datetime) -> list[int]:
    """The ids of all orders that match, in the list's order, at most `limit`."""
    way = plan(shop_id, asked, now=now, zone=zone_of(shop_id))
    return [key.id for key in walks.keys(shop_id, way, None, limit=limit, budget=_budget(asked))]


def count_matching(shop_id: int, asked: OrderFilter, *, now: datetime, cap: int = SELECTABLE) -> Count:
    """How many orders match: the true number up to `cap`; beyond it `more` is set. Whole tabs are told by the tally."""
    if not asked.asked and TAB_STATUSES[asked.tab]:
        by_status = tally(shop_id)
        return Count(sum(by_status[status] for status in TAB_STATUSES[asked.tab]))
    way = plan(shop_id, asked, now=now, zone=zone_of(shop_id))
    budget = _budget(asked)
    number = walks.count(shop_id, way, limit=cap + 1, budget=budget)
    cut = number <= cap and walks.last_looked_at(shop_id, way, None, budget=budget) is not None
    return Count(min(number, cap), number > cap or cut)


def _budget(asked: OrderFilter) -> int:
    return LOOKED_AT if asked.tab == "awaiting" else walks.BUDGET
