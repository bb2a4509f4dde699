"""Contracts, stock and the choice of a carrier in words: states, acts, how long stock lasts, why a rule took an order."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext, gettext_lazy

from fahuo.rules.carrier_choice import Asked, Conditions
from fahuo.rules.contracts import Quote, Weight
from fahuo.rules.paces import Outlook
from fahuo.rules.regions import words_of
from fahuo.web.templatetags.ui import FLAG_NAMES, duration

Word = str | Promise

STATES: Final[Mapping[str, tuple[Word, str, str]]] = {
    "free": (gettext_lazy("可用"), "good", "circle"),
    "taken": (gettext_lazy("已取号"), "plain", "tag"),
    "printed": (gettext_lazy("已打印"), "plain", "printer"),
    "shipped": (gettext_lazy("已发货"), "quiet", "truck"),
    "voided": (gettext_lazy("已作废"), "warn", "ban"),
    "returned": (gettext_lazy("已回收"), "good", "rotate-ccw"),
}
"""State of a bought number -> what people read, its tone, its icon."""

ACTS: Final[Mapping[str, Word]] = {
    "buy": gettext_lazy("入库"), "take": gettext_lazy("取号"), "release": gettext_lazy("退号"), "print": gettext_lazy("打印"),
    "ship": gettext_lazy("发货"), "unship": gettext_lazy("撤回发货"), "void": gettext_lazy("作废"),
    "return": gettext_lazy("回收"),
}  # fmt: skip
"""Act on bought numbers -> what people read."""

NUMBERS: Final[Mapping[str, Word]] = {
    "stock": gettext_lazy("用自己买的单号"), "entered": gettext_lazy("快递员提供单号"),
    "service": gettext_lazy("向快递接口取号"),
}  # fmt: skip
SHIPS_AT: Final[Mapping[str, Word]] = {
    "packed": gettext_lazy("打包好就算发货"), "pickup": gettext_lazy("快递员揽收才算发货"),
}  # fmt: skip
CHOSEN_BY: Final[Mapping[str, Word]] = {
    "rule": gettext_lazy("按规则"), "person": gettext_lazy("人工指定"), "label": gettext_lazy("随面单"),
}  # fmt: skip

REASONS: Final[Mapping[str, Word]] = {
    "fits": gettext_lazy("符合，用这份合同"), "first": gettext_lazy("没有规则选中，用第一份能到的合同"),
    "region": gettext_lazy("不在这些地区"), "region_unknown": gettext_lazy("收货地区认不出来"),
    "weight_unknown": gettext_lazy("重量不知道"), "too_light": gettext_lazy("不够重"), "too_heavy": gettext_lazy("超重"),
    "goods": gettext_lazy("宝贝里没有这些词"), "memo": gettext_lazy("备注和留言里没有这些词"),
    "flag": gettext_lazy("不是这些旗"), "amount_low": gettext_lazy("金额不够"), "amount_high": gettext_lazy("金额超了"),
    "contract_closed": gettext_lazy("合同已停用"), "not_served": gettext_lazy("这份合同不到那里"),
    "nothing_to_compare": gettext_lazy("没有能比的价格"), "none_goes": gettext_lazy("没有合同到那里"),
}  # fmt: skip
"""What a carrier rule said (rules.carrier_choice.Reason)."""


@dataclass(frozen=True, slots=True)
class Lasts:
    """How long a stock lasts, in words. Tones: bad, warn, calm, quiet (nobody knows)."""

    word: str
    pace: str
    tone: str
    until: datetime | None = None


def lasts(outlook: Outlook, *, now: datetime) -> Lasts:
    """How long a contract's stock lasts, and at which pace."""
    pace = gettext("还没有取过号，不知道多久用完")
    if outlook.pace is not None:
        days = outlook.pace.seen.total_seconds() / 86400
        pace = gettext("最近 {days} 天取了 {taken} 个，每天约 {each} 个").format(
            days=f"{days:.0f}" if days == int(days) else f"{days:.1f}", taken=f"{outlook.pace.taken:,}",
            each=f"{outlook.pace.per_day:,.0f}" if outlook.pace.per_day >= 10 else f"{outlook.pace.per_day:.1f}",
        )  # fmt: skip
    left = outlook.lasts
    if not outlook.left:
        return Lasts(gettext("用完了"), pace, "bad", now)
    if left is None:
        return Lasts(gettext("不知道"), pace, "quiet")
    tone = "warn" if outlook.short else "calm"
    return Lasts(gettext("还够 {t}").format(t=duration(left)), pace, tone, now + left)


def grams(number: int | None) -> str:
    """A weight: 850 g, 1.2 kg."""
    if number is None:
        return "—"
    return f"{number} g" if number < 1000 else f"{number / 1000:.3f}".rstrip("0").rstrip(".") + " kg"


def weight_word(weight: Weight) -> str:
    """What an order weighs, as far as it is known."""
    if weight.known is not None:
        return grams(weight.known)
    if weight.grams:
        return gettext("至少 {w}，{n} 种商品没有填重量").format(w=grams(weight.grams), n=weight.unknown)
    return gettext("不知道（商品没有填重量）")


def quote_word(quote: Quote) -> str:
    """What a contract asks, or why nobody knows."""
    if quote.price is not None:
        return f"¥{quote.price:,.2f}"
    if quote.why == "weight_unknown":
        return gettext("至少 ¥{p}，重量不知道").format(p=f"{quote.least:,.2f}")
    words = {
        "not_served": gettext("不到那里"), "no_tariff": gettext("没有填运费"), "region_unknown": gettext("地区认不出来"),
    }  # fmt: skip
    return words[quote.why]


def reason_word(said: Asked) -> str:
    """What one rule said."""
    if said.reason == "cheapest":
        text = gettext("{n} 份合同里最便宜").format(n=said.data["compared"])
        return text if said.data["known"] else text + gettext("（重量不全，按已知的比）")
    return str(REASONS[said.reason])


def condition_words(asked: Conditions) -> list[str]:
    """What a rule asks of an order, in parts; empty for one that takes every order."""
    found = []
    if asked.regions:
        found.append(gettext("寄往 {names}").format(names="、".join(words_of(code) for code in asked.regions)))
    weights = _range(asked.min_grams, asked.max_grams, grams)
    if weights:
        found.append(gettext("重 {range}").format(range=weights))
    if asked.goods:
        found.append(gettext("宝贝含 {words}").format(words="、".join(asked.goods)))
    if asked.memo:
        found.append(gettext("备注或留言含 {words}").format(words="、".join(asked.memo)))
    if asked.flags:
        found.append("、".join(str(FLAG_NAMES[flag]) for flag in asked.flags))
    amounts = _range(asked.min_amount, asked.max_amount, lambda amount: f"¥{amount}")
    if amounts:
        found.append(gettext("实付 {range}").format(range=amounts))
    return found


def _range(low: Any, high: Any, written: Any) -> str:
    if low is not None and high is not None:
        return f"{written(low)} – {written(high)}"
    if low is not None:
        return gettext("{low} 起").format(low=written(low))
    return gettext("{high} 以内").format(high=written(high)) if high is not None else ""
