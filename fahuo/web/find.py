"""A scan or a search anywhere finds its order."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path
from django.views.decorators.http import require_GET

from fahuo.store import boards
from fahuo.web import order_words as words
from fahuo.web import sitemap
from fahuo.web.access import ShopRequest, shop_page

COLUMNS = ["status", "left", "title", "receiver", "marks", "parcels", "paid", "ordered"]


@shop_page("view_orders")
@require_GET
def find(request: ShopRequest) -> HttpResponse:
    """`q` is an order or waybill number (to its order), or a phone, receiver or buyer; several are listed, and the pages
    that it names, by old names too. 404: nothing."""
    text = request.GET.get("q", "").strip()
    ids = boards.find_orders(request.shop.id, text)
    if len(ids) == 1:
        return redirect("order", shop=request.shop.code, order_id=ids[0])
    named = sitemap.pages(text, request.actor, request.shop.code)
    return render(request, "find/find.html", {
        "section": "orders", "q": text, "pages": named, "rows": boards.cards(request.shop.id, ids, now=request.now),
        "columns": words.shown(COLUMNS, "all"),
    }, status=200 if ids or named or not text else 404)  # fmt: skip


urlpatterns: list[URLPattern] = [path("find/", find, name="find")]
