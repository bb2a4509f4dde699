"""Open any sheet a person uploads: xlsx, xls, CSV or TSV, told apart by content."""

from collections.abc import Iterator
from typing import Protocol

from fahuo.connectors.sheet import limits
from fahuo.connectors.sheet.delimited import Delimited
from fahuo.connectors.sheet.sniff import FileFormat, format_of
from fahuo.connectors.sheet.workbook import parse
from fahuo.rules.problems import Refusal
from fahuo.rules.sheets import SheetRow

__all__ = ["Sheet", "SheetRow", "open_sheet"]

_LOOK_FOR_HEADER = 20


class _Source(Protocol):
    count: int

    def rows(self) -> Iterator[SheetRow]: ...


class Sheet:
    """An opened sheet: `header`, the rows below it as often as one likes, and about how many (`count`, for a progress
    bar). Nothing of it can fail any more.
    """

    def __init__(self, name: str, form: FileFormat, encoding: str, source: _Source) -> None:
        self.name = name
        self.format = form
        self.encoding = encoding
        self._source = source
        self.header_no, self.header, passed = self._find_header()
        self.count = source.count - passed

    def rows(self) -> Iterator[SheetRow]:
        """The rows below the header that are not blank. `no` counts as the spreadsheet does, from 1."""
        width = len(self.header)
        for row in self._source.rows():
            if row.no <= self.header_no:
                continue
            if len(row.cells) > width and not any(row.cells[width:]):
                yield row._replace(cells=row.cells[:width])
            else:
                yield row

    def _find_header(self) -> tuple[int, list[str], int]:
        """(its row, its cells, how many rows lie up to it): the first row with two filled cells (a lone title above it
        is passed over), else the first row."""
        first: SheetRow | None = None
        passed = 1
        for looked, row in enumerate(self._source.rows()):
            if sum(map(bool, row.cells)) > 1:
                first, passed = row, looked + 1
                break
            first = first or row
            if looked == _LOOK_FOR_HEADER:
                break
        if first is None:
            raise Refusal.of("sheet_blank")
        cells = list(first.cells)
        while cells and not cells[-1]:
            cells.pop()
        return first.no, cells, passed


def open_sheet(name: str, body: bytes, *, limit: int = limits.FILE_BYTES) -> Sheet:
    """Open a file of at most `limit` bytes. `name` is for people only.

    Raises Refusal with one code: file_too_large, file_empty, file_not_a_sheet, file_html, file_encrypted, file_damaged,
    file_bomb, text_encoding, csv_broken, sheet_too_large, sheet_too_slow, sheet_blank, sheet_no_rows.
    """
    if len(body) > limit:
        raise Refusal.of("file_too_large", size=len(body) // 2**20, limit=limit // 2**20)
    form = format_of(body)
    if form == "text":
        text = Delimited(body)
        sheet = Sheet(name, form, text.encoding, text)
    else:
        sheet = Sheet(name, form, "", parse(body))
    if next(sheet.rows(), None) is None:
        raise Refusal.of("sheet_no_rows")
    return sheet
