"""The turns of a shop's conversations over a span of days, and what they add up to by day and account.

The sums of days that are over are kept; the clock adds up what is new (`add_up`). Whatever is not kept, or holds no
longer because a message came late, is read from the messages.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime, timedelta
from typing import Final

from django.db import transaction

from fahuo.rules import response
from fahuo.rules.metrics import Span
from fahuo.rules.response import Tally, Turn
from fahuo.services.shopbook import ShopBook
from fahuo.store import turns as store
from fahuo.store.boards import metrics as board
from fahuo.store.boards.metrics import Range

DAY: Final = timedelta(days=1)
SETTLES: Final = timedelta(hours=1)
"""A day is added up so long after its end: whatever was being written is written by then."""
CHUNK: Final = 20
"""Days added up in one transaction."""
NOBODY: Final = 0

Tallies = dict[tuple[date, int | None], Tally]
"""(day, account or None) -> what its turns add up to."""


def range_of(book: ShopBook, span: Span, *, now: datetime) -> Range:
    """The instants of a span of the shop's days."""
    start, end = span.bounds(book.zone)
    return Range(book.shop_id, book.shop.time_zone, start, end, now)


def within(book: ShopBook, span: Span, *, now: datetime) -> list[Turn]:
    """Every turn of the shop on these days. What waits for its first answer today is left out until the day is over."""
    asked = range_of(book, span, now=now)
    found = response.turns(board.messages(asked), zone=asked.zone, partners=board.partners(asked))
    today = now.astimezone(book.zone).date()
    return [turn for turn in found if turn.answered or turn.day < today]


def pieces(book: ShopBook, span: Span, *, since: datetime, forward: bool, now: datetime) -> Iterator[list[Turn]]:
    """The turns of the span from the day of `since` on, towards older days (`forward`) or newer ones, in pieces; each is
    twice as long as the one before."""
    start = since.astimezone(book.zone).date()
    start, size = (min(start, span.last) if forward else max(start, span.first)), 1
    while span.first <= start <= span.last:
        far = start - (size - 1) * DAY if forward else start + (size - 1) * DAY
        first, last = (max(far, span.first), start) if forward else (start, min(far, span.last))
        yield within(book, Span(first, last), now=now)
        start, size = (first - DAY if forward else last + DAY), size * 2


def tallies(book: ShopBook, span: Span, *, now: datetime) -> Tallies:
    """What the turns of each day and account add up to."""
    first, last = _kept(book)
    kept = Span(max(first, span.first), min(last, span.last)) if first and last else None
    found: Tallies = {}
    if kept is None or kept.length < 1:
        return _sums(within(book, span, now=now))
    for row in store.days(book.shop_id, kept.first, kept.last):
        took = row.took * timedelta(microseconds=1)
        found[row.day, row.member_id or None] = Tally(row.turns, row.quick, row.unanswered, took)
    for rest in (Span(span.first, kept.first - DAY), Span(kept.last + DAY, span.last)):
        if rest.length > 0:
            found |= _sums(within(book, rest, now=now))
    return found


def _kept(book: ShopBook) -> tuple[date, date] | tuple[None, None]:
    """The first and last day whose sums are kept and hold."""
    known = store.stands(book.shop_id)
    if known.first is None:
        return None, None
    last = known.last
    if known.late is not None:
        last = min(last, known.late.astimezone(book.zone).date() - DAY)
    return known.first, last


def _sums(found: Iterable[Turn]) -> Tallies:
    apart: defaultdict[tuple[date, int | None], list[Turn]] = defaultdict(list)
    for turn in found:
        apart[turn.day, None if turn.member is None else int(turn.member)].append(turn)
    return {key: Tally.of(rows) for key, rows in apart.items()}


def add_up(shop_id: int, *, now: datetime, stop: Callable[[], bool] = bool) -> int:
    """Keep the sums of all days that are over; how many days were added up."""
    book = ShopBook.of(shop_id)
    count = 0
    while not stop():
        with transaction.atomic():
            done = _add_up_some(book, now=now)
        if not done:
            break
        count += done
    return count


def _add_up_some(book: ShopBook, *, now: datetime) -> int:
    shop_id = book.shop_id
    store.take_turn(shop_id)
    newest = store.newest(shop_id)
    if newest.first is None:
        return 0
    first, last = _kept(book)
    oldest = newest.first.astimezone(book.zone).date()
    begin = oldest if first is None or last is None or oldest < first else last + DAY
    end = min((now - SETTLES).astimezone(book.zone).date() - DAY, begin + (CHUNK - 1) * DAY)
    if end < begin:
        return 0
    store.drop(shop_id, begin)
    span = Span(begin, end)
    sums = {(day, None): Tally() for day in span.days} | _sums(within(book, span, now=now))
    store.put([
        (shop_id, day, member or NOBODY, tally.turns, tally.quick, tally.unanswered,
         tally.took // timedelta(microseconds=1), newest.upto)
        for (day, member), tally in sums.items()
    ])  # fmt: skip
    return span.length
