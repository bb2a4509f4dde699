"""Walks: the ways through the orders of a shop, each along one index, from a cursor, and never past its budget.

A statement is put together from constants only (what a person typed is always a parameter)::

    the walk    keys in the order of an index, at most BUDGET of them from the cursor on
    the sieve   for each key its order, asked by primary key whether it matches; absent when the walk itself decides

Both are tied by LATERAL ... OFFSET 0, which holds the planner to a nested loop in index order: a page costs the same
whether the shop has ten thousand orders or ten million, and a search for something rare stops at the budget, says so,
and can be continued.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from fahuo.store import sql
from fahuo.store.boards.pages import Cursor, Key, Page

BUDGET: Final = 20_000
"""How many keys one page may look at."""

HITS: Final = 10_001
"""How many orders of one buyer, receiver or phone number a search takes up: one more than can be selected."""


@dataclass(frozen=True, slots=True)
class Walk:
    """One way through the orders: where keys come from, what they are sorted by, and which way."""

    letter: str
    source: str
    moment: str
    id: str
    tie: str = ""
    ascending: bool = False
    where: tuple[str, ...] = ()
    sieve: tuple[str, ...] = ()

    def keyed(self, cursor: Cursor | None) -> tuple[str, ...]:
        """The conditions that begin the walk at the cursor."""
        if cursor is None:
            return ()
        sign = ">" if self.ascending == cursor.forward else "<"
        if not self.tie:
            return (f"({self.moment}, {self.id}) {sign} (%(at)s, %(id)s)",)
        # The first condition alone reaches into the index; the second is exact.
        return (
            f"{self.moment} {sign}= %(at)s",
            f"({self.moment}, {self.tie}, {self.id}) {sign} (%(at)s, %(tie)s, %(id)s)",
        )

    def keys(self, cursor: Cursor | None) -> str:
        """The statement that yields moment, tie and id of the keys from the cursor on."""
        way = "ASC" if self.ascending == (cursor is None or cursor.forward) else "DESC"
        columns = [column for column in (self.moment, self.tie, self.id) if column]
        return (
            f"SELECT {self.moment} AS moment, {self.tie or '0'} AS tie, {self.id} AS id FROM {self.source}"
            f" WHERE {' AND '.join([*self.where, *self.keyed(cursor)])}"
            f" ORDER BY {', '.join(f'{column} {way}' for column in columns)}"
        )


WAITING: Final = Walk(
    "w", "backlog b", "b.deadline", "b.order_id", ascending=True, where=("b.shop_id = %(shop_id)s",)
)  # fmt: skip


def _orders(letter: str, moment: str, where: str = "") -> Walk:
    conditions = ("r.shop_id = %(shop_id)s", where) if where else ("r.shop_id = %(shop_id)s",)
    return Walk(letter, "orders r", f"r.{moment}", "r.id", where=conditions)


RECENT: Final = _orders("o", "ordered_at")
UNPAID: Final = _orders("n", "ordered_at", "r.paid_at IS NULL AND r.closed_at IS NULL")
COMPLETED: Final = _orders("d", "completed_at", "r.completed_at IS NOT NULL")
CLOSED: Final = _orders("x", "closed_at", "r.closed_at IS NOT NULL")
URGED: Final = _orders("u", "urged_at", "r.urge_count > 0")
CONFLICT: Final = _orders("c", "conflict_at", "NOT r.conflict = ''")
REFUNDING: Final = _orders("f", "ordered_at", "r.refund_status IN ('requested', 'agreed')")

HELD: Final = """parcels p CROSS JOIN LATERAL (
    SELECT po.order_id FROM parcel_orders po WHERE po.shop_id = %(shop_id)s AND po.parcel_id = p.id OFFSET 0
) AS held"""

# An order with several parcels stands once: where its newest (shipped) or oldest unscanned (unscanned) parcel stands.
_NEWEST: Final = """NOT EXISTS (
    SELECT 1 FROM parcel_orders po JOIN parcels q ON q.shop_id = po.shop_id AND q.id = po.parcel_id
    WHERE po.shop_id = %(shop_id)s AND q.shop_id = %(shop_id)s AND po.order_id = walk.id AND q.voided_at IS NULL
      AND (q.shipped_at, q.id) > (walk.moment, walk.tie))"""
_OLDEST_UNSCANNED: Final = """NOT EXISTS (
    SELECT 1 FROM parcel_orders po JOIN parcels q ON q.shop_id = po.shop_id AND q.id = po.parcel_id
    WHERE po.shop_id = %(shop_id)s AND q.shop_id = %(shop_id)s AND po.order_id = walk.id AND q.voided_at IS NULL
      AND q.picked_up_at IS NULL AND q.retired_at IS NULL AND q.delivered_at IS NULL AND q.kind = 'offline'
      AND q.shipped_at > %(unscanned_from)s
      AND (q.shipped_at, q.id) < (walk.moment, walk.tie))"""

SHIPPED: Final = Walk(
    "s", HELD, "p.shipped_at", "held.order_id", tie="p.id",
    where=("p.shop_id = %(shop_id)s", "p.voided_at IS NULL"), sieve=("o.status = 'shipped'", _NEWEST),
)  # fmt: skip
UNSCANNED: Final = Walk(
    "y", HELD, "p.shipped_at", "held.order_id", tie="p.id", ascending=True,
    where=(
        "p.shop_id = %(shop_id)s", "p.picked_up_at IS NULL", "p.voided_at IS NULL", "p.kind = 'offline'",
        "p.retired_at IS NULL", "p.delivered_at IS NULL",
        "p.shipped_at > %(unscanned_from)s", "p.shipped_at <= %(unscanned_to)s",
    ),
    sieve=("o.status IN ('shipped', 'part_shipped')", _OLDEST_UNSCANNED),
)  # fmt: skip


def through(hits: str, *, waiting: bool) -> Walk:
    """A walk through a small set of orders that an index has found: `hits` is a SELECT of one column `id`."""
    source = f"(SELECT found.id FROM ({hits}) AS found LIMIT {HITS} OFFSET 0) AS hit"
    if waiting:
        return replace(WAITING, letter="v", source=f"{source} JOIN backlog b ON b.order_id = hit.id")
    return replace(RECENT, letter="h", source=f"{source} JOIN orders r ON r.id = hit.id")


@dataclass(frozen=True, slots=True)
class Plan:
    """A walk, the sieve over its orders (conditions on `o` and `walk`), and the parameters of both."""

    walk: Walk
    sieve: tuple[str, ...]
    params: Mapping[str, Any]

    def statement(self, cursor: Cursor | None = None) -> str:
        """The statement of a page's keys; it takes `budget` and `limit`."""
        return self._sifted("walk.moment, walk.tie, walk.id", cursor) + self._order(cursor) + " LIMIT %(limit)s"

    def counting(self) -> str:
        """The statement that counts the matching orders, up to `limit`."""
        return f"SELECT count(*) AS number FROM ({self._sifted('1', None)} LIMIT %(limit)s) AS matching"

    def _sifted(self, columns: str, cursor: Cursor | None) -> str:
        keys = f"SELECT {columns} FROM ({self.walk.keys(cursor)} LIMIT %(budget)s) AS walk"
        conditions = [*self.walk.sieve, *self.sieve]
        if not conditions:
            return keys
        return (
            f"{keys} CROSS JOIN LATERAL (SELECT 1 FROM orders o WHERE o.shop_id = %(shop_id)s AND o.id = walk.id"
            f" AND {' AND '.join(conditions)} OFFSET 0) AS kept"
        )

    def _order(self, cursor: Cursor | None) -> str:
        way = "ASC" if self.walk.ascending == (cursor is None or cursor.forward) else "DESC"
        return f" ORDER BY walk.moment {way}, walk.tie {way}, walk.id {way}" if self.walk.tie else (
            f" ORDER BY walk.moment {way}, walk.id {way}"
        )  # fmt: skip

    def at(self, shop_id: int, cursor: Cursor | None) -> dict[str, Any]:
        """All parameters for the statement at the cursor."""
        here = {} if cursor is None else {"at": cursor.key.at, "tie": cursor.key.tie, "id": cursor.key.id}
        return {"shop_id": shop_id, **self.params, **here}


def keys(shop_id: int, plan: Plan, cursor: Cursor | None, *, limit: int, budget: int = BUDGET) -> list[Key]:
    """Up to `limit` keys from the cursor on, nearest first."""
    rows = sql.fetch(plan.statement(cursor), limit=limit, budget=budget, **plan.at(shop_id, cursor))
    return [Key(row.moment, row.tie, row.id) for row in rows]


def count(shop_id: int, plan: Plan, *, limit: int, budget: int) -> int:
    """How many orders match, counting no further than `limit` and looking at no more than `budget` keys."""
    return int(sql.fetch(plan.counting(), limit=limit, budget=budget, **plan.at(shop_id, None))[0].number)


def last_looked_at(shop_id: int, plan: Plan, cursor: Cursor | None, *, budget: int = BUDGET) -> Key | None:
    """The key at which the budget ran out, or None when the walk ended before."""
    statement = f"SELECT moment, tie, id FROM ({plan.walk.keys(cursor)} LIMIT 1 OFFSET %(passed)s) AS walk"
    row = sql.fetch_one(statement, passed=budget - 1, **plan.at(shop_id, cursor))
    return None if row is None else Key(row.moment, row.tie, row.id)


def page(
    shop_id: int, plan: Plan, cursor: Cursor | None, *, limit: int, ceiling: int | None = None, lost: bool = False
) -> Page[int]:
    """The order ids of one page. `ceiling`: how many rows the whole list has, where a tally tells."""
    seen = 0 if cursor is None else cursor.seen
    forward = cursor is None or cursor.forward
    wanted = limit + 1
    if ceiling is not None and forward:
        wanted = min(wanted, max(ceiling - seen, 0))
    found = keys(shop_id, plan, cursor, limit=wanted, budget=BUDGET) if wanted else []
    more = found[limit:]
    found = found[:limit]
    cut: Key | None = None
    if not more and len(found) < wanted and (plan.sieve or plan.walk.sieve):
        cut = last_looked_at(shop_id, plan, cursor)
    edge = found[-1] if more else cut
    if not forward:
        found.reverse()
    before = seen if forward else max(seen - len(found), 0)
    return _joined(plan.walk.letter, found, forward, edge, cursor, before, cut=cut is not None, lost=lost)


def _joined(
    letter: str, found: Sequence[Key], forward: bool, edge: Key | None, cursor: Cursor | None, before: int,
    *, cut: bool, lost: bool,
) -> Page[int]:  # fmt: skip
    """The page with its cursors: onward from `edge`, and back to where it came from."""
    after = before + len(found)
    nearest = (found[0] if forward else found[-1]) if found else (cursor.key if cursor else None)
    if forward:
        onward = Cursor(letter, True, edge, after) if edge else None
        back = Cursor(letter, False, nearest, before) if cursor and nearest else None
    else:
        onward = Cursor(letter, True, nearest, after) if nearest else None
        back = Cursor(letter, False, edge, before) if edge else None
    return Page(
        rows=[key.id for key in found], next=str(onward) if onward else None, previous=str(back) if back else None,
        cursor_lost=lost, cut=cut, first=before + 1,
    )  # fmt: skip
