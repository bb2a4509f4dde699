"""The form that says what the columns of an unknown sheet mean: one choice a heading, the best guess made already."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.http import QueryDict
from django.utils.translation import get_language

from fahuo.rules.sheets import COLUMNS, FIELDS, Column, heading_key
from fahuo.web.batch_rows import field_of

MOST: Final = 200
"""Headings a form offers; a sheet that is wider is cut, and says so by what is not there."""


@dataclass(frozen=True, slots=True)
class Heading:
    """One heading of the sheet: the name of its choice in the form, and the field that is chosen ("" leaves it out)."""

    name: str
    text: str
    field: str


@dataclass(frozen=True, slots=True)
class Choice:
    """A field a heading can mean."""

    field: str
    label: str
    required: bool


def _known(kind: str) -> Mapping[str, Column]:
    return COLUMNS["shipments"] if kind == "shipments" else FIELDS


def fields(kind: str) -> list[Choice]:
    """What headings of a sheet for this kind of batch can mean, in the page's language."""
    english = (get_language() or "").startswith("en")
    return [
        Choice(name, column.en if english else _label(column), _needed(column, kind))
        for name, column in _known(kind).items()
    ]


def _needed(column: Column, kind: str) -> bool:
    """Whether the sheet must have it; an order sheet without a status is taken to hold orders that wait."""
    return column.required and not (kind == "orders" and column.field == "status")


def _label(column: Column) -> str:
    """The name of a column for people: its first heading, unless that is only the changed one (修改后的…)."""
    return next((text for text in column.headings if not text.startswith("修改后的")), column.headings[0])


def _likeness(text: str, told: str) -> float:
    """How much of the longer name the shorter one is, 0 where neither holds the other."""
    if min(len(text), len(told)) < 2 or not (text in told or told in text):
        return 0.0
    return min(len(text), len(told)) / max(len(text), len(told))


def guess(text: str, kind: str, taken: set[str]) -> str:
    """The field a heading most likely means and that no earlier heading took: by its whole name, else by half of it or
    more. Where two are as likely, none: a person knows better."""
    table = "shipments" if kind == "shipments" else "orders"
    whole = field_of(text, table)
    if whole:
        return "" if whole in taken else whole
    key = heading_key(text)
    likely = {
        name: max(_likeness(key, heading_key(heading)) for heading in column.headings)
        for name, column in _known(kind).items()
        if name not in taken
    }
    most = max(likely.values(), default=0.0)
    best = [name for name, share in likely.items() if share == most]
    return best[0] if most >= 0.5 and len(best) == 1 else ""


def headings(batch: Any, typed: Mapping[str, str]) -> list[Heading]:
    """The headings of the batch's sheet with what was chosen in the form, or else the best guess."""
    found: list[Heading] = []
    taken: set[str] = set()
    for place, text in enumerate((batch.options or {}).get("header") or ()):
        name = f"column-{place}"
        if text.strip() and place < MOST:
            field = typed[name] if name in typed else guess(text, batch.kind, taken)
            taken.add(field)
            found.append(Heading(name, text, field))
    return found


def chosen(batch: Any, post: QueryDict) -> dict[str, str]:
    """What the form says: heading -> field; headings that were left out are not there."""
    header = (batch.options or {}).get("header") or ()
    named = {text: post.get(f"column-{place}", "") for place, text in enumerate(header)}
    return {text: field for text, field in named.items() if field}
