"""A courier's day on a phone: what was handed to him is numbered, printed, shipped and signed for; then he is out."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from fahuo.rules.people import Actor
from fahuo.services import couriers, handing
from fahuo.store.models import Courier, JournalEntry, Label, Order, Pickup, Shop, User
from tests.browser.conftest import Desk
from tests.browser.story import said
from tests.browser.test_pages import _weigh, violations
from tests.services.contracts import make_contract

PHONE = {
    "viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True, "device_scale_factor": 2,
}  # fmt: skip
FIRST = 75990000000701
PLACE = "/c/lancao/"
LIGHT = 75_000
"""Bytes of script and style that all his pages load: half of what a page of the shop may."""


@pytest.fixture
def owner(shop_of_the_demo: Path) -> Actor:
    shop = Shop.objects.get(code="lancao")
    return Actor(shop.id, None, "兰草", is_owner=True)


def handed(owner: Actor, count: int = 6) -> tuple[list[Order], str]:
    """Orders in the hands of a courier who brings his own numbers, what must leave first first; and his password."""
    now = datetime.now(UTC)
    contract = make_contract(owner.shop_id, "中通文三网点", branch="文三", now=now, ships_at="packed")
    _, word = couriers.invite(owner, username="lancao:xiaoli", name="小李", contract_id=contract.id, now=now)
    waiting = Order.objects.filter(
        shop_id=owner.shop_id, status="awaiting_shipment", kind="normal", refund_status="none", conflict=""
    )
    orders = list(waiting.order_by("deadline", "id")[:count])
    handing.hand(owner, [order.id for order in orders], contract_id=contract.id, note="易碎，轻放", now=now)
    return orders, word


def sound(page: Page) -> None:
    """Nothing stands out of the screen, and axe finds nothing."""
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), page.url
    assert violations(page, "light") == []


def tick(page: Page, count: int) -> None:
    for n in range(count):
        page.locator("input[name=id]").nth(n).check()


def test_a_couriers_day(desk: Desk, owner: Actor) -> None:
    orders, word = handed(owner)
    page = desk.open("", **PHONE)
    page.goto(desk.address)
    page.get_by_label("账号").fill("lancao:xiaoli")
    page.get_by_label("密码").fill(word)
    page.get_by_role("button", name="登录").tap()
    page.wait_for_url("**/password/")  # the shop gave him this one: he takes his own first
    page.locator("#id_old_password").fill(word)
    for field in ("#id_new_password1", "#id_new_password2"):
        page.locator(field).fill("battery staple 9")
    sound(page)
    page.get_by_role("button", name="修改密码").tap()
    page.wait_for_url(f"**{PLACE}")
    expect(page.locator(".courier-card")).to_have_count(6)
    expect(page.locator(".courier-card").first).to_contain_text("易碎，轻放")
    sound(page)
    _three_in_a_row(page)
    _printed(page, desk)
    _two_scanned(page)
    _taken_back(page, desk, orders[5])
    _shipped(page, orders)
    _signed(page)
    _out(page, desk)
    told = JournalEntry.objects.filter(shop_id=owner.shop_id, actor="小李", order_id=orders[0].id)
    assert {"label.made", "label.printed", "parcel.shipped", "parcel.handed_over"} <= set(
        told.values_list("act", flat=True)
    )


def _three_in_a_row(page: Page) -> None:
    tick(page, 3)
    expect(page.locator("[data-count]")).to_have_text("3")
    page.get_by_role("button", name="连号填单号").tap()
    page.get_by_label("第一个单号").fill(str(FIRST))
    page.get_by_role("button", name="先看看").tap()
    expect(page.locator(".courier-pairs li")).to_have_count(3)
    expect(page.locator(".courier-pairs li").last).to_contain_text(str(FIRST + 2))
    sound(page)
    page.get_by_role("button", name="没错").tap()
    said(page, "已填好 3 个单号")
    sound(page)


def _printed(page: Page, desk: Desk) -> None:
    tick(page, 3)
    page.get_by_role("button", name="打印").tap()
    expect(page.locator(".courier-figure")).to_contain_text("0/3")
    sound(page)
    address = page.get_by_role("link", name="打开 3 张面单").get_attribute("href")
    paper = page.request.get(f"{desk.address}{address}")
    assert paper.headers["content-type"] == "application/pdf"
    assert paper.body().startswith(b"%PDF")
    page.get_by_role("button", name="都打好了").tap()
    page.wait_for_url("**?tab=ship")
    assert Label.objects.filter(waybill=str(FIRST)).get().state == "printed"


def _two_scanned(page: Page) -> None:
    page.goto(page.url.replace("?tab=ship", ""))
    page.get_by_role("link", name="逐个扫单号").tap()
    for n in (3, 4):
        expect(page.locator("#waybill")).to_be_focused()
        if n == 3:
            sound(page)
        page.keyboard.type(str(FIRST + n))
        page.keyboard.press("Enter")
        said(page, f"已记下单号 {FIRST + n}")
    expect(page.locator("#waybill")).to_be_focused()


def _taken_back(page: Page, desk: Desk, order: Order) -> None:
    page.goto(f"{desk.address}{PLACE}")
    expect(page.locator(".courier-card")).to_have_count(1)
    shop = desk.open("lancao")
    shop.goto(f"{desk.address}/s/lancao/orders/{order.id}/")
    shop.get_by_role("button", name="从快递员收回").click()
    said(shop, "已从快递员收回")
    page.locator(".courier-card a").tap()
    expect(page.locator("main")).to_contain_text("没有这个页面")
    page.goto(f"{desk.address}{PLACE}")
    expect(page.locator(".empty")).to_contain_text("没有等着打印的")
    sound(page)


def _shipped(page: Page, orders: list[Order]) -> None:
    page.get_by_role("link", name="待发货").tap()
    page.get_by_label("全选这一页").check()
    expect(page.locator("[data-count]")).to_have_text("5")
    page.get_by_role("button", name="发货").tap()
    said(page, "已发货 5 单")
    expect(page.locator(".courier-card")).to_have_count(5)
    sound(page)
    ids = [order.id for order in orders]
    assert Order.objects.filter(id__in=ids, status="shipped").count() == 5
    page.locator(".courier-card a").first.tap()
    page.get_by_role("button", name="看完整地址").tap()
    expect(page.locator("#receiver")).not_to_contain_text("*")
    sound(page)


def _signed(page: Page) -> None:
    page.get_by_role("link", name="交接").tap()
    expect(page.get_by_role("heading", name="交接", exact=True)).to_be_visible()
    sound(page)
    page.get_by_role("button", name="我到了").tap()
    page.get_by_role("button", name="我打的全记上").tap()
    said(page, "记上了 5 件")
    page.get_by_label("你点到多少件").fill("4")
    page.get_by_role("button", name="签收").tap()
    expect(page.locator("main [role=alert]")).to_contain_text("差 1 件")
    page.get_by_label("你点到多少件").fill("5")
    page.get_by_role("button", name="签收").tap()
    said(page, "已签收 5 件")
    sound(page)
    assert Pickup.objects.get().signed_by == "小李"


def _out(page: Page, desk: Desk) -> None:
    shop = desk.open("lancao")
    courier = Courier.objects.get(name="小李", phone="")
    shop.goto(f"{desk.address}/s/lancao/people/couriers/{courier.id}/")
    shop.get_by_role("button", name="关闭账号").click()
    said(shop, "他下一次点击就进不来了")
    page.get_by_role("link", name="订单").tap()
    expect(page.locator("main")).to_contain_text("这个快递员账号已关闭")
    page.get_by_role("link", name="回首页").tap()
    page.wait_for_url("**/login/**")


@pytest.mark.parametrize("language", ["zh-hans", "en"])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_his_pages_are_sound_in_both_languages_and_themes(desk: Desk, owner: Actor, language: str, theme: str) -> None:
    orders, _ = handed(owner)
    Order.objects.filter(id=orders[1].id).update(refund_status="requested")
    User.objects.filter(username="lancao:xiaoli").update(must_change_password=False)  # he has chosen his own
    page = desk.open("lancao:xiaoli", language=language, theme=theme, **PHONE)
    sizes: dict[str, int] = {}
    page.on("response", lambda answer: _weigh(answer, sizes))
    for place in ("", "?tab=ship", "?tab=shipped", f"orders/{orders[0].id}/", f"orders/{orders[1].id}/", "pickups/"):
        page.goto(f"{desk.address}{PLACE}{place}")
        assert page.url == f"{desk.address}{PLACE}{place}"
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), page.url
        assert violations(page, theme) == []
        if language == "en":
            assert not [word for word in ("待", "打印", "发货", "快递员") if word in page.locator("main").inner_text()]
    assert 30_000 < sum(sizes.values()) < LIGHT, sizes
