"""The label font: which characters it has, how wide they are, how they look in dots, and its parts for a PDF.

Noto Sans CJK (Simplified Chinese forms, OFL 1.1) comes from the package manimgx-fonts-cjk as one variable font with
44,800 characters of all of Unicode's planes; nothing is converted or cached on disk, it opens in milliseconds. Characters
beyond it are looked for in the fonts of a folder (`add_folder`), in the order of their names.
"""

import re
import threading
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Final

import uharfbuzz as hb
from PIL import Image, ImageDraw, ImageFont

REGULAR: Final = 500
BOLD: Final = 800
"""Weights on the font's axis. A thermal printer's dots want a little more than a screen's."""
ASCENT: Final = 0.88
DESCENT: Final = 0.22
"""How far ink may reach above and below the baseline, in bodies."""
MIDDLE: Final = 0.37
"""Above the baseline: the middle of Chinese characters and of digits alike."""
MISSING: Final = "□"
"""What is printed for a character that no font has."""

_SIMPLIFIED: Final = 2
"""The collection's face with the forms of mainland China."""
_UNSEEN: Final = re.compile(
    "[\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufe00-\ufe0f\ufeff\U000e0100-\U000e01ef]"
)
"""Marks without a shape of their own: directions, joiners, variation selectors."""
_SPACES: Final = re.compile(r"[^\S\n\u3000]")
_INKED: Final = 118
"""From which grey (0 to 255) on a dot is black."""


@dataclass(frozen=True, slots=True)
class Face:
    """One font file. `place` tells it from the others, in the order in which they are asked."""

    place: int
    path: str
    index: int
    face: hb.Face
    fonts: dict[bool, hb.Font]
    variable: bool

    def glyph(self, char: str) -> int:
        """The number of its glyph, 0 when it has none."""
        return self.fonts[False].get_nominal_glyph(ord(char)) or 0

    def advance(self, glyph: int, bold: bool) -> float:
        """In bodies."""
        return float(self.fonts[bold].get_glyph_h_advance(glyph) / self.face.upem)


@dataclass(frozen=True, slots=True)
class Glyph:
    """A character's shape: whose, which, how wide (in bodies)."""

    face: int
    number: int
    advance: float


_faces: list[Face] = []
_opening = threading.Lock()


def faces() -> list[Face]:
    """The fonts, in the order in which they are asked."""
    if not _faces:
        with _opening:
            if not _faces:
                path = str(files("manimgx_fonts_cjk").joinpath("NotoSansCJK-VF.otf.ttc"))
                _faces.append(_open(0, path, _SIMPLIFIED))
    return _faces


def _open(place: int, path: str, index: int = 0) -> Face:
    face = hb.Face(hb.Blob.from_file_path(path), index)
    variable = any(axis.tag == "wght" for axis in face.axis_infos)
    fonts = {}
    for bold in (False, True):
        fonts[bold] = hb.Font(face)
        if variable:
            fonts[bold].set_variations({"wght": _weight(bold)})
    return Face(place, path, index, face, fonts, variable)


def add_folder(folder: Path) -> list[str]:
    """Ask the fonts in a folder too, for characters that the packaged one lacks; costs next to nothing when they are known.

    The names of the files that cannot be used come back: no fonts, or outlines that cannot go into a PDF (CFF without CIDs).
    """
    faces()
    unusable = []
    for path in sorted(folder.glob("*.[ot]t[fc]")):
        with _opening:
            if any(each.path == str(path) for each in _faces):
                continue
            face = _opened(len(_faces), path)
            if face is None:
                unusable.append(path.name)
                continue
            _faces.append(face)
            for bold in (False, True):
                _TABLES[bold].clear()
                ADVANCES[bold].clear()
    return unusable


def _opened(place: int, path: Path) -> Face | None:
    try:
        ImageFont.truetype(str(path), 20)
        face = _open(place, str(path))
    except (OSError, ValueError, RuntimeError):
        return None
    tables = face.face.table_tags
    usable = "glyf" in tables or "CFF2" in tables or ("CFF " in tables and _keyed(face.face))
    return face if usable and face.face.glyph_count else None


def _keyed(face: hb.Face) -> bool:
    """Whether a CFF font calls its glyphs by number: its Top DICT begins with ROS (Adobe technical note 5176, 18)."""
    return b"\x0c\x1e" in bytes(face.reference_table("CFF ").data[:1000])


def _weight(bold: bool) -> int:
    return BOLD if bold else REGULAR


class _Table(dict[str, Glyph | None]):
    """char -> its glyph in the first font that has it, None where none has."""

    def __init__(self, bold: bool) -> None:
        super().__init__()
        self.bold = bold

    def __missing__(self, char: str) -> Glyph | None:
        found = None
        for face in faces():
            if number := face.glyph(char):
                found = Glyph(face.place, number, face.advance(number, self.bold))
                break
        self[char] = found
        return found


class _Advances(dict[str, float]):
    """char -> its width in bodies; 1 for a character that no font has."""

    def __init__(self, bold: bool) -> None:
        super().__init__()
        self.bold = bold

    def __missing__(self, char: str) -> float:
        glyph = _TABLES[self.bold][char]
        found = self[char] = glyph.advance if glyph else 1.0
        return found


_TABLES: Final = {False: _Table(False), True: _Table(True)}
ADVANCES: Final = {False: _Advances(False), True: _Advances(True)}
"""bold -> char -> its width in bodies."""


def glyph(char: str, bold: bool) -> Glyph:
    """The shape of a character that `prepared` has let through."""
    found = _TABLES[bold][char]
    if found is None:
        raise KeyError(char)
    return found


def prepared(text: str) -> tuple[str, tuple[str, ...]]:
    """A text as it can be printed: composed, without invisible marks, other white space as spaces (lines stay), and
    MISSING for what no font has; and the characters that none has."""
    if text.isascii() and text.isprintable():
        return text, ()
    text = _UNSEEN.sub("", unicodedata.normalize("NFC", text))
    text = _SPACES.sub(
        " ", "".join(" " if unicodedata.category(each) == "Cc" and each != "\n" else each for each in text)
    )
    table = _TABLES[False]
    missing = tuple(sorted({each for each in text if each != "\n" and table[each] is None}))
    if missing:
        text = text.translate({ord(each): MISSING for each in missing})
    return text, missing


@cache
def _pillow(place: int, bold: bool, pixels: int) -> ImageFont.FreeTypeFont:
    face = faces()[place]
    font = ImageFont.truetype(face.path, pixels, index=face.index, layout_engine=ImageFont.Layout.BASIC)
    if face.variable:
        font.set_variation_by_axes([_weight(bold)])
    return font


@dataclass(frozen=True, slots=True)
class Dots:
    """A glyph in dots: `columns` is one number, its columns from left to right, each of `stride` bits from top to bottom;
    `left` is its bearing; `top` and `bottom` are the first and the last inked row below the top of the column."""

    columns: int
    width: int
    left: int
    top: int
    bottom: int


def stride(pixels: int) -> int:
    """Bits of a column: the body with room for what reaches out of it, whole bytes."""
    return (rise(pixels) + pixels * 2 // 5 + 8) // 8 * 8


def rise(pixels: int) -> int:
    """Rows from the top of a column to the baseline."""
    return pixels + pixels // 4


@cache
def dots(char: str, bold: bool, pixels: int) -> Dots:
    """A character's glyph at a body of so many dots."""
    font = _pillow(glyph(char, bold).face, bold, pixels)
    side = pixels // 2
    cell = Image.new("L", (pixels * 2 + 2 * side, stride(pixels)))
    ImageDraw.Draw(cell).text((side, rise(pixels)), char, fill=255, font=font, anchor="ls")
    ink = cell.point(lambda grey: 255 * (grey >= _INKED), "1")
    box = ink.getbbox()
    if box is None:
        return Dots(0, 0, 0, 0, 0)
    left, top, right, bottom = box
    turned = ink.crop((left, 0, right, ink.height)).transpose(Image.Transpose.TRANSPOSE)
    return Dots(int.from_bytes(turned.tobytes(), "big"), right - left, left - side, top, bottom)


def subset(place: int, bold: bool, glyphs: Iterable[int]) -> tuple[bytes, dict[int, int]]:
    """A font with these glyphs alone at the weight, as OpenType with static outlines, and old number -> new number.

    TrueType glyphs keep their numbers: some are put together from others, which come along.
    """
    face = faces()[place]
    wanted = sorted({0, *glyphs})
    asked = hb.SubsetInput()
    asked.glyph_set.set(set(wanted))
    asked.flags = hb.SubsetFlags.DOWNGRADE_CFF2 | hb.SubsetFlags.NO_LAYOUT_CLOSURE | hb.SubsetFlags.NO_HINTING
    for tag in ("GSUB", "GPOS", "GDEF", "BASE", "vhea", "vmtx", "VORG", "name"):
        asked.drop_table_tag_set.add(int.from_bytes(tag.encode(), "big"))
    if face.variable:
        asked.pin_axis_location(face.face, "wght", _weight(bold))
    if "glyf" in face.face.table_tags:
        asked.flags |= hb.SubsetFlags.RETAIN_GIDS
        return bytes(hb.subset(face.face, asked).blob.data), {old: old for old in wanted}
    return bytes(hb.subset(face.face, asked).blob.data), {old: new for new, old in enumerate(wanted)}
