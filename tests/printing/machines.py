"""Label printers on a socket: they take documents, print them one after the other at a pace, run out of paper, and answer
when they are asked how they are, byte for byte as the manuals of ZPL, TSPL and CPCL say."""

import contextlib
import re
import select
import socket
import threading
import time
from dataclasses import dataclass, field
from typing import Self

ENDS = {"zpl": b"^XZ\n", "tspl": b"PRINT 1,1\r\n", "cpcl": b"FORM\r\nPRINT\r\n"}
QUERIES = {"zpl": re.compile(rb"~HS\r\n"), "tspl": re.compile(rb"\x1b!\?"), "cpcl": re.compile(rb"\x1bh")}


@dataclass(slots=True)
class Machine:
    """A printer. `paper`: labels on its roll. `seconds` each takes. `delay`: before the first begins, although it says idle.

    `mute` answers nothing, `babble` answers nonsense, `hangs_up_after` closes after so many bytes, `stuck` never ends a label.
    `at`: its port; 0 for any.
    """

    language: str
    paper: int = 100
    seconds: float = 0.03
    delay: float = 0.0
    mute: bool = False
    babble: bytes = b""
    hangs_up_after: int = 0
    stuck: bool = False
    cover_open: bool = False
    paused: bool = False
    ribbon_out: bool = False
    at: int = 0
    took: bytearray = field(default_factory=bytearray)
    printed: list[bytes] = field(default_factory=list)
    waiting: list[bytes] = field(default_factory=list)
    server: socket.socket = field(init=False)
    lock: threading.Lock = field(default_factory=threading.Lock)
    ended: threading.Event = field(default_factory=threading.Event)
    threads: list[threading.Thread] = field(default_factory=list)

    def __enter__(self) -> Self:
        self.server = socket.create_server(("127.0.0.1", self.at))
        self.threads = [threading.Thread(target=each, daemon=True) for each in (self._listen, self._work)]
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.ended.set()
        for thread in self.threads:
            thread.join()
        self.server.close()

    @property
    def port(self) -> int:
        return int(self.server.getsockname()[1])

    def load(self, labels: int) -> None:
        with self.lock:
            self.paper = labels

    def _listen(self) -> None:
        while not self.ended.is_set():
            if select.select([self.server], [], [], 0.02)[0]:
                connection, _ = self.server.accept()
                with connection, contextlib.suppress(ConnectionError):  # whoever spoke to it was killed
                    self._serve(connection)

    def _serve(self, connection: socket.socket) -> None:
        buffer, heard = b"", 0
        while not self.ended.is_set():
            if not select.select([connection], [], [], 0.02)[0]:
                continue
            part = connection.recv(65_536)
            heard += len(part)
            if not part or (self.hangs_up_after and heard > self.hangs_up_after):
                return
            buffer = self._take(buffer + part, connection)

    def _take(self, buffer: bytes, connection: socket.socket) -> bytes:
        """Documents go to the queue, queries are answered at once; what is neither whole stays."""
        while True:
            query = QUERIES[self.language].match(buffer)
            end = buffer.find(ENDS[self.language])
            if query:
                buffer = buffer[query.end() :]
                if not self.mute:
                    connection.sendall(self.babble or self._answer())
            elif end >= 0:
                size = end + len(ENDS[self.language])
                with self.lock:
                    self.took += buffer[:size]
                    self.waiting.append(buffer[:size])
                buffer = buffer[size:]
            else:
                return buffer

    def _work(self) -> None:
        while not self.ended.wait(0.005):
            if not self.waiting:
                continue
            self.ended.wait(self.delay)
            while self.waiting and not self.ended.is_set():
                if self.stuck or not self._can():
                    self.ended.wait(0.01)
                    continue
                time.sleep(self.seconds)
                with self.lock:
                    self.paper -= 1
                    self.printed.append(self.waiting.pop(0))

    def _can(self) -> bool:
        return self.paper > 0 and not (self.cover_open or self.paused or self.ribbon_out)

    def _answer(self) -> bytes:
        with self.lock:
            begun = bool(self.waiting) and not self.delay
            out = self.paper <= 0
            if self.language == "zpl":
                return (
                    b"\x02030,%d,%d,1245,%03d,0,0,0,000,0,0,0\x03\r\n\x02000,0,%d,%d,0,2,4,0,00000000,1,000\x03\r\n"
                    b"\x021234,0\x03\r\n"
                    % (out, self.paused or out, len(self.waiting) if begun else 0, self.cover_open, self.ribbon_out)
                )
            if self.language == "tspl":
                said = self.cover_open | out << 2 | self.ribbon_out << 3 | self.paused << 4
                return bytes([said | (0x20 if begun and not said else 0)])
            return bytes([begun | out << 1 | self.cover_open << 2])
