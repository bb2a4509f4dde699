"""A shop's contracts with carriers' branches: whose numbers, when the parcel counts as shipped, what they ask, where they go."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import time
from decimal import Decimal
from typing import Final, Literal

from fahuo.rules.carriers import CARRIERS
from fahuo.rules.problems import Problem
from fahuo.rules.regions import covers, digits_of, is_known

Numbers = Literal["stock", "entered", "service"]
NUMBERS: Final[tuple[Numbers, ...]] = ("stock", "entered", "service")
"""stock: bought ahead, taken from the shop's stock. entered: the courier brings them, typed or by sheet. service: ordered
one by one from a carrier's service, by the contract's account there."""

ShipsAt = Literal["packed", "pickup"]
SHIPS_AT: Final[tuple[ShipsAt, ...]] = ("packed", "pickup")
"""packed: submitted when the parcel is packed. pickup: when the courier signs, so that no number stands at the
marketplace without a scan."""

ChosenBy = Literal["rule", "person", "label"]
CHOSEN_BY: Final[tuple[ChosenBy, ...]] = ("rule", "person", "label")
"""Who gave an order to a contract: a rule of the shop, somebody by hand (which no rule overrides), or its label."""

LONGEST: Final = 200
"""Characters of a text of a contract."""
MOST_PICKUPS: Final = 12
"""Fixed pickup times in a day."""
RETURN_DAYS: Final = range(1, 366)
VOIDED_DAYS: Final = 15
SILENT_DAYS: Final = 30
"""What carriers' rules say, where they give numbers back: 15 days after a number was voided, 30 days after it was last
touched, in both cases without a trace. Stated of Cainiao (since 2016-07-15) and PDD."""
MOST_GRAMS: Final = 1_000_000
MOST_PRICE: Final = Decimal("100000")


@dataclass(frozen=True, slots=True)
class ContractData:
    """What a shop says of a contract. `sender_*` "" stands for the shop's own; `*_days` None: the carrier gives none back.

    `masked`: its labels hide personal data (GB/T 41833-2022). `carrier_account_id`: of numbers from a service, and of those
    only, the account that they are ordered by.
    """

    carrier: str
    name: str
    branch: str = ""
    account: str = ""
    contact_name: str = ""
    contact_phone: str = ""
    sender_name: str = ""
    sender_phone: str = ""
    sender_region: str = ""
    sender_address: str = ""
    numbers: Numbers = "stock"
    carrier_account_id: int | None = None
    ships_at: ShipsAt = "packed"
    masked: bool = True
    printer_id: int | None = None
    template_id: int | None = None
    pickup_times: tuple[time, ...] = ()
    return_voided_days: int | None = None
    return_silent_days: int | None = None
    active: bool = True


TEXTS: Final = (
    "name", "branch", "account", "contact_name", "contact_phone", "sender_name", "sender_phone", "sender_address",
)  # fmt: skip


def contract_problems(data: ContractData) -> list[Problem]:
    """Everything that is wrong with a contract by itself."""
    found = []
    if data.carrier not in CARRIERS:
        found.append(Problem("carrier_unknown", {"carrier": data.carrier[:40]}))
    if not data.name.strip():
        found.append(Problem("contract_name_missing"))
    found += [
        Problem("contract_text_long", {"most": LONGEST}) for name in TEXTS if len(getattr(data, name)) > LONGEST
    ]  # fmt: skip
    if data.sender_region and not is_known(data.sender_region):
        found.append(Problem("region_unknown", {"region": data.sender_region[:60]}))
    if data.numbers not in NUMBERS or data.ships_at not in SHIPS_AT:
        found.append(Problem("contract_kind_unknown"))
    if data.numbers == "service" and data.carrier_account_id is None:
        found.append(Problem("contract_account_missing"))
    if len(data.pickup_times) > MOST_PICKUPS:
        found.append(Problem("contract_pickups_many", {"most": MOST_PICKUPS}))
    for days in (data.return_voided_days, data.return_silent_days):
        if days is not None and days not in RETURN_DAYS:
            found.append(Problem("contract_return_days", {"most": RETURN_DAYS.stop - 1}))
    return found


# ---- tariffs ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Tariff:
    """What a contract asks for a parcel to a region (2, 4 or 6 digits; "" everywhere else). Prices in CNY, two decimals.

    Up to `first_grams` (首重) it costs `first_price`; each `next_grams` begun after that (续重) costs `next_price` more.
    """

    region: str = ""
    served: bool = True
    first_grams: int = 1000
    first_price: Decimal = Decimal("0.00")
    next_grams: int = 1000
    next_price: Decimal = Decimal("0.00")


def tariff_problems(tariff: Tariff) -> list[Problem]:
    """Everything that is wrong with one row of tariffs."""
    found = []
    if tariff.region and not is_known(tariff.region):
        found.append(Problem("region_unknown", {"region": tariff.region[:60]}))
    if not (1 <= tariff.first_grams <= MOST_GRAMS and 1 <= tariff.next_grams <= MOST_GRAMS):
        found.append(Problem("tariff_grams", {"most": MOST_GRAMS}))
    if not all(_is_price(price) for price in (tariff.first_price, tariff.next_price)):
        found.append(Problem("tariff_price"))
    return found


def _is_price(price: Decimal) -> bool:
    return price.is_finite() and 0 <= price <= MOST_PRICE and price == round(price, 2)


def tariff_of(tariffs: Iterable[Tariff], region: str) -> Tariff | None:
    """The row that a region (six digits, or "" where nobody knows it) falls under: the one that names it most closely."""
    fitting = [tariff for tariff in tariffs if not tariff.region or covers(tariff.region, region)]
    return max(fitting, key=lambda tariff: len(digits_of(tariff.region)), default=None)


def price(tariff: Tariff, grams: int) -> Decimal:
    """What a parcel of so many grams costs by a row of tariffs (CNY). Raises ValueError for a negative weight."""
    if grams < 0:
        raise ValueError("a parcel weighs something")
    steps = max(0, -(-(grams - tariff.first_grams) // tariff.next_grams))
    return tariff.first_price + steps * tariff.next_price


@dataclass(frozen=True, slots=True)
class Weight:
    """What an order weighs. `grams` of the goods that are known; `unknown`: lines whose SKU says no weight."""

    grams: int = 0
    unknown: int = 0

    @property
    def known(self) -> int | None:
        """The whole weight in grams, or None where a part of it is not known."""
        return None if self.unknown else self.grams


@dataclass(frozen=True, slots=True)
class Quote:
    """What a contract would ask for an order. `price` None: not known, or not served; `least`: it asks at least so much.

    `why`: priced; weight_unknown (only `least` is known); no_tariff (the contract has no row for the region, it goes there
    for an unknown price); not_served; region_unknown (the order's region is not known and there are rows by region).
    """

    why: Literal["priced", "weight_unknown", "no_tariff", "not_served", "region_unknown"]
    price: Decimal | None = None
    least: Decimal | None = None
    tariff: Tariff | None = None

    @property
    def served(self) -> bool:
        return self.why != "not_served"


def quote(tariffs: Sequence[Tariff], region: str, weight: Weight) -> Quote:
    """What a contract with these tariffs asks for a parcel to a region (six digits, or "") of such a weight."""
    tariff = tariff_of(tariffs, region)
    if tariff is not None and not region and any(each.region for each in tariffs):
        return Quote("region_unknown")
    if tariff is None:
        return Quote("no_tariff" if region or not tariffs else "region_unknown")
    if not tariff.served:
        return Quote("not_served", tariff=tariff)
    least = price(tariff, weight.grams)
    if weight.known is None:
        return Quote("weight_unknown", None, least, tariff)
    return Quote("priced", least, least, tariff)
