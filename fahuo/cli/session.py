"""`ready()`: what a command calls before it touches the database."""

import atexit
import os

from fahuo.cli.postgres import Server


def ready(*, tables: bool = True) -> None:
    """Load Django with the database behind it; without DATABASE_URL, attach to the embedded server (or start it).

    A cluster made just now gets its tables, unless `tables` is false. The server is left at exit: the last process that
    uses it stops it. Raises Refusal when a setting makes no sense or the server does not start.
    """
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "fahuo.settings")
    fresh = bool(attach()[1])
    import django

    django.setup()
    if fresh and tables:
        from django.core.management import call_command

        call_command("migrate", verbosity=0)


def attach() -> tuple[Server | None, bool]:
    """Without DATABASE_URL: start or join the embedded server, and tell settings and children where it is.

    The server (None where DATABASE_URL names one), and whether its cluster was made just now.
    """
    from fahuo import settings

    if not settings.EMBEDDED or os.environ.get("DATABASE_URL"):
        return None, False
    server = Server(settings.DATA)
    fresh = server.start()
    atexit.register(server.leave)
    os.environ["DATABASE_URL"] = server.url
    settings.DATABASES["default"].update(settings.as_database("DATABASE_URL", server.url) or {})
    return server, fresh
