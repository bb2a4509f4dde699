"""What a file is, by its first bytes and its parts; its name says nothing."""

import io
import re
import zipfile
from typing import Final, Literal

from fahuo.connectors.sheet import limits
from fahuo.rules.problems import Refusal

FileFormat = Literal["xlsx", "xls", "text"]

_MAGIC: Final[tuple[tuple[bytes, str], ...]] = (
    (b"MZ", "exe"), (b"\x7fELF", "elf"), (b"\xcf\xfa\xed\xfe", "mach-o"), (b"%PDF", "pdf"), (b"\x89PNG", "png"),
    (b"\xff\xd8\xff", "jpeg"), (b"GIF8", "gif"), (b"BM", "bmp"), (b"RIFF", "riff"), (b"Rar!", "rar"),
    (b"7z\xbc\xaf\x27\x1c", "7z"), (b"\x1f\x8b", "gzip"), (b"{\\rtf", "rtf"), (b"SQLite format 3", "sqlite"),
    (b"\xfd7zXZ", "xz"), (b"\x00\x00\x00 ftyp", "mp4"),
)  # fmt: skip
_OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_MARKUP: Final = re.compile(
    rb"\s*(?:\xef\xbb\xbf)?\s*<(?:!doctype|html|head|body|table|meta|style|div|\?xml|script)", re.IGNORECASE
)


def format_of(body: bytes) -> FileFormat:
    """xlsx, xls or text. Raises Refusal `file_empty`, `file_not_a_sheet`, `file_html`, `file_encrypted`,
    `file_damaged` or `file_bomb`.
    """
    if not body.strip(b"\x00 \t\r\n\xef\xbb\xbf\xff\xfe"):
        raise Refusal.of("file_empty")
    if body.startswith(_OLE):
        return _ole(body)
    if body.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _zip(body)
    if _MARKUP.match(body[:2000]):
        raise Refusal.of("file_html")
    for magic, kind in _MAGIC:
        # Two letters alone ("BM", "MZ") also begin honest headings: those formats always hold a zero soon after.
        if body.startswith(magic) and (len(magic) > 2 or b"\x00" in body[:64]):
            raise Refusal.of("file_not_a_sheet", kind=kind)
    return "text"


def _ole(body: bytes) -> FileFormat:
    if "EncryptedPackage".encode("utf-16-le") in body:
        raise Refusal.of("file_encrypted")
    if "Workbook".encode("utf-16-le") in body or "Book".encode("utf-16-le") in body:
        return "xls"
    if len(body) < 4096:
        raise Refusal.of("file_damaged")
    raise Refusal.of("file_not_a_sheet", kind="ole")


def _zip(body: bytes) -> FileFormat:
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, ValueError, OverflowError, NotImplementedError, EOFError, OSError):
        raise Refusal.of("file_damaged") from None
    unpacked = sum(entry.file_size for entry in entries)
    if len(entries) > limits.ZIP_ENTRIES or unpacked > limits.UNPACKED_BYTES:
        raise Refusal.of("file_bomb")
    if unpacked > limits.RATIO_FROM and unpacked > limits.RATIO * len(body):
        raise Refusal.of("file_bomb")
    names = {entry.filename.lstrip("/") for entry in entries}
    if any(entry.flag_bits & 1 for entry in entries):
        raise Refusal.of("file_encrypted")
    if "xl/workbook.xml" in names:
        return "xlsx"
    raise Refusal.of("file_not_a_sheet", kind=_package(names))


def _package(names: set[str]) -> str:
    for part, kind in (("xl/workbook.bin", "xlsb"), ("word/document.xml", "docx"), ("ppt/presentation.xml", "pptx"), ("content.xml", "ods")):  # fmt: skip
        if part in names:
            return kind
    return "zip"
