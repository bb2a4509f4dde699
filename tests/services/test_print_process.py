"""Print workers in processes of their own are killed at any instant, in front of a real socket: no label is lost or doubled."""

import os
import random
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.db import connections

from fahuo.rules.people import Actor
from fahuo.services import labels, print_jobs
from fahuo.services.labels import Made
from fahuo.store.models import Label, PrintDocument, PrintJob, Shop
from tests.conftest import NOW, Account
from tests.printing.machines import Machine
from tests.services.labelling import consistent, stocked
from tests.services.presses import make_printer
from tests.services.shipping import make_order
from tests.services.test_batches import this_database

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
LABELS = 10
PROCESS = Path(__file__).parent / "print_process.py"


def begin(ahead: float) -> "subprocess.Popen[bytes]":
    environ = {**os.environ, "DATABASE_URL": this_database(), "FAHUO_PRINTER_NETWORKS": "127.0.0.0/8"}
    process = subprocess.Popen(
        [sys.executable, "-W", "ignore", str(PROCESS), str(ahead)], env=environ, stdout=subprocess.PIPE
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stdout.readline() == b"ready\n"
    return process


def out(machine: Machine, waybills: list[str]) -> list[str]:
    """The numbers that came out, in order; what the printer has in hand comes out first."""
    until = time.monotonic() + 10
    while machine.waiting:
        assert time.monotonic() < until
        time.sleep(0.01)
    return [number for sheet in machine.printed for number in waybills if number.encode() in sheet]


def queued(owner: Actor, port: int, count: int) -> tuple[int, list[str]]:
    """A job with so many labels of a printer at this port: its id, the numbers in their order."""
    stocked(owner, count)
    made = labels.make(owner, [make_order(owner.shop_id, n, now=NOW) for n in range(count)], now=NOW)
    printer = make_printer(owner.shop_id, host="127.0.0.1", port=port)
    job = print_jobs.make(
        owner, [each.label_id for each in made if isinstance(each, Made)], printer_id=printer.id, now=NOW
    ).job_id
    assert job is not None
    return job, [each.waybill for each in made if isinstance(each, Made)]


@pytest.mark.parametrize("seed", [1])
def test_a_killed_worker_loses_and_doubles_nothing(owner: Actor, seed: int) -> None:
    dice = random.Random(seed)
    with Machine("zpl", seconds=0.05) as machine:
        job_id, waybills = queued(owner, machine.port, LABELS)
        ahead, kills, asked = 0.0, 0, 0
        while PrintJob.objects.get(shop_id=owner.shop_id).status != "done":
            assert ahead < 100 * 20, "it does not end"
            process, target = begin(ahead), len(machine.printed) + dice.randint(0, 4)
            while process.poll() is None and (len(machine.printed) < target or kills == 4):
                time.sleep(0.002)
            time.sleep(dice.uniform(0, 0.3))
            if process.poll() is None:
                process.kill()
                kills += 1
            process.wait()
            ahead += 100  # the dead one's lease is over
            came = out(machine, waybills)
            for document in PrintDocument.objects.filter(shop_id=owner.shop_id, state="sent"):
                number = Label.objects.get(shop_id=owner.shop_id, id=document.label_id).waybill
                now = datetime.now(UTC) + timedelta(seconds=ahead)
                print_jobs.answer(owner, job_id, came_out=number in came, places=[document.place], now=now)
                asked += 1
        assert out(machine, waybills) == waybills, "each once, in the order of the list"
        assert kills >= 2
        assert asked <= kills
    states = Label.objects.filter(shop_id=owner.shop_id).values_list("state", "print_count")
    assert set(states) == {("printed", 1)}
    consistent(owner.shop_id)


def test_two_workers_share_the_printers_and_nobody_prints_twice(owner_account: Account) -> None:
    owner = owner_account.actor
    with Machine("zpl", seconds=0.02) as first, Machine("tspl", seconds=0.02) as second:
        _, one = queued(owner, first.port, 6)
        made = labels.make(owner, [make_order(owner.shop_id, 50 + n, now=NOW) for n in range(2)], now=NOW)
        assert not any(isinstance(each, Made) for each in made), "the stock is used up"
        other = Shop.objects.create(code="zhu", name="竹", platform="taobao", created_at=NOW)
        boss = Actor(other.id, None, "boss", is_owner=True)
        stocked(boss, 6)
        more = labels.make(boss, [make_order(other.id, n, now=NOW) for n in range(6)], now=NOW)
        printer = make_printer(other.id, host="127.0.0.1", port=second.port, language="tspl")
        print_jobs.make(
            boss, [each.label_id for each in more if isinstance(each, Made)], printer_id=printer.id, now=NOW
        )
        workers = [begin(0), begin(0), begin(0)]
        assert [worker.wait(60) for worker in workers] == [0, 0, 0]
        assert out(first, one) == one
        numbers = [each.waybill for each in more if isinstance(each, Made)]
        assert out(second, numbers) == numbers
    assert set(PrintJob.objects.filter(shop_id__in=[owner.shop_id, other.id]).values_list("status", flat=True)) == {
        "done"
    }


def test_paper_runs_out_and_comes_back_at_a_real_printer(owner: Actor) -> None:
    with Machine("tspl", paper=2, seconds=0.05) as machine:
        stocked(owner, 4)
        made = [
            each
            for each in labels.make(owner, [make_order(owner.shop_id, n, now=NOW) for n in range(4)], now=NOW)
            if isinstance(each, Made)
        ]
        printer = make_printer(owner.shop_id, host="127.0.0.1", port=machine.port, language="tspl", dpi=300)
        job_id = print_jobs.make(owner, [each.label_id for each in made], printer_id=printer.id, now=NOW).job_id
        assert job_id is not None
        assert begin(0).wait(60) == 0
        job = PrintJob.objects.get(shop_id=owner.shop_id)
        assert (job.status, (job.problem or {})["code"]) == ("held", "printer_paper_out")
        # the roll ended with the second label; the third was not sent, or is in the printer's memory
        sent = [row.place for row in PrintDocument.objects.filter(shop_id=owner.shop_id, state="sent")]
        machine.load(10)
        numbers = [each.waybill for each in made]
        came = out(machine, numbers)
        assert begin(100).wait(60) == 0
        for place in sent:
            print_jobs.answer(owner, job_id, came_out=numbers[place - 1] in came, now=datetime.now(UTC))
        assert begin(200).wait(60) == 0
        assert out(machine, numbers) == numbers
        assert PrintJob.objects.get(shop_id=owner.shop_id).status == "done"


@pytest.fixture(autouse=True)
def _no_threads_left() -> None:
    assert threading.active_count() < 30
    connections.close_all()
