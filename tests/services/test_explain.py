"""Explaining an order: what was asked, what comes next, and that what is foreseen is what then happens."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from fahuo.rules import deadlines, urges
from fahuo.rules.outlook import Step
from fahuo.rules.people import Actor
from fahuo.rules.problems import Refusal
from fahuo.services import complaints, explain, parcels, refunds, tasks
from fahuo.store.models import Complaint, Order, Shop
from tests.services.aftersales import HOUR, LATE, PLATFORM, at, buyer, clerk, late, paid, steps
from tests.services.shipping import order_number, waybill


def about(owner: Actor, n: int, now: datetime) -> explain.Explanation:
    return explain.explain(owner, order_number(n), now=now)


def told(found: tuple[Step, ...]) -> list[tuple[str, str]]:
    """(when, what) of each step, in Shanghai."""
    return [(step.at.astimezone(LATE.tzinfo).strftime("%d %H:%M") if step.at else "-", step.what) for step in found]


def test_every_clause_is_asked(owner: Actor) -> None:
    paid(owner.shop_id, 1)
    found = about(owner, 1, at("11 10:00"))
    assert found.version == "taobao-2022-07-18"
    assert {each.clause for each in found.deadline.asked} == set(deadlines.CLAUSES) - {"unpaid"}
    assert (found.deadline.deadline, found.deadline.clause) == (at("12 10:00"), "default")
    assert tuple(each.clause for each in found.urge.asked) == urges.REASONS
    assert found.urge.reason == "within_deadline"
    assert found.tasks == found.complaints == found.events == []
    assert told(found.next) == [("12 10:00", "deadline"), ("15 10:00", "out_of_stock")]
    costs = [step.cost.compensation if step.cost else None for step in found.next]
    assert [str(cost) for cost in costs] == ["15.00", "90.00"]


def test_a_late_order_may_be_urged_at_any_time(owner: Actor) -> None:
    paid(owner.shop_id, 1)
    assert told(about(owner, 1, at("12 11:00")).next) == [("12 11:00", "urge"), ("15 10:00", "out_of_stock")]
    assert told(about(owner, 1, at("20 11:00")).next) == [("20 11:00", "urge")]


def test_where_the_marketplace_keeps_the_tasks_no_urge_makes_one(owner: Actor, shop: Shop) -> None:
    Shop.objects.filter(id=shop.id).update(tasks_here=False)
    paid(owner.shop_id, 1)
    found = about(owner, 1, at("12 11:00"))
    assert found.tasks_here is False
    assert told(found.next) == [("15 10:00", "out_of_stock")]


def test_an_unpaid_order_has_nothing_before_it(owner: Actor) -> None:
    order_id = paid(owner.shop_id, 1, status="awaiting_payment")
    Order.objects.filter(id=order_id).update(paid_at=None, deadline=None)
    found = about(owner, 1, at("11 10:00"))
    assert (found.version, found.deadline.clause, found.next) == ("", "unpaid", ())


def test_a_shipped_order_waits_for_its_scans(owner: Actor) -> None:
    order_id = paid(owner.shop_id, 1)
    parcels.ship(owner, order_ids=[order_id], carrier="ZTO", waybill=waybill(1), now=at("11 10:00"))
    assert told(about(owner, 1, at("11 11:00")).next) == [("12 10:00", "not_picked_up")]
    scan = parcels.CarrierScan("ZTO", waybill(1), "picked_up", at("11 20:00"))
    parcels.record_scans(owner, [scan], now=at("11 20:00"))
    assert told(about(owner, 1, at("11 21:00")).next) == [("12 20:00", "silent")]
    assert told(about(owner, 1, at("12 21:00")).next) == []


def test_an_open_complaint_says_what_it_will_cost(owner: Actor) -> None:
    order_id = paid(owner.shop_id, 1)
    complaints.open_by_buyer(buyer(owner.shop_id), order_id, kind="false_shipping", now=at("12 11:00"))
    [*_, last] = about(owner, 1, at("20 11:00")).next
    assert (last.at, last.what, last.clause) == (None, "verdict", "false_shipping")
    assert last.cost is not None
    assert (str(last.cost.compensation), last.cost.points) == ("90.00", 3)
    complaints.adjudicate(PLATFORM, owner.shop_id, order_id, verdict="upheld", now=at("20 12:00"))
    found = about(owner, 1, at("20 13:00"))
    assert (str(found.cost.compensation), found.cost.points) == ("90.00", 3)
    assert not [step for step in found.next if step.what == "verdict"]


def test_a_refunded_order_has_nothing_before_it(owner: Actor) -> None:
    order_id = late(owner.shop_id, 1)
    refunds.succeed(owner, order_id, now=at("12 16:00"))
    found = about(owner, 1, at("12 17:00"))
    assert found.next == ()
    assert [(row.from_state, row.event, row.to_state) for row in found.events] == steps(owner.shop_id, order_id)


PLANS: list[tuple[dict[str, Any] | None, bool]] = [
    (None, False),
    ({"plan": "ship_later", "until": at("16 10:00")}, False),
    ({"plan": "ship_later", "until": at("16 10:00")}, True),
    ({"plan": "ship_later", "until": at("12 20:00")}, False),
    ({"plan": "exchange"}, False),
    ({"plan": "exchange"}, True),
    ({"plan": "cannot_ship"}, False),
    ({"plan": "cannot_ship", "reason": "force_majeure"}, False),
]


@pytest.mark.parametrize("urged", [LATE, at("14 11:00")], ids=["soon", "three days late"])
@pytest.mark.parametrize(("plan", "accept"), PLANS)
@pytest.mark.parametrize("complained", [False, True])
def test_what_is_foreseen_happens(
    owner: Actor, plan: dict[str, Any] | None, accept: bool, complained: bool, urged: datetime
) -> None:
    """Let time alone go on: the moves and the complaint come as foreseen, at their moments, under their clauses."""
    shift = urged - LATE
    order_id = late(owner.shop_id, 1, now=urged)
    if plan is not None:
        until = {"until": plan["until"] + shift} if "until" in plan else {}
        tasks.reply(owner, order_id, now=urged + HOUR, **{**plan, **until})
    if accept:
        tasks.buyer_answer(buyer(owner.shop_id), order_id, accept=True, now=urged + 2 * HOUR)
    if complained:
        complaints.open_by_buyer(buyer(owner.shop_id), order_id, kind="delay", now=urged + 2 * HOUR)
    found = about(owner, 1, urged + 3 * HOUR)
    before = len(found.events)

    tasks.run_due(owner.shop_id, now=urged + timedelta(days=20))
    after = about(owner, 1, urged + timedelta(days=20)).events[before:]
    moves = [(step.at, step.to_state, step.clause) for step in found.next if step.what == "transition"]
    assert [(row.at, row.to_state, row.clause) for row in after] == moves
    foreseen = [(step.at, step.clause) for step in found.next if step.what == "complaint"]
    opened = Complaint.objects.filter(shop_id=owner.shop_id, order_id=order_id, opened_by="platform")
    assert list(opened.values_list("opened_at", "kind")) == foreseen


def test_reminders_are_foreseen(owner: Actor, shop: Shop) -> None:
    clerk(shop, "cs1")
    late(owner.shop_id, 1)
    assert told(about(owner, 1, LATE).next)[:1] == [("12 15:00", "reminder")]


def test_whose_order_it_is(owner: Actor, stranger: Actor) -> None:
    paid(owner.shop_id, 1)
    for who, number in ((owner, "404"), (stranger, order_number(1))):
        with pytest.raises(Refusal) as caught:
            explain.explain(who, number, now=LATE)
        assert caught.value.problems[0].code == "order_unknown"
    with pytest.raises(Refusal) as caught:
        explain.explain(Actor(owner.shop_id, 1, "nobody"), order_number(1), now=LATE)
    assert caught.value.problems[0].code == "not_permitted"
