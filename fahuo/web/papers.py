"""发件单: a plain consignment sheet for each order, made to be printed: receiver in full, no prices."""

from typing import Final

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path
from django.views.decorators.http import require_POST

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


urlpatterns: list[URLPattern] = [path("orders/papers/", papers, name="papers")]
