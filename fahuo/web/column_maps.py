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
        Choice(name, column.en if english else column.headings[0], column.required)
        for name, column in _known(kind).items()
    ]


def guess(text: str, kind: str, taken: set[str]) -> str:
    """The field a heading most likely means and that no earlier heading took: by its whole name, else by a part of it."""
    table = "shipments" if kind == "shipments" else "orders"
    whole = field_of(text, table)
    if whole:
        return "" if whole in taken else whole
    key = heading_key(text)
    for name, column in _known(kind).items():
        for heading in column.headings:
            told = heading_key(heading)
            if name not in taken and len(told) > 1 and len(key) > 1 and (told in key or key in told):
                return name
    return ""


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
