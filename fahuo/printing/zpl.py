"""Labels in ZPL II, the language of Zebra and its likes: texts as small bitmaps, codes drawn by the printer itself.

Chinese printed natively needs a font that most printers lack; a bitmap looks the same on all. Code 128 names its subsets, so
that the symbol is as wide here as in the layout.
"""

from collections.abc import Iterable
from functools import lru_cache
from typing import BinaryIO, Final

from fahuo.printing import codes
from fahuo.printing.dots import Barcode, Bitmap, Black, Patch, arranged, size_of
from fahuo.printing.page import Page

QR_DROP: Final = 10
"""Dots by which printers draw a QR code below its ^FO (the height that ^BY has by default); a printer that does not has
the code that much higher, which its quiet zone allows."""
MOST: Final = 8000
"""Bytes of one graphic, at most: some printers and drivers refuse 15,000 and more."""
_ZERO: Final = b"0"


def write(pages: Iterable[Page], dpi: int, out: BinaryIO) -> int:
    """Write a format (^XA … ^XZ) for each page; how many they were."""
    count = 0
    for page in pages:
        out.write(_format(page, dpi))
        count += 1
    return count


def _format(page: Page, dpi: int) -> bytes:
    width, height = size_of(page, dpi)
    parts = [b"^XA^CI28^PW%d^LL%d^LH0,0\n" % (width, height)]
    for mark in arranged(page, dpi):
        if isinstance(mark, Patch):
            for down, graphic in _graphics(mark.bitmap):
                parts.append(b"^FO%d,%d%s\n" % (mark.x, mark.y + down, graphic))
        elif isinstance(mark, Black):
            parts.append(b"^FO%d,%d^GB%d,%d,%d^FS\n" % (mark.x, mark.y, mark.w, mark.h, min(mark.w, mark.h)))
        elif isinstance(mark, Barcode):
            data = _field(_subsets(mark.symbol))
            parts.append(b"^FO%d,%d^BY%d^BCN,%d,N,N,N,N%s^FS\n" % (mark.x, mark.y, mark.module, mark.h, data))
        else:
            data = _field(f"{mark.square.level}A,{mark.square.text}")
            y = max(mark.y - QR_DROP, 0)
            parts.append(b"^FO%d,%d^BQN,2,%d%s^FS\n" % (mark.x, y, mark.module, data))
    parts.append(b"^XZ\n")
    return b"".join(parts)


@lru_cache(maxsize=4096)
def _graphics(bitmap: Bitmap) -> tuple[tuple[int, bytes], ...]:
    """The bitmap in bands of at most MOST bytes: how far down each stands, and its ^GF."""
    band = MOST // bitmap.stride * bitmap.stride
    return tuple(
        (at // bitmap.stride, _graphic(bitmap.stride, bitmap.rows[at : at + band]))
        for at in range(0, len(bitmap.rows), band)
    )


def _graphic(stride: int, bitmap: bytes) -> bytes:
    """^GF with hex rows: an empty end of a row is a comma, a row like the one before a colon."""
    hexed = bitmap.hex().upper().encode("ascii")
    rows, before = [], b""
    for at in range(0, len(hexed), stride * 2):
        row = hexed[at : at + stride * 2]
        if row == before:
            rows.append(b":")
            continue
        before = row
        inked = row.rstrip(_ZERO)
        rows.append(row if len(inked) == len(row) else inked + b",")
    size = len(bitmap)
    return b"^GFA,%d,%d,%d,%s^FS" % (size, size, stride, b"".join(rows))


def _subsets(symbol: codes.Symbol) -> str:
    """The text with ZPL's invocations before each subset (>: B, >; C at the start; >6 B, >5 C inside; >0 is a >)."""
    said = []
    subset = "C" if symbol.words[0] == codes.START_C else "B"
    said.append(">;" if subset == "C" else ">:")
    for word in symbol.words[1:-2]:
        if subset == "B" and word == codes.TO_C:
            subset = "C"
            said.append(">5")
        elif subset == "C" and word == codes.TO_B:
            subset = "B"
            said.append(">6")
        elif subset == "C":
            said.append(f"{word:02d}")
        else:
            char = chr(word + 32)
            said.append(">0" if char == ">" else char)
    return "".join(said)


def _field(text: str) -> bytes:
    """^FD with a text in UTF-8; what would be a command, or is no ASCII letter, in hex (^FH)."""
    data = text.encode("utf-8", "replace")
    if all(32 <= each < 127 and each not in b"^~_\\" for each in data):
        return b"^FD" + data
    return b"^FH_^FD" + b"".join(
        bytes([each]) if 32 <= each < 127 and each not in b"^~_\\" else b"_%02X" % each for each in data
    )
