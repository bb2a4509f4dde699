"""The channels that carry reminders out of the house: what each asks to be told, what is written, when it is tried again.

No text holds a buyer's personal data: the shop, the order's number, what the goods are called, and the time left.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal
from zoneinfo import ZoneInfo

from fahuo.rules.problems import Language

Status = Literal["waiting", "sent", "given_up", "not_needed"]
STATUSES: Final[tuple[Status, ...]] = ("waiting", "sent", "given_up", "not_needed")
"""waiting: due, or tried without success. given_up: tried ATTEMPTS times, or refused for good. not_needed: the task no
longer waits for the seller."""


@dataclass(frozen=True, slots=True)
class Field:
    """What a channel asks for. `secret`: never shown again. `choices`: what may be chosen, the first by default."""

    name: str
    required: bool = True
    secret: bool = False
    choices: tuple[str, ...] = ()


KINDS: Final[Mapping[str, tuple[Field, ...]]] = {
    "dingtalk": (Field("token", secret=True), Field("secret", required=False, secret=True)),
    "wecom": (Field("token", secret=True),),
    "feishu": (Field("token", secret=True),),
    "email": (
        Field("to"), Field("host"), Field("security", choices=("ssl", "starttls", "none")), Field("port", required=False),
        Field("sender"), Field("user", required=False), Field("password", required=False, secret=True),
    ),
    "webhook": (Field("address"), Field("token", required=False, secret=True)),
}  # fmt: skip
"""Kind of channel -> what it asks for: robots of DingTalk, WeCom and Feishu groups, a mailbox, any address that takes JSON."""

MASK: Final = "••••••"
"""Stands where a secret is kept."""

BACK_OFF: Final[tuple[timedelta, ...]] = (
    timedelta(seconds=30), timedelta(minutes=2), timedelta(minutes=10), timedelta(minutes=30), timedelta(hours=1),
)  # fmt: skip
ATTEMPTS: Final = len(BACK_OFF) + 1
LEASE: Final = timedelta(minutes=2)
"""How long a message belongs to whoever took it; longer than any sending may take."""

FINAL: Final[frozenset[str]] = frozenset({"private_address", "not_set_up"})
"""Reasons that no further attempt changes."""


def retry(attempts: int, why: str, *, now: datetime, trial: bool = False) -> datetime | None:
    """When a message that was tried in vain `attempts` times is tried again; None: it is given up. A trial is tried once."""
    if trial or why.partition(":")[0] in FINAL or attempts > len(BACK_OFF):
        return None
    return now + BACK_OFF[attempts - 1]


@dataclass(frozen=True, slots=True)
class Facts:
    """What a message tells of a task. `due_at` aware; `link` is the page of the task, "" where none can be reached."""

    shop: str
    zone: str
    number: str
    goods: str
    kind: str
    state: str
    due_at: datetime
    link: str = ""


NEEDS: Final[Mapping[str, Mapping[Language, str]]] = {
    "awaiting_seller_reply": {"zh": "请回复买家", "en": "reply to the buyer"},
    "awaiting_seller_action": {"zh": "请按承诺处理", "en": "do what was agreed"},
}
"""State of a task -> what it needs of the seller."""

GOODS: Final = 40
"""Signs of a title that are shown."""


def left(span: timedelta, language: Language) -> str:
    """A span in its two largest units, minutes cut: 3 小时 12 分."""
    minutes = int(max(span, timedelta()).total_seconds() // 60)
    days, hours, minutes = minutes // 1440, minutes // 60 % 24, minutes % 60
    words = ("天", "小时", "分") if language == "zh" else ("d", "h", "min")
    parts = [f"{n} {word}" for n, word in zip((days, hours, minutes), words, strict=True) if n] or [f"0 {words[2]}"]
    return " ".join(parts[:2])


def message(facts: Facts, language: Language, *, now: datetime) -> tuple[str, str]:
    """Title and text of a reminder."""
    due = facts.due_at.astimezone(ZoneInfo(facts.zone)).strftime("%m-%d %H:%M")
    goods = facts.goods if len(facts.goods) <= GOODS else facts.goods[: GOODS - 1] + "…"
    span = facts.due_at - now
    need = NEEDS.get(facts.state, NEEDS["awaiting_seller_reply"])[language]
    if language == "zh":
        rest = f"还剩 {left(span, language)}（{due} 截止）" if span > timedelta() else f"已到期（{due} 截止）"
        lines = [f"{facts.shop}：订单 {facts.number} {facts.kind}，{need}，{rest}。", goods and f"宝贝：{goods}"]
        title = f"发货台：{facts.kind}任务待处理"
    else:
        rest = f"{left(span, language)} left (due {due})" if span > timedelta() else f"due since {due}"
        lines = [f"{facts.shop}: order {facts.number}, {facts.kind}: {need}; {rest}.", goods and f"Item: {goods}"]
        title = f"Fahuo: a task waits ({facts.kind})"
    return title, "\n".join(filter(None, [*lines, facts.link]))


def trial(shop: str, language: Language) -> tuple[str, str]:
    """Title and text of a trial."""
    if language == "zh":
        return "发货台：试发", f"{shop}的消息渠道已接通，以后的任务提醒会发到这里。"
    return "Fahuo: a trial", f"This channel of {shop} works; reminders of tasks will come here."
