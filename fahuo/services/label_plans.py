"""What would happen if labels were made and printed for these orders: shown before anything is taken or sent."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from fahuo.rules.label_states import why_blocked
from fahuo.rules.problems import Problem
from fahuo.services.label_verdicts import (
    Made,
    Wanted,
    contract_of,
    contracts_of,
    name_shipped,
    standing,
    wanted_for,
)
from fahuo.store import labels, print_jobs, stock
from fahuo.store.boards import awaited

EXAMPLES: Final = 5
"""Orders that are named for each thing that is wrong."""
IN_STOCK: Final = ("free", "returned")


@dataclass(slots=True)
class Share:
    """What one contract is asked for: so many new labels, of so many numbers that its stock has. Numbers of a carrier's
    service are ordered there instead; for so many of them it was `asked` before."""

    contract: Any
    needed: int = 0
    left: int = 0
    asked: int = 0

    @property
    def by_service(self) -> bool:
        return bool(self.contract.numbers == "service")

    @property
    def short(self) -> int:
        return 0 if self.by_service else max(self.needed - self.left, 0)


@dataclass(slots=True)
class Fault:
    """One thing that stands in the way of so many orders; the first of them with their ids."""

    code: str
    count: int = 0
    examples: list[tuple[int, Problem]] = field(default_factory=list)


@dataclass(slots=True)
class Plan:
    """`new`: labels to be made at once, contract by contract; `ordered`: those that are made when a service gives the number.
    `ready`: labels that stand and are not printed, `printed` before, `under_way` in a job. `faults`: what is not printed, and why."""

    orders: int = 0
    shares: list[Share] = field(default_factory=list)
    ready: list[int] = field(default_factory=list)
    printed: list[int] = field(default_factory=list)
    under_way: int = 0
    faults: list[Fault] = field(default_factory=list)

    @property
    def new(self) -> int:
        return sum(min(share.needed, share.left) for share in self.shares if not share.by_service)

    @property
    def ordered(self) -> int:
        return sum(share.needed for share in self.shares if share.by_service)

    @property
    def numbers(self) -> int:
        """How many numbers would be taken or ordered."""
        return self.new + self.ordered

    @property
    def short(self) -> int:
        return sum(share.short for share in self.shares)

    @property
    def going(self) -> int:
        """How many labels would come out now."""
        return self.new + len(self.ready)


def plan(shop_id: int, order_ids: Sequence[int], *, contract_id: int | None = None, merge: bool = False) -> Plan:
    """The verdict on each order as `labels.make` and `print_jobs.make` would give it now. Refusal `contract_unknown`."""
    contracts = contracts_of(shop_id, contract_id)
    facts = {row.id: row for row in labels.order_facts(shop_id, list(dict.fromkeys(order_ids)))}
    wanted: dict[object, Wanted] = {}
    made: dict[int, int] = {}
    wrong: dict[int, Problem] = {}
    for order_id in dict.fromkeys(order_ids):
        order = facts.get(order_id)
        verdict = standing(order, contract_id) or wanted_for(
            order_id, order, contract_of(order, contracts, contract_id)
        )
        if isinstance(verdict, Wanted):
            wanted[(verdict.contract.id, verdict.key) if merge else order_id] = verdict
        elif isinstance(verdict, Made):
            made.setdefault(verdict.label_id, order_id)
        else:
            wrong[order_id] = verdict
    name_shipped(shop_id, wrong, {row.number: row.id for row in facts.values()})
    found = Plan(len(dict.fromkeys(order_ids)), _shares(shop_id, wanted.values()))
    _standing_labels(shop_id, found, made, wrong)
    for order_id, problem in wrong.items():
        _fault(found, order_id, problem)
    return found


def _shares(shop_id: int, wanted: Collection[Wanted]) -> list[Share]:
    shares: dict[int, Share] = {}
    asked = {row_id for row in awaited.of_orders(shop_id, _by_service(wanted)) for row_id in row.order_ids}
    for want in wanted:
        share = shares.setdefault(want.contract.id, Share(want.contract))
        share.needed += 1
        share.asked += share.by_service and not asked.isdisjoint(want.order_ids)
    if shares:
        for row in stock.balances(shop_id):
            if row.state in IN_STOCK and row.contract_id in shares:
                shares[row.contract_id].left += row.count
    return list(shares.values())


def _by_service(wanted: Collection[Wanted]) -> list[int]:
    return [order_id for want in wanted if want.contract.numbers == "service" for order_id in want.order_ids]


def _standing_labels(shop_id: int, found: Plan, made: dict[int, int], wrong: dict[int, Problem]) -> None:
    """Sort the labels that orders have already: to print, printed before, in a job, blocked."""
    rows: dict[int, list[Any]] = {}
    for row in labels.label_facts(shop_id, list(made)) if made else ():
        rows.setdefault(row.label_id, []).append(row)
    under_way = print_jobs.under_way(shop_id, list(made)) if made else {}
    for label_id, order_id in made.items():
        problem = next((each for each in map(why_blocked, rows[label_id]) if each is not None), None)
        if problem is not None:
            wrong[order_id] = problem
        elif label_id in under_way:
            found.under_way += 1
        elif rows[label_id][0].print_count:
            found.printed.append(label_id)
        else:
            found.ready.append(label_id)


def _fault(found: Plan, order_id: int, problem: Problem) -> None:
    fault = next((each for each in found.faults if each.code == problem.code), None)
    if fault is None:
        fault = Fault(problem.code)
        found.faults.append(fault)
    fault.count += 1
    if len(fault.examples) < EXAMPLES:
        fault.examples.append((order_id, problem))


def blocked(shop_id: int, label_ids: Sequence[int]) -> dict[int, Problem]:
    """label id -> what forbids printing it and shipping under it, of those that are blocked."""
    found: dict[int, Problem] = {}
    for row in labels.label_facts(shop_id, label_ids) if label_ids else ():
        problem = why_blocked(row)
        if problem is not None:
            found.setdefault(row.label_id, problem)
    return found
