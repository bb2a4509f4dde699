"""Code 128 and QR as what a printer draws: widths of bars, and a square of modules."""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

import zxingcpp

QUIET: Final = 10
"""Modules without ink on each side of a Code 128 (ISO/IEC 15417)."""
QR_QUIET: Final = 4
"""Modules without ink around a QR code (ISO/IEC 18004)."""
START_B, START_C, TO_C, TO_B, STOP = 104, 105, 99, 100, 106
_BITS: Final = bytes(48 + (grey == 0) for grey in range(256))
"""Black as "1", all else as "0"."""
_DIGITS: Final = re.compile(r"[0-9]+")

_WIDTHS: Final = [
    "212222",
    "222122",
    "222221",
    "121223",
    "121322",
    "131222",
    "122213",
    "122312",
    "132212",
    "221213",
    "221312",
    "231212",
    "112232",
    "122132",
    "122231",
    "113222",
    "123122",
    "123221",
    "223211",
    "221132",
    "221231",
    "213212",
    "223112",
    "312131",
    "311222",
    "321122",
    "321221",
    "312212",
    "322112",
    "322211",
    "212123",
    "212321",
    "232121",
    "111323",
    "131123",
    "131321",
    "112313",
    "132113",
    "132311",
    "211313",
    "231113",
    "231311",
    "112133",
    "112331",
    "132131",
    "113123",
    "113321",
    "133121",
    "313121",
    "211331",
    "231131",
    "213113",
    "213311",
    "213131",
    "311123",
    "311321",
    "331121",
    "312113",
    "312311",
    "332111",
    "314111",
    "221411",
    "431111",
    "111224",
    "111422",
    "121124",
    "121421",
    "141122",
    "141221",
    "112214",
    "112412",
    "122114",
    "122411",
    "142112",
    "142211",
    "241211",
    "221114",
    "413111",
    "241112",
    "134111",
    "111242",
    "121142",
    "121241",
    "114212",
    "124112",
    "124211",
    "411212",
    "421112",
    "421211",
    "212141",
    "214121",
    "412121",
    "111143",
    "111341",
    "131141",
    "114113",
    "114311",
    "411113",
    "411311",
    "113141",
    "114131",
    "311141",
    "411131",
    "211412",
    "211214",
    "211232",
    "2331112",
]
"""The widths of bars and spaces in turn, by code word (ISO/IEC 15417, table 1)."""


@dataclass(frozen=True, slots=True)
class Symbol:
    """A Code 128: its text, its code words from start to stop, and the widths of bars and spaces in turn, in modules."""

    text: str
    words: tuple[int, ...]
    widths: tuple[int, ...]

    @property
    def modules(self) -> int:
        """From the first bar to the last."""
        return 11 * len(self.words) + 2


@dataclass(frozen=True, slots=True)
class Square:
    """A QR code: its text, modules on a side, and its rows as numbers, the leftmost module the highest bit."""

    text: str
    level: str
    side: int
    rows: tuple[int, ...]


def fits_code128(text: str) -> bool:
    """Whether every character can stand in our Code 128: printable ASCII, at most 80."""
    return 0 < len(text) <= 80 and all(" " <= each <= "~" for each in text)


@lru_cache(maxsize=2048)
def code128(text: str) -> Symbol:
    """The shortest symbol of printable ASCII in the subsets B and C. ValueError for other texts."""
    if not fits_code128(text):
        raise ValueError("no text for a Code 128")
    words = _words(text)
    words.append((words[0] + sum(place * word for place, word in enumerate(words[1:], 1))) % 103)
    words.append(STOP)
    return Symbol(text, tuple(words), tuple(int(width) for word in words for width in _WIDTHS[word]))


def _words(text: str) -> list[int]:
    """Start and data. Runs of digits go to subset C where that is shorter: four at an end, six inside, all when even."""
    runs = [(found.start(), found.end()) for found in _DIGITS.finditer(text)]
    words: list[int] = []
    subset, at = "", 0
    for start, end in runs:
        at_edge = start == 0 or end == len(text)
        whole = start == 0 and end == len(text)
        if end - start < (2 if whole and len(text) == 2 else 4 if at_edge else 6):
            continue
        odd = (end - start) % 2
        begin, stop = (start, end - odd) if start == 0 else (start + odd, end)
        subset = _plain(words, text[at:begin], subset)
        words.append(TO_C if subset else START_C)
        subset = "C"
        words.extend(int(text[place : place + 2]) for place in range(begin, stop, 2))
        at = stop
    _plain(words, text[at:], subset)
    return words


def _plain(words: list[int], text: str, subset: str) -> str:
    """Add a text in subset B; the subset after it."""
    if not text:
        return subset
    if subset != "B":
        words.append(TO_B if subset else START_B)
    words.extend(ord(each) - 32 for each in text)
    return "B"


@lru_cache(maxsize=2048)
def qr(text: str, level: str = "M") -> Square:
    """The QR code of a text in UTF-8, as small as it gets. ValueError when the text is too long (about 2,300 bytes)."""
    said = {} if text.isascii() else {"eci": "UTF8"}
    made = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode, ec_level=level, **said)
    image: Any = made.to_image(scale=1, add_quiet_zones=False)
    grey = memoryview(image).tobytes()
    side = image.shape[0]
    rows = tuple(int(row.translate(_BITS), 2) for row in (grey[at : at + side] for at in range(0, side * side, side)))
    return Square(text, level, side, rows)
