"""What is expected of couriers today, and what waits for them."""

from datetime import UTC, datetime, timedelta

import pytest

from fahuo.rules.people import Actor
from fahuo.services import parcels, pickups, rounds, station
from fahuo.store.boards import pickups as board
from fahuo.store.boards import station as bench
from fahuo.store.models import Contract, Label, LabelOrder, Parcel, Shop
from tests.services.parcelling import make_contract, make_label, make_labels
from tests.services.shipping import make_order, waybill

MORNING, EVENING = datetime(2026, 3, 2, 3, 0, tzinfo=UTC), datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
"""11:00 and 17:30 in Shanghai; `now` is noon."""


@pytest.fixture
def contract(shop: Shop, now: datetime) -> Contract:
    return make_contract(shop.id, now=now)


def told(day: rounds.Day) -> list[tuple[datetime, str]]:
    return [(one.at, one.state) for one in day.rounds]


def test_the_day_shows_what_passed_what_comes_and_what_was_called_for(
    owner: Actor, shop: Shop, contract: Contract, now: datetime
) -> None:
    make_contract(shop.id, name="没有固定时间", pickup_times=[], now=now)
    make_contract(shop.id, name="停用", active=False, now=now)
    assert told(rounds.day(shop.id, now=now)) == [(MORNING, "missed"), (EVENING, "coming")]
    extra = pickups.call(owner, contract.id, at=now + timedelta(hours=1), now=now)
    assert told(rounds.day(shop.id, now=now)) == [
        (MORNING, "missed"), (now + timedelta(hours=1), "called"), (EVENING, "coming"),
    ]  # fmt: skip
    late = now + timedelta(hours=2)
    assert [one.at for one in rounds.day(shop.id, now=late).next] == [now + timedelta(hours=1)]
    assert rounds.day(shop.id, now=late).next[0].state == "late"
    pickups.cancel(owner, extra, now=late)
    found = pickups.open_daily(owner, contract.id, at=EVENING, now=late)
    assert [(one.at, one.state) for one in rounds.day(shop.id, now=late).next] == [(EVENING, "open")]
    make_labels(owner, contract, [1], now=late)
    pickups.add_packed(owner, found, now=late)
    pickups.sign(owner, found, count=1, courier="王师傅", now=EVENING)
    night = EVENING + timedelta(hours=2)
    tomorrow = MORNING + timedelta(days=1)
    assert told(rounds.day(shop.id, now=night)) == [
        (MORNING, "missed"), (now + timedelta(hours=1), "cancelled"), (EVENING, "signed"), (tomorrow, "coming"),
    ]  # fmt: skip


def test_what_waits_is_counted_by_contract(owner: Actor, shop: Shop, contract: Contract, now: datetime) -> None:
    other = make_contract(shop.id, name="圆通", carrier="YTO", now=now)
    make_labels(owner, contract, range(1, 4), now=now)
    make_labels(owner, contract, [4, 5], now=now, state="printed")
    make_label(owner, contract, 6, now=now, state="made")
    make_label(owner, other, 7, now=now, number="YT1234567890123", state="packed")
    scanned = make_label(owner, contract, 8, now=now, state="packed")
    parcel = parcels.ship(owner, order_ids=[order_of(scanned)], carrier="ZTO", waybill=waybill(8), now=now)
    Parcel.objects.filter(shop_id=shop.id, id=parcel).update(picked_up_at=now)
    Label.objects.filter(shop_id=shop.id, waybill=waybill(5)).update(printed_at=now - timedelta(days=20))
    day = rounds.day(shop.id, now=now)
    assert [(one.name, one.printed, one.packed) for one in day.contracts] == [("中通西湖", 1, 3), ("圆通", 0, 1)]
    assert (day.printed, day.packed, day.missed) == (1, 4, 0)
    waits = board.left_here(shop.id, packed=True, now=now)
    assert {row.waybill for row in waits} == {waybill(1), waybill(2), waybill(3), "YT1234567890123"}
    assert [row.waybill for row in board.left_here(shop.id, packed=False, now=now)] == [waybill(4)]
    assert [row.waybill for row in board.left_here(shop.id, packed=True, contract_id=other.id, now=now)] == [
        "YT1234567890123"
    ]

    pickup = pickups.call(owner, contract.id, at=now, now=now)
    pickups.add(owner, pickup, [waybill(1)], now=now)
    later = now + timedelta(minutes=5)
    pickups.sign(owner, pickup, count=1, courier="王师傅", now=later)
    make_label(owner, contract, 9, now=later, state="packed")
    day = rounds.day(shop.id, now=later)
    assert (day.printed, day.packed, day.missed) == (1, 4, 3)


def order_of(label: Label) -> int:
    return LabelOrder.objects.get(shop_id=label.shop_id, label_id=label.id).order_id


def test_handed_over_and_not_scanned_after_the_watchdogs_hours(
    owner: Actor, shop: Shop, contract: Contract, now: datetime
) -> None:
    make_labels(owner, contract, range(1, 4), now=now)
    pickup = pickups.call(owner, contract.id, at=now, now=now)
    pickups.add_packed(owner, pickup, now=now)
    pickups.sign(owner, pickup, count=3, courier="王师傅", now=now)
    Parcel.objects.filter(shop_id=shop.id, waybill=waybill(1)).update(picked_up_at=now)
    hours = rounds.day(shop.id, now=now).within
    assert hours == timedelta(hours=24)
    assert rounds.day(shop.id, now=now + hours - timedelta(seconds=1)).unscanned.number == 0
    late = now + hours
    assert rounds.day(shop.id, now=late).unscanned.number == 2
    rows = board.unscanned(shop.id, within=hours, now=late)
    assert [(row.waybill, row.contract, row.signed_by, row.pickup_id) for row in rows] == [
        (waybill(n), "中通西湖", "王师傅", pickup) for n in (2, 3)
    ]
    order = make_order(shop.id, 20, now=now)
    parcels.ship(owner, order_ids=[order], carrier="ZTO", waybill=waybill(20), now=now)
    assert rounds.day(shop.id, now=late).unscanned.number == 2


def test_the_pickups_that_are_over_come_page_by_page(
    owner: Actor, shop: Shop, contract: Contract, now: datetime
) -> None:
    for n in range(7):
        pickups.cancel(owner, pickups.call(owner, contract.id, at=now + timedelta(minutes=n), now=now), now=now)
    seen, cursor = [], ""
    while True:
        page = board.recent(shop.id, cursor=cursor, limit=3)
        seen += [row.expected_at for row in page.rows]
        if page.next is None:
            break
        cursor = page.next
    assert seen == [now + timedelta(minutes=n) for n in reversed(range(7))]
    assert board.recent(shop.id, cursor="nonsense", limit=3).cursor_lost


def test_the_bench_counts_by_the_shops_hours(owner: Actor, shop: Shop, contract: Contract, now: datetime) -> None:
    for n, minutes in enumerate((0, 10, 70), start=1):
        label = make_label(owner, contract, n, now=now)
        station.pack(owner, label.id, now=now + timedelta(minutes=minutes))
    start = datetime(2026, 3, 1, 16, 0, tzinfo=UTC)
    done = bench.done(shop.id, owner.member_id, since=start, zone="Asia/Shanghai", limit=2)
    assert [(row.hour, row.count, row.mine) for row in done.hours] == [(12, 2, 2), (13, 1, 1)]
    assert [row.waybill for row in done.rows] == [waybill(3), waybill(2)]
    assert (done.count, done.mine) == (3, 3)
