"""Labels and bought numbers follow their parcels, whoever moved those. Inside the caller's transaction, orders locked."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from fahuo.rules.people import Actor
from fahuo.services import number_orders
from fahuo.store import label_parcels, labels, stock

CORRECTED = "parcel_corrected"
"""Why a label was voided whose parcel got another number."""


def left(actor: Actor, order_ids: Sequence[int], *, now: datetime) -> None:
    """These orders left: a label under whose number one did is shipped, and so is the number."""
    found = label_parcels.left(actor.shop_id, order_ids)
    if found:
        labels.lock(actor.shop_id, [row.id for row in found])
        moved = label_parcels.ship(actor, found, now=now)
        stock.move(actor, _numbers(moved), "ship", now=now)


def came_back(actor: Actor, parcel_ids: Sequence[int], *, now: datetime) -> None:
    """These parcels were voided: their labels are printed ones again, to be shipped under or voided."""
    if parcel_ids:
        moved = label_parcels.unship(actor, parcel_ids, now=now)
        stock.move(actor, _numbers(moved), "unship", now=now)


def renumbered(actor: Actor, parcel_id: int, *, now: datetime) -> None:
    """A parcel got another number: the label with the old one is voided, with its number."""
    found = label_parcels.other_number(actor.shop_id, parcel_id)
    if found:
        number_orders.voided(actor.shop_id, [row.id for row in found], now=now)
        moved = labels.void(actor, [row.id for row in found], reason=CORRECTED, now=now, states=("shipped",))
        stock.move(actor, _numbers(moved), "void", now=now, note=CORRECTED)
    left(actor, label_parcels.orders_of(actor.shop_id, parcel_id), now=now)


def _numbers(moved: Sequence[Any]) -> list[int]:
    return [row.number_id for row in moved if row.number_id is not None]
