"""账号 → 快递员账号: who may fetch, print and ship what is handed to a contract, and who did how much today."""

from collections.abc import Sequence
from functools import partial
from typing import Any

from django import forms
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext, gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from fahuo.rules.problems import Problem, Refusal
from fahuo.rules.signin import FRESH
from fahuo.services import couriers as service
from fahuo.services import invitations
from fahuo.store import couriers as accounts
from fahuo.store.boards import couriers as board
from fahuo.web.access import ShopRequest, fresh, shop_page
from fahuo.web.invites import framed, link_shown, link_withdrawn
from fahuo.web.session import toast
from fahuo.web.ui import Tab


def tabs(code: str, current: str) -> list[Tab]:
    """账号 has two kinds of people: those of the shop, and the carriers' couriers."""
    return [
        Tab(gettext("子账号"), reverse("people", kwargs={"shop": code}), active=current == "people"),
        Tab(gettext("快递员账号"), reverse("couriers", kwargs={"shop": code}), active=current == "couriers"),
    ]


class CourierForm(forms.Form):
    """What a shop knows of a courier."""

    name = forms.CharField(label=gettext_lazy("姓名"), max_length=40)
    phone = forms.CharField(label=gettext_lazy("电话"), max_length=26, required=False)
    contract = forms.TypedChoiceField(label=gettext_lazy("合同"), coerce=int)

    def __init__(self, contracts: Sequence[Any], *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["contract"].choices = [(row.id, row.name) for row in contracts]  # type: ignore[attr-defined]


class NewCourierForm(CourierForm):
    """A courier to invite: a new sign-in `shop:account`, or somebody who can sign in already."""

    account = forms.CharField(label=gettext_lazy("账号名"), max_length=80)
    existing = forms.BooleanField(label=gettext_lazy("这个人已经有登录账号"), required=False)
    field_order = ("account", "existing", "name", "phone", "contract")


_page = partial(framed, "couriers")


@shop_page("manage_couriers")
@require_GET
def listed(request: ShopRequest) -> HttpResponse:
    """All couriers of the shop, and which contracts hand over by themselves."""
    rows = service.listed(request.actor)
    midnight = timezone.localtime(request.now).replace(hour=0, minute=0, second=0, microsecond=0)
    done = board.done_since(request.shop.id, [row.id for row in rows], midnight)
    held = board.in_hand(request.shop.id)
    return render(request, "couriers/list.html", {
        "section": "people", "tabs": tabs(request.shop.code, "couriers"),
        "couriers": [(row, done[row.id], held.get(row.contract_id, 0)) for row in rows],
        "contracts": [(row, held.get(row.id, 0)) for row in accounts.contracts(request.shop.id)],
    })  # fmt: skip


def _new_page(request: ShopRequest, form: NewCourierForm, problems: Sequence[Problem] = ()) -> HttpResponse:
    contracts = accounts.contracts(request.shop.id)
    return _page(
        request, "couriers/new.html", 422 if form.is_bound else 200, form=form, problems=problems,
        contracts=contracts, prefix=f"{request.shop.code}:",
    )  # fmt: skip


@shop_page("manage_couriers")
@fresh(FRESH)
def new(request: ShopRequest) -> HttpResponse:
    """Invite a courier; the link by which a new person chooses a password is shown once."""
    form = NewCourierForm(accounts.contracts(request.shop.id), request.POST or None)
    if request.method != "POST" or not form.is_valid():
        return _new_page(request, form)
    given = form.cleaned_data
    username = given["account"] if given["existing"] else f"{request.shop.code}:{given['account']}"
    try:
        made, _ = service.invite(
            request.actor, username=username, name=given["name"], phone=given["phone"], contract_id=given["contract"],
            existing=given["existing"], password=None, now=request.now,
        )  # fmt: skip
    except Refusal as refusal:
        return _new_page(request, form, refusal.problems)
    if given["existing"]:
        answer = redirect("couriers", shop=request.shop.code)
        return toast(request, answer, gettext("“{name}”现在可以用自己的账号进来").format(name=given["name"]))
    return _link(request, made, given["name"], username, new=True)


def _link(request: ShopRequest, courier: int, name: str, username: str, *, new: bool = False) -> HttpResponse:
    """A link to choose a password by, shown once."""
    token = invitations.for_courier(request.actor, courier, now=request.now)
    return link_shown("couriers", request, token, name=name, username=username, new=new)


def _courier(request: ShopRequest, courier: int) -> Any:
    try:
        return service.one(request.actor, courier)
    except Refusal as refusal:
        raise Http404(str(courier)) from refusal


@shop_page("manage_couriers")
def one(request: ShopRequest, courier: int) -> HttpResponse:
    """One courier: name, phone, contract, password, whether the account is open."""
    row = _courier(request, courier)
    contracts = accounts.contracts(request.shop.id)
    initial = {"name": row.name, "phone": row.phone, "contract": row.contract_id}
    form = CourierForm(contracts, request.POST or None, initial=initial)
    problems: Sequence[Problem] = ()
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            service.change(
                request.actor, courier, name=given["name"], phone=given["phone"], contract_id=given["contract"],
                now=request.now,
            )  # fmt: skip
        except Refusal as refusal:
            problems = refusal.problems
        else:
            said = gettext("已保存“{name}”").format(name=given["name"])
            return toast(request, redirect("couriers", shop=request.shop.code), said)
    return _page(
        request, "couriers/courier.html", 422 if form.is_bound else 200, form=form, courier=row, problems=problems,
        in_hand=board.in_hand(request.shop.id).get(row.contract_id, 0),
        waiting=invitations.waiting([row.user_id], now=request.now).get(row.user_id),
    )  # fmt: skip


@shop_page("manage_couriers")
@require_POST
@fresh(FRESH)
def close(request: ShopRequest, courier: int) -> HttpResponse:
    """Shut a courier out at his next tap; undo lets him in again."""
    row = _courier(request, courier)
    service.close(request.actor, courier, now=request.now)
    undo = reverse("couriers-open", kwargs={"shop": request.shop.code, "courier": courier})
    said = gettext("“{name}”的账号已关闭，他下一次点击就进不来了").format(name=row.name)
    return toast(request, redirect("couriers", shop=request.shop.code), said, undo=undo)


@shop_page("manage_couriers")
@require_POST
def reopen(request: ShopRequest, courier: int) -> HttpResponse:
    """Let a courier in again."""
    row = _courier(request, courier)
    service.reopen(request.actor, courier, now=request.now)
    answer = redirect("couriers", shop=request.shop.code)
    return toast(request, answer, gettext("“{name}”的账号已恢复").format(name=row.name))


@shop_page("manage_couriers")
@require_POST
@fresh(FRESH)
def password(request: ShopRequest, courier: int) -> HttpResponse:
    """A new password for a courier, shown once."""
    row = _courier(request, courier)
    word = service.reset_password(request.actor, courier, now=request.now)
    return _page(request, "couriers/secret.html", name=row.name, username=row.username, password=word, fresh=False)


@shop_page("manage_couriers")
@require_POST
@fresh(FRESH)
def link(request: ShopRequest, courier: int) -> HttpResponse:
    """A link by which a courier chooses a password, shown once; links made before open nothing any more."""
    row = _courier(request, courier)
    return _link(request, courier, row.name, row.username)


@shop_page("manage_couriers")
@require_POST
def unlink(request: ShopRequest, courier: int) -> HttpResponse:
    """Withdraw the link that waits."""
    row = _courier(request, courier)
    moved = invitations.revoke_courier(request.actor, courier, now=request.now)
    return link_withdrawn("couriers", request, moved, name=row.name)


@shop_page("manage_couriers")
@require_POST
def by_itself(request: ShopRequest, contract: int) -> HttpResponse:
    """Let a contract hand its orders to its couriers by themselves, or not (`on` absent)."""
    hands_over = request.POST.get("on") == "1"
    service.set_hands_over(request.actor, contract, hands_over, now=request.now)
    said = (
        gettext("以后分到这份合同的订单，会自动交给快递员") if hands_over else gettext("以后要手动交给这份合同的快递员")
    )
    return toast(request, redirect("couriers", shop=request.shop.code), said)


urlpatterns: list[URLPattern] = [
    path("people/couriers/", listed, name="couriers"),
    path("people/couriers/new/", new, name="couriers-new"),
    path("people/couriers/<int:courier>/", one, name="couriers-one"),
    path("people/couriers/<int:courier>/close/", close, name="couriers-close"),
    path("people/couriers/<int:courier>/open/", reopen, name="couriers-open"),
    path("people/couriers/<int:courier>/password/", password, name="couriers-password"),
    path("people/couriers/<int:courier>/link/", link, name="couriers-link"),
    path("people/couriers/<int:courier>/unlink/", unlink, name="couriers-unlink"),
    path("people/couriers/contracts/<int:contract>/", by_itself, name="couriers-auto"),
]
