"""A call as it comes in, as a handler sees it, and as it is answered."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Generic, TypeVar
from urllib.parse import parse_qsl

import msgspec
from django.conf import settings
from django.http.request import split_domain_port, validate_host
from msgspec import Struct

from fahuo.api.contract import AnyOperation, Body, Problems, Query, Wrong
from fahuo.rules.people import Actor
from fahuo.rules.problems import Language, Problem, Refusal
from fahuo.rules.texts import without_nul
from fahuo.services.keys import Identity

JSON: Final = "application/json"
encode: Final = msgspec.json.Encoder().encode
Out = TypeVar("Out", bound=Struct)

CONFLICTS: Final = frozenset({
    "already_shipped", "already_shipped_as", "waybill_in_use", "number_on_label", "ship_overtaken", "order_closed", "order_refunded",
    "refund_in_progress", "batch_not_there", "batch_scanned", "batch_handed_over", "parcel_voided", "parcel_picked_up",
    "task_answered", "task_with_platform", "task_completed", "report_answered", "idempotency_busy", "idempotency_other",
    "refund_not_now", "pickup_signed", "pickup_cancelled", "printer_closed", "stock_short", "label_shipped", "complaint_none_open", "not_urgeable",
})  # fmt: skip
"""Codes that mean: not in the state that this is in now."""

STATUS: Final[Mapping[str, int]] = {
    "key_missing": 401, "key_refused": 401, "key_scope": 403, "not_permitted": 403, "https_needed": 403,
    "operation_unknown": 404, "method_unknown": 405, "body_not_json": 400, "body_type": 415, "body_too_large": 413,
    "rate_limit": 429, "out_of_order": 500, "database_away": 503, "server_busy": 503, "disk_full": 507,
    **dict.fromkeys(CONFLICTS, 409),
}  # fmt: skip
"""Code -> status; every other refusal is 422, and 404 where the operation says that the code is about its path."""


@dataclass(slots=True)
class Request:
    """A call as it comes in. `headers` by small names; `read(n)` gives the body, at most n bytes."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    read: Callable[[int], bytes]
    now: datetime
    secure: bool = True

    @property
    def origin(self) -> str:
        """How the caller names this installation ("https://fahuo.example.com"); "" where it does so by no name of ours."""
        host = self.headers.get("host", "")
        known = validate_host(split_domain_port(host)[0], settings.ALLOWED_HOSTS)
        return f"{'https' if self.secure else 'http'}://{host}" if known else ""


@dataclass(slots=True)
class Reply:
    """An answer: its status, its body (JSON, or empty) and further headers."""

    status: int
    body: bytes
    headers: list[tuple[str, str]] = field(default_factory=list)
    operation: str = ""
    """The operation's name, for the figures; "" when the call came to none."""


@dataclass(slots=True)
class Call(Generic[Query, Body]):
    """What a handler gets: who calls, the parts of the path, the checked query and body."""

    who: Identity
    now: datetime
    language: Language
    parts: Mapping[str, Any]
    query: Query
    body: Body
    raw: bytes
    request: Request

    @property
    def origin(self) -> str:
        """How the caller names this installation; see Request.origin."""
        return self.request.origin

    @property
    def actor(self) -> Actor:
        return self.who.actor

    @property
    def shop_id(self) -> int:
        return self.who.shop_id


def language_of(header: str) -> Language:
    """The language that an `Accept-Language` header prefers of ours; Chinese when it names none."""
    best: tuple[float, Language] = (0.0, "zh")
    for choice in header[:500].split(","):
        name, _, weight = choice.strip().partition(";q=")
        try:
            value = float(weight) if weight else 1.0
        except ValueError:
            continue
        language: Language | None = "en" if name[:2].lower() == "en" else "zh" if name[:2].lower() == "zh" else None
        if language and value > best[0]:
            best = value, language
    return best[1]


def wrong(problem: Problem, language: Language) -> Wrong:
    """A problem as answers tell it."""
    return Wrong(problem.code, dict(problem.data), problem.sentence(language))


def refused(refusal: Refusal, language: Language, operation: AnyOperation | None = None) -> Reply:
    """The answer that a refusal comes to."""
    code = refusal.problems[0].code
    status = STATUS.get(code, 422)
    if operation is not None and code in operation.missing:
        status = 404
    body = encode(Problems([wrong(problem, language) for problem in refusal.problems]))
    return Reply(status, body)


def _shape(code: str, error: Exception) -> Refusal:
    """A refusal that says where a body or a query is not as described. Our library's words hold no values of the caller's."""
    return Refusal.of(code, reason=str(error)[:300])


def query_of(operation: AnyOperation, asked: str) -> Any:
    """The checked query. Refusal `query_shape`."""
    known = operation.parameters
    if not asked and not any(each.required for each in known.values()):
        return operation.query()
    try:
        pairs = parse_qsl(asked, keep_blank_values=True, strict_parsing=bool(asked), max_num_fields=100)
    except ValueError as error:
        raise _shape("query_shape", error) from None
    if "\0" in "".join(value for _, value in pairs):
        raise Refusal.of("query_shape", reason="NUL")
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name not in known:
            raise Refusal.of("query_shape", reason=f"unknown parameter `{name[:60]}`")
        found[name] = _plain(value)
    try:
        query = msgspec.convert(found, operation.query, strict=False)
    except msgspec.ValidationError as error:
        raise _shape("query_shape", error) from None
    for name, text in found.items():
        value = getattr(query, known[name].name)
        # The word null is none of what is described, and the library takes 1 and 0 for truth values, too.
        if value is None or isinstance(value, bool) and not isinstance(text, bool):
            raise Refusal.of("query_shape", reason=f"`{name}`: {str(text)[:60]}")
    return query


def _plain(value: str) -> Any:
    """A parameter's text; only `true` and `false` are truth values."""
    return {"true": True, "false": False}.get(value, value)


def body_of(operation: AnyOperation, decoder: "msgspec.json.Decoder[Any]", request: Request) -> tuple[Any, bytes]:
    """(the checked body, its bytes). Refusals `body_type`, `body_too_large`, `body_not_json`, `body_shape`."""
    kind = request.headers.get("content-type", "")
    if kind and kind.partition(";")[0].strip().lower() != JSON:
        raise Refusal.of("body_type")
    raw = request.read(operation.most + 1)
    if len(raw) > operation.most:
        raise Refusal.of("body_too_large", most=operation.most)
    try:
        return decoder.decode(without_nul(raw) or b"{}"), raw
    except msgspec.ValidationError as error:
        raise _shape("body_shape", error) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise _shape("body_not_json", error) from None
