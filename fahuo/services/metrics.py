"""The figures of a shop: how long buyers wait for an answer, on-time pickups, answered tasks, and the load by hour."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from django.core.cache import cache

from fahuo.rules import metrics as rules
from fahuo.rules import response as answering
from fahuo.rules.metrics import Span
from fahuo.rules.response import Tally, Turn
from fahuo.services import turns
from fahuo.services.shopbook import ShopBook
from fahuo.services.turns import Tallies
from fahuo.store.boards import metric_rows
from fahuo.store.boards import metrics as board
from fahuo.store.boards.metrics import Answers, Pickups
from fahuo.store.boards.pages import Key, Page


@dataclass(frozen=True, slots=True)
class Figures:
    """All figures of one day, one member or a whole span. Shares are 0 to 1; times in seconds; None: nothing to say."""

    turns: int = 0
    response: Decimal | None = None
    quick: Decimal | None = None
    due: int = 0
    on_time: int = 0
    late_scan: int = 0
    no_scan: int = 0
    not_shipped: int = 0
    raised: int = 0
    waiting: int = 0
    in_time: int = 0
    answered: int = 0
    answer_average: float | None = None
    answer_median: float | None = None

    @property
    def pickup(self) -> Decimal | None:
        """The on-time pickup rate: of those due, how many the carrier had scanned by their deadline."""
        return rules.share(self.on_time, self.due)

    @property
    def decided(self) -> int:
        """Tasks that were answered, or that can no longer be answered in time."""
        return self.raised - self.waiting

    @property
    def answer_rate(self) -> Decimal | None:
        """The share of tasks that the seller answered within 24 hours, of those that are decided."""
        return rules.share(self.in_time, self.decided)


@dataclass(frozen=True, slots=True)
class Report:
    """A shop's figures over a span: in all, day by day, and by account (None: what no account did)."""

    span: Span
    total: Figures
    days: dict[date, Figures]
    members: dict[int | None, Figures]


@dataclass
class _Sums:
    """What is gathered for one day, one member or all, before it is made into figures."""

    turns: Tally = field(default_factory=Tally)
    counts: defaultdict[str, int] = field(default_factory=lambda: defaultdict(int))
    average: float | None = None
    median: float | None = None

    def add(self, row: object, names: Iterable[str]) -> None:
        for name in names:
            self.counts[name] += getattr(row, name)

    def figures(self) -> Figures:
        return Figures(
            turns=self.turns.turns, response=self.turns.mean, quick=self.turns.quick_part,
            answer_average=self.average, answer_median=self.median, **self.counts,
        )  # fmt: skip


FRESH: Final = timedelta(minutes=10)
_PICKUPS = ("due", "on_time", "late_scan", "no_scan", "not_shipped")
_ANSWERS = ("raised", "waiting", "in_time", "answered")


@dataclass(frozen=True, slots=True)
class TurnRow:
    """One turn with the marketplace's number of its order."""

    turn: Turn
    order_id: int
    number: str


def turns_page(
    shop_id: int, span: Span, *, only: str, by_member: bool, member: int | None, cursor: str, limit: int, now: datetime
) -> Page[TurnRow]:  # fmt: skip
    """The turns behind a figure, the newest first. `only`: slow (over three minutes) or unanswered; else all.

    `by_member`: those that count in `member`'s figure; None: those of nobody.
    """
    book = ShopBook.of(shop_id)
    accounts = _accounts(turns.tallies(book, span, now=now)) if by_member else frozenset()

    def fetch(forward: bool, key: Key, most: int) -> list[tuple[Key, Turn]]:
        at, found = _place(key), list[tuple[Key, Turn]]()
        for piece in turns.pieces(book, span, since=key.at, forward=forward, now=now):
            wished = [
                (_turn_key(turn), turn) for turn in piece
                if _wished(turn, only) and (not by_member or member in _counts_for(turn, accounts))
            ]  # fmt: skip
            wished.sort(key=lambda each: _place(each[0]), reverse=forward)
            found += [each for each in wished if (_place(each[0]) < at if forward else _place(each[0]) > at)]
            if len(found) >= most:
                break
        return found[:most]

    top = Key(span.bounds(book.zone)[1], 0, 0)
    page = metric_rows.walk("t", cursor, limit, top, fetch, lambda each: each[0])
    numbers = board.order_numbers(shop_id, [key.tie for key, _ in page.rows])
    rows = [TurnRow(turn, key.tie, numbers.get(key.tie, "")) for key, turn in page.rows]
    return Page(rows, page.next, page.previous, page.cursor_lost, first=page.first)


def _turn_key(turn: Turn) -> Key:
    return Key(turn.started_at, int(turn.conversation), int(turn.member or 0))


def _place(key: Key) -> tuple[datetime, int, int]:
    return key.at, key.tie, key.id


def _accounts(tallies: Tallies) -> frozenset[int]:
    """Who talked with buyers."""
    return frozenset(member for _, member in tallies if member is not None)


def _counts_for(turn: Turn, accounts: frozenset[int]) -> Iterable[int | None]:
    """In whose figures a turn counts (None: nobody's). What was to the shop and nobody answered counts against all."""
    if turn.member is not None:
        return (int(turn.member),)
    return (None,) if turn.answered else (None, *accounts)


def _wished(turn: Turn, only: str) -> bool:
    if only == "unanswered":
        return not turn.answered
    return only != "slow" or not answering.is_quick(turn)


def report(shop_id: int, span: Span, *, now: datetime) -> Report:
    """A shop's figures over a span."""
    book = ShopBook.of(shop_id)
    asked = turns.range_of(book, span, now=now)
    total = _Sums()
    days: defaultdict[date, _Sums] = defaultdict(_Sums)
    members: defaultdict[int | None, _Sums] = defaultdict(_Sums)
    _add_turns(turns.tallies(book, span, now=now), total, days, members)
    _add_pickups(board.pickups(asked), total, days, members)
    _add_answers(board.answers(asked, within=rules.ANSWER_WITHIN), total, days, members)
    return Report(
        span, total.figures(), {day: days[day].figures() for day in span.days},
        {member: sums.figures() for member, sums in members.items()},
    )  # fmt: skip


def before(shop_id: int, span: Span, *, now: datetime) -> Report:
    """The figures of the days right before a span, which are only compared with: as they stood up to FRESH ago."""
    key = f"metrics.before:{shop_id}:{span.first}:{span.last}:{now.timestamp() // FRESH.total_seconds():.0f}"
    found = cache.get(key)
    if not isinstance(found, Report):
        found = report(shop_id, span.before, now=now)
        cache.set(key, found, FRESH.total_seconds())
    return found


def _add_turns(
    tallies: Tallies, total: _Sums, days: dict[date, _Sums], members: dict[int | None, _Sums]
) -> None:  # fmt: skip
    accounts = _accounts(tallies)
    for (day, member), tally in tallies.items():
        total.turns += tally
        days[day].turns += tally
        if tally.turns:
            members[member].turns += tally
        if member is None and tally.unanswered:
            for account in accounts:
                members[account].turns += tally.nobodys


def _add_pickups(
    rows: Iterable[Pickups], total: _Sums, days: dict[date, _Sums], members: dict[int | None, _Sums]
) -> None:  # fmt: skip
    for row in rows:
        if row.day is not None:
            days[row.day].add(row, _PICKUPS)
            total.add(row, _PICKUPS)
        else:
            members[row.member].add(row, _PICKUPS)


def _add_answers(
    rows: Iterable[Answers], total: _Sums, days: dict[date, _Sums], members: dict[int | None, _Sums]
) -> None:  # fmt: skip
    for row in rows:
        if row.by_day and row.day is not None:
            sums = days[row.day]
        else:
            sums = members[row.member] if row.by_member else total
        sums.add(row, _ANSWERS)
        sums.average, sums.median = row.average, row.median


def response(shop_id: int, member: int, *, day: date) -> Tally:
    """The turns behind the average of an account as it stands on `day` (of the shop), added up."""
    book, span = ShopBook.of(shop_id), rules.usual(day)
    tallies = turns.tallies(book, span, now=span.bounds(book.zone)[1])
    own = [tally.nobodys if who is None else tally for (_, who), tally in tallies.items() if who in (member, None)]
    return sum(own, Tally())


def today_of(shop_id: int, *, now: datetime) -> date:
    """The calendar day of the shop."""
    return now.astimezone(ShopBook.of(shop_id).zone).date()


def day_start(shop_id: int, *, now: datetime) -> datetime:
    """When the shop's day began."""
    today = today_of(shop_id, now=now)
    return Span(today, today).bounds(ShopBook.of(shop_id).zone)[0]


def hours(shop_id: int, span: Span, *, now: datetime) -> tuple[list[int], list[int]]:
    """Orders that were paid, and parcels that were shipped, in each hour of the day over a span."""
    return board.hours(turns.range_of(ShopBook.of(shop_id), span, now=now))


def member_names(shop_id: int) -> dict[Any, str]:
    """Every account of the shop by its id."""
    return dict(board.member_names(shop_id))
