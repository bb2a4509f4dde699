"""商品资料: what the shop knows of its SKUs, for weighing, picking and checking."""

from collections.abc import Sequence
from typing import Any, Final

from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import URLPattern, path
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_POST

from fahuo.rules.problems import Problem, Refusal
from fahuo.rules.skus import SkuData
from fahuo.services import own_sheets
from fahuo.services import skus as service
from fahuo.store.boards import batches_page
from fahuo.store.boards import contracts as boards
from fahuo.web import ui, uploads
from fahuo.web.access import ShopRequest, by_method, shop_page
from fahuo.web.session import toast

LISTED: Final = 100
EXPORTED: Final = 50_000


def _show(
    request: ShopRequest, *, sku: Any | None = None, typed: dict[str, str] | None = None, problems: Sequence[Problem] = (),
    place: str = "",
) -> HttpResponse:  # fmt: skip
    text, after = request.GET.get("q", "").strip()[:100], request.GET.get("after", "")[:200]
    lacking = request.GET.get("lacking") == "1"
    found = boards.skus(request.shop.id, text=text, lacking=lacking, after=after, limit=LISTED)
    shown = typed or (
        {name: "" if getattr(sku, name) is None else getattr(sku, name) for name in service.FIELDS} if sku else {}
    )
    return render(request, "skus/page.html", {
        "section": "batches", "rows": found[:LISTED], "after": found[LISTED - 1].code if len(found) > LISTED else "",
        "text": text, "lacking": lacking, "first_page": not after, "sku": sku, "typed": shown, "problems": problems,
        "place": place, "accept": uploads.ACCEPT, "may_manage": request.actor.may("manage_contracts"),
        "fields": [
            ui.Filter("q", gettext("编码、名称、条码或货位"), "search", text),
            ui.Filter("lacking", gettext("资料不全"), "check", "1" if lacking else ""),
        ],
        "recent": batches_page(request.shop.id, kind="skus", limit=5).rows,
    }, status=422 if problems else 200)  # fmt: skip


@shop_page("view_contracts")
@require_GET
def page(request: ShopRequest) -> HttpResponse:
    """The SKUs by code, and a form for one."""
    return _show(request)


@shop_page("manage_contracts")
def one(request: ShopRequest, sku_id: int | None = None) -> HttpResponse:
    """Add or change one SKU."""
    sku = None if sku_id is None else boards.sku(request.shop.id, sku_id)
    if sku_id is not None and sku is None:
        raise Http404(sku_id)
    if request.method != "POST":
        return _show(request, sku=sku, place="form")
    typed = {name: request.POST.get(name, "").strip()[:1000] for name in service.FIELDS}
    try:
        service.keep(request.actor, _meant(typed), sku_id=sku_id, now=request.now)
    except Refusal as refusal:
        if refusal.problems[0].code == "not_permitted":
            raise
        return _show(request, sku=sku, typed=typed, problems=refusal.problems, place="form")
    return toast(request, redirect("skus", shop=request.shop.code), gettext("已保存 {code}").format(code=typed["code"]))


def _meant(typed: dict[str, str]) -> SkuData:
    """Raises Refusal `not_grams`."""
    grams = typed["grams"]
    if grams and not (grams.isascii() and grams.isdigit() and len(grams) < 9):
        raise Refusal.of("not_grams")
    return SkuData(**{**typed, "grams": int(grams) if grams else None})  # type: ignore[arg-type]  # texts and grams


@shop_page("manage_contracts")
@require_POST
def drop(request: ShopRequest, sku_id: int) -> HttpResponse:
    """Forget one SKU."""
    service.drop(request.actor, [sku_id], now=request.now)
    return toast(request, redirect("skus", shop=request.shop.code), gettext("已删除"))


@shop_page("manage_contracts")
@require_POST
def named(request: ShopRequest) -> HttpResponse:
    """Add every SKU that the shop's recent orders name."""
    count = service.add_named(request.actor, now=request.now)
    said = gettext("从订单带入了 {n} 个商品").format(n=f"{count:,}") if count else gettext("订单里没有新的商家编码")
    return toast(request, redirect("skus", shop=request.shop.code), said, tone="good" if count else "quiet")


@shop_page("manage_contracts")
def _too_large(request: ShopRequest, problem: Problem) -> HttpResponseBase:
    return _show(request, problems=(problem,), place="sheet")


@shop_page("manage_contracts")
def _upload(request: ShopRequest) -> HttpResponseBase:
    try:
        name, body = uploads.sheets_of(request)[0]
        batch_id = own_sheets.open_skus_sheet(request.actor, name=name, body=body, now=request.now)
    except Refusal as refusal:
        if refusal.problems[0].code == "not_permitted":
            raise
        return _show(request, problems=refusal.problems, place="sheet")
    return redirect("batch", shop=request.shop.code, batch_id=batch_id)


@shop_page("view_contracts")
@require_GET
def _download(request: ShopRequest) -> HttpResponse:
    rows = boards.skus(request.shop.id, limit=EXPORTED)
    return uploads.download(gettext("商品资料") + ".xlsx", service.sheet(rows))


sheet = uploads.takes_files(_too_large)(by_method(get=_download, post=_upload))


urlpatterns: list[URLPattern] = [
    path("skus/", page, name="skus"),
    path("skus/new/", one, name="sku-new"),
    path("skus/<int:sku_id>/", one, name="sku"),
    path("skus/<int:sku_id>/drop/", drop, name="sku-drop"),
    path("skus/named/", named, name="skus-named"),
    path("skus/sheet/", sheet, name="skus-sheet"),
]
