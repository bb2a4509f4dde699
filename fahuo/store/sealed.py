"""Personal data at rest: sealed with keys that the database does not have, found again by keyed marks.

Sealed is AES-256-GCM: 3 bytes that say so, 3 that name the key, 12 of nonce, then text and tag; as text, the same in
base64 behind a word. Each shop has its own key, derived from FAHUO_SEALING_KEY (the newest seals, any opens); what is
sealed is bound to its shop and place (and a receiver to its order), so that it opens nowhere else. A mark is a keyed hash
under FAHUO_SEARCH_KEY, which never changes: equal for equal texts of one shop, and without the key as good as random.

What was written before all this is readable, and opens as it stands; services/sealing_rounds.py seals it.
"""

import base64
import binascii
import hmac
import os
from collections.abc import Sequence
from functools import lru_cache
from hashlib import blake2b
from typing import Any, Final, NamedTuple

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

from fahuo.rules import masking, phones
from fahuo.rules.problems import Refusal

HEAD: Final = b"\xf5S1"
WORD: Final = "sealed:"
KEYED: Final = "k"
"""What a keyed digest begins with; the plain ones of earlier versions are hexadecimal, which has no such letter."""
KEY_ID: Final = 3
"""With the head six bytes: eight letters of base64, by which a statement tells the key."""
NONCE: Final = 12
OVERHEAD: Final = len(HEAD) + KEY_ID + NONCE + 16
SHOPS: Final = 4096

MESSAGE: Final = "orders.buyer_message"
REMARK: Final = "order_lines.remark"
TALK: Final = "messages.body"
EVIDENCE: Final = "evidence.body"
STATEMENT: Final = "complaints.statement"
FILE: Final = "uploads.body"
ROW: Final = "batch_rows.data"
ANSWER: Final = "kept_answers.body"
"""The places of what is sealed."""

_pack = msgspec.msgpack.Encoder().encode
_unpack = msgspec.msgpack.Decoder(tuple[str, ...]).decode


class _Keys(NamedTuple):
    newest: bytes
    known: dict[bytes, AESGCM]


def _derived(key: str, purpose: str) -> bytes:
    return hmac.digest(key.encode(), f"fahuo:{purpose}".encode(), "sha256")


def key_id(key: str) -> bytes:
    """What names a key in all that it sealed: three bytes that tell nothing of it."""
    return _derived(key, "key-id")[:KEY_ID]


def key_ids() -> list[bytes]:
    """The ids of the keys that are known here, the newest first."""
    return [key_id(key.strip()) for key in settings.SEALING_KEY.split(",") if key.strip()]


@lru_cache(SHOPS)
def _keys(text: str, shop_id: int) -> _Keys:
    keys = [key.strip() for key in text.split(",") if key.strip()]
    return _Keys(key_id(keys[0]), {key_id(key): AESGCM(_derived(key, f"personal:{shop_id}")) for key in reversed(keys)})


def seal(shop_id: int, place: str, plain: bytes) -> bytes:
    """Bytes as they may be kept. `place`: what they are, and whose; they open only under the same."""
    keys, nonce = _keys(settings.SEALING_KEY, shop_id), os.urandom(NONCE)
    body = keys.known[keys.newest].encrypt(nonce, plain, f"{shop_id}\x1f{place}".encode())
    return b"".join((HEAD, keys.newest, nonce, body))


def opened(shop_id: int, place: str, kept: bytes) -> bytes:
    """The bytes again; what was never sealed as it stands. Refusal `sealing_key` when no key here opens them."""
    if not kept.startswith(HEAD):
        return kept
    known = _keys(settings.SEALING_KEY, shop_id).known.get(kept[3:6])
    try:
        if known is None:
            raise InvalidTag
        return known.decrypt(kept[6:18], kept[18:], f"{shop_id}\x1f{place}".encode())
    except (InvalidTag, ValueError):
        raise Refusal.of("sealing_key") from None


def seal_text(shop_id: int, place: str, text: str) -> str:
    """A text as it may be kept; "" stays ""."""
    return WORD + base64.b64encode(seal(shop_id, place, text.encode())).decode("ascii") if text else ""


def open_text(shop_id: int, place: str, text: str) -> str:
    """The text again. Refusal `sealing_key`."""
    if not text.startswith(WORD):
        return text
    try:
        kept = base64.b64decode(text[len(WORD) :].encode("ascii"), validate=True)
    except (UnicodeError, binascii.Error):
        return text  # somebody's own words, from before
    return opened(shop_id, place, kept).decode() if kept.startswith(HEAD) else text


def open_texts(shop_id: int, rows: Sequence[Any], place: str, field: str) -> list[Any]:
    """Rows (named tuples) with one field opened."""
    return [
        row._replace(**{field: open_text(shop_id, place, text)})
        if (text := getattr(row, field)) and text.startswith(WORD)
        else row
        for row in rows
    ]


# --- keyed marks ---


@lru_cache(SHOPS)
def _mark_key(key: str, shop_id: int, purpose: str) -> bytes:
    return _derived(key, f"mark:{purpose}:{shop_id}")


def _mark(shop_id: int, purpose: str, text: str) -> int | None:
    if not text:
        return None
    key = _mark_key(settings.SEARCH_KEY, shop_id, purpose)
    return int.from_bytes(blake2b(text.encode(), key=key, digest_size=8).digest(), signed=True)


def name_mark(shop_id: int, name: str) -> int | None:
    """What finds receivers of exactly this name; None for ""."""
    return _mark(shop_id, "name", name.strip())


def phone_mark(shop_id: int, phone: str) -> int | None:
    """What finds receivers of this number, however it is written; None where there is none."""
    return _mark(shop_id, "phone", phones.normal(phone))


def ending_mark(shop_id: int, phone: str) -> int | None:
    """What finds receivers whose number ends like this one; None for less than four digits."""
    return _mark(shop_id, "ending", phones.ending(phone))


def keyed(shop_id: int, digest: str) -> str:
    """A digest of personal data (a receiver's key, a draft's fingerprint) such that nobody without the key can try texts
    against it; one that is keyed already, and "", as they stand."""
    if not digest or digest.startswith(KEYED):
        return digest
    key = _mark_key(settings.SEARCH_KEY, shop_id, "digest")
    return KEYED + blake2b(digest.encode(), key=key, digest_size=len(digest) // 2).hexdigest()


# --- receivers ---

RECEIVER: Final = "r.sealed, r.order_id AS sealed_of"
"""What a statement selects of `receivers r` besides its plain columns, for `open_receivers`."""
FIELDS: Final = ("name", "phone", "phone_extension", "address", "postcode")
ALIASES: Final = {"name": "receiver"}


class Sealed(NamedTuple):
    """What stands in `receivers` of a name, phone, extension, address and postcode: what may be seen, and the rest sealed."""

    name: str
    phone: str
    sealed: bytes
    name_mark: int | None
    phone_mark: int | None
    phone_ending: int | None


def receiver(
    shop_id: int, order_id: int, name: str, phone: str, extension: str, address: str, postcode: str
) -> Sealed:  # fmt: skip
    """A receiver as the table keeps it."""
    dialled = f"{phone}-{extension}" if extension else phone
    return Sealed(
        masking.mask_name(name), masking.mask_phone(dialled),
        seal(shop_id, f"receiver:{order_id}", _pack((name, phone, extension, address, postcode))),
        name_mark(shop_id, name), phone_mark(shop_id, phone), ending_mark(shop_id, phone),
    )  # fmt: skip


def receiver_texts(shop_id: int, order_id: int, kept: bytes) -> tuple[str, ...]:
    """(name, phone, phone_extension, address, postcode) of a sealed receiver."""
    return _unpack(opened(shop_id, f"receiver:{order_id}", kept))


def open_receivers(shop_id: int, rows: Sequence[Any]) -> list[Any]:
    """Rows (named tuples with RECEIVER's columns) with whatever they have of FIELDS in full; `receiver` stands for a name."""
    if not rows:
        return []
    fields: tuple[str, ...] = rows[0]._fields
    sealed, order = fields.index("sealed"), fields.index("sealed_of")
    named = [(i, name if name in fields else ALIASES.get(name, name)) for i, name in enumerate(FIELDS)]
    places = [(i, fields.index(name)) for i, name in named if name in fields]
    make = type(rows[0])._make
    found = []
    for row in rows:
        if row[sealed] is None:
            found.append(row)
            continue
        values, texts = list(row), receiver_texts(shop_id, row[order], bytes(row[sealed]))
        for i, place in places:
            values[place] = texts[i]
        found.append(make(values))
    return found


# --- rows of sheets ---


class _Named(msgspec.Struct):
    number: str = ""


_named = msgspec.json.Decoder(_Named).decode
CELLS: Final = "cells"


def seal_row(shop_id: int, data: str) -> str:
    """A row of an order list as JSON text: sealed whole, but for the number that tells it from its neighbours."""
    body = base64.b64encode(seal(shop_id, ROW, data.encode())).decode("ascii")
    return msgspec.json.encode({"number": _named(data).number, "sealed": body}).decode()


def seal_cells(shop_id: int, cells: Sequence[str]) -> str:
    """A row's own cells, kept to be mended."""
    return base64.b64encode(seal(shop_id, ROW, msgspec.json.encode(cells))).decode("ascii")


def open_row(shop_id: int, data: Any) -> Any:
    """What a row asked, as it was read: a dictionary."""
    if isinstance(data, dict) and "sealed" in data:
        data = msgspec.json.decode(opened(shop_id, ROW, base64.b64decode(data["sealed"])))
    if isinstance(data, dict) and isinstance(data.get(CELLS), str):
        cells = msgspec.json.decode(opened(shop_id, ROW, base64.b64decode(data[CELLS])))
        data = {**data, CELLS: cells}
    return data


def open_row_text(shop_id: int, data: str) -> str:
    """The same of JSON text."""
    if '"sealed"' not in data and '"cells"' not in data:
        return data
    return msgspec.json.encode(open_row(shop_id, msgspec.json.decode(data))).decode()


def seal_problems(shop_id: int, problems: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Problems of a row with the cells' values that they quote sealed."""
    return [{**one, "value": seal_text(shop_id, ROW, str(one.get("value") or ""))} for one in problems]


def open_problems(shop_id: int, problems: Any) -> Any:
    """The problems of a row as they are told."""
    if not isinstance(problems, list):
        return problems
    return [
        {**one, "value": open_text(shop_id, ROW, one["value"])} if isinstance(one.get("value"), str) else one
        for one in problems
    ]  # fmt: skip


def open_problems_text(shop_id: int, problems: str | None) -> str | None:
    """The same of JSON text."""
    if not problems or WORD not in problems:
        return problems
    return msgspec.json.encode(open_problems(shop_id, msgspec.json.decode(problems))).decode()
