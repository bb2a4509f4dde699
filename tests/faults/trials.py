"""A backup taken under load, a standby that takes over, a database brought back to an instant: each with the clerks at
work, and nothing that was acknowledged may be lost."""

import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Final

from fahuo.cli.postgres import Server
from tests.faults import checker, copies
from tests.faults.house import House
from tests.faults.judge import acknowledged, judge
from tests.faults.outside import Hook, Printer
from tests.faults.run import CLERKS, at_work, free_port, open_shop, rest, started
from tests.faults.work import Clerk, Desk, Packer, Told

LOAD: Final = 4.0
"""Seconds of work before, and after, what is tried."""


class Shop:
    """The product at work on a server, with its printer and the software that it tells of events."""

    def __init__(self, folder: Path, server: Server, url: str = "") -> None:
        self.folder, self.printer, self.hook, self.told = folder, Printer(), Hook(), Told()
        self.house = House(folder / "house", free_port(), server=server, url=url)
        self.house.call("migrate")
        self.desk = open_shop(self.house, self.printer.port, self.hook.address)
        self.house.open()

    def moved_to(self, server: Server) -> House:
        """The same product on another server, with the same keys; the old one is gone."""
        self.house.close()
        self.house = House(self.folder / "house", self.house.port, server=server)
        return self.house

    def judged(self, told: Told) -> Iterator[str]:
        """What is wrong once the clocks have nothing left to do."""
        rest(self.house, Packer(self.desk, 8, told, threading.Event()))
        yield from told.odd
        yield from judge(self.house, told, self.printer, self.hook)

    def close(self) -> None:
        self.house.close()
        self.hook.close()
        self.printer.close()


def failures(people: list[Clerk]) -> Iterator[str]:
    yield from (f"{each.name}: {each.failure!r}" for each in people if each.failure)


def backup(folder: Path, *, load: float = LOAD, paper: bool = True) -> Iterator[str]:
    """`fahuo backup` while the clerks work; restored into an empty server, it holds together, has whatever was acknowledged
    before it began, and the product goes on with it."""
    with ExitStack() as stack:
        shop = Shop(folder, started(folder / "server"))
        stack.callback(shop.close)
        file = shop.folder / "under-load.tar"
        with at_work(shop.desk, shop.told, paper=paper) as people:
            time.sleep(load)
            shop.house.wait(lambda: bool(shop.told.shipped and shop.told.urged))
            before = shop.told.until_now()
            shop.house.call("backup", str(file))
            during = len(shop.told.orders) - len(before.orders)
            time.sleep(load / 4)
        yield from failures(people)
        house = shop.moved_to(started(folder / "restored"))
        house.call("restore", str(file))
        with house.looked_at() as line:
            yield from map(str, checker.check(line))
        house.open()
        yield from shop.judged(before)
        print(f"backup: {len(before.orders)} orders acknowledged before it began, {during} while it ran")


def standby(folder: Path) -> Iterator[str]:
    """The server is killed under load; its standby, which every commit waits for, is promoted; the product finds it by
    itself (two hosts in DATABASE_URL) and goes on. Nothing that was acknowledged is lost."""
    with ExitStack() as stack:
        first, _ = copies.primary(folder / "first")
        second = copies.empty(folder / "second")
        hosts = f"{first.sockets},{second.sockets}"
        url = f"postgresql://fahuo@/fahuo?host={hosts}&target_session_attrs=read-write"
        shop = Shop(folder, first, url)
        stack.callback(shop.close)
        second = copies.standby(first, folder / "second")
        stack.callback(second.stop)
        told = shop.told
        with at_work(shop.desk, told, paper=True) as people:
            time.sleep(LOAD)
            before, began = len(told.orders), time.monotonic()
            shop.house.kill_for_good()
            copies.ask(second, "SELECT pg_promote()")
            shop.house.server = second
            shop.house.wait(lambda: len(told.orders) > before)
            took = time.monotonic() - began
            time.sleep(LOAD)
        yield from failures(people)
        yield from shop.judged(told)
        print(f"standby: {before} orders acknowledged before it took over, {len(told.orders) - before} after; work went on"
              f" {took:.1f} s after the kill")  # fmt: skip
        if len(told.orders) == before:
            yield "nothing was done after the standby took over"


def recovery(folder: Path) -> Iterator[str]:
    """A base backup under load and the archived log bring the database back to an instant between two acknowledged acts:
    the first is there, the second is not; and the product goes on with it."""
    with ExitStack() as stack:
        first, archive = copies.primary(folder / "first")
        shop = Shop(folder, first)
        stack.callback(shop.close)
        told = shop.told
        second = copies.empty(folder / "second")
        with at_work(shop.desk, told, paper=True) as people:
            time.sleep(LOAD / 2)
            copies.base_backup(first, second)
            time.sleep(LOAD / 2)
        yield from failures(people)
        early, late = by_hand(shop.desk, "earlier"), by_hand(shop.desk, "later")
        before = told.until_now()
        early.work([f"5{n:017d}" for n in range(1, 6)])
        instant: datetime = copies.ask(first, "SELECT clock_timestamp()")[0][0]
        late.work([f"6{n:017d}" for n in range(1, 6)])
        copies.archived(first)
        house = shop.moved_to(copies.recovered(second, archive, instant))
        yield from recalled(house, early.told, late.told)
        house.open()
        again = by_hand(shop.desk, "again", no=7)
        again.work([f"7{n:017d}" for n in range(1, 6)])
        yield from again.told.odd
        merged = replace(before, orders=before.orders | early.told.orders | again.told.orders,
                         shipped=before.shipped | early.told.shipped | again.told.shipped)  # fmt: skip
        yield from shop.judged(merged)
        print(f"recovery: {len(before.orders) + len(early.told.orders)} orders acknowledged before the instant,"
              f" {len(late.told.orders)} after it")  # fmt: skip


def by_hand(desk: Desk, name: str, no: int = 0) -> Clerk:
    """A clerk who works when told, without paper."""
    no = no or {"earlier": 5, "later": 6}[name]
    return Clerk(desk, no, Told(), threading.Event(), paper=False)


def recalled(house: House, early: Told, late: Told) -> Iterator[str]:
    """The first act is there and the second is not, and all that is there holds together."""
    with house.looked_at() as line:
        yield from map(str, checker.check(line))
        early_only = replace(early, urged=set())  # nobody's time has run out yet
        yield from acknowledged(line, early_only)
        there = {number for (number,) in line.execute("SELECT number FROM orders")}
        yield from (f"order {number} came after the instant and is there" for number in late.orders & there)
    if not (early.orders and early.shipped and late.orders and late.shipped):
        yield "the acts that were to be told apart were not acknowledged"


assert CLERKS < 5, "the numbers above are theirs"
