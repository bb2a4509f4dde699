"""The small components as tags: time left, money, badges, instants, copy-on-click text, icons, problems.

`{% load ui %}` in a template. What is larger stands as a template under `templates/components/` for `{% include %}`.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from functools import cache
from importlib.resources import files
from io import BytesIO
from typing import Any
from xml.etree import ElementTree
from zipfile import ZipFile

from django import template
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, gettext, gettext_lazy

from fahuo.rules.people import PERMISSIONS
from fahuo.rules.problems import Problem
from fahuo.store.boards import Count

register = template.Library()

SOON = timedelta(hours=2)
"""Less than this left is amber."""

STATUSES: Mapping[str, tuple[Any, str, str]] = {
    "awaiting_payment": (gettext_lazy("待付款"), "quiet", "circle-dashed"),
    "awaiting_shipment": (gettext_lazy("待发货"), "plain", "circle"),
    "part_shipped": (gettext_lazy("部分发货"), "plain", "circle-dot"),
    "shipped": (gettext_lazy("已发货"), "good", "truck"),
    "completed": (gettext_lazy("交易成功"), "good", "circle-check"),
    "closed": (gettext_lazy("交易关闭"), "quiet", "circle-x"),
    "none": (gettext_lazy("无退款"), "quiet", "circle"),
    "requested": (gettext_lazy("申请退款"), "warn", "undo-2"),
    "agreed": (gettext_lazy("同意退款"), "warn", "undo-2"),
    "refused": (gettext_lazy("拒绝退款"), "quiet", "undo-2"),
    "succeeded": (gettext_lazy("退款成功"), "quiet", "undo-2"),
    "address_changed": (gettext_lazy("地址已改"), "bad", "triangle-alert"),
    "refund_requested": (gettext_lazy("发货后申请退款"), "bad", "triangle-alert"),
    "refunded": (gettext_lazy("发货后已退款"), "bad", "triangle-alert"),
    "new": (gettext_lazy("新增"), "good", "plus"),
    "update": (gettext_lazy("更新"), "plain", "pencil"),
    "same": (gettext_lazy("未变"), "quiet", "equal"),
    "ready": (gettext_lazy("可发货"), "good", "check"),
    "done": (gettext_lazy("已完成"), "good", "check-check"),
    "conflict": (gettext_lazy("有冲突"), "bad", "triangle-alert"),
    "bad": (gettext_lazy("有问题"), "bad", "x"),
    "undone": (gettext_lazy("已撤销"), "quiet", "undo-2"),
    "waiting": (gettext_lazy("待填单号"), "quiet", "hourglass"),
    "open": (gettext_lazy("待填写"), "plain", "circle-dashed"),
    "received": (gettext_lazy("检查中"), "plain", "loader"),
    "checked": (gettext_lazy("待确认"), "warn", "circle-dot"),
    "committing": (gettext_lazy("写入中"), "plain", "loader"),
    "committed": (gettext_lazy("已写入"), "good", "circle-check"),
    "awaiting_seller_reply": (gettext_lazy("待卖家回复"), "warn", "message-circle-warning"),
    "awaiting_buyer_confirmation": (gettext_lazy("待买家确认"), "plain", "hourglass"),
    "awaiting_seller_action": (gettext_lazy("待卖家执行"), "warn", "hammer"),
    "platform_intervention": (gettext_lazy("平台介入中"), "bad", "gavel"),
    "task_completed": (gettext_lazy("已完结"), "good", "circle-check"),
    "complaint_open": (gettext_lazy("投诉处理中"), "bad", "gavel"),
    "complaint_upheld": (gettext_lazy("投诉成立"), "bad", "circle-x"),
    "complaint_dismissed": (gettext_lazy("投诉不成立"), "good", "circle-check"),
    "complaint_settled": (gettext_lazy("已自愿赔付"), "plain", "handshake"),
    "complaint_withdrawn": (gettext_lazy("买家已撤销"), "good", "undo-2"),
    "delay": (gettext_lazy("延迟发货"), "warn", "timer-off"),
    "out_of_stock": (gettext_lazy("缺货"), "bad", "package-x"),
    "false_shipping": (gettext_lazy("虚假发货"), "bad", "truck"),
    "batch_closed": (gettext_lazy("已关闭"), "quiet", "archive"),
    "batch_refused": (gettext_lazy("文件被拒"), "bad", "file-x"),
}
"""Word of a status or verdict -> what people read, its tone, its icon. Colour never stands alone."""

FLAG_NAMES = (
    gettext_lazy("灰旗"), gettext_lazy("红旗"), gettext_lazy("黄旗"), gettext_lazy("绿旗"), gettext_lazy("蓝旗"),
    gettext_lazy("紫旗"), gettext_lazy("橙旗"), gettext_lazy("浅蓝旗"), gettext_lazy("浅粉旗"), gettext_lazy("深绿旗"),
    gettext_lazy("桃红旗"),
)  # fmt: skip


@cache
def _drawings() -> ZipFile:
    """Lucide's archive. The package opens it anew for each drawing, and its list of contents is long."""
    return ZipFile(BytesIO(files("lucide").joinpath("lucide.zip").read_bytes()))


@cache
def _svg(name: str, size: int) -> SafeString:
    drawing = ElementTree.fromstring(_drawings().read(f"{name}.svg"))
    for node in drawing.iter():
        node.tag = node.tag.removeprefix("{http://www.w3.org/2000/svg}")
    mark = {"class": "icon", "aria-hidden": "true", "focusable": "false"}
    drawing.attrib.update(width=str(size), height=str(size), **mark)
    return mark_safe(ElementTree.tostring(drawing, encoding="unicode"))  # drawings of the package, no text of ours


@register.simple_tag
def icon(name: str, size: int = 16) -> SafeString:
    """A Lucide drawing; always beside words, so hidden from screen readers."""
    return _svg(str(name), int(size))


def duration(span: timedelta) -> str:
    """A span in its two largest units: 2 天 3 小时, 3 小时 12 分, 12 分. Minutes are cut, never rounded up."""
    minutes = int(abs(span).total_seconds() // 60)
    days, hours, minutes = minutes // 1440, minutes // 60 % 24, minutes % 60
    day, hour, minute = gettext("{n} 天"), gettext("{n} 小时"), gettext("{n} 分")
    if days:
        parts = [day.format(n=days)] + ([hour.format(n=hours)] if hours else [])
    elif hours:
        parts = [hour.format(n=hours)] + ([minute.format(n=minutes)] if minutes else [])
    else:
        parts = [minute.format(n=minutes)]
    return " ".join(parts)


def left_tone(deadline: datetime, now: datetime) -> str:
    """over, soon or calm."""
    if deadline <= now:
        return "over"
    return "soon" if deadline - now < SOON else "calm"


def local(instant: datetime, form: str = "%Y-%m-%d %H:%M:%S") -> str:
    """An instant in the shop's time zone."""
    return timezone.localtime(instant).strftime(form)


@register.simple_tag(takes_context=True)
def time_left(context: Mapping[str, Any], deadline: datetime | None) -> str:
    """The time that is left until `deadline`, by the server's clock; it ticks, and shows the instant on hover."""
    if deadline is None:
        return mark_safe('<span class="none">—</span>')
    now: datetime = context["now"]
    tone = left_tone(deadline, now)
    text = gettext("已超时 {t}") if tone == "over" else gettext("还剩 {t}")
    return format_html(
        '<time class="left left-{}" datetime="{}" title="{}" data-left="{}">{}</time>',
        tone, deadline.isoformat(), local(deadline), int(deadline.timestamp() * 1000),
        text.format(t=duration(deadline - now)),
    )  # fmt: skip


def clock_face(span: timedelta) -> str:
    """A span to the second: 23:04:51, or 1 天 03:04:51."""
    seconds = int(abs(span).total_seconds())
    days, rest = divmod(seconds, 86400)
    face = f"{rest // 3600:02}:{rest // 60 % 60:02}:{rest % 60:02}"
    return f"{gettext('{n} 天').format(n=days)} {face}" if days else face


@register.simple_tag(takes_context=True)
def seconds_left(context: Mapping[str, Any], due: datetime | None) -> str:
    """Like `time_left`, to the second."""
    if due is None:
        return mark_safe('<span class="none">—</span>')
    now: datetime = context["now"]
    tone = left_tone(due, now)
    text = gettext("已超时 {t}") if tone == "over" else gettext("还剩 {t}")
    return format_html(
        '<time class="left left-{} num" datetime="{}" title="{}" data-left="{}" data-seconds>{}</time>',
        tone, due.isoformat(), local(due), int(due.timestamp() * 1000), text.format(t=clock_face(due - now)),
    )  # fmt: skip


QUICK, LONG = timedelta(minutes=3), timedelta(minutes=10)
"""Waits from which a buyer's is amber, then red: the answer that counts as quick, and the most that a turn counts."""


@register.simple_tag(takes_context=True)
def waited(context: Mapping[str, Any], since: datetime | None) -> str:
    """How long somebody has been waiting, to the second, by the server's clock; it ticks. A dash for nobody."""
    if since is None:
        return mark_safe('<span class="none">—</span>')
    span = max(context["now"] - since, timedelta())
    tone = "over" if span >= LONG else "soon" if span >= QUICK else "calm"
    return format_html(
        '<time class="left left-{} num" datetime="{}" title="{}" data-since="{}" data-seconds>{}</time>',
        tone, since.isoformat(), local(since), int(since.timestamp() * 1000), gettext("已等 {t}").format(t=clock_face(span)),
    )  # fmt: skip


@register.simple_tag
def instant(moment: datetime | None, form: str = "%m-%d %H:%M") -> str:
    """An instant in the shop's time zone, whole on hover; a dash for None."""
    if moment is None:
        return mark_safe('<span class="none">—</span>')
    return format_html(
        '<time datetime="{}" title="{}">{}</time>', moment.isoformat(), local(moment), local(moment, form)
    )


@register.simple_tag
def money(amount: Decimal | None, *, zero: bool = True) -> str:
    """CNY with separators and two decimals; a dash for None, and for nothing at all when `zero` is False."""
    if amount is None or (not zero and not amount):
        return mark_safe('<span class="none">—</span>')
    return format_html('<span class="money"><span class="cny">¥</span>{}</span>', f"{amount:,.2f}")


@register.filter
def figure(count: int | Count | None) -> str:
    """A count with separators, and a plus where nobody counted further; a dash for None."""
    if count is None:
        return "—"
    if isinstance(count, Count):
        return f"{count.number:,}{'+' if count.more else ''}"
    return f"{count:,}"


@register.simple_tag
def badge(text: object, tone: str = "quiet", drawing: str = "") -> str:
    """A word about a state. Tones: bad, warn, good, plain, quiet."""
    return format_html('<span class="badge badge-{}">{}{}</span>', tone, _svg(drawing, 13) if drawing else "", text)


@register.simple_tag
def status(word: str, *, of: str = "") -> str:
    """The badge of a status or verdict. `of="batch"` for the words a batch shares with an order (closed, refused)."""
    text, tone, drawing = STATUSES.get(f"{of}_{word}") or STATUSES[word]
    return badge(text, tone, drawing)


@register.filter
def status_word(word: str) -> str:
    """What people read for a status or verdict, without a badge."""
    return str(STATUSES[word][0])


@register.filter
def permission_word(name: str) -> str:
    """A permission in the seller's words."""
    return gettext(PERMISSIONS[name])


@register.simple_tag
def flag(number: int | None) -> str:
    """The seller's flag by its number: a drawing in its colour and its name."""
    if number is None:
        return ""
    name = FLAG_NAMES[number]
    return format_html('<span class="flag flag-{}" title="{}">{}<span class="sr">{}</span></span>', number, name,
                       _svg("flag", 14), name)  # fmt: skip


@register.simple_tag
def copy(text: object, shown: object = "") -> str:
    """Text that is copied when it is clicked; `shown` is what stands there when it differs."""
    if text in (None, ""):
        return mark_safe('<span class="none">—</span>')
    title = gettext("点击复制")
    return format_html(
        '<button type="button" class="copy" data-copy="{}" title="{} · {}">{}</button>',
        text,
        text,
        title,
        shown or text,
    )


@register.filter
def sentence(problem: Problem | Mapping[str, Any]) -> str:
    """A problem's sentence in the page's language; takes a Problem, or one as it is kept in a batch row."""
    if not isinstance(problem, Problem):
        problem = Problem.kept(problem)
    return problem.sentence("en" if (get_language() or "").startswith("en") else "zh")


@register.filter
def percent(part: int, whole: int) -> int:
    """How much of the whole, 0 to 100, cut; 0 of nothing is 0."""
    return min(100, part * 100 // whole) if whole else 0
