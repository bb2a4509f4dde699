"""What people do with an order besides shipping it."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from fahuo.rules.people import Actor
from fahuo.rules.problems import Refusal
from fahuo.services import orders
from fahuo.store import journal
from fahuo.store.models import Backlog, Order, OrderTally
from tests.conftest import NOW
from tests.services.importing import acts, get, holds_together, take_in
from tests.services.lists import SENT, as_csv, order

SOON = NOW + timedelta(days=3)

ACTS: dict[str, Callable[[Actor, int], Any]] = {
    "set_memo": lambda actor, order_id: orders.set_memo(actor, order_id, "送赠品", now=NOW),
    "set_flag": lambda actor, order_id: orders.set_flag(actor, order_id, 3, now=NOW),
    "reveal_receiver": lambda actor, order_id: orders.reveal_receiver(actor, order_id, now=NOW),
    "agree_until": lambda actor, order_id: orders.let_wait(actor, [order_id], SOON, ground="agreed", now=NOW),
    "report_until": lambda actor, order_id: orders.let_wait(actor, [order_id], SOON, ground="reported", now=NOW),
    "settle_conflict": lambda actor, order_id: orders.settle_conflict(actor, order_id, now=NOW),
    "mark_printed": lambda actor, order_id: orders.mark_printed(actor, [order_id], now=NOW),
    "note_courier_call": lambda actor, order_id: orders.note_courier_call(actor, [order_id], now=NOW),
    "urge": lambda actor, order_id: orders.urge(actor, order_id, now=NOW),
}
"""Every act on an order."""

NEEDS = {
    "set_memo": "messages", "set_flag": "ship", "reveal_receiver": "export", "agree_until": "messages",
    "report_until": "ship", "settle_conflict": "ship", "mark_printed": "print", "note_courier_call": "ship",
    "urge": "messages",
}  # fmt: skip
"""Act -> a permission that suffices for it."""


@pytest.fixture
def order_id(owner: Actor) -> int:
    take_in(owner, as_csv([order(1)]))
    Order.objects.filter(shop_id=owner.shop_id).update(conflict="closed", conflict_at=NOW)
    return int(get(owner, 1).id)


def codes(act: Callable[[], Any]) -> list[str]:
    with pytest.raises(Refusal) as refusal:
        act()
    return [problem.code for problem in refusal.value.problems]


@pytest.mark.parametrize("name", ACTS)
def test_each_act_asks_who_and_which_shop(owner: Actor, stranger: Actor, order_id: int, name: str) -> None:
    before = Order.objects.filter(shop_id=owner.shop_id).values().get()
    assert codes(lambda: ACTS[name](stranger, order_id)) == ["order_unknown"]
    nobody = Actor(owner.shop_id, None, "nobody", permissions=frozenset({"finance"} if name != "urge" else set()))
    assert codes(lambda: ACTS[name](nobody, order_id)) == ["not_permitted"]
    assert Order.objects.filter(shop_id=owner.shop_id).values().get() == before
    assert acts(owner, 1) == ["order.imported"]
    ACTS[name](Actor(owner.shop_id, None, "helper", permissions=frozenset({NEEDS[name]})), order_id)
    assert len(acts(owner, 1)) == 2


@pytest.mark.parametrize("name", sorted(ACTS.keys() - {"reveal_receiver", "urge"}))
def test_an_act_done_twice_moves_once(owner: Actor, order_id: int, name: str) -> None:
    assert ACTS[name](owner, order_id)
    assert not ACTS[name](owner, order_id)
    assert len(acts(owner, 1)) == 2
    holds_together(owner.shop_id)


def test_a_memo_is_ours_until_the_marketplace_changes_its_own(owner: Actor, order_id: int) -> None:
    orders.set_memo(owner, order_id, " 我们的 ", now=NOW)
    assert get(owner, 1).memo == "我们的"
    assert "我们的" not in str([(entry.before, entry.after) for entry in journal.history(owner.shop_id, order_id)])
    assert codes(lambda: orders.set_memo(owner, order_id, "长" * 334, now=NOW)) == ["memo_too_long"]
    take_in(owner, as_csv([order(1, 买家留言="快点")]))
    assert get(owner, 1).memo == "我们的"


def test_flags_are_the_marketplaces_numbers(owner: Actor, order_id: int) -> None:
    assert codes(lambda: orders.set_flag(owner, order_id, 11, now=NOW)) == ["flag_number"]
    orders.set_flag(owner, order_id, 0, now=NOW)
    assert get(owner, 1).flag == 0
    orders.set_flag(owner, order_id, None, now=NOW)
    assert get(owner, 1).flag is None


def test_seeing_a_receiver_is_journaled_each_time(owner: Actor, order_id: int) -> None:
    assert orders.reveal_receiver(owner, order_id, now=NOW).phone == "17000000001"
    orders.reveal_receiver(owner, order_id, now=NOW)
    assert acts(owner, 1)[:2] == ["order.revealed", "order.revealed"]


def test_deadlines_follow_what_was_agreed_and_reported(owner: Actor, order_id: int) -> None:
    first = get(owner, 1).deadline
    orders.let_wait(owner, [order_id], SOON, ground="reported", now=NOW)
    assert (get(owner, 1).deadline, get(owner, 1).deadline_clause) == (SOON, "reported")
    orders.let_wait(owner, [order_id], SOON + timedelta(days=1), ground="agreed", now=NOW)
    assert (get(owner, 1).deadline, get(owner, 1).deadline_clause) == (SOON + timedelta(days=1), "agreed")
    assert Backlog.objects.get(shop_id=owner.shop_id).deadline == SOON + timedelta(days=1)
    take_in(owner, as_csv([order(1, 订单备注="新")]))
    assert get(owner, 1).deadline_clause == "agreed", "an import does not undo an agreement"
    orders.let_wait(owner, [order_id], None, ground="agreed", now=NOW)
    orders.let_wait(owner, [order_id], None, ground="reported", now=NOW)
    assert (get(owner, 1).deadline, get(owner, 1).deadline_clause) == (first, "default")
    assert codes(lambda: orders.let_wait(owner, [order_id], NOW, ground="agreed", now=NOW)) == ["until_past"]
    holds_together(owner.shop_id)


def test_an_order_that_waits_no_more_takes_no_agreement_and_no_urge(owner: Actor, order_id: int) -> None:
    take_in(owner, as_csv([order(1, 订单状态=SENT)]))
    deadline = get(owner, 1).deadline
    assert not orders.let_wait(owner, [order_id], SOON, ground="agreed", now=NOW)
    assert not orders.urge(owner, order_id, now=NOW)
    assert orders.recompute_deadlines(owner.shop_id, [order_id], now=NOW) == 0
    assert get(owner, 1).deadline == deadline


def test_urges_count(owner: Actor, order_id: int) -> None:
    orders.urge(owner, order_id, now=NOW)
    orders.urge(owner, order_id, now=NOW + timedelta(hours=1), count=2)
    found = get(owner, 1)
    assert (found.urge_count, found.urged_at) == (3, NOW + timedelta(hours=1))
    assert codes(lambda: orders.urge(owner, order_id, now=NOW, count=0)) == ["urge_count"]


def test_folding_keeps_the_sums_and_leaves_other_shops_alone(owner: Actor, stranger: Actor) -> None:
    for n in range(8):
        take_in(owner, as_csv([order(n)]))
    take_in(stranger, as_csv([order(1)]))
    assert orders.fold_tally(owner.shop_id) == 1
    assert orders.fold_tally(owner.shop_id) == 0
    assert OrderTally.objects.get(shop_id=owner.shop_id).delta == 8
    assert OrderTally.objects.get(shop_id=stranger.shop_id).delta == 1


def test_an_unpaid_order_gets_its_deadline_when_it_is_paid(owner: Actor) -> None:
    take_in(owner, as_csv([order(2, 订单状态="等待买家付款", 订单付款时间="")]))
    assert get(owner, 2).deadline is None
    take_in(owner, as_csv([order(2)]))
    assert get(owner, 2).deadline == datetime(2026, 3, 3, 2, 1, tzinfo=UTC)
    holds_together(owner.shop_id)
