"""Printing in a real Chromium: a jammed printer in the middle of a job, the 菜鸟 component, the browser's own print."""

import fcntl
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from fahuo.rules.people import Actor
from fahuo.services import labels
from fahuo.store.models import Label, PrintJob, Shop
from tests.browser.component import Component
from tests.browser.conftest import Desk
from tests.conftest import make_account
from tests.printing.machines import Machine
from tests.services.labelling import consistent
from tests.services.presses import make_printer
from tests.services.shipping import make_order
from tests.services.stocks import buy, make_contract

pytestmark = pytest.mark.django_db(transaction=True)
ORDERS = 6


@pytest.fixture
def owner(live_server: Any, settings: Any) -> Actor:
    """A shop with ORDERS orders and a contract with numbers."""
    settings.PRINTER_NETWORKS = (ip_network("127.0.0.0/8"),)
    now = datetime.now(UTC)
    shop = Shop.objects.create(code="lan", name="兰草小铺", platform="taobao", created_at=now)
    actor = make_account(shop, "owner", is_owner=True).actor
    buy(actor, make_contract(shop.id), ORDERS, now=now)
    for n in range(1, ORDERS + 1):
        make_order(shop.id, n, now=now)
    return actor


@pytest.fixture
def component_port() -> Iterator[None]:
    """The component's one port on this machine, for one test of one process at a time."""
    with (Path(tempfile.gettempdir()) / "fahuo-tests-component.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@pytest.fixture
def page(desk: Desk, owner: Actor) -> Page:
    return desk.open("owner")


def numbers(owner: Actor) -> list[str]:
    """The labels' numbers in the order of the list."""
    return list(Label.objects.filter(shop_id=owner.shop_id).order_by("id").values_list("waybill", flat=True))


def print_all(page: Page, desk: Desk, printer: int) -> None:
    """From the list: pick every order, p, look, p."""
    page.goto(f"{desk.address}/s/lan/orders/")
    page.locator("[data-pick-all]").check()
    page.keyboard.press("p")
    expect(page.locator(".prepare-sums")).to_contain_text("6 张会打出来")
    page.locator("#printer").select_option(str(printer))
    page.get_by_role("button", name="取号并打印 6 张").click()
    expect(page.locator("#job")).to_contain_text("共 6 张")


def test_a_jam_in_the_middle_of_a_job(page: Page, desk: Desk, owner: Actor, ticking: None) -> None:
    with Machine("tspl", paper=3, seconds=0.2) as machine:
        printer = make_printer(owner.shop_id, host="127.0.0.1", port=machine.port, language="tspl")
        print_all(page, desk, printer.id)
        expect(page.locator(".job-trouble")).to_contain_text("打印机缺纸", timeout=20_000)
        expect(page.locator(".job-trouble")).to_contain_text("会自己接着打")
        expect(page.locator(".job-card")).to_have_class("card job-card is-loud")
        desk.open("owner").goto(f"{desk.address}/s/lan/printers/")
        assert len(machine.printed) == 3
        machine.load(50)
        question = page.locator(".job-question")
        expect(question).to_be_visible(timeout=30_000)
        expect(page.locator(".job-trouble")).to_have_count(0)
        shown = page.locator(".job-number").inner_text()
        before = len(machine.took)
        time.sleep(2)
        assert len(machine.took) == before, "nothing is sent while a label is in doubt"
        came_out = any(shown.encode() in sheet for sheet in machine.printed)
        page.get_by_role("button", name="打出来了，不用再打" if came_out else "没有，重新打这张").click()
        expect(page.locator("#job")).to_contain_text("已打 6 / 共 6 张", timeout=30_000)
        expect(page.locator("#job .badge-good").first).to_contain_text("已打完")
        out = [number for sheet in machine.printed for number in numbers(owner) if number.encode() in sheet]
        assert out == numbers(owner), "each label exactly once, in the order of the list"
    assert set(Label.objects.filter(shop_id=owner.shop_id).values_list("state", "print_count")) == {("printed", 1)}
    consistent(owner.shop_id)


@pytest.mark.usefixtures("component_port")
def test_the_component_prints_one_document_after_the_other(page: Page, desk: Desk, owner: Actor) -> None:
    printer = make_printer(owner.shop_id, kind="cnprint", language="pdf", settings={"component": "激光打印机"})
    with Component() as component:
        print_all(page, desk, printer.id)
        page.get_by_role("link", name="在这台电脑上打印").click()
        expect(page.locator("#job")).to_contain_text("已打 6 / 共 6 张", timeout=30_000)
        assert component.troubles == []
        assert len(component.printed) == 6
        for sheet, number in zip(component.printed, numbers(owner), strict=True):
            assert number in sheet
    consistent(owner.shop_id)


@pytest.mark.usefixtures("component_port")
def test_the_component_breaks_off_and_fails(page: Page, desk: Desk, owner: Actor) -> None:
    printer = make_printer(owner.shop_id, kind="cnprint", language="pdf")
    with Component(before=lambda n: {2: "hang up", 4: "fail"}.get(n, "")) as component:
        print_all(page, desk, printer.id)
        page.get_by_role("link", name="在这台电脑上打印").click()
        expect(page.locator(".job-question")).to_contain_text("第 2 张打出来了吗", timeout=30_000)
        page.get_by_role("button", name="没有，重新打这张").click()
        page.get_by_role("link", name="在这台电脑上打印").click()
        expect(page.locator(".component-state")).to_contain_text("打印机脱机")
        page.goto(f"{desk.address}/s/lan/print/")
        expect(page.locator(".job-trouble")).to_contain_text("没有打出第 3 张：打印机脱机")
        page.get_by_role("link", name="去打印").click()
        page.get_by_role("button", name="继续").click()
        page.get_by_role("link", name="在这台电脑上打印").click()
        expect(page.locator("#job")).to_contain_text("已打 6 / 共 6 张", timeout=30_000)
        assert component.troubles == []
        out = [number for sheet in component.printed for number in numbers(owner) if number in sheet]
        assert out == numbers(owner)


@pytest.mark.usefixtures("component_port")
def test_without_the_component_the_page_says_so(desk: Desk, owner: Actor) -> None:
    page = desk.open("owner")
    printer = make_printer(owner.shop_id, kind="cnprint", language="pdf")
    print_all(page, desk, printer.id)
    page.get_by_role("link", name="在这台电脑上打印").click()
    expect(page.locator(".component-state")).to_contain_text("连不上菜鸟打印组件", timeout=15_000)
    page.goto(f"{desk.address}/s/lan/print/")
    expect(page.locator(".job-trouble")).to_contain_text("连不上菜鸟打印组件")
    assert desk.troubles
    assert all("ERR_CONNECTION_REFUSED" in trouble for trouble in desk.troubles)
    desk.troubles.clear()  # Chromium's own line about a line that is not taken


def test_the_browser_prints_and_the_person_confirms(page: Page, desk: Desk, owner: Actor) -> None:
    printer = make_printer(owner.shop_id, kind="browser", language="pdf", acknowledge="person")
    print_all(page, desk, printer.id)
    with page.expect_popup() as opened:
        page.get_by_role("button", name="打开打印窗口").click()
    window = opened.value
    answer = page.request.get(window.url) if window.url.endswith(".pdf") else None
    job = PrintJob.objects.get(shop_id=owner.shop_id)
    address = f"{desk.address}/s/lan/print/{job.id}/"
    answer = answer or page.request.get(f"{address}labels.pdf")
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.body().startswith(b"%PDF")
    assert answer.body().count(b"/MediaBox") >= 1
    expect(page.locator(".job-question")).to_contain_text("6 张已经送出")
    page.locator("#upto").fill("4")
    page.get_by_role("button", name="后面的没打").click()
    expect(page.locator("#job")).to_contain_text("已打 4 / 共 6 张")
    with page.expect_popup():
        page.get_by_role("button", name="打开打印窗口").click()
    page.get_by_role("button", name="全部打出来了").click()
    expect(page.locator("#job")).to_contain_text("已打 6 / 共 6 张")
    assert PrintJob.objects.get(shop_id=owner.shop_id).status == "done"
    consistent(owner.shop_id)
    desk.asked[:] = [url for url in desk.asked if not url.startswith("chrome-extension:")]  # the PDF's own window


def test_a_template_is_edited_beside_its_picture(page: Page, desk: Desk, owner: Actor) -> None:
    page.goto(f"{desk.address}/s/lan/label-templates/")
    page.get_by_role("link", name="以它为底新建").first.click()
    picture = page.locator("#preview img")
    expect(picture).to_be_visible()
    first = picture.get_attribute("src")
    body = page.locator("#body")
    text = body.input_value()
    body.fill(text.replace('text = "{carrier}"', 'text = "{carier}"', 1))
    expect(page.locator("#template-problems")).to_contain_text("carier")
    expect(page.locator("#template-problems b").first).not_to_be_empty()
    assert picture.get_attribute("src") == first, "the last good picture stays"
    body.fill(text.replace('text = "{carrier}"', 'text = "快递 {carrier}"', 1))
    expect(page.locator("#template-problems .template-problems")).to_have_count(0)
    expect(picture).not_to_have_attribute("src", first or "")
    page.locator("#name").fill("带快递二字")
    page.get_by_role("button", name="保存模板").click()
    expect(page.locator(".toast")).to_contain_text("模板已保存")
    page.goto(f"{desk.address}/s/lan/label-templates/")
    page.get_by_role("button", name="设为默认").click()
    expect(page.locator("tr[data-row]")).to_contain_text("本店默认")


def test_what_is_blocked_is_loud_on_every_page(page: Page, desk: Desk, owner: Actor) -> None:
    from fahuo.store.models import Order

    now = datetime.now(UTC)
    order = Order.objects.filter(shop_id=owner.shop_id).order_by("id")[0]
    labels.make(owner, [order.id], now=now)
    Order.objects.filter(shop_id=owner.shop_id, id=order.id).update(refund_status="requested")
    for path in (
        "labels/?tab=blocked",
        f"orders/{order.id}/",
        f"labels/{Label.objects.get(shop_id=owner.shop_id).id}/",
    ):
        page.goto(f"{desk.address}/s/lan/{path}")
        expect(page.locator("main")).to_contain_text("正在退款中")
        expect(page.locator("main .badge-bad", has_text="已拦截").first).to_be_visible()
