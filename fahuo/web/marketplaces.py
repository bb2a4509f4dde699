"""平台接入: the marketplaces of the shop, in step or not and why, row by row; set up, let in, hurried."""

from typing import Any

from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from fahuo.connectors.contract import Marketplace
from fahuo.connectors.marketplaces import marketplaces as kinds
from fahuo.rules.problems import Problem, Refusal
from fahuo.services import marketplaces as service
from fahuo.store import marketplaces as store
from fahuo.store.boards import marketplaces as board
from fahuo.web.access import PageRequest, ShopRequest, enter, shop_page, signed_in
from fahuo.web.session import language_of, toast

SALT = "fahuo.marketplaces"
STATE_LIVES = 1800
"""Seconds in which a person must come back from the marketplace's page."""


def _word(request: HttpRequest, kind: Marketplace | None, name: str) -> str:
    if kind is None:
        return name
    return kind.en if language_of(request) == "en" else kind.zh


def _said(request: HttpRequest, problem: Any) -> str:
    return Problem.kept(problem).sentence(language_of(request)) if problem else ""


def _card(request: ShopRequest, row: Any) -> dict[str, Any]:
    """A marketplace with its state in words. `lag`: since when nothing newer is known, while that is long."""
    kind = kinds().get(row.kind)
    late = row.active and (request.now - row.pulled_until).total_seconds() > 300
    return {
        "row": row, "kind": kind, "word": _word(request, kind, row.kind), "why": _said(request, row.problem),
        "state": board.state(request.actor.shop_id, row.id), "late": late,
    }  # fmt: skip


@shop_page("view_orders")
@require_safe
def listed(request: ShopRequest) -> HttpResponse:
    """The shop's marketplaces, and what else it could be connected to."""
    rows = store.of_shop(request.actor.shop_id)
    taken = {row.kind for row in rows}
    free = [(name, _word(request, kind, name)) for name, kind in kinds().items() if name not in taken]
    cards = [_card(request, row) for row in rows]
    return render(request, "marketplaces/list.html", {"section": "settings", "cards": cards, "free": free})


def _fields(request: ShopRequest, kind: Marketplace, kept: dict[str, str]) -> list[dict[str, Any]]:
    english = language_of(request) == "en"
    return [
        {
            "name": field.name, "label": field.en if english else field.zh, "secret": field.secret,
            "required": field.required, "choices": field.choices, "hint": field.hint_en if english else field.hint_zh,
            "kept": field.secret and bool(kept.get(field.name)),
            "value": "" if field.secret else request.POST.get(field.name, kept.get(field.name) or field.default),
        }
        for field in kind.fields
    ]  # fmt: skip


@shop_page("configure_shop")
def connect(request: ShopRequest, kind: str) -> HttpResponse:
    """Connect the shop to a kind of marketplace."""
    known = kinds().get(kind)
    if known is None:
        raise Http404
    problems: Any = ()
    if request.method == "POST":
        days = request.POST.get("days", "")
        try:
            made = service.connect(
                request.actor, kind, request.POST.dict(), now=request.now,
                days=int(days) if days.isascii() and days.isdigit() and len(days) < 4 else service.BEGINS,
                open_receivers=bool(request.POST.get("open_receivers")),
            )  # fmt: skip
            return redirect("marketplace", shop=request.shop.code, marketplace=made)
        except Refusal as refusal:
            problems = refusal.problems
    return render(
        request, "marketplaces/connect.html",
        {
            "section": "settings", "kind": known, "word": _word(request, known, kind), "problems": problems,
            "fields": _fields(request, known, {}), "days": request.POST.get("days", service.BEGINS),
            "open_receivers": request.POST.get("open_receivers"), "most": service.LONGEST_BEGIN,
        },
        status=422 if problems else 200,
    )  # fmt: skip


def _mine(request: ShopRequest, marketplace: int) -> Any:
    row = store.one(request.actor.shop_id, marketplace)
    if row is None:
        raise Http404
    return row


@shop_page("view_orders")
@require_safe
def one(request: ShopRequest, marketplace: int) -> HttpResponse:
    """How it stands with one marketplace: its state, and every row that waits, with the reason."""
    return _page(request, _mine(request, marketplace))


def _page(request: ShopRequest, row: Any, problems: Any = ()) -> HttpResponse:
    card, shop_id = _card(request, row), request.actor.shop_id
    configures = request.actor.may("configure_shop")
    push = request.build_absolute_uri(
        reverse("marketplace-push", kwargs={"shop": request.shop.code, "push_key": row.push_key})
    )
    return render(
        request, "marketplaces/one.html",
        {
            "section": "settings", **card, "problems": problems, "configures": configures,
            "may_ship": request.actor.may("ship"), "push": push if configures and card["kind"] and card["kind"].pushes else "",
            "open": [(each, _said(request, each.problem)) for each in board.open_confirmations(shop_id, row.id)],
            "unreadable": [(each, _said(request, each.problem)) for each in board.unread(shop_id, row.id)],
            "recent": board.recent_confirmations(shop_id, row.id),
            "fields": _fields(request, card["kind"], row.shown) if configures and card["kind"] else (),
        },
        status=422 if problems else 200,
    )  # fmt: skip


@shop_page("configure_shop")
@require_POST
def change(request: ShopRequest, marketplace: int) -> HttpResponse:
    """Change the settings."""
    row = _mine(request, marketplace)
    try:
        service.change(
            request.actor, row.id, request.POST.dict(), active=bool(request.POST.get("active")),
            open_receivers=bool(request.POST.get("open_receivers")), now=request.now,
        )  # fmt: skip
    except Refusal as refusal:
        return _page(request, row, refusal.problems)
    return toast(request, _back(request, row.id), gettext("已保存"))


def _back(request: ShopRequest, marketplace: int) -> HttpResponse:
    return redirect("marketplace", shop=request.shop.code, marketplace=marketplace)


@shop_page("configure_shop")
@require_POST
def drop(request: ShopRequest, marketplace: int) -> HttpResponse:
    """Take the marketplace away."""
    service.drop(request.actor, _mine(request, marketplace).id, now=request.now)
    return toast(request, redirect("marketplaces", shop=request.shop.code), gettext("已断开，订单都还在"))


@shop_page("ship")
@require_POST
def hurry(request: ShopRequest, marketplace: int) -> HttpResponse:
    """Pull it now."""
    service.hurry(request.actor, _mine(request, marketplace).id, now=request.now)
    return toast(request, _back(request, marketplace), gettext("马上同步，稍后刷新看结果"))


@shop_page("ship")
@require_POST
def again(request: ShopRequest, marketplace: int) -> HttpResponse:
    """Tell a shipment again, or all that are open; or read an order again."""
    row = _mine(request, marketplace)
    which, ref = request.POST.get("confirmation", ""), request.POST.get("ref", "")
    if ref:
        service.read_again(request.actor, row.id, [ref[:64]], now=request.now)
    else:
        one = int(which) if which.isascii() and which.isdigit() and len(which) < 19 else None
        service.tell_again(request.actor, row.id, one, now=request.now)
    return toast(request, _back(request, row.id), gettext("马上再试，稍后刷新看结果"))


@shop_page("ship")
@require_POST
def settled(request: ShopRequest, marketplace: int) -> HttpResponse:
    """A person has settled a shipment at the marketplace."""
    row, which = _mine(request, marketplace), request.POST.get("confirmation", "")
    if which.isascii() and which.isdigit() and len(which) < 19:
        service.settled_elsewhere(request.actor, row.id, int(which), now=request.now)
    return toast(request, _back(request, row.id), gettext("已标为处理好，不再通知平台"))


@shop_page("configure_shop")
@require_POST
def authorise(request: ShopRequest, marketplace: int) -> HttpResponse:
    """To the marketplace's own page, on which a person lets us in."""
    row = _mine(request, marketplace)
    state = signing.dumps({"shop": request.shop.code, "id": row.id, "user": request.user.pk}, salt=SALT)
    url = service.ask_at(request.actor, row.id, redirect=_callback(request), state=state, now=request.now)
    return render(request, "gateway/leave.html", {"url": url})


def _callback(request: HttpRequest) -> str:
    return request.build_absolute_uri(reverse("marketplace-callback"))


@signed_in
@require_safe
def callback(request: PageRequest) -> HttpResponse:
    """Back from the marketplace's page, with a code."""
    try:
        state = signing.loads(request.GET.get("state", ""), salt=SALT, max_age=STATE_LIVES)
    except signing.BadSignature:
        raise Http404 from None
    if state["user"] != request.user.pk:
        raise Http404
    inside = enter(request, state["shop"])
    service.let_in(
        inside.actor, state["id"], code=request.GET.get("code", "")[:500], redirect=_callback(request), now=request.now
    )
    return toast(inside, _back(inside, state["id"]), gettext("授权好了，开始同步"))


urlpatterns: list[URLPattern] = [
    path("settings/marketplaces/", listed, name="marketplaces"),
    path("settings/marketplaces/connect/<slug:kind>/", connect, name="marketplace-connect"),
    path("settings/marketplaces/<int:marketplace>/", one, name="marketplace"),
    path("settings/marketplaces/<int:marketplace>/change/", change, name="marketplace-change"),
    path("settings/marketplaces/<int:marketplace>/drop/", drop, name="marketplace-drop"),
    path("settings/marketplaces/<int:marketplace>/hurry/", hurry, name="marketplace-hurry"),
    path("settings/marketplaces/<int:marketplace>/again/", again, name="marketplace-again"),
    path("settings/marketplaces/<int:marketplace>/settled/", settled, name="marketplace-settled"),
    path("settings/marketplaces/<int:marketplace>/authorise/", authorise, name="marketplace-authorise"),
]
outside: list[URLPattern] = [path("marketplaces/callback", callback, name="marketplace-callback")]
