"""The one screen of a batch, whichever kind it is, and how its acts answer.

Every act answers with the screen as it stands afterwards: to a script (HTMX) only the part `#batch` with a toast, to a
browser without scripts a redirect. A refused act answers 422 with the problem where it arose.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext, gettext_lazy

from fahuo.rules.batches import GOOD, WORK_WAITS
from fahuo.rules.problems import Problem, Refusal
from fahuo.services import batches
from fahuo.store import boards
from fahuo.web import column_maps, shipment_steps, ui, uploads
from fahuo.web.access import ShopRequest
from fahuo.web.batch_rows import VERDICT_WORDS, rows_of
from fahuo.web.session import toast

ACT: Final[Mapping[str, str]] = batches.ACT
"""Kind of batch -> what its people must be allowed to do."""

SECTION: Final[Mapping[str, str]] = {"orders": "import", "urges": "tasks"}
"""Kind of batch -> the rail's entry it stands under; 发货 for all others."""
NAMED: Final[Mapping[str, Any]] = {
    "numbers": gettext_lazy("运单号"), "skus": gettext_lazy("商家编码"), "route_marks": gettext_lazy("地区"),
    "tariffs": gettext_lazy("寄到"),
}  # fmt: skip
"""Kind of batch -> what a row is called by, where that is no order."""
OF_CONTRACT: Final[Mapping[str, tuple[str, Any]]] = {
    "numbers": ("contract-stock", gettext_lazy("单号库存")), "tariffs": ("contract-tariffs", gettext_lazy("资费")),
}  # fmt: skip
"""Kind of batch -> the page of its contract where it came in, and that page's name."""
PAGE = 100
"""Rows on a page of a batch."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """What was refused, in which part of the screen, and what had been typed there."""

    place: str = ""
    problems: tuple[Problem, ...] = ()
    typed: Mapping[str, str] = field(default_factory=dict)


def home_of(code: str, batch: Any) -> tuple[str, str]:
    """Where batches of this kind come in: the page's address and its name."""
    where = {"shop": code}
    if batch.kind in OF_CONTRACT:
        view, word = OF_CONTRACT[batch.kind]
        contract = {**where, "contract_id": batch.options.get("contract") or 0}
        return reverse(view, kwargs=contract), str(batch.options.get("contract_name") or word)
    pages = {
        "orders": ("import", gettext("导入订单")), "urges": ("urges", gettext("登记催促")), "skus": ("skus", gettext("商品资料")),
        "route_marks": ("route-marks", gettext("大头笔和三段码")),
    }  # fmt: skip
    view, name = pages.get(batch.kind, ("batches", gettext("全部批次")))
    return reverse(view, kwargs=where), name


def is_open(batch: Any) -> bool:
    """Whether somebody still has something to do here."""
    if batch.status in {"closed", "refused"}:
        return False
    return not (batch.status == "committed" and (batch.kind != "shipments" or batch.handed_over_at is not None))


def detail_of(shop_id: int, batch_id: int) -> boards.BatchDetail:
    """The batch, or Http404 where the shop has none of this number."""
    found = boards.batch_detail(shop_id, batch_id)
    if found is None:
        raise Http404(batch_id)
    return found


def verdict_tabs(detail: boards.BatchDetail, address: str, chosen: str) -> list[ui.Tab]:
    """All rows, then each verdict that has any."""
    tabs = [ui.Tab(gettext("全部"), address, detail.rows, chosen == "")]
    for verdict, word in VERDICT_WORDS[detail.batch.kind].items():
        count = detail.verdicts[verdict]
        if count or verdict == chosen:
            tabs.append(ui.Tab(str(word), f"{address}?verdict={verdict}", count, chosen == verdict))
    return tabs


def table_columns(kind: str, *, troubled: bool) -> list[ui.Column]:
    """The columns of a batch's rows; shipments name problems only where there are any."""
    head = [
        ui.Column("no", gettext("行号"), "number"), ui.Column("number", NAMED.get(kind) or gettext("订单编号")),
        ui.Column("verdict", gettext("结果")),
    ]  # fmt: skip
    if kind != "shipments":
        return [*head, ui.Column("text", gettext("内容、改动或问题"), "wrap")]
    if troubled:
        head.append(ui.Column("text", gettext("问题"), "wrap"))
    return [
        *head, ui.Column("carrier", gettext("快递")), ui.Column("waybill", gettext("运单号")),
        ui.Column("receiver", gettext("收件人")), ui.Column("title", gettext("宝贝")),
    ]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the work is; `whole` 0 while nobody knows how much there is."""

    done: int
    whole: int


def progress_of(batch: Any) -> Progress:
    """The bar of a batch: rows read while it is checked, rows written while it is committed."""
    if batch.status != "committing":
        return Progress(batch.row_count, 0)
    rest = batch.good_count if batch.kind != "orders" else 0
    return Progress(batch.done_count, batch.done_count + rest if rest else batch.good_count)


def _context(request: ShopRequest, detail: boards.BatchDetail, trouble: Trouble) -> dict[str, Any]:
    batch = detail.batch
    chosen = request.GET.get("verdict", "")
    chosen = chosen if chosen in VERDICT_WORDS[batch.kind] else ""
    page = boards.batch_rows(request.shop.id, batch.id, chosen, request.GET.get("cursor", ""), PAGE)
    rows = rows_of(batch.kind, request.shop.id, page.rows, now=request.now)
    troubled = any(row.troubles for row in rows)
    address = reverse("batch", kwargs={"shop": request.shop.code, "batch_id": batch.id})
    context = {
        "section": SECTION.get(batch.kind, "batches"), "home": home_of(request.shop.code, batch), "detail": detail, "batch": batch,
        "trouble": trouble, "address": address, "may": request.actor.may(ACT[batch.kind]), "page": page,
        "rows": rows, "troubled": troubled, "chosen": chosen,
        "tabs": verdict_tabs(detail, address, chosen), "good": sum(detail.verdicts[word] for word in GOOD),
        "working": batch.status in WORK_WAITS, "progress": progress_of(batch), "accept": uploads.ACCEPT,
        "columns": table_columns(batch.kind, troubled=troubled),
    }  # fmt: skip
    if batch.kind == "shipments":
        context |= shipment_steps.context(request.actor, detail, trouble.typed)
    if batch.status == "refused":
        sheet = column_maps.kind_of(batch, trouble.typed.get("sheet") or request.GET.get("sheet", ""))
        context |= {
            "headings": column_maps.headings(batch, trouble.typed, sheet), "fields": column_maps.fields(sheet),
            "sheet": sheet, "sheets": column_maps.sheet_tabs(batch, address, sheet),
        }  # fmt: skip
    return context


def show(
    request: ShopRequest, batch_id: int, trouble: Trouble | None = None, *, acted: bool = False
) -> HttpResponse:  # fmt: skip
    """The screen of a batch: whole, or its part `#batch` for a script. 422 when it tells of a trouble."""
    trouble = trouble or Trouble()
    detail = detail_of(request.shop.id, batch_id)
    context = _context(request, detail, trouble) | {"acted": acted}
    template = "batches/batch.html" if request.htmx else "batches/page.html"
    return render(request, template, context, status=422 if trouble.problems else 200)


def answer(request: ShopRequest, batch_id: int, said: str, *, undo: str = "") -> HttpResponse:
    """What an act answers: the screen as it stands now, and a sentence."""
    if request.htmx:
        return toast(request, show(request, batch_id, acted=True), said, undo=undo)
    return toast(request, redirect("batch", shop=request.shop.code, batch_id=batch_id), said, undo=undo)


def attempt(
    request: ShopRequest, batch_id: int, place: str, act: Callable[[], HttpResponseBase]
) -> HttpResponseBase:  # fmt: skip
    """Do the act; when it is refused, show the batch with the problem at `place` and what was typed.

    A batch that is not there stays a 404, a missing permission a 403.
    """
    try:
        return act()
    except Refusal as refusal:
        if refusal.problems[0].code == "batch_unknown":
            raise Http404(batch_id) from refusal
        if refusal.problems[0].code == "not_permitted":
            raise
        typed = {name: str(text) for name, text in request.POST.items()}
        return show(request, batch_id, Trouble(place, refusal.problems, typed))
