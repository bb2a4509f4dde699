"""What the tables of addresses are written in. Each module beside this one holds the table of one face of the product.

A module has `TABLE` (name of a route -> Route) and may have `example(world, shop, owner, now)`, which adds to the example
what its addresses name.
"""

from dataclasses import dataclass
from typing import Any, Final

NONE: Final = 405
"""The method is not for this address."""
BUYER: Final = "林间"
"""Whose the orders of the example are. Everything of an order answers `buyer`, and nobody else among buyers."""


@dataclass(frozen=True, slots=True)
class Route:
    """What stands at an address: the mark of its door, what GET and POST answer to who may, and what POST asks besides
    (`also`, an act). `parts` are the names of the example's parts in the address, `data` what is posted."""

    door: str
    get: int = 200
    post: int = NONE
    parts: tuple[str, ...] = ()
    also: str = ""
    data: tuple[tuple[str, Any], ...] = ()
    both: bool = False
    """`also` is asked by GET, too."""


def route(
    door: str, get: int = 200, post: int = NONE, *parts: str, also: str = "", both: bool = False, **data: Any
) -> Route:
    return Route(door, get, post, parts, also, tuple(data.items()), both)
