"""Papers of chosen orders, made to be printed: the consignment sheet (发件单), the pick list (拣货单), the packing slip (装箱单)."""

from typing import Final

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path
from django.views.decorators.http import require_POST

from fahuo.rules.masking import mask_name
from fahuo.rules.problems import Refusal
from fahuo.services import orders as order_service
from fahuo.store import boards
from fahuo.web.access import ShopRequest, shop_page
from fahuo.web.order_forms import picked

MOST: Final = 500
"""So many sheets in one print job: what a browser prints without choking."""


@shop_page("print_papers")
@require_POST
def papers(request: ShopRequest) -> HttpResponse:
    """Print the sheets of the chosen orders. They hold the receivers in full, so each printing is journaled."""
    ids = picked(request)
    if len(ids) > MOST:
        raise Refusal.of("too_many_papers", most=MOST)
    order_service.mark_printed(request.actor, ids, now=request.now)
    return render(request, "orders/papers.html", {"papers": boards.papers(request.shop.id, ids)})


@shop_page("print_papers")
@require_POST
def pick_list(request: ShopRequest) -> HttpResponse:
    """What to fetch for the chosen orders, shelf by shelf. No personal data stands on it."""
    ids = picked(request)
    rows = boards.pick_list(request.shop.id, ids)
    return render(request, "orders/pick_list.html", {
        "rows": rows, "orders": len(ids), "pieces": sum(row.quantity for row in rows),
    })  # fmt: skip


@shop_page("print_papers")
@require_POST
def packing_slips(request: ShopRequest) -> HttpResponse:
    """What goes into each parcel of the chosen orders: to lie in it, or to pack by. The receiver is masked."""
    ids = picked(request)
    if len(ids) > MOST:
        raise Refusal.of("too_many_papers", most=MOST)
    slips = [(slip, mask_name(slip.order.receiver)) for slip in boards.packing_slips(request.shop.id, ids)]
    return render(request, "orders/packing_slips.html", {"slips": slips})


urlpatterns: list[URLPattern] = [
    path("orders/papers/", papers, name="papers"),
    path("orders/pick-list/", pick_list, name="pick-list"),
    path("orders/packing-slips/", packing_slips, name="packing-slips"),
]
