"""The carrier services that a shop can have accounts with: ours, and those that installed packages bring along.

A package adds its own by the entry point group `fahuo.carriers`: a name, and the `Service` object it leads to.
"""

from collections.abc import Mapping
from functools import cache
from importlib.metadata import entry_points
from typing import Final

from fahuo.connectors.cainiao import CAINIAO
from fahuo.connectors.carrying import Service
from fahuo.connectors.kdniao import KDNIAO
from fahuo.connectors.kuaidi100 import KUAIDI100
from fahuo.connectors.sf import SF

GROUP: Final = "fahuo.carriers"


@cache
def services() -> Mapping[str, Service]:
    """Every kind by its name. One of ours is never replaced by a package."""
    found = {each.name: each for each in (SF, KUAIDI100, KDNIAO, CAINIAO)}
    for entry in entry_points(group=GROUP):
        made = entry.load()
        if isinstance(made, Service):
            found.setdefault(made.name, made)
    return found
