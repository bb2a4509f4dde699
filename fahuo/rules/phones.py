"""Phone numbers as they are compared: written in whatever way, one number is one text."""

import re
import unicodedata
from typing import Final

ENDING: Final = 4
"""How many last digits find a receiver: what couriers and buyers name."""

_EXTENSION: Final = re.compile(r"(?:转|,|#|x|ext\.?)\s*[0-9*]{1,6}$|(?<=[0-9*]{7})\s*[-—－]\s*[0-9*]{1,6}$", re.I)
_ABROAD: Final = re.compile(r"^(?:\+|00)?86(?=(?:1|\*)[0-9*]{10}$)")
_OTHER: Final = re.compile(r"[^0-9*]")


def normal(phone: str) -> str:
    """The digits (and stars) of a number without country code 86 and extension: "+86 138-1234-5678" is "13812345678"."""
    text = unicodedata.normalize("NFKC", phone).strip()
    if len(text) > 12:
        text = _EXTENSION.sub("", text)
    return _ABROAD.sub("", _OTHER.sub("", text))


def ending(phone: str) -> str:
    """The last four digits of a number; "" for one that is shorter."""
    found = normal(phone)
    return found[-ENDING:] if len(found) >= ENDING else ""


def is_ending(text: str) -> bool:
    """Whether what was typed means the last four digits."""
    return len(text) == ENDING and text.isascii() and text.isdigit()
