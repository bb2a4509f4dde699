"""Hypothesis lists, removes, signs and cancels on a real database, against a model that shares no code with the product."""

import itertools
import os
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from fahuo.rules.people import Actor
from fahuo.rules.problems import Refusal
from fahuo.services import pickups, station
from fahuo.store import sql
from fahuo.store.models import Label, Order, Shop
from tests.services.parcelling import make_contract, make_label
from tests.services.shipping import agree, order_number, waybill

NOON = datetime.fromisoformat("2026-03-02T12:00:00+08:00")
PARCELS = 8
"""Half of them by each of two contracts; those of the second are submitted when they are packed."""
PICKUPS = 4
EXAMPLES = int(os.environ.get("FAHUO_MODEL_EXAMPLES", "40"))
shops = itertools.count(1)
seen: set[str] = set()
"""What came of acts, to be sure that the interesting happened."""


@dataclass(eq=False)
class ModelParcel:
    contract: int
    packed: bool = False
    shipped: bool = False
    refunding: bool = False
    gone: bool = False
    """Handed over."""
    pickup: int | None = None


@dataclass
class ModelPickup:
    contract: int
    status: str = "called"
    count: int | None = None


@dataclass
class Model:
    parcels: list[ModelParcel]
    pickups: list[ModelPickup] = field(default_factory=list)

    def on(self, pickup: int) -> list[ModelParcel]:
        return [parcel for parcel in self.parcels if parcel.pickup == pickup and not parcel.gone]

    def living(self, pickup: int) -> bool:
        return self.pickups[pickup].status in ("called", "open")

    def fits(self, parcel: ModelParcel, pickup: int) -> bool:
        right = parcel.contract == self.pickups[pickup].contract and not parcel.gone and not parcel.refunding
        return right and parcel.pickup in (None, pickup)

    def add(self, n: int, pickup: int) -> str:
        if not self.living(pickup):
            return "refused"
        self.pickups[pickup].status = "open"
        parcel = self.parcels[n]
        if not self.fits(parcel, pickup):
            return "wrong"
        new = parcel.pickup is None
        parcel.pickup = pickup
        return "new" if new else "there"

    def fill(self, pickup: int) -> str:
        if not self.living(pickup):
            return "refused"
        self.pickups[pickup].status = "open"
        fits = [
            parcel for parcel in self.parcels
            if parcel.packed and parcel.pickup is None and self.fits(parcel, pickup)
        ]  # fmt: skip
        for parcel in fits:
            parcel.pickup = pickup
        return str(len(fits))

    def remove(self, n: int, pickup: int) -> str:
        if not self.living(pickup):
            return "refused"
        there = self.parcels[n].pickup == pickup
        if there:
            self.parcels[n].pickup = None
        return "1" if there else "0"

    def sign(self, pickup: int, count: int, missing: list[int]) -> str:
        known = self.pickups[pickup]
        if known.status == "signed":
            return "again" if known.count == count else "refused"
        listed = self.on(pickup)
        left = [parcel for parcel in listed if parcel not in [self.parcels[n] for n in missing]]
        named = all(self.parcels[n].pickup == pickup and not self.parcels[n].gone for n in missing)
        if known.status == "cancelled" or not named or any(parcel.refunding for parcel in left):
            return "refused"
        if not left or len(left) != count or known.status != "open":
            return "refused"
        for parcel in listed:
            if parcel in left:
                parcel.gone = parcel.shipped = True
            else:
                parcel.pickup = None
        known.status, known.count = "signed", count
        return "signed"

    def cancel(self, pickup: int) -> str:
        known = self.pickups[pickup]
        if known.status == "signed":
            return "refused"
        freed = self.on(pickup) if known.status != "cancelled" else []
        for parcel in freed:
            parcel.pickup = None
        known.status = "cancelled"
        return str(len(freed))


places, which = st.integers(0, PARCELS - 1), st.integers(0, PICKUPS - 1)


class Machine(RuleBasedStateMachine):
    """Each example has a shop of its own in a transaction that is rolled back."""

    def __init__(self) -> None:
        super().__init__()
        self.unit = transaction.atomic()
        self.unit.__enter__()
        self.shop = Shop.objects.create(code=f"manifest{next(shops)}", name="m", platform="taobao", created_at=NOON)
        self.owner = Actor(self.shop.id, None, "owner", is_owner=True)
        self.now = NOON

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.unit.__exit__(None, None, None)

    @initialize()
    def begin(self) -> None:
        both = [
            make_contract(self.shop.id, name=name, ships_at=ships_at, now=NOON)
            for name, ships_at in (("甲", "pickup"), ("乙", "packed"))
        ]
        self.model = Model([ModelParcel(n % 2) for n in range(PARCELS)])
        self.labels = [make_label(self.owner, both[n % 2], n + 1, now=NOON).id for n in range(PARCELS)]
        self.pickups = []
        for n in range(PICKUPS):
            at = NOON + timedelta(hours=n + 1)
            self.pickups.append(pickups.call(self.owner, both[n % 2].id, at=at, now=NOON))
            self.model.pickups.append(ModelPickup(n % 2))

    def number(self, n: int) -> str:
        return waybill(n + 1)

    def both(self, act: str, real: object, expected: str) -> None:
        seen.add(f"{act} {expected}" if not expected.isdigit() else f"{act} {'some' if int(expected) else 'none'}")
        try:
            with transaction.atomic():
                got = str(real())  # type: ignore[operator]
        except Refusal:
            got = "refused"
        assert got == expected, (act, got, expected)

    @rule(n=places)
    def pack(self, n: int) -> None:
        parcel = self.model.parcels[n]
        if parcel.packed or parcel.gone or parcel.refunding:
            return
        station.pack(self.owner, self.labels[n], now=self.now)
        parcel.packed = True
        parcel.shipped = parcel.shipped or parcel.contract == 1

    @rule(n=places, wants=st.booleans())
    def refund(self, n: int, wants: bool) -> None:
        Order.objects.filter(shop_id=self.shop.id, number=order_number(n + 1)).update(
            refund_status="requested" if wants else "refused"
        )
        self.model.parcels[n].refunding = wants

    @rule(ns=st.lists(places, min_size=1, max_size=5, unique=True), k=which)
    def add(self, ns: list[int], k: int) -> None:
        for n in ns:
            self.both("add", lambda n=n: self.one_added(n, k), self.model.add(n, k))

    def one_added(self, n: int, k: int) -> str:
        (one,) = pickups.add(self.owner, self.pickups[k], [self.number(n)], now=self.now)
        return "wrong" if one.problem else "new" if one.new else "there"

    @rule(k=which)
    def fill(self, k: int) -> None:
        self.both(
            "fill", lambda: pickups.add_packed(self.owner, self.pickups[k], now=self.now).count, self.model.fill(k)
        )

    @rule(n=places, k=which)
    def remove(self, n: int, k: int) -> None:
        self.both(
            "remove", lambda: pickups.remove(self.owner, self.pickups[k], [self.number(n)], now=self.now),
            self.model.remove(n, k) if not self.model.parcels[n].gone or not self.model.living(k) else "0",
        )  # fmt: skip

    @rule(
        k=which,
        off=st.sampled_from([0, 0, 0, 1, -1]),
        missing=st.sets(places, max_size=2),
        named=st.sampled_from([True, True, True, False]),
    )
    def sign(self, k: int, off: int, missing: set[int], named: bool) -> None:
        self.now += timedelta(minutes=1)
        listed = [n for n in missing if self.model.parcels[n].pickup == k and not self.model.parcels[n].gone]
        gone = listed if named else sorted(missing)
        known = self.model.pickups[k]
        there = (
            known.count
            if known.status == "signed" and known.count
            else len(self.model.on(k)) - len(listed if gone else [])
        )
        count = max(there + off, 0)

        def real() -> str:
            done = pickups.sign(
                self.owner,
                self.pickups[k],
                count=count,
                courier="王",
                missing=[self.number(n) for n in gone],
                now=self.now,
            )
            return "again" if done.again else "signed"

        self.both("sign", real, self.model.sign(k, count, gone))

    @rule(k=which, rarely=st.integers(0, 2))
    def cancel(self, k: int, rarely: int) -> None:
        if rarely:
            return
        self.both("cancel", lambda: pickups.cancel(self.owner, self.pickups[k], now=self.now), self.model.cancel(k))

    @invariant()
    def stands_as_the_model_says(self) -> None:
        if not hasattr(self, "pickups") or len(self.pickups) < PICKUPS:
            return
        labels = {label.id: label for label in Label.objects.filter(shop_id=self.shop.id)}
        rows = sql.fetch(
            "SELECT label_id, pickup_id FROM pickup_parcels WHERE shop_id = %(shop_id)s", shop_id=self.shop.id
        )
        listed = {row.label_id: row.pickup_id for row in rows}
        assert len(listed) == len(rows)
        for label_id, parcel in zip(self.labels, self.model.parcels, strict=True):
            label = labels[label_id]
            assert (label.packed_at is not None) == parcel.packed
            assert (label.state == "shipped") == parcel.shipped
            assert (label.handed_over_at is not None) == parcel.gone
            assert listed.get(label_id) == (None if parcel.pickup is None else self.pickups[parcel.pickup])
        agree(self.shop.id)


@pytest.mark.django_db(transaction=True)
def test_a_manifest_does_what_the_model_says() -> None:
    run_state_machine_as_test(
        Machine,
        settings=settings(
            max_examples=EXAMPLES, stateful_step_count=40, deadline=None, derandomize=True,
            suppress_health_check=list(HealthCheck), phases=[Phase.generate],
        ),
    )  # fmt: skip
    assert seen >= {
        "add new", "add there", "add wrong", "add refused", "fill some", "fill none", "remove some", "remove none",
        "remove refused", "sign signed", "sign again", "sign refused", "cancel some", "cancel none",
    }  # fmt: skip
