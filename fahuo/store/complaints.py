"""Complaints, and the ledger of what they cost."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from fahuo.store import sealed, sql

COLUMNS: Final = """c.id, c.order_id, c.task_id, c.kind, c.opened_by, c.status, c.opened_at, c.closed_at, c.compensation,
       c.points, c.rulebook, c.closed_by, c.statement"""
OPEN: Final = f"""
SELECT {COLUMNS} FROM complaints c
WHERE c.shop_id = %(shop_id)s AND c.order_id = %(order_id)s AND c.status = 'open' FOR UPDATE
"""
OF_ORDER: Final = f"""
SELECT {COLUMNS} FROM complaints c WHERE c.shop_id = %(shop_id)s AND c.order_id = %(order_id)s ORDER BY c.id
"""


def open_of(shop_id: int, order_id: int) -> Any | None:
    """The order's open complaint, locked."""
    found = _open(shop_id, sql.fetch(OPEN, shop_id=shop_id, order_id=order_id))
    return found[0] if found else None


def of_order(shop_id: int, order_id: int) -> list[Any]:
    """All complaints over an order, oldest first."""
    return _open(shop_id, sql.fetch(OF_ORDER, shop_id=shop_id, order_id=order_id))


def _open(shop_id: int, rows: list[Any]) -> list[Any]:
    return sealed.open_texts(shop_id, rows, sealed.STATEMENT, "statement")


ADD: Final = """
INSERT INTO complaints (shop_id, order_id, task_id, kind, opened_by, status, opened_at, compensation, points, rulebook)
VALUES (%(shop_id)s, %(order_id)s, %(task_id)s, %(kind)s, %(opened_by)s, 'open', %(now)s, 0, 0, %(rulebook)s)
ON CONFLICT (shop_id, order_id) WHERE status = 'open' DO NOTHING RETURNING id
"""


def add(shop_id: int, order_id: int, *, task_id: int | None, kind: str, opened_by: str, rulebook: str,
        now: datetime) -> int | None:  # fmt: skip
    """Open a complaint; its id, or None where one is open."""
    row = sql.fetch_one(
        ADD, shop_id=shop_id, order_id=order_id, task_id=task_id, kind=kind, opened_by=opened_by, rulebook=rulebook,
        now=now,
    )  # fmt: skip
    return None if row is None else int(row.id)


BOOKS: Final = "SELECT s.id FROM shops s WHERE s.id = %(shop_id)s FOR NO KEY UPDATE"


def hold_books(shop_id: int) -> None:
    """Let nobody else close a complaint of this shop until the transaction ends: sums and counts build on each other."""
    sql.fetch(BOOKS, shop_id=shop_id)


PREVIOUS: Final = f"""
SELECT l.order_id, l.kind, o.item_amount, {sql.promised("o", "o.promise_hours")} AS promised FROM ledger l
JOIN orders o ON o.shop_id = %(shop_id)s AND o.id = l.order_id
WHERE l.shop_id = %(shop_id)s
  AND (l.paid_day = %(day)s AND l.buyer = %(buyer)s AND l.buyer <> '' OR l.order_id = %(order_id)s)
ORDER BY l.id
"""


def previous(shop_id: int, buyer: str, day: date, order_id: int) -> list[Any]:
    """What was upheld or settled before over orders of this buyer paid on this day, and over this order; a buyer without
    a name is alone."""
    return sql.fetch(PREVIOUS, shop_id=shop_id, buyer=buyer, day=day, order_id=order_id)


SETTLED: Final = "SELECT count(*) AS n FROM complaints c WHERE c.shop_id = %(shop_id)s AND c.status = 'settled'"


def settled(shop_id: int) -> int:
    """How many complaints the shop has settled voluntarily so far."""
    return int(sql.fetch(SETTLED, shop_id=shop_id)[0].n)


CLOSE: Final = """
WITH closed AS (
    UPDATE complaints c SET status = %(status)s, closed_at = %(now)s, compensation = %(amount)s, points = %(points)s,
           closed_by = %(by)s, statement = %(said)s
    WHERE c.shop_id = %(shop_id)s AND c.id = %(complaint_id)s AND c.status = 'open'
    RETURNING c.id, c.order_id, c.kind, c.rulebook
)
INSERT INTO ledger (shop_id, order_id, complaint_id, buyer, paid_day, kind, amount, points, at, why, rulebook)
SELECT %(shop_id)s, order_id, id, %(buyer)s, %(day)s, kind, %(amount)s, %(points)s, %(now)s, %(status)s, rulebook
FROM closed WHERE %(owes)s
"""


def close(
    shop_id: int, complaint_id: int, status: str, *, owes: bool, amount: Decimal, points: int, buyer: str, day: date,
    by: str, statement: str, now: datetime,
) -> None:  # fmt: skip
    """Close a locked complaint, with who did it and what they said; one that owes (`owes`) stands in the ledger from now
    on, even with an amount of 0.00."""
    sql.run(
        CLOSE, shop_id=shop_id, complaint_id=complaint_id, status=status, owes=owes, amount=amount, points=points,
        buyer=buyer, day=day, by=by, said=sealed.seal_text(shop_id, sealed.STATEMENT, statement), now=now,
    )  # fmt: skip


LEDGER: Final = """
SELECT l.id, l.order_id, l.complaint_id, l.paid_day, l.kind, l.amount, l.points, l.at, l.why, l.rulebook
FROM ledger l WHERE l.shop_id = %(shop_id)s AND l.order_id = ANY(%(order_ids)s) ORDER BY l.id
"""


def ledger(shop_id: int, order_ids: Sequence[int]) -> list[Any]:
    """What these orders cost so far, entry by entry."""
    return sql.fetch(LEDGER, shop_id=shop_id, order_ids=list(order_ids))
