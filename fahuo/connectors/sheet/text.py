"""The text of a cell without what exports and spreadsheets put around it."""

import re
from typing import Final

_INVISIBLE: Final = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\ud800-\udfff\u200b\u200e\u200f\u202a-\u202e\u2060\ufeff\ufffe\uffff]"
)
_ROUNDED: Final = re.compile(r"\d(?:\.\d+)?E\+\d{1,3}", re.ASCII)


def clean(text: str) -> str:
    """Trimmed, out of ="…" and of a leading ', without control characters (line breaks stay) and half characters."""
    text = text.strip()
    if not text:
        return ""
    if text[0] == "=" and len(text) > 2 and text[1] == text[-1] == '"':
        text = text[2:-1].replace('""', '"').strip()
    elif text[0] == "'":
        text = text[1:].strip()
    if not text.isprintable():
        text = _INVISIBLE.sub("", text.replace("\r\n", "\n")).strip()
    return text


def lost_digits(text: str) -> bool:
    """Whether a number was saved as 6.93217E+12: its other digits are gone."""
    return _ROUNDED.fullmatch(text) is not None
