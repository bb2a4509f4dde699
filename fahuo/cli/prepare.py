"""What `fahuo run` does before it opens the doors, in a process of its own that gives its memory back: tables, demo."""

import click

from fahuo.cli.language import complain, say
from fahuo.cli.migrate import migrate
from fahuo.cli.session import ready
from fahuo.rules.problems import Refusal


def prepare() -> None:
    """Bring the tables up to date; with FAHUO_DEMO, load the demo where there is no shop yet, and say who may sign in."""
    ready(tables=False)
    migrate()
    from django.conf import settings

    if settings.DEMO:
        from fahuo.cli import demo
        from fahuo.store import clock

        if not clock.shops():
            click.echo(say("首次启动:正在装入演示店铺……", "First start: loading the demo shop ..."))
            demo.load()
        click.echo(say("演示账号:", "Demo accounts:"))
        for name, password, words in demo.accounts():
            click.echo(f"  {name} / {password}  {words}")


if __name__ == "__main__":
    try:
        prepare()
    except Refusal as refusal:
        complain(refusal)
