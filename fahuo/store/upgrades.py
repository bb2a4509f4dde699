"""What the database's tables lack, and which of it may wait.

A migration is `pre` (safe under the code before it, needed by its own) or `post` (needs its own code to be live), by its
name; in a release the posts come last.
"""

import re
from typing import Final

from django.db import connection
from django.db.migrations import Migration
from django.db.migrations.executor import MigrationExecutor

POST: Final = re.compile(r"\d{4}_post_")


def pending() -> list[Migration]:
    """The migrations that the database lacks, in their order."""
    executor = MigrationExecutor(connection)
    return [migration for migration, _ in executor.migration_plan(executor.loader.graph.leaf_nodes())]


def needed(lacking: list[Migration]) -> list[Migration]:
    """Those of them that this code cannot work without: up to the last that is no post."""
    last = max((place for place, each in enumerate(lacking) if not POST.match(each.name)), default=-1)
    return lacking[: last + 1]


def before_posts(lacking: list[Migration]) -> list[Migration]:
    """Those of them that may be applied while the code before them works: up to the first post."""
    first = next((place for place, each in enumerate(lacking) if POST.match(each.name)), len(lacking))
    return lacking[:first]


def apply(migrations: list[Migration]) -> None:
    """Bring these about."""
    executor = MigrationExecutor(connection)
    executor.migrate([(each.app_label, each.name) for each in migrations])
