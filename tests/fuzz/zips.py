"""Workbooks made bad from inside: their parts spoilt, gone, doubled, lied about, or far too large once unpacked."""

import io
import re
import struct
import zipfile
from random import Random
from typing import Final

from tests.fuzz.spoil import TEXTS, spoil_bytes

BOMB: Final = 24 * 2**20
"""Bytes that a part unpacks to: more than a sheet may for its size, and no trouble for the machine."""
CELLS: Final = (
    b'<c r="A2"><v>NaN</v></c>', b'<c r="A2"><v>1e400</v></c>', b'<c r="A2" t="s"><v>99999</v></c>', b'<c r="A2" t="s"><v>-1</v></c>', b'<c r="A2" t="d"><v>x</v></c>',
    b'<c r="XFD1048576"><v>1</v></c>', b'<c r="ZZZZ99"><v>1</v></c>', b'<c r=""><v>1</v></c>', b'<c r="A0"><v>1</v></c>', b'<c><v/></c>', b'<c r="A2" t="e"><v>#N/A</v></c>',
    b'<c r="A2" s="1"><v>-1</v></c>', b'<c r="A2" s="1"><v>9999999999</v></c>', b'<c r="A2" t="b"><v>2</v></c>', b'<c r="A2" t="inlineStr"><is><t>&#0;</t></is></c>', b"<c",
)  # fmt: skip


def spoil_zip(chance: Random, body: bytes) -> bytes:
    """An archive with something wrong in one of its parts or in its directory."""
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        parts = [(entry.filename, archive.read(entry)) for entry in archive.infolist()]
    at = chance.randrange(len(parts))
    name, text = parts[at]
    kind = chance.randrange(10)
    if kind < 3:
        parts[at] = (name, spoil_bytes(chance, text, [each for _, each in parts]))
    elif kind == 3:
        del parts[at]
    elif kind == 4:
        parts.append((name, text[: len(text) // 2]))
    elif kind == 5:
        parts[at] = (chance.choice((f"../{name}", f"/{name}", name.upper(), "x" * 300, name.replace("/", "\\"))), text)
    elif kind == 6 and chance.random() < 0.15:
        parts[at] = (name, text + b" " * BOMB)
    elif kind == 7:
        sheets = [place for place, (each, _) in enumerate(parts) if "worksheets/" in each]
        at = chance.choice(sheets or [at])
        name, text = parts[at]
        parts[at] = (name, text.replace(b"<c ", chance.choice(CELLS) + b"<c ", 1))
    elif kind == 8:
        entity = b'<!DOCTYPE x [<!ENTITY a "%b">]>' % (b"y" * chance.choice((1, 10_000)))
        parts[at] = (
            name,
            re.sub(rb"^(<\?xml[^>]*>)?", lambda found: found[0] + entity, text, count=1).replace(b"</t>", b"&a;</t>"),
        )
    else:
        parts[at] = (name, text.replace(b">", b">" + chance.choice(TEXTS).encode("utf-8", "replace"), 1))
    return _lied(chance, _packed(parts))


def _packed(parts: list[tuple[str, bytes]]) -> bytes:
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts:
            archive.writestr(zipfile.ZipInfo(name.replace("\0", "")), text, zipfile.ZIP_DEFLATED)
    return body.getvalue()


def _lied(chance: Random, body: bytes) -> bytes:
    """Now and then a directory that tells other sizes, ways of packing or flags than there are."""
    at = body.find(b"PK\x01\x02")
    if at < 0 or chance.random() < 0.8:
        return body
    made = bytearray(body)
    place, shape = chance.choice(((8, "<H"), (10, "<H"), (20, "<I"), (24, "<I"), (28, "<H"), (42, "<I")))
    struct.pack_into(shape, made, at + place, chance.choice((0, 1, 8, 99, 0xFFFF)))
    return bytes(made)
