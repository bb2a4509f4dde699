"""A story as the rules tell it: orders, events in time, timers, reminders and answers, all in plain Python. No product code."""

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from tests.letter import rules
from tests.letter.rules import DAY, HOUR, Order, day

STAFF_STATES = ("awaiting_seller_reply", "awaiting_seller_action")


class Refused(Exception):
    """The rules do not allow it."""


@dataclass
class Story:
    """`happen` takes events in time order; `pass_until` lets timers fire that are due at or before an instant."""

    book: str
    sender: str
    staff: list[str]
    orders: dict[str, Order]
    regions: list[tuple[str, int, int]] = field(default_factory=list)
    reports: dict[str, tuple[list[str], int, str]] = field(default_factory=dict)
    settled: int = 0
    reminders: dict[tuple[str, int], int] = field(default_factory=lambda: defaultdict(int))
    pending: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    """Order -> when its task reminds yet."""
    talk: dict[str, list[tuple[int, str, str | None]]] = field(default_factory=lambda: defaultdict(list))
    """Order -> (when, buyer or seller, the account or None)."""
    log: list[tuple[int, str, str]] = field(default_factory=list)
    """(when, order, state) of every state that a task came into."""

    # ---- time -------------------------------------------------------------------------------------------------

    def next_moment(self) -> int | None:
        found = [order.due for order in self.orders.values() if order.due is not None]
        found += [moment for moments in self.pending.values() for moment in moments]
        return min(found, default=None)

    def pass_until(self, last: int) -> None:
        while (at := self.next_moment()) is not None and at <= last:
            self.fire(at)

    def fire(self, at: int) -> None:
        """All that time does at one instant: tasks run out, and whoever cares for those that stand is reminded."""
        for order in self.orders.values():
            while order.due is not None and order.due <= at:
                self.run_out(order, order.due)
        for name in self.pending:
            due = [moment for moment in self.pending[name] if moment <= at]
            self.pending[name] = [moment for moment in self.pending[name] if moment > at]
            for account in self.staff if due else []:
                if self.reminders[account, day(at)] < 10:
                    self.reminders[account, day(at)] += 1

    def run_out(self, order: Order, at: int) -> None:
        if order.state == "awaiting_buyer_confirmation":
            self.consent(order, at)
        elif order.state == "awaiting_seller_action" and order.given:
            order.due = None
            self.pending[order.name] = []
        else:
            self.intervene(order, at)

    # ---- moves ------------------------------------------------------------------------------------------------

    def enter(self, order: Order, state: str, due: int | None, at: int) -> None:
        order.state, order.due = state, due
        self.log.append((at, order.name, state))
        self.pending[order.name] = []
        if state in STAFF_STATES and due is not None and due > at:
            before = [due - hours * HOUR for hours in (12, 4, 1)]
            self.pending[order.name] = [at, *(moment for moment in before if moment > at)]

    def intervene(self, order: Order, at: int, *, complain: bool = True) -> None:
        self.enter(order, "platform_intervention", None, at)
        if complain and not order.disputed:
            late = order.deadline is not None and at >= order.deadline + 72 * HOUR
            order.complaints.append(["out_of_stock" if late else "delay", "open"])

    def consent(self, order: Order, at: int) -> None:
        later = order.plan == "ship_later"
        if later and order.waits:
            order.agreed = order.until
            self.reckon(order)
        self.enter(order, "awaiting_seller_action", order.until if later else at + 48 * HOUR, at)

    def complete(self, order: Order, at: int) -> None:
        if order.open and order.given and not order.disputed:
            self.enter(order, "completed", None, at)

    def reckon(self, order: Order) -> None:
        if order.waits:
            order.deadline = rules.deadline(order, self.book, self.sender, self.regions)

    # ---- events -----------------------------------------------------------------------------------------------

    def pay(self, order: Order) -> None:
        order.status = "awaiting_shipment"
        self.reckon(order)

    def happen(self, now: int, do: str, **told: Any) -> None:
        """One event; the orders it is on remember whether it was refused."""
        if do == "exempt_region":
            self.regions.append((told["region"], told["from"], told["to"]))
            for order in self.orders.values():
                self.reckon(order)
            return
        names = told.get("orders") or ([told["order"]] if "order" in told else self.reports[told["report"]][0])
        try:
            getattr(self, "do_" + do)(now, **told)
            refused = False
        except Refused:
            refused = True
        for name in names:
            self.orders[name].refused = refused

    def do_urge(self, now: int, order: str) -> None:
        one = self.orders[order]
        found = rules.urge(one, self.sender, self.regions, now)
        one.urges.append(found)
        if found[0] == "refused":
            raise Refused
        if found[1] == "past_deadline":
            one.plan, one.until = "", None
            self.enter(one, "awaiting_seller_reply", now + 24 * HOUR, now)

    def do_contact_again(self, now: int, order: str) -> None:
        if not self.orders[order].waits:
            raise Refused
        self.orders[order].cards += 1
        self.talk[order].append((now, "buyer", None))

    def do_buyer_message(self, now: int, order: str, by: str | None = None) -> None:
        self.talk[order].append((now, "buyer", by))

    def do_seller_message(self, now: int, order: str, by: str | None = None) -> None:
        self.talk[order].append((now, "seller", by))

    def do_ship(self, now: int, order: str, **_more: Any) -> None:
        one = self.orders[order]
        if not one.waits:
            raise Refused
        one.status, one.left = "shipped", True
        self.complete(one, now)

    def do_refund(self, now: int, order: str) -> None:
        one = self.orders[order]
        if one.status == "unpaid":
            raise Refused
        one.status = "closed"
        self.complete(one, now)

    def do_scan(self, now: int, order: str, kind: str) -> None:
        if not self.orders[order].left:
            raise Refused

    def do_reply(
        self, now: int, order: str, plan: str, until: int | None = None, reason: str = "", by: str = ""
    ) -> None:
        one = self.orders[order]
        if one.state != "awaiting_seller_reply":
            raise Refused
        if plan == "ship_later" and not (until is not None and now < until <= now + 15 * DAY):
            raise Refused
        one.plan, one.until = plan, until
        if plan == "cannot_ship" and reason:
            self.intervene(one, now, complain=False)
        elif plan == "cannot_ship":
            self.enter(one, "awaiting_seller_action", now + 24 * HOUR, now)
        else:
            due = now + 24 * HOUR
            self.enter(one, "awaiting_buyer_confirmation", due if until is None else min(due, until), now)

    def do_buyer_accept(self, now: int, order: str) -> None:
        if self.orders[order].state != "awaiting_buyer_confirmation":
            raise Refused
        self.consent(self.orders[order], now)

    def do_buyer_refuse(self, now: int, order: str) -> None:
        if self.orders[order].state != "awaiting_buyer_confirmation":
            raise Refused
        self.intervene(self.orders[order], now)

    def do_report_delay(self, now: int, orders: list[str], until: int, report: str) -> None:
        self.reports[report] = (orders, until, "filed" if until > now else "refused")
        if until <= now:
            raise Refused

    def do_approve_report(self, now: int, report: str) -> None:
        orders, until, status = self.reports[report]
        if status != "filed":
            raise Refused
        self.reports[report] = (orders, until, "approved")
        for order in (self.orders[name] for name in orders):
            if order.waits:
                order.reported = until
                self.reckon(order)

    def do_reject_report(self, now: int, report: str) -> None:
        orders, until, status = self.reports[report]
        if status != "filed":
            raise Refused
        self.reports[report] = (orders, until, "rejected")

    def do_complain(self, now: int, order: str, kind: str) -> None:
        one = self.orders[order]
        if one.status == "unpaid" or one.disputed:
            raise Refused
        one.complaints.append([kind, "open"])

    def do_pay_voluntarily(self, now: int, order: str) -> None:
        self.close(now, order, "settled")

    def do_adjudicate(self, now: int, order: str, verdict: str) -> None:
        self.close(now, order, verdict)

    def do_withdraw(self, now: int, order: str) -> None:
        self.close(now, order, "withdrawn")

    def do_ship_without_permission(self, now: int, **_told: Any) -> None:
        raise Refused

    do_reply_without_permission = do_ship_without_permission

    def close(self, now: int, name: str, how: str) -> None:
        """End a complaint; each kind costs once an order, and the sum over the buyer's day only what it grew by."""
        order = self.orders[name]
        if not order.disputed:
            raise Refused
        kind = order.complaints[-1][0]
        order.complaints[-1][1] = how
        self.settled += how == "settled"
        if how in ("settled", "upheld") and kind not in order.counted:
            before = [
                other.price for other in self.orders.values() if other.buyer == order.buyer
                and day(other.paid_at) == day(order.paid_at) and kind in other.counted
            ]  # fmt: skip
            order.counted.add(kind)
            order.fen += rules.sum_of(self.book, order.paid_at, kind, [*before, order.price])
            order.fen -= rules.sum_of(self.book, order.paid_at, kind, before) if before else 0
            order.points += 3 if how == "upheld" or self.settled % 3 == 0 else 0
        self.complete(order, now)

    # ---- how fast buyers were answered ------------------------------------------------------------------------

    def response(self, account: str, today: int) -> tuple[int, int]:
        """(seconds, turns) of an account over the thirty days before a day (its number)."""
        took = [
            seconds for talk in self.talk.values() for on in range(today - 30, today)
            for seconds in turns(talk, account, on)
        ]  # fmt: skip
        return sum(took), len(took)


MAIN = "the main account"


def turns(talk: list[tuple[int, str, str | None]], account: str, on: int) -> list[int]:
    """What an account's turns of one conversation on one day took; a buyer's message is to an account, or to the shop.

    What was to the shop and nobody answered counts against whoever spoke with this buyer last, or against everybody.
    """
    found = []
    mine: int | None = None
    shops: int | None = None
    partner: str | None = None
    for when, who, whom in talk:
        if day(when) > on:
            break
        partner = (whom or MAIN) if who == "seller" else whom or partner
        if day(when) < on:
            continue
        if who == "buyer" and 8 * HOUR <= (when + rules.ZONE) % DAY < 23 * HOUR:
            if whom is None:
                shops = when if shops is None else shops
            elif whom == account:
                mine = when if mine is None else mine
        elif who == "seller" and whom == account:
            waiting = [since for since in (mine, shops) if since is not None]
            found += [min(when - min(waiting), 600)] if waiting else []
            mine = shops = None
        elif who == "seller":
            shops = None
    left = mine is not None or (shops is not None and partner in (None, account))
    return found + ([600] if left else [])
