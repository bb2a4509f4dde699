"""Webhooks: what happened is told once it is committed, at least once, under one id, to the right shop's address."""

import json
import os
import random
import re
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection, transaction
from django.test import override_settings

from fahuo.rules import webhooks as rules
from fahuo.rules.people import Actor
from fahuo.rules.problems import Refusal
from fahuo.services import orders, parcels, tasks, webhooks
from fahuo.store import journal
from fahuo.store.models import JournalEntry, Shop, Webhook, WebhookDelivery
from fahuo.web import hooks
from tests.conftest import NOW
from tests.connectors.receiver import Receiver
from tests.connectors.sinks import running
from tests.services.aftersales import LATE, buyer, paid
from tests.services.shipping import make_order, order_number, waybill

pytestmark = pytest.mark.django_db
SECOND = timedelta(seconds=1)


@pytest.fixture(autouse=True)
def _private(settings: Any) -> None:
    settings.NOTIFY_PRIVATE = True


@pytest.fixture
def receiver() -> Any:
    with running(Receiver()) as found:
        yield found
        found.free.set()


def hook(actor: Actor, receiver: Receiver, **more: Any) -> tuple[int, str]:
    return webhooks.add(actor, name="ERP", address=receiver.address, now=NOW, **more)


def follow(now: datetime = NOW) -> int:
    return webhooks.follow(webhooks.Horizon(), now=now)


def go(now: datetime = NOW, *, limit: int = 200) -> int:
    return webhooks.run_due(moment=lambda: now, limit=limit)


def statuses(shop: Shop) -> list[str]:
    return list(WebhookDelivery.objects.filter(shop_id=shop.id).order_by("id").values_list("status", flat=True))


def test_what_happens_is_told_signed_and_without_personal_data(
    shop: Shop, other_shop: Shop, owner: Actor, stranger: Actor, receiver: Receiver
) -> None:
    order_id = make_order(shop.id, 1, now=NOW, buyer="林间小鹿")
    theirs = make_order(other_shop.id, 2, now=NOW)
    orders.set_flag(owner, order_id, 1, now=NOW)  # before the webhook: not told
    webhook_id, secret = hook(owner, receiver)
    parcel_id = parcels.ship(owner, order_ids=[order_id], carrier="ZTO", waybill=waybill(1), now=NOW)
    parcels.ship(stranger, order_ids=[theirs], carrier="ZTO", waybill=waybill(2), now=NOW)
    assert follow() == 1, "its own household is not told"
    now = NOW + SECOND
    assert go(now) == 1
    ((headers, body),) = receiver.got
    event = json.loads(body)
    delivery = WebhookDelivery.objects.get(shop_id=shop.id)
    assert event | {"at": ""} == {
        "id": f"msg_{delivery.id}", "type": "parcel.shipped", "at": "", "shop": "lan",
        "data": {
            "order": order_number(1), "order_id": order_id, "actor": "owner", "parcel_id": parcel_id, "batch_id": None,
            "before": {"status": "awaiting_shipment"},
            "after": {"status": "shipped", "carrier": "ZTO", "waybill": waybill(1)},
        },
    }  # fmt: skip
    assert headers["webhook-id"] == event["id"]
    assert rules.verify(secret, headers, body, now=now)
    assert not rules.verify(secret, headers, body + b" ", now=now)
    assert not rules.verify(secret, headers, body, now=now + timedelta(minutes=6))
    assert not rules.verify(rules.secret_of(settings.SECRET_KEY, shop.id, webhook_id, 2), headers, body, now=now)
    assert statuses(shop) == ["sent"]
    assert (follow(), go()) == (0, 0)
    for personal in ("林间小鹿", "甲一", "17000000001", "花园路"):
        assert personal not in body.decode()


def test_only_who_may_export_has_the_receiver_told(shop: Shop, owner: Actor, receiver: Receiver) -> None:
    manager = Actor(shop.id, None, "manager", permissions=frozenset({"people"}))
    with pytest.raises(Refusal, match="webhook_receiver"):
        hook(manager, receiver, with_receiver=True)
    hook(owner, receiver, with_receiver=True, kinds=["order.flag"])
    order_id = make_order(shop.id, 1, now=NOW)
    orders.set_flag(owner, order_id, 1, now=NOW)
    orders.set_memo(owner, order_id, "不在订阅里", now=NOW)
    assert (follow(), go()) == (1, 1)
    assert receiver.events()[0]["data"]["receiver"]["phone"] == "17000000001"


def test_tasks_are_told_too(shop: Shop, owner: Actor, receiver: Receiver) -> None:
    hook(owner, receiver, kinds=["task.opened", "task.moved"])
    order_id = paid(shop.id, 1)
    assert tasks.press_urge(buyer(shop.id), order_id, now=LATE).outcome == "task"
    tasks.reply(owner, order_id, plan="cannot_ship", now=LATE)
    assert (follow(), go()) == (2, 2)
    told = [(event["type"], event["data"]["event"], event["data"]["to"]) for event in receiver.events()]
    assert sorted(told) == [
        ("task.moved", "reply_cannot_ship", "awaiting_seller_action"), ("task.opened", "urged", "awaiting_seller_reply"),
    ]  # fmt: skip


def test_what_fails_is_tried_again_for_three_days_then_the_webhook_is_off(
    shop: Shop, owner: Actor, receiver: Receiver
) -> None:
    webhook_id, _ = hook(owner, receiver)
    for n in range(1, 6):
        orders.set_flag(owner, make_order(shop.id, n, now=NOW), 1, now=NOW)
    assert follow() == 5
    receiver.way = "500"
    now, tries = NOW, 0
    while Webhook.objects.get(shop_id=shop.id, id=webhook_id).active:
        tries += go(now) and 1
        now += timedelta(seconds=5) if tries < 3 else timedelta(minutes=30)
        assert now < NOW + timedelta(days=4)
    assert 8 <= tries <= 20, "it rests longer and longer, and tries one event, not all of them"
    assert now >= NOW + rules.KEEP_TRYING
    row = Webhook.objects.get(shop_id=shop.id, id=webhook_id)
    assert (row.off_why, row.off_at is not None) == ("http:500", True)
    assert JournalEntry.objects.filter(shop_id=shop.id, act="webhooks.off").count() == 1
    assert set(statuses(shop)) <= {"given_up", "dropped"}
    receiver.way = "good"
    receiver.got.clear()
    assert webhooks.turn_on(owner, webhook_id, now=now)
    assert webhooks.replay(owner, webhook_id, failed=True, now=now) == 5
    assert go(now) == 5
    assert len(set(receiver.ids)) == 5


def test_an_address_that_is_gone_is_asked_no_more(shop: Shop, owner: Actor, receiver: Receiver) -> None:
    webhook_id, _ = hook(owner, receiver)
    webhooks.try_out(owner, webhook_id, now=NOW)
    receiver.way = "410"
    assert go() == 1
    assert not Webhook.objects.get(shop_id=shop.id, id=webhook_id).active


def test_after_a_rest_one_event_goes_first_and_then_all(shop: Shop, owner: Actor, receiver: Receiver) -> None:
    webhook_id, _ = hook(owner, receiver)
    for n in range(1, 31):
        orders.set_flag(owner, make_order(shop.id, n, now=NOW), 1, now=NOW)
    follow()
    receiver.way = "503"
    assert go(NOW, limit=3) == 3
    assert go(NOW + SECOND) == 0, "it rests"
    receiver.way = "good"
    later = NOW + rules.wait(1)
    assert go(later) == 1
    assert go(later) >= 25
    for minutes in range(1, 4):
        go(later + timedelta(minutes=minutes))
    assert set(statuses(shop)) == {"sent"}
    assert len(set(receiver.ids)) == 30
    tried_again = [name for name in set(receiver.ids) if receiver.ids.count(name) > 1]
    assert len(tried_again) == 3, "the same id each time"
    assert webhooks.replay(owner, webhook_id, [WebhookDelivery.objects.filter(shop_id=shop.id)[0].id], now=later) == 1


def test_what_happened_while_it_was_off_is_told_for_three_days(shop: Shop, owner: Actor, receiver: Receiver) -> None:
    webhook_id, _ = hook(owner, receiver)
    order_id = make_order(shop.id, 1, now=NOW)
    assert webhooks.turn_off(owner, webhook_id, now=NOW)
    orders.set_flag(owner, order_id, 1, now=NOW)
    orders.set_flag(owner, order_id, 2, now=NOW + timedelta(days=3))
    assert follow() == 0
    assert webhooks.turn_on(owner, webhook_id, now=NOW + timedelta(days=4))
    assert (follow(), go(NOW + timedelta(days=4))) == (1, 1)
    assert receiver.events()[0]["data"]["after"] == {"flag": 2}


@pytest.mark.django_db(transaction=True)
def test_nothing_is_told_before_it_is_committed_and_nothing_is_passed_over(
    shop: Shop, owner: Actor, receiver: Receiver
) -> None:
    hook(owner, receiver)
    ids = [make_order(shop.id, n, now=NOW) for n in (1, 2, 3)]
    horizon = webhooks.Horizon()
    begun, may_end = threading.Event(), threading.Event()

    def slow() -> None:
        with transaction.atomic():
            orders.set_flag(owner, ids[0], 1, now=NOW)  # draws the lower id, commits last
            begun.set()
            may_end.wait(20)
        connection.close()

    thread = threading.Thread(target=slow)
    thread.start()
    begun.wait(20)
    orders.set_flag(owner, ids[1], 1, now=NOW)
    assert webhooks.follow(horizon, now=NOW) == 0, "who drew an id below is at work still"
    orders.set_flag(owner, ids[2], 1, now=NOW)
    assert webhooks.follow(horizon, now=NOW) == 0
    may_end.set()
    thread.join()
    assert webhooks.follow(horizon, now=NOW) + webhooks.follow(horizon, now=NOW) == 3
    assert go() == 3
    assert sorted(event["data"]["order"] for event in receiver.events()) == [order_number(n) for n in (1, 2, 3)]


@pytest.mark.django_db(transaction=True)
def test_many_writers_at_once_lose_no_event(shop: Shop, owner: Actor, receiver: Receiver) -> None:
    """Writers that draw ids early and commit late, at random, while somebody follows all the time."""
    hook(owner, receiver)
    order_id = make_order(shop.id, 1, now=NOW)
    done = threading.Event()

    def write(seed: int) -> None:
        draw = random.Random(seed)
        for n in range(25):
            with transaction.atomic():
                for _ in range(draw.randrange(1, 4)):
                    journal.append(owner, "order.flag", [journal.Moved(order_id, after={"flag": n})], now=NOW)
                    time.sleep(draw.random() / 200)
                if draw.random() < 0.2:
                    transaction.set_rollback(True)
        connection.close()

    def keep_following() -> None:
        horizon = webhooks.Horizon()
        while not done.is_set():
            webhooks.follow(horizon, now=NOW)
        for _ in range(3):
            webhooks.follow(horizon, now=NOW)
        connection.close()

    follower = threading.Thread(target=keep_following)
    follower.start()
    threads = [threading.Thread(target=write, args=(seed,)) for seed in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    done.set()
    follower.join()
    written = set(JournalEntry.objects.filter(shop_id=shop.id, act="order.flag").values_list("id", flat=True))
    queued = list(WebhookDelivery.objects.filter(shop_id=shop.id).values_list("entry_id", flat=True))
    assert len(written) > 100
    assert sorted(queued) == sorted(written)


@pytest.mark.django_db(transaction=True)
@override_settings(NOTIFY_PRIVATE=True)
def test_killed_at_any_instant_each_event_comes_at_least_once_under_one_id(
    shop: Shop, owner: Actor, receiver: Receiver
) -> None:
    webhook_id, secret = hook(owner, receiver)
    wanted = set()
    for n in range(1, 121):
        orders.set_flag(owner, make_order(shop.id, n, now=NOW), 1, now=NOW)
        wanted.add(order_number(n))
    receiver.way, receiver.pause = "late", 0.02
    draw, rounds = random.Random(7), 0
    environ = {
        **os.environ, "DATABASE_URL": database_url(), "FAHUO_NOTIFY_PRIVATE": "yes",
    }  # fmt: skip
    script = str(Path(__file__).with_name("sending_process.py"))
    until = time.monotonic() + 90
    while set(statuses(shop)) != {"sent"} or len(statuses(shop)) < len(wanted):
        assert time.monotonic() < until, statuses(shop)
        child = subprocess.Popen([sys.executable, script], env=environ, stdout=subprocess.PIPE, text=True)
        assert child.stdout is not None
        child.stdout.readline()
        time.sleep(draw.uniform(0.05, 1.5) if rounds < 8 else 20)
        child.kill()
        child.wait()
        rounds += 1
    told = receiver.events()
    assert {event["data"]["order"] for event in told} == wanted
    by_order: dict[str, set[str]] = {}
    for event in told:
        by_order.setdefault(event["data"]["order"], set()).add(event["id"])
    assert all(len(ids) == 1 for ids in by_order.values()), "one id for an event, however often it comes"
    assert all(rules.verify(secret, headers, body, now=datetime.now(UTC)) for headers, body in receiver.got)
    assert webhook_id


def database_url() -> str:
    """The test's own database, as a process of its own finds it."""
    found = connection.settings_dict
    base, _, query = os.environ["DATABASE_URL"].partition("?")
    return f"{base.rpartition('/')[0]}/{found['NAME']}" + (f"?{query}" if query else "")


@pytest.mark.parametrize(
    ("address", "code"),
    [
        ("ftp://example.com/", "webhook_address"), ("https://", "webhook_address"), ("", "webhook_address"),
        ("https://user:pw@example.com/", "webhook_address"), ("https://exa mple.com/", "webhook_address"),
        ("https://example.com/#x", "webhook_address"), ("http://localhost/", "webhook_private"),
        ("http://127.0.0.1/", "webhook_private"), ("http://10.1.2.3/", "webhook_private"),
        ("http://[::1]/", "webhook_private"), ("http://2130706433/", "webhook_private"),
        ("http://intranet.corp/", "webhook_private"),
    ],
)  # fmt: skip
def test_addresses_are_whole_and_outside(owner: Actor, settings: Any, address: str, code: str) -> None:
    settings.NOTIFY_PRIVATE = False
    with pytest.raises(Refusal, match=code):
        webhooks.add(owner, name="", address=address, now=NOW)
    assert webhooks.add(owner, name="", address="https://erp.example.com/in?shop=1", now=NOW)


def test_every_act_of_the_journal_is_an_event_or_the_shops_household() -> None:
    """Whoever adds an act says which of the two it is."""
    root = Path(webhooks.__file__).parent.parent
    texts = "\n".join(path.read_text("utf-8") for path in root.rglob("*.py") if "rules" not in path.parts)
    acts = set(re.findall(r"journal\.append\(\s*\w+(?:\.\w+)*,\s*\"([a-z_]+\.[a-z_]+)\"", texts))
    acts |= set(re.findall(r"_noted\(\w+, \"([a-z_]+\.[a-z_]+)\"", texts))
    acts |= set(re.findall(r"%\(actor\)s, '([a-z_]+\.[a-z_]+)'", texts))
    assert len(acts) > 25
    silent = {act for act in acts if act.partition(".")[0] in rules.HOUSEHOLD}
    assert acts - silent <= set(rules.KINDS), acts - silent - set(rules.KINDS)


def test_every_kind_of_event_can_be_chosen_on_the_page() -> None:
    shown = [kind for _, kinds in hooks.groups("zh-hans", ()) for kind, _, _ in kinds]
    assert sorted(shown) == sorted(rules.KINDS)
