"""Rule books in pages: read by everybody, checked and scheduled by the platform, and by a shop whose tasks are elsewhere."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.test import Client

from fahuo.rules.people import Actor
from fahuo.services import staff
from fahuo.store.models import Order, RuleAddition, Shop
from tests.services.aftersales import paid
from tests.services.shipping import order_number


@pytest.fixture
def now() -> datetime:
    """The pages live now."""
    return datetime.now(UTC)


@pytest.fixture
def text(now: datetime) -> str:
    start = now + timedelta(days=40)
    return f"""
[[version]]
id = "next"
from = {start.isoformat()}
basis = "stated"
source = "公告"
default_hours = {{ value = 24, basis = "stated", source = "公告" }}
"""


@pytest.fixture
def desk(db: None, now: datetime) -> Client:
    user = get_user_model()._default_manager.create(username="shen")
    staff.make_staff("shen", "沈裁", password=None, now=now)
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def client(owner_account: Any) -> Client:
    client = Client()
    client.force_login(owner_account.user)
    return client


def page(answer: Any) -> str:
    return str(answer.content.decode())


def test_the_platform_checks_looks_and_schedules(desk: Client, shop: Shop, text: str, now: datetime) -> None:
    order = paid(shop.id, 1, paid_at=now - timedelta(days=5))
    Order.objects.filter(shop_id=shop.id, id=order).update(shipped_at=now - timedelta(days=5) + timedelta(hours=30))
    shown = page(desk.get("/platform/rules/"))
    assert "taobao-2025-09-05" in shown
    assert "本系统的假设" in shown
    looked = desk.post("/platform/rules/", {"platform": "taobao", "text": text})
    body = page(looked)
    assert "安排 next？" in body
    assert "默认发货时限（小时）" in body
    assert order_number(1) in body
    assert not RuleAddition.objects.exists()
    stands = body.split('name="stands" value="')[1].split('"')[0]
    sent = {"platform": "taobao", "text": text, "confirmed": "1", "stands": stands}
    assert desk.post("/platform/rules/", sent).status_code == 302
    assert "沈裁" in page(desk.get("/platform/rules/?platform=taobao"))
    again = desk.post("/platform/rules/", sent)
    assert again.status_code == 422
    assert RuleAddition.objects.count() == 1
    made = RuleAddition.objects.get()
    desk.post(f"/platform/rules/{made.id}/withdraw/", {"platform": "taobao"})
    assert "已撤回" in page(desk.get("/platform/rules/?platform=taobao"))


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("", "没有新的内容"), ("[[version]\n", "规则文件写得不对"), ("[[version]]\nid='x'\n", "没有写 from"),
        ("[[version]]\nid='x'\nfrom=2020-01-01T00:00:00Z\n", "日期重叠"),
        ("[[version]]\nid='x'\nfrom=2026-01-01T00:00:00Z\nbasis='norm'\nsource='x'\n", "已经过去"),
    ],
)  # fmt: skip
def test_a_slip_keeps_what_was_typed(desk: Client, typed: str, said: str) -> None:
    answer = desk.post("/platform/rules/", {"platform": "taobao", "text": typed})
    assert answer.status_code == 422
    assert said in page(answer)
    assert not RuleAddition.objects.exists()


def test_a_shop_reads_its_rules_and_sets_them_only_where_it_may(
    client: Client, shop: Shop, owner: Actor, text: str
) -> None:
    assert "由平台统一安排" in page(client.get("/s/lan/rules/"))
    refused = client.post("/s/lan/rules/add/", {"text": text})
    assert refused.status_code == 422
    assert "店铺不能自己改" in page(refused)
    Shop.objects.filter(id=shop.id).update(tasks_here=False)
    body = page(client.post("/s/lan/rules/add/", {"text": text}))
    stands = body.split('name="stands" value="')[1].split('"')[0]
    assert client.post("/s/lan/rules/add/", {"text": text, "confirmed": "1", "stands": stands}).status_code == 302
    made = RuleAddition.objects.get()
    assert made.shop_id == shop.id
    assert client.post(f"/s/lan/rules/{made.id}/withdraw/").status_code == 302
    RuleAddition.objects.update(withdrawn_at=None, shop_id=None)
    assert client.post(f"/s/lan/rules/{made.id}/withdraw/").status_code == 422
