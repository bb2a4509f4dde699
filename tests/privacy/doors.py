"""Where a receiver may stand in full, and nowhere else: the walks over every page and operation hold their answers to it.

A door that is listed and shows nothing fails as well: the list is what is true.
"""

import base64
import io
import json
import re
import zipfile
from typing import Final

NAME, PHONE, PLACE = "甲一", "17000000001", "3栋501室"
"""The receiver of every order that tests.services.shipping makes."""

PAGES: Final = {
    "owner": {("POST", "order-reveal"), ("POST", "orders-export"), ("POST", "papers"), ("POST", "batch_addresses")},
    "courier": {("POST", "courier-reveal"), ("POST", "courier-addresses")},
    "buyer": {
        ("GET", "my-order"),
        ("POST", "my-answer"),
        ("POST", "my-evidence"),
        ("POST", "my-keep"),
        ("POST", "my-receive"),
        ("POST", "my-withdraw"),
    },
}
"""Role -> (method, name of a route) that shows him a receiver in full; a buyer his own, on the page of his order. Whoever is not named is shown less."""
OPERATIONS: Final = {"reveal_receiver", "print_consignments", "export_orders"}
"""Operations of the API that answer with a receiver in full."""


def allowed(role: str, shown: set[tuple[str, str]]) -> bool:
    """Whether a role was shown receivers at its doors only, and (who has all of them) at each."""
    if role in PAGES:
        return shown == PAGES[role]
    return shown <= set().union(*PAGES.values())


def unzipped(content: bytes) -> list[bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        return [book.read(name) for name in book.namelist()]


def leaks(content: bytes) -> list[str]:
    """What of the receiver stands readable in an answer: in a page, a document, or a workbook."""
    if content.startswith(b"PK"):
        content = b"\n".join(unzipped(content))
    for packed in re.findall(rb'"(UEsDB[A-Za-z0-9+/=]+)"', content):
        content += b"".join(unzipped(base64.b64decode(packed)))
    escaped = [json.dumps(word)[1:-1].encode() for word in (NAME, PHONE, PLACE)]
    return [
        word for word, other in zip((NAME, PHONE, PLACE), escaped, strict=True)
        if word.encode() in content or other in content
    ]  # fmt: skip
