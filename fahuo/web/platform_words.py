"""Complaints, tasks and verdicts in people's words, for the platform's pages."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from django.utils.translation import get_language, gettext, gettext_lazy

from fahuo.rules.penalties import Working
from fahuo.rules.policy import Version
from fahuo.rules.tasks import CLAUSES

KINDS: Final[Mapping[str, Any]] = {
    "delay": gettext_lazy("延迟发货"),
    "out_of_stock": gettext_lazy("缺货"),
    "false_shipping": gettext_lazy("虚假发货"),
}
OUTCOMES: Final[Mapping[str, tuple[Any, str, str]]] = {
    "open": (gettext_lazy("待裁决"), "warn", "gavel"),
    "upheld": (gettext_lazy("投诉成立"), "bad", "circle-check"),
    "dismissed": (gettext_lazy("投诉不成立"), "plain", "circle-x"),
    "settled": (gettext_lazy("卖家已赔付"), "good", "handshake"),
    "withdrawn": (gettext_lazy("买家已撤销"), "quiet", "undo-2"),
}
"""Status of a complaint -> its word, tone, drawing."""
OPENERS: Final[Mapping[str, Any]] = {"buyer": gettext_lazy("买家投诉"), "platform": gettext_lazy("平台代投诉")}
STATES: Final[Mapping[str, Any]] = {
    "awaiting_seller_reply": gettext_lazy("待卖家回复"),
    "awaiting_buyer_confirmation": gettext_lazy("待买家确认"),
    "awaiting_seller_action": gettext_lazy("待卖家执行"),
    "platform_intervention": gettext_lazy("平台介入中"),
    "completed": gettext_lazy("已完结"),
}
EVENTS: Final[Mapping[str, Any]] = {
    "urged": gettext_lazy("超时后催发货，生成平台任务"),
    "shipped": gettext_lazy("整单已发货"),
    "refunded": gettext_lazy("已全额退款"),
    "tracked": gettext_lazy("物流有更新"),
    "reply_ship_later": gettext_lazy("卖家回复：延迟发货"),
    "reply_exchange": gettext_lazy("卖家回复：换货"),
    "reply_cannot_ship": gettext_lazy("卖家回复：无法发货，将退款"),
    "reply_force_majeure": gettext_lazy("卖家回复：不可抗力无法发货"),
    "accepted": gettext_lazy("买家接受方案"),
    "refused": gettext_lazy("买家不接受方案"),
    "due": gettext_lazy("时限到了"),
    "complaint_closed": gettext_lazy("投诉已结束"),
}
PARTIES: Final[Mapping[str, Any]] = {
    "seller": gettext_lazy("卖家"),
    "buyer": gettext_lazy("买家"),
    "platform": gettext_lazy("平台"),
    "clock": gettext_lazy("系统"),
}
BASES: Final[Mapping[str, Any]] = {
    "stated": gettext_lazy("平台公告"),
    "norm": gettext_lazy("公开规则"),
    "assumption": gettext_lazy("本系统的假设"),
}


def english() -> bool:
    return (get_language() or "").startswith("en")


def clause_word(clause: str) -> str:
    """The clause of a task's move."""
    zh, en = CLAUSES.get(clause, (clause, clause))
    return en if english() else zh


def number(amount: Decimal) -> str:
    """A percentage without needless noughts."""
    return f"{amount.normalize():f}"


def yuan(amount: Decimal) -> str:
    return f"¥{amount:,.2f}"


def working_words(kind: str, found: Working, points: int, version: Version) -> list[str]:
    """How the price of an upheld complaint comes about, step by step."""
    if found.counted:
        word = KINDS.get(kind, kind)
        return [
            gettext("这个订单的“{kind}”已经赔过一次；同一种类一个订单只算一次，不再赔付、不再扣分。").format(kind=word)
        ]
    said = [
        gettext("按付款时有效的规则 {version}：货款的 {percent}%，最低 {least}，最高 {most}。").format(
            version=version.id, percent=number(found.percent), least=yuan(found.least), most=yuan(found.most)
        )
    ]
    if found.long_promise:
        said.append(gettext("卖家承诺的发货时间较长，适用长承诺的比例。"))
    if found.orders > 1:
        said.append(
            gettext(
                "同一买家当天付款、同类成立的订单合并计算：{n} 单货款合计 {total}，合计应赔 {sum}，已赔 {before}。"
            ).format(
                n=found.orders, total=yuan(found.total), sum=yuan(found.before + found.owed), before=yuan(found.before)
            )
        )
    else:
        exact = found.percent * found.total / 100
        said.append(
            gettext("{total} × {percent}% = {exact}").format(
                total=yuan(found.total), percent=number(found.percent), exact=f"¥{number(exact)}"
            )
            + _bounded(found, exact)
        )
    said.append(gettext("扣 {points} 分。").format(points=points))
    return said


def _bounded(found: Working, exact: Decimal) -> str:
    if exact < found.least:
        return gettext("，不足最低，按 {least} 赔").format(least=yuan(found.least))
    if exact > found.most:
        return gettext("，超过最高，按 {most} 赔").format(most=yuan(found.most))
    return gettext("，赔 {owed}").format(owed=yuan(found.owed))


def version_lines(version: Version, kind: str) -> list[dict[str, Any]]:
    """The values of a version that a verdict rests on, each with its basis and its source."""
    rate = version.compensation.get(kind)  # type: ignore[call-overload]  # a kind of the rules
    lines: list[tuple[Any, str, Any]] = [
        (gettext("默认发货时限"), gettext("付款后 {n} 小时").format(n=version.default_hours.value), version.default_hours),
        (
            gettext("超过期限多久算缺货"), gettext("{n} 小时").format(n=version.out_of_stock_after_hours.value),
            version.out_of_stock_after_hours,
        ),
    ]  # fmt: skip
    if rate is not None:
        said = gettext("货款的 {percent}%，{least} 到 {most}").format(
            percent=number(rate.percent), least=yuan(rate.min), most=yuan(rate.max)
        )
        lines.append((gettext("赔付（{kind}）").format(kind=KINDS.get(kind, kind)), said, rate))
    points = gettext("成立 {n} 分；主动赔付每 {every} 次计一次").format(
        n=version.points.upheld, every=version.points.voluntary_every
    )
    lines.append((gettext("扣分"), points, version.points))
    reply = gettext("{n} 小时").format(n=version.timers.seller_reply_hours.value)
    lines.append((gettext("卖家回复时限"), reply, version.timers.seller_reply_hours))
    return [
        {"name": name, "value": value, "basis": BASES[origin.basis], "assumed": origin.basis == "assumption",
         "source": origin.source} for name, value, origin in lines
    ]  # fmt: skip
