"""Secrets that the database keeps for later use (app secrets, tokens of marketplaces) are sealed with a key outside it.

The key is in FAHUO_SEALING_KEY or in the data folder. Several keys, the newest first, separated by commas: sealed with
the first, opened with any. A copy of the database alone opens nothing.
"""

import base64
import hashlib
import hmac
import json
from functools import cache
from typing import Any, Final

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings

from fahuo.rules.problems import Refusal

DIGEST_BYTES: Final = 32


@cache
def _box(keys: str) -> MultiFernet:
    return MultiFernet([
        Fernet(base64.urlsafe_b64encode(_derived(key.strip(), "sealing"))) for key in keys.split(",") if key.strip()
    ])  # fmt: skip


def _derived(key: str, purpose: str) -> bytes:
    return hmac.new(key.encode(), f"fahuo:{purpose}".encode(), hashlib.sha256).digest()


def seal(text: str) -> str:
    """The text as it may be kept."""
    return _box(settings.SEALING_KEY).encrypt(text.encode()).decode("ascii")


def opened(sealed: str) -> str:
    """The text again. Refusal `sealing_key` when it was sealed with a key that is not known here."""
    try:
        return _box(settings.SEALING_KEY).decrypt(sealed.encode("ascii")).decode()
    except (InvalidToken, UnicodeError):
        raise Refusal.of("sealing_key") from None


def renewed(sealed: str) -> str | None:
    """The same sealed with the newest key; None where it is already. Refusal `sealing_key`."""
    newest = settings.SEALING_KEY.split(",")[0].strip()
    try:
        _box(newest).decrypt(sealed.encode("ascii"))
    except (InvalidToken, UnicodeError):
        return seal(opened(sealed))
    return None


def seal_fields(fields: dict[str, Any]) -> str:
    """A dictionary of JSON values as it may be kept."""
    return seal(json.dumps(fields, ensure_ascii=False))


def opened_fields(sealed: str) -> dict[str, Any]:
    """The dictionary again; {} for "". Refusal `sealing_key`."""
    found: dict[str, Any] = json.loads(opened(sealed)) if sealed else {}
    return found


def mark(purpose: str, *parts: object) -> str:
    """A short text that only this installation can make of these parts, and makes again: 43 letters and digits, - and _."""
    text = "\x1f".join(str(part) for part in parts)
    made = hmac.new(_derived(settings.SEARCH_KEY, purpose), text.encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(made[:DIGEST_BYTES]).decode("ascii").rstrip("=")


def digest(token: str) -> str:
    """What is kept of a token that is only ever compared: tokens are long and random, so a plain digest is enough."""
    return hashlib.sha256(token.encode()).hexdigest()
