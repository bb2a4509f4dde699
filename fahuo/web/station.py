"""打包台: scan, check, weigh, pack, next. The page of the bench, the answer to each scan, and the sheet of commands."""

from datetime import datetime
from typing import Any, Final

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from fahuo.rules.station import COMMANDS, left
from fahuo.services import station_steps as steps
from fahuo.services.station_steps import Outcome, State
from fahuo.store.boards import station as board
from fahuo.web.access import ShopRequest, shop_page
from fahuo.web.barcodes import barcode

KEPT: Final = "station"
"""The session keeps how this bench works: its contract, whether it checks, whether it packs by itself."""
ASKED: Final = "X-Bench"
"""The header by which the page's script asks for the part alone."""
SHEET: Final = {
    "done": (gettext_lazy("完成"), gettext_lazy("这一单打好了，下一单")),
    "rest": (gettext_lazy("都对"), gettext_lazy("剩下的商品看过了，没有错")),
    "skip": (gettext_lazy("跳过"), gettext_lazy("这一单先放下")),
    "undo": (gettext_lazy("撤销"), gettext_lazy("退回上一步，或撤销上一单打包")),
}


def _number(text: str, most: int = 19) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= most else None


def _kept(request: ShopRequest) -> State:
    kept = request.session.get(KEPT) or {}
    return State(contract_id=kept.get("contract"), checks=kept.get("checks", True), auto=kept.get("auto", False))


def _asked(request: ShopRequest) -> State:
    """The bench as the page says that it stands; how it works is kept for the next page."""
    posted = request.POST
    state = State(
        _number(posted.get("label", ""), 18), posted.get("check", "")[:20_000], _number(posted.get("grams", ""), 6),
        _number(posted.get("sure", ""), 6), _number(posted.get("scale", ""), 6),
        _number(posted.get("contract", ""), 18), posted.get("checks") == "1", posted.get("auto") == "1",
    )  # fmt: skip
    kept = {"contract": state.contract_id, "checks": state.checks, "auto": state.auto}
    if request.session.get(KEPT) != kept:
        request.session[KEPT] = kept
    return state


def today(now: datetime) -> datetime:
    """The start of the shop's day."""
    return timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)


def _done(request: ShopRequest) -> dict[str, Any]:
    found = board.done(
        request.shop.id, request.actor.member_id, since=today(request.now), zone=request.shop.time_zone
    )  # fmt: skip
    hour = timezone.localtime(request.now).hour
    return {
        "done": found, "hour": next((each.count for each in found.hours if each.hour == hour), 0),
        "most": max((each.count for each in found.hours), default=0),
    }  # fmt: skip


def _answer(request: ShopRequest, outcome: Outcome) -> HttpResponse:
    parts = {"o": outcome, "left": left(outcome.bench.goods, outcome.check) if outcome.bench else 0}
    if request.headers.get(ASKED):
        return render(request, "station/bench.html", parts)
    return _page(request, parts)


def _page(request: ShopRequest, parts: dict[str, Any]) -> HttpResponse:
    return render(request, "station/page.html", {
        "section": "station", "contracts": board.contracts(request.shop.id), **_done(request), **parts,
    })  # fmt: skip


@shop_page("pack")
@require_GET
def page(request: ShopRequest) -> HttpResponse:
    """The bench, empty, as it was set up last in this browser."""
    return _answer(request, Outcome(_kept(request)))


@shop_page("pack")
@require_POST
def scan(request: ShopRequest) -> HttpResponse:
    """What `scan` comes to on the bench that the other fields describe; `undo` takes the packing of that label back."""
    state = _asked(request)
    back = _number(request.POST.get("undo", ""), 18)
    if back is not None:
        return _answer(request, steps.undo(request.actor, state, now=request.now, label_id=back))
    return _answer(request, steps.take(request.actor, state, request.POST.get("scan", "")[:200], now=request.now))


@shop_page("pack")
@require_GET
def done(request: ShopRequest) -> HttpResponse:
    """The part of the page that tells what was packed."""
    return render(request, "station/done.html", _done(request))


@shop_page("pack")
@require_GET
def codes(request: ShopRequest) -> HttpResponse:
    """The commands as barcodes, to be printed and stuck to the bench."""
    sheet = [(*SHEET[command], code, barcode(code)) for code, command in COMMANDS.items()]
    return render(request, "station/codes.html", {"sheet": sheet})


urlpatterns: list[URLPattern] = [
    path("station/", page, name="station"),
    path("station/scan/", scan, name="station-scan"),
    path("station/done/", done, name="station-done"),
    path("station/codes/", codes, name="station-codes"),
]
