"""Five people, five windows: a buyer urges, customer service is told and answers, the buyer refuses, the platform decides,
and the owner finds the compensation in the ledger; the warehouse hears of none of it."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from playwright.sync_api import Browser, Page, expect

from fahuo import clock
from fahuo.services import buyers, people, reminders, staff
from fahuo.services.people import create_shop
from fahuo.store.models import LedgerEntry, Member, Order, Task
from tests.browser.conftest import Desk
from tests.browser.served import served
from tests.browser.test_pages import PHONE, RULES, violations
from tests.services.aftersales import paid

WORD = "correct horse battery"
SOON = 2000


@pytest.fixture
def there(browser: Browser, transactional_db: None) -> Iterator[Desk]:
    with served(browser) as found:
        yield found


@pytest.fixture
def order(transactional_db: None) -> int:
    """A shop with its people, and an order that is a day late."""
    now = datetime.now(UTC)
    owner = create_shop("lan", "兰草小铺", owner="lan", password=WORD, tasks_here=True, now=now)
    people.invite(owner, username="kefu", name="客服", permissions=["tasks", "messages"], password=WORD, now=now)
    people.invite(owner, username="cangku", name="仓库", permissions=["ship"], password=WORD, now=now)
    clerk = Member.objects.get(shop_id=owner.shop_id, name="客服")
    reminders.subscribe(people.actor_for(clerk.user_id, "lan"), now=now)
    people.new_person("maijia", WORD)
    buyers.add("lan", "maijia", name="b1", now=now)
    staff.make_staff("shen", "沈裁", password=WORD, now=now)
    made = paid(owner.shop_id, 1, price="300.00", paid_at=now - timedelta(days=3))
    Order.objects.filter(shop_id=owner.shop_id, id=made).update(title="实木折叠椅")
    return made


def test_a_late_order_from_the_button_to_the_ledger(order: int, there: Desk) -> None:
    clerk, warehouse = there.open("kefu"), there.open("cangku")
    for page in (clerk, warehouse):
        page.goto(f"{there.address}/s/lan/")
    buyer = there.open("maijia", viewport=PHONE, has_touch=True, is_mobile=True)
    urge(buyer, there)
    clock.Clock().timers(datetime.now(UTC))
    answer(clerk, order)
    refuse(buyer)
    decide(there)
    expect(warehouse.locator(".pop")).to_have_count(0)
    warehouse.goto(f"{there.address}/s/lan/ledger/")
    expect(warehouse.locator("body")).not_to_contain_text("15.00")
    settled_up(there, order)
    buyer.reload()
    expect(buyer.locator("#my-order")).to_contain_text("赔付 ¥15.00")
    assert violations(buyer, "light") == []


def urge(page: Page, desk: Desk) -> None:
    """On a phone, from the list of own orders."""
    page.goto(f"{desk.address}/my/")
    page.get_by_role("link", name="实木折叠椅").click()
    page.get_by_role("button", name="催发货").click()
    expect(page.get_by_role("status").first).to_contain_text("否则平台替你投诉")


def answer(page: Page, order: int) -> None:
    """The popup leads to the task; the plan goes to the buyer with some words."""
    pop = page.locator(".pop")
    expect(pop).to_be_visible(timeout=SOON)
    pop.get_by_role("link", name="去处理").click()
    page.get_by_label("延迟发货").check()
    page.get_by_label("最晚什么时候发出").fill(f"{datetime.now(UTC) + timedelta(days=2, hours=8):%Y-%m-%dT%H:%M}")
    page.locator("#one-text").fill("师傅请假两天，后天一定发")
    page.get_by_role("button", name="回复", exact=True).click()
    expect(page.locator("#task")).to_contain_text("待买家确认")
    assert Task.objects.get(order_id=order).plan == "ship_later"


def refuse(page: Page) -> None:
    page.reload()
    expect(page.locator("#talk")).to_contain_text("后天一定发")
    page.get_by_role("button", name="拒绝，请平台处理").click()
    expect(page.locator("#my-order")).to_contain_text("平台")


def decide(desk: Desk) -> None:
    """The platform reads the case and upholds the complaint, knowing what it costs."""
    page = desk.open("shen")
    page.goto(f"{desk.address}/platform/")
    page.locator("tbody tr").first.get_by_role("link").click()
    expect(page.locator(".timeline")).to_contain_text("后天一定发")
    page.get_by_label("投诉成立", exact=True).check()
    page.get_by_label("理由（双方都会看到）").fill("逾期未发，买家不同意再等")
    page.get_by_role("button", name="下一步：核对").click()
    expect(page.get_by_role("alert")).to_contain_text("¥15.00")
    page.keyboard.press("Enter")
    expect(page.locator(".toast")).to_contain_text("投诉成立，卖家赔付 ¥15.00")


def settled_up(desk: Desk, order: int) -> None:
    """The owner sees what it cost, why, and every page of the story passes for everybody."""
    page = desk.open("lan")
    page.goto(f"{desk.address}/s/lan/ledger/")
    expect(page.locator("tbody")).to_contain_text("¥15.00")
    page.locator("summary", has_text="看算法").click()
    expect(page.locator("tbody")).to_contain_text("¥300.00 × 5% = ¥15")
    entry = LedgerEntry.objects.get(order_id=order)
    assert (entry.amount, entry.points) == (Decimal("15.00"), 3)
    task = Task.objects.get(order_id=order).id
    wrong = []
    for theme in RULES:
        page = desk.open("lan", theme=theme, language="en" if theme == "dark" else "zh-hans")
        for path in (
            "ledger/",
            "tasks/",
            f"tasks/{task}/",
            "packing/",
            f"orders/{order}/",
            f"orders/{order}/after-sales/",
        ):
            page.goto(f"{desk.address}/s/lan/{path}")
            wrong += violations(page, theme)
    assert wrong == []
