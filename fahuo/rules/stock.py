"""Waybill numbers that a shop bought ahead: the states of a number, as one table of moves, and how lots come in.

A number is never used by two parcels. What leaves the stock leaves it by one of these moves, and the ledger
(`stock_moves`) is written from the rows that moved, so that for each lot and state the ledger adds up to the rows.
"""

from typing import Final, Literal

State = Literal["free", "taken", "printed", "shipped", "voided", "returned"]
STATES: Final[tuple[State, ...]] = ("free", "taken", "printed", "shipped", "voided", "returned")
"""free 可用: never used. taken 已取号: a label holds it. printed 已打印: paper with it exists. shipped 已发货: a parcel
has it. voided 已作废: given up, the paper may still exist. returned 已回收: back in stock by the carrier's rule."""

IN_STOCK: Final[tuple[State, ...]] = ("free", "returned")
"""What a new label may take, in this order: a number with a past comes last."""

LotKind = Literal["run", "list"]
LOT_KINDS: Final[tuple[LotKind, ...]] = ("run", "list")
"""run 号段: consecutive numbers from a first one. list 号单: numbers as the carrier wrote them down."""

Act = Literal["buy", "take", "release", "print", "ship", "unship", "void", "return"]
ACTS: Final[tuple[Act, ...]] = ("buy", "take", "release", "print", "ship", "unship", "void", "return")

TABLE: Final[dict[tuple[State, Act], State]] = {
    ("free", "take"): "taken",
    ("returned", "take"): "taken",
    ("taken", "release"): "free",
    ("taken", "print"): "printed",
    ("printed", "print"): "printed",
    ("shipped", "print"): "shipped",
    ("taken", "ship"): "shipped",
    ("printed", "ship"): "shipped",
    ("shipped", "unship"): "printed",
    ("taken", "void"): "voided",
    ("printed", "void"): "voided",
    ("shipped", "void"): "voided",
    ("voided", "return"): "returned",
    ("taken", "return"): "returned",
    ("printed", "return"): "returned",
}
"""(state, act) -> state; "buy" makes a free number. release: nothing was sent to a printer. unship: the parcel was taken
back before the carrier saw it. return: the carrier's rule gives the number back (15 days after it was voided, 30 days
after it was last touched, in both cases without a trace). A pair that is not here is refused and changes nothing."""


def before(act: Act) -> list[State]:
    """The states in which `act` may happen, for `state = ANY(...)`."""
    return [state for (state, name) in TABLE if name == act]
