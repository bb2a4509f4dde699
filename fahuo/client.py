"""A small client of the API, typed by the operations themselves. It needs no Django and no server's settings.

    from fahuo.api.shapes import orders, parcels
    from fahuo.client import Client

    with Client("https://fahuo.example.com", "fahuo_…") as fahuo:
        for order in fahuo.pages(orders.LIST_ORDERS, orders.OrderQuery(due=24)):
            print(order.number, order.deadline)
        shipped = fahuo.call(parcels.SHIP, parcels.ShipIn([order.number], "中通", "75330000000501"))

What is refused is raised as `Refused`, with its codes and sentences. Every call that writes carries an Idempotency-Key, so
that it may be made again when the line breaks or too much was asked: that is done here, a few times, in the time that the
server says.
"""

import http.client
import json
import time
import uuid
from collections.abc import Iterator
from types import TracebackType
from typing import Any, Final, TypeVar
from urllib.parse import quote, urlencode, urlsplit

import msgspec
from msgspec import Struct

from fahuo.api.contract import BASE, Listed, Operation, Paged, Problems, Wrong

Query = TypeVar("Query", bound=Struct)
Body = TypeVar("Body", bound=Struct)
Out = TypeVar("Out", bound=Struct)
Row = TypeVar("Row")
AGAIN: Final = frozenset({429, 503, 507})
LOST: Final = (http.client.HTTPException, OSError)
"""What happens when a line breaks."""


class Refused(Exception):
    """The server refused: `status`, and what is wrong, the most telling first."""

    def __init__(self, status: int, problems: list[Wrong]) -> None:
        super().__init__("; ".join(f"{wrong.code}: {wrong.sentence}" for wrong in problems) or str(status))
        self.status, self.problems = status, problems

    @property
    def code(self) -> str:
        return self.problems[0].code if self.problems else ""


class Client:
    """Calls one installation under one key; not to be shared between threads. `language`: of sentences, zh or en."""

    def __init__(
        self, address: str, key: str, *, language: str = "zh", timeout: float = 60.0, tries: int = 5
    ) -> None:  # fmt: skip
        parts = urlsplit(address)
        kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        self.line = kind(parts.hostname or "", parts.port, timeout=timeout)
        self.prefix = parts.path.rstrip("/") + BASE
        self.tries = tries
        self.headers = {
            "Authorization": f"Bearer {key}", "Accept-Language": language, "Content-Type": "application/json",
            "User-Agent": "fahuo-client",
        }  # fmt: skip
        self.calls_left: int | None = None
        """What the last answer said of the allowance."""

    def __enter__(self) -> "Client":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        self.line.close()

    def call(
        self, operation: Operation[Query, Body, Out], body: Body | None = None, query: Query | None = None, *,
        name: str = "", **parts: str | int,
    ) -> Out:  # fmt: skip
        """Call an operation; `parts` are those of its path, `name` its Idempotency-Key (made here when left out)."""
        path = self.prefix + operation.path
        for part in operation.part_names():
            path = path.replace(f"{{{part}}}", quote(str(parts.pop(part)), safe=""))
        if parts:
            raise TypeError(f"{operation.name} has no {', '.join(parts)} in its path")
        asked = {} if query is None else {key: _text(value) for key, value in _told(query).items()}
        headers = dict(self.headers)
        if operation.writes:
            headers["Idempotency-Key"] = name or str(uuid.uuid4())
        sent = msgspec.json.encode(body) if body is not None else b""
        status, answer = self._send(operation.method, path + (f"?{urlencode(asked)}" if asked else ""), sent, headers)
        if status != operation.status:
            raise Refused(status, _problems(answer))
        return msgspec.json.decode(answer, type=operation.out)

    def pages(
        self, operation: Operation[Any, Any, Listed[Row]], query: Paged | None = None, **parts: Any
    ) -> Iterator[Row]:
        """Every row of a list, page by page."""
        asked: Paged = operation.query() if query is None else query
        while True:
            page = self.call(operation, None, asked, **parts)
            yield from page.rows
            if page.next is None:
                return
            asked = msgspec.structs.replace(asked, cursor=page.next)

    def _send(self, method: str, path: str, body: bytes, headers: dict[str, str]) -> tuple[int, bytes]:
        """(status, answer), after as many tries as it takes and there are."""
        for attempt in range(1, self.tries + 1):
            try:
                self.line.request(method, path, body, headers)
                answer = self.line.getresponse()
                text = answer.read()
            except LOST:
                self.line.close()
                if attempt == self.tries:
                    raise
                time.sleep(min(0.2 * 2**attempt, 5))
                continue
            left = answer.headers.get("RateLimit-Remaining")
            self.calls_left = int(left) if left else None
            busy = answer.status in AGAIN or answer.status == 409 and b'"idempotency_busy"' in text
            if not busy or attempt == self.tries:
                return answer.status, text
            time.sleep(min(float(answer.headers.get("Retry-After", 1)), 60))
        raise AssertionError("one of the tries returned")


def _told(query: Struct) -> dict[str, Any]:
    """What a query asks: everything that is not as it stands anyway."""
    plain = type(query)()
    told = msgspec.structs.asdict(query)
    return {name: value for name, value in told.items() if value != getattr(plain, name)}


def _text(value: Any) -> str:
    return {True: "true", False: "false"}[value] if isinstance(value, bool) else str(value)


def _problems(answer: bytes) -> list[Wrong]:
    try:
        return msgspec.json.decode(answer, type=Problems).problems
    except msgspec.DecodeError:
        return [Wrong("no_answer", {}, json.dumps(answer[:200].decode("utf-8", "replace")))]
