"""What the rules say of one moment: deadlines, urges, the moves of a task, and what a complaint costs. No product code.

Instants are whole seconds since 1970 (UTC), money is fen. The shop is in Shanghai, which is UTC+8 all year.
"""

from dataclasses import dataclass, field
from datetime import datetime

HOUR = 3600
DAY = 24 * HOUR
ZONE = 8 * HOUR


def at(text: str) -> int:
    """An instant of Shanghai, "2022-07-16" or "2022-07-16T10:00"."""
    return int(datetime.fromisoformat(text + ("T00:00:00+08:00" if "T" not in text else "+08:00")).timestamp())


def day(instant: int) -> int:
    """The shop's calendar day, as a number."""
    return (instant + ZONE) // DAY


CLAUSES_END = at("2022-07-16")
"""no_complaint and presale are exceptions until 2022-07-15, that day included."""

SALES = {
    "taobao": [
        (at("2022-11-11"), at("2022-11-15"), ("by", at("2022-11-17T23:59:59"))),
        (at("2022-11-15"), at("2022-11-19"), ("hours", 72)),
        (at("2023-01-14"), at("2023-02-04"), ("by", at("2023-02-05T23:59:59"))),
    ],
    "tmall": [
        (at("2021-11-11"), at("2021-11-15"), ("by", at("2021-11-16T23:59:59"))),
        (at("2022-11-10"), at("2022-11-14"), ("hours", 72)),
    ],
}
"""Holidays and big sales: paid from, paid before, and when it ships. Of normal goods only."""

RATES = {
    "taobao": [
        (at("2016-01-01"), {kind: (10, 500, 10000) for kind in ("delay", "out_of_stock", "false_shipping")}),
        (
            at("2022-07-18"),
            {"delay": (5, 500, 3000), "out_of_stock": (30, 500, 10000), "false_shipping": (30, 500, 10000)},
        ),
    ],
    "tmall": [
        (
            at("2020-09-24"),
            {"delay": (5, 500, 5000), "out_of_stock": (30, 500, 50000), "false_shipping": (30, 500, 50000)},
        ),
    ],
}
"""Percent, least and most, by the day of payment."""


@dataclass
class Order:
    """One order as it stands; `status` as stories expect it, or unpaid."""

    name: str
    paid_at: int
    price: int
    buyer: str = "buyer"
    kind: str = "normal"
    hours: int | None = None
    promised: int | None = None
    ship_to: str = ""
    status: str = "unpaid"
    left: bool = False
    """A parcel of it left once, whatever came after."""
    agreed: int | None = None
    reported: int | None = None
    deadline: int | None = None
    urges: list[tuple[str, str]] = field(default_factory=list)
    state: str = "none"
    since: int = 0
    due: int | None = None
    plan: str = ""
    until: int | None = None
    complaints: list[list[str]] = field(default_factory=list)
    """[kind, status] each."""
    counted: set[str] = field(default_factory=set)
    fen: int = 0
    points: int = 0
    cards: int = 0
    refused: bool = False

    @property
    def waits(self) -> bool:
        return self.status == "awaiting_shipment"

    @property
    def given(self) -> bool:
        return self.status in ("shipped", "closed")

    @property
    def open(self) -> bool:
        return self.state not in ("none", "completed")

    @property
    def disputed(self) -> bool:
        return bool(self.complaints) and self.complaints[-1][1] == "open"


def covered(order: Order, sender: str, area: str) -> bool:
    """Whether the buyer's address, or the shop's, lies in a region."""
    area = area[:2] if area.endswith("0000") and len(area) == 6 else area
    area = area[:4] if area.endswith("00") and len(area) == 6 else area
    return order.ship_to.startswith(area) or sender.startswith(area)


def base_deadline(order: Order, book: str) -> int:
    """An agreement, an approved report, a sale, the promise, the default: the strongest that there is."""
    if order.agreed is not None:
        return order.agreed
    if order.reported is not None:
        return order.reported
    if order.kind == "normal":
        for first, end, (how, value) in SALES[book]:
            if first <= order.paid_at < end:
                return value if how == "by" else order.paid_at + value * HOUR
    if order.promised is not None and order.promised > order.paid_at:
        return order.promised
    return order.paid_at + (order.hours or 48) * HOUR


def deadline(order: Order, book: str, sender: str, regions: list[tuple[str, int, int]]) -> int:
    """The same, moved to the end of every exempt window that it falls inside."""
    found = base_deadline(order, book)
    while ends := [end for area, start, end in regions if covered(order, sender, area) and start <= found < end]:
        found = max(ends)
    return found


def urge(order: Order, sender: str, regions: list[tuple[str, int, int]], now: int) -> tuple[str, str]:
    """(what the urge comes to, the reason), by the order in which the checks are asked."""
    assert order.deadline is not None or not order.waits
    if not order.waits:
        return "refused", "not_awaiting_shipment"
    if order.open:
        return "task", "open_task"
    if order.kind in ("custom", "virtual"):
        return "exempt", order.kind
    if order.kind.startswith("presale") and now < CLAUSES_END:
        return "exempt", "presale"
    if any(covered(order, sender, area) and start <= now < end for area, start, end in regions):
        return "exempt", "exempt_region"
    if order.reported is not None and now <= order.reported:
        return "exempt", "reported"
    if now <= (order.deadline or 0):
        return "flagged", "within_deadline"
    if now < CLAUSES_END and not order.disputed:
        return "exempt", "no_complaint"
    return "task", "past_deadline"


def sum_of(book: str, paid_at: int, kind: str, prices: list[int]) -> int:
    """What orders of one buyer and day owe together for one kind."""
    percent, least, most = next(rates for since, rates in reversed(RATES[book]) if paid_at >= since)[kind]
    return min(max((sum(prices) * percent + 50) // 100, least), most)
