"""What pages hand to the larger components, the reading of a selection, and the page that shows every component."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

from django import forms
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils import translation
from django.utils.functional import Promise

from fahuo.rules.problems import Problem
from fahuo.store.boards import Count
from fahuo.web.access import public
from fahuo.web.charts import Chart, Series, draw


@dataclass(frozen=True, slots=True)
class Column:
    """A column of components/table.html. `kind`: text, money, number, time, wrap."""

    key: str
    label: str | Promise
    kind: str = "text"
    title: str = ""


@dataclass(frozen=True, slots=True)
class Tab:
    """A tab of components/tabs.html; `count` None shows none."""

    label: str
    url: str
    count: int | Count | None = None
    active: bool = False


@dataclass(frozen=True, slots=True)
class Filter:
    """A field of components/filters.html. `kind`: search, text, date, select, check."""

    name: str
    label: str
    kind: str = "text"
    value: str = ""
    options: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True, slots=True)
class Chip:
    """A condition that is set, under the filter bar; `url` is the list without it."""

    label: str
    url: str
    word: str = ""


@dataclass(frozen=True, slots=True)
class Act:
    """A button of components/batch_bar.html. `question` is asked first; `key` is its key. Tones: plain, primary, bad."""

    label: str
    url: str
    icon: str
    tone: str = "plain"
    key: str = ""
    question: str = ""


@dataclass(frozen=True, slots=True)
class Chosen:
    """What was picked in a table: ids, or (`everything`) all rows that match `query`."""

    ids: tuple[int, ...]
    everything: bool = False
    query: QueryDict = field(default_factory=QueryDict)


MOST = 100_000
"""A selection names at most so many rows; more are chosen by their filter."""


def chosen(request: HttpRequest) -> Chosen:
    """The selection that components/batch_bar.html sent. What is no number is left out; order is kept, doubles go."""
    named = [*request.POST.get("ids", "").split(","), *request.POST.getlist("id")]
    ids = tuple(dict.fromkeys(int(text) for text in named if text.isascii() and text.isdigit() and len(text) < 19))
    return Chosen(ids[:MOST], request.POST.get("all") == "1", QueryDict(request.POST.get("query", "")))


class _Example(forms.Form):
    """Fields in each state, for the gallery."""

    name = forms.CharField(label="寄件人", help_text="印在发件单上")
    carrier = forms.ChoiceField(label="快递公司", choices=[("YTO", "圆通速递"), ("SF", "顺丰速运")], required=False)
    waybill = forms.CharField(label="运单号")
    note = forms.CharField(label="备注", widget=forms.Textarea(attrs={"rows": 3}), required=False)


def _rows(now: Any) -> list[SimpleNamespace]:
    spans = (-3.2, -0.4, 0.7, 1.9, 3.2, 9.0, 27.5, 70.0)
    words = ("awaiting_shipment", "awaiting_shipment", "part_shipped", "awaiting_shipment")
    return [
        SimpleNamespace(
            id=place, number=f"30019{place}88210045{place:03d}", title="手工竹编茶则 · 素面 " * (1 + place % 3),
            deadline=now + timedelta(hours=span), stake=Decimal("7.50") * place, status=words[place % 4],
            quantity=1 + place % 3, flag=place % 11, paid=Decimal("150.00") * (place + 1),
        )
        for place, span in enumerate(spans)
    ]  # fmt: skip


def _charts() -> list[Chart]:
    """A line with a gap, a target and rows behind it, and columns beside each other."""
    days = [f"3-{day}" for day in range(1, 31)]
    share = [None if day == 17 else 0.93 + 0.06 * ((day * 7) % 11) / 11 for day in range(30)]
    before = [0.9 + 0.07 * ((day * 5) % 13) / 13 for day in range(30)]
    hours = [str(hour) for hour in range(24)]
    paid = [((hour * 37) % 23 + hour) * 9 for hour in range(24)]
    parcels = [max(0, (hour - 8) * (19 - hour)) * 14 for hour in range(24)]
    return [
        draw("chart-share", "按时揽收率", days, [Series("本期", share, links=["#"] * 30), Series("上期", before)],
             form="percent", target=0.95, label="日期"),
        draw("chart-hours", "各时段", hours, [Series("付款订单", paid, "bars"), Series("发出包裹", parcels, "bars")], label="时"),
    ]  # fmt: skip


def _gallery(request: HttpRequest) -> Mapping[str, Any]:
    now = request.now  # type: ignore[attr-defined]  # set by the middleware
    form = _Example({"name": "兰草小铺", "carrier": "YTO", "waybill": "YT12"})
    form.add_error("waybill", "圆通速递的单号是 YT 加 13 位数字")
    columns = [
        Column("number", "订单编号"), Column("left", "剩余时间", "time"), Column("stake", "超时要赔", "money"),
        Column("status", "状态"), Column("title", "宝贝"), Column("quantity", "件数", "number"),
        Column("paid", "实付", "money"), Column("flag", "旗"),
    ]  # fmt: skip
    return {
        "charts": _charts(), "rows": _rows(now), "columns": columns, "form": form, "matching": 1280, "chosen": {"number", "left", "status"},
        "tabs": [Tab("待发货", "?", 128, True), Tab("已发货", "?", 20417), Tab("退款中", "?", 3), Tab("全部", "?")],
        "fields": [
            Filter("q", "订单号、单号、收件人、买家", "search"), Filter("overdue", "已超时", "check", "1"),
            Filter("urged", "催发货", "check"), Filter("carrier", "快递", "select", "YTO", [("YTO", "圆通"), ("SF", "顺丰")]),
            Filter("goods", "宝贝", "text", "茶则"),
        ],
        "chips": [Chip("已超时", "?"), Chip("快递", "?", "圆通")],
        "actions": [Act("发货", "#", "truck", "primary", "s"), Act("导出地址", "#", "file-up"), Act("打印发件单", "#", "printer", key="p")],
        "page": SimpleNamespace(next="x", previous=None),
        "problems": [Problem("not_permitted", {"act": "ship", "actor": "小周"})],
        "bad_row": {"code": "not_permitted", "data": {"act": "ship", "actor": "小周"}},
    }  # fmt: skip


@public
def gallery(request: HttpRequest) -> HttpResponse:
    """Every component in both languages and themes (`?lang=`, `?theme=`); only where DEBUG or DEMO is on."""
    if not (settings.DEBUG or settings.DEMO):
        raise Http404
    language = request.GET.get("lang") or translation.get_language() or "zh-hans"
    theme = request.GET.get("theme") or request.theme  # type: ignore[attr-defined]  # set by the middleware
    with translation.override(language if language in ("zh-hans", "en") else "zh-hans"):
        return render(request, "ui/gallery.html", {**_gallery(request), "gallery_theme": theme})
