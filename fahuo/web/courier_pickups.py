"""交接 from a courier's pages: he scans what he takes, and signs for the number of parcels."""

from collections.abc import Sequence
from typing import Any, Final

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path
from django.utils.translation import gettext, gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from fahuo.rules import waybills
from fahuo.rules.pickups import LIVING
from fahuo.rules.problems import Problem, Refusal
from fahuo.services import courier_pickups as service
from fahuo.services.pickups import Added
from fahuo.store.boards import courier_pickups as board
from fahuo.web.access import CourierRequest, courier_page
from fahuo.web.courier import address, frame
from fahuo.web.session import toast

STATES: Final = {
    "called": (gettext_lazy("已约"), "plain", "phone-call"), "open": (gettext_lazy("清点中"), "warn", "list-checks"),
    "signed": (gettext_lazy("已交接"), "good", "circle-check"), "cancelled": (gettext_lazy("已取消"), "quiet", "ban"),
}  # fmt: skip
NEWEST: Final = 200
"""Numbers of a manifest on a page."""


@courier_page
@require_GET
def listed(request: CourierRequest) -> HttpResponse:
    """The pickups of his contract."""
    rows = board.pickups(request.shop.id, request.courier.contract_id)
    return render(request, "courier/pickups.html", {
        **frame(request, "pickups"), "rows": [(row, STATES[row.status]) for row in rows],
        "open": any(row.status in LIVING for row in rows),
    })  # fmt: skip


@courier_page
@require_POST
def begin(request: CourierRequest) -> HttpResponse:
    """He is here: begin to list."""
    made = service.begin(request.courier, now=request.now)
    return redirect(address(request, "courier-pickup", pickup_id=made))


def _one(request: CourierRequest, pickup_id: int) -> Any:
    try:
        return service.own(request.courier, pickup_id)
    except Refusal as refusal:
        raise Http404(pickup_id) from refusal


def _show(request: CourierRequest, pickup_id: int, problems: Sequence[Problem] = (), said: str = "") -> HttpResponse:
    row = _one(request, pickup_id)
    return render(request, "courier/pickup.html", {
        **frame(request, "pickups"), "row": row, "word": STATES[row.status], "living": row.status in LIVING,
        "numbers": board.manifest(request.shop.id, pickup_id, limit=NEWEST), "said": said,
        "stuck": service.stopped(request.courier, pickup_id) if row.status in LIVING and row.listed else [],
        "problems": [service.told(problem) for problem in problems], "typed": request.POST,
    }, status=422 if problems else 200)  # fmt: skip


@courier_page
@require_GET
def pickup(request: CourierRequest, pickup_id: int) -> HttpResponse:
    """One pickup with its manifest."""
    return _show(request, pickup_id)


@courier_page
@require_POST
def add(request: CourierRequest, pickup_id: int) -> HttpResponse:
    """Put a scanned number on the manifest or (`own`) everything that he printed or shipped."""
    _one(request, pickup_id)
    try:
        if request.POST.get("own") == "1":
            found = service.add_own(request.courier, pickup_id, now=request.now)
        else:
            number = waybills.normalise(request.POST.get("scan", ""))[:60]
            found = service.add(request.courier, pickup_id, [number] if number else [], now=request.now)
    except Refusal as refusal:
        return _show(request, pickup_id, refusal.problems)
    problems = [one.problem for one in found if one.problem is not None]
    if problems:
        return _show(request, pickup_id, problems, _added(found))
    return toast(request, redirect(address(request, "courier-pickup", pickup_id=pickup_id)), _added(found))


def _added(found: Sequence[Added]) -> str:
    new = [one for one in found if one.new]
    if len(found) == 1 and not found[0].problem:
        word = gettext("{waybill} 已记上") if new else gettext("{waybill} 本来就在单上")
        return word.format(waybill=found[0].waybill)
    return gettext("记上了 {n} 件").format(n=len(new)) if new else gettext("没有新的")


@courier_page
@require_POST
def remove(request: CourierRequest, pickup_id: int) -> HttpResponse:
    """Take a number off the manifest."""
    _one(request, pickup_id)
    number = request.POST.get("number", "")[:60]
    try:
        service.remove(request.courier, pickup_id, number, now=request.now)
    except Refusal as refusal:
        return _show(request, pickup_id, refusal.problems)
    said = gettext("{waybill} 已去掉").format(waybill=number)
    return toast(request, redirect(address(request, "courier-pickup", pickup_id=pickup_id)), said)


@courier_page
@require_POST
def sign(request: CourierRequest, pickup_id: int) -> HttpResponse:
    """He signs for the number of parcels."""
    _one(request, pickup_id)
    count = request.POST.get("count", "").strip()
    try:
        if not (count.isascii() and count.isdigit() and len(count) < 7):
            raise Refusal.of("manifest_count_missing")
        done = service.sign(request.courier, pickup_id, count=int(count), now=request.now)
    except Refusal as refusal:
        return _show(request, pickup_id, refusal.problems)
    said = gettext("已签收 {n} 件").format(n=done.count)
    return toast(request, redirect(address(request, "courier-pickup", pickup_id=pickup_id)), said)


urlpatterns: list[URLPattern] = [
    path("c/<slug:shop>/pickups/", listed, name="courier-pickups"),
    path("c/<slug:shop>/pickups/begin/", begin, name="courier-pickup-begin"),
    path("c/<slug:shop>/pickups/<int:pickup_id>/", pickup, name="courier-pickup"),
    path("c/<slug:shop>/pickups/<int:pickup_id>/add/", add, name="courier-pickup-add"),
    path("c/<slug:shop>/pickups/<int:pickup_id>/remove/", remove, name="courier-pickup-remove"),
    path("c/<slug:shop>/pickups/<int:pickup_id>/sign/", sign, name="courier-pickup-sign"),
]
