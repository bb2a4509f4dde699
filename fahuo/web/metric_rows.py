"""The rows behind a figure: turns with how long each took, orders that were due, tasks with their answers, the load."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any, Final
from urllib.parse import urlencode

from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext, gettext_lazy
from django.views.decorators.http import require_GET

from fahuo.rules import metrics as rules
from fahuo.rules.metrics import Span
from fahuo.rules.problems import Problem, Refusal
from fahuo.services import metrics as service
from fahuo.services.shopbook import ShopBook
from fahuo.services.turns import range_of
from fahuo.store import boards
from fahuo.store.boards import metric_rows as board
from fahuo.store.boards.pages import MAX_ID
from fahuo.web.access import ShopRequest, shop_page
from fahuo.web.ui import Tab

LIMIT: Final = 100
TITLES: Final[Mapping[str, str | Promise]] = {
    "response": gettext_lazy("对话响应"),
    "pickup": gettext_lazy("到期订单的揽收"),
    "tasks": gettext_lazy("平台任务的处理"),
    "paid": gettext_lazy("付款订单"),
    "shipped": gettext_lazy("发出包裹"),
}
NOTES: Final[Mapping[str, str | Promise]] = {
    "response": gettext_lazy(
        "8 点到 23 点之间，从买家这一轮的第一句话到人工第一次回复。超过 10 分钟、当天没回的都按 10 分钟算；自动回复不算回复。"
    ),
    "pickup": gettext_lazy(
        "快递在期限前（含期限那一刻）扫描揽收才算按时；点了发货还没揽收的不算。期限前已关闭的订单不计。"
    ),
    "tasks": gettext_lazy("从任务产生算起，24 小时内回复、发货或退款都算处理。还没满 24 小时、还没处理的先不计。"),
    "paid": gettext_lazy("按买家付款的时间。"),
    "shipped": gettext_lazy("按发货的时间，作废的包裹不计。"),
}
ONLY: Final[Mapping[str, Sequence[tuple[str, str | Promise]]]] = {
    "response": (
        ("", gettext_lazy("全部")), ("slow", gettext_lazy("超过 3 分钟")), ("unanswered", gettext_lazy("当天没回")),
    ),
    "pickup": (
        ("", gettext_lazy("没按时")), ("late_scan", gettext_lazy("揽收晚了")), ("no_scan", gettext_lazy("没有揽收记录")),
        ("not_shipped", gettext_lazy("没有发货")), ("on_time", gettext_lazy("按时")), ("all", gettext_lazy("全部")),
    ),
    "tasks": (("", gettext_lazy("全部")), ("missed", gettext_lazy("24 小时内没处理"))),
}  # fmt: skip
"""The tabs over the rows of a figure."""

OUTCOMES: Final[Mapping[str, tuple[str | Promise, str, str]]] = {
    "on_time": (gettext_lazy("按时"), "good", "circle-check"),
    "late_scan": (gettext_lazy("揽收晚了"), "bad", "alarm-clock-off"),
    "no_scan": (gettext_lazy("没有揽收记录"), "warn", "scan-line"),
    "not_shipped": (gettext_lazy("没有发货"), "bad", "package-x"),
}
ANSWERED: Final[Mapping[str, str | Promise]] = {
    "reply_ship_later": gettext_lazy("回复：延迟发货"),
    "reply_exchange": gettext_lazy("回复：协商换货"),
    "reply_cannot_ship": gettext_lazy("回复：无法发货"),
    "reply_force_majeure": gettext_lazy("回复：不可抗力"),
    "shipped": gettext_lazy("已发货"),
    "refunded": gettext_lazy("已退款"),
    "tracked": gettext_lazy("物流已更新"),
    "complaint_closed": gettext_lazy("投诉已结束"),
}
"""What first moved a task on -> words."""


class Asked:
    """What the address of a rows page asks for; whatever makes no sense is left out."""

    def __init__(self, request: ShopRequest, metric: str) -> None:
        get = request.GET
        self.shop_id, self.now, self.metric, self.get = request.shop.id, request.now, metric, get
        self.problems: Sequence[Problem] = ()
        self.span = self._span(get)
        self.cursor = get.get("cursor", "")
        self.by_member = get.get("member", "") != ""
        self.member = self._number("member", MAX_ID)
        self.by_member = self.by_member and (self.member is not None or get["member"] == "none")
        self.hour = self._number("hour", 23)
        words = [key for key, _ in ONLY.get(metric, ())]
        self.only = get.get("only", "") if get.get("only", "") in words else ""

    def _span(self, get: QueryDict) -> Span:
        today = service.today_of(self.shop_id, now=self.now)
        first, last = get.get("from", ""), get.get("to", "")
        self.day = get.get("day", "")
        try:
            span = rules.span_of(self.day or first, self.day or last, today=today)
        except Refusal as refusal:
            self.problems, self.day = refusal.problems, ""
            return rules.usual(today)
        return span

    def _number(self, name: str, most: int) -> int | None:
        text = self.get.get(name, "")
        return int(text) if text.isascii() and text.isdigit() and len(text) < 20 and int(text) <= most else None

    def range(self) -> Any:
        return range_of(ShopBook.of(self.shop_id), self.span, now=self.now)

    def address(self, **other: str) -> str:
        """This page with something else asked for; "" takes it out."""
        query = {key: value for key, value in self.get.items() if key != "cursor"} | other
        return "?" + urlencode({key: value for key, value in query.items() if value})


def _turns(asked: Asked) -> boards.Page[Any]:
    return service.turns_page(
        asked.shop_id, asked.span, only=asked.only, by_member=asked.by_member, member=asked.member,
        cursor=asked.cursor, limit=LIMIT, now=asked.now,
    )  # fmt: skip


def _due(asked: Asked) -> boards.Page[Any]:
    late: Sequence[str] = [name for name in rules.PICKUPS if name != "on_time"]
    every: Mapping[str, Sequence[str]] = {"": late, "all": rules.PICKUPS}
    wished = every.get(asked.only, [asked.only])
    return board.due(
        asked.range(), wished, by_member=asked.by_member, member=asked.member, cursor=asked.cursor, limit=LIMIT
    )  # fmt: skip


def _raised(asked: Asked) -> boards.Page[Any]:
    return board.raised(
        asked.range(), missed=asked.only == "missed", by_member=asked.by_member, member=asked.member,
        within=rules.ANSWER_WITHIN, cursor=asked.cursor, limit=LIMIT,
    )  # fmt: skip


def _paid(asked: Asked) -> boards.Page[Any]:
    return board.paid(asked.range(), hour=asked.hour, cursor=asked.cursor, limit=LIMIT)


def _shipped(asked: Asked) -> boards.Page[Any]:
    return board.shipped(asked.range(), hour=asked.hour, cursor=asked.cursor, limit=LIMIT)


LISTS: Final[Mapping[str, Callable[[Asked], boards.Page[Any]]]] = {
    "response": _turns, "pickup": _due, "tasks": _raised, "paid": _paid, "shipped": _shipped,
}  # fmt: skip


@shop_page("view_orders")
@require_GET
def rows(request: ShopRequest, metric: str) -> HttpResponse:
    """The rows behind one figure: over `from`…`to` or one `day`, of one `member`, in one `hour`."""
    if metric not in LISTS:
        raise Http404(metric)
    asked = Asked(request, metric)
    names = service.member_names(request.shop.id)
    return render(request, "metrics/rows.html", {
        "section": "metrics", "metric": metric, "table": f"metrics/{metric}.html", "title": TITLES[metric],
        "note": NOTES[metric], "asked": asked, "span": asked.span, "problems": asked.problems,
        "page": LISTS[metric](asked), "names": {None: "—", **names}, "outcomes": OUTCOMES, "answered": ANSWERED,
        "tabs": [Tab(str(word), asked.address(only=key), None, key == asked.only) for key, word in ONLY.get(metric, ())],
        "chips": chips(asked, names), "back": urlencode({"from": _first(asked), "to": _last(asked)}),
    }, status=422 if asked.problems else 200)  # fmt: skip


def _first(asked: Asked) -> str:
    return asked.get.get("from", "") or asked.span.first.isoformat()


def _last(asked: Asked) -> str:
    return asked.get.get("to", "") or asked.span.last.isoformat()


def chips(asked: Asked, names: Mapping[Any, str]) -> list[tuple[str, str]]:
    """(words, address without it) of what narrows the rows."""
    found = []
    if asked.day:
        found.append((date.fromisoformat(asked.day).strftime("%m-%d"), asked.address(day="")))
    if asked.hour is not None:
        found.append((gettext("{n} 点").format(n=asked.hour), asked.address(hour="")))
    if asked.by_member:
        name = gettext("没有账号经手") if asked.member is None else names.get(asked.member, str(asked.member))
        found.append((name, asked.address(member="")))
    return found
