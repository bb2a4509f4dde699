"""Sheets for people and their spreadsheets: ids stay text, nothing in them runs as a formula."""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Final

import rustpy_xlsxwriter

_STARTS: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_HARMLESS: Final = re.compile(r"[+-]?[\d.]*[\d]|\+?\d[\d ()-]*", re.ASCII)
_LONG_DIGITS: Final = re.compile(r"0\d+|\d{12,}", re.ASCII)
_UNFIT: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_CELL_MOST: Final = 32_767
_HEADING_MOST: Final = 32_000
"""Less than a cell holds, so that there is room for the tails of repeated headings."""
_LOOKED_AT: Final = 200
_NARROW, _WIDE = 8, 50


def neutral(text: str) -> str:
    """The text so that no spreadsheet runs it: a leading ' before =, +, -, @ (also full-width, which a Chinese
    spreadsheet takes for the same), tab or line break. Numbers and phone
    numbers (+86 …, -5.00) are left alone; so is everything else.
    """
    if text.startswith(_STARTS) and not _HARMLESS.fullmatch(text):
        return "'" + text
    return text


def write_xlsx(header: Sequence[str], rows: Iterable[Sequence[str]], *, sheet_name: str = "Sheet1") -> bytes:
    """A workbook of text cells: header bold and frozen, columns as wide as their first rows need. Short rows are filled
    up, cells beyond the header are dropped."""
    names = _unique(header)
    start, rest = _first_rows(rows)
    target = io.BytesIO()
    rustpy_xlsxwriter.write_worksheet(
        _records(names, start, rest), target, sheet_name=sheet_name, freeze_row=1, bold_headers=True,
        column_widths=_widths(header, start), column_formats=[rustpy_xlsxwriter.Format().set_num_format("@")] * len(names),
    )  # fmt: skip
    return target.getvalue()


def write_csv(
    header: Sequence[str], rows: Iterable[Sequence[str]], encoding: str = "gb18030", *, guard_ids: bool = True
) -> bytes:
    """CSV in gb18030 (what a Chinese spreadsheet opens without asking) or utf-8-sig. `guard_ids` writes long numbers
    as ="…", as the marketplace does, so that a spreadsheet keeps all their digits; leave it out for machines."""
    target = io.TextIOWrapper(io.BytesIO(), encoding=encoding, errors="replace", newline="")
    out = csv.writer(target)
    guard = _guarded if guard_ids else _plain
    out.writerow([_plain(text) for text in header])
    out.writerows([guard(text) for text in row] for row in rows)
    target.flush()
    target.seek(0)
    return target.buffer.read()


def _plain(text: str) -> str:
    return neutral(_UNFIT.sub("", text)) if text else ""


def _guarded(text: str) -> str:
    return f'="{text}"' if _LONG_DIGITS.fullmatch(text) else _plain(text)


def _fit(text: str) -> str:
    if text.isalnum():
        return text[:_CELL_MOST]
    return neutral(_UNFIT.sub("", text))[:_CELL_MOST]


def _unique(header: Sequence[str]) -> list[str]:
    """Headings as keys: a repeated or empty one gets an invisible tail, which our reader and people do not see."""
    names: list[str] = []
    seen: set[str] = set()
    for text in header:
        name = _fit(text)[:_HEADING_MOST]
        while name in seen or not name:
            name += "\u200b"
        seen.add(name)
        names.append(name)
    return names


def _first_rows(rows: Iterable[Sequence[str]]) -> tuple[list[Sequence[str]], Iterator[Sequence[str]]]:
    rest = iter(rows)
    start = list(islice(rest, _LOOKED_AT))
    return start or [()], rest  # the library writes the header only together with a record


def _records(names: list[str], start: list[Sequence[str]], rest: Iterator[Sequence[str]]) -> Iterator[dict[str, str]]:
    for part in (start, rest):
        for row in part:
            record = dict.fromkeys(names, "")
            record.update(zip(names, map(_fit, row), strict=False))
            yield record


def _widths(header: Sequence[str], start: list[Sequence[str]]) -> list[float]:
    widths = [_width(text) for text in header]
    for row in start:
        for place, text in enumerate(row[: len(widths)]):
            widths[place] = max(widths[place], _width(text))
    return [float(min(max(width + 2, _NARROW), _WIDE)) for width in widths]


def _width(text: str) -> int:
    """Columns on the screen: a wide character takes two. Of many lines the longest counts."""
    return max((len(line) + sum(character > "\u2e7f" for character in line) for line in text.split("\n")), default=0)
