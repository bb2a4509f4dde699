"""Who may get a label, by which contract: the verdict on each order, before any number is taken."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from fahuo.rules.parcels import why_not_ship
from fahuo.rules.problems import Problem, Refusal
from fahuo.rules.shipments import carrier_name
from fahuo.services.parcels import name_parcel
from fahuo.store import labels, parcels, shipments


@dataclass(frozen=True, slots=True)
class Made:
    """An order's label. `new`: it was made just now; else it had it."""

    order_id: int
    label_id: int
    carrier: str
    waybill: str
    new: bool = True


@dataclass(slots=True)
class Wanted:
    """One label to be made: for these orders of one receiver, in place of the label `replaces`."""

    contract: Any
    key: str
    order_ids: list[int]
    replaces: int | None = None


def contracts_of(shop_id: int, asked: int | None) -> dict[int, Any]:
    """The shop's contracts by id, those at work first. Raises Refusal `contract_unknown`."""
    known = {row.id: row for row in labels.contracts(shop_id)}
    if asked is not None and asked not in known:
        raise Refusal.of("contract_unknown")
    return known


def contract_of(order: Any | None, contracts: dict[int, Any], asked: int | None) -> Any | None:
    chosen = asked or (order.assigned_id if order is not None else None)
    return contracts.get(chosen or 0) or next((row for row in contracts.values() if row.active), None)


def locked(shop_id: int, order_ids: Iterable[int]) -> dict[int, Any | None]:
    """Each order asked for, once, in the order asked: its facts, locked, or None where the shop has none such."""
    asked = dict.fromkeys(order_ids)
    parcels.lock_orders(shop_id, sorted(asked))
    known = {row.id: row for row in labels.order_facts(shop_id, list(asked))}
    return {order_id: known.get(order_id) for order_id in asked}


def standing(order: Any | None, asked: int | None) -> Made | Problem | None:
    """The label that the order has already; a problem when it is by another contract than the one asked for."""
    if order is None or order.label_id is None:
        return None
    if asked in (None, order.label_contract_id):
        return Made(order.id, order.label_id, order.carrier, order.waybill, new=False)
    return elsewhere(order)


def elsewhere(order: Any) -> Problem:
    names = {"carrier": carrier_name(order.carrier), "carrier_en": carrier_name(order.carrier, "en")}
    return Problem("label_elsewhere", {"order": order.number, "waybill": order.waybill, **names})


def wanted_for(order_id: int, order: Any | None, contract: Any | None, numbers: str = "stock") -> Wanted | Problem:
    """The label to be made for an order by this contract, or what stands in its way."""
    if order is None:
        return Problem("order_unknown", {"order": order_id})
    if order.kind == "virtual":
        return Problem("order_virtual", {"order": order.number})
    stuck = why_not_ship(order)
    if stuck is not None:
        return stuck
    if not order.receiver_key:
        return Problem("label_needs_receiver", {"order": order.number})
    if contract is None:
        return Problem("contract_missing", {"order": order.number})
    names = {"order": order.number, "contract": contract.name}
    if not contract.active:
        return Problem("contract_closed", names)
    wrong = _other_numbers(contract, numbers)
    if wrong:
        return Problem(wrong, names)
    return Wanted(contract, order.receiver_key, [order_id])


def _other_numbers(contract: Any, numbers: str) -> str:
    """Why numbers of this kind (stock: whatever comes without a person) are not the contract's; "" when they are."""
    if contract.numbers == "service":
        if numbers == "entered":
            return "numbers_from_service"
        return "" if contract.carrier_account_id else "contract_without_service"
    if contract.numbers == numbers:
        return ""
    return "numbers_entered" if contract.numbers == "entered" else "numbers_from_stock"


def name_shipped(shop_id: int, found: dict[int, Any], order_of: Mapping[str, int]) -> None:
    """Say under which number an order left, where it left; `order_of`: order number -> id."""
    gone = [key for key, what in found.items() if isinstance(what, Problem) and what.code == "already_shipped"]
    ids = {key: order_of[str(found[key].data["order"])] for key in gone}
    known = shipments.shipped_as(shop_id, list(ids.values()))
    for key in gone:
        found[key] = name_parcel(found[key], known.get(ids[key]))
