"""Bought waybill numbers: they come in by lots and move by `rules.stock.TABLE`, each move one statement over any number.

The ledger (`stock_moves`) and the tally are written by the same statement, from the rows that moved. Whoever moves numbers
locks them in the order of their ids; whoever takes passes over those that somebody else has locked, so that nobody waits.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple

from fahuo.rules.people import Actor
from fahuo.rules.stock import IN_STOCK, TABLE, Act, LotKind, before
from fahuo.store import arrays, sql

WRITTEN = """
sums AS MATERIALIZED (
    SELECT contract_id, lot_id, from_state, to_state, count(*)::int AS count, array_agg(id ORDER BY id) AS ids
    FROM moved GROUP BY contract_id, lot_id, from_state, to_state
), told AS (
    INSERT INTO stock_moves (shop_id, at, member_id, actor, act, contract_id, lot_id, from_state, to_state, count, amount,
                             number_ids, note)
    SELECT %(shop_id)s, %(now)s, %(member_id)s, %(actor)s, %(act)s, s.contract_id, s.lot_id, s.from_state, s.to_state,
           s.count, s.count * l.price * ((s.to_state = 'voided')::int - (s.from_state = 'voided')::int), s.ids, %(note)s
    FROM sums s JOIN waybill_lots l ON l.shop_id = %(shop_id)s AND l.id = s.lot_id
), tallied AS (
    INSERT INTO stock_tally (shop_id, contract_id, lot_id, state, delta)
    SELECT %(shop_id)s, contract_id, lot_id, state, sum(delta) FROM (
        SELECT contract_id, lot_id, from_state AS state, -count AS delta FROM sums
        UNION ALL SELECT contract_id, lot_id, to_state, count FROM sums) AS steps
    GROUP BY contract_id, lot_id, state HAVING sum(delta) <> 0
)
"""
"""Ledger and tally of `moved` (id, contract_id, lot_id, from_state, to_state)."""


class Taken(NamedTuple):
    """A number that was taken."""

    id: int
    number: str
    carrier: str


# The states stand in the text: only so does the planner see that the partial index over them, sorted by state and id,
# gives the rows in this order.
TAKE = f"""
WITH chosen AS MATERIALIZED (
    SELECT id, state FROM waybill_numbers
    WHERE shop_id = %(shop_id)s AND contract_id = %(contract_id)s AND state IN ({", ".join(f"'{s}'" for s in IN_STOCK)})
    ORDER BY state, id LIMIT %(count)s FOR NO KEY UPDATE SKIP LOCKED
), moved AS (
    UPDATE waybill_numbers n SET state = 'taken', label_id = NULL, changed_at = %(now)s
    FROM chosen c WHERE n.shop_id = %(shop_id)s AND n.id = c.id
    RETURNING n.id, n.contract_id, n.lot_id, n.number, n.carrier, c.state AS from_state, n.state AS to_state
), {WRITTEN}
SELECT id, number, carrier FROM moved ORDER BY from_state, id
"""


def take(actor: Actor, contract_id: int, count: int, *, now: datetime, note: str = "") -> list[Taken]:
    """Take so many numbers out of a contract's stock: free ones by id, then returned ones; fewer when it is short.

    No two transactions are given one number, whoever takes at once; nobody waits for anybody. `hold` says by which labels.
    """
    if count < 1:
        return []
    rows = sql.fetch(
        TAKE, shop_id=actor.shop_id, member_id=actor.member_id, actor=actor.name, contract_id=contract_id, count=count,
        act="take", note=note, now=now,
    )  # fmt: skip
    return [Taken(*row) for row in rows]


HOLD = """
UPDATE waybill_numbers n SET label_id = a.label_id
FROM unnest(%(ids)s::bigint[], %(label_ids)s::bigint[]) AS a (id, label_id)
WHERE n.shop_id = %(shop_id)s AND n.id = a.id AND n.state = 'taken'
"""


def hold(shop_id: int, number_ids: Sequence[int], label_ids: Sequence[int]) -> int:
    """Say which labels hold numbers that were taken; how many do. In the transaction that took them."""
    return sql.run(HOLD, shop_id=shop_id, ids=arrays.ids(number_ids), label_ids=arrays.ids(label_ids))


MOVE = f"""
WITH asked AS MATERIALIZED (
    SELECT DISTINCT ON (a.id) %(shop_id)s::bigint AS shop_id, a.id, a.label_id
    FROM unnest(%(ids)s::bigint[], %(label_ids)s::bigint[]) AS a (id, label_id) ORDER BY a.id
), steps AS (
    SELECT * FROM unnest(%(froms)s::text[], %(tos)s::text[]) AS s (from_state, to_state)
), locked AS MATERIALIZED (
    SELECT a.shop_id, n.id, n.state, a.label_id
    FROM asked a JOIN waybill_numbers n ON n.shop_id = a.shop_id AND n.id = a.id
    WHERE n.state = ANY(%(froms)s::text[]) ORDER BY n.id FOR NO KEY UPDATE OF n
), moved AS (
    UPDATE waybill_numbers n SET state = s.to_state, changed_at = %(now)s, label_id = CASE
        WHEN s.from_state IN ('free', 'returned') THEN l.label_id ELSE COALESCE(l.label_id, n.label_id) END
    FROM locked l JOIN steps s ON s.from_state = l.state WHERE n.shop_id = l.shop_id AND n.id = l.id
    RETURNING n.id, n.contract_id, n.lot_id, l.state AS from_state, n.state AS to_state
), {WRITTEN}
SELECT id FROM moved ORDER BY id
"""


def move(
    actor: Actor, number_ids: Sequence[int], act: Act, *, now: datetime, label_ids: Sequence[int] | None = None,
    note: str = "",
) -> int:  # fmt: skip
    """Let `act` happen to those of these numbers whose state allows it (rules.stock.TABLE); how many moved.

    `label_ids`: beside each number, the label that holds it from now on; else each keeps the one it had.
    """
    return len(moved(actor, number_ids, act, now=now, label_ids=label_ids, note=note))


def moved(
    actor: Actor, number_ids: Sequence[int], act: Act, *, now: datetime, label_ids: Sequence[int] | None = None,
    note: str = "",
) -> list[int]:  # fmt: skip
    """`move`; the ids of those that moved."""
    if not number_ids:
        return []
    froms = list(before(act))
    rows = sql.fetch(
        MOVE, shop_id=actor.shop_id, member_id=actor.member_id, actor=actor.name, act=act, note=note, now=now,
        ids=arrays.ids(number_ids), label_ids=None if label_ids is None else arrays.ids(label_ids),
        froms=froms, tos=[TABLE[state, act] for state in froms],
    )  # fmt: skip
    return [row.id for row in rows]


@dataclass(frozen=True, slots=True)
class Lot:
    """What is said of numbers bought together. `price`: CNY a number, two decimals."""

    contract_id: int
    carrier: str
    kind: LotKind
    price: Decimal
    bought_on: date
    first: str = ""
    last: str = ""
    note: str = ""


BUY = """
WITH lot AS MATERIALIZED (
    SELECT nextval('ids') AS id
), added AS (
    INSERT INTO waybill_numbers (shop_id, lot_id, contract_id, carrier, number, state, changed_at)
    SELECT %(shop_id)s, lot.id, %(contract_id)s, %(carrier)s, a.number, 'free', %(now)s
    FROM lot, unnest(%(numbers)s::text[]) WITH ORDINALITY AS a (number, place) ORDER BY a.place
    ON CONFLICT (shop_id, carrier, number) DO NOTHING RETURNING lot_id
), sums AS MATERIALIZED (
    SELECT lot_id, count(*)::int AS count FROM added GROUP BY lot_id
), kept AS (
    INSERT INTO waybill_lots (shop_id, id, contract_id, carrier, kind, first, last, count, price, bought_on, note,
                              member_id, created_at)
    SELECT %(shop_id)s, lot_id, %(contract_id)s, %(carrier)s, %(kind)s, %(first)s, %(last)s, count, %(price)s,
           %(bought_on)s, %(note)s, %(member_id)s, %(now)s FROM sums
), told AS (
    INSERT INTO stock_moves (shop_id, at, member_id, actor, act, contract_id, lot_id, from_state, to_state, count, amount,
                             number_ids, note)
    SELECT %(shop_id)s, %(now)s, %(member_id)s, %(actor)s, 'buy', %(contract_id)s, lot_id, '', 'free', count,
           count * %(price)s::numeric, '{}', %(note)s FROM sums
), tallied AS (
    INSERT INTO stock_tally (shop_id, contract_id, lot_id, state, delta)
    SELECT %(shop_id)s, %(contract_id)s, lot_id, 'free', count FROM sums
)
SELECT lot_id, count FROM sums
"""


def buy(actor: Actor, lot: Lot, numbers: Sequence[str], *, now: datetime) -> tuple[int, int] | None:
    """Put numbers into stock, in their order, as one lot; (its id, how many came in), or None when none was new.

    Numbers of the carrier that the shop has in stock already, in whatever state, stay what they are.
    """
    row = sql.fetch_one(
        BUY, shop_id=actor.shop_id, member_id=actor.member_id, actor=actor.name, contract_id=lot.contract_id,
        carrier=lot.carrier, kind=lot.kind, first=lot.first, last=lot.last, price=lot.price, bought_on=lot.bought_on,
        note=lot.note, numbers=arrays.texts(numbers), now=now,
    )  # fmt: skip
    return None if row is None else (row.lot_id, row.count)


KNOWN = """
WITH asked AS MATERIALIZED (
    SELECT %(shop_id)s::bigint AS shop_id, %(carrier)s::text AS carrier, number FROM unnest(%(numbers)s::text[]) AS a (number)
)
SELECT a.number, CASE WHEN n.id IS NOT NULL THEN 'in_stock' WHEN p.id IS NOT NULL THEN 'used' ELSE 'used_before' END AS how
FROM asked a
LEFT JOIN waybill_numbers n ON n.shop_id = a.shop_id AND n.carrier = a.carrier AND n.number = a.number
LEFT JOIN parcels p ON p.shop_id = a.shop_id AND p.waybill = a.number AND p.carrier = a.carrier AND p.waybill <> ''
    AND p.voided_at IS NULL AND p.retired_at IS NULL
WHERE n.id IS NOT NULL OR p.id IS NOT NULL
   OR EXISTS (SELECT FROM parcels x WHERE x.shop_id = a.shop_id AND x.waybill = a.number AND x.carrier = a.carrier
              AND (x.voided_at IS NOT NULL OR x.retired_at IS NOT NULL))
"""


def known(shop_id: int, carrier: str, numbers: Sequence[str]) -> dict[str, str]:
    """number -> how the shop knows it: `in_stock` (in any state), `used` by a parcel, `used_before` by one that is gone."""
    rows = sql.fetch(KNOWN, shop_id=shop_id, carrier=carrier, numbers=arrays.texts(numbers))
    return {row.number: row.how for row in rows}


UNLABELLED = """
WITH asked AS MATERIALIZED (
    SELECT DISTINCT %(shop_id)s::bigint AS shop_id, a.*
    FROM unnest(%(carriers)s::text[], %(waybills)s::text[]) AS a (carrier, waybill)
)
SELECT n.id, n.state, EXISTS (
    SELECT FROM parcels p WHERE p.shop_id = a.shop_id AND p.waybill = a.waybill AND p.carrier = a.carrier
    AND p.waybill <> '' AND p.voided_at IS NULL AND p.retired_at IS NULL) AS used
FROM asked a JOIN waybill_numbers n ON n.shop_id = a.shop_id AND n.carrier = a.carrier AND n.number = a.waybill
WHERE n.state IN ('free', 'returned') OR n.state IN ('taken', 'printed', 'shipped') AND n.label_id IS NULL
"""


def unlabelled(shop_id: int, carriers: Sequence[str], waybills: Sequence[str]) -> list[Any]:
    """The bought numbers among these that no label ever held since they were taken: id, state, whether a parcel uses it."""
    return sql.fetch(
        UNLABELLED, shop_id=shop_id, carriers=arrays.texts(carriers), waybills=arrays.texts(waybills)
    )  # fmt: skip


UNHELD = """
SELECT n.id FROM waybill_numbers n WHERE n.shop_id = %(shop_id)s AND n.id = ANY(%(ids)s::bigint[])
  AND n.state IN ('free', 'returned', 'taken', 'printed')
  AND NOT EXISTS (SELECT FROM labels l WHERE l.shop_id = %(shop_id)s AND l.id = n.label_id AND l.voided_at IS NULL)
FOR NO KEY UPDATE OF n
"""


def unheld(shop_id: int, number_ids: Sequence[int]) -> list[int]:
    """Those of these numbers that no parcel and no living label has; locked."""
    return [row.id for row in sql.fetch(UNHELD, shop_id=shop_id, ids=arrays.ids(number_ids))]


HAS_LOTS = "SELECT EXISTS (SELECT FROM waybill_lots WHERE shop_id = %(shop_id)s) AS has"


def has_lots(shop_id: int) -> bool:
    """Whether the shop ever bought numbers."""
    return bool(sql.fetch(HAS_LOTS, shop_id=shop_id)[0].has)


BALANCES = """
SELECT t.contract_id, t.lot_id, t.state, sum(t.delta)::int AS count FROM stock_tally t
WHERE t.shop_id = %(shop_id)s AND (t.contract_id = %(contract_id)s OR %(contract_id)s IS NULL)
GROUP BY t.contract_id, t.lot_id, t.state HAVING sum(t.delta) <> 0 ORDER BY t.contract_id, t.lot_id, t.state
"""


def balances(shop_id: int, contract_id: int | None = None) -> list[Any]:
    """How many numbers of each lot are in each state (contract_id, lot_id, state, count); states without any are left out."""
    return sql.fetch(BALANCES, shop_id=shop_id, contract_id=contract_id)


FOLD = """
WITH gone AS (
    DELETE FROM stock_tally WHERE shop_id = %(shop_id)s
      AND (SELECT count(*) FROM stock_tally AS rows WHERE rows.shop_id = %(shop_id)s) > %(least)s
          + (SELECT count(*) FROM (SELECT DISTINCT r.lot_id, r.state FROM stock_tally r WHERE r.shop_id = %(shop_id)s) AS kinds)
    RETURNING contract_id, lot_id, state, delta
)
INSERT INTO stock_tally (shop_id, contract_id, lot_id, state, delta)
SELECT %(shop_id)s, contract_id, lot_id, state, sum(delta) FROM gone GROUP BY contract_id, lot_id, state HAVING sum(delta) <> 0
"""


def fold_tally(shop_id: int, *, least: int = 100) -> int:
    """Add up the tally into one row a lot and state, once it has `least` rows more than that; how many rows that made."""
    return sql.run(FOLD, shop_id=shop_id, least=least)
