"""Which orders to pack first, so that the least is lost: one order after the other, each by the instant it must be out.

With so many orders an hour some cannot all be out in time. Of every set that can be, the dearest is kept (unit jobs with
deadlines and penalties: taking the dearest first, each as late as a place is free, is optimal); it is packed in the
order of its instants, and what is too late anyway comes after it, the dearest first.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final, Literal

from fahuo.rules import penalties
from fahuo.rules.policy import Kind, Version

Why = Literal["task", "deadline", "out_of_stock", "none"]
"""What happens next if the order does not leave: the platform takes its task over; it becomes late, or so late that it
counts as out of stock; nothing that has a time."""
FASTEST: Final = 10_000
"""Orders an hour, at most."""


@dataclass(frozen=True, slots=True)
class Job:
    """One order: by when it must be out, and what it costs (CNY, points) if it is not. `by` None: nothing hurries."""

    order_id: int
    by: datetime | None
    loss: Decimal
    points: int = 0
    why: Why = "none"

    @property
    def weight(self) -> tuple[Decimal, int]:
        return self.loss, self.points


@dataclass(frozen=True, slots=True)
class Line:
    """One order in its place: when its packing is done at the pace, and whether that is in time."""

    job: Job
    done: datetime
    in_time: bool


@dataclass(frozen=True, slots=True)
class Plan:
    """The orders as they should be packed. `lost` and `lost_points`: what is lost although they are packed so."""

    lines: tuple[Line, ...]
    lost: Decimal
    lost_points: int


def job_of(
    order_id: int, *, item_amount: Decimal, deadline: datetime, version: Version, now: datetime,
    promise_hours: int | None = None, task_due: datetime | None = None, owed: frozenset[str] = frozenset(),
) -> Job:  # fmt: skip
    """What an unshipped order risks next, under its version. `task_due`: when its open task runs out.

    `owed`: the kinds of compensation that it has cost already; they are not owed twice.
    """
    out_of_stock_at = deadline + timedelta(hours=version.out_of_stock_after_hours.value)
    by, why, kind = _next(deadline, out_of_stock_at, task_due, version, now=now)
    if why == "none" or kind in owed:
        return Job(order_id, None, penalties.NOTHING)
    loss = penalties.compensation(kind, item_amount, version, promise_hours=promise_hours)
    return Job(order_id, by, loss, version.points.upheld, why)


def _next(
    deadline: datetime, out_of_stock_at: datetime, task_due: datetime | None, version: Version, *, now: datetime
) -> tuple[datetime | None, Why, Kind]:
    if task_due is not None and task_due > now:
        return task_due, "task", penalties.complaint_kind(deadline, version, now=task_due)
    if deadline > now:
        return deadline, "deadline", "delay"
    if out_of_stock_at > now:
        return out_of_stock_at, "out_of_stock", "out_of_stock"
    return None, "none", "delay"


def least_loss(jobs: Sequence[Job], *, now: datetime, per_hour: int) -> Plan:
    """The order of packing that loses least, at `per_hour` orders an hour (1 to FASTEST) from now on."""
    kept = _kept(jobs, now=now, per_hour=per_hour)
    first = sorted((job for n, job in enumerate(jobs) if n in kept), key=_by)
    rest = [job for n, job in enumerate(jobs) if n not in kept]
    late = sorted((job for job in rest if job.by is not None), key=lambda job: (*_negative(job), _by(job)))
    return _plan([*first, *late, *(job for job in rest if job.by is None)], now=now, per_hour=per_hour)


def by_deadline(jobs: Sequence[Job], *, now: datetime, per_hour: int) -> Plan:
    """The same orders in the order in which they fall due, whatever they cost: to compare with."""
    return _plan(sorted(jobs, key=lambda job: (job.by is None, _by(job))), now=now, per_hour=per_hour)


def _kept(jobs: Sequence[Job], *, now: datetime, per_hour: int) -> set[int]:
    """The places in `jobs` of what is packed in time."""
    free = list(range(len(jobs) + 1))  # free[n]: the last free place among the first n; 0: none

    def last_free(place: int) -> int:
        while free[place] != place:
            free[place] = free[free[place]]
            place = free[place]
        return place

    kept = set()
    for n in sorted(range(len(jobs)), key=lambda n: (*_negative(jobs[n]), _by(jobs[n]), n)):
        by = jobs[n].by
        place = 0 if by is None else last_free(min(_places(by - now, per_hour), len(jobs)))
        if place:
            kept.add(n)
            free[place] = place - 1
    return kept


def _places(left: timedelta, per_hour: int) -> int:
    """How many orders are packed within a time; a job that is done just then is in time."""
    return max(left * per_hour // timedelta(hours=1), 0)


def _plan(jobs: Sequence[Job], *, now: datetime, per_hour: int) -> Plan:
    lines = []
    for place, job in enumerate(jobs, 1):
        in_time = job.by is not None and place <= _places(job.by - now, per_hour)
        lines.append(Line(job, now + timedelta(hours=place) / per_hour, in_time))
    lost = [line.job for line in lines if line.job.by is not None and not line.in_time]
    return Plan(
        tuple(lines), sum((job.loss for job in lost), penalties.NOTHING), sum(job.points for job in lost)
    )  # fmt: skip


def _by(job: Job) -> tuple[float, int]:
    return (job.by.timestamp() if job.by else 0.0, job.order_id)


def _negative(job: Job) -> tuple[Decimal, int]:
    loss, points = job.weight
    return -loss, -points
