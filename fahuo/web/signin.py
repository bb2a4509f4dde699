"""Signing in and out: password, second factor, passkey; the link of an invitation; and the question to show once more who
one is, before an act that gives power away."""

from typing import Any, cast

from django import forms
from django.conf import settings
from django.contrib.auth import login, logout
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext, gettext_lazy
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from fahuo.rules.problems import Refusal
from fahuo.rules.signin import CHALLENGE
from fahuo.samples.accounts import ACCOUNTS
from fahuo.services import factors, invitations, moment, passkeys, sessions, signin
from fahuo.web.access import PageRequest, person_id, public, signed_in
from fahuo.web.given import body_of
from fahuo.web.session import LANGUAGE_COOKIE, THEME_COOKIE, back, keep, language_of
from fahuo.web.visitor import site, visitor

BACKEND = "django.contrib.auth.backends.ModelBackend"
PENDING = "second"
"""Where a session keeps who gave the right password and still owes a second factor."""


class SignInForm(forms.Form):
    """A name and a password. A wrong name and a wrong password read alike."""

    username = forms.CharField(label=gettext_lazy("账号"), max_length=150)
    password = forms.CharField(label=gettext_lazy("密码"), widget=forms.PasswordInput, strip=False, max_length=1000)


def enter_as(request: HttpRequest, user: Any, how: str, to: str) -> HttpResponse:
    """Sign the person in, under a new session key, and go on: to replace a first password, or `to`."""
    now, who = moment.real(), visitor(request)
    login(request, user, backend=BACKEND)
    request.session.pop(PENDING, None)
    request.session.update({sessions.ADDRESS: who.address, sessions.AGENT: who.agent})
    sessions.prove(request.session, now=now)
    signin.note(user.pk, "signed_in", visitor=who, now=now, how=how)
    response = redirect("password") if user.must_change_password else redirect(to)
    keep(response, request, LANGUAGE_COOKIE, user.language)
    keep(response, request, THEME_COOKIE, user.theme)
    return response


def after_password(request: HttpRequest, user: Any, to: str) -> HttpResponse:
    """Go on after a right password: in, or to the second step."""
    if not user.second_factor:
        return enter_as(request, user, "password", to)
    request.session.cycle_key()
    request.session[PENDING] = {"user": user.pk, "at": moment.real().timestamp(), "to": to}
    return redirect("login-second")


def pending(request: HttpRequest) -> tuple[Any, str] | None:
    """Who owes a second factor here, and where they wanted to go; None when nobody does, or for too long."""
    held = request.session.get(PENDING)
    if not held or moment.real().timestamp() - held["at"] > CHALLENGE.total_seconds():
        return None
    user = signin.person(held["user"])
    return (user, str(held["to"])) if user else None


def paused(request: HttpRequest, refusal: Refusal, template: str, words: dict[str, Any]) -> HttpResponse:
    """The page again with what was refused: 429 and when to come again, or 422."""
    problem = refusal.problems[0]
    over = problem.code == "sign_in_paused"
    words = {**words, "problems": refusal.problems}
    answer = render(request, template, words, status=429 if over else 422)
    if over:
        answer.headers["Retry-After"] = str(problem.data["seconds"])
    return answer


@public
@sensitive_post_parameters("password")
def sign_in(request: HttpRequest) -> HttpResponse:
    """The sign-in page. After some wrong passwords it pauses, longer each time, whether the name exists or not."""
    if request.user.is_authenticated:
        return redirect(back(request))
    form = SignInForm(request.POST or None)
    words = {"form": form, "next": back(request), "demo_accounts": ACCOUNTS if settings.DEMO else ()}
    wrong = request.method == "POST"
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            user = signin.by_password(
                given["username"], given["password"], visitor=visitor(request), now=moment.real()
            )  # fmt: skip
        except Refusal as refusal:
            return paused(request, refusal, "session/login.html", words)
        if user is not None:
            return after_password(request, user, back(request))
    return render(request, "session/login.html", {**words, "wrong": wrong})


@public
@sensitive_post_parameters("code")
def second(request: HttpRequest) -> HttpResponse:
    """The second step of a sign-in: a code of the app, a recovery code, or (by script) a passkey."""
    held = pending(request)
    if held is None:
        return redirect("login")
    user, to = held
    words = {"has_app": bool(user.totp), "has_passkey": bool(passkeys.of(user.pk)), "next": to}
    if request.method != "POST":
        return render(request, "session/second.html", words)
    try:
        right = factors.check(user.pk, request.POST.get("code", "")[:64], visitor=visitor(request), now=moment.real())
        if not right:
            raise Refusal.of("code_wrong")
    except Refusal as refusal:
        return paused(request, refusal, "session/second.html", words)
    return enter_as(request, user, "code", to)


def problem_of(request: HttpRequest, refusal: Refusal) -> JsonResponse:
    """A refusal for a script of ours."""
    return JsonResponse({"problem": refusal.problems[0].sentence(language_of(request))}, status=422)


def _whose(request: HttpRequest) -> int | None:
    """Whose passkey is asked for: of who is signed in, of who owes a second factor; None: anybody's."""
    if request.user.is_authenticated:
        return person_id(request)
    held = pending(request)
    return held[0].pk if held else None


@public
@require_POST
def passkey_ask(request: HttpRequest) -> HttpResponse:
    """The question to a passkey, as JSON."""
    asked = passkeys.ask(request.session, site(request), _whose(request), now=moment.real())
    return HttpResponse(asked, content_type="application/json")


@public
@require_POST
def passkey_answer(request: HttpRequest) -> HttpResponse:
    """The answer of a passkey: signs in, is the second factor, or shows once more who is there. JSON: where to go."""
    now, whose = moment.real(), _whose(request)
    try:
        body = body_of(request)[: passkeys.LARGEST + 1].decode("utf-8", "replace")
        user = passkeys.use(request.session, site(request), body, whose, now=now)
        if signin.shown_to_all(user):
            raise Refusal.of("passkey_wrong")
    except Refusal as refusal:
        return problem_of(request, refusal)
    if request.user.is_authenticated:
        sessions.prove(request.session, now=now)
        return JsonResponse({"to": back(request)})
    held = pending(request)
    entered = enter_as(request, user, "passkey", held[1] if held else back(request))
    answer = JsonResponse({"to": entered.headers["Location"]})
    answer.cookies.update(entered.cookies)
    return answer


@public
@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End the session."""
    if request.user.is_authenticated:
        signin.note(person_id(request), "signed_out", visitor=visitor(request), now=moment.real())
    logout(request)
    return redirect("login")


@signed_in
@sensitive_post_parameters("password")
def sure(request: PageRequest) -> HttpResponse:
    """Show once more who is there, then go on to where one came from."""
    words = {"next": back(request), "has_passkey": bool(passkeys.of(person_id(request)))}
    if request.method != "POST":
        return render(request, "session/sure.html", words)
    now, who = moment.real(), visitor(request)
    try:
        if not signin.again(cast(Any, request.user), request.POST.get("password", "")[:1000], visitor=who, now=now):
            raise Refusal.of("password_wrong")
    except Refusal as refusal:
        return paused(request, refusal, "session/sure.html", words)
    sessions.prove(request.session, now=now)
    return redirect(back(request))


@public
@sensitive_post_parameters("password", "again")
def invitation(request: PageRequest, token: str) -> HttpResponse:
    """Behind the link of an invitation: choose a password, and be in."""
    try:
        found = invitations.find(token, now=request.now)
    except Refusal as refusal:
        return render(request, "session/invitation.html", {"problems": refusal.problems, "over": True}, status=410)
    words: dict[str, Any] = {"found": found}
    if request.method != "POST":
        return render(request, "session/invitation.html", words)
    password = request.POST.get("password", "")[:1000]
    try:
        if password != request.POST.get("again"):
            raise Refusal.of("password_differs")
        user = invitations.accept(token, password, visitor=visitor(request), now=request.now)
    except Refusal as refusal:
        return render(request, "session/invitation.html", {**words, "problems": refusal.problems}, status=422)
    if request.user.is_authenticated:
        logout(request)
    return after_password(request, user, reverse("home"))


def link_of(request: HttpRequest, token: str) -> str:
    """The whole address of an invitation, to be handed over."""
    return request.build_absolute_uri(reverse("invitation", kwargs={"token": token}))


def lasts() -> str:
    """How long a link is good, in words."""
    return gettext("{n} 小时").format(n=int(invitations.LASTS.total_seconds() // 3600))


urlpatterns: list[URLPattern] = [
    path("login/", sign_in, name="login"),
    path("login/second/", second, name="login-second"),
    path("login/passkey/ask/", passkey_ask, name="passkey-ask"),
    path("login/passkey/answer/", passkey_answer, name="passkey-answer"),
    path("logout/", sign_out, name="logout"),
    path("account/sure/", sure, name="account-sure"),
    path("invitation/<str:token>/", invitation, name="invitation"),
]
