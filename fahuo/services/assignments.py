"""分配快递: orders are given to contracts, by the shop's rules or by a person; and why, for one order."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from fahuo.rules.carrier_choice import CarrierRule, Choice, Offer, OrderFacts, choose, read_conditions
from fahuo.rules.contracts import Quote, Tariff, Weight, quote
from fahuo.rules.orders import IN_BACKLOG
from fahuo.rules.people import Actor
from fahuo.rules.problems import Refusal
from fahuo.store import assignments as store
from fahuo.store import contracts
from fahuo.store.assignments import Assigned
from fahuo.store.models import Contract


@dataclass(frozen=True, slots=True)
class Desk:
    """A shop's contracts at work and its rules at work, in their order, read once for many orders."""

    contracts: list[Contract]
    offers: list[Offer]
    rules: list[CarrierRule]
    names: dict[int, str]

    @classmethod
    def of(cls, shop_id: int) -> "Desk":
        found = contracts.of_shop(shop_id, active=True)
        tariffs: dict[int, list[Tariff]] = {contract.id: [] for contract in found}
        for row in contracts.tariffs(shop_id, list(tariffs)):
            tariffs[row.contract_id].append(Tariff(**{name: getattr(row, name) for name in Tariff.__slots__}))
        kept = contracts.rules(shop_id, active=True)
        rules = [CarrierRule(row.id, row.name, row.contract_id, read_conditions(row.conditions)) for row in kept]
        offers = [Offer(contract.id, tariffs[contract.id]) for contract in found]
        return cls(found, offers, rules, {row.id: row.name for row in kept})

    def choose(self, row: Any) -> Choice:
        """By which contract an order goes; `row` of store.assignments.facts."""
        return choose(facts_of(row), self.rules, self.offers)


def facts_of(row: Any) -> OrderFacts:
    """An order as the rules see it."""
    return OrderFacts(
        row.id, row.region, Weight(int(row.grams), row.unknown), row.goods, row.memo, row.flag, row.amount
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Given:
    """What became of orders that were to be given to contracts: how many changed, stayed as they were, or have none now."""

    changed: int
    stayed: int
    without: int


def choose_many(actor: Actor, order_ids: Sequence[int], *, again: bool = False, now: datetime) -> Given:
    """Let the shop's rules give these orders to contracts. `again`: also those that a person has given to one.

    Orders with a label, orders in a courier's hands and orders that do not wait any more stay as they are. Refusals:
    `not_permitted`, `no_orders_chosen`.
    """
    actor.require("assign_carriers")
    if not order_ids:
        raise Refusal.of("no_orders_chosen")
    with transaction.atomic():
        if again:
            store.clear(actor, order_ids, now=now)
        changed, without = _choose(actor, order_ids, now=now)
    return Given(changed, len(set(order_ids)) - changed - without, without)


def choose_new(actor: Actor, order_ids: Sequence[int], *, now: datetime) -> None:
    """Orders came in, or changed: let the rules choose, where the shop has any. In the transaction that wrote them."""
    if order_ids and contracts.has_rules(actor.shop_id):
        _choose(actor, order_ids, now=now)


def _choose(actor: Actor, order_ids: Sequence[int], *, now: datetime) -> tuple[int, int]:
    """(how many orders changed, for how many there was none)."""
    desk = Desk.of(actor.shop_id)
    wanted: dict[int, Assigned] = {}
    without = 0
    for row in store.facts(actor.shop_id, order_ids):
        if row.status not in IN_BACKLOG or row.kind == "virtual" or row.chosen_by in ("person", "label"):
            continue
        choice = desk.choose(row)
        if choice.contract_id is not None:
            wanted[row.id] = Assigned(choice.contract_id, choice.rule_id)
        elif row.contract_id is None:
            without += 1
    return len(store.assign(actor, wanted, by="rule", now=now)), without


def assign(actor: Actor, order_ids: Sequence[int], contract_id: int, *, now: datetime) -> Given:
    """Give these orders to a contract by hand; no rule overrules that. Safe to repeat.

    Orders with a label, or that do not wait any more, stay as they are; from a courier of another contract they are taken.
    Refusals: `not_permitted`, `no_orders_chosen`, `contract_unknown`, `contract_closed_to_orders`.
    """
    actor.require("assign_carriers")
    if not order_ids:
        raise Refusal.of("no_orders_chosen")
    contract = contracts.find(actor.shop_id, contract_id)
    if contract is None:
        raise Refusal.of("contract_unknown")
    if not contract.active:
        raise Refusal.of("contract_closed_to_orders", name=contract.name)
    with transaction.atomic():
        wanted = {order_id: Assigned(contract_id) for order_id in sorted(set(order_ids))}
        changed = store.assign(actor, wanted, by="person", now=now)
    return Given(len(changed), len(wanted) - len(changed), 0)


@dataclass(frozen=True, slots=True)
class Explained:
    """Why an order goes by its contract: `row` of store.assignments.facts (with the assignment as it stands), what the rules
    would say now, and what each contract at work asks, in the shop's order."""

    row: Any
    weight: Weight
    choice: Choice
    quotes: list[tuple[Contract, Quote]]
    rule_names: dict[int, str]
    assigned: Contract | None


def explain(shop_id: int, order_id: int) -> Explained | None:
    """What speaks for which contract, for one order; None where the shop has no such order."""
    found = store.facts(shop_id, [order_id])
    if not found:
        return None
    row, desk = found[0], Desk.of(shop_id)
    weight = Weight(int(row.grams), row.unknown)
    quotes = [
        (contract, quote(offer.tariffs, row.region, weight))
        for contract, offer in zip(desk.contracts, desk.offers, strict=True)
    ]
    assigned = None if row.contract_id is None else contracts.find(shop_id, row.contract_id)
    return Explained(row, weight, desk.choose(row), quotes, desk.names, assigned)
