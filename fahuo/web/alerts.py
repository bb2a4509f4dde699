"""物流预警: what the watchdogs found about parcels and late orders, and what to do about each."""

from typing import Final

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext, gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from fahuo.services import watchdogs
from fahuo.store.boards import alerts as board
from fahuo.web.access import ShopRequest, shop_page
from fahuo.web.order_forms import permissions
from fahuo.web.session import toast
from fahuo.web.ui import Tab

LIMIT: Final = 50
Words = tuple[str | Promise, str, str, str | Promise]
KINDS: Final[dict[str, Words]] = {
    "not_picked_up": (
        gettext_lazy("发货后没揽收"), "bad", "package-search",
        gettext_lazy("叫快递来取，或改成真正寄出的单号；一直没有揽收可能判虚假发货"),
    ),
    "silent": (
        gettext_lazy("揽收后没更新"), "warn", "route-off", gettext_lazy("向快递查件；停太久算物流轨迹异常"),
    ),
    "number_used_before": (
        gettext_lazy("单号以前用过"), "bad", "copy-x", gettext_lazy("核对面单，填错就改单号；重复单号可能判虚假发货"),
    ),
    "out_of_stock": (
        gettext_lazy("超时太久，算缺货"), "bad", "package-x", gettext_lazy("马上发货或退款；买家投诉缺货赔得更多"),
    ),
}  # fmt: skip
"""Kind of an alert -> its name, tone and drawing, and what to do about it."""


@shop_page("view_orders")
@require_GET
def alerts(request: ShopRequest) -> HttpResponse:
    """The open alerts; `kind` is one of KINDS, or all."""
    kind = request.GET.get("kind", "")
    kind = kind if kind in KINDS else ""
    page = board.alerts_page(request.shop.id, kind=kind, cursor=request.GET.get("cursor", ""), limit=LIMIT)
    counts, home = board.alert_counts(request.shop.id), reverse("alerts", kwargs={"shop": request.shop.code})
    names = {"": gettext("全部"), **{name: str(words[0]) for name, words in KINDS.items()}}
    return render(request, "alerts/list.html", {
        "section": "batches", "page": page, "may": permissions(request), "kind": kind,
        "tabs": [Tab(word, f"{home}?kind={name}" if name else home, counts[name], name == kind) for name, word in names.items()],
        "rows": [(row, KINDS[row.kind]) for row in page.rows],
    })  # fmt: skip


@shop_page("ship")
@require_POST
def put_away(request: ShopRequest) -> HttpResponse:
    """Somebody has seen to one alert, or to those of a page."""
    ids = [int(text) for text in request.POST.getlist("id") if text.isascii() and text.isdigit() and len(text) < 19]
    count = watchdogs.put_away(request.actor, ids, now=request.now)
    kind = request.POST.get("kind", "")
    back = reverse("alerts", kwargs={"shop": request.shop.code}) + (f"?kind={kind}" if kind in KINDS else "")
    return toast(request, redirect(back), gettext("{n} 条预警不再显示").format(n=count))


urlpatterns: list[URLPattern] = [
    path("alerts/", alerts, name="alerts"),
    path("alerts/put-away/", put_away, name="alerts-put-away"),
]
