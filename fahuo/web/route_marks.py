"""大头笔和三段码: the shop's own table of what a carrier wants printed for a region."""

from collections.abc import Sequence
from typing import Any

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_POST

from fahuo.rules.carriers import CARRIERS
from fahuo.rules.problems import Problem, Refusal
from fahuo.rules.regions import name_of, provinces, split_address, words_of
from fahuo.services import own_sheets
from fahuo.services import route_marks as service
from fahuo.store.boards import batches_page
from fahuo.store.boards import contracts as boards
from fahuo.web import ui, uploads
from fahuo.web.access import ShopRequest, by_method, shop_page
from fahuo.web.session import toast
from fahuo.web.shop import carriers


def _carrier(request: ShopRequest) -> str:
    """The carrier that is asked for, or the one of the shop's first contract, or ""."""
    asked = request.GET.get("carrier", "")
    return asked if asked in CARRIERS else ""


def _show(
    request: ShopRequest, *, typed: dict[str, str] | None = None, problems: Sequence[Problem] = (), place: str = ""
) -> HttpResponse:
    carrier = _carrier(request)
    rows = [{"row": row, "region": words_of(row.region)} for row in boards.route_marks(request.shop.id, carrier)]
    first = next((contract.carrier for contract in boards.contracts(request.shop.id)), "")
    return render(request, "contracts/route_marks.html", {
        "section": "batches", "rows": rows, "carrier": carrier, "problems": problems, "place": place,
        "typed": typed or {"carrier": carrier or first}, "carriers": carriers(), "accept": uploads.ACCEPT,
        "provinces": [name for _, name in provinces()], "may_manage": request.actor.may("manage_contracts"),
        "fields": [ui.Filter("carrier", gettext("快递"), "select", carrier, carriers())],
        "recent": batches_page(request.shop.id, kind="route_marks", limit=5).rows,
    }, status=422 if problems else 200)  # fmt: skip


@shop_page("view_contracts")
def page(request: ShopRequest) -> HttpResponse:
    """The table, and a form for one more row."""
    return _show(request)


@shop_page("manage_contracts")
@require_POST
def keep(request: ShopRequest) -> HttpResponse:
    """Add or change the marks of one region."""
    typed = {name: request.POST.get(name, "").strip()[:100] for name in service.FIELDS}
    text = typed["region"]
    region = text if text.isascii() and text.isdigit() else split_address(text).region
    try:
        service.keep(request.actor, {**typed, "region": region or text}, now=request.now)
    except Refusal as refusal:
        if refusal.problems[0].code == "not_permitted":
            raise
        return _show(request, typed=typed, problems=refusal.problems, place="form")
    said = gettext("已保存 {region}").format(region=name_of(region))
    here = reverse("route-marks", kwargs={"shop": request.shop.code})
    return toast(request, redirect(f"{here}?carrier={typed['carrier']}"), said)


@shop_page("manage_contracts")
@require_POST
def drop(request: ShopRequest, mark_id: int) -> HttpResponse:
    """Forget the marks of one region."""
    service.drop(request.actor, [mark_id], now=request.now)
    return toast(request, redirect("route-marks", shop=request.shop.code), gettext("已删除"))


@shop_page("manage_contracts")
def _too_large(request: ShopRequest, problem: Problem) -> HttpResponseBase:
    return _show(request, problems=(problem,), place="sheet")


@shop_page("manage_contracts")
def _upload(request: ShopRequest) -> HttpResponseBase:
    try:
        name, body = uploads.sheets_of(request)[0]
        carrier = request.POST.get("carrier", "")
        batch_id = own_sheets.open_route_marks_sheet(
            request.actor, carrier=carrier if carrier in CARRIERS else "", name=name, body=body, now=request.now
        )
    except Refusal as refusal:
        if refusal.problems[0].code == "not_permitted":
            raise
        return _show(request, problems=refusal.problems, place="sheet")
    return redirect("batch", shop=request.shop.code, batch_id=batch_id)


@shop_page("view_contracts")
@require_GET
def _download(request: ShopRequest) -> HttpResponse:
    rows: list[Any] = boards.route_marks(request.shop.id, _carrier(request))
    return uploads.download(gettext("大头笔和三段码") + ".xlsx", service.sheet(rows))


sheet = uploads.takes_files(_too_large)(by_method(get=_download, post=_upload))


urlpatterns: list[URLPattern] = [
    path("route-marks/", page, name="route-marks"),
    path("route-marks/keep/", keep, name="route-mark-keep"),
    path("route-marks/<int:mark_id>/drop/", drop, name="route-mark-drop"),
    path("route-marks/sheet/", sheet, name="route-marks-sheet"),
]
