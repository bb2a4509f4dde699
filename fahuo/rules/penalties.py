"""What lateness costs: compensation to the buyer in CNY, and violation points.

The rule-book version that counts is the one in force when the order was paid. Amounts are item prices without postage.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from fahuo.rules.policy import Kind, Rate, Tier, Version
from fahuo.rules.problems import Refusal

CENT: Final = Decimal("0.01")
NOTHING: Final = Decimal("0.00")


@dataclass(frozen=True, slots=True)
class Upheld:
    """A complaint of one kind over one order, upheld (or settled, which pays the same)."""

    order: str
    kind: Kind
    item_amount: Decimal
    promise_hours: int | None = None


def compensation(kind: Kind, item_amount: Decimal, version: Version, *, promise_hours: int | None = None) -> Decimal:
    """What one upheld complaint owes: percent of the item price, within minimum and maximum, to the cent, half up.

    Refusal `policy_no_kind` when the version does not know that kind.
    """
    return _within([_tier(kind, version, promise_hours)], [item_amount])


@dataclass(frozen=True, slots=True)
class Working:
    """How an amount came about. All that counts of one kind on one day is added up: `total` is the price of the goods of
    `orders` orders, of which the percentage is taken, within `least` and `most`; `before` stood already, so that `owed`
    is what the sum grows by. `counted`: this order's kind was owed before, so nothing is owed again.
    """

    percent: Decimal
    least: Decimal
    most: Decimal
    orders: int
    total: Decimal
    before: Decimal
    owed: Decimal
    counted: bool = False
    long_promise: bool = False


def working(previous_items: Sequence[Upheld], new_item: Upheld, version: Version) -> Working:
    """What `new_item` owes after `previous_items`, all of one buyer at one shop, paid on one calendar day, and why.

    Orders of that day are added up for minimum and maximum. Each kind counts once an order (the second time it owes
    nothing), and each kind has its own sum: different kinds add up.
    """
    earlier: dict[str, Upheld] = {}
    for item in previous_items:
        if item.kind == new_item.kind:
            earlier.setdefault(item.order, item)
    counted = new_item.order in earlier
    before = _sum(list(earlier.values()), version) if earlier else NOTHING
    items = list({**earlier, new_item.order: earlier.get(new_item.order, new_item)}.values())
    tiers = [_tier(item.kind, version, item.promise_hours) for item in items]
    own = _tier(new_item.kind, version, new_item.promise_hours)
    return Working(
        percent=own.percent, least=max(tier.min for tier in tiers), most=max(tier.max for tier in tiers),
        orders=len(items), total=sum((item.item_amount for item in items), NOTHING), before=before,
        owed=NOTHING if counted else _sum(items, version) - before, counted=counted,
        long_promise=own is not _rate(new_item.kind, version),
    )  # fmt: skip


def owed(previous_items: Sequence[Upheld], new_item: Upheld, version: Version) -> Decimal:
    """What `new_item` owes after `previous_items`; see `working`."""
    return working(previous_items, new_item, version).owed


def points(kind: Kind, settled_voluntarily: bool, nth: int, version: Version) -> int:
    """Violation points of one case. `nth` counts the shop's voluntary settlements, this one included, from 1.

    Upheld costs the version's points; settled before the verdict costs none, but every third (so many) the same.
    """
    _rate(kind, version)
    if settled_voluntarily and nth % version.points.voluntary_every:
        return 0
    return version.points.upheld


def complaint_kind(deadline: datetime, version: Version, *, now: datetime) -> Kind:
    """What an order that is still unshipped at `now` is guilty of: `out_of_stock` from 72 h after the deadline on."""
    return "out_of_stock" if now >= deadline + _out_of_stock_after(version) else "delay"


def at_stake(
    item_amount: Decimal,
    deadline: datetime | None,
    version: Version,
    *,
    now: datetime,
    promise_hours: int | None = None,
) -> Decimal:
    """What silence costs at its next step, in CNY.

    The compensation for delay until 72 h after the deadline, from then on that and the one for out of stock;
    0.00 without a deadline.
    """
    if deadline is None:
        return NOTHING
    stake = compensation("delay", item_amount, version, promise_hours=promise_hours)
    if complaint_kind(deadline, version, now=now) == "out_of_stock":
        stake += compensation("out_of_stock", item_amount, version, promise_hours=promise_hours)
    return stake


def _out_of_stock_after(version: Version) -> timedelta:
    return timedelta(hours=version.out_of_stock_after_hours.value)


def _rate(kind: Kind, version: Version) -> Rate:
    rate = version.compensation.get(kind)
    if rate is None:
        raise Refusal.of("policy_no_kind", kind=kind, version=version.id)
    return rate


def _tier(kind: Kind, version: Version, promise_hours: int | None) -> Tier:
    """The rate, or the one for long promises where the seller had promised more hours than that begins at."""
    rate = _rate(kind, version)
    promised = version.default_hours.value if promise_hours is None else promise_hours
    return rate.long_promise if rate.long_promise and promised > rate.long_promise.over_hours else rate


def _sum(items: Sequence[Upheld], version: Version) -> Decimal:
    tiers = [_tier(item.kind, version, item.promise_hours) for item in items]
    return _within(tiers, [item.item_amount for item in items])


def _within(tiers: Sequence[Tier], amounts: Sequence[Decimal]) -> Decimal:
    """The percentages of all amounts together, within the highest minimum and the highest maximum among the tiers."""
    total = sum((tier.percent * amount for tier, amount in zip(tiers, amounts, strict=True)), NOTHING) / 100
    least, most = max(tier.min for tier in tiers), max(tier.max for tier in tiers)
    return min(max(total, least), most).quantize(CENT, ROUND_HALF_UP)
