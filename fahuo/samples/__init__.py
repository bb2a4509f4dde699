"""Sample orders, and sample files in every real format: fictional people, valid structure, the same for the same seed.

`orders` makes any number of orders; `write` makes a folder of files. Nobody in them exists: names are put together
from syllables, streets are made up, and the mobile numbers lie in a range that was never given out.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fahuo.samples.draw import orders
    from fahuo.samples.files import write

__all__ = ["orders", "write"]


def __getattr__(name: str) -> Any:
    """Both are loaded when first used: the pages want the demo's accounts alone."""
    if name not in __all__:
        raise AttributeError(name)
    from fahuo.samples.draw import orders
    from fahuo.samples.files import write

    return {"orders": orders, "write": write}[name]
