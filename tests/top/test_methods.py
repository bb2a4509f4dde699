"""The methods against the real services: orders, refunds, places. Shipping: test_sending.py."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from fahuo.api.top.methods.companies import pattern
from fahuo.api.top.registry import METHODS
from fahuo.rules.carriers import CARRIERS
from fahuo.rules.people import Actor
from fahuo.rules.top import clock
from fahuo.services import orders, refunds
from fahuo.store.models import JournalEntry, Order
from tests.services.shipping import waybill
from tests.top.calling import ALL, Desk, draft, full, oid, refused, send, sent, take_in, tid

WINDOW = timedelta(hours=2)


@pytest.fixture
def now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)


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
