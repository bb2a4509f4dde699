"""Which printer, which contract: what the pages offer, and what a form chose."""

from typing import Any, Final

from fahuo.rules.problems import Refusal
from fahuo.store.boards import printers as boards
from fahuo.web.access import ShopRequest

LAST_PRINTER: Final = "printer"
"""The session keeps the printer that was used last: one works beside one printer."""


def printers(request: ShopRequest) -> list[Any]:
    """The printers in use, the one that was used last first."""
    last = request.session.get(LAST_PRINTER)
    found = boards.in_use(request.shop.id)
    return sorted(found, key=lambda printer: printer.id != last)


def contracts(request: ShopRequest) -> list[Any]:
    """The contracts at work, in the shop's order."""
    return boards.contracts(request.shop.id)


def chosen(request: ShopRequest) -> int:
    """The printer that a form chose, kept for the next time. Refusal `printer_unknown`."""
    text = request.POST.get("printer", "")
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise Refusal.of("printer_unknown")
    request.session[LAST_PRINTER] = int(text)
    return int(text)
