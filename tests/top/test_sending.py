"""The methods that ship, against the real services: whole orders, parts of them, other numbers, and where parcels are."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from fahuo.rules.parcels import CarrierScan
from fahuo.rules.people import Actor
from fahuo.services import parcels
from fahuo.store.models import JournalEntry, Shop
from tests.services.shipping import agree, waybill
from tests.top.calling import Desk, draft, full, oid, refused, send, sent, take_in, tid


@pytest.fixture
def now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)


def test_shipping_an_order_and_asking_again(desk: Desk, shop: Shop, ids: dict[str, int]) -> None:
    assert sent(send(desk, 1, 1))
    assert sent(send(desk, 1, 1))
    trade = full(desk, 1)
    assert trade["status"] == "WAIT_BUYER_CONFIRM_GOODS"
    line = trade["orders"]["order"][0]
    assert (line["status"], line["logistics_company"], line["invoice_no"]) == (
        "WAIT_BUYER_CONFIRM_GOODS",
        "中通快递",
        waybill(1),
    )
    assert JournalEntry.objects.filter(act="parcel.shipped", actor="owner").count() == 1
    assert refused(send(desk, 1, 2)) == "B04"
    assert refused(send(desk, 3, 1)) == "F04"
    agree(shop.id)


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"company_code": "NOBODY"}, "B56"), ({"out_sid": "12"}, "B60"), ({"out_sid": "SF1000000000017"}, "B60"),
        ({"tid": 77}, "B01"), ({"is_split": 1}, "CD22"), ({"sub_tid": "5"}, "B06"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_shipment(desk: Desk, ids: dict[str, int], given: dict[str, Any], code: str) -> None:
    assert refused(send(desk, 1, 1, **given)) == code
    assert full(desk, 1)["status"] == "WAIT_SELLER_SEND_GOODS"


def test_orders_that_must_not_leave(desk: Desk, owner: Actor, shop: Shop, now: datetime) -> None:
    unpaid = draft(7, now=now, status="awaiting_payment", paid_at=None)
    refunding, closed = draft(8, now=now, refund_status="requested"), draft(9, now=now, status="closed")
    take_in(owner, unpaid, refunding, closed, now=now)
    assert [refused(send(desk, n, n)) for n in (7, 8, 9)] == ["B02", "B55", "B04"]
    assert full(desk, 8)["orders"]["order"][0]["refund_status"] == "WAIT_SELLER_AGREE"


def test_sub_orders_leave_one_by_one(desk: Desk, shop: Shop, ids: dict[str, int]) -> None:
    for _ in range(2):
        assert sent(send(desk, 2, 1, sub_tid=oid(2, 1), is_split=1))
    trade = full(desk, 2)
    assert (trade["status"], trade["is_part_consign"]) == ("SELLER_CONSIGNED_PART", True)
    assert [order["status"] for order in trade["orders"]["order"]] == [
        "WAIT_BUYER_CONFIRM_GOODS", "WAIT_SELLER_SEND_GOODS", "WAIT_SELLER_SEND_GOODS",
    ]  # fmt: skip
    assert refused(send(desk, 2, 2, sub_tid=oid(2, 1), is_split=1)) == "B04"
    for _ in range(2):
        assert sent(send(desk, 2, 3, sub_tid=f"{oid(2, 2)},{oid(2, 3)}", is_split=1))
    trade = full(desk, 2)
    assert trade["status"] == "WAIT_BUYER_CONFIRM_GOODS"
    assert [order["invoice_no"] for order in trade["orders"]["order"]] == [waybill(1), waybill(3), waybill(3)]
    agree(shop.id)


def test_the_rest_leaves_without_naming_it(desk: Desk, shop: Shop, ids: dict[str, int]) -> None:
    assert sent(send(desk, 2, 1, sub_tid=oid(2, 1), is_split=1))
    assert sent(send(desk, 2, 2))
    assert full(desk, 2)["status"] == "WAIT_BUYER_CONFIRM_GOODS"
    agree(shop.id)


def test_one_parcel_takes_several_orders_of_one_receiver(desk: Desk, owner: Actor, shop: Shop, now: datetime) -> None:
    same = {"buyer": "买家", "address": "文三路1号2栋301室"}
    found = take_in(owner, draft(1, now=now, **same), draft(2, now=now, lines=2, **same), draft(3, now=now), now=now)
    for n in (1, 2, 2, 1):
        assert sent(send(desk, n, 5))
    assert refused(send(desk, 3, 5)) == "F04"
    mine = parcels.parcels.living(shop.id, "ZTO", waybill(5))
    assert mine is not None
    assert sorted(mine.order_ids) == sorted(found[str(tid(n))] for n in (1, 2))
    agree(shop.id)
    parcels.record_scans(owner, [CarrierScan("ZTO", waybill(5), "picked_up", now)], now=now)
    take_in(owner, draft(4, now=now, **same), now=now)
    assert refused(send(desk, 4, 5)) == "F04"


def test_part_of_an_order_joins_a_parcel(desk: Desk, owner: Actor, shop: Shop, now: datetime) -> None:
    same = {"buyer": "买家", "address": "文三路1号2栋301室"}
    take_in(owner, draft(1, now=now, **same), draft(2, now=now, lines=2, **same), now=now)
    assert sent(send(desk, 1, 5))
    for _ in range(2):
        assert sent(send(desk, 2, 5, sub_tid=oid(2, 1), is_split=1))
    assert full(desk, 2)["status"] == "SELLER_CONSIGNED_PART"
    assert refused(send(desk, 2, 5, sub_tid=oid(2, 2), is_split=1)) == "F04"
    assert sent(send(desk, 2, 6))
    agree(shop.id)


def test_goods_without_logistics_and_online_orders(desk: Desk, ids: dict[str, int]) -> None:
    for _ in range(2):
        assert desk.call("taobao.logistics.dummy.send", tid=tid(1))["shipping"] == {"is_success": True}
    # without a number it takes one of the shop's stock, and there is none
    short = desk.error("taobao.logistics.online.send", tid=tid(3), company_code="ZTO")
    assert short["sub_code"] == "isv.logistics-online-service-error:B59"
    assert desk.call("taobao.logistics.online.send", tid=tid(3), company_code="中通", out_sid=waybill(9))["shipping"][
        "is_success"
    ]


def test_another_number_before_the_pickup(desk: Desk, owner: Actor, ids: dict[str, int], now: datetime) -> None:
    def resend(n: int, number: int, **more: Any) -> Any:
        return desk.post(
            "taobao.logistics.consign.resend", tid=tid(n), out_sid=waybill(number), company_code="ZTO", **more
        )

    def why(answer: Any) -> str:
        return str(answer["error_response"]["sub_code"]).rpartition(":")[2]

    assert why(resend(1, 2)) == "P03"
    send(desk, 1, 1)
    send(desk, 3, 3)
    for _ in range(2):
        assert "logistics_consign_resend_response" in resend(1, 2)
    assert full(desk, 1)["orders"]["order"][0]["invoice_no"] == waybill(2)
    assert why(resend(1, 3)) == "F04"
    assert why(resend(88, 3)) == "P02"
    parcels.record_scans(owner, [CarrierScan("ZTO", waybill(2), "picked_up", now)], now=now)
    assert why(resend(1, 4)) == "P04"
    send(desk, 2, 21, sub_tid=oid(2, 1), is_split=1)
    send(desk, 2, 22, sub_tid=oid(2, 2), is_split=1)
    assert why(resend(2, 23)) == "P03"
    assert "logistics_consign_resend_response" in resend(2, 23, sub_tid=oid(2, 2))
    assert full(desk, 2)["orders"]["order"][1]["invoice_no"] == waybill(23)


def test_where_parcels_are(desk: Desk, owner: Actor, ids: dict[str, int], now: datetime) -> None:
    assert desk.error("taobao.logistics.trace.search", tid=tid(1))["sub_code"].endswith(":B05")
    send(desk, 1, 1)
    send(desk, 3, 3)
    scans = [CarrierScan("ZTO", waybill(1), kind, now + timedelta(hours=hours), place) for kind, hours, place in (
        ("picked_up", 1, "杭州西湖"), ("in_transit", 2, ""), ("delivered", 30, "广州天河"))]  # fmt: skip
    parcels.record_scans(owner, scans, now=now)
    found = desk.call("taobao.logistics.trace.search", tid=tid(1))
    assert (found["out_sid"], found["company_name"], found["status"]) == (waybill(1), "中通快递", "对方已签收")
    assert [step["action"] for step in found["trace_list"]["transit_step_info"]] == ["GOT", "DEPARTURE", "SIGNED"]
    listed = desk.call("taobao.logistics.orders.get", fields="tid,status,out_sid,receiver_name,location")
    assert listed["total_results"] == 2
    assert {row["tid"]: row["status"] for row in listed["shippings"]["shipping"]} == {
        tid(1): "ACCEPTED_BY_RECEIVER",
        tid(3): "SENDING",
    }
    assert listed["shippings"]["shipping"][0]["location"]["address"].endswith("***")
    asked = desk.call("taobao.logistics.orders.get", fields="tid", status="SENDING")["shippings"]["shipping"]
    assert asked == [{"tid": tid(3)}]
    assert desk.call("taobao.logistics.orders.get", fields="tid", tid=tid(1))["total_results"] == 1
    assert desk.call("taobao.logistics.orders.get", fields="tid", status="LOST")["total_results"] == 0
