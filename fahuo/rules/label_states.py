"""A label (面单): one waybill number for the orders of one receiver, from the number to the parcel. Its table of moves.

Label and parcel are two things: a label may be printed today and its parcel submitted when it is packed or picked up.
"""

from decimal import Decimal
from typing import Final, Literal, Protocol

from fahuo.rules.parcels import refund_problem, why_not_ship
from fahuo.rules.problems import Problem

State = Literal["made", "printed", "shipped", "voided"]
STATES: Final[tuple[State, ...]] = ("made", "printed", "shipped", "voided")
"""made 已取号: it has its number. printed 已打印: a printer acknowledged it. shipped 已发货: its parcel was submitted.
voided 已作废: given up with its number."""

LIVING: Final[tuple[State, ...]] = ("made", "printed", "shipped")

Event = Literal["print", "ship", "unship", "void"]
EVENTS: Final[tuple[Event, ...]] = ("print", "ship", "unship", "void")

TABLE: Final[dict[tuple[State, Event], State]] = {
    ("made", "print"): "printed",
    ("printed", "print"): "printed",
    ("shipped", "print"): "shipped",
    ("made", "ship"): "shipped",
    ("printed", "ship"): "shipped",
    ("shipped", "unship"): "printed",
    ("made", "void"): "voided",
    ("printed", "void"): "voided",
}
"""(state, event) -> state. A shipped label is voided by taking its parcel back first."""


def before(event: Event) -> list[State]:
    """The states in which `event` may happen, for `state = ANY(...)`."""
    return [state for (state, name) in TABLE if name == event]


class LabelFacts(Protocol):
    """What the rules need to know of one order on a label: the order's state, and the label's."""

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
    @property
    def receiver_key(self) -> str: ...
    @property
    def label_key(self) -> str: ...
    @property
    def label_state(self) -> str: ...
    @property
    def waybill(self) -> str: ...


def why_blocked(facts: LabelFacts) -> Problem | None:
    """What forbids printing this label and shipping under it, or None.

    A voided label; a refund requested, agreed or paid; a closed order; an order that left under another number; a
    receiver other than the one whom the label was made for.
    """
    if facts.label_state == "voided":
        return Problem("label_voided", {"waybill": facts.waybill})
    if facts.receiver_key != facts.label_key:
        return Problem("receiver_changed", {"order": facts.number, "waybill": facts.waybill})
    if facts.label_state == "shipped" and facts.status != "closed":
        return refund_problem(facts)
    return why_not_ship(facts)
