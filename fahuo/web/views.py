"""Saved views: a filter of the order list under a name of one's own."""

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from fahuo.rules.filters import parse_query
from fahuo.rules.problems import Refusal
from fahuo.services import views as view_service
from fahuo.web.access import ShopRequest, shop_page
from fahuo.web.session import language_of, toast


@shop_page("view_orders")
@require_POST
def save(request: ShopRequest) -> HttpResponse:
    """Keep the list's filter under a name; back to the list."""
    wish = parse_query(request.POST.get("query", "")).filter
    home = reverse("orders", kwargs={"shop": request.shop.code})
    answer = redirect(f"{home}?{wish.query()}" if wish.query() else home)
    name = request.POST.get("name", "")
    try:
        view_service.save_view(request.actor, name=name, query=wish.query(), now=request.now)
    except Refusal as refusal:
        return toast(request, answer, refusal.problems[0].sentence(language_of(request)), tone="bad")
    return toast(request, answer, gettext("视图“{name}”已保存").format(name=" ".join(name.split())))


@shop_page("view_orders")
@require_POST
def drop(request: ShopRequest, view_id: int) -> HttpResponse:
    """Forget a view of one's own."""
    gone = view_service.drop_view(request.actor, view_id, now=request.now)
    answer = redirect("orders", shop=request.shop.code)
    return toast(request, answer, gettext("视图已删除") if gone else gettext("没有这个视图"))


urlpatterns: list[URLPattern] = [
    path("views/save/", save, name="view-save"),
    path("views/<int:view_id>/drop/", drop, name="view-drop"),
]
