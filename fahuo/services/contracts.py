"""Contracts with carriers' branches: made and changed, with what they ask for a parcel, and the shop's carrier rules."""

from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any, Final

from django.db import transaction

from fahuo.connectors.carriers import services
from fahuo.rules import contracts as rules
from fahuo.rules.carrier_choice import Conditions, condition_problems
from fahuo.rules.contracts import ContractData, Tariff
from fahuo.rules.people import Actor
from fahuo.rules.problems import Problem, Refusal
from fahuo.rules.regions import digits_of, words_of
from fahuo.rules.shipments import carrier_name
from fahuo.store import carriers as accounts
from fahuo.store import contracts as store
from fahuo.store import journal
from fahuo.store.models import Contract

MOST_TARIFFS: Final = 400
"""Price rows of one contract: every province and some cities."""
MOST_RULES: Final = 100


def find(shop_id: int, contract_id: int) -> Contract:
    """A contract of the shop. Raises Refusal `contract_unknown`."""
    found = store.find(shop_id, contract_id)
    if found is None:
        raise Refusal.of("contract_unknown")
    return found


def data_of(contract: Contract) -> ContractData:
    """A contract as a form holds it."""
    kept = {name: getattr(contract, name) for name in ContractData.__slots__}
    return ContractData(**{**kept, "pickup_times": tuple(contract.pickup_times)})


def require_service(shop_id: int, account_id: int, carrier: str) -> None:
    """Whether an account of the shop's can order numbers of this carrier. Refusals `carrier_account_unknown`,
    `carrier_cannot`, `carrier_not_served`."""
    account = accounts.one(shop_id, account_id)
    kind = services().get(account.kind) if account is not None else None
    if kind is None:
        raise Refusal.of("carrier_account_unknown")
    if "order" not in kind.can:
        raise Refusal.of("carrier_cannot")
    if carrier not in kind.codes:
        raise Refusal.of("carrier_not_served", carrier=carrier_name(carrier), carrier_en=carrier_name(carrier, "en"))


def keep(actor: Actor, data: ContractData, *, contract_id: int | None = None, now: datetime) -> int:
    """Make a contract, or change the one with `contract_id`; its id. Safe to repeat.

    Refusals, all slips at once: `not_permitted`, `contract_unknown`, `contract_name_taken`, `contract_carrier_stays`,
    `contract_has_numbers`, what `rules.contracts.contract_problems` says, and of an account what `require_service` does.
    """
    actor.require("manage_contracts")
    problems = rules.contract_problems(data)
    if problems:
        raise Refusal(*problems)
    values = {**asdict(data), "pickup_times": sorted(set(data.pickup_times))}
    if data.numbers == "service" and data.carrier_account_id is not None:
        require_service(actor.shop_id, data.carrier_account_id, data.carrier)
    else:
        values["carrier_account_id"] = None
    values |= {name: str(values[name]).strip() for name in rules.TEXTS}
    with transaction.atomic():
        before = None
        if contract_id is not None:
            before = store.find(actor.shop_id, contract_id, lock=True)
            if before is None:
                raise Refusal.of("contract_unknown")
            _refuse_change(actor.shop_id, before, data)
        kept = store.keep(actor.shop_id, contract_id, values, now=now)
        if kept is None:
            raise Refusal.of("contract_name_taken", name=data.name.strip())
        changed = [name for name, value in values.items() if before is None or getattr(before, name) != value]
        if changed:
            told = {"contract": kept, "name": values["name"], "fields": [] if before is None else changed}
            act = "contract.made" if before is None else "contract.changed"
            journal.append(actor, act, [journal.Moved(after=told)], now=now)
    return kept


def _refuse_change(shop_id: int, before: Contract, data: ContractData) -> None:
    """A contract keeps its carrier once it was used, and its way to numbers while it has some."""
    if (before.carrier, before.numbers) == (data.carrier, data.numbers):
        return
    used = store.used(shop_id, before.id)
    if used.stocked:
        raise Refusal.of("contract_has_numbers", name=before.name)
    if used.labelled and before.carrier != data.carrier:
        raise Refusal.of("contract_carrier_stays", name=before.name)


def place(actor: Actor, contract_ids: Sequence[int], *, now: datetime) -> int:
    """Put contracts into an order: the first that goes there takes what no rule takes. How many moved."""
    actor.require("manage_contracts")
    with transaction.atomic():
        count = store.place(actor.shop_id, contract_ids)
        journal.append(actor, "contracts.placed", [journal.Moved(after={"contracts": list(contract_ids)})], now=now)
    return count


# ---- tariffs ----------------------------------------------------------------------------------------------------


def tariffs_of(shop_id: int, contract_id: int) -> list[Tariff]:
    """What a contract asks, by region; "" (everywhere else) first."""
    return [_tariff(row) for row in store.tariffs(shop_id, [contract_id])]


def _tariff(row: Any) -> Tariff:
    return Tariff(**{name: getattr(row, name) for name in Tariff.__slots__})


def set_tariffs(actor: Actor, contract_id: int, tariffs: Sequence[Tariff], *, now: datetime) -> bool:
    """Put these prices in the place of the contract's; whether they changed. Safe to repeat.

    Refusals, all slips at once: `not_permitted`, `contract_unknown`, `tariff_region_twice`, `tariffs_many`, and what
    `rules.contracts.tariff_problems` says.
    """
    actor.require("manage_contracts")
    rows = [Tariff(digits_of(each.region), *list(asdict(each).values())[1:]) for each in tariffs]
    problems = [problem for row in rows for problem in rules.tariff_problems(row)]
    if len(rows) > MOST_TARIFFS:
        problems.insert(0, Problem("tariffs_many", {"most": MOST_TARIFFS}))
    seen: set[str] = set()
    for row in rows:
        if row.region in seen:
            problems.append(Problem("tariff_region_twice", {"region": words_of(row.region) if row.region else "—"}))
        seen.add(row.region)
    if problems:
        raise Refusal(*problems)
    with transaction.atomic():
        contract = store.find(actor.shop_id, contract_id, lock=True)
        if contract is None:
            raise Refusal.of("contract_unknown")
        if sorted(rows, key=lambda row: row.region) == tariffs_of(actor.shop_id, contract_id):
            return False
        store.set_tariffs(actor.shop_id, contract_id, [asdict(row) for row in rows])
        told = {"contract": contract_id, "name": contract.name, "rows": len(rows)}
        journal.append(actor, "contract.tariffs", [journal.Moved(after=told)], now=now)
    return True


# ---- carrier rules ----------------------------------------------------------------------------------------------


def keep_rule(
    actor: Actor, *, name: str, contract_id: int | None, conditions: Conditions, active: bool = True,
    rule_id: int | None = None, now: datetime,
) -> int:  # fmt: skip
    """Add a rule at the end of the list, or change the one with `rule_id`; its id. `contract_id` None: the cheapest.

    Refusals: `not_permitted`, `carrier_rule_unknown`, `contract_unknown`, `carrier_rules_many`, `contract_text_long`, and
    what `rules.carrier_choice.condition_problems` says.
    """
    actor.require("manage_contracts")
    problems = condition_problems(conditions)
    if len(name) > rules.LONGEST:
        problems.append(Problem("contract_text_long", {"most": rules.LONGEST}))
    if problems:
        raise Refusal(*problems)
    with transaction.atomic():
        if contract_id is not None:
            find(actor.shop_id, contract_id)
        if rule_id is not None and store.rule(actor.shop_id, rule_id) is None:
            raise Refusal.of("carrier_rule_unknown")
        if rule_id is None and len(store.rules(actor.shop_id)) >= MOST_RULES:
            raise Refusal.of("carrier_rules_many", most=MOST_RULES)
        values = {
            "name": name.strip(), "contract_id": contract_id, "conditions": conditions.kept(), "active": active,
        }  # fmt: skip
        kept = store.keep_rule(actor.shop_id, rule_id, values)
        journal.append(actor, "carrier_rule.kept", [journal.Moved(after={"rule": kept, **values})], now=now)
    return kept


def drop_rule(actor: Actor, rule_id: int, *, now: datetime) -> bool:
    """Forget a rule; whether there was one. What it chose stays chosen. Refusal `not_permitted`."""
    actor.require("manage_contracts")
    return _with_told(
        actor, "carrier_rule.dropped", {"rule": rule_id}, lambda: store.drop_rule(actor.shop_id, rule_id), now=now
    )  # fmt: skip


def place_rules(actor: Actor, rule_ids: Sequence[int], *, now: datetime) -> bool:
    """Put rules into the order in which they are asked; whether there were any. Refusal `not_permitted`."""
    actor.require("manage_contracts")
    moved = {"rules": list(rule_ids)}
    return _with_told(
        actor, "carrier_rules.placed", moved, lambda: bool(store.place_rules(actor.shop_id, rule_ids)), now=now
    )  # fmt: skip


def _with_told(actor: Actor, act: str, told: dict[str, Any], do: Callable[[], bool], *, now: datetime) -> bool:
    with transaction.atomic():
        done = do()
        if done:
            journal.append(actor, act, [journal.Moved(after=told)], now=now)
    return done
