"""A page of a long list, and the cursor that says where it begins.

A cursor is `<walk><direction><microseconds>.<id>.<id>~<rows before>`: validated, never trusted. It only ever moves within
the shop that the statement names, so it needs no signature; a cursor that does not fit its list opens the first page.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Generic, TypeVar

Row = TypeVar("Row")

_CURSOR: Final = re.compile(r"([a-z])([np])(-?[0-9]{1,18})\.([0-9]{1,19})\.([0-9]{1,19})~([0-9]{1,9})")
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
MAX_ID: Final = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Key:
    """Where a row stands in its walk: the instant it is sorted by, then ids that make it unique."""

    at: datetime
    tie: int
    id: int


@dataclass(frozen=True, slots=True)
class Cursor:
    """Go on after (`forward`) or before a key of the walk named by `letter`; `seen` rows stand before it."""

    letter: str
    forward: bool
    key: Key
    seen: int = 0

    def __str__(self) -> str:
        micros = (self.key.at - _EPOCH) // _MICROSECOND
        return f"{self.letter}{'n' if self.forward else 'p'}{micros}.{self.key.tie}.{self.key.id}~{max(self.seen, 0)}"


def read_cursor(text: str, letter: str) -> Cursor | None:
    """The cursor, or None when the text is none or belongs to another walk."""
    found = _CURSOR.fullmatch(text)
    if found is None or found[1] != letter:
        return None
    tie, number = int(found[4]), int(found[5])
    if tie > MAX_ID or number > MAX_ID:
        return None
    try:
        at = _EPOCH + int(found[3]) * _MICROSECOND
    except OverflowError:
        return None
    return Cursor(letter, found[2] == "n", Key(at, tie, number), int(found[6]))


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """Rows in order, and the cursors of the pages around them (None: there is none).

    `cursor_lost`: the cursor asked for made no sense, this is the first page. `cut`: the search stopped after its budget
    of rows before the page was full; `next` goes on searching. `first` is the position of the first row, from 1.
    """

    rows: Sequence[Row]
    next: str | None = None
    previous: str | None = None
    cursor_lost: bool = False
    cut: bool = False
    first: int = 1


@dataclass(frozen=True, slots=True)
class Count:
    """How many rows match. `more` true: at least so many; counting stopped there."""

    number: int
    more: bool = False

    def __bool__(self) -> bool:
        return self.number > 0


def ordered(rows: Sequence[Any], ids: Sequence[int]) -> list[Any]:
    """Rows (with `.id`) in the order of `ids`."""
    by_id = {row.id: row for row in rows}
    return [by_id[number] for number in ids if number in by_id]
