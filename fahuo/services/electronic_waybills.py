"""Electronic waybills from the shop's own stock, as the marketplace's print software asks for them: a number and what to
print. They are labels like all others (services/labels.py)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from fahuo.rules.labels import LabelData
from fahuo.rules.people import Actor
from fahuo.rules.problems import Problem, Refusal
from fahuo.services import labels
from fahuo.services.label_pages import Book
from fahuo.services.labels import Made
from fahuo.store import contracts as contract_store
from fahuo.store import label_data, stock
from fahuo.store.boards import labels as board


@dataclass(frozen=True, slots=True)
class Issued:
    """A label and what stands on it."""

    label_id: int
    data: LabelData


@dataclass(frozen=True, slots=True)
class Balance:
    """A contract with its numbers: left, taken, given up, printed."""

    contract: Any
    left: int
    taken: int
    voided: int
    printed: int


def contract_for(shop_id: int, carrier: str) -> Any:
    """The shop's first active contract with this carrier that has numbers of its own. Refusal `stock_contract_missing`."""
    for contract in contract_store.of_shop(shop_id, active=True):
        if contract.carrier == carrier and contract.numbers == "stock":
            return contract
    raise Refusal.of("stock_contract_missing", carrier=carrier)


def issue(actor: Actor, groups: Sequence[Sequence[int]], *, carrier: str, now: datetime) -> list[Issued | Problem]:
    """A label for each group of orders (of one receiver), by the shop's contract with the carrier; same order, same length.

    An order that has a label keeps it, so asking again gives the same number. Problems: what `labels.make` says.
    """
    contract = contract_for(actor.shop_id, carrier)
    found: list[Issued | Problem] = []
    for group in groups:
        with transaction.atomic():
            made = labels.make(actor, list(group), contract_id=contract.id, merge=True, now=now)
            wrong = next((each for each in made if isinstance(each, Problem)), None)
            ids = {each.label_id for each in made if isinstance(each, Made)}
            if wrong is None and len(ids) > 1:
                wrong = Problem("receivers_differ", {"order": str(group[0]), "other": str(group[-1])})
            if wrong is not None:
                transaction.set_rollback(True)
                found.append(wrong)
                continue
            found.append(printed(actor, ids.pop(), now=now))
    return found


def printed(actor: Actor, label_id: int, *, now: datetime) -> Issued:
    """What stands on a label, with nothing masked: it goes to a printer. Refusals `not_permitted`, `label_unknown`."""
    actor.require("make_labels")
    rows = label_data.on_labels(actor.shop_id, [label_id])
    if not rows:
        raise Refusal.of("label_unknown")
    return Issued(label_id, Book(actor.shop_id).data(rows[0], now=now, whole=True))


def label_of(shop_id: int, carrier: str, waybill: str) -> int:
    """The living label of a number. Refusal `label_unknown`."""
    found = board.living(shop_id, carrier, waybill)
    if found is None:
        raise Refusal.of("label_unknown")
    return found


def cancel(actor: Actor, carrier: str, waybill: str, *, reason: str, now: datetime) -> None:
    """Give a number up. Refusals `label_unknown`, `label_shipped`, `not_permitted`."""
    outcome = labels.void(actor, [label_of(actor.shop_id, carrier, waybill)], reason=reason, now=now)[0]
    if isinstance(outcome, Problem):
        raise Refusal(outcome)


def balances(shop_id: int, carrier: str) -> list[Balance]:
    """The shop's active contracts ("": with all carriers) that have numbers of their own, with what is left of them."""
    found = []
    for contract in contract_store.of_shop(shop_id, active=True):
        if contract.numbers != "stock" or (carrier and contract.carrier != carrier):
            continue
        counts: dict[str, int] = {}
        for row in stock.balances(shop_id, contract.id):
            counts[row.state] = counts.get(row.state, 0) + int(row.count)
        found.append(Balance(
            contract, counts.get("free", 0) + counts.get("returned", 0),
            counts.get("taken", 0) + counts.get("printed", 0) + counts.get("shipped", 0), counts.get("voided", 0),
            counts.get("printed", 0) + counts.get("shipped", 0),
        ))  # fmt: skip
    return found
