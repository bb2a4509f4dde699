"""哪些订单生成平台任务: whether tasks are made here at all, and what the rules of today say of each kind of order."""

from collections.abc import Mapping
from typing import Any, Final

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path
from django.utils.functional import Promise
from django.utils.translation import gettext, gettext_lazy

from fahuo.rules.urges import NAMES, OUTCOME_OF, Reason
from fahuo.services import settings as service
from fahuo.services.shopbook import ShopBook
from fahuo.store.boards.tasks import task_counts
from fahuo.web.access import ShopRequest, shop_page
from fahuo.web.session import toast
from fahuo.web.task_words import english

WORDS: Final[Mapping[Reason, str | Promise]] = {
    "open_task": gettext_lazy("已经有一个没完结的任务，只累计催促次数。"),
    "custom": gettext_lazy("定制商品。"),
    "virtual": gettext_lazy("不用物流的虚拟商品。"),
    "presale": gettext_lazy("预售订单。"),
    "exempt_region": gettext_lazy("收货地或默认发货地在免责地区，而且在免责的时间里。"),
    "reported": gettext_lazy("延迟发货报备批准了，报备的时间还没到。"),
    "within_deadline": gettext_lazy("期限还没到，只在订单上记一次催促，可以筛出来先发。"),
    "no_complaint": gettext_lazy("没有进行中的投诉。"),
    "past_deadline": gettext_lazy("付了款，过了发货期限还没发。卖家要在 24 小时内回复。"),
}
"""In the order in which the rules ask."""

BADGES: Final[Mapping[str, tuple[str | Promise, str, str]]] = {
    "task": (gettext_lazy("生成任务"), "warn", "siren"), "flagged": (gettext_lazy("只标记"), "quiet", "bell"),
    "exempt": (gettext_lazy("不生成"), "good", "circle-check"), "past": (gettext_lazy("这条已失效"), "quiet", "archive"),
}  # fmt: skip


def cases(request: ShopRequest) -> list[dict[str, Any]]:
    """What an urge comes to in each case, as the rule book has it at the moment."""
    book = ShopBook.of(request.shop.id).book
    found = []
    for reason, words in WORDS.items():
        outcome: str = "flagged" if reason == "open_task" else OUTCOME_OF[reason]
        if outcome == "exempt" and not book.clause_applies(reason, request.now):
            outcome = "past"
        found.append({"name": NAMES[reason][english()], "words": words, "badge": BADGES[outcome]})
    return found


@shop_page("configure_shop")
def settings(request: ShopRequest) -> HttpResponse:
    """Which orders make tasks here? POST `here` (1 or 0) says whether any do."""
    if request.method == "POST":
        changed = service.set_tasks_here(request.actor, request.POST.get("here") == "1", now=request.now)
        said = gettext("已保存") if changed else gettext("没有变化")
        return toast(request, redirect("settings-tasks", shop=request.shop.code), said)
    return render(request, "people/tasks_here.html", {
        "section": "settings", "cases": cases(request), "open": task_counts(request.shop.id)["open"].number,
    })  # fmt: skip


urlpatterns: list[URLPattern] = [path("settings/tasks/", settings, name="settings-tasks")]
