"""The one way to the database for hand-written statements: named parameters in, named rows out.

Statements stand as constants beside the function that runs them. Arrays go in as lists (`unnest(%(ids)s::bigint[])`),
many rows by COPY. Every statement over a shop's table names `shop_id`.
"""

import errno
from collections.abc import Iterable, Sequence
from typing import Any, Final

from django.db import OperationalError, connection
from psycopg import RawCursor, sql
from psycopg.rows import namedtuple_row

from fahuo.store import wall
from fahuo.store.postgres.base import GO_NUMBERED

ALWAYS: Final = 5
"""Any number: where a connection has none, nothing is prepared, not even on demand."""


def promised(order: str, default: str) -> str:
    """How many hours the seller promised for an order (its alias), as SQL: up to the promised time where that counts
    (rules.deadlines), else `default`. What lateness costs may depend on it."""
    return (
        f"CASE WHEN {order}.promised_until > {order}.paid_at"
        f" THEN ceil(extract(epoch FROM {order}.promised_until - {order}.paid_at) / 3600)::int ELSE {default} END"
    )


def is_full(error: BaseException) -> bool:
    """Whether a failure says that a disk is full: the database server's (its statement was rolled back), or ours."""
    if isinstance(error, OSError):
        return error.errno in (errno.ENOSPC, errno.EDQUOT)
    return isinstance(error, OperationalError) and getattr(error.__cause__, "sqlstate", None) == "53100"


def fetch(statement: str, **params: Any) -> list[Any]:
    """All rows of a statement, as named tuples."""
    with connection.cursor() as cursor:
        cursor.execute(statement, params)
        make = namedtuple_row(cursor.cursor)
        return [make(row) for row in cursor.fetchall()]


def fetch_one(statement: str, **params: Any) -> Any | None:
    """The first row as a named tuple, or None."""
    found = fetch(statement, **params)
    return found[0] if found else None


def run(statement: str, **params: Any) -> int:
    """Run a statement; how many rows it moved."""
    with connection.cursor() as cursor:
        cursor.execute(statement, params)
        return int(cursor.rowcount)


def copy_rows(table: str, columns: Sequence[str], records: Iterable[Sequence[Any]]) -> int:
    """COPY records into a table; how many there were. Part of the surrounding transaction.

    PostgreSQL refuses COPY behind a wall (fahuo.store.wall), so it is done as the owner, and the records are looked at here:
    one of another shop than the first, or than where this thread stands, raises PermissionError.
    """
    head = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(table), sql.SQL(", ").join(map(sql.Identifier, columns))
    )
    shop = columns.index("shop_id") if "shop_id" in columns else None
    here = wall.place() if wall.place() > 0 else None
    count = 0
    connection.ensure_connection()
    connection.stand(wall.FREE)  # type: ignore[attr-defined]  # fahuo.store.postgres
    with connection.wrap_database_errors, connection.connection.cursor() as cursor, cursor.copy(head) as copy:
        for record in records:
            if shop is not None:
                here = here if here is not None else record[shop]
                if record[shop] != here:
                    raise PermissionError(f"a row for {table} is of another shop")
            copy.write_row(record)
            count += 1
    return count


def together(*steps: tuple[str, Sequence[Any]]) -> list[tuple[Any, ...]]:
    """Statements with numbered parameters ($1 …), prepared once for each connection and sent in one round trip; the rows of
    the last. They are one transaction, or a part of the one that is open; each sees what was committed before it began.

    For what is asked a thousand times a second. Text in Python's `str` and arrays as lists, as everywhere.
    """
    connection.ensure_connection()
    raw: Any = connection.connection
    line: Any = connection
    raw.prepare_threshold = raw.prepare_threshold or ALWAYS  # Django switches preparing off; its own cursors never do
    there = wall.stand_for(steps[0][0], steps[0][1])
    going = there is not None and line.must_go(there)
    if there is not None and going:
        line.stands(None)
        steps = ((GO_NUMBERED, there), *steps)
    with connection.wrap_database_errors, raw.pipeline():
        cursors = [RawCursor(raw) for _ in steps]
        for cursor, (statement, params) in zip(cursors, steps, strict=True):
            cursor.execute(statement, params, prepare=True)
        rows = cursors[-1].fetchall()
    if going:
        line.stands(there)
    return rows
