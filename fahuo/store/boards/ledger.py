"""What complaints came to: each with what it cost, and what was added up before it, so that every sum can be checked."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final

from fahuo.rules import masking
from fahuo.store import sealed, sql
from fahuo.store.boards.metric_rows import walk
from fahuo.store.boards.pages import MAX_ID, Key, Page

_WHERE: Final = """
c.shop_id = %(shop_id)s AND (%(statuses)s::text[] IS NULL OR c.status = ANY(%(statuses)s::text[]))
  AND (%(kind)s = '' OR c.kind = %(kind)s) AND (%(order_id)s::bigint IS NULL OR c.order_id = %(order_id)s::bigint)
  AND c.opened_at >= %(start)s AND c.opened_at < %(end)s
"""
_ROWS: Final = f"""
SELECT c.id, c.order_id, o.number, o.title, o.item_amount, {sql.promised("o", "o.promise_hours")} AS promised, o.buyer, c.kind, c.opened_by, c.status,
       c.opened_at, c.closed_at, c.compensation, c.points, c.rulebook, c.closed_by, c.statement, c.task_id,
       l.id AS entry, l.paid_day, coalesce(before.items, '[]'::json) AS before,
       CASE WHEN c.status = 'settled' THEN (
           SELECT count(*) FROM complaints x WHERE x.shop_id = %(shop_id)s AND x.status = 'settled'
             AND (x.closed_at, x.id) <= (c.closed_at, c.id)) END AS nth
FROM complaints c
JOIN orders o ON o.shop_id = %(shop_id)s AND o.id = c.order_id
LEFT JOIN ledger l ON l.shop_id = %(shop_id)s AND l.complaint_id = c.id
LEFT JOIN LATERAL (
    SELECT json_agg(json_build_array(e.order_id, e.kind, p.item_amount::text, {sql.promised("p", "p.promise_hours")})
        ORDER BY e.id) AS items
    FROM ledger e JOIN orders p ON p.shop_id = %(shop_id)s AND p.id = e.order_id
    WHERE e.shop_id = %(shop_id)s AND e.id < l.id AND e.kind = c.kind
      AND (e.buyer = l.buyer AND e.paid_day = l.paid_day AND NOT e.buyer = '' OR e.order_id = l.order_id)
) AS before ON true
WHERE {_WHERE}
"""
PAGE: Final = f"{_ROWS} AND c.id < %(id)s ORDER BY c.id DESC LIMIT %(limit)s"
BACK: Final = f"{_ROWS} AND c.id > %(id)s ORDER BY c.id LIMIT %(limit)s"
SUMS: Final = f"""
SELECT c.status, count(*) AS complaints, coalesce(sum(c.compensation), 0) AS amount, coalesce(sum(c.points), 0) AS points
FROM complaints c WHERE {_WHERE} GROUP BY c.status
"""


@dataclass(frozen=True, slots=True)
class LedgerFilter:
    """Which complaints: by status, kind, one order, and the half-open span in which they were opened (aware)."""

    start: datetime
    end: datetime
    statuses: Sequence[str] | None = None
    kind: str = ""
    order_id: int | None = None

    def params(self) -> dict[str, Any]:
        return {
            "statuses": list(self.statuses) if self.statuses else None, "kind": self.kind, "order_id": self.order_id,
            "start": self.start, "end": self.end,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Sum:
    """How many complaints stand in a status, and what they cost (CNY, points)."""

    complaints: int
    amount: Decimal
    points: int


def ledger_page(shop_id: int, wish: LedgerFilter, *, cursor: str = "", limit: int = 50) -> Page[Any]:
    """Complaints, the newest first. `entry` is the row of the ledger or None; `before` what had been added up before it:
    [order id, kind, item amount as text, promised hours or null], the oldest first; `nth` of the shop's settlements."""

    def fetch(forward: bool, key: Key, most: int) -> list[Any]:
        rows = sql.fetch(PAGE if forward else BACK, shop_id=shop_id, id=key.id, limit=most, **wish.params())
        return sealed.open_texts(shop_id, rows, sealed.STATEMENT, "statement")

    return walk("l", cursor, limit, Key(wish.end, 0, MAX_ID), fetch, lambda row: Key(row.opened_at, 0, row.id))


def ledger_sums(shop_id: int, wish: LedgerFilter) -> dict[str, Sum]:
    """Status -> how many complaints of it match, and what they cost."""
    found = sql.fetch(SUMS, shop_id=shop_id, **wish.params())
    return {row.status: Sum(int(row.complaints), row.amount, int(row.points)) for row in found}


def ledger_of(shop_id: int, order_id: int) -> list[Any]:
    """The complaints of one order, the newest first."""
    ever = LedgerFilter(datetime(2000, 1, 1, tzinfo=UTC), datetime(9999, 1, 1, tzinfo=UTC), order_id=order_id)
    return list(ledger_page(shop_id, ever, limit=100).rows)


def buyer_of(row: Any) -> str:
    """The buyer's name, masked."""
    return masking.mask_name(row.buyer)
