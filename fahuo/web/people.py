"""账号: who serves this shop, and what each may do."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any

from django import forms
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path
from django.utils.functional import Promise
from django.utils.translation import gettext, gettext_lazy
from django.views.decorators.http import require_POST

from fahuo.rules.people import PERMISSIONS
from fahuo.rules.problems import Problem, Refusal
from fahuo.rules.reminders import day_of
from fahuo.rules.signin import FRESH
from fahuo.services import factors, invitations, reminders, signin
from fahuo.services import people as service
from fahuo.store.boards.notices import subscribers
from fahuo.web import couriers
from fahuo.web.access import ShopRequest, fresh, shop_page
from fahuo.web.invites import framed, link_shown, link_withdrawn
from fahuo.web.notices import WAYS
from fahuo.web.session import toast

WORDS: dict[str, tuple[str | Promise, str | Promise]] = {
    "ship": (gettext_lazy("发货"), gettext_lazy("导入订单，填单号发货，改单号，批量发货")),
    "print": (gettext_lazy("打印"), gettext_lazy("取号打面单、补打、作废，管打印机和模板，打印单据")),
    "export": (gettext_lazy("导出"), gettext_lazy("看完整的收件人和电话，导出地址表；每次都留痕")),
    "messages": (gettext_lazy("客服"), gettext_lazy("改备注和旗子，登记和买家约定的发货时间")),
    "tasks": (gettext_lazy("平台任务"), gettext_lazy("查看和回复平台任务")),
    "finance": (gettext_lazy("财务"), gettext_lazy("查看赔付")),
    "people": (gettext_lazy("账号"), gettext_lazy("管理子账号，改店铺设置")),
}
"""Permission -> its name and what it opens, in the seller's words."""


GUESSED = timedelta(days=7)
"""How long the page says that somebody guessed at a password."""


@dataclass(frozen=True, slots=True)
class Branch:
    """A branch of the tree of permissions, as sellers know it: more branches, then permissions."""

    name: str | Promise
    branches: tuple["Branch", ...] = ()
    grants: tuple[str, ...] = ()


TREE: tuple[Branch, ...] = (
    Branch(
        gettext_lazy("客户服务平台权限"),
        (
            Branch(gettext_lazy("服务待办"), grants=("tasks",)),
            Branch(gettext_lazy("接待"), grants=("messages",)),
        ),
    ),
    Branch(
        gettext_lazy("交易管理权限"),
        (
            Branch(gettext_lazy("发货管理"), grants=("ship", "print")),
            Branch(gettext_lazy("订单数据"), grants=("export",)),
        ),
    ),
    Branch(gettext_lazy("财务权限"), grants=("finance",)),
    Branch(gettext_lazy("店铺管理权限"), (Branch(gettext_lazy("子账号管理"), grants=("people",)),)),
)
"""Where sellers look for each permission, under 子账号管理."""


class MemberForm(forms.Form):
    """A sub-account: its name and what it may do."""

    name = forms.CharField(label=gettext_lazy("姓名"), max_length=40)
    permissions = forms.MultipleChoiceField(
        label=gettext_lazy("权限"), choices=list(PERMISSIONS.items()), required=False
    )


class NewMemberForm(MemberForm):
    """A sub-account to add; it signs in as `shop:account`."""

    account = forms.RegexField(
        r"^[\w.-]{1,30}\Z", label=gettext_lazy("账号名"),
        error_messages={"invalid": gettext_lazy("账号名最多 30 个字，只能用文字、数字、点和短横线")},
    )  # fmt: skip
    field_order = ("account", "name", "permissions")


def _choices(
    request: ShopRequest, chosen: Sequence[str], tree: Sequence[Branch] = TREE, path: str = ""
) -> list[dict[str, Any]]:  # fmt: skip
    """The tree of permissions with what they open; those the actor does not hold cannot be handed out."""
    held = request.actor
    found = []
    for branch in tree:
        way = f"{path} → {branch.name}" if path else str(branch.name)
        grants = [
            {
                "name": name, "label": WORDS[name][0], "hint": WORDS[name][1], "chosen": name in chosen, "path": way,
                "fixed": not (held.is_owner or name in held.permissions),
            }
            for name in branch.grants
        ]  # fmt: skip
        found.append(
            {"name": branch.name, "grants": grants, "branches": _choices(request, chosen, branch.branches, way)}
        )
    return found


def _reminded(request: ShopRequest) -> dict[str, Any]:
    """Who subscribed and was reminded how often today: account -> boards.notices.Subscriber; and the most of a day."""
    shop_id = request.actor.shop_id
    today = day_of(request.now, request.shop.time_zone)
    return {
        "reminded": {one.id: one for one in subscribers(shop_id, today)},
        "most": reminders.per_day(shop_id, now=request.now),
    }


_page = partial(framed, "people")


@shop_page("manage_people")
def listed(request: ShopRequest) -> HttpResponse:
    """All accounts of the shop."""
    reminded = _reminded(request)
    rows = [(member, reminded["reminded"].get(member.id)) for member in service.members(request.actor)]
    words = {"section": "people", "members": rows, "most": reminded["most"], **_safety(request, rows)}
    return render(request, "people/list.html", {**words, "tabs": couriers.tabs(request.shop.code, "people")})


def _safety(request: ShopRequest, rows: Sequence[Any]) -> dict[str, Any]:
    """Who has not chosen a password yet, and whose was guessed at in the last week."""
    ids = [member.user_id for member, _ in rows]
    since = request.now - GUESSED
    return {
        "waiting": invitations.waiting(ids, now=request.now),
        "guessed": signin.guessed(ids, since=since),
    }


def _new_page(request: ShopRequest, form: NewMemberForm, problems: Sequence[Problem] = ()) -> HttpResponse:
    chosen = form["permissions"].value() or []
    status = 422 if form.is_bound else 200
    return _page(
        request, "people/new.html", status, form=form, choices=_choices(request, chosen), problems=problems,
        prefix=f"{request.shop.code}:",
    )  # fmt: skip


@shop_page("manage_people")
@fresh(FRESH)
def new(request: ShopRequest) -> HttpResponse:
    """Add a sub-account; the link by which the person chooses a password is shown once."""
    form = NewMemberForm(request.POST or None, initial={"permissions": ["ship", "print"]})
    if request.method != "POST" or not form.is_valid():
        return _new_page(request, form)
    username = f"{request.shop.code}:{form.cleaned_data['account']}"
    name, permissions = form.cleaned_data["name"], form.cleaned_data["permissions"]
    try:
        made, _ = service.invite(
            request.actor, username=username, name=name, permissions=permissions, password=None, now=request.now
        )  # fmt: skip
    except Refusal as refusal:
        return _new_page(request, form, refusal.problems)
    return _link(request, made, name, username, new=True)


def _link(request: ShopRequest, member: int, name: str, username: str, *, new: bool = False) -> HttpResponse:
    """A link to choose a password by, shown once."""
    token = invitations.for_member(request.actor, member, now=request.now)
    return link_shown("people", request, token, name=name, username=username, new=new)


def _member(request: ShopRequest, member: int) -> Any:
    found = next((row for row in service.members(request.actor) if row.id == member), None)
    if found is None:
        raise Http404(str(member))
    return found


@shop_page("manage_people")
def one(request: ShopRequest, member: int) -> HttpResponse:
    """One account: what it may do, its password, whether it is on."""
    row = _member(request, member)
    reminded = _reminded(request)
    form = MemberForm(request.POST or None, initial={"name": row.name, "permissions": row.permissions})
    problems: Sequence[Problem] = ()
    if request.method == "POST" and form.is_valid():
        try:
            service.grant(
                request.actor, member, form.cleaned_data["permissions"], name=form.cleaned_data["name"], now=request.now
            )  # fmt: skip
        except Refusal as refusal:
            problems = refusal.problems
        else:
            said = gettext("已保存“{name}”的权限").format(name=form.cleaned_data["name"])
            return toast(request, redirect("people", shop=request.shop.code), said)
    return _page(
        request, "people/member.html", 422 if form.is_bound else 200, form=form, member=row, problems=problems,
        choices=_choices(request, form["permissions"].value() or []),
        fixed=row.is_owner or row.id == request.actor.member_id, one=reminded["reminded"].get(row.id),
        most=reminded["most"], ways=WAYS, waiting=invitations.waiting([row.user_id], now=request.now).get(row.user_id),
    )  # fmt: skip


@shop_page("manage_people")
@require_POST
@fresh(FRESH)
def switch_off(request: ShopRequest, member: int) -> HttpResponse:
    """Close the shop to a sub-account; undo lets it in again."""
    row = _member(request, member)
    service.deactivate(request.actor, member, now=request.now)
    answer = redirect("people", shop=request.shop.code)
    undo = f"/s/{request.shop.code}/people/{member}/on/"
    return toast(request, answer, gettext("“{name}”已停用，立刻不能再进店").format(name=row.name), undo=undo)


@shop_page("manage_people")
@require_POST
def switch_on(request: ShopRequest, member: int) -> HttpResponse:
    """Let a sub-account in again."""
    row = _member(request, member)
    service.reactivate(request.actor, member, now=request.now)
    answer = redirect("people", shop=request.shop.code)
    return toast(request, answer, gettext("“{name}”已恢复").format(name=row.name))


@shop_page("manage_people")
@require_POST
@fresh(FRESH)
def link(request: ShopRequest, member: int) -> HttpResponse:
    """A link by which a sub-account chooses a password, shown once; links made before open nothing any more."""
    row = _member(request, member)
    return _link(request, member, row.name, row.username)


@shop_page("manage_people")
@require_POST
def unlink(request: ShopRequest, member: int) -> HttpResponse:
    """Withdraw the link that waits."""
    row = _member(request, member)
    moved = invitations.revoke_member(request.actor, member, now=request.now)
    return link_withdrawn("people", request, moved, name=row.name)


@shop_page("manage_people")
@require_POST
@fresh(FRESH)
def factors_off(request: ShopRequest, member: int) -> HttpResponse:
    """Take a sub-account's second factors away: the phone was lost."""
    row = _member(request, member)
    factors.reset(request.actor, member, now=request.now)
    said = gettext("“{name}”的第二重验证已重置").format(name=row.name)
    return toast(request, redirect("people", shop=request.shop.code), said)


@shop_page("manage_people")
@require_POST
@fresh(FRESH)
def need_factor(request: ShopRequest) -> HttpResponse:
    """Ask every account of the shop for a second factor, or not (`on` absent)."""
    needed = request.POST.get("on") == "1"
    service.set_second_factor(request.actor, needed, now=request.now)
    said = gettext("以后每个账号都要第二重验证才能进店") if needed else gettext("不再要求第二重验证")
    return toast(request, redirect("people", shop=request.shop.code), said)


@shop_page("manage_people")
@require_POST
@fresh(FRESH)
def reset(request: ShopRequest, member: int) -> HttpResponse:
    """A new first password for a sub-account, shown once."""
    row = _member(request, member)
    password = service.reset_password(request.actor, member, now=request.now)
    return _page(request, "people/secret.html", name=row.name, username=row.username, password=password, fresh=False)


urlpatterns: list[URLPattern] = [
    path("people/", listed, name="people"),
    path("people/new/", new, name="person_new"),
    path("people/<int:member>/", one, name="person"),
    path("people/<int:member>/off/", switch_off, name="person_off"),
    path("people/<int:member>/on/", switch_on, name="person_on"),
    path("people/<int:member>/password/", reset, name="person_password"),
    path("people/<int:member>/link/", link, name="person_link"),
    path("people/<int:member>/unlink/", unlink, name="person_unlink"),
    path("people/<int:member>/factors/", factors_off, name="person_factors"),
    path("people/second-factor/", need_factor, name="people_factor"),
    *couriers.urlpatterns,
]
