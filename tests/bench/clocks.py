"""A hundred thousand tasks due at one instant: the clock's way against the bare set statement over the same rows.

The bare statement moves the same tasks and writes the same events and complaints, all in one go: no locks to share the
work with other clocks, no judging of the kind, nobody to be asked whether the order was shipped meanwhile.
"""

import os
import random
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from django.db import connection, transaction

from fahuo.services import timers
from fahuo.store import sql
from fahuo.store.models import Shop
from tests import volume
from tests.bench.measure import Pair, bare_seconds, seconds
from tests.conftest import NOW

TASKS = 100_000
DUE = NOW

EMPTY = "TRUNCATE tasks, task_events, complaints, evidence, ledger, reminders, deliveries"
MAKE = """
INSERT INTO tasks (shop_id, order_id, kind, state, due_at, created_at, state_since, plan, plan_reason, urge_count,
                   rulebook, set_aside_why)
SELECT %(shop_id)s, id, 'urge_shipment', 'awaiting_seller_reply', %(due)s, %(made)s, %(made)s, '', '', 1,
       'taobao-2025-09-05', '' FROM orders
WHERE shop_id = %(shop_id)s AND status = 'awaiting_shipment' ORDER BY id LIMIT %(tasks)s
"""
BARE = """
WITH moved AS (
    UPDATE tasks SET state = 'platform_intervention', state_since = due_at, due_at = NULL, next_reminder_at = NULL
    WHERE shop_id = %(shop_id)s AND due_at <= %(now)s AND set_aside_at IS NULL RETURNING id, order_id, state_since, rulebook
), told AS (
    INSERT INTO task_events (shop_id, task_id, order_id, at, actor, from_state, event, to_state, clause, rulebook)
    SELECT %(shop_id)s, id, order_id, state_since, 'clock', 'awaiting_seller_reply', 'due', 'platform_intervention',
           'no_reply', rulebook FROM moved
)
INSERT INTO complaints (shop_id, order_id, task_id, kind, opened_by, status, opened_at, compensation, points, rulebook)
SELECT %(shop_id)s, order_id, id, 'delay', 'platform', 'open', state_since, 0, 0, rulebook FROM moved
"""


@dataclass(frozen=True, slots=True)
class Lateness:
    """How long after its due instant the last of so many tasks was written, when a clock comes at that instant."""

    tasks: int
    last: timedelta

    def line(self) -> str:
        return f"{'the last of ' + f'{self.tasks:,}' + ' was late by':<44} {self.last.total_seconds():7.3f} s"


def _fresh(shop_id: int) -> None:
    with transaction.atomic():
        sql.run(EMPTY)
        sql.run(MAKE, shop_id=shop_id, due=DUE, made=DUE - timedelta(days=1), tasks=TASKS)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM (ANALYZE) tasks")
        cursor.execute("CHECKPOINT")


def _fired(shop_id: int) -> None:
    for table in ("tasks WHERE state = 'platform_intervention' AND", "task_events WHERE", "complaints WHERE"):
        found = sql.fetch(f"SELECT count(*) AS n FROM {table} shop_id = %(shop_id)s", shop_id=shop_id)[0].n
        assert found == TASKS, (table, found)


def firing(runs: int) -> "list[Pair | Lateness | Four]":
    """The pair, the lateness of the last task, and four clocks at the same work; each with a `line()`."""
    shop = Shop.objects.create(code="clocks", name="clocks", platform="taobao", created_at=NOW)
    volume.fill(shop.id, 1, TASKS + 100, at=NOW - timedelta(days=4), waiting=1000)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM (ANALYZE) orders")

    def ours() -> None:
        assert timers.run_due(None, now=DUE) == TASKS

    def bare() -> None:
        with transaction.atomic():
            assert sql.run(BARE, shop_id=shop.id, now=DUE) == TASKS

    spent: dict[bool, list[float]] = {True: [], False: []}
    for _ in range(runs + 1):
        for mine, act in ((True, ours), (False, bare)):
            _fresh(shop.id)
            spent[mine].append(seconds(act) if mine else bare_seconds(act))
            _fired(shop.id)
    mine, floor = (found[1:] for found in (spent[True], spent[False]))
    last = timedelta(seconds=statistics.median(mine))
    return [
        Pair(f"fire {TASKS:,} timers due at one instant", mine, floor, 2.0), Lateness(TASKS, last),
        four_clocks(shop.id, statistics.median(floor)),
    ]  # fmt: skip


SCRIPT = Path(__file__).parent.parent / "services" / "clock_process.py"


@dataclass(frozen=True, slots=True)
class Four:
    """What four clocks took together, one of them killed `kills` times at random instants and started again."""

    took: float
    floor: float
    kills: int

    def line(self) -> str:
        name = f"the same by four clocks, one killed {self.kills} times"
        return (
            f"{name:<44} {self.took:7.3f} s  floor {self.floor:7.3f} s  ratio {self.took / self.floor:5.2f}  each once"
        )


def _ready() -> "subprocess.Popen[str]":
    """A clock in a process of its own, connected, that waits for the word."""
    found = subprocess.Popen(
        [sys.executable, "-W", "ignore", str(SCRIPT), DUE.isoformat(), "1000", "wait"], text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=dict(os.environ),
    )  # fmt: skip
    assert found.stdout is not None
    assert found.stdout.readline() == "ready\n"
    return found


def _go(clock: "subprocess.Popen[str]") -> None:
    assert clock.stdin is not None
    clock.stdin.write("now\n")
    clock.stdin.flush()


def four_clocks(shop_id: int, floor: float) -> Four:
    """All of them begin at one instant; the fourth is killed (SIGKILL) at work, and another takes its place."""
    _fresh(shop_id)
    draw, kills = random.Random(11), 0
    others, spare = [_ready() for _ in range(3)], [_ready() for _ in range(8)]
    begun = time.perf_counter()
    for clock in others:
        _go(clock)
    while any(clock.poll() is None for clock in others):
        if spare:
            victim = spare.pop()
            _go(victim)
            time.sleep(draw.uniform(0, 0.5))
            kills += victim.poll() is None
            victim.kill()
            victim.communicate()
        else:
            time.sleep(0.02)
    took = time.perf_counter() - begun
    for clock in (*others, *spare):
        clock.kill()
        clock.communicate()
    _fired(shop_id)
    assert sql.fetch("SELECT count(DISTINCT task_id) AS n FROM task_events WHERE shop_id = %(shop_id)s", shop_id=shop_id)[0].n == TASKS  # fmt: skip
    assert kills, "the fourth was never caught at work"
    return Four(took, floor, kills)
