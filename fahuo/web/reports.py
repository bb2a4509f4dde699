"""延迟发货报备: the shop's delay reports, a new one with what it would move, and one with its verdict and evidence."""

from collections.abc import Sequence
from typing import Any, Final

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext, gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from fahuo.rules import evidence as evidence_rules
from fahuo.rules.problems import Problem, Refusal
from fahuo.rules.regions import is_known, words_of
from fahuo.rules.reports import STATUSES
from fahuo.services import evidence, reports
from fahuo.store.boards import reports as boards
from fahuo.web import ui
from fahuo.web.access import ShopRequest, shop_page
from fahuo.web.report_forms import FIELDS, NAMED, Asked, Typed, asked, typed
from fahuo.web.session import toast
from fahuo.web.uploads import ACCEPT, download, sheets_of, takes_files

STATES: Final[dict[str, tuple[str | Promise, str, str]]] = {
    "filed": (gettext_lazy("待审核"), "warn", "file-clock"), "approved": (gettext_lazy("已批准"), "good", "file-check"),
    "rejected": (gettext_lazy("已驳回"), "bad", "file-x"), "withdrawn": (gettext_lazy("已撤回"), "quiet", "undo-2"),
}  # fmt: skip
SCOPES: Final = {
    "orders": gettext_lazy("列出的订单"), "goods": gettext_lazy("商品"), "region": gettext_lazy("收货地区"),
    "shop": gettext_lazy("全店"),
}  # fmt: skip
ORDERS: Final = 50
"""Orders shown with one report."""
REASONS: Final = (
    gettext_lazy("台风、暴雨等天气"), gettext_lazy("疫情管控"), gettext_lazy("快递停运或网点停收"), gettext_lazy("工厂延期到货"),
    gettext_lazy("大促爆单"), gettext_lazy("春节放假"),
)  # fmt: skip
"""What is offered as a reason; any other may be typed."""


def scope_words(scope: str, value: str) -> str:
    """What a report is about."""
    if scope == "region" and value:
        return words_of(value) if is_known(value) else value
    if scope == "goods":
        return gettext("商品 {code}").format(code=value)
    return str(SCOPES.get(scope, scope))


@shop_page("report_delays")
@require_GET
def listed(request: ShopRequest) -> HttpResponse:
    """The shop's reports by state, the newest first."""
    status = request.GET.get("tab", "")
    status = status if status in STATUSES else ""
    found = boards.listed(request.shop.id, status, cursor=request.GET.get("cursor", ""))
    counts, here = boards.counts(request.shop.id), reverse("reports", kwargs={"shop": request.shop.code})
    tabs = [ui.Tab(gettext("全部"), here, sum(counts.values()), not status)]
    tabs += [
        ui.Tab(str(STATES[name][0]), f"{here}?tab={name}", count, name == status) for name, count in counts.items()
    ]
    rows = [
        {"row": row, "scope": scope_words(row.scope, row.scope_value), "word": STATES[row.status]} for row in found.rows
    ]
    return render(request, "reports/list.html", {
        "section": "tasks", "tabs": tabs, "rows": rows, "page": found, "status": status,
    })  # fmt: skip


def _form(request: ShopRequest, form: Typed, problems: Sequence[Problem] = ()) -> HttpResponse:
    return render(request, "reports/new.html", {
        "section": "tasks", "form": form, "problems": problems, "accept": ACCEPT, "reasons": REASONS,
    }, status=422 if problems else 200)  # fmt: skip


def _preview(request: ShopRequest, form: Typed, found: Asked, problems: Sequence[Problem] = ()) -> HttpResponse:
    preview = reports.preview(request.actor, found.wish, now=request.now)
    return render(request, "reports/preview.html", {
        "section": "tasks", "form": form, "wish": found.wish, "preview": preview, "problems": problems,
        "hidden": [(name, getattr(form, name)) for name in FIELDS if name != "body"],
        "scope": scope_words(found.wish.scope, found.wish.value), "accept": evidence_rules.ACCEPT,
        "unknown": found.unknown[:NAMED], "unknown_more": max(len(found.unknown) - NAMED, 0),
        "unpriced": max(preview.covered - reports.PRICED, 0), "others": max(preview.covered - len(preview.shown), 0),
    }, status=422 if problems else 200)  # fmt: skip


@shop_page("report_delays")
def _too_large(request: ShopRequest, problem: Problem) -> HttpResponse:
    return _form(request, Typed(), (problem,))


@takes_files(_too_large)
@shop_page("report_delays")
def new(request: ShopRequest) -> HttpResponse:
    """A new report: the form, then what it would move (`step` preview), then filed (`step` file). `step` again goes back."""
    if request.method != "POST":
        number = request.GET.get("order", "")[:32]
        return _form(request, Typed(numbers=number))
    step, form = request.POST.get("step", ""), Typed()
    try:
        form = typed(request)
        if step == "again":
            return _form(request, form)
        found = asked(request, form)
        if step != "file":
            return _preview(request, form, found)
    except Refusal as refusal:
        return _form(request, form, refusal.problems)
    try:
        made = reports.file_with(
            request.actor, found.wish, name=found.name, body=found.body, files=_files(request), now=request.now
        )  # fmt: skip
    except Refusal as refusal:
        return _preview(request, form, found, refusal.problems)
    said = gettext("报备已提交，平台审核后期限才会改")
    return toast(request, redirect("report", shop=request.shop.code, report_id=made), said)


def _files(request: ShopRequest) -> list[tuple[str, bytes]]:
    return sheets_of(request) if request.FILES.getlist("file") else []


def _one(request: ShopRequest, report_id: int) -> Any:
    row = boards.report(request.shop.id, report_id)
    if row is None:
        raise Http404(report_id)
    return row


def _show(request: ShopRequest, report_id: int, problems: Sequence[Problem] = (), body: str = "") -> HttpResponse:
    row = _one(request, report_id)
    waits = row.status == "filed"
    orders = boards.orders(request.shop.id, row, limit=ORDERS + 1)
    return render(request, "reports/report.html", {
        "section": "tasks", "row": row, "word": STATES[row.status], "scope": scope_words(row.scope, row.scope_value),
        "waits": waits, "preview": reports.preview_of(request.shop.id, row, now=request.now) if waits else None,
        "orders": orders[:ORDERS], "more_orders": len(orders) > ORDERS, "still_open": _still_open(request, row),
        "pieces": boards.evidence_of(request.shop.id, report_id), "problems": problems, "body": body,
        "accept": evidence_rules.ACCEPT,
    }, status=422 if problems else 200)  # fmt: skip


def _still_open(request: ShopRequest, row: Any) -> bool:
    """Whether orders that come now fall under it."""
    return row.status == "approved" and row.paid_until is not None and request.now < row.paid_until


@shop_page("report_delays")
@require_GET
def one(request: ShopRequest, report_id: int) -> HttpResponse:
    """One report: its state, the platform's words, its evidence, and its orders."""
    return _show(request, report_id)


@shop_page("report_delays")
@require_POST
def withdraw(request: ShopRequest, report_id: int) -> HttpResponse:
    """Take a report back before it is answered."""
    _one(request, report_id)
    try:
        reports.withdraw(request.actor, report_id, now=request.now)
    except Refusal as refusal:
        return _show(request, report_id, refusal.problems)
    return toast(request, redirect("report", shop=request.shop.code, report_id=report_id), gettext("报备已撤回"))


@shop_page("report_delays")
@require_POST
def _file_too_large(request: ShopRequest, report_id: int, problem: Problem) -> HttpResponse:
    return _show(request, report_id, (problem,))


@takes_files(_file_too_large)
@shop_page("report_delays")
@require_POST
def add_evidence(request: ShopRequest, report_id: int) -> HttpResponse:
    """Put words, files or both on record, while the report waits."""
    _one(request, report_id)
    body = request.POST.get("body", "")
    try:
        reports.add_evidence(request.actor, report_id, body=body, files=_files(request), now=request.now)
    except Refusal as refusal:
        return _show(request, report_id, refusal.problems, body)
    return toast(request, redirect("report", shop=request.shop.code, report_id=report_id), gettext("凭证已提交"))


@shop_page("report_delays")
@require_GET
def evidence_file(request: ShopRequest, report_id: int, evidence_id: int) -> HttpResponse:
    """A file that proves a report, to be saved."""
    try:
        name, body = evidence.file_of(request.shop.id, evidence_id, report_id=report_id)
    except Refusal as refusal:
        raise Http404(evidence_id) from refusal
    return download(name, body)


urlpatterns: list[URLPattern] = [
    path("reports/", listed, name="reports"),
    path("reports/new/", new, name="report-new"),
    path("reports/<int:report_id>/", one, name="report"),
    path("reports/<int:report_id>/withdraw/", withdraw, name="report-withdraw"),
    path("reports/<int:report_id>/evidence/", add_evidence, name="report-evidence"),
    path("reports/<int:report_id>/evidence/<int:evidence_id>/", evidence_file, name="report-file"),
]
