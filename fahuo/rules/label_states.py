"""A label (面单): one waybill number for the orders of one receiver, from the number to the parcel. Its table of moves.

Label and parcel are two things: a label may be printed today and its parcel submitted when it is packed or picked up.
"""

from typing import Final, Literal

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
