"""消息: what reminded me, the popup of an open page, and who else was reminded."""

from datetime import date, timedelta
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path
from django.utils.functional import Promise
from django.utils.translation import gettext, gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from fahuo.rules.reminders import day_of
from fahuo.rules.shop_warnings import WORDS, page_of
from fahuo.rules.tasks import KINDS
from fahuo.services import reminders
from fahuo.store import boards
from fahuo.store.boards import notices as board
from fahuo.web.access import ShopRequest, shop_page
from fahuo.web.session import language_of

CARDS = 3
"""Popups that an open page shows at a time."""
FARTHEST = 366
"""Days back that the page goes."""
NEEDS: dict[str, str | Promise] = {
    "awaiting_seller_reply": gettext_lazy("请回复买家"),
    "awaiting_seller_action": gettext_lazy("请按承诺处理"),
    "awaiting_buyer_confirmation": gettext_lazy("等买家确认"),
    "platform_intervention": gettext_lazy("平台已介入"),
    "completed": gettext_lazy("已完成"),
}
"""State of a task -> what it needs now."""
WAYS: dict[str, str | Promise] = {
    "popup": gettext_lazy("弹窗提醒"), "sound": gettext_lazy("声音"), "email": gettext_lazy("邮件"),
    "dingtalk": gettext_lazy("钉钉"), "wecom": gettext_lazy("企业微信"), "feishu": gettext_lazy("飞书"), "webhook": "Webhook",
}  # fmt: skip
"""How somebody is told -> its name."""


def kind_word(request: ShopRequest, kind: str) -> str:
    """A kind of task in the page's language."""
    return KINDS[kind].en if language_of(request) == "en" else KINDS[kind].zh


def _me(request: ShopRequest) -> int:
    """The account that is signed in."""
    return request.actor.member_id or 0


def warning_words(request: ShopRequest, kind: str) -> tuple[str, str]:
    """A kind of warning and what it asks for, in the page's language."""
    words = WORDS[kind]
    if language_of(request) == "en":
        return words.en, words.need_en[:1].upper() + words.need_en[1:]
    return words.zh, words.need_zh


def _card(request: ShopRequest, row: Any) -> dict[str, Any]:
    """A reminder in words: of which kind, of what (`what`), what is needed now, where to go."""
    home = f"/s/{request.shop.code}/"
    if hasattr(row, "warning_id"):
        kind, need = warning_words(request, row.kind)
        over = getattr(row, "over_at", None) is not None
        return {
            "row": row, "kind": kind, "need": gettext("已解除") if over else need, "what": row.name,
            "key": f"w{row.warning_id}", "url": home + page_of(row.kind, row.subject_id),
        }  # fmt: skip
    return {
        "row": row, "kind": kind_word(request, row.kind), "need": NEEDS[row.state], "what": row.number,
        "key": str(row.task_id), "url": f"{home}tasks/{row.task_id}/", "order": True,
    }  # fmt: skip


def _cards(request: ShopRequest, rows: list[Any]) -> list[dict[str, Any]]:
    return [_card(request, row) for row in rows]


@shop_page("view_tasks")
@require_safe
def popup(request: ShopRequest) -> HttpResponse:
    """What is new to this account, as the part of the page that pops up; empty for who wants no popup."""
    shop_id, me = request.actor.shop_id, _me(request)
    likes = boards.preferences(shop_id, me)
    rows = board.unseen(shop_id, me, limit=CARDS)
    count = board.unseen_count(shop_id, me) if len(rows) == CARDS else len(rows)
    shown = rows if likes.get("todo_popup", True) else []
    return render(
        request, "notices/popup.html",
        {
            "cards": _cards(request, shown), "count": count,
            "newest": max((row.newest for row in shown), default=0), "sound": likes.get("todo_sound", True),
        },
    )  # fmt: skip


@shop_page("view_tasks")
@require_POST
def seen(request: ShopRequest) -> HttpResponse:
    """This account has seen these reminders."""
    ids = [int(text) for text in request.POST.get("ids", "").split(",") if text.isascii() and text.isdigit()]
    reminders.see(request.actor, [number for number in ids if number < 2**63], now=request.now)
    return HttpResponse(status=204)


@shop_page("view_tasks")
@require_POST
def all_seen(request: ShopRequest) -> HttpResponse:
    """This account has seen everything that is new to it."""
    rows = board.unseen(request.actor.shop_id, _me(request), limit=reminders.MOST_SEEN)
    reminders.see(request.actor, [number for row in rows for number in row.ids], now=request.now)
    return redirect("notices", shop=request.shop.code)


def _day(request: ShopRequest, today: date) -> date:
    """The day that the address names, of the last year; else today."""
    try:
        found = date.fromisoformat(request.GET.get("day", ""))
    except ValueError:
        return today
    return found if today - timedelta(days=FARTHEST) <= found <= today else today


@shop_page("view_tasks")
@require_safe
def listed(request: ShopRequest) -> HttpResponse:
    """My reminders of a day, whatever became of them; and everybody's, for who manages people."""
    shop_id, me = request.actor.shop_id, _me(request)
    today = day_of(request.now, request.shop.time_zone)
    day = _day(request, today)
    everybody = board.subscribers(shop_id, day)
    manages = request.actor.may("manage_people")
    whose = next((one for one in everybody if str(one.id) == request.GET.get("member", "")), None) if manages else None
    whose = whose or next((one for one in everybody if one.id == me), None)
    if whose is None:
        raise Http404
    most = reminders.per_day(shop_id, now=request.now)
    rows = _cards(request, board.reminders_of_day(shop_id, whose.id, day))
    return render(
        request, "notices/list.html",
        {
            "section": "notices", "rows": rows, "day": day, "today": today, "whose": whose, "mine": whose.id == me,
            "most": most, "everybody": everybody if manages else (), "ways": WAYS, "before": day - timedelta(days=1),
            "after": day + timedelta(days=1) if day < today else None,
            "unseen": board.unseen_count(shop_id, me) if whose.id == me else 0,
        },
    )  # fmt: skip


urlpatterns: list[URLPattern] = [
    path("notices/", listed, name="notices"),
    path("notices/popup/", popup, name="notices-popup"),
    path("notices/seen/", seen, name="notices-seen"),
    path("notices/all-seen/", all_seen, name="notices-all-seen"),
]
