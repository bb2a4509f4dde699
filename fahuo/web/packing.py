"""先打包哪些: what is due soon, in the order of packing that loses least; it goes on as a batch in just that order."""

from typing import Final

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path
from django.views.decorators.http import require_GET, require_POST

from fahuo.rules.problems import Problem, Refusal
from fahuo.services import packing as service
from fahuo.web.access import ShopRequest, shop_page
from fahuo.web.order_forms import address

KEPT: Final = "per_hour"
"""The session keeps the pace that was typed last."""
SHOWN: Final = 200


def pace(request: ShopRequest, typed: str) -> int:
    """Orders an hour: as typed, else as last time. Refusal `packing_pace`."""
    if not typed:
        return int(request.session.get(KEPT, service.PACE))
    if not (typed.isascii() and typed.isdigit() and len(typed) < 6):
        raise Refusal.of("packing_pace", most=10_000)
    return int(typed)


@shop_page("view_orders")
@require_GET
def packing(request: ShopRequest) -> HttpResponse:
    """The plan; `per_hour` is the pace at which this shop packs."""
    problems: tuple[Problem, ...] = ()
    try:
        per_hour = pace(request, request.GET.get("per_hour", ""))
        found = service.plan(request.shop.id, per_hour=per_hour, now=request.now)
        request.session[KEPT] = per_hour
    except Refusal as refusal:
        problems, per_hour = refusal.problems, service.PACE
        found = service.plan(request.shop.id, per_hour=per_hour, now=request.now)
    rows = [(line, found.orders[line.job.order_id]) for line in found.plan.lines[:SHOWN]]
    return render(request, "packing/page.html", {
        "section": "start", "found": found, "rows": rows, "per_hour": per_hour, "problems": problems,
        "count": len(found.plan.lines), "may_ship": request.actor.may("ship"), "ahead": service.AHEAD,
    }, status=422 if problems else 200)  # fmt: skip


@shop_page("ship")
@require_POST
def ship(request: ShopRequest) -> HttpResponse:
    """Begin a shipments batch in the plan's order and go to it."""
    per_hour = pace(request, request.POST.get("per_hour", ""))
    batch_id = service.ship(request.actor, per_hour=per_hour, now=request.now)
    return redirect(address("batch", request.shop.code, batch_id=batch_id))


urlpatterns: list[URLPattern] = [
    path("packing/", packing, name="packing"),
    path("packing/ship/", ship, name="packing-ship"),
]
