"""Printers of a shop: set up, looked at, tested. What is sent to them in jobs, `print_work` sends."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.conf import settings
from django.db import transaction

from fahuo.printing import encode, lay_out
from fahuo.printing.printers import Printer as Line
from fahuo.printing.printers import PrinterSpec, connect
from fahuo.rules.labels import LabelData, standard
from fahuo.rules.people import Actor
from fahuo.rules.print_jobs import ACKNOWLEDGE, DOTS, LANGUAGES, PRINTER_KINDS
from fahuo.rules.problems import Problem, Refusal
from fahuo.store import journal, print_work, printers
from fahuo.store.boards import printers as board
from fahuo.store.models import Printer

_HOST: Final = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._:%-]{0,252}[A-Za-z0-9])?")
_PATH: Final = re.compile(r"/[A-Za-z0-9._~/%+-]{0,200}")
NAME_MOST: Final = 40
BY_PAGE: Final = ("browser", "cnprint")
"""Kinds that print from a page: no address, and no language of their own."""


@dataclass(frozen=True, slots=True)
class Setup:
    """What is said of a printer. `host` and `port` for raw and ipp, `path` for ipp, `component` the name that the 菜鸟
    component gives the printer ("": its default one)."""

    name: str
    kind: str
    host: str = ""
    port: int = 9100
    path: str = ""
    language: str = "zpl"
    dpi: int = 203
    acknowledge: str = "status"
    component: str = ""


def problems_of(setup: Setup) -> list[Problem]:
    """Everything that is wrong with a set-up."""
    found = []
    if not setup.name.strip() or len(setup.name) > NAME_MOST:
        found.append(Problem("printer_name", {"most": NAME_MOST}))
    if setup.kind not in PRINTER_KINDS:
        found.append(Problem("printer_kind"))
    if setup.language not in LANGUAGES or setup.dpi not in DOTS:
        found.append(Problem("printer_language"))
    if setup.acknowledge not in ACKNOWLEDGE:
        found.append(Problem("printer_acknowledge"))
    if setup.kind not in BY_PAGE:
        if not _HOST.fullmatch(setup.host):
            found.append(Problem("printer_host", {"host": setup.host[:60]}))
        if not 1 <= setup.port <= 65535:
            found.append(Problem("printer_port", {"port": setup.port}))
        if setup.kind == "ipp" and not _PATH.fullmatch(setup.path):
            found.append(Problem("printer_path", {"path": setup.path[:60]}))
    return found


def keep(actor: Actor, setup: Setup, *, now: datetime, printer_id: int | None = None) -> int:
    """Add a printer, or change one; its id. Refusal with every problem at once; `printer_unknown`, `printer_name_taken`."""
    actor.require("manage_printers")
    problems = problems_of(setup)
    if problems:
        raise Refusal(*problems)
    page = setup.kind in BY_PAGE
    fields = {
        "name": setup.name.strip(), "kind": setup.kind, "host": "" if page else setup.host,
        "port": 9100 if page else setup.port, "path": setup.path if setup.kind == "ipp" else "",
        "language": "pdf" if page else setup.language, "dpi": setup.dpi,
        "acknowledge": {"browser": "person", "cnprint": "status"}.get(setup.kind, setup.acknowledge),
        "settings": {"component": setup.component[:120]} if setup.kind == "cnprint" else {},
    }  # fmt: skip
    with transaction.atomic():
        if printer_id is not None:
            of_shop(actor.shop_id, printer_id)
        kept = printers.keep(actor.shop_id, printer_id, fields, now=now)
        if kept is None:
            raise Refusal.of("printer_name_taken", printer=setup.name)
        journal.append(actor, "shop.changed", [journal.Moved(after={"printer": fields["name"]})], now=now)
    return kept


def of_shop(shop_id: int, printer_id: int) -> Printer:
    """One printer. Refusal `printer_unknown`."""
    found = printers.find(shop_id, printer_id)
    if found is None:
        raise Refusal.of("printer_unknown")
    return found


PATIENCE: Final = 25.0
"""Seconds that a printer may be busy with one label."""


def line_to(printer: Any) -> Line:
    """The line to a printer of the shop, to be used in a `with`. Only networks that the settings name are spoken to."""
    spec = PrinterSpec(
        printer.kind, printer.host, printer.port, printer.path or "/ipp/print", printer.language, printer.dpi,
        printer.acknowledge, patience=PATIENCE,
    )  # fmt: skip
    return connect(spec, settings.PRINTER_NETWORKS)


def set_active(actor: Actor, printer_id: int, active: bool, *, now: datetime) -> None:
    """Take a printer out of use (its jobs stay), or back. Safe to repeat. Refusal `printer_unknown`."""
    actor.require("manage_printers")
    with transaction.atomic():
        name = of_shop(actor.shop_id, printer_id).name
        if printers.set_active(actor.shop_id, printer_id, active):
            told = journal.Moved(after={"printer": name, "active": active})
            journal.append(actor, "shop.changed", [told], now=now)


def look(shop_id: int, printer_id: int, *, now: datetime) -> Problem | None:
    """Ask a printer how it is, and note it: its trouble, or None. One that prints from a page is not asked."""
    printer = of_shop(shop_id, printer_id)
    if printer.kind in BY_PAGE:
        return None
    try:
        with line_to(printer) as line:
            problem = line.status().problem
    except Refusal as refusal:
        problem = refusal.problems[0]
    _note(printer, problem, now=now)
    return problem


def test(actor: Actor, printer_id: int, sample: LabelData, *, now: datetime) -> Problem | None:
    """Print one label at once, beside any job; the trouble that came of it, or None. Refusals as `send`."""
    printer = of_shop(actor.shop_id, printer_id)
    body = encode(lay_out(standard(), sample), printer.language, printer.dpi)
    return send(actor, printer_id, body, name="test", now=now)


def send(actor: Actor, printer_id: int, body: bytes, *, name: str, now: datetime) -> Problem | None:
    """Send bytes as they are, at once, beside any job; the trouble that came of it, or None.

    Refusals: `printer_unknown`, `printer_by_page`, `printer_in_use` (a worker is printing; it must not be disturbed).
    """
    actor.require("manage_printers")
    printer = of_shop(actor.shop_id, printer_id)
    if printer.kind in BY_PAGE:
        raise Refusal.of("printer_by_page", printer=printer.name)
    if board.listed(actor.shop_id, now=now, printer_id=printer_id)[0].at_work:
        raise Refusal.of("printer_in_use", printer=printer.name)
    problem = None
    try:
        with line_to(printer) as line:
            line.send(body, name)
    except Refusal as refusal:
        problem = refusal.problems[0]
    _note(printer, problem, now=now)
    return problem


def _note(printer: Printer, problem: Problem | None, *, now: datetime) -> None:
    told = None if problem is None else problem.as_dict()
    print_work.seen(printer.shop_id, printer.id, told, stale=now, now=now)
