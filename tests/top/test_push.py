"""What the marketplace tells by itself: urges at once, moved orders read again; nothing from who cannot sign."""

import json
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client

from fahuo.rules.people import Actor
from fahuo.rules.top import clock, signing
from fahuo.services import parcels
from fahuo.store.models import MarketplaceOrder, Order, Shop, Urge
from tests.services.shipping import waybill
from tests.top.calling import draft, take_in, tid
from tests.top.mirror import Mirror


@pytest.fixture
def mirror(owner: Actor, stranger: Actor, monkeypatch: pytest.MonkeyPatch) -> Mirror:
    made = Mirror(stranger, owner, datetime.now(UTC).replace(microsecond=0))
    monkeypatch.setattr("fahuo.api.top.view._moments", lambda: (made.at, made.at))
    monkeypatch.setattr("fahuo.services.moment.now", lambda: made.at)
    take_in(stranger, *(draft(n, now=made.at) for n in (1, 2)), now=made.at)
    made.settle()
    return made


def push(mirror: Mirror, shop: Shop, *, as_json: bool = False, wrong: bool = False, **given: str) -> Any:
    key = mirror.row().push_key
    given |= {"sign_method": "md5", "timestamp": clock.written(mirror.at)}
    given["sign"] = "0" if wrong else signing.sign(given, mirror.secret, "md5")
    body, kind = (
        (json.dumps(given), "application/json") if as_json else (urlencode(given), "application/x-www-form-urlencoded")
    )
    return Client().generic("POST", f"/push/{shop.code}/{key}/", body, kind)


@pytest.mark.parametrize("as_json", [False, True])
def test_a_pushed_urge_is_one_urge_however_often_it_is_told(mirror: Mirror, shop: Shop, as_json: bool) -> None:
    at = clock.written(mirror.at)
    for _ in range(3):
        answer = push(
            mirror, shop, method="ome.order.delivergoods", tid=str(tid(1)), notify_time=at, as_json=as_json
        ).json()
    assert answer["rsp"] == "succ"
    assert answer["data"]["processCode"] == 30
    assert answer["data"]["logisticTime"]
    assert Order.objects.get(shop_id=shop.id, number=str(tid(1))).urge_count == 1
    # and the mark in the list, seen later, is the same urge
    Order.objects.filter(shop_id=mirror.market.shop_id, number=str(tid(1))).update(urge_count=1)
    mirror.settle()
    assert Urge.objects.filter(shop_id=shop.id).count() == 1


def test_what_cannot_be_urged_says_why(mirror: Mirror, shop: Shop) -> None:
    unknown = push(mirror, shop, method="ome.order.delivergoods", tid="77").json()
    assert (unknown["error_code"], unknown["retry"]) == ("ORDER_NOT_FOUND", True)
    order = Order.objects.get(shop_id=shop.id, number=str(tid(2)))
    parcels.ship(mirror.merchant, order_ids=[order.id], carrier="ZTO", waybill=waybill(1), now=mirror.at)
    gone = push(mirror, shop, method="ome.order.delivergoods", tid=str(tid(2))).json()
    assert (gone["error_code"], gone["retry"]) == ("ORDER_ALREADY_SHIPPED", False)


def test_a_message_about_an_order_lets_it_be_read_again(mirror: Mirror, shop: Shop) -> None:
    content = json.dumps({"tid": tid(1), "oid": tid(1), "status": "TRADE_CLOSED"})
    assert push(mirror, shop, topic="taobao_trade_TradeClose", content=content).json()["rsp"] == "succ"
    row = MarketplaceOrder.objects.get(ref=str(tid(1)))
    assert row.due_at == mirror.at
    due = mirror.row().due_at
    assert due is not None
    assert due <= mirror.at
    # the message said closed; the order itself says otherwise
    mirror.settle()
    assert Order.objects.get(shop_id=shop.id, number=str(tid(1))).status == "awaiting_shipment"


@pytest.mark.parametrize(
    ("given", "status"),
    [
        ({"method": "ome.order.delivergoods", "tid": "1", "wrong": True}, 403), ({"method": "ome.other", "tid": "1"}, 400),
        ({"method": "ome.order.delivergoods", "tid": "x"}, 400), ({"topic": "taobao_item_ItemAdd", "content": "{}"}, 400),
        ({"topic": "taobao_trade_TradeClose", "content": "[1"}, 400),
    ],
)  # fmt: skip
def test_what_is_not_believed(mirror: Mirror, shop: Shop, given: dict[str, Any], status: int) -> None:
    assert push(mirror, shop, **given).status_code == status


@pytest.mark.parametrize("length", ["²", "x", "-1", "9" * 5000])
def test_a_length_that_is_none_is_too_long(mirror: Mirror, shop: Shop, length: str) -> None:
    address = f"/push/{shop.code}/{mirror.row().push_key}/"
    assert Client().generic("POST", address, b"a=b", CONTENT_LENGTH=length).status_code == 413


def test_half_a_character_was_signed_by_nobody(mirror: Mirror, shop: Shop) -> None:
    body = b'{"method": "ome.order.delivergoods", "tid": "1", "note": "\\ud800", "sign": "0"}'
    address = f"/push/{shop.code}/{mirror.row().push_key}/"
    assert Client().generic("POST", address, body, "application/json").status_code == 400


def test_an_address_that_is_none(mirror: Mirror, shop: Shop, other_shop: Shop) -> None:
    key = mirror.row().push_key
    assert Client().post(f"/push/{other_shop.code}/{key}/").status_code == 404
    assert Client().post(f"/push/{shop.code}/{key}x/").status_code == 404
    assert Client().get(f"/push/{shop.code}/{key}/").status_code == 405
