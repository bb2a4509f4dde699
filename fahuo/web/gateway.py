"""淘宝兼容接口: apps that may call the gateway, who let them in; and the page on which a person lets an app in (OAuth2)."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from fahuo.rules.problems import Problem, Refusal
from fahuo.rules.signin import FRESH
from fahuo.rules.top.clock import ZONE
from fahuo.services import gateway, people
from fahuo.store.boards import gateway as board
from fahuo.web.access import PageRequest, ShopRequest, enter, fresh, person_id, shop_page, signed_in
from fahuo.web.session import toast


def _number(text: str, otherwise: int) -> int:
    text = text.strip()
    if not text:
        return otherwise
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


def _page(
    request: ShopRequest, *, problems: Sequence[Problem] = (), fresh: dict[str, str] | None = None
) -> HttpResponse:  # fmt: skip
    day = request.now.astimezone(ZONE).date()
    return render(
        request, "gateway/apps.html",
        {
            "section": "settings", "apps": board.apps(request.actor.shop_id, day), "problems": problems, "fresh": fresh,
            "sessions": board.sessions(request.actor.shop_id), "address": request.build_absolute_uri("/router/rest"),
            "name": request.POST.get("name", "") if problems else "",
            "redirects": request.POST.get("redirects", "") if problems else "",
        },
        status=422 if problems else 200,
    )  # fmt: skip


@shop_page("configure_shop")
@fresh(FRESH, reads=False)
def apps(request: ShopRequest) -> HttpResponse:
    """The apps and who let them in; POST makes an app and shows its secret, this once."""
    if request.method != "POST":
        return _page(request)
    try:
        _, key, secret = gateway.register(
            request.actor, name=request.POST.get("name", ""), now=request.now,
            redirect_uris=request.POST.get("redirects", "").splitlines(),
            per_second=_number(request.POST.get("per_second", ""), 40),
            per_day=_number(request.POST.get("per_day", ""), 1_000_000),
        )  # fmt: skip
    except Refusal as refusal:
        return _page(request, problems=refusal.problems)
    return _page(request, fresh={"key": key, "secret": secret})


@shop_page("configure_shop")
@require_POST
@fresh(FRESH)
def issue(request: ShopRequest, app: int) -> HttpResponse:
    """A session key for this account, shown once."""
    made = gateway.issue(request.actor, str(app), now=request.now)
    return _page(request, fresh={"key": str(app), "session": made.token, "refresh": made.refresh_token})


@shop_page("configure_shop")
@require_POST
@fresh(FRESH)
def renew(request: ShopRequest, app: int) -> HttpResponse:
    """Another secret, shown once."""
    return _page(
        request, fresh={"key": str(app), "secret": gateway.renew_secret(request.actor, str(app), now=request.now)}
    )


@shop_page("configure_shop")
@require_POST
def switch(request: ShopRequest, app: int) -> HttpResponse:
    """Switch an app off or on."""
    row = gateway.mine(request.actor, str(app))
    active = request.POST.get("active") == "1"
    gateway.change(
        request.actor, row.key, name=row.name, redirect_uris=row.redirect_uris, per_second=row.per_second,
        per_day=row.per_day, active=active, now=request.now,
    )  # fmt: skip
    said = gettext("已启用") if active else gettext("已停用，它马上就连不上了")
    return toast(request, redirect("gateway-apps", shop=request.shop.code), said)


@shop_page("configure_shop")
@require_POST
def end(request: ShopRequest, session: int) -> HttpResponse:
    """End what an account allowed."""
    gateway.end(request.actor, session, now=request.now)
    return toast(request, redirect("gateway-apps", shop=request.shop.code), gettext("已取消授权"))


@signed_in
def authorise(request: PageRequest) -> HttpResponse:
    """A person lets an app act for an account of a shop; a code goes back to the app's own address."""
    given = request.POST if request.method == "POST" else request.GET
    asked = {name: str(given.get(name, ""))[:500] for name in ("client_id", "redirect_uri", "state", "view")}
    if given.get("response_type", "code") != "code":
        raise Refusal.of("oauth_response_type")
    app = gateway.asked_in(asked["client_id"], asked["redirect_uri"])
    shops = people.shops_of(person_id(request))
    if not shops:
        raise Http404
    if request.method == "POST" and request.POST.get("answer") == "yes":
        inside = enter(request, request.POST.get("shop", ""))
        code = gateway.let_in(inside.actor, app.key, asked["redirect_uri"], now=request.now)
        return _go_back(request, asked, code=code)
    if request.method == "POST":
        return _go_back(request, asked, error="access_denied")
    return render(request, "gateway/authorise.html", {"app": app, "shops": shops, "asked": asked})


def _go_back(request: PageRequest, asked: dict[str, str], **told: str) -> HttpResponse:
    """To the app's address, by a page: a form may not lead to another host (see web.security.POLICY)."""
    if asked["state"]:
        told["state"] = asked["state"]
    mark = "&" if "?" in asked["redirect_uri"] else "?"
    context: dict[str, Any] = {"url": f"{asked['redirect_uri']}{mark}{urlencode(told)}"}
    return render(request, "gateway/leave.html", context)


urlpatterns: list[URLPattern] = [
    path("settings/apps/", apps, name="gateway-apps"),
    path("settings/apps/<int:app>/issue/", issue, name="gateway-issue"),
    path("settings/apps/<int:app>/renew/", renew, name="gateway-renew"),
    path("settings/apps/<int:app>/switch/", switch, name="gateway-switch"),
    path("settings/apps/sessions/<int:session>/end/", end, name="gateway-end"),
]
outside: list[URLPattern] = [path("oauth/authorize", authorise, name="gateway-authorise")]
