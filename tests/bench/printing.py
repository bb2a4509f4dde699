"""A print job of five thousand labels: how soon its first label is on the wire, what the tables cost beside drawing alone, and
that memory does not grow with the job.

python -m tests.bench.printing prints what is due and writes its peak memory (MB) to standard output.
"""

import io
import os
import resource
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from ipaddress import ip_network
from typing import Any

COUNT, FEW = 5000, 500
GOAL_FIRST, GOAL_RATIO, GOAL_GROWTH = 1.0, 4.0, 20.0
"""Seconds to the first byte; our time beside drawing alone; MB that ten times as many labels may cost."""


@dataclass
class Sink:
    """A printer that takes everything at once. `first`: when the first byte came."""

    first: float = 0.0
    bytes: int = 0
    server: socket.socket = field(default_factory=lambda: socket.create_server(("127.0.0.1", 0)))

    def listen(self) -> None:
        while True:
            try:
                connection, _ = self.server.accept()
            except OSError:
                return
            with connection:
                while part := connection.recv(1 << 16):
                    self.first = self.first or time.perf_counter()
                    self.bytes += len(part)

    @property
    def port(self) -> int:
        return int(self.server.getsockname()[1])


@contextmanager
def sink() -> Iterator[Sink]:
    found = Sink()
    threading.Thread(target=found.listen, daemon=True).start()
    yield found
    found.server.close()


@dataclass(frozen=True, slots=True)
class Found:
    """What was measured, as its lines say."""

    first: float
    ours: float
    floor: float
    small: float
    large: float

    def lines(self) -> list[str]:
        def verdict(ok: bool) -> str:
            return "met" if ok else "NOT MET"

        ratio, growth = self.ours / self.floor, self.large - self.small
        return [
            f"first of {COUNT:,} labels on the wire {self.first:16.3f} s  goal {GOAL_FIRST:.1f} s  {verdict(self.first <= GOAL_FIRST)}",
            f"{COUNT:,} labels sent, each acknowledged {self.ours:13.1f} s  drawing alone {self.floor:5.1f} s  ratio {ratio:5.2f}  "
            f"goal {GOAL_RATIO:.1f}  {verdict(ratio <= GOAL_RATIO)}",
            f"memory of a worker, {FEW} and {COUNT:,} labels {self.small:7.0f} MB, {self.large:.0f} MB  "
            f"goal +{GOAL_GROWTH:.0f} MB  {verdict(growth <= GOAL_GROWTH)}",
        ]  # fmt: skip


def five_thousand() -> Found:
    """Make the labels, print them by a clock as in earnest, then once more by workers whose memory is looked at."""
    from django.conf import settings

    from fahuo.rules.people import Actor
    from fahuo.services import print_jobs
    from fahuo.store.models import Shop

    settings.PRINTER_NETWORKS = (ip_network("127.0.0.0/8"),)
    now = datetime.now(UTC)
    shop = Shop.objects.create(code="bench-print", name="bench", platform="taobao", created_at=now)
    actor = Actor(shop.id, None, "bench", is_owner=True)
    label_ids = _labels(actor, now)
    with sink() as wire:
        printer = _printer(shop.id, wire.port, now)
        stop = _clock()
        begun = time.perf_counter()
        job = print_jobs.make(actor, label_ids, printer_id=printer, now=datetime.now(UTC)).job_id
        _until_done(shop.id, job or 0)
        ours = time.perf_counter() - wire.first
        stop()
        first = wire.first - begun
        floor = _drawing_alone(shop.id, label_ids, now)
        small, large = (_memory(actor, printer, label_ids[:count]) for count in (FEW, COUNT))
    return Found(first, ours, floor, small, large)


def _labels(actor: Any, now: datetime) -> list[int]:
    from fahuo.services import labels, stock
    from fahuo.services.labels import Made
    from fahuo.services.stock import Terms
    from fahuo.store.models import Contract, Order
    from tests import volume

    contract = Contract.objects.create(shop_id=actor.shop_id, carrier="ZTO", name="中通", created_at=now)
    terms = Terms(Decimal("1.20"), now.date())
    stock.buy_run(actor, contract.id, terms, first="75330000000501", count=COUNT, now=now)
    volume.fill(actor.shop_id, 1, COUNT + COUNT // 5, at=now, waiting=1000)
    waiting = Order.objects.filter(
        shop_id=actor.shop_id, status="awaiting_shipment", refund_status="none", kind="normal"
    )
    orders = list(waiting.order_by("id").values_list("id", flat=True)[:COUNT])
    made = [each for each in labels.make(actor, orders, now=now) if isinstance(each, Made)]
    assert len(made) == COUNT, len(made)
    return [each.label_id for each in made]


def _printer(shop_id: int, port: int, now: datetime) -> int:
    from fahuo.store.models import Printer

    return int(
        Printer.objects.create(
            shop_id=shop_id, name="sink", kind="raw", host="127.0.0.1", port=port, acknowledge="sent", created_at=now
        ).id
    )


def _clock() -> Any:
    """A clock beside us; what stops it."""
    from django.db import connections

    from fahuo.clock import Clock

    clock = Clock()

    def run() -> None:
        clock.run()
        connections.close_all()

    thread = threading.Thread(target=run)
    thread.start()
    time.sleep(2)

    def stop() -> None:
        clock.stop()
        thread.join()

    return stop


def _until_done(shop_id: int, job: int) -> None:
    from fahuo.store.models import PrintJob

    while PrintJob.objects.get(shop_id=shop_id, id=job).status != "done":
        time.sleep(0.2)


def _drawing_alone(shop_id: int, label_ids: list[int], now: datetime) -> float:
    """Read, lay out and encode the same labels into nothing, one document each."""
    from fahuo.printing import encode
    from fahuo.services import page_printing

    begun, sent = time.perf_counter(), io.BytesIO()
    for page in page_printing.pages_of(shop_id, label_ids, now=now):
        sent.write(encode(page, "zpl", 203))
        sent.seek(0)
    return time.perf_counter() - begun


def _memory(actor: Any, printer: int, label_ids: list[int]) -> float:
    """Peak memory (MB) of a worker process that prints these labels."""
    from fahuo.services import print_jobs

    print_jobs.make(actor, label_ids, printer_id=printer, reason="bench", now=datetime.now(UTC))
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "tests.bench.printing"], capture_output=True, text=True, check=True,
        env={**os.environ, "FAHUO_PRINTER_NETWORKS": "127.0.0.0/8"},
    )  # fmt: skip
    return float(done.stdout.split()[-1])


def worker() -> None:
    """Print what is due, then say the peak memory (MB)."""
    import django

    django.setup()
    from fahuo.services import print_work

    print_work.run_due(None, moment=lambda: datetime.now(UTC))
    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(used / 2**20 if sys.platform == "darwin" else used / 1024)


if __name__ == "__main__":
    worker()
