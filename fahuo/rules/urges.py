"""The buyer presses 催发货: what comes of it, and why. Every check is asked; the first that applies decides."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal
from zoneinfo import ZoneInfo

from fahuo.rules.deadlines import Asked
from fahuo.rules.orders import IN_BACKLOG
from fahuo.rules.policy import RuleBook
from fahuo.rules.regions import covers

Outcome = Literal["task", "flagged", "exempt", "refused"]
OUTCOMES: Final[tuple[Outcome, ...]] = ("task", "flagged", "exempt", "refused")
"""task: one is made, or one is open already. flagged: only noted. exempt: an exception applied. refused: not urgeable."""

Reason = Literal[
    "not_awaiting_shipment", "open_task", "custom", "virtual", "presale", "exempt_region", "reported",
    "within_deadline", "no_complaint", "past_deadline",
]  # fmt: skip
OUTCOME_OF: Final[Mapping[Reason, Outcome]] = {
    "not_awaiting_shipment": "refused",
    "open_task": "task",
    "custom": "exempt",
    "virtual": "exempt",
    "presale": "exempt",
    "exempt_region": "exempt",
    "reported": "exempt",
    "within_deadline": "flagged",
    "no_complaint": "exempt",
    "past_deadline": "task",
}
"""What each check comes to when it decides; in the order in which they are asked."""
REASONS: Final[tuple[Reason, ...]] = tuple(OUTCOME_OF)

NAMES: Final[Mapping[Reason, tuple[str, str]]] = {
    "not_awaiting_shipment": ("不在待发货", "not awaiting shipment"),
    "open_task": ("已有任务", "a task is open"),
    "custom": ("定制类目", "custom goods"),
    "virtual": ("虚拟类目", "virtual goods"),
    "presale": ("预售", "presale"),
    "exempt_region": ("免责地区", "exempt region"),
    "reported": ("延迟发货报备", "approved delay report"),
    "within_deadline": ("未过发货期限", "within the deadline"),
    "no_complaint": ("当前无投诉", "no complaint open"),
    "past_deadline": ("已过发货期限", "past the deadline"),
}
"""Each reason's name in Chinese and English."""


@dataclass(frozen=True, slots=True)
class UrgeFacts:
    """What an urge depends on. Instants are aware; regions are six-digit codes or ""."""

    status: str
    deadline: datetime | None
    """None: the order has none, as it is not paid."""
    kind: str = "normal"
    refunded: bool = False
    """Refunded in full."""
    open_task: bool = False
    complaint_open: bool = False
    reported_until: datetime | None = None
    """The time that an approved delay report names."""
    ship_to: str = ""
    ship_from: str = ""
    """The shop's default ship-from region."""
    zone: str = "Asia/Shanghai"
    """The shop's time zone, for the words only."""


@dataclass(frozen=True, slots=True)
class Urge:
    """What the urge came to, the check that decided, and all that were asked, in order."""

    outcome: Outcome
    reason: Reason
    asked: tuple[Asked, ...]

    @property
    def makes_task(self) -> bool:
        return self.reason == "past_deadline"

    @property
    def counts(self) -> bool:
        """Whether the order's urge count grows."""
        return self.outcome != "refused"


def decide(facts: UrgeFacts, book: RuleBook, *, now: datetime) -> Urge:
    """What an urge at `now` comes to. `book` carries the platform's exempt regions (`book.exempting`)."""
    asked = (
        _ask_status(facts),
        _ask_task(facts),
        _ask_kind("custom", ("custom",), facts, book, now),
        _ask_kind("virtual", ("virtual",), facts, book, now),
        _ask_kind("presale", ("presale_full", "presale_staged"), facts, book, now),
        _ask_region(facts, book, now),
        _ask_report(facts, book, now),
        _ask_deadline(facts, now),
        _ask_complaint(facts, book, now),
        _ask_late(facts, now),
    )
    reason = next(reason for reason, answer in zip(REASONS, asked, strict=True) if answer.applies)
    return Urge(OUTCOME_OF[reason], reason, asked)


def urgeable(facts: UrgeFacts) -> bool:
    """Whether the button shows: the order is paid, and neither wholly shipped nor refunded nor closed."""
    return facts.status in IN_BACKLOG and not facts.refunded and facts.deadline is not None


def _ask_status(facts: UrgeFacts) -> Asked:
    if urgeable(facts):
        return Asked("not_awaiting_shipment", False, "订单待发货，可以催", "The order awaits shipment and can be urged")
    return Asked(
        "not_awaiting_shipment",
        True,
        "订单未付款、已发货、已退款或已关闭，不能催发货",
        "The order is unpaid, shipped, refunded or closed and cannot be urged",
    )


def _ask_task(facts: UrgeFacts) -> Asked:
    if facts.open_task:
        zh = "已有一个未完结的任务，只增加催促次数"
        return Asked("open_task", True, zh, "A task is open already; only its count of urges grows")
    return Asked("open_task", False, "没有未完结的任务", "No task is open")


def _ask_kind(
    reason: Literal["custom", "virtual", "presale"],
    kinds: tuple[str, ...],
    facts: UrgeFacts,
    book: RuleBook,
    now: datetime,
) -> Asked:
    zh, en = NAMES[reason]
    if facts.kind not in kinds:
        return Asked(reason, False, f"不属于{zh}", f"Not {en}")
    if not book.clause_applies(reason, now):
        return Asked(reason, False, f"{zh}，但这一天不再例外", f"{en.capitalize()}, but on this day no exception")
    return Asked(reason, True, f"{zh}，不生成任务", f"{en.capitalize()}: no task is made")


def _ask_region(facts: UrgeFacts, book: RuleBook, now: datetime) -> Asked:
    found = [
        (region, covers(region.region, facts.ship_to))
        for region in book.exempt_regions
        if region.start <= now < region.end
        and (covers(region.region, facts.ship_to) or covers(region.region, facts.ship_from))
    ]
    if not found or not book.clause_applies("exempt_region", now):
        zh = "收货地和默认发货地此时都不在免责地区"
        return Asked("exempt_region", False, zh, "Neither end of the way lies in an exempt region now")
    region, at_buyer = max(found, key=lambda each: each[0].end)
    time = _local(region.end, facts)
    zh = f"{'收货地' if at_buyer else '默认发货地'}在免责地区 {region.region}，直到 {time}"
    en = f"The {'receiver' if at_buyer else 'default ship-from address'} is in exempt region {region.region} until {time}"
    return Asked("exempt_region", True, zh, en, region.end)


def _ask_report(facts: UrgeFacts, book: RuleBook, now: datetime) -> Asked:
    until = facts.reported_until
    if until is None:
        return Asked("reported", False, "没有已通过的延迟发货报备", "No delay report was approved")
    time = _local(until, facts)
    if now > until:
        return Asked("reported", False, f"报备的时间 {time} 已过", f"The reported time {time} has passed", until)
    if not book.clause_applies("reported", now):
        return Asked("reported", False, "这一天报备不算例外", "On this day a report is no exception", until)
    return Asked("reported", True, f"已报备 {time} 前发货", f"Reported, and approved: ships by {time}", until)


def _ask_deadline(facts: UrgeFacts, now: datetime) -> Asked:
    if facts.deadline is None:
        return Asked("within_deadline", False, "没有发货期限", "There is no deadline")
    time = _local(facts.deadline, facts)
    if now <= facts.deadline:
        zh = f"发货期限 {time} 未过，只标记，不生成任务"
        return Asked("within_deadline", True, zh, f"The deadline {time} has not passed: noted, no task", facts.deadline)
    return Asked("within_deadline", False, f"发货期限 {time} 已过", f"The deadline {time} has passed", facts.deadline)


def _ask_complaint(facts: UrgeFacts, book: RuleBook, now: datetime) -> Asked:
    if not book.clause_applies("no_complaint", now):
        zh = "这一天有没有投诉都生成任务"
        return Asked("no_complaint", False, zh, "On this day a task needs no complaint")
    if facts.complaint_open:
        return Asked("no_complaint", False, "订单有投诉在处理", "A complaint over the order is open")
    zh = "订单当前无投诉，不生成任务"
    return Asked("no_complaint", True, zh, "No complaint over the order is open: no task is made")


def _ask_late(facts: UrgeFacts, now: datetime) -> Asked:
    if facts.deadline is not None and now > facts.deadline:
        zh = "期限已过，没有例外：生成平台任务"
        return Asked("past_deadline", True, zh, "Past the deadline, no exception: a platform task is made")
    return Asked("past_deadline", False, "期限未过", "Not past the deadline")


def _local(instant: datetime, facts: UrgeFacts) -> str:
    return instant.astimezone(ZoneInfo(facts.zone)).strftime("%Y-%m-%d %H:%M")
