"""A printer on a raw TCP port: bytes in, and answers to the language's own status query out, on the same connection."""

import contextlib
import select
import socket
import time
from collections.abc import Sequence
from types import TracebackType
from typing import Final, Self

from fahuo.printing.printers import answers
from fahuo.printing.printers.networks import Network, open_connection
from fahuo.printing.printers.spec import PrinterSpec, Status, Unsure
from fahuo.rules.problems import Refusal

CALM: Final = 0.5
"""Seconds for which a printer that was never seen busy must say that it is idle, before the document counts as printed:
it may not yet have begun."""
_SOON: Final = 0.05
_LATER: Final = 0.5
_BLOCK: Final = 65_536


class RawPrinter:
    """See spec.Printer."""

    def __init__(self, spec: PrinterSpec, networks: Sequence[Network]) -> None:
        self.spec = spec
        self.networks = networks
        self.connection: socket.socket | None = None

    def __enter__(self) -> Self:
        spec = self.spec
        self.connection = open_connection(spec.host, spec.port, self.networks, spec.timeout)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.connection is not None:
            with contextlib.suppress(OSError):
                self.connection.shutdown(socket.SHUT_WR)
            self.connection.close()
            self.connection = None

    def send(self, document: bytes, name: str) -> None:
        asks = self.spec.acknowledge == "status"
        if asks:
            self._free()
        self._put(document)
        if asks:
            self.settle()

    def settle(self) -> None:
        started = time.monotonic()
        was_busy, wait = False, _SOON
        while True:
            try:
                status = self.status()
            except Refusal as refusal:
                raise Unsure(*refusal.problems) from None
            passed = time.monotonic() - started
            if status.problem is not None:
                raise Unsure(status.problem)
            if status.state == "ready" and (was_busy or passed >= CALM):
                return
            was_busy = was_busy or status.state == "busy"
            if passed > self.spec.patience:
                raise Unsure.of("printer_busy", seconds=round(self.spec.patience))
            time.sleep(wait)
            wait = min(wait * 1.5, _LATER)

    def status(self) -> Status:
        query = answers.QUERIES.get(self.spec.language)
        if query is None:
            raise Refusal.of("printer_silent")
        connection = self._open()
        self._drain(connection)
        try:
            connection.sendall(query)
        except OSError:
            raise Refusal.of("printer_lost") from None
        return self._answer(connection)

    def _answer(self, connection: socket.socket) -> Status:
        ends = time.monotonic() + self.spec.timeout
        said = b""
        while (left := ends - time.monotonic()) > 0:
            connection.settimeout(left)
            try:
                part = connection.recv(4096)
            except TimeoutError:
                break
            except OSError:
                raise Refusal.of("printer_lost") from None
            if not part:
                raise Refusal.of("printer_lost")
            said += part
            try:
                status = answers.read(self.spec.language, said)
            except ValueError:
                raise Refusal.of("printer_answer", language=self.spec.language) from None
            if status is not None:
                return status
        if said:
            raise Refusal.of("printer_answer", language=self.spec.language)
        raise Refusal.of("printer_silent")

    def _free(self) -> None:
        """Wait until the printer has nothing else to do. Refusal: it is in trouble, or stays busy."""
        ends = time.monotonic() + self.spec.patience
        while True:
            status = self.status()
            if status.problem is not None:
                raise Refusal(status.problem)
            if status.state == "ready":
                return
            if time.monotonic() > ends:
                raise Refusal.of("printer_busy", seconds=round(self.spec.patience))
            time.sleep(_LATER)

    def _put(self, document: bytes) -> None:
        """Send all of it; a printer may take its time while it prints, but not longer than `patience` for one block."""
        connection = self._open()
        connection.settimeout(self.spec.patience)
        for at in range(0, len(document), _BLOCK):
            try:
                connection.sendall(document[at : at + _BLOCK])
            except TimeoutError:
                raise Unsure.of("printer_busy", seconds=round(self.spec.patience)) from None
            except OSError:
                raise Unsure.of("printer_lost") from None

    def _open(self) -> socket.socket:
        if self.connection is None:
            raise Refusal.of("printer_lost")
        return self.connection

    @staticmethod
    def _drain(connection: socket.socket) -> None:
        """Throw away what came unasked, so that it is not taken for the answer."""
        connection.settimeout(0)
        with contextlib.suppress(OSError):
            while select.select([connection], [], [], 0)[0] and connection.recv(4096):
                pass
