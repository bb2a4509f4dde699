"""What a party may put on record: words, and files of the kinds that prove something, told by their content."""

import zipfile
from io import BytesIO
from pathlib import PurePosixPath
from typing import Final

from fahuo.rules.problems import Problem

PARTIES: Final = ("seller", "buyer", "platform")
MOST_TEXT: Final = 2000
"""Characters of one statement."""
MOST_BYTES: Final = 10 * 2**20
"""Bytes of one file."""
MOST_PIECES: Final = 50
"""Pieces that one party may put on record over one complaint or report."""

ACCEPT: Final = ".pdf,.png,.jpg,.jpeg,.gif,.webp,.xlsx,.xls,.docx,.csv,.txt,.mp4"
"""The kinds of file, as a browser's file dialog wants them."""
_STARTS: Final = (
    (b"%PDF-", ".pdf"), (b"\x89PNG\r\n\x1a\n", ".png"), (b"\xff\xd8\xff", ".jpg"), (b"GIF87a", ".gif"),
    (b"GIF89a", ".gif"), (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", ".xls"),
)  # fmt: skip
_OFFICE: Final = (("xl/", ".xlsx"), ("word/", ".docx"))


def kind_of(body: bytes) -> str:
    """The ending that a file's content deserves (".pdf", ".jpg", ".txt" …); "" for what is not taken."""
    for start, ending in _STARTS:
        if body.startswith(start):
            return ending
    if body[:4] == b"RIFF" and body[8:12] == b"WEBP":
        return ".webp"
    if body[4:8] == b"ftyp":
        return ".mp4"
    if body.startswith(b"PK\x03\x04"):
        return _office(body)
    return ".txt" if _is_text(body) else ""


def _office(body: bytes) -> str:
    try:
        with zipfile.ZipFile(BytesIO(body)) as packed:
            names = packed.namelist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        return ""
    return next((ending for folder, ending in _OFFICE if any(name.startswith(folder) for name in names)), "")


def _is_text(body: bytes) -> bool:
    """Whether the content is text in UTF-8 or GB 18030, and no page that a browser would run."""
    if any(byte < 32 and byte not in (9, 10, 12, 13) for byte in body[:65536]):
        return False
    if body.lstrip()[:1] == b"<":
        return False
    for encoding in ("utf-8", "gb18030"):
        try:
            body.decode(encoding)
        except UnicodeDecodeError:
            continue
        return True
    return False


def file_name(name: str, ending: str) -> str:
    """The name under which a file is kept: without folders and signs that no file has, with the ending it deserves."""
    last = PurePosixPath(name.replace("\\", "/").replace("\0", "")).name
    clean = "".join(sign for sign in last if sign.isprintable() and sign not in '<>:"|?*').strip(" .")
    path = PurePosixPath(clean or "file")
    same = {".jpeg": ".jpg", ".csv": ".txt"}
    given = path.suffix.lower()
    stem = path.stem[:100] if given and len(given) <= 6 else path.name[:100]
    return stem + (given if same.get(given, given) == ending else ending)


def check(body: str, file: tuple[str, bytes] | None) -> Problem | None:
    """What is wrong with a piece of evidence, or None. `body` is stripped; `file` is (name, content)."""
    if not body and file is None:
        return Problem("evidence_empty")
    if len(body) > MOST_TEXT:
        return Problem("evidence_too_long", {"most": MOST_TEXT})
    if file is None:
        return None
    if not file[1]:
        return Problem("file_empty")
    if len(file[1]) > MOST_BYTES:
        return Problem("file_too_large", {"size": -(-len(file[1]) // 2**20), "limit": MOST_BYTES // 2**20})
    return None if kind_of(file[1]) else Problem("evidence_kind")
