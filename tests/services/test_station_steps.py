"""Scan after scan at the bench."""

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from fahuo.rules.contracts import Tariff
from fahuo.rules.people import Actor
from fahuo.services import contracts
from fahuo.services.station_steps import Outcome, State, stand, take, undo
from fahuo.store.models import Contract, Label, Order, OrderLine, Shop, Sku
from tests.services.parcelling import fresh, make_contract, make_label
from tests.services.shipping import order_number, waybill

CUP, DONE, REST, SKIP, UNDO = "6901234567892", "9900001", "9900002", "9900003", "9900004"


@pytest.fixture
def contract(shop: Shop, now: datetime) -> Contract:
    return make_contract(shop.id, ships_at="packed", now=now)


class Desk:
    """A bench and whoever stands at it."""

    def __init__(self, actor: Actor, now: datetime, state: State | None = None) -> None:
        self.actor, self.now, self.state = actor, now, state or State()

    def scan(self, text: str = "") -> Outcome:
        self.now += timedelta(seconds=5)
        self.last = take(self.actor, self.state, text, now=self.now)
        self.state = self.last.state
        assert stand(self.actor, self.state).bench == self.last.bench
        return self.last

    def says(self, text: str = "") -> tuple[str, str, list[str]]:
        found = self.scan(text)
        return found.word, found.sound, [problem.code for problem in found.problems]


@pytest.fixture
def desk(owner: Actor, now: datetime) -> Desk:
    return Desk(owner, now)


def cups(owner: Actor, contract: Contract, n: int, *, now: datetime, **fields: object) -> int:
    """A label of order n: two cups with a barcode, one thing without; its id."""
    label = make_label(owner, contract, n, now=now, quantities=(2, 1), **fields)
    order = Order.objects.get(shop_id=owner.shop_id, number=order_number(n))
    line = OrderLine.objects.filter(shop_id=owner.shop_id, order_id=order.id).order_by("id")[0]
    OrderLine.objects.filter(shop_id=owner.shop_id, id=line.id).update(sku_code="CUP-W")
    if not Sku.objects.filter(shop_id=owner.shop_id, code="CUP-W").exists():
        Sku.objects.create(shop_id=owner.shop_id, code="CUP-W", title="白瓷杯", barcode=CUP, grams=200)
    return label.id


def test_a_parcel_is_checked_weighed_and_packed_by_the_scanner_alone(
    owner: Actor, desk: Desk, contract: Contract, now: datetime
) -> None:
    label_id = cups(owner, contract, 1, now=now)
    assert desk.says(waybill(1)) == ("opened", "good", [])
    assert desk.says(CUP) == ("counted", "tick", [])
    assert desk.says("cup-w") == ("counted", "tick", [])
    assert desk.says(CUP) == ("", "bad", ["goods_too_many"])
    assert desk.says("6900000000000") == ("", "bad", ["station_unknown"])
    assert desk.says(DONE) == ("", "bad", ["goods_left"])
    assert desk.says("") == ("full", "good", [])
    assert desk.says("650") == ("weighed", "tick", [])
    assert desk.says(DONE) == ("packed", "done", [])
    packed = fresh(_label(label_id))
    assert (packed.grams, packed.state, packed.packed_at) == (650, "shipped", desk.now)
    assert desk.state == State()
    assert desk.says(waybill(1)) == ("opened", "bad", ["label_packed"])
    assert desk.says(DONE) == ("packed_again", "done", [])


def _label(label_id: int) -> Label:
    return Label.objects.get(id=label_id)


def test_enter_alone_goes_on_and_stops_where_a_barcode_is_to_be_scanned(
    owner: Actor, desk: Desk, contract: Contract, now: datetime
) -> None:
    cups(owner, contract, 1, now=now)
    assert desk.says("") == ("", "", [])
    desk.scan(order_number(1))
    assert desk.says("") == ("", "bad", ["goods_have_barcode"])
    assert desk.says(REST) == ("full", "good", [])
    assert desk.says("") == ("packed", "done", [])


def test_goods_of_the_shop_that_belong_elsewhere_are_wrong_goods(
    owner: Actor, desk: Desk, contract: Contract, shop: Shop, now: datetime
) -> None:
    cups(owner, contract, 1, now=now)
    Sku.objects.create(shop_id=shop.id, code="POT", title="茶壶", barcode="6909999999990")
    desk.scan(waybill(1))
    found = desk.scan("6909999999990")
    assert [problem.code for problem in found.problems] == ["goods_wrong"]
    assert found.problems[0].data["goods"] == "茶壶 POT"
    assert found.bench


def test_an_odd_weight_is_looked_at_before_it_is_taken(
    owner: Actor, desk: Desk, contract: Contract, shop: Shop, now: datetime
) -> None:
    label = make_label(owner, contract, 1, now=now, quantities=(2,))
    OrderLine.objects.filter(shop_id=shop.id).update(sku_code="CUP-W")
    Sku.objects.create(shop_id=shop.id, code="CUP-W", barcode=CUP, grams=200)
    desk.scan(waybill(1))
    desk.scan(REST)
    assert desk.says("90000g") == ("", "bad", ["weight_impossible"])
    assert desk.says("0.2kg") == ("", "look", ["weight_light"])
    assert desk.says(DONE) == ("", "bad", ["weight_light"])
    assert desk.says("210") == ("", "look", ["weight_light"])
    assert desk.says(DONE) == ("", "bad", ["weight_light"])
    assert desk.says(DONE) == ("packed", "done", [])
    assert fresh(label).grams == 210


def test_another_odd_weight_is_looked_at_anew(
    owner: Actor, desk: Desk, contract: Contract, shop: Shop, now: datetime
) -> None:
    make_label(owner, contract, 1, now=now, quantities=(2,))
    OrderLine.objects.filter(shop_id=shop.id).update(sku_code="CUP-W")
    Sku.objects.create(shop_id=shop.id, code="CUP-W", barcode=CUP, grams=200)
    desk.scan(waybill(1))
    desk.scan(REST)
    for grams, said in ((200, ["weight_light"]), (150, ["weight_light"]), (1500, ["weight_heavy"]), (1497, [])):
        desk.state = replace(desk.state, scale=grams)
        assert desk.says(DONE)[2] == said


def test_what_the_scale_shows_is_taken_when_nothing_was_typed(
    owner: Actor, desk: Desk, contract: Contract, now: datetime
) -> None:
    label = make_label(owner, contract, 1, now=now)
    desk.scan(waybill(1))
    desk.scan(REST)
    desk.state = replace(desk.state, scale=431)
    assert desk.says(DONE) == ("packed", "done", [])
    assert fresh(label).grams == 431


def test_undo_goes_step_by_step_and_then_takes_the_last_packing_back(
    owner: Actor, desk: Desk, contract: Contract, now: datetime
) -> None:
    first, second = cups(owner, contract, 1, now=now), cups(owner, contract, 2, now=now)
    desk.scan(waybill(1))
    desk.scan(REST)
    desk.scan(DONE)
    desk.scan(waybill(2))
    desk.scan(CUP)
    desk.scan("500")
    assert desk.says(UNDO) == ("uncounted", "tick", [])
    assert desk.state.check == ""
    assert desk.says(UNDO) == ("uncounted", "tick", [])
    assert desk.state.grams is None
    assert desk.says(UNDO) == ("undone", "look", [])
    assert desk.state.label_id == first
    assert fresh(_label(first)).packed_at is None
    assert desk.says(UNDO) == ("", "bad", ["station_nothing_to_undo"])
    assert desk.says(waybill(2)) == ("opened", "look", ["station_left"])
    assert desk.state.label_id == second


def test_a_row_of_the_list_is_taken_back(owner: Actor, desk: Desk, contract: Contract, now: datetime) -> None:
    label_id = cups(owner, contract, 1, now=now)
    desk.scan(waybill(1))
    desk.scan(REST)
    desk.scan(DONE)
    back = undo(owner, desk.state, now=desk.now, label_id=label_id)
    assert (back.word, back.state.label_id) == ("undone", label_id)
    assert undo(owner, State(), now=desk.now, label_id=1).problems[0].code == "label_unknown"


def test_a_message_or_a_flag_sounds_different_and_a_block_is_loud(
    owner: Actor, desk: Desk, contract: Contract, shop: Shop, now: datetime
) -> None:
    make_label(owner, contract, 1, now=now, buyer_message="请包好")
    make_label(owner, contract, 2, now=now, state="made")
    make_label(owner, contract, 3, now=now)
    Order.objects.filter(shop_id=shop.id, number=order_number(3)).update(refund_status="requested")
    other = make_contract(shop.id, name="圆通", carrier="YTO", now=now)
    assert desk.says(waybill(1)) == ("opened", "look", [])
    assert desk.says(SKIP) == ("skipped", "tick", [])
    assert desk.says(SKIP) == ("", "tick", [])
    assert desk.says(waybill(2)) == ("opened", "look", [])
    assert desk.says(waybill(3)) == ("opened", "bad", ["refund_in_progress", "station_left"])
    assert desk.says("") == ("full", "good", ["refund_in_progress"])
    assert desk.says("") == ("", "bad", ["refund_in_progress"])
    assert Desk(owner, now, State(contract_id=other.id)).says(waybill(1)) == (
        "opened",
        "bad",
        ["station_other_contract"],
    )


def test_a_bench_that_does_not_check_packs_at_once(owner: Actor, contract: Contract, now: datetime) -> None:
    cups(owner, contract, 1, now=now)
    desk = Desk(owner, now, State(checks=False))
    desk.scan(waybill(1))
    assert desk.says("") == ("packed", "done", [])
    assert desk.state == State(checks=False)


def test_a_bench_that_packs_by_itself_does_so_with_the_last_piece(
    owner: Actor, contract: Contract, now: datetime
) -> None:
    cups(owner, contract, 1, now=now)
    desk = Desk(owner, now, State(auto=True))
    desk.scan(waybill(1))
    desk.scan("")
    for _ in range(2):
        last = desk.says(CUP)
    assert desk.says("") == ("packed", "done", []) or last == ("packed", "done", [])


def test_commands_without_a_label_say_so(desk: Desk, contract: Contract) -> None:
    for command in (DONE, REST):
        assert desk.says(command) == ("", "bad", ["station_nothing_open"])
    assert desk.says("123") == ("", "bad", ["station_unknown"])


def test_a_label_that_is_gone_leaves_the_bench_empty(desk: Desk, contract: Contract) -> None:
    desk.state = State(label_id=123, check="1*1")
    assert desk.says("") == ("", "", [])
    assert desk.state == State()


def test_a_weighed_parcel_says_what_it_costs_and_stops_nothing(
    owner: Actor, desk: Desk, contract: Contract, shop: Shop, now: datetime
) -> None:
    here, far = Tariff("33", first_price=Decimal("3.00"), next_price=Decimal("1.00")), Tariff("65", False)
    for n, postage in ((1, "0"), (2, "3.50"), (3, "0")):
        make_label(owner, contract, n, now=now, quantities=(2,), postage=Decimal(postage))
    Order.objects.filter(shop_id=shop.id).update(region="330106")
    Order.objects.filter(shop_id=shop.id, number=order_number(3)).update(region="650102")
    OrderLine.objects.filter(shop_id=shop.id).update(sku_code="CUP-W")
    Sku.objects.create(shop_id=shop.id, code="CUP-W", barcode=CUP, grams=400)
    desk.state = replace(desk.state, checks=False)
    desk.scan(waybill(1))
    assert desk.says("950") == ("weighed", "tick", []), "without prices nothing is said"
    assert desk.last.freight is None
    contracts.set_tariffs(owner, contract.id, [Tariff(first_price=Decimal("9.00")), here, far], now=now)
    found = desk.scan("960")
    assert (found.freight.asked.price, found.problems) == (Decimal("3.00"), ())
    assert desk.says("1100") == ("weighed", "look", ["freight_over_plan"])
    assert stand(desk.actor, desk.state).freight.asked.price == Decimal("4.00")
    assert desk.says(DONE) == ("packed", "done", ["freight_over_plan"]), "it was told when it was weighed"
    assert desk.last.problems[0].data == {"price": "4.00", "planned": "3.00", "more": "1.00"}
    desk.scan(waybill(2))
    desk.state = replace(desk.state, scale=1080)
    assert desk.says(DONE) == ("packed", "look", ["freight_over_plan", "freight_over_postage"])
    desk.scan(waybill(3))
    assert desk.says("850") == ("weighed", "look", ["freight_not_served"])
    assert desk.says(DONE)[0] == "packed"
