"""Batches: the list of them, one with the counts of its verdicts, and its rows."""

from dataclasses import dataclass
from typing import Any, Final

from fahuo.rules.batches import BATCH_KINDS, VERDICTS
from fahuo.store import sealed, sql
from fahuo.store.boards.pages import MAX_ID, Page

COLUMNS: Final = """b.id, b.kind, b.status, b.name, b.upload_id, b.options::json AS options, b.problem::json AS problem, b.row_count, b.good_count,
    b.bad_count, b.done_count, b.created_by, b.created_by_name, b.created_at, b.worked_at, b.committed_at,
    b.handed_over_at"""

UNFINISHED: Final = """(b.status IN ('open', 'received', 'checked', 'committing')
    OR b.status = 'committed' AND b.kind = 'shipments' AND b.handed_over_at IS NULL)"""
"""Somebody still has something to do here; the same as web.batch_screen.is_open."""

LIFT: Final = 2**61
"""Above every id: what an unfinished batch ranks higher by."""

RANKED: Final = f"""
SELECT {COLUMNS}, ranks.rank FROM batches b
CROSS JOIN LATERAL (SELECT b.id + CASE WHEN {UNFINISHED} THEN {LIFT} ELSE 0 END AS rank) AS ranks
WHERE b.shop_id = %(shop_id)s AND b.kind = ANY(%(kinds)s)"""
UNFINISHED_FIRST: Final = f"{RANKED} AND ranks.rank < %(id)s ORDER BY ranks.rank DESC LIMIT %(limit)s"
UNFINISHED_FIRST_BACK: Final = f"{RANKED} AND ranks.rank > %(id)s ORDER BY ranks.rank LIMIT %(limit)s"

NEWER_TO_OLDER: Final = f"""
SELECT {COLUMNS} FROM batches b
WHERE b.shop_id = %(shop_id)s AND b.kind = ANY(%(kinds)s) AND b.id < %(id)s ORDER BY b.id DESC LIMIT %(limit)s
"""
OLDER_TO_NEWER: Final = f"""
SELECT {COLUMNS} FROM batches b
WHERE b.shop_id = %(shop_id)s AND b.kind = ANY(%(kinds)s) AND b.id > %(id)s ORDER BY b.id LIMIT %(limit)s
"""
ONE: Final = f"SELECT {COLUMNS} FROM batches b WHERE b.shop_id = %(shop_id)s AND b.id = %(batch_id)s"

COUNTS: Final = """
SELECT r.verdict, count(*) AS number FROM batch_rows r
WHERE r.shop_id = %(shop_id)s AND r.batch_id = %(batch_id)s GROUP BY r.verdict
"""

ROWS: Final = """
SELECT r.row_no, r.verdict, r.number, r.order_id, r.parcel_id, r.data::json AS data, r.problems::json AS problems FROM batch_rows r
WHERE r.shop_id = %(shop_id)s AND r.batch_id = %(batch_id)s AND r.row_no > %(row_no)s
  AND (%(verdict)s = '' OR r.verdict = %(verdict)s)
ORDER BY r.row_no LIMIT %(limit)s
"""
ROWS_BACK: Final = """
SELECT r.row_no, r.verdict, r.number, r.order_id, r.parcel_id, r.data::json AS data, r.problems::json AS problems FROM batch_rows r
WHERE r.shop_id = %(shop_id)s AND r.batch_id = %(batch_id)s AND r.row_no < %(row_no)s
  AND (%(verdict)s = '' OR r.verdict = %(verdict)s)
ORDER BY r.row_no DESC LIMIT %(limit)s
"""


@dataclass(frozen=True, slots=True)
class BatchDetail:
    """A batch (its columns, as a named tuple) and how many rows have each verdict (every verdict named)."""

    batch: Any
    verdicts: dict[str, int]

    @property
    def rows(self) -> int:
        return sum(self.verdicts.values())


def _step(cursor: str) -> tuple[bool, int] | None:
    """A cursor `n<id>` (onward) or `p<id>` (back); None when it makes no sense."""
    if cursor[:1] not in ("n", "p") or not cursor[1:].isdecimal() or not cursor.isascii():
        return None
    number = int(cursor[1:20])
    return (cursor[0] == "n", number) if number <= MAX_ID else None


def _page(rows: list[Any], step: tuple[bool, int] | None, limit: int, field: str, lost: bool) -> Page[Any]:
    forward = step is None or step[0]
    more = len(rows) > limit
    rows = rows[:limit] if forward else rows[:limit][::-1]
    first, last = (getattr(rows[0], field), getattr(rows[-1], field)) if rows else (None, None)
    onward = last is not None and (more if forward else True)
    back = first is not None and (step is not None if forward else more)
    return Page(rows, next=f"n{last}" if onward else None, previous=f"p{first}" if back else None, cursor_lost=lost)


def batches_page(
    shop_id: int, *, kind: str = "", cursor: str = "", limit: int = 50, unfinished_first: bool = False
) -> Page[Any]:
    """Batches, newest first; `kind` "" means every kind. `unfinished_first`: all that wait for somebody stand before
    the finished ones, across the pages."""
    step = _step(cursor)
    forward = step is None or step[0]
    if unfinished_first:
        statement, field = (UNFINISHED_FIRST if forward else UNFINISHED_FIRST_BACK), "rank"
    else:
        statement, field = (NEWER_TO_OLDER if forward else OLDER_TO_NEWER), "id"
    rows = sql.fetch(
        statement, shop_id=shop_id, kinds=[kind] if kind else list(BATCH_KINDS), id=step[1] if step else MAX_ID,
        limit=limit + 1,
    )  # fmt: skip
    return _page(rows, step, limit, field, bool(cursor) and step is None)


def batch_detail(shop_id: int, batch_id: int) -> BatchDetail | None:
    """A batch with its verdict counts, or None where the shop has no such batch."""
    batch = sql.fetch_one(ONE, shop_id=shop_id, batch_id=batch_id)
    if batch is None:
        return None
    counted = {row.verdict: int(row.number) for row in sql.fetch(COUNTS, shop_id=shop_id, batch_id=batch_id)}
    return BatchDetail(batch, {verdict: counted.get(verdict, 0) for verdict in VERDICTS})


def batch_rows(
    shop_id: int, batch_id: int, verdict: str = "", cursor: str = "", limit: int = 100
) -> Page[Any]:  # fmt: skip
    """The rows of a batch by row number; `verdict` "" means every verdict."""
    step = _step(cursor)
    statement = ROWS if step is None or step[0] else ROWS_BACK
    rows = sql.fetch(
        statement, shop_id=shop_id, batch_id=batch_id, verdict=verdict, limit=limit + 1,
        row_no=min(step[1], 2**31 - 1) if step else -1,
    )  # fmt: skip
    opened = [
        row._replace(data=sealed.open_row(shop_id, row.data), problems=sealed.open_problems(shop_id, row.problems))
        for row in rows
    ]
    return _page(opened, step, limit, "row_no", bool(cursor) and step is None)
