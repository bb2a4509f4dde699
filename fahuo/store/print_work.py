"""What a print worker asks the tables: which job is due, whose hands it is in, and where it rests."""

from datetime import datetime
from typing import Any, Final

from psycopg.types.json import Jsonb

from fahuo.rules.print_jobs import job_moves
from fahuo.store import sql

ALIVE: Final = sorted({*job_moves("start"), *job_moves("resume")})
"""The statuses of a job that a worker may have in hand."""

DUE_SHOPS: Final = """
/* across shops: shops with work */
SELECT DISTINCT j.shop_id FROM print_jobs j WHERE j.due_at <= %(now)s AND j.due_at IS NOT NULL
  AND (j.lease_until BETWEEN %(now)s AND %(farthest)s) IS NOT TRUE
"""


def shops_due(*, farthest: datetime, now: datetime) -> list[int]:
    """The shops that have a job to take up; `farthest` as `claim`."""
    return [row.shop_id for row in sql.fetch(DUE_SHOPS, now=now, farthest=farthest)]


FREE_PRINTERS: Final = """
SELECT p.id FROM printers p
WHERE p.shop_id = %(shop_id)s AND p.kind IN ('raw', 'ipp') AND EXISTS (
    SELECT FROM print_jobs j WHERE j.shop_id = %(shop_id)s AND j.printer_id = p.id AND j.due_at <= %(now)s
      AND j.due_at IS NOT NULL AND (j.lease_until BETWEEN %(now)s AND %(farthest)s) IS NOT TRUE)
ORDER BY p.id FOR NO KEY UPDATE SKIP LOCKED
"""
CLAIM: Final = """
UPDATE print_jobs j SET held_by = %(worker)s, lease_until = %(until)s
WHERE j.shop_id = %(shop_id)s AND j.id = (
    SELECT d.id FROM print_jobs d
    WHERE d.shop_id = %(shop_id)s AND d.printer_id = %(printer_id)s AND d.due_at <= %(now)s AND d.due_at IS NOT NULL
      AND (d.lease_until BETWEEN %(now)s AND %(farthest)s) IS NOT TRUE
      AND NOT EXISTS (SELECT FROM print_jobs b WHERE b.shop_id = %(shop_id)s AND b.printer_id = %(printer_id)s
                      AND b.lease_until BETWEEN %(now)s AND %(farthest)s)
    ORDER BY d.id LIMIT 1)
RETURNING j.id
"""


def claim(shop_id: int, worker: str, *, until: datetime, farthest: datetime, now: datetime) -> int | None:
    """Take the first due job of a printer that nobody works for into this worker's hands, until `until`; its id.

    A job counts as nobody's when its lease is over, and when it lasts beyond `farthest`: somebody wrote that whose clock
    was wrong, and the printer must not stand still until then.
    The printer's row is locked first, in a statement of its own: so one printer has one worker, whoever asks at once.
    """
    for printer in sql.fetch(FREE_PRINTERS, shop_id=shop_id, now=now, farthest=farthest):
        found = sql.fetch_one(
            CLAIM, shop_id=shop_id, printer_id=printer.id, worker=worker, until=until, farthest=farthest, now=now
        )  # fmt: skip
        if found is not None:
            return int(found.id)
    return None


KEEP: Final = """
UPDATE print_jobs SET lease_until = %(until)s
WHERE shop_id = %(shop_id)s AND id = %(job_id)s AND held_by = %(worker)s AND status = 'printing'
"""


def keep(shop_id: int, job_id: int, worker: str, *, until: datetime) -> bool:
    """Lock the job and keep it in hand for longer. False: in other hands, or to stop."""
    return sql.run(KEEP, shop_id=shop_id, job_id=job_id, worker=worker, until=until) == 1


START: Final = """
UPDATE print_jobs SET status = 'printing', lease_until = %(until)s
WHERE shop_id = %(shop_id)s AND id = %(job_id)s AND held_by = %(worker)s AND status = ANY(%(alive)s)
"""


def start(shop_id: int, job_id: int, worker: str, *, until: datetime) -> bool:
    """The printer is ready: begin, or go on. A job held by trouble that passed resumes so. False: in other hands."""
    return sql.run(START, shop_id=shop_id, job_id=job_id, worker=worker, until=until, alive=ALIVE) == 1


REST: Final = """
UPDATE print_jobs SET status = %(status)s, problem = %(problem)s, due_at = %(due_at)s,
       finished_at = CASE WHEN %(status)s = 'done' THEN %(now)s ELSE finished_at END
WHERE shop_id = %(shop_id)s AND id = %(job_id)s AND held_by = %(worker)s AND status = ANY(%(alive)s)
"""
LET_GO: Final = """
UPDATE print_jobs SET held_by = '', lease_until = NULL
WHERE shop_id = %(shop_id)s AND id = %(job_id)s AND held_by = %(worker)s
"""


def rest(
    shop_id: int, job_id: int, worker: str, status: str, *, now: datetime, problem: dict[str, Any] | None = None,
    due_at: datetime | None = None,
) -> bool:  # fmt: skip
    """Let the job in hand be `held` with its problem (until `due_at`, or until somebody resumes it), or `done`."""
    return sql.run(
        REST, shop_id=shop_id, job_id=job_id, worker=worker, status=status, due_at=due_at, now=now, alive=ALIVE,
        problem=None if problem is None else Jsonb(problem),
    ) == 1  # fmt: skip


def let_go(shop_id: int, job_id: int, worker: str) -> int:
    """Put the job out of this worker's hands, as it stands."""
    return sql.run(LET_GO, shop_id=shop_id, job_id=job_id, worker=worker)


HAND_TO: Final = """
UPDATE print_jobs SET held_by = %(worker)s, lease_until = %(until)s
WHERE shop_id = %(shop_id)s AND id = %(job_id)s AND status = 'printing'
"""


def hand_to(shop_id: int, job_id: int, worker: str, *, until: datetime) -> int:
    """Note that a page has the job, which is locked, in hand."""
    return sql.run(HAND_TO, shop_id=shop_id, job_id=job_id, worker=worker, until=until)


CLEAR: Final = """
UPDATE print_jobs SET problem = NULL
WHERE shop_id = %(shop_id)s AND id = %(job_id)s AND held_by = %(worker)s AND status = 'printing' AND problem IS NOT NULL
"""


def clear(shop_id: int, job_id: int, worker: str) -> int:
    """Paper comes out again: forget the trouble."""
    return sql.run(CLEAR, shop_id=shop_id, job_id=job_id, worker=worker)


SEEN: Final = """
UPDATE printers SET seen_at = CASE WHEN %(problem)s::jsonb IS NULL THEN %(now)s ELSE seen_at END, problem = %(problem)s
WHERE shop_id = %(shop_id)s AND id = %(printer_id)s
  AND (problem IS DISTINCT FROM %(problem)s::jsonb OR seen_at IS NULL OR seen_at < %(stale)s)
"""


def seen(shop_id: int, printer_id: int, problem: dict[str, Any] | None, *, stale: datetime, now: datetime) -> int:
    """Note what a printer said of itself, when that is news, or its last word is older than `stale`."""
    told = None if problem is None else Jsonb(problem)
    return sql.run(SEEN, shop_id=shop_id, printer_id=printer_id, problem=told, stale=stale, now=now)
