"""The seller's tasks in the browser's language: forms in, pages out."""

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from fahuo.rules.people import BuyerActor
from fahuo.services import tasks
from fahuo.store import sealed
from fahuo.store.models import Message, Order, Shop, Task
from tests.conftest import Account
from tests.services.shipping import make_order, order_number

HTMX = {"HTTP_HX_REQUEST": "true"}


@pytest.fixture
def now() -> datetime:
    """The pages live now."""
    return datetime.now(UTC)


@pytest.fixture
def client(owner_account: Account) -> Client:
    client = Client()
    client.force_login(owner_account.user)
    return client


def late(shop: Shop, n: int, now: datetime) -> Task:
    order = make_order(shop.id, n, now=now, buyer="b")
    Order.objects.filter(shop_id=shop.id, id=order).update(deadline=now - timedelta(hours=1), item_amount=100 * n)
    tasks.press_urge(BuyerActor(shop.id, "b"), order, now=now)
    return Task.objects.get(shop_id=shop.id, order_id=order)


def address(task: Task, act: str = "") -> str:
    return f"/s/lan/tasks/{task.id}/{act}"


def test_the_dearest_stands_first_with_its_seconds_and_its_price(client: Client, shop: Shop, now: datetime) -> None:
    cheap, dear = late(shop, 1, now), late(shop, 5, now)
    page = client.get("/s/lan/tasks/").content.decode()
    assert page.index(order_number(5)) < page.index(order_number(1))
    assert page.count("data-seconds") >= 2
    assert "25.00" in page
    assert "待卖家回复" in page
    for task in (cheap, dear):
        assert address(task) in page


def test_an_answer_moves_the_task_and_goes_to_the_buyer(client: Client, shop: Shop, now: datetime) -> None:
    task = late(shop, 1, now)
    until = f"{now + timedelta(days=2, hours=8):%Y-%m-%dT%H:%M}"
    form = {"plan": "ship_later", "until": until, "text": "后天发出"}
    answer = client.post(address(task, "reply/"), form, **HTMX)  # type: ignore[arg-type]
    assert answer.status_code == 200
    assert "待买家确认" in answer.content.decode()
    task.refresh_from_db()
    assert (task.state, task.plan) == ("awaiting_buyer_confirmation", "ship_later")
    kept = Message.objects.get(shop_id=shop.id).body
    assert sealed.open_text(shop.id, sealed.TALK, kept) == "后天发出" != kept


def test_what_was_typed_stands_beside_what_is_wrong(client: Client, shop: Shop, now: datetime) -> None:
    task = late(shop, 1, now)
    form = {"plan": "ship_later", "until": "2020-01-01T08:00", "text": "稍等"}
    answer = client.post(address(task, "reply/"), form)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert 'role="alert"' in page
    assert "2020-01-01T08:00" in page
    assert "稍等" in page
    client.post(address(task, "reply/"), {"plan": "exchange"})
    twice = client.post(address(task, "reply/"), {"plan": "exchange"})
    assert twice.status_code == 422
    assert Task.objects.get(shop_id=shop.id, id=task.id).plan == "exchange"


def test_one_answer_for_many_names_those_it_did_not_reach(client: Client, shop: Shop, now: datetime) -> None:
    picked = [late(shop, n, now) for n in range(1, 4)]
    client.post(address(picked[0], "reply/"), {"plan": "exchange"})
    ids = ",".join(str(task.id) for task in picked)
    answer = client.post("/s/lan/tasks/reply/", {"ids": ids, "plan": "cannot_ship"})
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "已回复 2 个任务" in page
    assert order_number(1) in page
    assert order_number(2) not in page
    none = client.post("/s/lan/tasks/reply/", {"ids": "", "plan": "exchange"})
    assert none.status_code == 422


def test_evidence_is_taken_where_the_platform_stepped_in(client: Client, shop: Shop, now: datetime) -> None:
    task = late(shop, 1, now)
    assert client.post(address(task, "evidence/"), {"body": "照片"}).status_code == 422
    client.post(address(task, "reply/"), {"plan": "cannot_ship", "reason": "force_majeure"})
    assert client.post(address(task, "evidence/"), {"body": "停电通知"}).status_code == 302
    assert "停电通知" in client.get(address(task)).content.decode()
