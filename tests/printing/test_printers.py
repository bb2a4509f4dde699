"""Printers on sockets: what they are sent arrives byte for byte, and a document counts as printed only when it is."""

import socket
import time
from dataclasses import replace
from ipaddress import ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fahuo.printing import encode, lay_out
from fahuo.printing.printers import PrinterSpec, Status, Unsure, answers, connect
from fahuo.printing.printers.networks import inside
from fahuo.rules.labels import masked, standard
from fahuo.rules.problems import Problem, Refusal
from fahuo.samples.labels import sample_labels
from tests.printing.machines import Machine

HERE = [ip_network("127.0.0.0/8")]
LANGUAGES = ("zpl", "tspl", "cpcl")
PAGES = [lay_out(standard(), masked(data)) for data in list(sample_labels())[:3]]


def spec(machine: Machine, **more: object) -> PrinterSpec:
    return replace(
        PrinterSpec("raw", "127.0.0.1", machine.port, language=machine.language, timeout=1, patience=3),  # type: ignore[arg-type]
        **more,  # type: ignore[arg-type]
    )


def refused(machine: Machine, document: bytes, kind: type[Refusal] = Refusal, **more: object) -> str:
    with pytest.raises(Refusal) as refusal, connect(spec(machine, **more), HERE) as printer:
        printer.send(document, "label")
    assert type(refusal.value) is kind
    for language in ("zh", "en"):
        assert refusal.value.problems[0].sentence(language)  # type: ignore[arg-type]
    return refusal.value.problems[0].code


@pytest.mark.parametrize("language", LANGUAGES)
def test_documents_arrive_whole_and_are_printed_before_send_returns(language: str) -> None:
    documents = [encode(page, language) for page in PAGES]
    with Machine(language) as machine, connect(spec(machine), HERE) as printer:
        for count, document in enumerate(documents, 1):
            printer.send(document, f"label {count}")
            assert len(machine.printed) == count
        assert printer.status() == Status("ready")
        assert machine.printed == documents


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_printer_that_runs_out_of_paper(language: str) -> None:
    """The third of three labels finds no paper: it is not printed, and says so; with paper it comes out, once."""
    documents = [encode(page, language) for page in PAGES]
    with Machine(language, paper=2) as machine, connect(spec(machine), HERE) as printer:
        printer.send(documents[0], "1")
        with pytest.raises(Unsure) as refusal:
            printer.send(documents[1] + documents[2], "2 and 3")
        assert refusal.value.problems == (Problem("printer_paper_out"),)
        assert machine.printed == documents[:2]
        with pytest.raises(Refusal) as again:
            printer.send(documents[0], "not while there is no paper")
        assert type(again.value) is Refusal
        assert printer.status() == Status("trouble", Problem("printer_paper_out"))
        machine.load(10)
        printer.settle()
        assert machine.printed == documents


@pytest.mark.parametrize(
    ("language", "trouble", "code"),
    [
        *((language, {"cover_open": True}, "printer_cover_open") for language in LANGUAGES),
        *((language, {"paper": 0}, "printer_paper_out") for language in LANGUAGES),
        ("zpl", {"paused": True}, "printer_paused"),
        ("tspl", {"paused": True}, "printer_paused"),
        ("zpl", {"ribbon_out": True}, "printer_ribbon_out"),
        ("tspl", {"ribbon_out": True}, "printer_ribbon_out"),
        *((language, {"mute": True}, "printer_silent") for language in LANGUAGES),
        ("zpl", {"babble": b"hello\r\n"}, "printer_answer"),
        ("zpl", {"babble": b"\x021,2\x03\x021,2\x03\x021,2\x03"}, "printer_answer"),
        ("tspl", {"babble": b"@"}, "printer_answer"),
        ("cpcl", {"babble": b"\xf0"}, "printer_answer"),
        ("zpl", {"hangs_up_after": 1}, "printer_lost"),
    ],
)
def test_a_printer_in_trouble_is_sent_nothing(language: str, trouble: dict[str, object], code: str) -> None:
    with Machine(language, **trouble) as machine:  # type: ignore[arg-type]
        assert refused(machine, encode(PAGES[0], language), timeout=0.3) == code
        assert machine.took == b""


def test_a_printer_that_hangs_up_leaves_the_document_unsure() -> None:
    document = encode(PAGES[0], "zpl") * 40
    with Machine("zpl", hangs_up_after=200_000) as machine:
        assert refused(machine, document, Unsure) == "printer_lost"


def test_a_printer_that_never_ends_is_not_waited_for_for_ever() -> None:
    with Machine("tspl", stuck=True) as machine:
        assert refused(machine, encode(PAGES[0], "tspl"), Unsure, patience=0.4) == "printer_busy"
        assert refused(machine, encode(PAGES[0], "tspl"), Refusal, patience=0.4) == "printer_busy"
        assert machine.took.count(b"PRINT") == 1


def test_a_printer_that_says_idle_before_it_begins() -> None:
    """It answers from its front while the document still waits behind: idle must hold for a while to be believed."""
    with Machine("tspl", delay=0.2) as machine, connect(spec(machine), HERE) as printer:
        printer.send(encode(PAGES[0], "tspl"), "label")
        assert len(machine.printed) == 1


@pytest.mark.parametrize("acknowledge", ["sent", "person"])
def test_a_document_may_count_when_it_is_sent(acknowledge: str) -> None:
    with Machine("zpl", mute=True) as machine:
        with connect(spec(machine, acknowledge=acknowledge), HERE) as printer:
            printer.send(encode(PAGES[0], "zpl"), "label")
        ends = time.monotonic() + 3
        while not machine.printed and time.monotonic() < ends:
            time.sleep(0.01)
        assert machine.printed == [encode(PAGES[0], "zpl")]


def test_pdf_cannot_be_asked_about() -> None:
    with Machine("zpl") as machine:
        assert refused(machine, b"%PDF", language="pdf") == "printer_silent"


def test_only_allowed_networks_are_spoken_to() -> None:
    with Machine("zpl") as machine:
        for host in ("127.0.0.1", "localhost", "::ffff:127.0.0.1"):
            with (
                pytest.raises(Refusal) as refusal,
                connect(replace(spec(machine), host=host), [ip_network("10.0.0.0/8")]),
            ):
                pass
            assert refusal.value.problems[0].code in ("printer_outside", "printer_host_unknown")
        assert machine.took == b""
        with connect(replace(spec(machine), host="localhost"), HERE) as printer:
            assert printer.status() == Status("ready")


def test_names_and_ports_that_lead_nowhere() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    for host, code in (("127.0.0.1", "printer_unreachable"), ("no.such.printer.invalid", "printer_host_unknown"), ("a" * 300, "printer_host_unknown")):  # fmt: skip
        with pytest.raises(Refusal) as refusal, connect(PrinterSpec("raw", host, port, timeout=1), HERE):
            pass
        assert refusal.value.problems[0].code == code


def test_addresses_inside_networks() -> None:
    networks = [ip_network("192.168.0.0/16"), ip_network("fc00::/7")]
    assert inside("192.168.1.9", networks)
    assert inside("::ffff:192.168.1.9", networks)
    assert inside("fd00::1%eth0", networks)
    assert not inside("127.0.0.1", networks)
    assert not inside("::1", networks)
    assert not inside("169.254.169.254", networks)
    assert not inside("8.8.8.8", networks)


def test_a_printer_that_takes_the_connection_and_no_more() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        spec = PrinterSpec("raw", "127.0.0.1", server.getsockname()[1], timeout=0.2)
        with connect(spec, HERE) as printer, pytest.raises(Refusal, match="printer_silent"):
            printer.status()


@given(
    st.sampled_from(LANGUAGES),
    st.binary(max_size=200) | st.from_regex(rb"(\x02[0-9,]{0,60}\x03\r\n){0,4}", fullmatch=True),
)
def test_any_answer_is_a_status_or_none(language: str, answer: bytes) -> None:
    try:
        status = answers.read(language, answer)
    except ValueError:
        return
    assert status is None or (status.problem is None) == (status.state != "trouble")
