"""Labels in TSPL, the language of TSC and of most label printers sold in China: texts as small bitmaps, codes drawn by the
printer. (TSPL/TSPL2 Programming Manual; BITMAP's 0 is black.)
"""

from collections.abc import Iterable
from functools import lru_cache
from typing import BinaryIO, Final

from fahuo.printing.dots import Barcode, Bitmap, Black, Patch, arranged
from fahuo.printing.page import Page

GAP: Final = 2
"""Millimetres between two labels on the roll."""
_INVERTED: Final = bytes(255 - each for each in range(256))


def write(pages: Iterable[Page], dpi: int, out: BinaryIO) -> int:
    """Write a label (SIZE … PRINT) for each page; how many they were."""
    count = 0
    for page in pages:
        out.write(_label(page, dpi))
        count += 1
    return count


def _label(page: Page, dpi: int) -> bytes:
    parts = [
        b"SIZE %g mm,%g mm\r\nGAP %d mm,0 mm\r\nDIRECTION 1\r\nREFERENCE 0,0\r\nCLS\r\n"
        % (page.width, page.height, GAP)
    ]
    for mark in arranged(page, dpi):
        if isinstance(mark, Patch):
            bitmap = mark.bitmap
            head = b"BITMAP %d,%d,%d,%d,0," % (mark.x, mark.y, bitmap.stride, bitmap.height)
            parts += (head, _inverted(bitmap), b"\r\n")
        elif isinstance(mark, Black):
            parts.append(b"BAR %d,%d,%d,%d\r\n" % (mark.x, mark.y, mark.w, mark.h))
        elif isinstance(mark, Barcode):
            data = _quoted(mark.symbol.text)
            parts.append(
                b'BARCODE %d,%d,"128",%d,0,0,%d,%d,%s\r\n' % (mark.x, mark.y, mark.h, mark.module, mark.module, data)
            )
        else:
            data = _quoted(mark.square.text)
            level = mark.square.level.encode("ascii")
            parts.append(b"QRCODE %d,%d,%s,%d,A,0,%s\r\n" % (mark.x, mark.y, level, mark.module, data))
    parts.append(b"PRINT 1,1\r\n")
    return b"".join(parts)


@lru_cache(maxsize=4096)
def _inverted(bitmap: Bitmap) -> bytes:
    return bitmap.rows.translate(_INVERTED)


def _quoted(text: str) -> bytes:
    """A text between quotes, in UTF-8; a quote inside is written \\["]."""
    return b'"%s"' % text.replace('"', '\\["]').encode("utf-8", "replace")
