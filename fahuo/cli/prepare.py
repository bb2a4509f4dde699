"""What `fahuo run` does before it opens the doors, in a process of its own that gives its memory back: tables, demo."""

import click

from fahuo import settings
from fahuo.cli import stamp
from fahuo.cli.language import complain, say
from fahuo.cli.session import attach, ready
from fahuo.rules.problems import Refusal
from fahuo.samples.accounts import ACCOUNTS


def prepare() -> None:
    """Bring the tables up to date; with FAHUO_DEMO, load the demo where there is no shop yet, and say who may sign in."""
    attach()
    if not stamp.is_current(with_shop=settings.DEMO):
        _bring_up_to_date()
        stamp.keep()
    if settings.DEMO:
        click.echo(say("演示账号：", "Demo accounts:"))
        for name, password, words in ACCOUNTS:
            click.echo(f"  {name} / {password}  {words}")


def _bring_up_to_date() -> None:
    from fahuo.cli.migrate import migrate

    ready(tables=False)
    migrate()
    if settings.DEMO:
        from django.db import connection

        from fahuo.cli import demo
        from fahuo.store import clock, wall

        if not clock.shops():
            click.echo(say("首次启动：正在装入演示店铺……", "First start: loading the demo shop ..."))
            demo.load()
            with wall.as_owner(), connection.cursor() as cursor:
                cursor.execute("ANALYZE")  # the first pages should not wait for the planner to learn of the tables


if __name__ == "__main__":
    try:
        prepare()
    except Refusal as refusal:
        complain(refusal)
