"""The used part of a font inside a PDF: a Type 0 font whose codes count the glyphs in the order of their first use."""

import struct
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

import uharfbuzz as hb

from fahuo.printing import fonts

Put = Callable[..., int]
_CHARSET: Final = 15
_ROS: Final = (12, 30)
_PLAIN: Final = "/Filter/FlateDecode"


@dataclass(slots=True)
class Used:
    """The glyphs of a font at one weight that a document has used: glyph number -> code, from 1, and what each says."""

    face: int
    bold: bool
    codes: dict[int, int] = field(default_factory=dict)
    chars: list[str] = field(default_factory=list)
    widths: list[int] = field(default_factory=list)

    def code(self, char: str, glyph: fonts.Glyph) -> int:
        code = self.codes.get(glyph.number)
        if code is None:
            code = self.codes[glyph.number] = len(self.codes) + 1
            self.chars.append(char)
            self.widths.append(round(glyph.advance * 1000))
        return code


def write(used: Used, put: Put, stream: Callable[[str, bytes], int]) -> int:
    """Write the font with `put` (an object) and `stream` (its entries, its bytes), which give numbers; the font's number."""
    data, places = fonts.subset(used.face, used.bold, used.codes)
    face = hb.Face(data)
    name = f"{_tag(used)}+FahuoLabel{used.face}-{'Bold' if used.bold else 'Regular'}"
    if "CFF " in face.table_tags:
        by_place = [0] * len(places)
        for glyph, code in used.codes.items():
            by_place[places[glyph]] = code
        program = with_charset(bytes(face.reference_table("CFF ").data), by_place[1:])
        file = f"/FontFile3 {stream(f'/Subtype/CIDFontType0C{_PLAIN}', zlib.compress(program))} 0 R"
        kind, extra = "CIDFontType0", ""
    else:
        file = f"/FontFile2 {stream(f'/Length1 {len(data)}{_PLAIN}', zlib.compress(data))} 0 R"
        by_code = [0, *(places[glyph] for glyph in used.codes)]
        numbers = stream(_PLAIN, zlib.compress(struct.pack(f">{len(by_code)}H", *by_code)))
        kind, extra = "CIDFontType2", f"/CIDToGIDMap {numbers} 0 R"
    descriptor = put(
        f"<</Type/FontDescriptor/FontName/{name}/Flags 4/FontBBox[-1000 -300 2000 1200]/ItalicAngle 0/Ascent 880"
        f"/Descent -120/CapHeight 733/StemV {120 if used.bold else 80}{file}>>"
    )
    widths = " ".join(map(str, used.widths))
    descendant = put(
        f"<</Type/Font/Subtype/{kind}/BaseFont/{name}/CIDSystemInfo<</Registry(Adobe)/Ordering(Identity)/Supplement 0>>"
        f"/FontDescriptor {descriptor} 0 R/DW 1000/W[1[{widths}]]{extra}>>"
    )
    unicode = stream(_PLAIN, zlib.compress(_to_unicode(used.chars).encode("ascii")))
    return put(
        f"<</Type/Font/Subtype/Type0/BaseFont/{name}/Encoding/Identity-H/DescendantFonts[{descendant} 0 R]"
        f"/ToUnicode {unicode} 0 R>>"
    )


def _tag(used: Used) -> str:
    """Six letters that tell this part of the font from others (ISO 32000-1, 9.6.4)."""
    known = zlib.crc32("".join(used.chars).encode("utf-8", "replace"))
    return "".join(chr(65 + known // 26**place % 26) for place in range(6))


def _to_unicode(chars: list[str]) -> str:
    """A CMap from codes to text, so that it can be searched and copied."""
    rows = [f"<{code:04X}><{char.encode('utf-16-be').hex().upper()}>" for code, char in enumerate(chars, 1)]
    blocks = [rows[at : at + 100] for at in range(0, len(rows), 100)]
    mapped = "\n".join(f"{len(block)} beginbfchar\n" + "\n".join(block) + "\nendbfchar" for block in blocks)
    return (
        "/CIDInit/ProcSet findresource begin\n12 dict begin\nbegincmap\n"
        "/CIDSystemInfo<</Registry(Adobe)/Ordering(UCS)/Supplement 0>>def\n/CMapName/Adobe-Identity-UCS def\n"
        "/CMapType 2 def\n1 begincodespacerange\n<0000><FFFF>\nendcodespacerange\n"
        f"{mapped}\nendcmap\nCMapName currentdict /CMap defineresource pop\nend\nend"
    )


def with_charset(cff: bytes, codes: list[int]) -> bytes:
    """A CID-keyed CFF program whose glyphs 1, 2, … are called by these codes. ValueError: it is not CID-keyed.

    The new list (charset, format 0) is put at the end, and the Top DICT led to it (Adobe technical note 5176, 9 and 13).
    """
    start, end = _top_dict(cff)
    at, operand, keyed = start, -1, False
    while at < end:
        first = cff[at]
        if first <= 21:
            if first == 12:
                keyed = keyed or cff[at : at + 2] == bytes(_ROS)
                at += 1
            elif first == _CHARSET and operand >= 0 and keyed:
                offset = struct.pack(">i", len(cff))
                listed = struct.pack(f">B{len(codes)}H", 0, *codes)
                return cff[: operand + 1] + offset + cff[operand + 5 :] + listed
            at += 1
            continue
        operand = at if first == 29 else -1
        at += _length(cff, at)
    raise ValueError("not a CID-keyed CFF with a charset of its own")


def _length(cff: bytes, at: int) -> int:
    """Bytes of the operand at a place of a DICT."""
    first = cff[at]
    if first == 30:
        end = at + 1
        while cff[end] & 15 != 15 and cff[end] >> 4 != 15:
            end += 1
        return end - at + 1
    return {28: 3, 29: 5}.get(first, 1 if first <= 246 else 2)


def _top_dict(cff: bytes) -> tuple[int, int]:
    """Where the first Top DICT begins and ends."""
    names = _index(cff, cff[2])
    tops = _index(cff, names[-1])
    return tops[0], tops[1]


def _index(cff: bytes, at: int) -> list[int]:
    """Where the entries of an INDEX begin, and where the last ends."""
    count, size = struct.unpack_from(">HB", cff, at)
    begin = at + 3
    base = begin + (count + 1) * size - 1
    return [base + int.from_bytes(cff[begin + n * size : begin + (n + 1) * size], "big") for n in range(count + 1)]
