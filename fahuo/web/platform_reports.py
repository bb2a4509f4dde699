"""报备: delay reports of all shops that wait for an answer, what each would move, and the answer, one or many."""

from collections.abc import Sequence
from typing import Any, Final

from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext, gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from fahuo.rules.problems import Problem, Refusal
from fahuo.rules.regions import is_known, words_of
from fahuo.services import evidence, reports
from fahuo.store.boards import platform as boards
from fahuo.store.boards import platform_reports as report_boards
from fahuo.web import ui
from fahuo.web.access import PlatformRequest
from fahuo.web.platform_frame import desk, page
from fahuo.web.session import toast
from fahuo.web.uploads import download

STATUSES: Final = {
    "filed": (gettext_lazy("待审核"), "warn", "file-clock"), "approved": (gettext_lazy("已批准"), "good", "file-check"),
    "rejected": (gettext_lazy("已驳回"), "bad", "file-x"), "withdrawn": (gettext_lazy("已撤回"), "quiet", "undo-2"),
}  # fmt: skip
SCOPES: Final = {
    "orders": gettext_lazy("列出的订单"), "shop": gettext_lazy("全店"), "region": gettext_lazy("地区"),
    "goods": gettext_lazy("商品"),
}  # fmt: skip
MOST: Final = 200
"""Reports answered at once."""


def scope_words(row: Any) -> str:
    """What a report is about."""
    if row.scope == "region":
        return words_of(row.scope_value) if is_known(row.scope_value) else row.scope_value
    if row.scope == "goods":
        return gettext("商品 {code}").format(code=row.scope_value)
    return str(SCOPES.get(row.scope, row.scope))


def _cards(rows: Sequence[Any]) -> list[dict[str, Any]]:
    return [{"row": row, "scope": scope_words(row), "word": STATUSES[row.status]} for row in rows]


def _list(request: PlatformRequest, problems: Sequence[Problem] = (), reason: str = "") -> HttpResponse:
    shop = request.GET.get("shop", "")[:40]
    done = request.GET.get("tab") == "answered"
    found = report_boards.answered(shop=shop, before=request.GET.get("cursor", "")) if done else None
    rows = found.rows if found else report_boards.filed(shop=shop)
    here, counts = reverse("platform_reports"), boards.desk_counts()
    return page(
        request, "platform/reports.html", "reports", counts=counts, status=422 if problems else 200, rows=_cards(rows),
        page=found, done=done, problems=problems, reason=reason, keep={"tab": "answered"} if done else {},
        fields=[ui.Filter("shop", gettext("店铺"), "select", shop, [(s.code, s.name) for s in boards.shop_names()])],
        tabs=[
            ui.Tab(gettext("待审核"), here, counts.reports, not done),
            ui.Tab(gettext("已审核"), f"{here}?tab=answered", None, done),
        ],
    )  # fmt: skip


@desk
@require_GET
def listed(request: PlatformRequest) -> HttpResponse:
    """Which reports wait for an answer?"""
    return _list(request)


def _one(request: PlatformRequest, shop: str, report_id: int) -> Any:
    about = boards.shop_by_code(shop)
    row = report_boards.report(about.id, report_id) if about else None
    if row is None:
        raise Http404(report_id)
    timezone.activate(row.time_zone)
    return row


def _show(request: PlatformRequest, row: Any, problems: Sequence[Problem] = (), reason: str = "") -> HttpResponse:
    waits = row.status == "filed"
    return page(
        request, "platform/report.html", "reports", status=422 if problems else 200, row=row, scope=scope_words(row),
        word=STATUSES[row.status], moves=report_boards.moves(row, now=request.now) if waits else None,
        orders=report_boards.listed_orders(row.shop_id, row.id) if row.scope == "orders" else [],
        pieces=report_boards.evidence_of(row.shop_id, row.id), problems=problems, reason=reason, waits=waits,
    )  # fmt: skip


@desk
@require_GET
def one(request: PlatformRequest, shop: str, report_id: int) -> HttpResponse:
    """What is reported, what proves it, and what would approving it move?"""
    return _show(request, _one(request, shop, report_id))


def _answer(request: PlatformRequest, shop_id: int, report_id: int) -> int:
    """Approve or reject, as the form says; how many deadlines moved. A rejection needs its reason."""
    reason = request.POST.get("reason", "").strip()
    if request.POST.get("answer") == "approve":
        return reports.approve(request.platform, shop_id, report_id, now=request.now, reason=reason)
    if not reason:
        raise Refusal.of("report_reason")
    reports.reject(request.platform, shop_id, report_id, now=request.now, reason=reason)
    return 0


@desk
@require_POST
def answer(request: PlatformRequest, shop: str, report_id: int) -> HttpResponse:
    """Answer one report."""
    row = _one(request, shop, report_id)
    try:
        moved = _answer(request, row.shop_id, report_id)
    except Refusal as refusal:
        return _show(request, _one(request, shop, report_id), refusal.problems, request.POST.get("reason", "")[:500])
    said = gettext("已驳回")
    if request.POST.get("answer") == "approve":
        said = gettext("已批准，{n} 个订单的期限已顺延").format(n=moved)
    return toast(request, redirect("platform_report", shop=shop, report_id=report_id), said)


@desk
@require_POST
def answer_many(request: PlatformRequest) -> HttpResponse:
    """Answer all that were picked alike; each by itself, so that one that was answered meanwhile keeps none back."""
    picked = set(ui.chosen(request).ids[:MOST])
    rows = [row for row in report_boards.filed(limit=5 * MOST) if row.id in picked]
    if not rows:
        return _list(request, [Problem("report_none_chosen")])
    done, moved, problems = 0, 0, []
    for row in rows:
        try:
            moved += _answer(request, row.shop_id, row.id)
            done += 1
        except Refusal as refusal:
            problems += [problem for problem in refusal.problems if problem not in problems]
    if not done:
        return _list(request, problems, request.POST.get("reason", "")[:500])
    said = gettext("已审核 {n} 份报备，{moved} 个订单的期限已顺延").format(n=done, moved=moved)
    if len(rows) > done or len(picked) > len(rows):
        said += gettext("；其余的已被别人审核")
    return toast(request, redirect("platform_reports"), said)


@desk
@require_GET
def evidence_file(request: PlatformRequest, shop: str, report_id: int, evidence_id: int) -> HttpResponse:
    """A file that proves a report, to be saved."""
    about = boards.shop_by_code(shop)
    if about is None:
        raise Http404(shop)
    try:
        name, body = evidence.file_of(about.id, evidence_id, report_id=report_id)
    except Refusal as refusal:
        raise Http404(evidence_id) from refusal
    return download(name, body)


HERE = "platform/reports/<slug:shop>/<int:report_id>/"
urlpatterns: list[URLPattern] = [
    path("platform/reports/", listed, name="platform_reports"),
    path("platform/reports/answer/", answer_many, name="platform_reports_answer"),
    path(HERE, one, name="platform_report"),
    path(f"{HERE}answer/", answer, name="platform_report_answer"),
    path(f"{HERE}evidence/<int:evidence_id>/", evidence_file, name="platform_report_file"),
]
