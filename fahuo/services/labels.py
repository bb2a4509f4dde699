"""Labels (面单): made for many orders at once, voided, replaced, shipped under. Each verb is one transaction.

A list of orders (or labels) goes in and a list of outcomes comes out, of the same order and length. Doing it twice
takes no number twice and ships nothing twice.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from django.db import transaction

from fahuo.rules import waybills
from fahuo.rules.label_states import why_blocked
from fahuo.rules.people import Actor
from fahuo.rules.problems import Problem, Refusal
from fahuo.services import number_orders, timers
from fahuo.services.label_verdicts import (
    Made,
    Wanted,
    contract_of,
    contracts_of,
    elsewhere,
    locked,
    name_shipped,
    standing,
    wanted_for,
)
from fahuo.services.parcels import left
from fahuo.store import labels, parcels, statistics, stock

__all__ = ["REASON_MOST", "Made", "entered", "make", "reason_of", "replace", "ship", "void", "why_blocked"]

REASON_MOST: Final = 200
"""Characters of the reason why a label was voided or printed again."""


def make(
    actor: Actor, order_ids: Sequence[int], *, now: datetime, contract_id: int | None = None, merge: bool = False
) -> list[Made | Problem]:
    """Give each order a label with a number of its contract: the one named, else the order's, else the shop's first.

    `merge` puts orders of one receiver onto one label. Numbers come from the stock, to the first orders first; where it
    runs short the rest say so. Numbers of a carrier's service are ordered there (`number_ordered`); the label is made when
    the number comes. An order that has a label keeps it. Problems: what `why_not_ship` says, `order_unknown`,
    `order_virtual`, `label_needs_receiver`, `contract_missing`, `contract_closed`, `numbers_entered`, `stock_short`,
    `label_elsewhere`, `number_ordered`, `contract_without_service`. Refusals: `no_orders_chosen`, `contract_unknown`.
    """
    actor.require("make_labels")
    if not order_ids:
        raise Refusal.of("no_orders_chosen")
    found: dict[int, Made | Problem] = {}
    wanted: dict[object, Wanted] = {}
    with transaction.atomic():
        contracts = contracts_of(actor.shop_id, contract_id)
        orders = locked(actor.shop_id, order_ids)
        for order_id, order in orders.items():
            contract = contract_of(order, contracts, contract_id)
            verdict = standing(order, contract_id) or wanted_for(order_id, order, contract)
            if isinstance(verdict, Wanted):
                group = (verdict.contract.id, verdict.key) if merge else order_id
                wanted.setdefault(group, Wanted(verdict.contract, verdict.key, [])).order_ids.append(order_id)
            else:
                found[order_id] = verdict
        name_shipped(actor.shop_id, found, {order.number: order.id for order in orders.values() if order is not None})
        found |= _take(actor, list(wanted.values()), now=now)
        if len(wanted) >= statistics.MANY:
            transaction.on_commit(lambda: statistics.gather(actor.shop_id, ["labels", "label_orders"]))
    return [found[order_id] for order_id in order_ids]


def _take(
    actor: Actor, wanted: Sequence[Wanted], *, now: datetime, reason: str = ""
) -> dict[int, Made | Problem]:  # fmt: skip
    """Take numbers for these labels, contract by contract, and write them; what became of each order.

    A label that is replaced is given up only when there is a number for the new one.
    """
    found: dict[int, Made | Problem] = {}
    served: list[tuple[Wanted, stock.Taken]] = []
    for contract_id in sorted({want.contract.id for want in wanted}):
        mine = [want for want in wanted if want.contract.id == contract_id]
        if mine[0].contract.numbers == "service":
            found |= number_orders.ask(actor, mine, reason=reason, now=now)
            continue
        taken = _fresh(actor, contract_id, len(mine), now=now)
        served += zip(mine, taken, strict=False)
        for want in mine[len(taken) :]:
            data = {"contract": want.contract.name, "there": len(taken), "needed": len(mine)}
            found |= dict.fromkeys(want.order_ids, Problem("stock_short", data))
    _give_up(actor, [want.replaces for want, _ in served if want.replaces is not None], reason=reason, now=now)
    sheet = labels.Sheet()
    for want, number in served:
        sheet.label(
            want.contract.id, number.carrier, number.number, number.id, want.key, want.order_ids, want.replaces
        )  # fmt: skip
    numbers = {order_id: number for want, number in served for order_id in want.order_ids}
    for order_id, label_id in labels.make(actor, sheet, now=now).items() if served else ():
        found[order_id] = Made(order_id, label_id, numbers[order_id].carrier, numbers[order_id].number)
    return found


def _fresh(actor: Actor, contract_id: int, count: int, *, now: datetime) -> list[stock.Taken]:
    """So many numbers that nothing uses. One that a parcel or an entered label has by now leaves the stock instead."""
    fresh: list[stock.Taken] = []
    while len(fresh) < count:
        taken = stock.take(actor, contract_id, count - len(fresh), now=now)
        used = labels.used(actor.shop_id, [row.carrier for row in taken], [row.number for row in taken])
        stock.move(actor, [taken[n].id for n, row in used.items() if row.shipped], "ship", now=now)
        stock.move(actor, [taken[n].id for n, row in used.items() if not row.shipped], "void", now=now)
        fresh += [number for n, number in enumerate(taken) if n not in used]
        if not used:
            break
    return fresh


def entered(
    actor: Actor, order_id: int, contract_id: int, waybill: str, now: datetime, *, warnings: list[Problem] | None = None
) -> Made | Problem:
    """Give an order a label under a number that somebody entered, by a contract whose courier brings the numbers.

    What a person should look at is added to `warnings` (a number used before). Problems: as `make`, what
    `waybills.check` says, `numbers_from_stock`, `waybill_in_use`, `number_on_label`, `number_of_stock`.
    """
    actor.require("make_labels")
    waybill = waybills.normalise(waybill)
    with transaction.atomic():
        contract = contracts_of(actor.shop_id, contract_id)[contract_id]
        order = locked(actor.shop_id, [order_id])[order_id]
        if order is not None and order.label_id is not None:
            same = (order.label_contract_id, order.waybill) == (contract_id, waybill)
            return Made(order_id, order.label_id, order.carrier, waybill, new=False) if same else elsewhere(order)
        want = wanted_for(order_id, order, contract, "entered")
        if not isinstance(want, Wanted):
            return want
        wrong = _why_not_number(actor.shop_id, contract.carrier, waybill)
        if wrong is not None:
            return wrong
        if warnings is not None and parcels.used_before(actor.shop_id, contract.carrier, waybill):
            warnings.append(Problem("waybill_used_before", {"value": waybill}))
        sheet = labels.Sheet()
        sheet.label(contract_id, contract.carrier, waybill, None, want.key, [order_id])
        return Made(order_id, labels.make(actor, sheet, now=now)[order_id], contract.carrier, waybill)


def numbered(actor: Actor, want: Any, waybill: str, now: datetime) -> int | Problem:
    """The label under a number that a service gave for these orders; its id. Inside the caller's transaction.

    `want`: contract_id, order_ids, receiver_key, replaces_id, reason. Problems: `number_not_wanted`, `number_clashes`.
    """
    replaced = [] if want.replaces_id is None else [want.replaces_id]
    orders = locked(actor.shop_id, want.order_ids)
    contract = contracts_of(actor.shop_id, want.contract_id)[want.contract_id]
    labels.lock(actor.shop_id, replaced)
    for order_id, order in orders.items():
        fits = (
            order is not None and order.label_id in (None, want.replaces_id) and order.receiver_key == want.receiver_key
        )  # fmt: skip
        if not fits or isinstance(wanted_for(order_id, order, contract, "service"), Problem):
            return Problem("number_not_wanted", {"order": order_id if order is None else order.number})
    if labels.used(actor.shop_id, [contract.carrier], [waybill]) or labels.in_stock(
        actor.shop_id, contract.carrier, waybill
    ):
        return Problem("number_clashes", {"value": waybill})
    _give_up(actor, replaced, reason=want.reason, now=now)
    sheet = labels.Sheet()
    sheet.label(want.contract_id, contract.carrier, waybill, None, want.receiver_key, want.order_ids, want.replaces_id)
    return labels.make(actor, sheet, now=now)[want.order_ids[0]]


def _why_not_number(shop_id: int, carrier: str, waybill: str) -> Problem | None:
    """What is wrong with a number that was entered."""
    wrong = waybills.check(carrier, waybill)
    if wrong is not None:
        return wrong
    using = labels.used(shop_id, [carrier], [waybill]).get(0)
    if using is not None:
        return _in_use(shop_id, carrier, waybill) if using.shipped else Problem("number_on_label", {"value": waybill})
    return Problem("number_of_stock", {"value": waybill}) if labels.in_stock(shop_id, carrier, waybill) else None


def _in_use(shop_id: int, carrier: str, waybill: str) -> Problem:
    living = parcels.living(shop_id, carrier, waybill)
    if living is None:
        return Problem("ship_overtaken")
    return Problem("waybill_in_use", {"value": waybill, "order": living.numbers[0]})


def void(actor: Actor, label_ids: Sequence[int], *, reason: str, now: datetime) -> list[int | Problem]:
    """Give labels up, with their numbers: voided, or back in stock when nothing was ever sent to a printer.

    The label's id comes back, also of one that was voided before. Problems: `label_unknown`, `label_shipped` (its parcel
    must be taken back first). Refusals: `reason_missing`, `reason_long`.
    """
    actor.require("make_labels")
    reason = reason_of(reason)
    with transaction.atomic():
        known = _lock_labels(actor.shop_id, label_ids)
        found: dict[int, int | Problem] = {}
        for label_id in dict.fromkeys(label_ids):
            rows = known.get(label_id)
            if not rows:
                found[label_id] = Problem("label_unknown")
            elif rows[0].label_state == "shipped":
                found[label_id] = Problem("label_shipped", {"waybill": rows[0].waybill, "order": rows[0].number})
            else:
                found[label_id] = label_id
        _give_up(actor, [key for key, what in found.items() if not isinstance(what, Problem)], reason=reason, now=now)
    return [found[label_id] for label_id in label_ids]


def reason_of(text: str) -> str:
    """A reason as it is kept: on one line. Raises Refusal `reason_missing`, `reason_long`."""
    text = " ".join(text.split())
    if not text:
        raise Refusal.of("reason_missing")
    if len(text) > REASON_MOST:
        raise Refusal.of("reason_long", most=REASON_MOST)
    return text


def _lock_labels(shop_id: int, label_ids: Sequence[int]) -> dict[int, list[Any]]:
    """Lock labels with their orders: label id -> a row of facts for each of its orders."""
    labels.lock(shop_id, sorted(set(label_ids)))
    known: dict[int, list[Any]] = {}
    for row in labels.label_facts(shop_id, sorted(set(label_ids))):
        known.setdefault(row.label_id, []).append(row)
    return known


def _give_up(actor: Actor, label_ids: Sequence[int], *, reason: str, now: datetime) -> None:
    """Void those of these locked labels that can be; their numbers go where they belong."""
    if not label_ids:
        return
    number_orders.voided(actor.shop_id, label_ids, now=now)
    moved = [row for row in labels.void(actor, label_ids, reason=reason, now=now) if row.number_id is not None]
    untouched = [row.number_id for row in moved if row.untouched]
    released = set(stock.moved(actor, untouched, "release", now=now, note=reason))
    stock.move(actor, [row.number_id for row in moved if row.number_id not in released], "void", now=now, note=reason)


def replace(actor: Actor, label_ids: Sequence[int], *, reason: str, now: datetime) -> list[Made | Problem]:
    """Give each label's orders a new label with a number of its own, as they stand now; the old one is voided.

    A label without a number to replace it stays. Problems: `label_unknown`, `label_shipped`, `label_voided`, and what
    `make` says of its orders and its contract. Refusals as `void`.
    """
    actor.require("make_labels")
    reason = reason_of(reason)
    with transaction.atomic():
        contracts = contracts_of(actor.shop_id, None)
        known = _lock_labels(actor.shop_id, label_ids)
        verdicts = {label_id: _to_replace(known.get(label_id), contracts) for label_id in dict.fromkeys(label_ids)}
        wanted = [verdict for verdict in verdicts.values() if isinstance(verdict, Wanted)]
        by_order = _take(actor, wanted, now=now, reason=reason)
    return [by_order[what.order_ids[0]] if isinstance(what, Wanted) else what for what in map(verdicts.get, label_ids)]  # type: ignore[misc]  # each has its verdict


def _to_replace(rows: list[Any] | None, contracts: dict[int, Any]) -> Wanted | Problem:
    if not rows:
        return Problem("label_unknown")
    label = rows[0]
    if label.label_state in ("shipped", "voided"):
        code = "label_shipped" if label.label_state == "shipped" else "label_voided"
        return Problem(code, {"waybill": label.waybill, "order": label.number})
    contract = contracts.get(label.contract_id)
    for row in rows:
        if row.receiver_key != label.receiver_key:
            return Problem("receivers_differ", {"order": label.number, "other": row.number})
    verdicts = [wanted_for(row.id, row, contract) for row in rows]
    stuck = next((verdict for verdict in verdicts if isinstance(verdict, Problem)), None)
    return stuck or Wanted(contract, label.receiver_key, [row.id for row in rows], label.label_id)


def ship(actor: Actor, label_ids: Sequence[int], *, now: datetime) -> list[int | Problem]:
    """Submit the parcels of these labels: each label's parcel id, also of one that left before.

    Parcels, deadlines, tasks and tallies move as with any shipping; label and number follow. Problems: `label_unknown`,
    what `why_blocked` says of its orders, `waybill_in_use`, `ship_overtaken`.
    """
    actor.require("ship")
    with transaction.atomic():
        order_ids = labels.lock(actor.shop_id, sorted(set(label_ids)))
        timers.catch_up(actor.shop_id, order_ids, now=now)
        known = _lock_labels(actor.shop_id, label_ids)
        found: dict[int, int | Problem] = {}
        load = parcels.Load()
        for label_id in dict.fromkeys(label_ids):
            verdict = _to_ship(known.get(label_id))
            if verdict is not None:
                found[label_id] = verdict
                continue
            rows = known[label_id]
            place = load.parcel(rows[0].carrier, rows[0].waybill)
            for row in rows:
                load.order(row.id, place)
        if load.order_ids:
            parcels.ship(actor, load, now=now)
            left(actor, load.order_ids, now=now)
        name_shipped(actor.shop_id, found, {row.number: row.id for rows in known.values() for row in rows})
        moved = labels.parcel_of(actor.shop_id, [label_id for label_id in known if label_id not in found])
        for label_id in known.keys() - found.keys():
            label = known[label_id][0]
            found[label_id] = moved.get(label_id) or _in_use(actor.shop_id, label.carrier, label.waybill)
    return [found[label_id] for label_id in label_ids]


def _to_ship(rows: list[Any] | None) -> int | Problem | None:
    """The parcel that has left, or what forbids it to leave; None when it may."""
    if not rows:
        return Problem("label_unknown")
    if rows[0].label_state == "shipped":
        return int(rows[0].parcel_id)
    return next((problem for problem in map(why_blocked, rows) if problem is not None), None)
