"""人工平均响应时长: how long buyers wait for a person's answer, over the thirty days before today.

A turn runs from the buyer's first message within the hours of service to the account's first human reply; a card
from 继续联系卖家 starts one like a message; an automatic reply does not end it. A turn ends with its day: what was not
answered by then counts the most that a turn can count, and so does what took longer.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Final, Literal
from zoneinfo import ZoneInfo

DAYS: Final = 30
OPENS: Final = time(8)
CLOSES: Final = time(23)
MOST: Final = timedelta(seconds=600)
QUICK: Final = timedelta(seconds=180)
"""An answer within three minutes counts for the 3-minute answer rate."""

Account = int | str

Sender = Literal["buyer", "seller", "platform"]
SENDERS: Final[tuple[Sender, ...]] = ("buyer", "seller", "platform")
MessageKind = Literal["message", "card", "auto"]
MESSAGE_KINDS: Final[tuple[MessageKind, ...]] = ("message", "card", "auto")
"""message: a person wrote it. card: the buyer pressed 继续联系卖家. auto: an automatic reply."""


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a conversation (here: of an order). `member` is the account that wrote it or was written to.

    A buyer's message to `member` None, as every card, is to the shop: whoever answers first answers it.
    """

    conversation: int | str
    at: datetime
    sender: Sender
    kind: MessageKind = "message"
    member: Account | None = None


@dataclass(frozen=True, slots=True)
class Turn:
    """One turn of an account, in UTC; `day` is the shop's.

    `member` None and not answered: nobody answered what was to the shop, so it counts against every account.
    """

    conversation: int | str
    member: Account | None
    day: date
    started_at: datetime
    took: timedelta
    """At most `MOST`."""
    answered: bool
    answered_at: datetime | None = None
    """When the answer came, however long it took; None: not that day."""


@dataclass(frozen=True, slots=True)
class Tally:
    """What some turns add up to."""

    turns: int = 0
    quick: int = 0
    unanswered: int = 0
    took: timedelta = timedelta()

    @classmethod
    def of(cls, found: Iterable[Turn]) -> "Tally":
        """Of these turns."""
        rows = list(found)
        return cls(
            len(rows), sum(is_quick(turn) for turn in rows), sum(not turn.answered for turn in rows),
            sum((turn.took for turn in rows), timedelta()),
        )  # fmt: skip

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(
            self.turns + other.turns, self.quick + other.quick, self.unanswered + other.unanswered,
            self.took + other.took,
        )  # fmt: skip

    @property
    def mean(self) -> Decimal | None:
        """The average in seconds, to the hundredth, half up; None of none."""
        if not self.turns:
            return None
        micros = Decimal(self.took // timedelta(microseconds=1))
        return (micros / self.turns / 1_000_000).quantize(Decimal("0.01"), ROUND_HALF_UP)

    @property
    def quick_part(self) -> Decimal | None:
        """The share that was answered within three minutes, 0 to 1; None of none."""
        if not self.turns:
            return None
        return (Decimal(self.quick) / self.turns).quantize(Decimal("0.0001"), ROUND_HALF_UP)

    @property
    def nobodys(self) -> "Tally":
        """Of turns that no account had: those that nobody answered, which count against all."""
        return Tally(self.unanswered, 0, self.unanswered, MOST * self.unanswered)


def turns(
    messages: Iterable[Message], *, zone: str = "Asia/Shanghai", partners: Mapping[int | str, Account] | None = None
) -> list[Turn]:
    """All turns, by conversation and in order of their ends; days and hours are those of the shop's `zone`.

    `partners`: with whom each conversation went last before these messages, where it is known. With it the turns of a
    day are the same, whether they are read from that day's messages or from all of them.
    """
    apart: defaultdict[int | str, list[Message]] = defaultdict(list)
    for message in messages:
        apart[message.conversation].append(message)
    place = ZoneInfo(zone)
    known = partners or {}
    return [
        turn
        for name, each in apart.items()
        for turn in _turns(sorted(each, key=lambda message: message.at), place, known.get(name))
    ]


def window(today: date) -> tuple[date, date]:
    """The first and the last day that count on `today`."""
    return today - timedelta(days=DAYS), today - timedelta(days=1)


def counted(found: Iterable[Turn], member: Account, *, today: date) -> list[Turn]:
    """The turns behind an account's figure on `today`."""
    first, last = window(today)
    return [turn for turn in found if first <= turn.day <= last and counts(turn, member)]


def counts(turn: Turn, member: Account) -> bool:
    """Whether a turn counts in an account's figure: its own, and what was to the shop and nobody answered."""
    return turn.member == member or (turn.member is None and not turn.answered)


def average(found: Sequence[Turn], member: Account, *, today: date) -> Decimal | None:
    """The account's average in seconds, to the hundredth; None when it had no turn."""
    return mean(counted(found, member, today=today))


def mean(found: Sequence[Turn]) -> Decimal | None:
    """The average of some turns in seconds, to the hundredth, half up; None of none."""
    return Tally.of(found).mean


def quick_share(found: Sequence[Turn], member: Account, *, today: date) -> Decimal | None:
    """The share of the account's turns that were answered within three minutes, 0 to 1; None when it had no turn."""
    return quick_part(counted(found, member, today=today))


def quick_part(found: Sequence[Turn]) -> Decimal | None:
    """The share of some turns that were answered within three minutes, 0 to 1; None of none."""
    return Tally.of(found).quick_part


def is_quick(turn: Turn) -> bool:
    """Whether a turn was answered within three minutes."""
    return turn.answered and turn.took <= QUICK


def greets(start: time | None, end: time | None, *, now: datetime, zone: str = "Asia/Shanghai") -> bool:
    """Whether the hours of the automatic reply hold `now`: from `start` until just before `end` on the shop's clock, over
    midnight where `end` is the earlier; at all hours where both are None or alike."""
    if start is None or end is None or start == end:
        return True
    clock = now.astimezone(ZoneInfo(zone)).time()
    return start <= clock < end if start < end else clock >= start or clock < end


def _turns(messages: Iterable[Message], zone: ZoneInfo, partner: Account | None) -> Iterator[Turn]:
    """The turns of one conversation. `waiting`: account (None: the shop) -> since when the buyer waits for it."""
    waiting: dict[Account | None, datetime] = {}
    conversation: int | str = ""
    for message in messages:
        conversation = message.conversation
        day = _day(message.at, zone)
        if any(_day(since, zone) < day for since in waiting.values()):
            yield from _unanswered(conversation, waiting, partner, zone)
            waiting = {}
        if message.sender == "buyer" or message.kind == "card":
            partner = partner if message.member is None else message.member
            if OPENS <= message.at.astimezone(zone).time() < CLOSES:
                waiting.setdefault(message.member, message.at)
        elif message.sender == "seller" and message.kind == "message":
            partner = message.member
            since = [waiting.pop(account) for account in {message.member, None} if account in waiting]
            if since:
                took = min(message.at - min(since), MOST)
                started, ended = min(since).astimezone(UTC), message.at.astimezone(UTC)
                yield Turn(conversation, message.member, day, started, took, True, ended)
    yield from _unanswered(conversation, waiting, partner, zone)


def _unanswered(
    conversation: int | str, waiting: Mapping[Account | None, datetime], partner: Account | None, zone: ZoneInfo
) -> Iterator[Turn]:
    """What nobody answered before the day ended; what was to the shop falls to whoever spoke with the buyer last."""
    since_of: dict[Account | None, datetime] = {}
    for account, since in waiting.items():
        account = partner if account is None else account
        since_of[account] = min(since, since_of.get(account, since))
    for account, since in since_of.items():
        yield Turn(conversation, account, _day(since, zone), since.astimezone(UTC), MOST, False)


def _day(instant: datetime, zone: ZoneInfo) -> date:
    return instant.astimezone(zone).date()
