"""Contracts and bought numbers for tests, and what must always hold of the ledger."""

from collections import Counter
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from fahuo.rules.people import Actor
from fahuo.services import stock
from fahuo.services.stock import Bought, Terms
from fahuo.store import sql
from fahuo.store.models import Contract, StockMove, WaybillLot, WaybillNumber
from tests.conftest import NOW

TERMS = Terms(Decimal("1.20"), date(2026, 3, 2))


def make_contract(
    shop_id: int, name: str = "中通西湖", *, carrier: str = "ZTO", now: datetime = NOW, **fields: Any
) -> Contract:
    return Contract.objects.create(shop_id=shop_id, carrier=carrier, name=name, created_at=now, **fields)


def buy(actor: Actor, contract: Contract, count: int, *, first: str = "75330000000501", now: datetime = NOW) -> Bought:
    return stock.buy_run(actor, contract.id, TERMS, first=first, count=count, now=now)


def states(shop_id: int) -> dict[str, int]:
    return Counter(WaybillNumber.objects.filter(shop_id=shop_id).values_list("state", flat=True))


LEDGER = """
SELECT lot_id, state, sum(n)::int AS n FROM (
    SELECT lot_id, from_state AS state, -count AS n FROM stock_moves WHERE shop_id = %(shop_id)s AND from_state <> ''
    UNION ALL SELECT lot_id, to_state, count FROM stock_moves WHERE shop_id = %(shop_id)s) AS steps
GROUP BY lot_id, state HAVING sum(n) <> 0
"""
TALLY = """
SELECT lot_id, state, sum(delta)::int AS n FROM stock_tally WHERE shop_id = %(shop_id)s
GROUP BY lot_id, state HAVING sum(delta) <> 0
"""
ROWS = (
    "SELECT lot_id, state, count(*)::int AS n FROM waybill_numbers WHERE shop_id = %(shop_id)s GROUP BY lot_id, state"
)


def adds_up(shop_id: int) -> None:
    """For each lot and state: ledger, tally and rows say the same; and so does the money."""
    rows, ledger, tally = (sorted(map(tuple, sql.fetch(each, shop_id=shop_id))) for each in (ROWS, LEDGER, TALLY))
    assert ledger == rows
    assert tally == rows
    voided = {lot: n for lot, state, n in rows if state == "voided"}
    for lot in WaybillLot.objects.filter(shop_id=shop_id):
        moves = StockMove.objects.filter(shop_id=shop_id, lot_id=lot.id)
        assert sum(m.amount for m in moves if m.act == "buy") == lot.price * lot.count
        assert sum(m.amount for m in moves if m.act != "buy") == lot.price * voided.get(lot.id, 0)
        assert lot.count == sum(n for of, _, n in rows if of == lot.id)
        assert all(len(m.number_ids) == m.count for m in moves if m.act != "buy")
