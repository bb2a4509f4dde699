"""Numbers come back by the contract's rule, never after a scan; and numbers that were typed follow their parcels."""

import json
from datetime import datetime, timedelta
from typing import Any

import pytest

from fahuo.rules.parcels import CarrierScan
from fahuo.rules.people import Actor
from fahuo.services import batches, parcels, returns, stock
from fahuo.store import journal, sql
from fahuo.store import stock as store
from fahuo.store.models import Contract, Label, LabelOrder, StockMove, WaybillNumber
from tests.conftest import NOW
from tests.services.shipping import make_order
from tests.services.stocks import adds_up, buy, make_contract, states

pytestmark = pytest.mark.django_db


@pytest.fixture
def contract(owner: Actor) -> Contract:
    made = make_contract(owner.shop_id, return_voided_days=15, return_silent_days=30)
    buy(owner, made, 10)
    return made


def label_of(actor: Actor, contract: Contract, taken: store.Taken, order_id: int, **fields: Any) -> Label:
    made = Label.objects.create(
        shop_id=actor.shop_id, contract_id=contract.id, carrier=taken.carrier, waybill=taken.number, number_id=taken.id,
        made_at=NOW, **fields,
    )  # fmt: skip
    LabelOrder.objects.create(shop_id=actor.shop_id, order_id=order_id, label_id=made.id)
    store.hold(actor.shop_id, [taken.id], [made.id])
    return made


def after(**days: float) -> datetime:
    return NOW + timedelta(**days)


def test_voided_after_15_and_silent_after_30_days(owner: Actor, contract: Contract) -> None:
    first, second, third = store.take(owner, contract.id, 3, now=NOW)
    store.move(owner, [first.id], "void", now=NOW)
    store.move(owner, [second.id], "print", now=after(days=10))
    assert returns.run_due(owner.shop_id, now=after(days=15, seconds=-1)) == 0
    assert returns.run_due(owner.shop_id, now=after(days=15)) == 1
    assert states(owner.shop_id) == {"free": 7, "returned": 1, "printed": 1, "taken": 1}
    assert returns.run_due(None, now=after(days=30)) == 1
    assert returns.run_due(None, now=after(days=40)) == 1
    assert states(owner.shop_id) == {"free": 7, "returned": 3}
    assert third.number == store.take(owner, contract.id, 10, now=after(days=41))[-1].number
    adds_up(owner.shop_id)


def test_only_where_the_contract_gives_back(owner: Actor) -> None:
    contract = make_contract(owner.shop_id, return_voided_days=None, return_silent_days=None)
    buy(owner, contract, 2)
    taken = store.take(owner, contract.id, 2, now=NOW)
    store.move(owner, [taken[0].id], "void", now=NOW)
    assert returns.run_due(None, now=after(days=400)) == 0


def test_a_label_that_still_holds_a_silent_number_is_voided_with_it(owner: Actor, contract: Contract) -> None:
    order_id = make_order(owner.shop_id, 1, now=NOW)
    (taken,) = store.take(owner, contract.id, 1, now=NOW)
    label = label_of(owner, contract, taken, order_id)
    assert returns.run_due(None, now=after(days=30)) == 1
    label.refresh_from_db()
    assert (label.state, label.voided_at, label.void_reason) == ("voided", after(days=30), returns.REASON)
    assert LabelOrder.objects.get(shop_id=owner.shop_id).voided_at == after(days=30)
    entry = journal.history(owner.shop_id, order_id)[0]
    assert (entry.act, entry.actor) == ("label.voided", "clock")
    assert json.loads(entry.before)["waybill"] == taken.number
    assert json.loads(entry.after) == {"reason": returns.REASON}
    assert states(owner.shop_id) == {"free": 9, "returned": 1}
    adds_up(owner.shop_id)


def test_a_number_that_was_handed_over_or_seen_stays(owner: Actor, contract: Contract) -> None:
    orders = [make_order(owner.shop_id, n, now=NOW) for n in range(3)]
    handed, seen, spoilt = store.take(owner, contract.id, 3, now=NOW)
    label_of(owner, contract, handed, orders[0], state="printed", handed_over_at=NOW)
    label_of(owner, contract, seen, orders[1])
    store.move(owner, [spoilt.id], "void", now=NOW)
    scans = [CarrierScan("ZTO", each.number, "in_transit", after(days=3)) for each in (seen, spoilt)]
    scans.append(CarrierScan("ZTO", spoilt.number, "picked_up", after(days=2)))
    assert parcels.record_scans(owner, scans, now=after(days=3)) == 0
    assert WaybillNumber.objects.get(shop_id=owner.shop_id, id=spoilt.id).scanned_at == after(days=2)
    assert returns.run_due(None, now=after(days=400)) == 0
    assert states(owner.shop_id) == {"free": 7, "taken": 2, "voided": 1}


def test_many_come_back_in_chunks(owner: Actor, contract: Contract) -> None:
    buy(owner, contract, 1200, first="75330000100501")
    taken = store.take(owner, contract.id, 1200, now=NOW)
    store.move(owner, [each.id for each in taken], "void", now=NOW)
    assert returns.run_due(None, now=after(days=15)) == 1200
    adds_up(owner.shop_id)


# ---- numbers that were typed ------------------------------------------------------------------------------------


def test_a_typed_number_leaves_the_stock_with_its_parcel(owner: Actor, contract: Contract) -> None:
    parcel = parcels.ship(
        owner, order_ids=[make_order(owner.shop_id, 1, now=NOW)], carrier="ZTO", waybill="75330000000501", now=NOW
    )
    assert states(owner.shop_id) == {"free": 9, "shipped": 1}
    assert store.take(owner, contract.id, 1, now=NOW)[0].number == "75330000000502"
    parcels.correct(owner, parcel, carrier="ZTO", waybill="75330000000503", now=NOW)
    assert states(owner.shop_id) == {"free": 7, "printed": 1, "taken": 1, "shipped": 1}
    parcels.void(owner, parcel, now=NOW)
    assert states(owner.shop_id) == {"free": 7, "printed": 2, "taken": 1}
    parcels.ship(
        owner, order_ids=[make_order(owner.shop_id, 2, now=NOW)], carrier="ZTO", waybill="75330000000503", now=NOW
    )
    assert states(owner.shop_id) == {"free": 7, "printed": 1, "taken": 1, "shipped": 1}
    adds_up(owner.shop_id)


def test_a_batch_of_typed_numbers_and_its_undo(owner: Actor, contract: Contract) -> None:
    orders = [make_order(owner.shop_id, n, now=NOW) for n in range(4)]
    batch = batches.open_shipments(owner, order_ids=orders, now=NOW)
    batches.fill_from_run(owner, batch, carrier="ZTO", first="75330000000509", now=NOW)
    batches.work(owner.shop_id, batch, now=NOW)
    batches.commit(owner, batch, now=NOW)
    batches.work(owner.shop_id, batch, now=NOW)
    # two of the run were bought, two were not
    assert states(owner.shop_id) == {"free": 8, "shipped": 2}
    batches.undo(owner, batch, now=NOW)
    assert states(owner.shop_id) == {"free": 8, "printed": 2}
    adds_up(owner.shop_id)


def test_a_number_of_a_label_is_the_labels_affair(owner: Actor, contract: Contract) -> None:
    order_id = make_order(owner.shop_id, 1, now=NOW)
    (taken,) = store.take(owner, contract.id, 1, now=NOW)
    label_of(owner, contract, taken, order_id)
    parcels.ship(owner, order_ids=[order_id], carrier="ZTO", waybill=taken.number, now=NOW)
    assert states(owner.shop_id) == {"free": 9, "shipped": 1}
    assert [m.note for m in StockMove.objects.filter(shop_id=owner.shop_id, act="ship")] == [""]


def test_a_shop_without_stock_pays_one_short_question(owner: Actor, django_assert_max_num_queries: Any) -> None:
    with django_assert_max_num_queries(1):
        assert stock.follow(owner, ["ZTO"] * 3, ["75330000000501"] * 3, now=NOW) == 0
    assert sql.fetch("SELECT count(*) AS n FROM stock_moves WHERE shop_id = %(s)s", s=owner.shop_id)[0].n == 0
