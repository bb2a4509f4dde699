"""消息: the day's reminders, the popup, the subscription, channels with their secrets, and who is reminded how often."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.urls import resolve

from fahuo.rules.people import Actor
from fahuo.rules.shop_warnings import page_of
from fahuo.services import deliveries, reminders, shop_warnings, tasks
from fahuo.store import stock
from fahuo.store.models import Channel, Delivery, Member, Reminder, Shop
from fahuo.web.people import TREE, WORDS, Branch
from tests.conftest import Account, make_account
from tests.services.aftersales import buyer, paid
from tests.services.stocks import buy, make_contract
from tests.web.pages import sign_in, text_of

pytestmark = pytest.mark.django_db
LONG = timedelta(days=9)


@pytest.fixture
def now() -> datetime:
    """The pages live now."""
    return datetime.now(UTC).replace(microsecond=0)


@pytest.fixture
def clerk(shop: Shop, now: datetime) -> Account:
    found = make_account(shop, "小周", permissions=("tasks",))
    reminders.subscribe(found.actor, now=now)
    return found


def urged(shop: Shop, n: int, now: datetime) -> int:
    """An order whose buyer urged it just now, after its deadline."""
    order = paid(shop.id, n, paid_at=now - LONG)
    assert tasks.press_urge(buyer(shop.id), order, now=now).outcome == "task"
    return order


def test_the_popup_shows_what_is_new_until_it_was_seen(shop: Shop, owner: Actor, clerk: Account, now: datetime) -> None:
    client = sign_in(clerk)
    orders = [urged(shop, n, now) for n in range(4)]
    assert 'data-count="0"' in client.get("/s/lan/notices/popup/").content.decode()
    reminders.run_due(None, now=now)
    page = client.get("/s/lan/notices/popup/").content.decode()
    assert ('data-count="4"' in page, page.count("data-pop="), "data-sound" in page) == (True, 3, True)
    assert re.search(r'href="/s/lan/tasks/\d+/"', page)
    text = text_of(page.encode())
    assert all(word in text for word in ("催发货", "请回复买家", "还剩 23 小时 59 分", "共 4 条提醒待处理", "去处理"))
    ids = re.findall(r'name="ids" value="([\d,]+)"', page)
    assert client.post("/s/lan/notices/seen/", {"ids": f"{ids[0]},x,99999999999999999999"}).status_code == 204
    tasks.reply(owner, orders[0], plan="ship_later", until=now + timedelta(hours=20), now=now)
    assert 'data-count="2"' in client.get("/s/lan/notices/popup/").content.decode()
    assert "data-unread>2" in client.get("/s/lan/").content.decode()
    client.post("/s/lan/notices/all-seen/")
    assert 'data-count="0"' in client.get("/s/lan/notices/popup/").content.decode()
    assert Reminder.objects.filter(shop_id=shop.id, seen_at=None).count() == 1, "the answered one was never shown"


def test_nobody_sees_or_settles_anothers(shop: Shop, owner_account: Account, clerk: Account, now: datetime) -> None:
    urged(shop, 1, now)
    reminders.run_due(None, now=now)
    row = Reminder.objects.get()
    other = sign_in(owner_account)
    other.post("/s/lan/notices/seen/", {"ids": str(row.id)})
    assert 'data-count="0"' in other.get("/s/lan/notices/popup/").content.decode()
    assert Reminder.objects.get().seen_at is None


def test_no_popup_and_no_sound_for_who_wants_none(shop: Shop, clerk: Account, now: datetime) -> None:
    client = sign_in(clerk)
    urged(shop, 1, now)
    reminders.run_due(None, now=now)
    form = {"todo_notice": "on", "todo_popup": "on", "quiet_from": "23:00", "quiet_to": "07:30"}
    assert client.post("/s/lan/notices/subscription/", form).status_code == 302
    page = client.get("/s/lan/notices/popup/").content.decode()
    assert ("data-pop=" in page, "data-sound" in page) == (True, False)
    client.post("/s/lan/notices/subscription/", {"todo_notice": "on"})
    page = client.get("/s/lan/notices/popup/").content.decode()
    assert ("data-pop=" in page, 'data-count="1"' in page) == (False, True)
    page = client.post("/s/lan/notices/subscription/", {"todo_notice": "on", "quiet_from": "23:00"})
    assert page.status_code == 422
    assert 'value="23:00"' in page.content.decode()
    assert "开始和结束都要填" in text_of(page.content)
    likes = Member.objects.get(id=clerk.member.id).preferences
    assert (likes["todo_notice"], likes["todo_popup"], likes["quiet_from"]) == (True, False, None)


def test_the_cap_of_ten_is_seen_with_what_it_left_out(
    shop: Shop, owner_account: Account, clerk: Account, now: datetime
) -> None:
    for n in range(13):
        urged(shop, n, now)
    reminders.run_due(None, now=now)
    page = sign_in(clerk).get("/s/lan/notices/")
    text = text_of(page.content)
    assert "10/10 另有 3 条未提醒" in text
    assert page.content.count(b'data-status="suppressed"') == 3
    assert "全部账号" not in text
    client = sign_in(owner_account)
    text = text_of(client.get("/s/lan/notices/").content)
    assert ("还没有订阅待办通知" in text, "全部账号" in text, "小周 已订阅 10/10 3" in text) == (True, True, True)
    text = text_of(client.get(f"/s/lan/notices/?member={clerk.member.id}").content)
    assert "消息 · 小周" in text
    assert "10/10 另有 3 条未提醒" in text
    text = text_of(client.get("/s/lan/people/").content)
    assert re.search(r"小周 小周 平台任务 已订阅 10/10 另有 3 条未提醒", text)
    assert "10/10" in text_of(client.get(f"/s/lan/people/{clerk.member.id}/").content)
    old = text_of(client.get("/s/lan/notices/?day=2020-01-01").content)
    assert "今天" in old, "too long ago"


def test_permissions_stand_where_sellers_look_for_them(owner_account: Account, clerk: Account) -> None:
    def names(tree: tuple[Branch, ...]) -> list[str]:
        return [name for branch in tree for name in (*names(branch.branches), *branch.grants)]

    assert sorted(names(TREE)) == sorted(WORDS)
    page = sign_in(owner_account).get(f"/s/lan/people/{clerk.member.id}/").content.decode()
    assert 'title="客户服务平台权限 → 服务待办 → 平台任务"' in page
    assert re.search(r'value="tasks" checked', page)
    assert "子账号管理 → 权限" in text_of(page.encode())


def test_a_channel_is_set_up_tried_and_never_tells_its_secrets(
    shop: Shop, owner_account: Account, now: datetime
) -> None:
    client = sign_in(owner_account)
    form = {"kind": "dingtalk", "of_shop": "1", "name": "客服群", "token": "abcsecret1", "secret": "SECsecret2"}
    refused = client.post("/s/lan/notices/channels/new/", {**form, "gateway": "http://10.0.0.1"})
    assert refused.status_code == 422
    assert "指向内网" in text_of(refused.content)
    assert 'value="客服群"' in refused.content.decode()
    made = client.post("/s/lan/notices/channels/new/", form)
    assert made.status_code == 302
    address = made.headers["Location"]
    assert client.post(f"{address}try/").status_code == 302
    pages = [
        client.get(where).content.decode() for where in (address, "/s/lan/notices/subscription/", f"{address}messages/")
    ]
    assert all("secret1" not in page and "secret2" not in page for page in pages)
    assert "••••••" in pages[0]
    assert 'hx-trigger="every 1s"' in pages[2], "it is on its way"
    row = Delivery.objects.get()
    Delivery.objects.filter(id=row.id).update(status="given_up", why="rejected:310000", due_at=None, done_at=now)
    page = client.get(f"{address}messages/").content.decode()
    assert ("every 1s" in page, "错误码 310000" in page) == (False, True)
    assert client.post(address, {"name": "群", "token": "", "secret": ""}).status_code == 302
    channel = Channel.objects.get()
    assert (channel.name, channel.active) == ("群", False)
    assert channel.settings == {"token": "abcsecret1", "secret": "SECsecret2"}
    client.post(f"{address}drop/")
    assert client.get(address).status_code == 404
    assert deliveries.run_due(shop.id, moment=lambda: now) == 0


def test_the_line_is_opened_by_the_door(shop: Shop, owner_account: Account, teammate_account: Account) -> None:
    answer = sign_in(owner_account).get("/s/lan/live/")
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "text/event-stream")
    assert answer.seat == (shop.id, owner_account.member.id)  # type: ignore[attr-defined]
    assert b"event: hello" in answer.content, "a server that holds no lines has the page come again"
    packer = sign_in(make_account(shop, "packer", permissions=("ship",)))
    assert packer.get("/s/lan/live/").status_code == 403
    page = packer.get("/s/lan/").content.decode()
    assert ("data-live" in page, "live.js" in page, "data-unread" in page) == (False, False, False)
    page = sign_in(teammate_account).get("/s/lan/").content.decode()
    told = ("data-live" in page, "live.js" in page, "data-popup" in page, "data-unread" in page)
    assert told == (True, True, False, False), "who writes to buyers hears of them, not of tasks"


def test_a_warning_pops_up_and_stays_in_the_list(shop: Shop, owner_account: Account, now: datetime) -> None:
    reminders.subscribe(owner_account.actor, now=now)
    contract = make_contract(shop.id, now=now)
    buy(owner_account.actor, contract, 3, now=now - timedelta(days=2))
    stock.take(owner_account.actor, contract.id, 3, now=now - timedelta(days=1))
    assert shop_warnings.run_due(None, now=now) == 1
    client = sign_in(owner_account)
    page = client.get("/s/lan/notices/popup/").content.decode()
    assert 'data-count="1"' in page
    address = f"/s/lan/contracts/{contract.id}/stock/"
    assert f'href="{address}"' in page
    assert client.get(address).status_code == 200
    text = text_of(page.encode())
    assert all(word in text for word in ("单号用完", "请补单号", "中通西湖"))
    listed = text_of(client.get("/s/lan/notices/").content)
    assert "单号用完" in listed
    buy(owner_account.actor, contract, 500, first="75330000001501", now=now)
    shop_warnings.run_due(None, now=now + timedelta(minutes=1))
    assert 'data-count="0"' in client.get("/s/lan/notices/popup/").content.decode(), "it is over"
    assert "已解除" in text_of(client.get("/s/lan/notices/").content)
    hook = page_of("webhook_off", 7)
    assert resolve(f"/s/lan/{hook}").url_name == "hook"
