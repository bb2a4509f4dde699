"""A batch's life: workers that die, workers that meet, and who may move it where."""

import os
import subprocess
import sys
import threading
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from django.db import connection

from fahuo.rules.batches import BATCH_STATUSES, TABLE
from fahuo.rules.people import Actor
from fahuo.rules.problems import Refusal
from fahuo.services import batches, imports
from fahuo.store import batches as store_batches
from fahuo.store import imports as store_imports
from fahuo.store.models import Batch, BatchRow, JournalEntry, Order
from tests.conftest import NOW
from tests.services.importing import holds_together
from tests.services.lists import as_csv, order


class Killed(BaseException):
    """What a worker dies of in these tests."""


@pytest.mark.parametrize("after", [1, 2, 3])
@pytest.mark.parametrize("step", ["check", "commit"])
def test_a_killed_worker_is_taken_up_again(
    owner: Actor, monkeypatch: pytest.MonkeyPatch, step: str, after: int
) -> None:
    monkeypatch.setattr(imports, "CHUNK", 10)
    batch_id = batches.open_import(owner, name="x.csv", body=as_csv([order(n) for n in range(35)]), now=NOW)
    if step == "commit":
        batches.work(owner.shop_id, batch_id, now=NOW)
        batches.commit(owner, batch_id, now=NOW)
    real, calls = store_batches.advance, []

    def dies(*args: Any, **kwargs: Any) -> None:
        calls.append(args)
        real(*args, **kwargs)
        if len(calls) == after:
            raise Killed

    monkeypatch.setattr(store_batches, "advance", dies)
    with pytest.raises(Killed):
        batches.work(owner.shop_id, batch_id, now=NOW)
    monkeypatch.setattr(store_batches, "advance", real)
    batch = Batch.objects.get(shop_id=owner.shop_id, id=batch_id)
    assert (batch.row_count if step == "check" else batch.done_count) == 10 * (after - 1)
    assert batches.work_waiting(now=NOW) == 1
    if step == "check":
        batches.commit(owner, batch_id, now=NOW)
        assert batches.work_waiting(now=NOW) == 1
    batch.refresh_from_db()
    assert (batch.status, batch.row_count, batch.done_count) == ("committed", 35, 35)
    assert Order.objects.filter(shop_id=owner.shop_id).count() == 35
    assert JournalEntry.objects.filter(shop_id=owner.shop_id, act="order.imported").count() == 35
    holds_together(owner.shop_id)


def test_work_that_fails_says_so_rests_and_is_tried_again(owner: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    batch_id = batches.open_import(owner, name="x.csv", body=as_csv([order(1)]), now=NOW)

    def breaks(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(imports, "open_sheet", breaks)
    assert batches.work_waiting(now=NOW) == 0
    batch = Batch.objects.get(shop_id=owner.shop_id, id=batch_id)
    assert (batch.status, batch.problem["code"]) == ("received", "batch_trouble")
    monkeypatch.undo()
    assert batches.work_waiting(now=NOW + timedelta(seconds=5)) == 0, "it rests first"
    assert batches.work_waiting(now=NOW + timedelta(minutes=2)) == 1
    batch.refresh_from_db()
    assert (batch.status, batch.problem) == ("checked", None)


def test_trouble_that_a_clock_ahead_met_is_no_reason_to_wait_until_then(
    owner: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch_id = batches.open_import(owner, name="x.csv", body=as_csv([order(1)]), now=NOW)
    with monkeypatch.context() as broken:
        broken.setattr(imports, "open_sheet", None)
        assert batches.work_waiting(now=NOW + timedelta(hours=2)) == 0
    assert batches.work_waiting(now=NOW) == 1
    assert Batch.objects.get(shop_id=owner.shop_id, id=batch_id).status == "checked"


def in_threads(count: int, act: Any) -> list[Any]:
    """Run `act(place)` in so many threads at once, each with its own connection; the results."""
    gate, results = threading.Barrier(count), [None] * count

    def run(place: int) -> None:
        try:
            gate.wait()
            results[place] = act(place)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(place,)) for place in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("hint", [True, False])
def test_two_clocks_do_a_batch_once(owner: Actor, monkeypatch: pytest.MonkeyPatch, hint: bool) -> None:
    """Also where the advisory lock says nothing, as behind a pooler: the rows decide."""
    monkeypatch.setattr(imports, "CHUNK", 50)
    if not hint:
        monkeypatch.setattr(store_batches, "TRY_HINT", "SELECT true AS mine, %(shop_id)s AS s, %(batch_id)s AS b")
        monkeypatch.setattr(store_batches, "END_HINT", "SELECT %(shop_id)s AS s, %(batch_id)s AS b")
    batch_id = batches.open_import(owner, name="x.csv", body=as_csv([order(n) for n in range(400)]), now=NOW)
    for _ in range(4):
        in_threads(3, lambda _: batches.work_waiting(now=NOW))
        if Batch.objects.get(shop_id=owner.shop_id, id=batch_id).status == "checked":
            batches.commit(owner, batch_id, now=NOW)
    batch = Batch.objects.get(shop_id=owner.shop_id, id=batch_id)
    assert (batch.status, batch.problem, batch.row_count, batch.done_count) == ("committed", None, 400, 400)
    assert BatchRow.objects.filter(shop_id=owner.shop_id, batch_id=batch_id).count() == 400
    assert JournalEntry.objects.filter(shop_id=owner.shop_id, act="order.imported").count() == 400
    holds_together(owner.shop_id)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("turns", [True, False])
def test_two_imports_of_the_same_orders_at_once(owner: Actor, monkeypatch: pytest.MonkeyPatch, turns: bool) -> None:
    if not turns:
        monkeypatch.setattr(store_imports, "TURN", "SELECT %(shop_id)s AS s")
    body = as_csv([order(n) for n in range(300)])
    ids = [batches.open_import(owner, name="x.csv", body=body, now=NOW) for _ in range(3)]
    for batch_id in ids:
        batches.work(owner.shop_id, batch_id, now=NOW)
        batches.commit(owner, batch_id, now=NOW)
    assert in_threads(3, lambda place: batches.work(owner.shop_id, ids[place], now=NOW)) == [True] * 3
    assert Order.objects.filter(shop_id=owner.shop_id).count() == 300
    assert JournalEntry.objects.filter(shop_id=owner.shop_id).count() == 300
    holds_together(owner.shop_id)


# --- who may move it where ---


def opened(actor: Actor) -> int:
    return batches.open_import(actor, name="x.csv", body=as_csv([order(1)]), now=NOW)


STEPS: dict[str, Any] = {
    "commit": batches.commit, "close": batches.close, "reopen": batches.reopen, "undo": batches.undo,
    "hand_over": batches.hand_over, "problems_sheet": lambda actor, batch_id, now: batches.problems_sheet(actor, batch_id),
    "map_columns": lambda actor, batch_id, now: batches.map_columns(actor, batch_id, {}, now=now),
}  # fmt: skip


@pytest.mark.parametrize("step", STEPS)
def test_a_stranger_and_a_teammate_without_permission_are_refused(
    owner: Actor, teammate: Actor, stranger: Actor, step: str
) -> None:
    batch_id = opened(owner)
    for actor, code in ((stranger, "batch_unknown"), (teammate, "not_permitted")):
        with pytest.raises(Refusal) as refusal:
            STEPS[step](actor, batch_id, now=NOW)
        assert refusal.value.problems[0].code == code
    assert Batch.objects.get(shop_id=owner.shop_id, id=batch_id).status == "received"
    assert not batches.work(stranger.shop_id, batch_id, now=NOW), "nor does another shop's worker find it"


def test_opening_an_import_asks_for_its_permission(teammate: Actor) -> None:
    with pytest.raises(Refusal):
        opened(teammate)
    assert not Batch.objects.filter(shop_id=teammate.shop_id).exists()


@pytest.mark.parametrize("status", BATCH_STATUSES)
@pytest.mark.parametrize("step", ["commit", "close", "reopen"])
def test_only_the_moves_of_the_table_happen(owner: Actor, status: str, step: str) -> None:
    """Asking for where the batch is already changes nothing and is no mistake."""
    batch_id = opened(owner)
    Batch.objects.filter(shop_id=owner.shop_id, id=batch_id).update(status=status)
    there = {"commit": {"committing", "committed"}, "close": {"closed"}, "reopen": {"checked"}}[step]
    expected = TABLE.get((status, step))
    if expected is None and status not in there:
        with pytest.raises(Refusal) as refusal:
            STEPS[step](owner, batch_id, now=NOW)
        assert refusal.value.problems[0].code == "batch_not_there"
    else:
        STEPS[step](owner, batch_id, now=NOW)
    assert Batch.objects.get(shop_id=owner.shop_id, id=batch_id).status == (expected or status)


def test_an_import_is_not_undone_nor_handed_over(owner: Actor) -> None:
    batch_id = opened(owner)
    for step in (batches.undo, batches.hand_over):
        with pytest.raises(Refusal) as refusal:
            step(owner, batch_id, now=NOW)
        assert refusal.value.problems[0].code == "import_stays"


def this_database() -> str:
    """The address of the database that the tests run on."""
    at = connection.settings_dict
    user = quote(at["USER"]) + (f":{quote(at['PASSWORD'])}" if at.get("PASSWORD") else "")
    port = f"&port={at['PORT']}" if at.get("PORT") else ""
    return f"postgresql://{user}@/{at['NAME']}?host={quote(at['HOST'], safe='')}{port}"


@pytest.mark.django_db(transaction=True)
def test_fifty_thousand_rows_take_bounded_memory(owner: Actor) -> None:
    """A worker of its own, so that what it took at most can be measured: the file, a chunk, and the numbers it saw."""
    body = as_csv([order(n) for n in range(50_000)], encoding="utf-8")
    batch_id = batches.open_import(owner, name="big.csv", body=body, now=NOW)
    script = Path(__file__).with_name("worker.py")
    done = subprocess.run(
        [sys.executable, str(script), str(owner.shop_id), str(batch_id)],
        capture_output=True, text=True, check=False, env={**os.environ, "DATABASE_URL": this_database()},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    before, most = (int(word) for word in done.stdout.split())
    batch = Batch.objects.get(shop_id=owner.shop_id, id=batch_id)
    assert (batch.status, batch.done_count) == ("committed", 50_000)
    assert most - before < 260 * 1024, (
        f"{(most - before) // 1024} MB above an idle worker, for {len(body) >> 20} MB of file"
    )
    holds_together(owner.shop_id)
