"""Warnings: stock that runs out and a webhook that is off are told once, to who can mend them, within the day's ten."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from fahuo.connectors.notify import sender
from fahuo.rules import shop_warnings as rules
from fahuo.rules.people import Actor
from fahuo.services import channels, deliveries, reminders, shop_warnings
from fahuo.store import stock, webhooks
from fahuo.store.models import Delivery, Member, Reminder, Shop, ShopWarning, Webhook
from tests.services.aftersales import HOUR, LATE, clerk, late
from tests.services.stocks import buy, make_contract

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
STOCK = ("tasks", "ship")


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[sender.Message]:
    found: list[sender.Message] = []

    def send(messages: list[sender.Message], *, private: bool) -> dict[int, str]:
        found.extend(messages)
        return {message.id: "" for message in messages}

    monkeypatch.setattr(sender, "send", send)
    return found


def short(actor: Actor, *, left: int = 10, taken: int = 70, now: datetime = LATE) -> Any:
    """A contract that takes ten a day and has so many left."""
    contract = make_contract(actor.shop_id, now=now - 9 * DAY)
    buy(actor, contract, left + taken, now=now - 9 * DAY)
    stock.take(actor, contract.id, 1, now=now - 8 * DAY)
    stock.take(actor, contract.id, taken - 1, now=now - 2 * DAY)
    return contract


def off(shop_id: int, *, now: datetime = LATE) -> int:
    hook = Webhook.objects.create(
        shop_id=shop_id, name="仓库", address="https://w.example/x", cursor=0, created_at=now, created_by_name="o"
    )
    webhooks.turn_off(shop_id, hook.id, why="timeout", now=now)
    return int(hook.id)


def told(shop_id: int) -> list[tuple[str, str, str]]:
    """(kind, account, status) of each reminder of a warning."""
    names = dict(Member.objects.filter(shop_id=shop_id).values_list("id", "name"))
    kinds = dict(ShopWarning.objects.filter(shop_id=shop_id).values_list("id", "kind"))
    rows = Reminder.objects.filter(shop_id=shop_id, warning_id__isnull=False).order_by("id")
    return [(kinds[row.warning_id], names[row.member_id], row.status) for row in rows]


def test_short_stock_is_told_once_and_again_when_it_is_out(shop: Shop, owner: Actor, stranger: Actor) -> None:
    reminders.subscribe(owner, now=LATE)
    clerk(shop, "keeper", permissions=STOCK)
    clerk(shop, "cs1")
    clerk(shop, "packer", permissions=("ship",))
    contract = short(owner)
    assert shop_warnings.run_due(None, now=LATE) == 1
    assert shop_warnings.run_due(None, now=LATE + HOUR) == 0
    assert told(shop.id) == [("stock_low", "owner", "delivered"), ("stock_low", "keeper", "delivered")]
    warning = ShopWarning.objects.get(shop_id=shop.id)
    assert (warning.facts, warning.over_at) == ({"name": "中通西湖", "left": 10}, None)
    assert warning.due_at is not None
    assert LATE < warning.due_at < LATE + 2 * DAY
    stock.take(owner, contract.id, 10, now=LATE + 2 * HOUR)
    assert shop_warnings.run_due(shop.id, now=LATE + 2 * HOUR) == 1
    assert {kind for kind, *_ in told(shop.id)} == {"stock_low", "stock_out"}
    buy(owner, contract, 1000, first="75330000009501", now=LATE + 3 * HOUR)
    shop_warnings.run_due(shop.id, now=LATE + 3 * HOUR)
    assert not ShopWarning.objects.filter(shop_id=shop.id, over_at=None).exists()
    assert not ShopWarning.objects.filter(shop_id=stranger.shop_id).exists()


def test_what_comes_and_goes_is_told_twice_a_day_at_most(shop: Shop, owner: Actor) -> None:
    reminders.subscribe(owner, now=LATE)
    hook = off(shop.id)
    for hours in (0, 1, 2, 11):
        now = LATE + hours * HOUR
        shop_warnings.run_due(shop.id, now=now)
        webhooks.turn_on(shop.id, hook, since=now)
        shop_warnings.run_due(shop.id, now=now)
        webhooks.turn_off(shop.id, hook, why="timeout", now=now)
    assert len(told(shop.id)) == 1
    assert shop_warnings.run_due(shop.id, now=LATE + rules.AGAIN) == 1


def test_a_webhook_that_somebody_switched_off_is_no_trouble(shop: Shop, owner: Actor) -> None:
    reminders.subscribe(owner, now=LATE)
    Webhook.objects.create(
        shop_id=shop.id, name="仓库", address="https://w.example/x", cursor=0, created_at=LATE, created_by_name="o", active=False
    )  # fmt: skip
    assert shop_warnings.run_due(None, now=LATE) == 0
    make_contract(shop.id, now=LATE)
    assert shop_warnings.run_due(None, now=LATE) == 0, "a stock from which nothing is taken"


def test_the_cap_and_the_quiet_hours_are_kept(shop: Shop, owner: Actor) -> None:
    keeper = clerk(shop, "keeper", permissions=STOCK)
    for n in range(10):
        late(shop.id, n)
    reminders.run_due(shop.id, now=LATE)
    short(owner)
    shop_warnings.run_due(shop.id, now=LATE)
    assert told(shop.id) == [("stock_low", "keeper", "suppressed")]
    assert reminders.of_day(shop.id, LATE.date()) == {"keeper": {"delivered": 10, "suppressed": 1}}
    reminders.subscribe(keeper, quiet_from="14:00", quiet_to="08:00", now=LATE)
    ShopWarning.objects.filter(shop_id=shop.id).update(over_at=LATE, raised_at=LATE - DAY)
    shop_warnings.run_due(shop.id, now=LATE + DAY)
    row = Reminder.objects.filter(shop_id=shop.id, warning_id__isnull=False).latest("id")
    assert (row.status, row.delivered_at) == ("held", None)
    assert reminders.release_due(shop.id, now=row.release_at) == 1
    row.refresh_from_db()
    assert row.delivered_at == row.release_at


def test_channels_carry_it_once_and_not_when_it_is_over(shop: Shop, owner: Actor, sent: list[sender.Message]) -> None:
    reminders.subscribe(owner, now=LATE)
    clerk(shop, "keeper", permissions=STOCK)
    field = {"token": "https://oapi.dingtalk.com/robot/send?access_token=abc123"}
    channels.add(owner, kind="dingtalk", name="", fields=field, of_shop=True, now=LATE)
    channels.add(owner, kind="dingtalk", name="", fields=field, of_shop=False, now=LATE)
    contract = short(owner)
    shop_warnings.run_due(None, now=LATE)
    deliveries.run_due(None, moment=lambda: LATE)
    assert len(sent) == 2
    assert {message.title for message in sent} == {"发货台：单号快用完"}
    assert "合同“中通西湖”的单号还剩 10 个，按现在的用量还够 1 天" in sent[0].body
    off(shop.id)
    shop_warnings.run_due(None, now=LATE + HOUR)
    buy(owner, contract, 1000, first="75330000009501", now=LATE + HOUR)
    Webhook.objects.filter(shop_id=shop.id).update(active=True, off_why="")
    shop_warnings.run_due(None, now=LATE + HOUR)
    deliveries.run_due(None, moment=lambda: LATE + HOUR)
    assert len(sent) == 2, "the webhook works again"
    assert sorted(Delivery.objects.filter(shop_id=shop.id).values_list("status", flat=True)) == [
        "not_needed", "not_needed", "sent", "sent",
    ]  # fmt: skip


@pytest.mark.parametrize("kind", rules.KINDS)
def test_each_kind_has_its_words(kind: str) -> None:
    for language in ("zh", "en"):
        title, body = rules.message(
            kind, {"name": "西湖", "left": 3}, "兰草", language, due_at=LATE + HOUR, link="https://x.example/", now=LATE
        )  # type: ignore[arg-type]  # a language
        assert "西湖" in body
        assert body.endswith("https://x.example/")
        assert title
