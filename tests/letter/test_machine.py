"""Hypothesis drives the state machine against the rules as they are read to the letter, for a hundred thousand steps.

Both are kept in memory: the product's rules (machine.py) and the independent model (story.py). Each three bytes are one
step: how long time passes, what happens, and to which order.
"""

from random import Random

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.letter.chance import STARTS, Teller
from tests.letter.machine import Machine, seconds
from tests.letter.rules import DAY, HOUR
from tests.letter.story import Story

STEPS, PLAYS = 64, 1600
WHOLE = 100_000
"""So many steps the rules ask for."""
VERBS = (
    *["urge"] * 9, *["reply"] * 9, *["buyer_accept", "buyer_refuse"] * 2, "ship", "refund", *["complain"] * 2,
    *["adjudicate"] * 3, *["pay_voluntarily"] * 2, "withdraw", "report_delay", "approve_report", "exempt_region",
)  # fmt: skip
WAITS = (None, None, None, 0, 0, 0, 0, 1, 1, -1, HOUR, HOUR, 7 * HOUR, 23 * HOUR, DAY, 3 * DAY)
"""None: to the next due moment; 0: none."""
UNTIL = (-1, 0, 1, HOUR, 5 * HOUR, 24 * HOUR, 24 * HOUR + 1, 3 * DAY, 15 * DAY, 15 * DAY + 1)
AREAS = ("33", "3301", "330106", "330000", "31", "310115", "6501")
KINDS = ("delay", "out_of_stock", "false_shipping")
taken = {"steps": 0, "allowed": 0, "moves": 0, "examples": 0}


class Pair:
    """The two of them, over the same orders."""

    def __init__(self, first: int) -> None:
        draw = Random(first)
        made = Teller(draw)
        twin = Teller(Random(first))
        self.story: Story = made.story
        self.machine = Machine(self.story.book, self.story.sender, self.story.staff, twin.story.orders)
        self.names = list(self.story.orders)
        self.now = STARTS[0] - DAY
        self.unpaid = sorted(self.story.orders.values(), key=lambda order: order.paid_at)
        self.now = self.unpaid[0].paid_at
        self.pay()

    def pay(self) -> None:
        while self.unpaid and self.unpaid[0].paid_at <= self.now:
            order = self.unpaid.pop(0)
            self.story.pay(order)
            self.machine.pay(order.name)

    def step(self, wait: int, act: int, more: int) -> None:
        self.wait(WAITS[wait % len(WAITS)])
        do, name = VERBS[act % len(VERBS)], self.names[more % len(self.names)]
        told = self.told(do, name, wait // len(WAITS), more // len(self.names))
        before = self.story.orders[name].refused
        self.story.happen(self.now, do, **told)
        refused = self.story.orders[name].refused if do != "exempt_region" else False
        if do == "approve_report":
            refused = self.story.orders[self.story.reports[told["report"]][0][0]].refused
        allowed = self.machine.happen(self.now, do, **told)
        assert allowed is not refused, (do, told, self.now, before)
        taken["steps"] += 1
        taken["allowed"] += allowed
        self.same(self.names if do in ("exempt_region", "approve_report") else [name])

    def told(self, do: str, name: str, this: int, that: int) -> dict[str, object]:
        if do == "reply":
            plan = ("ship_later", "ship_later", "exchange", "cannot_ship", "cannot_ship")[this % 5]
            later = {"until": self.now + UNTIL[that % len(UNTIL)]} if plan == "ship_later" else {}
            return {"order": name, "plan": plan, **later, **({"reason": "force_majeure"} if this % 5 == 4 else {})}
        if do == "complain":
            return {"order": name, "kind": KINDS[this % 3]}
        if do == "adjudicate":
            return {"order": name, "verdict": ("upheld", "upheld", "dismissed")[this % 3]}
        if do == "report_delay":
            others = sorted({name, self.names[that % len(self.names)]})
            return {"orders": others, "until": self.now + 1 + this * 9 * HOUR, "report": f"r{len(self.story.reports)}"}
        if do == "approve_report":
            if not self.story.reports:
                self.story.happen(self.now, "report_delay", orders=[name], until=self.now + DAY, report="r0")
                self.machine.happen(self.now, "report_delay", orders=[name], until=self.now + DAY, report="r0")
            return {"report": list(self.story.reports)[that % len(self.story.reports)]}
        if do == "exempt_region":
            start = self.now - 2 * DAY + this * 12 * HOUR
            return {"region": AREAS[that % len(AREAS)], "from": start, "to": start + (1 + that % 5) * 10 * HOUR}
        return {"order": name}

    def wait(self, step: int | None) -> None:
        """Let time pass; whatever fires on the way fires in both, at its own instant."""
        if step == 0:
            return
        near = self.story.next_moment()
        near = near if near is not None and near > self.now else self.now + HOUR
        to = near if step is None else near + step if abs(step) == 1 else self.now + step
        to = max(self.now, to)
        moments = [self.now, *(order.paid_at for order in self.unpaid if order.paid_at < to)]
        for stop in moments[1:]:
            self.fire_until(stop - 1)
            self.now = stop
            self.pay()
        self.fire_until(to - 1)
        self.now = to
        self.pay()

    def fire_until(self, last: int) -> None:
        while (at := self.story.next_moment()) is not None and at <= last:
            self.story.fire(at)
            self.machine.fire(at)
            self.same(self.names)

    def same(self, names: list[str]) -> None:
        """Both say the same of these orders."""
        for name in names:
            order, case = self.story.orders[name], self.machine.cases[name]
            assert case.status == order.status
            assert seconds(case.deadline) == order.deadline
            assert ((case.state or "none"), seconds(case.due)) == (order.state, order.due)
            assert case.disputes == [tuple(each) for each in order.complaints]
            assert case.urge == (order.urges[-1] if order.urges else None)
            assert (int(case.cost.compensation * 100), case.cost.points) == (order.fen, order.points)

    def end(self) -> None:
        """Nothing was lost or doubled: the same moves at the same instants, and as many reminders on each day."""
        self.fire_until(self.now)
        assert sorted(self.machine.log) == sorted(self.story.log)
        given = {(who, day.toordinal()): count for (who, day), count in self.machine.given.items()}
        epoch = 719163  # the ordinal of 1970-01-01
        assert given == {(who, on + epoch): count for (who, on), count in self.story.reminders.items() if count}
        taken["moves"] += len(self.story.log)
        taken["examples"] += 1


@settings(
    max_examples=PLAYS, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
)  # fmt: skip
@given(first=st.integers(0, 10_000), steps=st.binary(min_size=3 * STEPS, max_size=3 * STEPS))
def drive(first: int, steps: bytes) -> None:
    pair = Pair(first)
    for place in range(0, len(steps), 3):
        pair.step(*steps[place : place + 3])
    pair.end()


def test_the_state_machine_does_what_the_rules_say_for_a_hundred_thousand_steps() -> None:
    drive()
    assert taken["steps"] >= WHOLE, taken
    assert taken["allowed"] > WHOLE // 4, taken
    assert taken["moves"] > WHOLE // 16, taken
