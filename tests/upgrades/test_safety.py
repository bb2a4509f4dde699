"""Each migration is what its name says: `pre` is safe under the code before it, `post` brings nothing that its code needs.

PostgreSQL is asked before and after each of them; and migrations that are bad on purpose are caught.
"""

import re
from collections.abc import Iterator

import psycopg
import pytest
from django.db import connection
from pytest_django.plugin import DjangoDbBlocker

from tests import walls
from tests.upgrades import catalog, databases, safety
from tests.upgrades.history import KNOWN

pytestmark = pytest.mark.postgres
NAME = re.compile(r"\d{4}_(pre|post)_[a-z0-9_]+")


@pytest.fixture(scope="module")
def walked(django_db_blocker: DjangoDbBlocker) -> Iterator[dict[str, list[str]]]:
    """Migration -> what is wrong with it; the tables are all there afterwards."""
    found: dict[str, list[str]] = {}
    with django_db_blocker.unblock(), databases.fresh("walked"):
        first, *others = databases.ours()
        databases.migrate(first)
        before = _catalog()
        for node in others:
            statements = databases.statements(node)
            databases.migrate(node)
            after = _catalog()
            found[node[1]] = _judged(node[1], before, after, statements)
            before = after
        yield found


def _catalog() -> catalog.Catalog:
    connection.ensure_connection()
    return catalog.read(walls.owners_line())


def _judged(name: str, before: catalog.Catalog, after: catalog.Catalog, statements: list[str]) -> list[str]:
    post = re.match(r"\d{4}_post_", name)
    return list(safety.needed(before, after) if post else safety.trips(before, after, statements))


def test_each_migration_says_when_it_is_applied(walked: dict[str, list[str]]) -> None:
    assert [name for name in walked if not NAME.fullmatch(name)] == []


def test_each_migration_is_safe_under_the_code_before_it(walked: dict[str, list[str]]) -> None:
    known = {name: sorted(KNOWN[name].faults if name in KNOWN else ()) for name in walked}
    assert {name: sorted(faults) for name, faults in walked.items()} == known
    assert set(KNOWN) <= set(walked)


PLANTED = {
    "DROP TABLE scans": "table scans is gone",
    "ALTER TABLE shops RENAME COLUMN name TO title": "column shops.name is gone",
    "ALTER TABLE orders DROP COLUMN memo": "column orders.memo is gone",
    "ALTER TABLE parcels ALTER note TYPE varchar(40)": "column parcels.note is character varying(40), not text",
    "ALTER TABLE orders ADD weight int NOT NULL DEFAULT 0; ALTER TABLE orders ALTER weight DROP DEFAULT":
        "column orders.weight is new and must be filled",
    "ALTER TABLE orders ALTER paid_at SET NOT NULL": "column orders.paid_at must be filled from now on",
    "ALTER TABLE shops ALTER tasks_here DROP DEFAULT": "column shops.tasks_here must be filled from now on",
    "ALTER TABLE orders ADD CONSTRAINT planted CHECK (paid_amount > 0) NOT VALID":
        "check planted of orders refuses what was allowed",
    "ALTER TABLE scans DROP CONSTRAINT scans_kind, ADD CONSTRAINT scans_kind CHECK (kind IN ('picked_up')) NOT VALID":
        "check scans_kind of scans refuses what was allowed",
    "ALTER TABLE orders ADD weight int NOT NULL DEFAULT 0, ADD CONSTRAINT planted CHECK (flag IS NULL OR weight > 0) NOT VALID":
        "check planted of orders refuses what was allowed",
    "CREATE UNIQUE INDEX planted ON shops (name)": "unique index planted of shops refuses what was allowed",
    "ALTER TABLE shops ADD mark text NOT NULL DEFAULT '', ADD CONSTRAINT planted UNIQUE (mark)":
        "unique index planted of shops refuses what was allowed",
    "DROP INDEX orders_buyer": "index orders_buyer of orders is gone",
    "ALTER TABLE journal ADD CONSTRAINT planted FOREIGN KEY (shop_id, order_id) REFERENCES orders (shop_id, id) NOT VALID":
        "foreign key planted of journal holds columns that were free",
    "CREATE INDEX planted ON orders (title)": "index planted locks orders: build it CONCURRENTLY",
    "ALTER TABLE orders ADD weight int, ADD CONSTRAINT planted CHECK (weight > 0)":
        "check planted reads all of orders: add it NOT VALID",
    "ALTER TABLE orders ADD made timestamptz DEFAULT clock_timestamp()": "table orders is written anew",
}  # fmt: skip
"""A bad migration -> what is found. The first that is found need not be the only one."""

HARMLESS = [
    "ALTER TABLE orders ADD weight int",
    "ALTER TABLE orders ADD weight int NOT NULL DEFAULT 0",
    "CREATE TABLE boxes (shop_id bigint, id bigint PRIMARY KEY, n int CHECK (n > 0)); CREATE INDEX boxes_n ON boxes (n)",
    "CREATE INDEX planted ON printers (host)",
    "ALTER TABLE orders ADD weight int, ADD CONSTRAINT planted CHECK (weight > 0) NOT VALID",
    "ALTER TABLE scans DROP CONSTRAINT scans_kind, ADD CONSTRAINT scans_kind"
    " CHECK (kind IN ('picked_up', 'in_transit', 'delivered', 'returned')) NOT VALID",
    "ALTER TABLE orders ADD batch bigint, ADD CONSTRAINT planted FOREIGN KEY (shop_id, batch) REFERENCES batches (shop_id, id) NOT VALID",
    "ALTER TABLE orders DROP CONSTRAINT orders_flag",
]


def _planted(statement: str) -> tuple[catalog.Catalog, catalog.Catalog]:
    connection.ensure_connection()
    line: psycopg.Connection[object] = walls.owners_line()
    before = catalog.read(line)
    with line.transaction(force_rollback=True):
        for each in statement.split(";"):
            line.execute(each)
        return before, catalog.read(line)


@pytest.mark.usefixtures("walked")
@pytest.mark.parametrize("statement", PLANTED)
def test_a_bad_migration_is_caught(statement: str) -> None:
    assert PLANTED[statement] in safety.trips(*_planted(statement), [statement])


@pytest.mark.usefixtures("walked")
@pytest.mark.parametrize("statement", HARMLESS)
def test_a_good_one_is_not(statement: str) -> None:
    assert list(safety.trips(*_planted(statement), [statement])) == []


@pytest.mark.usefixtures("walked")
def test_an_index_that_is_built_beside_the_work_is_fine() -> None:
    statement = 'CREATE INDEX CONCURRENTLY "planted" ON orders (title)'
    before = _catalog()
    walls.owners_line().execute(statement)
    assert list(safety.trips(before, _catalog(), [statement])) == []
    walls.owners_line().execute("DROP INDEX planted")


@pytest.mark.usefixtures("walked")
def test_what_was_added_unproven_is_proven_by_a_later_migration() -> None:
    connection.ensure_connection()
    line: psycopg.Connection[object] = walls.owners_line()
    with line.transaction(force_rollback=True):
        line.execute("ALTER TABLE orders ADD weight int, ADD CONSTRAINT planted CHECK (weight > 0) NOT VALID")
        before = catalog.read(line)
        line.execute("ALTER TABLE orders VALIDATE CONSTRAINT planted")
        after = catalog.read(line)
    assert before != after
    assert list(safety.trips(before, after, [])) == []


@pytest.mark.usefixtures("walked")
def test_what_comes_after_its_code_adds_nothing_that_the_code_needs() -> None:
    assert list(safety.needed(*_planted("ALTER TABLE orders ADD weight int"))) == ["adds column orders.weight"]
    assert list(safety.needed(*_planted("CREATE TABLE boxes (id bigint)"))) == ["adds table boxes"]
    assert list(safety.needed(*_planted("ALTER TABLE orders DROP COLUMN memo"))) == []
