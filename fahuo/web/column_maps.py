"""The form that says what the columns of an unknown sheet mean: one choice a heading, the best guess made already."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.http import QueryDict
from django.utils.translation import get_language, gettext

from fahuo.rules.sheets import COLUMNS, Column, SheetKind, heading_key
from fahuo.web import ui
from fahuo.web.batch_rows import field_of

MOST: Final = 200
"""Headings a form offers; a sheet that is wider is cut, and says so by what is not there."""


@dataclass(frozen=True, slots=True)
class Heading:
    """One heading of the sheet: the name of its choice in the form, the field that is chosen ("" leaves it out), and a few
    values of its column, masked."""

    name: str
    text: str
    field: str
    samples: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Choice:
    """A field a heading can mean."""

    field: str
    label: str
    required: bool


_OF_LINES: Final = frozenset({"number", "sku", "sku_code", "item_code"})
_OF_ORDERS: Final = frozenset({"receiver", "phone", "address", "buyer"})


def kind_of(batch: Any, asked: str) -> SheetKind:
    """What a row of the batch's sheet is: a shipment, an urge; or an order or a line, as `asked`, else as the headings tell."""
    if batch.kind != "orders":
        return "shipments" if batch.kind == "shipments" else batch.kind
    if asked in ("orders", "lines"):
        return "lines" if asked == "lines" else "orders"
    header = (batch.options or {}).get("header") or ()
    if any(field_of(text, "orders") in _OF_ORDERS for text in header):
        return "orders"
    return "lines" if any(field_of(text, "lines") in _OF_LINES for text in header) else "orders"


def sheet_tabs(batch: Any, address: str, sheet: str) -> list[ui.Tab]:
    """The choice of what a row of an unknown import is; none for another sheet."""
    if batch.kind != "orders":
        return []
    return [
        ui.Tab(gettext("一行是一个订单"), f"{address}?sheet=orders", active=sheet == "orders"),
        ui.Tab(gettext("一行是订单里的一件宝贝"), f"{address}?sheet=lines", active=sheet == "lines"),
    ]


def fields(kind: SheetKind) -> list[Choice]:
    """What headings of a sheet of this kind can mean, in the page's language."""
    english = (get_language() or "").startswith("en")
    return [
        Choice(name, column.en if english else _label(column), _needed(column, kind))
        for name, column in COLUMNS[kind].items()
    ]


def _needed(column: Column, kind: SheetKind) -> bool:
    """Whether the sheet must have it; an order sheet without a status is taken to hold orders that wait, and a line list
    may go without the goods' title."""
    return column.required and (kind, column.field) not in {("orders", "status"), ("lines", "title")}


def _label(column: Column) -> str:
    """The name of a column for people: its first heading, unless that is only the changed one (修改后的…)."""
    return next((text for text in column.headings if not text.startswith("修改后的")), column.headings[0])


def _likeness(text: str, told: str) -> float:
    """How much of the longer name the shorter one is, 0 where neither holds the other."""
    if min(len(text), len(told)) < 2 or not (text in told or told in text):
        return 0.0
    return min(len(text), len(told)) / max(len(text), len(told))


def guess(text: str, kind: SheetKind, taken: set[str]) -> str:
    """The field a heading most likely means and that no earlier heading took: by its whole name, else by half of it or
    more. Where two are as likely, none: a person knows better."""
    whole = field_of(text, kind)
    if whole:
        return "" if whole in taken else whole
    key = heading_key(text)
    likely = {
        name: max(_likeness(key, heading_key(heading)) for heading in column.headings)
        for name, column in COLUMNS[kind].items()
        if name not in taken
    }
    most = max(likely.values(), default=0.0)
    best = [name for name, share in likely.items() if share == most]
    return best[0] if most >= 0.5 and len(best) == 1 else ""


def headings(batch: Any, typed: Mapping[str, str], kind: SheetKind) -> list[Heading]:
    """The headings of the batch's sheet with what was chosen in the form, or else the best guess, and sample values."""
    samples = (batch.options or {}).get("samples") or ()
    found: list[Heading] = []
    taken: set[str] = set()
    for place, text in enumerate((batch.options or {}).get("header") or ()):
        name = f"column-{place}"
        if text.strip() and place < MOST:
            field = typed[name] if name in typed else guess(text, kind, taken)
            taken.add(field)
            found.append(Heading(name, text, field, tuple(samples[place]) if place < len(samples) else ()))
    return found


def chosen(batch: Any, post: QueryDict) -> dict[str, str]:
    """What the form says: heading -> field; headings that were left out are not there."""
    header = (batch.options or {}).get("header") or ()
    named = {text: post.get(f"column-{place}", "") for place, text in enumerate(header)}
    return {text: field for text, field in named.items() if field}
