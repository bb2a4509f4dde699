"""Every noun's operations, brought together: importing this file fills the routes."""

from types import ModuleType
from typing import Final

from fahuo.api import aftersales, batches, orders, parcels, shop, talks, tasks, webhooks

LOADED: Final[tuple[ModuleType, ...]] = (
    orders, parcels, batches, tasks, aftersales, talks, shop, webhooks,
)  # fmt: skip
