"""The timeline of a story in words, an entry a line."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, tzinfo
from typing import Any, Final

from fahuo.rules import deadlines, tasks
from fahuo.rules.problems import Language

Words = tuple[str, str]

EVENTS: Final[Mapping[str, Words]] = {
    "urge": ("买家催发货", "the buyer urges"),
    "contact_again": ("买家继续联系卖家", "the buyer contacts the seller again"),
    "seller_message": ("卖家发消息", "the seller writes"),
    "buyer_message": ("买家发消息", "the buyer writes"),
    "ship": ("卖家发货", "the seller ships"),
    "scan": ("快递扫描", "the carrier scans"),
    "reply": ("卖家回复任务", "the seller answers the task"),
    "buyer_accept": ("买家同意方案", "the buyer accepts the plan"),
    "buyer_refuse": ("买家不同意方案", "the buyer refuses the plan"),
    "refund": ("全额退款成功", "refunded in full"),
    "exempt_region": ("平台公布免责地区", "the platform lists an exempt region"),
    "report_delay": ("卖家提交报备", "the seller files a delay report"),
    "approve_report": ("平台通过报备", "the platform approves the report"),
    "reject_report": ("平台驳回报备", "the platform rejects the report"),
    "complain": ("买家投诉", "the buyer complains"),
    "pay_voluntarily": ("卖家主动赔付", "the seller compensates before the verdict"),
    "adjudicate": ("平台判定投诉", "the platform decides the complaint"),
    "withdraw": ("买家撤销投诉", "the buyer withdraws the complaint"),
    "ship_without_permission": ("没有权限的账号发货", "somebody ships without the permission"),
    "reply_without_permission": ("没有权限的账号回复任务", "somebody answers without the permission"),
}
URGES: Final[Mapping[str, Words]] = {
    "task": ("有平台任务", "a platform task stands"),
    "flagged": ("只标记", "only noted"),
    "exempt": ("免责", "exempt"),
    "refused": ("不能催", "refused"),
}
STATES: Final[Mapping[str, Words]] = {
    "awaiting_seller_reply": ("待卖家回复", "awaiting the seller's reply"),
    "awaiting_buyer_confirmation": ("待买家确认", "awaiting the buyer's confirmation"),
    "awaiting_seller_action": ("待卖家执行", "awaiting the seller's action"),
    "platform_intervention": ("平台介入中", "with the platform"),
    "completed": ("已完结", "completed"),
    "": ("新任务", "a new task"),
}
KINDS: Final[Mapping[str, Words]] = {
    "delay": ("延迟发货", "delay"),
    "out_of_stock": ("缺货", "out of stock"),
    "false_shipping": ("虚假发货", "false shipping"),
}
ALERTS: Final[Mapping[str, Words]] = {
    "not_picked_up": ("发货后 24 小时没有揽收", "shipped, and not scanned since"),
    "silent": ("揽收后没有物流更新", "scanned, and silent since"),
    "number_used_before": ("单号以前用过", "the waybill number was used before"),
    "out_of_stock": ("超过期限很久仍未发货", "still not shipped long after the deadline"),
}
REMINDERS: Final[Mapping[str, Words]] = {
    "delivered": ("提醒已送达", "a reminder reaches"),
    "held": ("免打扰时段，提醒推迟", "quiet hours hold a reminder for"),
    "suppressed": ("当天提醒已达上限，不再提醒", "the day's reminders are spent for"),
}


def lines(played: Any, language: Language, zone: tzinfo) -> Iterator[str]:
    """Each entry of a story that was played: when, which order, what, and in brackets the clause and the version."""
    for entry in played.entries:
        when = entry.at.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S")
        orders = ", ".join(entry.orders) or "-"
        yield f"{when}  {orders}  {SAY[entry.what](entry, language, zone)}  [{entry.clause} / {entry.rulebook}]"


def pick(words: Words, language: Language) -> str:
    return words[language == "en"]


def _paid(entry: Any, language: Language, zone: tzinfo) -> str:
    return pick((f"付款 {entry.data['price']} 元", f"paid, CNY {entry.data['price']}"), language)


def _event(entry: Any, language: Language, zone: tzinfo) -> str:
    said = pick(EVENTS[entry.data["do"]], language)
    if "urge" in entry.data:
        said += f": {pick(URGES[entry.data['urge']], language)}"
    elif entry.data.get("refused"):
        said += pick(("：被拒绝", ": refused"), language)
    return f"{said} ({pick(entry.words, language)})" if entry.words[0] else said


def _transition(entry: Any, language: Language, zone: tzinfo) -> str:
    before, after = (pick(STATES[entry.data[name]], language) for name in ("from", "to"))
    return f"{before} → {after}: {pick(tasks.CLAUSES.get(entry.clause, (entry.clause, entry.clause)), language)}"


def _order(entry: Any, language: Language, zone: tzinfo) -> str:
    return pick(("订单", "the order is"), language) + f" {entry.data['was']} → {entry.data['status']}"


def _deadline(entry: Any, language: Language, zone: tzinfo) -> str:
    until: datetime | None = entry.data["deadline"]
    why = pick(deadlines.CLAUSES.get(entry.clause, (entry.clause, entry.clause)), language)
    time = until.astimezone(zone).strftime("%Y-%m-%d %H:%M") if until else "-"
    return pick((f"发货期限 {time}({why})", f"the deadline is {time} ({why})"), language)


def _complaint(entry: Any, language: Language, zone: tzinfo) -> str:
    kind = pick(KINDS[entry.clause], language)
    if entry.data["by"] == "platform":
        return pick((f"平台替买家投诉：{kind}", f"the platform complains for the buyer: {kind}"), language)
    return pick((f"投诉成立待处理：{kind}", f"a complaint is open: {kind}"), language)


def _penalty(entry: Any, language: Language, zone: tzinfo) -> str:
    money, points = entry.data["compensation"], entry.data["points"]
    kind = pick(KINDS[entry.clause], language)
    return pick(
        (f"{kind}：赔付 {money} 元，扣 {points} 分", f"{kind}: CNY {money} to the buyer, {points} points"), language
    )


def _reminder(entry: Any, language: Language, zone: tzinfo) -> str:
    return f"{pick(REMINDERS[entry.data['status']], language)} {entry.data['account']}"


def _alert(entry: Any, language: Language, zone: tzinfo) -> str:
    return pick(("警报", "alert"), language) + f": {pick(ALERTS[entry.clause], language)}"


SAY: Final[Mapping[str, Callable[[Any, Language, tzinfo], str]]] = {
    "paid": _paid, "event": _event, "transition": _transition, "order": _order, "deadline": _deadline,
    "complaint": _complaint, "penalty": _penalty, "reminder": _reminder, "alert": _alert,
}  # fmt: skip
