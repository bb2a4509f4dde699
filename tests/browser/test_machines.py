"""设置 → 接口 and the documents of the API, as a person uses them; the key that was made opens the API from the documents."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from fahuo.api import guard
from fahuo.services import webhooks
from fahuo.store.models import ApiKey, Shop
from tests.browser.conftest import Desk
from tests.conftest import Account
from tests.services.shipping import make_order, order_number

LOOK = os.environ.get("FAHUO_LOOK", "")
"""A folder for pictures, for whoever wants to look."""


def look(page: Page, name: str) -> None:
    if LOOK:
        page.screenshot(path=Path(LOOK) / f"{name}.png", full_page=True)


@pytest.mark.django_db(transaction=True)
def test_a_key_is_made_and_tried_in_the_documents(desk: Desk, shop: Shop, owner_account: Account) -> None:
    guard.forget()
    make_order(shop.id, 1, now=datetime.now(UTC) - timedelta(hours=30))
    page = desk.open("owner")
    page.set_default_timeout(60_000)
    page.goto(f"{desk.address}/s/lan/settings/")
    page.locator("main a[href$='/settings/machines/']").first.click()
    expect(page.get_by_text("还没有密钥")).to_be_visible()
    page.get_by_label("名字").fill("ERP")
    page.get_by_label("发货 ship").check()
    page.get_by_role("button", name="新建密钥").click()
    key = page.locator(".secret").inner_text().strip()
    assert key.startswith("fahuo_")
    look(page, "keys")
    page.goto(f"{desk.address}/api/docs/")
    expect(page.locator("#operations-orders-list_orders")).to_be_visible(timeout=30_000)
    look(page, "docs")
    page.get_by_role("button", name="Authorize").first.click()
    page.locator(".auth-container input").fill(key)
    page.locator(".auth-btn-wrapper .authorize").click()
    page.locator(".auth-btn-wrapper .btn-done").click()
    page.locator("#operations-orders-list_orders .opblock-summary-control").click()
    page.locator("#operations-orders-list_orders .execute").click()
    answer = page.locator("#operations-orders-list_orders .live-responses-table tbody .response-col_status")
    expect(answer.first).to_contain_text("200")
    expect(page.locator("#operations-orders-list_orders .live-responses-table")).to_contain_text(order_number(1))
    look(page, "docs-tried")
    assert ApiKey.objects.get(shop_id=shop.id).last_used_at is not None
    page.goto(f"{desk.address}/s/lan/settings/machines/")
    page.once("dialog", lambda question: question.accept())
    page.get_by_role("button", name="吊销").click()
    expect(page.get_by_text("已吊销 1 把")).to_be_visible()


@pytest.mark.django_db(transaction=True)
def test_a_webhook_is_set_up_and_its_deliveries_are_seen(desk: Desk, shop: Shop, owner_account: Account) -> None:
    page = desk.open("owner")
    page.set_default_timeout(60_000)
    page.goto(f"{desk.address}/s/lan/settings/machines/")
    page.get_by_role("link", name="新的 Webhook").click()
    page.get_by_label("地址", exact=True).fill("http://127.0.0.1/in")
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_text("这个地址在内网里")).to_be_visible()
    page.get_by_label("地址", exact=True).fill("https://erp.example.com/fahuo")
    page.get_by_label("只要下面选中的").check()
    page.get_by_text("选择事件").click()
    page.get_by_label("parcel.shipped").check()
    look(page, "hook-new")
    page.get_by_role("button", name="保存").click()
    assert page.locator(".secret").inner_text().strip().startswith("whsec_")
    (row,) = webhooks.of_shop(owner_account.actor)
    assert row.kinds == ["parcel.shipped"]
    page.get_by_role("button", name="试发").click()
    expect(page.get_by_text("待送")).to_be_visible()
    look(page, "hook")
    page.get_by_role("button", name="停用").click()
    expect(page.get_by_text("停用期间不发送")).to_be_visible()
    expect(page.get_by_text("未送")).to_be_visible()
    english = desk.open("owner", language="en", theme="dark", viewport={"width": 390, "height": 844})
    english.goto(page.url)
    look(english, "hook-phone-en")
    assert english.evaluate("document.documentElement.scrollWidth") <= 390
    english.goto(f"{desk.address}/s/lan/settings/machines/")
    look(english, "machines-phone-en")
    assert english.evaluate("document.documentElement.scrollWidth") <= 390
