"""数据: the figures of a shop over a range of days, as numbers, charts and by account; each opens its rows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path
from django.utils.functional import Promise
from django.utils.translation import gettext, gettext_lazy
from django.views.decorators.http import require_GET

from fahuo.rules import metrics as rules
from fahuo.rules.metrics import Span
from fahuo.rules.problems import Problem, Refusal
from fahuo.services import metric_sheets
from fahuo.services import metrics as service
from fahuo.services.metrics import Figures, Report
from fahuo.web import metric_rows
from fahuo.web.access import ShopRequest, shop_page
from fahuo.web.charts import Chart, Form, Series, draw, worded
from fahuo.web.order_forms import address, download

PRESETS: Final = (7, 30, 90, 365)
NOBODY: Final = gettext_lazy("没有账号经手")


@dataclass(frozen=True, slots=True)
class Card:
    """One headline figure. `tone` is better, worse or even, against the days before."""

    label: str | Promise
    value: str
    change: str
    tone: str
    note: str
    url: str


def asked_span(request: ShopRequest) -> tuple[Span, Sequence[Problem]]:
    """The days that the address asks for, or the usual ones and why those asked for cannot be shown."""
    today = service.today_of(request.shop.id, now=request.now)
    try:
        return rules.span_of(request.GET.get("from", ""), request.GET.get("to", ""), today=today), ()
    except Refusal as refusal:
        return rules.usual(today), refusal.problems


def days_query(span: Span) -> dict[str, str]:
    """A span as it stands in an address."""
    return {"from": span.first.isoformat(), "to": span.last.isoformat()}


def rows_url(code: str, metric: str, span: Span, **more: object) -> str:
    """The rows behind a figure."""
    return f"{address('metric', code, metric=metric)}?{urlencode(days_query(span) | more)}"


@shop_page("view_orders")
@require_GET
def metrics(request: ShopRequest) -> HttpResponse:
    """The figures. The range stands in the address: `from` and `to`, both days in."""
    span, problems = asked_span(request)
    shop_id, code = request.shop.id, request.shop.code
    found = service.report(shop_id, span, now=request.now)
    before = service.before(shop_id, span, now=request.now)
    return render(request, "metrics/page.html", {
        "section": "metrics", "span": span, "problems": problems, "cards": cards(code, found, before),
        "charts": charts(code, found, before), "load": load(code, shop_id, span, request),
        "members": member_rows(code, found, service.member_names(shop_id)), "presets": presets(request, span),
        "query": urlencode(days_query(span)), "nothing": found.total == Figures(), "import_url": address("import", code),
        "today": service.today_of(shop_id, now=request.now),
    }, status=422 if problems else 200)  # fmt: skip


def presets(request: ShopRequest, span: Span) -> list[tuple[int, str, bool]]:
    """(days, address, chosen) of the ranges before today that people ask for most."""
    today = service.today_of(request.shop.id, now=request.now)
    home, yesterday = address("metrics", request.shop.code), rules.usual(today).last
    found = []
    for days in PRESETS:
        wish = Span(date.fromordinal(yesterday.toordinal() - days + 1), yesterday)
        found.append((days, f"{home}?{urlencode(days_query(wish))}", wish == span))
    return found


def change(
    now: Decimal | float | None, before: Decimal | float | None, form: Form, *, less: bool, days: int
) -> tuple[str, str]:
    """(words, tone) of a figure against the one before. `less`: a smaller figure is the better one."""
    if now is None:
        return "", "even"
    if before is None:
        return gettext("前 {days} 天没有数据").format(days=days), "even"
    by = float(now) - float(before)
    size = gettext("{n} 个百分点").format(n=f"{abs(by) * 100:.1f}") if form == "percent" else worded(abs(by), form)
    if abs(by) < (0.0005 if form == "percent" else 0.5):
        return gettext("和前 {days} 天一样").format(days=days), "even"
    words = gettext("比前 {days} 天多 {size}") if by > 0 else gettext("比前 {days} 天少 {size}")
    return words.format(days=days, size=size), "better" if (by < 0) == less else "worse"


def cards(code: str, found: Report, before: Report) -> list[Card]:
    """The four headline figures."""
    now, was, span = found.total, before.total, found.span
    median = gettext("一半在 {t} 内处理").format(t=worded(now.answer_median, "seconds")) if now.answered else ""
    shown: Sequence[tuple[str | Promise, Any, Any, Form, bool, str, str]] = (
        (gettext_lazy("人工平均响应时长"), now.response, was.response, "seconds", True, "response",
         gettext("{n} 轮对话").format(n=f"{now.turns:,}")),
        (gettext_lazy("3 分钟人工响应率"), now.quick, was.quick, "percent", False, "response",
         gettext("平台要求不低于 {goal}").format(goal=worded(float(rules.QUICK_GOAL), "percent"))),
        (gettext_lazy("按时揽收率"), now.pickup, was.pickup, "percent", False, "pickup",
         gettext("{due} 单到期，{late} 单没按时").format(due=f"{now.due:,}", late=f"{now.due - now.on_time:,}")),
        (gettext_lazy("任务 24 小时处理率"), now.answer_rate, was.answer_rate, "percent", False, "tasks",
         median or gettext("{n} 个任务").format(n=f"{now.raised:,}")),
    )  # fmt: skip
    return [
        Card(label, worded(None if value is None else float(value), form),
             *change(value, old, form, less=less, days=span.length), note, rows_url(code, metric, span))
        for label, value, old, form, less, metric, note in shown
    ]  # fmt: skip


def _values(report: Report, name: str) -> list[float | None]:
    found = [getattr(figures, name) for figures in report.days.values()]
    return [None if value is None else float(value) for value in found]


def charts(code: str, found: Report, before: Report) -> list[Chart]:
    """The four figures day by day, with the days before beside them."""
    span = found.span
    labels = [f"{day:%m-%d}" for day in span.days]
    day_word = gettext("日期")

    def by_day(metric: str) -> list[str]:
        return [rows_url(code, metric, span, day=day.isoformat()) for day in span.days]

    def line(id: str, title: str, name: str, metric: str, form: Form, target: float | None = None) -> Chart:
        pair = [
            Series(gettext("本期"), _values(found, name), links=by_day(metric)),
            Series(gettext("前 {days} 天").format(days=span.length), _values(before, name)),
        ]
        return draw(id, title, labels, pair, form=form, target=target, label=day_word)

    tasks = [
        Series(gettext("产生的任务"), _values(found, "raised"), "bars", by_day("tasks")),
        Series(gettext("24 小时内处理"), _values(found, "in_time"), "bars", by_day("tasks")),
    ]
    return [
        line("chart-pickup", gettext("按时揽收率"), "pickup", "pickup", "percent"),
        line("chart-response", gettext("人工平均响应时长"), "response", "response", "seconds"),
        line("chart-quick", gettext("3 分钟人工响应率"), "quick", "response", "percent", float(rules.QUICK_GOAL)),
        draw("chart-tasks", gettext("平台任务"), labels, tasks, label=day_word),
    ]


def load(code: str, shop_id: int, span: Span, request: ShopRequest) -> Chart:
    """Orders paid and parcels shipped in each hour of the day."""
    paid, shipped = service.hours(shop_id, span, now=request.now)
    both = [
        Series(gettext(word), counts, "bars", [rows_url(code, metric, span, hour=hour) for hour in range(24)])
        for word, counts, metric in ((_PAID, paid, "paid"), (_SHIPPED, shipped, "shipped"))
    ]
    labels = [gettext("{n} 点").format(n=hour) for hour in range(24)]
    return draw("chart-load", gettext("各时段的单量"), labels, both, label=gettext("时段"))


_PAID: Final = "付款订单"
_SHIPPED: Final = "发出包裹"


def member_rows(code: str, found: Report, names: Mapping[Any, str]) -> list[dict[str, Any]]:
    """The figures by account, by name; what nobody did stands last."""
    known = sorted(found.members, key=lambda member: (member is None, names.get(member, ""), member or 0))
    return [
        {
            "name": NOBODY if member is None else names.get(member, str(member)), "figures": found.members[member],
            **{metric: rows_url(code, metric, found.span, member="none" if member is None else member)
               for metric in ("response", "pickup", "tasks")},
        }
        for member in known
    ]  # fmt: skip


@shop_page("view_orders")
@require_GET
def sheet(request: ShopRequest) -> HttpResponse:
    """The figures as a workbook: by day, or (`what=members`) by account."""
    span = rules.span_of(
        request.GET.get("from", ""), request.GET.get("to", ""),
        today=service.today_of(request.shop.id, now=request.now),
    )  # fmt: skip
    what: metric_sheets.What = "members" if request.GET.get("what") == "members" else "days"
    return download(*metric_sheets.workbook(request.actor, span, what, now=request.now))


urlpatterns: list[URLPattern] = [
    path("metrics/", metrics, name="metrics"),
    path("metrics/sheet/", sheet, name="metrics-sheet"),
    path("metrics/<slug:metric>/", metric_rows.rows, name="metric"),
]
