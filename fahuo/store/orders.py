"""Orders one by one or by small sets: memos, flags, marks, deadlines, and the tally. Importing's sets are in `imports`.

Each statement locks its orders by id, moves those that do not stand there already, and returns what they were before.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from fahuo.rules.deadlines import Ground
from fahuo.rules.orders import IN_BACKLOG, ORDER_STATUSES
from fahuo.store import sealed, sql

LOCKED = """
WITH before AS (
    SELECT id, number, status, memo, flag, conflict, agreed_until, reported_until, printed_at, called_at, urge_count
    FROM orders WHERE shop_id = %(shop_id)s AND id = ANY(%(order_ids)s) ORDER BY id FOR UPDATE
)
"""

KNOWN = "SELECT id FROM orders WHERE shop_id = %(shop_id)s AND id = ANY(%(order_ids)s)"


def known(shop_id: int, order_ids: Sequence[int]) -> set[int]:
    """Which of these orders are the shop's."""
    return {row.id for row in sql.fetch(KNOWN, shop_id=shop_id, order_ids=list(order_ids))}


NUMBERS = "SELECT id, number FROM orders WHERE shop_id = %(shop_id)s AND id = ANY(%(order_ids)s)"


def numbers(shop_id: int, order_ids: Sequence[int]) -> dict[int, str]:
    """id -> number of these orders of the shop."""
    return {row.id: row.number for row in sql.fetch(NUMBERS, shop_id=shop_id, order_ids=list(order_ids))}


SET_MEMO = (
    LOCKED
    + """
UPDATE orders SET memo = %(memo)s, updated_at = %(now)s FROM before
WHERE orders.shop_id = %(shop_id)s AND orders.id = before.id AND before.memo <> %(memo)s
RETURNING orders.id
"""
)


def set_memo(shop_id: int, order_id: int, memo: str, *, now: datetime) -> list[Any]:
    """Write the shop's own memo; the rows that changed."""
    return sql.fetch(SET_MEMO, shop_id=shop_id, order_ids=[order_id], memo=memo, now=now)


SET_FLAG = (
    LOCKED
    + """
UPDATE orders SET flag = %(flag)s, updated_at = %(now)s FROM before
WHERE orders.shop_id = %(shop_id)s AND orders.id = before.id AND before.flag IS DISTINCT FROM %(flag)s
RETURNING orders.id, before.flag
"""
)


def set_flag(shop_id: int, order_ids: Sequence[int], flag: int | None, *, now: datetime) -> list[Any]:
    """Set or take away the flag of these orders; the rows that changed, with the flag before."""
    return sql.fetch(SET_FLAG, shop_id=shop_id, order_ids=list(order_ids), flag=flag, now=now)


RECEIVER = """
SELECT r.order_id, r.name, r.phone, r.phone_extension, r.phone_expires_at, r.province, r.city, r.district, r.address,
       r.postcode, r.sealed, r.order_id AS sealed_of
FROM receivers r WHERE r.shop_id = %(shop_id)s AND r.order_id = %(order_id)s
"""


def receiver(shop_id: int, order_id: int) -> Any | None:
    """The receiver of an order, unmasked."""
    found = sealed.open_receivers(shop_id, sql.fetch(RECEIVER, shop_id=shop_id, order_id=order_id))
    return found[0] if found else None


def _let_wait(column: str) -> str:
    return f"""{LOCKED}
UPDATE orders SET {column} = %(until)s, updated_at = %(now)s FROM before
WHERE orders.shop_id = %(shop_id)s AND orders.id = before.id AND before.status = ANY(%(waits)s)
  AND before.{column} IS DISTINCT FROM %(until)s
RETURNING orders.id, before.{column} AS until
"""


LET_WAIT: dict[Ground, str] = {"agreed": _let_wait("agreed_until"), "reported": _let_wait("reported_until")}


def let_wait(
    shop_id: int, order_ids: Sequence[int], until: datetime | None, *, ground: Ground, now: datetime
) -> list[Any]:
    """Note until when these orders may wait on that ground; the rows that changed, with the `until` before."""
    return sql.fetch(
        LET_WAIT[ground], shop_id=shop_id, order_ids=list(order_ids), until=until, now=now, waits=sorted(IN_BACKLOG)
    )  # fmt: skip


SETTLE = (
    LOCKED
    + """
UPDATE orders SET conflict = '', conflict_at = NULL, updated_at = %(now)s FROM before
WHERE orders.shop_id = %(shop_id)s AND orders.id = before.id AND before.conflict <> ''
RETURNING orders.id, before.conflict
"""
)


def settle_conflict(shop_id: int, order_id: int, *, now: datetime) -> list[Any]:
    """Clear a conflict that a person has looked at; the rows that changed, with what it was."""
    return sql.fetch(SETTLE, shop_id=shop_id, order_ids=[order_id], now=now)


PRINTED = (
    LOCKED
    + """
UPDATE orders SET printed_at = %(now)s, updated_at = %(now)s FROM before
WHERE orders.shop_id = %(shop_id)s AND orders.id = before.id AND before.printed_at IS DISTINCT FROM %(now)s
RETURNING orders.id, before.printed_at AS at
"""
)


def mark_printed(shop_id: int, order_ids: Sequence[int], *, now: datetime) -> list[Any]:
    """Note that papers were printed, now; the rows that changed, with when they were printed before."""
    return sql.fetch(PRINTED, shop_id=shop_id, order_ids=list(order_ids), now=now)


CALLED = (
    LOCKED
    + """
UPDATE orders SET called_at = %(now)s, updated_at = %(now)s FROM before
WHERE orders.shop_id = %(shop_id)s AND orders.id = before.id AND before.called_at IS DISTINCT FROM %(now)s
RETURNING orders.id, before.called_at AS at
"""
)


def note_call(shop_id: int, order_ids: Sequence[int], *, now: datetime) -> list[Any]:
    """Note that the courier was called, now; the rows that changed, with when that was before."""
    return sql.fetch(CALLED, shop_id=shop_id, order_ids=list(order_ids), now=now)


URGED = (
    LOCKED
    + """
UPDATE orders SET urge_count = before.urge_count + %(count)s, urged_at = %(now)s, updated_at = %(now)s FROM before
WHERE orders.shop_id = %(shop_id)s AND orders.id = before.id AND before.status = ANY(%(waits)s)
RETURNING orders.id, before.urge_count, orders.urge_count AS after
"""
)


def urge(shop_id: int, order_id: int, count: int, *, now: datetime) -> list[Any]:
    """Add to an order's urges while it waits; the rows that changed, with the count before and after."""
    return sql.fetch(URGED, shop_id=shop_id, order_ids=[order_id], count=count, now=now, waits=sorted(IN_BACKLOG))


SET_DEADLINES = """
WITH asked AS (
    SELECT * FROM unnest(%(order_ids)s::bigint[], %(deadlines)s::timestamptz[], %(clauses)s::text[],
                         %(rulebooks)s::text[]) AS asked (id, deadline, clause, rulebook)
), moved AS (
    UPDATE orders SET deadline = asked.deadline, deadline_clause = asked.clause, rulebook = asked.rulebook,
           updated_at = %(now)s
    FROM asked WHERE orders.shop_id = %(shop_id)s AND orders.id = asked.id AND orders.status = ANY(%(waits)s)
    RETURNING orders.id, orders.deadline
)
UPDATE backlog SET deadline = moved.deadline FROM moved
WHERE backlog.shop_id = %(shop_id)s AND backlog.order_id = moved.id
"""


def set_deadlines(shop_id: int, decided: Mapping[int, tuple[datetime, str, str]], *, now: datetime) -> int:
    """Write deadlines of orders that wait, there and in the backlog: order id -> (deadline, clause, rule book)."""
    if not decided:
        return 0
    return sql.run(
        SET_DEADLINES, shop_id=shop_id, now=now, waits=sorted(IN_BACKLOG), order_ids=list(decided),
        deadlines=[found[0] for found in decided.values()], clauses=[found[1] for found in decided.values()],
        rulebooks=[found[2] for found in decided.values()],
    )  # fmt: skip


FOLD = """
WITH gone AS (
    DELETE FROM order_tally WHERE shop_id = %(shop_id)s
      AND (SELECT count(*) FROM order_tally AS rows WHERE rows.shop_id = %(shop_id)s) > %(least)s
    RETURNING status, delta
)
INSERT INTO order_tally (shop_id, status, delta)
SELECT %(shop_id)s, status, sum(delta) FROM gone GROUP BY status HAVING sum(delta) <> 0
"""


def fold_tally(shop_id: int) -> int:
    """Add up the shop's tally into one row a status; how many rows that made, 0 when there was nothing to add up."""
    return sql.run(FOLD, shop_id=shop_id, least=len(ORDER_STATUSES))
