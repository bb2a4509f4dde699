"""xlsx and xls: parsed by child.py, spooled to a file without a name, read back from there as often as one likes."""

import json
import os
import signal
import struct
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Final

import msgspec

from fahuo.connectors.sheet import limits
from fahuo.rules.problems import Refusal
from fahuo.rules.sheets import SheetRow

_ROOT: Final = Path(__file__).resolve().parents[3]
_decode: Final = msgspec.msgpack.Decoder(list[SheetRow]).decode
_frame: Final = struct.Struct("<I")


class Workbook:
    """The rows of one worksheet that are not blank; `count` of them."""

    def __init__(self, spool: IO[bytes]) -> None:
        self._spool = spool
        self._ends = 0
        self.count = 0
        offset = 0
        size = spool.seek(0, os.SEEK_END)
        while offset < size:
            spool.seek(offset)
            self._ends = offset
            offset += _frame.size + _frame.unpack(spool.read(_frame.size))[0]
        if size:
            spool.seek(self._ends + _frame.size)
            self.count = msgspec.msgpack.decode(spool.read(), type=int)

    def rows(self) -> Iterator[SheetRow]:
        offset = 0
        while offset < self._ends:
            # Each look finds its own place, so that two readers of one sheet do not meet.
            length = _frame.unpack(os.pread(self._spool.fileno(), _frame.size, offset))[0]
            body = os.pread(self._spool.fileno(), length, offset + _frame.size)
            offset += _frame.size + length
            yield from _decode(body)


def parse(body: bytes) -> Workbook:
    """The workbook's first visible worksheet. Raises Refusal `sheet_too_large`, `sheet_too_slow`, `sheet_blank`,
    `file_encrypted` or `file_damaged`; whatever the file does to the parser stays in its process.
    """
    with tempfile.TemporaryFile() as given:
        given.write(body)
        given.seek(0)
        spool = tempfile.TemporaryFile()  # noqa: SIM115 (the Workbook keeps it)
        try:
            code, said = _run(given, spool)
        except subprocess.TimeoutExpired:
            spool.close()
            raise Refusal.of("sheet_too_slow") from None
    if code:
        spool.close()
        raise Refusal.of(_why(code, said))
    return Workbook(spool)


def _run(given: IO[bytes], spool: IO[bytes]) -> tuple[int, bytes]:
    """(exit code, stderr). The child gets no environment but what it needs to find its modules."""
    done = subprocess.run(
        [sys.executable, "-P", "-m", "fahuo.connectors.sheet.child"],
        stdin=given, stdout=spool, stderr=subprocess.PIPE, timeout=limits.CHILD_PATIENCE, check=False,
        env={"PYTHONPATH": str(_ROOT), "PYTHONUTF8": "1", "PATH": os.environ.get("PATH", "")},
    )  # fmt: skip
    return done.returncode, done.stderr


def _why(code: int, said: bytes) -> str:
    if code in {-signal.SIGXCPU, -signal.SIGVTALRM}:
        return "sheet_too_slow"
    if code in {-signal.SIGABRT, -signal.SIGKILL, -signal.SIGXFSZ}:
        return "sheet_too_large"  # the parser asked for more memory, or wrote more rows, than it may
    try:
        return str(json.loads(said)["code"])
    except (ValueError, KeyError, TypeError):
        return "file_damaged"
