"""What only a demo has: a store front to order from, and the clock that can be moved ahead. 404 anywhere else."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from fahuo.rules.problems import Problem, Refusal
from fahuo.services import buyers, people, playground
from fahuo.web.access import person_id, signed_in
from fahuo.web.session import back, toast
from fahuo.web.templatetags.ui import local


@signed_in
def shops(request: HttpRequest) -> HttpResponse:
    """The store front; a POST orders one article and pays for it."""
    if not settings.DEMO:
        raise Http404
    problems: tuple[Problem, ...] = ()
    if request.method == "POST":
        try:
            code, order_id = _order(request)
        except Refusal as refusal:
            problems = refusal.problems
        else:
            return toast(request, redirect("my-order", shop=code, order_id=order_id), gettext("已下单并付款"))
    context = {
        "section": "shops", "shops": playground.shops(), "all_goods": playground.GOODS, "ago": playground.AGO,
        "problems": problems,
    }  # fmt: skip
    return render(request, "buyer/shops.html", context, status=422 if problems else 200)


def _order(request: HttpRequest) -> tuple[str, int]:
    code, ago = request.POST.get("shop", ""), request.POST.get("ago", "0")
    if code not in {shop.code for shop in playground.shops()}:
        raise Refusal.of("shop_unknown", shop=code[:40])
    now: Any = request.now  # type: ignore[attr-defined]  # set by the middleware
    who = people.buyers_of(person_id(request)).get(code)
    if who is None:
        name = request.user.get_username()
        buyers.add(code, name, name=name, now=now)
        who = people.buyers_of(person_id(request))[code]
    days = int(ago) if ago.isascii() and ago.isdigit() and len(ago) < 3 else -1
    return code, playground.place(who, goods=request.POST.get("goods", ""), days_ago=days, now=now)


@signed_in
@require_POST
def clock(request: HttpRequest) -> HttpResponse:
    """Move the demo's clock: an hour, or to the next due moment; then back to the page."""
    if not settings.DEMO:
        raise Http404
    now: Any = request.now  # type: ignore[attr-defined]  # set by the middleware
    answer = redirect(back(request, "/"))
    try:
        shown = playground.move(timedelta(hours=1) if request.POST.get("by") == "hour" else None, now=now)
    except Refusal as refusal:
        from fahuo.web.session import language_of

        return toast(request, answer, refusal.problems[0].sentence(language_of(request)), tone="quiet")
    return toast(request, answer, gettext("现在是 {t}，到期的事都已发生").format(t=local(shown, "%m-%d %H:%M")))


urlpatterns: list[URLPattern] = [
    path("my/shops/", shops, name="my-shops"),
    path("demo/clock/", clock, name="demo-clock"),
]
