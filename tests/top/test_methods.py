"""The methods against the real services: orders, shipping, refunds, places."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from fahuo.api.top.methods.companies import pattern
from fahuo.api.top.registry import METHODS
from fahuo.rules.carriers import CARRIERS
from fahuo.rules.parcels import CarrierScan
from fahuo.rules.people import Actor
from fahuo.rules.top import clock
from fahuo.services import orders, parcels, refunds
from fahuo.store.models import JournalEntry, Order, Shop
from tests.services.shipping import agree, waybill
from tests.top.calling import Desk, draft, oid, take_in, tid

ALL = "tid,tid_str,status,created,pay_time,modified,payment,post_fee,buyer_nick,receiver_name,receiver_mobile,receiver_phone,receiver_address,receiver_state,seller_memo,seller_flag,ob_tag,delivery_time,oaid,is_part_consign,orders"  # fmt: skip
WINDOW = timedelta(hours=2)


@pytest.fixture
def now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)


@pytest.fixture
def desk(owner: Actor, now: datetime) -> Desk:
    return Desk(owner, per_second=1000)


@pytest.fixture
def ids(owner: Actor, now: datetime) -> dict[str, int]:
    """Five orders; the second has three lines."""
    return take_in(
        owner, *(draft(n, now=now - timedelta(minutes=n), lines=3 if n == 2 else 1) for n in range(1, 6)), now=now
    )


def full(desk: Desk, n: int, fields: str = ALL) -> Any:
    return desk.call("taobao.trade.fullinfo.get", tid=tid(n), fields=fields)["trade"]


def send(desk: Desk, n: int, number: int, **more: Any) -> Any:
    given = {"tid": tid(n), "out_sid": waybill(number), "company_code": "ZTO", **more}
    return desk.post("taobao.logistics.offline.send", **given)


SENT = {"shipping": {"is_success": True}}


def sent(answer: Any) -> bool:
    return answer.get("logistics_offline_send_response", {}).get("shipping") == {"is_success": True}


def refused(answer: Any) -> str:
    return str(answer["error_response"]["sub_code"]).removeprefix("isv.logistics-offline-service-error:")


def test_orders_sold_newest_first_with_masked_receivers(desk: Desk, ids: dict[str, int], now: datetime) -> None:
    found = desk.call("taobao.trades.sold.get", fields=ALL, status="WAIT_SELLER_SEND_GOODS")
    assert found["total_results"] == 5
    trades = found["trades"]["trade"]
    assert [trade["tid"] for trade in trades] == [tid(n) for n in (1, 2, 3, 4, 5)]
    first = trades[0]
    assert first["tid_str"] == str(tid(1))
    assert first["receiver_name"] == "张**"
    assert first["receiver_mobile"] == "138******78"
    assert first["receiver_address"] == "文三路1号2栋***"
    assert first["payment"] == "30.00"
    assert first["created"] == clock.written(now - timedelta(minutes=1))
    assert first["delivery_time"] == clock.written(now - timedelta(minutes=1) + timedelta(hours=48))
    assert "ob_tag" not in first
    assert len(first["oaid"]) == 43
    assert [order["oid"] for order in trades[1]["orders"]["order"]] == [oid(2, i) for i in (1, 2, 3)]
    assert first["orders"]["order"][0]["oid"] == tid(1)


def test_only_what_was_asked_for_comes(desk: Desk, ids: dict[str, int]) -> None:
    trade = full(desk, 2, "tid,orders.oid,orders.num,nonsense,receiver_name,oaid")
    assert set(trade) == {"tid", "orders", "receiver_name"}
    assert trade["orders"]["order"] == [{"oid": oid(2, i), "num": 1} for i in (1, 2, 3)]
    assert "oaid" in desk.call("taobao.trade.fullinfo.get", tid=tid(2), fields="oaid", include_oaid="true")["trade"]


def test_pages_cover_every_order_once(desk: Desk, owner: Actor, now: datetime) -> None:
    take_in(owner, *(draft(n, now=now - timedelta(seconds=n // 7)) for n in range(1, 104)), now=now)
    seen: list[int] = []
    for page in (1, 2, 3):
        found = desk.call("taobao.trades.sold.get", fields="tid", page_no=page, page_size=40)
        assert found["total_results"] == 103
        seen += [trade["tid"] for trade in found["trades"]["trade"]]
    assert sorted(seen) == sorted(tid(n) for n in range(1, 104))
    last = desk.call("taobao.trades.sold.get", fields="tid", page_no=3, page_size=40, use_has_next="true")
    assert (last["has_next"], len(last["trades"]["trade"])) == (False, 23)
    assert desk.call("taobao.trades.sold.get", fields="tid", page_no=2, page_size=40, use_has_next="true")["has_next"]
    assert desk.call("taobao.trades.sold.get", fields="tid", page_no=9)["trades"] == {"trade": []}


def test_what_moved_comes_by_when_it_moved(desk: Desk, owner: Actor, ids: dict[str, int], now: datetime) -> None:
    later = now + timedelta(minutes=20)
    orders.set_memo(owner, ids[str(tid(3))], "加急", now=later)

    def moved(start: datetime, end: datetime, **more: Any) -> list[int]:
        given = {"start_modified": clock.written(start), "end_modified": clock.written(end), **more}
        found = desk.call("taobao.trades.sold.increment.get", fields="tid,modified", **given)
        return [trade["tid"] for trade in found["trades"]["trade"]]

    # an order that moves again leaves the window it was in
    assert sorted(moved(now - WINDOW, now)) == [tid(n) for n in (1, 2, 4, 5)]
    assert moved(later, later) == [tid(3)]
    assert moved(now, later)[0] == tid(3)
    assert moved(later + timedelta(seconds=1), later + WINDOW) == []
    assert moved(now, later, status="TRADE_FINISHED") == []
    wrong = desk.error(
        "taobao.trades.sold.increment.get", fields="tid", start_modified=clock.written(now),
        end_modified=clock.written(now + timedelta(days=1, seconds=1)),
    )  # fmt: skip
    assert wrong["code"] == 41


def test_a_look_at_a_receiver_is_no_movement(desk: Desk, owner: Actor, ids: dict[str, int], now: datetime) -> None:
    before = full(desk, 1)
    query = f'[{{"tid":"{tid(1)}","oaid":"{before["oaid"]}","scene":"1002"}},{{"tid":"9","oaid":"x","scene":"1002"}}]'
    found = desk.call("taobao.top.oaid.decrypt", query_list=query)["receiver_list"]["receiver"]
    assert (found[0]["name"], found[0]["mobile"], found[0]["address_detail"]) == (
        "张三丰",
        "13812345678",
        "文三路1号2栋301室",
    )
    assert found[1] == {"tid": "9", "oaid": "x", "matched": False}
    assert JournalEntry.objects.filter(act="order.revealed", order_id=ids[str(tid(1))]).count() == 1
    assert full(desk, 1)["modified"] == before["modified"]


def test_urged_orders_carry_the_mark_until_they_leave(
    desk: Desk, owner: Actor, ids: dict[str, int], now: datetime
) -> None:
    orders.urge(owner, ids[str(tid(1))], now=now)
    assert full(desk, 1)["ob_tag"] == "lg"
    assert sent(send(desk, 1, 1))
    assert "ob_tag" not in full(desk, 1)


def test_strangers_see_nothing(owner: Actor, ids: dict[str, int], stranger: Actor) -> None:
    theirs = Desk(stranger)
    assert theirs.call("taobao.trades.sold.get", fields="tid")["total_results"] == 0
    assert theirs.error("taobao.trade.fullinfo.get", tid=tid(1), fields="tid")["sub_code"] == "isv.trade-not-exist"
    assert theirs.error("taobao.trade.fullinfo.get", tid=ids[str(tid(1))], fields="tid")["code"] == 15
    assert refused(send(theirs, 1, 1)) == "B01"


def test_memo_and_flag(desk: Desk, ids: dict[str, int]) -> None:
    desk.call("taobao.trade.memo.add", tid=tid(1), memo="送礼，不放小票", flag=2)
    assert {full(desk, 1)[name] for name in ("seller_memo", "seller_flag")} == {"送礼，不放小票", 2}
    assert desk.error("taobao.trade.memo.add", tid=tid(1), memo="再来")["sub_code"] == "isv.trade-memo-exists"
    desk.call("taobao.trade.memo.update", tid=tid(1), memo="改了")
    assert (full(desk, 1)["seller_memo"], full(desk, 1)["seller_flag"]) == ("改了", 2)
    desk.call("taobao.trade.memo.update", tid=tid(1), reset="true")
    assert "seller_memo" not in full(desk, 1)
    assert (
        desk.error("taobao.trade.memo.update", tid=tid(1), memo="长" * 400)["sub_code"]
        == "isv.trade-memo-update-error:memo_too_long"
    )
    assert desk.error("taobao.trade.memo.update", tid=tid(1), flag=11)["code"] == 41


# ---- shipping ---------------------------------------------------------------------------------------------------


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


# ---- refunds and places -----------------------------------------------------------------------------------------


def test_refunds_of_orders_and_of_lines(desk: Desk, owner: Actor, ids: dict[str, int], now: datetime) -> None:
    from fahuo.store.models import OrderLine

    refunds.succeed(owner, ids[str(tid(1))], amount=Decimal("5.00"), now=now)
    line = OrderLine.objects.get(number=str(oid(2, 2)))
    OrderLine.objects.filter(number=line.number).update(refund_status="requested", refund_amount=Decimal("14.00"))
    orders.set_flag(owner, ids[str(tid(2))], 1, now=now)
    found = desk.call("taobao.refunds.receive.get", fields="refund_id,tid,oid,status,refund_fee,modified")
    assert found["total_results"] == 2
    rows = {row["tid"]: row for row in found["refunds"]["refund"]}
    assert (rows[tid(1)]["status"], rows[tid(1)]["refund_fee"], rows[tid(1)]["oid"]) == ("SUCCESS", "5.00", tid(1))
    assert (rows[tid(2)]["status"], rows[tid(2)]["refund_fee"], rows[tid(2)]["oid"]) == (
        "WAIT_SELLER_AGREE",
        "14.00",
        oid(2, 2),
    )
    one = desk.call(
        "taobao.refund.get", fields="refund_id,tid,status,operation_contraint", refund_id=rows[tid(2)]["refund_id"]
    )
    assert one["refund"] == {
        "refund_id": line.id,
        "tid": tid(2),
        "status": "WAIT_SELLER_AGREE",
        "operation_contraint": "null",
    }
    assert desk.call("taobao.refunds.receive.get", fields="tid", status="SUCCESS")["total_results"] == 1
    assert (
        desk.call("taobao.refunds.receive.get", fields="tid", status="WAIT_SELLER_CONFIRM_GOODS")["total_results"] == 0
    )
    assert desk.error("taobao.refund.get", fields="tid", refund_id=1)["sub_code"] == "isv.refund-not-exist"
    assert desk.call("taobao.refunds.receive.get", fields="tid", use_has_next="true", page_size=1)["has_next"] is True
    assert refused(send(desk, 2, 1)) == "B55"


def test_a_status_of_the_marketplace_finds_its_orders(desk: Desk, owner: Actor, now: datetime) -> None:
    take_in(
        owner, draft(1, now=now), draft(2, now=now, status="awaiting_payment", paid_at=None),
        draft(3, now=now, status="closed", paid_at=None), draft(4, now=now, status="closed", refund_status="succeeded"),
        draft(5, now=now, status="completed", completed_at=now), draft(6, now=now, kind="presale_staged"), now=now,
    )  # fmt: skip
    wants = {
        "WAIT_BUYER_PAY": [2], "TRADE_CLOSED_BY_TAOBAO": [3], "TRADE_CLOSED": [4], "ALL_CLOSED": [3, 4],
        "TRADE_FINISHED": [5], "WAIT_SELLER_SEND_GOODS": [1, 6], "PAY_PENDING": [], "SELLER_CONSIGNED_PART": [],
    }  # fmt: skip
    for status, numbers in wants.items():
        found = desk.call("taobao.trades.sold.get", fields="tid,status", status=status)
        assert sorted(trade["tid"] for trade in found["trades"]["trade"]) == [tid(n) for n in numbers], status
    step = desk.call("taobao.trades.sold.get", fields="tid", type="step")["trades"]["trade"]
    assert step == [{"tid": tid(6)}]
    assert desk.call("taobao.trades.sold.get", fields="tid", type="step,fixed")["total_results"] == 6
    assert desk.call("taobao.trades.sold.get", fields="tid", buyer_nick="买家3")["total_results"] == 1


def test_an_order_whose_number_is_none_has_one_all_the_same(desk: Desk, owner: Actor, now: datetime) -> None:
    found = take_in(owner, draft(1, now=now, number="WC-1001"), now=now)
    trade = desk.call("taobao.trades.sold.get", fields="tid,orders.oid")["trades"]["trade"][0]
    assert trade["tid"] == found["WC-1001"]
    answer = desk.post("taobao.logistics.offline.send", tid=trade["tid"], out_sid=waybill(1), company_code="ZTO")
    assert sent(answer)
    assert Order.objects.get(number="WC-1001").status == "shipped"


def test_companies_say_the_shape_of_their_numbers(desk: Desk) -> None:
    import re

    found = desk.call("taobao.logistics.companies.get", fields="id,code,name,reg_mail_no", session="-")
    rows = {row["code"]: row for row in found["logistics_companies"]["logistics_company"]}
    assert set(rows) == set(CARRIERS)
    assert rows["ZTO"]["id"] == 500
    assert len({row["id"] for row in rows.values()}) == len(rows)
    for code, carrier in CARRIERS.items():
        assert all(re.match(rows[code]["reg_mail_no"], shape.sample) for shape in carrier.shapes)
        assert rows[code]["reg_mail_no"] == pattern(carrier)


def test_areas_form_a_tree(desk: Desk) -> None:
    found = desk.call("taobao.areas.get", fields="id,type,name,parent_id", session="-")["areas"]["area"]
    known = {row["id"]: row for row in found}
    assert len(known) == len(found) > 3000
    assert known[330106] == {"id": 330106, "type": 4, "name": "西湖区", "parent_id": 330100}
    assert known[110101]["type"] == 4
    assert all(row["parent_id"] in known for row in found if row["type"] > 1)
    assert {row["type"] for row in found} == {1, 2, 3, 4}


def test_xml_tells_the_same_as_json(desk: Desk, ids: dict[str, int]) -> None:
    root = desk.xml("taobao.trades.sold.get", fields="tid,orders.oid", page_size=2)
    assert root.tag == "trades_sold_get_response"
    assert root.findtext("total_results") == "5"
    trades = root.find("trades")
    assert trades is not None
    assert trades.attrib == {"list": "true"}
    assert [t.findtext("tid") for t in trades] == [str(tid(1)), str(tid(2))]
    simple = desk.post("taobao.trades.sold.get", fields="tid", simplify="true", page_size=1)
    assert simple["trades"] == [{"tid": tid(1)}]


def test_every_method_of_a_session_names_what_it_asks_of_the_account() -> None:
    assert all(method.act for method in METHODS.values() if method.session)
    assert all(method.zh and method.en and all(p.zh and p.en for p in method.params) for method in METHODS.values())
