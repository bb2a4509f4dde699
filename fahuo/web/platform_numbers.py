"""数据: what happens across shops, by day or week; every figure opens the rows behind it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.http import Http404, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils.dateparse import parse_date
from django.utils.http import urlencode
from django.utils.translation import gettext, gettext_lazy
from django.views.decorators.http import require_GET

from fahuo.store.boards import platform as boards
from fahuo.store.boards import platform_numbers as figures
from fahuo.store.boards.platform_numbers import Numbers
from fahuo.web import charts, ui
from fahuo.web.access import PlatformRequest
from fahuo.web.charts import Series
from fahuo.web.platform_frame import ZONE, desk, page
from fahuo.web.platform_words import KINDS, OUTCOMES, clause_word

LONGEST: Final = 366
"""Days of a period at most."""
USUAL: Final = 30
WHAT: Final = {
    "urges": gettext_lazy("催发货"), "made": gettext_lazy("新任务"), "answered": gettext_lazy("卖家已回复"),
    "missed": gettext_lazy("逾期未回复"), "escalated": gettext_lazy("平台介入"), "complaints": gettext_lazy("新投诉"),
    "closed": gettext_lazy("结束的投诉"), "decided": gettext_lazy("已裁决的投诉"), "paid": gettext_lazy("赔付"),
    "points": gettext_lazy("扣分"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Period:
    """Whole days of the desk's zone, the last one included; in steps of a day or a week."""

    first: date
    last: date
    unit: str

    @property
    def start(self) -> datetime:
        return _midnight(self.first)

    @property
    def end(self) -> datetime:
        return _midnight(self.last + timedelta(days=1))

    def steps(self) -> list[date]:
        """The first day of each step; a week begins on Monday."""
        days = timedelta(days=7 if self.unit == "week" else 1)
        at = self.first - timedelta(days=self.first.weekday()) if self.unit == "week" else self.first
        found = []
        while at <= self.last:
            found.append(at)
            at += days
        return found

    def of(self, step: date) -> tuple[date, date]:
        """The first and last day of a step, within the period."""
        last = step + timedelta(days=6 if self.unit == "week" else 0)
        return max(step, self.first), min(last, self.last)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), ZoneInfo(ZONE))


def _day(text: str) -> date | None:
    try:
        found = parse_date(text)
    except ValueError:
        return None
    return found if found and 2000 < found.year < 3000 else None


def period_of(request: PlatformRequest) -> Period:
    """What the address asks for; else the last thirty days. What makes no sense is put right."""
    today = request.now.astimezone(ZoneInfo(ZONE)).date()
    last = min(_day(request.GET.get("to", "")) or today, today)
    first = _day(request.GET.get("from", "")) or last - timedelta(days=USUAL - 1)
    first = max(min(first, last), last - timedelta(days=LONGEST - 1))
    unit = request.GET.get("by", "")
    return Period(first, last, unit if unit in figures.UNITS else "day")


def _shop(request: PlatformRequest) -> Any | None:
    code = request.GET.get("shop", "")
    found = boards.shop_by_code(code[:40]) if code else None
    if code and found is None:
        raise Http404(code[:40])
    return found


def _rows_url(what: str, first: date, last: date, shop: Any | None, value: str = "") -> str:
    asked = {"what": what, "from": first.isoformat(), "to": last.isoformat()}
    asked |= {"shop": shop.code} if shop else {}
    asked |= {"value": value} if value else {}
    return f"{reverse('platform_rows')}?{urlencode(asked)}"


@desk
@require_GET
def numbers(request: PlatformRequest) -> HttpResponse:
    """How do things go?"""
    period, shop = period_of(request), _shop(request)
    found = {
        each.day: each for each in figures.numbers(
            period.start, period.end, unit=period.unit, zone=ZONE, shop_id=shop.id if shop else None
        )
    }  # fmt: skip
    total = Numbers()
    for each in found.values():
        total.add(each)
    steps = period.steps()
    table = [(step, found.get(step) or Numbers(step)) for step in steps]
    words = {"from": period.first.isoformat(), "to": period.last.isoformat(), "by": period.unit}
    fields = [
        ui.Filter("shop", gettext("店铺"), "select", shop.code if shop else "", [(s.code, s.name) for s in boards.shop_names()]),
        ui.Filter("from", gettext("从"), "date", words["from"]), ui.Filter("to", gettext("到"), "date", words["to"]),
        ui.Filter("by", gettext("按"), "select", period.unit, [("day", gettext("天")), ("week", gettext("周"))]),
    ]  # fmt: skip
    return page(
        request, "platform/numbers.html", "numbers", about=shop, fields=fields, keep={}, total=total,
        cards=_cards(total, period, shop), charts=_charts(table, period, shop), period=period,
        heads=[WHAT[name] for name in ("urges", "made", "answered", "missed", "escalated", "complaints", "decided")],
        rows=[_line(step, each, period, shop) for step, each in reversed(table) if each.day in found],
    )  # fmt: skip


def _cards(total: Numbers, period: Period, shop: Any | None) -> list[dict[str, Any]]:
    """The figures of the whole period: name, words, the rows behind."""

    def card(name: Any, text: str, what: str, value: str = "") -> dict[str, Any]:
        return {"name": name, "text": text, "url": _rows_url(what, period.first, period.last, shop, value)}

    share, hours, upheld = total.answer_share, total.answer_hours, total.upheld_share
    found = [
        card(WHAT["urges"], f"{total.urges:,}", "urges"), card(WHAT["made"], f"{total.made:,}", "made"),
        card(gettext("按时回复率"), _percent(share), "missed" if total.missed else "answered"),
        card(gettext("平均回复用时"), charts.worded(hours, "hours"), "answered"),
        card(WHAT["escalated"], f"{total.escalated:,}", "escalated"),
    ]  # fmt: skip
    found += [
        card(KINDS.get(kind, kind), f"{count:,}", "complaints", kind) for kind, count in total.opened.items()
    ]  # fmt: skip
    return [
        *found, card(gettext("投诉成立率"), _percent(upheld), "decided"),
        card(gettext("赔付"), f"¥{total.paid:,.2f}", "paid"), card(gettext("扣分"), f"{total.points:,}", "points"),
    ]  # fmt: skip


def _percent(share: float | None) -> str:
    return charts.worded(None if share is None else share / 100, "percent")


def _charts(table: Sequence[tuple[date, Numbers]], period: Period, shop: Any | None) -> list[charts.Chart]:
    labels = [f"{step:%m-%d}" for step, _ in table]

    def links(what: str) -> list[str]:
        return [_rows_url(what, *period.of(step), shop) for step, _ in table]

    def series(name: Any, what: str, values: Sequence[float | None], draw: charts.Draw) -> Series:
        return Series(str(name), values, draw, links(what))

    each = [numbers for _, numbers in table]
    head = gettext("周") if period.unit == "week" else gettext("日期")
    return [
        charts.draw(
            "urges-tasks", gettext("催发货和新任务"), labels,
            [series(WHAT["urges"], "urges", [one.urges for one in each], "bars"),
             series(WHAT["made"], "made", [one.made for one in each], "bars")], label=head,
        ),
        charts.draw(
            "answers", gettext("按时回复率"), labels,
            [series(gettext("按时回复率"), "missed",
                    [None if one.answer_share is None else one.answer_share / 100 for one in each], "line")],
            form="percent", label=head,
        ),
        charts.draw(
            "answer-time", gettext("平均回复用时"), labels,
            [series(gettext("平均回复用时"), "answered", [one.answer_hours for one in each], "line")], form="hours", label=head,
        ),
        charts.draw(
            "complaints", gettext("平台介入和新投诉"), labels,
            [series(WHAT["escalated"], "escalated", [one.escalated for one in each], "bars"),
             series(WHAT["complaints"], "complaints", [one.complaints for one in each], "bars")], label=head,
        ),
    ]  # fmt: skip


def _line(step: date, each: Numbers, period: Period, shop: Any | None) -> dict[str, Any]:
    """A day or a week of the table: (count, rows behind) for each head, then money and points."""
    first, last = period.of(step)
    decided = each.closed["upheld"] + each.closed["dismissed"]
    counts = {
        "urges": each.urges, "made": each.made, "answered": each.answered, "missed": each.missed,
        "escalated": each.escalated, "complaints": each.complaints, "decided": decided,
    }  # fmt: skip
    cells = [(count, _rows_url(what, first, last, shop)) for what, count in counts.items()]
    return {"first": first, "last": last, "cells": cells, "numbers": each, "upheld": _percent(each.upheld_share),
            "paid_url": _rows_url("paid", first, last, shop), "points_url": _rows_url("points", first, last, shop)}  # fmt: skip


@desk
@require_GET
def rows(request: PlatformRequest) -> HttpResponse:
    """Which rows make this figure?"""
    what = request.GET.get("what", "")
    if what not in figures.ROWS:
        raise Http404(what[:20])
    period, shop = period_of(request), _shop(request)
    value = request.GET.get("value", "")
    value = value if value in KINDS or value in OUTCOMES else ""
    found = figures.number_rows(
        what, period.start, period.end, value=value, shop_id=shop.id if shop else None,
        before=request.GET.get("cursor", ""),
    )  # fmt: skip
    title = f"{WHAT[what]} · {KINDS[value]}" if value in KINDS else WHAT[what]
    return page(
        request, "platform/rows.html", "numbers", title=title, period=period, about=shop, page=found,
        rows=[(row, _word(what, row.word)) for row in found.rows],
    )  # fmt: skip


def _word(what: str, word: str) -> str:
    if what == "complaints":
        return str(KINDS.get(word, word))
    if what in ("closed", "decided"):
        return str(OUTCOMES[word][0])
    if what == "paid":
        return f"¥{word}"
    return gettext("扣 {n} 分").format(n=word) if what == "points" else clause_word(word)


urlpatterns: list[URLPattern] = [
    path("platform/numbers/", numbers, name="platform_numbers"),
    path("platform/numbers/rows/", rows, name="platform_rows"),
]
