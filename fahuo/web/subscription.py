"""消息订阅: whether and how this account is reminded, and the channels of the account and of the shop."""

from collections.abc import Sequence
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path
from django.utils.functional import Promise
from django.utils.translation import gettext, gettext_lazy
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST, require_safe

from fahuo.rules.notices import ATTEMPTS, KINDS, MASK
from fahuo.rules.problems import Problem, Refusal
from fahuo.rules.shop_warnings import page_of
from fahuo.services import channels as service
from fahuo.services import reminders
from fahuo.store import boards
from fahuo.store.boards import notices as board
from fahuo.web.access import ShopRequest, shop_page
from fahuo.web.notices import warning_words
from fahuo.web.session import language_of, toast

WHY: dict[str, str | Promise] = {
    "private_address": gettext_lazy("地址在内网，被拒绝"),
    "timeout": gettext_lazy("对方太久没有应答"),
    "no_connection": gettext_lazy("连不上对方"),
    "tls": gettext_lazy("对方的证书不可信"),
    "http": gettext_lazy("对方答复 HTTP {code}"),
    "rejected": gettext_lazy("机器人拒收，错误码 {code}；检查 token、加签密钥和关键词（要含“发货台”）"),
    "mail": gettext_lazy("邮件服务器拒绝，代码 {code}；检查登录名、授权码和发件邮箱"),
    "not_set_up": gettext_lazy("设置不完整或写法不对"),
    "failed": gettext_lazy("没有发出去"),
}
"""Why a message did not go -> in words."""
HINTS: dict[tuple[str, str], str | Promise] = {
    ("dingtalk", "token"): gettext_lazy("群设置 → 机器人 → 自定义，粘贴整个 Webhook 地址即可；安全设置用加签，或关键词“发货台”"),
    ("wecom", "token"): gettext_lazy("群聊 → 添加群机器人，粘贴整个 Webhook 地址即可"),
    ("feishu", "token"): gettext_lazy("群设置 → 群机器人 → 自定义机器人，粘贴整个 Webhook 地址；安全设置用关键词“发货台”，不要用签名校验"),
    ("webhook", "address"): gettext_lazy("收到 POST，内容是 JSON：title、message"),
    ("webhook", "token"): gettext_lazy("填了就放进请求头 Authorization: Bearer …"),
    ("email", "host"): gettext_lazy("例如 smtp.qq.com、smtp.exmail.qq.com"),
    ("email", "port"): gettext_lazy("不填：SSL 465，STARTTLS 587，不加密 25"),
}  # fmt: skip
GATEWAY = gettext_lazy("只有用专属版、私有部署时才填，例如 https://chat.example.com")
SECURITY: dict[str, str | Promise] = {"ssl": "SSL", "starttls": "STARTTLS", "none": gettext_lazy("不加密")}


def why_words(why: str) -> str:
    """A reason in words; "" for none."""
    word, _, code = why.partition(":")
    return str(WHY.get(word, WHY["failed"])).format(code=code) if word else ""


def _fields(request: ShopRequest, kind: str, kept: dict[str, str]) -> list[dict[str, Any]]:
    """What the form asks for: what was typed, else what is kept; never a secret that is kept."""
    english = language_of(request) == "en"
    found = []
    for field in KINDS[kind].fields:
        typed = request.POST.get(field.name)
        value = typed if typed is not None else "" if field.secret else kept.get(field.name, "")
        found.append(
            {
                "name": field.name, "label": field.en if english else field.zh, "required": field.required,
                "secret": field.secret, "value": value, "kept": MASK if field.secret and kept.get(field.name) else "",
                "choices": [(choice, SECURITY[choice]) for choice in field.choices],
                "hint": HINTS.get((kind, field.name), GATEWAY if field.name == "gateway" else ""),
            }
        )  # fmt: skip
    return found


def _label(request: ShopRequest, kind: str) -> str:
    return KINDS[kind].en if language_of(request) == "en" else KINDS[kind].zh


def _rows(request: ShopRequest, *, of_shop: bool) -> list[dict[str, Any]]:
    rows = board.channels(request.actor.shop_id, None if of_shop else request.actor.member_id, shops=of_shop)
    return [{"row": row, "kind": _label(request, row.kind), "why": why_words(row.why or "")} for row in rows]


@shop_page("view_tasks")
def subscription(request: ShopRequest) -> HttpResponse:
    """消息订阅 → 店铺 → 待办通知: on or off, the ways, quiet hours."""
    likes = boards.preferences(request.actor.shop_id, request.actor.member_id)
    problems: Sequence[Problem] = ()
    if request.method == "POST":
        wish = request.POST
        try:
            reminders.subscribe(
                request.actor, on="todo_notice" in wish, popup="todo_popup" in wish, sound="todo_sound" in wish,
                quiet_from=wish.get("quiet_from"), quiet_to=wish.get("quiet_to"), now=request.now,
            )  # fmt: skip
            return toast(request, redirect("subscription", shop=request.shop.code), gettext("订阅已保存"))
        except Refusal as refusal:
            problems = refusal.problems
            likes = {name: name in wish for name in ("todo_notice", "todo_popup", "todo_sound")} | {
                name: wish.get(name, "") for name in ("quiet_from", "quiet_to")
            }
    configures = request.actor.may("configure_shop")
    likes = {"todo_popup": True, "todo_sound": True, **likes}
    return render(
        request, "notices/subscription.html",
        {
            "section": "notices", "likes": likes, "problems": problems, "mine": _rows(request, of_shop=False),
            "shops": _rows(request, of_shop=True) if configures else (), "configures": configures,
            "kinds": [(kind, _label(request, kind)) for kind in KINDS],
            "most": reminders.per_day(request.actor.shop_id, now=request.now),
        },
        status=422 if problems else 200,
    )  # fmt: skip


def _form(
    request: ShopRequest, kind: str, problems: Sequence[Problem] = (), channel: Any = None, of_shop: bool = False
) -> HttpResponse:
    row = channel
    name = request.POST.get("name", row.name if row else "")
    return render(
        request, "notices/channel.html",
        {
            "section": "notices", "kind": kind, "label": _label(request, kind), "problems": problems, "channel": row,
            "fields": _fields(request, kind, row.settings if row else {}), "name": name, "of_shop": of_shop,
            "active": "active" in request.POST if request.method == "POST" else row is None or row.active,
            "messages_of": _messages(request, row.id) if row else (), "attempts": ATTEMPTS,
        },
        status=422 if problems else 200,
    )  # fmt: skip


def _messages(request: ShopRequest, channel_id: int) -> list[dict[str, Any]]:
    rows = board.messages_of(request.actor.shop_id, channel_id)
    return [
        {
            "row": row, "why": why_words(row.why),
            "warning": warning_words(request, row.warning)[0] if row.warning else "",
            "url": f"/s/{request.shop.code}/{page_of(row.warning, row.subject_id)}" if row.warning else "",
        }
        for row in rows
    ]  # fmt: skip


@shop_page()
@sensitive_post_parameters()
def channel_new(request: ShopRequest) -> HttpResponse:
    """Set up a channel, of one's own or (`of_shop`) of the shop."""
    given = request.POST if request.method == "POST" else request.GET
    kind, of_shop = given.get("kind", "dingtalk"), given.get("of_shop") == "1"
    request.actor.require("configure_shop" if of_shop else "view_tasks")
    if kind not in KINDS:
        raise Http404(kind)
    if request.method != "POST":
        return _form(request, kind, of_shop=of_shop)
    try:
        made = service.add(
            request.actor, kind=kind, name=given.get("name", ""), fields=given.dict(), of_shop=of_shop, now=request.now
        )
    except Refusal as refusal:
        return _form(request, kind, refusal.problems, of_shop=of_shop)
    answer = redirect("channel", shop=request.shop.code, channel=made)
    return toast(request, answer, gettext("渠道已保存，点“试发”看看收不收得到"))


def _own(request: ShopRequest, channel: int) -> Any:
    """The channel, for who may change it; Http404 where there is none for them."""
    try:
        service.mine(request.actor, channel)
    except Refusal as refusal:
        if refusal.problems[0].code == "channel_unknown":
            raise Http404(str(channel)) from refusal
        raise
    return board.channel(request.actor.shop_id, channel)


@shop_page()
@sensitive_post_parameters()
def channel(request: ShopRequest, channel: int) -> HttpResponse:
    """One channel: its fields, and what was sent to it."""
    row = _own(request, channel)
    of_shop = row.member_id is None
    if request.method != "POST":
        return _form(request, row.kind, channel=row, of_shop=of_shop)
    try:
        service.change(
            request.actor, channel, name=request.POST.get("name", ""), fields=request.POST.dict(),
            active="active" in request.POST, now=request.now,
        )  # fmt: skip
    except Refusal as refusal:
        return _form(request, row.kind, refusal.problems, row, of_shop)
    return toast(request, redirect("channel", shop=request.shop.code, channel=channel), gettext("渠道已保存"))


@shop_page()
@require_POST
def channel_drop(request: ShopRequest, channel: int) -> HttpResponse:
    """Delete a channel."""
    row = _own(request, channel)
    service.drop(request.actor, channel, now=request.now)
    said = gettext("已删除渠道“{name}”").format(name=row.name)
    return toast(request, redirect("subscription", shop=request.shop.code), said)


@shop_page()
@require_POST
def channel_try(request: ShopRequest, channel: int) -> HttpResponse:
    """试发: a message to this channel, now."""
    _own(request, channel)
    service.try_out(request.actor, channel, now=request.now)
    return redirect("channel", shop=request.shop.code, channel=channel)


@shop_page()
@require_safe
def channel_messages(request: ShopRequest, channel: int) -> HttpResponse:
    """The part of the page that says what was sent, asked for again while something is on its way."""
    row = _own(request, channel)
    words = {"channel": row, "messages_of": _messages(request, row.id), "attempts": ATTEMPTS}
    return render(request, "notices/messages.html", words)


urlpatterns: list[URLPattern] = [
    path("notices/subscription/", subscription, name="subscription"),
    path("notices/channels/new/", channel_new, name="channel-new"),
    path("notices/channels/<int:channel>/", channel, name="channel"),
    path("notices/channels/<int:channel>/drop/", channel_drop, name="channel-drop"),
    path("notices/channels/<int:channel>/try/", channel_try, name="channel-try"),
    path("notices/channels/<int:channel>/messages/", channel_messages, name="channel-messages"),
]
