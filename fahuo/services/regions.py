"""Exempt regions as a platform lists them: deadlines that fall inside the window move to its end.

Listing and ending are a small transaction each. The deadlines follow shop by shop, each shop a transaction of its own;
whoever was stopped on the way leaves the rest to the clock (`resume`).
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

from django.db import transaction

from fahuo.rules.people import Actor, PlatformActor
from fahuo.rules.problems import Refusal
from fahuo.rules.regions import covers, digits_of, is_known
from fahuo.services import deadlines
from fahuo.store import exemptions, journal, rulebooks, tasks
from fahuo.store.journal import Moved

CHUNK: Final = 5000
NOTE: Final = 200
"""Characters of the reason that is given."""


def list_exempt(
    platform: PlatformActor, region: str, start: datetime, end: datetime, *, book: str, now: datetime, note: str = ""
) -> int:
    """The platform `book` ("taobao") exempts a region (2, 4 or 6 digits) from `start` until just before `end`.

    Returns how many deadlines of waiting orders moved. Refusals: `region_unknown`, `region_window`, `policy_unknown`.
    """
    _check(region, start, end, book)
    with transaction.atomic():
        made = exemptions.add(book, region, start, end, by=platform.name, note=note.strip()[:NOTE], now=now)
    return apply(made, now=now)


def end_early(platform: PlatformActor, region_id: int, *, now: datetime) -> int:
    """End a listed region now; how many deadlines moved: back to what they would be, but no earlier than now.

    Refusals: `region_listing_unknown`, `region_over`.
    """
    with transaction.atomic():
        if exemptions.one(region_id) is None:
            raise Refusal.of("region_listing_unknown")
        if not exemptions.end(region_id, by=platform.name, now=now):
            raise Refusal.of("region_over")
    return apply(region_id, now=now)


def preview(region: str, start: datetime, end: datetime, *, book: str) -> list[Any]:
    """Which shops such a region would touch: (id, code, name, orders), `orders` being deadlines that would move.

    Refusals as `list_exempt`.
    """
    _check(region, start, end, book)
    return exemptions.preview(book, digits_of(region), start, end)


def listed(book: str) -> list[Any]:
    """The regions that a platform listed, oldest window first; `until` is when each ends, or was ended."""
    return exemptions.listed(book)


def apply(region_id: int, *, now: datetime, stop: Callable[[], bool] = bool) -> int:
    """Let the deadlines of all shops follow a listed region, from where that was left; how many moved."""
    count = 0
    while (row := exemptions.one(region_id)) is not None and row.applied_to is not None and not stop():
        shop = next(iter(exemptions.shops(row.platform, after=row.applied_to)), None)
        with transaction.atomic():
            moved = _apply(row, shop, now=now) if shop is not None else 0
            if not exemptions.reached(region_id, shop.id if shop else None, before=row.applied_to):
                transaction.set_rollback(True)  # somebody else did this shop, or ended the region meanwhile
                moved = 0
        count += moved
    return count


def resume(now: datetime) -> int:
    """Go on with every region that was left half applied; how many deadlines moved."""
    return sum(apply(region_id, now=now) for region_id in exemptions.unfinished())


def _apply(row: Any, shop: Any, *, now: datetime) -> int:
    """One shop's waiting orders, held and decided anew."""
    before = exemptions.affected(
        shop.id, digits_of(row.region), row.starts_at, row.ends_at, whole_shop=covers(row.region, shop.ship_from)
    )
    count, ids = 0, list(before)
    for place in range(0, len(ids), CHUNK):
        held = tasks.hold(shop.id, ids[place : place + CHUNK])
        deadlines.recompute(shop.id, held, now=now)
        after = exemptions.deadlines(shop.id, held)
        told = [
            Moved(order_id=order, before={"deadline": before[order].isoformat()}, after={"deadline": until.isoformat()})
            for order, until in after.items() if until != before[order]
        ]  # fmt: skip
        journal.append(Actor(shop.id, None, row.ended_by or row.listed_by), "order.exempted", told, now=now)
        count += len(told)
    return count


def _check(region: str, start: datetime, end: datetime, book: str) -> None:
    if start >= end:
        raise Refusal.of("region_window")
    if not is_known(region):
        raise Refusal.of("region_unknown", region=region[:12])
    rulebooks.book(book)
