"""Log lines for machines: one JSON object a line, and no personal data in it.

Messages are names of events; facts go in `extra={"facts": {...}}`. Of an exception only its kind and its places in the
code are kept: what it says may quote a row.
"""

import json
import logging
import traceback
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any, Final

request: Final[ContextVar[str]] = ContextVar("request", default="")
"""The name of the request that this thread answers; every line about it carries it, and so does the answer."""


class Lines(logging.Formatter):
    """`details` adds what exceptions say; for developing only."""

    def __init__(self, details: bool = False) -> None:
        super().__init__()
        self.details = details

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "from": record.name,
            "event": record.getMessage(),
        }
        if name := request.get():
            line["request"] = name
        line.update(getattr(record, "facts", {}))
        if record.exc_info and record.exc_info[1] is not None:
            line.update(self.of_exception(record.exc_info[1]))
        return json.dumps(line, ensure_ascii=False, default=str)

    def of_exception(self, error: BaseException) -> dict[str, Any]:
        frames = traceback.extract_tb(error.__traceback__)
        told: dict[str, Any] = {
            "error": type(error).__qualname__,
            "places": [f"{frame.filename.rpartition('/fahuo/')[2]}:{frame.lineno}" for frame in frames[-12:]],
        }
        sqlstate = getattr(error, "sqlstate", None) or getattr(error.__cause__, "sqlstate", None)
        if sqlstate:
            told["sqlstate"] = sqlstate
        if self.details:
            told["says"] = str(error)
        return told
