"""What a parcel is, how goods leave, and what stands in the way of shipping an order.

How quantities are kept: a parcel holds an order `whole`, which means everything that was still to be shipped of it and
touches no line; or it holds `parcel_lines`. A line's `shipped_quantity` counts only what left in the latter way, so an
order with a living whole parcel has shipped every line, whatever the lines say.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final, Literal, Protocol

from fahuo.rules.orders import IN_BACKLOG
from fahuo.rules.problems import Problem

ParcelKind = Literal["offline", "virtual"]
PARCEL_KINDS: Final[tuple[ParcelKind, ...]] = ("offline", "virtual")
"""offline 自己联系物流: a carrier and a waybill number. virtual 无需物流: neither."""

ScanKind = Literal["picked_up", "in_transit", "delivered"]
SCAN_KINDS: Final[tuple[ScanKind, ...]] = ("picked_up", "in_transit", "delivered")

REFUND_OPEN: Final[frozenset[str]] = frozenset({"requested", "agreed"})
"""A refund that is being decided: goods that leave now may have to come back."""


@dataclass(frozen=True, slots=True)
class CarrierScan:
    """One scan as a carrier (or a sheet, or a hand scanner) tells it; `at` in UTC."""

    carrier: str
    waybill: str
    kind: ScanKind
    at: datetime
    place: str = ""


class OrderFacts(Protocol):
    """What the rules need to know of an order that somebody wants to ship."""

    @property
    def number(self) -> str: ...
    @property
    def status(self) -> str: ...
    @property
    def refund_status(self) -> str: ...
    @property
    def refund_amount(self) -> Decimal: ...
    @property
    def paid_amount(self) -> Decimal: ...
    @property
    def line_refunding(self) -> bool: ...


class LineFacts(Protocol):
    """What the rules need to know of an order's line."""

    @property
    def id(self) -> int: ...
    @property
    def order_id(self) -> int: ...
    @property
    def quantity(self) -> int: ...
    @property
    def shipped_quantity(self) -> int: ...
    @property
    def refund_status(self) -> str: ...


NOT_WAITING: Final[Mapping[str, str]] = {
    "awaiting_payment": "order_not_paid",
    "shipped": "already_shipped",
    "completed": "already_shipped",
    "closed": "order_closed",
}
"""Status outside the backlog -> the problem of shipping from there."""


def refunded_whole(refund_status: str, refund_amount: Decimal, paid_amount: Decimal) -> bool:
    """Whether the buyer got everything back: a refund that succeeded, of an unknown amount or of all that was paid."""
    return refund_status == "succeeded" and (refund_amount <= 0 or refund_amount >= paid_amount)


def why_not_ship(order: OrderFacts, *, force: bool = False) -> Problem | None:
    """What stands in the way of shipping the order now, or None. `force` passes over refunds, never over a status."""
    if order.status not in IN_BACKLOG:
        return Problem(NOT_WAITING[order.status], {"order": order.number})
    return None if force else refund_problem(order)


def refund_problem(order: OrderFacts) -> Problem | None:
    """A refund of the order that is being decided, or that paid everything back; else None."""
    if order.refund_status in REFUND_OPEN or order.line_refunding:
        return Problem("refund_in_progress", {"order": order.number})
    if refunded_whole(order.refund_status, order.refund_amount, order.paid_amount):
        return Problem("order_refunded", {"order": order.number})
    return None


def left(line: LineFacts) -> int:
    """How much of a line is still to be shipped; nothing of a line that was refunded."""
    return 0 if line.refund_status == "succeeded" else line.quantity - line.shipped_quantity


def part_problems(
    lines: Iterable[LineFacts], asked: Mapping[int, int], *, force: bool = False
) -> list[Problem]:  # fmt: skip
    """What is wrong with shipping these quantities (line id -> quantity) of an order's (or several orders') lines."""
    known = {line.id: line for line in lines}
    found: list[Problem] = []
    for line_id, quantity in asked.items():
        line = known.get(line_id)
        if line is None:
            found.append(Problem("line_unknown", {"line": line_id}))
        elif quantity < 1:
            found.append(Problem("quantity_not_positive", {"line": line_id, "quantity": quantity}))
        elif line.refund_status == "succeeded" and not force:
            found.append(Problem("line_refunded", {"line": line_id}))
        elif line.refund_status in REFUND_OPEN and not force:
            found.append(Problem("line_refund_in_progress", {"line": line_id}))
        elif quantity > line.quantity - line.shipped_quantity:
            there = line.quantity - line.shipped_quantity
            found.append(Problem("quantity_too_many", {"line": line_id, "quantity": quantity, "left": there}))
    return found


def status_after(lines: Iterable[LineFacts], taken: Mapping[int, int]) -> Literal["part_shipped", "shipped"]:
    """The status of an order once `taken` (line id -> quantity) of its `lines` has left."""
    return "shipped" if all(left(line) <= taken.get(line.id, 0) for line in lines) else "part_shipped"
