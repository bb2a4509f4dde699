"""API keys: their shape, what they may do, and how many calls a minute they make. A key's scopes are the permissions of
rules.people: what a sub-account with the same permissions may do on the pages, the key may do by the API."""

import base64
import hashlib
import re
from dataclasses import dataclass
from typing import Final

from fahuo.rules.people import PERMISSIONS

SHAPE: Final = re.compile(r"fahuo_([a-z2-7]{6})_([A-Za-z0-9_-]{43})")
"""What a key looks like; the first group is its hint, which pages show."""
SCOPES: Final[tuple[str, ...]] = tuple(PERMISSIONS)
NAME: Final = 60
MOST: Final = 50
"""Living keys of one shop."""
PER_MINUTE: Final = (1, 1_000_000)
"""The least and the most calls a minute that may be set for a key."""
ROWS_PER_CALL: Final = 100
"""So many rows of a bulk call count as one call more."""
WINDOW: Final = 60
"""Seconds in which a full allowance comes back."""

_LETTERS: Final = "abcdefghijklmnopqrstuvwxyz234567"


@dataclass(frozen=True, slots=True)
class Fresh:
    """A key as it is handed out, once. `digest` is what is kept of it."""

    text: str
    hint: str
    digest: bytes


def key_of(random: bytes) -> Fresh:
    """The key made of 32 random bytes."""
    hint = "".join(_LETTERS[byte & 31] for byte in hashlib.sha256(b"hint" + random).digest()[:6])
    text = f"fahuo_{hint}_{base64.urlsafe_b64encode(random).decode().rstrip('=')}"
    return Fresh(text, hint, digest(text))


def digest(text: str) -> bytes:
    """What a key is found by. SHA-256 suffices: nobody can guess 256 random bits, so nothing needs to be slow."""
    return hashlib.sha256(text.encode()).digest()


def cost(rows: int) -> int:
    """How many calls a call with so many rows counts as."""
    return 1 + rows // ROWS_PER_CALL
