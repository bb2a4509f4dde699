"""The couriers' rounds of a day: which pickups are expected, which were called for, and what waits for each."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from fahuo.rules import pickups as rules
from fahuo.services.shopbook import ShopBook
from fahuo.store.boards import pickups as board
from fahuo.store.boards.pages import Count
from fahuo.store.boards.pickups import Waiting

State = Literal["coming", "late", "missed", "called", "open", "signed", "cancelled"]
"""coming: a daily time that is still to come. missed: one that passed today, and no manifest was begun. late: open or
called for, and its time has passed."""


@dataclass(frozen=True, slots=True)
class Round:
    """A courier of a contract at a time. `pickup`: its row (boards.pickups.of_day), once there is one."""

    contract: Waiting
    at: datetime
    state: State
    pickup: Any | None = None

    @property
    def ahead(self) -> bool:
        """Whether he is still to come, or stands at the door."""
        return self.state in ("coming", "called", "open", "late")


@dataclass(frozen=True, slots=True)
class Day:
    """The rounds of a day by their time, the contracts with what waits, and what is handed over but not scanned after
    `within`."""

    rounds: tuple[Round, ...]
    contracts: tuple[Waiting, ...]
    unscanned: Count
    within: timedelta

    @property
    def packed(self) -> int:
        return sum(contract.packed for contract in self.contracts)

    @property
    def printed(self) -> int:
        return sum(contract.printed for contract in self.contracts)

    @property
    def missed(self) -> int:
        return sum(contract.missed for contract in self.contracts)

    @property
    def next(self) -> tuple[Round, ...]:
        """Each contract's next round: the one at the door, else the one to come; the soonest first."""
        found: dict[int, Round] = {}
        for one in self.rounds:
            if one.ahead:
                found.setdefault(one.contract.id, one)
        return tuple(sorted(found.values(), key=lambda one: one.at))


def within(book: ShopBook, *, now: datetime) -> timedelta:
    """How long after it took a parcel a carrier's scan may be missing: the watchdog's hours, of the rules in force."""
    return timedelta(hours=book.book.at(now).pickup_within_hours.value)


def day(shop_id: int, *, now: datetime) -> Day:
    """The rounds of the shop's calendar day, and of tomorrow for contracts whose last time today has passed."""
    book = ShopBook.of(shop_id)
    start = now.astimezone(book.zone).replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
    until = start + timedelta(days=1)
    contracts = board.waiting(shop_id, now=now)
    rows = board.of_day(shop_id, start, until)
    known = {contract.id: contract for contract in contracts}
    rounds = [_of_row(known[row.contract_id], row, now=now) for row in rows if row.contract_id in known]
    begun = {(row.contract_id, row.expected_at) for row in rows if row.kind == "daily"}
    for contract in contracts:
        if not contract.active:
            continue
        following = rules.following(contract.pickup_times, book.zone, now=now)
        times = {*rules.today(contract.pickup_times, book.zone, now=now), *([following] if following else [])}
        rounds += [
            Round(contract, at, "coming" if at >= now else "missed") for at in times if (contract.id, at) not in begun
        ]
    hours = within(book, now=now)
    rounds.sort(key=lambda one: (one.at, one.contract.id))
    return Day(tuple(rounds), tuple(contracts), board.unscanned_count(shop_id, within=hours, now=now), hours)


def _of_row(contract: Waiting, row: Any, *, now: datetime) -> Round:
    late = row.status in rules.LIVING and row.expected_at < now
    return Round(contract, row.expected_at, "late" if late else row.status, row)
