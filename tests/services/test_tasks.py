"""Urges and tasks, clause by clause, on a real database."""

from datetime import datetime, timedelta

import pytest

from fahuo.rules.parcels import CarrierScan
from fahuo.rules.people import Actor
from fahuo.rules.problems import Refusal
from fahuo.services import complaints, orders, parcels, refunds, tasks
from fahuo.store import tasks as store
from fahuo.store.models import Complaint, JournalEntry, Order, Shop, Task
from tests.services.aftersales import (
    HOUR,
    PAID,
    PLATFORM,
    at,
    buyer,
    complaint,
    late,
    paid,
    state,
    steps,
    task,
)
from tests.services.shipping import agree, waybill

pytestmark = pytest.mark.django_db

LATE = at("12 15:00")
DUE = at("13 15:00")


def codes(caught: pytest.ExceptionInfo[Refusal]) -> list[str]:
    for problem in caught.value.problems:
        assert problem.sentence("zh")
        assert problem.sentence("en")
    return [problem.code for problem in caught.value.problems]


def refused(act: object, *arguments: object, **named: object) -> list[str]:
    with pytest.raises(Refusal) as caught:
        act(*arguments, **named)  # type: ignore[operator]
    return codes(caught)


def ship(actor: Actor, order_id: int, n: int, now: datetime) -> None:
    parcels.ship(actor, order_ids=[order_id], carrier="ZTO", waybill=waybill(n), now=now)


# ---- the urge ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("moment", "outcome"), [("11 10:00", "flagged"), ("12 10:00", "flagged"), ("12 10:01", "task")]
)
def test_an_urge_at_or_before_the_deadline_only_marks(owner: Actor, moment: str, outcome: str) -> None:
    order = paid(owner.shop_id, 1)
    found = tasks.press_urge(buyer(owner.shop_id), order, now=at(moment))
    assert found.outcome == outcome
    marked = Order.objects.get(shop_id=owner.shop_id, id=order)
    assert (marked.urge_count, marked.urged_at) == (1, at(moment))
    assert state(owner.shop_id, order) == ("none" if outcome == "flagged" else "awaiting_seller_reply")


def test_a_late_urge_makes_one_task(owner: Actor) -> None:
    order = late(owner.shop_id, 1, now=LATE)
    assert tasks.press_urge(buyer(owner.shop_id), order, now=LATE + HOUR).reason == "open_task"
    made = Task.objects.get(shop_id=owner.shop_id)
    assert (made.state, made.due_at, made.urge_count) == ("awaiting_seller_reply", DUE, 2)
    assert made.rulebook == "taobao-2022-07-18"
    assert steps(owner.shop_id, order) == [("", "urged", "awaiting_seller_reply")]
    event = store.events(owner.shop_id, order)[0]
    assert (event.at, event.clause, event.rulebook, event.actor) == (LATE, "late_urge", made.rulebook, "buyer")


def test_another_buyers_order_is_unknown(owner: Actor) -> None:
    order = paid(owner.shop_id, 1)
    assert refused(tasks.press_urge, buyer(owner.shop_id, "somebody"), order, now=LATE) == ["order_unknown"]


def test_another_shops_order_is_unknown(owner: Actor, stranger: Actor) -> None:
    order = late(owner.shop_id, 1)
    assert refused(tasks.press_urge, stranger, order, now=LATE) == ["order_unknown"]
    assert refused(tasks.reply, stranger, order, plan="exchange", now=LATE) == ["order_unknown"]
    assert refused(complaints.settle, stranger, order, now=LATE) == ["order_unknown"]


@pytest.mark.parametrize(
    ("kind", "day", "reason"),
    [
        ("custom", "12", "custom"),
        ("virtual", "12", "virtual"),
        ("presale_full", "12", "past_deadline"),
        ("presale_staged", "12", "past_deadline"),
    ],
)
def test_kinds_of_goods(owner: Actor, kind: str, day: str, reason: str) -> None:
    order = paid(owner.shop_id, 1, kind=kind)
    assert tasks.press_urge(buyer(owner.shop_id), order, now=at(f"{day} 15:00")).reason == reason


def test_until_mid_july_presales_and_orders_without_complaint_were_exempt(owner: Actor) -> None:
    then = datetime.fromisoformat("2022-07-10T10:00:00+08:00")
    presale = paid(owner.shop_id, 1, kind="presale_full", paid_at=then)
    plain = paid(owner.shop_id, 2, paid_at=then)
    now = then + timedelta(hours=50)
    assert tasks.press_urge(buyer(owner.shop_id), presale, now=now).reason == "presale"
    assert tasks.press_urge(buyer(owner.shop_id), plain, now=now).reason == "no_complaint"
    complaints.open_by_buyer(buyer(owner.shop_id), plain, kind="delay", now=now)
    assert tasks.press_urge(buyer(owner.shop_id), plain, now=now).reason == "past_deadline"


def test_shipped_refunded_and_unpaid_orders_cannot_be_urged(owner: Actor) -> None:
    gone, back = paid(owner.shop_id, 1), paid(owner.shop_id, 2)
    ship(owner, gone, 1, PAID + HOUR)
    refunds.succeed(owner, back, now=PAID + HOUR)
    for order in (gone, back):
        assert tasks.press_urge(buyer(owner.shop_id), order, now=LATE).outcome == "refused"
        assert Order.objects.get(shop_id=owner.shop_id, id=order).urge_count == 0


def test_a_shop_whose_marketplace_keeps_the_tasks_is_only_told(shop: Shop, owner: Actor) -> None:
    Shop.objects.filter(id=shop.id).update(tasks_here=False)
    order = paid(owner.shop_id, 1)
    assert tasks.press_urge(buyer(owner.shop_id), order, now=LATE).reason == tasks.TASKS_ELSEWHERE
    assert orders.urge(owner, order, now=LATE)
    assert Order.objects.get(shop_id=shop.id, id=order).urge_count == 2
    assert state(shop.id, order) == "none"


# ---- the task ----------------------------------------------------------------------------------------------------


def test_shipping_completes_it(owner: Actor) -> None:
    order = late(owner.shop_id, 1)
    ship(owner, order, 1, LATE + HOUR)
    assert state(owner.shop_id, order) == "completed"
    assert steps(owner.shop_id, order)[-1] == ("awaiting_seller_reply", "shipped", "completed")
    assert task(owner.shop_id, order).due_at is None
    agree(owner.shop_id)


def test_a_full_refund_completes_it(owner: Actor) -> None:
    order = late(owner.shop_id, 1)
    assert refunds.succeed(owner, order, now=LATE + HOUR)
    assert not refunds.succeed(owner, order, now=LATE + HOUR)
    assert state(owner.shop_id, order) == "completed"
    assert Order.objects.get(shop_id=owner.shop_id, id=order).status == "closed"
    agree(owner.shop_id)


def test_a_part_of_the_order_does_not(owner: Actor) -> None:
    order = late(owner.shop_id, 1, quantities=(1, 1))
    line = store.sql.fetch("SELECT min(id) AS id FROM order_lines WHERE shop_id = %(s)s", s=owner.shop_id)[0].id
    parcels.ship(
        owner, order_ids=[order], carrier="ZTO", waybill=waybill(1), now=LATE + HOUR, lines={line: 1}
    )  # fmt: skip
    assert state(owner.shop_id, order) == "awaiting_seller_reply"
    ship(owner, order, 2, LATE + 2 * HOUR)
    assert state(owner.shop_id, order) == "completed"


def test_a_promise_to_ship_later_needs_the_buyer(owner: Actor) -> None:
    order = late(owner.shop_id, 1)
    until = at("16 12:00")
    tasks.reply(owner, order, plan="ship_later", until=until, now=LATE + HOUR)
    asked = task(owner.shop_id, order)
    assert (asked.state, asked.due_at, asked.plan, asked.plan_until) == (
        "awaiting_buyer_confirmation", LATE + 25 * HOUR, "ship_later", until,
    )  # fmt: skip
    tasks.buyer_answer(buyer(owner.shop_id), order, accept=True, now=LATE + 2 * HOUR)
    agreed = task(owner.shop_id, order)
    assert (agreed.state, agreed.due_at) == ("awaiting_seller_action", until)
    moved = Order.objects.get(shop_id=owner.shop_id, id=order)
    assert (moved.deadline, moved.deadline_clause, moved.agreed_until) == (until, "agreed", until)
    agree(owner.shop_id)


def test_silence_of_the_buyer_is_consent(owner: Actor) -> None:
    order = late(owner.shop_id, 1)
    tasks.reply(owner, order, plan="exchange", now=LATE)
    assert tasks.run_due(owner.shop_id, now=LATE + 24 * HOUR) == 1
    asked = task(owner.shop_id, order)
    assert (asked.state, asked.due_at) == ("awaiting_seller_action", LATE + 72 * HOUR)
    assert tasks.run_due(owner.shop_id, now=LATE + 72 * HOUR - timedelta(seconds=1)) == 0
    assert tasks.run_due(owner.shop_id, now=LATE + 72 * HOUR) == 1
    assert state(owner.shop_id, order) == "platform_intervention"


def test_a_promise_for_before_the_buyers_day_ends(owner: Actor) -> None:
    order = late(owner.shop_id, 1)
    until = LATE + 3 * HOUR
    tasks.reply(owner, order, plan="ship_later", until=until, now=LATE)
    assert task(owner.shop_id, order).due_at == until
    assert tasks.run_due(owner.shop_id, now=until) == 2
    assert [step[1:] for step in steps(owner.shop_id, order)[-2:]] == [
        ("due", "awaiting_seller_action"), ("due", "platform_intervention"),
    ]  # fmt: skip
    assert complaint(owner.shop_id, order) == "open"


def test_the_buyer_refuses(owner: Actor) -> None:
    order = late(owner.shop_id, 1)
    tasks.reply(owner, order, plan="exchange", now=LATE)
    tasks.buyer_answer(buyer(owner.shop_id), order, accept=False, now=LATE + HOUR)
    assert (state(owner.shop_id, order), complaint(owner.shop_id, order)) == ("platform_intervention", "open")
    assert Complaint.objects.get(shop_id=owner.shop_id).opened_by == "platform"


def test_cannot_ship(owner: Actor) -> None:
    order, disaster = late(owner.shop_id, 1), late(owner.shop_id, 2)
    tasks.reply(owner, order, plan="cannot_ship", now=LATE)
    tasks.reply(owner, disaster, plan="cannot_ship", reason="force_majeure", now=LATE)
    assert (state(owner.shop_id, order), task(owner.shop_id, order).due_at) == ("awaiting_seller_action", DUE)
    assert (state(owner.shop_id, disaster), complaint(owner.shop_id, disaster)) == ("platform_intervention", "none")
    tasks.run_due(owner.shop_id, now=DUE)
    assert (state(owner.shop_id, order), complaint(owner.shop_id, order)) == ("platform_intervention", "open")
    ship(owner, disaster, 1, DUE)
    assert state(owner.shop_id, disaster) == "completed"


def test_silence_of_the_seller(owner: Actor) -> None:
    order = late(owner.shop_id, 1)
    assert tasks.run_due(owner.shop_id, now=DUE - timedelta(seconds=1)) == 0
    assert tasks.run_due(owner.shop_id, now=DUE) == 1
    assert tasks.run_due(owner.shop_id, now=DUE) == 0
    assert (state(owner.shop_id, order), complaint(owner.shop_id, order)) == ("platform_intervention", "open")
    found = Complaint.objects.get(shop_id=owner.shop_id)
    assert (found.kind, found.opened_by, found.opened_at) == ("delay", "platform", DUE)
    # shipped now, the task waits for the complaint
    ship(owner, order, 1, DUE + HOUR)
    assert state(owner.shop_id, order) == "platform_intervention"
    complaints.adjudicate(PLATFORM, owner.shop_id, order, verdict="dismissed", now=DUE + 2 * HOUR)
    assert state(owner.shop_id, order) == "completed"


def test_from_72_hours_after_the_deadline_it_is_out_of_stock(owner: Actor) -> None:
    early, exact = late(owner.shop_id, 1, now=at("14 09:59")), late(owner.shop_id, 2, now=at("14 10:00"))
    tasks.run_due(None, now=at("15 10:00"))
    kinds = dict(Complaint.objects.filter(shop_id=owner.shop_id).values_list("order_id", "kind"))
    assert kinds == {early: "delay", exact: "out_of_stock"}


def test_a_clock_that_comes_late_writes_what_a_punctual_one_would_have(owner: Actor) -> None:
    order = late(owner.shop_id, 1)
    tasks.run_due(None, now=DUE + 200 * HOUR)
    found = Complaint.objects.get(shop_id=owner.shop_id, order_id=order)
    assert (found.kind, found.opened_at) == ("delay", DUE)
    assert store.events(owner.shop_id, order)[-1].at == DUE


@pytest.mark.parametrize("what", ["ship", "refund", "reply"])
def test_an_event_at_the_due_instant_wins(owner: Actor, what: str) -> None:
    order = late(owner.shop_id, 1)
    match what:
        case "ship":
            ship(owner, order, 1, DUE)
        case "refund":
            refunds.succeed(owner, order, now=DUE)
        case "reply":
            tasks.reply(owner, order, plan="exchange", now=DUE)
    assert tasks.run_due(owner.shop_id, now=DUE) == 0
    assert complaint(owner.shop_id, order) == "none"


@pytest.mark.parametrize("what", ["ship", "refund", "reply", "urge"])
def test_an_event_after_it_loses_even_when_no_clock_has_come(owner: Actor, what: str) -> None:
    order = late(owner.shop_id, 1)
    now = DUE + timedelta(microseconds=1)
    match what:
        case "ship":
            ship(owner, order, 1, now)
        case "refund":
            refunds.succeed(owner, order, now=now)
        case "reply":
            assert refused(tasks.reply, owner, order, plan="exchange", now=now) == ["task_with_platform"]
            # a refusal changes nothing, so the clock still has it to do
            tasks.run_due(owner.shop_id, now=now)
        case "urge":
            tasks.press_urge(buyer(owner.shop_id), order, now=now)
    assert (state(owner.shop_id, order), complaint(owner.shop_id, order)) == ("platform_intervention", "open")


@pytest.mark.parametrize(
    ("reply", "code"),
    [
        ({"plan": "ship_later"}, "plan_until_missing"),
        ({"plan": "ship_later", "until": LATE}, "plan_until_past"),
        ({"plan": "ship_later", "until": LATE + timedelta(days=15, seconds=1)}, "plan_until_far"),
        ({"plan": "perhaps"}, "plan_unknown"),
        ({"plan": "exchange", "reason": "force_majeure"}, "plan_reason"),
    ],
)
def test_replies_that_are_refused(owner: Actor, reply: dict[str, object], code: str) -> None:
    order = late(owner.shop_id, 1)
    assert refused(tasks.reply, owner, order, now=LATE, **reply) == [code]
    assert steps(owner.shop_id, order) == [("", "urged", "awaiting_seller_reply")]
    tasks.reply(owner, order, plan="ship_later", until=LATE + timedelta(days=15), now=LATE)
    assert refused(tasks.reply, owner, order, now=LATE, **reply) == ["task_answered"]


def test_answers_to_nothing_are_refused(owner: Actor, teammate: Actor) -> None:
    order = late(owner.shop_id, 1)
    plain = paid(owner.shop_id, 2)
    assert refused(tasks.reply, owner, plain, plan="exchange", now=LATE) == ["task_unknown"]
    assert refused(tasks.reply, teammate, order, plan="exchange", now=LATE) == ["not_permitted"]
    assert refused(tasks.buyer_answer, buyer(owner.shop_id), order, accept=True, now=LATE) == ["no_plan_offered"]
    ship(owner, order, 1, LATE)
    assert refused(tasks.reply, owner, order, plan="exchange", now=LATE) == ["task_completed"]
    assert refused(tasks.reply, owner, order, plan="ship_later", now=LATE) == ["task_completed"]


def test_an_order_whose_shipping_was_taken_back_may_be_urged_again(owner: Actor) -> None:
    order = late(owner.shop_id, 1)
    parcel = parcels.ship(owner, order_ids=[order], carrier="ZTO", waybill=waybill(1), now=LATE)
    parcels.void(owner, parcel, now=LATE + HOUR)
    assert tasks.press_urge(buyer(owner.shop_id), order, now=LATE + 2 * HOUR).reason == "past_deadline"
    assert Task.objects.filter(shop_id=owner.shop_id, order_id=order).count() == 2


# ---- set aside ---------------------------------------------------------------------------------------------------


def test_a_task_of_an_unknown_version_is_set_aside_and_the_rest_goes_on(owner: Actor) -> None:
    bad, good, silent = (late(owner.shop_id, n) for n in (1, 2, 3))
    tasks.reply(owner, silent, plan="exchange", now=LATE)
    Task.objects.filter(shop_id=owner.shop_id, order_id__in=[bad, silent]).update(rulebook="nobody-knows")
    assert tasks.run_due(None, now=DUE) == 3
    assert tasks.run_due(None, now=DUE + HOUR) == 0
    for order in (bad, silent):
        aside = task(owner.shop_id, order)
        assert (aside.set_aside_at, aside.set_aside_why) == (DUE, "rulebook")
    assert state(owner.shop_id, good) == "platform_intervention"
    Task.objects.filter(shop_id=owner.shop_id, order_id=bad).update(rulebook="taobao-2022-07-18")
    assert tasks.take_up(owner, task(owner.shop_id, bad).id, now=DUE + HOUR)
    assert tasks.run_due(None, now=DUE + HOUR) == 1


def test_a_row_that_the_database_refuses_is_set_aside(owner: Actor) -> None:
    bad, good, silent = (late(owner.shop_id, n) for n in (1, 2, 3))
    tasks.reply(owner, silent, plan="exchange", now=LATE)
    store.sql.run(
        f"ALTER TABLE task_events ADD CONSTRAINT poison CHECK (event <> 'due' OR order_id NOT IN ({bad}, {silent})) NOT VALID"
    )
    assert tasks.run_due(None, now=DUE) == 3
    for order in (bad, silent):
        assert "poison" in task(owner.shop_id, order).set_aside_why
    assert complaint(owner.shop_id, bad) == "none"
    assert (state(owner.shop_id, good), complaint(owner.shop_id, good)) == ("platform_intervention", "open")
    assert tasks.run_due(None, now=DUE) == 0


# ---- what others ask ---------------------------------------------------------------------------------------------


def test_the_next_moment(owner: Actor) -> None:
    assert tasks.next_moment(owner.shop_id) is None
    order = paid(owner.shop_id, 1)
    assert tasks.next_moment(owner.shop_id) == at("15 10:00")  # 72 h after the deadline
    tasks.press_urge(buyer(owner.shop_id), order, now=LATE)
    assert tasks.next_moment(owner.shop_id) == LATE  # the first reminder
    ship(owner, order, 1, LATE)
    assert tasks.next_moment(owner.shop_id) == LATE + 24 * HOUR  # no pickup
    parcels.record_scans(owner, [CarrierScan("ZTO", waybill(1), "delivered", LATE + HOUR)], now=LATE + HOUR)
    assert tasks.next_moment(owner.shop_id) is None


def test_what_an_urge_would_come_to(owner: Actor) -> None:
    order = paid(owner.shop_id, 1)
    assert tasks.urge_of(owner.shop_id, order, now=LATE).reason == "past_deadline"
    assert state(owner.shop_id, order) == "none"
    assert refused(tasks.urge_of, owner.shop_id, order + 1, now=LATE) == ["order_unknown"]


def test_the_journal_names_no_buyer(owner: Actor) -> None:
    order = late(owner.shop_id, 1, name="someone-in-particular")
    complaints.open_by_buyer(buyer(owner.shop_id, "someone-in-particular"), order, kind="delay", now=LATE)
    for entry in JournalEntry.objects.filter(shop_id=owner.shop_id):
        assert "someone" not in f"{entry.actor}{entry.before}{entry.after}"
