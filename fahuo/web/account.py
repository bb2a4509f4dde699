"""账号安全: a person's password, second factors, passkeys, sessions, and what happened to the account."""

from collections.abc import Sequence
from typing import Any, Final, cast

from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.forms import PasswordChangeForm
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext, gettext_lazy
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST, require_safe

from fahuo.printing.codes import QR_QUIET, qr
from fahuo.rules.problems import Problem, Refusal
from fahuo.rules.signin import FRESH
from fahuo.services import factors, moment, passkeys, people, sealing, sessions, signin
from fahuo.web.access import PageRequest, fresh, newcomer, person_id, signed_in
from fahuo.web.given import body_of
from fahuo.web.session import toast
from fahuo.web.signin import problem_of
from fahuo.web.visitor import site, visitor

EVENTS: Final[dict[str, str | Promise]] = {
    "signed_in": gettext_lazy("登录"),
    "signed_out": gettext_lazy("退出"),
    "paused": gettext_lazy("有人多次输错，登录被暂停"),
    "password_changed": gettext_lazy("修改了密码"),
    "invited": gettext_lazy("收到一个设置密码的链接"),
    "link_used": gettext_lazy("用链接设置了密码"),
    "app_added": gettext_lazy("添加了验证器应用"),
    "app_dropped": gettext_lazy("移除了验证器应用"),
    "passkey_added": gettext_lazy("添加了通行密钥"),
    "passkey_dropped": gettext_lazy("移除了通行密钥"),
    "codes_renewed": gettext_lazy("换了恢复码"),
    "recovery_code": gettext_lazy("用掉一个恢复码"),
    "factors_reset": gettext_lazy("第二重验证被重置"),
    "sessions_ended": gettext_lazy("结束了其他设备上的登录"),
}
"""What may happen to an account, in words."""
SHOWN: Final = 20
"""Entries of the account's journal on the page."""


def _current(request: PageRequest) -> str:
    return request.session.session_key or ""


def _alone(request: PageRequest) -> None:
    """A factor changed: every other session of the person ends."""
    sessions.end_others(person_id(request), _current(request))


def _host_has_name(request: PageRequest) -> bool:
    """Passkeys belong to a host name; a bare address has none."""
    host = site(request).host
    return not host.startswith("[") and not host.replace(".", "").isdigit()


@signed_in
@require_safe
def page(request: PageRequest) -> HttpResponse:
    """Everything about the own account on one page; fresh recovery codes show once."""
    user_id = person_id(request)
    held = request.session.pop("codes", "")
    return render(request, "account/page.html", {
        "found": factors.of(user_id), "passkeys": passkeys.of(user_id), "named": _host_has_name(request),
        "codes": sealing.opened(held).split() if held else [],
        "sessions": sessions.listed(user_id, _current(request), now=moment.real()),
        "events": [(row, EVENTS.get(row.act, row.act)) for row in signin.latest(user_id, SHOWN)],
    })  # fmt: skip


def _show_codes(request: PageRequest, codes: list[str]) -> None:
    if codes:
        request.session["codes"] = sealing.seal(" ".join(codes))


def picture(text: str) -> str:
    """The QR code of a text as a picture in an address: black on white, whatever the theme."""
    square = qr.__wrapped__(text)  # past its memory: this one is a secret
    size = square.side + 2 * QR_QUIET
    marks = "".join(
        f"M{x + QR_QUIET} {y + QR_QUIET}h1v1h-1z"
        for y, row in enumerate(square.rows) for x in range(square.side) if row >> (square.side - 1 - x) & 1
    )  # fmt: skip
    svg = f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {size} {size}'><path fill='white' d='M0 0h{size}v{size}H0z'/><path d='{marks}'/></svg>"
    return "data:image/svg+xml," + svg.replace("<", "%3C").replace(">", "%3E").replace(" ", "%20")


@signed_in
@fresh(FRESH)
@sensitive_post_parameters("code")
def app(request: PageRequest) -> HttpResponse:
    """Add an authenticator app: the QR code, then a code that shows it was read."""
    user = cast(Any, request.user)
    if request.method != "POST" or "app" not in request.session:
        request.session["app"] = sealing.seal(factors.new_secret())
    secret = sealing.opened(request.session["app"])
    code = picture(factors.address_of(secret, user.username))
    words: dict[str, Any] = {
        "picture": code,
        "secret": " ".join(secret[at : at + 4] for at in range(0, len(secret), 4)),
    }
    if request.method != "POST":
        return render(request, "account/app.html", words)
    try:
        codes = factors.add_app(
            user.pk, secret, request.POST.get("code", "")[:64], visitor=visitor(request), now=moment.real()
        )  # fmt: skip
    except Refusal as refusal:
        return render(request, "account/app.html", {**words, "problems": refusal.problems}, status=422)
    del request.session["app"]
    _show_codes(request, codes)
    _alone(request)
    return toast(request, redirect("account"), gettext("验证器应用已启用，其他设备上的登录已失效"))


@signed_in
@require_POST
@fresh(FRESH)
def app_off(request: PageRequest) -> HttpResponse:
    """Take the authenticator app out of use."""
    if factors.drop_app(person_id(request), visitor=visitor(request), now=moment.real()):
        _alone(request)
    return toast(request, redirect("account"), gettext("验证器应用已移除"))


@signed_in
@require_POST
@fresh(FRESH)
def renew_codes(request: PageRequest) -> HttpResponse:
    """New recovery codes, shown once."""
    _show_codes(request, factors.renew_codes(person_id(request), visitor=visitor(request), now=moment.real()))
    return redirect("account")


@signed_in
@require_safe
@fresh(FRESH)
def passkey(request: PageRequest) -> HttpResponse:
    """Name a passkey that the browser is about to make."""
    return render(request, "account/passkey.html", {"agent": visitor(request).agent})


@signed_in
@require_POST
@fresh(FRESH)
def passkey_new(request: PageRequest) -> HttpResponse:
    """What the browser needs to make a passkey, as JSON."""
    try:
        asked = passkeys.ask_new(cast(Any, request.user), request.session, site(request), now=moment.real())
    except Refusal as refusal:
        return problem_of(request, refusal)
    return HttpResponse(asked, content_type="application/json")


@signed_in
@require_POST
@fresh(FRESH)
def passkey_add(request: PageRequest) -> HttpResponse:
    """Keep the passkey that the browser made. JSON: where to go."""
    try:
        codes = passkeys.add(
            cast(Any, request.user), request.session, site(request),
            body_of(request)[: passkeys.LARGEST + 1].decode("utf-8", "replace"), name=request.GET.get("name", ""),
            visitor=visitor(request), now=moment.real(),
        )  # fmt: skip
    except Refusal as refusal:
        return problem_of(request, refusal)
    _show_codes(request, codes)
    _alone(request)
    toast(request, HttpResponse(), gettext("通行密钥已添加，其他设备上的登录已失效"))
    return JsonResponse({"to": reverse("account")})


@signed_in
@require_POST
@fresh(FRESH)
def passkey_drop(request: PageRequest, passkey: int) -> HttpResponse:
    """Remove a passkey."""
    if not passkeys.drop(person_id(request), passkey, visitor=visitor(request), now=moment.real()):
        raise Http404
    _alone(request)
    return toast(request, redirect("account"), gettext("通行密钥已移除"))


@signed_in
@require_POST
def end_session(request: PageRequest) -> HttpResponse:
    """End one session (`session`), or all but this one."""
    user_id, ref = person_id(request), request.POST.get("session", "")
    ended = sessions.end(user_id, ref) if ref else sessions.end_others(user_id, _current(request)) > 0
    if ended:
        signin.note(user_id, "sessions_ended", visitor=visitor(request), now=moment.real())
    return toast(request, redirect("account"), gettext("登录已结束") if ended else gettext("没有别的登录了"))


@newcomer
@sensitive_post_parameters()
def change_password(request: PageRequest) -> HttpResponse:
    """A person changes the own password; other sessions of the person end."""
    user = cast(Any, request.user)
    form = PasswordChangeForm(cast(Any, user), request.POST or None)
    first = bool(user.must_change_password)
    problems: Sequence[Problem] = ()
    if request.method == "POST" and form.is_valid():
        try:
            if form.cleaned_data["new_password1"] == form.cleaned_data["old_password"]:
                raise Refusal.of("password_same")
            people.change_password(
                user, form.cleaned_data["new_password1"], but=sessions.name_of(_current(request)), now=request.now
            )
        except Refusal as refusal:
            problems = refusal.problems
        else:
            update_session_auth_hash(request, user)
            sessions.prove(request.session, now=moment.real())
            signin.note(user.pk, "password_changed", visitor=visitor(request), now=moment.real())
            answer = redirect("home" if first else "account")
            return toast(request, answer, gettext("密码已修改，其他设备上的登录已失效"))
    status = 422 if form.errors or problems else 200
    words = {"form": form, "first": first, "problems": problems}
    return render(request, "session/password.html", words, status=status)


urlpatterns: list[URLPattern] = [
    path("account/", page, name="account"),
    path("password/", change_password, name="password"),
    path("account/app/", app, name="account-app"),
    path("account/app/off/", app_off, name="account-app-off"),
    path("account/codes/", renew_codes, name="account-codes"),
    path("account/passkeys/", passkey, name="account-passkey"),
    path("account/passkeys/new/", passkey_new, name="passkey-new"),
    path("account/passkeys/add/", passkey_add, name="passkey-add"),
    path("account/passkeys/<int:passkey>/drop/", passkey_drop, name="account-passkey-drop"),
    path("account/sessions/end/", end_session, name="account-sessions-end"),
]
