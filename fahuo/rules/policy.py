"""A platform's rule books: which hours, percentages and dates were in force when, who says so, and how sure that is.

The books are the TOML files in `policies/`; a shop may have its own (`parse`). A version states what is new in it and
takes the rest from the one before. Instants are UTC, days are those of the book's zone, money is CNY.
"""

import tomllib
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from importlib.resources import files
from itertools import combinations, pairwise
from typing import Annotated, Any, Final, Literal, TypeVar
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Meta, Struct

from fahuo.rules.orders import OrderKind
from fahuo.rules.problems import Refusal

Entry = TypeVar("Entry", bound=Struct)

Basis = Literal["stated", "norm", "assumption"]
"""stated: the platform's own notice to sellers. norm: published rules and notices. assumption: ours, all are silent."""

Kind = Literal[
    "delay", "out_of_stock", "false_shipping", "not_picked_up", "track_abnormal", "track_overtime", "price_raised"
]
YEARS: Final = range(1900, 3000)
"""In which a rule may begin or end, so that every zone can tell its instants."""
BASE_KINDS: Final[tuple[Kind, ...]] = ("delay", "out_of_stock", "false_shipping")
"""The violations that every version must price; the others came later."""

Instant = Annotated[datetime, Meta(tz=True)]
Count = Annotated[int, Meta(gt=0)]
Text = Annotated[str, Meta(min_length=1)]
Area = Annotated[str, Meta(pattern=r"^\d{2}(\d{2}){0,2}$")]


class Origin(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where a value comes from."""

    basis: Basis
    source: Text


class Figure(Origin, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One number; its unit is the last word of its name."""

    value: Count


class Figures(Origin, frozen=True, kw_only=True, forbid_unknown_fields=True):
    values: tuple[Count, ...]


class Form(Origin, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How compensation reaches the buyer: as money 违约金, or as a coupon 赔付红包."""

    value: Literal["cash", "coupon"]


class Tier(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Percent of the item price, not below `min`, not above `max` (CNY)."""

    percent: Decimal
    min: Decimal
    max: Decimal

    def __post_init__(self) -> None:
        if not all(each.is_finite() for each in (self.percent, self.min, self.max)):
            raise ValueError("percent, min and max are numbers")
        if not 0 < self.percent <= 100:
            raise ValueError("percent is not within 0 and 100")
        if not 0 <= self.min <= self.max:
            raise ValueError("min is below zero or above max")


class LongPromise(Tier, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What holds instead where the seller had promised more than `over_hours`."""

    over_hours: Count


class Rate(Tier, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The price of one kind of violation, and where it comes from."""

    basis: Basis
    source: Text
    long_promise: LongPromise | None = None


class Points(Origin, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Violation points of an upheld complaint; a settled one costs them every so many times only."""

    upheld: Count
    voluntary_every: Count


class Timers(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How long each state of a platform task lasts."""

    seller_reply_hours: Figure
    buyer_confirmation_hours: Figure
    seller_action_hours: Figure
    exchange_hours: Figure
    ship_later_days: Figure


class Reminders(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """When a task reminds before it is due, and how often a sub-account is reminded in a calendar day."""

    hours_before: Figures
    per_day: Figure


class Version(Origin, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The rules from `start` (None: ever since) until just before `end` (None: still); basis and source are the dates'."""

    id: Text
    start: Instant | None = msgspec.field(default=None, name="from")
    end: Instant | None = msgspec.field(default=None, name="to")
    note: str = ""
    note_zh: str = ""
    """The same in Chinese; "" where `note` is all there is."""
    default_hours: Figure
    out_of_stock_after_hours: Figure
    pickup_within_hours: Figure
    update_within_hours: Figure
    form: Form
    compensation: Mapping[Kind, Rate]
    points: Points
    timers: Timers
    reminders: Reminders

    def __post_init__(self) -> None:
        missing = [kind for kind in BASE_KINDS if kind not in self.compensation]
        if missing:
            raise ValueError(f"no compensation for {missing[0]}")


class Clause(Origin, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An exception from urging; it applies from its first to its last day, both included."""

    first_day: date | None = None
    last_day: date | None = None


class Clauses(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The exceptions from urging that have, or may get, dates."""

    custom: Clause
    virtual: Clause
    presale: Clause
    exempt_region: Clause
    reported: Clause
    no_complaint: Clause


class Override(Origin, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A holiday or a sale: what is paid from `paid_from` until just before `paid_to` ships by `ship_by` or within `hours`.

    Only orders of these `kinds` and, where named, `categories`. A seller's promise of more than
    `longer_promise_hours` stands. `update_hours` is how soon the track must move after the pickup.
    """

    id: Text
    zh: Text
    en: Text
    paid_from: Instant
    paid_to: Instant
    ship_by: Instant | None = None
    hours: Count | None = None
    kinds: tuple[OrderKind, ...] = ("normal",)
    categories: tuple[str, ...] = ()
    longer_promise_hours: Count | None = None
    update_hours: Count | None = None

    def __post_init__(self) -> None:
        if (self.ship_by is None) == (self.hours is None):
            raise ValueError(f"{self.id}: either ship_by or hours")
        if self.paid_from >= self.paid_to:
            raise ValueError(f"{self.id}: paid_from is not before paid_to")


class ExemptRegion(Origin, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A region (two, four or six digits) that the platform exempts from `start` until just before `end`."""

    region: Area
    start: Instant = msgspec.field(name="from")
    end: Instant = msgspec.field(name="to")

    def __post_init__(self) -> None:
        if self.start >= self.end:
            raise ValueError(f"{self.region}: from is not before to")


class _File(Struct, kw_only=True, forbid_unknown_fields=True):
    platform: Text
    zone: Text
    version: list[dict[str, Any]]
    clause: Clauses
    override: tuple[Override, ...] = ()
    exempt_region: tuple[ExemptRegion, ...] = ()


@dataclass(frozen=True, slots=True)
class RuleBook:
    """All versions of one platform's rules, oldest first, without a hole or an overlap."""

    platform: str
    zone: str
    versions: tuple[Version, ...]
    clauses: Clauses
    overrides: tuple[Override, ...]
    exempt_regions: tuple[ExemptRegion, ...]
    starts: tuple[datetime, ...]
    """When the second version and each later one began."""
    overridden: tuple[datetime, datetime] | None
    """From the first payment that an override covers until the last, for a quick "no"."""

    def at(self, instant: datetime) -> Version:
        """The version in force at `instant` (aware): for an order, the moment it was paid."""
        return self.versions[bisect_right(self.starts, instant)]

    def clause_applies(self, name: str, at: datetime) -> bool:
        """Whether the exception `name` exists on the book's calendar day of `at` (aware)."""
        clause: Clause = getattr(self.clauses, name)
        day = at.astimezone(ZoneInfo(self.zone)).date()
        return (clause.first_day is None or clause.first_day <= day) and (
            clause.last_day is None or day <= clause.last_day
        )

    def override_for(
        self, paid_at: datetime, kind: str, *, category: str = "", promise_hours: float = 0
    ) -> Override | None:
        """The dated override for an order, if any; one that names the category wins over one for all."""
        if self.overridden is None or not self.overridden[0] <= paid_at < self.overridden[1]:
            return None
        general: Override | None = None
        for override in self.overrides:
            if not override.paid_from <= paid_at < override.paid_to or kind not in override.kinds:
                continue
            if override.longer_promise_hours is not None and promise_hours > override.longer_promise_hours:
                continue
            if category and category in override.categories:
                return override
            if not override.categories:
                general = override
        return general

    def exempting(self, regions: Sequence[ExemptRegion]) -> "RuleBook":
        """The same book with more exempt regions, as the platform lists them while the shop runs."""
        return replace(self, exempt_regions=(*self.exempt_regions, *(_utc(region) for region in regions)))


def platforms() -> tuple[str, ...]:
    """The platforms that have a rule book."""
    return tuple(sorted(entry.name[:-5] for entry in _folder() if entry.name.endswith(".toml")))


@cache
def load(platform: str) -> RuleBook:
    """The rule book of a platform ("taobao", "tmall"); Refusal `policy_unknown` when there is none."""
    return parse(text_of(platform))


def text_of(platform: str) -> str:
    """The TOML of a platform's rule book. Refusal `policy_unknown`."""
    for entry in _folder():
        if entry.name == f"{platform}.toml":
            return str(entry.read_text("utf-8"))
    raise Refusal.of("policy_unknown", platform=platform)


def parse(text: str) -> RuleBook:
    """A rule book from TOML. Refusal `policy_malformed`, `policy_hole` or `policy_overlap` when it is none."""
    return build(read(text))


def read(text: str) -> dict[str, Any]:
    """What stands in a TOML text, with the line of a slip. Refusal `policy_malformed`."""
    try:
        said = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise Refusal.of("policy_malformed", detail=str(error)) from error
    except (ValueError, RecursionError) as error:  # a number without end, tables without end
        raise Refusal.of("policy_malformed", detail="?") from error
    if any("\0" in each for each in _texts(said)):
        raise Refusal.of("policy_malformed", detail="NUL")
    return said


def _texts(said: Any) -> Iterator[str]:
    """Every text in it, names of keys as well."""
    if isinstance(said, dict):
        for key, value in said.items():
            yield key
            yield from _texts(value)
    elif isinstance(said, list):
        for value in said:
            yield from _texts(value)
    elif isinstance(said, str):
        yield said


def build(document: dict[str, Any]) -> RuleBook:
    """A rule book from what stands in its file. Refusals as `parse`."""
    try:
        file = msgspec.convert(document, _File)
        versions = tuple(_utc(msgspec.convert(table, Version)) for table in _inherited(file.version))
        ZoneInfo(file.zone)
    except (msgspec.ValidationError, LookupError, ValueError, OSError) as error:
        raise Refusal.of("policy_malformed", detail=str(error)) from error
    _check_dates(versions)
    overrides = tuple(sorted((_utc(override) for override in file.override), key=lambda each: each.paid_from))
    _check_overrides(overrides)
    return RuleBook(
        platform=file.platform,
        zone=file.zone,
        versions=versions,
        clauses=file.clause,
        overrides=overrides,
        exempt_regions=tuple(_utc(region) for region in file.exempt_region),
        starts=tuple(version.start for version in versions if version.start is not None),
        overridden=(overrides[0].paid_from, max(each.paid_to for each in overrides)) if overrides else None,
    )


def _folder() -> Iterator[Any]:
    return files("fahuo.rules").joinpath("policies").iterdir()


def _inherited(tables: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Each version's table, filled up from the one before; what is told of a kind of violation replaces only that."""
    known: dict[str, Any] = {}
    for table in tables:
        told = table.get("compensation", {})
        if not isinstance(told, dict):
            raise ValueError("compensation is no table")
        known = {**known, **table, "compensation": {**known.get("compensation", {}), **told}}
        yield known
        known = {
            key: value
            for key, value in known.items()
            if key not in ("id", "from", "to", "note", "note_zh", "basis", "source")
        }


def _utc(entry: Entry) -> Entry:
    """The same entry with its instants in UTC, so that comparing them is cheap. ValueError for one beyond YEARS."""
    for name in entry.__struct_fields__:
        if isinstance(value := getattr(entry, name), datetime) and value.year not in YEARS:
            raise ValueError(f"{name}: {value.isoformat()}")
    moved = {
        name: value.astimezone(UTC)
        for name in entry.__struct_fields__
        if isinstance(value := getattr(entry, name), datetime)
    }
    return msgspec.structs.replace(entry, **moved)


def _check_dates(versions: tuple[Version, ...]) -> None:
    """The versions must follow each other from ever since until now, each id once."""
    if not versions:
        raise Refusal.of("policy_malformed", detail="no version")
    if versions[0].start is not None:
        raise Refusal.of("policy_hole", version=versions[0].id)
    if versions[-1].end is not None:
        raise Refusal.of("policy_hole", version=versions[-1].id)
    for before, after in pairwise(versions):
        if before.end is None or after.start is None or before.end > after.start:
            raise Refusal.of("policy_overlap", one=before.id, other=after.id)
        if before.end < after.start:
            raise Refusal.of("policy_hole", version=after.id)
        if after.end is not None and after.end <= after.start:
            raise Refusal.of("policy_overlap", one=after.id, other=after.id)
    if len({version.id for version in versions}) < len(versions):
        raise Refusal.of("policy_malformed", detail="a version id stands twice")


def _check_overrides(overrides: tuple[Override, ...]) -> None:
    for one, other in combinations(overrides, 2):
        same_goods = set(one.categories) & set(other.categories) or not (one.categories or other.categories)
        if same_goods and set(one.kinds) & set(other.kinds) and other.paid_from < one.paid_to:
            raise Refusal.of("policy_overlap", one=one.id, other=other.id)
