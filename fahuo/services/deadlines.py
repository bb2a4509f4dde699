"""A shop's desk for deadlines: its platform's rule book and its own promise, held against what an order says."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

from fahuo.rules.deadlines import Facts, deadline_of
from fahuo.rules.imports import Standing
from fahuo.rules.orders import OrderDraft
from fahuo.store import imports, orders, rulebooks
from fahuo.store.models import Shop

NO_DEADLINE: Final = datetime(9999, 1, 1, tzinfo=UTC)
"""Where an order without a deadline stands in the backlog: last."""

Decided = tuple[datetime | None, str, str]
"""(deadline, clause, version of the rule book)."""


class Desk:
    """Decides the deadlines of one shop's orders."""

    def __init__(self, shop: Shop) -> None:
        self._book = rulebooks.book(shop.platform, int(shop.id))
        self._ship_from = shop.ship_from
        self.promise_hours = shop.promise_hours

    def of_draft(self, draft: OrderDraft, paid_at: datetime) -> Decided:
        """For an order that is new here, and paid. It takes the shop's promise of today, and keeps it."""
        hours = self.promise_hours if draft.promise_hours is None else draft.promise_hours
        return deadline_of(
            Facts(
                paid_at=paid_at, kind=draft.kind, promise_hours=hours, promised_until=draft.promised_until,
                channel_deadline=draft.channel_deadline, ship_to=draft.region, ship_from=self._ship_from,
            ),
            self._book,
        )  # fmt: skip

    def of_order(self, order: Standing) -> Decided:
        """For an order that stands, from what stands in it."""
        return deadline_of(
            Facts(
                paid_at=order.paid_at, kind=order.kind, promise_hours=order.promise_hours,
                promised_until=order.promised_until, channel_deadline=order.channel_deadline,
                reported_until=order.reported_until, agreed_until=order.agreed_until, ship_to=order.region,
                ship_from=self._ship_from,
            ),
            self._book,
        )  # fmt: skip


def recompute(shop_id: int, order_ids: Sequence[int], *, now: datetime) -> int:
    """Decide the deadlines of these orders anew from what stands; how many that wait were written. In a transaction."""
    if not order_ids:
        return 0
    desk = Desk(Shop.objects.get(id=shop_id))
    decided: dict[int, tuple[datetime, str, str]] = {}
    for order in imports.standing(shop_id, order_ids, lock=True).values():
        deadline, clause, rulebook = desk.of_order(order)
        if deadline is not None:
            decided[order.id] = (deadline, clause, rulebook)
    return orders.set_deadlines(shop_id, decided, now=now)
