"""投诉与赔付: every complaint over the shop's orders, what it cost in CNY and points, and how that came about."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any, Final
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path
from django.utils.functional import Promise
from django.utils.translation import gettext, gettext_lazy
from django.views.decorators.http import require_GET

from fahuo.rules import complaints as rules
from fahuo.rules.complaints import STATUSES
from fahuo.rules.metrics import Span, span_of
from fahuo.rules.problems import Problem, Refusal
from fahuo.services import ledger as service
from fahuo.services import metrics
from fahuo.services.shopbook import ShopBook
from fahuo.store.boards import ledger as boards
from fahuo.store.boards.ledger import LedgerFilter
from fahuo.store.boards.pages import Count
from fahuo.web.access import ShopRequest, shop_page
from fahuo.web.order_forms import download
from fahuo.web.platform_words import KINDS, OPENERS, OUTCOMES, working_words
from fahuo.web.ui import Filter, Tab

DAYS: Final = 90
"""So far back the page looks where nobody asked for other days."""
TABS: Final[Mapping[str, tuple[str | Promise, Sequence[str] | None]]] = {
    "all": (gettext_lazy("全部"), None),
    "paid": (gettext_lazy("赔付和扣分"), ("upheld", "settled")),
    **{status: (OUTCOMES[status][0], (status,)) for status in STATUSES},
}


def asked(request: ShopRequest) -> tuple[Span, LedgerFilter, str, tuple[Problem, ...]]:
    """The days, what matches, the tab, and why the days that were asked for cannot be shown."""
    today = metrics.today_of(request.shop.id, now=request.now)
    problems: tuple[Problem, ...] = ()
    span = Span(today - timedelta(days=DAYS), today)
    try:
        if request.GET.get("from") or request.GET.get("to"):
            span = span_of(request.GET.get("from", ""), request.GET.get("to", ""), today=today)
    except Refusal as refusal:
        problems = refusal.problems
    tab = request.GET.get("tab", "all")
    tab = tab if tab in TABS else "all"
    kind = request.GET.get("kind", "")
    start, end = span.bounds(ShopBook.of(request.shop.id).zone)
    return span, LedgerFilter(start, end, TABS[tab][1], kind if kind in rules.KINDS else ""), tab, problems


def lines_of(rows: Sequence[Any], shop_id: int) -> list[dict[str, Any]]:
    """The rows with their words: kind, who opened it, what became of it, and the working in sentences."""
    reckoned = service.reckon(shop_id, rows)
    return [
        {
            "row": row, "kind": KINDS[row.kind], "opener": OPENERS[row.opened_by], "outcome": OUTCOMES[row.status],
            "buyer": boards.buyer_of(row), "working": _working(row, reckoned.get(row.id)),
        }
        for row in rows
    ]  # fmt: skip


def _working(row: Any, found: service.Reckoned | None) -> list[str]:
    if found is None:
        return []
    said = working_words(row.kind, found.working, row.points, found.version)
    if row.nth is not None:
        every = found.version.points.voluntary_every
        said.append(
            gettext("这是本店第 {n} 次自愿赔付，每 {every} 次扣一次分。").format(n=row.nth, every=every)
        )  # fmt: skip
    if found.changed:
        said.append(gettext("订单金额后来有变化；记账的是当时的 {amount}。").format(amount=f"¥{row.compensation:,.2f}"))
    return said


@shop_page("view_ledger")
@require_GET
def ledger(request: ShopRequest) -> HttpResponse:
    """The complaints opened within some days; `tab` is a status, `kind` a kind of complaint."""
    span, wish, tab, problems = asked(request)
    page = boards.ledger_page(request.shop.id, wish, cursor=request.GET.get("at", ""))
    every = LedgerFilter(wish.start, wish.end, None, wish.kind)
    sums = boards.ledger_sums(request.shop.id, every)
    keep = {"from": span.first.isoformat(), "to": span.last.isoformat(), "kind": wish.kind}
    tabs = [
        Tab(str(word), f"?{urlencode(keep | {'tab': name})}", _count(sums, statuses), name == tab)
        for name, (word, statuses) in TABS.items()
    ]
    kinds = Filter("kind", gettext("种类"), "select", wish.kind, [(kind, KINDS[kind]) for kind in rules.KINDS])
    days = [
        Filter("from", gettext("从"), "date", span.first.isoformat()),
        Filter("to", gettext("到"), "date", span.last.isoformat()),
    ]
    paid = [sums[status] for status in rules.PAYS if status in sums]
    return render(request, "ledger/page.html", {
        "section": "tasks", "tabs": tabs, "fields": [kinds, *days], "keep": {"tab": tab}, "page": page,
        "lines": lines_of(page.rows, request.shop.id), "problems": problems, "span": span,
        "amount": sum((one.amount for one in paid), Decimal("0.00")), "points": sum(one.points for one in paid),
        "query": urlencode(keep | {"tab": tab}), "any": bool(sums), "opened": sums.get("open"),
    }, status=422 if problems else 200)  # fmt: skip


def _count(sums: Mapping[str, boards.Sum], statuses: Sequence[str] | None) -> Count:
    return Count(sum(one.complaints for status, one in sums.items() if statuses is None or status in statuses))


@shop_page("view_ledger")
@require_GET
def sheet(request: ShopRequest) -> HttpResponse:
    """The same complaints as a workbook, with the numbers of each working in columns."""
    _, wish, _, problems = asked(request)
    if problems:
        raise Refusal(*problems)
    return download(*service.workbook(request.actor, wish))


urlpatterns: list[URLPattern] = [
    path("ledger/", ledger, name="ledger"),
    path("ledger/sheet/", sheet, name="ledger-sheet"),
]
