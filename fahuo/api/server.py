"""One call, from its bytes to its answer: the route, the key, the allowance, the permission, the shape, the act.

A call that writes may carry an `Idempotency-Key`: its answer is kept in the transaction of the act itself, so that the
same call is answered the same for a day and done once, whatever dies when.
"""

import hashlib
import logging
import secrets
import time
from collections.abc import Callable, Mapping
from typing import Any, Final, TypeVar

import msgspec
from django.conf import settings
from django.db import OperationalError, transaction

from fahuo import figures
from fahuo.api import guard
from fahuo.api.calls import JSON, Call, Reply, Request, body_of, encode, language_of, query_of, refused
from fahuo.api.contract import BASE, AnyOperation, Done, Nothing, Operation
from fahuo.api.shapes.common import Changed
from fahuo.rules import machines
from fahuo.rules.people import ACTS, PERMISSIONS
from fahuo.rules.problems import Language, Refusal
from fahuo.services import kept_answers, walls
from fahuo.services.keys import Identity
from fahuo.store import sql

log = logging.getLogger(__name__)

Handler = Callable[[Call[Any, Any]], msgspec.Struct]
KEY_MOST: Final = 128
HEADERS: Final = (
    ("Content-Type", JSON), ("Cache-Control", "no-store"), ("X-Content-Type-Options", "nosniff"),
    ("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"), ("Vary", "Accept-Language"),
)  # fmt: skip
RETRY_AFTER: Final = {"database_away": "2", "disk_full": "10"}
"""Seconds after which a call is worth making again."""
MAX_ID: Final = 2**63 - 1
PART: Final = None
"""Stands in the tree of addresses for a part that names something; no text of a caller's is like it."""
NOTHING: Final = Nothing()
Serving = TypeVar("Serving", bound=Handler)


class Route:
    """An operation with what carries it out."""

    def __init__(self, operation: AnyOperation, handler: Handler) -> None:
        self.operation, self.handler = operation, handler
        self.quick: Callable[[Identity, Call[Any, Any], str, str], Reply | None] | None = None
        self.decoder = msgspec.json.Decoder(operation.body) if operation.takes_body else None
        self.names = operation.part_names()


class Routes:
    """The operations by their addresses."""

    def __init__(self) -> None:
        self.by_name: dict[str, Route] = {}
        self.tree: dict[str | None, Any] = {}

    def add(self, operation: AnyOperation, handler: Handler) -> Route:
        """Let `handler` carry the operation out. An address or a name that stands already is a mistake."""
        node = self.tree
        for piece in operation.path.strip("/").split("/"):
            node = node.setdefault(PART if piece.startswith("{") else piece, {})
        methods = node.setdefault("", {})
        if operation.method in methods or operation.name in self.by_name:
            raise ValueError(f"{operation.name} stands twice")
        route = methods[operation.method] = self.by_name[operation.name] = Route(operation, handler)
        return route

    def find(self, method: str, path: str) -> tuple[Route, dict[str, Any]]:
        """The route of a call and the parts of its path. Refusals `operation_unknown`, `method_unknown`."""
        node, values = self.tree, []
        for piece in path.strip("/").split("/"):
            if piece and piece in node:
                node = node[piece]
            elif piece and PART in node:
                node = node[PART]
                values.append(piece)
            else:
                raise Refusal.of("operation_unknown", path=path[:100])
        methods: Mapping[str, Route] = node.get("", {})
        if not methods:
            raise Refusal.of("operation_unknown", path=path[:100])
        route = methods.get("GET" if method == "HEAD" else method)
        if route is None:
            raise Refusal.of("method_unknown", method=method[:20], methods=", ".join(sorted(methods)))
        return route, _parts(route, values, path)


def _parts(route: Route, values: list[str], path: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in zip(route.names, values, strict=True):
        if not name.endswith("_id"):
            if "\0" in value or len(value) > 64:
                raise Refusal.of("operation_unknown", path=path[:100].replace("\0", ""))
            found[name] = value
            continue
        if not (value.isascii() and value.isdigit() and len(value) < 20 and 0 < int(value) <= MAX_ID):
            raise Refusal.of("operation_unknown", path=path[:100])
        found[name] = int(value)
    return found


routes: Final = Routes()


def serves(operation: AnyOperation) -> Callable[[Serving], Serving]:
    """Let the function carry the operation out."""

    def keep(handler: Serving) -> Serving:
        routes.add(operation, handler)
        return handler

    return keep


def acts(
    operation: "Operation[Any, Any, Done] | Operation[Any, Any, Changed]", verb: Callable[..., Any],
    part: Callable[[Call[Any, Any]], int], *fields: str,
) -> None:  # fmt: skip
    """Let a verb of the services carry an operation out on the one thing that the path names: `verb(actor, part, *fields,
    now=…)` with these fields of the body. What it says is the answer: how many rows changed, or whether anything was new
    about it; a verb that says nothing always does something."""

    def handler(call: Call[Any, Any]) -> Done | Changed:
        told = (getattr(call.body, name) for name in fields)
        said = verb(call.actor, part(call), *told, now=call.now)
        return operation.out(True if said is None else said)

    routes.add(operation, handler)


def answer(request: Request) -> Reply:
    """Answer a call; never raises. How long it took is counted by the operation's name."""
    began = time.perf_counter()
    reply = _answer_any(request)
    figures.answered("calls", reply.operation, reply.status, time.perf_counter() - began)
    return reply


def _answer_any(request: Request) -> Reply:
    language = language_of(request.headers.get("accept-language", ""))
    try:
        reply = _answer(request, language)
    except Refusal as refusal:
        reply = refused(refusal, language)
        _explain(reply, refusal)
    except OperationalError as error:
        code = "disk_full" if sql.is_full(error) else "database_away"
        log.exception("api: %s", code)
        reply = refused(Refusal.of(code), language)
        reply.headers.append(("Retry-After", RETRY_AFTER[code]))
    except Exception:
        reference = secrets.token_hex(4)
        log.exception("api: %s %s failed", request.method, request.path, extra={"facts": {"reference": reference}})
        reply = refused(Refusal.of("out_of_order", reference=reference), language)
    reply.headers += [*HEADERS, ("Content-Language", language)]
    if request.method == "HEAD":
        reply.body = b""
    return reply


def _explain(reply: Reply, refusal: Refusal) -> None:
    problem = refusal.problems[0]
    if reply.status == 401:
        reply.headers.append(("WWW-Authenticate", 'Bearer realm="fahuo"'))
    elif reply.status == 405:
        reply.headers.append(("Allow", str(problem.data["methods"])))
    elif problem.code == "idempotency_busy":
        reply.headers.append(("Retry-After", "1"))


def _answer(request: Request, language: Language) -> Reply:
    if settings.HTTPS and not request.secure:
        raise Refusal.of("https_needed")
    route, parts = routes.find(request.method, request.path.removeprefix(BASE))
    owner = guard.owner_of(request.headers.get("authorization"))
    with walls.inside(owner[0]):
        return _answer_to(owner, request, route, parts, language)


def _answer_to(
    owner: tuple[int, int], request: Request, route: Route, parts: Mapping[str, Any], language: Language
) -> Reply:  # fmt: skip
    face = guard.faces.get(owner)
    if face is None or route.quick is None:
        face = guard.identify(owner, now=request.now)
    allowance = guard.spend(owner, face.per_minute, 1, now=request.now)
    try:
        reply = _limited(request, route, parts, face, language, allowance)
    except Refusal as refusal:
        reply = refused(refusal, language, route.operation)
        _explain(reply, refusal)
    reply.headers += allowance.headers()
    reply.operation = route.operation.name
    return reply


def _limited(
    request: Request, route: Route, parts: Mapping[str, Any], who: Identity, language: Language,
    allowance: guard.Allowance,
) -> Reply:  # fmt: skip
    if allowance.wait:
        raise Refusal.of("rate_limit", limit=allowance.limit, seconds=allowance.wait)
    operation = route.operation
    if route.quick is not None and not _permitted(operation, who):
        who = guard.identify((who.shop_id, who.key_id), now=request.now)  # it was remembered; look again
    _require(operation, who)
    query = query_of(operation, request.query)
    body, raw = body_of(operation, route.decoder, request) if route.decoder else (NOTHING, b"")
    call = Call(who, request.now, language, parts, query, body, raw, request)
    name = _name(request) if operation.writes else ""
    if route.quick is not None:
        reply = route.quick(who, call, name, request.query)
        if reply is not None:
            guard.note_use(who, now=request.now)
            return reply
        call.who = guard.identify((who.shop_id, who.key_id), now=request.now)
        _require(operation, call.who)
    _count_rows(operation, body, call)
    return _once(route, call, name, request) if name else _done(route, call)


def _permitted(operation: AnyOperation, who: Identity) -> bool:
    return operation.act is None or who.actor.may(operation.act)


def _require(operation: AnyOperation, who: Identity) -> None:
    """Refusal `key_scope` unless the key may do what the operation does."""
    if operation.act is not None and not _permitted(operation, who):
        scopes = ", ".join(scope for scope in PERMISSIONS if scope in ACTS[operation.act])
        raise Refusal.of("key_scope", key=who.actor.name, act=operation.act, scopes=scopes)


def _count_rows(operation: AnyOperation, body: Any, call: Call[Any, Any]) -> None:
    """Count the rows of a bulk call against the allowance. Refusal `rate_limit`."""
    more = machines.cost(len(getattr(body, operation.rows))) - 1 if operation.rows else 0
    if more:
        spent = guard.spend((call.who.shop_id, call.who.key_id), call.who.per_minute, more, now=call.now)
        if spent.wait:
            raise Refusal.of("rate_limit", limit=spent.limit, seconds=spent.wait)


def _name(request: Request) -> str:
    """The call's `Idempotency-Key`, "" for none. Refusal `idempotency_key`."""
    name = request.headers.get("idempotency-key")
    if name is None:
        return ""
    if not 1 <= len(name) <= KEY_MOST or not all("!" <= letter <= "~" for letter in name):
        raise Refusal.of("idempotency_key", most=KEY_MOST)
    return name


def _done(route: Route, call: Call[Any, Any]) -> Reply:
    return Reply(route.operation.status, encode(route.handler(call)))


def asked(operation: AnyOperation, parts: Mapping[str, Any], query: str, raw: bytes) -> bytes:
    """What tells one call from another under the same `Idempotency-Key`."""
    head = f"{operation.name} {sorted(parts.items())} {query}\n".encode("utf-8", "surrogatepass")
    return hashlib.sha256(head + raw).digest()


def _once(route: Route, call: Call[Any, Any], name: str, request: Request) -> Reply:
    """Carry the call out once under its name, or give the answer that it got before."""
    who = call.who
    digest = asked(route.operation, call.parts, request.query, call.raw)
    with transaction.atomic():
        before = kept_answers.claim(who, name, digest, now=call.now)
        if before is not None:
            return Reply(*before, [("Idempotent-Replayed", "true")])
        try:
            with transaction.atomic():
                reply = _done(route, call)
        except Refusal as refusal:
            reply = refused(refusal, call.language, route.operation)
        if reply.status not in (401, 403, 429):
            kept_answers.keep(who, name, reply.status, reply.body)
            return reply
        transaction.set_rollback(True)
    return reply
