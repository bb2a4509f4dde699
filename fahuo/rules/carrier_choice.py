"""By which contract an order goes: the shop's rules are asked in their order, and each says why it took the order or not.

The first rule whose every condition fits gives the order to its contract or, where it names none, to the cheapest that goes
there. When no rule takes it, the first contract of the shop's list that goes there does. A person may always overrule.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final, Literal

from fahuo.rules.contracts import MOST_GRAMS, Quote, Tariff, Weight, quote
from fahuo.rules.problems import Datum, Problem
from fahuo.rules.regions import covers, is_known

Reason = Literal[
    "fits", "cheapest", "first", "region", "region_unknown", "weight_unknown", "too_light", "too_heavy", "goods", "memo",
    "flag", "amount_low", "amount_high", "contract_closed", "not_served", "nothing_to_compare", "none_goes",
]  # fmt: skip
"""What a rule says. The first three took the order: as the rule's own contract, as the cheapest (`data`: of how many), as
the first of the list. The others say what did not fit."""

TOOK: Final = frozenset({"fits", "cheapest", "first"})

WORDS: Final = 30
"""Words, regions or flags in one condition."""
WORD_LONGEST: Final = 60
MOST_AMOUNT: Final = Decimal("10000000")


@dataclass(frozen=True, slots=True)
class Conditions:
    """What an order must be for a rule to take it; what is empty or None asks nothing. Of several words or regions one
    must fit; words in any case. Grams and CNY: from, and up to, both counted."""

    regions: tuple[str, ...] = ()
    min_grams: int | None = None
    max_grams: int | None = None
    goods: tuple[str, ...] = ()
    memo: tuple[str, ...] = ()
    flags: tuple[int, ...] = ()
    min_amount: Decimal | None = None
    max_amount: Decimal | None = None

    def kept(self) -> dict[str, Any]:
        """As JSON; `read_conditions` reads it back."""
        plain = {name: getattr(self, name) for name in self.__slots__}
        amounts = {name: str(plain[name]) for name in ("min_amount", "max_amount") if plain[name] is not None}
        listed = {name: list(value) for name, value in plain.items() if isinstance(value, tuple) and value}
        grams = {name: plain[name] for name in ("min_grams", "max_grams") if plain[name] is not None}
        return listed | grams | amounts


def read_conditions(kept: Mapping[str, Any]) -> Conditions:
    """Conditions as a shop's table keeps them."""
    amounts = {
        name: Decimal(str(kept[name])) for name in ("min_amount", "max_amount") if kept.get(name) is not None
    }  # fmt: skip
    return Conditions(
        regions=tuple(kept.get("regions", ())), goods=tuple(kept.get("goods", ())), memo=tuple(kept.get("memo", ())),
        flags=tuple(kept.get("flags", ())), min_grams=kept.get("min_grams"), max_grams=kept.get("max_grams"), **amounts,
    )  # fmt: skip


def condition_problems(asked: Conditions) -> list[Problem]:
    """Everything that is wrong with the conditions of a rule."""
    found = [Problem("region_unknown", {"region": code[:60]}) for code in asked.regions if not is_known(code)]
    lists: tuple[tuple[Any, ...], ...] = (asked.regions, asked.goods, asked.memo, asked.flags)
    words = (*asked.goods, *asked.memo)
    if any(len(each) > WORDS for each in lists) or any(len(word) > WORD_LONGEST for word in words):
        found.append(Problem("carrier_rule_words", {"most": WORDS, "longest": WORD_LONGEST}))
    if not all(0 <= flag <= 10 for flag in asked.flags):
        found.append(Problem("flag_unknown"))
    for low, high in ((asked.min_grams, asked.max_grams), (asked.min_amount, asked.max_amount)):
        if low is not None and high is not None and low > high:
            found.append(Problem("carrier_rule_backwards", {"low": str(low), "high": str(high)}))
    grams = [each for each in (asked.min_grams, asked.max_grams) if each is not None]
    amounts = [each for each in (asked.min_amount, asked.max_amount) if each is not None]
    if not all(0 <= each <= MOST_GRAMS for each in grams) or not all(0 <= each <= MOST_AMOUNT for each in amounts):
        found.append(Problem("carrier_rule_numbers"))
    return found


@dataclass(frozen=True, slots=True)
class CarrierRule:
    """One rule; `contract_id` None: the cheapest contract that goes there."""

    id: int
    name: str = ""
    contract_id: int | None = None
    conditions: Conditions = field(default_factory=Conditions)


@dataclass(frozen=True, slots=True)
class Offer:
    """A contract at work, as far as the choice needs it."""

    id: int
    tariffs: Sequence[Tariff] = ()


@dataclass(frozen=True, slots=True)
class OrderFacts:
    """What the rules may ask of an order. `region` six digits or ""; `goods` and `memo` all its words; `amount` what was
    paid (CNY)."""

    id: int
    region: str = ""
    weight: Weight = Weight()
    goods: str = ""
    memo: str = ""
    flag: int | None = None
    amount: Decimal = Decimal("0.00")


@dataclass(frozen=True, slots=True)
class Asked:
    """What one rule said. `rule_id` None: the end of the list."""

    rule_id: int | None
    reason: Reason
    data: Mapping[str, Datum] = field(default_factory=dict)

    @property
    def took(self) -> bool:
        return self.reason in TOOK


@dataclass(frozen=True, slots=True)
class Choice:
    """The contract of an order (None: nobody goes there), what it asks, and every rule that was asked, in order."""

    contract_id: int | None
    quote: Quote | None
    asked: tuple[Asked, ...]

    @property
    def rule_id(self) -> int | None:
        return self.asked[-1].rule_id if self.asked and self.asked[-1].took else None


def choose(order: OrderFacts, rules: Sequence[CarrierRule], offers: Sequence[Offer]) -> Choice:
    """By which of the offered contracts (in the shop's order) the order goes."""
    quotes = {offer.id: quote(offer.tariffs, order.region, order.weight) for offer in offers}
    asked: list[Asked] = []
    for rule in rules:
        found, said = _ask(rule, order, quotes)
        asked.append(said)
        if said.took:
            return Choice(found, quotes[found] if found is not None else None, tuple(asked))
    first = next((offer.id for offer in offers if quotes[offer.id].served), None)
    asked.append(Asked(None, "none_goes" if first is None else "first"))
    return Choice(first, None if first is None else quotes[first], tuple(asked))


def _ask(rule: CarrierRule, order: OrderFacts, quotes: Mapping[int, Quote]) -> tuple[int | None, Asked]:
    stands = unfit(rule.conditions, order)
    if stands is not None:
        return None, Asked(rule.id, stands)
    if rule.contract_id is None:
        return _cheapest(rule, quotes)
    offered = quotes.get(rule.contract_id)
    if offered is None:
        return None, Asked(rule.id, "contract_closed")
    if not offered.served:
        return None, Asked(rule.id, "not_served")
    return rule.contract_id, Asked(rule.id, "fits")


def _cheapest(rule: CarrierRule, quotes: Mapping[int, Quote]) -> tuple[int | None, Asked]:
    """The contract that asks least; of several the first in the shop's list. Where the weight is not known, what they ask at
    least is compared, and the reason says so."""
    prices = {contract: each.least for contract, each in quotes.items() if each.least is not None}
    if not prices:
        return None, Asked(rule.id, "nothing_to_compare")
    best = min(prices, key=lambda contract: prices[contract] or Decimal(0))
    known = all(quotes[contract].price is not None for contract in prices)
    return best, Asked(rule.id, "cheapest", {"compared": len(prices), "known": known})


def unfit(asked: Conditions, order: OrderFacts) -> Reason | None:
    """The first condition that an order does not fulfil, or None."""
    if asked.regions and not any(covers(region, order.region) for region in asked.regions):
        return "region" if order.region else "region_unknown"
    weighed = _unfit_weight(asked, order.weight)
    if weighed is not None:
        return weighed
    if asked.goods and not _says(order.goods, asked.goods):
        return "goods"
    if asked.memo and not _says(order.memo, asked.memo):
        return "memo"
    if asked.flags and order.flag not in asked.flags:
        return "flag"
    if asked.min_amount is not None and order.amount < asked.min_amount:
        return "amount_low"
    if asked.max_amount is not None and order.amount > asked.max_amount:
        return "amount_high"
    return None


def _unfit_weight(asked: Conditions, weight: Weight) -> Reason | None:
    """What is known of a weight is enough to be too heavy, or heavy enough; for anything else all of it must be known."""
    if asked.max_grams is not None and weight.grams > asked.max_grams:
        return "too_heavy"
    if asked.min_grams is not None and weight.grams < asked.min_grams:
        return "too_light" if weight.known is not None else "weight_unknown"
    if asked.max_grams is not None and weight.known is None:
        return "weight_unknown"
    return None


def _says(text: str, words: Sequence[str]) -> bool:
    text = text.casefold()
    return any(word.casefold() in text for word in words)
