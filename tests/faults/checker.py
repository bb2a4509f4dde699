"""Whether a database holds together: an independent reading of it, in plain SQL, by none of the product's code.

Each check is a statement that finds rows which must not be. It says what is wrong in the words of whoever looks at the
finding, and names the rows. A check that needs work to be finished (timers, outboxes) is asked once the clocks caught up.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import psycopg

HELD: Final = """
SELECT d.shop_id, d.order_id, count(*) AS parcels, bool_or(d.whole) AS whole
FROM parcel_orders d JOIN parcels p ON p.shop_id = d.shop_id AND p.id = d.parcel_id
WHERE p.voided_at IS NULL GROUP BY d.shop_id, d.order_id
"""
"""The orders in living parcels. A retired parcel lives on: only its number may be used again."""

ORDERS: Final[Mapping[str, str]] = {
    "an order is shipped and in no parcel": f"""
        WITH held AS ({HELD})
        SELECT o.shop_id, o.id FROM orders o LEFT JOIN held h ON h.shop_id = o.shop_id AND h.order_id = o.id
        WHERE o.status IN ('shipped', 'part_shipped') AND h.order_id IS NULL
          AND EXISTS (SELECT FROM journal j WHERE j.shop_id = o.shop_id AND j.order_id = o.id
                      AND j.act = 'parcel.shipped')
    """,
    "an order waits and is in a parcel": f"""
        WITH held AS ({HELD})
        SELECT o.shop_id, o.id FROM orders o JOIN held h ON h.shop_id = o.shop_id AND h.order_id = o.id
        WHERE o.status IN ('awaiting_payment', 'awaiting_shipment')
    """,
    "an order was shipped twice as a whole": f"""
        WITH held AS ({HELD})
        SELECT h.shop_id, h.order_id FROM held h WHERE h.whole AND h.parcels > 1
          AND NOT EXISTS (SELECT FROM parcel_orders d WHERE d.shop_id = h.shop_id AND d.order_id = h.order_id
                          AND NOT d.whole)
    """,
    "more of a line was shipped than parcels hold, or less": """
        SELECT l.shop_id, l.id FROM order_lines l JOIN orders o ON o.shop_id = l.shop_id AND o.id = l.order_id
        LEFT JOIN (SELECT k.shop_id, k.line_id, sum(k.quantity) AS quantity FROM parcel_lines k
                   JOIN parcels p ON p.shop_id = k.shop_id AND p.id = k.parcel_id WHERE p.voided_at IS NULL
                   GROUP BY k.shop_id, k.line_id) held ON held.shop_id = l.shop_id AND held.line_id = l.id
        WHERE o.status = 'part_shipped' AND l.shipped_quantity <> COALESCE(held.quantity, 0)
    """,
    "the backlog and the orders differ": """
        SELECT o.shop_id, o.id FROM orders o FULL JOIN backlog b ON b.shop_id = o.shop_id AND b.order_id = o.id
        WHERE (o.status IN ('awaiting_shipment', 'part_shipped')) IS DISTINCT FROM (b.order_id IS NOT NULL)
    """,
    "the counts on the tabs are not the orders": """
        WITH counted AS (SELECT shop_id, status, sum(delta) AS n FROM order_tally GROUP BY shop_id, status),
             there AS (SELECT shop_id, status, count(*) AS n FROM orders GROUP BY shop_id, status)
        SELECT COALESCE(c.shop_id, t.shop_id), COALESCE(c.status, t.status), COALESCE(c.n, 0), COALESCE(t.n, 0)
        FROM counted c FULL JOIN there t ON t.shop_id = c.shop_id AND t.status = c.status
        WHERE COALESCE(c.n, 0) <> COALESCE(t.n, 0)
    """,
}

JOURNAL: Final[Mapping[str, str]] = {
    "a parcel is not in the journal": """
        SELECT p.shop_id, p.id FROM parcels p
        WHERE NOT EXISTS (SELECT FROM journal j WHERE j.shop_id = p.shop_id AND j.parcel_id = p.id
                          AND j.act = 'parcel.shipped')
          AND NOT EXISTS (SELECT FROM parcel_orders d JOIN journal j ON j.shop_id = d.shop_id AND j.order_id = d.order_id
                          WHERE d.shop_id = p.shop_id AND d.parcel_id = p.id
                            AND j.act IN ('order.imported', 'order.updated', 'order.received'))
    """,
    "the journal tells of a parcel that is not there": """
        SELECT j.shop_id, j.id FROM journal j
        WHERE j.act = 'parcel.shipped' AND NOT EXISTS (
            SELECT FROM parcels p WHERE p.shop_id = j.shop_id AND p.id = j.parcel_id)
    """,
    "the journal tells the same shipment twice": """
        SELECT shop_id, order_id, parcel_id, count(*) FROM journal WHERE act = 'parcel.shipped'
        GROUP BY shop_id, order_id, parcel_id HAVING count(*) > 1
    """,
    "a voided parcel is not in the journal as such": """
        SELECT p.shop_id, p.id FROM parcels p
        WHERE p.voided_at IS NOT NULL AND NOT EXISTS (
            SELECT FROM journal j WHERE j.shop_id = p.shop_id AND j.parcel_id = p.id AND j.act <> 'parcel.shipped')
    """,
}

NUMBERS: Final[Mapping[str, str]] = {
    "a number is on two living parcels": """
        SELECT shop_id, carrier, waybill, count(*) FROM parcels
        WHERE voided_at IS NULL AND retired_at IS NULL AND waybill <> '' GROUP BY shop_id, carrier, waybill
        HAVING count(*) > 1
    """,
    "a number is on two living labels": """
        SELECT shop_id, carrier, waybill, count(*) FROM labels WHERE voided_at IS NULL
        GROUP BY shop_id, carrier, waybill HAVING count(*) > 1
    """,
    "an order has two living labels": """
        SELECT h.shop_id, h.order_id, count(*) FROM label_orders h
        JOIN labels l ON l.shop_id = h.shop_id AND l.id = h.label_id
        WHERE l.voided_at IS NULL GROUP BY h.shop_id, h.order_id HAVING count(*) > 1
    """,
    "a bought number is held by a label that does not hold it": """
        SELECT n.shop_id, n.id FROM waybill_numbers n
        LEFT JOIN labels l ON l.shop_id = n.shop_id AND l.id = n.label_id
        WHERE n.state IN ('taken', 'printed')
          AND (l.id IS NULL OR l.voided_at IS NOT NULL OR l.waybill <> n.number)
    """,
    "a living label's bought number is free": """
        SELECT l.shop_id, l.id FROM labels l JOIN waybill_numbers n ON n.shop_id = l.shop_id AND n.id = l.number_id
        WHERE l.voided_at IS NULL AND n.state IN ('free', 'returned')
    """,
    "a bought number is shipped and no parcel has it": """
        SELECT n.shop_id, n.id FROM waybill_numbers n
        WHERE n.state = 'shipped' AND NOT EXISTS (
            SELECT FROM parcels p WHERE p.shop_id = n.shop_id AND p.carrier = n.carrier AND p.waybill = n.number)
    """,
    "a living parcel's bought number is not shipped": """
        SELECT p.shop_id, p.id FROM parcels p
        JOIN waybill_numbers n ON n.shop_id = p.shop_id AND n.carrier = p.carrier AND n.number = p.waybill
        WHERE p.voided_at IS NULL AND p.retired_at IS NULL AND n.state <> 'shipped'
    """,
    "a lot has not as many numbers as were bought": """
        SELECT l.shop_id, l.id, l.count, count(n.id) FROM waybill_lots l
        LEFT JOIN waybill_numbers n ON n.shop_id = l.shop_id AND n.lot_id = l.id
        GROUP BY l.shop_id, l.id, l.count HAVING count(n.id) <> l.count
    """,
    "the stock's ledger does not add up to the numbers": """
        WITH moved AS (
            SELECT shop_id, lot_id, to_state AS state, count AS n FROM stock_moves
            UNION ALL SELECT shop_id, lot_id, from_state, -count FROM stock_moves WHERE from_state <> ''
        ), told AS (SELECT shop_id, lot_id, state, sum(n) AS n FROM moved GROUP BY shop_id, lot_id, state),
        there AS (SELECT shop_id, lot_id, state, count(*) AS n FROM waybill_numbers GROUP BY shop_id, lot_id, state)
        SELECT COALESCE(t.shop_id, h.shop_id), COALESCE(t.lot_id, h.lot_id), COALESCE(t.state, h.state), t.n, h.n
        FROM told t FULL JOIN there h ON h.shop_id = t.shop_id AND h.lot_id = t.lot_id AND h.state = t.state
        WHERE COALESCE(t.n, 0) <> COALESCE(h.n, 0)
    """,
    "the stock's counts are not the numbers": """
        WITH counted AS (SELECT shop_id, lot_id, state, sum(delta) AS n FROM stock_tally GROUP BY shop_id, lot_id, state),
             there AS (SELECT shop_id, lot_id, state, count(*) AS n FROM waybill_numbers GROUP BY shop_id, lot_id, state)
        SELECT COALESCE(c.shop_id, h.shop_id), COALESCE(c.lot_id, h.lot_id), COALESCE(c.state, h.state), c.n, h.n
        FROM counted c FULL JOIN there h ON h.shop_id = c.shop_id AND h.lot_id = c.lot_id AND h.state = c.state
        WHERE COALESCE(c.n, 0) <> COALESCE(h.n, 0)
    """,
}

TASKS: Final[Mapping[str, str]] = {
    "a task is not where its last event brought it": """
        SELECT t.shop_id, t.id, t.state, e.to_state FROM tasks t LEFT JOIN LATERAL (
            SELECT to_state FROM task_events e WHERE e.shop_id = t.shop_id AND e.task_id = t.id ORDER BY id DESC LIMIT 1
        ) e ON true
        WHERE e.to_state IS DISTINCT FROM t.state
    """,
    "an event does not begin where the one before it ended": """
        SELECT shop_id, id FROM (
            SELECT shop_id, id, from_state, lag(to_state) OVER (PARTITION BY shop_id, task_id ORDER BY id) AS was
            FROM task_events) e
        WHERE was IS NOT NULL AND from_state <> was
    """,
    "a timer fired twice": """
        SELECT shop_id, task_id, event, at, count(*) FROM task_events WHERE actor = 'clock' AND from_state <> to_state
        GROUP BY shop_id, task_id, event, at HAVING count(*) > 1
    """,
    "an order has two open tasks of one kind": """
        SELECT shop_id, order_id, kind, count(*) FROM tasks WHERE state <> 'completed'
        GROUP BY shop_id, order_id, kind HAVING count(*) > 1
    """,
    "a task is with the platform and nobody complained": """
        SELECT t.shop_id, t.id FROM tasks t
        WHERE t.state = 'platform_intervention' AND NOT EXISTS (
            SELECT FROM complaints c WHERE c.shop_id = t.shop_id AND c.order_id = t.order_id)
    """,
    "a complaint that was upheld or settled is not in the ledger, or not as it was priced": """
        SELECT c.shop_id, c.id FROM complaints c
        LEFT JOIN ledger l ON l.shop_id = c.shop_id AND l.complaint_id = c.id
        WHERE (c.compensation, c.points) <> (COALESCE(l.amount, 0), COALESCE(l.points, 0))
    """,
    "the ledger has an entry without its complaint": """
        SELECT l.shop_id, l.id FROM ledger l
        LEFT JOIN complaints c ON c.shop_id = l.shop_id AND c.id = l.complaint_id WHERE c.id IS NULL OR c.status = 'open'
    """,
}

WORK: Final[Mapping[str, str]] = {
    "a batch counts other rows than it has": """
        SELECT b.shop_id, b.id, b.row_count, count(r.row_no) FROM batches b
        LEFT JOIN batch_rows r ON r.shop_id = b.shop_id AND r.batch_id = b.id
        WHERE b.status IN ('committing', 'committed') AND NOT b.options ? 'forgotten'
        GROUP BY b.shop_id, b.id, b.row_count HAVING count(r.row_no) <> b.row_count
    """,
    "a print job counts other documents than it has": """
        SELECT j.shop_id, j.id FROM print_jobs j
        LEFT JOIN print_documents d ON d.shop_id = j.shop_id AND d.job_id = j.id
        GROUP BY j.shop_id, j.id, j.count, j.printed_count
        HAVING count(d.place) <> j.count OR count(d.place) FILTER (WHERE d.state = 'printed') <> j.printed_count
    """,
    "a job is done and a document of it waits": """
        SELECT j.shop_id, j.id FROM print_jobs j JOIN print_documents d ON d.shop_id = j.shop_id AND d.job_id = j.id
        WHERE j.status = 'done' AND d.state IN ('waiting', 'sent')
    """,
    "an event is in the outbox of a webhook twice": """
        SELECT shop_id, webhook_id, entry_id, of_task, count(*) FROM webhook_deliveries WHERE entry_id IS NOT NULL
        GROUP BY shop_id, webhook_id, entry_id, of_task HAVING count(*) > 1
    """,
}

ALWAYS: Final[Mapping[str, str]] = {**ORDERS, **JOURNAL, **NUMBERS, **TASKS, **WORK}
"""What holds at every instant, whatever was killed."""

AT_REST: Final[Mapping[str, str]] = {
    "a timer was skipped": """
        SELECT shop_id, id, due_at FROM tasks WHERE due_at < %(now)s AND set_aside_at IS NULL
    """,
    "a reminder was skipped": """
        SELECT shop_id, id, next_reminder_at FROM tasks WHERE next_reminder_at < %(now)s AND set_aside_at IS NULL
    """,
    "a batch waits and nobody works on it": """
        SELECT shop_id, id, status FROM batches WHERE status IN ('received', 'committing')
    """,
    "a message waits in the outbox": """
        SELECT shop_id, id FROM deliveries WHERE due_at < %(now)s
        UNION ALL SELECT d.shop_id, d.id FROM webhook_deliveries d
        LEFT JOIN webhooks w ON w.shop_id = d.shop_id AND w.id = d.webhook_id
        WHERE d.due_at < %(now)s AND (w.rest_until > %(now)s) IS NOT TRUE
    """,
    "a shipment never came to the outbox of a webhook": """
        SELECT j.shop_id, j.id FROM webhooks w
        JOIN journal a ON a.shop_id = w.shop_id AND a.act = 'webhooks.added' AND (a.after ->> 'webhook')::bigint = w.id
        JOIN journal j ON j.shop_id = w.shop_id AND j.id > a.id AND j.act = 'parcel.shipped'
        WHERE w.active AND w.kinds = '{}' AND NOT EXISTS (
            SELECT FROM webhook_deliveries d
            WHERE d.shop_id = w.shop_id AND d.webhook_id = w.id AND d.entry_id = j.id AND NOT d.of_task)
    """,
    "a print job waits": """
        SELECT shop_id, id FROM print_jobs WHERE due_at < %(now)s
    """,
}
"""What holds besides, once the clocks had nothing left to do."""
SHOWN: Final = 5


@dataclass(frozen=True, slots=True)
class Fault:
    """One check that found something: what is wrong, how many rows, and the first few of them."""

    what: str
    count: int
    rows: Sequence[tuple[Any, ...]]

    def __str__(self) -> str:
        return f"{self.what}: {self.count}, like {', '.join(map(str, self.rows))}"


def check(line: psycopg.Connection[Any], *, at_rest: datetime | None = None) -> list[Fault]:
    """Every check over the whole database, in one transaction; what was found. `at_rest`: the clocks had done by then
    whatever was due. While others write, let `line` read repeatably: then all checks see one instant."""
    checks = dict(ALWAYS) | (dict(AT_REST) if at_rest is not None else {})
    with line.transaction():
        return [fault for what, statement in checks.items() if (fault := _ask(line, what, statement, at_rest))]


def _ask(line: psycopg.Connection[Any], what: str, statement: str, now: datetime | None) -> Fault | None:
    rows = line.execute(statement, {"now": now} if "%(now)s" in statement else None).fetchall()
    return Fault(what, len(rows), rows[:SHOWN]) if rows else None
