"""Print jobs as pages list them: those that are not over first, each with how far it is; and a job's documents."""

from datetime import datetime
from typing import Any, Final

from fahuo.store import sql
from fahuo.store.boards.pages import MAX_ID, Page

COLUMNS: Final = """
j.id, j.printer_id, j.template_id, j.status, j.count, j.printed_count, j.reason, j.problem::json AS problem, j.member_id,
j.actor, j.created_at, j.due_at, j.held_by, j.lease_until, j.finished_at, p.name AS printer, p.kind, p.acknowledge,
p.problem::json AS printer_problem, d.waiting, d.sent, d.blocked, d.cancelled
"""
SOURCE: Final = """
FROM print_jobs j JOIN printers p ON p.shop_id = %(shop_id)s AND p.id = j.printer_id
CROSS JOIN LATERAL (
    SELECT count(*) FILTER (WHERE x.state = 'waiting') AS waiting, count(*) FILTER (WHERE x.state = 'sent') AS sent,
           count(*) FILTER (WHERE x.state = 'blocked') AS blocked, count(*) FILTER (WHERE x.state = 'cancelled') AS cancelled
    FROM print_documents x WHERE x.shop_id = %(shop_id)s AND x.job_id = j.id) AS d
"""
OPEN: Final = f"""
SELECT {COLUMNS} {SOURCE}
WHERE j.shop_id = %(shop_id)s AND j.status IN ('waiting', 'printing', 'held') ORDER BY j.id LIMIT %(limit)s
"""
OVER: Final = f"""
SELECT {COLUMNS} {SOURCE}
WHERE j.shop_id = %(shop_id)s AND j.status IN ('done', 'cancelled') AND j.id < %(before)s ORDER BY j.id DESC LIMIT %(limit)s
"""
ONE: Final = f"SELECT {COLUMNS} {SOURCE} WHERE j.shop_id = %(shop_id)s AND j.id = %(job_id)s"


def under_way(shop_id: int, *, limit: int = 100) -> list[Any]:
    """The jobs that are not over, the oldest first, with how many documents are `waiting`, `sent`, `blocked`, `cancelled`."""
    return sql.fetch(OPEN, shop_id=shop_id, limit=limit)


def over(shop_id: int, *, cursor: str = "", limit: int = 30) -> Page[Any]:
    """The jobs that are over, the newest first, from a cursor (an id)."""
    before = int(cursor[:19]) if cursor.isascii() and cursor.isdigit() else MAX_ID
    rows = sql.fetch(OVER, shop_id=shop_id, before=min(before, MAX_ID), limit=limit + 1)
    return Page(rows[:limit], next=str(rows[limit - 1].id) if len(rows) > limit else None)


def one(shop_id: int, job_id: int) -> Any | None:
    """One job."""
    return sql.fetch_one(ONE, shop_id=shop_id, job_id=job_id)


DOCUMENTS: Final = """
SELECT d.place, d.label_id, d.state, d.attempts, d.sent_at, d.printed_at, d.problem::json AS problem, l.carrier, l.waybill,
       l.state AS label_state,
       (SELECT json_agg(json_build_array(o.id, o.number) ORDER BY o.id) FROM label_orders h
        JOIN orders o ON o.shop_id = %(shop_id)s AND o.id = h.order_id
        WHERE h.shop_id = %(shop_id)s AND h.label_id = l.id AND h.voided_at IS NOT DISTINCT FROM l.voided_at) AS orders
FROM print_documents d JOIN labels l ON l.shop_id = %(shop_id)s AND l.id = d.label_id
WHERE d.shop_id = %(shop_id)s AND d.job_id = %(job_id)s AND d.place > %(after)s
  AND (%(state)s = '' OR d.state = %(state)s) ORDER BY d.place LIMIT %(limit)s
"""


def documents(shop_id: int, job_id: int, *, state: str = "", after: int = 0, limit: int = 100) -> list[Any]:
    """The documents of a job after a place, in order, with their labels' numbers and orders ([id, number])."""
    return sql.fetch(DOCUMENTS, shop_id=shop_id, job_id=job_id, state=state, after=after, limit=limit)


STUCK: Final = """
SELECT j.id, j.status, j.count, j.printed_count, j.problem::json AS problem, p.name AS printer,
       (SELECT count(*) FROM print_documents d WHERE d.shop_id = %(shop_id)s AND d.job_id = j.id AND d.state = 'sent') AS sent
FROM print_jobs j JOIN printers p ON p.shop_id = %(shop_id)s AND p.id = j.printer_id
WHERE j.shop_id = %(shop_id)s AND j.status IN ('waiting', 'printing', 'held')
  AND (j.status = 'held' OR j.status = 'printing' AND p.kind = 'cnprint' AND (j.lease_until IS NULL OR j.lease_until < %(now)s))
ORDER BY j.id LIMIT %(limit)s
"""


def stuck(shop_id: int, *, limit: int, now: datetime) -> list[Any]:
    """The jobs that stopped in the middle, the oldest first: held by the printer's trouble or by somebody, or left alone by
    the page that printed them. `sent`: documents that nobody knows whether they came out."""
    return sql.fetch(STUCK, shop_id=shop_id, limit=limit, now=now)


COMPONENT: Final = """
SELECT p.settings ->> 'component' AS component FROM print_jobs j
JOIN printers p ON p.shop_id = %(shop_id)s AND p.id = j.printer_id WHERE j.shop_id = %(shop_id)s AND j.id = %(job_id)s
"""


def component_of(shop_id: int, job_id: int) -> str:
    """The name of a job's printer in the 菜鸟 component; "" for its default one."""
    row = sql.fetch_one(COMPONENT, shop_id=shop_id, job_id=job_id)
    return (row.component or "") if row else ""
