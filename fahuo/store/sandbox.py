"""A database beside the database: empty temporary tables that shadow the real ones until a rollback takes them away.

What runs inside reads and writes only them, holds no lock on a row of a real shop, and draws its ids from a sequence
of its own, so that nothing of it can be left behind and nothing that stands can colour it.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from django.apps import apps
from django.db import transaction

from fahuo.store import sql
from fahuo.store.models.base import NextId

IDS = "CREATE TEMPORARY SEQUENCE ids"
SHADOW = "CREATE TEMPORARY TABLE {table} (LIKE {table} INCLUDING ALL) ON COMMIT DROP"
OWN_IDS = "ALTER TABLE pg_temp.{table} ALTER COLUMN id SET DEFAULT nextval('pg_temp.ids')"


@contextmanager
def sandbox() -> Iterator[None]:
    """Everything inside happens to empty tables, in one transaction that is rolled back at the end."""
    with discarded():
        sql.run(IDS)
        for model in apps.get_app_config("fahuo").get_models():
            table = model._meta.db_table
            sql.run(SHADOW.format(table=table))
            if any(isinstance(getattr(field, "db_default", None), NextId) for field in model._meta.fields):
                sql.run(OWN_IDS.format(table=table))
        yield


@contextmanager
def discarded() -> Iterator[None]:
    """A transaction, or a part of one, that is rolled back at the end whatever came of it."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)
