"""A note in the data folder that the tables are current, so that a start needs no Django to find that nothing is to do.

It holds a digest of two lists: the migrations that the code has, and those that the database says were applied. It is
believed only while both are what they were when `fahuo.cli.migrate` last found nothing pending.
"""

import hashlib
from importlib.util import find_spec
from pathlib import Path

import psycopg

from fahuo import settings

APPLIED = "SELECT app, name FROM django_migrations ORDER BY app, name"
ANY_SHOP = "SELECT EXISTS (SELECT FROM shops)"


def known() -> list[str]:
    """The migrations of the code, by their files; nothing of Django is loaded."""
    found = []
    for app in settings.INSTALLED_APPS:
        spec = find_spec(app)
        for place in (spec and spec.submodule_search_locations) or ():
            found += [f"{app}.{file.stem}" for file in sorted(Path(place, "migrations").glob("[0-9]*.py"))]
    return found


def digest(applied: list[tuple[str, str]]) -> str:
    """The digest to note while the database has these migrations."""
    return hashlib.sha256(repr((known(), applied)).encode()).hexdigest()


def _file() -> Path:
    return settings.DATA / "tables-current"


def connect() -> psycopg.Connection:
    """A connection to the database of the settings; `fahuo.cli.session.attach` comes first."""
    base = settings.DATABASES["default"]
    return psycopg.connect(
        dbname=base["NAME"], host=base["HOST"], port=base.get("PORT") or None, user=base.get("USER") or None,
        password=base.get("PASSWORD") or None, **base["OPTIONS"],
    )  # fmt: skip


def keep() -> None:
    """Note that the tables are current."""
    with connect() as line:
        applied = line.execute(APPLIED).fetchall()
    _file().write_text(digest(applied), "ascii")


def is_current(*, with_shop: bool) -> bool:
    """Whether nothing is to do; `with_shop`: and there is a shop already. False in doubt."""
    try:
        with connect() as line:
            noted = _file().read_text("ascii", "replace")
            if noted != digest(line.execute(APPLIED).fetchall()):
                return False
            row = line.execute(ANY_SHOP).fetchone()
            return not with_shop or bool(row and row[0])
    except (OSError, psycopg.Error):
        return False
