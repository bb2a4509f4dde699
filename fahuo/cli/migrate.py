"""`fahuo migrate`: create or upgrade the tables."""

import click

from fahuo.cli.language import say
from fahuo.cli.session import ready


@click.command("migrate")
def command() -> None:
    """建表或升级表;可以重复运行。Create or upgrade the tables; may be repeated."""
    ready(tables=False)
    count = migrate()
    click.echo(
        say(f"已执行 {count} 个迁移", f"{count} migrations applied")
        if count
        else say("表已是最新", "The tables are current")
    )


def migrate() -> int:
    """Apply what is pending; how many migrations that were. Walls that a restored backup or a new role lacks are put up.
    Needs `ready`."""
    from fahuo.store import wall, wall_tables

    count = len(pending())
    with wall.as_owner():
        if count:
            from django.core.management import call_command

            call_command("migrate", verbosity=0)
        else:
            wall_tables.build()
    return count


def pending() -> list[str]:
    """The migrations that the database lacks, as "app.name"."""
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [f"{migration.app_label}.{migration.name}" for migration, _ in plan]
