"""A printer that speaks IPP (RFC 8011), or a queue of CUPS: a document is a job, and the job says when it is done."""

import contextlib
import http.client
import time
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType, TracebackType
from typing import Final, Self

from fahuo.printing.printers import ipp_messages as ipp
from fahuo.printing.printers.networks import Network, open_connection
from fahuo.printing.printers.spec import PrinterSpec, Status, Unsure
from fahuo.rules.problems import Problem, Refusal

FORMATS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "pdf": ("application/pdf",),
        "zpl": ("application/vnd.zebra-zpl", "application/vnd.cups-raw", "application/octet-stream"),
        "tspl": ("application/vnd.tsc-tspl", "application/vnd.cups-raw", "application/octet-stream"),
        "cpcl": ("application/vnd.zebra-cpcl", "application/vnd.cups-raw", "application/octet-stream"),
    }
)
"""language -> media types that carry it, the most telling first; the first that the printer supports is taken."""
REASONS: Final = (
    ("cover-open", "printer_cover_open"), ("door-open", "printer_cover_open"), ("interlock-open", "printer_cover_open"),
    ("media-jam", "printer_jam"), ("media-empty", "printer_paper_out"), ("media-needed", "printer_paper_out"),
    ("marker-supply-empty", "printer_ribbon_out"), ("toner-empty", "printer_ribbon_out"), ("paused", "printer_paused"),
    ("shutdown", "printer_offline"), ("offline", "printer_offline"), ("timed-out", "printer_offline"),
    ("connecting-to-device", "printer_offline"),
)  # fmt: skip
"""How printer-state-reasons begin, without -error, -warning, -report (RFC 8011, 5.4.12)."""
_IDLE, _STOPPED = 3, 5
"""States of a printer, and below of a job (RFC 8011, 5.4.11 and 5.3.7)."""
_CANCELLED, _ABORTED, _COMPLETED = 7, 8, 9
_SOON: Final = 0.05
_LATER: Final = 1.0
_BLOCK: Final = 65_536


class IppPrinter:
    """See spec.Printer. Every request has a connection of its own, to an address that was checked."""

    def __init__(self, spec: PrinterSpec, networks: Sequence[Network]) -> None:
        self.spec = spec
        self.networks = networks
        self.number = 0
        self.job: int | None = None
        host = f"[{spec.host}]" if ":" in spec.host else spec.host
        self.uri = f"ipp://{host}:{spec.port}{spec.path}"

    def __enter__(self) -> Self:
        open_connection(self.spec.host, self.spec.port, self.networks, self.spec.timeout).close()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        return None

    def send(self, document: bytes, name: str) -> None:
        told = self._printer()
        status = _status(told)
        if self.spec.acknowledge == "status" and status.problem is not None:
            raise Refusal(status.problem)
        form = self._format(told)
        found = self._ask(
            ipp.PRINT_JOB,
            [
                (ipp.NAME, "requesting-user-name", ["fahuo"]),
                (ipp.NAME, "job-name", [name.encode("utf-8")[:255].decode("utf-8", "ignore")]),
                (ipp.MIME, "document-format", [form]),
            ],
            document,
        )
        if found.status >= 0x0100:
            raise Refusal.of("printer_refused", reason=f"0x{found.status:04x}")
        job = found.first("job-id")
        self.job = job if isinstance(job, int) else None
        if self.spec.acknowledge == "status":
            self.settle()

    def settle(self) -> None:
        if self.job is None:
            raise Unsure.of("printer_silent")
        ends, wait = time.monotonic() + self.spec.patience, _SOON
        while True:
            found = self._job()
            state = found.first("job-state")
            if state == _COMPLETED:
                return
            if state in (_CANCELLED, _ABORTED):
                raise Unsure.of("printer_job_ended", reason=", ".join(found.texts("job-state-reasons"))[:80] or "-")
            status = self._after()
            if status.problem is not None:
                raise Unsure(status.problem)
            if time.monotonic() > ends:
                raise Unsure.of("printer_busy", seconds=round(self.spec.patience))
            time.sleep(wait)
            wait = min(wait * 1.5, _LATER)

    def status(self) -> Status:
        return _status(self._printer())

    def _after(self) -> Status:
        try:
            return self.status()
        except Refusal as refusal:
            raise Unsure(*refusal.problems) from None

    def _job(self) -> ipp.Answer:
        try:
            found = self._ask(
                ipp.GET_JOB_ATTRIBUTES,
                [
                    (ipp.INTEGER, "job-id", [self.job or 0]),
                    (ipp.NAME, "requesting-user-name", ["fahuo"]),
                    (ipp.KEYWORD, "requested-attributes", ["job-state", "job-state-reasons"]),
                ],
            )
        except Refusal as refusal:
            raise Unsure(*refusal.problems) from None
        if found.status >= 0x0100:
            raise Unsure.of("printer_job_ended", reason=f"0x{found.status:04x}")
        return found

    def _printer(self) -> ipp.Answer:
        wanted: list[ipp.Value] = ["printer-state", "printer-state-reasons", "printer-is-accepting-jobs"]
        wanted += ["queued-job-count", "document-format-supported"]
        found = self._ask(ipp.GET_PRINTER_ATTRIBUTES, [(ipp.KEYWORD, "requested-attributes", wanted)])
        if found.status >= 0x0100:
            raise Refusal.of("printer_refused", reason=f"0x{found.status:04x}")
        return found

    def _format(self, told: ipp.Answer) -> str:
        supported = told.texts("document-format-supported")
        if not supported:
            return FORMATS[self.spec.language][-1]
        for form in FORMATS[self.spec.language]:
            if form in supported:
                return form
        raise Refusal.of("printer_format", language=self.spec.language, formats=", ".join(supported)[:200] or "-")

    def _ask(
        self, operation: int, attributes: list[tuple[int, str, list[ipp.Value]]], document: bytes | None = None
    ) -> ipp.Answer:
        """Ask for an operation. Plain refusals come before anything of a document was sent, Unsure after that."""
        self.number += 1
        message = ipp.request(operation, self.number, [(ipp.URI, "printer-uri", [self.uri]), *attributes])
        spec = self.spec
        connection = http.client.HTTPConnection(spec.host, spec.port, timeout=spec.timeout)
        connection.sock = open_connection(spec.host, spec.port, self.networks, spec.timeout)
        failed = Refusal if document is None else Unsure
        try:
            if document is not None:
                connection.sock.settimeout(spec.patience)
            connection.request(
                "POST", spec.path, body=_blocks(message, document or b""), encode_chunked=True,
                headers={"Content-Type": "application/ipp", "Transfer-Encoding": "chunked"},
            )  # fmt: skip
            response = connection.getresponse()
            body = response.read(ipp.LONGEST + 1)
            if response.status != 200:
                raise Refusal.of("printer_refused", reason=f"HTTP {response.status}")
            return ipp.answer(body)
        except TimeoutError:
            raise failed.of("printer_silent") from None
        except (OSError, http.client.HTTPException):
            raise failed.of("printer_lost") from None
        except ValueError:
            raise failed.of("printer_answer", language="IPP") from None
        finally:
            with contextlib.suppress(OSError):
                connection.close()


def _blocks(message: bytes, document: bytes) -> Iterator[bytes]:
    yield message
    for at in range(0, len(document), _BLOCK):
        yield document[at : at + _BLOCK]


def _status(told: ipp.Answer) -> Status:
    """A stopped printer is in trouble; so is one whose reasons say an error; warnings are not."""
    state = told.first("printer-state")
    reasons = [reason for reason in told.texts("printer-state-reasons") if reason != "none"]
    errors = [reason for reason in reasons if not reason.endswith(("-warning", "-report"))]
    for begin, code in REASONS:
        if any(reason.startswith(begin) for reason in errors):
            return Status("trouble", Problem(code))
    if state == _STOPPED:
        return Status("trouble", Problem("printer_error"))
    if told.first("printer-is-accepting-jobs") is False:
        return Status("trouble", Problem("printer_refused", {"reason": "printer-is-accepting-jobs"}))
    return Status("ready" if state == _IDLE and not told.first("queued-job-count") else "busy")
