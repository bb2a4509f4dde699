"""A buyer in the browser: the button, the conversation, the plan, the refund; and the demo's clock and store front."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings
from django.test import Client

from fahuo.rules.people import Actor
from fahuo.services import messages, moment, parcels, tasks
from fahuo.store import clock
from fahuo.store.models import Buyer, Message, Order, Shop, Task, User
from tests.services.shipping import make_order, order_number, waybill

NAME = "林间"


@pytest.fixture
def now() -> datetime:
    """The pages live now."""
    return datetime.now(UTC)


@pytest.fixture
def client(shop: Shop, now: datetime) -> Client:
    user = User.objects.create_user(username="maijia", password="correct horse")
    Buyer.objects.create(shop_id=shop.id, user_id=user.id, name=NAME, created_at=now)
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def demo(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "DEMO", True)


def ordered(shop: Shop, n: int, now: datetime, *, late: bool = False, buyer: str = NAME) -> int:
    order = make_order(shop.id, n, now=now, buyer=buyer)
    if late:
        Order.objects.filter(shop_id=shop.id, id=order).update(deadline=now - timedelta(hours=1))
    return order


def here(order: int, act: str = "") -> str:
    return f"/my/lan/{order}/{act}"


def page(answer: Any) -> str:
    return str(answer.content.decode())


def test_the_button_shows_until_everything_was_shipped(client: Client, shop: Shop, owner: Actor, now: datetime) -> None:
    order, foreign = ordered(shop, 1, now), ordered(shop, 2, now, buyer="别人")
    for address in ("/my/", here(order)):
        assert here(order, "urge/") in page(client.get(address))
    assert order_number(2) not in page(client.get("/my/"))
    assert client.get(here(foreign)).status_code == 404
    assert client.post(here(foreign, "urge/")).status_code == 404
    parcels.ship(owner, order_ids=[order], carrier="ZTO", waybill=waybill(1), now=now)
    for address in ("/my/", here(order)):
        assert here(order, "urge/") not in page(client.get(address))
        assert here(order, "receive/") in page(client.get(address))


def test_an_urge_says_what_came_of_it(client: Client, shop: Shop, now: datetime) -> None:
    early, late = ordered(shop, 1, now), ordered(shop, 2, now, late=True)
    assert "最晚" in page(client.post(here(early, "urge/"), follow=True))
    assert "平台替你投诉" in page(client.post(here(late, "urge/"), follow=True))
    assert not Task.objects.filter(shop_id=shop.id, order_id=early).exists()
    assert "再次催促" in page(client.post(here(late, "urge/"), HTTP_HX_REQUEST="true"))
    assert Task.objects.get(shop_id=shop.id, order_id=late).urge_count == 2


def test_the_buyer_answers_the_plan_and_talks(client: Client, shop: Shop, owner: Actor, now: datetime) -> None:
    order = ordered(shop, 1, now, late=True)
    client.post(here(order, "urge/"))
    tasks.reply(owner, order, plan="ship_later", until=now + timedelta(days=2), now=now, text="后天一定发")
    shown = page(client.get(here(order)))
    assert "后天一定发" in shown
    assert here(order, "answer/") in shown
    client.post(here(order, "contact/"))
    client.post(here(order, "say/"), {"body": "请快一点"})
    assert client.post(here(order, "say/"), {"body": " "}).status_code == 422
    messages.send(owner, order, body="好的", now=now)
    talk = page(client.get(here(order, "talk/")))
    assert talk.index("请尽快联系我") < talk.index("请快一点")
    assert Message.objects.filter(shop_id=shop.id, kind="card").count() == 1
    assert "平台已介入" in page(client.post(here(order, "answer/"), {"answer": "refuse"}, follow=True))
    twice = client.post(here(order, "answer/"), {"answer": "accept"})
    assert twice.status_code == 422


def test_what_was_typed_stays_beside_what_is_wrong(client: Client, shop: Shop, now: datetime) -> None:
    order = ordered(shop, 1, now)
    answer = client.post(here(order, "refund/"), {"amount": "9999", "reason": "太慢了"})
    assert answer.status_code == 422
    assert "9999" in page(answer)
    assert "太慢了" in page(answer)
    assert client.post(here(order, "refund/"), {"amount": "10.00", "reason": "太慢了"}).status_code == 302
    assert here(order, "keep/") in page(client.get(here(order)))


def test_the_demo_sells_and_its_clock_runs_ahead(client: Client, shop: Shop, demo: None) -> None:
    bought = client.post("/my/shops/", {"shop": "lan", "goods": "tea", "ago": "3"})
    assert bought.status_code == 302
    order = Order.objects.get(shop_id=shop.id)
    assert (order.status, order.buyer) == ("awaiting_shipment", NAME)
    assert order.deadline is not None
    assert order.deadline < moment.now()
    client.post(here(order.id, "urge/"))
    task = Task.objects.get(shop_id=shop.id)
    assert task.due_at is not None
    client.post("/demo/clock/", {"by": "hour"})
    before = moment.now()
    assert before > datetime.now(UTC) + timedelta(minutes=59)
    assert f"{before.astimezone(ZoneInfo('Asia/Shanghai')):%m-%d %H:}" in page(client.get("/my/shops/"))
    tick = clock.last_tick()
    assert tick is not None
    assert abs(tick - before) < timedelta(seconds=10)
    while Task.objects.get(shop_id=shop.id).state == "awaiting_seller_reply":
        assert client.post("/demo/clock/", {"by": "next", "next": "/my/"}).status_code == 302
        assert moment.now() > before
        before = moment.now()
    assert task.due_at < before < task.due_at + timedelta(minutes=1)
    assert "平台已介入" in page(client.get(here(order.id)))


@pytest.mark.parametrize(
    "form",
    [{"shop": "zhu", "goods": "tea"}, {"shop": "lan", "goods": "gold"}, {"shop": "lan", "goods": "tea", "ago": "99"}],
)
def test_what_the_demo_does_not_sell_is_refused(client: Client, shop: Shop, demo: None, form: dict[str, str]) -> None:
    assert client.post("/my/shops/", form).status_code == 422
    assert not Order.objects.filter(shop_id=shop.id).exists()


def test_outside_a_demo_there_is_no_such_clock(client: Client, shop: Shop) -> None:
    assert client.get("/my/shops/").status_code == 404
    assert client.post("/demo/clock/", {"by": "hour"}).status_code == 404
    assert moment.now() < datetime.now(UTC) + timedelta(seconds=1)
