"""An order's page after the sale: why an urge counts, what comes next, and the answer to a refund."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from fahuo.rules.people import Actor, BuyerActor, PlatformActor
from fahuo.services import complaints, refunds, tasks
from fahuo.store import sealed
from fahuo.store.models import Complaint, Message, Order, Shop
from tests.services.shipping import make_order

HTMX = {"HTTP_HX_REQUEST": "true"}


@pytest.fixture
def client(owner_account: Any) -> Client:
    client = Client()
    client.force_login(owner_account.user)
    return client


@pytest.fixture
def now() -> datetime:
    """The pages live now."""
    return datetime.now(UTC)


@pytest.fixture
def order(shop: Shop, now: datetime) -> int:
    """A late order of 甲 that was paid."""
    made = make_order(shop.id, 1, now=now, buyer="甲")
    Order.objects.filter(shop_id=shop.id, id=made).update(
        deadline=now - timedelta(hours=1), item_amount=Decimal("100.00"), paid_amount=Decimal("100.00")
    )
    return made


def here(order: int, act: str = "after-sales/") -> str:
    return f"/s/lan/orders/{order}/{act}"


def text(answer: Any) -> str:
    return str(answer.content.decode())


def test_the_page_says_why_an_urge_counts_and_what_comes_next(
    client: Client, shop: Shop, owner: Actor, order: int, now: datetime
) -> None:
    page = text(client.get(here(order)))
    assert "会生成平台任务" in page
    assert "预售" in page
    tasks.press_urge(BuyerActor(shop.id, "甲"), order, now=now)
    page = text(client.get(here(order), **HTMX))  # type: ignore[arg-type]
    assert "待卖家回复" in page
    assert "没人处理的话" in page
    assert "平台介入中" in page
    complaints.open_by_buyer(BuyerActor(shop.id, "甲"), order, kind="delay", now=now)
    complaints.adjudicate(PlatformActor("小二"), shop.id, order, verdict="upheld", statement="晚了", now=now)
    page = text(client.get(here(order)))
    assert "投诉成立" in page
    assert "5.00" in page
    assert "晚了" in page


def test_a_refund_is_refused_with_words_agreed_to_and_paid(
    client: Client, shop: Shop, owner: Actor, order: int, now: datetime
) -> None:
    refunds.request(BuyerActor(shop.id, "甲"), order, amount=Decimal("60.00"), reason="不要了", now=now)
    assert "拒绝退款" in text(client.get(f"/s/lan/orders/{order}/"))
    nothing = client.post(here(order, "refund/refuse/"), {"reason": " "})
    assert nothing.status_code == 422
    assert Order.objects.get(shop_id=shop.id, id=order).refund_status == "requested"
    client.post(here(order, "refund/refuse/"), {"reason": "已经打包了"})
    kept = Message.objects.filter(shop_id=shop.id, order_id=order, sender="seller").latest("id").body
    assert sealed.open_text(shop.id, sealed.TALK, kept) == "已经打包了" != kept
    refunds.request(BuyerActor(shop.id, "甲"), order, amount=Decimal("100.00"), reason="还是不要了", now=now)
    client.post(here(order, "refund/agree/"))
    for amount in ("100.001", "x", "200"):
        wrong = client.post(here(order, "refund/succeed/"), {"amount": amount})
        assert wrong.status_code == 422, amount
    client.post(here(order, "refund/succeed/"), {"amount": "100.00"})
    found = Order.objects.get(shop_id=shop.id, id=order)
    assert (found.status, found.refund_status) == ("closed", "succeeded")


def test_a_complaint_without_a_task_is_answered_on_the_order(
    client: Client, shop: Shop, owner: Actor, order: int, now: datetime
) -> None:
    assert client.post(here(order, "complaint/settle/")).status_code == 422
    complaints.open_by_buyer(BuyerActor(shop.id, "甲"), order, kind="false_shipping", now=now)
    client.post(here(order, "complaint/evidence/"), {"body": "快递已经揽收"})
    page = text(client.get(here(order)))
    assert "快递已经揽收" in page
    assert "自愿赔付" in page
    client.post(here(order, "complaint/settle/"))
    assert Complaint.objects.get(shop_id=shop.id, order_id=order).status == "settled"
