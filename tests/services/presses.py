"""A scripted printer for print workers: what comes out of it, and what goes wrong with it, as the test says."""

from collections.abc import Callable
from datetime import datetime, timedelta
from types import TracebackType
from typing import Any, Self

from fahuo.printing.printers import Status, Unsure
from fahuo.rules.problems import Problem, Refusal
from fahuo.services import print_work
from fahuo.store.models import Printer
from tests.conftest import NOW


class Death(BaseException):
    """The worker is killed: nothing after this instant happens."""


class Machine:
    """A printer. `paper`: names of documents that came out, in order. `trouble`: what it complains about now."""

    def __init__(self) -> None:
        self.paper: list[str] = []
        self.sent: list[tuple[str, bytes]] = []
        self.trouble: str = ""
        self.reachable = True
        self.acknowledge = "status"
        self.before: Callable[[str], None] = lambda name: None
        self.after: Callable[[str], None] = lambda name: None

    def __call__(self, printer: Any) -> Self:
        self.acknowledge = printer.acknowledge
        return self

    def send(self, document: bytes, name: str) -> None:
        self.reach()
        if self.acknowledge == "status" and self.trouble:
            raise Refusal(self.problem())
        self.before(name)
        self.sent.append((name, document))
        if not self.trouble:
            self.paper.append(name)
            self.after(name)
        if self.acknowledge == "status":
            self.settle()

    def settle(self) -> None:
        if not self.reachable:
            raise Unsure.of("printer_lost")
        if self.trouble:
            raise Unsure(self.problem())

    def status(self) -> Status:
        self.reach()
        return Status("trouble", self.problem()) if self.trouble else Status("ready")

    def problem(self) -> Problem:
        return Problem(self.trouble, {"seconds": 25} if self.trouble == "printer_busy" else {})

    def reach(self) -> None:
        if not self.reachable:
            raise Refusal.of("printer_unreachable", host="192.168.1.60", port=9100)

    def __enter__(self) -> Self:
        self.reach()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """It stays where it is."""


class Clock:
    """Time that stands still until the test moves it; waiting moves it, too."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now

    def forward(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


def make_printer(shop_id: int, name: str = "一号机", **fields: Any) -> Printer:
    return Printer.objects.create(shop_id=shop_id, name=name, created_at=NOW, **{"kind": "raw", **fields})


def work(shop_id: int, machine: Machine, clock: Clock) -> int:
    """Let a worker print what is due; how many jobs he took in hand."""
    return print_work.run_due(shop_id, moment=clock, connect=machine)
