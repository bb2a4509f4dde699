"""Pickups that a contract's service is asked for. The clock's rounds ask; a person may ask again, or settle it himself."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from fahuo.connectors.carriers import services
from fahuo.connectors.carrying import Booking, Outcome
from fahuo.rules.carrying import BREAKS_AT, PATIENCE, PICKUP_LASTS, State, later, pickup_reference
from fahuo.rules.labels import Party
from fahuo.rules.people import Actor
from fahuo.rules.problems import Problem, Refusal
from fahuo.rules.regions import split_address
from fahuo.store import carriers, journal
from fahuo.store import pickup_calls as store
from fahuo.store.models import Shop


def ask(shop_id: int, contract_id: int, pickup_id: int, *, now: datetime) -> bool:
    """Have the contract's service asked for a pickup, where it has one that can; whether it will be. Safe to repeat.

    In the transaction that called for the pickup."""
    account = store.account_of(shop_id, contract_id)
    kind = None if account is None else services().get(account.kind)
    if account is None or kind is None or "pickup" not in kind.can:
        return False
    if store.ask(shop_id, pickup_id, account.id, now=now):
        carriers.wake(shop_id, account.id, breaks_at=BREAKS_AT, at=now)
    return True


def withdraw(shop_id: int, pickup_id: int, *, now: datetime) -> None:
    """The pickup is cancelled: the service is told, if it may have heard of it. In the caller's transaction."""
    account_id = store.withdraw(shop_id, pickup_id, now=now)
    if account_id is not None:
        carriers.wake(shop_id, account_id, breaks_at=BREAKS_AT, at=now)


def standing(shop_id: int, pickup_ids: Sequence[int]) -> dict[int, Any]:
    """How pickups stand with the services that were asked for them (store.pickup_calls.of_pickups); others are not in it."""
    return store.of_pickups(shop_id, pickup_ids)


def _mine(actor: Actor, pickup_id: int) -> Any:
    actor.require("hand_over")
    found = store.of_pickups(actor.shop_id, [pickup_id]).get(pickup_id)
    if found is None:
        raise Refusal.of("pickup_unknown")
    return found


@transaction.atomic
def again(actor: Actor, pickup_id: int, *, now: datetime) -> bool:
    """Ask the service again now; whether there was something to ask. Refusals `not_permitted`, `pickup_unknown`."""
    row = _mine(actor, pickup_id)
    moved = store.again(actor.shop_id, row.account_id, pickup_id, now=now)
    carriers.hurry(actor.shop_id, row.account_id, at=now)
    return moved > 0


@transaction.atomic
def settled(actor: Actor, pickup_id: int, *, now: datetime) -> bool:
    """A person has called the courier, or called him off, by himself; whether the service's refusal waited for that.

    What is unknown, and what is asked again by itself, stays. Refusals as `again`."""
    _mine(actor, pickup_id)
    moved = store.settled_elsewhere(actor.shop_id, pickup_id, now=now)
    if moved:
        journal.append(actor, "pickup.settled", [journal.Moved(after={"pickup": pickup_id})], now=now)
    return moved


# ---- for the rounds ---------------------------------------------------------------------------------------------


def bookings(shop_id: int, rows: Sequence[Any], *, now: datetime) -> tuple[dict[int, Booking], dict[int, Outcome]]:
    """What is asked of the service for each pickup, and those that it is not asked for any more, with the reason."""
    shop, known = Shop.objects.get(id=shop_id), store.contents(shop_id, [row.pickup_id for row in rows])
    given: dict[int, Booking] = {}
    wrong: dict[int, Outcome] = {}
    for row in rows:
        content = known[row.pickup_id]
        if content.expected_at + PICKUP_LASTS < now:
            wrong[row.pickup_id] = Outcome("refused", Problem("pickup_too_late"), sent=False)
        else:
            given[row.pickup_id] = _booking(shop, row, content)
    return given, wrong


def _booking(shop: Shop, row: Any, content: Any) -> Booking:
    place = split_address(content.sender_address or shop.sender_address)
    sender = Party(
        content.sender_name or shop.sender_name or shop.name, content.sender_phone or shop.sender_phone, place.province,
        place.city, place.district, place.rest,
    )  # fmt: skip
    return Booking(
        pickup_reference(shop.id, row.pickup_id), content.carrier, sender, content.expected_at,
        content.expected_at + PICKUP_LASTS, max(content.waits, 1), content.account or "", row.asked,
    )  # fmt: skip


def called(row: Any, out: Outcome, *, now: datetime) -> Mapping[str, Any]:
    """What became of asking for a pickup."""
    state: State = "unknown" if out.sent or row.asked else "waiting"
    if out.verdict != "again":
        state = "done" if out.verdict == "done" else "refused"
    return _kept(row, "unknown", state, out, now=now)


def called_off(row: Any, out: Outcome, *, now: datetime) -> Mapping[str, Any]:
    """What became of calling one off; a refusal waits for a person."""
    return _kept(row, "cancelling", "cancelled" if out.verdict == "done" else "cancelling", out, now=now)


def _kept(row: Any, before: State, state: State, out: Outcome, *, now: datetime) -> Mapping[str, Any]:
    due_at, problem = None, None if out.verdict == "done" else out.problem or Problem("carrier_cannot")
    if out.verdict == "again" and row.attempts >= PATIENCE:
        problem = Problem("carrier_impatient", {"count": row.attempts})
    elif out.verdict == "again":
        due_at = later(row.attempts, now=now, at_least=out.seconds)
    return {
        "id": row.pickup_id, "before": before, "state": state, "due_at": due_at,
        "problem": None if problem is None else problem.as_dict(),
    }  # fmt: skip
