"""When an order must have been scanned by its carrier, and why then. The algorithm in words: docs/deadlines.md.

`decide` answers with every clause it asked; `deadline_of` is the same answer without the words, for thousands at once.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Final, Literal
from zoneinfo import ZoneInfo

from fahuo.rules.policy import ExemptRegion, Override, RuleBook, Version
from fahuo.rules.regions import covers

CLAUSES: Final[Mapping[str, tuple[str, str]]] = {
    "agreed": ("与买家的约定", "agreement with the buyer"),
    "reported": ("延迟发货报备", "approved delay report"),
    "platform_override": ("平台节假日或大促规则", "the platform's holiday or sale rule"),
    "promise": ("商家承诺的发货时间", "the seller's promise"),
    "default": ("平台默认发货时间", "the platform's default"),
    "exempt_region": ("免责地区", "exempt region"),
    "channel": ("平台给出的最晚发货时间", "the marketplace's own deadline"),
    "unpaid": ("未付款", "not paid"),
}
"""Every clause that can decide, with its name in Chinese and English. The first five by strength, strongest first."""


Ground = Literal["agreed", "reported"]
"""Why one order may wait longer than the rest: its buyer agreed, or the platform approved a report (报备)."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What the deadline of one order depends on. Instants are aware; regions are six-digit codes or ""."""

    paid_at: datetime | None
    """For a staged presale: when the final payment was made."""
    kind: str = "normal"
    promise_hours: int | None = None
    promised_until: datetime | None = None
    channel_deadline: datetime | None = None
    reported_until: datetime | None = None
    agreed_until: datetime | None = None
    ship_to: str = ""
    ship_from: str = ""
    zone: str = "Asia/Shanghai"
    """The shop's time zone, in which the words of `asked` tell times; it changes no deadline."""
    category: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """One clause that was asked: whether it applies to the order, what it said, and until when it lets the order wait."""

    clause: str
    applies: bool
    zh: str
    en: str
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """The deadline in UTC (None: not paid yet), the clause that decided, the version's id, and all that was asked."""

    deadline: datetime | None
    clause: str
    version: str
    asked: tuple[Asked, ...]


def deadline_of(facts: Facts, book: RuleBook) -> tuple[datetime | None, str, str]:
    """(deadline, clause, version id), as `decide` finds them, without the words."""
    paid_at = facts.paid_at
    if paid_at is None:
        return None, "unpaid", ""
    if paid_at.tzinfo is not UTC:
        # In another zone adding hours would count on that zone's wall clock; hours here are natural hours.
        paid_at = paid_at.astimezone(UTC)
    version = book.at(paid_at)
    if facts.channel_deadline is not None:
        return facts.channel_deadline.astimezone(UTC), "channel", version.id
    deadline, clause = _base(facts, paid_at, book, version)
    if book.exempt_regions:
        moved = _past_exemptions(deadline, facts, book)[0]
        if moved != deadline:
            return moved, "exempt_region", version.id
    return deadline, clause, version.id


def decide(facts: Facts, book: RuleBook) -> Decision:
    """The deadline of one order with every clause that was asked, strongest first, in words."""
    if facts.paid_at is None:
        words = Asked("unpaid", True, "买家还没有付款，没有发货期限", "Not paid yet, so there is no deadline")
        return Decision(None, "unpaid", "", (words,))
    paid_at = facts.paid_at.astimezone(UTC)
    version = book.at(paid_at)
    override = _override(facts, paid_at, book)
    own = (
        _ask_agreed(facts),
        _ask_reported(facts),
        _ask_override(facts, paid_at, override),
        _ask_promise(facts, paid_at),
        _ask_default(facts, paid_at, version),
    )
    base = next(asked for asked in own if asked.applies)
    assert base.until is not None  # whatever applies says until when; the default always does
    exempt = _ask_exempt(facts, base.until, book)
    channel = _ask_channel(facts)
    winner = next(asked for asked in (channel, exempt, base) if asked.applies)
    return Decision(winner.until, winner.clause, version.id, (*own, exempt, channel))


def _base(facts: Facts, paid_at: datetime, book: RuleBook, version: Version) -> tuple[datetime, str]:
    """The strongest of agreement, report, override, promise and default."""
    if facts.agreed_until is not None:
        return facts.agreed_until.astimezone(UTC), "agreed"
    if facts.reported_until is not None:
        return facts.reported_until.astimezone(UTC), "reported"
    if book.overridden is not None and book.overridden[0] <= paid_at < book.overridden[1]:
        override = _override(facts, paid_at, book)
        if override is not None:
            return _override_end(override, paid_at), "platform_override"
    if facts.promised_until is not None or facts.promise_hours is not None:
        promised = _promise_end(facts, paid_at)
        if promised is not None:
            return promised, "promise"
    return paid_at + _hours(version.default_hours.value), "default"


@lru_cache(maxsize=1024)
def _hours(count: int) -> timedelta:
    return timedelta(hours=count)


def _override(facts: Facts, paid_at: datetime, book: RuleBook) -> Override | None:
    promised = _promise_end(facts, paid_at)
    hours = (promised - paid_at) / _hours(1) if promised is not None else 0
    return book.override_for(paid_at, facts.kind, category=facts.category, promise_hours=hours)


def _override_end(override: Override, paid_at: datetime) -> datetime:
    return override.ship_by if override.ship_by is not None else paid_at + _hours(override.hours or 0)


def _promise_end(facts: Facts, paid_at: datetime) -> datetime | None:
    """The promised day, unless it had passed before the payment (a stale item page), else the promised hours."""
    if facts.promised_until is not None and facts.promised_until > paid_at:
        return facts.promised_until.astimezone(UTC)
    return paid_at + _hours(facts.promise_hours) if facts.promise_hours is not None else None


def _past_exemptions(deadline: datetime, facts: Facts, book: RuleBook) -> tuple[datetime, ExemptRegion | None]:
    """The deadline after every exempt window it falls inside, one after another, and the last such window."""
    windows = [
        region
        for region in book.exempt_regions
        if covers(region.region, facts.ship_to) or covers(region.region, facts.ship_from)
    ]
    last: ExemptRegion | None = None
    while inside := [window for window in windows if window.start <= deadline < window.end]:
        last = max(inside, key=lambda window: window.end)
        deadline = last.end
    return deadline, last


def _ask_agreed(facts: Facts) -> Asked:
    until = facts.agreed_until
    if until is None:
        return Asked("agreed", False, "没有与买家约定过发货时间", "No ship time was agreed with the buyer")
    time = _local(until, facts)
    return Asked(
        "agreed", True, f"与买家约定 {time} 前发货", f"Agreed with the buyer: ship by {time}", until.astimezone(UTC)
    )


def _ask_reported(facts: Facts) -> Asked:
    until = facts.reported_until
    if until is None:
        return Asked("reported", False, "没有已通过的延迟发货报备", "No delay report was approved")
    time = _local(until, facts)
    return Asked(
        "reported",
        True,
        f"延迟发货报备已通过，{time} 前发货",
        f"Delay report approved: ship by {time}",
        until.astimezone(UTC),
    )


def _ask_override(facts: Facts, paid_at: datetime, override: Override | None) -> Asked:
    if override is None:
        return Asked(
            "platform_override",
            False,
            f"{_local(paid_at, facts)} 付款，不在平台的节假日或大促规则内",
            f"Paid {_local(paid_at, facts)}: no holiday or sale rule of the platform covers it",
        )
    until = _override_end(override, paid_at)
    zh = f"{override.zh}：{_local(until, facts)} 前发货"
    return Asked("platform_override", True, zh, f"{override.en}: ship by {_local(until, facts)}", until)


def _ask_promise(facts: Facts, paid_at: datetime) -> Asked:
    until = _promise_end(facts, paid_at)
    if until is None and facts.promised_until is not None:
        time = _local(facts.promised_until, facts)
        return Asked(
            "promise",
            False,
            f"商家承诺的 {time} 在付款前已经过去，不算",
            f"The promised {time} had passed before the payment and does not count",
        )
    if until is None:
        return Asked("promise", False, "商家没有承诺发货时间", "The seller promised no ship time")
    time = _local(until, facts)
    if facts.promised_until is not None and facts.promised_until > paid_at:
        return Asked("promise", True, f"商家承诺 {time} 前发货", f"The seller promised to ship by {time}", until)
    hours = facts.promise_hours
    zh = f"商家承诺付款后 {hours} 小时内发货，即 {time}"
    return Asked("promise", True, zh, f"The seller promised to ship within {hours} h of the payment: by {time}", until)


def _ask_default(facts: Facts, paid_at: datetime, version: Version) -> Asked:
    hours = version.default_hours.value
    until = paid_at + _hours(hours)
    time = _local(until, facts)
    zh = f"平台默认付款后 {hours} 小时内发货，即 {time}"
    return Asked("default", True, zh, f"The platform's default is {hours} h from the payment: by {time}", until)


def _ask_exempt(facts: Facts, deadline: datetime, book: RuleBook) -> Asked:
    until, window = _past_exemptions(deadline, facts, book)
    if window is None:
        return Asked(
            "exempt_region",
            False,
            "收货地和发货地此时都不在免责地区",
            "Neither end of the way lies in an exempt region then",
        )
    zh = f"期限落在地区 {window.region} 的免责时段内，顺延到 {_local(until, facts)}"
    en = f"The deadline falls inside the exemption of region {window.region} and moves to {_local(until, facts)}"
    return Asked("exempt_region", True, zh, en, until)


def _ask_channel(facts: Facts) -> Asked:
    until = facts.channel_deadline
    if until is None:
        return Asked("channel", False, "平台没有给出最晚发货时间", "The marketplace reported no deadline of its own")
    time = _local(until, facts)
    zh = f"平台给出的最晚发货时间是 {time}，以它为准"
    return Asked("channel", True, zh, f"The marketplace's own deadline is {time}; it wins", until.astimezone(UTC))


def _local(instant: datetime, facts: Facts) -> str:
    return instant.astimezone(ZoneInfo(facts.zone)).strftime("%Y-%m-%d %H:%M")
