"""Pickups (揽收) and their manifests (交接单): called for, opened, listed, signed by count, cancelled. Safe to repeat."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.db import transaction

from fahuo.rules import pickups as rules
from fahuo.rules.people import Actor
from fahuo.rules.problems import Problem, Refusal
from fahuo.services import labels, pickup_calls
from fahuo.store import manifests, parcels, pickups
from fahuo.store import pickup_calls as calls
from fahuo.store.manifests import Sent
from fahuo.store.models import Shop

NEAR: Final = timedelta(days=1)
"""The list of a daily pickup is begun at most so long before it is expected, or after."""
SHOWN: Final = 20
"""Problems told at once, when many numbers are refused."""
LATE: Final = timedelta(hours=1)
"""A courier may be called for a moment that is past by so much: he stands at the door."""
NOTE: Final = 200
NAME: Final = 60


@dataclass(frozen=True, slots=True)
class Added:
    """What came of a number: on the manifest (`new`: since just now), or the problem. `sent`: what the number is."""

    waybill: str
    sent: Sent
    new: bool = False
    problem: Problem | None = None

    @property
    def warning(self) -> Problem | None:
        """It is listed, but somebody should look: nobody packed it at the station."""
        if self.problem is None and self.sent.label_id is not None and self.sent.packed_at is None:
            return Problem("manifest_not_packed", {"waybill": self.waybill})
        return None


@dataclass(frozen=True, slots=True)
class Filled:
    """What came of putting everything packed on a manifest: how many are new, and what must stay here."""

    count: int
    problems: tuple[Problem, ...]
    more: bool


@dataclass(frozen=True, slots=True)
class Signed:
    """A signed pickup: how many parcels went, how many of them were submitted by it. `again`: it was signed before."""

    pickup_id: int
    count: int
    shipped: int
    again: bool = False


def call(actor: Actor, contract_id: int, *, at: datetime, note: str = "", now: datetime) -> int:
    """Call the contract's courier for an extra pickup at `at`; its id, also when he was called for that time before.

    Where the contract's numbers come from a service that can call couriers, the clock asks it (see pickup_calls).
    Refusals: `contract_unknown`, `contract_inactive`, `pickup_when`.
    """
    actor.require("hand_over")
    _contract(actor.shop_id, contract_id)
    if not now - LATE <= at <= now + rules.CALL_AHEAD:
        raise Refusal.of("pickup_when", days=rules.CALL_AHEAD.days)
    with transaction.atomic():
        made = pickups.call(actor, contract_id, at=at, note=_line(note, NOTE), now=now)
        if at > now:  # else he stands at the door
            pickup_calls.ask(actor.shop_id, contract_id, made, now=now)
    return made


def open_daily(actor: Actor, contract_id: int, *, at: datetime, now: datetime) -> int:
    """Begin the manifest of a contract's daily pickup at `at`; the pickup's id, also when it was begun before.

    Refusals: `contract_unknown`, `contract_inactive`, `pickup_not_daily` for a time that is none of the contract's.
    """
    actor.require("hand_over")
    contract = _contract(actor.shop_id, contract_id)
    zone = ZoneInfo(Shop.objects.get(id=actor.shop_id).time_zone)
    if not (rules.is_expected(at, contract.pickup_times, zone) and abs(at - now) <= NEAR):
        raise Refusal.of("pickup_not_daily", contract=contract.name)
    with transaction.atomic():
        return pickups.open_daily(actor, contract_id, at=at, now=now)


def begin(actor: Actor, pickup_id: int, *, now: datetime) -> bool:
    """Begin the manifest of a pickup that was called for; False when it is begun. Refusals as `add`."""
    actor.require("hand_over")
    with transaction.atomic():
        return pickups.open_called(actor, _living(actor.shop_id, pickup_id).id, now=now)


def add(actor: Actor, pickup_id: int, numbers: Sequence[str], *, now: datetime) -> list[Added]:
    """Put numbers (scanned, or of a list) on a manifest; what came of each, in their order.

    Those that belong there are listed whatever becomes of the others. Refusals: `pickup_unknown`, `pickup_signed`,
    `pickup_cancelled`, `manifest_too_many`.
    """
    actor.require("hand_over")
    if len(numbers) > rules.MOST:
        raise Refusal.of("manifest_too_many", most=rules.MOST)
    with transaction.atomic():
        pickup = _living(actor.shop_id, pickup_id)
        pickups.open_called(actor, pickup_id, now=now)
        found = manifests.by_number(
            actor.shop_id, numbers, contract_id=pickup.contract_id, carrier=pickup.carrier
        )  # fmt: skip
        wrong = {sent.place: _why_not(pickup)(sent) for sent in found}
        new = pickups.add(actor, pickup_id, [sent for sent in found if wrong[sent.place] is None], now=now)
        return [_added(sent, wrong[sent.place], pickup_id, new) for sent in found]


def _added(sent: Sent, problem: Problem | None, pickup_id: int, new: set[str]) -> Added:
    if problem is None and sent.waybill not in new and sent.listed_in != pickup_id:
        problem = Problem("manifest_elsewhere", {"waybill": sent.waybill})  # somebody listed it a moment ago
    return Added(sent.waybill, sent, problem is None and sent.waybill in new, problem)


def add_packed(actor: Actor, pickup_id: int, *, now: datetime) -> Filled:
    """Put everything on the manifest that is packed under its contract and not handed over. Refusals as `add`."""
    actor.require("hand_over")
    with transaction.atomic():
        pickup = _living(actor.shop_id, pickup_id)
        pickups.open_called(actor, pickup_id, now=now)
        found = manifests.packed(actor.shop_id, pickup.contract_id, limit=rules.MOST)
        wrong = [(sent, _why_not(pickup)(sent)) for sent in found]
        new = pickups.add(actor, pickup_id, [sent for sent, problem in wrong if problem is None], now=now)
    problems = tuple(problem for _, problem in wrong if problem)
    return Filled(len(new), problems[:SHOWN], len(found) == rules.MOST)


def _why_not(pickup: Any) -> Callable[[Sent], Problem | None]:
    return lambda sent: rules.why_not_listed(
        sent, pickup_id=pickup.id, contract_id=pickup.contract_id, carrier=pickup.carrier
    )  # fmt: skip


def remove(actor: Actor, pickup_id: int, numbers: Sequence[str], *, now: datetime) -> int:
    """Take numbers off a manifest; how many stood on it. Refusals as `add`."""
    actor.require("hand_over")
    with transaction.atomic():
        _living(actor.shop_id, pickup_id)
        return len(pickups.remove(actor, pickup_id, numbers, now=now))


def sign(
    actor: Actor, pickup_id: int, *, count: int, courier: str, now: datetime, missing: Sequence[str] = ()
) -> Signed:
    """The courier signs for `count` parcels: what the manifest holds, without those found `missing`.

    What ships at the pickup is shipped now; labels and parcels are handed over now. Signing the same again changes
    nothing. Refusals: `manifest_who`, `manifest_empty`, `manifest_count_short` or `manifest_count_over` with both
    numbers; `manifest_not_listed` for a missing number that is not on it; `pickup_unknown`, `pickup_cancelled`,
    `pickup_signed` (otherwise); and what forbids its parcels to leave, each by its number.
    """
    actor.require("hand_over")
    courier = _line(courier, NAME)
    if not courier:
        raise Refusal.of("manifest_who")
    with transaction.atomic():
        pickup = pickups.lock(actor.shop_id, pickup_id)
        if pickup is not None and pickup.status == "signed":
            if (pickup.signed_count, pickup.signed_by) == (count, courier):
                return Signed(pickup_id, count, 0, again=True)
            raise Refusal.of("pickup_signed")
        pickup = _still(pickup)
        _leave_out(actor, pickup_id, missing, now=now)
        sent = _fit(actor.shop_id, pickup)
        wrong = rules.count_problem(len(sent), count)
        if wrong:
            raise Refusal(wrong)
        shipped = _ship(actor, sent, now=now)
        done = pickups.sign(actor, pickup_id, count=count, courier=courier, now=now)
        calls.came(actor.shop_id, pickup_id, now=now)
        assert done == count
    return Signed(pickup_id, done, shipped)


def stuck(shop_id: int, pickup: Any) -> dict[str, Problem]:
    """Of the numbers on a manifest (its pickup as store.pickups.find), those that must not leave as things stand, and why."""
    found = [(sent.waybill, _why_not(pickup)(sent)) for sent in manifests.listed(shop_id, pickup.id)]
    return {waybill: problem for waybill, problem in found if problem}


def _leave_out(actor: Actor, pickup_id: int, missing: Sequence[str], *, now: datetime) -> None:
    wanted = set(missing)
    gone = pickups.remove(actor, pickup_id, sorted(wanted), now=now) if wanted else set()
    if wanted != gone:
        raise Refusal(*(Problem("manifest_not_listed", {"waybill": one}) for one in sorted(wanted - gone)[:SHOWN]))


def _fit(shop_id: int, pickup: Any) -> list[Sent]:
    """What a locked manifest holds, its orders locked. Raises Refusal with what must not leave."""
    sent = manifests.listed(shop_id, pickup.id)
    parcels.lock_orders(shop_id, sorted({order.id for one in sent for order in one.orders}))
    sent = manifests.listed(shop_id, pickup.id)
    wrong = [problem for problem in map(_why_not(pickup), sent) if problem]
    if wrong:
        raise Refusal(*wrong[:SHOWN])
    return sent


def _ship(actor: Actor, sent: Sequence[Sent], *, now: datetime) -> int:
    """Submit what is not submitted yet; how many parcels. Raises Refusal, and nothing is submitted, where one may not be."""
    waiting = [one.label_id for one in sent if one.label_id is not None and one.state != "shipped"]
    if not waiting:
        return 0
    wrong = [what for what in labels.ship(actor, waiting, now=now) if isinstance(what, Problem)]
    if wrong:
        raise Refusal(*wrong[:SHOWN])
    return len(waiting)


def cancel(actor: Actor, pickup_id: int, *, now: datetime) -> int:
    """Nobody comes: what stood on the manifest is free for another; how many numbers. Cancelled before: nothing changes.

    Refusals: `pickup_unknown`, `pickup_signed`.
    """
    actor.require("hand_over")
    with transaction.atomic():
        pickup = pickups.lock(actor.shop_id, pickup_id)
        if pickup is not None and pickup.status == "cancelled":
            return 0
        _still(pickup)
        moved = pickups.cancel(actor, pickup_id, now=now)
        pickup_calls.withdraw(actor.shop_id, pickup_id, now=now)
    return int(moved.freed) if moved else 0


def _contract(shop_id: int, contract_id: int) -> Any:
    """Raises Refusal `contract_unknown`, `contract_inactive`."""
    contract = pickups.contract(shop_id, contract_id)
    if contract is None:
        raise Refusal.of("contract_unknown")
    if not contract.active:
        raise Refusal.of("contract_inactive", contract=contract.name)
    return contract


def _living(shop_id: int, pickup_id: int) -> Any:
    """A pickup that is still to happen, locked. Raises Refusal."""
    return _still(pickups.lock(shop_id, pickup_id))


def _still(pickup: Any | None) -> Any:
    if pickup is None:
        raise Refusal.of("pickup_unknown")
    if pickup.status not in rules.LIVING:
        raise Refusal.of("pickup_signed" if pickup.status == "signed" else "pickup_cancelled")
    return pickup


def _line(text: str, most: int) -> str:
    return " ".join(text.replace("\0", " ").split())[:most]
