"""The clock: its heartbeat, its patience with failures, what it forgets."""

import logging
import threading
import time
from datetime import datetime, timedelta

import pytest
from django.db import connection

from fahuo import clock as loop
from fahuo.rules.people import Actor
from fahuo.services import batches, retention
from fahuo.store import clock
from fahuo.store.models import Batch, BatchRow, Upload


def make_batch(actor: Actor, status: str, at: datetime) -> Batch:
    upload = Upload.objects.create(shop_id=actor.shop_id, name="orders.csv", body=b"1", created_at=at)
    batch = Batch.objects.create(
        shop_id=actor.shop_id, kind="orders", status=status, upload_id=upload.id, created_at=at, committed_at=at
    )
    BatchRow.objects.create(shop_id=actor.shop_id, batch_id=batch.id, row_no=1, verdict="done", number="1")
    return batch


def test_a_round_ticks_even_when_its_work_fails(
    owner: Actor, now: datetime, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(**_: object) -> int:
        raise ValueError("no")

    monkeypatch.setattr(batches, "work_waiting", fail)
    monkeypatch.setattr(connection, "close", lambda: None)
    found = loop.Clock()
    with caplog.at_level(logging.ERROR):
        found.round(now)
        found.round(now + timedelta(seconds=1))
    assert clock.last_tick() == now + timedelta(seconds=1)
    assert [record.facts["work"] for record in caplog.records] == ["batches", "batches"]  # type: ignore[attr-defined]
    assert set(found.done) == set(loop.SELDOM)


def test_work_that_comes_seldom_waits_for_no_time_that_was_wrong(
    owner: Actor, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A machine whose time ran hours ahead, and was set right: what is due every half minute is done at once, not then."""
    rounds: list[datetime] = []
    monkeypatch.setattr(loop, "SELDOM", {"fold": (timedelta(seconds=30), rounds.append)})
    found, moments = loop.Clock(), [now, now + timedelta(hours=5), now, now + timedelta(seconds=29)]
    for moment in moments:
        found.work(moment)
    assert rounds == moments[:3]


def test_a_tick_never_goes_back(db: None, now: datetime) -> None:
    clock.tick("a", now=now)
    clock.tick("a", now=now - timedelta(minutes=1))
    assert clock.last_tick() == now


def test_rows_and_files_of_old_finished_batches_are_forgotten_once(
    owner: Actor, stranger: Actor, now: datetime
) -> None:
    long_ago = now - timedelta(days=100)
    old, theirs = make_batch(owner, "committed", long_ago), make_batch(stranger, "closed", long_ago)
    kept = [make_batch(owner, "checked", long_ago), make_batch(owner, "committed", now - timedelta(days=10))]
    clock.tick("gone", now=long_ago)

    assert retention.forget(keep_days=90, now=now) == 2
    assert retention.forget(keep_days=90, now=now) == 0

    rows = {(shop_id, batch_id) for shop_id, batch_id in BatchRow.objects.values_list("shop_id", "batch_id")}
    assert rows == {(owner.shop_id, batch.id) for batch in kept}
    assert set(Upload.objects.values_list("id", flat=True)) == {batch.upload_id for batch in kept}
    for batch in (old, theirs):
        found = Batch.objects.get(shop_id=batch.shop_id, id=batch.id)
        assert (found.upload_id, found.options, found.status) == (None, {"forgotten": True}, batch.status)
    assert clock.last_tick() is None


@pytest.mark.django_db(transaction=True)
def test_a_sleeping_clock_wakes_when_there_is_work(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loop, "PAUSE", 20.0)
    found = loop.Clock()

    def notify() -> None:
        time.sleep(0.5)
        with connection.cursor() as cursor:
            cursor.execute(f"NOTIFY {loop.CHANNEL}")
        connection.close()

    other = threading.Thread(target=notify)
    other.start()
    began = time.monotonic()
    found.sleep()
    assert time.monotonic() - began < 10
    other.join()


@pytest.mark.django_db(transaction=True)
def test_stop_ends_every_lane_after_its_round(monkeypatch: pytest.MonkeyPatch) -> None:
    found = loop.Clock()
    rounds: list[str] = []

    def beat(lane: str, now: datetime) -> None:
        rounds.append(lane)
        if set(rounds) == set(loop.LANES):
            found.stop()

    monkeypatch.setattr(found, "beat", beat)
    found.run()
    assert set(rounds) == set(loop.LANES)
    assert not any(thread.name in loop.LANES for thread in threading.enumerate())


@pytest.mark.django_db(transaction=True)
def test_long_work_keeps_no_timer_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loop, "PAUSE", 0.01)
    found = loop.Clock()
    ticked, released = threading.Event(), threading.Event()
    beats: list[datetime] = []

    def timers(now: datetime) -> None:
        beats.append(now)
        if len(beats) == 5:
            ticked.set()

    def work(now: datetime) -> None:
        assert ticked.wait(20)
        released.set()
        found.stop()

    monkeypatch.setattr(found, "timers", timers)
    monkeypatch.setattr(found, "work", work)
    found.run()
    assert released.is_set()
