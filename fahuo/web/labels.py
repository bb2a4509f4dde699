"""面单: which labels are to be printed, which are printed and still here, which must not leave? And one label with its picture."""

from collections.abc import Sequence
from io import BytesIO
from typing import Any, Final

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext, gettext_lazy, ngettext
from django.views.decorators.http import require_GET, require_POST

from fahuo.printing import write
from fahuo.rules.problems import Problem, Refusal
from fahuo.services import label_plans, page_printing, print_jobs
from fahuo.services import labels as service
from fahuo.services.print_jobs import Queued
from fahuo.store.boards import awaited
from fahuo.store.boards import labels as boards
from fahuo.web import printer_choices, ui
from fahuo.web.access import ShopRequest, shop_page
from fahuo.web.label_words import AWAITED, LABELS, REASONS, problem_of, ways
from fahuo.web.session import back, toast
from fahuo.web.templatetags.ui import sentence

LIMIT: Final = 50
TABS: Final = {
    "to_print": gettext_lazy("待打印"), "printed": gettext_lazy("已打印待交接"), "blocked": gettext_lazy("已拦截"),
    "all": gettext_lazy("全部"),
}  # fmt: skip
EMPTY: Final = {
    "to_print": (gettext_lazy("没有等着打印的面单"), gettext_lazy("取了号、还没打出来的面单会在这里。")),
    "printed": (gettext_lazy("没有打好没交的面单"), gettext_lazy("打出来、还没交给快递员的面单会在这里；交接以后就离开。")),
    "blocked": (gettext_lazy("没有被拦截的面单"), gettext_lazy("取号以后退款、关闭、改了地址的，会在这里，不会被打印和发出。")),
    "all": (gettext_lazy("还没有面单"), gettext_lazy("在订单列表里勾选要发的单，点“打印面单”。")),
}  # fmt: skip


def told(request: ShopRequest, rows: Sequence[Any]) -> list[dict[str, Any]]:
    """Labels with their word, and what blocks those that have not left."""
    blocked = label_plans.blocked(request.shop.id, [row.id for row in rows if not row.voided_at])
    return [{"row": row, "word": LABELS[row.state], "problem": blocked.get(row.id)} for row in rows]


def of_order(request: ShopRequest, order_id: int) -> dict[str, Any]:
    """What an order's page says of its labels, and what it needs to make one."""
    may = request.actor.may("make_labels")
    rows = boards.of_order(request.shop.id, order_id) if may or request.actor.may("view_labels") else []
    living = next((row for row in rows if row.voided_at is None), None)
    contracts = printer_choices.contracts(request) if may and not living else []
    return {
        "labels": told(request, rows), "living_label": living, "may_label": may,
        "may_see_labels": may or request.actor.may("view_labels"),
        "awaited": _awaited(request, order_id) if may and not living else [],
        "entered_contracts": [contract for contract in contracts if contract.numbers == "entered"],
    }  # fmt: skip


def _awaited(request: ShopRequest, order_id: int) -> list[dict[str, Any]]:
    """The numbers that are being ordered for an order, each with what the service said."""
    rows = awaited.of_orders(request.shop.id, [order_id])
    return [{"row": row, "word": AWAITED[row.state], "problem": problem_of(row.problem)} for row in rows]


def _contract(request: ShopRequest) -> int | None:
    text = request.GET.get("contract", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None


@shop_page("view_labels")
@require_GET
def listed(request: ShopRequest) -> HttpResponse:
    """The labels of a tab, the newest first."""
    tab = request.GET.get("tab", "to_print")
    tab = tab if tab in TABS else "to_print"
    contract_id = _contract(request)
    page = boards.listed(
        request.shop.id, tab, contract_id=contract_id, cursor=request.GET.get("cursor", ""), limit=LIMIT
    )  # fmt: skip
    counts = boards.counts(request.shop.id, contract_id=contract_id)
    here = reverse("labels", kwargs={"shop": request.shop.code})
    more = f"&contract={contract_id}" if contract_id else ""
    contracts = printer_choices.contracts(request)
    return render(request, "labels/list.html", {
        "section": "labels", "ways": ways(request, "labels"), "tab": tab, "page": page, "rows": told(request, page.rows),
        "tabs": [ui.Tab(str(word), f"{here}?tab={name}{more}", counts.get(name), name == tab) for name, word in TABS.items()],
        "matching": counts.get(tab), "empty": EMPTY[tab], "may_print": request.actor.may("make_labels"),
        "reasons": REASONS, "printers": printer_choices.printers(request), "keep": {"tab": tab},
        "fields": [ui.Filter("contract", gettext("合同"), "select", str(contract_id or ""), [(str(c.id), c.name) for c in contracts])],
        "query": request.GET.urlencode(), "awaited": awaited.counted(request.shop.id) if tab == "to_print" else [],
    })  # fmt: skip


def _chosen(request: ShopRequest) -> list[int]:
    """The labels that were chosen: those named, or all of the tab. Refusal `no_labels_chosen`."""
    choice = ui.chosen(request)
    ids = list(choice.ids)
    tab = choice.query.get("tab", "to_print")
    if choice.everything and tab in boards.WHERE and tab != "all":
        text = choice.query.get("contract", "")
        contract_id = int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None
        ids = boards.matching_ids(request.shop.id, tab, contract_id=contract_id)
    if not ids:
        raise Refusal.of("no_labels_chosen")
    return ids


def ordered_words(count: int) -> str:
    """What is said of numbers that a carrier's service was asked for."""
    return gettext("{n} 个单号正在向快递接口取，到号后面单自动做好，在“待打印”里").format(n=count)


def queued(request: ShopRequest, found: Queued, home: str, *, ordered: int = 0) -> HttpResponse:
    """To the job; or back, saying why nothing is printed. `ordered`: numbers that are awaited."""
    problems = [each for each in found.outcomes if isinstance(each, Problem)]
    wrong = [each for each in problems if each.code != "number_ordered"]
    ordered += len(problems) - len(wrong)
    if found.job_id is None and wrong:
        raise Refusal(*wrong[:10])
    if found.job_id is None:
        return toast(request, redirect("labels", shop=request.shop.code), ordered_words(ordered))
    n = len(found.outcomes) - len(problems)
    said = ngettext("{n} 张面单已排队打印", "{n} 张面单已排队打印", n).format(n=n)
    if wrong:
        said += gettext("；{n} 张没有打：{why}").format(n=len(wrong), why=sentence(wrong[0]))
    if ordered:
        said += " · " + ordered_words(ordered)
    answer = redirect("print-job", shop=request.shop.code, job_id=found.job_id)
    return toast(request, answer, said, tone="quiet" if wrong else "good")


def _list_again(request: ShopRequest) -> str:
    home = reverse("labels", kwargs={"shop": request.shop.code})
    return back(request, home)


@shop_page("make_labels")
@require_POST
def print_many(request: ShopRequest) -> HttpResponse:
    """Put the chosen labels in line for a printer; with a reason, those that were printed before, too."""
    ids, printer_id = _chosen(request), printer_choices.chosen(request)
    reason = request.POST.get("reason", "").strip()
    if request.POST.get("how") in ("again", "new"):
        found = print_jobs.reprint(
            request.actor, ids, printer_id=printer_id, reason=reason, now=request.now,
            new_number=request.POST.get("how") == "new",
        )  # fmt: skip
    else:
        found = print_jobs.make(request.actor, ids, printer_id=printer_id, now=request.now)
    return queued(request, found, _list_again(request))


@shop_page("make_labels")
@require_POST
def void_many(request: ShopRequest) -> HttpResponse:
    """Give the chosen labels up, with a reason."""
    outcomes = service.void(request.actor, _chosen(request), reason=request.POST.get("reason", ""), now=request.now)
    wrong = [each for each in outcomes if isinstance(each, Problem)]
    if len(wrong) == len(outcomes):
        raise Refusal(*wrong[:10])
    said = gettext("已作废 {n} 张面单").format(n=len(outcomes) - len(wrong))
    if wrong:
        said += gettext("；{n} 张没有作废：{why}").format(n=len(wrong), why=sentence(wrong[0]))
    return toast(request, redirect(_list_again(request)), said)


def show(request: ShopRequest, label_id: int, problems: Sequence[Problem] = ()) -> HttpResponse:
    """One label; a part for the drawer."""
    row = boards.one(request.shop.id, label_id)
    if row is None:
        raise Http404(label_id)
    drawn = request.htmx and request.htmx.target == "drawer-body"
    frame = "labels/part.html" if drawn else "labels/page.html"
    return render(request, "labels/label.html", {
        "section": "labels", "frame": frame, **told(request, [row])[0], "problems": problems, "reasons": REASONS,
        "may_print": request.actor.may("make_labels"), "printers": printer_choices.printers(request),
    }, status=422 if problems else 200)  # fmt: skip


@shop_page("view_labels")
@require_GET
def one(request: ShopRequest, label_id: int) -> HttpResponse:
    """One label: its state, its picture, its orders, what can be done with it."""
    return show(request, label_id)


@shop_page("view_labels")
@require_GET
def picture(request: ShopRequest, label_id: int) -> HttpResponse:
    """The label as a thermal printer burns it, dot by dot."""
    sink = BytesIO()
    pages = list(page_printing.pages_of(request.shop.id, [label_id], now=request.now, printed=True))
    if not pages:
        raise Http404(label_id)
    write(pages, "png", 203, sink)
    return HttpResponse(sink.getvalue(), content_type="image/png")


urlpatterns: list[URLPattern] = [
    path("labels/", listed, name="labels"),
    path("labels/print/", print_many, name="labels-print"),
    path("labels/void/", void_many, name="labels-void"),
    path("labels/<int:label_id>/", one, name="label"),
    path("labels/<int:label_id>/label.png", picture, name="label-picture"),
]
