"""IPP messages (RFC 8010): a request from attributes, and attributes from an answer."""

import struct
from dataclasses import dataclass
from typing import Final

OPERATION, JOB, PRINTER, END = 0x01, 0x02, 0x04, 0x03
INTEGER, BOOLEAN, ENUM = 0x21, 0x22, 0x23
TEXT, NAME, KEYWORD, URI, CHARSET, LANGUAGE, MIME = 0x41, 0x42, 0x44, 0x45, 0x47, 0x48, 0x49
PRINT_JOB, GET_JOB_ATTRIBUTES, GET_PRINTER_ATTRIBUTES = 0x0002, 0x0009, 0x000B

Value = int | str | bool | bytes
LONGEST: Final = 2**20


@dataclass(frozen=True, slots=True)
class Answer:
    """`status`: below 0x0100 all went well. `attributes`: of all groups, name -> values."""

    status: int
    attributes: dict[str, list[Value]]

    def first(self, name: str) -> Value | None:
        return next(iter(self.attributes.get(name, ())), None)

    def texts(self, name: str) -> list[str]:
        return [value for value in self.attributes.get(name, ()) if isinstance(value, str)]


def request(operation: int, number: int, attributes: list[tuple[int, str, list[Value]]]) -> bytes:
    """A request of version 1.1 with its operation attributes: tag, name, values. Charset and language come first."""
    parts = [struct.pack(">BBHIB", 1, 1, operation, number, OPERATION)]
    common: list[tuple[int, str, list[Value]]] = [
        (CHARSET, "attributes-charset", ["utf-8"]),
        (LANGUAGE, "attributes-natural-language", ["en"]),
    ]
    for tag, name, values in [*common, *attributes]:
        for place, value in enumerate(values):
            said = b"" if place else name.encode("ascii")
            held = _encoded(tag, value)
            parts += (struct.pack(">BH", tag, len(said)), said, struct.pack(">H", len(held)), held)
    parts.append(bytes([END]))
    return b"".join(parts)


def _encoded(tag: int, value: Value) -> bytes:
    if tag in (INTEGER, ENUM):
        return struct.pack(">i", value)
    return value.encode("utf-8") if isinstance(value, str) else bytes(value)


def answer(data: bytes) -> Answer:
    """The answer in a body. ValueError: it is none."""
    if len(data) > LONGEST:
        raise ValueError("too long")
    try:
        _, _, status, _ = struct.unpack_from(">BBHI", data, 0)
        return Answer(status, _attributes(data, 8))
    except (struct.error, IndexError, UnicodeDecodeError) as error:
        raise ValueError("not an IPP message") from error


def _attributes(data: bytes, at: int) -> dict[str, list[Value]]:
    found: dict[str, list[Value]] = {}
    name = ""
    while data[at] != END:
        tag = data[at]
        at += 1
        if tag < 0x10:
            continue
        size = int.from_bytes(data[at : at + 2], "big")
        at += 2
        if size:
            name = data[at : at + size].decode("utf-8")
            at += size
        (length,) = struct.unpack_from(">H", data, at)
        held = data[at + 2 : at + 2 + length]
        if len(held) != length:
            raise IndexError("a value ends too early")
        at += 2 + length
        found.setdefault(name, []).append(_decoded(tag, held))
    return found


def _decoded(tag: int, held: bytes) -> Value:
    if tag in (INTEGER, ENUM):
        return int(struct.unpack(">i", held)[0])
    if tag == BOOLEAN:
        return held != b"\x00"
    return held.decode("utf-8", "replace") if 0x40 <= tag < 0x50 else held
