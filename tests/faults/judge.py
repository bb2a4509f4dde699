"""What is left after a day with faults, held against what was acknowledged, the fakes outside, and the checker."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg

from tests.faults import checker
from tests.faults.house import House
from tests.faults.outside import Hook, Printer
from tests.faults.work import Told


def judge(house: House, told: Told, printer: Printer, hook: Hook) -> list[str]:
    """Whatever is not as it must be."""
    with house.looked_at() as line:
        found = [str(fault) for fault in checker.check(line, at_rest=datetime.now(UTC) - timedelta(seconds=2))]
        found += acknowledged(line, told)
        found += printed(line, printer.printed())
        found += delivered(line, hook.well)
    return found


def acknowledged(line: psycopg.Connection[Any], told: Told) -> Iterator[str]:
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
    for number, run in told.batched.items():
        if shipped.get(number) not in run or orders.get(number) != "shipped":
            yield f"order {number}: its batch was acknowledged; it is {orders.get(number)} under {shipped.get(number)}"
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


def printed(line: psycopg.Connection[Any], paper: bytes) -> Iterator[str]:
    """Each label that counts as printed came out."""
    rows = line.execute("""
        SELECT l.waybill FROM print_documents d JOIN labels l ON l.shop_id = d.shop_id AND l.id = d.label_id
        WHERE d.state = 'printed'
    """)
    for (waybill,) in rows:
        if waybill.encode() not in paper:
            yield f"label {waybill} counts as printed and never came out"


def delivered(line: psycopg.Connection[Any], ids: list[str]) -> Iterator[str]:
    """Each event that counts as delivered arrived, under its one id."""
    done = {f"{delivery}" for (delivery,) in line.execute("SELECT id FROM webhook_deliveries WHERE status = 'sent'")}
    there = {each.rpartition("_")[2].rpartition("-")[2] for each in ids}
    yield from (f"delivery {each} counts as done and never arrived" for each in sorted(done - there)[:5])
    put_off = line.execute("SELECT FROM webhook_deliveries WHERE status = 'waiting' LIMIT 1").fetchone()
    if not done and not put_off:  # a clock that ran ahead may have put all of them off
        yield "no event was delivered"
