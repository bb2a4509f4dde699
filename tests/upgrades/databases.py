"""Databases of their own on the tests' server, in which migrations are walked one by one."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection
from django.db.migrations.executor import MigrationExecutor

Node = tuple[str, str]


@contextmanager
def fresh(name: str) -> Iterator[None]:
    """Django's connection leads to an empty database meanwhile."""
    place, known = f"{name}_{os.getpid()}", connection.settings_dict["NAME"]
    _on_server(
        "postgres", f"DROP DATABASE IF EXISTS {place} WITH (FORCE)", f"CREATE DATABASE {place} TEMPLATE template0"
    )
    connection.settings_dict["NAME"] = place
    try:
        yield
    finally:
        connection.close()
        _on_server("postgres", f"DROP DATABASE {place} WITH (FORCE)")
        connection.settings_dict["NAME"] = known


def _on_server(database: str, *statements: str) -> None:
    connection.close()
    kept = connection.settings_dict["NAME"]
    connection.settings_dict["NAME"] = database
    try:
        with connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
    finally:
        connection.close()
        connection.settings_dict["NAME"] = kept


def ours() -> list[Node]:
    """The migrations of the product, in their order."""
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes("fahuo"), clean_start=True)
    return [(migration.app_label, migration.name) for migration, _ in plan if migration.app_label == "fahuo"]


def migrate(*targets: Node) -> None:
    """Walk up to these."""
    MigrationExecutor(connection).migrate(list(targets))


def statements(node: Node) -> list[str]:
    """What a migration asks the database, as `sqlmigrate` shows it."""
    executor = MigrationExecutor(connection)
    return list(executor.loader.collect_sql([(executor.loader.graph.nodes[node], False)]))


def leaves() -> list[Node]:
    """The newest migration of every app."""
    return list(MigrationExecutor(connection).loader.graph.leaf_nodes())
