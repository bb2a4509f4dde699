"""A courier is called by the contract's service: once, whatever the network does; and called off with the pickup."""

import json
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl

import pytest

from fahuo.connectors.carriers import services
from fahuo.connectors.carrying import Booking
from fahuo.rules.carrying import PATIENCE
from fahuo.rules.labels import Party
from fahuo.rules.people import Actor
from fahuo.rules.problems import Refusal
from fahuo.services import carriers, pickup_calls, pickups
from fahuo.store.models import CarrierCall, JournalEntry, PickupCall
from tests.carriers.carrier import CARRIER, FAULTS, FakeCarrier, Fault
from tests.carriers.desk import Desk
from tests.carriers.test_conformance import settings
from tests.conftest import NOW

CALLERS = ("sf", "kdniao")
SOON = timedelta(hours=3)


def call_of(desk: Desk) -> PickupCall:
    return PickupCall.objects.get(shop_id=desk.actor.shop_id)


def called(desk: Desk) -> int:
    return pickups.call(desk.actor, desk.contract.id, at=desk.at + SOON, now=desk.at)


@pytest.mark.parametrize("kind", CALLERS)
def test_a_pickup_is_called_for_and_called_off(kind: str, owner: Actor) -> None:
    desk = Desk(owner, kind)
    pickup = called(desk)
    assert called(desk) == pickup
    assert call_of(desk).state == "waiting"
    desk.round()
    assert (call_of(desk).state, desk.fake.called) == ("done", [f"FP{owner.shop_id}-{pickup}"])
    desk.round(5)
    assert len(desk.fake.called) == 1
    pickups.cancel(owner, pickup, now=desk.at)
    assert call_of(desk).state == "cancelling"
    desk.round(1)
    assert (call_of(desk).state, desk.fake.called_off) == ("cancelled", set(desk.fake.called))
    acts = list(CarrierCall.objects.filter(shop_id=owner.shop_id).order_by("id").values_list("act", "heard"))
    assert [act for act in acts if act[0] in ("pickup", "call_off")] == [("pickup", "done"), ("call_off", "done")]


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("kind", CALLERS)
def test_one_courier_comes_whatever_the_network_does(kind: str, fault: Fault, owner: Actor) -> None:
    """A bad answer to the call, and to the search or repeat after it: he is called once, or a person is told to look."""
    desk = Desk(owner, kind)
    pickup = called(desk)
    desk.fake.schedule([fault, fault])
    for _ in range(4):
        desk.round(5)
    row = call_of(desk)
    assert len(desk.fake.called) == 1
    if row.state != "done":  # Kdniao's refusal of a repeat cannot be told from another
        why = "carrier_refused" if fault == "twice" else "pickup_asked_before"
        assert (kind, row.state, row.problem and row.problem["code"]) == ("kdniao", "refused", why)
        assert pickup_calls.settled(owner, pickup, now=desk.at)


def test_who_stands_at_the_door_and_whom_no_service_can_call_are_not_asked_for(owner: Actor) -> None:
    desk = Desk(owner, "sf")
    pickups.begin(owner, pickups.call(owner, desk.contract.id, at=desk.at, now=desk.at), now=desk.at)
    other = Desk(owner, "kuaidi100")
    pickups.call(owner, other.contract.id, at=desk.at + SOON, now=desk.at)
    assert not PickupCall.objects.filter(shop_id=owner.shop_id).exists()


def test_what_was_not_asked_is_dropped_and_too_late_is_told(owner: Actor) -> None:
    desk = Desk(owner, "kdniao")
    first = called(desk)
    pickups.cancel(owner, first, now=desk.at)
    assert call_of(desk).state == "dropped"
    second = pickups.call(owner, desk.contract.id, at=desk.at + timedelta(hours=4), now=desk.at)
    desk.round(7 * 60)
    row = PickupCall.objects.get(shop_id=owner.shop_id, pickup_id=second)
    assert (row.state, row.problem, desk.fake.called) == ("refused", {"code": "pickup_too_late", "data": {}}, [])
    assert pickup_calls.settled(owner, second, now=desk.at)
    assert not pickup_calls.settled(owner, second, now=desk.at)
    assert JournalEntry.objects.filter(shop_id=owner.shop_id, act="pickup.settled").count() == 1


def test_a_refusal_waits_for_a_person_who_asks_again(owner: Actor) -> None:
    desk = Desk(owner, "kdniao")
    pickup = called(desk)
    desk.fake.refuses.add(f"FP{owner.shop_id}-{pickup}")
    desk.round()
    row = call_of(desk)
    assert (row.state, row.due_at, row.problem and row.problem["code"]) == ("refused", None, "carrier_refused")
    assert [each.pickup_id for each in carriers.details(owner.shop_id, desk.account)["pickups"]] == [pickup]
    desk.fake.refuses.clear()
    assert pickup_calls.again(owner, pickup, now=desk.at)
    desk.round()
    assert call_of(desk).state == "done"
    assert not pickup_calls.again(owner, pickup, now=desk.at)


def test_nobody_asks_for_ever_and_an_account_in_use_stays(owner: Actor) -> None:
    desk = Desk(owner, "sf")
    pickup = called(desk)
    desk.fake.schedule(["never"])
    desk.round()
    assert call_of(desk).state == "waiting"
    carriers.bind(owner, desk.contract.id, None, now=desk.at)
    with pytest.raises(Refusal) as refused:
        carriers.drop(owner, desk.account, now=desk.at)
    assert refused.value.problems[0].code == "carrier_account_used"
    PickupCall.objects.filter(shop_id=owner.shop_id).update(attempts=PATIENCE - 1)
    desk.fake.schedule(["never"])
    desk.round(1)
    row = call_of(desk)
    assert (row.due_at, row.problem and row.problem["code"]) == (None, "carrier_impatient")
    assert carriers.again(owner, desk.account, None, now=desk.at) == 1
    desk.round()
    assert (call_of(desk).state, len(desk.fake.called)) == ("done", 1)
    assert pickup == call_of(desk).pickup_id


def asked(kind: str, **more: str) -> dict[str, Any]:
    """What a service is asked for a courier between one and three o'clock in Shanghai."""
    fake = FakeCarrier(kind)
    sender = Party("兰草 & 竹里", "17000000009", "浙江省", "杭州市", "西湖区", "花园路1号3#楼")
    row = Booking("FP1-1", CARRIER[kind], sender, NOW + timedelta(hours=1), NOW + timedelta(hours=3), 4)
    (said,) = services()[kind].make({**settings(kind), **more}, fake, NOW).pickup([row])
    assert said.verdict == "done"
    form = dict(parse_qsl(fake.asked[-1].body.decode()))
    told: dict[str, Any] = json.loads(form.get("msgData") or form["RequestData"])
    return told


def test_the_time_is_told_as_each_service_reads_it() -> None:
    assert asked("sf")["sendStartTm"] == "2026-03-02 15:00:00"
    told = asked("kdniao")
    assert (told["StartDate"], told["EndDate"]) == ("2026-03-02 13:00:00", "2026-03-02 15:00:00")
    assert "MonthCode" not in told
    assert asked("kdniao", pay_type="3", month_code="7553045845")["MonthCode"] == "7553045845"


def test_signs_that_kdniao_refuses_are_told_wide() -> None:
    sender = asked("kdniao")["Sender"]
    assert (sender["Name"], sender["Address"]) == ("兰草 ＆ 竹里", "花园路1号3＃楼")
    assert asked("sf")["contactInfoList"][0]["address"] == "花园路1号3#楼"
