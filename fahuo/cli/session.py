"""`ready()`: what a command calls before it touches the database."""

import atexit
import os

from fahuo.cli.postgres import Server


def ready(*, tables: bool = True) -> None:
    """Load Django with the database behind it; without DATABASE_URL, attach to the embedded server (or start it).

    An embedded database without tables gets them, unless `tables` is false. The server is left at exit: the last
    process that uses it stops it. Raises Refusal when a setting makes no sense or the server does not start.
    """
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "fahuo.settings")
    server = attach()
    import django

    django.setup()
    if server is not None and tables and is_empty():
        from fahuo.cli.migrate import migrate

        migrate()


def is_empty() -> bool:
    """Whether the database has no tables of ours. Needs Django to be set up."""
    from fahuo.store import sql

    found = sql.fetch_one("SELECT to_regclass('shops') IS NULL AS is_empty")
    return bool(found and found.is_empty)


def attach() -> Server | None:
    """Without DATABASE_URL: start or join the embedded server, and tell settings and children where it is.

    The server; None where DATABASE_URL names one.
    """
    from fahuo import settings

    if not settings.EMBEDDED or os.environ.get("DATABASE_URL"):
        return None
    server = Server(settings.DATA)
    server.start()
    atexit.register(server.leave)
    os.environ["DATABASE_URL"] = server.url
    settings.DATABASES["default"].update(settings.as_database("DATABASE_URL", server.url) or {})
    return server
