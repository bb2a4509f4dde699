"""Every noun's operations, brought together: importing this file fills the routes."""

from types import ModuleType
from typing import Final

from fahuo.api import (
    aftersales,
    batches,
    choosing,
    contracts,
    couriers,
    figures,
    labels,
    machines,
    notices,
    orders,
    parcels,
    pickups,
    printing,
    settings,
    sheets,
    shop,
    talks,
    tasks,
    webhooks,
)

LOADED: Final[tuple[ModuleType, ...]] = (
    orders, parcels, labels, printing, pickups, batches, sheets, contracts, choosing, couriers, tasks, aftersales, talks,
    notices, figures, shop, settings, webhooks, machines,
)  # fmt: skip
