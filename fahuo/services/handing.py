"""Orders handed to the couriers of a contract, and taken back at once. One verb over any number of orders."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from django.db import transaction

from fahuo.rules.handing import NOTE, SEEN_AFTER, why_not_hand
from fahuo.rules.orders import IN_BACKLOG
from fahuo.rules.people import Actor
from fahuo.rules.problems import Problem, Refusal
from fahuo.store import clock, couriers, parcels
from fahuo.store import handing as store

MOST: Final = 10_000
"""So many orders are handed at once: one batch."""


@dataclass(slots=True)
class Handed:
    """What became of the orders that were asked: `moved` and `same` (nothing to do) by id, and why others were not."""

    moved: list[int] = field(default_factory=list)
    same: list[int] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    labels: list[Any] = field(default_factory=list)
    """Taken back: the living labels that exist already (store.handing.facts: label_id, waybill, label_state, number)."""


def contracts(actor: Actor) -> list[Any]:
    """The contracts that orders can be handed to: those in force that have a courier (store.couriers.contracts)."""
    actor.require("hand_to_couriers")
    return [row for row in couriers.contracts(actor.shop_id) if row.couriers]


def _asked(order_ids: Sequence[int]) -> list[int]:
    found = sorted(set(order_ids))
    if not found:
        raise Refusal.of("no_orders_chosen")
    if len(found) > MOST:
        raise Refusal.of("too_many_orders", most=MOST)
    return found


def _note(text: str) -> str:
    note = " ".join(text.replace("\0", "").split())
    if len(note) > NOTE:
        raise Refusal.of("courier_note_long", most=NOTE)
    return note


def hand(actor: Actor, order_ids: Sequence[int], *, contract_id: int, note: str = "", now: datetime) -> Handed:
    """Hand orders to the couriers of a contract, which becomes the orders' own; each has its verdict. Safe to repeat.

    `note` is a word to the courier about these orders. Refusals of the whole: `no_orders_chosen`, `too_many_orders`,
    `contract_not_in_force`, `contract_without_couriers`, `courier_note_long`. Problems of one order: what
    rules.handing.why_not_hand says, and `order_shares_label` where its label holds an order that is not handed with it.
    """
    actor.require("hand_to_couriers")
    asked, note = _asked(order_ids), _note(note)
    contract = next((row for row in couriers.contracts(actor.shop_id) if row.id == contract_id), None)
    if contract is None:
        raise Refusal.of("contract_not_in_force")
    if not contract.couriers:
        raise Refusal.of("contract_without_couriers", contract=contract.name)
    with transaction.atomic():
        return _hand(actor, asked, contract_id, contract.name, note, now)


def _hand(actor: Actor, asked: Sequence[int], contract_id: int, contract: str, note: str, now: datetime) -> Handed:
    parcels.lock_orders(actor.shop_id, asked)
    found, told = store.facts(actor.shop_id, asked), Handed()
    good = []
    for order in found:
        problem = why_not_hand(order, contract_id)
        if problem is not None:
            told.problems.append(problem)
        elif order.handed_to == contract_id:
            told.same.append(order.id)
        else:
            good.append(order)
    ids = _whole_labels(actor.shop_id, good, contract_id, told)
    if ids:
        told.moved = store.hand(actor, ids, contract_id=contract_id, contract=contract, note=note, now=now)
    return told


def _whole_labels(shop_id: int, good: Sequence[Any], contract_id: int, told: Handed) -> list[int]:
    """The orders whose labels are handed whole; the others are told among the problems."""
    ids = {order.id for order in good}
    torn = {
        row.label_id: row.number
        for row in store.shared(shop_id, [order.label_id for order in good if order.label_id], contract_id)
        if row.order_id not in ids and not row.handed
    }
    for order in good:
        if order.label_id in torn:
            named = {"order": order.number, "other": torn[order.label_id]}
            told.problems.append(Problem("order_shares_label", named))
    return [order.id for order in good if order.label_id not in torn]


def take_back(actor: Actor, order_ids: Sequence[int], *, now: datetime) -> Handed:
    """Take orders out of the couriers' hands at once; each has its verdict. Safe to repeat.

    `labels` of the answer are those that exist already: paper with them may be out, and they can be voided; what of them
    waits in a courier's print job is not printed any more. Problems:
    `order_not_handed`, `order_left_already`.
    """
    actor.require("hand_to_couriers")
    asked, told = _asked(order_ids), Handed()
    with transaction.atomic():
        waiting = {order.id for order in parcels.lock_orders(actor.shop_id, asked) if order.status in IN_BACKLOG}
        good = []
        for order in store.facts(actor.shop_id, asked):
            if order.handed_to is None:
                told.problems.append(Problem("order_not_handed", {"order": order.number}))
            elif order.id not in waiting and order.status != "closed":
                told.problems.append(Problem("order_left_already", {"order": order.number}))
            else:
                good.append(order)
        told.moved = store.take_back(actor, [order.id for order in good], now=now)
        moved = set(told.moved)
        told.labels = [order for order in good if order.label_id is not None and order.id in moved]
        store.not_printed(actor.shop_id, sorted({order.label_id for order in told.labels}))
    return told


@transaction.atomic
def set_note(actor: Actor, order_id: int, note: str) -> bool:
    """Write a word to the courier who has the order; False when nothing changed. Refusal `courier_note_long`."""
    actor.require("hand_to_couriers")
    return store.set_note(actor.shop_id, order_id, _note(note))


def run_due(*, now: datetime) -> int:
    """Hand over what came to contracts that hand over by themselves, in all shops; how many orders.

    What cannot be handed is passed over, and asked again the next time.
    """
    count = 0
    for shop_id in store.handing_shops():
        clerk = Actor(shop_id, None, "clock", is_owner=True)
        for row in store.to_hand(shop_id):
            with transaction.atomic():
                count += len(_hand(clerk, row.order_ids[:MOST], row.contract_id, row.name, "", now).moved)
    return count


def forget(*, now: datetime) -> int:
    """Let go of what left longer ago than couriers see it, in all shops; how many orders."""
    return sum(store.forget(shop_id, before=now - SEEN_AFTER) for shop_id in clock.shops())
