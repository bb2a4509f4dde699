"""The few doors to a page. Every view passes through one of them; a test walks all addresses and says so.

`@shop_page("act")` is the door of a shop: it turns the shop's code in the address and the person who is signed in into
an `Actor`, and asks whether the actor may do `act`. A stranger gets 404, as if there were no such shop; a teammate who
lacks the permission gets 403 and the sentence that says so. Without an act, any account of the shop may enter. Inside,
the database shows this shop alone (services.walls).
Buyers (`@buyer_page`), couriers (`@courier_page`) and the platform's staff (`@platform_page`) have doors of their own.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import wraps
from typing import Any, Final, Protocol, cast
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.contrib.auth import logout
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django_htmx.http import HttpResponseClientRedirect
from django_htmx.middleware import HtmxDetails

from fahuo.rules.people import ACTS, Actor, BuyerActor, CourierActor, PlatformActor
from fahuo.rules.problems import Refusal
from fahuo.services import couriers, moment, people, sessions, walls

MARKETPLACE_ZONE: Final = "Asia/Shanghai"
"""Where no shop's own zone is meant, pages tell the time of the marketplace."""


class ShopCard(Protocol):
    """What a page knows about the shop it shows."""

    id: int
    code: str
    name: str
    time_zone: str
    tasks_here: bool
    second_factor: bool


class PageRequest(HttpRequest):
    """A request as the middleware leaves it: `now` is aware UTC, `theme` is auto, light or dark."""

    now: datetime
    theme: str
    htmx: HtmxDetails


class ShopRequest(PageRequest):
    """A request inside a shop, after its door. `shops`: all that the person serves."""

    actor: Actor
    shop: ShopCard
    shops: Sequence[ShopCard]


class BuyerRequest(PageRequest):
    """A request of a buyer, after its door: who they are at each shop, by the shop's code."""

    buyer_of: dict[str, BuyerActor]


class CourierCard(Protocol):
    """What a courier's page knows about the shop and the contract it is for."""

    id: int
    code: str
    name: str
    time_zone: str
    contract_id: int
    contract: str
    carrier: str


class CourierRequest(PageRequest):
    """A request of a courier at one shop, after its door."""

    courier: CourierActor
    shop: CourierCard


class PlatformRequest(PageRequest):
    """A request of somebody who decides for the platform, after its door."""

    platform: PlatformActor


View = Callable[..., HttpResponseBase]


def _sign_in(request: HttpRequest) -> HttpResponseBase:
    """To the sign-in page and back; a part of a page that was asked for by script moves the whole page there."""
    page = cast(PageRequest, request)
    if page.htmx:
        return HttpResponseClientRedirect(redirect_to_login(page.htmx.current_url_abs_path or "/").url)
    return redirect_to_login(request.get_full_path())


def public(view: View) -> View:
    """The door for pages that anyone may see. The test holds their short list."""

    @wraps(view)
    def door(request: HttpRequest, **parts: Any) -> HttpResponseBase:
        return view(request, **parts)

    door.access = "public"  # type: ignore[attr-defined]  # the mark the test reads
    return door


def _turn_to(request: HttpRequest, address: str) -> HttpResponseBase:
    """Send the whole page to another address, also where a part of it was asked for."""
    return HttpResponseClientRedirect(address) if cast(PageRequest, request).htmx else redirect(address)


def _barred(request: HttpRequest) -> HttpResponseBase | None:
    """Where somebody is sent who may not go on yet: to sign in, or to replace a first password."""
    if not request.user.is_authenticated:
        return _sign_in(request)
    if request.user.must_change_password:
        return _turn_to(request, reverse("password"))
    return None


def signed_in(view: View) -> View:
    """The door for pages of a person, not of a shop."""

    @wraps(view)
    def door(request: HttpRequest, **parts: Any) -> HttpResponseBase:
        barred = _barred(request)
        if barred is not None:
            return barred
        timezone.activate(MARKETPLACE_ZONE)
        return view(request, **parts)

    door.access = "signed_in"  # type: ignore[attr-defined]  # the mark the test reads
    return door


def newcomer(view: View) -> View:
    """The door of the one page for who must replace a first password, and for everybody who wants to."""

    @wraps(view)
    def door(request: HttpRequest, **parts: Any) -> HttpResponseBase:
        return view(request, **parts) if request.user.is_authenticated else _sign_in(request)

    door.access = "signed_in"  # type: ignore[attr-defined]  # the mark the test reads
    return door


def fresh(within: timedelta, *, reads: bool = True) -> Callable[[View], View]:
    """Ask for the password (or a passkey) once more before a view that gives power away, unless the person showed it
    `within` this time; with `reads` False only what is posted asks. Stands inside a door. What was posted is not kept: the person returns to the page and decides
    again."""

    def around(view: View) -> View:
        @wraps(view)
        def step(request: HttpRequest, **parts: Any) -> HttpResponseBase:
            if not reads and request.method in ("GET", "HEAD"):
                return view(request, **parts)
            if sessions.proved_within(request.session, within, now=moment.real()):
                return view(request, **parts)
            came = urlsplit(request.headers.get("HX-Current-URL") or request.headers.get("Referer") or "")
            here = came.path if came.netloc == request.get_host() else "/"
            back = request.get_full_path() if request.method == "GET" and not cast(PageRequest, request).htmx else here
            return _turn_to(request, f"{reverse('account-sure')}?{urlencode({'next': back})}")

        step.fresh = within  # type: ignore[attr-defined]  # the mark the test reads
        return step

    return around


def person_id(request: HttpRequest) -> int:
    """The person who is signed in; only behind a door that asked."""
    if request.user.pk is None:
        raise Http404
    return int(request.user.pk)


def enter(request: HttpRequest, code: str) -> ShopRequest:
    """The request inside the shop `code`, with `actor` and `shop`, in the shop's time zone; Http404 for a stranger. Refusal
    `second_factor_needed` where the shop asks for a second factor and the person has none: web.security sends on."""
    user_id = person_id(request)
    shops = people.shops_of(user_id)
    found = next((shop for shop in shops if shop.code == code), None)
    if found is None:
        raise Http404(code)
    inside = cast(ShopRequest, request)
    inside.actor, inside.shop, inside.shops = people.actor_of(found), found, shops
    if inside.shop.second_factor and not request.user.second_factor:  # type: ignore[union-attr]  # signed in
        raise Refusal.of("second_factor_needed", shop=inside.shop.name)
    timezone.activate(inside.shop.time_zone)
    return inside


def shop_page(act: str | None = None) -> Callable[[View], View]:
    """The door of a shop's page, for whoever may do `act` (see rules.people)."""
    if act is not None and act not in ACTS:
        raise KeyError(act)

    def around(view: View) -> View:
        @wraps(view)
        def door(request: HttpRequest, shop: str, **parts: Any) -> HttpResponseBase:
            barred = _barred(request)
            if barred is not None:
                return barred
            inside = enter(request, shop)
            if act is not None:
                inside.actor.require(act)
            with walls.inside(inside.actor.shop_id):
                return view(inside, **parts)

        door.access = f"shop:{act or 'any'}"  # type: ignore[attr-defined]  # the mark the test reads
        return door

    return around


def buyer_page(view: View) -> View:
    """The door of a buyer's pages. Who has no account as a buyer, or none at the shop that the address names, gets 404."""

    @wraps(view)
    def door(request: HttpRequest, **parts: Any) -> HttpResponseBase:
        barred = _barred(request)
        if barred is not None:
            return barred
        inside = cast(BuyerRequest, request)
        inside.buyer_of = people.buyers_of(person_id(request))
        if not inside.buyer_of or parts.get("shop", next(iter(inside.buyer_of))) not in inside.buyer_of:
            raise Http404
        timezone.activate(MARKETPLACE_ZONE)
        return view(inside, **parts)

    door.access = "buyer"  # type: ignore[attr-defined]  # the mark the test reads
    return door


def account_closed(request: HttpRequest) -> HttpResponseBase:
    """To a courier whose account is closed: 404, in words; and the session ends where it opens nothing else."""
    person = person_id(request)
    if not (
        people.shops_of(person) or couriers.serves(person) or people.buys_at(person) or people.platform_for(person)
    ):
        logout(request)
    if cast(PageRequest, request).htmx:
        return HttpResponseClientRedirect("/")
    words = {
        "title": gettext("这个快递员账号已关闭"),
        "text": gettext("店铺关闭了你的账号，这里的订单你不能再看。有疑问请联系店铺。"),
        "status": 404,
    }
    return render(request, "missing.html", words, status=404)


def courier_page(view: View) -> View:
    """The door of a courier's pages at the shop that the address names; 404 for everybody else. The table of accounts is
    asked each time: who was shut out is out at the next request, wherever he is signed in."""

    @wraps(view)
    def door(request: HttpRequest, shop: str, **parts: Any) -> HttpResponseBase:
        barred = _barred(request)
        if barred is not None:
            return barred
        found = couriers.find(person_id(request), shop)
        if found is None:
            raise Http404(shop)
        if not found.active:
            return account_closed(request)
        inside = cast(CourierRequest, request)
        inside.courier, inside.shop = couriers.actor_of(found), found
        timezone.activate(found.time_zone)
        with walls.inside(found.id):
            return view(inside, **parts)

    door.access = "courier"  # type: ignore[attr-defined]  # the mark the test reads
    return door


def platform_page(view: View) -> View:
    """The door of the platform's desk; 404 for everybody who does not decide for the platform."""

    @wraps(view)
    def door(request: HttpRequest, **parts: Any) -> HttpResponseBase:
        barred = _barred(request)
        if barred is not None:
            return barred
        found = people.platform_for(person_id(request))
        if found is None:
            raise Http404
        if settings.STAFF_SECOND_FACTOR and not request.user.second_factor:  # type: ignore[union-attr]  # signed in
            raise Refusal.of("second_factor_needed", shop=gettext("平台工作台"))
        inside = cast(PlatformRequest, request)
        inside.platform = found
        return view(inside, **parts)

    door.access = "platform"  # type: ignore[attr-defined]  # the mark the test reads
    return door


def by_method(*, get: View, post: View) -> View:
    """One address with two doors: `post` for POST, `get` for everything else. Each must be behind a door itself."""
    doors = [door.access for door in (get, post)]  # type: ignore[attr-defined]  # no door, no address

    def either(request: HttpRequest, **parts: Any) -> HttpResponseBase:
        return (post if request.method == "POST" else get)(request, **parts)

    either.access = doors[0]  # type: ignore[attr-defined]  # the mark the test reads
    return either
