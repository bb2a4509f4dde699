"""我要发货 and what follows: whole, in parts, merged, virtual; refusals where they arose; correcting, voiding, pickup."""

import json
from datetime import datetime
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from fahuo.store.models import Order, Parcel, ParcelOrder, Shop
from tests.conftest import Account
from tests.store.boards_data import add_order, add_parcel
from tests.web.pages import sign_in, text_of

pytestmark = pytest.mark.django_db
PART = {"HX-Request": "true"}
YTO = "YT2233445566771"


@pytest.fixture
def now() -> datetime:
    return timezone.now()


@pytest.fixture
def client(owner_account: Account) -> Client:
    return sign_in(owner_account)


def ship(client: Client, order: Order, **form: Any) -> Any:
    return client.post(f"/s/lan/orders/{order.id}/ship/", {"carrier": "YTO", "waybill": YTO, **form}, headers=PART)


def toast(answer: Any) -> dict[str, str]:
    return dict(json.loads(answer.headers["HX-Trigger"])["toast"])


def status(order: Order) -> str:
    return Order.objects.get(shop_id=order.shop_id, id=order.id).status


def test_ship_and_undo(client: Client, shop: Shop, now: datetime) -> None:
    order = add_order(shop.id, now=now)
    answer = ship(client, order, waybill=" yt22334 45566771 ")
    assert answer.status_code == 200
    assert toast(answer)["text"] == f"已发货：圆通速递 {YTO}"
    assert status(order) == "shipped"
    assert YTO in text_of(answer.content)
    assert client.post(toast(answer)["undo"], follow=True).status_code == 200
    assert status(order) == "awaiting_shipment"


def test_whoever_has_the_slip_may_insist_on_its_number(client: Client, shop: Shop, now: datetime) -> None:
    first, second = add_order(shop.id, now=now), add_order(shop.id, now=now)
    asked = ship(client, first, waybill="YT-NEW-1")
    assert asked.status_code == 422
    assert "号码没有抄错，就按它发货" in text_of(asked.content)
    assert ship(client, first, waybill="YT-NEW-1", insist="1").status_code == 200
    asked = ship(client, second, waybill="YT-NEW-1", insist="")
    assert "就在那个包裹里，一起发出" not in text_of(asked.content)
    assert status(second) == "awaiting_shipment"
    third, fourth = add_order(shop.id, now=now), add_order(shop.id, now=now)
    ship(client, third)
    asked = ship(client, fourth)
    assert asked.status_code == 422
    assert "就在那个包裹里，一起发出" in text_of(asked.content)
    done = ship(client, fourth, insist="1")
    assert "以前用过" in toast(done)["text"]
    assert status(fourth) == "shipped"
    assert Parcel.objects.filter(shop_id=shop.id, waybill=YTO).count() == 1


def test_the_last_carrier_is_offered_again(client: Client, shop: Shop, now: datetime) -> None:
    first, second = add_order(shop.id, now=now), add_order(shop.id, now=now)
    ship(client, first)
    body = client.get(f"/s/lan/orders/{second.id}/ship/").content.decode()
    assert '<option value="YTO" selected>' in body


def test_a_wrong_shape_offers_the_carriers_and_keeps_what_was_typed(client: Client, shop: Shop, now: datetime) -> None:
    order = add_order(shop.id, now=now)
    answer = ship(client, order, carrier="SF")
    assert answer.status_code == 422
    body = answer.content.decode()
    assert 'data-carrier="YTO"' in body
    assert f'value="{YTO}"' in body
    assert '<option value="SF" selected>' in body
    assert status(order) == "awaiting_shipment"
    live = client.get(f"/s/lan/orders/{order.id}/check/", {"carrier": "SF", "waybill": YTO}).content.decode()
    assert 'data-carrier="YTO"' in live
    assert client.get(f"/s/lan/orders/{order.id}/check/", {"carrier": "YTO", "waybill": YTO}).content.strip() == b""


def test_a_number_in_living_use_names_its_order(client: Client, shop: Shop, now: datetime) -> None:
    first, second = add_order(shop.id, now=now), add_order(shop.id, now=now)
    ship(client, first)
    answer = ship(client, second)
    assert answer.status_code == 422
    assert first.number in text_of(answer.content)


@pytest.mark.parametrize("form", [{"waybill": ""}, {"carrier": ""}, {"part": "1"}, {"part": "1", "line-1": "x"}])
def test_what_is_missing_is_said(client: Client, shop: Shop, now: datetime, form: dict[str, str]) -> None:
    order = add_order(shop.id, now=now)
    assert ship(client, order, **form).status_code == 422
    assert status(order) == "awaiting_shipment"


def test_part_shipments_by_lines(client: Client, shop: Shop, now: datetime) -> None:
    order = add_order(shop.id, now=now, lines=[{"quantity": 3}, {"title": "杯垫", "quantity": 1}])
    cups, mats = client.get(f"/s/lan/orders/{order.id}/").context["detail"].lines
    answer = ship(client, order, **{"part": "1", f"line-{cups.id}": "2", f"line-{mats.id}": "0"})
    assert answer.status_code == 200, text_of(answer.content)
    assert status(order) == "part_shipped"
    assert "已发 2" in text_of(answer.content)
    rest = ship(
        client, order, waybill="YT2233445566788", **{"part": "1", f"line-{cups.id}": "1", f"line-{mats.id}": "1"}
    )
    assert rest.status_code == 200
    assert status(order) == "shipped"


def test_orders_of_one_receiver_share_a_parcel(client: Client, shop: Shop, now: datetime) -> None:
    first, second = (add_order(shop.id, now=now, receiver_key="same") for _ in range(2))
    stranger = add_order(shop.id, now=now, receiver_key="other")
    assert second.number in text_of(client.get(f"/s/lan/orders/{first.id}/").content)
    assert ship(client, first, **{"with": [str(stranger.id)]}).status_code == 422
    assert ship(client, first, **{"with": [str(second.id)]}).status_code == 200
    assert (status(first), status(second)) == ("shipped", "shipped")
    assert ParcelOrder.objects.filter(shop_id=shop.id).values("parcel_id").distinct().count() == 1


def test_virtual_goods_need_no_logistics(client: Client, shop: Shop, now: datetime) -> None:
    order = add_order(shop.id, now=now, kind="virtual")
    answer = ship(client, order, kind="virtual", waybill="", carrier="YTO")
    assert toast(answer)["text"] == "已发货（无需物流）"
    assert Parcel.objects.get(shop_id=shop.id).kind == "virtual"


def test_a_refund_stops_and_may_be_overruled_by_who_may(client: Client, shop: Shop, now: datetime) -> None:
    order = add_order(shop.id, now=now, refund_status="requested")
    stopped = ship(client, order)
    assert stopped.status_code == 422
    assert 'name="force"' in stopped.content.decode()
    assert ship(client, order, force="1").status_code == 200


def test_correct_void_and_pickup(client: Client, shop: Shop, now: datetime) -> None:
    order = add_order(shop.id, now=now)
    ship(client, order)
    parcel = Parcel.objects.get(shop_id=shop.id)
    here = f"/s/lan/orders/{order.id}/parcels/{parcel.id}"
    corrected = client.post(f"{here}/correct/", {"carrier": "YTO", "waybill": "YT2233445566788"}, headers=PART)
    assert toast(corrected)["text"].startswith("单号已改")
    assert client.post(f"{here}/correct/", {"carrier": "SF", "waybill": "x"}, headers=PART).status_code == 422
    picked = client.post(f"{here}/picked-up/", headers=PART)
    assert toast(picked)["text"] == "已记下揽收"
    assert "揽收" in text_of(picked.content)
    assert client.post(f"{here}/void/", headers=PART).status_code == 422


def test_a_parcel_of_another_order_is_not_found(
    client: Client, shop: Shop, other_shop: Shop, stranger_account: Account, now: datetime
) -> None:
    order, other = add_order(shop.id, now=now), add_order(shop.id, now=now, status="shipped")
    parcel = add_parcel(shop.id, other, at=now)
    assert client.post(f"/s/lan/orders/{order.id}/parcels/{parcel.id}/void/").status_code == 404
    stranger = sign_in(stranger_account)
    assert stranger.post(f"/s/lan/orders/{other.id}/parcels/{parcel.id}/void/").status_code == 404
    assert stranger.post(f"/s/zhu/orders/{other.id}/parcels/{parcel.id}/void/").status_code == 404
    assert Parcel.objects.get(shop_id=shop.id).voided_at is None


def test_shipping_works_without_scripts(client: Client, shop: Shop, now: datetime) -> None:
    order = add_order(shop.id, now=now)
    answer = client.post(f"/s/lan/orders/{order.id}/ship/", {"carrier": "YTO", "waybill": YTO}, follow=True)
    assert "已发货：圆通速递" in text_of(answer.content)
    refused = client.post(f"/s/lan/orders/{order.id}/ship/", {"carrier": "YTO", "waybill": "YT2233445566788"})
    assert refused.status_code == 422
    assert b"<html" in refused.content
