"""设置: what the shop says about itself, its sheet templates, and the columns it mapped."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from django import forms
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import URLPattern, path
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext, gettext_lazy
from django.views.decorators.http import require_POST

from fahuo.rules.carriers import CARRIERS
from fahuo.rules.problems import Problem, Refusal
from fahuo.rules.regions import name_of, split_address
from fahuo.services import papers
from fahuo.services import settings as service
from fahuo.web.access import ShopRequest, shop_page
from fahuo.web.session import toast

FIELD_WORDS: Final[Mapping[str, str | Promise]] = {
    "row": gettext_lazy("序号"),
    "number": gettext_lazy("订单编号"),
    "receiver": gettext_lazy("收件人"),
    "phone": gettext_lazy("电话（含分机）"),
    "phone_plain": gettext_lazy("电话（不含分机）"),
    "phone_extension": gettext_lazy("分机号"),
    "province": gettext_lazy("省"),
    "city": gettext_lazy("市"),
    "district": gettext_lazy("区县"),
    "address": gettext_lazy("详细地址"),
    "full_address": gettext_lazy("完整地址"),
    "postcode": gettext_lazy("邮编"),
    "goods": gettext_lazy("物品"),
    "quantity": gettext_lazy("数量"),
    "memo": gettext_lazy("备注"),
    "buyer": gettext_lazy("买家会员名"),
    "buyer_message": gettext_lazy("买家留言"),
    "carrier": gettext_lazy("快递公司名称"),
    "carrier_code": gettext_lazy("快递公司代码"),
    "waybill": gettext_lazy("运单号"),
    "sender_name": gettext_lazy("寄件人"),
    "sender_phone": gettext_lazy("寄件电话"),
    "sender_address": gettext_lazy("寄件地址"),
    "blank": gettext_lazy("留空"),
}
"""What a column of a template may hold, in words."""

PURPOSE_WORDS: Final[Mapping[str, str | Promise]] = {
    "address": gettext_lazy("给快递公司的地址表"),
    "upload": gettext_lazy("平台批量发货文件"),
}
SPARE: Final = 6
"""Empty rows under the columns of a template."""


def carriers() -> list[tuple[str, str]]:
    """Carriers by code, in the page's language."""
    english = (get_language() or "").startswith("en")
    return [(code, carrier.en if english else carrier.zh) for code, carrier in CARRIERS.items()]


class ShopForm(forms.Form):
    """What the shop says about itself. The place to ship from is typed as an address and kept as its region."""

    name = forms.CharField(label=gettext_lazy("店铺名"), max_length=60)
    ship_from = forms.CharField(
        label=gettext_lazy("默认发货地"), required=False, max_length=120,
        help_text=gettext_lazy("写到区县，如“浙江省杭州市西湖区”。用来判断疫情、灾害等免责地区"),
    )  # fmt: skip
    promise_hours = forms.IntegerField(
        label=gettext_lazy("承诺发货时间（小时）"), required=False, min_value=1, max_value=360,
        help_text=gettext_lazy("留空按平台规则（付款后 48 小时）。只影响以后导入的订单"),
    )  # fmt: skip
    default_carrier = forms.ChoiceField(label=gettext_lazy("默认快递"), required=False)
    sender_name = forms.CharField(label=gettext_lazy("寄件人"), required=False, max_length=60)
    sender_phone = forms.CharField(label=gettext_lazy("寄件电话"), required=False, max_length=40)
    sender_address = forms.CharField(
        label=gettext_lazy("寄件地址"), required=False, max_length=200, widget=forms.Textarea(attrs={"rows": 2}),
        help_text=gettext_lazy("印在发件单上，也填进给快递公司的地址表"),
    )  # fmt: skip

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        choices = forms.ChoiceField(choices=[("", "—"), *carriers()]).choices
        self.fields["default_carrier"].choices = choices  # type: ignore[attr-defined]  # a ChoiceField, as above

    def clean_ship_from(self) -> str:
        """The region code of what was typed."""
        typed = self.cleaned_data["ship_from"].strip()
        if not typed:
            return ""
        region = typed if typed.isdigit() and name_of(typed) else split_address(typed).region
        if not region:
            raise forms.ValidationError(gettext("认不出这个地方，请从省写起，如“浙江省杭州市西湖区”"))
        return region


def _shop_form(request: ShopRequest, data: QueryDict | None) -> ShopForm:
    row = service.shop_data(request.shop.id)
    initial = {name: getattr(row, name) for name in ShopForm.base_fields}
    initial["ship_from"] = name_of(row.ship_from) if row.ship_from else ""
    return ShopForm(data, initial=initial)


@shop_page("configure_shop")
def settings(request: ShopRequest) -> HttpResponse:
    """The shop's own data, and the lists of what it keeps."""
    form = _shop_form(request, request.POST if request.method == "POST" else None)
    problems: Sequence[Problem] = ()
    if request.method == "POST" and form.is_valid():
        try:
            service.set_shop(request.actor, service.ShopData(**form.cleaned_data), now=request.now)
        except Refusal as refusal:
            problems = refusal.problems
        else:
            return toast(request, redirect("settings", shop=request.shop.code), gettext("已保存店铺设置"))
    return render(request, "people/settings.html", {
        "section": "settings", "form": form, "problems": problems, "purposes": PURPOSE_WORDS,
        "templates": service.sheet_templates(request.shop.id), "maps": service.column_maps(request.shop.id),
    }, status=422 if form.is_bound else 200)  # fmt: skip


def _template(request: ShopRequest, template: int | None) -> dict[str, Any]:
    """A kept template as the form shows it; a fresh one begins with the columns everybody needs."""
    if template is None:
        purpose = "upload" if request.GET.get("purpose") == "upload" else "address"
        columns = papers.UPLOAD_COLUMNS if purpose == "upload" else papers.ADDRESS_COLUMNS
        return {"name": "", "purpose": purpose, "carrier": "", "format": "xlsx", "columns": columns}
    for row in service.sheet_templates(request.shop.id):
        if row.id == template:
            return {name: getattr(row, name) for name in ("name", "purpose", "carrier", "format", "columns")}
    raise Http404(str(template))


def _typed(post: QueryDict) -> dict[str, Any]:
    """A template as it was typed: rows without a heading are no columns."""
    pairs = zip(post.getlist("heading"), post.getlist("field"), strict=False)
    columns = [(heading.strip(), field) for heading, field in pairs if heading.strip()]
    return {name: post.get(name, "") for name in ("name", "purpose", "carrier", "format")} | {"columns": columns}


def _template_page(
    request: ShopRequest, template: int | None, shown: Mapping[str, Any], problems: Sequence[Problem]
) -> HttpResponse:
    fields = papers.UPLOAD_FIELDS if shown["purpose"] == "upload" else papers.ADDRESS_FIELDS
    return render(request, "people/template.html", {
        "section": "settings", "template": template, "shown": shown, "problems": problems,
        "rows": [*shown["columns"], *[("", "blank")] * SPARE], "purposes": PURPOSE_WORDS, "carriers": carriers(),
        "fields": [(name, FIELD_WORDS.get(name, name)) for name in fields],
    }, status=422 if problems else 200)  # fmt: skip


@shop_page("configure_shop")
def template(request: ShopRequest, template: int | None = None) -> HttpResponse:
    """One template: its name, for whom, and its columns."""
    shown = _template(request, template)
    if request.method != "POST":
        return _template_page(request, template, shown, ())
    typed = _typed(request.POST)
    if template is not None:
        typed["purpose"] = shown["purpose"]
    fields = papers.UPLOAD_FIELDS if typed["purpose"] == "upload" else papers.ADDRESS_FIELDS
    try:
        service.keep_template(
            request.actor, service.SheetTemplate(**typed), fields=list(fields), template_id=template, now=request.now
        )  # fmt: skip
    except Refusal as refusal:
        return _template_page(request, template, typed, refusal.problems)
    said = gettext("已保存模板“{name}”").format(name=typed["name"])
    return toast(request, redirect("settings", shop=request.shop.code), said)


@shop_page("configure_shop")
@require_POST
def drop_template(request: ShopRequest, template: int) -> HttpResponse:
    """Forget a template."""
    service.drop_template(request.actor, template, now=request.now)
    return toast(request, redirect("settings", shop=request.shop.code), gettext("已删除模板"))


@shop_page("configure_shop")
@require_POST
def forget_map(request: ShopRequest, columns: int) -> HttpResponse:
    """Forget what the columns of one kind of sheet mean."""
    service.forget_map(request.actor, columns, now=request.now)
    said = gettext("已忘记，下次上传这种表会再问一次")
    return toast(request, redirect("settings", shop=request.shop.code), said)


urlpatterns: list[URLPattern] = [
    path("settings/", settings, name="settings"),
    path("settings/templates/new/", template, name="template_new"),
    path("settings/templates/<int:template>/", template, name="template"),
    path("settings/templates/<int:template>/drop/", drop_template, name="template_drop"),
    path("settings/columns/<int:columns>/forget/", forget_map, name="column_map_forget"),
]
