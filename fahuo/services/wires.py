"""The line to a printer as print workers see it: bytes go out, its state comes back, and trouble has a name."""

from types import TracebackType
from typing import Any, NamedTuple, Protocol, Self

from fahuo.rules.problems import Problem


class Trouble(Exception):
    """The printer's trouble; what was being sent may have come out or not."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.code)
        self.problem = problem


class NotSent(Trouble):
    """Trouble before the first byte left: nothing came out."""


class Status(NamedTuple):
    """What a printer says of itself. `idle`: everything it was sent has come out."""

    idle: bool
    problem: Problem | None = None


class Wire(Protocol):
    """A line to one printer, to be used in a `with`."""

    def send(self, body: bytes, name: str) -> None:
        """Hand one document over. Raises NotSent, or Trouble."""

    def status(self) -> Status:
        """Ask the printer; trouble in reaching it is in the answer."""

    def __enter__(self) -> Self: ...
    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


def wire_to(printer: Any) -> Wire:
    raise NotImplementedError
