"""设置 → 快递接口: the shop's accounts with carriers' services, which rows wait and why, and whose numbers contracts use."""

from collections.abc import Sequence
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path
from django.utils.functional import Promise
from django.utils.translation import gettext, gettext_lazy
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST, require_safe

from fahuo.connectors.carriers import services
from fahuo.connectors.carrying import Service
from fahuo.rules.problems import Problem, Refusal
from fahuo.rules.shipments import carrier_name
from fahuo.services import carriers as service
from fahuo.web.access import ShopRequest, shop_page
from fahuo.web.pickups import CALLS
from fahuo.web.session import language_of, toast

STATES: dict[str, tuple[str | Promise, str, str]] = {
    "off": (gettext_lazy("已停用"), "quiet", "power-off"),
    "person": (gettext_lazy("要处理"), "bad", "triangle-alert"),
    "broken": (gettext_lazy("熔断中"), "bad", "unplug"),
    "slow": (gettext_lazy("稍后再试"), "warn", "clock"),
    "well": (gettext_lazy("正常"), "good", "check"),
    "new": (gettext_lazy("还没用过"), "quiet", "circle-dashed"),
}
"""How an account stands -> word, tone, drawing."""
ROWS: dict[str, tuple[str | Promise, str]] = {
    "waiting": (gettext_lazy("等着去取"), "plain"),
    "unknown": (gettext_lazy("结果未知，会再问"), "warn"),
    "refused": (gettext_lazy("被拒绝"), "bad"),
    "cancelling": (gettext_lazy("要退号"), "warn"),
}
"""State of an ordered number -> word, tone."""
ACTS: dict[str, str | Promise] = {
    "order": gettext_lazy("取号"), "cancel": gettext_lazy("退号"), "track": gettext_lazy("查轨迹"),
    "subscribe": gettext_lazy("订阅轨迹"), "pickup": gettext_lazy("叫揽收"), "call_off": gettext_lazy("取消揽收"), "check": gettext_lazy("试连"),
    "push": gettext_lazy("对方推送"),
}  # fmt: skip
HEARD: dict[str, tuple[str | Promise, str]] = {
    "done": (gettext_lazy("成功"), "good"), "partly": (gettext_lazy("一部分成功"), "warn"),
    "refused": (gettext_lazy("被拒绝"), "bad"), "limited": (gettext_lazy("被限流"), "warn"),
    "unauthorised": (gettext_lazy("账号不认"), "bad"), "unanswered": (gettext_lazy("没有应答"), "bad"),
    "pushed": (gettext_lazy("收到"), "good"),
}  # fmt: skip
"""What became of a call -> word, tone."""


def _name(request: ShopRequest, kind: Service | None) -> str:
    if kind is None:
        return "—"
    return kind.en if language_of(request) == "en" else kind.zh


def _card(request: ShopRequest, told: dict[str, Any]) -> dict[str, Any]:
    return {
        **told, "kind_name": _name(request, told["kind"]), "badge": STATES[told["state"]],
        "counts": [(ROWS[state][0], told["rows"][state]) for state in ROWS if told["rows"].get(state)],
        "can": [ACTS[act] for act in ACTS if told["kind"] and act in told["kind"].can and act != "check"],
    }  # fmt: skip


@shop_page("view_orders")
@require_safe
def accounts(request: ShopRequest) -> HttpResponse:
    """All accounts, and where the numbers of each contract come from."""
    language = language_of(request)
    cards = [_card(request, told) for told in service.overview(request.actor.shop_id)]
    contracts = [
        {
            "row": row, "carrier": carrier_name(row.carrier, language),
            "choices": [
                card["row"] for card in cards
                if card["kind"] and row.carrier in card["kind"].codes and "order" in card["kind"].can
            ],
        }
        for row in service.sources(request.actor.shop_id)
    ]  # fmt: skip
    return render(
        request, "carriers/list.html",
        {
            "section": "settings", "cards": cards, "contracts": contracts, "kinds": _kinds(request),
            "configures": request.actor.may("configure_shop"), "binds": request.actor.may("manage_contracts"),
        },
    )  # fmt: skip


def _kinds(request: ShopRequest) -> list[tuple[str, str]]:
    return [(kind.name, _name(request, kind)) for kind in services().values()]


@shop_page("view_orders")
@require_safe
def account(request: ShopRequest, account_id: int) -> HttpResponse:
    """One account: how it stands, which rows wait and why, its newest calls."""
    told = service.details(request.actor.shop_id, account_id)
    return render(
        request, "carriers/account.html",
        {
            "section": "settings", "card": _card(request, told),
            "open": [{"row": row, "word": ROWS[row.state]} for row in told["open"]], "lost": told["lost"],
            "pickups": [{"row": row, "word": CALLS[row.state]} for row in told["pickups"]],
            "calls": [{"row": row, "act": ACTS[row.act], "heard": HEARD[row.heard]} for row in told["calls"]],
            "push_address": _origin(request) + f"/{told['row'].push_key}/" if told["kind"] and told["kind"].pushes else "",
            "configures": request.actor.may("configure_shop"), "retries": request.actor.may("make_labels"),
        },
    )  # fmt: skip


def _origin(request: ShopRequest) -> str:
    """How the outside names the shop's door for pushes."""
    return request.build_absolute_uri(f"/push/carriers/{request.shop.code}")


def _form(
    request: ShopRequest, kind: Service, row: Any | None, problems: Sequence[Problem] = ()
) -> HttpResponse:  # fmt: skip
    typed, english = request.method == "POST", language_of(request) == "en"
    shown = row.shown if row else {}
    fields = [
        {
            "name": field.name, "label": field.en if english else field.zh, "required": field.required,
            "hint": field.hint_en if english else field.hint_zh, "choices": field.choices, "secret": field.secret,
            "kept": field.secret and bool(shown.get(field.name)),
            "value": "" if field.secret else request.POST.get(field.name, "") if typed else shown.get(field.name) or field.default,
        }
        for field in kind.fields
    ]  # fmt: skip
    return render(
        request, "carriers/form.html",
        {
            "section": "settings", "kind": kind, "kind_name": _name(request, kind), "row": row, "fields": fields,
            "problems": problems, "name": request.POST.get("name", "") if typed else row.name if row else _name(request, kind),
            "tracks": "tracks" in request.POST if typed else row.tracks if row else True, "can_track": "track" in kind.can,
            "active": "active" in request.POST if typed else row.active if row else True,
        },
        status=422 if problems else 200,
    )  # fmt: skip


def _typed(request: ShopRequest, kind: Service) -> dict[str, str]:
    return {field.name: request.POST.get(field.name, "") for field in kind.fields}


def _slips(refusal: Refusal) -> Sequence[Problem]:
    """What was typed wrong; anything else goes on up."""
    if refusal.problems[0].code in ("not_permitted", "carrier_account_unknown"):
        raise refusal
    return refusal.problems


@shop_page("configure_shop")
@sensitive_post_parameters()
def new(request: ShopRequest) -> HttpResponse:
    """A new account of the kind that the address names."""
    kind = service.kind_of(request.POST.get("kind") or request.GET.get("kind", "sf"))
    if request.method != "POST":
        return _form(request, kind, None)
    try:
        made = service.open_account(
            request.actor, kind.name, request.POST.get("name", ""), _typed(request, kind),
            tracks="tracks" in request.POST, origin=_origin(request), now=request.now,
        )  # fmt: skip
    except Refusal as refusal:
        return _form(request, kind, None, _slips(refusal))
    return toast(request, redirect("carrier-account", shop=request.shop.code, account_id=made), gettext("已添加"))


@shop_page("configure_shop")
@sensitive_post_parameters()
def edit(request: ShopRequest, account_id: int) -> HttpResponse:
    """Change an account; secrets that are left empty stay."""
    row = service.mine(request.actor, account_id)
    kind = service.kind_of(row.kind)
    if request.method != "POST":
        return _form(request, kind, row)
    try:
        service.change(
            request.actor, account_id, request.POST.get("name", ""), _typed(request, kind),
            active="active" in request.POST, tracks="tracks" in request.POST, origin=_origin(request), now=request.now,
        )  # fmt: skip
    except Refusal as refusal:
        return _form(request, kind, row, _slips(refusal))
    return _back(request, account_id, gettext("已保存"))


def _back(request: ShopRequest, account_id: int, said: str) -> HttpResponse:
    return toast(request, redirect("carrier-account", shop=request.shop.code, account_id=account_id), said)


@shop_page("configure_shop")
@require_POST
def try_out(request: ShopRequest, account_id: int) -> HttpResponse:
    """Ask the service whether it knows the account."""
    try:
        told = service.try_out(request.actor, account_id, now=request.now)
    except Refusal as refusal:
        return _back(request, account_id, _slips(refusal)[0].sentence(language_of(request)))
    return _back(request, account_id, gettext("连上了（{code}）").format(code=told))


@shop_page("configure_shop")
@require_POST
def drop(request: ShopRequest, account_id: int) -> HttpResponse:
    """Take an account away."""
    service.drop(request.actor, account_id, now=request.now)
    return toast(request, redirect("carrier-accounts", shop=request.shop.code), gettext("已删除"))


def _row_id(request: ShopRequest) -> int | None:
    text = request.POST.get("row", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None


@shop_page("make_labels")
@require_POST
def again(request: ShopRequest, account_id: int) -> HttpResponse:
    """Ask again for one row, or for all."""
    count = service.again(request.actor, account_id, _row_id(request), now=request.now)
    return _back(request, account_id, gettext("马上再问：{n} 行").format(n=count))


@shop_page("make_labels")
@require_POST
def give_up(request: ShopRequest, account_id: int) -> HttpResponse:
    """A person has settled a row."""
    moved = service.give_up(request.actor, account_id, _row_id(request) or 0, now=request.now)
    return _back(request, account_id, gettext("已了结") if moved else gettext("结果未知的不能了结，先再问一次"))


@shop_page("manage_contracts")
@require_POST
def bind(request: ShopRequest) -> HttpResponse:
    """Let a contract's numbers come from an account, or from its courier again."""
    contract, chosen = request.POST.get("contract", ""), request.POST.get("account", "")
    ids = [int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0 for text in (contract, chosen)]
    service.bind(request.actor, ids[0], ids[1] or None, now=request.now)
    return toast(request, redirect("carrier-accounts", shop=request.shop.code), gettext("已保存"))


urlpatterns: list[URLPattern] = [
    path("settings/carriers/", accounts, name="carrier-accounts"),
    path("settings/carriers/new/", new, name="carrier-account-new"),
    path("settings/carriers/bind/", bind, name="carrier-bind"),
    path("settings/carriers/<int:account_id>/", account, name="carrier-account"),
    path("settings/carriers/<int:account_id>/edit/", edit, name="carrier-account-edit"),
    path("settings/carriers/<int:account_id>/try/", try_out, name="carrier-account-try"),
    path("settings/carriers/<int:account_id>/drop/", drop, name="carrier-account-drop"),
    path("settings/carriers/<int:account_id>/again/", again, name="carrier-account-again"),
    path("settings/carriers/<int:account_id>/settle/", give_up, name="carrier-account-settle"),
]
