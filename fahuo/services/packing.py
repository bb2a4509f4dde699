"""先打包哪些: the shop's orders in the order of packing that loses least, beside what their deadlines alone would say."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from fahuo.rules import packing as rules
from fahuo.rules.packing import Job, Plan
from fahuo.rules.people import Actor
from fahuo.rules.problems import Refusal
from fahuo.services import batches
from fahuo.services.shopbook import ShopBook
from fahuo.store.boards import packing as board

AHEAD: Final = timedelta(hours=24)
PACE: Final = 60
"""Orders an hour, where nobody said how many."""


@dataclass(frozen=True, slots=True)
class Packing:
    """The plan, the plan by deadlines alone, and the orders by their id (boards.packing.soon). `more`: there are others
    that were not looked at."""

    plan: Plan
    usual: Plan
    orders: Mapping[int, Any]
    more: bool

    @property
    def saved(self) -> Decimal:
        """How much less is lost (CNY) than by the order of the deadlines."""
        return self.usual.lost - self.plan.lost


def plan(shop_id: int, *, per_hour: int, now: datetime) -> Packing:
    """What is overdue or due within AHEAD, as it should be packed at `per_hour` orders an hour. Refusal `packing_pace`."""
    if not 1 <= per_hour <= rules.FASTEST:
        raise Refusal.of("packing_pace", most=rules.FASTEST)
    found = board.soon(shop_id, until=now + AHEAD)
    book = ShopBook.of(shop_id)
    jobs = [_job(book, row, now=now) for row in found]
    return Packing(
        rules.least_loss(jobs, now=now, per_hour=per_hour), rules.by_deadline(jobs, now=now, per_hour=per_hour),
        {row.id: row for row in found}, len(found) >= board.MOST,
    )  # fmt: skip


def ship(actor: Actor, *, per_hour: int, now: datetime) -> int:
    """A shipments batch with the orders in the order of the plan; its id.

    Refusals: `not_permitted`, `packing_pace`, `no_orders_chosen` where nothing is due.
    """
    found = plan(actor.shop_id, per_hour=per_hour, now=now)
    return batches.open_shipments(actor, order_ids=[line.job.order_id for line in found.plan.lines], now=now)


def _job(book: ShopBook, row: Any, *, now: datetime) -> Job:
    own_move = row.state in ("awaiting_seller_reply", "awaiting_seller_action")
    return rules.job_of(
        row.id, item_amount=row.item_amount, deadline=row.deadline, version=book.of_order(row), now=now,
        promise_hours=row.promise, task_due=row.due_at if own_move else None, owed=frozenset(row.owed),
    )  # fmt: skip
