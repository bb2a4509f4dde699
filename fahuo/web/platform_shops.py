"""店铺: every shop with how it stands; and a new one with its main account."""

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from django import forms
from django.http import HttpResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext, gettext_lazy
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET

from fahuo.rules.problems import Problem, Refusal
from fahuo.services import people
from fahuo.store.boards import platform_numbers as boards
from fahuo.web import ui
from fahuo.web.access import PlatformRequest
from fahuo.web.platform_frame import PLATFORMS, ZONE, desk, page


class ShopForm(forms.Form):
    """A new shop and its main account."""

    code = forms.CharField(
        label=gettext_lazy("店铺代号"), max_length=40, help_text=gettext_lazy("用在网址里：小写字母、数字和“-”")
    )
    name = forms.CharField(label=gettext_lazy("店铺名称"), max_length=60)
    platform = forms.ChoiceField(label=gettext_lazy("平台"), choices=list(PLATFORMS.items()))
    owner = forms.CharField(label=gettext_lazy("主账号"), max_length=80)
    existing = forms.BooleanField(label=gettext_lazy("这个人已经有账号"), required=False)
    tasks_here = forms.BooleanField(label=gettext_lazy("平台任务在这里处理"), required=False, initial=True)


@desk
@require_GET
def shops(request: PlatformRequest) -> HttpResponse:
    """How does each shop stand?"""
    q = request.GET.get("q", "").strip()[:40]
    year = datetime(request.now.astimezone(ZoneInfo(ZONE)).year, 1, 1, tzinfo=ZoneInfo(ZONE))
    found = boards.shops_page(q=q, after=request.GET.get("cursor", ""), now=request.now, year=year)
    rows = [(row, 100 * row.on_time / row.parcels if row.parcels else None) for row in found.rows]
    fields = [ui.Filter("q", gettext("店铺名称或代号"), "search", q)]
    return page(
        request, "platform/shops.html", "shops", rows=rows, page=found, fields=fields, keep={}, q=q, year=year.year
    )


def _new(
    request: PlatformRequest, form: ShopForm, problems: Sequence[Problem] = ()
) -> HttpResponse:  # fmt: skip
    status = 422 if form.is_bound else 200
    return page(request, "platform/shop_new.html", "shops", status=status, form=form, problems=problems)


@desk
@sensitive_post_parameters()
def new(request: PlatformRequest) -> HttpResponse:
    """Create a shop; the main account's first password is shown once."""
    form = ShopForm(request.POST or None)
    if request.method != "POST" or not form.is_valid():
        return _new(request, form)
    data = form.cleaned_data
    password = None if data["existing"] else people.new_password()
    try:
        people.create_shop(
            data["code"], data["name"], owner=data["owner"], password=password, platform=data["platform"],
            tasks_here=data["tasks_here"], must_change=True, now=request.now,
        )  # fmt: skip
    except Refusal as refusal:
        return _new(request, form, refusal.problems)
    return page(request, "platform/shop_made.html", "shops", made=data, password=password)


urlpatterns: list[URLPattern] = [
    path("platform/shops/", shops, name="platform_shops"),
    path("platform/shops/new/", new, name="platform_shop_new"),
]
