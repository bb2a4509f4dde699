"""设置 → 接口: the keys of the shop's own software, made, shown once, revoked; and the interactive documents of the API."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_POST

from fahuo.rules.machines import PER_MINUTE
from fahuo.rules.people import PERMISSIONS
from fahuo.rules.problems import Problem, Refusal
from fahuo.rules.signin import FRESH
from fahuo.services import keys, webhooks
from fahuo.web.access import ShopRequest, fresh, public, shop_page
from fahuo.web.session import toast


def _page(
    request: ShopRequest, *, problems: Sequence[Problem] = (), fresh: tuple[str, str] | None = None
) -> HttpResponse:
    """The page, with what was typed and what is wrong with it, or with the key that was just made."""
    held = [name for name in PERMISSIONS if request.actor.is_owner or name in request.actor.permissions]
    rows = keys.of_shop(request.actor)
    return render(
        request, "machines/page.html",
        {
            "section": "settings", "living": [row for row in rows if row.revoked_at is None],
            "revoked": [row for row in rows if row.revoked_at is not None], "problems": problems, "fresh": fresh,
            "scopes": held, "chosen": () if fresh else request.POST.getlist("scopes"), "name": "" if fresh else request.POST.get("name", ""),
            "usual": settings.API_PER_MINUTE, "most": PER_MINUTE[1], "hooks": webhooks.of_shop(request.actor), "per_minute": "" if fresh else request.POST.get("per_minute", ""),
        },
        status=422 if problems else 200,
    )  # fmt: skip


@shop_page("manage_machines")
@fresh(FRESH, reads=False)
def machines(request: ShopRequest) -> HttpResponse:
    """The keys; POST makes one and shows it, this once."""
    if request.method != "POST":
        return _page(request)
    given: dict[str, Any] = {"name": request.POST.get("name", ""), "scopes": request.POST.getlist("scopes")}
    typed = request.POST.get("per_minute", "").strip()
    try:
        if typed and not (typed.isascii() and typed.isdigit() and len(typed) < 9):
            raise Refusal.of("key_limit", low=PER_MINUTE[0], high=PER_MINUTE[1])
        _, text = keys.make(request.actor, per_minute=int(typed) if typed else None, now=request.now, **given)
    except Refusal as refusal:
        if refusal.problems[0].code == "not_permitted":
            raise
        return _page(request, problems=refusal.problems)
    return _page(request, fresh=(given["name"], text))


@shop_page("manage_machines")
@require_POST
def revoke(request: ShopRequest, key: int) -> HttpResponse:
    """Revoke a key, at once."""
    keys.revoke(request.actor, key, now=request.now)
    return toast(request, redirect("machines", shop=request.shop.code), gettext("已吊销，这把密钥不能再用"))


@public
@require_GET
def api_docs(request: HttpRequest) -> HttpResponse:
    """The operations, to be read and tried with a key. Everything it needs comes from here."""
    return render(request, "machines/docs.html")


urlpatterns: list[URLPattern] = [
    path("settings/machines/", machines, name="machines"),
    path("settings/machines/keys/<int:key>/revoke/", revoke, name="key-revoke"),
]
docs_urls: list[URLPattern] = [path("api/docs/", api_docs, name="api-docs")]
