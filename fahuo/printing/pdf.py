"""Labels as a PDF, one a page, written as they come: vectors and real text, exact page sizes, the fonts' used parts inside.

A page leaves as soon as it is drawn; what is kept for the end is where each object stands and which glyphs were used, so
memory does not grow with the labels. (ISO 32000-1; reportlab, the library for this, keeps every page until the end.)
"""

import re
import zlib
from collections.abc import Iterable
from typing import BinaryIO, Final

from fahuo.printing import fonts, pdf_fonts
from fahuo.printing.dots import Barcode, Black, Qrcode, marks_without_text
from fahuo.printing.page import Ground, Page, Run

POINTS: Final = 72 / 25.4
"""Points of a millimetre."""
_ONES: Final = re.compile("1+")
_CATALOG, _PAGES, _RESOURCES = 1, 2, 3


class _OtherFont(Exception):
    """A run has a character of another font than the first."""


class _Codes(dict[str, str]):
    """char -> its two-byte code in hex, in the first font at one weight; a character's first use gives it the next code."""

    def __init__(self, used: pdf_fonts.Used) -> None:
        super().__init__()
        self.used = used

    def __missing__(self, char: str) -> str:
        glyph = fonts.glyph(char, self.used.bold)
        if glyph.face != self.used.face:
            raise _OtherFont
        code = self[char] = f"{self.used.code(char, glyph):04X}"
        return code


class Document:
    """A PDF that is being written to `out`. `add` each page, then `close`."""

    def __init__(self, out: BinaryIO, dpi: int) -> None:
        self.out, self.dpi = out, dpi
        self.at = 0
        self.places: dict[int, int] = {}
        self.count = _RESOURCES
        self.pages: list[int] = []
        self.fonts: dict[tuple[int, bool], tuple[str, _Codes]] = {}
        self._write(b"%PDF-1.7\n%\xe5\x8f\x91\xe8\xb4\xa7\n")

    def add(self, page: Page) -> None:
        content = self._stream("/Filter/FlateDecode", zlib.compress(self._drawn(page).encode("ascii"), 6))
        self.pages.append(
            self._object(
                f"<</Type/Page/Parent {_PAGES} 0 R/MediaBox[0 0 {page.width * POINTS:.4f} {page.height * POINTS:.4f}]"
                f"/Resources {_RESOURCES} 0 R/Contents {content} 0 R>>"
            )
        )

    def close(self) -> None:
        """Write the fonts and what leads to the pages."""
        names = []
        for name, codes in self.fonts.values():
            names.append(f"/{name} {pdf_fonts.write(codes.used, self._object, self._stream)} 0 R")
        self._object(f"<</Font<<{''.join(names)}>>>>", _RESOURCES)
        kids = " ".join(f"{number} 0 R" for number in self.pages)
        self._object(f"<</Type/Pages/Count {len(self.pages)}/Kids[{kids}]>>", _PAGES)
        self._object(f"<</Type/Catalog/Pages {_PAGES} 0 R/ViewerPreferences<</PrintScaling/None>>>>", _CATALOG)
        info = self._object("<</Producer(Fahuo)>>")
        start = self.at
        rows = "".join(f"{self.places[number]:010d} 00000 n \n" for number in range(1, self.count + 1))
        self._write(f"xref\n0 {self.count + 1}\n0000000000 65535 f \n{rows}".encode("ascii"))
        self._write(
            f"trailer\n<</Size {self.count + 1}/Root {_CATALOG} 0 R/Info {info} 0 R>>\nstartxref\n{start}\n%%EOF\n".encode()
        )

    def _drawn(self, page: Page) -> str:
        """The page's content: everything of whole dots as one black path in dots, then the texts in points."""
        height = page.height * POINTS
        scale = 72 / self.dpi
        path: list[str] = [f"q {scale:.6f} 0 0 {-scale:.6f} 0 {height:.4f} cm"]
        for mark in marks_without_text(page, self.dpi):
            if isinstance(mark, Black):
                path.append(f"{mark.x} {mark.y} {mark.w} {mark.h} re")
            elif isinstance(mark, Barcode):
                path += _bars(mark)
            else:
                path += _modules(mark)
        path.append("f Q" if len(path) > 1 else "Q")
        texts = []
        for op in page.ops:
            if isinstance(op, Run):
                texts.append(self._text(op, height))
            elif isinstance(op, Ground):
                texts += ["1 g", *(self._text(run, height) for run in op.runs), "0 g"]
        return "\n".join([*path, "BT", *texts, "ET"])

    def _text(self, run: Run, height: float) -> str:
        place = f"1 0 0 1 {run.x * POINTS:.3f} {height - run.y * POINTS:.3f} Tm"
        size = f"{run.size * POINTS:.3f}"
        name, codes = self._font(0, run.bold)
        try:
            return f"/{name} {size} Tf {place} <{''.join(map(codes.__getitem__, run.text))}> Tj"
        except _OtherFont:
            return f"{place} {self._mixed(run, size)}"

    def _mixed(self, run: Run, size: str) -> str:
        """A run with characters of several fonts."""
        parts = []
        for char in run.text:
            name, codes = self._font(fonts.glyph(char, run.bold).face, run.bold)
            parts.append(f"/{name} {size} Tf <{codes[char]}> Tj")
        return " ".join(parts)

    def _font(self, face: int, bold: bool) -> tuple[str, _Codes]:
        found = self.fonts.get((face, bold))
        if found is None:
            found = self.fonts[face, bold] = (f"F{face}{'B' if bold else 'R'}", _Codes(pdf_fonts.Used(face, bold)))
        return found

    def _object(self, body: str, number: int = 0) -> int:
        return self._put(body.encode("ascii"), number)

    def _stream(self, entries: str, data: bytes) -> int:
        return self._put(b"<<%s/Length %d>>stream\n%s\nendstream" % (entries.encode("ascii"), len(data), data))

    def _put(self, body: bytes, number: int = 0) -> int:
        if not number:
            self.count += 1
            number = self.count
        self.places[number] = self.at
        self._write(b"%d 0 obj\n%s\nendobj\n" % (number, body))
        return number

    def _write(self, data: bytes) -> None:
        self.out.write(data)
        self.at += len(data)


def _bars(mark: Barcode) -> list[str]:
    x, found = mark.x, []
    for place, width in enumerate(mark.symbol.widths):
        dots = width * mark.module
        if not place % 2:
            found.append(f"{x} {mark.y} {dots} {mark.h} re")
        x += dots
    return found


def _modules(mark: Qrcode) -> list[str]:
    module, side = mark.module, mark.square.side
    return [
        f"{mark.x + run.start() * module} {mark.y + place * module} {(run.end() - run.start()) * module} {module} re"
        for place, row in enumerate(mark.square.rows)
        for run in _ONES.finditer(f"{row:0{side}b}")
    ]


def write(pages: Iterable[Page], dpi: int, out: BinaryIO) -> int:
    """Write the pages as one PDF; how many they were."""
    document = Document(out, dpi)
    count = 0
    for page in pages:
        document.add(page)
        count += 1
    document.close()
    return count
