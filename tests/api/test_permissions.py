"""Who may call what: every operation for everybody. An operation without an example, or an example of none, fails."""

import json
from datetime import UTC, datetime
from typing import Any, Final

import pytest
from django.db import transaction

from fahuo.api import nouns
from fahuo.api.contract import BASE
from fahuo.api.server import Route, routes
from fahuo.rules.people import ACTS, PERMISSIONS, Actor
from fahuo.services import keys
from fahuo.store.models import Shop
from tests.api.conftest import Answer, Caller
from tests.api.example import Example
from tests.api.world import build, examples
from tests.conftest import lan, make_account, zhu
from tests.privacy import doors
from tests.services.shipping import order_number
from tests.test_permissions import Undone

assert nouns.LOADED
ROLES: Final = ("owner", *PERMISSIONS, "other_shop", "revoked", "anonymous")


pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)


@pytest.fixture(scope="module")
def shop(ground: None) -> Shop:
    return lan()


@pytest.fixture(scope="module")
def owner(shop: Shop) -> Actor:
    return make_account(shop, "owner", is_owner=True).actor


@pytest.fixture(scope="module")
def stranger(ground: None) -> Actor:
    return make_account(zhu(), "stranger", is_owner=True).actor


@pytest.fixture(scope="module")
def world(shop: Shop, owner: Actor, now: datetime) -> dict[str, Any]:
    """Built once: each role finds it as it was."""
    return build(shop, owner, now=now)


def test_every_operation_has_an_example(world: dict[str, Any]) -> None:
    assert set(examples(world)) == set(routes.by_name)
    assert {route.operation.act for route in routes.by_name.values()} - {None} <= set(ACTS)


def key_of(role: str, owner: Actor, stranger: Actor, now: datetime) -> str:
    if role == "anonymous":
        return ""
    if role == "other_shop":
        return keys.make(stranger, name="other", scopes=list(PERMISSIONS), now=now)[1]
    scopes = [role] if role in PERMISSIONS else list(PERMISSIONS)
    key_id, text = keys.make(owner, name=role, scopes=scopes, now=now)
    if role == "revoked":
        keys.revoke(owner, key_id, now=now)
    return text


def expected(route: Route, example: Example, role: str) -> int:
    """What the answer must be: by the operation's act, and what the example says."""
    if role in ("anonymous", "revoked"):
        return 401
    if role == "other_shop":
        named = 404 if example.parts else example.status
        return named if example.elsewhere is None else example.elsewhere
    act = route.operation.act
    if act is None or role == "owner":
        return example.status
    if role not in ACTS[act]:
        return 403
    if example.also == "all":  # nobody changes who holds more than he does
        return 422
    return 403 if example.also and role not in ACTS[example.also] else example.status


def called(caller: Caller, route: Route, example: Example) -> Answer:
    path = route.operation.path
    for name, value in example.parts.items():
        path = path.replace(f"{{{name}}}", str(value))
    query = f"?{example.query}" if example.query else ""
    return caller(route.operation.method, path + query, example.body)


@pytest.mark.parametrize("role", ROLES)
def test_every_operation_answers_as_the_table_says(
    role: str, world: dict[str, Any], owner: Actor, stranger: Actor, now: datetime, caplog: pytest.LogCaptureFixture
) -> None:
    caller = Caller(key_of(role, owner, stranger, now))
    wrong: list[Any] = []
    shown: set[str] = set()
    for name, example in examples(world).items():
        route = routes.by_name[name]
        try:
            with transaction.atomic():
                answer = called(caller, route, example)
                raise Undone
        except Undone:
            pass
        if doors.leaks(json.dumps(answer.data, ensure_ascii=False).encode()):
            shown.add(name)
        if answer.status != expected(route, example, role):
            wrong.append((name, answer.status, expected(route, example, role), answer.data))
        if role in ("other_shop", "revoked", "anonymous"):
            sent = json.dumps([example.body, example.parts])
            told = json.dumps(answer.data)
            assert order_number(2) not in told or order_number(2) in sent, (BASE, name)
            assert "甲一" not in told
    assert wrong == []
    assert shown == doors.OPERATIONS if role == "owner" else shown <= doors.OPERATIONS
    assert not doors.leaks(caplog.text.encode())
