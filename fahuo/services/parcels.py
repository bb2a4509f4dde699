"""Parcels one by one: ship, correct, void, and the carriers' scans. Each is one transaction, and safe to repeat."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final, NoReturn

from django.db import IntegrityError, transaction

from fahuo.rules import carriers, waybills
from fahuo.rules.parcels import PARCEL_KINDS, CarrierScan, part_problems, status_after, why_not_ship
from fahuo.rules.people import Actor
from fahuo.rules.problems import Problem, Refusal
from fahuo.rules.shipments import carrier_name
from fahuo.services import label_parcels, stock, tasks, timers, watchdogs
from fahuo.services.keys import Identity
from fahuo.store import batches, labels, parcels, shipments, shipping
from fahuo.store import scans as store_scans
from fahuo.store.gathering import GroupFailed

INSISTED: Final = frozenset({"waybill_shape", "waybill_other_carrier", "check_digit"})
"""What a person may overrule who has the number before him: carriers bring in new shapes."""
LONGEST: Final = 64
"""Characters of a waybill number."""
NO_DEADLINE: Final = datetime(9999, 1, 1, tzinfo=UTC)
"""Where an order without a deadline stands in the backlog: last."""


def ship(
    actor: Actor, *, order_ids: Sequence[int], carrier: str, waybill: str, now: datetime,
    lines: Mapping[int, int] | None = None, kind: str = "offline", force: bool = False, insist: bool = False,
    warnings: list[Problem] | None = None, join: bool = False,
) -> int:  # fmt: skip
    """Ship one parcel: an order, several orders of one receiver, or (with `lines`: line id -> quantity) parts; its id.

    `kind` "virtual" takes neither carrier nor number. `force` ships despite a refund and needs `ship_despite_refund`.
    `join`: a parcel that left under this number to the same receiver, and was not picked up, takes the orders in.
    Shipping the same again under the same number changes nothing and returns the same parcel. What a person should
    look at is added to `warnings` (a number used before). `insist`: the number is meant as it was typed, whatever its
    shape; where a parcel has it already, whole orders go into that parcel, and an alert tells of it unless all of it
    goes to one receiver. Refusals: what `waybills.check` says (its data offers the
    carriers that would fit), `waybill_in_use`, `number_on_label` (of other orders alone), `receivers_differ`, `already_shipped_as`, `order_closed`,
    `order_refunded`, `refund_in_progress`, `order_not_paid`, and for lines `quantity_too_many` and its kin.
    """
    actor.require("ship")
    if force:
        actor.require("ship_despite_refund")
    order_ids = sorted(set(order_ids))
    if not order_ids:
        raise Refusal.of("no_orders_chosen")
    carrier, waybill = _number(kind, carrier, waybill, insist=insist)
    with transaction.atomic():
        orders = _lock(actor.shop_id, order_ids)
        timers.catch_up(actor.shop_id, order_ids, now=now)
        into = parcels.living(actor.shop_id, carrier, waybill) if insist and lines is None else None
        if join and waybill and into is None:
            into = _standing(actor.shop_id, orders, carrier, waybill)
        shipped = _again(actor.shop_id, orders, kind, carrier, waybill, lines, joins=into is not None, join=join)
        if shipped is not None:
            return shipped
        _refuse(actor.shop_id, orders, force=force)
        if waybill and not insist:
            _refuse_label(actor.shop_id, carrier, waybill, order_ids)
        load = _load(actor.shop_id, orders, lines, force=force)
        load.kind = kind
        load.parcel(carrier, waybill)
        moved = parcels.ship(actor, load, now=now, force=force, into=into.id if into else None)
        if moved.count < len(order_ids):
            # The orders are locked, so it is the number: somebody else's parcel took it a moment ago.
            _refuse_number(actor.shop_id, carrier, waybill)
        left(actor, order_ids, now=now)
        stock.follow(actor, [carrier], [waybill], now=now)
        shared = into is not None and watchdogs.shared(actor.shop_id, moved.parcel_id, order_ids, now=now)
        if warnings is not None and (shared or (waybill and parcels.used_before(actor.shop_id, carrier, waybill))):
            warnings.append(Problem("waybill_used_before", {"value": waybill}))
    return int(moved.parcel_id)


def ship_plain(
    who: Identity, number: str, *, carrier: str, waybill: str, name: str, request: bytes, answer: str, now: datetime
) -> int | None:  # fmt: skip
    """Ship one order in one round trip, together with what the key's other calls ship at this moment, where nothing about it
    is unusual (see store.shipping); the parcel's id, or None: nothing was done, and `ship` says why, or does it. Whatever
    `ship` does besides must be ruled out there.

    `answer` (in which 0 stands for the parcel's id) is kept under `name`, the call's Idempotency-Key. The key `who` is
    asked about once more by the statement. Refusals as `ship` for a number that does not fit its carrier.
    """
    who.actor.require("ship")
    carrier, waybill = _number("offline", carrier, waybill)
    try:
        return shipping.ship(
            shipping.Caller(who.shop_id, who.key_id, who.scopes, who.actor.name, answer),
            shipping.Plain(number, carrier, waybill, name, request, now),
        )
    except (IntegrityError, GroupFailed):
        return None


def left(actor: Actor, order_ids: Sequence[int], *, now: datetime) -> None:
    """Of these orders, which the caller holds, some left: settle the tasks of what left whole, look at the numbers,
    let their labels follow."""
    tasks.fulfilled(
        actor.shop_id, order_ids, "shipped", actor=actor.name, member_id=actor.member_id, now=now
    )  # fmt: skip
    watchdogs.shipped(actor.shop_id, now=now)
    label_parcels.left(actor, order_ids, now=now)


def _number(kind: str, carrier: str, waybill: str, *, insist: bool = False) -> tuple[str, str]:
    """The carrier's code and the number as it is kept. Raises Refusal when they do not fit each other, or `kind`."""
    if kind not in PARCEL_KINDS:
        raise Refusal.of("kind_of_parcel_unknown", kind=kind[:40])
    waybill = waybills.normalise(waybill)
    if kind == "virtual":
        if carrier or waybill:
            raise Refusal.of("waybill_without_logistics")
        return "", ""
    known = carriers.find(carrier)
    if known is None:
        raise Refusal.of("carrier_unknown" if carrier else "carrier_missing", carrier=carrier[:40])
    problem = waybills.check(known.code, waybill)
    if problem and not (insist and problem.code in INSISTED and len(waybill) <= LONGEST):
        raise Refusal(problem)
    return known.code, waybill


def _lock(shop_id: int, order_ids: Sequence[int]) -> list[Any]:
    orders = parcels.lock_orders(shop_id, order_ids)
    missing = set(order_ids) - {order.id for order in orders}
    if missing:
        raise Refusal.of("order_unknown", order=min(missing))
    return orders


def _again(
    shop_id: int, orders: Sequence[Any], kind: str, carrier: str, waybill: str, lines: Mapping[int, int] | None, *,
    joins: bool = False, join: bool = False,
) -> int | None:  # fmt: skip
    """The parcel that these orders left in already, if this is the same shipping once more.

    Raises Refusal `waybill_in_use` when the number carries something else, unless the orders may join that (`joins`).
    """
    order_ids = [order.id for order in orders]
    if kind == "virtual":
        for held in parcels.holders(shop_id, order_ids):
            if held.kind == "virtual" and held.order_ids == order_ids and _same_lines(shop_id, held.id, lines):
                return int(held.id)
        return None
    living = parcels.living(shop_id, carrier, waybill)
    if living is None:
        return None
    if joins:
        return int(living.id) if set(order_ids) <= set(living.order_ids) else None
    rest = lines is None and any(order.status == "part_shipped" for order in orders)
    inside = set(order_ids) <= set(living.order_ids) if join else living.order_ids == order_ids
    if rest or not inside or not _same_lines(shop_id, living.id, lines, order_ids if join else None):
        _refuse_number(shop_id, carrier, waybill)
    return int(living.id)


def _standing(shop_id: int, orders: Sequence[Any], carrier: str, waybill: str) -> Any | None:
    """The parcel of this number that may take these orders in; None where there is none, or it holds one of them.

    Raises Refusal `waybill_in_use` when it goes to somebody else or was picked up.
    """
    living = parcels.living(shop_id, carrier, waybill)
    if living is None or {order.id for order in orders} & set(living.order_ids):
        return None
    parcel = parcels.lock_parcel(shop_id, living.id)
    keys = {order.receiver_key for order in (*orders, *parcels.facts(shop_id, living.order_ids))}
    if parcel is None or parcel.picked_up_at is not None or len(keys) != 1 or keys == {""}:
        _refuse_number(shop_id, carrier, waybill)
    return living


def _same_lines(
    shop_id: int, parcel_id: int, lines: Mapping[int, int] | None, order_ids: Collection[int] | None = None
) -> bool:
    """Whether the parcel holds just these lines, of all its orders or of `order_ids`."""
    return lines is None or parcels.parcel_lines(shop_id, parcel_id, order_ids) == dict(lines)


def _refuse_number(shop_id: int, carrier: str, waybill: str) -> NoReturn:
    living = parcels.living(shop_id, carrier, waybill)
    if living is None:
        raise Refusal.of("ship_overtaken")
    raise Refusal.of("waybill_in_use", value=waybill, order=living.numbers[0])


def _refuse_label(shop_id: int, carrier: str, waybill: str, order_ids: Sequence[int]) -> None:
    """Raise Refusal `number_on_label`: the number is printed, or about to be, for others than these orders."""
    if labels.on_another(shop_id, carrier, waybill, order_ids):
        raise Refusal.of("number_on_label", value=waybill)


def _refuse(shop_id: int, orders: Sequence[Any], *, force: bool) -> None:
    """Raise Refusal with everything that stands in the orders' way."""
    found = [problem for problem in (why_not_ship(order, force=force) for order in orders) if problem]
    if found:
        raise Refusal(*_name_parcels(shop_id, orders, found))
    first = orders[0]
    for other in orders[1:]:
        if other.receiver_key != first.receiver_key or not first.receiver_key:
            raise Refusal.of("receivers_differ", order=first.number, other=other.number)


def _name_parcels(shop_id: int, orders: Sequence[Any], found: Iterable[Problem]) -> list[Problem]:
    """Say under which number an order left, where it left here."""
    known = shipments.shipped_as(shop_id, [order.id for order in orders])
    ids = {order.number: order.id for order in orders}
    return [name_parcel(problem, known.get(ids[str(problem.data["order"])])) for problem in found]


def name_parcel(problem: Problem, shipped: tuple[str, str] | None) -> Problem:
    """`already_shipped` with the carrier and the number that the order left under, where that is known."""
    if problem.code != "already_shipped" or shipped is None or not shipped[1]:
        return problem
    carrier, waybill = shipped
    names = {"carrier": carrier_name(carrier), "carrier_en": carrier_name(carrier, "en"), "waybill": waybill}
    return Problem("already_shipped_as", {**problem.data, **names})


def _load(
    shop_id: int, orders: Sequence[Any], lines: Mapping[int, int] | None, *, force: bool
) -> parcels.Load:  # fmt: skip
    """The orders, or what of their lines was asked, for the one parcel. Raises Refusal."""
    load = parcels.Load()
    for order in orders:
        load.order(order.id, 1)
    if lines is None:
        return load
    known = parcels.lines(shop_id, load.order_ids)
    wrong = part_problems(known, lines, force=force)
    if wrong:
        raise Refusal(*wrong)
    for order in orders:
        own = [line for line in known if line.order_id == order.id]
        if not any(line.id in lines for line in own):
            raise Refusal.of("nothing_to_ship", order=order.number)
        if status_after(own, lines) == "part_shipped":
            load.part_ids.append(order.id)
    for line in known:
        if line.id in lines:
            load.line(line.order_id, line.id, lines[line.id])
    return load


def correct(
    actor: Actor, parcel_id: int, *, carrier: str, waybill: str, now: datetime, warnings: list[Problem] | None = None
) -> None:
    """Give a parcel another carrier or number, while no carrier picked it up; safe to repeat.

    Refusals: as `ship` for the number, `parcel_unknown`, `parcel_voided`, `parcel_picked_up`, `parcel_without_number`.
    """
    actor.require("ship")
    carrier, waybill = _number("offline", carrier, waybill)
    with transaction.atomic():
        parcel = _lock_parcel(actor.shop_id, parcel_id)
        if parcel.kind == "virtual":
            raise Refusal.of("parcel_without_number")
        if (parcel.carrier, parcel.waybill) == (carrier, waybill):
            return
        if parcels.living(actor.shop_id, carrier, waybill):
            _refuse_number(actor.shop_id, carrier, waybill)
        own = parcels.living(actor.shop_id, parcel.carrier, parcel.waybill)
        _refuse_label(actor.shop_id, carrier, waybill, own.order_ids if own else [])
        if warnings is not None and parcels.used_before(actor.shop_id, carrier, waybill):
            warnings.append(Problem("waybill_used_before", {"value": waybill}))
        try:
            with transaction.atomic():
                parcels.correct(actor, parcel_id, carrier=carrier, waybill=waybill, now=now)
                label_parcels.renumbered(actor, parcel_id, now=now)
        except IntegrityError:
            _refuse_number(actor.shop_id, carrier, waybill)
        stock.follow(actor, [parcel.carrier, carrier], [parcel.waybill, waybill], now=now)


def _lock_parcel(shop_id: int, parcel_id: int) -> Any:
    parcel = parcels.lock_parcel(shop_id, parcel_id)
    if parcel is None:
        raise Refusal.of("parcel_unknown")
    if parcel.voided_at is not None:
        raise Refusal.of("parcel_voided")
    if parcel.picked_up_at is not None:
        raise Refusal.of("parcel_picked_up", value=parcel.waybill)
    return parcel


def void(actor: Actor, parcel_id: int, *, now: datetime) -> None:
    """Take a parcel back while no carrier picked it up: its orders wait again, its number may be used again.

    Safe to repeat. Refusals: `parcel_unknown`, `parcel_picked_up`.
    """
    actor.require("ship")
    with transaction.atomic():
        # A batch at work holds its own row before it locks orders; so does this.
        batch_id = parcels.batch_of(actor.shop_id, parcel_id)
        if batch_id is not None:
            batches.lock(actor.shop_id, batch_id)
        parcels.lock_for_void(actor.shop_id, parcel_id=parcel_id)
        parcel = parcels.lock_parcel(actor.shop_id, parcel_id)
        if parcel is not None and parcel.voided_at is not None:
            return
        _lock_parcel(actor.shop_id, parcel_id)
        gone = parcels.void(actor, parcel_id=parcel_id, no_deadline=NO_DEADLINE, now=now)
        label_parcels.came_back(actor, [parcel.id for parcel in gone], now=now)
        stock.follow(actor, [row.carrier for row in gone], [row.waybill for row in gone], now=now)
        if batch_id is not None:
            shipments.recount(actor.shop_id, batch_id, now=now)


def record_scans(actor: Actor, scans: Sequence[CarrierScan], *, now: datetime) -> int:
    """Note the carriers' scans; how many were news. A scan known already, or of a number nobody uses, changes nothing.

    Scans never change an order's status.
    """
    actor.require("ship")
    if not scans:
        return 0
    with transaction.atomic():
        return store_scans.record_scans(actor, scans, now=now)
