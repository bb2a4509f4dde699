"""Rules that change while shops work: who may, from when, for whom, and what last month would have come to."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from threading import Barrier, Thread

import pytest
from django.db import connections

from fahuo.rules.people import Actor, PlatformActor
from fahuo.rules.problems import Refusal
from fahuo.services import complaints, rulebooks, tasks
from fahuo.services.deadlines import recompute
from fahuo.services.shopbook import ShopBook
from fahuo.store import boards
from fahuo.store.models import JournalEntry, Order, RuleAddition, Shop, Task
from tests.services.aftersales import buyer, paid
from tests.services.test_people import codes

NOW = datetime(2026, 11, 23, 4, tzinfo=UTC)
START = datetime(2026, 12, 31, 16, tzinfo=UTC)
HOUR = timedelta(hours=1)
DESK = PlatformActor("小二")
NEW = """
[[version]]
id = "taobao-2027"
from = 2027-01-01T00:00:00+08:00
basis = "stated"
source = "an announcement"
default_hours = { value = 24, basis = "stated", source = "an announcement" }

[version.compensation]
delay = { percent = "10", min = "8.00", max = "90.00", basis = "stated", source = "an announcement" }
"""
LATER = NEW.replace("taobao-2027", "taobao-2028").replace("2027-01-01", "2028-01-01")


def made(shop: Shop, n: int, paid_at: datetime, **fields: str) -> int:
    order = paid(shop.id, n, paid_at=paid_at, **fields)
    recompute(shop.id, [order], now=paid_at)
    return order


def outside(shop: Shop) -> None:
    """Its tasks are judged at a marketplace elsewhere."""
    Shop.objects.filter(id=shop.id).update(tasks_here=False)


def test_it_counts_for_orders_paid_from_its_instant_on(shop: Shop, owner: Actor) -> None:
    addition = rulebooks.schedule(DESK, NEW, platform="taobao", now=NOW)
    before, after = made(shop, 1, START - timedelta(microseconds=1)), made(shop, 2, START)
    first, second = (Order.objects.get(shop_id=shop.id, id=order) for order in (before, after))
    assert first.deadline is not None
    assert (first.deadline - START) > 47 * HOUR
    assert (second.deadline, second.rulebook) == (START + 24 * HOUR, "taobao-2027")
    late = START + 30 * HOUR
    tasks.press_urge(buyer(shop.id), after, now=late)
    assert Task.objects.get(shop_id=shop.id, order_id=after).rulebook == "taobao-2027"
    complaints.open_by_buyer(buyer(shop.id), after, kind="delay", now=late)
    cost = complaints.adjudicate(DESK, shop.id, after, verdict="upheld", statement="晚了", now=late)
    assert cost.compensation == Decimal("30.00")
    card = boards.cards(shop.id, [before, after], now=late)
    assert [row.stake for row in card][0] == Decimal("15.00")
    detail = boards.order_detail(shop.id, after, now=late)
    assert detail is not None
    assert detail.why.version == "taobao-2027"
    with pytest.raises(Refusal) as refused:
        rulebooks.withdraw(DESK, addition, now=START)
    assert refused.value.problems[0].code == "rulebook_in_force"


def test_what_is_withdrawn_in_time_never_counts(shop: Shop) -> None:
    first = rulebooks.schedule(DESK, NEW, platform="taobao", now=NOW)
    second = rulebooks.schedule(DESK, LATER, platform="taobao", now=NOW)
    assert codes(lambda: rulebooks.withdraw(DESK, first, now=NOW)) == ["rulebook_not_last"]
    assert rulebooks.withdraw(DESK, second, now=NOW)
    assert not rulebooks.withdraw(DESK, second, now=NOW)
    assert rulebooks.withdraw(DESK, first, now=NOW)
    order = made(shop, 1, START + HOUR)
    assert Order.objects.get(shop_id=shop.id, id=order).deadline == START + 49 * HOUR
    assert codes(lambda: rulebooks.withdraw(DESK, 999, now=NOW)) == ["rulebook_unknown"]
    assert rulebooks.schedule(DESK, NEW, platform="taobao", now=NOW) != first


def test_a_book_that_moved_since_it_was_looked_at_is_looked_at_again(shop: Shop) -> None:
    looked = rulebooks.check(DESK, LATER, platform="taobao", now=NOW)
    rulebooks.schedule(DESK, NEW, platform="taobao", now=NOW)
    assert codes(
        lambda: rulebooks.schedule(DESK, LATER, platform="taobao", stands=looked.stands, now=NOW)
    ) == ["rulebook_moved"]  # fmt: skip
    assert codes(lambda: rulebooks.schedule(DESK, NEW, platform="taobao", now=NOW)) == ["policy_overlap"]


def test_a_shop_has_a_book_of_its_own_only_where_another_marketplace_judges(
    shop: Shop, other_shop: Shop, owner: Actor, teammate: Actor, stranger: Actor
) -> None:
    assert codes(lambda: rulebooks.schedule(owner, NEW, now=NOW)) == ["rulebook_of_platform"]
    outside(shop)
    assert codes(lambda: rulebooks.schedule(teammate, NEW, now=NOW)) == ["not_permitted"]
    own = rulebooks.schedule(owner, NEW, now=NOW)
    assert JournalEntry.objects.filter(shop_id=shop.id, act="rules.scheduled").count() == 1
    assert "taobao-2027" in ShopBook.of(shop.id).versions
    assert "taobao-2027" not in ShopBook.of(other_shop.id).versions
    assert codes(lambda: rulebooks.withdraw(stranger, own, now=NOW)) == ["rulebook_unknown"]
    assert rulebooks.withdraw(owner, own, now=NOW)
    one_shop = rulebooks.schedule(DESK, NEW, shop_id=shop.id, now=NOW)
    assert RuleAddition.objects.get(id=one_shop).shop_id == shop.id


def test_last_month_is_asked_what_it_would_have_come_to(shop: Shop, owner: Actor) -> None:
    then = NOW - timedelta(days=10)
    in_time, between, late, old = (
        made(shop, n, at) for n, at in ((1, then), (2, then), (3, then), (4, NOW - 31 * 24 * HOUR))
    )
    for order, hours in ((in_time, 20), (between, 30), (old, 30)):
        Order.objects.filter(shop_id=shop.id, id=order).update(shipped_at=then + hours * HOUR)
    Order.objects.filter(shop_id=shop.id, id=between).update(urged_at=then + 26 * HOUR)
    complaints.open_by_buyer(buyer(shop.id), late, kind="delay", now=then + 60 * HOUR)
    complaints.adjudicate(DESK, shop.id, late, verdict="upheld", statement="晚了", now=then + 61 * HOUR)
    found = rulebooks.replay(rulebooks.check(DESK, NEW, platform="taobao", now=NOW), now=NOW)
    assert (found.orders, found.more, found.lates, found.tasks) == (3, False, (1, 2), (0, 1))
    assert (found.before.cost, found.after.cost) == (Decimal("15.00"), Decimal("30.00"))
    assert (found.before.risk, found.after.risk) == (Decimal("15.00"), Decimal("60.00"))
    assert {row.order.id for row in found.rows} == {in_time, between, late}
    assert found.differ == 3
    assert not RuleAddition.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_of_two_at_once_one_is_told_to_look_again(shop: Shop) -> None:
    stands = rulebooks.check(DESK, NEW, platform="taobao", now=NOW).stands
    ready, told = Barrier(2), []

    def press() -> None:
        ready.wait()
        try:
            told.append(str(rulebooks.schedule(DESK, NEW, platform="taobao", stands=stands, now=NOW)))
        except Refusal as refusal:
            told.append(refusal.problems[0].code)
        connections.close_all()

    both = [Thread(target=press) for _ in range(2)]
    for one in both:
        one.start()
    for one in both:
        one.join()
    assert RuleAddition.objects.count() == 1
    assert sum(word in ("policy_overlap", "rulebook_moved") for word in told) == 1
