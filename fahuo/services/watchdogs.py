"""Watchdogs: a parcel shipped and not scanned, or silent since its last scan; a number used before; an order that is out
of stock because its deadline is long past. The hours are those of the rule book in force now."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import TypedDict

from django.db import transaction

from fahuo.rules.people import Actor
from fahuo.rules.policy import Version
from fahuo.services.shopbook import ShopBook
from fahuo.store import alerts, clock, journal
from fahuo.store.journal import Moved

FIRST = datetime(1970, 1, 1, tzinfo=UTC)
"""A `now` before everything: nothing is out of a watchdog's reach then."""


class Terms(TypedDict):
    """How long a watchdog waits."""

    pickup: timedelta
    update: timedelta
    stock: timedelta


def _terms(version: Version) -> Terms:
    return {
        "pickup": timedelta(hours=version.pickup_within_hours.value),
        "update": timedelta(hours=version.update_within_hours.value),
        "stock": timedelta(hours=version.out_of_stock_after_hours.value),
    }


def run_due(shop_id: int | None, *, now: datetime, stop: Callable[[], bool] = bool) -> int:
    """Raise the alerts that are due at `now`, of one shop or (None) of all; how many."""
    count = 0
    for each in [shop_id] if shop_id is not None else clock.shops():
        if stop():
            break
        book = ShopBook.of(each)
        with transaction.atomic():
            count += alerts.raise_due(each, now=now, **_terms(book.book.at(now)))
    return count


def shipped(shop_id: int, *, now: datetime) -> int:
    """Something left now: raise an alert where the waybill number was used before; how many."""
    return alerts.used_before(shop_id, now=now)


def shared(shop_id: int, parcel_id: int, order_ids: Sequence[int], *, now: datetime) -> bool:
    """These orders left now under the number of a parcel that stood: whether an alert was raised, for not all of it goes
    to one receiver."""
    return bool(alerts.shared(shop_id, parcel_id, min(order_ids), now=now))


@transaction.atomic
def put_away(actor: Actor, ids: Sequence[int], *, now: datetime) -> int:
    """Somebody has seen to these alerts: they are shown no more, and not raised again; how many. Refusal `not_permitted`."""
    actor.require("ship")
    moved = alerts.put_away(actor.shop_id, ids, now=now)
    told = [Moved(order_id=row.order_id, before={"alert": row.kind}, after={"alert": None}) for row in moved]
    journal.append(actor, "alert.put_away", told, now=now)
    return len(moved)


def next_moments(shop_id: int, *, now: datetime | None = None) -> list[datetime]:
    """When the next alert is due, if nothing happens; `now` leaves out what is beyond the reach by then."""
    book = ShopBook.of(shop_id)
    found = alerts.next_due(shop_id, now=now or FIRST, **_terms(book.book.versions[-1]))
    return [] if found is None else [found]
