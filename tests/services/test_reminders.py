"""Reminders: their moments, who gets them, the ten a day, quiet hours."""

from datetime import date, timedelta

import pytest

from fahuo.rules.people import Actor
from fahuo.services import reminders, tasks
from fahuo.store import reminders as store
from fahuo.store.models import Member, Reminder, Shop
from tests.conftest import make_account
from tests.services.aftersales import HOUR, LATE, at, buyer, clerk, given, late, task
from tests.services.test_tasks import refused

pytestmark = pytest.mark.django_db
DUE = LATE + 24 * HOUR


def run(shop_id: int, until: object = None) -> int:
    """Play the reminders moment by moment, as a punctual clock does."""
    count = 0
    while (moment := tasks.next_moment(shop_id)) is not None and moment <= (until or DUE):
        count += reminders.run_due(shop_id, now=moment)
        tasks.run_due(shop_id, now=moment)
    return count


def test_at_once_and_twelve_four_and_one_hour_before(shop: Shop, owner: Actor) -> None:
    clerk(shop, "cs1")
    late(shop.id, 1)
    assert reminders.run_due(None, now=LATE) == 1
    assert given(shop.id) == [LATE]
    run(shop.id)
    assert given(shop.id) == [LATE, DUE - 12 * HOUR, DUE - 4 * HOUR, DUE - HOUR]
    assert reminders.run_due(shop.id, now=DUE + 10 * HOUR) == 0


def test_again_when_the_task_needs_the_seller_again(shop: Shop, owner: Actor) -> None:
    clerk(shop, "cs1")
    order = late(shop.id, 1)
    reminders.run_due(shop.id, now=LATE)
    tasks.reply(owner, order, plan="ship_later", until=at("13 01:00"), now=LATE + HOUR)
    assert reminders.run_due(shop.id, now=LATE + 9 * HOUR) == 0, "it is the buyer's turn"
    tasks.buyer_answer(buyer(shop.id), order, accept=True, now=LATE + 2 * HOUR)
    assert reminders.run_due(shop.id, now=LATE + 2 * HOUR) == 1
    run(shop.id, at("13 01:00"))
    assert given(shop.id) == [LATE, LATE + 2 * HOUR, at("12 21:00"), at("13 00:00")]


def test_only_who_may_answer_and_subscribed(shop: Shop, owner: Actor) -> None:
    subscribed = clerk(shop, "cs1")
    make_account(shop, "cs2", permissions=("tasks",))
    clerk(shop, "packer", permissions=("ship",))
    gone = clerk(shop, "gone")
    Member.objects.filter(shop_id=shop.id, id=gone.member_id).update(active=False)
    found = late(shop.id, 1)
    reminders.run_due(shop.id, now=LATE)
    assert reminders.of_day(shop.id, date(2022, 8, 12)) == {"cs1": {"delivered": 1}}
    rows = store.of_task(shop.id, task(shop.id, found).id)
    assert [(row.name, row.at, row.due_at) for row in rows] == [("cs1", LATE, DUE)]
    reminders.subscribe(subscribed, on=False, now=LATE)
    late(shop.id, 2)
    reminders.run_due(shop.id, now=LATE)
    assert Reminder.objects.filter(shop_id=shop.id).count() == 1


def test_ten_a_day_then_none_and_the_rest_is_kept_as_suppressed(shop: Shop, owner: Actor, stranger: Actor) -> None:
    clerk(shop, "cs1")
    clerk(shop, "cs2")
    for n in range(12):
        late(shop.id, n)
    reminders.run_due(shop.id, now=LATE, limit=5)
    day = date(2022, 8, 12)
    assert reminders.of_day(shop.id, day) == {name: {"delivered": 10, "suppressed": 2} for name in ("cs1", "cs2")}
    late(shop.id, 12, now=LATE + HOUR)
    reminders.run_due(shop.id, now=LATE + HOUR)
    assert reminders.of_day(shop.id, day)["cs1"] == {"delivered": 10, "suppressed": 3}
    run(shop.id, at("13 03:00"))
    assert reminders.of_day(shop.id, date(2022, 8, 13))["cs1"] == {"delivered": 10, "suppressed": 2}, "a new day"


def test_quiet_hours_hold_delivery_and_count(shop: Shop, owner: Actor) -> None:
    reminders.subscribe(clerk(shop, "cs1"), quiet_from="22:00", quiet_to="08:00", now=LATE)
    reminders.subscribe(clerk(shop, "cs2"), quiet_from="02:00", quiet_to="04:00", now=LATE)
    late(shop.id, 1)
    run(shop.id)
    assert reminders.of_day(shop.id, date(2022, 8, 13)) == {
        "cs1": {"held": 1, "delivered": 2}, "cs2": {"held": 1, "delivered": 2},
    }  # fmt: skip
    assert given(shop.id, "held") == [at("13 03:00")] * 2
    assert refused(reminders.subscribe, owner, quiet_from="late", now=LATE) == ["quiet_hours"]


def test_a_late_clock_reminds_once_of_what_it_missed(shop: Shop, owner: Actor) -> None:
    clerk(shop, "cs1")
    late(shop.id, 1)
    reminders.run_due(shop.id, now=DUE - 2 * HOUR)
    assert given(shop.id) == [LATE]
    assert task(shop.id, task(shop.id, task_order(shop.id)).order_id).next_reminder_at == DUE - HOUR


def task_order(shop_id: int) -> int:
    return int(store.sql.fetch("SELECT order_id FROM tasks WHERE shop_id = %(s)s", s=shop_id)[0].order_id)


def test_nobody_subscribed(shop: Shop, owner: Actor) -> None:
    late(shop.id, 1)
    run(shop.id)
    assert not Reminder.objects.filter(shop_id=shop.id).exists()
    assert reminders.run_due(None, now=DUE + timedelta(days=1)) == 0
