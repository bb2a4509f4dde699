"""CSV and TSV: find the encoding and the delimiter, then stream the rows."""

import codecs
import csv
import io
import re
from collections.abc import Iterator
from typing import Final

from fahuo.connectors.sheet import limits
from fahuo.connectors.sheet.text import clean, lost_digits
from fahuo.rules.problems import Refusal
from fahuo.rules.sheets import SheetRow

_BOMS: Final = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_DELIMITERS: Final = (",", "\t", ";")
_PIECE: Final = 2**20
_BINARY: Final = re.compile("[\x00-\x08\x0e-\x1f\x7f]")
_SEP: Final = re.compile(r"\"?sep=([,;\t|])\"?\s*", re.IGNORECASE)
_QUOTED: Final = re.compile(r'"[^"]*"')


class Delimited:
    """The rows of a text file that are not blank; `count` of them."""

    def __init__(self, body: bytes) -> None:
        self._body = body
        self.encoding = encoding_of(body)
        self._first, self._delimiter = self._look()
        self.count = self._check()

    def rows(self) -> Iterator[SheetRow]:
        for no, raw in self._raw():
            cells = [text if not text or text.isalnum() else clean(text) for text in raw]
            if any(cells):
                damaged = [place for place, text in enumerate(cells) if "E+" in text and lost_digits(text)]
                yield SheetRow(no, cells, frozenset(damaged)) if damaged else SheetRow(no, cells)

    def _text(self) -> io.TextIOWrapper:
        return io.TextIOWrapper(io.BytesIO(self._body), encoding=self.encoding, newline="")

    def _look(self) -> tuple[str, str]:
        """("sep=" line or "", delimiter). Raises Refusal `file_not_a_sheet` for what no text file holds."""
        text = self._text()
        sample = text.read(65536)
        if _BINARY.search(sample):
            raise Refusal.of("file_not_a_sheet", kind="binary")
        lines = [line for line in sample.splitlines() if line.strip()]
        if not lines:
            raise Refusal.of("file_empty")
        told = _SEP.fullmatch(lines[0])
        if told:
            return lines[0], told[1]
        plain = _QUOTED.sub("", lines[0])
        return "", max(_DELIMITERS, key=lambda mark: (plain.count(mark), -_DELIMITERS.index(mark)))

    def _raw(self) -> Iterator[tuple[int, list[str]]]:
        text = self._text()
        if self._first:
            text.readline()  # the spreadsheet swallows this line; it does not count as a row
        yield from enumerate(csv.reader(text, delimiter=self._delimiter), 1)

    def _check(self) -> int:
        """Go over the whole file once, so that reading it later cannot fail. Raises `sheet_too_large`, `csv_broken`."""
        count = cells = no = 0
        try:
            for no, row in self._raw():
                if not row:
                    continue
                cells += len(row)
                if len(row) > limits.COLUMNS or no > limits.ROWS + 1 or cells > limits.CELLS:
                    raise Refusal.of("sheet_too_large")
                count += 1
        except csv.Error:
            raise Refusal.of("csv_broken", row=no + 1) from None
        return count


def encoding_of(body: bytes) -> str:
    """By its mark, else strict UTF-8, else strict GB18030. Raises Refusal `text_encoding`."""
    marked = next((name for bom, name in _BOMS if body.startswith(bom)), None)
    for name in (marked,) if marked else ("utf-8", "gb18030"):
        decoder = codecs.getincrementaldecoder(name)()
        try:
            for start in range(0, len(body), _PIECE):
                decoder.decode(body[start : start + _PIECE])
            decoder.decode(b"", final=True)
        except UnicodeError:
            continue
        return name
    raise Refusal.of("text_encoding")
