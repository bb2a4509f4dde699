"""Story fixtures: a shop with its main account, a teammate with few permissions, and a stranger of another shop."""

import os
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

import pytest
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.core.handlers.base import BaseHandler
from django.core.management.commands.flush import Command
from django.db import connections, transaction
from django.db.backends.utils import CursorWrapper
from django.test.signals import setting_changed
from hypothesis import settings

from fahuo.rules.people import Actor
from fahuo.store import sql, wall
from fahuo.store.models import Member, Shop, User
from tests import emptying, isolation, walls

NOW = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
"""Monday noon in Shanghai."""
Argon2PasswordHasher.time_cost, Argon2PasswordHasher.memory_cost, Argon2PasswordHasher.parallelism = 1, 8, 1
"""Thousands of accounts are made here, and nobody attacks them: the same hash, at the least that it can cost."""
settings.register_profile("suite", deadline=None)
settings.load_profile("suite")
"""How long an example takes says how busy the machine is; timings are the bench's matter."""


@pytest.fixture(scope="session")
def django_db_modify_db_settings() -> None:
    """A database of its own for each test process, so that two runs on one server do not meet."""
    connections["default"].settings_dict["TEST"]["NAME"] = f"test_fahuo_{os.getpid()}"


@pytest.fixture(autouse=True, scope="session")
def _every_statement_names_its_shop() -> Iterator[None]:
    """See tests/isolation.py and tests/walls.py."""
    execute, copy_rows, together = CursorWrapper.execute, sql.copy_rows, sql.together

    def guarded(self: CursorWrapper, statement: Any, params: Any = None) -> Any:
        isolation.check(statement)
        walls.prove(statement, params)
        return execute(self, statement, params)

    def guarded_copy(table: str, columns: Sequence[str], records: Iterable[Sequence[Any]]) -> int:
        isolation.check_copy(table, columns)
        return copy_rows(table, columns, records)

    def guarded_together(*steps: tuple[str, Sequence[Any]]) -> Any:
        for statement, params in steps:
            isolation.check(statement)
            walls.prove(statement, params)
        return together(*steps)

    CursorWrapper.execute = guarded  # type: ignore[method-assign]
    sql.copy_rows, sql.together = guarded_copy, guarded_together
    yield
    CursorWrapper.execute, sql.copy_rows, sql.together = execute, copy_rows, together  # type: ignore[method-assign]


@pytest.fixture(autouse=True, scope="session")
def _one_chain_of_middleware() -> Iterator[None]:
    """Test clients of one process share what their first one loaded, until a setting changes: loading it reads every
    static file there is."""
    load, loaded = BaseHandler.load_middleware, dict[type, dict[str, Any]]()

    def share(self: BaseHandler, is_async: bool = False) -> None:
        known = loaded.get(type(self))
        if known is None or is_async:
            load(self, is_async)
            loaded[type(self)] = {name: value for name, value in vars(self).items() if "middleware" in name}
        else:
            vars(self).update(known)

    def forget(**_: object) -> None:
        loaded.clear()

    BaseHandler.load_middleware = share  # type: ignore[method-assign]
    setting_changed.connect(forget)
    yield
    setting_changed.disconnect(forget)
    BaseHandler.load_middleware = load  # type: ignore[method-assign]


@pytest.fixture(autouse=True, scope="session")
def _tests_walk_through_walls() -> Iterator[None]:
    """What a test itself lays out and looks at is not the product's: it asks as the tables' owner, who sees all shops."""
    place = wall.place

    def place_of_whoever_asks() -> int:
        here = place()
        return here if here != wall.BY_STATEMENT or isolation.asked_by_the_product() else wall.OWNER

    wall.place = place_of_whoever_asks
    yield
    wall.place = place


@pytest.fixture(autouse=True, scope="session")
def _only_what_is_full_is_emptied() -> Iterator[None]:
    """See tests/emptying.py."""
    handle, Command.handle = Command.handle, emptying.empty  # type: ignore[method-assign]
    yield
    Command.handle = handle  # type: ignore[method-assign]


class Account(NamedTuple):
    user: User
    member: Member
    actor: Actor


def make_account(shop: Shop, name: str, *, is_owner: bool = False, permissions: tuple[str, ...] = ()) -> Account:
    user = User.objects.create_user(username=name, password="correct horse")
    member = Member.objects.create(
        shop_id=shop.id, user_id=user.id, name=name, is_owner=is_owner, permissions=list(permissions), created_at=NOW
    )
    return Account(user, member, Actor(shop.id, member.id, name, is_owner, frozenset(permissions)))


def lan() -> Shop:
    """The shop of the stories."""
    return Shop.objects.create(code="lan", name="兰草小铺", platform="taobao", ship_from="330106", created_at=NOW)


def zhu() -> Shop:
    """Another shop."""
    return Shop.objects.create(code="zhu", name="竹里馆", platform="tmall", ship_from="440305", created_at=NOW)


@pytest.fixture(scope="module")
def ground(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """One transaction around all tests of a file: what fixtures of the file's scope build in it stands for each of them, and
    `db` takes back what each does. The tests must not be transactional themselves."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield
        transaction.set_rollback(True)


@pytest.fixture
def now() -> datetime:
    return NOW


@pytest.fixture
def shop(db: None) -> Shop:
    return lan()


@pytest.fixture
def other_shop(db: None) -> Shop:
    return zhu()


@pytest.fixture
def owner_account(shop: Shop) -> Account:
    return make_account(shop, "owner", is_owner=True)


@pytest.fixture
def owner(owner_account: Account) -> Actor:
    return owner_account.actor


@pytest.fixture
def teammate_account(shop: Shop) -> Account:
    """A sub-account that answers customers and nothing else."""
    return make_account(shop, "teammate", permissions=("messages",))


@pytest.fixture
def teammate(teammate_account: Account) -> Actor:
    return teammate_account.actor


@pytest.fixture
def stranger_account(other_shop: Shop) -> Account:
    return make_account(other_shop, "stranger", is_owner=True)


@pytest.fixture
def stranger(stranger_account: Account) -> Actor:
    return stranger_account.actor
