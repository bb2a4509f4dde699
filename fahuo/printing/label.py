"""From a template and a label's data to a page. One layout for every printer: all languages draw the same page."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache, partial
from math import ceil
from typing import Final

from fahuo.printing import codes, fonts
from fahuo.printing.lines import cut, ended, width, wrap
from fahuo.printing.page import Bars, Frame, Ground, Matrix, Op, Page, Rule, Run
from fahuo.rules.labels import FIELDS, GOODS_FIELDS, Goods, LabelData, Template
from fahuo.rules.labels.elements import POINT, Box, Code128, Element, GoodsList, Line, Qr, Text, Type
from fahuo.rules.problems import Datum, Problem

LEAST_MODULE: Final = 2 * 25.4 / 203
"""The narrowest bar in mm: two dots of the coarser printer."""
LEAST_QR_MODULE: Final = 2 * 25.4 / 203
_STEP: Final = 0.25 * POINT
"""A text shrinks by so much at a time."""
_TALL: Final = fonts.ASCENT + fonts.DESCENT
_TINY: Final = 4 * POINT
_DASH: Final = 1.0


@dataclass(frozen=True, slots=True)
class _Set:
    """A text set in its box: the size it got, its lines, and what did not fit."""

    size: float
    lines: tuple[str, ...]
    is_cut: bool


_Drawn = tuple[tuple[Op, ...], tuple[Problem, ...]]
_NOTHING: Final[_Drawn] = ((), ())


@dataclass(frozen=True, slots=True)
class _Plan:
    """A template made ready for many labels: the fields that it asks, and how each element is drawn. Each drawing is kept
    for texts that come again: the sender, the shop, the fixed words."""

    fields: tuple[tuple[str, Callable[[LabelData], str]], ...]
    texts: tuple[tuple[Text | Code128 | Qr | None, Element, Callable[..., _Drawn]], ...]


def lay_out(template: Template, data: LabelData) -> Page:
    """The page of one label. Nothing leaves the box of its element: a text wraps, shrinks to its `min_size`, then is cut.

    Warnings: `label_text_cut`, `label_glyph_missing`, `label_goods_left_out`, `label_code_too_long`, `label_code_text`;
    each names its element.
    """
    plan = _plan(template, len(fonts.faces()))
    values = {name: " ".join(read(data).split()) for name, read in plan.fields}
    ops: list[Op] = []
    warnings: list[Problem] = []
    for words, element, draw in plan.texts:
        if (element.when and not values[element.when]) or (element.unless and values[element.unless]):
            continue
        drawn, said = draw(words.text.filled(values)) if words else draw(data.goods)
        ops += drawn
        warnings += said
    return Page(template.width, template.height, tuple(ops), tuple(warnings))


@lru_cache(maxsize=64)
def _plan(template: Template, faces: int) -> _Plan:
    """`faces`: how many fonts there are; with another one, what had no glyph may have it."""
    names: set[str] = set()
    texts: list[tuple[Text | Code128 | Qr | None, Element, Callable[..., _Drawn]]] = []
    for element in template.elements:
        names.update(filter(None, (element.when, element.unless)))
        if isinstance(element, Text | Code128 | Qr):
            names.update(element.text.names)
            texts.append((element, element, lru_cache(maxsize=1024)(partial(_words, element))))
        elif isinstance(element, GoodsList):
            texts.append((None, element, lru_cache(maxsize=1024)(partial(_goods, element))))
        else:
            texts.append((None, element, partial(_same, (_drawing(element), ()))))
    return _Plan(tuple((name, FIELDS[name].of) for name in sorted(names)), tuple(texts))


def _same(drawn: _Drawn, goods: tuple[Goods, ...]) -> _Drawn:
    return drawn


def _words(element: Text | Code128 | Qr, text: str) -> _Drawn:
    if not text:
        return _NOTHING
    if isinstance(element, Qr):
        return _qr(element, text)
    if isinstance(element, Code128):
        return _code128(element, text)
    return _text(element, text)


def _text(element: Text, text: str) -> _Drawn:
    clean, missing = fonts.prepared(text)
    warnings = _missing(element, missing)
    found = _fit(element, [clean], element.max_lines)
    if found.is_cut:
        warnings += (_warn("label_text_cut", element),)
    runs = _runs(element, found)
    if element.invert:
        return (Ground(element.x, element.y, element.w, element.h, runs),), warnings
    return runs, warnings


def _fit(element: Type, texts: list[str], most: int) -> _Set:
    """The texts below each other, each in at most `most` lines, at the largest size at which they fit; cut if none does.

    A box that is lower than one line of its size makes the line smaller: nothing leaves its box.
    """
    advances = fonts.ADVANCES[element.bold]
    size = min(element.size, element.h / _TALL)
    least = min(element.min_size, size)
    widths = [width(text.replace("\n", ""), advances) for text in texts]
    while True:
        room = element.w / size
        if size > least and not _may_fit(widths, room, most, _capacity(element, size)):
            size = max(size - _STEP, least)
            continue
        lines = [wrap(text, room, advances) for text in texts]
        count = sum(map(len, lines))
        if max(map(len, lines)) <= most and count <= _capacity(element, size) and _narrow(lines, room, advances):
            return _Set(size, tuple(line for each in lines for line in each), False)
        if size <= least:
            break
        size = max(size - _STEP, least)
    capacity = _capacity(element, size)
    kept = [_shortened(each, min(most, capacity), room, advances) for each in lines]
    return _Set(size, tuple(line for each in kept for line in each)[:capacity], True)


def _may_fit(widths: list[float], room: float, most: int, capacity: int) -> bool:
    """Whether texts so wide could stand in so many lines if they broke where they liked best."""
    lines = [max(1, ceil(wide / room - 1e-6)) for wide in widths]
    return max(lines) <= most and sum(lines) <= capacity


def _narrow(lines: list[list[str]], room: float, advances: Mapping[str, float]) -> bool:
    """Whether no line is wider than the box; one is when a single character is."""
    return room >= 1 or all(width(line, advances) <= room for each in lines for line in each)


def _capacity(element: Type, size: float) -> int:
    """How many lines of a size its box holds."""
    return int((element.h - _TALL * size) / (size * element.leading) + 1e-6) + 1


def _shortened(lines: list[str], most: int, room: float, advances: Mapping[str, float]) -> list[str]:
    """At most so many lines, none wider than the room; the last ends with an ellipsis where something was taken."""
    if len(lines) > most:
        lines = [*lines[: most - 1], ended(lines[most - 1], room, advances)]
    return [line if width(line, advances) <= room + 1e-6 else ended(line, room, advances) for line in lines]


def _runs(element: Type, found: _Set) -> tuple[Run, ...]:
    size, count = found.size, len(found.lines)
    advances = fonts.ADVANCES[element.bold]
    step = size * element.leading
    if element.valign == "top":
        first = element.y + fonts.ASCENT * size
    elif element.valign == "bottom":
        first = element.y + element.h - fonts.DESCENT * size - (count - 1) * step
    else:
        first = element.y + element.h / 2 + fonts.MIDDLE * size - (count - 1) * step / 2
        first = min(first, element.y + element.h - fonts.DESCENT * size - (count - 1) * step)
    first = max(first, element.y + fonts.ASCENT * size)
    runs: list[Run] = []
    for place, line in enumerate(found.lines):
        if not line:
            continue
        w = width(line, advances) * size
        x = element.x + {"left": 0.0, "center": (element.w - w) / 2, "right": element.w - w}[element.align]
        runs.append(Run(x, first + place * step, w, size, element.bold, line))
    return tuple(runs)


def _goods(element: GoodsList, goods: tuple[Goods, ...]) -> _Drawn:
    """A line for each of the contents; what finds no room is counted in a last line."""
    if not goods:
        return _NOTHING
    texts: list[str] = []
    missing: set[str] = set()
    for place, line in enumerate(goods, 1):
        values = {name: " ".join(field.of(line, place).split()) for name, field in GOODS_FIELDS.items()}
        clean, unknown = fonts.prepared(element.text.filled(values))
        texts.append(" ".join(clean.split()))
        missing.update(unknown)
    warnings = _missing(element, tuple(sorted(missing)))
    found = _fit(element, texts, element.max_lines)
    if not found.is_cut:
        return _runs(element, found), warnings
    room, advances = element.w / found.size, fonts.ADVANCES[element.bold]
    most = _capacity(element, found.size)
    lines: list[str] = []
    shown = 0
    for place, text in enumerate(texts):
        each = _shortened(wrap(text, room, advances), element.max_lines, room, advances)
        spare = 0 if place == len(texts) - 1 else 1
        if len(lines) + len(each) + spare > most:
            break
        lines += each
        shown += 1
    if left := goods[shown:]:
        lines = lines[: most - 1]
        rest = {"kinds": str(len(left)), "pieces": str(sum(line.quantity for line in left))}
        lines.append(cut(fonts.prepared(element.more.filled(rest))[0], room, advances))
        warnings += (_warn("label_goods_left_out", element, kinds=len(left)),)
    else:
        warnings += (_warn("label_text_cut", element),)
    return _runs(element, _Set(found.size, tuple(lines), True)), warnings


def _code128(element: Code128, text: str) -> _Drawn:
    if not codes.fits_code128(text):
        return _in_words(element, text, "label_code_text")
    symbol = codes.code128(text)
    if (symbol.modules + 2 * codes.QUIET) * LEAST_MODULE > element.w + 0.01:
        return _in_words(element, text, "label_code_too_long")
    if element.readable == "none":
        return (Bars(element.x, element.y, element.w, element.h, text),), ()
    size = min(element.size, element.h / 2)
    strip = size * 1.15
    y, below = (
        (element.y + strip, element.y) if element.readable == "above" else (element.y, element.y + element.h - strip)
    )
    line = Text(
        element.name, element.x, below, element.w, strip, size=size, min_size=_TINY, bold=element.bold,
        align="center", valign="middle",
    )  # fmt: skip
    words, warnings = _text(line, text)
    return (Bars(element.x, y, element.w, element.h - strip, text), *words), warnings


def _qr(element: Qr, text: str) -> _Drawn:
    try:
        square = codes.qr(text, element.level)
    except ValueError:
        square = None
    side = min(element.w, element.h)
    if square is None or (square.side + 2 * codes.QR_QUIET) * LEAST_QR_MODULE > side + 0.01:
        return (), (_warn("label_code_too_long", element),)
    return (Matrix(element.x, element.y, element.w, element.h, text, element.level),), ()


def _in_words(element: Code128, text: str, code: str) -> _Drawn:
    """In place of a code that cannot stand there: its text, so that somebody can type it; and the warning."""
    line = Text(
        element.name, element.x, element.y, element.w, element.h, size=element.size, min_size=_TINY,
        bold=element.bold, align="center", valign="middle", max_lines=3,
    )  # fmt: skip
    ops, warnings = _text(line, text)
    return ops, (_warn(code, element), *warnings)


def _drawing(element: Line | Box) -> tuple[Op, ...]:
    if isinstance(element, Box):
        return (Frame(element.x, element.y, element.w, element.h, element.stroke),)
    dash = _DASH if element.dash else 0.0
    half = element.stroke / 2
    if element.w:
        return (Rule(element.x, max(element.y - half, 0), element.w, element.stroke, dash),)
    return (Rule(max(element.x - half, 0), element.y, element.stroke, element.h, dash),)


def _missing(element: Element, chars: tuple[str, ...]) -> tuple[Problem, ...]:
    if not chars:
        return ()
    shown = " ".join(f"U+{ord(each):04X}" for each in chars[:8])
    return (_warn("label_glyph_missing", element, characters=shown, count=len(chars)),)


def _warn(code: str, element: Element, **data: Datum) -> Problem:
    return Problem(code, {"element": element.name, **data})
