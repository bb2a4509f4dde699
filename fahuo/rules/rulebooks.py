"""Rule books that go on while the product runs: what is new is written as an addition, checked, compared, and added.

An addition is TOML in the form of a rule book, and says only what is new: at most one `[[version]]` with its `from`, new
`[[override]]`s, changed `[clause.…]`s. It speaks of the future: what has been judged, and what is being judged now, stays.
"""

from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import lru_cache
from typing import Any, Final
from zoneinfo import ZoneInfo

import msgspec

from fahuo.rules import policy
from fahuo.rules.policy import Basis, RuleBook, Version
from fahuo.rules.problems import Refusal

PARTS: Final = ("version", "override", "clause")
LONGEST: Final = 50_000
"""Characters of an addition."""
NAMES: Final[Mapping[str, tuple[str, str]]] = {
    "default_hours": ("默认发货时限（小时）", "default shipping time (h)"),
    "out_of_stock_after_hours": ("超过期限多久算缺货（小时）", "late for so long is out of stock (h)"),
    "pickup_within_hours": ("发货后多久要有揽收（小时）", "pickup scan within (h)"),
    "update_within_hours": ("揽收后多久要有更新（小时）", "next scan within (h)"),
    "form": ("赔付方式", "form of compensation"),
    "points.upheld": ("投诉成立扣分", "points of an upheld complaint"),
    "points.voluntary_every": ("自愿赔付每几次扣一次分", "settlements that cost points: every"),
    "timers.seller_reply_hours": ("卖家回复时限（小时）", "the seller replies within (h)"),
    "timers.buyer_confirmation_hours": ("买家确认时限（小时）", "the buyer confirms within (h)"),
    "timers.seller_action_hours": ("卖家执行时限（小时）", "the seller acts within (h)"),
    "timers.exchange_hours": ("换货执行时限（小时）", "an exchange ships within (h)"),
    "timers.ship_later_days": ("延迟发货最多几天", "a later shipping at most (days)"),
    "reminders.hours_before": ("到期前几小时提醒", "reminders before it is due (h)"),
    "reminders.per_day": ("每个账号每天最多提醒", "reminders per account and day"),
    "delay": ("延迟发货赔付", "compensation for delay"),
    "out_of_stock": ("缺货赔付", "compensation for out of stock"),
    "false_shipping": ("虚假发货赔付", "compensation for false shipping"),
    "not_picked_up": ("未揽收赔付", "compensation for no pickup"),
    "track_abnormal": ("物流异常赔付", "compensation for an abnormal track"),
    "track_overtime": ("物流超时赔付", "compensation for a track overtime"),
    "price_raised": ("发货加价赔付", "compensation for a raised price"),
}
"""Every value of a version by the path it has in the file, with its name in Chinese and English."""


@dataclass(frozen=True, slots=True)
class Value:
    """One value of a version: where it stands in the file, what it is, and where it comes from."""

    path: str
    text: str
    basis: Basis
    source: str

    def name(self, language: str) -> str:
        return NAMES[self.path][language == "en"]


@dataclass(frozen=True, slots=True)
class Change:
    """A value that an addition changes; None where it was, or is, not there."""

    path: str
    before: Value | None
    after: Value | None

    def name(self, language: str) -> str:
        return NAMES[self.path][language == "en"]


@dataclass(frozen=True, slots=True)
class Addition:
    """What an addition brings: its version (None: it has none), the overrides' ids and the clauses' names.

    `starts_at` is when the first of it takes force; `book` the rule book with it, `before` the version that it follows.
    """

    starts_at: datetime
    version: Version | None
    overrides: tuple[str, ...]
    clauses: tuple[str, ...]
    book: RuleBook
    before: Version

    @property
    def name(self) -> str:
        """The id of its version, else of its first override, else its first clause."""
        return self.version.id if self.version else (*self.overrides, *self.clauses)[0]


def add(text: str, *, platform: str, known: Sequence[str] = (), now: datetime) -> Addition:
    """Check what an addition says beside the platform's book and the additions that are `known`, oldest first.

    Refusals: `rulebook_long`, `policy_unknown`, `policy_malformed` (data `detail`: where), `policy_hole`,
    `policy_overlap`, `rulebook_empty`, `rulebook_versions`, `rulebook_undated`, `rulebook_offset`, `rulebook_platform`, `rulebook_past`
    (data `what`).
    """
    if len(text) > LONGEST:
        raise Refusal.of("rulebook_long", most=LONGEST)
    said = policy.read(text)
    if said.pop("platform", platform) != platform:
        raise Refusal.of("rulebook_platform", platform=platform)
    said.pop("zone", None)
    unknown = [part for part in said if part not in PARTS]
    if unknown:
        raise Refusal.of("policy_malformed", detail=f"{unknown[0]}: one of {', '.join(PARTS)}")
    if not any(said.get(part) for part in PARTS):
        raise Refusal.of("rulebook_empty")
    versions = said.get("version") or []
    if not isinstance(versions, list) or len(versions) > 1:
        raise Refusal.of("rulebook_versions")
    _check_tables(said)
    if versions and not isinstance(versions[0].get("from"), datetime):
        raise Refusal.of("rulebook_undated", version=str(versions[0].get("id", "")))
    if versions and versions[0]["from"].tzinfo is None:
        raise Refusal.of("rulebook_offset", version=str(versions[0].get("id", "")))
    old = composed(platform, tuple(known))
    new = composed(platform, (*known, text))
    version = new.versions[-1] if versions else None
    overrides = tuple(each for each in new.overrides if each not in old.overrides)
    clauses = tuple(name for name in (said.get("clause") or {}) if _clause(new, name) != _clause(old, name))
    starts = [*([version.start] if version and version.start else []), *(each.paid_from for each in overrides)]
    starts += [_changed_from(old, new, name, now=now) for name in clauses]
    if not starts:
        raise Refusal.of("rulebook_empty")
    if min(starts) <= now:
        raise Refusal.of("rulebook_past", what=version.id if version else f"{min(starts):%Y-%m-%d}")
    return Addition(
        min(starts), version, tuple(each.id for each in overrides), clauses, new, old.versions[-1]
    )  # fmt: skip


def _check_tables(said: Mapping[str, Any]) -> None:
    """Refusal `policy_malformed` where a part is not made of tables."""
    for part in ("version", "override"):
        tables = said.get(part, [])
        if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
            raise Refusal.of("policy_malformed", detail=f"[[{part}]]")
    if not isinstance(said.get("clause", {}), dict):
        raise Refusal.of("policy_malformed", detail="[clause]")


@lru_cache(maxsize=64)
def composed(platform: str, additions: tuple[str, ...]) -> RuleBook:
    """The platform's book with these additions, oldest first. Refusals as `policy.parse`, and `policy_unknown`."""
    if not additions:
        return policy.load(platform)
    document = deepcopy(policy.read(policy.text_of(platform)))
    for text in additions:
        said = policy.read(text)
        for version in said.get("version", []):
            last = document["version"][-1]
            start = version.get("from")
            if isinstance(start, datetime) and start.tzinfo is not None and _starts(last) >= start:
                raise Refusal.of("policy_overlap", one=str(last.get("id")), other=str(version.get("id")))
            document["version"][-1] = {**last, "to": start}
            document["version"].append(version)
        document["override"] = [*document.get("override", []), *said.get("override", [])]
        document["clause"] = {**document.get("clause", {}), **said.get("clause", {})}
    return policy.build(document)


def _starts(version: Mapping[str, Any]) -> datetime:
    start = version.get("from")
    return start if isinstance(start, datetime) else datetime.min.replace(tzinfo=ZoneInfo("UTC"))


def _clause(book: RuleBook, name: str) -> policy.Clause | None:
    found: policy.Clause | None = getattr(book.clauses, name, None)
    return found


def _changed_from(old: RuleBook, new: RuleBook, name: str, *, now: datetime) -> datetime:
    """The first instant at which a changed clause says something else. Refusal `rulebook_past` when that is over."""
    before, after = _clause(old, name), _clause(new, name)
    assert before is not None  # every clause stands in every book
    assert after is not None
    zone = ZoneInfo(new.zone)
    today = now.astimezone(zone).date()
    days = [
        day
        for one, other in ((before.first_day, after.first_day), (before.last_day, after.last_day)) if one != other
        for day in (one, other) if day is not None
    ]  # fmt: skip
    first = min(days, default=date.max)
    if first <= today:
        raise Refusal.of("rulebook_past", what=name)
    if first == date.max:
        raise Refusal.of("rulebook_empty")
    if first.year not in policy.YEARS:
        raise Refusal.of("policy_malformed", detail=f"{name}: {first}")
    return datetime(first.year, first.month, first.day, tzinfo=zone)


def values(version: Version) -> list[Value]:
    """Everything that a version says, in the order of NAMES."""
    found = dict(_values(version))
    return [found[path] for path in NAMES if path in found]


def _values(version: Version) -> Iterator[tuple[str, Value]]:
    for path in NAMES:
        told = _at(version, path)
        if told is not None:
            text, origin = told
            yield path, Value(path, text, origin.basis, origin.source)


def _at(version: Version, path: str) -> tuple[str, Any] | None:
    """What stands at a path, as text, and what says where it comes from."""
    if path in version.compensation:
        rate = version.compensation[path]  # type: ignore[index]  # looked up a line above
        text = _tier(rate)
        if rate.long_promise:
            text += f"; > {rate.long_promise.over_hours} h: {_tier(rate.long_promise)}"
        return text, rate
    if path.startswith("points."):
        return str(getattr(version.points, path.partition(".")[2])), version.points
    owner: Any = version
    for name in path.split("."):
        owner = getattr(owner, name, None)
        if owner is None:
            return None
    told = getattr(owner, "value", None) or owner.values
    return (", ".join(map(str, told)) if isinstance(told, tuple) else str(told)), owner


def _tier(tier: policy.Tier) -> str:
    return f"{tier.percent.normalize():f}% ({tier.min}-{tier.max})"


def changes(before: Version, after: Version) -> list[Change]:
    """What differs between two versions: another value, or the same from elsewhere."""
    old, new = dict(_values(before)), dict(_values(after))
    return [
        Change(path, old.get(path), new.get(path)) for path in NAMES if path in old or path in new
        if old.get(path) != new.get(path)
    ]  # fmt: skip


def supposed(addition: Addition) -> RuleBook:
    """The book as if what the addition brings were in force ever since: to ask of last month's orders."""
    if addition.version is None:
        return addition.book
    version = msgspec.structs.replace(addition.version, start=None, end=None)
    return replace(addition.book, versions=(version,), starts=())
