"""打印机: which printers are there, how are they, and does this one print? Set up and tested from here."""

from collections.abc import Sequence
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_POST

from fahuo.rules.print_jobs import DOTS
from fahuo.rules.problems import Problem, Refusal
from fahuo.samples.labels import sample_label
from fahuo.services import printers as service
from fahuo.services.printers import BY_PAGE, Setup
from fahuo.store.boards import printers as boards
from fahuo.web.access import ShopRequest, shop_page
from fahuo.web.label_words import ACKNOWLEDGES, KINDS, LANGUAGES, next_step, ways
from fahuo.web.session import toast
from fahuo.web.templatetags.ui import sentence


def _told(row: Any) -> dict[str, Any]:
    return {
        "row": row, "kind": KINDS[row.kind][0], "language": LANGUAGES[row.language], "step": next_step(row.problem),
        "by_page": row.kind in BY_PAGE, "acknowledge": ACKNOWLEDGES[row.acknowledge][0],
    }  # fmt: skip


@shop_page("manage_printers")
@require_GET
def listed(request: ShopRequest) -> HttpResponse:
    """The shop's printers: how they are, what waits for them."""
    rows = [_told(row) for row in boards.listed(request.shop.id, now=request.now)]
    return render(request, "printers/list.html", {
        "section": "labels", "ways": ways(request, "printers"), "rows": rows,
    })  # fmt: skip


def _one(request: ShopRequest, printer_id: int) -> Any:
    found = boards.listed(request.shop.id, now=request.now, printer_id=printer_id)
    if not found:
        raise Http404(printer_id)
    return found[0]


def _typed(request: ShopRequest) -> Setup:
    def number(name: str, otherwise: int) -> int:
        text = request.POST.get(name, "").strip()
        return int(text) if text.isascii() and text.isdigit() and len(text) < 8 else otherwise

    post = {
        name: request.POST.get(name, "").strip() for name in ("name", "kind", "host", "path", "language", "component")
    }
    return Setup(
        **post, port=number("port", 0), dpi=number("dpi", 0), acknowledge=request.POST.get("acknowledge", ""),
    )  # fmt: skip


def _form(request: ShopRequest, setup: Setup, problems: Sequence[Problem] = (), row: Any = None) -> HttpResponse:
    places = {problem.code: problem for problem in problems}
    return render(request, "printers/form.html", {
        "section": "labels", "setup": setup, "problems": problems, "places": places, "row": row,
        "told": _told(row) if row else None, "kinds": KINDS, "languages": LANGUAGES, "dots": DOTS, "acknowledges": ACKNOWLEDGES,
    }, status=422 if problems else 200)  # fmt: skip


@shop_page("manage_printers")
def new(request: ShopRequest) -> HttpResponse:
    """Add a printer."""
    if request.method != "POST":
        kind = request.GET.get("kind", "raw")
        return _form(request, Setup("", kind if kind in KINDS else "raw"))
    setup = _typed(request)
    try:
        kept = service.keep(request.actor, setup, now=request.now)
    except Refusal as refusal:
        return _form(request, setup, refusal.problems)
    return toast(
        request, redirect("printer", shop=request.shop.code, printer_id=kept), gettext("打印机已添加，打一张测试页看看")
    )  # fmt: skip


@shop_page("manage_printers")
def one(request: ShopRequest, printer_id: int) -> HttpResponse:
    """One printer: how it is, its test, its settings."""
    row = _one(request, printer_id)
    if request.method != "POST":
        setup = Setup(
            row.name, row.kind, row.host, row.port, row.path, row.language, row.dpi, row.acknowledge,
            (row.settings or {}).get("component", ""),
        )  # fmt: skip
        return _form(request, setup, row=row)
    setup = _typed(request)
    try:
        service.keep(request.actor, setup, printer_id=printer_id, now=request.now)
    except Refusal as refusal:
        return _form(request, setup, refusal.problems, row)
    return toast(request, redirect("printer", shop=request.shop.code, printer_id=printer_id), gettext("已保存"))


def _said(request: ShopRequest, printer_id: int, problem: Problem | None, well: str) -> HttpResponse:
    answer = redirect("printer", shop=request.shop.code, printer_id=printer_id)
    return toast(request, answer, sentence(problem) if problem else well, tone="bad" if problem else "good")


@shop_page("manage_printers")
@require_POST
def test(request: ShopRequest, printer_id: int) -> HttpResponse:
    """Print one sample label at once."""
    _one(request, printer_id)
    problem = service.test(request.actor, printer_id, sample_label("ZTO", 1), now=request.now)
    return _said(request, printer_id, problem, gettext("测试页已送出，看看打印机"))


@shop_page("manage_printers")
@require_POST
def look(request: ShopRequest, printer_id: int) -> HttpResponse:
    """Ask the printer how it is."""
    _one(request, printer_id)
    return _said(request, printer_id, service.look(request.shop.id, printer_id, now=request.now), gettext("打印机正常"))


@shop_page("manage_printers")
@require_POST
def active(request: ShopRequest, printer_id: int) -> HttpResponse:
    """Take the printer out of use, or back (`on` 1)."""
    _one(request, printer_id)
    on = request.POST.get("on") == "1"
    service.set_active(request.actor, printer_id, on, now=request.now)
    said = gettext("已恢复使用") if on else gettext("已停用，不再出现在选择里")
    return toast(request, redirect("printers", shop=request.shop.code), said)


urlpatterns: list[URLPattern] = [
    path("printers/", listed, name="printers"),
    path("printers/new/", new, name="printer-new"),
    path("printers/<int:printer_id>/", one, name="printer"),
    path("printers/<int:printer_id>/test/", test, name="printer-test"),
    path("printers/<int:printer_id>/look/", look, name="printer-look"),
    path("printers/<int:printer_id>/active/", active, name="printer-active"),
]
