"""Sample orders, and sample files in every real format: fictional people, valid structure, the same for the same seed.

`orders` makes any number of orders; `write` makes a folder of files. Nobody in them exists: names are put together
from syllables, streets are made up, and the mobile numbers lie in a range that was never given out.
"""

from fahuo.samples.draw import orders
from fahuo.samples.files import write

__all__ = ["orders", "write"]
