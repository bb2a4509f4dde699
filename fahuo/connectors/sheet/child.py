"""The process that parses one workbook: `python -m fahuo.connectors.sheet.child < workbook > rows`.

It limits itself before it looks at the file. Rows go out as frames (length, msgpack list of (row number, cells,
damaged columns)); a refusal goes out as JSON on stderr with exit code 3. It imports little, to start quickly.
"""

import gc
import io
import json
import re
import resource
import struct
import sys
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any, Final, NoReturn

import msgspec
from python_calamine import CalamineSheet, CalamineWorkbook, PasswordError, SheetTypeEnum, SheetVisibleEnum

from fahuo.connectors.sheet import limits
from fahuo.connectors.sheet.text import clean

REFUSED: Final = 3
CHUNK: Final = 500
EXACT_BELOW: Final = 10**15
"""A spreadsheet keeps 15 digits; a whole number from here on may have been rounded."""
_FAR: Final = re.compile(rb'r="([A-Z]{3,8}|[A-Z]{1,2}(?=\d{6}))(\d{1,9})"')
_OVERLAP: Final = 512
_frame = struct.Struct("<I")


class TooMuch(Exception):
    """The sheet is beyond the limits, or cannot be read: the code to refuse it with."""


def main() -> None:
    """Read stdin, write stdout; see the module."""
    _limit()
    gc.disable()  # nothing here holds cycles, and the process ends with its sheet
    try:
        for frame in _frames(sys.stdin.buffer.read()):
            sys.stdout.buffer.write(_frame.pack(len(frame)) + frame)
        sys.stdout.buffer.flush()
    except TooMuch as refusal:
        _refuse(str(refusal))
    except PasswordError:
        _refuse("file_encrypted")
    except MemoryError:
        _refuse("sheet_too_large")
    except BaseException as error:  # a panic of the parser arrives as a BaseException
        _refuse("file_damaged", f"{type(error).__name__}: {error}")


def _limit() -> None:
    for what, most in (
        (resource.RLIMIT_AS, limits.CHILD_MEMORY), (resource.RLIMIT_CPU, limits.CHILD_SECONDS),
        (resource.RLIMIT_FSIZE, limits.SPOOL_BYTES), (resource.RLIMIT_CORE, 0),
    ):  # fmt: skip
        try:
            resource.setrlimit(what, (most, most))
        except (ValueError, OSError):  # a system without this limit, or one that is stricter already
            continue


def _refuse(code: str, detail: str = "") -> NoReturn:
    sys.stderr.write(json.dumps({"code": code, "detail": detail[:500]}))
    sys.stderr.flush()
    sys.exit(REFUSED)


def _frames(body: bytes) -> Iterator[bytes]:
    if body.startswith(b"PK"):
        _look_for_far_cells(body)
    sheet = _first_sheet(CalamineWorkbook.from_filelike(io.BytesIO(body)))
    if sheet is None or sheet.height == 0:
        raise TooMuch("sheet_blank")
    if sheet.total_height > limits.ROWS + 1 or sheet.width > limits.COLUMNS:
        raise TooMuch("sheet_too_large")
    if sheet.height * sheet.width > limits.CELLS:
        raise TooMuch("sheet_too_large")
    encode = msgspec.msgpack.Encoder().encode
    chunk: list[tuple[int, list[str], list[int]]] = []
    total = 0
    for no, values in enumerate(sheet.iter_rows(), 1):
        damaged: list[int] = []
        cells = [
            value if value.__class__ is str and (not value or value.isalnum()) else _text(value, damaged, place)
            for place, value in enumerate(values)
        ]
        if any(cells):
            chunk.append((no, cells, damaged))
        if len(chunk) == CHUNK:
            yield encode(chunk)
            total += len(chunk)
            chunk = []
    if chunk:
        yield encode(chunk)
    yield encode(total + len(chunk))


def _first_sheet(book: CalamineWorkbook) -> CalamineSheet | None:
    """The first visible worksheet that holds anything, as a person who opens the file sees it."""
    first = None
    for about in book.sheets_metadata:
        if about.visible == SheetVisibleEnum.Visible and about.typ == SheetTypeEnum.WorkSheet:
            sheet = book.get_sheet_by_name(about.name)
            if sheet.height:
                return sheet
            first = first or sheet
    return first


def _look_for_far_cells(body: bytes) -> None:
    """Refuse a filled cell far outside the limits before the parser reserves room for all cells up to it."""
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        for entry in archive.infolist():
            if "worksheets/" in entry.filename and entry.filename.endswith(".xml"):
                with archive.open(entry) as part:
                    tail = b""
                    while piece := part.read(2**20):
                        _look(tail + piece)
                        tail = piece[-_OVERLAP:]


def _look(xml: bytes) -> None:
    for far in _FAR.finditer(xml):
        end = xml.find(b">", far.end())
        if end > 0 and xml[end - 1 : end] != b"/" and (len(far[1]) > 2 or int(far[2]) > limits.ROWS + 1):
            raise TooMuch("sheet_too_large")


def _text(value: Any, damaged: list[int], place: int) -> str:
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, (int, float)):
        return _number(value, damaged, place)
    if isinstance(value, datetime):
        rounded = value.replace(microsecond=0) + timedelta(seconds=1 if value.microsecond >= 500_000 else 0)
        return rounded.isoformat(" ")
    if isinstance(value, (date, time)):
        return value.isoformat()
    return str(value)


def _number(value: float, damaged: list[int], place: int) -> str:
    """15 digits, as a spreadsheet shows them; a whole number without ".0"."""
    if value == value and abs(value) < 1e300 and value == int(value):
        if abs(value) >= EXACT_BELOW:
            damaged.append(place)
        return str(int(value))
    return format(value, ".15g")


if __name__ == "__main__":
    main()
