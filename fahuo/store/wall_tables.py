"""How the second wall is put up around the shops' tables (see `wall`)."""

import logging
from typing import Final

import psycopg
from django.db import connection, transaction
from django.db.utils import IntegrityError, OperationalError, ProgrammingError

from fahuo.store import sql
from fahuo.store.wall import MAY_STAND, ROLE, SETTING, STANDING, as_owner, tables

log = logging.getLogger(__name__)

# The planner takes `IS NOT NULL` for true of nearly every row: an equation with the shop would count twice in its estimates,
# once here and once in the statement, and plans for a shop of thousands would be made as for a single row.
POLICY: Final = f"""
CREATE POLICY shop ON {{table}} USING (
    (CASE (SELECT nullif(current_setting('{SETTING}', true), '')::bigint) WHEN shop_id THEN true WHEN 0 THEN true END)
    IS NOT NULL)
"""
BARE: Final = """
SELECT c.relname AS name FROM pg_class c
WHERE c.relnamespace = 'public'::regnamespace AND c.relname = ANY(%(tables)s) AND c.relkind IN ('r', 'p') AND NOT (
    c.relrowsecurity AND EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = c.oid AND p.polname = 'shop'))
"""
CLOSED: Final = """
SELECT EXISTS (SELECT FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'S')
    AND CASE c.relkind WHEN 'S' THEN NOT has_sequence_privilege(%(role)s, c.oid, 'USAGE')
        ELSE NOT has_table_privilege(%(role)s, c.oid, 'SELECT, INSERT, UPDATE, DELETE') END)
    OR NOT has_schema_privilege(%(role)s, 'public', 'USAGE') AS closed
"""
PATIENCE: Final = "3s"
"""How long a wall may stand in the queue for its table."""
MEMBER: Final = f"SELECT pg_has_role(%(role)s, {MAY_STAND}) AS member"
KNOWN: Final = "SELECT to_regrole(%(role)s) IS NOT NULL AS known"
GRANTS: Final = (
    f"GRANT USAGE ON SCHEMA public TO {ROLE}",
    f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {ROLE}",
    f"GRANT USAGE, SELECT, UPDATE ON ALL SEQUENCES IN SCHEMA public TO {ROLE}",
)


def build() -> list[str]:
    """Put walls around every table of a shop that has none, and let ROLE reach what stands there; which tables got one.

    Safe to repeat, and by two at once; a table that is busy is left for the next time. Where the login may neither make
    the role nor take it there are no walls: that is logged, and `fahuo doctor` says what to type. Processes that run
    already learn of walls with their next connection.
    """
    with as_owner():
        if not _role_taken():
            return []
        closed = sql.fetch(CLOSED, role=ROLE)[0].closed
        if closed:
            with transaction.atomic():
                for grant in GRANTS:
                    sql.run(grant)
        bare = [row.name for row in sql.fetch(BARE, tables=tables())]
        walled = [table for table in bare if _wall_around(table)]
    if walled or closed:
        connection.look_again()  # type: ignore[attr-defined]  # fahuo.store.postgres
    return walled


def _wall_around(table: str) -> bool:
    """One wall, in a transaction of its own; False where somebody kept the table busy: everybody else would wait behind us."""
    try:
        with transaction.atomic():
            sql.run(f"SET LOCAL lock_timeout = '{PATIENCE}'")
            sql.run(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
            sql.run(f"DROP POLICY IF EXISTS shop ON {table}")
            sql.run(POLICY.format(table=table))
    except OperationalError as error:
        if not isinstance(error.__cause__, psycopg.errors.LockNotAvailable):
            raise
        log.warning("a table is busy and has no wall yet", extra={"facts": {"table": table}})
        return False
    return True


def _role_taken() -> bool:
    """Make the role, of which a whole server has one, and join it, where that is still to do; False where this login may
    not."""
    try:
        with transaction.atomic():
            if not sql.fetch(KNOWN, role=ROLE)[0].known:
                sql.run(f"CREATE ROLE {ROLE} NOLOGIN")
    except ProgrammingError as error:
        if not isinstance(error.__cause__, psycopg.errors.DuplicateObject):
            return _no_walls(error)
    except IntegrityError:  # another database's `build` made it at this instant
        pass
    try:
        with transaction.atomic():
            if not sql.fetch(MEMBER, role=ROLE)[0].member:
                sql.run(f"GRANT {ROLE} TO CURRENT_USER")
    except ProgrammingError as error:
        return _no_walls(error)
    return True


def _no_walls(error: ProgrammingError) -> bool:
    if not isinstance(error.__cause__, psycopg.errors.InsufficientPrivilege):
        raise error
    log.warning("no second wall between shops", extra={"facts": {"role": ROLE}})
    return False


def missing() -> list[str] | None:
    """The shops' tables without a wall; None where this login cannot stand behind walls at all."""
    with as_owner():
        standing = sql.fetch(STANDING)[0][0]
        return [row.name for row in sql.fetch(BARE, tables=tables())] if standing else None
