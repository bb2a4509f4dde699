"""Who sits here and how they like it: signing in and out, language, theme, password, and a member's own preferences."""

import hashlib
import json
from collections.abc import Callable
from typing import Any, cast

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login, logout, update_session_auth_hash
from django.contrib.auth.forms import AuthenticationForm, PasswordChangeForm
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils import timezone, translation
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext, gettext_lazy
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from fahuo.rules.problems import Language
from fahuo.samples.accounts import ACCOUNTS
from fahuo.services import moment, people
from fahuo.services import settings as settings_service
from fahuo.web.access import PageRequest, ShopRequest, public, shop_page, signed_in

LANGUAGES = {"zh-hans": "简体中文", "en": "English"}
THEMES = {"auto": gettext_lazy("跟随系统"), "light": gettext_lazy("浅色"), "dark": gettext_lazy("深色")}
LANGUAGE_COOKIE = "fahuo_language"
THEME_COOKIE = "fahuo_theme"
YEAR = 365 * 24 * 3600
TRIES = 10
"""Wrong passwords for one name from one address before a pause of PAUSE seconds."""
PAUSE = 300


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
    """Where a form asks to return to (`next`), if that is a page of ours."""
    wish = request.POST.get("next") or request.GET.get("next") or ""
    here = {request.get_host()}
    return wish if url_has_allowed_host_and_scheme(wish, here, request.is_secure()) else fallback


def _keep(response: HttpResponse, request: HttpRequest, cookie: str, value: str) -> None:
    response.set_cookie(cookie, value, max_age=YEAR, samesite="Lax", httponly=True, secure=request.is_secure())


class SignInForm(AuthenticationForm):
    """Django's form, with our words. A wrong name and a wrong password read alike."""

    username = forms.CharField(label=gettext_lazy("账号"), max_length=150)
    password = forms.CharField(label=gettext_lazy("密码"), widget=forms.PasswordInput, strip=False)
    error_messages = {
        "invalid_login": gettext_lazy("账号或密码不对。请检查大小写后再试；忘了密码请主账号重设。"),
        "inactive": gettext_lazy("账号或密码不对。请检查大小写后再试；忘了密码请主账号重设。"),
    }


def _tries_key(request: HttpRequest) -> str:
    name = request.POST.get("username", "").strip().lower()
    who = f"{name}\n{request.META.get('REMOTE_ADDR')}"
    return f"sign-in:{hashlib.sha256(who.encode()).hexdigest()}"


def _sign_in_answer(request: HttpRequest, form: SignInForm) -> HttpResponse:
    user = form.get_user()
    login(request, user)
    response = redirect(back(request))
    _keep(response, request, LANGUAGE_COOKIE, user.language)
    _keep(response, request, THEME_COOKIE, user.theme)
    return response


@public
@sensitive_post_parameters("password")
def sign_in(request: HttpRequest) -> HttpResponse:
    """The sign-in page. After TRIES wrong passwords a name pauses, whether it exists or not."""
    if request.user.is_authenticated:
        return redirect(back(request))
    form = SignInForm(request, request.POST or None)
    paused = False
    if request.method == "POST":
        key = _tries_key(request)
        paused = cache.get(key, 0) >= TRIES
        if not paused and form.is_valid():
            cache.delete(key)
            return _sign_in_answer(request, form)
        cache.add(key, 0, PAUSE)
        cache.incr(key)
    demo = ACCOUNTS if settings.DEMO else ()
    words = {"form": form, "paused": paused, "next": back(request), "demo_accounts": demo}
    return render(request, "session/login.html", words, status=429 if paused else 200)


@public
@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End the session."""
    logout(request)
    return redirect("login")


@public
@require_POST
def set_language(request: HttpRequest) -> HttpResponse:
    """Change the language, for this browser and, when signed in, for the person."""
    language = request.POST.get("language", "")
    response = redirect(back(request))
    if language in LANGUAGES:
        _keep(response, request, LANGUAGE_COOKIE, language)
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
        _keep(response, request, THEME_COOKIE, theme)
        if request.user.is_authenticated:
            settings_service.keep_person(request.user.pk, theme=theme)
    return response


@signed_in
@sensitive_post_parameters()
def change_password(request: HttpRequest) -> HttpResponse:
    """A person changes the own password; other sessions of the person end."""
    form = PasswordChangeForm(cast(Any, request.user), request.POST or None)
    if request.method == "POST" and form.is_valid():
        user = form.save()
        update_session_auth_hash(request, user)
        return toast(request, redirect("home"), gettext("密码已修改，其他设备上的登录已失效"))
    return render(request, "session/password.html", {"form": form}, status=422 if form.errors else 200)


@shop_page()
@require_POST
def keep_preferences(request: ShopRequest) -> HttpResponse:
    """Keep which columns a table shows (`table`, `column`*), for this member at this shop."""
    table = request.POST.get("table", "")
    if request.actor.member_id is not None and table.isidentifier():
        columns = [name for name in request.POST.getlist("column") if name.isidentifier()]
        people.set_preferences(request.actor, {f"columns.{table}": columns}, now=request.now)
    return HttpResponseRedirect(back(request))
