"""A shop with a key of every scope, and a way to call the API as a program does."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, NamedTuple

import pytest
from django.test import Client

from fahuo.api import guard
from fahuo.rules.people import PERMISSIONS, Actor
from fahuo.services import keys


class Answer(NamedTuple):
    status: int
    data: Any
    headers: Any

    @property
    def code(self) -> str:
        return str(self.data["problems"][0]["code"])


class Caller:
    """Calls the API under a key ("" for none)."""

    def __init__(self, key: str = "", language: str = "en") -> None:
        self.key, self.language, self.client = key, language, Client()

    def __call__(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        sent = {"Accept-Language": self.language, **{name.replace("_", "-"): value for name, value in headers.items()}}
        if self.key:
            sent["Authorization"] = f"Bearer {self.key}"
        data = {} if body is None else {"data": body if isinstance(body, bytes) else json.dumps(body)}
        answer = self.client.generic(
            method, f"/api/v1{path}", content_type="application/json", headers=sent, **data
        )  # fmt: skip
        return Answer(answer.status_code, json.loads(answer.content or b"null"), answer.headers)

    def get(self, path: str, **headers: str) -> Answer:
        return self("GET", path, **headers)

    def post(self, path: str, body: Any = None, **headers: str) -> Answer:
        return self("POST", path, body, **headers)


@pytest.fixture(autouse=True)
def _forgetful() -> Iterator[None]:
    guard.forget()
    yield
    guard.forget()


@pytest.fixture
def now() -> datetime:
    """The API lives now."""
    return datetime.now(UTC).replace(microsecond=0)


@pytest.fixture
def key(owner: Actor, now: datetime) -> str:
    return keys.make(owner, name="ERP", scopes=list(PERMISSIONS), now=now)[1]


@pytest.fixture
def api(key: str) -> Caller:
    return Caller(key)
