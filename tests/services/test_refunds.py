"""Refunds asked for, agreed to, refused, withdrawn and paid, and what that does to shipping; receipt of the goods."""

from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fahuo.rules import refunds as rules
from fahuo.rules.orders import REFUND_STATUSES
from fahuo.rules.people import Actor
from fahuo.rules.problems import Problem, Refusal
from fahuo.services import parcels, receipts, refunds
from fahuo.store import sealed
from fahuo.store.models import Backlog, JournalEntry, Message, Order, OrderTally, Shop
from tests.services.aftersales import HOUR, LATE, buyer, late, paid, state
from tests.services.shipping import waybill

ACTS = ("request", "withdraw", "agree", "refuse", "succeed")


@given(st.lists(st.sampled_from(ACTS), max_size=12))
def test_a_refund_that_succeeded_stays(acts: list[rules.Act]) -> None:
    status: rules.RefundStatus = "none"
    for act in acts:
        after = rules.move(status, act)
        if status == "succeeded":
            assert isinstance(after, Problem)
        status = status if isinstance(after, Problem) else after
        assert status in REFUND_STATUSES


def ask(shop: Shop, order: int, amount: str = "300.00") -> None:
    refunds.request(buyer(shop.id), order, amount=Decimal(amount), reason="不想要了", now=LATE)


def standing(shop: Shop, order: int) -> tuple[str, str, Decimal]:
    found = Order.objects.get(shop_id=shop.id, id=order)
    return found.status, found.refund_status, found.refund_amount


def test_an_open_request_stops_shipping_until_it_is_refused(shop: Shop, owner: Actor) -> None:
    order = paid(shop.id, 1)
    ask(shop, order)
    with pytest.raises(Refusal, match="refund_in_progress"):
        parcels.ship(owner, order_ids=[order], carrier="ZTO", waybill=waybill(1), now=LATE)
    refunds.refuse(owner, order, reason="已经打包", now=LATE + HOUR)
    assert standing(shop, order)[1] == "refused"
    assert [(sent.sender, sealed.open_text(shop.id, sealed.TALK, sent.body)) for sent in Message.objects.filter(
        shop_id=shop.id
    ).order_by("id")] == [("buyer", "不想要了"), ("seller", "已经打包")]  # fmt: skip
    assert parcels.ship(owner, order_ids=[order], carrier="ZTO", waybill=waybill(1), now=LATE + HOUR)


def test_the_way_to_a_refund_in_full_settles_the_task(shop: Shop, owner: Actor) -> None:
    order = late(shop.id, 1)
    ask(shop, order)
    refunds.agree(owner, order, now=LATE + HOUR)
    assert state(shop.id, order) == "awaiting_seller_reply"
    assert refunds.succeed(owner, order, now=LATE + 2 * HOUR)
    assert standing(shop, order) == ("closed", "succeeded", Decimal("300.00"))
    assert state(shop.id, order) == "completed"
    assert not refunds.succeed(owner, order, now=LATE + 3 * HOUR)
    acts = JournalEntry.objects.filter(shop_id=shop.id, order_id=order).values_list("act", flat=True)
    assert {"refund.request", "refund.agree", "order.refunded"} <= set(acts)


def test_a_refund_of_a_part_leaves_the_order_to_be_shipped(shop: Shop, owner: Actor) -> None:
    order = late(shop.id, 1)
    ask(shop, order, "20.00")
    assert refunds.succeed(owner, order, amount=Decimal("20.00"), now=LATE + HOUR)
    assert standing(shop, order) == ("awaiting_shipment", "succeeded", Decimal("20.00"))
    assert state(shop.id, order) == "awaiting_seller_reply"
    assert Backlog.objects.filter(shop_id=shop.id, order_id=order).exists()


@pytest.mark.parametrize("amount", ["0", "-1", "300.01", "1.001", "NaN", "Infinity"])
def test_an_amount_that_makes_no_sense_is_refused(shop: Shop, amount: str) -> None:
    order = paid(shop.id, 1)
    with pytest.raises(Refusal, match="refund_amount"):
        ask(shop, order, amount)
    assert standing(shop, order)[1] == "none"
    assert not Message.objects.filter(shop_id=shop.id).exists()


def test_what_the_state_does_not_allow_changes_nothing(shop: Shop, owner: Actor) -> None:
    order = paid(shop.id, 1)
    for act in (
        lambda: refunds.withdraw(buyer(shop.id), order, now=LATE),
        lambda: refunds.agree(owner, order, now=LATE),
        lambda: refunds.refuse(owner, order, reason="x", now=LATE),
    ):
        with pytest.raises(Refusal, match="refund_not_now"):
            act()
    ask(shop, order)
    with pytest.raises(Refusal, match="refund_not_now"):
        ask(shop, order)
    with pytest.raises(Refusal, match="message_empty"):
        refunds.refuse(owner, order, reason=" ", now=LATE)
    assert standing(shop, order)[1] == "requested"
    refunds.withdraw(buyer(shop.id), order, now=LATE)
    assert standing(shop, order)[1:] == ("none", Decimal("0.00"))
    with pytest.raises(Refusal, match="order_unknown"):
        refunds.request(buyer(shop.id, "another"), order, amount=Decimal("1"), reason="x", now=LATE)


def test_receipt_is_confirmed_once_after_shipping(shop: Shop, owner: Actor) -> None:
    order = paid(shop.id, 1)
    with pytest.raises(Refusal, match="receipt_not_now"):
        receipts.confirm(buyer(shop.id), order, now=LATE)
    parcels.ship(owner, order_ids=[order], carrier="ZTO", waybill=waybill(1), now=LATE)
    with pytest.raises(Refusal, match="order_unknown"):
        receipts.confirm(buyer(shop.id, "another"), order, now=LATE)
    assert receipts.confirm(buyer(shop.id), order, now=LATE + timedelta(days=2))
    assert not receipts.confirm(buyer(shop.id), order, now=LATE + timedelta(days=3))
    found = Order.objects.get(shop_id=shop.id, id=order)
    assert (found.status, found.completed_at) == ("completed", LATE + timedelta(days=2))
    tally: dict[str, int] = {}
    for row in OrderTally.objects.filter(shop_id=shop.id):
        tally[row.status] = tally.get(row.status, 0) + row.delta
    assert {status: n for status, n in tally.items() if n} == {"completed": 1}
