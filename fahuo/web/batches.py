"""Batches: the list of them, and what may be done with one. Its screen is in batch_screen, by what it ships in shipments."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext, gettext_lazy
from django.views.decorators.http import require_POST

from fahuo.rules.batches import WORK_WAITS
from fahuo.rules.people import Actor
from fahuo.services import batches
from fahuo.store import boards
from fahuo.web import column_maps, shipment_steps, ui, uploads
from fahuo.web.access import ShopRequest, shop_page
from fahuo.web.batch_screen import ACT, Trouble, answer, attempt, detail_of, is_open, progress_of, show
from fahuo.web.session import language_of

LISTED = 50
"""Batches on a page of the list."""


@dataclass(frozen=True, slots=True)
class Step:
    """An act a button asks for: its verb (also the method of the service) and what the page says when it is done."""

    verb: str
    said: Any


STEPS: Final = (
    Step("commit", gettext_lazy("开始写入，好的行会逐批写入")),
    Step("close", gettext_lazy("批次已关闭，随时可以重新打开")),
    Step("reopen", gettext_lazy("批次已重新打开")),
    Step("undo", gettext_lazy("已撤销：这一批发出的订单回到待发货")),
    Step("hand_over", gettext_lazy("已记下交接时间，这一批不再能撤销")),
)  # fmt: skip


@shop_page("view_orders")
def listed(request: ShopRequest, trouble: Trouble | None = None) -> HttpResponse:
    """What is under way, and what was done? Shipments and imports; all unfinished ones first, each part newest first."""
    trouble = trouble or Trouble()
    kind = "orders" if request.GET.get("kind") == "orders" else "shipments"
    page = boards.batches_page(
        request.shop.id, kind=kind, cursor=request.GET.get("cursor", ""), limit=LISTED, unfinished_first=True
    )  # fmt: skip
    here = reverse("batches", kwargs={"shop": request.shop.code})
    words = {
        "section": "batches", "kind": kind, "page": page, "trouble": trouble, "accept": uploads.ACCEPT,
        "open_batches": [batch for batch in page.rows if is_open(batch)],
        "done_batches": [batch for batch in page.rows if not is_open(batch)],
        "may": request.actor.may(ACT[kind]), "sees_contracts": request.actor.may("view_contracts"), "carriers": shipment_steps.carriers(),
        "tabs": [
            ui.Tab(gettext("发货"), here, active=kind == "shipments"),
            ui.Tab(gettext("导入"), f"{here}?kind=orders", active=kind == "orders"),
        ],
    }  # fmt: skip
    return render(request, "batches/list.html", words, status=422 if trouble.problems else 200)


@shop_page("view_orders")
def one(request: ShopRequest, batch_id: int) -> HttpResponse:
    """What is in this batch, what is wrong, and what is the next step?"""
    return show(request, batch_id)


@shop_page("view_orders")
def progress(request: ShopRequest, batch_id: int) -> HttpResponse:
    """The bar of a batch at work, asked for every second; when the work is done, the whole part in its place."""
    if not request.htmx:
        return redirect("batch", shop=request.shop.code, batch_id=batch_id)
    detail = detail_of(request.shop.id, batch_id)
    if detail.batch.status in WORK_WAITS:
        return render(request, "batches/progress.html", {"batch": detail.batch, "progress": progress_of(detail.batch)})
    response = show(request, batch_id)
    response.headers["HX-Retarget"] = "#batch"
    response.headers["HX-Reswap"] = "outerHTML"
    return response


def _said(step: Step, actor: Actor, batch_id: int) -> str:
    """The sentence for the act, with the truth about an act that was done before."""
    if step.verb != "commit":
        return str(step.said)
    detail = boards.batch_detail(actor.shop_id, batch_id)
    if detail and detail.batch.kind == "shipments":
        return gettext("开始发货，发好的行会逐批显示")
    return str(step.said)


def _acting(step: Step) -> Callable[..., HttpResponseBase]:
    @shop_page("view_orders")
    @require_POST
    def act(request: ShopRequest, batch_id: int) -> HttpResponseBase:
        def done() -> HttpResponse:
            getattr(batches, step.verb)(request.actor, batch_id, now=request.now)
            return answer(request, batch_id, _said(step, request.actor, batch_id))

        return attempt(request, batch_id, "head", done)

    act.__name__, act.__doc__ = step.verb, f"Let the batch {step.verb.replace('_', ' ')}; see services.batches."
    return act


@shop_page("view_orders")
def problems(request: ShopRequest, batch_id: int) -> HttpResponseBase:
    """The refused rows as a sheet: row, column, value, reason, then the row's own cells to mend."""

    def done() -> HttpResponse:
        return uploads.download(*batches.problems_sheet(request.actor, batch_id, language=language_of(request)))

    return attempt(request, batch_id, "head", done)


@shop_page("view_orders")
@require_POST
def map_columns(request: ShopRequest, batch_id: int) -> HttpResponseBase:
    """Keep what the columns of an unknown sheet mean, and read it again."""

    def done() -> HttpResponse:
        batch = detail_of(request.shop.id, batch_id).batch
        sheet = column_maps.kind_of(batch, request.POST.get("sheet", ""))
        chosen = column_maps.chosen(batch, request.POST)
        batches.map_columns(request.actor, batch_id, chosen, sheet=sheet, now=request.now)
        return answer(request, batch_id, gettext("已记住这些列，正在重新检查；以后同样表头的表格会直接认出来"))

    return attempt(request, batch_id, "columns", done)


urlpatterns = [
    path("batches/", listed, name="batches"),
    path("batches/<int:batch_id>/", one, name="batch"),
    path("batches/<int:batch_id>/progress/", progress, name="batch_progress"),
    path("batches/<int:batch_id>/problems/", problems, name="batch_problems"),
    path("batches/<int:batch_id>/columns/", map_columns, name="batch_columns"),
    *(
        path(f"batches/<int:batch_id>/{step.verb.replace('_', '-')}/", _acting(step), name=f"batch_{step.verb}")
        for step in STEPS
    ),
]
