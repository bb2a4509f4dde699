"""Shipping by batch: opened, filled, judged, committed, undone."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest

from fahuo.connectors.sheet.writer import write_csv
from fahuo.rules.parcels import CarrierScan
from fahuo.rules.people import Actor
from fahuo.rules.problems import Problem, Refusal
from fahuo.services import batches, parcels, shipments
from fahuo.store.models import Backlog, Batch, BatchRow, JournalEntry, Order, Parcel, ParcelOrder
from tests.services.shipping import agree, make_order, order_number, status_of, waybill

HEADER = ("订单编号", "快递公司", "运单号")


def sheet(rows: Sequence[Sequence[str]], header: Sequence[str] = HEADER) -> bytes:
    return write_csv(header, rows, encoding="utf-8-sig")


def pairs(*numbers: int) -> list[tuple[str, str, str]]:
    """A row for each order: its number, and the waybill number of the same n."""
    return [(order_number(n), "中通快递", waybill(n)) for n in numbers]


def work(actor: Actor, batch_id: int, now: datetime) -> Batch:
    assert batches.work(actor.shop_id, batch_id, now=now)
    return Batch.objects.get(shop_id=actor.shop_id, id=batch_id)


def commit(actor: Actor, batch_id: int, now: datetime) -> Batch:
    batches.commit(actor, batch_id, now=now)
    return work(actor, batch_id, now)


def from_sheet(actor: Actor, rows: Sequence[Sequence[str]], now: datetime, **options: Any) -> int:
    batch_id = batches.open_shipments_sheet(actor, name="numbers.csv", body=sheet(rows), now=now, **options)
    assert work(actor, batch_id, now).status == "checked"
    return batch_id


def verdicts(actor: Actor, batch_id: int) -> list[str]:
    rows = BatchRow.objects.filter(shop_id=actor.shop_id, batch_id=batch_id).order_by("row_no")
    return list(rows.values_list("verdict", flat=True))


def codes(actor: Actor, batch_id: int) -> list[list[str]]:
    """The problem codes row by row; each has its sentences."""
    found = []
    for row in BatchRow.objects.filter(shop_id=actor.shop_id, batch_id=batch_id).order_by("row_no"):
        for problem in row.problems or []:
            assert Problem(problem["code"], problem["data"]).sentence("zh")
            assert Problem(problem["code"], problem["data"]).sentence("en")
            assert problem["column"]
        found.append([problem["code"] for problem in row.problems or []])
    return found


@pytest.mark.django_db
def test_a_sheet_ships_its_orders_once(owner: Actor, now: datetime) -> None:
    for n in range(1, 6):
        make_order(owner.shop_id, n, now=now)
    batch_id = from_sheet(owner, pairs(3, 1, 2, 5, 4), now)
    batch = Batch.objects.get(shop_id=owner.shop_id, id=batch_id)
    assert (batch.row_count, batch.good_count, batch.bad_count, batch.done_count) == (5, 5, 0, 0)
    batch = commit(owner, batch_id, now)
    assert (batch.status, batch.good_count, batch.done_count) == ("committed", 0, 5)
    assert Parcel.objects.filter(shop_id=owner.shop_id, batch_id=batch_id).count() == 5
    entries = JournalEntry.objects.filter(shop_id=owner.shop_id, act="parcel.shipped", batch_id=batch_id)
    assert entries.count() == 5
    assert {entry.actor for entry in entries} == {"owner"}
    agree(owner.shop_id)
    batches.commit(owner, batch_id, now=now)
    assert not batches.work(owner.shop_id, batch_id, now=now)
    again = from_sheet(owner, pairs(3, 1, 2, 5, 4), now)
    assert verdicts(owner, again) == ["same"] * 5
    commit(owner, again, now)
    assert Parcel.objects.filter(shop_id=owner.shop_id).count() == 5
    agree(owner.shop_id)


@pytest.mark.django_db
def test_every_bad_row_says_why_and_the_good_ones_ship(owner: Actor, now: datetime) -> None:
    fields: dict[int, dict[str, Any]] = {
        1: {}, 2: {}, 3: {"status": "closed"}, 4: {"refund_status": "requested"}, 5: {"refund_status": "succeeded"},
        6: {}, 7: {}, 8: {}, 9: {}, 10: {}, 11: {"status": "awaiting_payment"}, 12: {}, 13: {}, 14: {},
    }  # fmt: skip
    orders = {n: make_order(owner.shop_id, n, now=now, **given) for n, given in fields.items()}
    parcels.ship(owner, order_ids=[orders[2]], carrier="ZTO", waybill=waybill(102), now=now)
    used = parcels.ship(owner, order_ids=[orders[10]], carrier="ZTO", waybill=waybill(10), now=now)
    parcels.void(owner, used, now=now)
    rows = [
        *pairs(1), *pairs(2, 3, 4, 5), ("279999999999999999", "中通快递", waybill(99)),
        (order_number(6), "没有这家", waybill(6)), (order_number(7), "中通快递", "SF1234567890123"),
        (order_number(8), "中通快递", waybill(1)), (order_number(9), "中通快递", waybill(102)), *pairs(10), *pairs(11),
        (order_number(1), "中通快递", waybill(50)), (order_number(12), "", waybill(12)), (order_number(13), "中通快递", ""),
        ("1.23E+17", "中通快递", waybill(14)),
    ]  # fmt: skip
    batch_id = from_sheet(owner, rows, now)
    assert codes(owner, batch_id) == [
        [], ["already_shipped_as"], ["order_closed"], ["refund_in_progress"], ["order_refunded"], ["order_unknown"],
        ["carrier_unknown"], ["waybill_other_carrier"], ["waybill_twice"], ["waybill_in_use"], ["waybill_used_before"],
        ["order_not_paid"], ["order_twice"], ["carrier_missing"], ["cell_empty"], ["digits_lost"],
    ]  # fmt: skip
    found = {
        problem["code"]: problem
        for row in BatchRow.objects.filter(shop_id=owner.shop_id, batch_id=batch_id)
        for problem in row.problems or []
    }
    assert found["already_shipped_as"]["data"]["waybill"] == waybill(102)
    assert found["waybill_in_use"]["data"]["order"] == order_number(2)
    assert found["order_twice"]["data"]["row"] == 2
    assert found["waybill_twice"]["data"]["row"] == 2
    assert "SF" in found["waybill_other_carrier"]["data"]["offered"].split()
    assert (found["carrier_unknown"]["column"], found["carrier_unknown"]["value"]) == ("快递公司", "没有这家")
    before = codes(owner, batch_id)
    batches.fill_from_sheet(owner, batch_id, name="one.csv", body=sheet(pairs(1)), now=now)
    work(owner, batch_id, now)
    # The rows of unknown orders are dropped, to come back mended; the others say the same as before.
    assert codes(owner, batch_id) == [row for n, row in enumerate(before) if n not in {5, 15}]
    batch = commit(owner, batch_id, now)
    assert (batch.done_count, batch.bad_count) == (2, 12)
    assert [status_of(owner.shop_id, orders[n]) for n in (1, 10, 8)] == ["shipped", "shipped", "awaiting_shipment"]
    agree(owner.shop_id)
    name, body = batches.problems_sheet(owner, batch_id)
    assert name.endswith(".xlsx")
    assert body[:2] == b"PK"


@pytest.mark.django_db
def test_orders_of_one_receiver_share_a_parcel(owner: Actor, now: datetime) -> None:
    orders = [make_order(owner.shop_id, n, now=now, receiver_key="same") for n in (1, 2)]
    other = make_order(owner.shop_id, 3, now=now)
    batch_id = from_sheet(owner, [(order_number(n), "ZTO", waybill(1)) for n in (1, 2)] + pairs(3), now)
    assert verdicts(owner, batch_id) == ["ready"] * 3
    # The address of one of them changes after the check: nothing leaves to the wrong door.
    Order.objects.filter(shop_id=owner.shop_id, id=orders[1]).update(receiver_key="moved")
    batch = commit(owner, batch_id, now)
    assert (batch.done_count, batch.bad_count) == (1, 2)
    assert status_of(owner.shop_id, other) == "shipped"
    Order.objects.filter(shop_id=owner.shop_id, id=orders[1]).update(receiver_key="same")
    again = from_sheet(owner, [(order_number(n), "ZTO", waybill(1)) for n in (1, 2)], now)
    assert commit(owner, again, now).done_count == 2
    assert (
        ParcelOrder.objects.filter(shop_id=owner.shop_id, order_id__in=orders).values("parcel_id").distinct().count()
        == 1
    )
    agree(owner.shop_id)


@pytest.mark.django_db
def test_chosen_orders_take_consecutive_numbers_in_their_order(owner: Actor, now: datetime) -> None:
    orders = [make_order(owner.shop_id, n, now=now) for n in range(1, 7)]
    closed = make_order(owner.shop_id, 7, now=now, status="closed")
    chosen = [orders[n] for n in (4, 2, 0, 1, 5, 3)]
    batch_id = batches.open_shipments(owner, order_ids=[*chosen[:3], closed, *chosen[3:]], now=now)
    assert verdicts(owner, batch_id) == ["waiting"] * 3 + ["bad"] + ["waiting"] * 3
    assert shipments.assign_carrier(owner, batch_id, carrier="YUNDA", now=now, row_nos=[1, 2]) == 2
    batches.fill_from_run(owner, batch_id, carrier="ZTO", first=waybill(100), now=now)
    work(owner, batch_id, now)
    assert verdicts(owner, batch_id) == ["waiting", "waiting", "ready", "bad", "ready", "ready", "ready"]
    batches.fill_from_run(owner, batch_id, carrier="韵达", first="4600000000001", last="4600000000002", now=now)
    assert work(owner, batch_id, now).good_count == 6
    assert commit(owner, batch_id, now).done_count == 6
    numbers = {link.order_id: Parcel.objects.get(shop_id=owner.shop_id, id=link.parcel_id).waybill for link in ParcelOrder.objects.filter(shop_id=owner.shop_id)}  # fmt: skip
    assert [numbers[order] for order in chosen] == [
        "4600000000001",
        "4600000000002",
        *(waybill(100 + n) for n in range(4)),
    ]
    with pytest.raises(Refusal, match="nothing_waiting"):
        batches.fill_from_run(owner, batch_id, carrier="ZTO", first=waybill(200), now=now)
    agree(owner.shop_id)


@pytest.mark.django_db
def test_a_run_that_ends_changes_nothing(owner: Actor, now: datetime) -> None:
    orders = [make_order(owner.shop_id, n, now=now) for n in range(1, 4)]
    batch_id = batches.open_shipments(owner, order_ids=orders, now=now)
    with pytest.raises(Refusal, match="run_ends"):
        batches.fill_from_run(owner, batch_id, carrier="ZTO", first=waybill(1), last=waybill(2), now=now)
    assert Batch.objects.get(shop_id=owner.shop_id, id=batch_id).status == "open"
    assert verdicts(owner, batch_id) == ["waiting"] * 3


@pytest.mark.django_db
def test_numbers_come_back_as_a_sheet(owner: Actor, now: datetime) -> None:
    orders = [make_order(owner.shop_id, n, now=now) for n in range(1, 5)]
    make_order(owner.shop_id, 9, now=now)
    batch_id = batches.open_shipments(owner, order_ids=orders, now=now)
    rows = [*pairs(2, 1), (order_number(3), "中通快递", "SF1234567890123"), *pairs(9)]
    batches.fill_from_sheet(owner, batch_id, name="back.csv", body=sheet(rows), now=now)
    assert work(owner, batch_id, now).status == "checked"
    assert verdicts(owner, batch_id) == ["ready", "ready", "bad", "waiting", "bad"]
    assert codes(owner, batch_id)[4] == ["not_in_batch"]
    assert commit(owner, batch_id, now).done_count == 2
    # The mended rows come back, with those already shipped among them.
    batches.fill_from_sheet(owner, batch_id, name="mended.csv", body=sheet(pairs(1, 2, 3, 4)), now=now)
    work(owner, batch_id, now)
    assert verdicts(owner, batch_id) == ["done", "done", "ready", "ready"]
    assert commit(owner, batch_id, now).done_count == 4
    agree(owner.shop_id)


@pytest.mark.django_db
def test_only_numbers_with_one_carrier_for_all(owner: Actor, now: datetime) -> None:
    make_order(owner.shop_id, 1, now=now)
    body = sheet([(order_number(1), waybill(1))], header=("订单号", "物流单号"))
    batch_id = batches.open_shipments_sheet(owner, name="two.csv", body=body, carrier="中通", now=now)
    work(owner, batch_id, now)
    assert verdicts(owner, batch_id) == ["ready"]


@pytest.mark.django_db
def test_an_unreadable_sheet_keeps_the_batch(owner: Actor, now: datetime) -> None:
    orders = [make_order(owner.shop_id, n, now=now) for n in range(1, 4)]
    batch_id = batches.open_shipments(owner, order_ids=orders, now=now)
    body = sheet([("a", "b"), ("c", "d")], header=("什么", "哪个"))
    batches.fill_from_sheet(owner, batch_id, name="odd.csv", body=body, now=now)
    batch = work(owner, batch_id, now)
    assert (batch.status, batch.problem["code"]) == ("refused", "sheet_without_shipments")
    assert verdicts(owner, batch_id) == ["waiting"] * 3
    own = sheet([(order_number(1), "ZTO", waybill(1))], header=("什么", "谁", "哪个"))
    batches.fill_from_sheet(owner, batch_id, name="own.csv", body=own, now=now)
    assert work(owner, batch_id, now).status == "refused"
    batches.map_columns(owner, batch_id, {"什么": "number", "谁": "carrier", "哪个": "waybill"}, now=now)
    assert work(owner, batch_id, now).status == "checked"
    assert verdicts(owner, batch_id) == ["ready", "waiting", "waiting"]


@pytest.mark.django_db
def test_undo_until_handed_over(owner: Actor, now: datetime) -> None:
    orders = [make_order(owner.shop_id, n, now=now, quantities=(2,)) for n in range(1, 5)]
    line = parcels.parcels.lines(owner.shop_id, [orders[0]])[0]
    parcels.ship(owner, order_ids=[orders[0]], carrier="ZTO", waybill=waybill(77), now=now, lines={line.id: 1})
    batch_id = from_sheet(owner, pairs(1, 2, 3, 4), now)
    commit(owner, batch_id, now)
    agree(owner.shop_id)
    batches.undo(owner, batch_id, now=now)
    assert verdicts(owner, batch_id) == ["ready"] * 4
    assert [status_of(owner.shop_id, order) for order in orders] == ["part_shipped"] + ["awaiting_shipment"] * 3
    assert Backlog.objects.filter(shop_id=owner.shop_id).count() == 4
    assert JournalEntry.objects.filter(shop_id=owner.shop_id, act="batch.undone", batch_id=batch_id).count() == 4
    agree(owner.shop_id)
    assert commit(owner, batch_id, now).done_count == 4
    batches.hand_over(owner, batch_id, now=now)
    with pytest.raises(Refusal, match="batch_handed_over"):
        batches.undo(owner, batch_id, now=now)
    agree(owner.shop_id)


@pytest.mark.django_db
def test_no_undo_after_a_scan(owner: Actor, now: datetime) -> None:
    orders = [make_order(owner.shop_id, n, now=now) for n in (1, 2)]
    batch_id = from_sheet(owner, pairs(1, 2), now)
    commit(owner, batch_id, now)
    parcels.record_scans(owner, [CarrierScan("ZTO", waybill(2), "picked_up", now + timedelta(hours=1))], now=now)
    with pytest.raises(Refusal) as caught:
        batches.undo(owner, batch_id, now=now)
    assert caught.value.problems[0] == Problem("batch_scanned", {"value": waybill(2), "order": order_number(2)})
    assert status_of(owner.shop_id, orders[0]) == "shipped"
    assert Batch.objects.get(shop_id=owner.shop_id, id=batch_id).status == "committed"


@pytest.mark.django_db
def test_a_voided_parcel_leaves_its_row_undone(owner: Actor, now: datetime) -> None:
    make_order(owner.shop_id, 1, now=now)
    make_order(owner.shop_id, 2, now=now)
    batch_id = from_sheet(owner, pairs(1, 2), now)
    commit(owner, batch_id, now)
    parcels.void(owner, Parcel.objects.get(shop_id=owner.shop_id, waybill=waybill(1)).id, now=now)
    assert verdicts(owner, batch_id) == ["undone", "done"]
    batches.close(owner, batch_id, now=now)
    batches.reopen(owner, batch_id, now=now)
    assert commit(owner, batch_id, now).done_count == 1
    batches.fill_from_sheet(
        owner, batch_id, name="again.csv", body=sheet([(order_number(1), "ZTO", waybill(8))]), now=now
    )
    work(owner, batch_id, now)
    assert commit(owner, batch_id, now).done_count == 2
    agree(owner.shop_id)


@pytest.mark.django_db
def test_doors(owner: Actor, stranger: Actor, teammate: Actor, now: datetime) -> None:
    order = make_order(owner.shop_id, 1, now=now)
    batch_id = batches.open_shipments(owner, order_ids=[order], now=now)
    acts: list[Callable[[Actor], object]] = [
        lambda who: batches.fill_from_run(who, batch_id, carrier="ZTO", first=waybill(1), now=now),
        lambda who: batches.fill_from_sheet(who, batch_id, name="x.csv", body=b"x", now=now),
        lambda who: shipments.assign_carrier(who, batch_id, carrier="ZTO", now=now),
    ]
    for act in acts:
        with pytest.raises(Refusal, match="batch_unknown"):
            act(stranger)
        with pytest.raises(Refusal, match="not_permitted"):
            act(teammate)
    with pytest.raises(Refusal, match="order_unknown"):
        batches.open_shipments(stranger, order_ids=[order], now=now)
    with pytest.raises(Refusal, match="no_orders_chosen"):
        batches.open_shipments(owner, order_ids=[], now=now)
    with pytest.raises(Refusal, match="carrier_unknown"):
        batches.open_shipments_sheet(owner, name="x.csv", body=b"x", carrier="nobody", now=now)
