"""Delay reports (报备): what a shop may report, and what is wrong with a wish.

Urgent: for orders that wait when the platform approves. Ahead of time: for orders paid inside a window that is still
open, those too that come after the approval.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from fahuo.rules.problems import Problem
from fahuo.rules.regions import is_known

STATUSES: Final = ("filed", "approved", "rejected", "withdrawn")
SCOPES: Final = ("orders", "shop", "region", "goods")
MOST_ORDERS: Final = 5000
"""Orders that one report may list."""


@dataclass(frozen=True, slots=True)
class Wish:
    """A report before it is filed. `value` is a region code or an item code, `order_ids` the listed orders.

    `paid_from` and `paid_until` (left out) make it one ahead of time; both None: urgent.
    """

    until: datetime
    scope: str = "orders"
    value: str = ""
    order_ids: Sequence[int] = ()
    paid_from: datetime | None = None
    paid_until: datetime | None = None

    @property
    def ahead(self) -> bool:
        """Whether orders that come later are covered too."""
        return self.paid_until is not None

    def problems(self, *, now: datetime) -> list[Problem]:
        """All that is wrong with it, at once."""
        found = []
        if self.until <= now:
            found.append(Problem("until_past"))
        wanted = {"orders": bool(self.order_ids), "shop": True}.get(self.scope, bool(self.value))
        if self.scope not in SCOPES or not wanted:
            found.append(Problem("report_scope"))
        elif self.scope == "region" and not is_known(self.value):
            found.append(Problem("region_unknown", {"region": self.value}))
        if len(self.order_ids) > MOST_ORDERS:
            found.append(Problem("report_too_many", {"most": MOST_ORDERS}))
        return found + self._window()

    def _window(self) -> list[Problem]:
        if (self.paid_from is None) != (self.paid_until is None):
            return [Problem("report_window")]
        if self.paid_from is None or self.paid_until is None:
            return []
        if self.scope == "orders":
            return [Problem("report_window_listed")]
        if self.paid_from >= self.paid_until:
            return [Problem("report_window")]
        return [Problem("report_until_early")] if self.until < self.paid_until else []
