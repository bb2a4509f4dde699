"""What quiet hours held goes out once; channels; the outbox: sent, tried again, given up, never lost, never private."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection

from fahuo.connectors.notify import sender
from fahuo.rules import notices
from fahuo.rules.notices import ATTEMPTS, BACK_OFF, LEASE
from fahuo.rules.people import Actor
from fahuo.services import channels, deliveries, reminders, tasks
from fahuo.store import deliveries as store
from fahuo.store.models import Channel, Delivery, JournalEntry, Reminder, Shop
from tests.conftest import make_account
from tests.connectors.sinks import Web, running
from tests.services.aftersales import HOUR, LATE, at, clerk, late
from tests.services.test_tasks import refused

pytestmark = pytest.mark.django_db
SECOND = timedelta(seconds=1)


class Sent:
    """Stands for the child process: what it was given, and what it says of each kind of channel."""

    def __init__(self) -> None:
        self.messages: list[sender.Message] = []
        self.why: dict[str, str] = {}

    def __call__(self, messages: list[sender.Message], *, private: bool) -> dict[int, str]:
        assert not connection.in_atomic_block or connection.savepoint_ids == [], "sent outside any transaction"
        self.messages += messages
        return {message.id: self.why.get(message.kind, "") for message in messages}


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> Sent:
    found = Sent()
    monkeypatch.setattr(sender, "send", found)
    return found


def go(now: datetime) -> int:
    return deliveries.run_due(None, moment=lambda: now)


def robot(actor: Actor, *, of_shop: bool = False, kind: str = "dingtalk", **fields: str) -> int:
    fields = fields or {"token": "https://oapi.dingtalk.com/robot/send?access_token=abc123"}
    return channels.add(actor, kind=kind, name="", fields=fields, of_shop=of_shop, now=LATE)


def test_what_was_held_goes_out_when_the_quiet_hours_end(shop: Shop, owner: Actor, sent: Sent) -> None:
    night, noon = clerk(shop, "cs1"), clerk(shop, "cs2")
    reminders.subscribe(night, quiet_from="14:00", quiet_to="08:00", now=LATE)
    reminders.subscribe(noon, quiet_from="14:30", quiet_to="15:30", now=LATE)
    robot(night)
    late(shop.id, 1)
    reminders.run_due(None, now=LATE)
    found = {row.member_id: row for row in Reminder.objects.filter(shop_id=shop.id)}
    assert {row.status for row in found.values()} == {"held"}
    assert [found[actor.member_id].release_at for actor in (night, noon)] == [at("13 08:00"), at("12 15:30")]
    assert go(LATE) == 0
    for moment, count in ((at("12 15:29"), 0), (at("12 15:30"), 1), (at("13 07:59"), 0), (at("13 08:00"), 1)):
        assert reminders.release_due(None, now=moment) == count
    assert set(Reminder.objects.filter(shop_id=shop.id).values_list("status", "delivered_at")) == {
        ("held", at("13 08:00")), ("held", at("12 15:30")),
    }  # fmt: skip
    assert go(at("13 08:00")) == 1
    (message,) = sent.messages
    assert "还剩 7 小时" in message.body
    assert reminders.release_due(shop.id, now=at("14 08:00")) == 0


@pytest.mark.django_db(transaction=True)
def test_two_clocks_let_each_go_once(shop: Shop, owner: Actor) -> None:
    actor = clerk(shop, "cs1")
    reminders.subscribe(actor, quiet_from="14:00", quiet_to="08:00", now=LATE)
    robot(actor)
    for n in range(8):
        late(shop.id, n)
    reminders.run_due(shop.id, now=LATE)

    def work(_: int) -> int:
        try:
            return reminders.release_due(None, now=at("13 08:00"), limit=1)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as clocks:
        assert sum(clocks.map(work, range(2))) + reminders.release_due(None, now=at("13 08:00")) == 8
    assert Delivery.objects.filter(shop_id=shop.id).count() == 8


def test_to_the_accounts_own_channels_and_once_to_the_shops(
    shop: Shop, owner: Actor, other_shop: Shop, stranger: Actor, sent: Sent
) -> None:
    first, second = clerk(shop, "cs1"), clerk(shop, "cs2")
    robot(first)
    robot(owner, of_shop=True, kind="wecom", token="k-1")
    robot(stranger, of_shop=True)
    off = robot(second, kind="feishu", token="t-1")
    channels.change(second, off, name="", fields={}, active=False, now=LATE)
    order = late(shop.id, 1)
    reminders.run_due(None, now=LATE)
    assert (go(LATE), go(LATE)) == (2, 0)
    assert sorted(message.kind for message in sent.messages) == ["dingtalk", "wecom"]
    text = sent.messages[0].title + sent.messages[0].body
    assert ("催发货" in text, "兰草小铺" in text, "还剩 1 天" in text) == (True, True, True)
    assert "b1" not in text, "nothing of the buyer"
    assert set(Delivery.objects.values_list("status", "due_at")) == {("sent", None)}
    tasks.reply(owner, order, plan="ship_later", until=at("13 01:00"), now=LATE + HOUR)


def test_a_task_that_was_answered_meanwhile_is_not_told_of(shop: Shop, owner: Actor, sent: Sent) -> None:
    actor = clerk(shop, "cs1")
    robot(actor)
    order = late(shop.id, 1)
    reminders.run_due(None, now=LATE)
    tasks.reply(owner, order, plan="ship_later", until=at("13 01:00"), now=LATE + SECOND)
    assert go(LATE + 2 * SECOND) == 1
    assert (sent.messages, Delivery.objects.get().status) == ([], "not_needed")


def test_tried_again_later_each_time_then_given_up_with_the_reason(shop: Shop, owner: Actor, sent: Sent) -> None:
    actor = clerk(shop, "cs1")
    robot(actor)
    late(shop.id, 1)
    reminders.run_due(None, now=LATE)
    sent.why["dingtalk"] = "rejected:310000"
    now = LATE
    for pause in BACK_OFF:
        assert go(now) == 1
        assert go(now + pause - SECOND) == 0
        now += pause
        assert Delivery.objects.get().due_at == now
    assert go(now) == 1
    row = Delivery.objects.get()
    assert (row.status, row.why, row.attempts, row.due_at, row.done_at) == (
        "given_up",
        "rejected:310000",
        ATTEMPTS,
        None,
        now,
    )
    assert go(now + timedelta(days=1)) == 0
    assert deliveries.forget(keep_days=90, now=now + timedelta(days=91)) == 1


def test_a_killed_clock_loses_nothing_and_a_late_one_writes_nothing(shop: Shop, owner: Actor, sent: Sent) -> None:
    actor = clerk(shop, "cs1")
    robot(actor)
    late(shop.id, 1)
    reminders.run_due(None, now=LATE)
    (mine,) = store.take(shop.id, until=LATE + LEASE, limit=9, now=LATE)  # and here it is killed, or sleeps
    assert go(LATE + LEASE - SECOND) == 0
    sent.why["dingtalk"] = "timeout"
    assert go(LATE + LEASE) == 1
    late_word: dict[str, Any] = {"statuses": ["sent"], "whys": [""], "dues": [None], "now": LATE + LEASE}
    assert store.settle(shop.id, ids=[mine.id], attempts=[mine.attempts], **late_word) == 0
    row = Delivery.objects.get()
    assert (row.status, row.attempts, row.why) == ("waiting", 2, "timeout")
    assert row.due_at == LATE + LEASE + BACK_OFF[1]


def test_a_trial_goes_the_whole_way_and_is_tried_once(shop: Shop, owner: Actor, settings: Any) -> None:
    with running(Web()) as web:
        settings.NOTIFY_PRIVATE = True
        channel = robot(owner, of_shop=True, kind="webhook", address=f"{web.address}/in")
        channels.try_out(owner, channel, now=LATE)
        assert go(LATE) == 1
        assert "试发" in web.posts[0][2]["title"]
        settings.NOTIFY_PRIVATE = False
        channels.try_out(owner, channel, now=LATE)
        assert go(LATE) == 1
        assert len(web.posts) == 1
    assert list(Delivery.objects.order_by("id").values_list("status", "why", "attempts")) == [
        ("sent", "", 1), ("given_up", "private_address", 1),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "fields", "code"),
    [
        ("webhook", {"address": "http://127.0.0.1:8000/"}, "channel_private"),
        ("webhook", {"address": "https://[::ffff:10.0.0.1]/"}, "channel_private"),
        ("webhook", {"address": "http://printer.local/"}, "channel_private"),
        ("webhook", {"address": "http://0x7f000001/"}, "channel_private"),
        ("webhook", {"address": "ftp://example.com/"}, "channel_address"),
        ("webhook", {"address": "https://me@example.com/"}, "channel_address"),
        ("webhook", {"address": "https://example.com/\r\nX: y"}, "channel_field"),
        ("dingtalk", {"token": "https://example.com/other"}, "channel_field"),
        ("wecom", {"token": "k", "gateway": "https://10.0.0.8"}, "channel_private"),
        ("email", {"to": "a@example.com", "host": "192.168.1.2", "sender": "b@example.com"}, "channel_private"),
        ("email", {"to": "a@example.com, c@example.com", "host": "smtp.example.com", "sender": "b@example.com"}, "channel_field"),
        ("email", {"to": "a@example.com", "host": "smtp.example.com", "sender": "b@example.com", "port": "0"}, "channel_field"),
        ("feishu", {}, "channel_field"),
        ("pigeon", {}, "channel_kind"),
    ],
)  # fmt: skip
def test_what_cannot_be_a_channel_is_refused(owner: Actor, kind: str, fields: dict[str, str], code: str) -> None:
    assert refused(channels.add, owner, kind=kind, name="", fields=fields, of_shop=False, now=LATE) == [code]
    assert not Channel.objects.exists()


def test_secrets_stay_and_are_not_journaled(shop: Shop, owner: Actor) -> None:
    channel = robot(owner, token="abc123", secret="SECabc")
    channels.change(owner, channel, name="群", fields={"token": "", "secret": "SECnew"}, active=True, now=LATE)
    assert Channel.objects.get().settings == {"token": "abc123", "secret": "SECnew"}
    written = str(list(JournalEntry.objects.values_list("act", "after")))
    assert "channels.changed" in written
    assert not any(word in written for word in ("abc", "SEC"))
    channels.drop(owner, channel, now=LATE)
    assert not Channel.objects.exists()


def test_whose_channels_they_are(shop: Shop, owner: Actor, stranger: Actor) -> None:
    actor, other = clerk(shop, "cs1"), clerk(shop, "cs2")
    packer = make_account(shop, "packer", permissions=("ship",)).actor
    mine, shops = robot(actor), robot(owner, of_shop=True)
    for who, channel, code in (
        (other, mine, "channel_unknown"), (stranger, mine, "channel_unknown"), (owner, mine, "channel_unknown"),
        (actor, shops, "not_permitted"), (packer, shops, "not_permitted"),
    ):  # fmt: skip
        assert refused(channels.try_out, who, channel, now=LATE) == [code]
        assert refused(channels.drop, who, channel, now=LATE) == [code]
    assert refused(robot, packer) == ["not_permitted"]
    assert refused(robot, actor, of_shop=True) == ["not_permitted"]
    for _ in range(channels.MOST - 1):
        robot(actor)
    assert refused(robot, actor) == ["channel_too_many"]


def test_the_texts_in_both_languages() -> None:
    facts = notices.Facts(
        shop="兰草小铺", zone="Asia/Shanghai", number="3001", goods="竹" * 60, kind="催发货", state="awaiting_seller_action",
        due_at=LATE + 3 * HOUR + 12 * timedelta(minutes=1), link="https://desk.example.com/s/lan/tasks/1/",
    )  # fmt: skip
    title, body = notices.message(facts, "zh", now=LATE)
    assert (title, body.splitlines()[0]) == (
        "发货台：催发货任务待处理", "兰草小铺：订单 3001 催发货，请按承诺处理，还剩 3 小时 12 分（08-12 18:12 截止）。",
    )  # fmt: skip
    assert body.endswith("竹…\nhttps://desk.example.com/s/lan/tasks/1/")
    assert "due since" in notices.message(facts, "en", now=LATE + timedelta(days=1))[1]
    assert notices.left(timedelta(days=2, hours=3, minutes=59), "en") == "2 d 3 h"
