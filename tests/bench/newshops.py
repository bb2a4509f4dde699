"""The verbs over many orders in a new shop, which PostgreSQL's statistics do not know, against one that they know.

A planner that expects one row of a new shop may compare each with each; what takes a second then takes minutes. Both
shops have as many orders, and the statistics were gathered between the two. `store/statistics` then does for the new
shop what the clock does after an import; its time is measured with them.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from datetime import timedelta

from django.db import OperationalError, connection

from fahuo.rules.filters import OrderFilter
from fahuo.rules.people import Actor, PlatformActor
from fahuo.services import batches, exports, metrics, orders, papers, reminders, reports, tasks
from fahuo.store import boards, sql, statistics
from fahuo.store.models import Shop
from tests import volume
from tests.bench.measure import Pair, seconds
from tests.conftest import NOW

ORDERS = 10_000
LONGEST = 10
"""Seconds after which a statement is given up."""
PLATFORM = PlatformActor()
Verb = Callable[[Actor, list[int]], object]
TABLES = "orders, receivers, order_lines, backlog, parcels, parcel_orders, order_tally, tasks, messages, journal"


def _batch(actor: Actor, ids: list[int]) -> int:
    batch = batches.open_shipments(actor, order_ids=ids, now=NOW)
    batches.fill_from_run(actor, batch, carrier="ZTO", first="76000000000001", now=NOW)
    batches.work(actor.shop_id, batch, now=NOW)
    batches.commit(actor, batch, now=NOW)
    batches.work(actor.shop_id, batch, now=NOW)
    return batch


def _report(actor: Actor, _ids: list[int]) -> None:
    report = reports.file(actor, name="停电", scope="shop", until=NOW + timedelta(days=9), now=NOW)
    reports.approve(PLATFORM, actor.shop_id, report, now=NOW)


def _undo(actor: Actor, ids: list[int]) -> None:
    batches.undo(actor, _batch(actor, ids), now=NOW)


VERBS: dict[str, Verb] = {
    "flag": lambda actor, ids: orders.set_flags(actor, ids, 2, now=NOW),
    "mark printed": lambda actor, ids: orders.mark_printed(actor, ids, now=NOW),
    "report a delay of each": lambda actor, ids: orders.let_wait(
        actor, ids, NOW + timedelta(days=3), ground="reported", now=NOW
    ),
    "report a delay of the whole shop": _report,
    "decide deadlines anew": lambda actor, ids: orders.recompute_deadlines(actor.shop_id, ids, now=NOW),
    "export": lambda actor, ids: exports.export_orders(actor, ids, now=NOW),
    "print pick lists": lambda actor, ids: papers.consignment_sheets(actor, ids[:500], now=NOW),
    "all that match": lambda actor, _: boards.matching_ids(actor.shop_id, OrderFilter(), limit=ORDERS, now=NOW),
    "start page": lambda actor, _: boards.start_board(actor.shop_id, now=NOW),
    "response time": lambda actor, _: metrics.response(actor.shop_id, actor.member_id or 0, day=NOW.date()),
    "timers": lambda actor, _: tasks.run_due(actor.shop_id, now=NOW),
    "reminders": lambda actor, _: reminders.run_due(actor.shop_id, now=NOW),
    "ship by a run and take back": _undo,
}


def _shop(code: str) -> tuple[Actor, list[int]]:
    shop = Shop.objects.create(code=code, name=code, platform="taobao", created_at=NOW)
    volume.fill(shop.id, 1, ORDERS * 2, at=NOW, waiting=520)
    found = sql.fetch(
        """SELECT id FROM orders WHERE shop_id = %(shop_id)s AND status = 'awaiting_shipment' AND refund_status = 'none'
           ORDER BY id LIMIT %(orders)s""",
        shop_id=shop.id, orders=ORDERS,
    )  # fmt: skip
    return Actor(shop.id, None, "bench", is_owner=True), [row.id for row in found]


def _spent(name: str, actor: Actor, ids: list[int]) -> float:
    def act() -> None:
        with suppress(OperationalError):  # longer than LONGEST: what it took stands for itself
            VERBS[name](actor, ids)

    return seconds(act)


def unknown_shop(names: Sequence[str] = tuple(VERBS)) -> Iterator[Pair]:
    """Each verb once in either shop: seconds in the new one, and in the known one as the floor."""
    with connection.cursor() as cursor:
        cursor.execute("ALTER SYSTEM SET autovacuum = off")
        cursor.execute("SELECT pg_reload_conf()")
        known = _shop("known")
        cursor.execute(f"VACUUM (ANALYZE) {TABLES}")
        new = _shop("new")
        yield Pair("new shop: to be made known", [seconds(lambda: statistics.gather(new[0].shop_id))], [1.0], 1.0)
        cursor.execute(f"SET statement_timeout = '{LONGEST}s'")
        for name in names:
            floor = _spent(name, *known)
            yield Pair(f"new shop: {name}", [_spent(name, *new)], [floor], 2.0)
        cursor.execute("SET statement_timeout = 0")
        cursor.execute("ALTER SYSTEM RESET autovacuum")
        cursor.execute("SELECT pg_reload_conf()")
