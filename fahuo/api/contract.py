"""What an operation is: its address, what it takes and gives, and an example of each. Knows no Django and no tables.

From these declarations come the routes, the checks of what is sent, the OpenAPI document, the permission table that the
tests walk, and the client.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from typing import Annotated, Any, Final, Generic, Literal, TypeVar

from msgspec import Meta, Struct
from msgspec.structs import FieldInfo, fields

Method = Literal["GET", "POST", "PUT", "DELETE"]
Query = TypeVar("Query", bound=Struct)
Body = TypeVar("Body", bound=Struct)
Out = TypeVar("Out", bound=Struct)
Row = TypeVar("Row")

BASE: Final = "/api/v1"
ROWS: Final = 10_000
"""Rows of one bulk call at most."""
PAGE: Final = 50
PAGE_MOST: Final = 500
SMALL: Final = 2**20
LARGE: Final = 32 * 2**20
"""Bytes of a body at most: of a call about one thing, and of a bulk call."""
AN_INSTANT: Final = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
"""The instant of the examples."""


class Nothing(Struct):
    """A query that asks nothing, or a body that says nothing."""


class Paged(Struct, kw_only=True):
    """How a list is walked: so many rows, from where the last answer's `next` says."""

    limit: Annotated[int, Meta(ge=1, le=PAGE_MOST)] = PAGE
    cursor: str = ""


class Wrong(Struct):
    """One thing that is wrong: a code that never changes its meaning, its data, and a sentence in the caller's language."""

    code: str
    data: dict[str, str | int | bool | None] = {}
    sentence: str = ""


class Problems(Struct):
    """Every refusal: what is wrong, the most telling first."""

    problems: list[Wrong]


class Listed(Struct, Generic[Row]):
    """A page of a list. `next` is the cursor of the page after it; null at the end."""

    rows: list[Row]
    next: str | None = None


class Done(Struct):
    """An act was carried out. `changed`: whether anything was new about it."""

    changed: bool = True


@dataclass(frozen=True, kw_only=True)
class Operation(Generic[Query, Body, Out]):
    """One operation. `act` (of rules.people) is asked of the key; None: any key may.

    Parts of the path in braces: those that end in `_id` are numbers, all others text. `missing`: the codes which, of this
    operation, mean that the path names nothing (404). `asks`, `sends`, `gets`: an example of the query, the body and the
    answer; `body` Nothing: none is taken. `rows`: the body's field whose rows count for the rate limit.
    `large`: the body holds a file.
    """

    name: str
    method: Method
    path: str
    noun: str
    act: str | None
    zh: str
    en: str
    query: type[Query]
    body: type[Body]
    out: type[Out]
    gets: Out
    sends: Body | None = None
    asks: Mapping[str, str] = field(default_factory=dict)
    parts: Mapping[str, str] = field(default_factory=dict)
    more: str = ""
    status: int = 200
    missing: tuple[str, ...] = ()
    rows: str = ""
    large: bool = False

    @property
    def takes_body(self) -> bool:
        return self.body is not Nothing

    @property
    def writes(self) -> bool:
        return self.method != "GET"

    @property
    def most(self) -> int:
        """Bytes of the body at most."""
        return LARGE if self.rows or self.large else SMALL

    @cached_property
    def parameters(self) -> Mapping[str, FieldInfo]:
        """The parameters of the query by the names that callers give them."""
        return {each.encode_name: each for each in fields(self.query)}

    def part_names(self) -> list[str]:
        return [piece[1:-1] for piece in self.path.split("/") if piece.startswith("{")]


AnyOperation = Operation[Any, Any, Any]
