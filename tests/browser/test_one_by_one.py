"""One order after another, with the hands on the keys and the scanner."""

import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from fahuo.cli.demo import FIRST_NUMBER
from fahuo.store.models import JournalEntry, Order, Parcel, ParcelOrder, Shop
from tests.browser.conftest import Desk
from tests.browser.story import said

ZTO, OTHER_ZTO, YTO = "75330000070001", "75330000070002", "YT7000000000001"


@pytest.fixture
def page(desk: Desk, shop_of_the_demo: Path) -> Page:
    page = desk.open("lancao")
    page.goto(f"{desk.address}/s/lancao/orders/")
    return page


def orders() -> Any:
    return Order.objects.filter(shop_id=Shop.objects.get(code="lancao").id)


def waiting(**more: Any) -> Order:
    """An order without anything in its way, the latest deadline first."""
    found = orders().filter(status="awaiting_shipment", kind="normal", refund_status="none", conflict="", **more)
    order = found.order_by("-deadline", "-id").first()
    assert order
    return order


def shown(page: Page, order: Order) -> None:
    """The order stands on the page."""
    expect(page.locator(f'#order[data-order="{order.id}"]')).to_be_visible()


def holds_the_focus(page: Page) -> None:
    """Once the part that changed has settled, something on the page holds the focus: it was not lost with a button."""
    page.wait_for_function("document.activeElement && document.activeElement !== document.body")


def test_a_row_is_opened_shipped_and_left_by_keys_alone(page: Page) -> None:
    rows = page.locator("tr[data-row]")
    page.keyboard.press("/")
    expect(page.locator("[data-search]")).to_be_focused()
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    expect(page.locator("#help")).to_be_visible()
    page.keyboard.press("Escape")
    for _ in range(10):
        page.keyboard.press("j", delay=60)
    page.keyboard.press("k", delay=60)
    current = rows.nth(8)
    expect(current).to_have_class(re.compile("is-current"))
    page.keyboard.press("x", delay=60)
    expect(page.locator("[data-picked]")).to_contain_text("1")
    page.keyboard.press("x", delay=60)
    order_id = int(current.get_attribute("data-row") or 0)
    page.keyboard.press("Enter")
    expect(page.locator("#waybill")).to_be_focused()
    assert page.url.endswith(f"/orders/{order_id}/")
    _type_numbers(page)
    said(page, ZTO)
    assert orders().get(id=order_id).status == "shipped"
    expect(page.locator("#order")).to_contain_text("已发货")
    holds_the_focus(page)
    page.keyboard.press("Escape")
    expect(page.locator("#drawer")).to_be_hidden()
    expect(page).to_have_url(re.compile(r"/orders/$"))
    expect(page.locator(f"#row-{order_id}")).to_contain_text("已发货")
    expect(page.locator(f"#row-{order_id} a[data-drawer]")).to_be_focused()
    page.keyboard.press("j", delay=60)
    page.keyboard.press("s", delay=60)
    expect(page.locator("#waybill")).to_be_focused()


def _type_numbers(page: Page) -> None:
    """A number of the wrong carrier first: the right carrier is offered, never taken by itself."""
    page.locator("#carrier").select_option("STO")
    page.locator("#waybill").fill(ZTO)
    offer = page.locator("#waybill-check [data-carrier=ZTO]")
    expect(offer).to_be_visible()
    expect(page.locator("#carrier")).to_have_value("STO")
    page.locator("#waybill").press("Enter")
    expect(page.locator(".ship [role=alert]")).to_be_visible()
    expect(page.locator("#waybill")).to_have_value(ZTO)
    offer.first.click()
    expect(page.locator("#carrier")).to_have_value("ZTO")
    expect(page.locator("#ship-go")).to_be_focused()
    page.keyboard.press("Enter")


def test_part_of_an_order_goes_the_rest_follows_and_a_number_is_corrected(page: Page, desk: Desk) -> None:
    order = waiting(quantity__gt=2)
    page.goto(f"{desk.address}/s/lancao/orders/{order.id}/")
    page.get_by_text("只发一部分").click()
    page.locator("[name=part]").check()
    for line in page.locator(".part-line input").all():
        line.fill("0")
    page.locator(".part-line input").first.fill("1")
    _ship(page, "ZTO", ZTO)
    said(page, ZTO)
    assert orders().get(id=order.id).status == "part_shipped"
    expect(page.locator(".parcel")).to_contain_text("部分发货")
    taken = Parcel.objects.get(shop_id=order.shop_id, waybill=FIRST_NUMBER)
    used = ParcelOrder.objects.get(shop_id=order.shop_id, parcel_id=taken.id)
    _ship(page, "ZTO", FIRST_NUMBER)
    expect(page.locator(".ship [role=alert]")).to_contain_text(orders().get(id=used.order_id).number)
    _ship(page, "ZTO", OTHER_ZTO)
    said(page, OTHER_ZTO)
    assert orders().get(id=order.id).status == "shipped"
    parcel = page.locator(".parcel", has_text=OTHER_ZTO)
    parcel.get_by_text("改单号").click()
    parcel.get_by_label("快递公司").select_option("YTO")
    parcel.get_by_label("运单号").fill(YTO)
    parcel.get_by_role("button", name="保存").click()
    said(page, "单号已改")
    expect(page.locator(".parcel", has_text=YTO)).to_be_visible()
    living = Parcel.objects.filter(shop_id=order.shop_id, waybill__in=[ZTO, OTHER_ZTO, YTO], voided_at=None)
    assert {parcel.waybill for parcel in living} == {ZTO, YTO}


def _ship(page: Page, carrier: str, waybill: str) -> None:
    page.locator("#carrier").select_option(carrier)
    page.locator("#waybill").fill(waybill)
    page.locator("#ship-go").click()


def test_what_is_noted_about_an_order_stays_and_is_told(page: Page, desk: Desk) -> None:
    order = waiting(memo="", flag=None)
    page.goto(f"{desk.address}/s/lancao/orders/{order.id}/")
    page.locator("#memo").fill("<b>送贺卡</b>")
    page.locator("#memo-save").click()
    said(page, "备注已保存")
    expect(page.locator("#memo-save")).to_be_focused()
    page.locator("#flag-1").click()
    said(page, "旗子已换")
    expect(page.locator("#flag-1")).to_have_attribute("aria-pressed", "true")
    page.get_by_role("button", name="查看").click()
    expect(page.locator("#receiver")).to_be_focused()
    expect(page.locator("#receiver")).not_to_contain_text("*")
    expect(page.locator("[aria-labelledby=h-history] .history")).to_contain_text("查看")
    acts = JournalEntry.objects.filter(shop_id=order.shop_id, order_id=order.id).values_list("act", flat=True)
    assert {"order.memo", "order.flag", "order.revealed"} <= set(acts)
    kept = orders().get(id=order.id)
    assert (kept.memo, kept.flag) == ("<b>送贺卡</b>", 1)
    with page.context.expect_page() as opened:
        page.get_by_role("button", name="打印发件单").click()
    paper = opened.value
    expect(paper.locator(".paper .number")).to_have_text(order.number)
    assert "*" not in paper.locator(".to").inner_text()


def test_a_conflict_is_settled_where_it_stands(page: Page, desk: Desk) -> None:
    order = orders().exclude(conflict="").first()
    page.goto(f"{desk.address}/s/lancao/orders/?conflict=1")
    page.get_by_role("link", name=order.number).click()
    expect(page.locator("#order .note-warn")).to_contain_text("改了地址")
    page.get_by_role("button", name="已经处理好了").click()
    said(page, "冲突已处理")
    expect(page.locator("#order .note-warn")).to_have_count(0)
    holds_the_focus(page)
    assert orders().get(id=order.id).conflict == ""


def test_a_scan_anywhere_finds_its_order_and_an_unknown_one_is_loud(page: Page, desk: Desk) -> None:
    order = waiting()
    for place in ("orders/", "", "import/"):
        page.goto(f"{desk.address}/s/lancao/{place}")
        _scan(page, order.number)
        page.wait_for_url(f"**/orders/{order.id}/")
        shown(page, order)
    page.goto(f"{desk.address}/s/lancao/orders/")
    _scan(page, "99887766554433")
    expect(page.locator("[data-scan-note]")).to_contain_text("99887766554433")
    expect(page.locator("[data-scan-note]")).not_to_have_class(re.compile("is-quiet"))
    expect(page).to_have_url(re.compile(r"/orders/$"))


def _scan(page: Page, text: str) -> None:
    """As a scanner types: in one burst, with Enter at its end. The burst is made in the page, the driver is too slow."""
    page.evaluate(
        """text => { for (const key of [...text, 'Enter'])
             document.body.dispatchEvent(new KeyboardEvent('keydown', {key, bubbles: true, cancelable: true})) }""",
        text,
    )
