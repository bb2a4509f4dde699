"""Print jobs and their documents: made, moved by people, taken before they go to paper, acknowledged when they have.

Whoever works on a job locks its row first, then the orders and labels of the documents; so does whoever answers for it.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from psycopg.types.json import Jsonb

from fahuo.rules import label_states
from fahuo.rules.people import Actor
from fahuo.rules.print_jobs import JOB_TABLE, JobEvent, job_moves
from fahuo.rules.problems import Problem
from fahuo.store import arrays, sql

JOB: Final = """
SELECT j.id, j.shop_id, j.printer_id, j.template_id, j.status, j.count, j.printed_count, j.reason, j.problem::json AS problem,
       j.actor, j.member_id, j.due_at, j.held_by, j.lease_until, p.kind, p.acknowledge, p.name AS printer
FROM print_jobs j JOIN printers p ON p.shop_id = %(shop_id)s AND p.id = j.printer_id
WHERE j.shop_id = %(shop_id)s AND j.id = %(job_id)s
"""


def find(shop_id: int, job_id: int) -> Any | None:
    """The job as it stands, with its printer's kind, name and rule of acknowledgement."""
    return sql.fetch_one(JOB, shop_id=shop_id, job_id=job_id)


def lock(shop_id: int, job_id: int) -> Any | None:
    """The job, locked."""
    return sql.fetch_one(JOB + "FOR NO KEY UPDATE OF j", shop_id=shop_id, job_id=job_id)


ON_PAPER: Final = """
SELECT d.label_id, d.job_id, d.state FROM print_documents d
JOIN print_jobs j ON j.shop_id = %(shop_id)s AND j.id = d.job_id
WHERE d.shop_id = %(shop_id)s AND d.label_id = ANY(%(label_ids)s::bigint[])
  AND (d.state = 'sent' OR d.state = 'waiting' AND j.status IN ('waiting', 'printing', 'held'))
ORDER BY d.job_id
"""


def under_way(shop_id: int, label_ids: Sequence[int]) -> dict[int, int]:
    """label id -> the job that has it still to print, or does not know whether it did."""
    return {row.label_id: row.job_id for row in sql.fetch(ON_PAPER, shop_id=shop_id, label_ids=arrays.ids(label_ids))}


ADD: Final = """
WITH job AS (
    INSERT INTO print_jobs (shop_id, id, printer_id, template_id, status, count, printed_count, reason, member_id, actor,
                            created_at, due_at, held_by)
    VALUES (%(shop_id)s, nextval('ids'), %(printer_id)s, %(template_id)s, 'waiting', %(count)s, 0, %(reason)s,
            %(member_id)s, %(actor)s, %(now)s, %(due_at)s, '')
    RETURNING id
), documents AS (
    INSERT INTO print_documents (shop_id, job_id, place, label_id, state, attempts, problem)
    SELECT %(shop_id)s, job.id, a.place, a.label_id, CASE WHEN a.problem IS NULL THEN 'waiting' ELSE 'blocked' END, 0, a.problem
    FROM job, unnest(%(label_ids)s::bigint[], %(problems)s::jsonb[]) WITH ORDINALITY AS a (label_id, problem, place)
)
SELECT id FROM job
"""


def add(
    actor: Actor, *, printer_id: int, label_ids: Sequence[int], problems: Sequence[Problem | None], reason: str,
    template_id: int | None, due_at: datetime | None, now: datetime,
) -> int:  # fmt: skip
    """A job with a document for each label, in their order; one with a problem is blocked from the start. The job's id."""
    told = [None if problem is None else Jsonb(problem.as_dict()) for problem in problems]
    rows = sql.fetch(
        ADD, shop_id=actor.shop_id, member_id=actor.member_id, actor=actor.name, printer_id=printer_id, reason=reason,
        template_id=template_id, count=len(label_ids), label_ids=list(label_ids), problems=told, due_at=due_at, now=now,
    )  # fmt: skip
    return int(rows[0].id)


NOTIFY: Final = "SELECT pg_notify('fahuo_work', %(shop_id)s || ':' || %(job_id)s)"


def notify(shop_id: int, job_id: int) -> None:
    """Wake the clock when the transaction commits. A hint: a clock that slept finds the job by itself."""
    sql.fetch(NOTIFY, shop_id=shop_id, job_id=job_id)


MOVE: Final = """
UPDATE print_jobs SET status = %(status)s, problem = %(problem)s, due_at = %(due_at)s,
       finished_at = CASE WHEN %(status)s IN ('done', 'cancelled') THEN %(now)s ELSE finished_at END
WHERE shop_id = %(shop_id)s AND id = %(job_id)s AND status = ANY(%(before)s)
"""


def move(
    shop_id: int, job_id: int, event: JobEvent, *, now: datetime, problem: dict[str, Any] | None = None,
    due_at: datetime | None = None,
) -> bool:  # fmt: skip
    """Let `event` happen to the job if its status allows; whether it did.

    A worker who has it in hand keeps its lease until he notices, which is before the next document: so the printer never
    has two.
    """
    before = job_moves(event)
    return sql.run(
        MOVE, shop_id=shop_id, job_id=job_id, status=JOB_TABLE[before[0], event], before=before, now=now, due_at=due_at,
        problem=None if problem is None else Jsonb(problem),
    ) == 1  # fmt: skip


CANCEL_REST: Final = """
UPDATE print_documents SET state = 'cancelled'
WHERE shop_id = %(shop_id)s AND job_id = %(job_id)s AND state = 'waiting'
"""


def cancel_rest(shop_id: int, job_id: int) -> int:
    """Give up what was not sent yet; how many documents."""
    return sql.run(CANCEL_REST, shop_id=shop_id, job_id=job_id)


COUNTS: Final = """
SELECT state, count(*) AS count FROM print_documents
WHERE shop_id = %(shop_id)s AND job_id = %(job_id)s GROUP BY state
"""


def counts(shop_id: int, job_id: int) -> dict[str, int]:
    """How many of the job's documents are in each state; states without any are left out."""
    return {row.state: row.count for row in sql.fetch(COUNTS, shop_id=shop_id, job_id=job_id)}


DOCUMENTS: Final = """
SELECT place, label_id, state, attempts FROM print_documents
WHERE shop_id = %(shop_id)s AND job_id = %(job_id)s AND state = ANY(%(states)s)
  AND (%(places)s::int[] IS NULL OR place = ANY(%(places)s::int[]))
ORDER BY place LIMIT %(limit)s
"""


def documents(
    shop_id: int, job_id: int, states: Sequence[str], *, places: Sequence[int] | None = None, limit: int | None = None
) -> list[Any]:
    """The job's documents in these states (place, label_id, state, attempts), in order; of these places, if named."""
    return sql.fetch(
        DOCUMENTS, shop_id=shop_id, job_id=job_id, states=list(states), limit=limit,
        places=None if places is None else arrays.ids(places),
    )  # fmt: skip


WAYBILL_OF: Final = "SELECT waybill FROM labels WHERE shop_id = %(shop_id)s AND id = %(label_id)s"


def waybill_of(shop_id: int, label_id: int) -> str:
    """A label's number."""
    return str(sql.fetch(WAYBILL_OF, shop_id=shop_id, label_id=label_id)[0].waybill)


TAKE: Final = """
UPDATE print_documents SET state = 'sent', attempts = attempts + 1, sent_at = %(now)s, problem = NULL
WHERE shop_id = %(shop_id)s AND job_id = %(job_id)s AND place = ANY(%(places)s::int[]) AND state = 'waiting'
"""


def take(shop_id: int, job_id: int, places: Sequence[int], *, now: datetime) -> int:
    """Say that these documents are about to be sent: from now on nobody knows, until it is acknowledged. How many moved."""
    return sql.run(TAKE, shop_id=shop_id, job_id=job_id, places=arrays.ids(places), now=now)


BLOCK: Final = """
UPDATE print_documents d SET state = 'blocked', problem = a.problem
FROM unnest(%(places)s::int[], %(problems)s::jsonb[]) AS a (place, problem)
WHERE d.shop_id = %(shop_id)s AND d.job_id = %(job_id)s AND d.place = a.place AND d.state = 'waiting'
"""


def block(shop_id: int, job_id: int, problems: dict[int, Problem]) -> int:
    """Set documents aside, by their place, with the reason; how many."""
    told = [Jsonb(problem.as_dict()) for problem in problems.values()]
    return sql.run(BLOCK, shop_id=shop_id, job_id=job_id, places=list(problems), problems=told) if problems else 0


NOT_SENT: Final = """
UPDATE print_documents SET state = %(state)s, attempts = attempts - %(never)s::int
WHERE shop_id = %(shop_id)s AND job_id = %(job_id)s AND place = ANY(%(places)s::int[]) AND state = 'sent'
"""


def put_back(shop_id: int, job_id: int, places: Sequence[int], *, never: bool = False, cancelled: bool = False) -> int:
    """These documents did not come out: they wait again (or are cancelled with their job); how many.

    `never`: no byte of them was sent, so the try does not count.
    """
    return sql.run(
        NOT_SENT, shop_id=shop_id, job_id=job_id, places=arrays.ids(places), never=never,
        state="cancelled" if cancelled else "waiting",
    )  # fmt: skip


ACKNOWLEDGE: Final = """
WITH moved AS (
    UPDATE print_documents d SET state = 'printed', printed_at = %(now)s, problem = NULL
    WHERE d.shop_id = %(shop_id)s AND d.job_id = %(job_id)s AND d.place = ANY(%(places)s::int[]) AND d.state = 'sent'
    RETURNING d.shop_id, d.job_id, d.label_id
), counted AS (
    UPDATE print_jobs j SET printed_count = j.printed_count + (SELECT count(*) FROM moved)
    WHERE j.shop_id = %(shop_id)s AND j.id = %(job_id)s
), steps AS (
    SELECT * FROM unnest(%(froms)s::text[], %(tos)s::text[]) AS s (from_state, to_state)
), label AS (
    UPDATE labels l SET state = COALESCE((SELECT s.to_state FROM steps s WHERE s.from_state = l.state), l.state),
           print_count = l.print_count + 1, printed_at = %(now)s
    FROM moved m WHERE l.shop_id = m.shop_id AND l.id = m.label_id
    RETURNING l.shop_id, l.id, l.number_id, l.voided_at, l.print_count, m.job_id
), paper AS MATERIALIZED (
    SELECT l.shop_id, l.id, l.print_count, l.job_id, h.order_id
    FROM label l JOIN label_orders h ON h.shop_id = l.shop_id AND h.label_id = l.id
        AND h.voided_at IS NOT DISTINCT FROM l.voided_at
), marked AS (
    UPDATE orders o SET printed_at = %(now)s, updated_at = %(now)s
    FROM paper p WHERE o.shop_id = p.shop_id AND o.id = p.order_id
), told AS (
    INSERT INTO journal (shop_id, at, member_id, actor, act, order_id, after)
    SELECT p.shop_id, %(now)s, %(member_id)s, %(actor)s,
           CASE WHEN %(reason)s = '' THEN 'label.printed' ELSE 'label.reprinted' END, p.order_id,
           jsonb_build_object('label', p.id, 'job', p.job_id, 'printer', %(printer)s::text, 'times', p.print_count)
           || CASE WHEN %(reason)s = '' THEN '{}'::jsonb ELSE jsonb_build_object('reason', %(reason)s::text) END
    FROM paper p ORDER BY p.id, p.order_id
)
SELECT id, number_id FROM label
"""


def acknowledge(actor: Actor, job: Any, places: Sequence[int], *, now: datetime) -> list[Any]:
    """These sent documents came out: the labels are printed, counted, journaled; (label id, number_id) of each that moved.

    The orders and labels are locked by the caller.
    """
    froms = label_states.before("print")
    return sql.fetch(
        ACKNOWLEDGE, shop_id=actor.shop_id, member_id=actor.member_id, actor=actor.name, job_id=job.id,
        places=arrays.ids(places), reason=job.reason, printer=job.printer, now=now, froms=froms,
        tos=[label_states.TABLE[state, "print"] for state in froms],
    )  # fmt: skip
