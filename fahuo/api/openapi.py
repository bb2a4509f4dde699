"""The OpenAPI 3.1 document, made from the operations themselves: addresses, shapes, examples, every answer they give."""

from functools import cache
from typing import Any, Final

import msgspec

from fahuo import __version__
from fahuo.api.calls import JSON
from fahuo.api.contract import BASE, AnyOperation, Problems, Wrong
from fahuo.api.server import KEY_MOST, routes
from fahuo.rules.people import ACTS, PERMISSIONS
from fahuo.rules.problems import sentences

WORDS: Final = {
    "orders": "Orders 订单", "parcels": "Parcels 包裹", "labels": "Labels 面单与单号", "printing": "Printing 打印",
    "pickups": "Pickups 揽收", "batches": "Batches 批次", "contracts": "Contracts 快递合同", "couriers": "Couriers 快递员", "tasks": "Tasks 任务", "urges": "Urges 催发货",
    "complaints": "Complaints 投诉", "refunds": "Refunds 退款", "reports": "Delay reports 报备", "messages": "Messages 客服",
    "notices": "Notices 预警与提醒", "figures": "Figures 数据", "shop": "The shop 店铺", "people": "People 账号",
    "webhooks": "Webhooks", "machines": "Machines 密钥与对接",
}  # fmt: skip
ABOUT: Final = """The same acts and lists as the pages, with the same permissions. Send the key as
`Authorization: Bearer fahuo_…`. Every refusal is `{"problems": [{"code", "data", "sentence"}]}` in the language that
`Accept-Language` asks for (zh or en). Lists are walked by `next` → `cursor`. Any call that writes may carry an
`Idempotency-Key`: made again within a day it is answered the same, and done once."""
REFUSALS: Final = {
    400: ("body_not_json", "The body is no JSON, or the call is garbled"),
    401: ("key_refused", "No key, a wrong one, or a revoked one"),
    403: ("key_scope", "The key lacks the scope"),
    404: ("operation_unknown", "The path names nothing of this shop"),
    405: ("method_unknown", "The address takes other methods"),
    409: ("idempotency_busy", "Not in the state that this is in now"),
    413: ("body_too_large", "The body is too large"),
    415: ("body_type", "The body is not application/json"),
    422: ("body_shape", "What was sent makes no sense, or a rule refuses it"),
    429: ("rate_limit", "Too many calls"),
    500: ("out_of_order", "The server failed"),
    503: ("database_away", "The database cannot be reached, or the server is busy"),
    507: ("disk_full", "The server's disk is full; nothing was done"),
}
LIMITS: Final = {
    "RateLimit-Limit": "Calls a minute", "RateLimit-Remaining": "Calls left",
    "RateLimit-Reset": "Seconds until all are back",
}  # fmt: skip
AN_EXAMPLE: Final[dict[str, str | int]] = {
    "act": "ship", "key": "ERP", "scopes": "ship", "reason": "…", "path": "/nowhere", "method": "PUT", "methods": "GET",
    "most": 1, "limit": 3000, "seconds": 3, "reference": "1f2e3d4c",
}  # fmt: skip


def _refusal(code: str) -> dict[str, Any]:
    sentence = sentences()[code]["en"]
    data: dict[str, str | int | bool | None] = {
        name: value for name, value in AN_EXAMPLE.items() if f"{{{name}}}" in sentence
    }
    wrong = Wrong(code, data, sentence.format(**data))
    return {"schema": {"$ref": "#/components/schemas/Problems"}, "example": msgspec.to_builtins(Problems([wrong]))}


def _headers() -> dict[str, Any]:
    return {name: {"description": text, "schema": {"type": "integer"}} for name, text in LIMITS.items()}


def _components() -> dict[str, Any]:
    answers = {
        f"Refused{status}": {"description": text, "content": {JSON: _refusal(code)}}
        for status, (code, text) in REFUSALS.items()
    }
    answers["Refused429"]["headers"] = {
        **_headers(), "Retry-After": {"description": "Seconds to wait", "schema": {"type": "integer"}}
    }  # fmt: skip
    return {
        "responses": answers,
        "securitySchemes": {"key": {"type": "http", "scheme": "bearer", "bearerFormat": "fahuo_…"}},
        "parameters": {
            "IdempotencyKey": {
                "name": "Idempotency-Key", "in": "header", "required": False,
                "description": "Names this call; made again within a day it is answered the same.",
                "schema": {"type": "string", "minLength": 1, "maxLength": KEY_MOST, "pattern": "^[!-~]+$"},
                "example": "7f0d6a52-5b0c-4d8e-9a43-0a4b8f5f5e10",
            },
            "AcceptLanguage": {
                "name": "Accept-Language", "in": "header", "required": False, "description": "zh or en.",
                "schema": {"type": "string"}, "example": "en",
            },
        },
    }  # fmt: skip


def _query(operation: AnyOperation, schemas: dict[str, Any]) -> list[dict[str, Any]]:
    """The parameters of a query, from the shape's own schema."""
    shape = schemas[operation.query.__name__]
    found = []
    for name, schema in shape.get("properties", {}).items():
        parameter = {
            "name": name,
            "in": "query",
            "required": name in shape.get("required", ()),
            "schema": _plain(schema),
        }
        if name in operation.asks:
            value: Any = operation.asks[name]
            parameter["example"] = int(value) if _plain(schema).get("type") == "integer" else value
        found.append(parameter)
    return found


def _plain(schema: dict[str, Any]) -> dict[str, Any]:
    """A parameter's schema: it is left out rather than sent as null."""
    schema = dict(schema)
    if schema.get("default", 0) is None:
        schema.pop("default")
    kinds = [each for each in schema.pop("anyOf", ()) if each.get("type") != "null"]
    return {**kinds[0], **schema} if kinds else schema


def _parts(operation: AnyOperation) -> list[dict[str, Any]]:
    found = []
    for name in operation.part_names():
        number = name.endswith("_id")
        schema: dict[str, Any] = (
            {"type": "integer", "minimum": 1, "maximum": 2**63 - 1} if number
            else {"type": "string", "minLength": 1, "maxLength": 64, "pattern": "^[^/\\u0000?#]+$"}
        )  # fmt: skip
        value = operation.parts[name]
        found.append({
            "name": name, "in": "path", "required": True, "schema": schema, "example": int(value) if number else value,
        })  # fmt: skip
    return found


def _statuses(operation: AnyOperation) -> list[int]:
    """The refusals that an operation may answer."""
    found = [400, 401, 403, 422, 429, 500, 503]
    if operation.path.count("{"):
        found.append(404)
    if operation.writes:
        found += [409]
    if operation.takes_body:
        found += [413, 415]
    return sorted(found)


def _described(operation: AnyOperation) -> str:
    scopes = (
        "" if operation.act is None else " 或 ".join(f"`{name}`" for name in PERMISSIONS if name in ACTS[operation.act])
    )
    asks = f"Scope: {scopes} (act `{operation.act}`)." if operation.act else "Any key may."
    return "\n\n".join(filter(None, [operation.en + ".", operation.more, asks]))


def _operation(operation: AnyOperation, schemas: dict[str, Any], refs: dict[type, Any]) -> dict[str, Any]:
    common = [{"$ref": "#/components/parameters/AcceptLanguage"}]
    if operation.writes:
        common.append({"$ref": "#/components/parameters/IdempotencyKey"})
    good = {
        "description": operation.en, "headers": _headers(),
        "content": {JSON: {"schema": refs[operation.out], "example": msgspec.to_builtins(operation.gets)}},
    }  # fmt: skip
    found: dict[str, Any] = {
        "operationId": operation.name, "tags": [operation.noun], "summary": f"{operation.zh} {operation.en}",
        "description": _described(operation), "x-act": operation.act,
        "parameters": [*_parts(operation), *_query(operation, schemas), *common],
        "responses": {
            str(operation.status): good,
            **{str(status): {"$ref": f"#/components/responses/Refused{status}"} for status in _statuses(operation)},
        },
    }  # fmt: skip
    if operation.takes_body:
        example = msgspec.to_builtins(operation.sends)
        found["requestBody"] = {
            "required": True, "content": {JSON: {"schema": refs[operation.body], "example": example}}
        }  # fmt: skip
    return found


@cache
def document() -> dict[str, Any]:
    """The document, as JSON would hold it."""
    places = list(WORDS)
    operations = sorted(
        (route.operation for route in routes.by_name.values()), key=lambda each: places.index(each.noun)
    )
    shapes = [shape for operation in operations for shape in (operation.query, operation.body, operation.out)]
    shapes = list(dict.fromkeys([*shapes, Problems]))
    schemas_of, schemas = msgspec.json.schema_components(shapes, ref_template="#/components/schemas/{name}")
    refs = dict(zip(shapes, schemas_of, strict=True))
    paths: dict[str, Any] = {}
    for operation in operations:
        paths.setdefault(BASE + operation.path, {})[operation.method.lower()] = _operation(operation, schemas, refs)
    queries = {operation.query.__name__ for operation in operations} | {"Nothing"}
    return {
        "openapi": "3.1.0",
        "info": {"title": "Fahuo 发货", "version": __version__, "description": ABOUT, "license": {"name": "Apache 2.0", "identifier": "Apache-2.0"}},
        "servers": [{"url": "/"}], "security": [{"key": []}],
        "tags": [{"name": noun, "description": WORDS[noun]} for noun in dict.fromkeys(each.noun for each in operations)],
        "paths": paths,
        "components": {"schemas": {name: schema for name, schema in schemas.items() if name not in queries}, **_components()},
    }  # fmt: skip


@cache
def text() -> bytes:
    """The document as JSON."""
    return msgspec.json.encode(document())
