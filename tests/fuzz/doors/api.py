"""`/api/v1`: every operation, from its example and from its schema, in bodies, queries, paths and headers."""

import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from random import Random
from typing import Any, Final
from urllib.parse import quote, urlencode

from fahuo.api import doors, nouns, openapi
from fahuo.api.server import routes
from tests.api.example import Example
from tests.api.world import examples
from tests.fuzz.grow import Grammar
from tests.fuzz.house import World
from tests.fuzz.judging import Answer
from tests.fuzz.spoil import any_text, plain, spoil_form, spoil_text, spoil_tree, written
from tests.fuzz.worlds import ids_of, numbers_of

assert nouns.LOADED
METHODS: Final = ("GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS", "TRACE", "")


@dataclass(slots=True)
class Call:
    method: str
    path: str
    query: str
    headers: dict[str, str]
    body: bytes
    by_django: bool = False


@lru_cache
def _document() -> Any:
    return openapi.document()


class Api:
    name, world, share = "api", "machines", 460
    writes: Final = {
        "api_limits": "the calls that a key made are counted, whatever became of them",
        "api_keys": "when a key was last used is noted once a minute",
        "kept_answers": "a refusal, too, is the answer that a call under an Idempotency-Key gets again",
    }

    def make(self, chance: Random, world: World) -> Call:
        name = chance.choice(sorted(routes.by_name))
        route = routes.by_name[name]
        example = examples(world["api"])[name]
        ids = ids_of(world["theirs"]) if chance.random() < 0.5 else ids_of(world["api"])
        body = self._body(chance, route.operation, example, ids) if route.decoder is not None else b""
        method = route.operation.method if chance.random() < 0.98 else chance.choice(METHODS)
        return Call(
            method, self._path(chance, route.operation, example, ids), self._query(chance, example), self._headers(chance, world, method),
            body, by_django=chance.random() < 0.1,
        )  # fmt: skip

    def _path(self, chance: Random, operation: Any, example: Example, ids: list[int]) -> str:
        parts = {name: str(value) for name, value in example.parts.items()}
        if parts and chance.random() < 0.25:
            name = chance.choice(sorted(parts))
            parts[name] = (
                str(chance.choice(ids))
                if name.endswith("_id") and chance.random() < 0.7
                else spoil_text(chance, parts[name])
            )
        path = f"/api/v1{operation.path.format(**parts)}"
        path = spoil_text(chance, path) if chance.random() < 0.01 else path
        return path.encode("utf-8", "replace").decode()  # as a web server reads it

    def _body(self, chance: Random, operation: Any, example: Example, ids: list[int]) -> bytes:
        kind = chance.random()
        if kind < 0.14:
            return json.dumps(example.body).encode()
        if kind < 0.36:
            schema = _body_schema(operation.name)
            grammar = Grammar(_document()["components"]["schemas"], [*numbers_of(), "ZTO", "甲", "m", "delay"], ids)
            return written(chance, grammar.grow(chance, schema))

        def fitting(chance: Random, value: Any) -> Any:
            return (
                chance.choice(ids)
                if isinstance(value, int)
                else chance.choice(numbers_of())
                if isinstance(value, str)
                else value
            )

        return written(chance, spoil_tree(chance, example.body, fitting))

    def _query(self, chance: Random, example: Example) -> str:
        query = dict(pair.split("=") for pair in example.query.split("&")) if example.query else {}
        kind = chance.random()
        if kind < 0.15:
            return urlencode(query)
        if kind < 0.45:
            for _ in range(chance.randint(1, 3)):
                query[
                    chance.choice(
                        (
                            "limit",
                            "cursor",
                            "tab",
                            "state",
                            "order",
                            "text",
                            "carrier",
                            "since",
                            "until",
                            "kind",
                            "hour",
                        )
                    )
                ] = any_text(chance)
        if query and kind < 0.9:
            query = spoil_form(chance, query)
        if chance.random() < 0.02:
            return plain(spoil_text(chance, quote(any_text(chance), errors="replace", safe="&=+%")))
        return urlencode(query, errors="surrogatepass")

    def _headers(self, chance: Random, world: World, method: str) -> dict[str, str]:
        headers = {"authorization": f"Bearer {world['key']}", "content-type": "application/json", "host": "testserver"}
        kind = chance.random()
        if method != "GET" and kind < 0.12:
            headers["idempotency-key"] = f"k{chance.randrange(40)}" if chance.random() < 0.8 else any_text(chance)
        elif kind < 0.15:
            headers["authorization"] = f"Bearer {world['their_key' if chance.random() < 0.5 else 'weak']}"
        elif kind < 0.18:
            headers["authorization"] = chance.choice(
                ("", "Bearer", "Basic eDp5", spoil_text(chance, headers["authorization"]))
            )
        elif kind < 0.21:
            headers[
                chance.choice(("accept-language", "content-type", "host", "x-forwarded-proto", "content-length"))
            ] = any_text(chance)
        return {name: _latin(value) for name, value in headers.items()}

    def send(self, given: Call, world: World) -> Answer:
        if given.by_django:
            status, body = _by_django(given, world)
        else:
            reply = doors.answer(
                given.method, given.path, given.query, given.headers, io.BytesIO(given.body).read, "http"
            )
            for name, value in reply.headers:
                value.encode("latin-1")
                assert "\n" not in value, name
            status, body = reply.status, reply.body
        if body:
            json.loads(body)
        tried = frozenset({"carrier_accounts", "carrier_calls"} if given.path.endswith("/trial") else ())
        shop = world["other" if world["their_key"] in given.headers.get("authorization", "") else "shop"]
        return Answer(status, refused=status >= 400, said=body.decode()[:300], shops=frozenset({shop.id}), more=tried)


@lru_cache
def _body_schema(name: str) -> Mapping[str, Any]:
    operation = routes.by_name[name].operation
    told = _document()["paths"][f"/api/v1{operation.path}"][operation.method.lower()]
    found: Mapping[str, Any] = told["requestBody"]["content"]["application/json"]["schema"]
    return found


def _latin(text: str) -> str:
    """As a header can hold it on the wire."""
    return (
        text.encode("utf-8", "replace")[:4_000].decode("latin-1").replace("\r", "").replace("\n", "").replace("\0", "")
    )


def _by_django(given: Call, world: World) -> tuple[int, bytes]:
    address = quote(given.path, errors="replace") + (f"?{given.query}" if given.query else "")
    headers = {
        name: value for name, value in given.headers.items() if name not in ("content-type", "host", "content-length")
    }
    answer = world["nobody"].generic(
        given.method or "GET", address, given.body, given.headers.get("content-type", ""), headers=headers
    )
    return answer.status_code, answer.content if "json" in answer.headers.get("Content-Type", "") else b""
