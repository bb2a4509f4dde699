"""The set statement: it agrees with the rules, touches no index of `orders`, and random work leaves all books agreeing."""

from datetime import datetime, timedelta
from decimal import Decimal
from itertools import product
from types import SimpleNamespace

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from fahuo.rules.orders import ORDER_STATUSES, REFUND_STATUSES
from fahuo.rules.parcels import CarrierScan, why_not_ship
from fahuo.rules.people import Actor
from fahuo.rules.problems import Refusal
from fahuo.services import batches, parcels
from fahuo.store import arrays, sql
from fahuo.store import parcels as store
from fahuo.store.models import Order, OrderLine, Parcel, Shop
from tests.conftest import NOW
from tests.services.shipping import agree, line_ids, make_order, waybill


@pytest.mark.django_db
def test_the_statement_ships_exactly_what_the_rule_lets_go(owner: Actor, now: datetime) -> None:
    amounts = (Decimal("0.00"), Decimal("3.00"), Decimal("10.00"))
    cases = list(product(ORDER_STATUSES, REFUND_STATUSES, amounts, REFUND_STATUSES, (False, True)))
    loads = {False: store.Load(), True: store.Load()}
    expected = set()
    for n, (status, refund, amount, line_refund, force) in enumerate(cases):
        order_id = make_order(
            owner.shop_id, n, now=now, status=status, refund_status=refund, refund_amount=amount, quantities=(1,)
        )
        OrderLine.objects.filter(shop_id=owner.shop_id, order_id=order_id).update(refund_status=line_refund)
        load = loads[force]
        load.order(order_id, load.parcel("ZTO", waybill(n)))
        facts = SimpleNamespace(
            number="", status=status, refund_status=refund, refund_amount=amount, paid_amount=Decimal(10),
            line_refunding=line_refund in {"requested", "agreed"},
        )  # fmt: skip
        if why_not_ship(facts, force=force) is None:
            expected.add(order_id)
    counted = sum(store.ship(owner, load, now=now, force=force).count for force, load in loads.items())
    moved = set(Order.objects.filter(shop_id=owner.shop_id, shipped_at=now).values_list("id", flat=True))
    assert moved == expected
    assert counted == len(expected)


def test_no_index_of_orders_covers_what_shipping_changes() -> None:
    changed = {"status", "shipped_at", "updated_at"}
    for index in Order._meta.indexes:
        assert not changed & {name.lstrip("-") for name in index.fields}
        assert not changed & set(str(index.condition).replace("'", " ").split())


@pytest.mark.django_db
def test_shipping_with_room_in_the_page_is_hot(owner: Actor, now: datetime) -> None:
    order = make_order(owner.shop_id, 1, now=now)
    before = sql.fetch("SELECT (ctid::text::point)[0] AS page FROM orders WHERE shop_id = %(s)s", s=owner.shop_id)[0]
    parcels.ship(owner, order_ids=[order], carrier="ZTO", waybill=waybill(1), now=now)
    after = sql.fetch("SELECT (ctid::text::point)[0] AS page FROM orders WHERE shop_id = %(s)s", s=owner.shop_id)[0]
    assert after.page == before.page


def test_arrays_are_quoted_where_they_must_be() -> None:
    assert arrays.ids([]) == "{}"
    assert arrays.ids([3, 1]) == "{3,1}"
    assert arrays.texts(["a1", "B2"]) == "{a1,B2}"
    for odd in (["a,b"], ["null"], [""], ['"'], ["a", "x}"]):
        assert arrays.texts(odd) == odd


# ---- chance -------------------------------------------------------------------------------------------------------

ORDERS = 6
KEYS = ("north", "south")


class Desk(RuleBasedStateMachine):
    """Ship, part, merge, void, correct, scan, batch and undo at random; a plain model says what must be the outcome.

    The model: of each order's lines how much each living parcel holds; which number each living parcel has.
    """

    @initialize()
    def open(self) -> None:
        self.clock = NOW
        self.shop = Shop.objects.create(
            code=f"desk{Shop.objects.count()}", name="desk", platform="taobao", created_at=NOW
        )
        self.actor = Actor(self.shop.id, None, "chance", is_owner=True)
        self.orders: list[int] = []
        self.lines: dict[int, dict[int, int]] = {}
        self.key: dict[int, str] = {}
        for n in range(ORDERS):
            order = make_order(self.shop.id, n, now=NOW, quantities=(2, 1), receiver_key=KEYS[n % 2])
            self.orders.append(order)
            self.lines[order] = dict(zip(line_ids(self.shop.id, order), (2, 1), strict=True))
            self.key[order] = KEYS[n % 2]
        self.held: dict[int, dict[int, dict[int, int]]] = {}
        self.number: dict[int, int] = {}
        self.scanned: set[int] = set()
        self.batches: list[int] = []

    def left(self, order: int) -> dict[int, int]:
        rest = dict(self.lines[order])
        for content in self.held.values():
            for line, quantity in content.get(order, {}).items():
                rest[line] -= quantity
        return {line: quantity for line, quantity in rest.items() if quantity}

    def ship(self, orders: list[int], n: int, lines: dict[int, int] | None) -> None:
        wanted = {order: self.left(order) if lines is None else lines for order in orders}
        again = [p for p, used in self.number.items() if used == n and set(self.held[p]) == set(orders)]
        # A parcel that took whole orders has no lines of its own; asking for it without lines finds it again.
        fine = (
            n not in self.number.values()
            and len({self.key[order] for order in orders}) == 1
            and all(self.left(order) for order in orders)
            and all(
                quantity <= self.left(order).get(line, 0)
                for order in orders
                for line, quantity in wanted[order].items()
            )
        )
        try:
            parcel = parcels.ship(
                self.actor, order_ids=orders, carrier="ZTO", waybill=waybill(n), now=self.clock, lines=lines
            )
        except Refusal:
            assert not fine
            # What is left of an order needs a number of its own; the parts that left before keep theirs.
            assert not (again and lines is None and not any(map(self.left, orders)))
            return
        if again:
            assert parcel == again[0]
            return
        assert fine
        self.held[parcel] = wanted
        self.number[parcel] = n

    @rule(which=st.integers(0, ORDERS - 1), n=st.integers(0, 7))
    def ship_one(self, which: int, n: int) -> None:
        self.ship([self.orders[which]], n, None)

    @rule(which=st.lists(st.integers(0, ORDERS - 1), min_size=2, max_size=3, unique=True), n=st.integers(0, 7))
    def merge(self, which: list[int], n: int) -> None:
        self.ship(sorted(self.orders[one] for one in which), n, None)

    @rule(which=st.integers(0, ORDERS - 1), n=st.integers(0, 7), line=st.integers(0, 1), quantity=st.integers(1, 2))
    def part(self, which: int, n: int, line: int, quantity: int) -> None:
        order = self.orders[which]
        self.ship([order], n, {list(self.lines[order])[line]: quantity})

    @precondition(lambda self: self.held)
    @rule(data=st.data())
    def void(self, data: st.DataObject) -> None:
        parcel = data.draw(st.sampled_from(sorted(self.held)))
        try:
            parcels.void(self.actor, parcel, now=self.clock)
        except Refusal:
            assert parcel in self.scanned
            return
        assert parcel not in self.scanned
        del self.held[parcel], self.number[parcel]

    @precondition(lambda self: self.held)
    @rule(data=st.data(), n=st.integers(0, 7))
    def correct(self, data: st.DataObject, n: int) -> None:
        parcel = data.draw(st.sampled_from(sorted(self.held)))
        free = n not in self.number.values() or self.number[parcel] == n
        try:
            parcels.correct(self.actor, parcel, carrier="ZTO", waybill=waybill(n), now=self.clock)
        except Refusal:
            assert parcel in self.scanned or not free
            return
        assert parcel not in self.scanned
        assert free
        self.number[parcel] = n

    @precondition(lambda self: self.held)
    @rule(data=st.data())
    def scan(self, data: st.DataObject) -> None:
        parcel = data.draw(st.sampled_from(sorted(self.held)))
        scan = CarrierScan("ZTO", waybill(self.number[parcel]), "picked_up", self.clock)
        assert parcels.record_scans(self.actor, [scan], now=self.clock) == 1
        self.scanned.add(parcel)

    @rule(which=st.lists(st.integers(0, ORDERS - 1), min_size=1, max_size=4, unique=True), first=st.integers(0, 7))
    def batch(self, which: list[int], first: int) -> None:
        chosen = [self.orders[one] for one in which]
        batch = batches.open_shipments(self.actor, order_ids=chosen, now=self.clock)
        waiting = [order for order in chosen if self.left(order)]
        if not waiting:
            return
        batches.fill_from_run(self.actor, batch, carrier="ZTO", first=waybill(first), now=self.clock)
        assert batches.work(self.shop.id, batch, now=self.clock)
        batches.commit(self.actor, batch, now=self.clock)
        assert batches.work(self.shop.id, batch, now=self.clock)
        self.batches.append(batch)
        made = {p.waybill: p.id for p in Parcel.objects.filter(shop_id=self.shop.id, batch_id=batch)}
        for place, order in enumerate(waiting):
            n = first + place
            free = n not in self.number.values()
            assert (waybill(n) in made) == free
            if free:
                self.held[made[waybill(n)]] = {order: self.left(order)}
                self.number[made[waybill(n)]] = n

    @precondition(lambda self: self.batches)
    @rule(data=st.data())
    def undo(self, data: st.DataObject) -> None:
        batch = data.draw(st.sampled_from(self.batches))
        mine = set(
            Parcel.objects.filter(shop_id=self.shop.id, batch_id=batch, voided_at=None).values_list("id", flat=True)
        )
        try:
            batches.undo(self.actor, batch, now=self.clock)
        except Refusal:
            assert mine & self.scanned
            return
        assert not mine & self.scanned
        self.batches.remove(batch)
        for parcel in mine:
            del self.held[parcel], self.number[parcel]

    @invariant()
    def books_agree(self) -> None:
        if not hasattr(self, "held"):
            return
        self.clock += timedelta(minutes=1)
        agree(self.shop.id)
        living = Parcel.objects.filter(shop_id=self.shop.id, voided_at=None)
        assert dict(living.values_list("id", "waybill")) == {p: waybill(n) for p, n in self.number.items()}
        for order in Order.objects.filter(shop_id=self.shop.id):
            holds = any(order.id in content for content in self.held.values())
            left = self.left(order.id)
            assert order.status == ("shipped" if not left else "part_shipped" if holds else "awaiting_shipment")


class TestDesk(TestCase):
    """Each example in its own transaction."""

    def test_any_sequence_of_work_leaves_the_books_agreeing(self) -> None:
        run_state_machine_as_test(
            Desk,
            settings=settings(
                max_examples=25, stateful_step_count=20, deadline=None, suppress_health_check=list(HealthCheck)
            ),
        )
