"""What the order pages read from a form, and what they send back besides pages."""

from datetime import datetime
from typing import Any, Final
from urllib.parse import quote

from django.http import HttpRequest, HttpResponse
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from fahuo.rules.filters import parse_query
from fahuo.rules.problems import Refusal
from fahuo.services import handing
from fahuo.store import boards
from fahuo.store.boards import couriers as couriers_board
from fahuo.web.access import ShopRequest
from fahuo.web.session import back
from fahuo.web.ui import chosen

MOST: Final = 10_000
"""So many orders are worked on at once: one batch."""


def permissions(request: ShopRequest) -> dict[str, bool]:
    """What this account may do with orders: act -> yes or no."""
    acts = (
        "ship",
        "export_orders",
        "print_papers",
        "make_labels",
        "edit_memo",
        "set_deadline",
        "reveal_receiver",
        "import_orders",
        "refund",
        "send_messages",
        "hand_to_couriers",
        "assign_carriers",
    )
    return {"despite_refund": request.actor.may("ship_despite_refund"), **{act: request.actor.may(act) for act in acts}}


def hands(request: ShopRequest, order_id: int | None = None) -> dict[str, Any]:
    """For the order list and page: to whose couriers orders can be handed, and whose have the order."""
    may = request.actor.may("hand_to_couriers")
    return {
        "courier_contracts": handing.contracts(request.actor) if may else [],
        "handed": None if order_id is None else couriers_board.handed(request.shop.id, order_id),
    }


def address(view: str, code: str, **parts: Any) -> str:
    """The address of a page, or of the shop's start page where there is no such page."""
    try:
        return reverse(view, kwargs={"shop": code, **parts})
    except NoReverseMatch:
        return f"/s/{code}/"


def picked(request: ShopRequest) -> list[int]:
    """The orders that were chosen in the list, in its order. Raises Refusal when there are none, or too many."""
    choice = chosen(request)
    ids = list(choice.ids)
    if choice.everything:
        wish = parse_query(choice.query.urlencode()).filter
        ids = boards.matching_ids(request.shop.id, wish, limit=MOST, now=request.now)
    if not ids:
        raise Refusal.of("no_orders_chosen")
    if len(ids) > MOST:
        raise Refusal.of("too_many_orders", most=MOST)
    return ids


def list_again(request: ShopRequest) -> str:
    """Back to the list as it stood."""
    query = request.POST.get("query", "")
    home = reverse("orders", kwargs={"shop": request.shop.code})
    return back(request, f"{home}?{query}" if query else home)


def download(name: str, body: bytes) -> HttpResponse:
    """A file to save."""
    response = HttpResponse(body, content_type="application/octet-stream")
    response.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}"
    return response


def flag_of(text: str) -> int | None:
    """A flag's number from a form; "" takes it off. Refusal `flag_number` for anything that is no number."""
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 3):
        raise Refusal.of("flag_number", flag=text[:10])
    return int(text)


def moment(request: HttpRequest, name: str) -> datetime | None:
    """The instant that a date-and-time field names in the shop's time zone; None when it is empty.

    Raises Refusal `moment_unreadable` for anything else, so that a slip of the hand takes nothing back.
    """
    text = request.POST.get(name, "").strip()
    if not text:
        return None
    try:
        found = parse_datetime(text)
    except ValueError:
        found = None
    if found is None:
        raise Refusal.of("moment_unreadable", value=text[:30])
    return timezone.make_aware(found) if timezone.is_naive(found) else found
