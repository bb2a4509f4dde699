"""The proof that the second wall stands: every statement over a shop's table that the suite makes the product ask is asked
once more, first, as another shop. No table of a shop may give it a single row.

The statement runs with its own parameters under EXPLAIN ANALYZE, which tells for each scan how many rows came out, and is
rolled back. A row that it would write for the shop that was asked for is refused by the wall; that is as good.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

import psycopg
from django.db import connection

from fahuo.store import wall
from fahuo.store.postgres.base import GO
from tests import isolation

ANOTHER: Final = wall.Stand(wall.ROLE, str(2**62))
"""A shop that has nothing."""
PROVED: Final[set[str]] = set()
"""The statements of this process that were asked as another shop."""


class WallMissing(AssertionError):
    """A table showed rows of a shop to another."""


def prove(statement: object, params: Any) -> None:
    """Ask it as another shop, unless it was, or is not a statement of the product over a shop's table."""
    if not isinstance(statement, str) or statement in PROVED or not isolation.asked_by_the_product():
        return
    PROVED.add(statement)
    if isolation.over_a_shops_table(statement):
        shown = rows_shown(statement, params)
        if shown:
            raise WallMissing(f"another shop sees rows of {', '.join(sorted(shown))}\n{statement}")


def rows_shown(statement: str, params: Any) -> set[str]:
    """The shops' tables of which another shop saw rows."""
    connection.ensure_connection()
    raw: Any = connection.connection
    if not connection.must_go(ANOTHER):  # a database without walls, or a transaction that is broken
        return set()
    stood = getattr(raw, "stand", None)
    try:
        cursor_of = psycopg.RawCursor if "$1" in statement else connection.connection.cursor_factory
        with raw.transaction(force_rollback=True), cursor_of(raw) as cursor:
            raw.execute(GO, ANOTHER)
            cursor.execute(f"EXPLAIN (ANALYZE, VERBOSE, FORMAT JSON) {statement}", params)
            (plan,) = cursor.fetchone()
    except psycopg.errors.InsufficientPrivilege as error:
        if "row-level security" not in str(error):
            raise
        return set()
    finally:
        raw.stand = stood
    return set(_seen((json.loads(plan) if isinstance(plan, str) else plan)[0]["Plan"]))


def _seen(node: Mapping[str, Any]) -> Iterator[str]:
    table = node.get("Relation Name")
    ours = table in isolation.shop_tables() and node.get("Schema") == "public"  # not a simulation's own
    if ours and node["Node Type"] != "ModifyTable" and node["Actual Rows"]:
        yield str(table)
    for below in node.get("Plans", ()):
        yield from _seen(below)


def owners_line() -> "psycopg.Connection[Any]":
    """The raw connection, as the tables' owner, who sees all shops; until the product asks the next statement."""
    connection.ensure_connection()
    connection.stand(wall.FREE)
    return connection.connection
