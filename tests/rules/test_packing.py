"""The order of packing: never worse than any other, and what each order risks next."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fahuo.rules import policy
from fahuo.rules.packing import Job, Plan, by_deadline, job_of, least_loss

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
VERSION = policy.load("taobao").at(NOW)
JOBS = st.lists(
    st.builds(
        Job, order_id=st.integers(1, 99),
        by=st.one_of(st.none(), st.integers(-60, 400).map(lambda minutes: NOW + timedelta(minutes=minutes))),
        loss=st.sampled_from([Decimal("5.00"), Decimal("12.34"), Decimal("30.00")]), points=st.sampled_from([0, 3]),
    ),
    max_size=6, unique_by=lambda job: job.order_id,
)  # fmt: skip


def lost(jobs: tuple[Job, ...], per_hour: int) -> tuple[Decimal, int]:
    """What is lost when they are packed in just this order."""
    late = [
        job for place, job in enumerate(jobs, 1)
        if job.by is not None and NOW + timedelta(hours=1) * place / per_hour > job.by + timedelta(microseconds=1)
    ]  # fmt: skip
    return sum((job.loss for job in late), Decimal("0.00")), sum(job.points for job in late)


def order_of(plan: Plan) -> tuple[Job, ...]:
    return tuple(line.job for line in plan.lines)


@given(JOBS, st.sampled_from([1, 2, 3, 7, 60]))
def test_no_other_order_loses_less(jobs: list[Job], per_hour: int) -> None:
    plan = least_loss(jobs, now=NOW, per_hour=per_hour)
    assert sorted(order_of(plan), key=id) == sorted(jobs, key=id)
    assert (plan.lost, plan.lost_points) == lost(order_of(plan), per_hour)
    assert plan.lost == min((lost(other, per_hour)[0] for other in permutations(jobs)), default=Decimal(0))
    assert plan.lost <= by_deadline(jobs, now=NOW, per_hour=per_hour).lost


def test_the_dear_one_goes_before_the_urgent_one_that_is_cheap() -> None:
    cheap = Job(1, NOW + timedelta(hours=1), Decimal("5.00"))
    dear = Job(2, NOW + timedelta(hours=1, minutes=30), Decimal("30.00"))
    plan = least_loss([cheap, dear], now=NOW, per_hour=1)
    assert [line.job.order_id for line in plan.lines] == [2, 1]
    assert plan.lost == Decimal("5.00")
    assert by_deadline([cheap, dear], now=NOW, per_hour=1).lost == Decimal("30.00")


@pytest.mark.parametrize(
    ("late_by", "task", "why", "by", "loss"),
    [
        (-3, None, "deadline", 3, "5.00"),
        (1, None, "out_of_stock", 71, "10.00"),
        (1, 5, "task", 5, "5.00"),
        (70, 5, "task", 5, "10.00"),
        (72, None, "none", None, "0.00"),
    ],
)
def test_what_an_order_risks_next(late_by: int, task: int | None, why: str, by: int | None, loss: str) -> None:
    job = job_of(
        1, item_amount=Decimal("100.00"), deadline=NOW - timedelta(hours=late_by), version=VERSION, now=NOW,
        task_due=None if task is None else NOW + timedelta(hours=task),
    )  # fmt: skip
    assert (job.why, job.by, job.loss) == (why, None if by is None else NOW + timedelta(hours=by), Decimal(loss))


def test_what_was_paid_already_is_not_risked_again() -> None:
    paid = job_of(
        1, item_amount=Decimal(100), deadline=NOW - timedelta(hours=1), version=VERSION, now=NOW,
        task_due=NOW + timedelta(hours=2), owed=frozenset({"delay"}),
    )  # fmt: skip
    assert (paid.by, paid.loss) == (None, Decimal("0.00"))
