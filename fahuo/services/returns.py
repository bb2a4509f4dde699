"""The clock gives numbers back to the stock by the contract's rule; see docs/contracts.md."""

from collections.abc import Callable
from datetime import datetime
from typing import Final

from django.db import transaction

from fahuo.rules.people import Actor
from fahuo.store import clock, labels, returns, stock

CHUNK: Final = 1000
"""Numbers in one transaction."""

REASON: Final = "长期没有轨迹，单号按合同回收"
"""What the journal says of a label that is voided with its silent number."""


def run_due(shop_id: int | None, *, now: datetime, stop: Callable[[], bool] = bool) -> int:
    """Give back what is due at `now`, of one shop or (None) of all; how many numbers.

    A number with any scan never comes back. A silent number that a label still holds takes the label with it.
    """
    count = 0
    for each in [shop_id] if shop_id is not None else clock.shops():
        while not stop():
            moved, asked = _chunk(each, now=now)
            count += moved
            if asked < CHUNK or not moved:
                break
    return count


def _chunk(shop_id: int, *, now: datetime) -> tuple[int, int]:
    """(how many came back, how many were looked at)."""
    found = returns.due(shop_id, now=now, limit=CHUNK)
    if not found:
        return 0, 0
    actor = Actor(shop_id, None, "clock")
    with transaction.atomic():
        held = {row.label_id for row in found if row.label_id is not None}
        labels.lock(shop_id, sorted(held))
        still = returns.lock(shop_id, [row.id for row in found], now=now)
        # A label that came to hold one of them meanwhile is not locked: its number is not silent any more.
        labels.void(actor, sorted(held & {row.label_id for row in still}), reason=REASON, now=now)
        back = [row.id for row in still if row.label_id is None or row.label_id in held]
        return len(stock.moved(actor, back, "return", now=now)), len(found)
