"""The platform's rule books: every version in time, and a new one from its text to its force.

A text is checked, compared with what stands, and asked of last month's orders; only then is it scheduled (`confirmed`).
"""

from collections.abc import Sequence
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from fahuo.rules.problems import Problem, Refusal
from fahuo.services import rulebooks as service
from fahuo.store.boards import platform as boards
from fahuo.web import rule_words as words
from fahuo.web.access import PlatformRequest
from fahuo.web.platform_frame import PLATFORMS, desk, page
from fahuo.web.session import toast
from fahuo.web.uploads import takes_files


def _platform(request: PlatformRequest) -> str:
    asked = request.POST.get("platform") or request.GET.get("platform", "")
    return asked if asked in PLATFORMS else next(iter(PLATFORMS))


def _show(
    request: PlatformRequest, *, problems: Sequence[Problem] = (), text: str = "",
    checked: service.Checked | None = None,
) -> HttpResponse:  # fmt: skip
    platform, code = _platform(request), request.POST.get("shop", "")
    found, rows = service.of_platform(platform)
    more: dict[str, Any] = {}
    if checked is not None:
        added = checked.addition
        more = {
            "checked": checked, "added": added, "replay": service.replay(checked, now=request.now),
            "changes": words.change_lines(added.before, added.version) if added.version else [],
        }  # fmt: skip
    return page(
        request, "platform/rules.html", "rules", status=422 if problems else 200, lines=words.lines(found, rows, now=request.now),
        others=words.others(rows, found, now=request.now), overrides=found.overrides, platform_code=platform,
        platform_name=PLATFORMS[platform], problems=problems, shop_code=code,
        text=text or words.starter(platform, found.versions[-1], now=request.now), english=words.language() == "en", **more,
    )  # fmt: skip


def _shop(request: PlatformRequest) -> int | None:
    """The one shop that the rules are for. Refusal `shop_unknown`."""
    code = request.POST.get("shop", "").strip()
    if not code:
        return None
    about = boards.shop_by_code(code)
    if about is None:
        raise Refusal.of("shop_unknown", shop=code[:40])
    return int(about.id)


def _too_large(request: PlatformRequest, problem: Problem) -> HttpResponse:
    return _show(request, problems=(problem,))


@takes_files(desk(_too_large))
@desk
def rules(request: PlatformRequest) -> HttpResponse:
    """Which rules hold, held and will hold? A new text is shown with what it changes, then scheduled (`confirmed`)."""
    if request.method != "POST":
        return _show(request)
    text = ""
    try:
        text = words.typed(request)
        shop_id = _shop(request)
        if not request.POST.get("confirmed"):
            checked = service.check(
                request.platform, text, platform=_platform(request), shop_id=shop_id, now=request.now
            )  # fmt: skip
            return _show(request, text=text, checked=checked)
        service.schedule(
            request.platform, text, platform=_platform(request), shop_id=shop_id, stands=request.POST.get("stands", ""),
            now=request.now,
        )  # fmt: skip
    except Refusal as refusal:
        return _show(request, problems=refusal.problems, text=text)
    answer = redirect(f"{request.path}?platform={_platform(request)}")
    return toast(request, answer, gettext("已安排，到时自动生效"))


@desk
@require_POST
def withdraw(request: PlatformRequest, addition_id: int) -> HttpResponse:
    """Take back what was scheduled, before it takes force."""
    try:
        service.withdraw(request.platform, addition_id, now=request.now)
    except Refusal as refusal:
        return _show(request, problems=refusal.problems)
    return toast(request, redirect(f"/platform/rules/?platform={_platform(request)}"), gettext("已撤回"))


urlpatterns: list[URLPattern] = [
    path("platform/rules/", rules, name="platform_rules"),
    path("platform/rules/<int:addition_id>/withdraw/", withdraw, name="platform_rule_withdraw"),
]
