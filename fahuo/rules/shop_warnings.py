"""What a shop's accounts are warned of besides tasks: stock of waybill numbers that runs out, a webhook that was switched off,
an account that looks at very many receivers.

A warning is raised once while the trouble lasts, reminds once, and is over when the trouble is. It counts among the day's
reminders of an account and keeps to its quiet hours like any other.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Literal

from fahuo.rules.notices import left
from fahuo.rules.paces import Outlook
from fahuo.rules.problems import Language

Kind = Literal["stock_low", "stock_out", "webhook_off", "many_receivers"]
KINDS: Final[tuple[Kind, ...]] = ("stock_low", "stock_out", "webhook_off", "many_receivers")
AGAIN: Final = timedelta(hours=12)
"""The same trouble of the same thing is not told again sooner, however often it comes and goes."""


@dataclass(frozen=True, slots=True)
class Words:
    """A kind of warning: its name, what it asks for, the act whose people are told, and the page to go to."""

    zh: str
    en: str
    need_zh: str
    need_en: str
    act: str
    page: str


WORDS: Final[Mapping[str, Words]] = {
    "stock_low": Words(
        "单号快用完", "Numbers run short", "请补单号", "buy numbers", "buy_waybills", "contracts/{id}/stock/"
    ),
    "stock_out": Words(
        "单号用完", "Numbers have run out", "请补单号", "buy numbers", "buy_waybills", "contracts/{id}/stock/"
    ),
    "webhook_off": Words(
        "事件推送已停", "A webhook is off", "请检查并重新打开", "look at it and switch it on again", "manage_machines",
        "settings/machines/webhooks/{id}/",
    ),
    "many_receivers": Words(
        "有人看了很多收件人", "Very many receivers were looked at", "请核实是不是工作需要", "check that it was for work", "manage_privacy",
        "people/",
    ),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Trouble:
    """A trouble as it stands: of which contract or webhook (`subject_id`), what it is called, how many numbers are left, and
    when they run out at the present pace (aware; None where that says nothing)."""

    kind: Kind
    subject_id: int
    name: str
    left: int = 0
    due_at: datetime | None = None


def stock_trouble(contract_id: int, name: str, outlook: Outlook, *, now: datetime) -> Trouble | None:
    """What is wrong with a contract's stock, if anything. One from which nothing is taken nobody need be told of."""
    if outlook.pace is None or not outlook.short:
        return None
    if outlook.left <= 0:
        return Trouble("stock_out", contract_id, name)
    return Trouble("stock_low", contract_id, name, outlook.left, now + (outlook.lasts or timedelta()))


def page_of(kind: str, subject_id: int) -> str:
    """Where to go, below the shop's own address."""
    return WORDS[kind].page.format(id=subject_id)


def message(
    kind: str, facts: Mapping[str, Any], shop: str, language: Language, *, due_at: datetime | None, link: str, now: datetime
) -> tuple[str, str]:  # fmt: skip
    """Title and text of a warning in a channel. `facts`: name, left."""
    words, name = WORDS[kind], facts["name"]
    span = left((due_at or now) - now, language)
    if language == "zh":
        said = {
            "stock_low": f"合同“{name}”的单号还剩 {facts['left']} 个，按现在的用量还够 {span}",
            "stock_out": f"合同“{name}”的单号用完了，取不到号",
            "webhook_off": f"Webhook “{name}”一直送不到，已自动停用，新的事件没有再送",
            "many_receivers": f"{name}今天查看或导出的收件人快到限额，还剩 {facts['left']} 个",
        }[kind]
        return f"发货台：{words.zh}", "\n".join(filter(None, [f"{shop}：{said}。{words.need_zh}。", link]))
    said = {
        "stock_low": f"contract {name} has {facts['left']} numbers left, enough for {span} at the present pace",
        "stock_out": f"contract {name} has no numbers left; none can be taken",
        "webhook_off": f"webhook {name} could not be reached and was switched off; events are not sent any more",
        "many_receivers": f"{name} is near today's limit of receivers to look at or export; {facts['left']} are left",
    }[kind]
    return f"Fahuo: {words.en}", "\n".join(filter(None, [f"{shop}: {said}. Please {words.need_en}.", link]))
