"""What a method of the gateway is: its name, whom it needs, its parameters with their types, and what it answers."""

import json
from collections.abc import Callable, Mapping, Sequence, Sized
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Literal

from fahuo.rules.people import Actor
from fahuo.rules.texts import without_nul
from fahuo.rules.top import clock
from fahuo.rules.top.errors import TopError
from fahuo.services.gateway import App, Caller

Kind = Literal["text", "number", "boolean", "moment", "fields", "numbers", "texts", "json", "unused"]
LARGEST: Final = 2**63 - 1


class Selection:
    """The fields a client asked for: `tid,orders.oid,title`. A name alone takes all of what stands under it."""

    def __init__(self, text: str) -> None:
        self.names: dict[str, Selection | None] = {}
        inner: dict[str, list[str]] = {}
        for name in (part.strip() for part in text.split(",")):
            head, _, rest = name.partition(".")
            if rest:
                inner.setdefault(head, []).append(rest)
            elif head:
                self.names[head] = None
        for head, rests in inner.items():
            if head not in self.names:
                self.names[head] = Selection(",".join(rests))

    def __contains__(self, name: str) -> bool:
        return name in self.names

    def under(self, name: str) -> "Selection | None":
        """What was asked of a list's items; None: everything."""
        return self.names.get(name)

    def wants(self, *names: str) -> bool:
        """Whether all of these were asked for."""
        return all(name in self.names for name in names)


Fields = Mapping[str, Callable[[Any], Any]]
"""Name of a field -> how it comes from a row; what is None is left out of the answer."""


def pick(row: Any, fields: Fields, wish: Selection | None) -> dict[str, Any]:
    """The asked fields of a row (None: all); names that nobody knows are passed over, as TOP does."""
    return {name: make(row) for name, make in fields.items() if wish is None or name in wish}


@dataclass(frozen=True, slots=True)
class Param:
    """One parameter. `most`: characters, items of a list or the largest number; `zh`, `en`: what it is for."""

    name: str
    kind: Kind = "text"
    required: bool = False
    most: int | None = None
    choices: tuple[str, ...] = ()
    default: Any = None
    zh: str = ""
    en: str = ""

    def read(self, text: str | None) -> Any:
        """The value; TopError 40 when it is missing, 41 when it is nonsense."""
        if text is None or text.strip() == "":
            if self.required:
                raise TopError(40, detail=self.name)
            return self.default
        value = READERS[self.kind](text.strip() if self.kind != "json" else text)
        if value is None or self._beyond(value) or (self.choices and text.strip() not in self.choices):
            raise TopError(41, f"isv.invalid-parameter:{self.name}", f"参数 {self.name} 不合法", detail=self.name)
        return value

    def _beyond(self, value: Any) -> bool:
        if self.most is None:
            return False
        if self.kind == "number":
            return bool(value > self.most)
        return isinstance(value, Sized) and len(value) > self.most


def _number(text: str) -> int | None:
    whole = text.isascii() and text.isdecimal() and len(text) < 20
    return int(text) if whole and int(text) <= LARGEST else None


def _numbers(text: str) -> list[str] | None:
    found = [part.strip() for part in text.split(",") if part.strip()]
    return found if found and all(_number(part) is not None for part in found) else None


def _json(text: str) -> Any:
    """None as well for half a character, which no text of the database can hold and no answer can be written with."""
    try:
        found = json.loads(without_nul(text.encode()))
        json.dumps(found, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        return None
    return found


READERS: Final[Mapping[Kind, Callable[[str], Any]]] = {
    "text": lambda text: text.replace("\0", ""),
    "number": _number,
    "boolean": lambda text: {"true": True, "1": True, "false": False, "0": False}.get(text.lower()),
    "moment": clock.read,
    "fields": lambda text: Selection(text) if text.strip(", ") else None,
    "numbers": _numbers,
    "texts": lambda text: [part.strip() for part in text.split(",") if part.strip()] or None,
    "json": _json,
    "unused": lambda text: None,
}
"""Kind -> how it is read; None is nonsense. `unused`: TOP has it, nothing here could answer to it, so it must be empty."""


@dataclass(frozen=True, slots=True)
class Call:
    """A call that passed the gate: whose it is, its parameters as values, and the moment."""

    method: str
    params: Mapping[str, Any]
    app: App
    caller: Caller | None
    now: datetime

    @property
    def actor(self) -> Actor:
        assert self.caller is not None  # only methods with a session ask
        return self.caller.actor

    @property
    def shop_id(self) -> int:
        return self.actor.shop_id

    def __getitem__(self, name: str) -> Any:
        return self.params[name]


@dataclass(frozen=True, slots=True)
class Method:
    """One method. `fields`: what its `fields` parameter may name; `answer`: what stands in its answer, for the docs."""

    name: str
    handler: Callable[[Call], dict[str, Any]]
    params: tuple[Param, ...]
    zh: str
    en: str
    act: str | None = None
    session: bool = True
    refused_as: str = "isv.invalid-parameter"
    fields: Mapping[str, Sequence[str]] = field(default_factory=dict)
    answer: tuple[str, ...] = ()

    def values(self, given: Mapping[str, str]) -> dict[str, Any]:
        """The parameters as values. TopError 40 or 41."""
        return {param.name: param.read(given.get(param.name)) for param in self.params}


METHODS: Final[dict[str, Method]] = {}
"""Every method by its name."""


def method(
    name: str, *params: Param, zh: str, en: str, act: str | None = None, session: bool = True, refused_as: str = "",
    fields: Mapping[str, Sequence[str]] | None = None, answer: Sequence[str] = (),
) -> Callable[[Callable[[Call], dict[str, Any]]], Callable[[Call], dict[str, Any]]]:  # fmt: skip
    """Declare a method. `act` (rules.people.ACTS) is asked of the session's account; `refused_as` begins the sub_code of
    a refusal that has no code of its own (see `refusals`)."""

    def declare(handler: Callable[[Call], dict[str, Any]]) -> Callable[[Call], dict[str, Any]]:
        assert name not in METHODS
        METHODS[name] = Method(
            name, handler, params, zh, en, act, session, refused_as or "isv.invalid-parameter", fields or {},
            tuple(answer),
        )  # fmt: skip
        return handler

    return declare


FIELDS: Final = Param("fields", "fields", required=True, most=None, zh="要返回的字段", en="the fields to answer with")
PAGE: Final = (
    Param("page_no", "number", default=1, most=10_000, zh="页码，从 1 开始", en="page, from 1"),
    Param("page_size", "number", default=40, most=100, zh="每页条数，最多 100", en="rows a page, 100 at most"),
    Param("use_has_next", "boolean", default=False, zh="用 has_next 代替 total_results", en="has_next instead of total_results"),
)  # fmt: skip
"""How lists are paged."""
