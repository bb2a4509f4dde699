"""What printers answer when they are asked how they are, by language.

ZPL ~HS: three lines between STX and ETX (ZPL II Programming Guide). TSPL <ESC>!?: one byte (TSPL/TSPL2 Programming
Manual). CPCL <ESC>h: one byte (CPCL Programming Manual). A byte with bits that mean nothing is no answer.
"""

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from fahuo.printing.printers.spec import Status
from fahuo.rules.problems import Problem

READY: Final = Status("ready")
BUSY: Final = Status("busy")
QUERIES: Final[Mapping[str, bytes]] = MappingProxyType({"zpl": b"~HS\r\n", "tspl": b"\x1b!?", "cpcl": b"\x1bh"})
_LINE: Final = re.compile(rb"\x02([0-9,]*)\x03")


def read(language: str, answer: bytes) -> Status | None:
    """The status an answer gives; None while it is not complete. ValueError: it is not an answer to the query."""
    return {"zpl": zpl, "tspl": tspl, "cpcl": cpcl}[language](answer)


def trouble(code: str) -> Status:
    return Status("trouble", Problem(code))


def zpl(answer: bytes) -> Status | None:
    if len(answer) > 2000:
        raise ValueError("too long")
    lines = [line.decode("ascii").split(",") for line in _LINE.findall(answer)]
    if len(lines) < 3:
        return None
    first, second = lines[0], lines[1]
    if len(first) < 12 or len(second) < 9:
        raise ValueError("too few values")
    (_, paper_out, paused, _, formats, buffer_full, _, partial, _, corrupt, cold, hot) = map(int, first[:12])
    (_, _, head_up, ribbon_out, _, _, _, label_waits, remaining) = map(int, second[:9])
    for is_so, code in (
        (head_up, "printer_cover_open"),
        (paper_out, "printer_paper_out"),
        (ribbon_out, "printer_ribbon_out"),
        (hot, "printer_hot"),
        (cold, "printer_cold"),
        (corrupt, "printer_error"),
        (paused, "printer_paused"),
        (label_waits, "printer_label_waits"),
    ):
        if is_so:
            return trouble(code)
    return BUSY if formats or remaining or partial or buffer_full else READY


_TSPL: Final = MappingProxyType(
    {
        0x01: "printer_cover_open",
        0x02: "printer_jam",
        0x04: "printer_paper_out",
        0x08: "printer_ribbon_out",
        0x10: "printer_paused",
        0x80: "printer_error",
    }
)
_TSPL_BUSY: Final = 0x20


def tspl(answer: bytes) -> Status | None:
    if not answer:
        return None
    said = answer[-1]
    if said & 0x40:
        raise ValueError("a bit that means nothing")
    for bit, code in _TSPL.items():
        if said & bit:
            return trouble(code)
    return BUSY if said & _TSPL_BUSY else READY


_CPCL: Final = MappingProxyType({0x04: "printer_cover_open", 0x02: "printer_paper_out", 0x08: "printer_battery_low"})


def cpcl(answer: bytes) -> Status | None:
    if not answer:
        return None
    said = answer[-1]
    if said & 0xF0:
        raise ValueError("a bit that means nothing")
    for bit, code in _CPCL.items():
        if said & bit:
            return trouble(code)
    return BUSY if said & 0x01 else READY
