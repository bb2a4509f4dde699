"""What is known of a printer, what it may be asked, and how it answers."""

from dataclasses import dataclass
from types import TracebackType
from typing import Final, Literal, Protocol, Self

from fahuo.rules.print_jobs import Acknowledge
from fahuo.rules.problems import Problem, Refusal

Language = Literal["pdf", "zpl", "tspl", "cpcl"]
PRINTING_LANGUAGES: Final[tuple[Language, ...]] = ("pdf", "zpl", "tspl", "cpcl")


@dataclass(frozen=True, slots=True)
class PrinterSpec:
    """A printer. `kind`: raw (TCP, mostly 9100) or ipp. `path`: of an IPP printer, "/ipp/print" or "/printers/NAME".

    `acknowledge`: when a document counts as printed (see rules/print_jobs.py). `timeout`: seconds to connect, and for
    each answer. `patience`: seconds that a printer may stay busy with one document.
    """

    kind: Literal["raw", "ipp"]
    host: str
    port: int = 9100
    path: str = "/ipp/print"
    language: Language = "zpl"
    dpi: int = 203
    acknowledge: Acknowledge = "status"
    timeout: float = 5.0
    patience: float = 60.0


@dataclass(frozen=True, slots=True)
class Status:
    """ready: idle, and nothing is wrong. busy: it prints, or has something to print. trouble: `problem` says what."""

    state: Literal["ready", "busy", "trouble"]
    problem: Problem | None = None


class Unsure(Refusal):
    """The document, or a part of it, was sent; whether paper came out is not known. Never send it again by yourself."""


class Printer(Protocol):
    """A printer that is spoken to. Every error is a Refusal with a code of problems/printers.toml."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    def send(self, document: bytes, name: str) -> None:
        """Print a document. Returns when it is acknowledged as the spec asks: the printer took all of it (`sent`,
        `person`), or is idle and free of trouble after it (`status`).

        A plain Refusal: nothing was sent, it may be tried again. Unsure: something was. With `status`, a printer that
        is in trouble, or does not say how it is, is sent nothing.
        """

    def settle(self) -> None:
        """Wait until what was sent is printed; Unsure when it is not, or the printer cannot say. May be called again
        when the trouble is over."""

    def status(self) -> Status:
        """How it is. Refusal `printer_silent`, `printer_answer`: it does not say, or not so that one could tell."""
