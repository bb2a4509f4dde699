"""The bench: twenty parcels from their labels to the courier's signature, with the scanner and no mouse."""

import re
from datetime import UTC, datetime
from typing import Any

import pypdfium2
import pytest
import zxingcpp
from PIL import Image
from playwright.sync_api import Page, expect

from fahuo.rules.people import Actor
from fahuo.services import pickups
from fahuo.store.models import Contract, JournalEntry, Label, LabelOrder, Order, Parcel, Pickup
from tests.browser.bench import CUP, DONE, POT, REST, SKIP, UNDO, enter, hears, make, make_goods, open_shop, order, scan
from tests.browser.conftest import PICTURES, Desk
from tests.browser.test_pages import violations
from tests.printing.machines import Machine
from tests.services.labelling import consistent
from tests.services.presses import make_printer
from tests.services.shipping import order_number, waybill
from tests.services.stocks import buy

COUNT, WRONG, REFUNDED = 20, 3, 7


@pytest.fixture
def now() -> datetime:
    """The pages live now."""
    return datetime.now(UTC)


@pytest.fixture
def owner(live_server: Any, now: datetime, settings: Any) -> Actor:
    return open_shop(now, settings)


@pytest.fixture
def contract(owner: Actor, now: datetime) -> Contract:
    return make_goods(owner, now)


def printed(page: Page, desk: Desk, owner: Actor) -> dict[int, str]:
    """Give every order a label and print it on a label printer at a socket: order n -> the number that came out."""
    with Machine("zpl", paper=100, seconds=0.02) as machine:
        printer = make_printer(owner.shop_id, host="127.0.0.1", port=machine.port)
        page.goto(f"{desk.address}/s/lan/orders/")
        page.locator("[data-pick-all]").check()
        page.keyboard.press("p")
        page.locator("#printer").select_option(str(printer.id))
        page.get_by_role("button", name=f"取号并打印 {COUNT} 张").click()
        expect(page.locator("#job")).to_contain_text(f"已打 {COUNT} / 共 {COUNT} 张", timeout=30_000)
        sheets = b"".join(machine.printed)
    found = {}
    for n in range(1, COUNT + 1):
        held = LabelOrder.objects.get(shop_id=owner.shop_id, order_id=order_id(owner, n))
        found[n] = Label.objects.get(shop_id=owner.shop_id, id=held.label_id).waybill
        assert found[n].encode() in sheets
    return found


def order_id(owner: Actor, n: int) -> int:
    return Order.objects.get(shop_id=owner.shop_id, number=order_number(n)).id


def test_twenty_parcels_from_their_labels_to_the_couriers_signature(
    desk: Desk, owner: Actor, contract: Contract, now: datetime, ticking: None
) -> None:
    Contract.objects.filter(shop_id=owner.shop_id, id=contract.id).update(numbers="stock")
    buy(owner, contract, COUNT, now=now)
    for n in range(1, COUNT + 1):
        order(owner, n, now, memo="送贺卡，字写工整" if n == 5 else "")
    page = desk.open("owner", viewport={"width": 1024, "height": 768})
    made = printed(page, desk, owner)
    Order.objects.filter(shop_id=owner.shop_id, number=order_number(REFUNDED)).update(refund_status="requested")
    page.goto(f"{desk.address}/s/lan/")
    expect(page.locator(".next-rounds")).to_contain_text("已打包 0 件，打印了没打包 20 件")
    page.goto(f"{desk.address}/s/lan/station/")
    for n, number in made.items():
        scan(page, number)
        if n == REFUNDED:
            hears(page, "bad", "正在退款中")
            page.screenshot(path=PICTURES / "bench-refunded.png")
            scan(page, DONE)
            hears(page, "bad", "正在退款中")
            scan(page, SKIP)
            hears(page, "tick", "先放下了")
            continue
        hears(page, "look" if n == 5 else "good")
        if n == WRONG:
            scan(page, POT)
            hears(page, "bad", "拿错了：紫砂壶")
            page.screenshot(path=PICTURES / "bench-wrong.png")
            scan(page, DONE)
            hears(page, "bad", "还差 3 件")
        scan(page, CUP)
        scan(page, CUP)
        enter(page)
        hears(page, "good", "齐了")
        if n == 5:
            page.screenshot(path=PICTURES / "bench-full.png")
        scan(page, "505")
        hears(page, "tick", "重量")
        scan(page, DONE)
        hears(page, "done", f"{number} 打好了，等揽收时发货")
    expect(page.locator("#bench-done .bench-sums strong").first).to_have_text("19")
    page.screenshot(path=PICTURES / "bench-done.png")
    packed = Label.objects.filter(shop_id=owner.shop_id, packed_at__isnull=False)
    assert packed.count() == COUNT - 1
    assert set(packed.values_list("grams", "state")) == {(505, "printed")}
    _hand_over(page, desk, owner, [number for n, number in made.items() if n != REFUNDED], made[REFUNDED])
    consistent(owner.shop_id)


def _hand_over(page: Page, desk: Desk, owner: Actor, ready: list[str], refunded: str) -> None:
    """The courier counts one less than the list: the one that he left is found by scanning again."""
    page.goto(f"{desk.address}/s/lan/pickups/")
    page.screenshot(path=PICTURES / "pickups.png")
    page.get_by_role("button", name="开始清点").first.click()
    expect(page).to_have_url(re.compile(r"/pickups/\d+/$"))
    for place, number in enumerate(ready, start=1):
        scan(page, number)
        hears(page, "good", f"第 {place} 件")
    scan(page, refunded)
    hears(page, "bad", "正在退款中")
    scan(page, "YT1234567890123")
    hears(page, "bad", "没有这个单号")
    scan(page, ready[0])
    hears(page, "look", "已经在单上")
    page.screenshot(path=PICTURES / "pickup.png")
    page.locator("#count").fill("18")
    page.locator("#courier").fill("王师傅")
    page.keyboard.press("Enter")
    expect(page.locator(".problems")).to_contain_text("单上 19 件，快递员点了 18 件，差 1 件")
    page.screenshot(path=PICTURES / "pickup-short.png")
    left = ready[4]
    for number in ready:
        if number != left:
            scan(page, number)
    expect(page.locator("tr.is-there")).to_have_count(18)
    page.get_by_role("button", name="没扫到的都算没拿走").click()
    expect(page.locator("[name=missing]:checked")).to_have_count(1)
    page.screenshot(path=PICTURES / "pickup-recount.png")
    page.locator("#courier").press("Enter")
    expect(page.locator("#toasts")).to_contain_text("18 件已交给快递，其中 18 件现在发货")
    assert Pickup.objects.get(shop_id=owner.shop_id).signed_count == 18
    assert Parcel.objects.filter(shop_id=owner.shop_id, handed_over_at__isnull=False).count() == 18
    stayed = Label.objects.get(shop_id=owner.shop_id, waybill=left)
    assert (stayed.state, stayed.handed_over_at) == ("printed", None)
    assert JournalEntry.objects.filter(shop_id=owner.shop_id, act="parcel.handed_over").count() == 18
    page.screenshot(path=PICTURES / "pickup-signed.png")
    page.goto(f"{desk.address}/s/lan/")
    page.screenshot(path=PICTURES / "start.png")
    link = page.locator(".todo a", has_text="打印了，还没交给快递")
    expect(link).to_contain_text("已打包 1 件，打印了没打包 1 件，其中 2 件错过了上一次揽收")
    link.click()
    expect(page.locator("tr[data-row]")).to_have_count(1)
    expect(page.locator("tr[data-row]")).to_contain_text(refunded)
    page.get_by_role("link", name=re.compile("打包了没交接")).click()
    expect(page.locator("tr[data-row]")).to_contain_text(left)
    page.screenshot(path=PICTURES / "left.png")
    assert violations(page, "light") == []


HEARD = """(() => {
  window.heard = [];
  const make = AudioContext.prototype.createOscillator;
  AudioContext.prototype.createOscillator = function () {
    const tone = make.call(this);
    const start = tone.start;
    tone.start = function (at) { window.heard.push([tone.type, tone.frequency.value]); return start.call(this, at); };
    return tone;
  };
})()"""


def test_a_scan_lands_in_the_field_wherever_the_focus_is_and_is_heard(
    desk: Desk, owner: Actor, contract: Contract, now: datetime
) -> None:
    for n in range(1, 5):
        make(owner, contract, n, now)
    page = desk.open("owner")
    page.add_init_script(HEARD)
    page.goto(f"{desk.address}/s/lan/station/")
    field = page.locator("#scan")
    expect(field).to_be_focused()
    page.locator("h1").click()
    expect(field).to_be_focused()
    page.evaluate("document.activeElement.blur()")
    scan(page, waybill(1))
    hears(page, "good")
    assert page.evaluate("heard.splice(0)") == [["sine", 880]]
    for _ in range(3):
        page.keyboard.press("Tab")
    expect(field).not_to_be_focused()
    scan(page, CUP)
    hears(page, "tick")
    scan(page, "0000000000000")
    hears(page, "bad")
    assert [kind for kind, _ in page.evaluate("heard.splice(0)")] == ["sine", "square", "square"]
    page.get_by_text("静音").click()
    expect(field).to_be_focused()
    scan(page, "0000000000000")
    hears(page, "bad")
    assert page.evaluate("heard") == []
    page.reload()
    expect(page.get_by_label("静音")).to_be_checked()
    expect(page.locator("body")).not_to_contain_text("没有找到")
    page.get_by_text("验货", exact=True).click()
    for n in (1, 2, 3):
        page.keyboard.type(f"{waybill(n)}\n{DONE}\n")
    hears(page, "done", waybill(3))
    expect(page.locator("#bench-done .bench-last li")).to_have_count(3)
    page.get_by_role("button", name=f"撤销 {waybill(2)}").click()
    hears(page, "look", f"{waybill(2)} 的打包已撤销")
    expect(page.locator("#bench-done .bench-last li")).to_have_count(2)
    expect(page.locator(".on-bench")).to_contain_text(waybill(2))
    assert Label.objects.filter(shop_id=owner.shop_id, packed_at__isnull=False).count() == 2


def test_what_the_server_does_not_answer_is_loud_and_stays_typed(
    desk: Desk, owner: Actor, contract: Contract, now: datetime
) -> None:
    make(owner, contract, 1, now)
    page = desk.open("owner")
    page.goto(f"{desk.address}/s/lan/station/")
    page.context.set_offline(True)
    scan(page, waybill(1))
    expect(page.locator("#toasts .toast-bad")).to_be_visible()
    expect(page.locator("#scan")).to_have_value(waybill(1))
    page.context.set_offline(False)
    page.keyboard.press("Enter")
    hears(page, "good")
    desk.troubles[:] = [trouble for trouble in desk.troubles if "ERR_INTERNET_DISCONNECTED" not in trouble]


def test_the_printed_commands_and_the_manifest_are_what_they_say(
    desk: Desk, owner: Actor, contract: Contract, now: datetime
) -> None:
    """The barcodes are read by a reader of somebody else, from the picture of the paper."""
    page = desk.open("owner")
    page.goto(f"{desk.address}/s/lan/station/codes/")
    page.emulate_media(media="print")
    picture = PICTURES / "codes.png"
    page.screenshot(path=picture, full_page=True)
    read = {found.text for found in zxingcpp.read_barcodes(Image.open(picture))}
    assert read == {DONE, REST, SKIP, UNDO}
    for n in range(1, 61):
        make(owner, contract, n, now)
    numbers = [waybill(n) for n in range(1, 61)]
    pickup = pickups.call(owner, contract.id, at=now, now=now)
    pickups.add(owner, pickup, numbers, now=now)
    for language, words in (("zh-hans", "快递员签字"), ("en", "Courier's signature")):
        paper = desk.open("owner", language=language)
        paper.goto(f"{desk.address}/s/lan/pickups/{pickup}/paper/")
        expect(paper.locator("body")).to_contain_text(words)
        expect(paper.locator(".manifest-numbers li b")).to_have_text(numbers)
        expect(paper.locator(".manifest-facts .big dd")).to_have_text("60")
        assert violations(paper, "light") == []
        paper.emulate_media(media="print")
        sheet = pypdfium2.PdfDocument(paper.pdf(prefer_css_page_size=True))
        assert len(sheet) == 1
        assert [round(points) for points in sheet[0].get_size()] == [595, 842]
        assert all(number in sheet[0].get_textpage().get_text_range() for number in numbers)
        sheet[0].render(scale=1.5).to_pil().save(PICTURES / f"manifest-{language}.png")


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1024])
def test_axe_finds_nothing_at_the_bench(
    desk: Desk, owner: Actor, contract: Contract, now: datetime, theme: str, width: int
) -> None:
    make(owner, contract, 1, now, buyer_message="麻烦包严实一点，上次碎了一个", memo="送贺卡", flag=1)
    make(owner, contract, 2, now)
    Order.objects.filter(shop_id=owner.shop_id, number=order_number(2)).update(refund_status="requested")
    pickup = pickups.call(owner, contract.id, at=now, now=now)
    pickups.add(owner, pickup, [waybill(1)], now=now)
    page = desk.open("owner", theme=theme, viewport={"width": width, "height": 780})
    wrong = []

    def look(name: str) -> None:
        page.screenshot(path=PICTURES / f"{name}-{width}-{theme}.png", full_page=True)
        wrong.extend(violations(page, theme))
        needed = page.evaluate("Math.max(document.documentElement.scrollWidth, document.body.scrollWidth)")
        assert needed <= width, (name, needed)

    page.goto(f"{desk.address}/s/lan/station/")
    look("bench-idle")
    for text, sound, name in (
        (waybill(1), "look", "message"), (CUP, "tick", "counted"), ("60000", "bad", "weight"), (waybill(2), "bad", "blocked"),
        (SKIP, "tick", "skipped"),
    ):  # fmt: skip
        scan(page, text)
        hears(page, sound, "正在退款中" if name == "blocked" else "")
        look(f"bench-{name}")
    for path in ("", "pickups/", f"pickups/{pickup}/", "pickups/left/", "pickups/left/?tab=unscanned"):
        page.goto(f"{desk.address}/s/lan/{path}")
        look(f"page-{path.replace('/', '-').replace('?', '')}")
    assert wrong == []
