"""Labels in CPCL, the language of couriers' mobile printers: texts as small bitmaps, codes drawn by the printer.

(CPCL Programming Manual. CG's data are raw bytes, 1 is black.)
"""

from collections.abc import Iterable
from typing import BinaryIO, Final

from fahuo.printing.dots import Barcode, Black, Patch, arranged, size_of
from fahuo.printing.page import Page

RESOLUTIONS: Final = {203: 200, 300: 300}
"""Dots per inch as the language calls them."""


def write(pages: Iterable[Page], dpi: int, out: BinaryIO) -> int:
    """Write a session (! … PRINT) for each page; how many they were."""
    count = 0
    for page in pages:
        out.write(_session(page, dpi))
        count += 1
    return count


def _session(page: Page, dpi: int) -> bytes:
    width, height = size_of(page, dpi)
    named = RESOLUTIONS[dpi]
    parts = [b"! 0 %d %d %d 1\r\nPAGE-WIDTH %d\r\n" % (named, named, height, width)]
    for mark in arranged(page, dpi):
        if isinstance(mark, Patch):
            bitmap = mark.bitmap
            head = b"CG %d %d %d %d " % (bitmap.stride, bitmap.height, mark.x, mark.y)
            parts += (head, bitmap.rows, b"\r\n")
        elif isinstance(mark, Black):
            parts.append(_line(mark))
        elif isinstance(mark, Barcode):
            data = mark.symbol.text.encode("ascii")
            parts.append(b"BARCODE 128 %d 1 %d %d %d %s\r\n" % (mark.module, mark.h, mark.x, mark.y, data))
        else:
            data = mark.square.text.replace("\r", " ").replace("\n", " ").encode("utf-8", "replace")
            level = mark.square.level.encode("ascii")
            parts.append(
                b"BARCODE QR %d %d M 2 U %d\r\n%sA,%s\r\nENDQR\r\n" % (mark.x, mark.y, mark.module, level, data)
            )
    parts.append(b"GAP-SENSE\r\nFORM\r\nPRINT\r\n")
    return b"".join(parts)


def _line(mark: Black) -> bytes:
    """A black rectangle as a line along its longer side, as thick as the other."""
    if mark.w >= mark.h:
        return b"LINE %d %d %d %d %d\r\n" % (mark.x, mark.y, mark.x + mark.w, mark.y, mark.h)
    return b"LINE %d %d %d %d %d\r\n" % (mark.x, mark.y, mark.x, mark.y + mark.h, mark.w)
