"""TOP's times: `yyyy-MM-dd HH:mm:ss` in GMT+8, wherever the shop is; some clients sign with milliseconds since 1970."""

import re
from datetime import UTC, datetime, timedelta, timezone
from typing import Final

ZONE: Final = timezone(timedelta(hours=8), "GMT+8")
SHAPE: Final = "%Y-%m-%d %H:%M:%S"
TOLERANCE: Final = timedelta(minutes=10)
"""How far a request's timestamp may lie from the server's clock, to either side."""

_TEXT: Final = re.compile(r"\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}", re.ASCII)
_MILLISECONDS: Final = re.compile(r"\d{12,13}", re.ASCII)


def written(moment: datetime) -> str:
    """An instant as TOP writes it."""
    return moment.astimezone(ZONE).strftime(SHAPE)


def read(text: str) -> datetime | None:
    """The instant (UTC) that a parameter names; None when it names none."""
    if not _TEXT.fullmatch(text):
        return None
    try:
        return datetime.strptime(text, SHAPE).replace(tzinfo=ZONE).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def read_timestamp(text: str) -> datetime | None:
    """The instant (UTC) of a request's `timestamp`, in either of the two ways that clients write it."""
    if _MILLISECONDS.fullmatch(text):
        return datetime.fromtimestamp(int(text) / 1000, UTC)
    return read(text)
