"""The marketplaces that a shop can be connected to: ours, and those that installed packages bring along.

A package adds its own by the entry point group `fahuo.marketplaces`: a name, and the `Marketplace` object it leads to.
"""

from collections.abc import Mapping
from functools import cache
from importlib.metadata import entry_points
from typing import Final

from fahuo.connectors.contract import Marketplace
from fahuo.connectors.taobao import TAOBAO
from fahuo.connectors.woocommerce import WOOCOMMERCE

GROUP: Final = "fahuo.marketplaces"


@cache
def marketplaces() -> Mapping[str, Marketplace]:
    """Every kind by its name. One of ours is never replaced by a package."""
    found = {each.name: each for each in (TAOBAO, WOOCOMMERCE)}
    for entry in entry_points(group=GROUP):
        made = entry.load()
        if isinstance(made, Marketplace):
            found.setdefault(made.name, made)
    return found
