"""A scripted printer for print workers: what comes out of it, and what goes wrong with it, as the test says."""

from collections.abc import Callable
from datetime import datetime, timedelta
from types import TracebackType
from typing import Any, Self

from fahuo.rules.problems import Problem
from fahuo.services import print_work
from fahuo.services.wires import NotSent, Status, Trouble
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
        self.busy = 0
        self.before: Callable[[str], None] = lambda name: None
        self.after: Callable[[str], None] = lambda name: None

    def __call__(self, printer: Any) -> "Machine":
        return self

    def send(self, body: bytes, name: str) -> None:
        if not self.reachable:
            raise NotSent(Problem("printer_unreachable"))
        self.before(name)
        self.sent.append((name, body))
        if self.trouble:
            return
        self.paper.append(name)
        self.after(name)

    def status(self) -> Status:
        if not self.reachable:
            return Status(False, Problem("printer_unreachable"))
        if self.busy:
            self.busy -= 1
            return Status(False)
        return Status(not self.trouble, Problem(self.trouble) if self.trouble else None)

    def fail(self, code: str) -> None:
        """Trouble in the middle of a document."""
        self.trouble = code
        raise Trouble(Problem(code))

    def __enter__(self) -> Self:
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
    return print_work.run_due(shop_id, moment=clock, connect=machine, pause=clock.forward)
