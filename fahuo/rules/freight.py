"""The freight check at the bench (运费核对): what the contract asks for a parcel as it was weighed, beside what was expected.

It never forbids anything: the parcel is what it is, and somebody should look at why it costs more.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from fahuo.rules.contracts import Quote, Tariff, Weight, quote
from fahuo.rules.problems import Problem


@dataclass(frozen=True, slots=True)
class Freight:
    """`asked`: what the contract asks for the weight on the scale. `planned`: for the goods' own weight (None: a part of it
    is not known). `postage`: what the buyers paid for it (CNY)."""

    asked: Quote
    planned: Quote | None
    postage: Decimal

    @property
    def known(self) -> bool:
        """Whether there is anything to say: the contract has a price for this parcel, or does not go there."""
        return self.asked.price is not None or not self.asked.served


def freight(
    tariffs: Sequence[Tariff], region: str, *, grams: int, expected: int | None, postage: Decimal
) -> Freight:  # fmt: skip
    """What a parcel to a region (six digits, or "") costs at this weight, and what it would by its goods alone."""
    planned = None if expected is None else quote(tariffs, region, Weight(expected))
    return Freight(quote(tariffs, region, Weight(grams)), planned, postage)


def freight_problems(found: Freight) -> list[Problem]:
    """What somebody should look at: more than the goods' weight would cost, more than the buyers paid for postage, or a
    contract that does not go there. Free postage is no measure."""
    if not found.asked.served:
        return [Problem("freight_not_served")]
    price = found.asked.price
    if price is None:
        return []
    problems = []
    planned = found.planned.price if found.planned is not None else None
    if planned is not None and price > planned:
        problems.append(
            Problem("freight_over_plan", {"price": str(price), "planned": str(planned), "more": str(price - planned)})
        )
    if 0 < found.postage < price:
        problems.append(
            Problem("freight_over_postage", {"price": str(price), "postage": str(found.postage), "more": str(price - found.postage)})
        )  # fmt: skip
    return problems
