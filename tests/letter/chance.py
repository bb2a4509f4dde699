"""Stories that chance makes up: events where the rules turn, and what the rules say then, as a file of `fahuo simulate`."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from decimal import ROUND_HALF_UP, Decimal
from random import Random
from typing import Any

from tests.letter.rules import CLAUSES_END, DAY, HOUR, Order, at, day
from tests.letter.story import Story

SHANGHAI = timezone(timedelta(hours=8))
STARTS = (
    CLAUSES_END - 4 * DAY, CLAUSES_END - 2 * DAY + 9 * HOUR, at("2022-07-17") - HOUR, at("2022-08-10T10:00"),
    at("2022-11-09T20:00"), at("2022-11-13T12:00"), at("2023-01-13T12:00"), at("2023-02-03T08:00"),
)  # fmt: skip
"""Around these days the rules change, or holidays begin and end."""
PLACES = ("330106", "330110", "310115", "650102", "440305", "")
AREAS = ("33", "3301", "330106", "330000", "330100", "31", "310115", "6501", "44", "51")
PRICES = (990, 5000, 9999, 15010, 33333, 40000, 123450, 200000)
KINDS = (*["normal"] * 10, "custom", "virtual", "presale_full", "presale_staged")
COMPLAINTS = ("delay", "out_of_stock", "false_shipping")


@dataclass
class Teller:
    """Makes up one story; `text` is the file."""

    draw: Random
    events: int = 40
    tables: list[str] = field(default_factory=list)
    told: int = 0
    number: int = 0

    def __post_init__(self) -> None:
        draw = self.draw
        self.start = draw.choice(STARTS)
        staff = ["cs1", "cs2"][: draw.randint(0, 2)]
        names = "ABCDEFGHI"[: draw.choice([1, 2, 3, 3, 5, 9])]
        orders = {name: self.order(name) for name in names}
        self.story = Story(draw.choice(["taobao", "tmall"]), draw.choice(PLACES), staff, orders)
        self.now = self.start - HOUR
        self.unpaid = sorted(orders.values(), key=lambda order: order.paid_at)

    def order(self, name: str) -> Order:
        draw = self.draw
        paid_at = self.start + draw.choice([0, 0, 1, HOUR, 10 * HOUR, DAY - 1, DAY, DAY + 12 * HOUR])
        hours = draw.choice([None, None, None, 24, 72, 120])
        promised = draw.choice([None, None, None, paid_at + 3 * DAY + 59, paid_at - DAY]) if hours is None else None
        return Order(
            name, paid_at, draw.choice(PRICES), buyer=draw.choice(["b1", "b2", "b3"]), kind=draw.choice(KINDS),
            hours=hours, promised=promised, ship_to=draw.choice(PLACES),
        )  # fmt: skip

    def text(self) -> str:
        """The whole file."""
        story = self.story
        head = f'title = "by chance"\nrulebook = "{story.book}"\n\n[shop]\nstaff = {story.staff}\n'
        head += f'ship_from = "{story.sender}"\n' if story.sender else ""
        head += "".join(table("order", **self.facts(order)) for order in story.orders.values())
        while self.told < self.events:
            self.moment()
        return head + "".join(self.tables)

    def facts(self, order: Order) -> dict[str, Any]:
        promise = f"{order.hours}h" if order.hours else None if order.promised is None else instant(order.promised)
        return {
            "id": order.name, "buyer": order.buyer, "paid_at": instant(order.paid_at), "price": yuan(order.price),
            "kind": order.kind, "promise": promise, "ship_to": order.ship_to or None,
        }  # fmt: skip

    # ---- one moment ---------------------------------------------------------------------------------------------

    def moment(self) -> None:
        """Time goes on, payments come, some things happen at once, timers fire, and everything is as the rules say."""
        self.pass_to(self.next())
        for _ in range(self.draw.choice([0, 1, 1, 1, 1, 2, 3])):
            self.event()
        self.story.pass_until(self.now)
        self.expect()

    def next(self) -> int:
        """Often where something is due, or a second beside it."""
        draw, story = self.draw, self.story
        turns = [story.next_moment(), *(order.due for order in story.orders.values())]
        turns += [order.deadline for order in story.orders.values() if order.waits]
        turns += [(order.deadline or 0) + 72 * HOUR for order in story.orders.values() if order.waits]
        turns += [order.reported for order in story.orders.values()]
        turns += [edge for _, start, end in story.regions for edge in (start, end)]
        turns += [order.paid_at for order in self.unpaid[:1]]
        turns += [CLAUSES_END, (day(self.now) + 1) * DAY - 8 * HOUR, (day(self.now) + 1) * DAY]
        found = sorted({turn + step for turn in turns if turn for step in (-1, 0, 0, 1) if turn + step > self.now})
        choice = draw.random()
        if choice < 0.6 and found:
            return draw.choice(found[:6])
        return self.now + draw.choice([1, 20, 599, 601, HOUR, 7 * HOUR, DAY])

    def pass_to(self, now: int) -> None:
        """Up to just before `now`; whatever was due at an instant on the way is often looked at there."""
        while self.unpaid and self.unpaid[0].paid_at <= now:
            self.let_pass(self.unpaid[0].paid_at - 1)
            paid = self.unpaid.pop(0)
            self.now = paid.paid_at
            self.story.pay(paid)
            if paid.paid_at < now and not (self.unpaid and self.unpaid[0].paid_at == paid.paid_at):
                self.story.pass_until(self.now)
        self.let_pass(now - 1)
        self.now = now

    def let_pass(self, last: int) -> None:
        while (moment := self.story.next_moment()) is not None and moment <= last:
            self.story.pass_until(moment)
            self.now = moment
            if self.draw.random() < 0.4:
                self.expect()

    # ---- events -------------------------------------------------------------------------------------------------

    def event(self) -> None:
        draw, story = self.draw, self.story
        name = draw.choice(list(story.orders))
        order = story.orders[name]
        seller, buyer = order.state == "awaiting_seller_reply", order.state == "awaiting_buyer_confirmation"
        weights = {
            "urge": 1 if order.open else 8, "ship": 0.7, "refund": 0.4, "scan": 0.7, "contact_again": 1,
            "buyer_message": 1.5, "seller_message": 1.5, "reply": 9 if seller else 0.5, "complain": 1,
            "buyer_accept": 4 if buyer else 0.2, "buyer_refuse": 3 if buyer else 0.2,
            "adjudicate": 4 if order.disputed else 0.2, "pay_voluntarily": 2 if order.disputed else 0.2,
            "withdraw": 0.7, "exempt_region": 0.3, "report_delay": 0.5, "approve_report": 0.7, "reject_report": 0.1,
            "ship_without_permission": 0.2, "reply_without_permission": 0.2,
        }  # fmt: skip
        do = draw.choices(list(weights), list(weights.values()))[0]
        if do.endswith("_report") and not story.reports:
            do = "urge"
        if do.endswith("_permission") and not story.staff:
            do = "urge"
        told = getattr(self, do, self.plain)(name)
        if do in ("reply_without_permission", "ship_without_permission"):
            told["by"] = draw.choice([*story.staff, "nobody"])
        self.story.happen(self.now, do, **told)
        shown = {key: instant(value) if key in ("until", "from", "to") else value for key, value in told.items()}
        self.tables.append(table("event", at=instant(self.now), do=do, **shown))
        self.told += 1

    def plain(self, name: str) -> dict[str, Any]:
        return {"order": name}

    def by(self) -> dict[str, Any]:
        by = self.draw.choice([None, *self.story.staff])
        return {} if by is None else {"by": by}

    def ship(self, name: str) -> dict[str, Any]:
        self.number += 1
        return {"order": name, **self.by(), "carrier": "ZTO", "waybill": f"7311111{self.number:07d}"}

    def buyer_message(self, name: str) -> dict[str, Any]:
        return {"order": name, **self.by()}

    seller_message = buyer_message

    def scan(self, name: str) -> dict[str, Any]:
        return {"order": name, "kind": self.draw.choice(["picked_up", "in_transit", "delivered"])}

    def reply(self, name: str) -> dict[str, Any]:
        draw, told = (
            self.draw,
            {"order": name, **self.by(), "plan": self.draw.choice(["ship_later", "exchange", "cannot_ship"])},
        )
        if told["plan"] == "ship_later":
            steps = [-1, 0, 1, HOUR, 12 * HOUR, DAY - 1, DAY, DAY + 1, 3 * DAY, 15 * DAY - 1, 15 * DAY, 15 * DAY + 1]
            told["until"] = self.now + draw.choice(steps)
        if told["plan"] == "cannot_ship" and draw.random() < 0.3:
            told["reason"] = "force_majeure"
        return told

    def ship_without_permission(self, name: str) -> dict[str, Any]:
        return {"order": name}

    reply_without_permission = ship_without_permission

    def exempt_region(self, name: str) -> dict[str, Any]:
        start = self.now + self.draw.choice([-3 * DAY, -HOUR, 0, HOUR, DAY])
        length = self.draw.choice([HOUR, DAY, 3 * DAY, 10 * DAY])
        return {"region": self.draw.choice(AREAS), "from": start, "to": start + length}

    def report_delay(self, name: str) -> dict[str, Any]:
        names = sorted({name, self.draw.choice(list(self.story.orders))})
        until = self.now + self.draw.choice([-HOUR, 0, 1, DAY, 5 * DAY])
        return {"orders": names, "until": until, "report": f"r{len(self.story.reports) + 1}"}

    def approve_report(self, name: str) -> dict[str, Any]:
        return {"report": self.draw.choice(list(self.story.reports))}

    reject_report = approve_report

    def complain(self, name: str) -> dict[str, Any]:
        return {"order": name, "kind": self.draw.choice(COMPLAINTS)}

    def adjudicate(self, name: str) -> dict[str, Any]:
        return {"order": name, "verdict": self.draw.choice(["upheld", "upheld", "dismissed"])}

    # ---- what the rules say -------------------------------------------------------------------------------------

    def expect(self) -> None:
        """Everything that can be expected at this instant."""
        for order in self.story.orders.values():
            self.tables.append(table("expect", at=instant(self.now), order=order.name, **self.standing(order)))
        for account in self.story.staff:
            seconds, count = self.story.response(account, day(self.now))
            if count:
                mean = (Decimal(seconds) / count).quantize(Decimal("0.01"), ROUND_HALF_UP)
                self.tables.append(table("expect", at=instant(self.now), staff=account, avg_response_seconds=mean))

    def standing(self, order: Order) -> dict[str, Any]:
        story = self.story
        urge, reason = order.urges[-1] if order.urges else (None, None)
        reminders = {account: story.reminders[account, day(self.now)] for account in story.staff}
        return {
            "order_status": None if order.status == "unpaid" else order.status,
            "deadline": None if order.deadline is None else instant(order.deadline), "urge": urge, "reason": reason,
            "task": order.state, "task_due": None if order.due is None else instant(order.due),
            "complaint": order.complaints[-1][1] if order.complaints else "none", "compensation": yuan(order.fen),
            "points": order.points, "cards": order.cards, "refused": order.refused, "reminders": reminders or None,
        }  # fmt: skip


def instant(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC).astimezone(SHANGHAI)


def yuan(fen: int) -> str:
    return f"{fen // 100}.{fen % 100:02d}"


def table(name: str, **keys: Any) -> str:
    """One table of a file; keys without a value are left out."""
    return f"\n[[{name}]]\n" + "".join(
        f"{key} = {written(value)}\n" for key, value in keys.items() if value is not None
    )


def written(value: Any) -> str:
    """A value as TOML writes it."""
    match value:
        case bool():
            return str(value).lower()
        case datetime():
            return value.isoformat()
        case str():
            return f'"{value}"'
        case dict():
            return "{ " + ", ".join(f"{key} = {written(each)}" for key, each in value.items()) + " }"
        case list():
            return "[" + ", ".join(written(each) for each in value) + "]"
    return str(value)


def stories(first: int, count: int, *, events: int = 40) -> Iterator[tuple[int, str]]:
    """(seed, file) of so many stories."""
    for seed in range(first, first + count):
        yield seed, Teller(Random(seed), events).text()
