"""What the pages read of contracts and their stock: outlooks, lots, the ledger, and the numbers behind each figure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from fahuo.rules.paces import WINDOW, Outlook, outlook
from fahuo.rules.stock import IN_STOCK, STATES
from fahuo.store import sql
from fahuo.store.boards.pages import MAX_ID

LEFT: Final = f"""x.act IN ('take', 'release', 'ship')
    AND (x.act = 'release' OR x.from_state IN ({", ".join(f"'{state}'" for state in IN_STOCK)}))"""
"""Moves by which numbers left the stock for labels and parcels, and came back unused; of moves `x`."""

OUTLOOKS: Final = f"""
SELECT c.id, c.name, c.carrier, COALESCE(t.remaining, 0)::int AS remaining, COALESCE(p.taken, 0)::int AS taken, f.at AS first_at,
       COALESCE(d.taken, 0)::int AS today
FROM contracts c
LEFT JOIN LATERAL (
    SELECT sum(x.delta) AS remaining FROM stock_tally x
    WHERE x.shop_id = %(shop_id)s AND x.contract_id = c.id AND x.state = ANY(%(in_stock)s)) AS t ON TRUE
LEFT JOIN LATERAL (
    SELECT sum(CASE x.act WHEN 'release' THEN -x.count ELSE x.count END) AS taken FROM stock_moves x
    WHERE x.shop_id = %(shop_id)s AND x.contract_id = c.id AND x.at > %(since)s AND {LEFT}) AS p ON TRUE
LEFT JOIN LATERAL (
    SELECT sum(CASE x.act WHEN 'release' THEN -x.count ELSE x.count END) AS taken FROM stock_moves x
    WHERE x.shop_id = %(shop_id)s AND x.contract_id = c.id AND x.at >= %(today)s AND {LEFT}) AS d ON TRUE
LEFT JOIN LATERAL (
    SELECT x.at FROM stock_moves x
    WHERE x.shop_id = %(shop_id)s AND x.contract_id = c.id AND {LEFT} ORDER BY x.at LIMIT 1) AS f ON TRUE
WHERE c.shop_id = %(shop_id)s AND c.numbers = 'stock' AND (c.active OR NOT %(active)s)
ORDER BY c.position, c.id
"""


@dataclass(frozen=True, slots=True)
class ContractStock:
    """A contract's stock of numbers: how long it lasts, and how many were taken since the shop's day began."""

    contract_id: int
    name: str
    carrier: str
    outlook: Outlook
    today: int


def outlooks(shop_id: int, *, today: datetime, now: datetime, active: bool = True) -> list[ContractStock]:
    """The stock of each contract that keeps one, in the shop's order. `today`: when the shop's day began."""
    rows = sql.fetch(
        OUTLOOKS, shop_id=shop_id, since=now - WINDOW, today=today, in_stock=list(IN_STOCK), active=active
    )  # fmt: skip
    return [
        ContractStock(
            row.id, row.name, row.carrier, outlook(row.remaining, row.taken, row.first_at, now=now), row.today
        )
        for row in rows
    ]


# ---- lots -------------------------------------------------------------------------------------------------------

LOTS: Final = """
SELECT l.id, l.kind, l.first, l.last, l.count, l.price, l.bought_on, l.note, l.created_at
FROM waybill_lots l WHERE l.shop_id = %(shop_id)s AND l.contract_id = %(contract_id)s AND l.id < %(before)s
ORDER BY l.id DESC LIMIT %(limit)s
"""
STATES_OF: Final = """
SELECT t.lot_id, t.state, sum(t.delta)::int AS count FROM stock_tally t
WHERE t.shop_id = %(shop_id)s AND t.contract_id = %(contract_id)s AND t.lot_id = ANY(%(lot_ids)s::bigint[])
GROUP BY t.lot_id, t.state
"""
LOT: Final = """
SELECT l.id, l.contract_id, l.kind, l.first, l.last, l.count, l.price, l.bought_on, l.note, l.created_at
FROM waybill_lots l WHERE l.shop_id = %(shop_id)s AND l.id = %(lot_id)s
"""


@dataclass(frozen=True, slots=True)
class LotRow:
    """A lot, and how many of its numbers are in each state (every state is there)."""

    lot: Any
    states: Mapping[str, int]

    @property
    def left(self) -> int:
        return sum(self.states[state] for state in IN_STOCK)

    @property
    def lost(self) -> Decimal:
        """What its voided numbers cost (CNY)."""
        return Decimal(self.lot.price) * self.states["voided"]


@dataclass(frozen=True, slots=True)
class Listed:
    """Rows of a list that is walked by id, and the cursors around it (None: there is no such page)."""

    rows: Sequence[Any]
    next: str | None = None
    previous: str | None = None


def lots(shop_id: int, contract_id: int, *, cursor: str = "", limit: int = 50) -> Listed:
    """A contract's lots, newest first; `cursor` as the page before gave it."""
    found = sql.fetch(LOTS, shop_id=shop_id, contract_id=contract_id, before=_id(cursor) or MAX_ID, limit=limit + 1)
    counted: dict[int, dict[str, int]] = {row.id: dict.fromkeys(STATES, 0) for row in found}
    for row in sql.fetch(STATES_OF, shop_id=shop_id, contract_id=contract_id, lot_ids=list(counted)):
        counted[row.lot_id][row.state] = row.count
    return _page([LotRow(row, counted[row.id]) for row in found], limit, lambda each: each.lot.id)


def lot(shop_id: int, lot_id: int) -> Any | None:
    """One lot."""
    return sql.fetch_one(LOT, shop_id=shop_id, lot_id=lot_id)


def _id(cursor: str) -> int:
    """The id a cursor says; 0 for one that says none."""
    return int(cursor) if cursor.isascii() and cursor.isdigit() and len(cursor) < 19 else 0


def _page(rows: list[Any], limit: int, key: Any) -> Listed:
    more = len(rows) > limit
    rows = rows[:limit]
    return Listed(rows, str(key(rows[-1])) if more else None)


# ---- the ledger -------------------------------------------------------------------------------------------------

TOTALS: Final = """
SELECT t.state, sum(t.delta)::int AS count, sum(t.delta * l.price) AS worth
FROM stock_tally t JOIN waybill_lots l ON l.shop_id = %(shop_id)s AND l.id = t.lot_id
WHERE t.shop_id = %(shop_id)s AND t.contract_id = %(contract_id)s GROUP BY t.state
"""


@dataclass(frozen=True, slots=True)
class Totals:
    """A contract's numbers by state (every state is there), and the money in them (CNY): all that was bought, and what the
    voided ones cost."""

    states: Mapping[str, int] = field(default_factory=dict)
    bought: Decimal = Decimal("0.00")
    lost: Decimal = Decimal("0.00")

    @property
    def count(self) -> int:
        return sum(self.states.values())

    @property
    def left(self) -> int:
        return sum(self.states[state] for state in IN_STOCK)


def totals(shop_id: int, contract_id: int) -> Totals:
    """What a contract's ledger adds up to."""
    rows = {row.state: row for row in sql.fetch(TOTALS, shop_id=shop_id, contract_id=contract_id)}
    states: dict[str, int] = {state: rows[state].count if state in rows else 0 for state in STATES}
    bought = sum((row.worth for row in rows.values()), Decimal("0.00"))
    return Totals(states, bought, rows["voided"].worth if "voided" in rows else Decimal("0.00"))


LEDGER: Final = """
SELECT m.id, m.at, m.member_id, m.actor, m.act, m.lot_id, m.from_state, m.to_state, m.count, m.amount, m.note,
       l.kind, l.first, l.last, l.bought_on
FROM stock_moves m JOIN waybill_lots l ON l.shop_id = %(shop_id)s AND l.id = m.lot_id
WHERE m.shop_id = %(shop_id)s AND m.contract_id = %(contract_id)s AND m.id < %(before)s
  AND (m.act = %(act)s OR %(act)s = '') AND (m.lot_id = %(lot_id)s OR %(lot_id)s IS NULL)
ORDER BY m.id DESC LIMIT %(limit)s
"""


def ledger(
    shop_id: int, contract_id: int, *, act: str = "", lot_id: int | None = None, cursor: str = "", limit: int = 100
) -> Listed:
    """A contract's moves, newest first; of one act, of one lot."""
    rows = sql.fetch(
        LEDGER, shop_id=shop_id, contract_id=contract_id, act=act, lot_id=lot_id, before=_id(cursor) or MAX_ID,
        limit=limit + 1,
    )  # fmt: skip
    return _page(rows, limit, lambda each: each.id)


# ---- the numbers behind a figure --------------------------------------------------------------------------------

COLUMNS: Final = "n.id, n.number, n.carrier, n.state, n.lot_id, n.contract_id, n.label_id, n.changed_at, n.scanned_at"
OF_STATE: Final = f"""
SELECT {COLUMNS} FROM (
    SELECT l.id FROM waybill_lots l WHERE l.shop_id = %(shop_id)s AND l.contract_id = %(contract_id)s
      AND (l.id = %(lot_id)s OR %(lot_id)s IS NULL) AND l.id >= %(lot_from)s ORDER BY l.id
) AS lots CROSS JOIN LATERAL (
    SELECT * FROM waybill_numbers x WHERE x.shop_id = %(shop_id)s AND x.lot_id = lots.id AND x.state = %(state)s
      AND (x.id > %(after)s OR lots.id > %(lot_from)s) ORDER BY x.id LIMIT %(limit)s
) AS n WHERE n.shop_id = %(shop_id)s ORDER BY lots.id, n.id LIMIT %(limit)s
"""
OF_LOT: Final = f"""
SELECT {COLUMNS} FROM waybill_numbers n
WHERE n.shop_id = %(shop_id)s AND n.lot_id = %(lot_id)s AND n.id > %(after)s ORDER BY n.id LIMIT %(limit)s
"""
OF_MOVE: Final = f"""
SELECT {COLUMNS} FROM stock_moves m
JOIN LATERAL unnest(m.number_ids) AS a (id) ON TRUE JOIN waybill_numbers n ON n.shop_id = %(shop_id)s AND n.id = a.id
WHERE m.shop_id = %(shop_id)s AND m.id = %(move_id)s AND m.contract_id = %(contract_id)s AND n.id > %(after)s
ORDER BY n.id LIMIT %(limit)s
"""
MOVE: Final = """
SELECT m.id, m.at, m.actor, m.act, m.lot_id, m.from_state, m.to_state, m.count, m.amount, m.note
FROM stock_moves m WHERE m.shop_id = %(shop_id)s AND m.contract_id = %(contract_id)s AND m.id = %(move_id)s
"""


def move(shop_id: int, contract_id: int, move_id: int) -> Any | None:
    """One entry of the ledger."""
    return sql.fetch_one(MOVE, shop_id=shop_id, contract_id=contract_id, move_id=move_id)


def numbers(
    shop_id: int, contract_id: int, *, state: str = "", lot_id: int | None = None, move_id: int | None = None,
    cursor: str = "", limit: int = 100,
) -> Listed:  # fmt: skip
    """The numbers behind a figure: of one move, of a state (in one lot or all), or of a lot; in the order of purchase."""
    lot_from, _, after = cursor.partition(".")
    params: dict[str, Any] = {"shop_id": shop_id, "after": _id(after or lot_from), "limit": limit + 1}
    if move_id is not None:
        rows = sql.fetch(OF_MOVE, contract_id=contract_id, move_id=move_id, **params)
    elif state:
        start = _id(lot_from) if after else 0
        rows = sql.fetch(OF_STATE, contract_id=contract_id, lot_id=lot_id, state=state, lot_from=start, **params)
    elif lot_id is not None:
        rows = sql.fetch(OF_LOT, lot_id=lot_id, **params)
    else:
        rows = []
    return _page(rows, limit, lambda each: f"{each.lot_id}.{each.id}")


FIND: Final = f"""
SELECT {COLUMNS} FROM waybill_numbers n WHERE n.shop_id = %(shop_id)s AND n.carrier = %(carrier)s AND n.number = %(number)s
"""
ONE: Final = f"SELECT {COLUMNS} FROM waybill_numbers n WHERE n.shop_id = %(shop_id)s AND n.id = %(number_id)s"
ORDERS: Final = """
SELECT l.id AS label_id, l.state, l.made_at, l.printed_at, l.voided_at, l.void_reason, l.waybill,
       array_agg(o.id ORDER BY o.id) AS order_ids, array_agg(o.number ORDER BY o.id) AS numbers
FROM labels l JOIN label_orders h ON h.shop_id = %(shop_id)s AND h.label_id = l.id
JOIN orders o ON o.shop_id = %(shop_id)s AND o.id = h.order_id
WHERE l.shop_id = %(shop_id)s AND l.id = ANY(%(label_ids)s::bigint[])
GROUP BY l.id, l.state, l.made_at, l.printed_at, l.voided_at, l.void_reason, l.waybill
"""
PAST: Final = """
SELECT m.id, m.at, m.actor, m.act, m.from_state, m.to_state, m.note FROM stock_moves m
WHERE m.shop_id = %(shop_id)s AND m.contract_id = %(contract_id)s AND m.lot_id = %(lot_id)s
  AND (m.act = 'buy' OR m.number_ids @> ARRAY[%(number_id)s::bigint]) ORDER BY m.id DESC LIMIT 200
"""


def find(shop_id: int, carrier: str, number: str) -> Any | None:
    """A bought number, as `waybills.normalise` writes it."""
    return sql.fetch_one(FIND, shop_id=shop_id, carrier=carrier, number=number)


def number(shop_id: int, number_id: int) -> Any | None:
    """A bought number by its id."""
    return sql.fetch_one(ONE, shop_id=shop_id, number_id=number_id)


def labels_of(shop_id: int, label_ids: Sequence[int]) -> dict[int, Any]:
    """Labels with the orders on them, by id."""
    found = sql.fetch(ORDERS, shop_id=shop_id, label_ids=list(label_ids))
    return {row.label_id: row for row in found}


def past(shop_id: int, number: Any) -> list[Any]:
    """Every move of one number, newest first."""
    return sql.fetch(
        PAST, shop_id=shop_id, contract_id=number.contract_id, lot_id=number.lot_id, number_id=number.id
    )  # fmt: skip
