"""Exempt regions as a platform lists them: deadlines that fall inside the window move to its end."""

from datetime import datetime
from typing import Final

from django.db import transaction

from fahuo.rules.people import PlatformActor
from fahuo.rules.problems import Refusal
from fahuo.rules.regions import children, covers, name_of
from fahuo.services import deadlines
from fahuo.store import exemptions, tasks

CHUNK: Final = 5000


@transaction.atomic
def list_exempt(
    platform: PlatformActor, region: str, start: datetime, end: datetime, *, book: str, now: datetime
) -> int:
    """The platform `book` ("taobao") exempts a region (2, 4 or 6 digits) from `start` until just before `end`.

    Returns how many deadlines of waiting orders moved. Refusals: `region_unknown`, `region_window`, `policy_unknown`.
    """
    if start >= end:
        raise Refusal.of("region_window")
    if not _known(region):
        raise Refusal.of("region_unknown", region=region[:12])
    exemptions.rule_book(book)
    exemptions.add(book, region, start, end, by=platform.name, now=now)
    count = 0
    prefix = _prefix(region)
    for shop in exemptions.shops(book):
        whole = covers(region, shop.ship_from)
        ids = exemptions.affected(shop.id, prefix, start, end, whole_shop=whole)
        for place in range(0, len(ids), CHUNK):
            held = tasks.hold(shop.id, ids[place : place + CHUNK])
            count += deadlines.recompute(shop.id, held, now=now)
    return count


def _known(region: str) -> bool:
    """Whether there is such a region; 3101, the districts of a municipality, has a code and no name."""
    if not (region.isdigit() and region.isascii()) or len(region) not in (2, 4, 6):
        return False
    return bool(name_of(region)) or (
        len(region) == 4 and any(code.startswith(region) for code, _ in children(region[:2]))
    )


def _prefix(region: str) -> str:
    """The digits that say something: 330000 is 33."""
    if len(region) == 6:
        return region[:2] if region.endswith("0000") else region[:4] if region.endswith("00") else region
    return region
