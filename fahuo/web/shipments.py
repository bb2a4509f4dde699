"""Shipping by batch: open one, export addresses, take numbers back as a sheet or as a run, hand over, download results."""

from typing import Any

from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from fahuo.rules.problems import Problem, Refusal
from fahuo.rules.signin import FRESH_EXPORT
from fahuo.services import batches
from fahuo.services import shipments as service
from fahuo.store.boards.shipments import carrier_shares
from fahuo.web import shipment_steps
from fahuo.web.access import ShopRequest, fresh, shop_page
from fahuo.web.batch_rows import carrier_name
from fahuo.web.batch_screen import Trouble, answer, attempt, detail_of, show
from fahuo.web.batches import listed
from fahuo.web.uploads import download, sheets_of, takes_files


def _typed(request: ShopRequest) -> dict[str, str]:
    return {name: str(text) for name, text in request.POST.items()}


@shop_page("ship")
def _new_refused(request: ShopRequest, problem: Problem) -> HttpResponseBase:
    return listed(request, shop=request.shop.code, trouble=Trouble("sheet", (problem,)))


@takes_files(_new_refused)
@shop_page("ship")
def opened(request: ShopRequest) -> HttpResponseBase:
    """Open a batch straight from a sheet of order numbers and waybill numbers."""
    if request.method != "POST":
        return redirect("batches", shop=request.shop.code)
    try:
        name, body = sheets_of(request)[0]
        carrier = request.POST.get("carrier", "")
        batch_id = batches.open_shipments_sheet(request.actor, name=name, body=body, carrier=carrier, now=request.now)
    except Refusal as refusal:
        return listed(request, shop=request.shop.code, trouble=Trouble("sheet", refusal.problems, _typed(request)))
    return redirect("batch", shop=request.shop.code, batch_id=batch_id)


def _own(request: ShopRequest, batch_id: int) -> Any:
    """The batch, if it ships; Http404 for an import."""
    detail = detail_of(request.shop.id, batch_id)
    if detail.batch.kind != "shipments":
        raise Http404(batch_id)
    return detail


def _template(request: ShopRequest) -> int | None:
    """The template that was chosen: its id, 0 for the one that every shop has, None where the carrier decides."""
    text = request.POST.get("template", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None


@shop_page("export_orders")
@require_POST
@fresh(FRESH_EXPORT)
def addresses(request: ShopRequest, batch_id: int) -> HttpResponseBase:
    """The address table for a carrier, receivers in full; journaled by the service."""
    _own(request, batch_id)

    def done() -> HttpResponse:
        return download(*batches.address_sheet(
            request.actor, batch_id, carrier=request.POST.get("carrier", ""), template_id=_template(request),
            now=request.now,
        ))  # fmt: skip

    return attempt(request, batch_id, "address", done)


@shop_page("ship")
@require_POST
def assigned(request: ShopRequest, batch_id: int) -> HttpResponseBase:
    """Say which carrier takes the rows that have no number, all or from row to row."""
    _own(request, batch_id)

    def done() -> HttpResponse:
        rows = _stretch(request)
        carrier = request.POST.get("carrier", "")
        count = service.assign_carrier(request.actor, batch_id, carrier=carrier, row_nos=rows, now=request.now)
        name = carrier_name(carrier) if carrier else gettext("未指定")
        return answer(request, batch_id, gettext("{n} 行交给：{carrier}").format(n=count, carrier=name))

    return attempt(request, batch_id, "address", done)


def _stretch(request: ShopRequest) -> range | None:
    """The rows `from` to `to` of the form, None for all. Raises Refusal `rows_backwards`."""
    low, high = (request.POST.get(name, "").strip() for name in ("from", "to"))
    if not low and not high:
        return None
    numbers = [
        int(text) if text.isascii() and text.isdigit() and len(text) < 7 else 0
        for text in (low or "1", high or "999999")
    ]
    if not 0 < numbers[0] <= numbers[1]:
        raise Refusal.of("rows_backwards")
    return range(numbers[0], min(numbers[1], 200_000) + 1)


@shop_page("ship")
def _sheet_refused(request: ShopRequest, problem: Problem, batch_id: int) -> HttpResponseBase:
    return show(request, batch_id, Trouble("sheet", (problem,)))


@takes_files(_sheet_refused)
@shop_page("ship")
@require_POST
def numbers(request: ShopRequest, batch_id: int) -> HttpResponseBase:
    """Take numbers back as a sheet, matched by order number."""
    _own(request, batch_id)

    def done() -> HttpResponse:
        name, body = sheets_of(request)[0]
        carrier = request.POST.get("carrier", "")
        batches.fill_from_sheet(request.actor, batch_id, name=name, body=body, carrier=carrier, now=request.now)
        return answer(request, batch_id, gettext("已收下表格，正在逐行核对"))

    return attempt(request, batch_id, "sheet", done)


@shop_page("ship")
def run(request: ShopRequest, batch_id: int) -> HttpResponseBase:
    """GET: what a run of numbers would be, as it is typed. POST: fill it in."""
    _own(request, batch_id)
    if request.method == "POST":
        return attempt(request, batch_id, "run", lambda: _fill_run(request, batch_id))
    if not request.htmx:
        return redirect("batch", shop=request.shop.code, batch_id=batch_id)
    typed = {name: str(text) for name, text in request.GET.items()}
    preview = shipment_steps.run_of(carrier_shares(request.shop.id, batch_id), typed)
    return render(request, "batches/run.html", {"run": preview})


def _fill_run(request: ShopRequest, batch_id: int) -> HttpResponse:
    first = request.POST.get("first", "").strip()
    if not first:
        raise Refusal.of("waybill_missing")
    batches.fill_from_run(
        request.actor, batch_id, carrier=request.POST.get("carrier", ""), first=first, now=request.now,
        last=request.POST.get("last", "").strip() or None, again=bool(request.POST.get("again")),
    )  # fmt: skip
    return answer(request, batch_id, gettext("单号已填好，正在逐行核对"))


@shop_page("ship")
@require_POST
def upload_file(request: ShopRequest, batch_id: int) -> HttpResponseBase:
    """The marketplace's batch-upload file of what this batch shipped."""
    _own(request, batch_id)

    def done() -> HttpResponse:
        return download(*batches.upload_file(request.actor, batch_id, template_id=_template(request), now=request.now))

    return attempt(request, batch_id, "results", done)


urlpatterns = [
    path("batches/new/", opened, name="batch_new"),
    path("batches/<int:batch_id>/addresses/", addresses, name="batch_addresses"),
    path("batches/<int:batch_id>/carrier/", assigned, name="batch_carrier"),
    path("batches/<int:batch_id>/numbers/", numbers, name="batch_numbers"),
    path("batches/<int:batch_id>/run/", run, name="batch_run"),
    path("batches/<int:batch_id>/upload-file/", upload_file, name="batch_upload_file"),
]
