"""Batches, their rows and their files.

A batch moves by compare-and-set from the one table of moves in the rules, and its chunks by compare-and-set on how many
rows stand already: whoever was overtaken finds that nothing moved, and stops. The advisory lock only spares two
workers the same reading; the row is the truth.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.db import connection
from psycopg.types.json import Jsonb

from fahuo.rules.batches import GOOD, TABLE, WORK_WAITS, moves
from fahuo.rules.people import Actor
from fahuo.rules.problems import Problem
from fahuo.store import arrays, sealed, sql
from fahuo.store.models import Batch

ROW_COLUMNS = ("shop_id", "batch_id", "row_no", "verdict", "number", "order_id", "data", "problems")


class Overtaken(Exception):
    """Somebody else moved the batch meanwhile; what this worker had in hand was not written."""


class Waiting(NamedTuple):
    """A batch that waits for work."""

    shop_id: int
    id: int


UPLOAD_COLUMNS = ("shop_id", "id", "name", "body", "created_at")
NEW_ID = "SELECT nextval('ids') AS id"


def add_upload(shop_id: int, *, name: str, body: bytes, now: datetime) -> int:
    """Keep a file, sealed; its id. By COPY: as a parameter its megabytes would be quoted, and parsed as SQL."""
    upload_id = int(sql.fetch(NEW_ID)[0].id)
    kept = sealed.seal(shop_id, sealed.FILE, body)
    sql.copy_rows("uploads", UPLOAD_COLUMNS, [(shop_id, upload_id, name, kept, now)])
    return upload_id


UPLOAD_BODY = "SELECT name, body FROM uploads WHERE shop_id = %(shop_id)s AND id = %(upload_id)s"


def upload(shop_id: int, upload_id: int) -> tuple[str, bytes]:
    """A kept file: (name, body)."""
    row = sql.fetch(UPLOAD_BODY, shop_id=shop_id, upload_id=upload_id)[0]
    return row.name, sealed.opened(shop_id, sealed.FILE, bytes(row.body))


ADD = """
INSERT INTO batches (shop_id, kind, status, name, upload_id, options, row_count, good_count, bad_count, done_count,
                     created_by, created_by_name, created_at)
VALUES (%(shop_id)s, %(kind)s, %(status)s, %(name)s, %(upload_id)s, %(options)s, 0, 0, 0, 0,
        %(member_id)s, %(actor)s, %(now)s)
RETURNING id
"""


def add(
    actor: Actor, *, kind: str, status: str, name: str, now: datetime, upload_id: int | None = None,
    options: Mapping[str, Any] | None = None,
) -> int:  # fmt: skip
    """A new batch; its id."""
    rows = sql.fetch(
        ADD, shop_id=actor.shop_id, kind=kind, status=status, name=name, upload_id=upload_id,
        options=Jsonb(dict(options or {})), member_id=actor.member_id, actor=actor.name, now=now,
    )  # fmt: skip
    return int(rows[0].id)


def find(shop_id: int, batch_id: int) -> Batch | None:
    """The batch as it stands."""
    return Batch.objects.filter(shop_id=shop_id, id=batch_id).first()


def lock(shop_id: int, batch_id: int) -> Batch | None:
    """The batch, locked until the transaction ends."""
    return Batch.objects.select_for_update().filter(shop_id=shop_id, id=batch_id).first()


MOVE = """
UPDATE batches SET status = %(status)s, worked_at = %(now)s, problem = %(problem)s,
       committed_at = CASE WHEN %(status)s = 'committed' THEN %(now)s ELSE committed_at END
WHERE shop_id = %(shop_id)s AND id = %(batch_id)s AND status = ANY(%(before)s)
"""


def move(shop_id: int, batch_id: int, event: str, *, now: datetime, problem: Problem | None = None) -> bool:
    """Let `event` happen to the batch if its status allows; whether it did."""
    before = moves(event)
    status = TABLE[before[0], event]
    told = None if problem is None else Jsonb(problem.as_dict())
    return sql.run(MOVE, shop_id=shop_id, batch_id=batch_id, status=status, before=before, now=now, problem=told) == 1


OPTIONS = """
UPDATE batches SET options = options || %(options)s WHERE shop_id = %(shop_id)s AND id = %(batch_id)s
"""


def set_options(shop_id: int, batch_id: int, options: Mapping[str, Any]) -> None:
    """Lay these options over the batch's own."""
    sql.run(OPTIONS, shop_id=shop_id, batch_id=batch_id, options=Jsonb(dict(options)))


TROUBLE = """
UPDATE batches SET problem = %(problem)s, worked_at = %(now)s
WHERE shop_id = %(shop_id)s AND id = %(batch_id)s AND status = ANY(%(waits)s)
"""


def note_trouble(shop_id: int, batch_id: int, problem: Problem, *, now: datetime) -> None:
    """Say on the batch why its work stopped; it still waits, and is taken up again."""
    sql.run(
        TROUBLE, shop_id=shop_id, batch_id=batch_id, problem=Jsonb(problem.as_dict()), now=now, waits=list(WORK_WAITS)
    )


HAND_OVER = """
UPDATE batches SET handed_over_at = %(now)s
WHERE shop_id = %(shop_id)s AND id = %(batch_id)s AND handed_over_at IS NULL AND status = ANY('{committed,closed}')
"""


def hand_over(shop_id: int, batch_id: int, *, now: datetime) -> bool:
    """The courier has the parcels; whether this was news."""
    return sql.run(HAND_OVER, shop_id=shop_id, batch_id=batch_id, now=now) == 1


NOTIFY = "SELECT pg_notify('fahuo_work', %(shop_id)s || ':' || %(batch_id)s)"


def notify(shop_id: int, batch_id: int) -> None:
    """Wake the clock when the transaction commits. A hint: a clock that slept finds the batch by itself."""
    sql.fetch(NOTIFY, shop_id=shop_id, batch_id=batch_id)


WAITING = """
/* across shops: shops with work */
SELECT batches.shop_id, batches.id FROM batches
WHERE batches.status = ANY(%(waits)s)
  AND (batches.problem IS NULL OR batches.worked_at NOT BETWEEN %(rested)s AND %(now)s)
ORDER BY batches.id LIMIT %(limit)s
"""
REST = timedelta(minutes=1)
"""How long a batch whose work failed is left alone before it is tried again."""


def waiting(*, now: datetime, limit: int = 1000) -> list[Waiting]:
    """Batches of all shops that wait for work, oldest first; one in trouble only after a rest. One whose trouble is yet to
    come met it on a machine with a wrong clock, and need not wait until then."""
    rows = sql.fetch(WAITING, waits=sorted(WORK_WAITS), rested=now - REST, now=now, limit=limit)
    return [Waiting(row.shop_id, row.id) for row in rows]


TRY_HINT = "SELECT pg_try_advisory_lock(hashtextextended('batch:' || %(shop_id)s, %(batch_id)s)) AS mine"
END_HINT = "SELECT pg_advisory_unlock(hashtextextended('batch:' || %(shop_id)s, %(batch_id)s))"


@contextmanager
def worker_hint(shop_id: int, batch_id: int) -> Iterator[bool]:
    """Whether no other worker has the batch in hand. The database lets go of it when this process dies."""
    mine = bool(sql.fetch(TRY_HINT, shop_id=shop_id, batch_id=batch_id)[0].mine)
    try:
        yield mine
    finally:
        if mine and connection.is_usable():
            sql.fetch(END_HINT, shop_id=shop_id, batch_id=batch_id)


RESTART = """
UPDATE batches SET row_count = 0, good_count = 0, bad_count = 0, done_count = 0
WHERE shop_id = %(shop_id)s AND id = %(batch_id)s
"""
CLEAR_ROWS = "DELETE FROM batch_rows WHERE shop_id = %(shop_id)s AND batch_id = %(batch_id)s"


def clear_rows(shop_id: int, batch_id: int) -> None:
    """Forget the batch's rows and counts, for a file that is to be read afresh."""
    sql.run(CLEAR_ROWS, shop_id=shop_id, batch_id=batch_id)
    sql.run(RESTART, shop_id=shop_id, batch_id=batch_id)


ADVANCE = """
UPDATE batches SET row_count = row_count + %(rows)s, done_count = done_count + %(done)s,
       good_count = good_count + %(good)s, bad_count = bad_count + %(bad)s, worked_at = %(now)s
WHERE shop_id = %(shop_id)s AND id = %(batch_id)s AND status = %(status)s
  AND row_count = %(row_count)s AND done_count = %(done_count)s
"""


def advance(
    batch: Batch, *, now: datetime, rows: int = 0, done: int = 0, good: int = 0, bad: int = 0,
) -> None:  # fmt: skip
    """Claim the next chunk: first statement of its transaction. `batch` then stands where the table stands.

    Raises Overtaken when the batch is not where this worker left it (another worker, another status).
    """
    moved = sql.run(
        ADVANCE, shop_id=batch.shop_id, batch_id=batch.id, status=batch.status, row_count=batch.row_count,
        done_count=batch.done_count, rows=rows, done=done, good=good, bad=bad, now=now,
    )  # fmt: skip
    if not moved:
        raise Overtaken
    batch.row_count += rows
    batch.done_count += done
    batch.good_count += good
    batch.bad_count += bad


def add_rows(records: Sequence[Sequence[Any]]) -> int:
    """COPY rows in, in the order of ROW_COLUMNS; `data` and `problems` are JSON text."""
    return sql.copy_rows("batch_rows", ROW_COLUMNS, records)


LAST_ROW = """
SELECT coalesce(max(row_no), 0) AS last FROM batch_rows WHERE shop_id = %(shop_id)s AND batch_id = %(batch_id)s
"""


def last_row(shop_id: int, batch_id: int) -> int:
    """The last row number that stands; 0 when none does."""
    return int(sql.fetch(LAST_ROW, shop_id=shop_id, batch_id=batch_id)[0].last)


FIRST_ROWS = """
SELECT number, coalesce(data ->> 'number', '') AS line, row_no AS first FROM batch_rows
WHERE shop_id = %(shop_id)s AND batch_id = %(batch_id)s AND verdict <> 'bad'
"""


def first_rows(shop_id: int, batch_id: int) -> dict[tuple[str, str], int]:
    """Which row of the batch named an order (and, in a line list, a line) first; bad rows do not count."""
    rows = sql.fetch(FIRST_ROWS, shop_id=shop_id, batch_id=batch_id)
    return {(row.number, row.line): row.first for row in rows}


GOOD_ROWS = """
SELECT row_no, verdict, number, data::text AS data FROM batch_rows
WHERE shop_id = %(shop_id)s AND batch_id = %(batch_id)s AND verdict = ANY(%(good)s) AND row_no > %(after)s
ORDER BY row_no LIMIT %(limit)s
"""


def good_rows(shop_id: int, batch_id: int, *, limit: int, after: int = 0) -> list[Any]:
    """The next rows to write, by row number; those written before are not among them."""
    rows = sql.fetch(
        GOOD_ROWS, shop_id=shop_id, batch_id=batch_id, good=sorted(GOOD), after=after, limit=limit
    )  # fmt: skip
    return [row._replace(data=sealed.open_row_text(shop_id, row.data)) for row in rows]


MARK = """
UPDATE batch_rows SET verdict = %(verdict)s, order_id = asked.order_id
FROM unnest(%(row_nos)s::int[], %(order_ids)s::bigint[]) AS asked (row_no, order_id)
WHERE batch_rows.shop_id = %(shop_id)s AND batch_id = %(batch_id)s AND batch_rows.row_no = asked.row_no
"""


def mark_rows(
    shop_id: int, batch_id: int, row_nos: Sequence[int], order_ids: Sequence[int], *, verdict: str = "done"
) -> int:
    """Say what became of rows."""
    return sql.run(
        MARK, shop_id=shop_id, batch_id=batch_id, verdict=verdict, row_nos=arrays.ids(row_nos),
        order_ids=arrays.ids(order_ids),
    )  # fmt: skip


FINISH = """
UPDATE batch_rows SET verdict = %(verdict)s
WHERE batch_rows.shop_id = %(shop_id)s AND batch_id = %(batch_id)s AND row_no = ANY(%(row_nos)s::int[])
"""


def finish_rows(shop_id: int, batch_id: int, row_nos: Sequence[int], *, verdict: str = "done") -> int:
    """Say what became of rows that mean no order."""
    return sql.run(FINISH, shop_id=shop_id, batch_id=batch_id, row_nos=arrays.ids(row_nos), verdict=verdict)


REJECT = """
UPDATE batch_rows SET verdict = 'bad', problems = asked.problems
FROM unnest(%(row_nos)s::int[], %(problems)s::jsonb[]) AS asked (row_no, problems)
WHERE batch_rows.shop_id = %(shop_id)s AND batch_id = %(batch_id)s AND batch_rows.row_no = asked.row_no
"""


def reject_rows(shop_id: int, batch_id: int, problems: Mapping[int, list[dict[str, Any]]]) -> int:
    """Turn rows bad that were good when they were checked: row number -> its problems."""
    return sql.run(
        REJECT, shop_id=shop_id, batch_id=batch_id, row_nos=list(problems),
        problems=[Jsonb(found) for found in problems.values()],
    )  # fmt: skip


BAD_ROWS = """
SELECT row_no, number, data::text AS data, problems::text AS problems FROM batch_rows
WHERE shop_id = %(shop_id)s AND batch_id = %(batch_id)s AND verdict = 'bad' ORDER BY row_no
"""


def bad_rows(shop_id: int, batch_id: int) -> list[Any]:
    """The rows that were refused, by row number; `data` and `problems` as JSON text."""
    return [
        row._replace(
            data=sealed.open_row_text(shop_id, row.data), problems=sealed.open_problems_text(shop_id, row.problems)
        )
        for row in sql.fetch(BAD_ROWS, shop_id=shop_id, batch_id=batch_id)
    ]


KEEP_MAP = """
INSERT INTO column_maps (shop_id, kind, fingerprint, name, columns, created_at)
VALUES (%(shop_id)s, %(kind)s, %(fingerprint)s, %(name)s, %(columns)s, %(now)s)
ON CONFLICT (shop_id, kind, fingerprint) DO UPDATE SET columns = EXCLUDED.columns, name = EXCLUDED.name
"""


def keep_column_map(
    shop_id: int, *, kind: str, fingerprint: str, name: str, columns: Mapping[str, str], now: datetime
) -> None:
    """Keep which column of a header means what: heading -> field."""
    sql.run(
        KEEP_MAP, shop_id=shop_id, kind=kind, fingerprint=fingerprint, name=name, columns=Jsonb(dict(columns)), now=now
    )


COLUMN_MAP = """
SELECT columns::text AS columns FROM column_maps
WHERE shop_id = %(shop_id)s AND kind = %(kind)s AND fingerprint = %(fingerprint)s
"""


def column_map(shop_id: int, *, kind: str, fingerprint: str) -> str | None:
    """The kept columns of a header, as JSON text; None when it was never mapped."""
    row = sql.fetch_one(COLUMN_MAP, shop_id=shop_id, kind=kind, fingerprint=fingerprint)
    return None if row is None else str(row.columns)
