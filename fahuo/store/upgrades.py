"""What the database's tables lack, and which of it may wait.

A migration is `pre` (safe under the code before it, needed by its own) or `post` (needs its own code to be live), by its
name; in a release the posts come last.
"""

import re
import time
from collections.abc import Callable
from typing import Final

from django.core.management import call_command
from django.db import OperationalError, connection
from django.db.migrations import Migration
from django.db.migrations.executor import MigrationExecutor

from fahuo.rules.problems import Refusal

POST: Final = re.compile(r"\d{4}_post_")
LOCK: Final = "3s"
"""How long a migration may stand in the queue for a table: whoever comes after it waits behind it."""
TRIES: Final = 40
PAUSE: Final = 1.0
"""Seconds between two tries, in which those who waited have their turn."""


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


def all_of(lacking: list[Migration]) -> list[Migration]:
    """All of them: nothing of an older version runs any more."""
    return lacking


def apply(choose: Callable[[list[Migration]], list[Migration]]) -> int:
    """Bring about what is chosen of the pending migrations, while others work; how many that were.

    One that does not get its lock at once gives way and is tried again. Refusal `migrate_locked` when it never does: what
    was brought about before it stays.
    """
    chosen = choose(pending())
    for left in reversed(range(TRIES)):
        try:
            _walk(choose(pending()), everything=choose is all_of)
            return len(chosen)
        except OperationalError as error:
            if getattr(error.__cause__, "sqlstate", "") != "55P03":
                raise
            if not left:
                raise Refusal.of("migrate_locked", tries=TRIES) from None
            time.sleep(PAUSE)
    raise AssertionError("the last try returned or raised")


def _walk(migrations: list[Migration], *, everything: bool) -> None:
    if not migrations:
        return
    with connection.cursor() as cursor:
        cursor.execute(f"SET lock_timeout = '{LOCK}'")
    try:
        if everything:
            call_command("migrate", verbosity=0)
        else:
            executor = MigrationExecutor(connection)
            executor.migrate([(each.app_label, each.name) for each in migrations])
    finally:
        with connection.cursor() as cursor:
            cursor.execute("RESET lock_timeout")
