"""The note that the tables are current: believed only while code and database are what they were."""

from pathlib import Path

import psycopg
import pytest
from django.db import connection
from django.db.migrations.loader import MigrationLoader

from fahuo import settings
from fahuo.cli import stamp


@pytest.fixture
def noted(db: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    base = {name: connection.settings_dict[name] for name in ("NAME", "HOST", "PORT", "USER", "PASSWORD")}
    monkeypatch.setattr(settings, "DATA", tmp_path)
    monkeypatch.setattr(settings, "DATABASES", {"default": {**base, "OPTIONS": {}}})
    assert not stamp.is_current(with_shop=False)
    stamp.keep()
    assert stamp.is_current(with_shop=False)
    return monkeypatch


def test_every_migration_of_the_code_is_known() -> None:
    files = {name.rpartition(".")[2] for name in stamp.known()}
    assert {name for _, name in MigrationLoader(None).disk_migrations} == files


def test_new_code_is_not_current(noted: pytest.MonkeyPatch) -> None:
    known = stamp.known()
    noted.setattr(stamp, "known", lambda: [*known, "fahuo.store.9999_next"])
    assert not stamp.is_current(with_shop=False)


def test_an_older_database_is_not_current(noted: pytest.MonkeyPatch) -> None:
    noted.setattr(stamp, "APPLIED", stamp.APPLIED + " OFFSET 1")
    assert not stamp.is_current(with_shop=False)


def test_a_demo_without_a_shop_is_not_ready(noted: pytest.MonkeyPatch) -> None:
    assert not stamp.is_current(with_shop=True)


def test_a_database_that_does_not_answer_is_not_current(noted: pytest.MonkeyPatch) -> None:
    def refuse() -> psycopg.Connection:
        raise psycopg.OperationalError

    noted.setattr(stamp, "connect", refuse)
    assert not stamp.is_current(with_shop=False)
