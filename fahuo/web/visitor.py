"""Where a request comes from, and the bounds of its session: how old it may be, how long it may be left alone."""

import re
from collections.abc import Callable
from ipaddress import ip_address
from typing import Final

from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse

from fahuo.services import moment, sessions
from fahuo.services.passkeys import Site
from fahuo.services.signin import Visitor

BROWSERS: Final = (
    ("Edge", r"Edg(?:e|A|iOS)?/"), ("Firefox", r"Firefox/|FxiOS/"), ("WeChat", r"MicroMessenger/"), ("QQ", r"QQBrowser/"),
    ("Opera", r"OPR/"), ("Chrome", r"Chrom(?:e|ium)/|CriOS/"), ("Safari", r"Safari/"),
)  # fmt: skip
SYSTEMS: Final = (
    ("Android", r"Android"), ("iPhone", r"iPhone"), ("iPad", r"iPad"), ("Windows", r"Windows"), ("macOS", r"Mac OS X"),
    ("HarmonyOS", r"HarmonyOS|OpenHarmony"), ("ChromeOS", r"CrOS"), ("Linux", r"Linux"),
)  # fmt: skip
BY_THEMSELVES: Final = re.compile(r"/s/[^/]+/(?:live|notices/popup|messages/count)/")
"""What an open page asks for by itself: it keeps no session alive."""


def _trusted(address: str) -> bool:
    try:
        found = ip_address(address)
    except ValueError:
        return False
    return any(found in network for network in settings.PROXIES if network.version == found.version)


def address_of(request: HttpRequest) -> str:
    """The visitor's address: the last one that a proxy of ours (FAHUO_PROXIES) does not vouch for. What the visitor
    writes into X-Forwarded-For himself stands before it, and is not believed."""
    address = str(request.META.get("REMOTE_ADDR") or "")
    hops = [hop.strip() for hop in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",") if hop.strip()]
    while hops and _trusted(address):
        address = hops.pop()
    try:
        return str(ip_address(address))
    except ValueError:
        return ""


def agent_of(request: HttpRequest) -> str:
    """The browser and its system in two words, "" for what is neither."""
    text = request.META.get("HTTP_USER_AGENT", "")[:400]
    words = [next((name for name, mark in marks if re.search(mark, text)), "") for marks in (BROWSERS, SYSTEMS)]
    return " · ".join(filter(None, words))


def visitor(request: HttpRequest) -> Visitor:
    """Who asks, as far as the request says."""
    return Visitor(address_of(request), agent_of(request))


def site(request: HttpRequest) -> Site:
    """The host that the browser shows, which FAHUO_HOSTS allows, as passkeys know it."""
    host = request.get_host()
    return Site(host.rpartition(":")[0] if re.search(r":\d+\Z", host) else host, f"{request.scheme}://{host}")


class Bounds:
    """Middleware: a session that has outlived its bounds ends; one that is used is noted so."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if settings.SESSION_COOKIE_NAME in request.COOKIES and request.user.is_authenticated:
            now = moment.real()
            if sessions.outlived(request.session, now=now):
                logout(request)
            elif not BY_THEMSELVES.match(request.path):
                sessions.touch(request.session, now=now)
        return self.get_response(request)
