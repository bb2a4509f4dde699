"""How people like the pages: language, theme, and a member's own preferences; and what a page says after an act."""

import json
import re
from collections.abc import Callable
from typing import cast

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.utils import timezone, translation
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from fahuo.rules.problems import Language
from fahuo.services import moment, people
from fahuo.services import settings as settings_service
from fahuo.web.access import PageRequest, ShopRequest, public, shop_page

LANGUAGES = {"zh-hans": "简体中文", "en": "English"}
THEMES = {"auto": gettext_lazy("跟随系统"), "light": gettext_lazy("浅色"), "dark": gettext_lazy("深色")}
LANGUAGE_COOKIE = "fahuo_language"
THEME_COOKIE = "fahuo_theme"
YEAR = 365 * 24 * 3600
OURS = re.compile(r"/(?![/\\])[^\x00-\x1f\x7f]*\Z")


def language_of(request: HttpRequest) -> Language:
    """The language of this answer, as the rules name languages."""
    return "en" if (translation.get_language() or "").startswith("en") else "zh"


class Preferences:
    """Middleware: language and theme from the person's cookies, and the moment of the request.

    Chinese is the default whatever the browser asks for: the terms are the ones of a Chinese seller's backend.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        page = cast(PageRequest, request)
        page.now = moment.now()
        theme = request.COOKIES.get(THEME_COOKIE, "auto")
        page.theme = theme if theme in THEMES else "auto"
        language = request.COOKIES.get(LANGUAGE_COOKIE, "zh-hans")
        with translation.override(language if language in LANGUAGES else "zh-hans"):
            response = self.get_response(request)
            response.headers.setdefault("Content-Language", translation.get_language() or "zh-hans")
        timezone.deactivate()
        return response


def toast(
    request: HttpRequest, response: HttpResponse, text: str, *, tone: str = "good", undo: str = ""
) -> HttpResponse:
    """Say on the page what happened. `undo` is the address that a POST sends to take it back.

    Tones: good, bad, quiet. Works for parts (HTMX) and, through a message, across a redirect.
    """
    if cast(PageRequest, request).htmx:
        triggers = json.loads(response.headers.get("HX-Trigger", "{}"))
        triggers["toast"] = {"text": text, "tone": tone, "undo": undo}
        response.headers["HX-Trigger"] = json.dumps(triggers)
        return response
    messages.info(request, text, extra_tags=f"{tone} {undo}".strip())
    return response


def back(request: HttpRequest, fallback: str = "/") -> str:
    """Where a form asks to return to (`next`), if that is the path of a page of ours: one slash, then no other."""
    wish = request.POST.get("next") or request.GET.get("next") or ""
    ours = OURS.match(wish) and url_has_allowed_host_and_scheme(wish, {request.get_host()}, request.is_secure())
    return wish if ours else fallback


def keep(response: HttpResponse, request: HttpRequest, cookie: str, value: str) -> None:
    response.set_cookie(cookie, value, max_age=YEAR, samesite="Lax", httponly=True, secure=request.is_secure())


@public
@require_POST
def set_language(request: HttpRequest) -> HttpResponse:
    """Change the language, for this browser and, when signed in, for the person."""
    language = request.POST.get("language", "")
    response = redirect(back(request))
    if language in LANGUAGES:
        keep(response, request, LANGUAGE_COOKIE, language)
        if request.user.is_authenticated:
            settings_service.keep_person(request.user.pk, language=language)
    return response


@public
@require_POST
def set_theme(request: HttpRequest) -> HttpResponse:
    """Change the theme, for this browser and, when signed in, for the person."""
    theme = request.POST.get("theme", "")
    response = redirect(back(request))
    if theme in THEMES:
        keep(response, request, THEME_COOKIE, theme)
        if request.user.is_authenticated:
            settings_service.keep_person(request.user.pk, theme=theme)
    return response


@shop_page()
@require_POST
def keep_preferences(request: ShopRequest) -> HttpResponse:
    """Keep which columns a table shows (`table`, `column`*), for this member at this shop."""
    table = request.POST.get("table", "")
    if request.actor.member_id is not None and table.isidentifier():
        columns = [name for name in request.POST.getlist("column") if name.isidentifier()]
        people.set_preferences(request.actor, {f"columns.{table}": columns}, now=request.now)
    return HttpResponseRedirect(back(request))
