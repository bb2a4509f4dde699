"""Complaints, compensation, points and the ledger, to the fen."""

from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from fahuo.rules.complaints import Cost
from fahuo.rules.people import Actor
from fahuo.services import complaints, evidence, parcels, tasks
from fahuo.store import complaints as store
from fahuo.store import sql
from fahuo.store.models import Complaint, JournalEntry, LedgerEntry, Order
from tests.services.aftersales import HOUR, LATE, PAID, PLATFORM, at, buyer, complaint, late, paid, state
from tests.services.shipping import waybill
from tests.services.test_tasks import refused

pytestmark = pytest.mark.django_db


def upheld(shop_id: int, order: int, kind: str = "delay", *, name: str = "b1", now: datetime = LATE) -> Cost:
    complaints.open_by_buyer(buyer(shop_id, name), order, kind=kind, now=now)
    return complaints.adjudicate(PLATFORM, shop_id, order, verdict="upheld", now=now)


def money(*amounts: str) -> list[Decimal]:
    return [Decimal(amount) for amount in amounts]


def test_the_platforms_own_example(owner: Actor) -> None:
    """150 yuan: 7.50 for the delay, and 45.00 more when it is out of stock."""
    order = paid(owner.shop_id, 1, price="150.00")
    assert upheld(owner.shop_id, order) == Cost(Decimal("7.50"), 3)
    assert upheld(owner.shop_id, order, "out_of_stock", now=at("15 10:00")) == Cost(Decimal("45.00"), 3)
    assert complaints.owed(owner.shop_id, order) == Cost(Decimal("52.50"), 6)
    assert [entry.amount for entry in store.ledger(owner.shop_id, [order])] == money("7.50", "45.00")


@pytest.mark.parametrize(("price", "amount"), [("40.00", "5.00"), ("300.10", "15.01"), ("9000.00", "30.00")])
def test_minimum_maximum_and_half_a_fen_up(owner: Actor, price: str, amount: str) -> None:
    order = paid(owner.shop_id, 1, price=price)
    assert upheld(owner.shop_id, order).compensation == Decimal(amount)


def test_orders_of_one_buyer_and_day_are_added_up(owner: Actor) -> None:
    first, second, third = (paid(owner.shop_id, n, price=price) for n, price in ((1, "40"), (2, "40"), (3, "900")))
    found = [upheld(owner.shop_id, order).compensation for order in (first, second, third)]
    assert found == money("5.00", "0.00", "25.00"), "4.00 and 4.90 of 980.00, within 5.00 and 30.00"
    assert LedgerEntry.objects.filter(shop_id=owner.shop_id).count() == 3


def test_another_day_another_buyer_another_kind_are_not(owner: Actor) -> None:
    midnight = datetime.fromisoformat("2022-08-11T00:00:00+08:00")
    orders = [
        paid(owner.shop_id, 1, price="40"),
        paid(owner.shop_id, 2, price="40", paid_at=midnight),
        paid(owner.shop_id, 3, price="40", buyer="b2"),
        paid(owner.shop_id, 4, price="40", paid_at=midnight - timedelta(seconds=1)),
    ]
    names = ("b1", "b1", "b2", "b1")
    found = [upheld(owner.shop_id, order, name=name).compensation for order, name in zip(orders, names, strict=True)]
    assert found == money("5.00", "5.00", "5.00", "0.00")
    assert upheld(owner.shop_id, orders[0], "out_of_stock").compensation == Decimal("12.00")


def test_buyers_without_a_name_are_not_one_buyer(owner: Actor) -> None:
    first, second = (paid(owner.shop_id, n, price="40", buyer="") for n in (1, 2))
    assert [upheld(owner.shop_id, order, name="").compensation for order in (first, second)] == money("5.00", "5.00")


def test_each_kind_counts_once_an_order(owner: Actor) -> None:
    order = paid(owner.shop_id, 1)
    assert upheld(owner.shop_id, order) == Cost(Decimal("15.00"), 3)
    assert upheld(owner.shop_id, order) == Cost(Decimal("0.00"), 0)
    assert complaints.owed(owner.shop_id, order) == Cost(Decimal("15.00"), 3)


def test_the_version_is_that_of_the_payment(owner: Actor) -> None:
    before = paid(owner.shop_id, 1, paid_at=datetime.fromisoformat("2022-07-17T23:59:59+08:00"))
    after = paid(owner.shop_id, 2, paid_at=datetime.fromisoformat("2022-07-18T00:00:00+08:00"))
    assert upheld(owner.shop_id, before).compensation == Decimal("30.00")
    assert upheld(owner.shop_id, after).compensation == Decimal("15.00")
    versions = Complaint.objects.filter(shop_id=owner.shop_id).order_by("id").values_list("rulebook", flat=True)
    assert list(versions) == ["taobao-2016-01-01", "taobao-2022-07-18"]


def test_every_third_voluntary_settlement_costs_points(owner: Actor, stranger: Actor) -> None:
    found = []
    for n in range(1, 7):
        order = paid(owner.shop_id, n, buyer=f"b{n}")
        complaints.open_by_buyer(buyer(owner.shop_id, f"b{n}"), order, kind="delay", now=LATE)
        found.append(complaints.settle(owner, order, now=LATE))
    assert [cost.points for cost in found] == [0, 0, 3, 0, 0, 3]
    assert {cost.compensation for cost in found} == set(money("15.00"))
    theirs = paid(stranger.shop_id, 1)
    complaints.open_by_buyer(buyer(stranger.shop_id), theirs, kind="delay", now=LATE)
    assert complaints.settle(stranger, theirs, now=LATE) == Cost(Decimal("15.00"), 0)


def test_what_a_verdict_would_cost_is_shown_before_it_falls(owner: Actor) -> None:
    order = paid(owner.shop_id, 1)
    assert complaints.cost_of(owner.shop_id, order, verdict="upheld", now=LATE) is None
    complaints.open_by_buyer(buyer(owner.shop_id), order, kind="delay", now=LATE)
    shown = complaints.cost_of(owner.shop_id, order, verdict="upheld", now=LATE)
    assert shown == complaints.adjudicate(PLATFORM, owner.shop_id, order, verdict="upheld", now=LATE)


def test_dismissed_and_withdrawn_cost_nothing(owner: Actor) -> None:
    first, second = paid(owner.shop_id, 1), paid(owner.shop_id, 2)
    for order in (first, second):
        complaints.open_by_buyer(buyer(owner.shop_id), order, kind="delay", now=LATE)
    complaints.adjudicate(PLATFORM, owner.shop_id, first, verdict="dismissed", now=LATE)
    complaints.withdraw(buyer(owner.shop_id), second, now=LATE)
    assert [complaint(owner.shop_id, order) for order in (first, second)] == ["dismissed", "withdrawn"]
    assert not LedgerEntry.objects.filter(shop_id=owner.shop_id).exists()
    acts = set(JournalEntry.objects.filter(shop_id=owner.shop_id).values_list("act", flat=True))
    assert acts == {"complaint.opened", "complaint.dismissed", "complaint.withdrawn"}


def test_one_open_complaint_an_order(owner: Actor) -> None:
    order = late(owner.shop_id, 1)
    complaints.open_by_buyer(buyer(owner.shop_id), order, kind="delay", now=LATE)
    assert refused(complaints.open_by_buyer, buyer(owner.shop_id), order, kind="out_of_stock", now=LATE) == [
        "complaint_open_already"
    ]
    # the platform opens no second one when the seller stays silent
    tasks.run_due(None, now=LATE + 24 * HOUR)
    assert state(owner.shop_id, order) == "platform_intervention"
    assert Complaint.objects.filter(shop_id=owner.shop_id).count() == 1


def test_shipped_while_a_complaint_is_open_the_task_waits_for_it(owner: Actor) -> None:
    order = late(owner.shop_id, 1)
    complaints.open_by_buyer(buyer(owner.shop_id), order, kind="delay", now=LATE)
    parcels.ship(owner, order_ids=[order], carrier="ZTO", waybill=waybill(1), now=LATE + HOUR)
    assert state(owner.shop_id, order) == "awaiting_seller_reply"
    complaints.settle(owner, order, now=LATE + 2 * HOUR)
    assert state(owner.shop_id, order) == "completed"


def test_after_the_verdict_an_unfulfilled_task_stays(owner: Actor) -> None:
    order = late(owner.shop_id, 1)
    tasks.run_due(None, now=LATE + 24 * HOUR)
    complaints.adjudicate(PLATFORM, owner.shop_id, order, verdict="upheld", now=LATE + 25 * HOUR)
    assert state(owner.shop_id, order) == "platform_intervention"
    parcels.ship(owner, order_ids=[order], carrier="ZTO", waybill=waybill(1), now=LATE + 26 * HOUR)
    assert state(owner.shop_id, order) == "completed"


def test_who_may_not(owner: Actor, teammate: Actor) -> None:
    order = paid(owner.shop_id, 1)
    unpaid = paid(owner.shop_id, 2)
    assert refused(complaints.settle, owner, order, now=LATE) == ["complaint_none_open"]
    assert refused(complaints.withdraw, buyer(owner.shop_id), order, now=LATE) == ["complaint_none_open"]
    assert refused(complaints.settle, teammate, order, now=LATE) == ["not_permitted"]
    assert refused(complaints.open_by_buyer, buyer(owner.shop_id, "b9"), order, kind="delay", now=LATE) == [
        "order_unknown"
    ]
    assert refused(complaints.open_by_buyer, buyer(owner.shop_id), order, kind="noise", now=LATE) == ["complaint_kind"]
    assert refused(complaints.adjudicate, PLATFORM, owner.shop_id, order, verdict="perhaps", now=LATE) == [
        "verdict_unknown"
    ]
    sql.run("UPDATE orders SET paid_at = NULL WHERE shop_id = %(s)s AND id = %(o)s", s=owner.shop_id, o=unpaid)
    assert refused(complaints.open_by_buyer, buyer(owner.shop_id), unpaid, kind="delay", now=LATE) == [
        "complaint_unpaid"
    ]


def test_a_shop_notes_what_its_marketplaces_buyer_did(owner: Actor) -> None:
    order = paid(owner.shop_id, 1)
    complaints.open_by_buyer(owner, order, kind="delay", now=PAID + 60 * HOUR)
    complaints.withdraw(owner, order, now=PAID + 61 * HOUR)
    assert complaint(owner.shop_id, order) == "withdrawn"


def test_a_verdict_falls_on_what_was_seen_or_not_at_all(owner: Actor) -> None:
    shop, first, second = owner.shop_id, paid(owner.shop_id, 1), paid(owner.shop_id, 2)
    for order in (first, second):
        complaints.open_by_buyer(buyer(shop), order, kind="delay", now=LATE)
    seen = complaints.picture_of(shop, second)
    assert seen is not None
    picture, working = seen
    assert (picture.cost, working.penalty.percent, working.penalty.total) == (
        Cost(Decimal("15.00"), 3),
        *money("5", "300"),
    )

    def decides(shown: complaints.Picture) -> list[str]:
        return refused(
            complaints.adjudicate, PLATFORM, shop, second, verdict="upheld", statement="逾期", shown=shown, now=LATE
        )

    evidence.add(owner, order_id=second, body="已补发", now=LATE)
    assert decides(picture) == ["verdict_changed"], "new evidence"
    complaints.adjudicate(PLATFORM, shop, first, verdict="upheld", now=LATE)
    again = complaints.picture_of(shop, second)
    assert again is not None
    assert again[0].cost.compensation == Decimal("15.00"), "30.00 of the day, 15.00 of it owed"
    complaints.withdraw(buyer(shop), second, now=LATE)
    assert decides(again[0]) == ["complaint_none_open"]
    complaints.open_by_buyer(buyer(shop), second, kind="out_of_stock", now=LATE)
    assert decides(again[0]) == ["complaint_other"]
    fresh = complaints.picture_of(shop, second)
    assert fresh is not None
    cost = complaints.adjudicate(PLATFORM, shop, second, verdict="upheld", statement=" 逾期 ", shown=fresh[0], now=LATE)
    assert cost == fresh[0].cost
    closed = Complaint.objects.filter(shop_id=shop, status="upheld").latest("id")
    assert (closed.closed_by, store.of_order(shop, second)[-1].statement) == ("platform", "逾期")
    assert complaints.picture_of(shop, second) is None


def test_a_promised_day_is_a_long_promise_like_hours(owner: Actor) -> None:
    """From 2025-02-13 out of stock costs by the promise: 10 % up to 48 hours, 15 % beyond, however it was promised."""
    paid_at = datetime.fromisoformat("2025-03-03T10:00:00+08:00")
    promises: tuple[dict[str, object], ...] = (
        {}, {"promise_hours": 72}, {"promised_until": paid_at + timedelta(hours=48)},
        {"promised_until": paid_at + timedelta(hours=48, seconds=1)}, {"promised_until": paid_at - timedelta(days=1)},
    )  # fmt: skip
    owed = []
    for n, promise in enumerate(promises):
        order = paid(owner.shop_id, 900 + n, buyer=f"p{n}", price="200.00", paid_at=paid_at)
        Order.objects.filter(shop_id=owner.shop_id, id=order).update(**promise)
        owed.append(upheld(owner.shop_id, order, "out_of_stock", name=f"p{n}", now=paid_at).compensation)
    assert owed == money("20.00", "30.00", "20.00", "30.00", "20.00")
