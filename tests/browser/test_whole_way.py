"""The whole way: from the marketplace's export to its upload file, by one person in one browser."""

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from fahuo.samples import files
from fahuo.services import people
from fahuo.store.models import Order, Parcel, Shop
from tests.browser.conftest import Desk
from tests.browser.story import fetched, heading, number_in, read, said, sheet, upload

PASSWORD = "long enough to sign in"
GUANGDONG = "44"
BY_RUN = 60
"""The first so many rows go with ZTO, by consecutive numbers; YTO takes the others, by sheet."""
FIRST = "75330000000012"


@pytest.fixture
def samples(live_server: Any, tmp_path: Path) -> Path:
    """An empty shop, and a folder of files as the marketplace exports them."""
    at = datetime.now(UTC)
    people.create_shop("lan", "兰草小铺", owner="lan", owner_name="兰草", password=PASSWORD, now=at)
    files.write(tmp_path / "samples", at=at, count=120)
    return tmp_path / "samples"


def _orders() -> Any:
    return Order.objects.filter(shop_id=Shop.objects.get(code="lan").id)


def test_from_the_export_to_the_upload_file(desk: Desk, samples: Path, ticking: None, tmp_path: Path) -> None:
    page = desk.open()
    _sign_in(page, desk)
    _import(page, samples)
    _filter(page)
    count = _choose_all(page)
    count -= _look_at_the_batch(page)
    _numbers_by_run(page, _addresses_out(page))
    _numbers_by_sheet(page, tmp_path)
    _ship_and_hand_over(page, count)
    _look_into_the_list(page, count)


def _sign_in(page: Page, desk: Desk) -> None:
    page.goto(f"{desk.address}/s/lan/import/")
    page.get_by_label("账号名").fill("lan")
    page.get_by_label("密码").fill("not the password")
    page.get_by_role("button", name="登录").click()
    expect(page.get_by_role("alert")).to_contain_text("账号或密码不对")
    expect(page.get_by_label("账号名")).to_have_value("lan")
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()
    expect(page).to_have_url(f"{desk.address}/s/lan/import/")


def _import(page: Page, samples: Path) -> None:
    for pattern in ("ExportOrderList*[0-9].xlsx", "ExportOrderDetailList*[0-9].csv"):
        page.get_by_role("link", name="导入", exact=True).click()
        upload(page, next(path for path in samples.glob(pattern) if "-" not in path.name))
        good = number_in(heading(page, r"行可以写入"))
        expect(page.locator("#batch tbody tr")).to_have_count(min(good, 100))
        page.get_by_role("button", name="写入").click()
        assert number_in(heading(page, r"已写入")) == good
    assert _orders().count() == 120
    page.get_by_role("link", name="去待发货").click()


def _filter(page: Page) -> None:
    page.locator("select[name=region]").select_option(GUANGDONG)
    page.wait_for_url("**region=44**")
    page.get_by_text("已超时", exact=True).first.click()
    page.wait_for_url("**overdue=1**")
    for row in page.locator("tr[data-row]").all():
        expect(row).to_contain_text("广东省")
        expect(row).to_contain_text("已超时")
    page.get_by_role("link", name="全部清除").click()
    page.wait_for_url("**/orders/?")


def _choose_all(page: Page) -> int:
    boxes = page.locator("[data-pick]")
    boxes.nth(1).check()
    boxes.nth(4).click(modifiers=["Shift"])
    expect(page.locator("[data-picked]")).to_contain_text("4")
    page.get_by_label("选中本页全部").check()
    expect(page.locator("[data-picked]")).to_contain_text("50")
    everything = page.get_by_role("button", name="选中全部符合条件的")
    count = number_in(everything.inner_text())
    everything.click()
    expect(page.locator("[data-picked]")).to_contain_text(str(count))
    assert count == _orders().filter(status="awaiting_shipment").count()
    page.get_by_role("button", name="批量发货").click()
    return count


def _look_at_the_batch(page: Page) -> int:
    """How many of its rows cannot be shipped: somebody wants the money back."""
    heading(page, r"单等着填单号")
    bad = page.locator("#batch .tabs a", has_text="有问题")
    return number_in(bad.inner_text()) if bad.count() else 0


def _addresses_out(page: Page) -> int:
    """The first rows go to one carrier, whose address table is read back; how many they are."""
    page.get_by_text("分给几家快递").click()
    page.locator("#to").fill(str(BY_RUN))
    page.locator("#assign-carrier").select_option("ZTO")
    page.get_by_role("button", name="分配").click()
    said(page, "行交给：中通快递")
    given = number_in(page.locator("#toasts").inner_text())
    page.locator("#address-carrier").select_option("ZTO")
    rows = read(fetched(page, "导出"))
    assert len(rows) == given
    first = _orders().get(number=rows[0]["订单编号"])
    assert rows[0]["数量"] == str(first.quantity)
    return given


def _numbers_by_run(page: Page, given: int) -> None:
    page.locator("#run-carrier").select_option("ZTO")
    page.locator("#run-first").fill("7533")
    expect(page.locator("#run .error")).to_contain_text("没有这种单号")
    page.get_by_role("button", name="填入这段单号").click()
    field = page.locator("#run-first[aria-invalid=true]")
    expect(field).to_have_value("7533")
    expect(field).to_be_focused()
    expect(page.locator("#run .error")).to_contain_text("没有这种单号")
    field.fill(FIRST)
    expect(page.locator("#run")).to_contain_text(f"中通快递 {given} 个")
    page.get_by_role("button", name="填入这段单号").click()
    assert number_in(heading(page, "单可以发货")) == given
    expect(page.locator("#batch h2").first).to_be_focused()


def _numbers_by_sheet(page: Page, tmp_path: Path) -> None:
    """The other carrier's sheet: a misread number, a number used twice, an order nobody knows; mended, it comes again."""
    page.get_by_text("导出地址表给快递").click()
    page.locator("#address-carrier").select_option("YTO")
    wanted = [row["订单编号"] for row in read(fetched(page, "导出"))]
    numbers = [f"YT{8800000000001 + n}" for n in range(len(wanted))]
    rows = [
        {"订单编号": order, "快递公司": "圆通速递", "运单号": number}
        for order, number in zip(wanted, numbers, strict=True)
    ]
    rows[0]["运单号"], rows[-1]["运单号"] = "YT88", rows[1]["运单号"]
    rows.append({"订单编号": "8888888888888888888", "快递公司": "圆通速递", "运单号": "YT8900000000009"})
    _send(page, sheet(tmp_path / "yto.xlsx", rows))
    heading(page, "单可以发货")
    page.locator("#batch .tabs").get_by_role("link", name="有问题").click()
    expect(page.locator("#batch tbody")).to_contain_text("YT88")
    bad = read(fetched(page, "下载问题表", "link"))
    assert {wanted[0], wanted[-1], "8888888888888888888"} <= {row["订单编号"] for row in bad}
    assert all(row["原因"] for row in bad)
    right = dict(zip(wanted, numbers, strict=True))
    mended = [{**row, "运单号": right[row["订单编号"]]} for row in bad if row["订单编号"] in right]
    page.locator("#batch .tabs").get_by_role("link", name="全部").click()
    _send(page, sheet(tmp_path / "mended.xlsx", mended))
    heading(page, "单可以发货")


def _send(page: Page, path: Path) -> None:
    page.get_by_role("heading", name="填回单号").click()
    upload(page, path, within="form[data-upload]")


def _ship_and_hand_over(page: Page, count: int) -> None:
    page.get_by_role("button", name=re.compile(r"^发货 \d+ 单")).click()
    assert number_in(heading(page, "已发货")) == count
    shop = Shop.objects.get(code="lan")
    sent = {(row["物流公司"], row["运单号"]) for row in read(fetched(page, "下载上传文件"))}
    living = Parcel.objects.filter(shop_id=shop.id, voided_at=None, retired_at=None, kind="offline")
    words = {"ZTO": "中通快递", "YTO": "圆通速递"}
    assert sent == {(words[parcel.carrier], parcel.waybill) for parcel in living if parcel.batch_id}
    assert len(sent) == count
    page.get_by_role("button", name="撤销发货").click()
    expect(page.locator("#ask-undo")).to_be_visible()
    page.keyboard.press("Escape")
    page.get_by_role("button", name="交接").click()
    page.get_by_role("button", name="确认交接").click()
    expect(page.locator("#batch")).to_contain_text("已交接给快递")
    expect(page.get_by_role("button", name="撤销发货")).to_have_count(0)


def _look_into_the_list(page: Page, count: int) -> None:
    page.get_by_role("link", name="订单", exact=True).click()
    waiting = page.locator(".tabs").get_by_role("link", name="待发货")
    assert number_in(waiting.inner_text()) == _orders().filter(status="awaiting_shipment").count()
    page.locator(".tabs").get_by_role("link", name="已发货").click()
    first = page.locator("tr[data-row]").first
    expect(first).to_contain_text(re.compile("中通快递 75|圆通速递 YT"))
    assert _orders().filter(status="shipped").count() >= count
