"""快递合同: the shop's contracts with what is left of their numbers; one contract's terms, and what it asks for a parcel."""

from collections.abc import Sequence
from datetime import datetime, time
from typing import Any, Final

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext, gettext_lazy
from django.views.decorators.http import require_POST

from fahuo.rules.contracts import SILENT_DAYS, VOIDED_DAYS, ContractData
from fahuo.rules.problems import Problem, Refusal
from fahuo.rules.regions import split_address
from fahuo.services import contracts as service
from fahuo.services.carriers import ordering
from fahuo.store.boards import contracts as boards
from fahuo.store.boards import stock as stock_boards
from fahuo.web import ui
from fahuo.web.access import ShopRequest, shop_page
from fahuo.web.contract_words import NUMBERS, SHIPS_AT, lasts
from fahuo.web.session import toast
from fahuo.web.shop import carriers

CHOSEN: Final = ("printer_id", "template_id", "carrier_account_id")
"""Fields of a contract that are another row's id."""


def day_start(request: HttpRequest, now: datetime) -> datetime:
    """When the shop's day began."""
    return timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)


def contract_of(request: ShopRequest, contract_id: int) -> Any:
    """The contract, or Http404 where the shop has none such."""
    try:
        return service.find(request.shop.id, contract_id)
    except Refusal as refusal:
        raise Http404(contract_id) from refusal


def frame(request: ShopRequest, contract: Any, tab: str) -> dict[str, Any]:
    """What every page of a contract shows: its name and tabs."""
    where = {"shop": request.shop.code, "contract_id": contract.id}
    named = [("terms", "contract", gettext("资料")), ("tariffs", "contract-tariffs", gettext("资费"))]
    if contract.numbers == "stock":
        named += [
            ("stock", "contract-stock", gettext("单号库存")), ("ledger", "contract-ledger", gettext("台账")),
        ]  # fmt: skip
    tabs = [ui.Tab(word, reverse(view, kwargs=where), active=tab == key) for key, view, word in named]
    return {
        "section": "batches", "contract": contract, "tabs": tabs, "tab": tab,
        "may_manage": request.actor.may("manage_contracts"), "may_buy": request.actor.may("buy_waybills"),
    }  # fmt: skip


@shop_page("view_contracts")
def listed(request: ShopRequest) -> HttpResponse:
    """The shop's contracts: what is left of their numbers, until when it lasts, what was taken today."""
    found = stock_boards.outlooks(
        request.shop.id, today=day_start(request, request.now), now=request.now, active=False
    )  # fmt: skip
    stock = {each.contract_id: each for each in found}
    rows: list[dict[str, Any]] = [
        {
            "contract": contract, "stock": stock.get(contract.id),
            "lasts": lasts(stock[contract.id].outlook, now=request.now) if contract.id in stock else None,
            "numbers": NUMBERS[contract.numbers], "ships_at": SHIPS_AT[contract.ships_at],
        }
        for contract in boards.contracts(request.shop.id)
    ]  # fmt: skip
    short = [row for row in rows if row["contract"].active and row["lasts"] and row["lasts"].tone in ("bad", "warn")]
    return render(request, "contracts/list.html", {
        "section": "batches", "rows": rows, "short": short, "may_manage": request.actor.may("manage_contracts"),
        "rule_count": boards.rule_count(request.shop.id),
    })  # fmt: skip


class ContractForm(forms.Form):
    """What a shop says of a contract. Pickup times are typed apart by commas; a region is typed as an address."""

    carrier = forms.ChoiceField(label=gettext_lazy("快递公司"))
    name = forms.CharField(
        label=gettext_lazy("合同名"), max_length=60, help_text=gettext_lazy("列表里这样叫它，如“中通西湖三部”")
    )
    branch = forms.CharField(label=gettext_lazy("网点"), required=False, max_length=100)
    account = forms.CharField(label=gettext_lazy("客户编号"), required=False, max_length=100)
    contact_name = forms.CharField(label=gettext_lazy("联系人"), required=False, max_length=60)
    contact_phone = forms.CharField(label=gettext_lazy("联系电话"), required=False, max_length=40)
    numbers = forms.ChoiceField(
        label=gettext_lazy("单号从哪里来"), choices=list(NUMBERS.items()), widget=forms.RadioSelect
    )
    carrier_account_id = forms.ChoiceField(
        label=gettext_lazy("快递接口账号"), required=False, help_text=gettext_lazy("向快递接口取号时，用这个账号"),
    )  # fmt: skip
    ships_at = forms.ChoiceField(
        label=gettext_lazy("什么时候算发货"), choices=list(SHIPS_AT.items()), widget=forms.RadioSelect,
        help_text=gettext_lazy("揽收才算发货的，单号不会在平台上晾着没有揽收记录"),
    )  # fmt: skip
    pickup_times = forms.CharField(
        label=gettext_lazy("每天揽收时间"), required=False, max_length=120, help_text=gettext_lazy("如 11:00, 16:30")
    )
    return_voided_days = forms.IntegerField(
        label=gettext_lazy("作废后几天回收"), required=False, min_value=1, max_value=365,
        help_text=gettext_lazy("没有轨迹的作废单号，快递公司几天后退回余额；没有这条约定就留空"),
    )  # fmt: skip
    return_silent_days = forms.IntegerField(
        label=gettext_lazy("不用几天回收"), required=False, min_value=1, max_value=365,
        help_text=gettext_lazy("取了号却一直没有轨迹的，几天后退回；没有这条约定就留空"),
    )  # fmt: skip
    sender_name = forms.CharField(label=gettext_lazy("寄件人"), required=False, max_length=60)
    sender_phone = forms.CharField(label=gettext_lazy("寄件电话"), required=False, max_length=40)
    sender_address = forms.CharField(label=gettext_lazy("寄件地址"), required=False, max_length=200)
    printer_id = forms.ChoiceField(label=gettext_lazy("打印机"), required=False)
    template_id = forms.ChoiceField(label=gettext_lazy("面单模板"), required=False)
    masked = forms.BooleanField(label=gettext_lazy("面单隐藏个人信息"), required=False)
    active = forms.BooleanField(label=gettext_lazy("正在使用"), required=False)

    def __init__(self, shop_id: int, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.choose("carrier", carriers())
        self.choose("carrier_account_id", [("", "—"), *((str(row.id), row.name) for row, _ in ordering(shop_id))])
        self.choose("printer_id", [("", "—"), *((str(row.id), row.name) for row in boards.printers(shop_id))])
        self.choose("template_id", [("", "—"), *((str(row.id), row.name) for row in boards.templates(shop_id))])

    def choose(self, name: str, choices: list[tuple[str, str]]) -> None:
        self.fields[name].choices = choices  # type: ignore[attr-defined]  # a ChoiceField

    def clean_pickup_times(self) -> tuple[time, ...]:
        """The times that were typed, whatever stands between them."""
        typed = self.cleaned_data["pickup_times"].replace("：", ":")
        words = typed.replace("，", " ").replace(",", " ").replace("、", " ").replace(";", " ").split()
        try:
            return tuple(sorted({time.fromisoformat(word.rjust(5, "0")) for word in words}))
        except ValueError as wrong:
            raise forms.ValidationError(gettext("看不懂的时间；请写成 16:30，几个时间用逗号分开")) from wrong

    def data_of(self) -> ContractData:
        """What the form says."""
        found = dict(self.cleaned_data)
        for name in CHOSEN:
            found[name] = int(found[name]) if found[name] else None
        found["sender_region"] = split_address(found["sender_address"]).region
        return ContractData(**found)


def initial_of(data: ContractData) -> dict[str, Any]:
    """A contract as its form shows it."""
    found = {name: getattr(data, name) for name in ContractData.__slots__}
    times = ", ".join(f"{at:%H:%M}" for at in data.pickup_times)
    return {**found, "pickup_times": times, **{name: str(found[name] or "") for name in CHOSEN}}


def _terms(request: ShopRequest, contract: Any | None) -> HttpResponse:
    fresh = ContractData("ZTO", "", return_voided_days=VOIDED_DAYS, return_silent_days=SILENT_DAYS)
    initial = initial_of(fresh if contract is None else service.data_of(contract))
    form = ContractForm(request.shop.id, request.POST if request.method == "POST" else None, initial=initial)
    problems: Sequence[Problem] = ()
    if request.method == "POST" and form.is_valid():
        try:
            kept = service.keep(
                request.actor, form.data_of(), contract_id=contract.id if contract else None, now=request.now
            )  # fmt: skip
        except Refusal as refusal:
            if refusal.problems[0].code == "not_permitted":
                raise
            problems = refusal.problems
        else:
            view = "contract" if contract else "contract-tariffs"
            said = gettext("合同已保存") if contract else gettext("合同已建好，接着填运费")
            return toast(request, redirect(view, shop=request.shop.code, contract_id=kept), said)
    context = frame(request, contract, "terms") if contract else {"section": "batches", "may_manage": True}
    context |= {"form": form, "problems": problems}
    return render(request, "contracts/contract.html", context, status=422 if form.is_bound else 200)


@shop_page("manage_contracts")
def new(request: ShopRequest) -> HttpResponse:
    """A new contract."""
    return _terms(request, None)


@shop_page("view_contracts")
def contract(request: ShopRequest, contract_id: int) -> HttpResponse:
    """A contract's terms."""
    if request.method == "POST":
        request.actor.require("manage_contracts")
    return _terms(request, contract_of(request, contract_id))


@shop_page("manage_contracts")
@require_POST
def first(request: ShopRequest, contract_id: int) -> HttpResponse:
    """Put a contract one place up."""
    ids = [row.id for row in boards.contracts(request.shop.id)]
    if contract_id not in ids:
        raise Http404(contract_id)
    service.place(request.actor, moved_up(ids, contract_id), now=request.now)
    return redirect("contracts", shop=request.shop.code)


def moved_up(ids: list[int], one: int) -> list[int]:
    """The ids with `one` a place further up."""
    at = ids.index(one)
    if at:
        ids[at - 1], ids[at] = ids[at], ids[at - 1]
    return ids


urlpatterns: list[URLPattern] = [
    path("contracts/", listed, name="contracts"),
    path("contracts/new/", new, name="contract-new"),
    path("contracts/<int:contract_id>/", contract, name="contract"),
    path("contracts/<int:contract_id>/up/", first, name="contract-up"),
]
