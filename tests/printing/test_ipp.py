"""IPP: a sink that others wrote (ippserver) gets the jobs byte for byte; one made to misbehave is told apart."""

import contextlib
import io
import threading
from collections.abc import Iterator
from dataclasses import replace
from ipaddress import ip_network
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ippserver.behaviour import StatelessPrinter
from ippserver.constants import JobStateEnum, OperationEnum, SectionEnum, StatusCodeEnum, TagEnum
from ippserver.parsers import Boolean, Enum
from ippserver.request import IppRequest
from ippserver.server import IPPRequestHandler, IPPServer

from fahuo.printing import encode, lay_out
from fahuo.printing.printers import PrinterSpec, Status, Unsure, connect, ipp_messages
from fahuo.rules.labels import masked, standard
from fahuo.rules.problems import Problem, Refusal
from fahuo.samples.labels import sample_label

HERE = [ip_network("127.0.0.0/8")]
PAGE = lay_out(standard(), masked(sample_label("ZTO", 1)))
NOT_POSSIBLE = 0x0404
FORMATS = [b"application/pdf", b"application/vnd.zebra-zpl", b"application/octet-stream"]


class Sink(StatelessPrinter):  # type: ignore[misc]  # the library has no types
    """A printer that keeps its jobs. `script`: what the job is each time somebody asks."""

    def __init__(self) -> None:
        super().__init__()
        self.jobs: list[tuple[dict[bytes, bytes], bytes]] = []
        self.script: list[tuple[int, list[bytes]]] = [(JobStateEnum.completed, [b"none"])]
        self.state, self.reasons, self.accepts, self.formats = 3, [b"none"], True, FORMATS
        self.refuses = 0

    def create_job(self, req: Any) -> int:
        return len(self.jobs) + 1

    def handle_postscript(self, req: Any, document: Any) -> None:
        said = {
            name: values[0]
            for (section, name, _), values in req._attributes.items()
            if section == SectionEnum.operation
        }
        self.jobs.append((said, document.read()))

    def operation_print_job_response(self, req: Any, document: Any) -> Any:
        if self.refuses:
            document.read()
            return IppRequest(self.version, self.refuses, req.request_id, self.minimal_attributes())
        return super().operation_print_job_response(req, document)

    def operation_get_job_attributes_response(self, req: Any, document: Any) -> Any:
        state, reasons = self.script.pop(0) if len(self.script) > 1 else self.script[0]
        attributes = self.print_job_attributes(1, state, reasons)
        return IppRequest(self.version, StatusCodeEnum.ok, req.request_id, attributes)

    def printer_list_attributes(self) -> Any:
        found = super().printer_list_attributes()
        found[SectionEnum.printer, b"printer-state", TagEnum.enum] = [Enum(self.state).bytes()]
        found[SectionEnum.printer, b"printer-state-reasons", TagEnum.keyword] = self.reasons
        found[SectionEnum.printer, b"printer-is-accepting-jobs", TagEnum.boolean] = [Boolean(self.accepts).bytes()]
        found[SectionEnum.printer, b"document-format-supported", TagEnum.mime_media_type] = self.formats
        return found


@pytest.fixture
def sink() -> Sink:
    return Sink()


@pytest.fixture
def spec(sink: Sink) -> Iterator[PrinterSpec]:
    with IPPServer(("127.0.0.1", 0), IPPRequestHandler, sink) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        yield PrinterSpec(
            "ipp", "127.0.0.1", server.server_address[1], "/printers/labels", language="pdf", timeout=2, patience=1
        )
        server.shutdown()
        thread.join()


def refused(spec: PrinterSpec, kind: type[Refusal] = Refusal) -> Problem:
    with pytest.raises(Refusal) as refusal, connect(spec, HERE) as printer:
        printer.send(b"%PDF", "label")
    assert type(refusal.value) is kind
    for language in ("zh", "en"):
        assert refusal.value.problems[0].sentence(language)  # type: ignore[arg-type]
    return refusal.value.problems[0]


@pytest.mark.parametrize(
    ("language", "media_type"),
    [("pdf", b"application/pdf"), ("zpl", b"application/vnd.zebra-zpl"), ("tspl", b"application/octet-stream")],
)
def test_a_job_arrives_byte_for_byte(sink: Sink, spec: PrinterSpec, language: str, media_type: bytes) -> None:
    document = encode(PAGE, language)
    with connect(replace(spec, language=language), HERE) as printer:  # type: ignore[arg-type]
        printer.send(document, "面单 75330000000501")
        assert printer.status() == Status("ready")
    [(said, body)] = sink.jobs
    assert body == document
    assert said[b"document-format"] == media_type
    assert said[b"job-name"].decode() == "面单 75330000000501"
    assert said[b"printer-uri"].decode().endswith("/printers/labels")
    assert said[b"attributes-charset"] == b"utf-8"


def test_send_returns_when_the_job_is_completed(sink: Sink, spec: PrinterSpec) -> None:
    sink.script = [(JobStateEnum.pending, []), (JobStateEnum.processing, []), (JobStateEnum.completed, [b"none"])]
    with connect(spec, HERE) as printer:
        printer.send(b"%PDF", "label")
    assert len(sink.script) == 1


@pytest.mark.parametrize("state", [JobStateEnum.aborted, JobStateEnum.canceled])
def test_a_job_that_is_ended_is_unsure(sink: Sink, spec: PrinterSpec, state: int) -> None:
    sink.script = [(state, [b"document-format-error"])]
    assert refused(spec, Unsure) == Problem("printer_job_ended", {"reason": "document-format-error"})


@pytest.mark.parametrize(
    ("reasons", "code"),
    [
        ([b"media-empty-error"], "printer_paper_out"), ([b"media-needed"], "printer_paper_out"), ([b"cover-open"], "printer_cover_open"),
        ([b"marker-supply-empty-error"], "printer_ribbon_out"), ([b"paused"], "printer_paused"), ([b"media-jam-error"], "printer_jam"),
        ([b"offline-report", b"connecting-to-device"], "printer_offline"), ([b"something-new-error"], "printer_error"),
    ],
)  # fmt: skip
def test_a_printer_in_trouble_gets_no_job(sink: Sink, spec: PrinterSpec, reasons: list[bytes], code: str) -> None:
    sink.state, sink.reasons = 5, reasons
    assert refused(spec).code == code
    assert sink.jobs == []


def test_trouble_while_it_prints_is_unsure(sink: Sink, spec: PrinterSpec) -> None:
    sink.script = [(JobStateEnum.processing, [])]

    class Later(list[bytes]):
        """No trouble until the job is there."""

        def __iter__(self) -> Iterator[bytes]:
            return iter([b"media-empty-error"] if sink.jobs else [b"none"])

    sink.reasons = Later()
    assert refused(spec, Unsure) == Problem("printer_paper_out")
    assert len(sink.jobs) == 1


def test_a_job_that_never_ends(sink: Sink, spec: PrinterSpec) -> None:
    sink.script = [(JobStateEnum.processing, [])]
    assert refused(spec, Unsure).code == "printer_busy"


def test_what_a_printer_does_not_take(sink: Sink, spec: PrinterSpec) -> None:
    sink.formats = [b"image/urf"]
    assert refused(spec) == Problem("printer_format", {"language": "pdf", "formats": "image/urf"})
    sink.formats, sink.refuses = (
        FORMATS,
        NOT_POSSIBLE,
    )
    assert refused(spec).code == "printer_refused"
    sink.refuses, sink.accepts = 0, False
    assert refused(spec).code == "printer_refused"
    assert sink.jobs == []


def test_warnings_are_no_trouble(sink: Sink, spec: PrinterSpec) -> None:
    sink.reasons = [b"media-low-warning", b"marker-supply-empty-warning", b"spool-area-full-report"]
    with connect(spec, HERE) as printer:
        printer.send(b"%PDF", "label")
    assert len(sink.jobs) == 1


def test_only_allowed_networks(spec: PrinterSpec, sink: Sink) -> None:
    with pytest.raises(Refusal, match="printer_outside"), connect(spec, [ip_network("10.0.0.0/8")]):
        pass
    assert sink.jobs == []


def test_the_library_reads_our_requests() -> None:
    message = ipp_messages.request(
        OperationEnum.print_job, 7,
        [(ipp_messages.KEYWORD, "requested-attributes", ["a", "b"]), (ipp_messages.INTEGER, "job-id", [42])],
    )  # fmt: skip
    read = IppRequest.from_file(io.BytesIO(message))
    assert (read.version, read.opid_or_status, read.request_id) == ((1, 1), OperationEnum.print_job, 7)
    assert read._attributes[SectionEnum.operation, b"requested-attributes", TagEnum.keyword] == [b"a", b"b"]
    assert read.only(SectionEnum.operation, b"job-id", TagEnum.integer) == b"\0\0\0*"


@given(st.binary(max_size=300) | st.binary(max_size=300).map(lambda rest: b"\x01\x01\x00\x00\x00\x00\x00\x01" + rest))
def test_any_bytes_are_an_answer_or_none(data: bytes) -> None:
    with contextlib.suppress(ValueError):
        ipp_messages.answer(data)
