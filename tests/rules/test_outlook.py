"""What is foreseen if nobody acts: the timers' way, and the deadlines that hold meanwhile."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from fahuo.rules.complaints import Cost
from fahuo.rules.outlook import Situation, foresee
from fahuo.rules.policy import load

PAID = datetime(2022, 8, 10, 2, tzinfo=UTC)
H = timedelta(hours=1)
VERSION = load("taobao").at(PAID)
DEADLINE = PAID + 48 * H
COSTS = {"delay": Cost(Decimal("7.50"), 3), "out_of_stock": Cost(Decimal("45.00"), 3)}


def told(found: Situation, now: datetime) -> list[tuple[float | None, str, str]]:
    """(hours after the deadline, what, clause) of every step."""
    return [
        (None if step.at is None else (step.at - DEADLINE) / H, step.what, step.clause)
        for step in foresee(found, lambda kind: COSTS[kind], now=now)
    ]


def test_an_order_that_waits_becomes_late_and_then_out_of_stock() -> None:
    found = Situation("awaiting_shipment", DEADLINE, VERSION)
    assert told(found, PAID) == [(0, "deadline", "past_deadline"), (72, "out_of_stock", "out_of_stock")]
    late = Situation("awaiting_shipment", DEADLINE, VERSION, urge_makes_task=True)
    assert told(late, DEADLINE + H) == [(1, "urge", "past_deadline"), (72, "out_of_stock", "out_of_stock")]


def test_silence_upon_a_reply_and_upon_a_task() -> None:
    found = Situation(
        "awaiting_shipment", DEADLINE, VERSION, state="awaiting_seller_reply", due_at=DEADLINE + 25 * H,
        reminder_at=DEADLINE + 13 * H,
    )  # fmt: skip
    assert told(found, DEADLINE + 2 * H) == [
        (13, "reminder", "todo_notice"), (25, "transition", "no_reply"), (25, "complaint", "delay"),
        (72, "out_of_stock", "out_of_stock"),
    ]  # fmt: skip


def test_once_silence_is_consent_the_agreed_time_is_the_deadline() -> None:
    """The old deadline's out of stock at 72 h never comes: by then the buyer has agreed to wait until 60 h."""
    found = Situation(
        "awaiting_shipment", DEADLINE, VERSION, state="awaiting_buyer_confirmation", due_at=DEADLINE + 26 * H,
        plan_until=DEADLINE + 60 * H,
    )  # fmt: skip
    assert told(found, DEADLINE + 3 * H) == [
        (26, "transition", "silent_consent"), (60, "transition", "not_done"), (60, "complaint", "delay"),
        (132, "out_of_stock", "out_of_stock"),
    ]  # fmt: skip


def test_what_falls_before_the_consent_still_comes_from_the_old_deadline() -> None:
    found = Situation(
        "awaiting_shipment", DEADLINE, VERSION, state="awaiting_buyer_confirmation", due_at=DEADLINE + 80 * H,
        plan_until=DEADLINE + 100 * H,
    )  # fmt: skip
    assert [step for step in told(found, DEADLINE + 60 * H) if step[1] == "out_of_stock"] == [
        (72, "out_of_stock", "out_of_stock"), (172, "out_of_stock", "out_of_stock"),
    ]  # fmt: skip


def test_an_open_complaint_waits_for_its_verdict() -> None:
    found = Situation("shipped", DEADLINE, VERSION, complaint="delay", shipped_at=DEADLINE + 30 * H)
    assert told(found, DEADLINE + 31 * H) == [(54, "not_picked_up", "not_picked_up"), (None, "verdict", "delay")]
