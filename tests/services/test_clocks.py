"""Four clocks on one database, one of them killed again and again: each timer fires exactly once."""

import os
import random
import subprocess
import sys
import time
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from fahuo.rules.people import Actor
from fahuo.services import tasks
from fahuo.store import sql
from fahuo.store.models import Complaint, Order, Reminder, Shop, Task, TaskEvent
from tests import volume
from tests.conftest import make_account
from tests.services.aftersales import clerk
from tests.services.test_batches import this_database

TASKS = 4000
SCRIPT = Path(__file__).with_name("clock_process.py")
DUE = datetime.fromisoformat("2026-03-02T12:00:00+08:00")

MAKE = """
INSERT INTO tasks (shop_id, order_id, kind, state, due_at, next_reminder_at, created_at, state_since, plan, plan_until,
                   plan_reason, urge_count, rulebook, set_aside_why)
SELECT %(shop_id)s, id, 'urge_shipment',
       (ARRAY['awaiting_seller_reply', 'awaiting_buyer_confirmation', 'awaiting_seller_action', 'awaiting_seller_reply'])
           [1 + n %% 4],
       %(due)s, CASE WHEN n %% 5 = 0 THEN %(due)s - interval '1 hour' END, %(made)s, %(made)s,
       CASE n %% 4 WHEN 1 THEN 'ship_later' WHEN 2 THEN 'cannot_ship' ELSE '' END,
       CASE WHEN n %% 4 = 1 THEN %(due)s + interval '3 days' END, '', 1, 'taobao-2025-09-05', ''
FROM (SELECT id, row_number() OVER (ORDER BY id) AS n FROM orders
      WHERE shop_id = %(shop_id)s AND status = 'awaiting_shipment') AS o WHERE n <= %(tasks)s
"""


@pytest.fixture
def many(transactional_db: None) -> Actor:
    """A shop with thousands of tasks, of every sort that time moves, all due at one instant."""
    shop = Shop.objects.create(code="many", name="many", platform="taobao", created_at=DUE)
    owner = make_account(shop, "many", is_owner=True).actor
    clerk(shop, "cs1")
    volume.fill(shop.id, 1, TASKS + 100, at=DUE - timedelta(days=4), waiting=1000)
    sql.run(MAKE, shop_id=shop.id, due=DUE, made=DUE - timedelta(days=1), tasks=TASKS)
    return owner


def start() -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-W", "ignore", str(SCRIPT), DUE.isoformat(), "50"], text=True, stdout=subprocess.PIPE,
        env={**os.environ, "DATABASE_URL": this_database()},
    )  # fmt: skip


def begun(clock: "subprocess.Popen[str]") -> None:
    assert clock.stdout is not None
    assert clock.stdout.readline() == "round\n"


def test_four_clocks_one_killed_at_random_instants(many: Actor) -> None:
    shop_id, draw = many.shop_id, random.Random(7)
    others = [start() for _ in range(3)]
    kills = 0
    victim = start()
    while any(clock.poll() is None for clock in others) and kills < 12:
        begun(victim)
        time.sleep(draw.uniform(0, 0.4))
        killed = victim.poll() is None
        victim.kill()
        victim.communicate()
        kills += killed
        victim = start()
    for clock in (*others, victim):
        clock.communicate(timeout=120)
        assert clock.returncode == 0
    assert kills >= 2, "the victim was never caught at work"

    assert tasks.run_due(None, now=DUE) == 0
    states = Counter(Task.objects.filter(shop_id=shop_id).values_list("state", flat=True))
    assert states == {"platform_intervention": TASKS * 3 // 4, "awaiting_seller_action": TASKS // 4}
    assert not Task.objects.filter(shop_id=shop_id, set_aside_at__isnull=False).exists()
    events = Counter(TaskEvent.objects.filter(shop_id=shop_id, event="due").values_list("task_id", flat=True))
    assert len(events) == TASKS
    assert set(events.values()) == {1}
    opened = Counter(Complaint.objects.filter(shop_id=shop_id).values_list("task_id", flat=True))
    assert len(opened) == TASKS * 3 // 4
    assert set(opened.values()) == {1}
    assert Order.objects.filter(shop_id=shop_id, agreed_until=DUE + timedelta(days=3)).count() == TASKS // 4
    reminded = Counter(Reminder.objects.filter(shop_id=shop_id).values_list("status", flat=True))
    assert reminded["delivered"] == 10
    assert set(TaskEvent.objects.filter(shop_id=shop_id, event="due").values_list("at", flat=True)) == {DUE}
