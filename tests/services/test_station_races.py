"""Several people at the bench and at the door at once, and one whose process is killed while the courier signs."""

import os
import random
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from fahuo.rules.people import Actor
from fahuo.rules.problems import Refusal
from fahuo.services import pickups, station
from fahuo.store.models import JournalEntry, Label, Parcel, Pickup, PickupParcel, Shop
from tests.conftest import NOW, make_account
from tests.services.parcelling import make_contract, make_labels
from tests.services.shipping import agree, waybill
from tests.services.test_batches import this_database
from tests.services.test_shipment_races import at_once

SCRIPT = Path(__file__).parent / "sign_process.py"


@pytest.fixture
def owner(transactional_db: None) -> Actor:
    shop = Shop.objects.create(code="many", name="many", platform="taobao", created_at=NOW)
    return make_account(shop, "many", is_owner=True).actor


def people(owner: Actor, count: int) -> list[Actor]:
    shop = Shop.objects.get(id=owner.shop_id)
    return [make_account(shop, f"packer{n}", permissions=("ship",)).actor for n in range(count)]


def test_four_people_pack_the_same_labels_and_each_is_packed_once(owner: Actor) -> None:
    contract = make_contract(owner.shop_id, ships_at="packed", now=NOW)
    made = [label.id for label in make_labels(owner, contract, range(1, 31), now=NOW, state="printed")]
    refused: Counter[str] = Counter()

    def packs(actor: Actor, seed: int) -> Callable[[], object]:
        mine = random.Random(seed).sample(made, len(made))

        def work() -> None:
            for label_id in mine:
                try:
                    station.pack(actor, label_id, grams=300, now=NOW)
                except Refusal as refusal:
                    refused[refusal.problems[0].code] += 1

        return work

    assert at_once([packs(actor, n) for n, actor in enumerate(people(owner, 4))]) == []
    assert set(refused) == {"label_packed"}
    assert sum(refused.values()) == 3 * len(made)
    assert JournalEntry.objects.filter(shop_id=owner.shop_id, act="label.packed").count() == len(made)
    assert Parcel.objects.filter(shop_id=owner.shop_id, voided_at=None).count() == len(made)
    assert not Label.objects.filter(shop_id=owner.shop_id).exclude(state="shipped").exists()
    agree(owner.shop_id)


def test_packing_and_taking_back_at_once_ends_in_one_of_both(owner: Actor) -> None:
    contract = make_contract(owner.shop_id, ships_at="packed", now=NOW)
    made = [label.id for label in make_labels(owner, contract, range(1, 16), now=NOW, state="printed")]
    packer, other = people(owner, 2)
    for label_id in made:
        station.pack(packer, label_id, now=NOW)

    def back() -> None:
        for label_id in made:
            station.undo(other, label_id=label_id, now=NOW)

    def again() -> None:
        for label_id in reversed(made):
            station.pack(packer, label_id, now=NOW)

    assert at_once([back, again]) == []
    for label in Label.objects.filter(shop_id=owner.shop_id):
        assert (label.state == "shipped") == (label.packed_at is not None) == (label.parcel_id is not None)
    agree(owner.shop_id)


def test_two_manifests_share_no_number(owner: Actor) -> None:
    contract = make_contract(owner.shop_id, now=NOW)
    make_labels(owner, contract, range(1, 41), now=NOW)
    both = [pickups.call(owner, contract.id, at=NOW + timedelta(hours=n), now=NOW) for n in (1, 2)]
    acts: list[Callable[[], object]] = [lambda k=k: pickups.add_packed(owner, k, now=NOW) for k in both]  # type: ignore[misc]
    acts += [lambda k=k: pickups.add(owner, k, [waybill(n) for n in range(40, 0, -1)], now=NOW) for k in both]  # type: ignore[misc]
    assert at_once(acts) == []
    rows = PickupParcel.objects.filter(shop_id=owner.shop_id)
    assert sorted(rows.values_list("waybill", flat=True)) == [waybill(n) for n in range(1, 41)]


@pytest.mark.parametrize("couriers", [("王师傅", "王师傅", "王师傅"), ("王师傅", "李师傅")])
def test_a_pickup_is_signed_once(owner: Actor, couriers: tuple[str, ...]) -> None:
    contract = make_contract(owner.shop_id, now=NOW)
    make_labels(owner, contract, range(1, 21), now=NOW)
    pickup = pickups.call(owner, contract.id, at=NOW, now=NOW)
    pickups.add_packed(owner, pickup, now=NOW)
    done: list[pickups.Signed] = []

    def sign(courier: str) -> Callable[[], object]:
        return lambda: done.append(pickups.sign(owner, pickup, count=20, courier=courier, now=NOW))

    assert at_once([sign(name) for name in couriers]) == []
    assert [each.again for each in done].count(False) == 1
    assert len(done) == (len(couriers) if len(set(couriers)) == 1 else 1)
    assert Pickup.objects.get(shop_id=owner.shop_id, id=pickup).signed_count == 20
    assert JournalEntry.objects.filter(shop_id=owner.shop_id, act="parcel.handed_over").count() == 20
    assert JournalEntry.objects.filter(shop_id=owner.shop_id, act="pickup.signed").count() == 1
    agree(owner.shop_id)


def test_who_is_listed_while_the_courier_signs_is_signed_for_or_stays(owner: Actor) -> None:
    contract = make_contract(owner.shop_id, now=NOW)
    make_labels(owner, contract, range(1, 21), now=NOW)
    pickup = pickups.call(owner, contract.id, at=NOW, now=NOW)
    pickups.add(owner, pickup, [waybill(n) for n in range(1, 11)], now=NOW)

    def scan() -> None:
        for n in range(11, 21):
            pickups.add(owner, pickup, [waybill(n)], now=NOW)

    assert at_once([scan, lambda: pickups.sign(owner, pickup, count=10, courier="王师傅", now=NOW)]) == []
    signed = Pickup.objects.get(shop_id=owner.shop_id, id=pickup).status == "signed"
    rows = PickupParcel.objects.filter(shop_id=owner.shop_id)
    gone = Label.objects.filter(shop_id=owner.shop_id, handed_over_at__isnull=False)
    assert gone.count() == (10 if signed else 0)
    assert rows.filter(signed_at__isnull=False).count() == gone.count()


def test_a_signing_that_is_killed_happened_whole_or_not_at_all(owner: Actor) -> None:
    contract, draw = make_contract(owner.shop_id, now=NOW), random.Random(5)
    make_labels(owner, contract, range(1, 201), now=NOW)
    pickup = pickups.call(owner, contract.id, at=NOW, now=NOW)
    pickups.add_packed(owner, pickup, now=NOW)
    asked = [sys.executable, "-W", "ignore", str(SCRIPT), str(owner.shop_id), str(pickup), "200", NOW.isoformat()]
    killed = 0
    for _ in range(40):
        signer = subprocess.Popen(
            asked, text=True, stdout=subprocess.PIPE, env={**os.environ, "DATABASE_URL": this_database()}
        )
        assert signer.stdout is not None
        assert signer.stdout.readline() == "begin\n"
        time.sleep(draw.uniform(0, 0.15))
        signer.kill()
        said = signer.communicate()[0]
        status = Pickup.objects.get(shop_id=owner.shop_id, id=pickup).status
        gone = Label.objects.filter(shop_id=owner.shop_id, handed_over_at__isnull=False, state="shipped").count()
        assert (status, gone) in (("open", 0), ("signed", 200))
        assert status == "signed" or not said
        killed += status == "open"
        if status == "signed" or killed == 5:
            break
    assert killed, "it was never caught at work"
    done = pickups.sign(owner, pickup, count=200, courier="王师傅", now=NOW)
    assert done.count == 200
    assert JournalEntry.objects.filter(shop_id=owner.shop_id, act="parcel.handed_over").count() == 200
    agree(owner.shop_id)
