"""A complaint about shipping: its kinds and statuses, who may do what when, and what it costs.

One order has at most one open complaint, whoever opened it. What the buyer claims is for the verdict to judge, so he may
open any kind; the kind of one that the platform opens for him follows from the time (`kind_at`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final, Literal

from fahuo.rules import penalties
from fahuo.rules.penalties import Upheld
from fahuo.rules.policy import Version
from fahuo.rules.problems import Problem

ComplaintKind = Literal["delay", "out_of_stock", "false_shipping"]
KINDS: Final[tuple[ComplaintKind, ...]] = ("delay", "out_of_stock", "false_shipping")

Status = Literal["open", "settled", "upheld", "dismissed", "withdrawn"]
STATUSES: Final[tuple[Status, ...]] = ("open", "settled", "upheld", "dismissed", "withdrawn")

Opener = Literal["buyer", "platform"]
OPENERS: Final[tuple[Opener, ...]] = ("buyer", "platform")

Party = Literal["buyer", "seller", "platform"]
Act = Literal["settle", "uphold", "dismiss", "withdraw"]

TABLE: Final[Mapping[Act, tuple[Party, Status]]] = {
    "settle": ("seller", "settled"),
    "uphold": ("platform", "upheld"),
    "dismiss": ("platform", "dismissed"),
    "withdraw": ("buyer", "withdrawn"),
}
"""What closes an open complaint: act -> who does it, and the status that follows. A closed one never changes."""

PAYS: Final[frozenset[str]] = frozenset({"settled", "upheld"})
"""Statuses that owe the buyer compensation."""

VERDICTS: Final[Mapping[str, Act]] = {"upheld": "uphold", "dismissed": "dismiss"}


@dataclass(frozen=True, slots=True)
class Cost:
    """What closing a complaint costs the shop: CNY to the buyer, and violation points."""

    compensation: Decimal
    points: int


FREE: Final = Cost(penalties.NOTHING, 0)


def kind_at(deadline: datetime | None, version: Version, *, now: datetime) -> ComplaintKind:
    """The kind of a complaint that the platform opens for the buyer at `now`: `out_of_stock` from 72 h after the
    deadline on, `delay` before. `version` is the one in force when the order was paid."""
    late = deadline is not None and penalties.complaint_kind(deadline, version, now=now) == "out_of_stock"
    return "out_of_stock" if late else "delay"


def check_open(kind: str, *, paid: bool, complaint_open: bool) -> Problem | None:
    """What stands in the way of the buyer's complaint, or None."""
    if kind not in KINDS:
        return Problem("complaint_kind", {"kind": kind})
    if not paid:
        return Problem("complaint_unpaid", {})
    return Problem("complaint_open_already", {}) if complaint_open else None


def close(status: str | None, act: Act, party: Party) -> Status | Problem:
    """The status after `party` does `act` on the order's complaint (`status` None: it has none), or the Problem."""
    who, after = TABLE[act]
    if party != who:
        return Problem("complaint_not_yours", {"act": act})
    return after if status == "open" else Problem("complaint_none_open", {})


def cost(after: Status, previous: Sequence[Upheld], item: Upheld, version: Version, *, settled_before: int = 0) -> Cost:
    """What a complaint costs that closes as `after`.

    `previous`: all that was upheld or settled before, of this buyer at this shop, over orders paid on the same calendar
    day. `settled_before`: how many complaints the shop has settled voluntarily so far, over all orders. Each kind counts
    once an order: what was upheld or settled before owes nothing more, and costs no further points.
    """
    if after not in PAYS:
        return FREE
    points = penalties.points(item.kind, after == "settled", settled_before + 1, version)
    found = penalties.working(previous, item, version)
    return FREE if found.counted else Cost(found.owed, points)
