"""What the task engine knows of a shop: its zone, its region, and its platform's rule book with the regions of today."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from fahuo.rules import tasks
from fahuo.rules.policy import RuleBook, Version
from fahuo.store import rulebooks
from fahuo.store.models import Shop


@dataclass
class ShopBook:
    """One shop with its rule book. Made for one transaction, then forgotten."""

    shop: Shop

    @classmethod
    def of(cls, shop_id: int) -> "ShopBook":
        return cls(Shop.objects.get(id=shop_id))

    @property
    def shop_id(self) -> int:
        return int(self.shop.id)

    @cached_property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.shop.time_zone)

    @cached_property
    def book(self) -> RuleBook:
        return rulebooks.book(self.shop.platform, self.shop_id)

    @cached_property
    def versions(self) -> dict[str, Version]:
        """Every version by its id, as tasks have them pinned."""
        return {version.id: version for version in self.book.versions}

    def of_order(self, order: Any) -> Version:
        """The version that counts for an order: the one in force when it was paid."""
        return self.book.at(order.paid_at)

    @cached_property
    def escalations(self) -> dict[str, list[Any]]:
        """The moves by which the platform takes over what nobody answered, and what they need to know, as columns."""
        moves = {
            state: move
            for (state, event), move in tasks.TABLE.items()
            if event == "due" and move.to == "platform_intervention"
        }
        return {
            "states": list(moves),
            "tos": [move.to for move in moves.values()],
            "clauses": [move.clause for move in moves.values()],
            "only_unfulfilled": [move.only_if == "unfulfilled" for move in moves.values()],
            "versions": list(self.versions),
            "hours": [version.out_of_stock_after_hours.value for version in self.versions.values()],
            "kinds": list(tasks.KINDS),
            "by_shipping": ["shipped" in kind.fulfilled_by for kind in tasks.KINDS.values()],
            "by_refund": ["refunded" in kind.fulfilled_by for kind in tasks.KINDS.values()],
        }


CONSENTED = tuple(
    state for (state, event), move in tasks.TABLE.items() if event == "due" and move.to != "platform_intervention"
)
"""The states in which silence moves a task on instead of giving it to the platform."""
