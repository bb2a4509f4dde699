"""`fahuo printers --test`: ask a printer at an address how it is, and have it print a sample label. Needs no database."""

import re
import time
from collections.abc import Callable
from typing import Any, TypeVar

import click

from fahuo import printing, settings
from fahuo.cli import desk
from fahuo.cli.language import language, say
from fahuo.printing.printers import PRINTING_LANGUAGES, PrinterSpec, connect
from fahuo.rules.labels import DEFAULT_SIZE, SIZES, masked, standard
from fahuo.rules.print_jobs import DOTS
from fahuo.rules.problems import Refusal

PORTS = {"raw": 9100, "ipp": 631}


Command = TypeVar("Command", bound=Callable[..., Any])
OPTIONS = (
    click.option("--test", "address", metavar="HOST[:PORT]", help="The printer to ask."),
    click.option("--kind", type=click.Choice(list(PORTS)), default="raw", show_default=True, help="raw: TCP 9100. ipp: IPP or a queue of CUPS."),
    click.option("--path", default="/ipp/print", show_default=True, help="Of an IPP printer; /printers/NAME for CUPS."),
    click.option("--language", "tongue", type=click.Choice(PRINTING_LANGUAGES), default="zpl", show_default=True, help="What it is spoken to in."),
    click.option("--dpi", type=click.Choice([str(dots) for dots in DOTS]), default=str(DOTS[0]), show_default=True, help="Its dots per inch."),
    click.option("--size", type=click.Choice(SIZES), default=DEFAULT_SIZE, show_default=True, help="The labels in it."),
    click.option("--label", is_flag=True, help="Print a made-up label, and wait until it is out."),
)  # fmt: skip


def address_options(command: Command) -> Command:
    """What `fahuo printers` takes to try a printer by its address."""
    for option in reversed(OPTIONS):
        command = option(command)
    return command


def try_address(
    address: str, kind: str, path: str, tongue: str, dpi: str, size: str, label: bool, as_json: bool
) -> None:  # fmt: skip
    """Ask the printer at an address how it is; with `label`, print a sample first. Refusals of printers.toml."""
    host, port = _address(address, PORTS[kind])
    spec = PrinterSpec(kind, host, port, path, tongue, int(dpi))  # type: ignore[arg-type]
    seconds = 0.0
    with connect(spec, settings.PRINTER_NETWORKS) as printer:
        if label:
            begun = time.monotonic()
            printer.send(_sample(size, tongue, int(dpi)), "fahuo")
            seconds = time.monotonic() - begun
        status = printer.status()
    sentence = status.problem.sentence(language()) if status.problem else ""
    words = {"ready": say("就绪", "ready"), "busy": say("正在打印", "busy"), "trouble": sentence}
    printed = (
        [say(f"样例面单已打印，用了 {seconds:.1f} 秒", f"a sample label was printed in {seconds:.1f} s")]
        if label
        else []
    )
    desk.tell(
        as_json,
        {
            "host": host, "port": port, "state": status.state, "printed": label,
            "problem": status.problem.as_dict() if status.problem else None,
        },
        *printed, f"{host}:{port}  {words[status.state]}",
    )  # fmt: skip


def _address(text: str, port: int) -> tuple[str, int]:
    """HOST, HOST:PORT or [IPv6]:PORT. Refusal `printer_address`."""
    found = re.fullmatch(r"(?:\[([0-9A-Fa-f:.%a-z]+)\]|([^:\[\]/\s]+))(?::([0-9]{1,5}))?", text)
    if not found or (found[3] and not 0 < int(found[3]) < 65536):
        raise Refusal.of("printer_address", address=text[:80])
    return found[1] or found[2], int(found[3] or port)


def _sample(size: str, tongue: str, dpi: int) -> bytes:
    from fahuo.samples.labels import sample_label

    return printing.encode(printing.lay_out(standard(size), masked(sample_label("ZTO", 1))), tongue, dpi)
