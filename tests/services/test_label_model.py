"""Hypothesis plays with labels, numbers, orders and parcels on a real database, against a model that shares no code."""

import itertools
import os
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from fahuo.rules.people import Actor
from fahuo.rules.problems import Problem, Refusal
from fahuo.services import labels, parcels, print_jobs
from fahuo.services.labels import Made
from fahuo.store import print_jobs as store
from fahuo.store import sql
from fahuo.store.models import Order, Printer, Shop
from tests.conftest import NOW
from tests.services.label_model import Model, ModelOrder
from tests.services.labelling import consistent
from tests.services.shipping import make_order, waybill
from tests.services.stocks import buy, make_contract

ORDERS, STOCK = 5, 8
EXAMPLES = int(os.environ.get("FAHUO_MODEL_EXAMPLES", "25"))
fresh = itertools.count(1)
counts = {"steps": 0, "allowed": 0}


places = st.integers(0, ORDERS - 1)
acts = st.one_of(
    st.tuples(st.just("make"), st.lists(places, min_size=1, max_size=4, unique=True), st.booleans()),
    st.tuples(st.just("void"), st.integers(0, 6)),
    st.tuples(st.just("replace"), st.integers(0, 6)),
    st.tuples(st.just("ship"), st.integers(0, 6)),
    st.tuples(st.just("ship"), st.integers(0, 6)),
    st.tuples(st.just("print"), st.integers(0, 6)),
    st.tuples(st.just("answer"), st.integers(0, 6), st.booleans()),
    st.tuples(st.just("by_hand"), places, st.booleans()),
    st.tuples(st.just("take_back"), places),
    st.tuples(st.just("renumber"), places),
    st.tuples(st.just("move"), places, st.integers(0, 2)),
    st.tuples(st.just("refund"), places, st.booleans()),
    st.tuples(st.just("close"), places),
)


class Machine(RuleBasedStateMachine):
    """Each example has a shop of its own in a transaction that is rolled back."""

    def __init__(self) -> None:
        super().__init__()
        self.unit = transaction.atomic()
        self.unit.__enter__()
        n = next(fresh)
        self.shop = Shop.objects.create(code=f"l{n}", name="l", platform="taobao", created_at=NOW)
        self.owner = Actor(self.shop.id, None, "owner", is_owner=True)
        self.now = NOW
        self.spare = itertools.count(1)

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.unit.__exit__(None, None, None)

    @initialize(drawn=st.lists(st.integers(0, 2), min_size=ORDERS, max_size=ORDERS))
    def begin(self, drawn: list[int]) -> None:
        self.ids = [
            make_order(self.shop.id, n, now=NOW, receiver_key=f"r{receiver}", quantities=(1,))
            for n, receiver in enumerate(drawn)
        ]
        contract = make_contract(self.shop.id)
        bought = buy(self.owner, contract, STOCK)
        assert bought.count == STOCK
        self.printer = Printer.objects.create(shop_id=self.shop.id, name="p", kind="raw", created_at=NOW).id
        self.model = Model([ModelOrder(each) for each in drawn], [f"{75330000000501 + n}" for n in range(STOCK)])
        self.real: list[int] = []
        self.jobs: dict[int, int] = {}

    @rule(played=st.lists(acts, min_size=3, max_size=12))
    def play(self, played: list[tuple[Any, ...]]) -> None:
        for act in played:
            self.now += timedelta(minutes=1)
            counts["steps"] += 1
            with transaction.atomic():
                getattr(self, f"do_{act[0]}")(*act[1:])
        self.compare()

    def label(self, n: int) -> int | None:
        """The place of a label among those made, counted from the newest."""
        return len(self.real) - 1 - n % len(self.real) if self.real else None

    def learn(self, outcome: Made | Problem) -> str:
        if isinstance(outcome, Problem):
            return "no"
        if outcome.label_id not in self.real:
            self.real.append(outcome.label_id)
        return outcome.waybill

    def do_make(self, asked: list[int], merge: bool) -> None:
        expected = self.model.make(asked, merge)
        made = labels.make(self.owner, [self.ids[place] for place in asked], merge=merge, now=self.now)
        assert [self.learn(each) for each in made] == expected
        counts["allowed"] += any(each != "no" for each in expected)

    def do_void(self, n: int) -> None:
        at = self.label(n)
        if at is not None:
            expected = self.model.void(self.model.labels[at])
            outcome = labels.void(self.owner, [self.real[at]], reason="试", now=self.now)[0]
            assert (outcome == self.real[at]) == expected
            counts["allowed"] += expected

    def do_replace(self, n: int) -> None:
        at = self.label(n)
        if at is not None:
            expected = self.model.replace(self.model.labels[at])
            assert self.learn(labels.replace(self.owner, [self.real[at]], reason="试", now=self.now)[0]) == expected
            counts["allowed"] += expected != "no"

    def do_ship(self, n: int) -> None:
        at = self.label(n)
        if at is not None:
            expected = self.model.ship(self.model.labels[at])
            outcome = labels.ship(self.owner, [self.real[at]], now=self.now)[0]
            assert isinstance(outcome, int) == expected, outcome
            counts["allowed"] += expected

    def do_print(self, n: int) -> None:
        """The label is put in line and taken by a worker, who then dies."""
        at = self.label(n)
        if at is None:
            return
        label = self.model.labels[at]
        expected = not label.doubtful and not self.model.blocked(label)
        queued = print_jobs.make(self.owner, [self.real[at]], printer_id=self.printer, reason="试", now=self.now)
        assert (queued.job_id is not None) == expected, queued
        if queued.job_id is not None:
            job = store.lock(self.shop.id, queued.job_id)
            waiting = store.documents(self.shop.id, queued.job_id, ("waiting",))
            assert len(print_jobs.take(job, waiting, now=self.now)) == 1
            label.sent = label.doubtful = True
            self.jobs[at] = queued.job_id
            counts["allowed"] += 1

    def do_answer(self, n: int, came_out: bool) -> None:
        at = self.label(n)
        if at not in self.jobs:
            return
        label = self.model.labels[at]
        job = self.jobs.pop(at)
        assert print_jobs.answer(self.owner, job, came_out=came_out, now=self.now) == 1
        label.doubtful = False
        if came_out and label.state == "made":
            label.state = "printed"
        if not came_out:
            print_jobs.cancel(self.owner, job, now=self.now)

    def do_by_hand(self, place: int, own: bool) -> None:
        paper = self.model.orders[place].paper
        number = paper.number if own and paper else waybill(next(self.spare))
        expected = self.model.by_hand(place, number)
        try:
            with transaction.atomic():
                parcels.ship(self.owner, order_ids=[self.ids[place]], carrier="ZTO", waybill=number, now=self.now)
            done = True
        except Refusal:
            done = False
        assert done == expected

    def parcel(self, place: int) -> int | None:
        found = sql.fetch(
            "SELECT p.id FROM parcels p WHERE p.shop_id = %(shop_id)s AND p.waybill = %(waybill)s AND p.voided_at IS NULL",
            shop_id=self.shop.id, waybill=self.model.orders[place].parcel,
        )  # fmt: skip
        return found[0].id if found and self.model.orders[place].parcel else None

    def do_take_back(self, place: int) -> None:
        parcel = self.parcel(place)
        if parcel is not None:
            self.model.take_back(self.model.orders[place].parcel)
            parcels.void(self.owner, parcel, now=self.now)

    def do_renumber(self, place: int) -> None:
        parcel = self.parcel(place)
        if parcel is not None:
            number = waybill(next(self.spare))
            self.model.renumber(self.model.orders[place].parcel, number)
            parcels.correct(self.owner, parcel, carrier="ZTO", waybill=number, now=self.now)

    def do_move(self, place: int, receiver: int) -> None:
        self.model.orders[place].receiver = receiver
        self.change(place, receiver_key=f"r{receiver}")

    def do_refund(self, place: int, requested: bool) -> None:
        self.model.orders[place].refund = requested
        self.change(place, refund_status="requested" if requested else "none")

    def do_close(self, place: int) -> None:
        """The marketplace closed an order that waits (as an import would write it)."""
        if self.model.orders[place].status == "waiting":
            self.model.orders[place].status = "closed"
            before = Order.objects.get(shop_id=self.shop.id, id=self.ids[place]).status
            self.change(place, status="closed")
            sql.run(CLOSE, shop_id=self.shop.id, order_id=self.ids[place], before=before)

    def change(self, place: int, **fields: object) -> None:
        Order.objects.filter(shop_id=self.shop.id, id=self.ids[place]).update(**fields)

    def compare(self) -> None:
        consistent(self.shop.id)
        rows = {row.id: row for row in sql.fetch(LABELS, shop_id=self.shop.id)}
        for real, label in zip(self.real, self.model.labels, strict=True):
            row = rows.pop(real)
            assert (row.waybill, row.state) == (label.number, label.state)
            assert label.state == "voided" or row.orders == [self.ids[place] for place in sorted(label.orders)]
        assert rows == {}
        numbers = sql.fetch(NUMBERS, shop_id=self.shop.id)
        assert [row.number for row in numbers if row.state == "free"] == self.model.free
        assert {row.number for row in numbers if row.state == "voided"} == self.model.voided
        for n, order in zip(self.ids, self.model.orders, strict=True):
            status = {"waiting": "awaiting_shipment"}.get(order.status, order.status)
            assert Order.objects.get(shop_id=self.shop.id, id=n).status == status


LABELS = """
SELECT l.id, l.waybill, l.state, (SELECT array_agg(h.order_id ORDER BY h.order_id) FROM label_orders h
    WHERE h.shop_id = %(shop_id)s AND h.label_id = l.id AND h.voided_at IS NULL) AS orders
FROM labels l WHERE l.shop_id = %(shop_id)s
"""
NUMBERS = "SELECT number, state FROM waybill_numbers WHERE shop_id = %(shop_id)s ORDER BY id"
CLOSE = """
WITH gone AS (DELETE FROM backlog WHERE shop_id = %(shop_id)s AND order_id = %(order_id)s)
INSERT INTO order_tally (shop_id, status, delta) VALUES (%(shop_id)s, %(before)s, -1), (%(shop_id)s, 'closed', 1)
"""


@pytest.mark.django_db(transaction=True)
def test_labels_do_what_the_model_says() -> None:
    run_state_machine_as_test(
        Machine,
        settings=settings(
            max_examples=EXAMPLES, stateful_step_count=15, deadline=None, derandomize=True,
            suppress_health_check=list(HealthCheck), phases=[Phase.generate],
        ),
    )  # fmt: skip
    assert counts["steps"] >= 40 * EXAMPLES
    assert counts["allowed"] >= counts["steps"] // 6
