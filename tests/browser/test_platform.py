"""The platform's desk in a real browser: from the queue to a verdict by keyboard and mouse, an exemption, axe and a phone."""

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from playwright.sync_api import expect

from fahuo.services import complaints, evidence, messages, reports, staff, tasks
from fahuo.services.people import create_shop
from fahuo.store.models import Complaint, Order
from tests.browser.conftest import Desk
from tests.browser.test_pages import PHONE, RULES, violations
from tests.services.aftersales import HOUR, buyer, paid

PAGES = (
    "", "?tab=taken", "?tab=over", "complaints/lan/{order}/", "regions/", "reports/", "reports/lan/{report}/", "shops/",
    "shops/new/", "numbers/", "numbers/rows/?what=made",
)  # fmt: skip


@pytest.mark.django_db(transaction=True)
def test_the_desk_decides(desk: Desk) -> None:
    now = datetime.now(UTC)
    owner = create_shop("lan", "兰草小铺", owner="lan", password="correct horse", tasks_here=True, now=now)
    staff.make_staff("shen", "沈裁", password="correct horse", now=now)
    orders = [paid(owner.shop_id, n, region="310115", paid_at=now - 60 * HOUR) for n in (1, 2)]
    paid(owner.shop_id, 3, region="310115", paid_at=now)
    for order in orders:
        tasks.press_urge(buyer(owner.shop_id), order, now=now - 2 * HOUR)
        messages.send(buyer(owner.shop_id), order, body="还不发？", now=now - 2 * HOUR)
        complaints.open_by_buyer(buyer(owner.shop_id), order, kind="delay", now=now - HOUR)
    evidence.add(owner, order_id=orders[0], body="停电", file=("通知.txt", "停电".encode()), now=now)
    report = reports.file(owner, name="暴雪", until=now + 99 * HOUR, scope="shop", now=now)

    page = desk.open("shen")
    page.goto(f"{desk.address}/")
    expect(page).to_have_url(f"{desk.address}/platform/")
    page.locator("tbody tr").first.get_by_role("link").click()
    expect(page.locator(".timeline")).to_contain_text("还不发？")
    page.get_by_label("投诉成立", exact=True).check()
    page.get_by_label("理由（双方都会看到）").fill("逾期未发")
    page.get_by_role("button", name="下一步：核对").click()
    expect(page.get_by_role("alert")).to_contain_text("卖家赔付 ¥15.00，扣 3 分")
    page.keyboard.press("Enter")
    expect(page.locator(".toast")).to_contain_text("投诉成立，卖家赔付 ¥15.00")
    assert Complaint.objects.get(shop_id=owner.shop_id, order_id=orders[0]).status == "upheld"

    page.goto(f"{desk.address}/platform/regions/")
    page.get_by_label("省份").select_option(label="上海市")
    page.get_by_label("城市").select_option(label="浦东新区")
    page.get_by_label("开始").fill(f"{now + 8 * HOUR:%Y-%m-%dT%H:%M}")
    page.get_by_label("结束", exact=True).fill(f"{now + timedelta(days=4):%Y-%m-%dT%H:%M}")
    page.get_by_role("button", name="下一步：看影响").click()
    expect(page.locator("#preview")).to_contain_text("1 家店铺的 1 个待发货订单")
    page.get_by_role("button", name="确认免责").click()
    expect(page.locator(".toast")).to_contain_text("1 个订单的期限已顺延")
    assert Order.objects.filter(shop_id=owner.shop_id, deadline_clause="exempt_region").count() == 1
    _looked_at(desk, orders[1], report)


def _looked_at(desk: Desk, order: int, report: int) -> None:
    """Every page of the desk, in both themes, wide and narrow."""
    paths = [f"{desk.address}/platform/{path.format(order=order, report=report)}" for path in PAGES]
    wrong = []
    for theme in RULES:
        page = desk.open("shen", theme=theme, language="en" if theme == "dark" else "zh-hans")
        for path in paths:
            page.goto(path)
            wrong += violations(page, theme)
    page = desk.open("shen", viewport=PHONE, has_touch=True, is_mobile=True)
    for path in paths:
        page.goto(path)
        needed = page.evaluate("Math.max(document.documentElement.scrollWidth, document.body.scrollWidth)")
        wrong += [f"{path}: {needed}px"] if needed > PHONE["width"] else []
    assert wrong == []
    assert Client().get("/platform/").status_code == 302
