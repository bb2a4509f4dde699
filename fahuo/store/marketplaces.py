"""Marketplaces of a shop and their orders: who is due, what was found, what waits to be read again."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import msgspec
from psycopg.types.json import Jsonb

from fahuo.store import sql

COLUMNS: Final = """
m.id, m.shop_id, m.kind, m.settings, m.shown, m.push_key, m.active, m.open_receivers, m.began_at, m.backlog_done,
m.pulled_until, m.refunds_until, m.pulled_at, m.looked_at, m.session_until, m.due_at, m.failures, m.trouble, m.problem,
m.pulled_count, m.created_at
"""
ADD: Final = """
INSERT INTO marketplaces (shop_id, kind, settings, shown, push_key, active, open_receivers, began_at, backlog_done,
                          pulled_until, refunds_until, due_at, failures, trouble, pulled_count, created_at)
VALUES (%(shop_id)s, %(kind)s, %(settings)s, %(shown)s, %(push_key)s, true, %(open_receivers)s, %(began_at)s, false,
        %(now)s, %(began_at)s, %(due_at)s, 0, '', 0, %(now)s)
ON CONFLICT (shop_id, kind) DO NOTHING RETURNING id
"""


def add(
    shop_id: int, kind: str, *, settings: str, shown: Mapping[str, str], push_key: str, open_receivers: bool,
    began_at: datetime, due_at: datetime | None, now: datetime,
) -> int | None:  # fmt: skip
    """A new marketplace's id; None when the shop has one of that kind."""
    row = sql.fetch_one(
        ADD, shop_id=shop_id, kind=kind, settings=settings, shown=Jsonb(dict(shown)), push_key=push_key,
        open_receivers=open_receivers, began_at=began_at, due_at=due_at, now=now,
    )  # fmt: skip
    return int(row.id) if row else None


ONE: Final = f"SELECT {COLUMNS} FROM marketplaces m WHERE m.shop_id = %(shop_id)s AND m.id = %(id)s"
OF_SHOP: Final = f"SELECT {COLUMNS} FROM marketplaces m WHERE m.shop_id = %(shop_id)s ORDER BY m.id"


def _row(row: Any) -> Any:
    return row._replace(shown=json.loads(row.shown), problem=json.loads(row.problem) if row.problem else None)


def one(shop_id: int, marketplace_id: int) -> Any | None:
    """A marketplace of the shop, its settings sealed."""
    row = sql.fetch_one(ONE, shop_id=shop_id, id=marketplace_id)
    return None if row is None else _row(row)


def of_shop(shop_id: int) -> list[Any]:
    """The shop's marketplaces."""
    return [_row(row) for row in sql.fetch(OF_SHOP, shop_id=shop_id)]


SET: Final = """
UPDATE marketplaces SET settings = %(settings)s, shown = %(shown)s, active = %(active)s,
       open_receivers = %(open_receivers)s, due_at = %(due_at)s
WHERE shop_id = %(shop_id)s AND id = %(id)s
"""


def change(
    shop_id: int, marketplace_id: int, *, settings: str, shown: Mapping[str, str], active: bool, open_receivers: bool,
    due_at: datetime | None,
) -> int:  # fmt: skip
    """Keep what was changed."""
    return sql.run(
        SET, shop_id=shop_id, id=marketplace_id, settings=settings, shown=Jsonb(dict(shown)), active=active,
        open_receivers=open_receivers, due_at=due_at,
    )  # fmt: skip


LET_IN: Final = """
UPDATE marketplaces SET settings = %(settings)s, session_until = %(session_until)s
WHERE shop_id = %(shop_id)s AND id = %(id)s
"""


def let_in(shop_id: int, marketplace_id: int, *, settings: str, session_until: datetime | None) -> int:
    """Keep new tokens."""
    return sql.run(LET_IN, shop_id=shop_id, id=marketplace_id, settings=settings, session_until=session_until)


DUE: Final = "UPDATE marketplaces SET due_at = %(at)s WHERE shop_id = %(shop_id)s AND id = %(id)s AND active"


HURRY_UP: Final = """
UPDATE marketplaces SET due_at = LEAST(due_at, %(at)s) WHERE shop_id = %(shop_id)s AND id = %(id)s AND active
  AND due_at IS NOT NULL AND trouble = ''
"""


def hurry_up(shop_id: int, marketplace_id: int, *, at: datetime) -> int:
    """Pull it then at the latest, unless it has to wait for something."""
    return sql.run(HURRY_UP, shop_id=shop_id, id=marketplace_id, at=at)


def hurry(shop_id: int, marketplace_id: int, *, at: datetime) -> int:
    """Pull it then."""
    return sql.run(DUE, shop_id=shop_id, id=marketplace_id, at=at)


DROP: Final = (
    "DELETE FROM confirmations WHERE shop_id = %(shop_id)s AND marketplace_id = %(id)s",
    "DELETE FROM marketplace_orders WHERE shop_id = %(shop_id)s AND marketplace_id = %(id)s",
    "DELETE FROM marketplaces WHERE shop_id = %(shop_id)s AND id = %(id)s",
)


def drop(shop_id: int, marketplace_id: int) -> int:
    """Forget a marketplace; its orders stay as orders of the shop."""
    return sum(sql.run(statement, shop_id=shop_id, id=marketplace_id) for statement in DROP)


SHOPS_DUE: Final = """
/* across shops: shops with work */
SELECT DISTINCT m.shop_id FROM marketplaces m
WHERE m.due_at <= %(now)s AND (m.held_until IS NULL OR m.held_until <= %(now)s)
"""
TAKE: Final = f"""
WITH chosen AS MATERIALIZED (
    SELECT m.shop_id, m.id FROM marketplaces m
    WHERE m.shop_id = %(shop_id)s AND m.due_at <= %(now)s AND m.active
      AND (m.held_until IS NULL OR m.held_until <= %(now)s) ORDER BY m.due_at FOR UPDATE SKIP LOCKED
)
UPDATE marketplaces m SET held_until = %(until)s FROM chosen c WHERE m.shop_id = c.shop_id AND m.id = c.id
RETURNING {COLUMNS}
"""


def shops_due(*, now: datetime) -> list[int]:
    """The shops that have a marketplace to pull."""
    return [row.shop_id for row in sql.fetch(SHOPS_DUE, now=now)]


def take(shop_id: int, *, until: datetime, now: datetime) -> list[Any]:
    """The shop's marketplaces that are due, each nobody else's before `until`."""
    return [_row(row) for row in sql.fetch(TAKE, shop_id=shop_id, until=until, now=now)]


HOLD: Final = "UPDATE marketplaces SET held_until = %(until)s WHERE shop_id = %(shop_id)s AND id = %(id)s"


def hold(shop_id: int, marketplace_id: int, *, until: datetime) -> int:
    """Whoever works on it goes on with it."""
    return sql.run(HOLD, shop_id=shop_id, id=marketplace_id, until=until)


PULLED: Final = """
UPDATE marketplaces SET pulled_until = GREATEST(pulled_until, %(until)s), pulled_count = pulled_count + %(count)s
WHERE shop_id = %(shop_id)s AND id = %(id)s
"""
BEGUN: Final = """
UPDATE marketplaces SET backlog_done = true, pulled_count = pulled_count + %(count)s
WHERE shop_id = %(shop_id)s AND id = %(id)s
"""
REFUNDED: Final = """
UPDATE marketplaces SET refunds_until = GREATEST(refunds_until, %(until)s) WHERE shop_id = %(shop_id)s AND id = %(id)s
"""
LOOKED: Final = "UPDATE marketplaces SET looked_at = %(now)s WHERE shop_id = %(shop_id)s AND id = %(id)s"


def pulled(shop_id: int, marketplace_id: int, until: datetime, *, count: int) -> int:
    """All that moved before `until` is here."""
    return sql.run(PULLED, shop_id=shop_id, id=marketplace_id, until=until, count=count)


def begun(shop_id: int, marketplace_id: int, *, count: int) -> int:
    """What stood there at the beginning is here."""
    return sql.run(BEGUN, shop_id=shop_id, id=marketplace_id, count=count)


def refunded(shop_id: int, marketplace_id: int, until: datetime) -> int:
    """All refunds that moved before `until` are known."""
    return sql.run(REFUNDED, shop_id=shop_id, id=marketplace_id, until=until)


def looked(shop_id: int, marketplace_id: int, *, now: datetime) -> int:
    """Every order that waits there was read again."""
    return sql.run(LOOKED, shop_id=shop_id, id=marketplace_id, now=now)


WENT: Final = """
UPDATE marketplaces SET failures = 0, trouble = '', problem = NULL, pulled_at = %(now)s, held_until = NULL,
       due_at = CASE WHEN active THEN %(due_at)s::timestamptz END
WHERE shop_id = %(shop_id)s AND id = %(id)s
"""
FAILED: Final = """
UPDATE marketplaces SET failures = failures + 1, trouble = %(trouble)s, problem = %(problem)s, held_until = NULL,
       due_at = CASE WHEN active THEN %(due_at)s::timestamptz END
WHERE shop_id = %(shop_id)s AND id = %(id)s
"""


def went(shop_id: int, marketplace_id: int, *, due_at: datetime, now: datetime) -> int:
    """A round without trouble."""
    return sql.run(WENT, shop_id=shop_id, id=marketplace_id, due_at=due_at, now=now)


def failed(
    shop_id: int, marketplace_id: int, *, trouble: str, problem: Mapping[str, Any], due_at: datetime | None
) -> int:
    """A round that ended in trouble."""
    return sql.run(FAILED, shop_id=shop_id, id=marketplace_id, trouble=trouble, problem=Jsonb(problem), due_at=due_at)


# --- orders ---

PUT: Final = """
INSERT INTO marketplace_orders AS k (shop_id, marketplace_id, ref, order_id, waits, masked, mark, modified_at, seen_at,
                                     due_at, attempts, problem, refunds)
SELECT %(shop_id)s, %(marketplace_id)s, n.ref, n.order_id, n.waits, n.masked, n.mark, n.modified_at, %(now)s, n.due_at,
       CASE WHEN n.problem IS NULL THEN 0 ELSE 1 END, n.problem, '{}'
FROM jsonb_to_recordset(%(rows)s::jsonb) AS n (
    ref text, order_id bigint, waits boolean, masked boolean, mark text, modified_at timestamptz, due_at timestamptz,
    problem jsonb)
ON CONFLICT (shop_id, marketplace_id, ref) DO UPDATE SET
    order_id = coalesce(excluded.order_id, k.order_id), seen_at = excluded.seen_at,
    waits = CASE WHEN excluded.problem IS NULL THEN excluded.waits ELSE k.waits END,
    masked = CASE WHEN excluded.problem IS NULL THEN excluded.masked ELSE k.masked END,
    mark = CASE WHEN excluded.mark = '' THEN k.mark ELSE excluded.mark END,
    modified_at = GREATEST(k.modified_at, excluded.modified_at), problem = excluded.problem,
    attempts = CASE WHEN excluded.problem IS NULL THEN 0 ELSE k.attempts + 1 END,
    due_at = CASE WHEN excluded.problem IS NOT NULL THEN excluded.due_at WHEN k.due_at > %(asked_at)s THEN k.due_at END
"""


def put(
    shop_id: int, marketplace_id: int, rows: Sequence[Mapping[str, Any]], *, asked_at: datetime, now: datetime
) -> int:
    """Keep what was found of orders: ref, order_id, waits, masked, mark, modified_at, due_at, problem each.

    A wish to read an order again that came after `asked_at` stays.
    """
    if not rows:
        return 0
    return sql.run(
        PUT, shop_id=shop_id, marketplace_id=marketplace_id, rows=msgspec.json.encode(rows).decode(), asked_at=asked_at,
        now=now,
    )  # fmt: skip


KNOWN: Final = """
SELECT k.ref, k.order_id, k.urged_at, k.masked, k.mark, k.attempts, k.refunds FROM marketplace_orders k
WHERE k.shop_id = %(shop_id)s AND k.marketplace_id = %(marketplace_id)s AND k.ref = ANY(%(refs)s)
"""


def known(shop_id: int, marketplace_id: int, refs: Sequence[str]) -> dict[str, Any]:
    """What is kept of these orders, by ref."""
    rows = sql.fetch(KNOWN, shop_id=shop_id, marketplace_id=marketplace_id, refs=list(refs))
    return {row.ref: row._replace(refunds=json.loads(row.refunds)) for row in rows}


URGED: Final = """
UPDATE marketplace_orders SET urged_at = %(at)s
WHERE shop_id = %(shop_id)s AND marketplace_id = %(marketplace_id)s AND ref = %(ref)s AND urged_at IS NULL
"""


def urged(shop_id: int, marketplace_id: int, ref: str, *, at: datetime) -> bool:
    """Note that an order's urge was noticed; False when it was before."""
    return bool(sql.run(URGED, shop_id=shop_id, marketplace_id=marketplace_id, ref=ref, at=at))


WISH: Final = """
INSERT INTO marketplace_orders AS k (shop_id, marketplace_id, ref, waits, masked, mark, seen_at, due_at, attempts, refunds)
SELECT %(shop_id)s, %(marketplace_id)s, ref, false, false, '', %(now)s, %(now)s, 0, '{}'
FROM unnest(%(refs)s::text[]) AS asked (ref) ORDER BY ref
ON CONFLICT (shop_id, marketplace_id, ref) DO UPDATE SET due_at = excluded.due_at
"""


def wish(shop_id: int, marketplace_id: int, refs: Sequence[str], *, now: datetime) -> int:
    """Read these orders (again) by themselves, known or not."""
    return sql.run(WISH, shop_id=shop_id, marketplace_id=marketplace_id, refs=sorted(set(refs)), now=now) if refs else 0


DUE_REFS: Final = """
SELECT k.ref FROM marketplace_orders k
WHERE k.shop_id = %(shop_id)s AND k.marketplace_id = %(marketplace_id)s AND k.due_at <= %(now)s
ORDER BY k.due_at, k.ref LIMIT %(limit)s
"""
WAITING_REFS: Final = """
SELECT k.ref FROM marketplace_orders k
WHERE k.shop_id = %(shop_id)s AND k.marketplace_id = %(marketplace_id)s AND k.waits AND k.seen_at < %(before)s
ORDER BY k.seen_at, k.ref LIMIT %(limit)s
"""


def due_refs(shop_id: int, marketplace_id: int, *, limit: int, now: datetime) -> list[str]:
    """Orders to read by themselves now."""
    rows = sql.fetch(DUE_REFS, shop_id=shop_id, marketplace_id=marketplace_id, limit=limit, now=now)
    return [row.ref for row in rows]


def waiting_refs(shop_id: int, marketplace_id: int, *, before: datetime, limit: int) -> list[str]:
    """Orders that wait there and were not seen since `before`, the longest unseen first."""
    rows = sql.fetch(WAITING_REFS, shop_id=shop_id, marketplace_id=marketplace_id, before=before, limit=limit)
    return [row.ref for row in rows]


NOTE_REFUNDS: Final = """
INSERT INTO marketplace_orders AS k (shop_id, marketplace_id, ref, waits, masked, mark, seen_at, due_at, attempts, refunds)
SELECT %(shop_id)s, %(marketplace_id)s, n.ref, false, false, '', %(now)s, %(now)s, 0, n.refunds
FROM jsonb_to_recordset(%(rows)s::jsonb) AS n (ref text, refunds jsonb)
ON CONFLICT (shop_id, marketplace_id, ref) DO UPDATE SET
    due_at = CASE WHEN k.refunds @> excluded.refunds THEN k.due_at ELSE excluded.due_at END,
    refunds = k.refunds || excluded.refunds
"""


def note_refunds(shop_id: int, marketplace_id: int, refunds: Mapping[str, Mapping[str, str]], *, now: datetime) -> int:
    """Keep what refunds amount to: ref -> {line ("" the whole): amount}; what is news is read again."""
    rows = [{"ref": ref, "refunds": amounts} for ref, amounts in sorted(refunds.items())]
    if not rows:
        return 0
    return sql.run(
        NOTE_REFUNDS, shop_id=shop_id, marketplace_id=marketplace_id, rows=msgspec.json.encode(rows).decode(), now=now
    )


REF_OF: Final = """
SELECT k.ref, k.marketplace_id, k.mark, k.masked FROM marketplace_orders k
WHERE k.shop_id = %(shop_id)s AND k.order_id = %(order_id)s
"""


def ref_of(shop_id: int, order_id: int) -> Any | None:
    """What an order is called at which marketplace."""
    return sql.fetch_one(REF_OF, shop_id=shop_id, order_id=order_id)


ACTIVE: Final = f"SELECT {COLUMNS} FROM marketplaces m WHERE m.shop_id = %(shop_id)s AND m.active"


def active(shop_id: int) -> list[Any]:
    """The marketplaces of a shop that are switched on."""
    return [_row(row) for row in sql.fetch(ACTIVE, shop_id=shop_id)]


PROGRESS: Final = """
SELECT k.ref, o.status, o.printed_at, coalesce(o.agreed_until, o.deadline) AS until, l.state AS label, l.packed_at,
       l.waybill, a.order_id IS NOT NULL AS assigned
FROM marketplace_orders k JOIN orders o ON o.shop_id = %(shop_id)s AND o.id = k.order_id
LEFT JOIN label_orders lo ON lo.shop_id = %(shop_id)s AND lo.order_id = o.id AND lo.voided_at IS NULL
LEFT JOIN labels l ON l.shop_id = %(shop_id)s AND l.id = lo.label_id
LEFT JOIN assignments a ON a.shop_id = %(shop_id)s AND a.order_id = o.id
WHERE k.shop_id = %(shop_id)s AND k.marketplace_id = %(marketplace_id)s AND k.ref = ANY(%(refs)s)
"""


def progress(shop_id: int, marketplace_id: int, refs: Sequence[str]) -> list[Any]:
    """How far these orders are here: status, label, packed_at, assigned, until."""
    return sql.fetch(PROGRESS, shop_id=shop_id, marketplace_id=marketplace_id, refs=list(refs))
