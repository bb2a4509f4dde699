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
    """What a channel asks for, in both languages. `secret`: never shown again. `choices`: what may be chosen, the first by
    default."""

    name: str
    zh: str
    en: str
    required: bool = True
    secret: bool = False
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of channel."""

    zh: str
    en: str
    fields: tuple[Field, ...]


_GATEWAY: Final = Field("gateway", "专属版地址", "Own server's address", required=False)
"""Where the service runs, for who has one of their own (https://chat.example.com); empty: the public one."""
_TOKEN: Final = Field("token", "Webhook 地址或 token", "Webhook address or token", secret=True)
KINDS: Final[Mapping[str, Kind]] = {
    "dingtalk": Kind(
        "钉钉", "DingTalk", (_TOKEN, Field("secret", "加签密钥", "Signing secret", required=False, secret=True), _GATEWAY)
    ),
    "wecom": Kind("企业微信", "WeCom", (_TOKEN, _GATEWAY)),
    "feishu": Kind("飞书", "Feishu", (_TOKEN, _GATEWAY)),
    "email": Kind(
        "邮件", "E-mail",
        (
            Field("to", "收件邮箱", "To"), Field("host", "SMTP 服务器", "SMTP server"),
            Field("security", "加密方式", "Encryption", choices=("ssl", "starttls", "none")),
            Field("port", "端口", "Port", required=False), Field("sender", "发件邮箱", "From"),
            Field("user", "登录名", "User name", required=False),
            Field("password", "密码或授权码", "Password", required=False, secret=True),
        ),
    ),
    "webhook": Kind(
        "Webhook", "Webhook",
        (Field("address", "地址", "Address"), Field("token", "令牌", "Token", required=False, secret=True)),
    ),
}  # fmt: skip
"""Kind of channel: robots of DingTalk, WeCom and Feishu groups, a mailbox, any address that takes JSON."""

PASTED: Final[Mapping[str, str]] = {
    "dingtalk": r"[?&]access_token=([A-Za-z0-9]+)", "wecom": r"[?&]key=([A-Za-z0-9_-]+)", "feishu": r"/hook/([A-Za-z0-9_-]+)",
}  # fmt: skip
"""Where the token stands in the address that a robot's page gives."""

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
