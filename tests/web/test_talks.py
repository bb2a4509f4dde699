"""Conversations as the seller sees them: who waits, what was said, what the task does; and the automatic reply."""

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from fahuo.rules.people import Actor
from fahuo.services import messages, tasks
from fahuo.store.boards.talks import talks_page
from fahuo.store.models import JournalEntry, Message, Order, Shop, Talk
from tests.conftest import Account
from tests.services.aftersales import buyer
from tests.services.shipping import make_order, order_number

HTMX = {"HTTP_HX_REQUEST": "true"}
MINUTE = timedelta(minutes=1)


@pytest.fixture
def now() -> datetime:
    """The pages live now."""
    return datetime.now(UTC)


@pytest.fixture
def client(owner_account: Account) -> Client:
    client = Client()
    client.force_login(owner_account.user)
    return client


def asked(shop: Shop, n: int, at: datetime, body: str = "什么时候发货") -> int:
    """An order whose buyer wrote."""
    order = make_order(shop.id, n, now=at, buyer=f"买家{n}")
    messages.send(buyer(shop.id, f"买家{n}"), order, body=body, now=at)
    return order


def test_unread_stands_first_and_an_answer_ends_the_wait(
    client: Client, shop: Shop, owner: Actor, now: datetime
) -> None:
    orders = [asked(shop, n, now - n * MINUTE) for n in (1, 2, 3)]
    messages.see(owner, orders[0], until=Talk.objects.get(shop_id=shop.id, order_id=orders[0]).last_id)
    page = client.get("/s/lan/messages/").content.decode()
    places = [page.index(f'id="row-{order}"') for order in (orders[1], orders[2], orders[0])]
    assert places == sorted(places), "unread first, then the newest"
    assert ("买*" in page, "买家1" in page, page.count("data-since")) == (True, False, 3)
    assert 'data-talks>2<span class="sr">' in page
    answer = client.post(f"/s/lan/messages/{orders[1]}/say/", {"body": "今天发出"}, **HTMX)  # type: ignore[arg-type]
    assert (answer.status_code, "今天发出" in answer.content.decode()) == (200, True)
    assert f'id="row-{orders[1]}"' not in client.get("/s/lan/messages/").content.decode()
    talk = Talk.objects.get(shop_id=shop.id, order_id=orders[1])
    assert (talk.waiting_since, talk.unread, talk.fresh) == (None, 0, False)
    assert JournalEntry.objects.get(shop_id=shop.id, act="message.sent").order_id == orders[1]
    late = client.post(f"/s/lan/messages/{orders[2]}/seen/", {"until": "1"})
    assert (late.status_code, Talk.objects.get(shop_id=shop.id, order_id=orders[2]).unread) == (204, 1), (
        "a later one came"
    )


def test_a_page_after_a_page_and_back(shop: Shop, now: datetime) -> None:
    orders = [asked(shop, n, now - n * MINUTE) for n in range(1, 6)]
    first = talks_page(shop.id, limit=2)
    second = talks_page(shop.id, cursor=first.next or "", limit=2)
    third = talks_page(shop.id, cursor=second.next or "", limit=2)
    found = [row.order_id for page in (first, second, third) for row in page.rows]
    assert (found, third.next) == (orders, None)
    back = talks_page(shop.id, cursor=third.previous or "", limit=2)
    assert [row.order_id for row in back.rows] == orders[2:4]
    assert talks_page(shop.id, cursor="nonsense").cursor_lost


@pytest.mark.parametrize("text", ["买家2", order_number(2)])
def test_a_buyer_or_a_number_is_found_whole(client: Client, shop: Shop, now: datetime, text: str) -> None:
    orders = [asked(shop, n, now - n * MINUTE) for n in (1, 2)]
    page = client.get("/s/lan/messages/", {"q": text, "tab": "all"}).content.decode()
    assert (f'id="row-{orders[1]}"' in page, f'id="row-{orders[0]}"' in page) == (True, False)
    assert "没有找到" in client.get("/s/lan/messages/", {"q": text[:-1]}).content.decode()


def test_cards_of_the_task_stand_between_the_messages(client: Client, shop: Shop, owner: Actor, now: datetime) -> None:
    order = asked(shop, 1, now - 30 * MINUTE)
    Order.objects.filter(shop_id=shop.id, id=order).update(deadline=now - timedelta(hours=1))
    tasks.press_urge(buyer(shop.id, "买家1"), order, now=now - 20 * MINUTE)
    messages.send(owner, order, body="马上看", now=now - 15 * MINUTE)
    until = now + timedelta(days=1)
    tasks.reply(owner, order, plan="ship_later", until=until, text="明天发", now=now - 10 * MINUTE)
    page = client.get(f"/s/lan/messages/{order}/").content.decode()
    places = [page.index(text) for text in ("什么时候发货", "买家催发货", "马上看", "卖家回复：延迟发货", "明天发</p>")]
    assert places == sorted(places)
    assert "待买家确认" in page
    assert "data-left" in page[page.index("卖家回复：延迟发货") :]
    assert ("甲*" in page, "17000000001" in page, order_number(1) in page) == (True, False, True)
    part = client.get(f"/s/lan/messages/{order}/lines/", **HTMX).content.decode()  # type: ignore[arg-type]
    assert ("马上看" in part, "<textarea" in part) == (True, False), "what is being typed is left alone"
    empty = client.post(f"/s/lan/messages/{order}/say/", {"body": " "})
    assert (empty.status_code, 'role="alert"' in empty.content.decode()) == (422, True)
    assert client.get("/s/lan/messages/1/").status_code == 404


def test_the_automatic_reply_answers_each_wait_once_and_counts_for_nobody(
    client: Client, shop: Shop, owner: Actor, now: datetime
) -> None:
    saved = client.post("/s/lan/messages/automatic/", {"body": "稍后回复您", "start": "22:00", "end": "08:00"})
    assert saved.status_code == 302
    assert "稍后回复您" in client.get("/s/lan/messages/automatic/").content.decode()
    wrong = client.post("/s/lan/messages/automatic/", {"body": "x", "start": "22:00", "end": ""})
    assert (wrong.status_code, "22:00" in wrong.content.decode()) == (422, True)
    who = buyer(shop.id, "买家1")
    night = datetime.fromisoformat("2026-03-02T23:30:00+08:00")
    order = make_order(shop.id, 1, now=night, buyer="买家1")
    for minutes, text in ((0, "在吗"), (1, "在不在")):
        messages.send(who, order, body=text, now=night + minutes * MINUTE)
    assert Talk.objects.get(shop_id=shop.id, order_id=order).waiting_since == night
    messages.send(owner, order, body="在", now=night + 2 * MINUTE)
    messages.contact_again(who, order, now=night + 3 * MINUTE)
    messages.send(owner, order, body="请讲", now=night + 4 * MINUTE)
    messages.send(who, order, body="白天再说", now=night + timedelta(hours=10))
    told = list(Message.objects.filter(shop_id=shop.id).order_by("id").values_list("sender", "kind", "member_id"))
    me = owner.member_id
    assert told == [
        ("buyer", "message", None), ("seller", "auto", None), ("buyer", "message", None), ("seller", "message", me),
        ("buyer", "card", None), ("seller", "auto", None), ("seller", "message", me), ("buyer", "message", None),
    ]  # fmt: skip
