"""Every main page, in both themes and languages, wide and narrow: accessible, quiet, light."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

from axe_playwright_python.base import AXE_FILE_PATH
from django.db import transaction
from playwright.sync_api import Page

from fahuo.rules.people import Actor
from fahuo.services import carriers, gateway, keys, marketplaces, pickups, webhooks
from fahuo.store.models import (
    Batch,
    CarrierAccount,
    Contract,
    DelayReport,
    Label,
    Marketplace,
    MarketplaceOrder,
    Member,
    Order,
    PickupCall,
    PrintJob,
    Shop,
    Task,
    Webhook,
)
from tests.browser.conftest import Desk

RULES = {"light": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"], "dark": ["color-contrast"]}
"""Theme -> what axe looks at: everything in the one, in the other what a theme can change."""
PHONE = {"width": 390, "height": 844}
SETTLED = """Promise.all(document.getAnimations().map((each) =>
  each.effect.getComputedTiming().endTime === Infinity || each.finished))"""
"""What is still sliding in is half transparent, and axe would measure that."""
LIGHT = 150_000
"""Bytes of script and style that a page may load."""


def addresses() -> list[str]:
    """The main pages of the demo's first shop, with something on each."""
    shop = Shop.objects.get(code="lancao").id
    waiting = Order.objects.filter(shop_id=shop, status="awaiting_shipment")
    shipped = Order.objects.filter(shop_id=shop, status="shipped").order_by("-shipped_at").first()
    conflict = waiting.exclude(conflict="").first()
    merged = waiting.filter(quantity__gt=1).first()
    batches = [Batch.objects.filter(shop_id=shop, kind=kind).order_by("id").first() for kind in ("orders", "shipments")]
    member = Member.objects.filter(shop_id=shop, is_owner=False).first()
    task = Task.objects.filter(shop_id=shop, state="awaiting_seller_reply").order_by("id").first()
    report = DelayReport.objects.filter(shop_id=shop).first()
    job = PrintJob.objects.filter(shop_id=shop, status="waiting").first()
    label = Label.objects.filter(shop_id=shop, state="printed").first()
    assert None not in (shipped, conflict, merged, member, task, report, job, label, *batches)
    inside = [
        "", "orders/", "orders/?tab=shipped", "orders/?overdue=1&urged=1&region=11&goods=none", "orders/?tab=unpaid",
        *(f"orders/{order.id}/" for order in (shipped, conflict, merged)), f"orders/{merged.id}/ship/",
        "find/", "find/?q=31000", "batches/", "batches/?kind=orders", *(f"batches/{batch.id}/" for batch in batches if batch),
        "import/", "people/", f"people/{member.id}/", "people/new/", "people/couriers/", "people/couriers/new/", "orders/?handed=1", "settings/", "settings/templates/new/",
        "messages/", "messages/?tab=all", "messages/automatic/", "urges/", "tasks/", f"tasks/{task.id}/", "tasks/texts/",
        "station/", "pickups/", "pickups/left/", "pickups/left/?tab=unscanned",
        f"orders/{task.order_id}/after-sales/", "ledger/", "packing/", "notices/", "notices/subscription/", "reports/",
        "print/", f"print/{job.id}/", "labels/?tab=all", f"labels/{label.id}/", "printers/", "printers/new/", "label-templates/",
        "label-templates/new/", "reports/new/", f"reports/{report.id}/", "metrics/", "metrics/response/", "rules/", "settings/tasks/",
        *doors(shop),
    ]  # fmt: skip
    return ["/", "/password/", "/nowhere/", *(f"/s/lancao/{path}" for path in inside)]


@transaction.atomic
def doors(shop_id: int) -> list[str]:
    """The pages about machines, with something wrong on each: a webhook, a marketplace, a carrier's account, an app."""
    owner, now = Actor(shop_id, None, "owner", is_owner=True), datetime.now(UTC)
    hook = Webhook.objects.filter(shop_id=shop_id).values_list("id", flat=True).first()
    if hook is None:
        hook, _ = webhooks.add(owner, name="ERP", address="https://erp.example.com/in", now=now)
        webhooks.try_out(owner, hook, now=now)
        webhooks.turn_off(owner, hook, now=now)
        keys.make(owner, name="ERP", scopes=["ship"], now=now)
        gateway.register(owner, name="ERP", now=now)
        order = Order.objects.filter(shop_id=shop_id, status="shipped").order_by("id")[0]
        market = marketplaces.connect(owner, "taobao", {"app_key": "1", "app_secret": "2"}, now=now)
        MarketplaceOrder.objects.create(
            shop_id=shop_id, marketplace_id=market, ref=order.number, problem={"code": "order_closed", "data": {"order": "1"}},
            seen_at=now,
        )  # fmt: skip
        account = carriers.open_account(owner, "kdniao", "Kdniao", {"business_id": "1", "app_key": "a"}, now=now)
        contract = Contract.objects.filter(shop_id=shop_id).order_by("id")[0]
        pickup = pickups.call(owner, contract.id, at=now + timedelta(hours=3), now=now)
        PickupCall.objects.create(
            shop_id=shop_id, pickup_id=pickup, account_id=account, state="refused", made_at=now,
            problem={"code": "carrier_refused", "data": {"code": "105"}},
        )  # fmt: skip
    market, account = (
        kind.objects.filter(shop_id=shop_id).values_list("id", flat=True)[0] for kind in (Marketplace, CarrierAccount)
    )
    return [
        "settings/machines/", f"settings/machines/webhooks/{hook}/",
        "settings/marketplaces/", f"settings/marketplaces/{market}/", "settings/marketplaces/connect/woocommerce/",
        "settings/apps/", "settings/carriers/", f"settings/carriers/{account}/",
    ]  # fmt: skip


AXE = AXE_FILE_PATH.read_text("utf-8")
ASK = "(options) => axe.run(document, options).then((found) => found.violations)"


def violations(page: Page, theme: str) -> list[str]:
    """What axe finds wrong, one line each. A page that is asked often has it already (`add_init_script`)."""
    page.evaluate(SETTLED)
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE)
    options = {"runOnly": RULES[theme], "resultTypes": ["violations"], "preload": False}
    found = page.evaluate(ASK, options)
    return [f"{page.url} {rule['id']}: {node['html'][:160]}" for rule in found for node in rule["nodes"]]


def in_both_themes(page: Page) -> list[str]:
    """What axe finds on a page that stands in the light: everything there, and in the dark what a theme can change. Between
    the two lies one attribute of the page (tests/web/test_shell.py)."""
    wrong = violations(page, "light")
    page.evaluate("document.documentElement.dataset.theme = 'dark'")
    wrong += [f"dark: {each}" for each in violations(page, "dark")]
    page.evaluate("document.documentElement.dataset.theme = 'light'")
    return wrong


def test_axe_finds_nothing_on_any_page(desk: Desk, shop_of_the_demo: Path) -> None:
    page = desk.open(theme="light")
    page.goto(f"{desk.address}/login/")
    wrong = in_both_themes(page)
    page = desk.open("lancao", theme="light")
    page.add_init_script(AXE)
    for path in addresses():
        page.goto(desk.address + path)
        wrong += in_both_themes(page)
    assert wrong + _with_everything_open(page, desk) == []


def _with_everything_open(page: Page, desk: Desk) -> list[str]:
    """The parts that stand over a page: drawer, help, menus, the bar of picked rows, toasts."""
    page.goto(f"{desk.address}/s/lancao/orders/")
    page.locator("[data-pick]").first.check()
    page.locator(".filters summary").click()
    wrong = in_both_themes(page)
    page.keyboard.press("Escape")
    page.locator("tr[data-row] a[data-drawer]").nth(2).click()
    page.locator("#waybill").wait_for()
    page.get_by_role("button", name="已叫快递").last.click()
    page.locator(".toast").wait_for()
    wrong += in_both_themes(page)
    page.locator("#order-head").focus()
    page.keyboard.press("?")
    page.locator("#help[open]").wait_for()
    return wrong + in_both_themes(page)


def test_no_page_is_wider_than_a_phone(desk: Desk, shop_of_the_demo: Path) -> None:
    page = desk.open("lancao", viewport=PHONE, has_touch=True, is_mobile=True)
    wide = []
    for path in ["/login/", *addresses()]:
        page.goto(desk.address + path)
        needed = page.evaluate("Math.max(document.documentElement.scrollWidth, document.body.scrollWidth)")
        if needed > PHONE["width"]:
            wide.append(f"{path}: {needed}px")
    assert wide == []


def test_english_pages_hold_no_chinese_but_data(desk: Desk, shop_of_the_demo: Path) -> None:
    """The shell, labels and headings; what sellers and buyers wrote stays as they wrote it."""
    page = desk.open("lancao", language="en")
    said = []
    for path in addresses():
        page.goto(desk.address + path)
        texts = page.evaluate(WORDS)
        said += [f"{path}: {text}" for text in texts if CHINESE.search(NAMED.sub("", text))]
    assert sorted(set(said)) == []


CHINESE = re.compile(r"[\u4e00-\u9fff\u3000-\u303f\uff00-\uffef]")
NAMED = re.compile(
    "中通西湖网点|中通 西湖三部|圆通 文新分部|西藏、新疆走圆通|备注点名圆通|其余比价|批量导出|已卖出的宝贝|浙江省杭州市西湖区|催促时间|平台截止时间|订单编号|浙江省|报备|[\u4e00-\u9fff]\\*+"
)
"""Chinese that belongs into an English sentence: names of the marketplace's own buttons and of a sheet's columns, an
example of an address, the demo's contract, the first character of a masked name."""
WORDS = """() => {
  const data = '.shop-name, .menu-list li, .rail-name, .menu-who strong, .segments, .page-head h1, title, table.table td, table.table th[scope=row], '
    + '.receiver, .message, .memo-form, .history li, option, .cut, .batch-facts, .shares, .who, [lang=zh-Hans], .lines li, .chip, '
    + '.mark, .shop-list, .next-rounds b, .rounds b, .rounds .sr, textarea, .order-left, .card h2, .batch-facts, .facts dd, .report-pieces, .rule-lines p.quiet, .order-head p.quiet';
  const found = [];
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const inside = walk.currentNode.parentElement;
    if (!inside.closest(data) && !inside.closest('script, style, template')) found.push(walk.currentNode.nodeValue.trim());
  }
  for (const part of document.querySelectorAll('[aria-label], [placeholder], [title]')) {
    if (part.closest(data)) continue;
    for (const name of ['aria-label', 'placeholder', 'title']) found.push(part.getAttribute(name) || '');
  }
  return found;
}"""


def test_a_page_loads_little(desk: Desk, shop_of_the_demo: Path) -> None:
    for path in ("/s/lancao/orders/", "/s/lancao/import/"):
        page = desk.open("lancao")
        sizes: dict[str, int] = {}
        page.on("response", lambda answer, sizes=sizes: _weigh(answer, sizes))
        page.goto(desk.address + path, wait_until="networkidle")
        assert 40_000 < sum(sizes.values()) < LIGHT, sizes


def _weigh(answer: object, sizes: dict[str, int]) -> None:
    if answer.request.resource_type in ("script", "stylesheet"):  # type: ignore[attr-defined]  # Playwright's Response
        sizes[answer.url] = len(answer.body())  # type: ignore[attr-defined]  # as above
