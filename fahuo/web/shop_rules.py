"""The rules that a shop lives under; its own, where a marketplace elsewhere judges its tasks."""

from collections.abc import Sequence
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_POST

from fahuo.rules.problems import Problem, Refusal
from fahuo.services import rulebooks as service
from fahuo.web import rule_words as words
from fahuo.web.access import ShopRequest, shop_page
from fahuo.web.order_forms import address
from fahuo.web.session import toast
from fahuo.web.uploads import takes_files


def _show(
    request: ShopRequest, *, problems: Sequence[Problem] = (), text: str = "", checked: service.Checked | None = None
) -> HttpResponse:
    shop = request.shop
    found, rows = service.of_shop(shop.id)
    more: dict[str, Any] = {}
    if checked is not None:
        added = checked.addition
        more = {
            "checked": checked, "added": added, "replay": service.replay(checked, now=request.now),
            "changes": words.change_lines(added.before, added.version) if added.version else [],
        }  # fmt: skip
    return render(request, "rules/page.html", {
        "section": "settings", "lines": words.lines(found, rows, now=request.now), "problems": problems,
        "others": words.others(rows, found, now=request.now), "overrides": found.overrides,
        "may_set": request.actor.may("configure_shop") and not shop.tasks_here, "own": shop.id,
        "text": text or words.starter(found.platform, found.versions[-1], now=request.now), "english": words.language() == "en",
        **more,
    }, status=422 if problems else 200)  # fmt: skip


@shop_page("view_orders")
@require_GET
def rules(request: ShopRequest) -> HttpResponse:
    """Which rules hold for this shop, since when, and who says so?"""
    return _show(request)


def _too_large(request: ShopRequest, problem: Problem) -> HttpResponse:
    return _show(request, problems=(problem,))


@takes_files(shop_page("configure_shop")(_too_large))
@shop_page("configure_shop")
@require_POST
def add(request: ShopRequest) -> HttpResponse:
    """A new text of the shop's own: shown with what it changes, then scheduled (`confirmed`)."""
    text = ""
    try:
        text = words.typed(request)
        if not request.POST.get("confirmed"):
            return _show(request, text=text, checked=service.check(request.actor, text, now=request.now))
        service.schedule(request.actor, text, stands=request.POST.get("stands", ""), now=request.now)
    except Refusal as refusal:
        return _show(request, problems=refusal.problems, text=text)
    return toast(request, redirect(address("shop-rules", request.shop.code)), gettext("已安排，到时自动生效"))


@shop_page("configure_shop")
@require_POST
def withdraw(request: ShopRequest, addition_id: int) -> HttpResponse:
    """Take back what the shop scheduled, before it takes force."""
    try:
        service.withdraw(request.actor, addition_id, now=request.now)
    except Refusal as refusal:
        return _show(request, problems=refusal.problems)
    return toast(request, redirect(address("shop-rules", request.shop.code)), gettext("已撤回"))


urlpatterns: list[URLPattern] = [
    path("rules/", rules, name="shop-rules"),
    path("rules/add/", add, name="shop-rules-add"),
    path("rules/<int:addition_id>/withdraw/", withdraw, name="shop-rule-withdraw"),
]
