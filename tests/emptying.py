"""Empty tables after a test that committed: only those with rows in them, which are few, and few rows.

Django truncates every table, and PostgreSQL makes new files for each and for each of its indexes: a third of a second for
nothing. What is large is truncated all the same, so that nothing is left behind for the tests that follow to wade through.
"""

from functools import cache
from typing import Any, Final

from django.core.management.commands.flush import Command
from django.db import connections, transaction

LARGE: Final = 2**20
"""Bytes of a table from which on truncating is the quicker way."""
STANDING: Final = ("auth_permission", "django_content_type")
"""Django's own, the same after every test."""
_flush = Command.handle


@cache
def tables(alias: str) -> list[str]:
    """Every table of the models, but STANDING."""
    names = connections[alias].introspection.django_table_names(only_existing=True, include_views=False)
    return sorted(set(names) - set(STANDING))


def empty(self: Command, **options: Any) -> None:
    """What `flush` does, in the place of its `handle`."""
    alias, names = options["database"], tables(options["database"])
    asked = " UNION ALL ".join(
        f"SELECT '{name}', pg_relation_size('{name}') WHERE EXISTS (SELECT FROM \"{name}\")" for name in names
    )
    with transaction.atomic(using=alias), connections[alias].cursor() as cursor:
        # as truncating does, wait for whoever still writes
        cursor.execute(f"LOCK TABLE {', '.join(names)} IN ACCESS EXCLUSIVE MODE")
        cursor.execute(asked)
        found = cursor.fetchall()
        large = any(size > LARGE for _, size in found)
        if found and not large:
            cursor.execute("SET LOCAL session_replication_role = replica")  # in any order
            cursor.execute("; ".join(f'DELETE FROM "{name}"' for name, _ in found))
    if large:
        _flush(self, **options)
