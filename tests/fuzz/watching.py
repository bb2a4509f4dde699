"""Who sees every row that moved: triggers on all tables of the harness's own throw-away database.

They write in the transaction that they watch (as the tables' owner: the product's own role may not), so what was taken back
is not there afterwards; what stayed is, by table and by shop. The product itself has no triggers, and its databases get none from here.
"""

import os
from collections import Counter
from collections.abc import Collection, Mapping
from typing import Any, Final, NamedTuple

import psycopg
from psycopg import sql

TABLES: Final = """
SELECT c.relname, EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'shop_id' AND a.attnum > 0)
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p') AND c.relname <> 'fuzz_moves' AND NOT c.relispartition
"""
SETUP: Final = """
CREATE UNLOGGED TABLE fuzz_moves (what text NOT NULL, act text NOT NULL, shop_id bigint, count bigint NOT NULL);
CREATE FUNCTION fuzz_note() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$ BEGIN
    INSERT INTO fuzz_moves SELECT TG_TABLE_NAME, TG_OP, NULL, count(*) FROM moved HAVING count(*) > 0;
    RETURN NULL;
END $$;
CREATE FUNCTION fuzz_note_of_shop() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$ BEGIN
    INSERT INTO fuzz_moves SELECT TG_TABLE_NAME, TG_OP, shop_id, count(*) FROM moved GROUP BY shop_id;
    RETURN NULL;
END $$;
"""
TRIGGER: Final = sql.SQL("""
CREATE TRIGGER {name} AFTER {act} ON {table} REFERENCING {side} TABLE AS moved FOR EACH STATEMENT EXECUTE FUNCTION {note}()
""")


class Moved(NamedTuple):
    """Rows of one table and one shop (None: of none) that moved in one way."""

    table: str
    act: str
    shop_id: int | None


Moves = Mapping[Moved, int]


def line_to(name: str) -> psycopg.Connection[Any]:
    """A line of the harness's own to a database of the server that the suite runs on."""
    return psycopg.connect(os.environ["DATABASE_URL"], dbname=name, autocommit=True)


def install(line: psycopg.Connection[Any]) -> None:
    """Watch every table there is."""
    line.execute(SETUP)
    for table, of_shop in line.execute(TABLES).fetchall():
        for act, side in (("INSERT", "NEW"), ("UPDATE", "NEW"), ("DELETE", "OLD")):
            line.execute(
                TRIGGER.format(
                    name=sql.Identifier(f"fuzz_{act.lower()}"), act=sql.SQL(act), table=sql.Identifier(table),
                    side=sql.SQL(side), note=sql.Identifier("fuzz_note_of_shop" if of_shop else "fuzz_note"),
                )
            )  # fmt: skip


def take(line: psycopg.Connection[Any]) -> Moves:
    """What moved since the last look."""
    found: Counter[Moved] = Counter()
    for what, act, shop_id, count in line.execute(
        "DELETE FROM fuzz_moves RETURNING what, act, shop_id, count"
    ).fetchall():
        found[Moved(what, act, shop_id)] += count
    return found


KEPT: Final = """
SELECT table_name, string_agg(quote_ident(column_name), ', ' ORDER BY ordinal_position) FROM information_schema.columns
WHERE table_schema = 'public' AND is_generated = 'NEVER' AND table_name = ANY(%s) GROUP BY table_name
"""


def keep(line: psycopg.Connection[Any]) -> None:
    """Keep a copy of every table as it stands."""
    line.execute("CREATE SCHEMA kept")
    for table, _ in line.execute(TABLES).fetchall():
        name = sql.Identifier(table)
        line.execute(sql.SQL("CREATE TABLE kept.{} AS SELECT * FROM public.{}").format(name, name))


def restore(line: psycopg.Connection[Any], tables: Collection[str]) -> None:
    """Let these tables hold what was kept of them. Neither foreign keys nor the watch take notice."""
    with line.transaction():
        line.execute("SET LOCAL session_replication_role = replica")
        for table, columns in line.execute(KEPT, (sorted(tables),)).fetchall():
            name = sql.Identifier(table)
            line.execute(sql.SQL("DELETE FROM public.{}").format(name))
            line.execute(
                sql.SQL(
                    "INSERT INTO public.{name} ({columns}) OVERRIDING SYSTEM VALUE SELECT {columns} FROM kept.{name}"
                ).format(name=name, columns=sql.SQL(columns))
            )
