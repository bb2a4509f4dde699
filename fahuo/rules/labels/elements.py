"""What a template is made of. Places and sizes are in millimetres from the upper left corner of the paper."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

Align = Literal["left", "center", "right"]
VAlign = Literal["top", "middle", "bottom"]
Readable = Literal["none", "above", "below"]
Level = Literal["L", "M", "Q", "H"]

ALIGNS: Final[tuple[Align, ...]] = ("left", "center", "right")
VALIGNS: Final[tuple[VAlign, ...]] = ("top", "middle", "bottom")
READABLES: Final[tuple[Readable, ...]] = ("none", "above", "below")
LEVELS: Final[tuple[Level, ...]] = ("L", "M", "Q", "H")
POINT: Final = 25.4 / 72
"""Millimetres of a point."""


@dataclass(frozen=True, slots=True)
class Words:
    """A text with names in braces. `parts`: the literal before each name, and the name; the last name may be ""."""

    parts: tuple[tuple[str, str], ...]

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(name for _, name in self.parts if name)

    def filled(self, values: Mapping[str, str]) -> str:
        """The text; "" when it has names and none of them has a value."""
        if len(self.parts) == 1:
            literal, name = self.parts[0]
            value = values[name] if name else ""
            return literal + value if value or not name else ""
        found = [values[name] if name else "" for _, name in self.parts]
        if not any(found) and self.names:
            return ""
        return "".join(literal + value for (literal, _), value in zip(self.parts, found, strict=True))


@dataclass(frozen=True, slots=True)
class Area:
    """A place on the paper. `when`, `unless`: a field that must have a value, or must have none; "" asks for nothing."""

    name: str
    x: float
    y: float
    w: float
    h: float
    when: str = ""
    unless: str = ""


@dataclass(frozen=True, slots=True)
class Type(Area):
    """How text is set: `size` and `min_size` (the smallest it may shrink to) are the body's height in mm; `leading` is the
    distance of lines in bodies."""

    size: float = 9 * POINT
    min_size: float = 9 * POINT
    bold: bool = False
    align: Align = "left"
    valign: VAlign = "top"
    leading: float = 1.2


@dataclass(frozen=True, slots=True)
class Text(Type):
    """A text in its box: wrapped, then shrunk, then cut. `invert`: white on black."""

    text: Words = Words(())
    max_lines: int = 1
    invert: bool = False


@dataclass(frozen=True, slots=True)
class GoodsList(Type):
    """The contents, `text` for each line, which may wrap to `max_lines`; `more` says what found no room."""

    text: Words = Words(())
    more: Words = Words(())
    max_lines: int = 2


@dataclass(frozen=True, slots=True)
class Code128(Type):
    """A barcode with its quiet zones inside its box; `readable`: where its text stands."""

    text: Words = Words(())
    readable: Readable = "none"


@dataclass(frozen=True, slots=True)
class Qr(Area):
    """A QR code with its quiet zone inside its box; `level` of error correction."""

    text: Words = Words(())
    level: Level = "M"


@dataclass(frozen=True, slots=True)
class Line(Area):
    """A level or upright line: `w` or `h` is 0."""

    stroke: float = 0.25
    dash: bool = False


@dataclass(frozen=True, slots=True)
class Box(Area):
    """A frame; its strokes are inside."""

    stroke: float = 0.25


Element = Text | GoodsList | Code128 | Qr | Line | Box


@dataclass(frozen=True, slots=True, eq=False)
class Template:
    """A layout. `size`: "76x130", width and height in mm. Compared by identity: what is prepared for one is kept for it."""

    title: str
    size: str
    elements: tuple[Element, ...]

    @property
    def width(self) -> int:
        return int(self.size.partition("x")[0])

    @property
    def height(self) -> int:
        return int(self.size.partition("x")[2])
