"""Templates of labels: TOML or JSON that a shop can edit, read with one problem for every value that makes no sense.

KEYS says which keys each kind of element takes; docs/labels.md shows the same table.
"""

import json
import re
import tomllib
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from string import Formatter
from types import MappingProxyType
from typing import Any, Final, TypeAlias

from fahuo.rules.labels.elements import (
    ALIGNS,
    LEVELS,
    POINT,
    READABLES,
    VALIGNS,
    Box,
    Code128,
    Element,
    GoodsList,
    Line,
    Qr,
    Template,
    Text,
    Words,
)  # fmt: skip
from fahuo.rules.labels.fields import FIELDS, GOODS_FIELDS, LEFT_OUT_FIELDS
from fahuo.rules.problems import Datum, Problem, Refusal

SIZES: Final[tuple[str, ...]] = ("76x130", "100x150", "100x180")
"""The sizes that have a standard template; a shop's own may have any from 20 mm to 300 mm."""
DEFAULT_SIZE: Final = "76x130"
LONGEST: Final = 60_000
"""Characters of a template."""
MOST: Final = 300
"""Elements of a template."""
_SHORTEST, _WIDEST = 20, 300
_HUGE: Final = 10**6
"""No size is as large; a whole number may be larger than any that can be reckoned with."""
_NUMBER: Final = re.compile(r"([0-9]{1,3}(?:\.[0-9]{1,3})?)\s*(pt|mm)")

Reader: TypeAlias = Callable[[Any], Any]


class _Wrong(Exception):
    """A value makes no sense: the code of the problem, and what its sentence needs besides element, key and value."""

    def __init__(self, code: str, **data: Datum) -> None:
        super().__init__(code)
        self.code, self.data = code, data


@dataclass(frozen=True, slots=True)
class Key:
    """A key of an element: how its value is read (raises _Wrong), its default as it would be written (None: it must be
    there), and what it means."""

    read: Reader
    default: Any
    zh: str
    en: str


def number(low: float, high: float) -> Reader:
    def read(value: Any) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
            raise _Wrong("label_number", low=f"{low:g}", high=f"{high:g}")
        return float(value)

    return read


def count(low: int, high: int) -> Reader:
    def read(value: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            raise _Wrong("label_number", low=str(low), high=str(high))
        return value

    return read


def choice(choices: tuple[str, ...]) -> Reader:
    def read(value: Any) -> str:
        if not isinstance(value, str) or value not in choices:
            raise _Wrong("label_choice", choices=", ".join(choices))
        return value

    return read


def flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise _Wrong("label_flag")
    return value


def body(value: Any) -> float:
    """A font size in mm: "9pt", "3.2mm", or a number of points; from 4 to 120 points."""
    found = _NUMBER.fullmatch(value.strip()) if isinstance(value, str) else None
    if found:
        size = float(found[1]) * (POINT if found[2] == "pt" else 1)
    elif isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < _HUGE:
        size = value * POINT
    else:
        raise _Wrong("label_font_size")
    if not 4 * POINT <= size <= 120 * POINT:
        raise _Wrong("label_font_size")
    return size


def words(names: Collection[str]) -> Reader:
    """A text whose braces may hold `names`."""

    def read(value: Any) -> Words:
        if not isinstance(value, str) or len(value) > 500 or not value:
            raise _Wrong("label_text")
        try:
            parts = [
                (literal, name or "", bool(spec or conversion)) for literal, name, spec, conversion in _parsed(value)
            ]
        except ValueError:
            raise _Wrong("label_braces") from None
        for _, name, extra in parts:
            if extra or (name and name not in names):
                raise _Wrong("label_field_unknown", field=_shown(name))
        return Words(tuple((literal, name) for literal, name, _ in parts))

    return read


def _parsed(value: str) -> list[tuple[str, str | None, str | None, str | None]]:
    """What the formatter reads, with `{}` and other nameless braces refused (ValueError)."""
    found = list(Formatter().parse(value))
    if any(name == "" for _, name, _, _ in found):
        raise ValueError("braces without a name")
    return found


def field(value: Any) -> str:
    if not isinstance(value, str) or (value and value not in FIELDS):
        raise _Wrong("label_field_unknown", field=_shown(value))
    return value


def label(value: Any) -> str:
    if not isinstance(value, str) or len(value) > 60 or not value.isprintable():
        raise _Wrong("label_name")
    return value


_PLACE: Final = {
    "name": Key(label, "", "名字，出现在提示里", "its name, for messages"),
    "x": Key(number(0, _WIDEST), None, "左边距（毫米）", "from the left (mm)"),
    "y": Key(number(0, _WIDEST), None, "上边距（毫米）", "from the top (mm)"),
    "w": Key(number(0.1, _WIDEST), None, "宽（毫米）", "width (mm)"),
    "h": Key(number(0.1, _WIDEST), None, "高（毫米）", "height (mm)"),
    "when": Key(field, "", "这个字段有内容时才显示", "shown only when this field has a value"),
    "unless": Key(field, "", "这个字段没有内容时才显示", "shown only when this field has none"),
}
_TYPE: Final = {
    **_PLACE,
    "size": Key(body, "9pt", "字号，如 9pt 或 3.2mm", "font size, like 9pt or 3.2mm"),
    "min_size": Key(body, "", "放不下时最小缩到多大", "the smallest it may shrink to"),
    "bold": Key(flag, False, "粗体", "bold"),
    "align": Key(choice(ALIGNS), "left", "左右对齐", "left, center or right"),
    "valign": Key(choice(VALIGNS), "top", "上下对齐", "top, middle or bottom"),
    "leading": Key(number(1.15, 3), 1.2, "行距，字号的倍数", "distance of lines, in font sizes"),
}
_FIELD_WORDS: Final = Key(words(FIELDS), None, "内容，花括号里写字段名", "what it says, with fields in braces")
_STROKE: Final = Key(number(0.1, 5), 0.25, "线宽（毫米）", "thickness (mm)")
_EXTENT: Final = number(0, _WIDEST)

KINDS: Final[Mapping[str, type[Element]]] = MappingProxyType(
    {"text": Text, "goods": GoodsList, "code128": Code128, "qr": Qr, "line": Line, "box": Box}
)
KEYS: Final[Mapping[str, Mapping[str, Key]]] = MappingProxyType(
    {
        "text": {
            **_TYPE,
            "text": _FIELD_WORDS,
            "max_lines": Key(count(1, 50), 1, "最多几行", "lines at most"),
            "invert": Key(flag, False, "黑底白字", "white on black"),
        },
        "goods": {
            **_TYPE,
            "text": Key(words(GOODS_FIELDS), "{title} {sku} ×{quantity}", "每行商品的写法", "what each line says"),
            "more": Key(words(LEFT_OUT_FIELDS), "另有 {kinds} 种 {pieces} 件", "放不下的怎么写", "what says the rest"),
            "max_lines": Key(count(1, 10), 2, "一行商品最多折几行", "lines at most of each"),
        },
        "code128": {
            **_TYPE,
            "text": _FIELD_WORDS,
            "readable": Key(choice(READABLES), "none", "数字印在哪里", "where its text stands"),
        },
        "qr": {
            **_PLACE,
            "text": _FIELD_WORDS,
            "level": Key(choice(LEVELS), "M", "纠错等级", "error correction"),
        },
        "line": {
            **_PLACE,
            "w": Key(_EXTENT, 0, "横线的长（毫米）", "length of a level line (mm)"),
            "h": Key(_EXTENT, 0, "竖线的长（毫米）", "length of an upright line (mm)"),
            "stroke": _STROKE,
            "dash": Key(flag, False, "虚线", "dashed"),
        },
        "box": {**_PLACE, "stroke": _STROKE},
    }
)  # fmt: skip
"""kind -> key -> how it is read."""


def read_template(text: str) -> Template:
    """The template that a TOML or JSON text holds.

    Refusals, all that are found at once, each naming element, key and value: `label_template_long`,
    `label_template_malformed`, `label_template_size`, `label_key_unknown`, `label_key_missing`, `label_kind`, and those
    that the readers raise.
    """
    if len(text) > LONGEST:
        raise Refusal.of("label_template_long", most=LONGEST)
    said = _parse(text)
    problems = [_about("label_key_unknown", "", key) for key in said if key not in ("title", "size", "element")]
    try:
        title = label(said.get("title", ""))
    except _Wrong as wrong:
        title = ""
        problems.append(_about(wrong.code, "", "title", said["title"], **wrong.data))
    size = said.get("size", DEFAULT_SIZE)
    if not _fits(size):
        raise Refusal(*problems, _about("label_template_size", "", "size", size, low=_SHORTEST, high=_WIDEST))
    tables = said.get("element", [])
    if not isinstance(tables, list) or not 0 < len(tables) <= MOST:
        raise Refusal(*problems, Problem("label_template_empty", {"most": MOST}))
    width, height = map(int, size.split("x"))
    elements = [_element(table, place, width, height, problems) for place, table in enumerate(tables, 1)]
    if problems:
        raise Refusal(*problems)
    return Template(title, size, tuple(element for element in elements if element))


def _parse(text: str) -> dict[str, Any]:
    try:
        said = json.loads(text) if text.lstrip().startswith("{") else tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        detail = str(error)[:120] if isinstance(error, tomllib.TOMLDecodeError | json.JSONDecodeError) else "?"
        raise Refusal.of("label_template_malformed", detail=detail) from None
    return dict(said)


def _fits(size: Any) -> bool:
    if not isinstance(size, str) or not re.fullmatch(r"[0-9]{2,3}x[0-9]{2,3}", size, re.ASCII):
        return False
    return all(_SHORTEST <= int(each) <= _WIDEST for each in size.split("x"))


def _element(table: Any, place: int, width: int, height: int, problems: list[Problem]) -> Element | None:
    """One element; None when something was wrong with it, and `problems` has grown."""
    kind = table.get("kind") if isinstance(table, dict) else None
    if not isinstance(kind, str) or kind not in KEYS:
        problems.append(_about("label_kind", f"#{place}", "kind", kind, kinds=", ".join(KEYS)))
        return None
    given = table.get("name")
    name = (
        given if isinstance(given, str) and given and given.isprintable() and len(given) <= 60 else f"#{place} {kind}"
    )
    before = len(problems)
    keys = KEYS[kind]
    problems.extend(_about("label_key_unknown", name, key) for key in table if key not in keys and key != "kind")
    values = {}
    for key, each in keys.items():
        if key not in table and each.default is None:
            problems.append(_about("label_key_missing", name, key))
            continue
        if key == "min_size" and key not in table:
            continue
        try:
            values[key] = each.read(table.get(key, each.default))
        except _Wrong as wrong:
            problems.append(_about(wrong.code, name, key, table.get(key), **wrong.data))
    if len(problems) == before:
        problems.extend(_place(kind, name, values, width, height))
    if len(problems) > before:
        return None
    if "size" in values:
        values["min_size"] = min(values.get("min_size", values["size"]), values["size"])
    return KINDS[kind](**{**values, "name": name})


def _place(kind: str, name: str, values: Mapping[str, Any], width: int, height: int) -> list[Problem]:
    """Whether the element stands on the paper, and a line is one."""
    x, y, w, h = (values[key] for key in "xywh")
    if kind == "line" and (w > 0) == (h > 0):
        return [_about("label_line", name, "w, h", f"{w:g}, {h:g}")]
    found = []
    for key, value, end, most in (("w", w, x + w, width), ("h", h, y + h, height)):
        if end > most + 1e-6:
            found.append(_about("label_outside", name, key, value, most=most))
    return found


def _about(code: str, element: str, key: str, value: Any = None, **data: Datum) -> Problem:
    return Problem(code, {"element": element, "key": _shown(key), "value": _shown(value), **data})


def _shown(value: Any) -> str:
    """A value as it can stand in a sentence: short, on one line."""
    text = value if isinstance(value, str) else "" if value is None else repr(value)[:60]
    text = "".join(each if each.isprintable() else "?" for each in text[:60])
    return text if len(text) <= 40 else text[:40] + "…"


def standard_text(size: str = DEFAULT_SIZE) -> str:
    """The standard template of one of SIZES as its file says it: what a shop starts its own from. KeyError: no such size."""
    if size not in SIZES:
        raise KeyError(size)
    return files(__package__).joinpath("standard", f"{size}.toml").read_text("utf-8")


@cache
def standard(size: str = DEFAULT_SIZE) -> Template:
    """The standard template of one of SIZES. KeyError: no such size."""
    return read_template(standard_text(size))
