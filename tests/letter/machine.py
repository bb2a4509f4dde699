"""The product's own rules, with nothing around them: what the services write to tables, this keeps in memory.

It answers to the same events as `story.Story`, so that the two can be held against each other step by step, a hundred
thousand times in seconds.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from fahuo.rules import complaints, deadlines, policy, reminders, tasks, urges
from fahuo.rules.penalties import Upheld
from fahuo.rules.policy import ExemptRegion, Version
from fahuo.rules.problems import Problem
from tests.letter.rules import ZONE, Order
from tests.letter.story import Refused

GIVEN = {"shipped": "shipped", "closed": "refunded"}


def moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def seconds(instant: datetime | None) -> int | None:
    return None if instant is None else int(instant.timestamp())


@dataclass
class Case:
    """An order as the rules see it."""

    told: Order
    status: str = "unpaid"
    deadline: datetime | None = None
    agreed: datetime | None = None
    reported: datetime | None = None
    state: tasks.State | None = None
    due: datetime | None = None
    plan: str = ""
    until: datetime | None = None
    reminds: datetime | None = None
    since: datetime | None = None
    disputes: list[tuple[str, str]] = field(default_factory=list)
    urge: tuple[str, str] | None = None
    cost: complaints.Cost = complaints.FREE

    @property
    def open(self) -> bool:
        return self.state is not None and self.state != "completed"

    @property
    def disputed(self) -> bool:
        return bool(self.disputes) and self.disputes[-1][1] == "open"


class Machine:
    """A shop's orders under one book."""

    def __init__(self, book: str, sender: str, staff: list[str], orders: dict[str, Order]) -> None:
        self.book, self.sender, self.staff = policy.load(book), sender, staff
        self.cases = {name: Case(order) for name, order in orders.items()}
        self.regions: list[ExemptRegion] = []
        self.reports: dict[str, tuple[list[str], int, str]] = {}
        self.upheld: list[tuple[str, int, Upheld]] = []
        self.settled = 0
        self.given: dict[tuple[str, object], int] = {}
        self.log: list[tuple[int, str, str]] = []

    def version(self, case: Case) -> Version:
        return self.book.at(moment(case.told.paid_at))

    def reckon(self, case: Case) -> None:
        if case.status != "awaiting_shipment":
            return
        told = case.told
        facts = deadlines.Facts(
            paid_at=moment(told.paid_at), kind=told.kind, promise_hours=told.hours,
            promised_until=None if told.promised is None else moment(told.promised), reported_until=case.reported,
            agreed_until=case.agreed, ship_to=told.ship_to, ship_from=self.sender,
        )  # fmt: skip
        case.deadline = deadlines.deadline_of(facts, self.book.exempting(self.regions))[0]
        assert case.deadline == deadlines.decide(facts, self.book.exempting(self.regions)).deadline

    def pay(self, name: str) -> None:
        self.cases[name].status = "awaiting_shipment"
        self.reckon(self.cases[name])

    # ---- time -------------------------------------------------------------------------------------------------

    def fire(self, now: int) -> None:
        """What time does at one instant."""
        at = moment(now)
        for name, case in self.cases.items():
            while case.due is not None and case.due <= at:
                self.move(name, "due", case.due)
        for case in self.cases.values():
            if case.reminds is not None and case.reminds <= at:
                self.remind(case, at)

    def remind(self, case: Case, at: datetime) -> None:
        assert case.since is not None
        version = self.version(case)
        day = reminders.day_of(at, "Asia/Shanghai")
        for account in self.staff:
            had = self.given.get((account, day), 0)
            if reminders.deliver(had, version, now=at).status == "delivered":
                self.given[account, day] = had + 1
        case.reminds = reminders.next_moment(case.since, case.due, version, after=at)

    # ---- moves ------------------------------------------------------------------------------------------------

    def move(self, name: str, event: tasks.Event, at: datetime, *, until: datetime | None = None) -> None:
        case = self.cases[name]
        if case.state is None:
            raise Refused
        came = tasks.move(
            case.state, event, complaint_open=case.disputed, fulfilled=case.status in GIVEN, now=at,
            until=case.until if until is None else until, version=self.version(case), due_at=case.due,
        )  # fmt: skip
        if isinstance(came, Problem):
            raise Refused
        if came.opens_complaint:
            kind = complaints.kind_at(case.deadline, self.version(case), now=at)
            case.disputes.append((kind, "open"))
        if came.agrees and case.plan == "ship_later" and case.status == "awaiting_shipment":
            case.agreed = case.until
            self.reckon(case)
        case.due = came.due_at
        if came.changed:
            self.enter(case, came.state, at)
        elif came.due_at is None:
            case.reminds = None

    def enter(self, case: Case, state: tasks.State, at: datetime) -> None:
        case.state, case.since = state, at
        self.log.append((int(at.timestamp()), case.told.name, state))
        wants = state in tasks.NEEDS_SELLER and case.due is not None
        case.reminds = reminders.next_moment(at, case.due, self.version(case)) if wants else None

    def settle(self, name: str, now: int, event: tasks.Event) -> None:
        if self.cases[name].open:
            self.move(name, event, moment(now))

    # ---- events -----------------------------------------------------------------------------------------------

    def happen(self, now: int, do: str, **told: Any) -> bool:
        """Whether the rules allowed it."""
        try:
            getattr(self, "do_" + do)(now, **told)
        except Refused:
            return False
        return True

    def do_exempt_region(self, now: int, **told: Any) -> None:
        start, end = moment(told["from"]), moment(told["to"])
        self.regions.append(
            ExemptRegion(region=told["region"], start=start, end=end, basis="stated", source="the platform")
        )
        for case in self.cases.values():
            self.reckon(case)

    def do_urge(self, now: int, order: str) -> None:
        case = self.cases[order]
        facts = urges.UrgeFacts(
            status="awaiting_payment" if case.status == "unpaid" else case.status, deadline=case.deadline,
            kind=case.told.kind, refunded=case.status == "closed", open_task=case.open, complaint_open=case.disputed,
            reported_until=case.reported, ship_to=case.told.ship_to, ship_from=self.sender,
        )  # fmt: skip
        found = urges.decide(facts, self.book.exempting(self.regions), now=moment(now))
        case.urge = found.outcome, found.reason
        if not found.counts:
            raise Refused
        if found.makes_task:
            made = tasks.opened(now=moment(now), version=self.version(case))
            case.plan, case.until, case.due = "", None, made.due_at
            self.enter(case, made.state, moment(now))

    def do_ship(self, now: int, order: str, **_more: Any) -> None:
        case = self.cases[order]
        if case.status != "awaiting_shipment":
            raise Refused
        case.status = "shipped"
        self.settle(order, now, "shipped")

    def do_refund(self, now: int, order: str) -> None:
        case = self.cases[order]
        if case.status == "unpaid":
            raise Refused
        if case.status != "closed":
            case.status = "closed"
            self.settle(order, now, "refunded")

    def do_reply(
        self, now: int, order: str, plan: str, until: int | None = None, reason: str = "", by: str = ""
    ) -> None:
        case, then = self.cases[order], None if until is None else moment(until)
        if case.state is None:
            raise Refused
        if tasks.check_reply(plan, then, reason or None, now=moment(now), version=self.version(case)):
            raise Refused
        self.move(order, tasks.reply_event(plan, reason or None), moment(now), until=then)  # type: ignore[arg-type]  # checked
        case.plan, case.until = plan, then

    def do_buyer_accept(self, now: int, order: str) -> None:
        self.move(order, "accepted", moment(now))

    def do_buyer_refuse(self, now: int, order: str) -> None:
        self.move(order, "refused", moment(now))

    def do_report_delay(self, now: int, orders: list[str], until: int, report: str) -> None:
        self.reports[report] = (orders, until, "filed")

    def do_approve_report(self, now: int, report: str) -> None:
        orders, until, status = self.reports[report]
        if status != "filed":
            raise Refused
        self.reports[report] = (orders, until, "approved")
        for case in (self.cases[name] for name in orders):
            if case.status == "awaiting_shipment":
                case.reported = moment(until)
                self.reckon(case)

    def do_complain(self, now: int, order: str, kind: str) -> None:
        case = self.cases[order]
        if complaints.check_open(kind, paid=case.status != "unpaid", complaint_open=case.disputed):
            raise Refused
        case.disputes.append((kind, "open"))

    def do_pay_voluntarily(self, now: int, order: str) -> None:
        self.close(now, order, "settle", "seller")

    def do_adjudicate(self, now: int, order: str, verdict: str) -> None:
        self.close(now, order, complaints.VERDICTS[verdict], "platform")

    def do_withdraw(self, now: int, order: str) -> None:
        self.close(now, order, "withdraw", "buyer")

    def close(self, now: int, order: str, act: complaints.Act, party: complaints.Party) -> None:
        case = self.cases[order]
        kind, status = case.disputes[-1] if case.disputes else ("", None)
        after = complaints.close(status, act, party)  # type: ignore[arg-type]  # a status of the rules
        if isinstance(after, Problem):
            raise Refused
        told = case.told
        item = Upheld(order, kind, Decimal(told.price) / 100, told.hours)  # type: ignore[arg-type]  # of the rules
        paid_day = (told.paid_at + ZONE) // timedelta(days=1).total_seconds()
        previous = [
            each for buyer, on, each in self.upheld if each.order == order or (buyer, on) == (told.buyer, paid_day)
        ]
        cost = complaints.cost(after, previous, item, self.version(case), settled_before=self.settled)
        if after in complaints.PAYS:
            self.upheld.append((told.buyer, int(paid_day), item))
            self.settled += after == "settled"
        case.cost = complaints.Cost(case.cost.compensation + cost.compensation, case.cost.points + cost.points)
        case.disputes[-1] = (kind, after)
        if case.open:
            self.move(order, "complaint_closed", moment(now))
