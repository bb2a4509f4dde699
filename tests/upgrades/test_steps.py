"""An upgrade in two steps: what the version before can live with first, the rest once the new one runs everywhere."""

import psycopg
import pytest
from django.db import connection
from django.db.migrations import Migration
from pytest_django.plugin import DjangoDbBlocker

from fahuo.cli.doctor import tables_findings
from fahuo.cli.migrate import migrate
from fahuo.rules.problems import Refusal
from fahuo.store import upgrades
from tests.conftest import NOW
from tests.upgrades import databases


def made(*names: str) -> list[Migration]:
    return [Migration(name, "fahuo") for name in names]


@pytest.mark.parametrize(
    ("lacking", "needed", "first"),
    [
        ((), 0, 0),
        (("0034_pre_a", "0035_pre_b"), 2, 2),
        (("0034_pre_a", "0035_post_b"), 1, 1),
        (("0034_post_a", "0035_post_b"), 0, 0),
        (("0034_pre_a", "0035_post_b", "0036_pre_c"), 3, 1),
    ],
)
def test_what_is_needed_and_what_comes_first(lacking: tuple[str, ...], needed: int, first: int) -> None:
    found = made(*lacking)
    assert upgrades.needed(found) == found[:needed]
    assert upgrades.before_posts(found) == found[:first]


@pytest.mark.postgres
def test_the_first_step_leaves_what_needs_the_new_code(django_db_blocker: DjangoDbBlocker) -> None:
    with django_db_blocker.unblock(), databases.fresh("steps"):
        databases.migrate(("fahuo", "0028_pre_shop_warnings"))
        migrate(pre=True)
        left = [each.name for each in upgrades.pending() if each.app_label == "fahuo"]
        assert left[0] == "0030_post_readable_indexes"
        assert migrate(pre=True) == 0
        assert tables_findings(NOW)[0].state == "fail"  # more that is needed waits behind it
        assert migrate() > 1
        assert upgrades.pending() == []


@pytest.mark.postgres
@pytest.mark.parametrize("pre", [True, False])
def test_a_migration_that_gets_no_lock_gives_way_and_goes_on_later(
    django_db_blocker: DjangoDbBlocker, monkeypatch: pytest.MonkeyPatch, pre: bool
) -> None:
    monkeypatch.setattr(upgrades, "LOCK", "100ms")
    monkeypatch.setattr(upgrades, "TRIES", 2)
    monkeypatch.setattr(upgrades, "PAUSE", 0.0)
    with django_db_blocker.unblock(), databases.fresh("locked"):
        databases.migrate(("fahuo", "0031_pre_accounts"))
        connection.ensure_connection()
        info = connection.connection.info
        with psycopg.connect(f"host={info.host} user={info.user} dbname={info.dbname}") as worker:
            worker.execute("LOCK TABLE shop_warnings IN ROW EXCLUSIVE MODE")
            with pytest.raises(Refusal) as refused:
                migrate(pre=pre)
            assert refused.value.problems[0].code == "migrate_locked"
            left = [each.name for each in upgrades.pending() if each.app_label == "fahuo"]
            assert left[0] == "0033_pre_many_receivers"  # what came before it is done and stays
        assert migrate(pre=pre) > 0
        assert [each.name for each in upgrades.pending() if each.app_label == "fahuo"] == []
