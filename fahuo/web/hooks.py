"""设置 → 接口 → Webhook: set up, tried, switched, and what was sent, to be sent again."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path
from django.utils.functional import Promise
from django.utils.translation import gettext, gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from fahuo.rules import webhooks as rules
from fahuo.rules.problems import Problem, Refusal
from fahuo.rules.signin import FRESH
from fahuo.services import webhooks as service
from fahuo.web import subscription
from fahuo.web.access import ShopRequest, fresh, shop_page
from fahuo.web.session import language_of, toast

SHOWN: Final = 50
GROUPS: Final[Sequence[tuple[str | Promise, tuple[str, ...]]]] = (
    (gettext_lazy("订单"), ("order", "receivers", "marketplace")),
    (gettext_lazy("包裹与批次"), ("parcel", "batch")),
    (gettext_lazy("面单与揽收"), ("label", "number", "pickup")),
    (gettext_lazy("任务与投诉"), ("task", "alert", "complaint", "evidence", "report")),
    (gettext_lazy("退款与消息"), ("refund", "message")),
)
"""How the kinds of events are shown: what they are about."""
WHY: Final[Mapping[str, str | Promise]] = {
    "off": gettext_lazy("Webhook 已停用"),
    "late": gettext_lazy("三天没送到"),
}
"""Reasons of webhooks alone -> in words; the others are those of every message."""
STATUS: Final[Mapping[str, tuple[str | Promise, str, str]]] = {
    "sent": (gettext_lazy("已送达"), "good", "circle-check"),
    "waiting": (gettext_lazy("待送"), "plain", "clock"),
    "given_up": (gettext_lazy("没送到"), "bad", "circle-alert"),
    "dropped": (gettext_lazy("未送"), "quiet", "circle-slash"),
}
"""Status of a delivery -> its word, tone and icon."""


def why_words(why: str) -> str:
    """A reason in words; "" for none."""
    return str(WHY[why]) if why in WHY else subscription.why_words(why)


def groups(language: str, chosen: Sequence[str]) -> list[tuple[str, list[tuple[str, str, bool]]]]:
    """The kinds of events by what they are about: (kind, words, whether it is chosen)."""
    place = 1 if language == "en" else 0
    return [
        (str(title), [
            (kind, words[place], kind in chosen) for kind, words in rules.KINDS.items() if kind.partition(".")[0] in nouns
        ])
        for title, nouns in GROUPS
    ]  # fmt: skip


def _deliveries(request: ShopRequest, webhook: int) -> dict[str, Any]:
    """What was sent to a webhook last, from a cursor on."""
    asked = request.GET.get("before", "")
    before = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 19 else 2**63 - 1
    rows = service.listed(request.actor, webhook, before=before, limit=SHOWN + 1)
    place = 1 if language_of(request) == "en" else 0
    lines = [
        {
            "row": row, "what": rules.KINDS[row.kind][place] if row.kind in rules.KINDS else gettext("试发"),
            "why": why_words(row.why), "status": STATUS[row.status], "again": row.status in ("sent", "given_up", "dropped"),
        }
        for row in rows[:SHOWN]
    ]  # fmt: skip
    return {
        "lines": lines, "older": rows[SHOWN - 1].id if len(rows) > SHOWN else None, "begun": bool(asked),
        "waits": any(line["row"].status == "waiting" for line in lines[:10]),
    }  # fmt: skip


def _page(request: ShopRequest, row: Any = None, *, problems: Sequence[Problem] = (), secret: str = "") -> HttpResponse:
    """The form of a webhook, and of one that stands its deliveries; with the secret that was just made."""
    post = request.POST if request.method == "POST" and not secret else None
    chosen = post.getlist("kinds") if post is not None else row.kinds if row else []
    shown = {
        "name": post.get("name", "") if post is not None else row.name if row else "",
        "address": post.get("address", "") if post is not None else row.address if row else "",
        "with_receiver": "with_receiver" in post if post is not None else bool(row and row.with_receiver),
        "all": post.get("which") != "some" if post is not None else not chosen,
    }  # fmt: skip
    more = _deliveries(request, row.id) if row else {}
    return render(
        request, "machines/hook.html",
        {
            "section": "settings", "hook": row, "shown": shown, "groups": groups(language_of(request), chosen), "count": len(chosen),
            "problems": problems, "secret": secret, "exports": request.actor.may("reveal_receiver"),
            "why": why_words(row.off_why) if row else "", **more,
        },
        status=422 if problems else 200,
    )  # fmt: skip


def _wish(request: ShopRequest) -> dict[str, Any]:
    post = request.POST
    return {
        "name": post.get("name", ""), "address": post.get("address", ""),
        "kinds": post.getlist("kinds") if post.get("which") == "some" else (),
        "with_receiver": "with_receiver" in post, "now": request.now,
    }  # fmt: skip


@shop_page("manage_machines")
def hook_new(request: ShopRequest) -> HttpResponse:
    """Set up a webhook; its secret is shown this once."""
    if request.method != "POST":
        return _page(request)
    try:
        made, secret = service.add(request.actor, **_wish(request))
    except Refusal as refusal:
        return _page(request, problems=refusal.problems)
    return _page(request, service.one(request.actor, made), secret=secret)


def _found(request: ShopRequest, webhook: int) -> Any:
    try:
        return service.one(request.actor, webhook)
    except Refusal as refusal:
        if refusal.problems[0].code == "webhook_unknown":
            raise Http404(str(webhook)) from refusal
        raise


@shop_page("manage_machines")
def hook(request: ShopRequest, webhook: int) -> HttpResponse:
    """One webhook: its address, what it is told, and what was sent."""
    row = _found(request, webhook)
    if request.method != "POST":
        return _page(request, row)
    try:
        service.change(request.actor, webhook, **_wish(request))
    except Refusal as refusal:
        return _page(request, row, problems=refusal.problems)
    return toast(request, redirect("hook", shop=request.shop.code, webhook=webhook), gettext("Webhook 已保存"))


@shop_page("manage_machines")
@require_safe
def hook_deliveries(request: ShopRequest, webhook: int) -> HttpResponse:
    """The part of the page that says what was sent, asked for again while something is on its way."""
    row = _found(request, webhook)
    return render(request, "machines/deliveries.html", {"hook": row, **_deliveries(request, webhook)})


@shop_page("manage_machines")
@require_POST
@fresh(FRESH)
def hook_secret(request: ShopRequest, webhook: int) -> HttpResponse:
    """A new secret, shown this once."""
    _found(request, webhook)
    secret = service.turn_secret(request.actor, webhook, now=request.now)
    return _page(request, service.one(request.actor, webhook), secret=secret)


@shop_page("manage_machines")
@require_POST
def hook_act(request: ShopRequest, webhook: int, act: str) -> HttpResponse:
    """试发, 启用, 停用, 重新投递, 删除."""
    _found(request, webhook)
    actor, now, said = request.actor, request.now, ""
    if act == "trial":
        service.try_out(actor, webhook, now=now)
    elif act == "on":
        service.turn_on(actor, webhook, now=now)
        said = gettext("已启用；停用期间三天内发生的也会补送")
    elif act == "off":
        service.turn_off(actor, webhook, now=now)
        said = gettext("已停用")
    elif act == "replay":
        typed = request.POST.get("delivery", "")
        ids = [int(typed)] if typed.isascii() and typed.isdigit() and len(typed) < 19 else []
        count = service.replay(actor, webhook, ids, failed=not ids, now=now)
        said = gettext("重新投递 {n} 条").format(n=count)
    else:
        service.drop(actor, webhook, now=now)
        return toast(request, redirect("machines", shop=request.shop.code), gettext("已删除 Webhook"))
    answer = redirect("hook", shop=request.shop.code, webhook=webhook)
    return toast(request, answer, said) if said else answer


ACTS: Final = ("trial", "on", "off", "replay", "drop")
urlpatterns: list[URLPattern] = [
    path("settings/machines/webhooks/new/", hook_new, name="hook-new"),
    path("settings/machines/webhooks/<int:webhook>/", hook, name="hook"),
    path("settings/machines/webhooks/<int:webhook>/sent/", hook_deliveries, name="hook-deliveries"),
    path("settings/machines/webhooks/<int:webhook>/secret/", hook_secret, name="hook-secret"),
    *(
        path(f"settings/machines/webhooks/<int:webhook>/{act}/", hook_act, {"act": act}, name=f"hook-{act}")
        for act in ACTS
    ),
]
