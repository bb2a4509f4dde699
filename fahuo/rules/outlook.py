"""What happens next to an order if nobody acts: when, under which clause, and what it costs if it comes to that.

Nothing is written or asked here; the moves are those of `rules.tasks.TABLE`, walked along their timers.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Final, Literal

from fahuo.rules import complaints, tasks
from fahuo.rules.complaints import Cost
from fahuo.rules.orders import IN_BACKLOG
from fahuo.rules.policy import Version

What = Literal[
    "reminder", "transition", "complaint", "deadline", "urge", "out_of_stock", "verdict", "not_picked_up", "silent"
]
WORDS: Final[dict[What, tuple[str, str]]] = {
    "reminder": ("提醒订阅了待办通知的账号", "those who subscribed are reminded"),
    "complaint": ("平台替买家投诉", "the platform complains for the buyer"),
    "deadline": ("发货期限到，此后算延迟发货", "the deadline; after it the order counts as late"),
    "urge": (
        "买家随时可以催发货，立即生成平台任务",
        "the buyer may urge at any time, which makes a platform task at once",
    ),
    "out_of_stock": ("仍未发货算缺货", "still not shipped counts as out of stock"),
    "verdict": ("平台判定投诉；成立要赔付和扣分", "the platform decides the complaint; upheld it costs this"),
    "not_picked_up": ("没有揽收，报警", "no pickup scan: an alert"),
    "silent": ("没有物流更新，报警", "no further scan: an alert"),
}
"""What each step is, in Chinese and English; a transition is told by its clause."""


@dataclass(frozen=True, slots=True)
class Situation:
    """An order as it stands. Instants are aware; `version` is the one in force when it was paid."""

    status: str
    deadline: datetime | None
    version: Version
    complaint: str = ""
    """The kind of the open complaint; "" for none."""
    refunded: bool = False
    state: str = ""
    """The state of its open task; "" for none."""
    kind: str = tasks.URGE_SHIPMENT
    due_at: datetime | None = None
    plan_until: datetime | None = None
    reminder_at: datetime | None = None
    urge_makes_task: bool = False
    """Whether an urge at this moment would make a task."""
    shipped_at: datetime | None = None
    """Since when a parcel waits for its pickup; None: none does."""
    scanned_at: datetime | None = None
    """The last scan of a parcel that is under way; None: none is."""


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that will happen. `at` None: when somebody decides so. `cost`: what it comes to if it goes that far."""

    at: datetime | None
    what: What
    clause: str
    zh: str
    en: str
    to_state: str = ""
    cost: Cost | None = None


Price = Callable[[str], Cost]
"""The kind of a complaint -> what it would cost, upheld."""


def foresee(found: Situation, price: Price, *, now: datetime) -> tuple[Step, ...]:
    """The steps in time order (UTC), those without a moment last."""
    now = now.astimezone(UTC)
    steps = [*_reminder(found), *_task(found, price), *_deadlines(found, price, now), *_under_way(found, now)]
    if found.complaint:
        steps.append(_step(None, "verdict", found.complaint, cost=price(found.complaint)))
    return tuple(sorted(steps, key=lambda step: (step.at is None, step.at or now)))


def _step(at: datetime | None, what: What, clause: str, cost: Cost | None = None) -> Step:
    return Step(at, what, clause, *WORDS[what], cost=cost)


def _reminder(found: Situation) -> Iterator[Step]:
    if found.state and found.reminder_at is not None:
        yield _step(found.reminder_at, "reminder", "todo_notice")


def _task(found: Situation, price: Price) -> Iterator[Step]:
    """Where the timers carry the task."""
    while found.state and found.due_at is not None:
        at = found.due_at
        moved = tasks.move(
            found.state, "due", complaint_open=bool(found.complaint), fulfilled=_fulfilled(found), now=at,  # type: ignore[arg-type]  # a state that stands
            until=found.plan_until, version=found.version, due_at=at, kind=found.kind,
        )  # fmt: skip
        if not isinstance(moved, tasks.Moved) or not moved.changed:
            return
        yield Step(at, "transition", moved.clause, *tasks.CLAUSES[moved.clause], to_state=moved.state)
        if moved.opens_complaint:
            kind = complaints.kind_at(found.deadline, found.version, now=at)
            yield _step(at, "complaint", kind, price(kind))
        agreed = found.plan_until if moved.agrees and found.plan_until is not None else found.deadline
        found = replace(found, state=moved.state, due_at=moved.due_at, deadline=agreed)


def _fulfilled(found: Situation) -> bool:
    given = {"shipped": found.status in ("shipped", "completed"), "refunded": found.refunded}
    return any(given.get(event, False) for event in tasks.KINDS[found.kind].fulfilled_by)


def _deadlines(found: Situation, price: Price, now: datetime) -> Iterator[Step]:
    """What comes of the deadline that holds now and, once silence is consent to a later shipping, of the agreed one."""
    agreed = found.plan_until if found.state == "awaiting_buyer_confirmation" else None
    then = found.due_at if agreed is not None else None
    yield from (step for step in _waiting(found, price, now) if then is None or (step.at or now) < then)
    if agreed is not None and then is not None:
        after = _waiting(replace(found, deadline=agreed), price, then)
        yield from (step for step in after if step.what != "deadline")  # the task says what happens at that instant


def _waiting(found: Situation, price: Price, now: datetime) -> Iterator[Step]:
    """What comes of the deadline of an order that still waits to be shipped."""
    if found.status not in IN_BACKLOG or found.deadline is None or found.refunded:
        return
    if now <= found.deadline:
        yield _step(found.deadline, "deadline", "past_deadline", price("delay"))
    elif not found.state and found.urge_makes_task:
        yield _step(now, "urge", "past_deadline", price("delay"))
    stock = found.deadline + timedelta(hours=found.version.out_of_stock_after_hours.value)
    if now < stock:
        yield _step(stock, "out_of_stock", "out_of_stock", price("out_of_stock"))


def _under_way(found: Situation, now: datetime) -> Iterator[Step]:
    version = found.version
    hours: tuple[tuple[What, datetime | None, int], ...] = (
        ("not_picked_up", found.shipped_at, version.pickup_within_hours.value),
        ("silent", found.scanned_at, version.update_within_hours.value),
    )
    for what, since, most in hours:
        if since is not None and since + timedelta(hours=most) > now:
            yield _step(since + timedelta(hours=most), what, what)
