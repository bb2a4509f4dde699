"""对话: who waits for an answer? The list of conversations, one of them beside its order, and the automatic reply."""

from dataclasses import dataclass
from datetime import datetime, time
from typing import Any, Final

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse
from django.utils.dateparse import parse_time
from django.utils.translation import gettext, gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from fahuo.rules.problems import Problem, Refusal
from fahuo.services import messages, saved_texts
from fahuo.services import settings as shop_settings
from fahuo.store import boards
from fahuo.store.boards.talks import TALK_TABS, fresh_count, talk_counts, talk_marks, talks_page
from fahuo.store.boards.talks import talk as talk_of
from fahuo.web import task_words
from fahuo.web.access import ShopRequest, shop_page
from fahuo.web.session import toast
from fahuo.web.ui import Chip, Column, Filter, Tab

LIMIT: Final = 50
SHOWN: Final = 300
"""The newest messages of a conversation that a page shows."""
TAB_WORDS: Final = {"waiting": gettext_lazy("待回复"), "all": gettext_lazy("全部")}
COLUMNS: Final = (
    Column("buyer", gettext_lazy("买家")),
    Column("waiting", gettext_lazy("等人工回复"), "time"),
    Column("last", gettext_lazy("最近一条")),
    Column("task", gettext_lazy("状态")),
    Column("left", gettext_lazy("剩余时间"), "time"),
    Column("number", gettext_lazy("订单编号")),
    Column("title", gettext_lazy("宝贝")),
    Column("at", gettext_lazy("时间"), "time"),
)


@shop_page("send_messages")
@require_GET
def talks(request: ShopRequest) -> HttpResponse:
    """The list: a page, or its part for a page that heard of something new."""
    tab = request.GET.get("tab", "waiting")
    tab, text = (tab if tab in TALK_TABS else "waiting"), request.GET.get("q", "").strip()[:200]
    page = talks_page(request.shop.id, tab=tab, text=text, cursor=request.GET.get("cursor", ""), limit=LIMIT)
    counts, home = talk_counts(request.shop.id), reverse("talks", kwargs={"shop": request.shop.code})
    template = "talks/rows.html" if request.htmx else "talks/list.html"
    return render(request, template, {
        "section": "talks", "page": page, "rows": page.rows, "columns": COLUMNS, "tab": tab, "text": text,
        "tabs": [Tab(str(word), f"{home}?tab={name}", counts[name], name == tab) for name, word in TAB_WORDS.items()],
        "fields": [Filter("q", gettext("买家名或订单编号"), "search", text)], "keep": {"tab": tab},
        "chips": [Chip(gettext("查找"), f"{home}?tab={tab}", text)] if text else [],
    })  # fmt: skip


@shop_page("send_messages")
@require_GET
def count(request: ShopRequest) -> HttpResponse:
    """How many conversations have something unread, for the rail."""
    return render(request, "talks/count.html", {"fresh_talks": fresh_count(request.shop.id)})


@dataclass(frozen=True, slots=True)
class Line:
    """One thing in a conversation: a message, or a card about the order's task (`mark`, in words)."""

    at: datetime
    message: Any = None
    mark: Any = None
    task: Any = None
    """For the newest card of an open task: the task as it stands now."""


def lines_of(shop_id: int, order_id: int) -> list[Line]:
    """Messages and cards in time order; of an open task the newest card carries its state and its time."""
    marks = talk_marks(shop_id, order_id)
    newest = {row.task_id: row.id for row in marks if row.state != "completed"}
    lines = [Line(row.at, message=row) for row in boards.conversation(shop_id, order_id, limit=SHOWN)]
    lines += [
        Line(row.at, mark=task_words.entry(row), task=row if newest.get(row.task_id) == row.id else None)
        for row in marks
    ]  # fmt: skip
    return sorted(lines, key=lambda line: (line.at, line.mark is None))


def context(request: ShopRequest, order_id: int) -> dict[str, Any]:
    """What the conversation shows. Http404 where the shop has no such order."""
    found = talk_of(request.shop.id, order_id)
    if found is None:
        raise Http404(order_id)
    return {
        "section": "talks", "talk": found, "order_id": order_id, "lines": lines_of(request.shop.id, order_id),
        "may_see_tasks": request.actor.may("view_tasks"),
    }  # fmt: skip


def show(request: ShopRequest, order_id: int, *, problems: tuple[Problem, ...] = (), typed: str = "") -> HttpResponse:
    """The conversation beside its order: a part after an act there, else a page. 422 when something went wrong."""
    words = context(request, order_id) | {
        "problems": problems, "typed": typed, "texts": saved_texts.of_shop(request.shop.id),
        "card": next(iter(boards.cards(request.shop.id, [order_id], now=request.now)), None),
        "may_see_orders": request.actor.may("view_orders"),
    }  # fmt: skip
    template = "talks/part.html" if request.htmx else "talks/talk.html"
    return render(request, template, words, status=422 if problems else 200)


@shop_page("send_messages")
@require_GET
def talk(request: ShopRequest, order_id: int) -> HttpResponse:
    """One conversation."""
    return show(request, order_id)


@shop_page("send_messages")
@require_GET
def lines(request: ShopRequest, order_id: int) -> HttpResponse:
    """The messages alone: asked for when the page heard that a conversation went on."""
    return render(request, "talks/lines.html", context(request, order_id))


@shop_page("send_messages")
@require_POST
def say(request: ShopRequest, order_id: int) -> HttpResponse:
    """Write to the buyer."""
    body = request.POST.get("body", "")
    try:
        messages.send(request.actor, order_id, body=body, now=request.now)
    except Refusal as refusal:
        if refusal.problems[0].code == "order_unknown":
            raise Http404(order_id) from refusal
        return show(request, order_id, problems=refusal.problems, typed=body)
    if request.htmx:
        return show(request, order_id)
    return toast(request, redirect("talk", shop=request.shop.code, order_id=order_id), gettext("已发送"))


@shop_page("send_messages")
@require_POST
def seen(request: ShopRequest, order_id: int) -> HttpResponse:
    """Somebody sees the conversation, up to the message `until`."""
    until = request.POST.get("until", "")
    if until.isascii() and until.isdigit() and len(until) < 19:
        messages.see(request.actor, order_id, until=int(until))
    return HttpResponse(status=204)


@shop_page("send_messages")
@require_POST
def rest(request: ShopRequest, order_id: int) -> HttpResponse:
    """The buyer's last word needs no answer."""
    until = request.POST.get("until", "")
    known = until.isascii() and until.isdigit() and len(until) < 19
    rested = known and messages.rest(request.actor, order_id, until=int(until), now=request.now)
    if rested:
        return toast(request, redirect("talks", shop=request.shop.code), gettext("已标为不用回复"))
    back = redirect("talk", shop=request.shop.code, order_id=order_id)
    return toast(request, back, gettext("没有买家在等，或者刚刚又来了消息，没有标"), tone="quiet")


@shop_page("send_messages")
def automatic(request: ShopRequest) -> HttpResponse:
    """The automatic reply: its text and its hours. Seen by who writes to buyers, set by who may configure the shop."""
    row = shop_settings.shop_data(request.shop.id)
    typed: dict[str, Any] = {
        "body": row.auto_reply, "start": _clock(row.auto_reply_from), "end": _clock(row.auto_reply_until)
    }  # fmt: skip
    problems: tuple[Problem, ...] = ()
    if request.method == "POST":
        typed = {name: request.POST.get(name, "").strip() for name in typed}
        try:
            start, end = _hour(typed["start"]), _hour(typed["end"])
            messages.set_automatic(request.actor, body=typed["body"], start=start, end=end, now=request.now)
        except Refusal as refusal:
            if refusal.problems[0].code == "not_permitted":
                raise
            problems = refusal.problems
        else:
            said = gettext("自动回复已保存") if typed["body"] else gettext("自动回复已关闭")
            return toast(request, redirect("talks-automatic", shop=request.shop.code), said)
    words = {"section": "talks", "typed": typed, "problems": problems, "may": request.actor.may("configure_shop")}
    return render(request, "talks/automatic.html", words, status=422 if problems else 200)


def _clock(moment: time | None) -> str:
    return moment.strftime("%H:%M") if moment else ""


def _hour(text: str) -> time | None:
    """A time of the day from a form; None when it is empty. Refusal `auto_reply_hours`."""
    if not text:
        return None
    try:
        found = parse_time(text)
    except ValueError:
        found = None
    if found is None or found.tzinfo is not None:
        raise Refusal.of("auto_reply_hours")
    return found


_ONE: Final = "messages/<int:order_id>/"
urlpatterns: list[URLPattern] = [
    path("messages/", talks, name="talks"),
    path("messages/count/", count, name="talks-count"),
    path("messages/automatic/", automatic, name="talks-automatic"),
    path(_ONE, talk, name="talk"),
    path(f"{_ONE}lines/", lines, name="talk-lines"),
    path(f"{_ONE}say/", say, name="talk-say"),
    path(f"{_ONE}seen/", seen, name="talk-seen"),
    path(f"{_ONE}rest/", rest, name="talk-rest"),
]
