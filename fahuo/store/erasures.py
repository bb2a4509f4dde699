"""Erasing personal data: which orders are due, what each stage takes away, the record of it. And who was shown how much."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final

from psycopg.types.json import Jsonb

from fahuo.rules.people import Actor
from fahuo.store import sql

_FREE: Final = """NOT o.refund_status IN ('requested', 'agreed')
  AND NOT EXISTS (SELECT FROM tasks t WHERE t.shop_id = %(shop_id)s AND t.order_id = o.id AND NOT (t.state = 'completed'))
  AND NOT EXISTS (SELECT FROM complaints c WHERE c.shop_id = %(shop_id)s AND c.order_id = o.id AND c.status = 'open')"""
DUE: Final = f"""
SELECT o.id FROM orders o
WHERE o.shop_id = %(shop_id)s AND o.erased = %(stage)s AND o.erased < 3
  AND (o.completed_at IS NOT NULL OR o.closed_at IS NOT NULL)
  AND coalesce(o.completed_at, o.closed_at) < %(before)s AND {_FREE}
ORDER BY coalesce(o.completed_at, o.closed_at), o.id LIMIT %(limit)s FOR NO KEY UPDATE OF o SKIP LOCKED
"""
HOLD: Final = """
SELECT o.id, o.number, o.status, o.erased, coalesce(o.completed_at, o.closed_at) AS over_at,
       o.refund_status IN ('requested', 'agreed') AS refunding,
       EXISTS (SELECT FROM tasks t WHERE t.shop_id = %(shop_id)s AND t.order_id = o.id AND NOT (t.state = 'completed')) AS asked,
       EXISTS (SELECT FROM complaints c WHERE c.shop_id = %(shop_id)s AND c.order_id = o.id AND c.status = 'open') AS complained
FROM orders o WHERE o.shop_id = %(shop_id)s AND o.id = %(order_id)s FOR NO KEY UPDATE OF o
"""

STAGES: Final[Mapping[str, Mapping[str, str]]] = {
    "receiver": {
        "receivers": "DELETE FROM receivers WHERE shop_id = %(shop_id)s AND order_id = ANY(%(ids)s::bigint[])",
        "orders": """UPDATE orders SET buyer_message = '', memo = '', channel_memo = '', receiver_key = '', draft_hash = '',
            erased = GREATEST(erased, 1) WHERE shop_id = %(shop_id)s AND id = ANY(%(ids)s::bigint[])""",
        "remarks": """UPDATE order_lines SET remark = ''
            WHERE shop_id = %(shop_id)s AND order_id = ANY(%(ids)s::bigint[]) AND NOT remark = ''""",
        "notes": """UPDATE assignments SET note = ''
            WHERE shop_id = %(shop_id)s AND order_id = ANY(%(ids)s::bigint[]) AND NOT note = ''""",
        "labels": """UPDATE labels l SET receiver_key = '' FROM label_orders h
            WHERE l.shop_id = %(shop_id)s AND h.shop_id = %(shop_id)s AND h.order_id = ANY(%(ids)s::bigint[])
              AND l.id = h.label_id AND NOT l.receiver_key = ''""",
        "marks": """UPDATE marketplace_orders SET mark = ''
            WHERE shop_id = %(shop_id)s AND order_id = ANY(%(ids)s::bigint[]) AND NOT mark = ''""",
    },
    "talk": {
        "messages": """UPDATE messages SET body = ''
            WHERE shop_id = %(shop_id)s AND order_id = ANY(%(ids)s::bigint[]) AND NOT body = ''""",
        "orders": "UPDATE orders SET erased = GREATEST(erased, 2) WHERE shop_id = %(shop_id)s AND id = ANY(%(ids)s::bigint[])",
    },
    "trade": {
        "files": """WITH gone AS (
                UPDATE evidence e SET upload_id = NULL, body = '' FROM evidence b
                WHERE e.shop_id = %(shop_id)s AND b.shop_id = %(shop_id)s AND b.id = e.id
                  AND e.order_id = ANY(%(ids)s::bigint[]) AND (e.upload_id IS NOT NULL OR NOT e.body = '')
                RETURNING b.upload_id)
            DELETE FROM uploads u USING gone WHERE u.shop_id = %(shop_id)s AND u.id = gone.upload_id""",
        "statements": """UPDATE complaints SET statement = ''
            WHERE shop_id = %(shop_id)s AND order_id = ANY(%(ids)s::bigint[]) AND NOT statement = ''""",
        "ledger": """UPDATE ledger SET buyer = ''
            WHERE shop_id = %(shop_id)s AND order_id = ANY(%(ids)s::bigint[]) AND NOT buyer = ''""",
        "orders": "UPDATE orders SET buyer = '', erased = 3 WHERE shop_id = %(shop_id)s AND id = ANY(%(ids)s::bigint[])",
    },
}
"""Stage -> what it takes away, table by table. `orders.erased` counts the stages behind an order."""

BATCHES: Final = """
SELECT DISTINCT r.batch_id AS id FROM batch_rows r JOIN batches b ON b.shop_id = %(shop_id)s AND b.id = r.batch_id
WHERE r.shop_id = %(shop_id)s AND b.status IN ('committed', 'closed', 'refused')
  AND (r.order_id = %(order_id)s OR r.number = %(number)s) ORDER BY 1
"""
RECORD: Final = """
INSERT INTO erasures (shop_id, at, kind, stage, outcome, order_id, member_id, actor, reason, before, counts)
VALUES (%(shop_id)s, %(now)s, %(kind)s, %(stage)s, %(outcome)s, %(order_id)s, %(member_id)s, %(actor)s, %(reason)s,
        %(before)s, %(counts)s) RETURNING id
"""
RECORDS: Final = """
SELECT e.id, e.at, e.kind, e.stage, e.outcome, e.order_id, e.actor, e.reason, e.before, e.counts::json AS counts, o.number
FROM erasures e LEFT JOIN orders o ON o.shop_id = %(shop_id)s AND o.id = e.order_id
WHERE e.shop_id = %(shop_id)s AND e.id < %(below)s ORDER BY e.id DESC LIMIT %(limit)s
"""


def due(shop_id: int, stage: int, before: datetime, *, limit: int) -> list[int]:
    """Orders that went through `stage` stages, were over before a moment, and that nobody has anything open about; held."""
    return [row.id for row in sql.fetch(DUE, shop_id=shop_id, stage=stage, before=before, limit=limit)]


def hold(shop_id: int, order_id: int) -> Any | None:
    """An order as a request to erase asks about it (rules.retention.OrderFacts), held."""
    return sql.fetch_one(HOLD, shop_id=shop_id, order_id=order_id)


def erase(shop_id: int, stage: str, order_ids: Sequence[int]) -> dict[str, int]:
    """Take away what a stage takes of these orders; table -> how many rows changed."""
    return {what: sql.run(statement, shop_id=shop_id, ids=list(order_ids)) for what, statement in STAGES[stage].items()}


def batches_of(shop_id: int, order_id: int, number: str) -> list[int]:
    """Finished batches whose rows name an order: their rows and files hold its receiver too."""
    return [row.id for row in sql.fetch(BATCHES, shop_id=shop_id, order_id=order_id, number=number)]


def record(
    actor: Actor, *, kind: str, stage: str, outcome: str, order_id: int | None, reason: str, before: datetime | None,
    counts: Mapping[str, int], now: datetime,
) -> int:  # fmt: skip
    """Write down what was erased, or refused; its id."""
    row = sql.fetch(
        RECORD, shop_id=actor.shop_id, now=now, kind=kind, stage=stage, outcome=outcome, order_id=order_id,
        member_id=actor.member_id, actor=actor.name, reason=reason, before=before, counts=Jsonb(dict(counts)),
    )[0]  # fmt: skip
    return int(row.id)


def records(shop_id: int, *, below: int = 2**63 - 1, limit: int = 100) -> list[Any]:
    """What was erased or refused, newest first; `number` of the order a request was about."""
    return sql.fetch(RECORDS, shop_id=shop_id, below=below, limit=limit)


LEFT: Final = """
SELECT (SELECT count(*) FROM receivers r JOIN orders o ON o.shop_id = %(shop_id)s AND o.id = r.order_id
        WHERE r.shop_id = %(shop_id)s AND o.erased > 0) AS receivers,
       (SELECT count(*) FROM orders o WHERE o.shop_id = %(shop_id)s AND o.erased > 0
          AND NOT (o.buyer_message = '' AND o.receiver_key = '')) AS orders,
       (SELECT count(*) FROM messages m JOIN orders o ON o.shop_id = %(shop_id)s AND o.id = m.order_id
        WHERE m.shop_id = %(shop_id)s AND o.erased > 1 AND NOT m.body = '') AS messages,
       (SELECT count(*) FROM orders o WHERE o.shop_id = %(shop_id)s AND o.erased > 2 AND NOT o.buyer = '') AS buyers
"""
OVERDUE: Final = f"SELECT count(*) AS number FROM ({DUE.replace(' FOR NO KEY UPDATE OF o SKIP LOCKED', '')}) AS late"
COUNTS: Final = """
SELECT o.erased, count(*) AS number FROM orders o WHERE o.shop_id = %(shop_id)s GROUP BY o.erased ORDER BY o.erased
"""


def left_over(shop_id: int) -> dict[str, int]:
    """Of orders that were erased, what is there all the same: table -> rows; nothing where all is well."""
    return {name: int(number) for name, number in sql.fetch(LEFT, shop_id=shop_id)[0]._asdict().items() if number}


def overdue(shop_id: int, stage: int, before: datetime, *, most: int = 1000) -> int:
    """How many orders should have been erased before a moment and were not, counted up to `most`."""
    return int(sql.fetch(OVERDUE, shop_id=shop_id, stage=stage, before=before, limit=most)[0].number)


def by_stage(shop_id: int) -> dict[int, int]:
    """How many orders went through how many stages."""
    return {int(row.erased): int(row.number) for row in sql.fetch(COUNTS, shop_id=shop_id)}


# --- who was shown how much ---

SPEND: Final = """
INSERT INTO disclosures AS d (shop_id, member_id, day, kind, count)
SELECT %(shop_id)s, %(member_id)s, %(day)s, %(kind)s, %(count)s WHERE %(count)s <= %(most)s
ON CONFLICT (shop_id, member_id, day, kind) DO UPDATE SET count = d.count + excluded.count
WHERE d.shop_id = excluded.shop_id AND d.count + excluded.count <= %(most)s
RETURNING d.count
"""
SPENT: Final = """
SELECT d.count FROM disclosures d
WHERE d.shop_id = %(shop_id)s AND d.member_id = %(member_id)s AND d.day = %(day)s AND d.kind = %(kind)s
"""
OF_DAYS: Final = """
SELECT d.day, d.member_id, d.kind, d.count, coalesce(m.name, c.name, '') AS name FROM disclosures d
LEFT JOIN members m ON m.shop_id = %(shop_id)s AND m.id = d.member_id
LEFT JOIN couriers c ON c.shop_id = %(shop_id)s AND c.id = d.member_id
WHERE d.shop_id = %(shop_id)s AND d.day >= %(since)s ORDER BY d.day DESC, d.count DESC, d.member_id LIMIT 200
"""
FORGET: Final = "DELETE FROM disclosures WHERE shop_id = %(shop_id)s AND day < %(before)s"


def spend(shop_id: int, member_id: int, kind: str, count: int, *, day: date, most: int) -> int | None:
    """Count receivers that an account is shown today; how many that makes, or None where it would be more than `most`."""
    row = sql.fetch_one(SPEND, shop_id=shop_id, member_id=member_id, kind=kind, count=count, day=day, most=most)
    return int(row.count) if row else None


def spent(shop_id: int, member_id: int, kind: str, *, day: date) -> int:
    """How many receivers an account was shown on a day."""
    row = sql.fetch_one(SPENT, shop_id=shop_id, member_id=member_id, kind=kind, day=day)
    return int(row.count) if row else 0


def disclosed(shop_id: int, *, since: date) -> list[Any]:
    """Who was shown how many receivers on which day, newest first: day, member_id, kind, count, name."""
    return sql.fetch(OF_DAYS, shop_id=shop_id, since=since)


def forget_disclosures(shop_id: int, before: date) -> int:
    """Delete the counts of days before; how many."""
    return sql.run(FORGET, shop_id=shop_id, before=before)
