"""A page: what stands where, before any printer's language. Millimetres from the upper left corner."""

from dataclasses import dataclass

from fahuo.rules.labels.elements import Level
from fahuo.rules.problems import Problem


@dataclass(frozen=True, slots=True)
class Run:
    """A text on one line. `x` is its left end, `y` its baseline, `size` its body; `w` its width by the font.

    `text` has passed `fonts.prepared`: every character has a glyph.
    """

    x: float
    y: float
    w: float
    size: float
    bold: bool
    text: str


@dataclass(frozen=True, slots=True)
class Ground:
    """A black rectangle with white texts on it."""

    x: float
    y: float
    w: float
    h: float
    runs: tuple[Run, ...]


@dataclass(frozen=True, slots=True)
class Bars:
    """A Code 128, centred in its place (quiet zones inside): as wide as whole dots allow."""

    x: float
    y: float
    w: float
    h: float
    text: str


@dataclass(frozen=True, slots=True)
class Matrix:
    """A QR code, centred in its place (quiet zone inside): as large as whole dots allow."""

    x: float
    y: float
    w: float
    h: float
    text: str
    level: Level


@dataclass(frozen=True, slots=True)
class Rule:
    """A line as a black rectangle; dashed along its longer side: as much ink as paper, `dash` mm each (0: solid)."""

    x: float
    y: float
    w: float
    h: float
    dash: float = 0.0


@dataclass(frozen=True, slots=True)
class Frame:
    """A rectangle of strokes that lie inside it."""

    x: float
    y: float
    w: float
    h: float
    stroke: float


Op = Run | Ground | Bars | Matrix | Rule | Frame


@dataclass(frozen=True, slots=True)
class Page:
    """One label as it will be printed. `warnings`: what was cut, left out, or has no glyph; without personal data."""

    width: float
    height: float
    ops: tuple[Op, ...]
    warnings: tuple[Problem, ...] = ()
