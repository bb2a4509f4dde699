"""A pickup: the courier comes, takes parcels by a manifest, and signs for their number. Its table of moves, when it is
expected, and what belongs on its manifest."""

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Final, Literal, Protocol
from zoneinfo import ZoneInfo

from fahuo.rules.label_states import LabelFacts, why_blocked
from fahuo.rules.problems import Problem
from fahuo.rules.waybills import normalise

Status = Literal["called", "open", "signed", "cancelled"]
STATUSES: Final[tuple[Status, ...]] = ("called", "open", "signed", "cancelled")
"""called 已约: asked to come, nothing listed yet. open 清点中: parcels are being listed. signed 已交接. cancelled 已取消."""

Kind = Literal["daily", "extra"]
KINDS: Final[tuple[Kind, ...]] = ("daily", "extra")
"""daily: at a fixed time of the contract. extra: called for."""

Event = Literal["open", "sign", "cancel"]
EVENTS: Final[tuple[Event, ...]] = ("open", "sign", "cancel")

TABLE: Final[dict[tuple[Status, Event], Status]] = {
    ("called", "open"): "open",
    ("open", "open"): "open",
    ("open", "sign"): "signed",
    ("called", "cancel"): "cancelled",
    ("open", "cancel"): "cancelled",
}
"""(status, event) -> status. What was signed stays."""

LIVING: Final[tuple[Status, ...]] = ("called", "open")
"""A pickup that is still to happen."""

CALL_AHEAD: Final = timedelta(days=7)
"""A courier is called for a time at most so far ahead."""
MOST: Final = 5000
"""Numbers put on a manifest at once."""


def before(event: Event) -> list[Status]:
    """The statuses in which `event` may happen, for `status = ANY(...)`."""
    return [status for (status, name) in TABLE if name == event]


# ---- when the courier comes -------------------------------------------------------------------------------------


def expected_on(day: date, times: Iterable[time], zone: ZoneInfo) -> tuple[datetime, ...]:
    """The instants (UTC) of the daily `times` on a calendar day of `zone`, in order, each once.

    A time that the zone's clock jumps over that day is the instant to which the jump leads; one that it shows twice is
    the earlier.
    """
    found = {datetime.combine(day, at.replace(tzinfo=None), tzinfo=zone).astimezone(UTC) for at in times}
    return tuple(sorted(found))


def today(times: Iterable[time], zone: ZoneInfo, *, now: datetime) -> tuple[datetime, ...]:
    """The instants (UTC) at which a courier is expected on the shop's calendar day of `now`, past ones too."""
    return expected_on(now.astimezone(zone).date(), times, zone)


def following(times: Sequence[time], zone: ZoneInfo, *, now: datetime) -> datetime | None:
    """The next instant (UTC) at `now` or later at which a courier is expected; None without daily times."""
    day = now.astimezone(zone).date()
    for ahead in range(3):
        for at in expected_on(day + timedelta(days=ahead), times, zone):
            if at >= now:
                return at
    return None


def is_expected(at: datetime, times: Sequence[time], zone: ZoneInfo) -> bool:
    """Whether `at` is one of the daily instants."""
    return at in expected_on(at.astimezone(zone).date(), times, zone)


# ---- what belongs on a manifest ---------------------------------------------------------------------------------

_APART: Final = re.compile(r"[\s,;，；、]+")


def split_numbers(text: str) -> list[str]:
    """The waybill numbers of a pasted list, as they are kept, in its order, each once."""
    return list(dict.fromkeys(filter(None, map(normalise, _APART.split(text.replace("\0", " "))))))


class Sent(Protocol):
    """What the rules need to know of a number that somebody puts on a manifest. `carrier` is "" for a number that is
    neither of a living label nor of a living parcel; `contract_id` is None for a parcel without label."""

    @property
    def waybill(self) -> str: ...
    @property
    def carrier(self) -> str: ...
    @property
    def contract_id(self) -> int | None: ...
    @property
    def gone(self) -> bool: ...
    @property
    def handed_over_at(self) -> datetime | None: ...
    @property
    def listed_in(self) -> int | None: ...
    @property
    def orders(self) -> Sequence[LabelFacts]: ...


def why_not_listed(sent: Sent, *, pickup_id: int, contract_id: int, carrier: str) -> Problem | None:
    """Why a number does not belong on this manifest, or None. Listed on it already: None, adding it changes nothing."""
    data = {"waybill": sent.waybill}
    if not sent.carrier:
        return Problem("label_voided" if sent.gone else "manifest_unknown", data)
    if sent.carrier != carrier:
        return Problem("manifest_other_carrier", data)
    if sent.contract_id not in (None, contract_id):
        return Problem("manifest_other_contract", data)
    if sent.handed_over_at is not None:
        return Problem("manifest_handed_over", data)
    if sent.listed_in not in (None, pickup_id):
        return Problem("manifest_elsewhere", data)
    return blocked(sent)


def blocked(sent: Sent) -> Problem | None:
    """What happened to an order of the parcel that it must not leave, or None."""
    return next((found for found in map(why_blocked, sent.orders) if found), None)


def count_problem(listed: int, counted: int) -> Problem | None:
    """Why a courier's count cannot be signed under a list: it differs, or there is nothing."""
    if not listed:
        return Problem("manifest_empty")
    if counted == listed:
        return None
    code = "manifest_count_short" if counted < listed else "manifest_count_over"
    return Problem(code, {"listed": listed, "counted": counted, "apart": abs(listed - counted)})
