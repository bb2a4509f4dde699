"""The OpenAPI document is true: whatever is asked, nothing fails, and every answer is one that it describes.

FAHUO_TEST_CALLS says how many calls are made up for each operation and way (good ones, bad ones); a few in the gate,
thousands when somebody wants to know.
"""

import json
import os
from datetime import UTC, datetime
from typing import Any, Final

import msgspec
import pytest
import schemathesis
from django.db import transaction
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.config import SchemathesisConfig
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from fahuo.api import doors, guard, nouns, openapi
from fahuo.api.server import routes
from fahuo.rules.people import PERMISSIONS, Actor
from fahuo.rules.problems import sentences
from fahuo.services import keys
from fahuo.store.models import Shop
from tests.api.example import Example
from tests.api.world import build, examples
from tests.conftest import lan, make_account
from tests.test_permissions import Undone

assert nouns.LOADED
CALLS: Final = int(os.environ.get("FAHUO_TEST_CALLS", "6"))
CHECKS: Final = [
    not_a_server_error, status_code_conformance, content_type_conformance, response_headers_conformance,
    response_schema_conformance,
]  # fmt: skip
REFUSALS: Final = [400, 401, 403, 404, 405, 409, 413, 415, 422, 429]
"""How a call may be refused that is not as described; one of more bytes than any good one by 413."""
SCHEMA: Final = schemathesis.openapi.from_dict(
    json.loads(openapi.text()),
    config=SchemathesisConfig.from_dict({"checks": {"negative_data_rejection": {"expected-statuses": REFUSALS}}}),
)


def application(environ: dict[str, Any], start: Any) -> list[bytes]:
    """The API as it stands behind the web server, in this thread and its transaction."""
    headers = {name[5:].replace("_", "-").lower(): value for name, value in environ.items() if name.startswith("HTTP_")}
    headers["content-type"] = environ.get("CONTENT_TYPE", "")
    path = environ["PATH_INFO"].encode("latin-1").decode("utf-8", "replace")
    reply = doors.answer(
        environ["REQUEST_METHOD"], path, environ["QUERY_STRING"], headers, environ["wsgi.input"].read, "http"
    )
    start(f"{reply.status} x", [*reply.headers, ("Content-Length", str(len(reply.body)))])
    return [reply.body]


SCHEMA.app = application


pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def now() -> datetime:
    """The API lives now."""
    return datetime.now(UTC).replace(microsecond=0)


@pytest.fixture(scope="module")
def owner(ground: None) -> Actor:
    return make_account(lan(), "owner", is_owner=True).actor


@pytest.fixture(scope="module")
def world(owner: Actor, now: datetime) -> dict[str, Any]:
    """Built once: what a call does is taken back."""
    return build(Shop.objects.get(id=owner.shop_id), owner, now=now)


@pytest.fixture(scope="module")
def key(owner: Actor, now: datetime) -> str:
    return keys.make(owner, name="any", scopes=list(PERMISSIONS), per_minute=1_000_000, now=now)[1]


def asked(case: Any, key: str, checks: list[Any]) -> None:
    """Make a call and look at the answer; what it did is taken back."""
    try:
        with transaction.atomic():
            answer = case.call(headers={**(case.headers or {}), "Authorization": f"Bearer {key}"})
            raise Undone
    except Undone:
        pass
    case.validate_response(answer, checks=checks)


NOUNS: Final = sorted({route.operation.noun for route in routes.by_name.values()})


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=["good", "bad"])
@pytest.mark.parametrize("noun", NOUNS)
def test_whatever_is_asked_the_answer_is_described(
    noun: str, mode: GenerationMode, world: dict[str, Any], key: str
) -> None:
    wrong = []
    for name, route in routes.by_name.items():
        if route.operation.noun == noun:
            try:
                make_up(name, mode, examples(world)[name], key)
            except (FailureGroup, AssertionError) as found:
                wrong.append(f"{name}: {found.exceptions if isinstance(found, FailureGroup) else found}")
    assert wrong == []


def make_up(name: str, mode: GenerationMode, example: Example, key: str) -> None:
    """Make calls of one operation up."""
    operation = routes.by_name[name].operation
    there = SCHEMA[f"/api/v1{operation.path}"][operation.method]
    good = mode == GenerationMode.POSITIVE
    if not good and not (operation.takes_body or operation.part_names() or there.query or there.headers):
        return  # nothing to get wrong
    checks = CHECKS if good else [*CHECKS, negative_data_rejection]

    @settings(
        max_examples=CALLS, deadline=None, derandomize=True, database=None, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(case=there.as_strategy(generation_mode=mode), real=st.booleans())
    def ask(case: Any, real: bool) -> None:
        assume([] not in (case.query or {}).values())  # nothing of it would stand in the address
        if real and good and example.parts:
            case.path_parameters = {part: str(value) for part, value in example.parts.items()}
        asked(case, key, checks)

    guard.forget()
    ask()


def test_the_example_of_each_operation_is_as_described(world: dict[str, Any], key: str) -> None:
    """The calls of the permission table, looked at by the document; the examples in the document, by their own shapes."""
    for name, example in examples(world).items():
        operation = routes.by_name[name].operation
        there = SCHEMA[f"/api/v1{operation.path}"][operation.method]
        query = dict(pair.split("=") for pair in example.query.split("&")) if example.query else {}
        case = there.Case(
            path_parameters={part: str(value) for part, value in example.parts.items()}, query=query,
            **({} if example.body is None else {"body": example.body, "media_type": "application/json"}),
        )  # fmt: skip
        asked(case, key, CHECKS)
        for sample, shape in ((operation.gets, operation.out), (operation.sends, operation.body)):
            if sample is not None:
                assert msgspec.json.decode(msgspec.json.encode(sample), type=shape) == sample, name
        assert operation.sends is not None or not operation.takes_body


def test_the_document_says_what_a_program_needs() -> None:
    document = openapi.document()
    assert document["openapi"] == "3.1.0"
    for path, methods in document["paths"].items():
        for method, told in methods.items():
            assert told["operationId"] in routes.by_name, (path, method)
            assert {"401", "403", "422", "429", "500"} <= set(told["responses"])
            answers = [answer for status, answer in told["responses"].items() if status.startswith("2")]
            assert answers[0]["content"]["application/json"]["example"] is not None
            assert ("requestBody" in told) <= (
                "example" in told.get("requestBody", {}).get("content", {}).get("application/json", {"example": 0})
            )
            writes = any(each.get("$ref", "").endswith("IdempotencyKey") for each in told["parameters"])
            assert writes == (method != "get")
    codes = {each["example"]["problems"][0]["code"] for each in _refusals(document)}
    assert codes <= set(sentences())


def _refusals(document: dict[str, Any]) -> list[dict[str, Any]]:
    return [answer["content"]["application/json"] for answer in document["components"]["responses"].values()]


def test_the_document_is_read_without_a_key_and_is_valid() -> None:
    from django.test import Client

    answer = Client().get("/api/v1/openapi.json")
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/json")
    assert json.loads(answer.content) == json.loads(openapi.text())
    SCHEMA.validate()
