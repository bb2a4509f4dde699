"""A courier's pickups: he begins one of his contract, lists what he takes by scanning, and signs for their number.

The manifest is the contract's, so it may hold parcels that the shop printed itself; he sees their numbers, no more.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from fahuo.rules import pickups as rules
from fahuo.rules.handing import SEEN_AFTER
from fahuo.rules.people import CourierActor
from fahuo.rules.problems import Problem, Refusal
from fahuo.services import pickups
from fahuo.services.pickups import Added, Signed
from fahuo.store import courier as store
from fahuo.store import pickups as rows
from fahuo.store.boards import courier_pickups as board
from fahuo.store.models import Shop

NEAR: Final = timedelta(hours=3)
"""A courier who comes so long before or after a daily time of his contract comes for that."""
OF_OTHERS: Final = frozenset({"order", "other", "contract", "who"})
"""Names of a problem's data that may tell him of what is not his."""


def own(courier: CourierActor, pickup_id: int) -> Any:
    """A pickup of his contract (see boards.courier_pickups). Refusal `pickup_unknown`."""
    found = board.pickups(courier.shop_id, courier.contract_id, pickup_id)
    if not found:
        raise Refusal.of("pickup_unknown")
    return found[0]


def told(problem: Problem) -> Problem:
    """A problem as he may read it: by the number on the parcel, without the order or the contract that it is of."""
    if not OF_OTHERS & set(problem.data):
        return problem
    waybill = problem.data.get("waybill") or problem.data.get("value")
    return Problem("parcel_stays", {"waybill": waybill}) if waybill else Problem("order_stopped")


def begin(courier: CourierActor, *, now: datetime) -> int:
    """He is here: the pickup that is open or was called for, else that of the daily time that is nearest, else an extra
    one; its id, the manifest begun. Safe to repeat."""
    living = [row for row in board.pickups(courier.shop_id, courier.contract_id) if row.status in rules.LIVING]
    if living:
        found = min(living, key=lambda row: abs(row.expected_at - now))
        pickups.begin(courier.acting(), found.id, now=now)
        return int(found.id)
    at = _daily(courier, now=now)
    if at is not None:
        return pickups.open_daily(courier.acting(), courier.contract_id, at=at, now=now)
    made = pickups.call(courier.acting(), courier.contract_id, at=now, now=now)
    pickups.begin(courier.acting(), made, now=now)
    return made


def _daily(courier: CourierActor, *, now: datetime) -> datetime | None:
    """The daily time nearest to now that has no pickup yet."""
    zone = ZoneInfo(Shop.objects.get(id=courier.shop_id).time_zone)
    times = store.contract(courier.shop_id, courier.contract_id).pickup_times
    begun = {row.expected_at for row in board.pickups(courier.shop_id, courier.contract_id) if row.kind == "daily"}
    near = [at for at in rules.today(times, zone, now=now) if abs(at - now) <= NEAR and at not in begun]
    return min(near, key=lambda at: abs(at - now), default=None)


def add(courier: CourierActor, pickup_id: int, numbers: Sequence[str], *, now: datetime) -> list[Added]:
    """Put scanned numbers on the manifest; what came of each (services.pickups.add). Refusals as there, `pickup_unknown`."""
    own(courier, pickup_id)
    return pickups.add(courier.acting(), pickup_id, numbers, now=now)


def add_own(courier: CourierActor, pickup_id: int, *, now: datetime) -> list[Added]:
    """Put everything on the manifest that he printed or shipped and that nobody took yet."""
    own(courier, pickup_id)
    numbers = board.to_take(
        courier.shop_id, courier.contract_id, since=now - SEEN_AFTER, limit=rules.MOST
    )  # fmt: skip
    return pickups.add(courier.acting(), pickup_id, numbers, now=now)


def remove(courier: CourierActor, pickup_id: int, number: str, *, now: datetime) -> int:
    """Take a number off the manifest; how many stood on it."""
    own(courier, pickup_id)
    return pickups.remove(courier.acting(), pickup_id, [number], now=now)


def sign(courier: CourierActor, pickup_id: int, *, count: int, now: datetime) -> Signed:
    """He signs for `count` parcels under his name; what ships at the pickup is shipped now. Refusals as services.pickups."""
    own(courier, pickup_id)
    try:
        return pickups.sign(courier.acting(), pickup_id, count=count, courier=courier.name, now=now)
    except Refusal as refusal:
        stuck = [Problem("parcel_stays", {"waybill": one}) for one in stopped(courier, pickup_id)]
        rest = [problem for problem in refusal.problems if not OF_OTHERS & set(problem.data)]
        raise Refusal(*(rest + stuck or map(told, refusal.problems))) from refusal


def stopped(courier: CourierActor, pickup_id: int) -> list[str]:
    """The numbers on a manifest that must stay here: a refund, a changed address. The shop sees why; he sees which."""
    return list(pickups.stuck(courier.shop_id, rows.find(courier.shop_id, pickup_id)))
