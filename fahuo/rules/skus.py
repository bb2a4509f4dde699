"""What a shop knows of a SKU beyond the orders, and what can be wrong with it."""

from dataclasses import dataclass
from typing import Final

from fahuo.rules.problems import Problem

GRAMS_MOST: Final = 1_000_000
LONGEST: Final = {"code": 200, "title": 500, "barcode": 60, "shelf": 60}


@dataclass(frozen=True, slots=True)
class SkuData:
    """One SKU. `code` as the orders name it (the SKU's own code, else the item's); `grams` None: not known."""

    code: str
    title: str = ""
    barcode: str = ""
    shelf: str = ""
    grams: int | None = None


def sku_problems(data: SkuData) -> list[Problem]:
    """Everything that is wrong with it."""
    found = [] if data.code.strip() else [Problem("sku_code_missing")]
    found += [
        Problem("text_too_long", {"limit": most}) for name, most in LONGEST.items() if len(getattr(data, name)) > most
    ]
    if data.grams is not None and not 0 < data.grams <= GRAMS_MOST:
        found.append(Problem("grams_range", {"most": GRAMS_MOST}))
    return found
