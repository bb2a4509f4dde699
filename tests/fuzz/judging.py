"""What must not be, after one input: an answer 5xx, an exception that nobody caught, a row that moved though the input was
refused, a row of another shop."""

import logging
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final

from tests.fuzz.watching import Moves


@dataclass(slots=True)
class Answer:
    """How a door answered. `refused`: it said no, so nothing may have moved. `shops`: the only shops whose rows may move (None:
    any); `said`: a few words of it; `more`: the tables that this refusal writes by its nature, besides the door's own."""

    status: int
    refused: bool
    said: str = ""
    shops: frozenset[int] | None = None
    more: frozenset[str] = frozenset()
    wrong: list[str] = field(default_factory=list)
    """What the door itself found that must not be."""
    moved: Moves = field(default_factory=dict)
    """What moved at stations on the way, where the door has looked already."""


class Failures(logging.Handler):
    """Keeps the exceptions that the product logged as its own failures."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.found: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        if record.name.startswith("django.security"):
            return  # a client's own fault, which Django logs as an error and answers 400
        if record.exc_info and record.exc_info[1] is not None:
            self.found.append(told(record.exc_info[1]))
        elif record.levelno >= logging.ERROR:
            self.found.append(record.getMessage())


@contextmanager
def heard() -> Iterator[Failures]:
    """While this is open, what the product logs as a failure is kept."""
    ear = Failures()
    loggers = [
        logging.getLogger(),
        logging.getLogger("fahuo"),
        logging.getLogger("django"),
        logging.getLogger("django.request"),
    ]
    before = [(each, each.handlers[:], each.propagate, each.level) for each in loggers]
    for each in loggers:
        each.handlers, each.propagate = ([ear] if each.name == "root" else []), True
    try:
        yield ear
    finally:
        for each, handlers, propagate, level in before:
            each.handlers, each.propagate = handlers, propagate
            each.setLevel(level)


FRAMES: Final = 6


def told(error: BaseException) -> str:
    """An exception with its last frames."""
    last = traceback.format_list(traceback.extract_tb(error.__traceback__)[-FRAMES:])
    return f"{''.join(last)}{type(error).__name__}: {str(error)[:400]}"


def judge(answer: Answer, moves: Moves, failures: list[str], *, writes: Mapping[str, str]) -> list[str]:
    """Every fault of one answer, in a line or more each. `writes`: the tables that a refusal at this door may write, with why."""
    wrong = list(answer.wrong)
    if answer.status >= 500:
        wrong.append(f"answered {answer.status}: {answer.said[:200]}")
    wrong += [f"an exception that nobody caught:\n{each}" for each in failures]
    if answer.refused:
        moved = sorted({each.table for each in moves} - set(writes) - answer.more)
        if moved:
            wrong.append(f"refused ({answer.status}), and rows moved in {', '.join(moved)}: {answer.said[:200]}")
    if answer.shops is not None:
        astray = sorted({each.table for each in moves if each.shop_id is not None and each.shop_id not in answer.shops})
        if astray:
            wrong.append(f"rows of another shop moved in {', '.join(astray)}")
    return wrong
