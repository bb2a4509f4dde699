"""What people do with an order besides shipping it: memos, flags, deadlines, conflicts, and seeing its receiver.

Each act is one transaction, asks for its permission, may be repeated, and is journaled from the rows that moved.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from fahuo.rules.deadlines import Ground
from fahuo.rules.orders import FLAGS
from fahuo.rules.people import Actor
from fahuo.rules.problems import Refusal
from fahuo.services import deadlines, disclosures, tasks
from fahuo.store import journal, orders
from fahuo.store.journal import Moved

MEMO_BYTES = 1000
"""The marketplace's own limit of a memo."""


def _access(actor: Actor, act: str, order_ids: Sequence[int]) -> None:
    """Refusal unless the actor may do `act`, and every order is of the actor's shop."""
    actor.require(act)
    missing = set(order_ids) - orders.known(actor.shop_id, order_ids)
    if missing:
        raise Refusal.of("order_unknown", order=min(missing))


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()


@transaction.atomic
def set_memo(actor: Actor, order_id: int, memo: str, *, now: datetime) -> bool:
    """Write our memo (at most 1000 bytes, as at the marketplace); whether it changed."""
    _access(actor, "edit_memo", [order_id])
    memo = memo.strip().replace("\0", "")
    if len(memo.encode()) > MEMO_BYTES:
        raise Refusal.of("memo_too_long", most=MEMO_BYTES, bytes=len(memo.encode()))
    moved = orders.set_memo(actor.shop_id, order_id, memo, now=now)
    # what people write there is often about the buyer: the journal says that it changed, not what it said
    told = [Moved(order_id=row.id, after={"changed": ["memo"]}) for row in moved]
    return journal.append(actor, "order.memo", told, now=now) > 0


def set_flag(actor: Actor, order_id: int, flag: int | None, *, now: datetime) -> bool:
    """Set the flag 0 to 10, or take it away (None); whether it changed."""
    return set_flags(actor, [order_id], flag, now=now) > 0


@transaction.atomic
def set_flags(actor: Actor, order_ids: Sequence[int], flag: int | None, *, now: datetime) -> int:
    """Set the flag of these orders, or take it away (None); how many changed."""
    _access(actor, "edit_memo", order_ids)
    if flag is not None and not 0 <= flag < len(FLAGS):
        raise Refusal.of("flag_number", flag=flag)
    moved = orders.set_flag(actor.shop_id, order_ids, flag, now=now)
    told = [Moved(order_id=row.id, before={"flag": row.flag}, after={"flag": flag}) for row in moved]
    return journal.append(actor, "order.flag", told, now=now)


@transaction.atomic
def reveal_receiver(actor: Actor, order_id: int, *, now: datetime) -> Any:
    """The receiver with nothing masked (order_id, name, phone, … postcode); every look is journaled."""
    _access(actor, "reveal_receiver", [order_id])
    found = orders.receiver(actor.shop_id, order_id)
    if found is None:
        raise Refusal.of("receiver_unknown")
    disclosures.spend(actor, "revealed", 1, now=now)
    journal.append(actor, "order.revealed", [Moved(order_id=order_id)], now=now)
    return found


@transaction.atomic
def let_wait(
    actor: Actor, order_ids: Sequence[int], until: datetime | None, *, ground: Ground, now: datetime
) -> int:  # fmt: skip
    """Note until when the buyers of these orders agreed to wait, or the platform approved the delay (报备); None takes it
    back. Deadlines follow. How many orders changed."""
    _access(actor, "set_deadline", order_ids)
    _require_future(until, now)
    moved = orders.let_wait(actor.shop_id, order_ids, until, ground=ground, now=now)
    return _follow(actor, f"order.{ground}", moved, until, now=now)


def _require_future(until: datetime | None, now: datetime) -> None:
    if until is not None and until <= now:
        raise Refusal.of("until_past")


def _follow(actor: Actor, act: str, moved: Sequence[Any], until: datetime | None, *, now: datetime) -> int:
    recompute_deadlines(actor.shop_id, [row.id for row in moved], now=now)
    told = [
        Moved(order_id=row.id, before={"until": _iso(row.until)}, after={"until": _iso(until)}) for row in moved
    ]  # fmt: skip
    return journal.append(actor, act, told, now=now)


@transaction.atomic
def settle_conflict(actor: Actor, order_id: int, *, now: datetime) -> bool:
    """A person has looked at what changed after printing or shipping; whether there was a conflict."""
    _access(actor, "ship", [order_id])
    moved = orders.settle_conflict(actor.shop_id, order_id, now=now)
    told = [Moved(order_id=row.id, before={"conflict": row.conflict}, after={"conflict": ""}) for row in moved]
    return journal.append(actor, "order.conflict_settled", told, now=now) > 0


@transaction.atomic
def mark_printed(actor: Actor, order_ids: Sequence[int], *, now: datetime) -> int:
    """Papers of these orders were printed; how many orders moved. From now on a changed address is a conflict."""
    _access(actor, "print_papers", order_ids)
    moved = orders.mark_printed(actor.shop_id, order_ids, now=now)
    told = [
        Moved(order_id=row.id, before={"printed_at": _iso(row.at)}, after={"printed_at": _iso(now)}) for row in moved
    ]
    return journal.append(actor, "order.printed", told, now=now)


@transaction.atomic
def note_courier_call(actor: Actor, order_ids: Sequence[int], *, now: datetime) -> int:
    """The courier was called for these orders; how many orders moved."""
    _access(actor, "ship", order_ids)
    moved = orders.note_call(actor.shop_id, order_ids, now=now)
    told = [Moved(order_id=row.id, before={"called_at": _iso(row.at)}, after={"called_at": _iso(now)}) for row in moved]
    return journal.append(actor, "order.called", told, now=now)


def urge(actor: Actor, order_id: int, *, now: datetime, count: int = 1) -> bool:
    """The buyer urged the shipping, so many times: mark the order. False when it does not wait any more.

    Past the deadline that makes a task, as the buyer's own button does, unless the shop's tasks are kept elsewhere.
    """
    return tasks.press_urge(actor, order_id, now=now, count=count).counts


@transaction.atomic
def recompute_deadlines(shop_id: int, order_ids: Sequence[int], *, now: datetime) -> int:
    """Decide the deadlines of these orders anew from what stands; how many that wait were written."""
    return deadlines.recompute(shop_id, order_ids, now=now)


def fold_tally(shop_id: int) -> int:
    """Add up the counts of the order tabs; how many rows that made. For the clock."""
    return orders.fold_tally(shop_id)
