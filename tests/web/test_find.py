"""A scan or a search finds its order, and says loudly when it does not."""

from datetime import datetime

import pytest
from django.test import Client
from django.utils import timezone

from fahuo.rules.people import Actor
from fahuo.services import labels
from fahuo.store.models import Shop
from tests.conftest import NOW, Account
from tests.services.labelling import labelled, stocked
from tests.store.boards_data import add_order, add_parcel
from tests.web.pages import sign_in, text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def now() -> datetime:
    return timezone.now()


@pytest.fixture
def client(owner_account: Account) -> Client:
    return sign_in(owner_account)


def test_an_order_or_waybill_number_goes_to_its_order(client: Client, shop: Shop, now: datetime) -> None:
    order = add_order(shop.id, now=now, status="shipped")
    add_parcel(shop.id, order, at=now, carrier="YTO", waybill="YT2233445566771")
    for text in (order.number, f" {order.number} ", "yt2233445566771"):
        answer = client.get("/s/lan/find/", {"q": text})
        assert answer.status_code == 302
        assert answer.headers["Location"] == f"/s/lan/orders/{order.id}/"


def test_several_are_listed_masked(client: Client, shop: Shop, now: datetime) -> None:
    numbers = [add_order(shop.id, now=now).number for _ in range(2)]
    body = client.get("/s/lan/find/?q=17012345678").content.decode()
    assert all(number in body for number in numbers)
    assert "王小明" not in body
    assert "王**" in body


def test_nothing_is_a_clear_page(client: Client, shop: Shop) -> None:
    answer = client.get("/s/lan/find/?q=<b>x</b>")
    assert answer.status_code == 404
    assert 'data-not-found="&lt;b&gt;x&lt;/b&gt;"' in answer.content.decode()
    assert "没有找到" in text_of(answer.content)
    assert client.get("/s/lan/find/").status_code == 200
    assert client.get("/s/lan/find/?q=%00").status_code in (200, 404)


def test_another_shops_numbers_are_not_found(client: Client, shop: Shop, other_shop: Shop, now: datetime) -> None:
    order = add_order(other_shop.id, now=now)
    assert client.get("/s/lan/find/", {"q": order.number}).status_code == 404


@pytest.mark.parametrize(
    ("text", "lands"),
    [
        ("平台售后任务", "/s/lan/tasks/"), ("催发货", "/s/lan/orders/?urged=1"), ("违规扣分", "/s/lan/ledger/"),
        ("快捷短语", "/s/lan/tasks/texts/"), ("弹窗提醒", "/s/lan/notices/subscription/"), ("客户服务平台权限", "/s/lan/people/"),
        ("Urge tasks", "/s/lan/tasks/"), ("响应时长", "/s/lan/metrics/"),
    ],
)  # fmt: skip
def test_a_page_is_found_by_its_older_names(client: Client, text: str, lands: str) -> None:
    answer = client.get("/s/lan/find/", {"q": text})
    assert answer.status_code == 200
    assert f'href="{lands}"' in answer.content.decode()


def test_a_page_that_is_not_for_an_account_is_not_named(teammate_account: Account) -> None:
    page = sign_in(teammate_account).get("/s/lan/find/", {"q": "扣分"})
    assert page.status_code == 404
    assert "/s/lan/ledger/" not in page.content.decode()


def test_a_label_that_has_not_left_goes_to_its_order(client: Client, owner: Actor) -> None:
    stocked(owner)
    order, label = labelled(owner)
    assert client.get("/s/lan/find/?q=75330000000501").headers["Location"] == f"/s/lan/orders/{order}/"
    labels.void(owner, [label], reason="x", now=NOW)
    assert client.get("/s/lan/find/?q=75330000000501").status_code == 404
