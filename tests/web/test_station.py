"""The bench and the pickups as pages, without a script."""

from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from fahuo.rules.people import Actor
from fahuo.services import pickups, station
from fahuo.store.models import Contract, Label, Order, Parcel, Pickup, PickupParcel, Shop
from tests.conftest import Account, make_account
from tests.services.parcelling import make_contract, make_label, make_labels
from tests.services.shipping import order_number, waybill

DONE = "9900001"


@pytest.fixture
def now() -> datetime:
    """The pages live now."""
    return datetime.now(UTC)


@pytest.fixture
def contract(shop: Shop, now: datetime) -> Contract:
    return make_contract(shop.id, now=now, pickup_times=[time(0, 0), time(23, 59)])


@pytest.fixture
def client(owner_account: Account) -> Client:
    client = Client()
    client.force_login(owner_account.user)
    return client


def scan(client: Client, text: str, *, part: bool = True, **fields: Any) -> Any:
    headers = {"X-Bench": "1"} if part else {}
    answer = client.post("/s/lan/station/scan/", {"scan": text, "checks": "1", **fields}, headers=headers)
    assert answer.status_code == 200
    return answer


def said(answer: Any) -> str:
    return answer.content.decode()


def test_a_scan_is_answered_with_the_part_alone_or_with_the_whole_page(
    client: Client, owner: Actor, contract: Contract, now: datetime
) -> None:
    label = make_label(owner, contract, 1, now=now, quantities=(2,), buyer_message="<b>快</b>")
    part = said(scan(client, waybill(1)))
    assert "<html" not in part
    assert f'name="label" value="{label.id}"' in part
    assert "&lt;b&gt;快&lt;/b&gt;" in part
    whole = said(scan(client, waybill(1), part=False))
    assert "<html" in whole
    assert waybill(1) in whole
    answer = said(scan(client, DONE, label=label.id, checks=""))
    assert 'data-sound="done"' in answer
    assert waybill(1) in said(client.get("/s/lan/station/done/"))
    assert "已撤销" in said(scan(client, "", undo=label.id))
    assert Label.objects.get(id=label.id).packed_at is None


def test_the_bench_remembers_how_it_works(client: Client, contract: Contract) -> None:
    assert 'name="checks" value="1" checked' in said(client.get("/s/lan/station/"))
    scan(client, "", checks="", auto="1", contract=contract.id)
    page = said(client.get("/s/lan/station/"))
    assert 'name="checks" value="1" checked' not in page
    assert 'name="auto" value="1" checked' in page
    assert f'value="{contract.id}" selected' in page


def test_what_a_page_sends_is_never_trusted(client: Client, owner: Actor, contract: Contract, now: datetime) -> None:
    label = make_label(owner, contract, 1, now=now, quantities=(2,))
    for fields in (
        {"label": "x"}, {"label": "9" * 30}, {"check": "a" * 100_000}, {"check": "o1*9 1~999999 ~~ *"}, {"grams": "-1"},
        {"grams": "1e9", "sure": "nan"}, {"contract": "abc"}, {"undo": "99999999999999999"}, {"scale": "½"},
    ):  # fmt: skip
        scan(client, DONE, **{"label": label.id, **fields})
    assert 'data-sound="good"' in said(scan(client, "\x00" + waybill(1)))
    pickup = pickups.call(owner, contract.id, at=now, now=now)
    for act, fields in (
        ("add", {"scan": "\x00"}), ("add", {"numbers": f"\x00{waybill(1)}\x00"}), ("remove", {"number": "\x00"}),
        ("sign", {"count": "1", "courier": "\x00", "missing": "\x00"}), ("sign", {"count": "１", "courier": "x"}),
    ):  # fmt: skip
        assert client.post(f"/s/lan/pickups/{pickup}/{act}/", fields).status_code in (200, 302, 422)
    assert Label.objects.get(id=label.id).packed_at is None


def test_a_scan_asks_little_of_the_database(client: Client, owner: Actor, contract: Contract, now: datetime) -> None:
    make_label(owner, contract, 1, now=now, quantities=(2, 1))
    scan(client, waybill(1))
    with CaptureQueriesContext(connection) as asked:
        scan(client, waybill(1))
    mine = [query for query in asked if "labels" in query["sql"]]
    assert len(mine) == 2
    assert len(asked) <= 7


def test_a_courier_is_called_for_and_comes(
    client: Client, owner: Actor, contract: Contract, shop: Shop, now: datetime
) -> None:
    at = f"{now + timedelta(hours=10):%Y-%m-%dT%H:%M}"
    assert client.post("/s/lan/pickups/call/", {"contract": contract.id, "at": at, "note": "大件"}).status_code == 302
    called = Pickup.objects.get(shop_id=shop.id)
    page = said(client.get("/s/lan/pickups/"))
    assert "大件" in page
    assert "临时约的" in page
    answer = client.post("/s/lan/pickups/begin/", {"pickup": called.id})
    assert answer["Location"].endswith(f"/pickups/{called.id}/")
    for wrong in ("", "tomorrow", "2020-01-01T10:00"):
        answer = client.post("/s/lan/pickups/call/", {"contract": contract.id, "at": wrong})
        assert answer.status_code == 422
    answer = client.post("/s/lan/pickups/call/", {"contract": contract.id, "now": "1"})
    here = Pickup.objects.exclude(id=called.id).get(shop_id=shop.id)
    assert here.status == "open"
    assert answer["Location"].endswith(f"/pickups/{here.id}/")


def test_a_daily_pickup_is_begun_from_the_list(client: Client, contract: Contract, shop: Shop, now: datetime) -> None:
    page = said(client.get("/s/lan/pickups/"))
    at = int(page.split('name="at" value="')[-2].split('"')[0])
    answer = client.post("/s/lan/pickups/begin/", {"contract": contract.id, "at": at})
    assert answer.status_code == 302
    assert Pickup.objects.get(shop_id=shop.id).kind == "daily"
    assert client.post("/s/lan/pickups/begin/", {"contract": contract.id, "at": at + 1}).status_code == 422
    assert client.post("/s/lan/pickups/begin/", {"contract": "x", "at": "x"}).status_code == 422


def test_a_pasted_list_adds_what_fits_and_names_the_rest(
    client: Client, owner: Actor, contract: Contract, shop: Shop, now: datetime
) -> None:
    make_labels(owner, contract, range(1, 6), now=now)
    pickup = pickups.call(owner, contract.id, at=now, now=now)
    pasted = "\n".join([*(waybill(n) for n in range(1, 4)), "YT1234567890123", waybill(99)])
    answer = client.post(f"/s/lan/pickups/{pickup}/add/", {"numbers": pasted})
    assert answer.status_code == 422
    page = said(answer)
    assert "其余 3 件已加上" in page
    assert waybill(99) in page
    assert PickupParcel.objects.filter(pickup_id=pickup).count() == 3
    assert client.post(f"/s/lan/pickups/{pickup}/add/", {"packed": "1"}).status_code == 302
    assert PickupParcel.objects.filter(pickup_id=pickup).count() == 5
    assert client.post(f"/s/lan/pickups/{pickup}/remove/", {"number": waybill(2)}).status_code == 302
    assert PickupParcel.objects.filter(pickup_id=pickup).count() == 4
    assert client.post(f"/s/lan/pickups/{pickup}/cancel/").status_code == 302
    assert client.post(f"/s/lan/pickups/{pickup}/add/", {"numbers": waybill(1)}).status_code == 200
    assert "已经取消" in said(client.post(f"/s/lan/pickups/{pickup}/add/", {"scan": waybill(1)}))


def test_a_short_count_asks_which_are_missing(
    client: Client, owner: Actor, contract: Contract, shop: Shop, now: datetime
) -> None:
    make_labels(owner, contract, range(1, 4), now=now)
    pickup = pickups.call(owner, contract.id, at=now, now=now)
    pickups.add_packed(owner, pickup, now=now)
    address = f"/s/lan/pickups/{pickup}/sign/"
    answer = client.post(address, {"count": "2", "courier": "王师傅"})
    page = said(answer)
    assert answer.status_code == 422
    assert "单上 3 件，快递员点了 2 件" in page
    assert page.count('name="missing"') == 3
    assert 'value="王师傅"' in page
    for count, words in (("", "请填快递员点的件数"), ("two", "请填"), ("4", "多出 1 件")):
        assert words in said(client.post(address, {"count": count, "courier": "王师傅"}))
    assert "请填快递员的姓名" in said(client.post(address, {"count": "3", "courier": " "}))
    answer = client.post(address, {"count": "2", "courier": "王师傅", "missing": [waybill(2)]})
    assert answer.status_code == 302
    assert Parcel.objects.filter(shop_id=shop.id, handed_over_at__isnull=False).count() == 2
    page = said(client.get(f"/s/lan/pickups/{pickup}/"))
    assert "王师傅" in page
    assert 'name="scan"' not in page
    paper = said(client.get(f"/s/lan/pickups/{pickup}/paper/"))
    assert waybill(1) in paper
    assert waybill(2) not in paper


def test_what_must_not_leave_stands_on_the_list_in_red(
    client: Client, owner: Actor, contract: Contract, shop: Shop, now: datetime
) -> None:
    make_labels(owner, contract, [1, 2], now=now)
    pickup = pickups.call(owner, contract.id, at=now, now=now)
    pickups.add_packed(owner, pickup, now=now)
    Order.objects.filter(shop_id=shop.id, number=order_number(2)).update(refund_status="requested")
    page = said(client.get(f"/s/lan/pickups/{pickup}/"))
    assert "这些不能交出去" in page
    assert page.count("is-stuck") == 1
    answer = client.post(f"/s/lan/pickups/{pickup}/sign/", {"count": "2", "courier": "王师傅"})
    assert answer.status_code == 422
    assert "正在退款中" in said(answer)


def test_the_start_page_says_what_waits_for_the_courier(
    client: Client, owner: Actor, contract: Contract, shop: Shop, now: datetime
) -> None:
    make_labels(owner, contract, range(1, 13), now=now)
    make_labels(owner, contract, range(13, 16), now=now, state="printed")
    page = said(client.get("/s/lan/"))
    assert "已打包 12 件，打印了没打包 3 件" in page
    assert "tab=printed" in page
    for tab, count in (("printed", 3), ("packed", 12), ("unscanned", 0)):
        assert said(client.get(f"/s/lan/pickups/left/?tab={tab}")).count("<tr data-row") == count


def test_a_shop_without_contracts_sees_nothing_of_it(client: Client) -> None:
    page = said(client.get("/s/lan/"))
    assert "下一次揽收" not in page
    assert "打印了，还没交给快递" not in page
    assert "还没有快递合同" in said(client.get("/s/lan/pickups/"))


def test_who_only_prints_sees_the_manifest_and_changes_nothing(
    shop: Shop, owner: Actor, contract: Contract, now: datetime
) -> None:
    printer = make_account(shop, "printer", permissions=("print",))
    client = Client()
    client.force_login(printer.user)
    make_labels(owner, contract, [1], now=now)
    pickup = pickups.call(owner, contract.id, at=now, now=now)
    pickups.add_packed(owner, pickup, now=now)
    page = said(client.get(f"/s/lan/pickups/{pickup}/"))
    assert waybill(1) in page
    assert "快递员签收" not in page
    assert "约快递员" not in said(client.get("/s/lan/pickups/"))
    assert client.get("/s/lan/station/").status_code == 403


def test_the_history_of_an_order_tells_of_it(
    client: Client, owner: Actor, contract: Contract, shop: Shop, now: datetime
) -> None:
    label = make_label(owner, contract, 1, now=now)
    station.pack(owner, label.id, grams=432, now=now)
    pickup = pickups.call(owner, contract.id, at=now, now=now)
    pickups.add_packed(owner, pickup, now=now)
    pickups.sign(owner, pickup, count=1, courier="王师傅", now=now)
    order = Order.objects.get(shop_id=shop.id, number=order_number(1))
    page = said(client.get(f"/s/lan/orders/{order.id}/"))
    for words in ("打包", "432", "记到交接单", "交给快递员"):
        assert words in page
