"""The rules of tasks, complaints and compensation once more, as simply as they can be said, for one date of one book.

It shares no code with the product. Time is whole minutes since a midnight in the shop's zone, money is fen. The numbers
are those of Taobao from 2022-07-18.
"""

from dataclasses import dataclass, field

HOUR = 60
DAY = 24 * HOUR
REPLY, CONFIRM, ACTION, EXCHANGE, LATEST = 24 * HOUR, 24 * HOUR, 24 * HOUR, 48 * HOUR, 15 * DAY
OUT_OF_STOCK = 72 * HOUR
PERCENT = {"delay": 5, "out_of_stock": 30, "false_shipping": 30}
LEAST = 500
MOST = {"delay": 3000, "out_of_stock": 10000, "false_shipping": 10000}


class Refused(Exception):
    """The model does not allow it."""


@dataclass
class ModelOrder:
    buyer: str
    price: int
    paid: int
    deadline: int = 0
    given: str = ""
    """"", shipped or refunded."""
    urges: int = 0
    tasks: int = 0
    state: str = "none"
    due: int | None = None
    until: int | None = None
    complaint: str = "none"
    kind: str = ""
    counted: set[str] = field(default_factory=set)
    fen: int = 0
    points: int = 0

    def __post_init__(self) -> None:
        self.deadline = self.paid + 48 * HOUR

    @property
    def open(self) -> bool:
        return self.state not in ("none", "completed")


class Model:
    """A shop's orders. Each event first lets the timers fire that were due before it; `clock` fires those due now, too."""

    def __init__(self, orders: list[ModelOrder]) -> None:
        self.orders = orders
        self.settled = 0

    def clock(self, now: int) -> None:
        for order in self.orders:
            self.fire(order, now)

    def fire(self, order: ModelOrder, last: int) -> None:
        while order.due is not None and order.due <= last:
            at = order.due
            if order.state == "awaiting_seller_reply":
                self.escalate(order, at)
            elif order.state == "awaiting_buyer_confirmation":
                self.agree(order, at)
            elif order.given:
                order.due = None
            else:
                self.escalate(order, at)

    def escalate(self, order: ModelOrder, at: int) -> None:
        order.state, order.due = "platform_intervention", None
        if order.complaint != "open":
            order.complaint = "open"
            order.kind = "out_of_stock" if at >= order.deadline + OUT_OF_STOCK else "delay"

    def agree(self, order: ModelOrder, at: int) -> None:
        order.state = "awaiting_seller_action"
        order.due = at + EXCHANGE if order.until is None else order.until
        if order.until is not None and not order.given:
            order.deadline = order.until

    def urge(self, order: ModelOrder, now: int) -> str:
        self.fire(order, now - 1)
        if order.given:
            return "not_awaiting_shipment"
        order.urges += 1
        if order.open:
            return "open_task"
        if now <= order.deadline:
            return "within_deadline"
        order.state, order.due, order.until = "awaiting_seller_reply", now + REPLY, None
        order.tasks += 1
        return "past_deadline"

    def give(self, order: ModelOrder, what: str, now: int) -> None:
        self.fire(order, now - 1)
        if order.given == "refunded" or (what == "shipped" and order.given):
            raise Refused
        order.given = what
        if order.open and order.complaint != "open":
            order.state, order.due = "completed", None

    def reply(self, order: ModelOrder, plan: str, until: int | None, now: int) -> None:
        self.fire(order, now - 1)
        if order.state != "awaiting_seller_reply":
            raise Refused
        if plan == "ship_later":
            if until is None or not now < until <= now + LATEST:
                raise Refused
            order.state, order.due, order.until = "awaiting_buyer_confirmation", min(now + CONFIRM, until), until
        elif plan == "exchange":
            order.state, order.due = "awaiting_buyer_confirmation", now + CONFIRM
        elif plan == "cannot_ship":
            order.state, order.due = "awaiting_seller_action", now + ACTION
        else:
            order.state, order.due = "platform_intervention", None

    def answer(self, order: ModelOrder, accept: bool, now: int) -> None:
        self.fire(order, now - 1)
        if order.state != "awaiting_buyer_confirmation":
            raise Refused
        if accept:
            self.agree(order, now)
        else:
            self.escalate(order, now)

    def complain(self, order: ModelOrder, kind: str, now: int) -> None:
        self.fire(order, now - 1)
        if order.complaint == "open":
            raise Refused
        order.complaint, order.kind = "open", kind

    def close(self, order: ModelOrder, how: str, now: int) -> None:
        self.fire(order, now - 1)
        if order.complaint != "open":
            raise Refused
        order.complaint = how
        if how == "settled":
            self.settled += 1
        if how in ("settled", "upheld") and order.kind not in order.counted:
            order.fen += self.owed(order)
            order.points += 3 if how == "upheld" or self.settled % 3 == 0 else 0
        if order.open and order.given:
            order.state, order.due = "completed", None

    def owed(self, order: ModelOrder) -> int:
        """What the sum over the buyer's day grows by."""
        kind = order.kind
        before = [
            other.price for other in self.orders
            if other.buyer == order.buyer and other.paid // DAY == order.paid // DAY and kind in other.counted
        ]  # fmt: skip
        order.counted.add(kind)
        return self.sum(kind, [*before, order.price]) - (self.sum(kind, before) if before else 0)

    def sum(self, kind: str, prices: list[int]) -> int:
        percents = sum(prices) * PERCENT[kind]
        return min(max((percents + 50) // 100, LEAST), MOST[kind])
