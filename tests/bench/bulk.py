"""Importing and shipping ten thousand orders, against the floors."""

import itertools

from fahuo.connectors.sheet.writer import write_xlsx
from fahuo.rules.people import Actor
from fahuo.services import batches
from fahuo.store import sql
from fahuo.store.models import Batch, Shop
from tests import volume
from tests.bench import floors
from tests.bench.measure import Pair, in_turn
from tests.bench.sheets import order_list
from tests.conftest import NOW

ROWS = 10_000


def _shop(code: str) -> Actor:
    shop = Shop.objects.create(code=code, name=code, platform="taobao", created_at=NOW)
    return Actor(shop.id, None, "bench", is_owner=True)


def _worked(actor: Actor, batch_id: int) -> None:
    """Preview and commit, as the clock does it."""
    assert batches.work(actor.shop_id, batch_id, now=NOW)
    batches.commit(actor, batch_id, now=NOW)
    assert batches.work(actor.shop_id, batch_id, now=NOW)
    batch = Batch.objects.get(shop_id=actor.shop_id, id=batch_id)
    assert (batch.done_count, batch.bad_count) == (ROWS, 0), (batch.done_count, batch.bad_count)


def importing(runs: int) -> Pair:
    """An order list of 61 columns, new orders each time."""
    actor, bare = _shop("import-ours"), _shop("import-floor")
    seeds = itertools.count(1)
    files = {seed: order_list(ROWS, seed) for seed in range(1, 2 * (runs + 1) + 1)}

    def ours() -> None:
        _worked(actor, batches.open_import(actor, name="orders.xlsx", body=files[next(seeds)], now=NOW))

    return in_turn(
        "import 10,000 orders (xlsx, 61 columns)", ours,
        lambda: floors.take_in(bare.shop_id, files[next(seeds)], NOW), runs=runs, goal=3.0,
    )  # fmt: skip


def _waiting(actor: Actor, run: int) -> bytes:
    """Ten thousand more waiting orders, and the carrier's sheet for them."""
    first = 2 * run * ROWS + 1
    volume.fill(actor.shop_id, first, first + ROWS + ROWS // 20, at=NOW, waiting=1000)
    rows = sql.fetch(
        """SELECT number, 'ZTO' AS carrier, '76' || right(number, 12) AS waybill FROM orders
           WHERE shop_id = %(shop_id)s AND status = 'awaiting_shipment' AND refund_status = 'none'
             AND number >= %(first)s ORDER BY number LIMIT %(rows)s""",
        shop_id=actor.shop_id, first=f"27{first:016}", rows=ROWS,
    )  # fmt: skip
    return write_xlsx(["订单编号", "物流公司", "运单号"], [list(row) for row in rows])


def shipping(runs: int) -> Pair:
    """A sheet of order numbers, carrier and waybill numbers."""
    actor, bare = _shop("ship-ours"), _shop("ship-floor")
    rounds = {True: itertools.count(), False: itertools.count()}
    sheets = {
        ours: [_waiting(who, run) for run in range(runs + 1)] for ours, who in ((True, actor), (False, bare))
    }  # fmt: skip

    def ours() -> None:
        body = sheets[True][next(rounds[True])]
        _worked(actor, batches.open_shipments_sheet(actor, name="numbers.xlsx", body=body, now=NOW))

    def floor() -> None:
        floors.ship(bare.shop_id, sheets[False][next(rounds[False])], NOW)

    return in_turn("ship 10,000 orders by sheet", ours, floor, runs=runs, goal=2.0)
