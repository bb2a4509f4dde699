"""Numbers ordered from carriers' services: nothing lost, nothing ordered twice, every row in its true state."""

import os
from datetime import timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from fahuo.rules.carrying import BREAKS_AT, reference_of
from fahuo.rules.people import Actor
from fahuo.rules.problems import Problem, Refusal
from fahuo.services import carriers, labels, parcels
from fahuo.store.models import CarrierCall, JournalEntry, Label, NumberOrder, Order, Shop
from tests.carriers.carrier import CARRIER, FAULTS, SETTINGS, Fault
from tests.carriers.desk import Desk
from tests.conftest import NOW
from tests.services.labelling import consistent
from tests.services.shipping import make_order

pytestmark = pytest.mark.django_db
KINDS = sorted(SETTINGS)
EXAMPLES = int(os.environ.get("FAHUO_CARRIER_EXAMPLES", "4"))


def ask(desk: Desk, *numbers: int) -> list[int]:
    orders = [make_order(desk.actor.shop_id, n, now=NOW, quantities=(1,)) for n in numbers]
    said = labels.make(desk.actor, orders, contract_id=desk.contract.id, now=desk.at)
    assert [each.code for each in said if isinstance(each, Problem)] == ["number_ordered"] * len(orders)
    assert all(each.sentence("zh") and each.sentence("en") for each in said if isinstance(each, Problem))
    return orders


def labelled(shop_id: int) -> dict[int, str]:
    return {
        order: waybill
        for order, waybill in Label.objects.filter(shop_id=shop_id, voided_at=None).values_list("id", "waybill")
    }


@pytest.mark.parametrize("kind", KINDS)
def test_a_number_comes_onto_a_label_with_its_route(owner: Actor, kind: str) -> None:
    desk = Desk(owner, kind)
    ask(desk, 1, 2)
    assert [row.state for row in desk.rows()] == ["waiting", "waiting"]
    desk.round()
    assert [row.state for row in desk.rows()] == ["done", "done"]
    papers = list(Label.objects.filter(shop_id=owner.shop_id).order_by("id"))
    assert sorted(paper.waybill for paper in papers) == sorted(desk.fake.books.values())
    assert {paper.carrier for paper in papers} == {CARRIER[kind]}
    assert all(paper.route["route_code"] for paper in papers)
    if kind != "sf":
        assert {paper.route["mark"] for paper in papers} == {"杭州"}
    assert not any("甲一" in str(paper.route) for paper in papers)
    consistent(owner.shop_id)


@pytest.mark.parametrize("kind", KINDS)
def test_a_label_that_is_given_up_gives_its_number_back(owner: Actor, kind: str) -> None:
    desk = Desk(owner, kind)
    ask(desk, 1)
    desk.round()
    paper = Label.objects.get(shop_id=owner.shop_id)
    labels.void(owner, [paper.id], reason="不发了", now=desk.at)
    assert desk.rows()[0].state == "cancelling"
    desk.fake.schedule(["lost"])
    desk.round()
    assert desk.rows()[0].state == "cancelling"
    desk.settle(2)
    assert desk.rows()[0].state == "cancelled"
    assert desk.fake.given_back == {paper.waybill}


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_refused_waits_for_a_person_who_may_ask_again_or_let_it_be(owner: Actor, kind: str) -> None:
    desk = Desk(owner, kind)
    orders = ask(desk, 1, 2, 3)
    mine = [reference_of(owner.shop_id, row.id) for row in desk.rows()]
    desk.fake.refuses = {mine[0], mine[1]}
    desk.round()
    assert [row.state for row in desk.rows()] == ["refused", "refused", "done"]
    assert [row.problem["code"] for row in desk.rows()[:2]] == ["carrier_refused"] * 2
    assert "张三" not in str([row.problem for row in desk.rows()])
    desk.settle(2)
    assert [row.state for row in desk.rows()] == ["refused", "refused", "done"]
    assert carriers.give_up(owner, desk.account, desk.rows()[1].id, now=desk.at)
    desk.fake.refuses = set()
    # pressing the button of labels once more asks again; so does the page
    labels.make(owner, orders[:1], contract_id=desk.contract.id, now=desk.at)
    desk.round()
    assert [row.state for row in desk.rows()] == ["done", "dropped", "done"]
    assert len(desk.fake.ordered) == 2


def _played(desk: Desk, faults: list[Fault]) -> None:
    desk.fake.schedule(faults)
    desk.settle(len(faults) + 8)


def _nothing_lost(desk: Desk) -> None:
    shop_id, rows = desk.actor.shop_id, desk.rows()
    assert {row.state for row in rows} == {"done"}, [(row.state, row.problem) for row in rows]
    assert len(desk.fake.ordered) == len(set(desk.fake.ordered)) == len(rows)
    for row in rows:
        assert desk.fake.books[reference_of(shop_id, row.id)] == row.waybill
        assert Label.objects.get(shop_id=shop_id, id=row.label_id).waybill == row.waybill
    consistent(shop_id)


@pytest.mark.parametrize("kind", KINDS)
@settings(
    max_examples=EXAMPLES, suppress_health_check=[HealthCheck.function_scoped_fixture],
    phases=[Phase.explicit, Phase.generate],
)  # fmt: skip
@given(faults=st.lists(st.sampled_from(FAULTS), max_size=10))
@example(faults=["lost", "lost", "garbage"])
@example(faults=["no_number", "twice", "half", "never"])
def test_whatever_the_service_does_each_order_gets_one_number(owner: Actor, kind: str, faults: list[Fault]) -> None:
    with transaction.atomic():
        desk = Desk(owner, kind, tracks=False)
        ask(desk, 1, 2, 3)
        _played(desk, faults)
        _nothing_lost(desk)
        transaction.set_rollback(True)


@pytest.mark.parametrize("kind", KINDS)
def test_a_half_answered_batch_leaves_each_row_in_its_true_state(owner: Actor, kind: str) -> None:
    desk = Desk(owner, kind)
    ask(desk, 1, 2, 3, 4)
    desk.fake.schedule(["no_number"] if kind == "cainiao" else ["", "lost"])
    desk.round()
    states = [row.state for row in desk.rows()]
    assert states == (
        ["done", "done", "unknown", "unknown"] if kind == "cainiao" else ["done", "unknown", "waiting", "waiting"]
    )
    assert all(row.problem["code"].startswith("carrier_") for row in desk.rows() if row.state == "unknown")
    desk.settle(3)
    _nothing_lost(desk)


def test_a_clock_that_dies_in_the_call_leaves_rows_unknown(owner: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    desk = Desk(owner, "sf")
    ask(desk, 1)

    class Killed(BaseException):
        pass

    def dies(*_: object, **__: object) -> None:
        raise Killed

    monkeypatch.setattr("fahuo.services.number_results.settle", dies)
    with pytest.raises(Killed):
        desk.round()
    monkeypatch.undo()
    assert [row.state for row in desk.rows()] == ["unknown"]
    assert len(desk.fake.ordered) == 1
    desk.round(5)
    assert [row.state for row in desk.rows()] == ["unknown"]  # the account is still in the dead clock's hands
    desk.settle(3)
    _nothing_lost(desk)


def test_a_service_that_forgets_is_not_asked_after_it_forgot(owner: Actor) -> None:
    desk = Desk(owner, "kuaidi100")
    ask(desk, 1)
    desk.fake.schedule(["lost"])
    desk.round()
    desk.at += timedelta(hours=50)
    desk.fake.books.clear()
    desk.settle(2)
    row = desk.rows()[0]
    assert (row.state, row.problem["code"]) == ("refused", "carrier_asked_before")
    assert reference_of(owner.shop_id, row.id) in str(row.problem)
    assert len(desk.fake.ordered) == 1


def test_the_breaker_opens_tries_one_row_and_closes(owner: Actor) -> None:
    desk = Desk(owner, "kdniao")
    ask(desk, *range(1, 6))
    desk.fake.schedule(["never"] * BREAKS_AT)
    for _ in range(BREAKS_AT):
        desk.round(11)
    assert desk.row().failures == BREAKS_AT
    assert desk.row().trouble == "unanswered"
    calls = len(desk.fake.asked)
    ask(desk, 6)  # nobody hurries what does not answer
    desk.round()
    assert len(desk.fake.asked) == calls
    desk.fake.schedule(["never"])
    desk.round(11)
    assert len(desk.fake.asked) == calls + 1
    assert {row.state for row in desk.rows()} == {"waiting"}
    desk.round(11)
    assert desk.row().failures == 0
    assert desk.row().trouble == ""
    _nothing_lost(desk)


def test_an_account_that_is_not_known_waits_for_a_person(owner: Actor) -> None:
    desk = Desk(owner, "sf")
    ask(desk, 1)
    carriers.change(
        owner, desk.account, "顺丰", {**SETTINGS["sf"], "check_word": "other"}, active=True, tracks=True, now=desk.at
    )
    desk.round()
    assert (desk.row().trouble, desk.row().due_at) == ("unauthorised", None)
    with pytest.raises(Refusal, match="carrier_unauthorised"):
        carriers.try_out(owner, desk.account, now=desk.at, send=desk.fake)
    carriers.change(owner, desk.account, "顺丰", SETTINGS["sf"], active=True, tracks=True, now=desk.at)
    assert carriers.try_out(owner, desk.account, now=desk.at, send=desk.fake) == "8024"
    desk.settle(2)
    _nothing_lost(desk)


def test_a_number_that_comes_too_late_is_given_back(owner: Actor) -> None:
    desk = Desk(owner, "kdniao")
    orders = ask(desk, 1, 2)
    Order.objects.filter(shop_id=owner.shop_id, id=orders[0]).update(status="closed")
    Order.objects.filter(shop_id=owner.shop_id, id=orders[1]).update(receiver_key="elsewhere")
    desk.round()
    assert [row.state for row in desk.rows()] == ["cancelled", "cancelled"]
    assert desk.fake.given_back == set(desk.fake.books.values())
    assert not Label.objects.filter(shop_id=owner.shop_id).exists()


def test_a_number_that_is_in_use_is_not_given_back(owner: Actor) -> None:
    desk = Desk(owner, "kdniao")
    other = make_order(owner.shop_id, 9, now=NOW)
    parcels.ship(owner, order_ids=[other], carrier="YTO", waybill="YT0000000000001", now=NOW)
    ask(desk, 1)
    desk.round()
    row = desk.rows()[0]
    assert (row.state, row.problem["code"]) == ("refused", "number_clashes")
    desk.settle(1)
    assert desk.fake.given_back == set()


def test_a_replaced_label_stays_until_the_new_number_is_there(owner: Actor) -> None:
    desk = Desk(owner, "kuaidi100")
    ask(desk, 1)
    desk.round()
    old = Label.objects.get(shop_id=owner.shop_id)
    said = labels.replace(owner, [old.id], reason="破损", now=desk.at)
    assert isinstance(said[0], Problem)
    assert said[0].code == "number_ordered"
    old.refresh_from_db()
    assert old.voided_at is None
    desk.settle(2)
    assert [row.state for row in desk.rows()] == ["cancelled", "done"]
    living = Label.objects.get(shop_id=owner.shop_id, voided_at=None)
    assert (living.replaces_id, living.waybill) == (old.id, desk.rows()[1].waybill)
    assert desk.fake.given_back == {old.waybill}
    consistent(owner.shop_id)


def test_asking_twice_asks_once_and_calls_are_recorded_without_people(owner: Actor) -> None:
    desk = Desk(owner, "cainiao")
    orders = ask(desk, 1, 2)
    labels.make(owner, orders, contract_id=desk.contract.id, now=desk.at)
    assert NumberOrder.objects.filter(shop_id=owner.shop_id).count() == 2
    desk.round()
    assert len(desk.fake.ordered) == 2
    call = CarrierCall.objects.get(shop_id=owner.shop_id, act="order")
    assert (call.rows, call.heard, call.code) == (2, "done", "")
    said = JournalEntry.objects.filter(shop_id=owner.shop_id, act="number.ordered")
    assert sorted(entry.order_id or 0 for entry in said) == sorted(orders)


def test_who_may_do_what_with_accounts(owner: Actor, teammate: Actor, stranger: Actor, shop: Shop) -> None:
    desk = Desk(owner, "sf")
    ask(desk, 1)
    for who, code in ((teammate, "not_permitted"), (stranger, "carrier_account_unknown")):
        with pytest.raises(Refusal, match=code):
            carriers.mine(who, desk.account)
        with pytest.raises(Refusal, match=code):
            carriers.again(who, desk.account, None, now=NOW)
    with pytest.raises(Refusal, match="carrier_account_used"):
        carriers.drop(owner, desk.account, now=NOW)
    assert "word" not in desk.row().settings
    assert desk.row().shown["check_word"] == "kept"
    with pytest.raises(Refusal, match="carrier_address"):
        carriers.open_account(owner, "sf", "二", {**SETTINGS["sf"], "gateway": "https://127.0.0.1/x"}, now=NOW)
    with pytest.raises(Refusal, match="carrier_account_name"):
        carriers.open_account(owner, "sf", "sf账号", SETTINGS["sf"], now=NOW)
    with pytest.raises(Refusal, match="carrier_not_served"):
        carriers.bind(owner, Desk(owner, "kdniao").contract.id, desk.account, now=NOW)
