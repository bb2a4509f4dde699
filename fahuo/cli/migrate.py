"""`fahuo migrate`: create or upgrade the tables."""

import click

from fahuo.cli.language import say
from fahuo.cli.session import ready


@click.command("migrate")
@click.option("--pre", is_flag=True, help="Only what the version before can live with: while its processes still run.")
def command(pre: bool) -> None:
    """建表或升级表;可以重复运行。Create or upgrade the tables; may be repeated."""
    ready(tables=False)
    count = migrate(pre=pre)
    click.echo(
        say(f"已执行 {count} 个迁移", f"{count} migrations applied")
        if count
        else say("表已是最新", "The tables are current")
    )
    if pre and (left := len(pending())):
        click.echo(
            say(
                f"还有 {left} 个迁移要等新版本全部上线后执行：fahuo migrate",
                f"{left} migrations wait until every process runs the new version: fahuo migrate",
            )
        )


def migrate(*, pre: bool = False) -> int:
    """Apply what is pending (`pre`: as far as the code before it can live with it); how many migrations that were. Walls that
    new tables, a restored backup or a new role lack are put up. Needs `ready`. Refusal `migrate_locked`."""
    from fahuo.store import upgrades, wall, wall_tables

    with wall.as_owner():
        count = upgrades.apply(upgrades.before_posts if pre else upgrades.all_of)
        wall_tables.build()
    return count


def pending() -> list[str]:
    """The migrations that the database lacks, as "app.name"."""
    from fahuo.store import upgrades

    return [f"{migration.app_label}.{migration.name}" for migration in upgrades.pending()]
