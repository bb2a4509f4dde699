"""The words of the task pages: tabs, columns, plans, what happened and what comes next."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import get_language, gettext, gettext_lazy

from fahuo.rules import tasks as rules
from fahuo.rules.complaints import Cost
from fahuo.store import boards
from fahuo.store.boards import TaskFilter
from fahuo.web.templatetags.ui import STATUSES, local
from fahuo.web.ui import Chip, Column, Filter, Tab

TAB_WORDS: Final = {
    "open": gettext_lazy("全部未完结"), "awaiting_seller_reply": gettext_lazy("待卖家回复"),
    "awaiting_buyer_confirmation": gettext_lazy("待买家确认"), "awaiting_seller_action": gettext_lazy("待卖家执行"),
    "platform_intervention": gettext_lazy("平台介入中"), "completed": gettext_lazy("已完结"),
}  # fmt: skip
EMPTY_WORDS: Final = {
    "open": gettext_lazy("买家在发货期限过后催发货，就会有任务排在这里，最贵的在最上面。"),
    "awaiting_seller_reply": gettext_lazy("等你回复的任务会在这里：发货、退款，或者给买家一个方案。"),
    "awaiting_buyer_confirmation": gettext_lazy("你给了方案、等买家点头的任务会在这里。"),
    "awaiting_seller_action": gettext_lazy("说好了、等你做的任务会在这里：按约定发货，或者退款。"),
    "platform_intervention": gettext_lazy("超时没有回复、买家不同意或没有做到的任务会在这里，由平台处理。"),
    "completed": gettext_lazy("发了货或退了款的任务会在这里。"),
}
COLUMNS: Final = (
    Column("number", gettext_lazy("订单编号")),
    Column("left", gettext_lazy("剩余时间"), "time"),
    Column("stake", gettext_lazy("不处理要赔"), "money"),
    Column("points", gettext_lazy("扣分"), "number"),
    Column("state", gettext_lazy("状态")),
    Column("title", gettext_lazy("宝贝")),
    Column("receiver", gettext_lazy("收件人")),
    Column("urges", gettext_lazy("催促")),
    Column("plan", gettext_lazy("方案")),
    Column("since", gettext_lazy("进入状态"), "time"),
)
EVENT_WORDS: Final = {
    rules.URGED: gettext_lazy("买家催发货"), "shipped": gettext_lazy("已发货"), "refunded": gettext_lazy("已全额退款"),
    "tracked": gettext_lazy("物流已更新"), "reply_ship_later": gettext_lazy("卖家回复：延迟发货"),
    "reply_exchange": gettext_lazy("卖家回复：协商换货"), "reply_cannot_ship": gettext_lazy("卖家回复：无法发货，将退款"),
    "reply_force_majeure": gettext_lazy("卖家回复：不可抗力"), "accepted": gettext_lazy("买家同意方案"),
    "refused": gettext_lazy("买家不同意方案"), "due": gettext_lazy("时限已到"),
    "complaint_closed": gettext_lazy("投诉已结束"),
}  # fmt: skip
ACTORS: Final = {
    "buyer": gettext_lazy("买家"), "platform": gettext_lazy("平台"), "clock": gettext_lazy("系统时钟"),
    "seller": gettext_lazy("卖家"),
}  # fmt: skip
WITHIN: Final = (1, 4, 12)


def english() -> bool:
    return (get_language() or "").startswith("en")


def kind_word(kind: str) -> str:
    """A kind of task in the page's language."""
    known = rules.KINDS.get(kind)
    return kind if known is None else known.en if english() else known.zh


def plans_of(kind: str) -> list[tuple[str, str]]:
    """The plans that may be replied to a kind of task, with their words."""
    return [(name, words.en if english() else words.zh) for name, words in rules.KINDS[kind].plans.items()]


def plan_word(kind: str, plan: str) -> str:
    """A plan in the page's language."""
    return dict(plans_of(kind)).get(plan, plan) if kind in rules.KINDS else plan


def tabs(code: str, counts: dict[str, boards.Count], active: str) -> list[Tab]:
    home = reverse("tasks", kwargs={"shop": code})
    return [Tab(str(word), f"{home}?tab={name}", counts[name], name == active) for name, word in TAB_WORDS.items()]


def fields(wish: TaskFilter) -> list[Filter]:
    hours = [(str(n), gettext("{n} 小时").format(n=n)) for n in WITHIN]
    plans = sorted({name for kind in rules.KINDS.values() for name in kind.plans})
    return [
        Filter("within", gettext("到期"), "select", str(wish.within or ""), hours),
        Filter("kind", gettext("类型"), "select", wish.kind, [(kind, kind_word(kind)) for kind in rules.KINDS]),
        Filter("plan", gettext("方案"), "select", wish.plan, [(p, plan_word(rules.URGE_SHIPMENT, p)) for p in plans]),
        Filter("aside", gettext("处理出错"), "check", "1" if wish.aside else ""),
    ]


def chips(wish: TaskFilter) -> list[Chip]:
    """What is set, each with the list without it."""
    told = {
        "within": (gettext("到期"), gettext("{n} 小时内").format(n=wish.within) if wish.within else ""),
        "kind": (gettext("类型"), kind_word(wish.kind) if wish.kind else ""),
        "plan": (gettext("方案"), plan_word(rules.URGE_SHIPMENT, wish.plan) if wish.plan else ""),
        "aside": (gettext("处理出错"), gettext("只看这些") if wish.aside else ""),
    }
    asked = {"tab": wish.tab, "within": wish.within, "kind": wish.kind, "plan": wish.plan, "aside": wish.aside and 1}
    return [
        Chip(label, "?" + urlencode({key: value for key, value in asked.items() if value and key != name}), word)
        for name, (label, word) in told.items() if word
    ]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that happened to a task, in words."""

    at: datetime
    text: str
    clause: str
    rulebook: str
    actor: str
    state: str


def entry(row: Any) -> Entry:
    """A row of the task's log."""
    clause = rules.CLAUSES.get(row.clause)
    text = str(EVENT_WORDS.get(row.event, row.event))
    until = json.loads(row.data).get("until") if row.data else None
    if until:
        text += " " + gettext("到 {t}").format(t=_local(until))
    said = "" if clause is None else clause[1] if english() else clause[0]
    return Entry(row.at, text, said, row.rulebook, str(ACTORS.get(row.actor, row.actor)), row.to_state)


def _local(text: str) -> str:
    return local(datetime.fromisoformat(text), "%m-%d %H:%M")


@dataclass(frozen=True, slots=True)
class Ahead:
    """One thing that will happen if nobody acts, in words."""

    at: datetime | None
    text: str
    state: str
    cost: Cost | None


def ahead(step: Any) -> Ahead:
    """A step of rules.outlook."""
    word = ""
    if step.what in ("complaint", "verdict") and step.clause in STATUSES:
        word = f"{STATUSES[step.clause][0]}: " if english() else f"{STATUSES[step.clause][0]}："
    return Ahead(step.at, word + (step.en if english() else step.zh), step.to_state, step.cost)
