"""Taking bought numbers, beside the bare UPDATE of the same rows; and eight takers at once, killed again and again."""

import tempfile
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from django.db import connection, transaction

from fahuo.rules.people import Actor
from fahuo.store import arrays, sql
from fahuo.store import stock as store
from fahuo.store.models import Contract, Shop
from tests.bench.measure import Pair, bare_seconds, in_turn, seconds
from tests.conftest import NOW
from tests.services import stocks, test_stock_killed

NUMBERS = 100_000
AT_ONCE = 50
"""Numbers in one transaction: a page of orders."""
TAKEN = 10_000
"""Numbers of one round."""

BARE = """
UPDATE waybill_numbers SET state = 'taken', label_id = NULL, changed_at = %(now)s
WHERE shop_id = %(shop_id)s AND id = ANY(%(ids)s::bigint[]) RETURNING id, number, carrier
"""
NEXT = """
SELECT id FROM waybill_numbers WHERE shop_id = %(shop_id)s AND contract_id = %(contract_id)s AND state = 'free'
ORDER BY id LIMIT %(limit)s
"""


@dataclass(frozen=True, slots=True)
class Crowd:
    """Eight takers until the stock was empty, and how many of them were killed."""

    killed: int
    spent: float

    def line(self) -> str:
        name = f"8 takers, {self.killed} killed at work"
        return f"{name:<44} {self.spent:7.3f} s  {NUMBERS / self.spent:,.0f} numbers/s"


def stocked(shop: Shop, name: str) -> tuple[Actor, Contract]:
    """A contract with NUMBERS of stock."""
    actor = Actor(shop.id, None, "bench", is_owner=True)
    contract = stocks.make_contract(shop.id, name)
    stocks.buy(actor, contract, NUMBERS)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM (ANALYZE) waybill_numbers")
    return actor, contract


def taking(runs: int) -> list[Pair | Crowd]:
    """The pair, and the crowd; each with a `line()`."""
    assert (runs + 1) * TAKEN <= NUMBERS, "the stock is not that large"
    shop, plain = (
        Shop.objects.create(code=code, name=code, platform="taobao", created_at=NOW) for code in ("stock", "bare")
    )
    actor, contract = stocked(shop, "ours")
    _, other = stocked(plain, "bare")
    clock = iter(NOW + timedelta(seconds=n) for n in range(10**6))

    def ours() -> None:
        for _ in range(TAKEN // AT_ONCE):
            with transaction.atomic():
                assert len(store.take(actor, contract.id, AT_ONCE, now=next(clock))) == AT_ONCE

    def prepared() -> list[str]:
        ids = [row.id for row in sql.fetch(NEXT, shop_id=plain.id, contract_id=other.id, limit=TAKEN)]
        return [arrays.ids(ids[at : at + AT_ONCE]) for at in range(0, TAKEN, AT_ONCE)]

    def bare(parts: list[str]) -> None:
        for ids in parts:
            with transaction.atomic():
                assert len(sql.fetch(BARE, shop_id=plain.id, ids=ids, now=NOW)) == AT_ONCE

    mine, floor = [], []
    for _ in range(runs + 1):
        mine.append(seconds(ours))
        parts = prepared()
        floor.append(bare_seconds(lambda parts=parts: bare(parts)))  # type: ignore[misc]  # bound now, not late
    stocks.adds_up(shop.id)
    pair = Pair(f"take {TAKEN:,} numbers, {AT_ONCE} at once, one taker", mine[1:], floor[1:], 3.0)
    return [buying(plain, runs), pair, crowd()]


def buying(shop: Shop, runs: int) -> Pair:
    """A lot of NUMBERS, beside the COPY of the same rows into the same table."""
    actor = Actor(shop.id, None, "bench", is_owner=True)
    contract = stocks.make_contract(shop.id, "lots", carrier="STO")
    columns = ("shop_id", "lot_id", "contract_id", "carrier", "number", "state", "changed_at")
    first = iter(range(777000000000001, 10**15, NUMBERS * 2))
    lot = stocks.buy(actor, contract, 1, first=str(next(first))).lot_id

    def ours() -> None:
        assert stocks.buy(actor, contract, NUMBERS, first=str(next(first))).count == NUMBERS

    def bare() -> None:
        start = next(first)
        rows = ((shop.id, lot, contract.id, "STO", str(n), "free", NOW) for n in range(start, start + NUMBERS))
        with transaction.atomic():
            assert sql.copy_rows("waybill_numbers", columns, rows) == NUMBERS

    return in_turn(f"buy a run of {NUMBERS:,} numbers", ours, bare, runs=runs, goal=3.0)


def crowd() -> Crowd:
    """NUMBERS taken by eight processes while they are killed, with the proof of tests/services/test_stock_killed.py."""
    shop = Shop.objects.create(code="crowd", name="crowd", platform="taobao", created_at=NOW)
    actor = Actor(shop.id, None, "bench", is_owner=True)
    contract = stocks.make_contract(shop.id)
    assert stocks.buy(actor, contract, NUMBERS).count == NUMBERS
    with tempfile.TemporaryDirectory() as folder:
        killed, spent = test_stock_killed.run(actor, contract, Path(folder), kills=test_stock_killed.KILLS_A_SECOND)
        said = test_stock_killed.acknowledged(Path(folder))
    assert len({number for _, number in said}) == len(said)
    stocks.adds_up(shop.id)
    return Crowd(killed, spent)
