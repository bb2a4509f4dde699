"""Who sees what: a teammate without a permission, a stranger, another language, another theme."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from fahuo.store.models import Order, Shop
from tests.browser.conftest import Desk


@pytest.fixture
def helper(desk: Desk, shop_of_the_demo: Path) -> Page:
    """Customer service: may answer buyers, not ship."""
    return desk.open("kefu")


def status(page: Page, address: str) -> int:
    answer = page.goto(address)
    assert answer
    return answer.status


def test_a_teammate_sees_only_what_is_permitted_and_is_told_the_rest(helper: Page, desk: Desk) -> None:
    shop = Shop.objects.get(code="lancao")
    order = Order.objects.filter(shop_id=shop.id, status="awaiting_shipment").order_by("id").first()
    assert order
    assert status(helper, f"{desk.address}/s/lancao/orders/{order.id}/") == 200
    expect(helper.locator("#waybill")).to_have_count(0)
    expect(helper.get_by_role("button", name="查看")).to_have_count(0)
    expect(helper.locator(".ship")).to_contain_text("没有“发货”权限")
    helper.goto(f"{desk.address}/s/lancao/orders/")
    helper.locator("[data-pick]").first.check()
    for name in ("批量发货", "导出", "打印发件单"):
        expect(helper.get_by_role("button", name=name)).to_have_count(0)
    expect(helper.get_by_role("button", name="标旗")).to_have_count(0)
    expect(helper.locator(".batch-bar summary", has_text="标旗")).to_be_visible()
    for path in ("people/", "settings/", "import/"):
        assert status(helper, f"{desk.address}/s/lancao/{path}") == 403
        expect(helper.locator("main")).to_contain_text("权限")
        expect(helper.locator(f'.rail-list a[href$="/{path}"]')).to_have_count(0)


def test_a_stranger_finds_no_such_shop(helper: Page, desk: Desk) -> None:
    for path in ("", "orders/", "import/", "batches/", "people/", "settings/", "find/?q=1"):
        assert status(helper, f"{desk.address}/s/zhuli/{path}") == 404
        expect(helper.locator("main")).to_contain_text("没有这个页面")
        assert "竹里馆" not in helper.content()


def test_language_and_theme_are_switched_and_kept(desk: Desk, shop_of_the_demo: Path) -> None:
    page = desk.open("lancao")
    page.goto(f"{desk.address}/s/lancao/orders/?overdue=1")
    page.locator(".rail-foot summary").click()
    page.get_by_role("button", name="English").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    assert page.url.endswith("/s/lancao/orders/?overdue=1")
    expect(page.locator(".tabs a").first).to_contain_text("To ship")
    page.locator(".rail-foot summary").click()
    page.locator("button[name=theme][value=dark]").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(14, 16, 19)"
    page.goto(f"{desk.address}/s/lancao/")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    expect(page.locator("html")).to_have_attribute("lang", "en")
