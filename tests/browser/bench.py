"""The bench of a shop: what stands on it, and the hands and ears of whoever packs there."""

from datetime import datetime, timedelta
from ipaddress import ip_network
from typing import Any

from playwright.sync_api import Page, expect

from fahuo.rules.people import Actor
from fahuo.services import labels
from fahuo.store.models import Contract, Label, OrderLine, Shop, Sku
from tests.conftest import make_account
from tests.services.parcelling import make_contract
from tests.services.shipping import make_order, waybill

CUP, POT = "6901234567892", "6909999999990"
DONE, REST, SKIP, UNDO = "9900001", "9900002", "9900003", "9900004"


def open_shop(now: datetime, settings: Any) -> Actor:
    """A shop that prints to machines here; its main account."""
    settings.PRINTER_NETWORKS = (ip_network("127.0.0.0/8"),)
    shop = Shop.objects.create(code="lan", name="兰草小铺", platform="taobao", ship_from="330106", created_at=now)
    return make_account(shop, "owner", is_owner=True).actor


def make_goods(owner: Actor, now: datetime) -> Contract:
    """Goods with barcodes, and a contract whose courier comes in some hours."""
    soon = (now + timedelta(hours=8)).replace(second=0, microsecond=0).time()
    for code, title, barcode, grams in (("CUP-W", "手工白瓷杯", CUP, 210), ("POT-B", "紫砂壶", POT, 640)):
        Sku.objects.create(shop_id=owner.shop_id, code=code, title=title, barcode=barcode, grams=grams, shelf="A-03-2")
    return make_contract(owner.shop_id, now=now, pickup_times=[soon])


def order(owner: Actor, n: int, now: datetime, **fields: Any) -> int:
    """Order n, of two cups with a barcode and a card without; its id."""
    order_id = make_order(owner.shop_id, n, now=now, quantities=(2, 1), **fields)
    cups, card = OrderLine.objects.filter(shop_id=owner.shop_id, order_id=order_id).order_by("id")
    OrderLine.objects.filter(shop_id=owner.shop_id, id=cups.id).update(
        sku_code="CUP-W", title="手工白瓷杯", sku="月白 300ml"
    )
    OrderLine.objects.filter(shop_id=owner.shop_id, id=card.id).update(title="手写贺卡", sku="")
    return order_id


def make(owner: Actor, contract: Contract, n: int, now: datetime, **fields: Any) -> Label:
    """Order n with its label, printed."""
    made = labels.entered(owner, order(owner, n, now, **fields), contract.id, waybill(n), now)
    assert isinstance(made, labels.Made)
    Label.objects.filter(shop_id=owner.shop_id, id=made.label_id).update(state="printed", printed_at=now, print_count=1)
    return Label.objects.get(shop_id=owner.shop_id, id=made.label_id)


def scan(page: Page, text: str) -> None:
    """What a keyboard wedge does: it types fast, wherever the focus is, and ends with Enter."""
    page.keyboard.type(text)
    page.keyboard.press("Enter")


def enter(page: Page) -> None:
    """The key, by hand: a lone Enter right after a scan would be the scanner's own second line end."""
    page.wait_for_timeout(200)
    page.keyboard.press("Enter")


def hears(page: Page, sound: str, words: str = "") -> None:
    verdict = page.locator(f"#bench-now .verdict[data-sound={sound}], #manifest-now .verdict[data-sound={sound}]")
    expect(verdict).to_contain_text(words)
