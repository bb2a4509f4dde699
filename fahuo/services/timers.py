"""Timers of tasks: what time alone does. The clock fires them; and whoever acts on an order first lets time catch up.

A timer that is due at an instant fires after the events of that instant, and before any later one, however late a clock
comes: `catch_up` fires what was due before `now`, `run_due` what is due at `now` or before.
"""

import logging
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import DatabaseError, OperationalError, transaction

from fahuo.rules import tasks as rules
from fahuo.rules.orders import IN_BACKLOG
from fahuo.services import deadlines
from fahuo.services.shopbook import CONSENTED, ShopBook
from fahuo.store import tasks, timers
from fahuo.store.tasks import Step

log = logging.getLogger(__name__)

TICK: Final = timedelta(microseconds=1)
"""The least that the database tells apart."""
BATCH: Final = 1000


def catch_up(shop_id: int, order_ids: Sequence[int], *, now: datetime) -> None:
    """Fire the timers of these orders that ran out before `now`. The caller holds the orders, in a transaction."""
    until = now - TICK
    late = timers.late(shop_id, order_ids, until=until)
    if not late:
        return
    book = ShopBook.of(shop_id)
    moved = 1
    while moved:
        rows = [
            row for row in tasks.open_tasks(shop_id, late)
            if row.state in CONSENTED and row.due_at and row.due_at <= until and row.set_aside_at is None
        ]  # fmt: skip
        moved = _consent(book, rows, now=now)
        fired = timers.escalate(shop_id, book.escalations, until=until, now=now, limit=len(late) * 9, order_ids=late)
        moved += fired.count


def run_due(shop_id: int | None, *, now: datetime, limit: int = BATCH, stop: Callable[[], bool] = bool) -> int:
    """Fire every timer that is due at `now`, of one shop or (None) of all; how many fired.

    Each `limit` tasks are a transaction of their own. A task that cannot be fired is set aside with the reason and
    counted too. `stop` is asked between transactions.
    """
    found = [shop_id] if shop_id is not None else timers.shops_due(until=now)
    count = 0
    for each in found:
        book = ShopBook.of(each)
        fired = -1
        while fired and not stop():
            fired = _until_none(_silences, book, limit, now, stop) + _until_none(_escalations, book, limit, now, stop)
            count += fired
    return count


def _until_none(
    fire: Callable[[ShopBook, int, datetime], int], book: ShopBook, limit: int, now: datetime, stop: Callable[[], bool]
) -> int:
    """Fire set after set until nothing is due; how many. Sort by sort, so that no set looks for what is not there."""
    count, fired = 0, -1
    while fired and not stop():
        fired = fire(book, limit, now)
        count += fired
    return count


def _silences(book: ShopBook, limit: int, now: datetime) -> int:
    found = timers.due(book.shop_id, CONSENTED, until=now, limit=limit)
    return _guarded(book, [row.id for row in found], lambda: _consents(book, found, now=now), now=now) if found else 0


def _escalations(book: ShopBook, limit: int, now: datetime) -> int:
    try:
        with transaction.atomic():
            return int(timers.escalate(book.shop_id, book.escalations, until=now, now=now, limit=limit).count)
    except OperationalError:
        raise
    except DatabaseError:
        return _one_by_one(book, limit, now=now)


def _guarded(book: ShopBook, ids: list[int], fire: Callable[[], int], *, now: datetime) -> int:
    """Fire a set; when the database refuses it, whatever is wrong with one of it, set that one aside."""
    try:
        with transaction.atomic():
            return fire()
    except OperationalError:
        raise
    except DatabaseError as error:
        if len(ids) > 1:
            rows = {row.id: row for row in timers.due(book.shop_id, CONSENTED, until=now, limit=len(ids))}
            return sum(
                _guarded(book, [each], lambda each=each: _consents(book, [rows[each]], now=now), now=now)  # type: ignore[misc]  # bound now
                for each in ids if each in rows
            )  # fmt: skip
        return _aside(book, ids, error, now=now)


def _one_by_one(book: ShopBook, limit: int, *, now: datetime) -> int:
    """Fire what the set statement could not, each by itself; the one that is refused is set aside."""
    count = 0
    for row in timers.due(book.shop_id, book.escalations["states"], until=now, limit=limit):
        try:
            with transaction.atomic():
                fired = timers.escalate(book.shop_id, book.escalations, until=now, now=now, limit=1, task_ids=[row.id])
                count += int(fired.count)
        except OperationalError:
            raise
        except DatabaseError as error:
            count += _aside(book, [row.id], error, now=now)
    return count


def _aside(book: ShopBook, ids: Sequence[int], error: DatabaseError, *, now: datetime) -> int:
    why = (str(error).splitlines() or [type(error).__name__])[0][:300]
    log.error("task set aside", extra={"facts": {"shop": book.shop_id, "tasks": list(ids), "why": why}})
    with transaction.atomic():
        return timers.set_aside(book.shop_id, ids, why, now=now)


def _consents(book: ShopBook, found: Sequence[Any], *, now: datetime) -> int:
    return _consent(book, timers.lock(book.shop_id, found, CONSENTED, until=now), now=now)


def _consent(book: ShopBook, rows: Iterable[Any], *, now: datetime) -> int:
    """Silence was consent: move these locked tasks, whose orders are held; the agreed time becomes the deadline."""
    steps: list[Step] = []
    agreed: dict[int, datetime] = {}
    lost: list[int] = []
    for row in rows:
        version = book.versions.get(row.rulebook)
        if version is None or row.kind not in rules.KINDS:
            lost.append(row.id)
            continue
        moved = rules.move(
            row.state, "due", complaint_open=False, fulfilled=False, now=row.due_at, until=row.plan_until,
            version=version, due_at=row.due_at, kind=row.kind,
        )  # fmt: skip
        assert isinstance(moved, rules.Moved)  # CONSENTED are the states that have this move
        steps.append(step_of(row, "due", moved, at=row.due_at))
        if moved.agrees and row.plan_until is not None:
            agreed[row.order_id] = row.plan_until
    tasks.apply(book.shop_id, steps, actor=timers.CLOCK, member_id=None)
    agree(book, agreed, now=now)
    timers.set_aside(book.shop_id, lost, "rulebook", now=now) if lost else 0
    return len(steps) + len(lost)


def agree(book: ShopBook, agreed: dict[int, datetime], *, now: datetime) -> None:
    """The buyers of these orders agreed to wait until then; the deadlines follow."""
    if agreed:
        changed = timers.agree(book.shop_id, agreed, waits=sorted(IN_BACKLOG), now=now)
        deadlines.recompute(book.shop_id, changed, now=now)


def step_of(row: Any, event: str, moved: rules.Moved, *, at: datetime, complaint: str = "", **plan: Any) -> Step:
    """The move of a task as it is written; a state that needs the seller reminds him from its first instant."""
    if moved.changed:
        wants = moved.state in rules.NEEDS_SELLER and moved.due_at is not None and moved.due_at > at
        reminder_at = at if wants else None
    else:
        reminder_at = row.next_reminder_at if moved.due_at is not None else None
    return Step(
        task_id=row.id, at=at, from_state=row.state, event=event, to_state=moved.state, clause=moved.clause,
        rulebook=row.rulebook, due_at=moved.due_at, reminder_at=reminder_at,
        complaint=complaint if moved.opens_complaint else "", **plan,
    )  # fmt: skip
