"""What silence costs, as columns that a statement can price thousands of rows with."""

from typing import Any

from fahuo.services.shopbook import ShopBook


def rates(shop_id: int) -> list[dict[str, Any]]:
    """One entry for each version of the shop's rule book and each kind of complaint it prices (amounts as text)."""
    book = ShopBook.of(shop_id)
    found = []
    for version in book.versions.values():
        for kind, rate in version.compensation.items():
            long = rate.long_promise
            found.append({
                "version": version.id, "kind": kind, "percent": str(rate.percent), "least": str(rate.min),
                "most": str(rate.max), "over_hours": long.over_hours if long else None,
                "long_percent": str(long.percent) if long else None, "long_least": str(long.min) if long else None,
                "long_most": str(long.max) if long else None, "hours": version.out_of_stock_after_hours.value,
                "points": version.points.upheld,
            })  # fmt: skip
    return found
