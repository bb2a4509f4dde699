"""Hypothesis plays the engine, on a real database, against a model that shares no code with it (model.py)."""

import itertools
import os
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from fahuo.rules.people import Actor, BuyerActor
from fahuo.rules.problems import Refusal
from fahuo.services import complaints, parcels, refunds, tasks
from fahuo.services.shopbook import ShopBook
from fahuo.store import sql
from fahuo.store.models import Shop
from tests.services.aftersales import PLATFORM, paid
from tests.services.model import DAY, HOUR, Model, ModelOrder, Refused
from tests.services.shipping import waybill

MIDNIGHT = datetime.fromisoformat("2022-08-10T00:00:00+08:00")
ORDERS = 6
EXAMPLES = int(os.environ.get("FAHUO_MODEL_EXAMPLES", "40"))
"""Each plays a few hundred events; more of them find rarer stories. What fails is told unshrunk, for shrinking takes minutes."""
numbers = itertools.count(1)
counts = {"steps": 0, "allowed": 0}

STANDING = """
SELECT o.id, o.status, o.deadline, o.urge_count, t.state, t.due_at, c.status AS complaint, c.kind,
       (SELECT count(*) FROM tasks x WHERE x.shop_id = %(shop_id)s AND x.order_id = o.id) AS tasks,
       (SELECT COALESCE(sum(l.amount), 0) FROM ledger l WHERE l.shop_id = %(shop_id)s AND l.order_id = o.id) AS owed,
       (SELECT COALESCE(sum(l.points), 0) FROM ledger l WHERE l.shop_id = %(shop_id)s AND l.order_id = o.id) AS points
FROM orders o
LEFT JOIN LATERAL (SELECT * FROM tasks t WHERE t.shop_id = %(shop_id)s AND t.order_id = o.id
                   ORDER BY t.id DESC LIMIT 1) AS t ON TRUE
LEFT JOIN LATERAL (SELECT * FROM complaints c WHERE c.shop_id = %(shop_id)s AND c.order_id = o.id
                   ORDER BY c.id DESC LIMIT 1) AS c ON TRUE
WHERE o.shop_id = %(shop_id)s ORDER BY o.id
"""

places = st.integers(0, ORDERS - 1)
kinds = st.sampled_from(["delay", "out_of_stock", "false_shipping"])
events = st.one_of(
    st.tuples(st.just("urge"), places),
    st.tuples(st.just("urge"), places),
    st.tuples(st.just("reply"), places, st.sampled_from(["ship_later", "exchange", "cannot_ship", "force_majeure"]),
              st.sampled_from([0, 1, HOUR, 23 * HOUR, 24 * HOUR, 25 * HOUR, 3 * DAY, 15 * DAY, 15 * DAY + 1])),
    st.tuples(st.just("answer"), places, st.booleans()),
    st.tuples(st.just("ship"), places),
    st.tuples(st.just("refund"), places),
    st.tuples(st.just("complain"), places, kinds),
    st.tuples(st.just("close"), places, st.sampled_from(["settled", "upheld", "upheld", "dismissed", "withdrawn"])),
)  # fmt: skip
waits = st.one_of(
    st.just(("next",)),
    st.tuples(st.just("past"), st.sampled_from([-1, 1])),
    st.tuples(st.just("wait"), st.sampled_from([0, 1, 7 * HOUR, 12 * HOUR, 24 * HOUR, 3 * DAY])),
)
orders = st.lists(
    st.tuples(
        st.sampled_from(["b1", "b2"]),
        st.sampled_from([990, 5000, 9999, 15010, 40000, 123450]),
        st.sampled_from([0, 10 * HOUR, 24 * HOUR - 1, 24 * HOUR]),
    ),
    min_size=ORDERS,
    max_size=ORDERS,
)


def moment(minutes: int) -> datetime:
    return MIDNIGHT + timedelta(minutes=minutes)


def minutes(instant: datetime | None) -> int | None:
    return None if instant is None else int((instant - MIDNIGHT) / timedelta(minutes=1))


class Machine(RuleBasedStateMachine):
    """Each example has a shop of its own in a transaction that is rolled back."""

    def __init__(self) -> None:
        super().__init__()
        self.unit = transaction.atomic()
        self.unit.__enter__()
        n = next(numbers)
        self.shop = Shop.objects.create(code=f"m{n}", name="m", platform="taobao", created_at=MIDNIGHT)
        self.owner = Actor(self.shop.id, None, "owner", is_owner=True)
        self.now = 0

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.unit.__exit__(None, None, None)

    @initialize(drawn=orders)
    def pay(self, drawn: list[tuple[str, int, int]]) -> None:
        self.model = Model([ModelOrder(*each) for each in drawn])
        self.ids = [
            paid(self.shop.id, n, buyer=buyer, price=str(Decimal(price) / 100), paid_at=moment(at))
            for n, (buyer, price, at) in enumerate(drawn)
        ]
        self.now = 24 * HOUR

    @rule(played=st.lists(events, min_size=4, max_size=24), wait=waits, clock=st.booleans())
    def play(self, played: list[tuple[Any, ...]], wait: tuple[Any, ...], clock: bool) -> None:
        for event in played:
            counts["steps"] += 1
            self.both(event)
        self.pass_time(wait)
        if clock:
            self.compare()

    def pass_time(self, wait: tuple[Any, ...]) -> None:
        """Time passes, often right up to the next due instant or the deadline, or to a minute beside it."""
        due = [order.due for order in self.model.orders if order.due is not None and order.due > self.now]
        due += [order.deadline for order in self.model.orders if order.deadline > self.now and not order.given]
        if wait[0] == "wait":
            self.now += wait[1]
        elif due:
            self.now = max(self.now, min(due) + (wait[1] if wait[0] == "past" else 0))

    def both(self, event: tuple[Any, ...]) -> None:
        """Let it happen here and in the model: both allow it, or both refuse it."""
        order = self.model.orders[event[1]]
        try:
            expected: object = self.modelled(order, *event)
        except Refused:
            expected = Refused
        try:
            with transaction.atomic():
                got: object = self.real(event[0], self.ids[event[1]], order.buyer, *event[2:])
        except Refusal:
            got = Refused
        assert got == expected, (event, self.now)
        counts["allowed"] += got is not Refused

    def modelled(self, order: ModelOrder, act: str, _place: int, *more: Any) -> object:
        if act == "urge":
            return self.model.urge(order, self.now)
        if act == "reply":
            until = self.now + more[1] if more[0] == "ship_later" else None
            return self.model.reply(order, more[0], until, self.now)
        if act == "answer":
            return self.model.answer(order, more[0], self.now)
        if act == "complain":
            return self.model.complain(order, more[0], self.now)
        if act == "close":
            return self.model.close(order, more[0], self.now)
        return self.model.give(order, "shipped" if act == "ship" else "refunded", self.now)

    def real(self, act: str, order: int, name: str, *more: Any) -> object:
        now, buyer = moment(self.now), BuyerActor(self.shop.id, name)
        if act == "urge":
            return tasks.press_urge(buyer, order, now=now).reason
        if act == "reply":
            later, disaster = more[0] == "ship_later", more[0] == "force_majeure"
            tasks.reply(
                self.owner, order, plan="cannot_ship" if disaster else more[0], now=now,
                until=moment(self.now + more[1]) if later else None, reason="force_majeure" if disaster else None,
            )  # fmt: skip
        elif act == "answer":
            tasks.buyer_answer(buyer, order, accept=more[0], now=now)
        elif act == "ship":
            number = next(numbers)
            parcels.ship(self.owner, order_ids=[order], carrier="ZTO", waybill=waybill(number), now=now)
        elif act == "refund":
            if not refunds.succeed(self.owner, order, now=now):
                raise Refusal.of("refund_unpaid")
        elif act == "complain":
            complaints.open_by_buyer(buyer, order, kind=more[0], now=now)
        else:
            self.close(buyer, order, more[0], now)
        return None

    def close(self, buyer: BuyerActor, order: int, how: str, now: datetime) -> None:
        if how == "settled":
            complaints.settle(self.owner, order, now=now)
        elif how == "withdrawn":
            complaints.withdraw(buyer, order, now=now)
        else:
            complaints.adjudicate(PLATFORM, buyer.shop_id, order, verdict=how, now=now)

    def compare(self) -> None:
        """The clock comes; then everything stands as the model says, to the minute and to the fen."""
        tasks.run_due(self.shop.id, now=moment(self.now))
        self.model.clock(self.now)
        for real, order in zip(sql.fetch(STANDING, shop_id=self.shop.id), self.model.orders, strict=True):
            status = {"": "awaiting_shipment", "shipped": "shipped", "refunded": "closed"}[order.given]
            assert real.status == status
            assert minutes(real.deadline) == order.deadline
            assert (real.urge_count, real.tasks) == (order.urges, order.tasks)
            assert (real.state or "none", minutes(real.due_at)) == (order.state, order.due)
            assert real.complaint == (order.complaint if order.complaint != "none" else None)
            assert order.complaint != "open" or real.kind == order.kind
            assert (real.owed, real.points) == (Decimal(order.fen) / 100, order.points)


@pytest.mark.django_db(transaction=True)
def test_the_engine_does_what_the_model_says(monkeypatch: pytest.MonkeyPatch) -> None:
    # the shop and its book never change here; reading them anew for every event would be most of the time
    books: dict[int, ShopBook] = {}
    read = ShopBook.of

    def remembered(shop_id: int) -> ShopBook:
        return books.setdefault(shop_id, read(shop_id)) if shop_id not in books else books[shop_id]

    monkeypatch.setattr(ShopBook, "of", remembered)
    run_state_machine_as_test(
        Machine,
        settings=settings(
            max_examples=EXAMPLES, stateful_step_count=25, deadline=None, derandomize=True,
            suppress_health_check=list(HealthCheck), phases=[Phase.generate],
        ),
    )  # fmt: skip
    assert counts["steps"] >= 150 * EXAMPLES
