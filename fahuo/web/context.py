"""What every template may use: the moment, the shop and its actor, the rail, the clock's last tick, words for scripts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise, SimpleLazyObject
from django.utils.translation import get_language, gettext, gettext_lazy

from fahuo.rules.people import Actor
from fahuo.services import moment
from fahuo.store import boards
from fahuo.store.boards.notices import unseen_count
from fahuo.store.boards.talks import fresh_count
from fahuo.web.session import LANGUAGES, THEMES

TICK_IS_LATE = 120
"""Seconds without a tick after which the page says that the clock stands still."""


@dataclass(frozen=True, slots=True)
class Place:
    """One entry of the rail: a noun and its first page."""

    label: str | Promise
    icon: str
    view: str
    section: str
    act: str | None = None
    group: str | Promise = ""
    """The menu of seller backends that the entry stands in; said once, above the first of them."""


SERVICE = gettext_lazy("客服")
RAIL: Sequence[Place] = (
    Place(gettext_lazy("首页"), "house", "start", "start"),
    Place(gettext_lazy("订单"), "receipt-text", "orders", "orders", "view_orders"),
    Place(gettext_lazy("发货"), "truck", "batches", "batches", "view_orders"),
    Place(gettext_lazy("打印"), "printer", "print-jobs", "labels", "view_labels"),
    Place(gettext_lazy("打包台"), "scan-barcode", "station", "station", "pack"),
    Place(gettext_lazy("售后任务"), "siren", "tasks", "tasks", "view_tasks", SERVICE),
    Place(gettext_lazy("对话"), "messages-square", "talks", "talks", "send_messages", SERVICE),
    Place(gettext_lazy("消息"), "bell", "notices", "notices", "view_tasks", SERVICE),
    Place(gettext_lazy("导入"), "file-down", "import", "import", "import_orders"),
    Place(gettext_lazy("数据"), "chart-column", "metrics", "metrics", "view_orders"),
    Place(gettext_lazy("账号"), "users", "people", "people", "manage_people"),
    Place(gettext_lazy("设置"), "settings-2", "settings", "settings", "configure_shop"),
)


def rail(actor: Actor, code: str) -> list[dict[str, object]]:
    """The entries this actor may open, with their addresses; the first of a menu names it (`group`)."""
    entries: list[dict[str, object]] = []
    said: str | Promise = ""
    for place in RAIL:
        if place.act and not actor.may(place.act):
            continue
        try:
            address = reverse(place.view, kwargs={"shop": code})
        except NoReverseMatch:
            continue
        entries.append({
            "label": place.label, "icon": place.icon, "section": place.section, "url": address,
            "group": place.group if place.group != said else "", "leaves": said and not place.group,
        })  # fmt: skip
        said = place.group
    return entries


def words() -> dict[str, str]:
    """The sentences that scripts say, in the page's language."""
    return {
        "days": gettext("{n} 天"),
        "hours": gettext("{n} 小时"),
        "minutes": gettext("{n} 分"),
        "left": gettext("还剩 {t}"),
        "over": gettext("已超时 {t}"),
        "waited": gettext("已等 {t}"),
        "undo": gettext("撤销"),
        "close": gettext("关闭"),
        "copied": gettext("已复制"),
        "not_copied": gettext("没能复制，请手动选中"),
        "no_answer": gettext("服务器没有应答，刚才的操作可能没有生效。请刷新后核对再试。"),
        "offline": gettext("网络断开了，刚才的操作没有发出。请检查网络后再试。"),
        "selected": gettext("已选 {n} 行"),
        "all_selected": gettext("已选全部 {n} 行"),
        "not_found": gettext("没有找到 {q}"),
        "uploading": gettext("正在上传 {p}%"),
        "uploaded": gettext("已上传，正在检查…"),
        "opening": gettext("正在打开…"),
    }


@dataclass(frozen=True, slots=True)
class Tick:
    """When the clock last worked; None when it never did."""

    at: datetime | None
    late: bool


def last_tick(now: datetime) -> Tick:
    """The clock's last tick, late when it is older than TICK_IS_LATE seconds."""
    at = boards.last_tick()
    return Tick(at, at is None or (now - at).total_seconds() > TICK_IS_LATE)


def page(request: HttpRequest) -> dict[str, Any]:
    """The context processor. Everything that costs a query is lazy."""
    now: datetime = getattr(request, "now", None) or moment.now()
    actor: Actor | None = getattr(request, "actor", None)
    shop = getattr(request, "shop", None)
    context: dict[str, Any] = {
        "now": now,
        "now_ms": int(now.timestamp() * 1000),
        "theme": getattr(request, "theme", "auto"),
        "themes": THEMES,
        "languages": LANGUAGES,
        "language": get_language() or "zh-hans",
        "demo": settings.DEMO,
        "words": words(),
        "actor": actor,
        "shop": shop,
    }
    if actor and shop:
        context["rail"] = rail(actor, shop.code)
        context["shops"] = getattr(request, "shops", ())
        context["listens"] = actor.member_id is not None and actor.may("send_messages")
        context["reminded"] = actor.member_id is not None and actor.may("view_tasks")
        context["fresh_talks"] = SimpleLazyObject(lambda: fresh_count(actor.shop_id))
        context["unread"] = SimpleLazyObject(lambda: unseen_count(actor.shop_id, actor.member_id or 0))
        context["tick"] = SimpleLazyObject(lambda: last_tick(now))
    return context
