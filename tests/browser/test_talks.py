"""A conversation goes on in an open page by itself, and leaves alone what is being typed."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Browser, expect

from fahuo.services import messages
from fahuo.store.models import Message, Shop, Talk
from tests.browser.conftest import Desk
from tests.browser.served import served
from tests.conftest import NOW, make_account
from tests.services.aftersales import buyer, paid

pytestmark = pytest.mark.django_db(transaction=True)
SOON = 3000


@pytest.fixture
def there(browser: Browser, transactional_db: None) -> Iterator[Desk]:
    with served(browser) as found:
        yield found


def test_a_message_of_the_buyer_appears_and_is_answered(transactional_db: None, there: Desk) -> None:
    shop = Shop.objects.create(code="lan", name="兰草小铺", platform="taobao", ship_from="330106", created_at=NOW)
    make_account(shop, "kefu", permissions=("messages",))
    now = datetime.now(UTC)
    order = paid(shop.id, 1, paid_at=now - timedelta(days=1))
    who = buyer(shop.id)
    page = there.open("kefu")
    with page.expect_response(lambda answer: answer.url.endswith("/live/")):
        page.goto(f"{there.address}/s/lan/messages/")
    page.wait_for_timeout(300)
    messages.send(who, order, body="什么时候发货", now=datetime.now(UTC))
    row = page.locator(f"#row-{order}")
    expect(row).to_contain_text("什么时候发货", timeout=SOON)
    expect(row).to_contain_text("已等 00:00:0")
    expect(page.locator("[data-talks]")).to_contain_text("1")
    with page.expect_response(lambda answer: answer.url.endswith("/seen/")):
        row.get_by_role("link").click()
    page.wait_for_timeout(300)
    page.locator("#say-body").fill("今天")
    messages.send(who, order, body="还在吗", now=datetime.now(UTC))
    expect(page.locator("#talk-lines")).to_contain_text("还在吗", timeout=SOON)
    expect(page.locator("#say-body")).to_have_value("今天")
    page.locator("#say-body").press_sequentially("发出")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#talk-lines .is-mine")).to_contain_text("今天发出")
    expect(page.locator("#say-body")).to_be_focused()
    expect(page.locator("#talk-lines")).not_to_contain_text("买家在等")
    expect(page.locator("[data-talks]")).to_be_hidden()
    assert Talk.objects.get(shop_id=shop.id).waiting_since is None
    assert list(Message.objects.order_by("id").values_list("sender", flat=True)) == ["buyer", "buyer", "seller"]
