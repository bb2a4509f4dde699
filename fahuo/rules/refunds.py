"""A refund's states and its one table of moves: the buyer asks, the seller agrees or refuses, the money goes back."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Final, Literal

from fahuo.rules.orders import RefundStatus
from fahuo.rules.problems import Problem

Act = Literal["request", "withdraw", "agree", "refuse", "succeed"]
TABLE: Final[Mapping[tuple[RefundStatus, Act], RefundStatus]] = {
    ("none", "request"): "requested",
    ("refused", "request"): "requested",
    ("requested", "withdraw"): "none",
    ("agreed", "withdraw"): "none",
    ("requested", "agree"): "agreed",
    ("requested", "refuse"): "refused",
    ("none", "succeed"): "succeeded",
    ("requested", "succeed"): "succeeded",
    ("agreed", "succeed"): "succeeded",
    ("refused", "succeed"): "succeeded",
}
"""(state, act) -> state. The seller may give money back without being asked."""


def move(status: RefundStatus, act: Act) -> RefundStatus | Problem:
    """The state after `act`, or the problem that refuses it."""
    found = TABLE.get((status, act))
    return found if found is not None else Problem("refund_not_now", {"status": status, "act": act})


def states_before(act: Act) -> list[str]:
    """The states in which `act` may happen, for `refund_status = ANY(...)`."""
    return [status for status, name in TABLE if name == act]


def check_amount(amount: Decimal, paid: Decimal) -> Problem | None:
    """What is wrong with the amount (CNY) that is asked back of what was paid, or None."""
    if not amount.is_finite() or amount <= 0 or amount > paid or amount != amount.quantize(Decimal("0.01")):
        return Problem("refund_amount", {"most": str(paid)})
    return None
