"""A reminder arrives in an open page: within two seconds, with its sound, and after a line that broke."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from playwright.sync_api import Browser, Page, expect

from fahuo import clock
from fahuo.services import reminders, tasks
from fahuo.store.models import Reminder, Shop, Task
from tests.browser.conftest import Desk
from tests.browser.served import served
from tests.conftest import NOW, Account, make_account
from tests.services.aftersales import buyer, paid

pytestmark = pytest.mark.django_db(transaction=True)
SOON = 2000
"""Milliseconds within which a reminder pops up."""
COUNT_TONES = """window.tones = 0; const start = OscillatorNode.prototype.start;
OscillatorNode.prototype.start = function (...when) { window.tones += 1; return start.apply(this, when); };"""


@pytest.fixture
def there(browser: Browser, transactional_db: None) -> Iterator[Desk]:
    with served(browser) as found:
        yield found


@pytest.fixture
def shop(transactional_db: None) -> Shop:
    return Shop.objects.create(code="lan", name="兰草小铺", platform="taobao", ship_from="330106", created_at=NOW)


@pytest.fixture
def clerk(shop: Shop) -> Account:
    found = make_account(shop, "kefu", permissions=("tasks", "messages"))
    reminders.subscribe(found.actor, now=NOW)
    return found


def urge_and_tick(shop: Shop, n: int) -> str:
    """A buyer urges a late order, and a clock has its round; the order's number."""
    now = datetime.now(UTC) - timedelta(seconds=2)
    order = paid(shop.id, n, paid_at=now - timedelta(days=9))
    assert tasks.press_urge(buyer(shop.id), order, now=now).outcome == "task"
    clock.Clock().timers(datetime.now(UTC))
    return str(Task.objects.get(shop_id=shop.id, order_id=order).id)


def opened(desk: Desk, where: str = "") -> Page:
    page = desk.open("kefu")
    page.add_init_script(COUNT_TONES)
    with page.expect_response(lambda answer: answer.url.endswith("/live/")):
        page.goto(f"{desk.address}/s/lan/{where}")
    page.wait_for_timeout(300)
    page.locator("h1").click()  # a page that nobody touched may not sound
    return page


def listeners() -> int:
    """How many connections listen for news, here."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
            "WHERE datname = current_database() AND query LIKE 'LISTEN fahuo_live%'"
        )
        return int(cursor.fetchone()[0])


def test_it_pops_up_at_once_and_stays_until_it_is_seen(shop: Shop, clerk: Account, there: Desk) -> None:
    page, other = opened(there), opened(there, "orders/")
    expect(page.locator(".pop")).to_have_count(0)
    task = urge_and_tick(shop, 1)
    pop = page.locator(f'[data-pop="{task}"]')
    expect(pop).to_be_visible(timeout=SOON)
    expect(pop).to_contain_text("催发货")
    expect(pop).to_contain_text("还剩 23 小时 59 分")
    expect(pop.get_by_role("link", name="去处理")).to_have_attribute("href", f"/s/lan/tasks/{task}/")
    expect(page).to_have_title("(1) 今天要做的事 · 兰草小铺 · 发货台")
    expect(page.locator("[data-unread]")).to_contain_text("1")
    assert page.evaluate("window.tones") == 1
    expect(other.locator(f'[data-pop="{task}"]')).to_be_visible(timeout=SOON)
    page.reload()
    expect(pop).to_be_visible(timeout=SOON)
    assert page.evaluate("window.tones") == 0, "it rings once"
    pop.get_by_role("button", name="知道了").click()
    expect(pop).to_have_count(0)
    expect(page.locator("[data-unread]")).to_be_hidden()
    assert Reminder.objects.get(shop_id=shop.id).seen_at is not None


def test_without_sound_for_who_wants_none(shop: Shop, clerk: Account, there: Desk) -> None:
    reminders.subscribe(clerk.actor, sound=False, now=NOW)
    page = opened(there)
    task = urge_and_tick(shop, 1)
    expect(page.locator(f'[data-pop="{task}"]')).to_be_visible(timeout=SOON)
    assert page.evaluate("window.tones") == 0


def test_what_came_while_the_line_was_broken_is_shown_when_it_is_open_again(
    shop: Shop, clerk: Account, there: Desk
) -> None:
    page = opened(there)
    assert listeners() == 1
    task = urge_and_tick(shop, 1)
    expect(page.locator(f'[data-pop="{task}"]')).to_be_visible(timeout=8000)
    second = urge_and_tick(shop, 2)
    expect(page.locator(f'[data-pop="{second}"]')).to_be_visible(timeout=SOON)
