"""Every noun's operations, brought together: importing this file fills the routes."""

from types import ModuleType
from typing import Final

from fahuo.api import aftersales, batches, labels, orders, parcels, shop, talks, tasks, webhooks

LOADED: Final[tuple[ModuleType, ...]] = (
    orders, parcels, labels, batches, tasks, aftersales, talks, shop, webhooks,
)  # fmt: skip
