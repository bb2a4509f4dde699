"""A day with faults: a shop works through the API while parts of the product are killed at random instants; then what is
left is held against what was acknowledged, against the fakes outside, and against the checker."""

import os
import random
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import psycopg

from tests.connectors.receiver import Receiver
from tests.faults import checker
from tests.faults.house import CLOCKS, House, Printer
from tests.faults.work import WITHIN, Clerk, Desk, Packer, Told

VICTIMS: Final = {"web": 3, CLOCKS[0]: 3, CLOCKS[1]: 2, "backend": 3, "database": 1, "printer": 1}
"""What is killed, and how often in comparison."""
CLERKS: Final = 3
PROGRESS: Final = 0.7
"""How often the next kill waits until the web server answers again: on a slow machine nothing would be done otherwise."""
REST: Final = 180.0
"""Seconds in which the clocks must have caught up after the last kill."""


class Hook(Receiver):
    """The shop's software that is told of events; whoever speaks to it may die in the middle of a word."""

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: that is what is tried here."""


@dataclass
class Result:
    """What a day with faults was like. `wrong`: what must not be."""

    kills: Counter[str]
    told: Told
    seconds: float
    rest: float
    wrong: list[str] = field(default_factory=list)

    def lines(self) -> Iterator[str]:
        killed = ", ".join(f"{name} {count}" for name, count in sorted(self.kills.items()))
        yield f"{self.kills.total()} kills in {self.seconds:.0f} s ({killed})"
        yield (
            f"acknowledged: {len(self.told.orders)} orders, {len(self.told.shipped)} shipments, {len(self.told.labels)} labels,"
            f" {len(self.told.jobs)} print jobs, {len(self.told.urged)} urges; answers {dict(sorted(self.told.calls.items()))}"
        )
        yield f"the clocks had caught up {self.rest:.1f} s after the last kill"
        yield from (f"WRONG: {each}" for each in self.wrong)
        yield "nothing lost, nothing doubled" if not self.wrong else f"{len(self.wrong)} faults"


def day(
    folder: Path, *, kills: int, seed: int, pause: tuple[float, float], paper: bool = True, throw_away: bool = False
) -> Result:  # fmt: skip
    """Work until `kills` were done, `pause` (least, most) seconds between two; then rest, and judge.

    Without `paper` nothing is printed: a job whose worker was killed waits for the end of its lease, a minute and a half.
    """
    chance, printer, hook = random.Random(seed), Printer(), Hook()
    threading.Thread(target=hook.serve_forever, daemon=True).start()
    house = House(folder, _free_port(), throw_away=throw_away)
    try:
        house.call("migrate")
        desk = _open_shop(house, printer.port, hook.address)
        house.open()
        told, stop = Told(), threading.Event()
        clerks = [Clerk(desk, no, told, stop, paper=paper) for no in range(1, CLERKS + 1)]
        people = [*clerks, Packer(desk, 9, told, stop)]
        for each in people:
            each.start()
        begun, killed = time.monotonic(), Counter[str]()
        for _ in range(kills):
            time.sleep(chance.uniform(*pause))
            victim = chance.choices(list(VICTIMS), list(VICTIMS.values()))[0]
            printer.kill() if victim == "printer" else house.kill(victim, chance)
            house.heal()
            killed[victim] += 1
            if chance.random() < PROGRESS:
                house.wait(house.answers, 30)
        seconds = time.monotonic() - begun
        stop.set()
        for each in people:
            each.join(150)
        rest = _rest(house, Packer(desk, 8, told, threading.Event()))
        result = Result(killed, told, seconds, rest)
        result.wrong += [f"{each.name}: {each.failure!r}" for each in people if each.failure]
        result.wrong += told.odd
        result.wrong += judge(house, told, printer, hook)
        return result
    finally:
        house.close()
        hook.shutdown()


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as found:
        return int(found.getsockname()[1])


def _open_shop(house: House, printer: int, hook: str) -> Desk:
    """A shop with a key, a contract with bought numbers, a printer and a webhook, made by the services in a process of its
    own: Django knows one database a process."""
    made = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "tests.faults.shop", str(printer), hook], env=house.environ,
        stdout=subprocess.PIPE, check=True, text=True, cwd=Path(__file__).parents[2],
    )  # fmt: skip
    key, contract, printer_id = made.stdout.split()
    return Desk(f"http://127.0.0.1:{house.port}/api/v1", key, int(contract), int(printer_id))


def _rest(house: House, packer: Packer) -> float:
    """Let the clocks do what is due; how long that took."""
    begun = time.monotonic()

    def at_rest() -> bool:
        packer.look()
        with house.looked_at() as line:
            found = checker.check(line, at_rest=datetime.now(UTC) - timedelta(seconds=2))
        return not {fault.what for fault in found} & set(checker.AT_REST)

    time.sleep(WITHIN.total_seconds() + 2)  # until then timers come due
    house.wait(at_rest, REST)
    return time.monotonic() - begun


def judge(house: House, told: Told, printer: Printer, hook: Hook) -> list[str]:
    """Whatever is not as it must be."""
    with house.looked_at() as line:
        found = [str(fault) for fault in checker.check(line, at_rest=datetime.now(UTC) - timedelta(seconds=2))]
        found += _acknowledged(line, told)
        found += _printed(line, printer.printed())
        found += _delivered(line, hook.ids)
    return found


def _acknowledged(line: psycopg.Connection[Any], told: Told) -> Iterator[str]:
    orders = {number: status for number, status in line.execute("SELECT number, status FROM orders")}
    yield from (f"order {number} was acknowledged and is not there" for number in told.orders - orders.keys())
    shipped = dict(
        line.execute("""
        SELECT o.number, p.waybill FROM orders o
        JOIN parcel_orders d ON d.shop_id = o.shop_id AND d.order_id = o.id
        JOIN parcels p ON p.shop_id = d.shop_id AND p.id = d.parcel_id AND p.voided_at IS NULL
    """).fetchall()
    )
    for number, waybill in told.shipped.items():
        if shipped.get(number) != waybill or orders.get(number) != "shipped":
            yield f"order {number}: shipping under {waybill} was acknowledged; it is {orders.get(number)} under {shipped.get(number)}"
    labels = dict(
        line.execute("""
        SELECT o.number, l.waybill FROM label_orders h JOIN orders o ON o.shop_id = h.shop_id AND o.id = h.order_id
        JOIN labels l ON l.shop_id = h.shop_id AND l.id = h.label_id WHERE l.voided_at IS NULL
    """).fetchall()
    )
    yield from (
        f"order {number}: label {waybill} was acknowledged; it has {labels.get(number)}"
        for number, waybill in told.labels.items()
        if labels.get(number) != waybill
    )
    tasks = dict(
        line.execute("""
        SELECT o.number, t.state FROM tasks t JOIN orders o ON o.shop_id = t.shop_id AND o.id = t.order_id
    """).fetchall()
    )
    yield from (
        f"order {number}: its urge was acknowledged and nobody answered; its task is {tasks.get(number)}"
        for number in told.urged
        if tasks.get(number) != "platform_intervention"
    )
    jobs = {job for (job,) in line.execute("SELECT id FROM print_jobs WHERE status = 'done'")}
    yield from (f"print job {job} was acknowledged and is not done" for job in told.jobs - jobs)


def _printed(line: psycopg.Connection[Any], paper: bytes) -> Iterator[str]:
    """Each label that counts as printed came out."""
    rows = line.execute("""
        SELECT l.waybill FROM print_documents d JOIN labels l ON l.shop_id = d.shop_id AND l.id = d.label_id
        WHERE d.state = 'printed'
    """)
    for (waybill,) in rows:
        if waybill.encode() not in paper:
            yield f"label {waybill} counts as printed and never came out"


def _delivered(line: psycopg.Connection[Any], ids: list[str]) -> Iterator[str]:
    """Each event that counts as delivered arrived, under its one id."""
    done = {f"{delivery}" for (delivery,) in line.execute("SELECT id FROM webhook_deliveries WHERE status = 'sent'")}
    there = {each.rpartition("_")[2].rpartition("-")[2] for each in ids}
    yield from (f"delivery {each} counts as done and never arrived" for each in sorted(done - there)[:5])
    if not done:
        yield "no event was delivered"


def main() -> None:
    """`make faults`: FAULTS kills (1,000), from seed FAULTS_SEED."""
    import tempfile

    kills, seed = int(os.environ.get("FAULTS", "1000")), int(os.environ.get("FAULTS_SEED", str(time.time_ns() % 10**6)))
    print(f"seed {seed}", flush=True)
    with tempfile.TemporaryDirectory(prefix="fahuo-faults-") as folder:
        result = day(Path(folder), kills=kills, seed=seed, pause=(0.2, 1.5))
        print("\n".join(result.lines()))
        if result.wrong:
            print((Path(folder) / "log").read_text("utf-8", "replace")[-5000:])
    raise SystemExit(1 if result.wrong else 0)
