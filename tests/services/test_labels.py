"""Labels: made, voided, replaced. How they are shipped under: test_label_shipping.py."""

from datetime import timedelta
from decimal import Decimal
from itertools import product

import pytest

from fahuo.rules.label_states import why_blocked
from fahuo.rules.orders import ORDER_STATUSES, REFUND_STATUSES
from fahuo.rules.people import Actor
from fahuo.rules.problems import Problem, Refusal
from fahuo.services import labels, parcels
from fahuo.services.labels import Made
from fahuo.store import labels as store
from fahuo.store import sql
from fahuo.store.models import (
    Assignment,
    JournalEntry,
    Label,
    Order,
    Parcel,
    PrintDocument,
    Printer,
    PrintJob,
    WaybillNumber,
)
from tests.conftest import NOW
from tests.services.labelling import consistent, labelled, state, stocked
from tests.services.shipping import make_order, status_of
from tests.services.shipping import waybill as other_waybill
from tests.services.stocks import make_contract, states

pytestmark = pytest.mark.django_db


def codes(outcomes: "list[Made | Problem] | list[int | Problem]") -> list[str]:
    """The problems' codes, "" for what went well; every sentence can be said."""
    for problem in outcomes:
        if isinstance(problem, Problem):
            assert problem.sentence("zh")
            assert problem.sentence("en")
    return [each.code if isinstance(each, Problem) else "" for each in outcomes]


def acts(shop_id: int, prefix: str = "label.") -> list[str]:
    entries = JournalEntry.objects.filter(shop_id=shop_id, act__startswith=prefix)
    return list(entries.order_by("id").values_list("act", flat=True))


def test_orders_get_numbers_in_their_order(owner: Actor) -> None:
    contract = stocked(owner)
    orders = [make_order(owner.shop_id, n, now=NOW) for n in range(1, 4)]
    asked = [orders[2], orders[0], orders[1]]
    made = labels.make(owner, asked, now=NOW)
    assert [(each.order_id, each.waybill, each.new) for each in made if isinstance(each, Made)] == [
        (order, f"7533000000050{n}", True) for n, order in enumerate(asked, 1)
    ]
    label = Label.objects.get(shop_id=owner.shop_id, id=made[0].label_id)  # type: ignore[union-attr]
    assert (label.state, label.contract_id, label.receiver_key, label.made_by_name) == (
        "made",
        contract.id,
        "key3",
        "owner",
    )
    assert Assignment.objects.get(shop_id=owner.shop_id, order_id=orders[0]).contract_id == contract.id
    entry = JournalEntry.objects.filter(shop_id=owner.shop_id, act="label.made").order_by("id").first()
    assert entry is not None
    assert entry.after == {"label": label.id, "carrier": "ZTO", "waybill": "75330000000501"}
    consistent(owner.shop_id)


def test_once_more_takes_nothing(owner: Actor) -> None:
    stocked(owner)
    orders = [make_order(owner.shop_id, n, now=NOW) for n in (1, 2)]
    first = labels.make(owner, orders, now=NOW)
    again = labels.make(owner, [*orders, orders[0]], now=NOW + timedelta(hours=1))
    assert [each.new for each in again if isinstance(each, Made)] == [False, False, False]
    assert [each.label_id for each in again[:2]] == [each.label_id for each in first]  # type: ignore[union-attr]
    assert states(owner.shop_id) == {"free": 8, "taken": 2}
    consistent(owner.shop_id)


def test_the_first_get_theirs_when_the_stock_is_short(owner: Actor) -> None:
    stocked(owner, 2)
    orders = [make_order(owner.shop_id, n, now=NOW) for n in range(1, 5)]
    made = labels.make(owner, orders, now=NOW)
    assert codes(made) == ["", "", "stock_short", "stock_short"]
    assert made[3].data == {"contract": "中通西湖", "there": 2, "needed": 4}  # type: ignore[union-attr]
    consistent(owner.shop_id)


def test_what_cannot_have_a_label_says_why(owner: Actor, stranger: Actor) -> None:
    contract = stocked(owner)
    entered = make_contract(owner.shop_id, "圆通", carrier="YTO", numbers="entered")
    closed = make_contract(owner.shop_id, "旧中通", active=False)
    fields: list[dict[str, object]] = [
        {"status": "awaiting_payment"}, {"status": "closed"}, {"refund_status": "requested"},
        {"refund_status": "succeeded"}, {"kind": "virtual"}, {},
    ]  # fmt: skip
    orders = [make_order(owner.shop_id, n, now=NOW, **each) for n, each in enumerate(fields)]  # type: ignore[arg-type]
    Order.objects.filter(shop_id=owner.shop_id, id=orders[5]).update(receiver_key="")
    foreign = make_order(stranger.shop_id, 1, now=NOW)
    assert codes(labels.make(owner, [*orders, foreign], now=NOW)) == [
        "order_not_paid", "order_closed", "refund_in_progress", "order_refunded", "order_virtual", "label_needs_receiver",
        "order_unknown",
    ]  # fmt: skip
    order = make_order(owner.shop_id, 9, now=NOW)
    assert codes(labels.make(owner, [order], contract_id=entered.id, now=NOW)) == ["numbers_entered"]
    assert codes(labels.make(owner, [order], contract_id=closed.id, now=NOW)) == ["contract_closed"]
    parcels.ship(owner, order_ids=[order], carrier="ZTO", waybill=other_waybill(1), now=NOW)
    gone = labels.make(owner, [order], now=NOW)
    assert codes(gone) == ["already_shipped_as"]
    assert states(owner.shop_id) == {"free": 10}
    with pytest.raises(Refusal, match="contract_unknown"):
        labels.make(owner, [order], contract_id=contract.id + 10**6, now=NOW)
    assert codes(labels.make(stranger, [foreign], now=NOW)) == ["contract_missing"]
    assert acts(owner.shop_id) == []


def test_the_order_s_own_contract_before_the_first(owner: Actor) -> None:
    stocked(owner)
    second = make_contract(owner.shop_id, "申通", carrier="STO", position=5)
    orders = [make_order(owner.shop_id, n, now=NOW) for n in (1, 2)]
    Assignment.objects.create(shop_id=owner.shop_id, order_id=orders[1], contract_id=second.id, chosen_at=NOW)
    assert codes(labels.make(owner, orders, now=NOW)) == ["", "stock_short"]
    assert codes(labels.make(owner, orders, contract_id=second.id, now=NOW)) == ["label_elsewhere", "stock_short"]


def test_orders_of_one_receiver_share_a_label_only_when_asked(owner: Actor) -> None:
    stocked(owner)
    same = [make_order(owner.shop_id, n, now=NOW, receiver_key="same") for n in (1, 2, 3)]
    other = make_order(owner.shop_id, 4, now=NOW)
    apart = labels.make(owner, same[:2], now=NOW)
    assert len({each.label_id for each in apart}) == 2  # type: ignore[union-attr]
    labels.void(owner, [each.label_id for each in apart], reason="合单", now=NOW)  # type: ignore[union-attr]
    merged = labels.make(owner, [same[0], other, *same[1:]], merge=True, now=NOW)
    assert len({each.label_id for each in merged}) == 2  # type: ignore[union-attr]
    assert states(owner.shop_id) == {"free": 8, "taken": 2}
    consistent(owner.shop_id)
    shipped = labels.ship(owner, [merged[0].label_id], now=NOW)  # type: ignore[union-attr]
    assert Parcel.objects.get(shop_id=owner.shop_id).id == shipped[0]
    assert {status_of(owner.shop_id, order) for order in same} == {"shipped"}
    consistent(owner.shop_id)


def test_a_number_written_beside_the_stock_leaves_it(owner: Actor) -> None:
    contract = stocked(owner, 3)
    orders = [make_order(owner.shop_id, n, now=NOW) for n in (1, 2, 3)]
    # as a restored or an older database may have it: the parcel has the number, the stock does not know
    Parcel.objects.create(shop_id=owner.shop_id, carrier="ZTO", waybill="75330000000501", shipped_at=NOW)
    made = labels.make(owner, orders, now=NOW)
    assert [each.waybill for each in made if isinstance(each, Made)] == ["75330000000502", "75330000000503"]
    assert codes(made) == ["", "", "stock_short"]
    assert made[2].data["there"] == 2  # type: ignore[union-attr]
    assert states(owner.shop_id) == {"taken": 2, "shipped": 1}
    assert contract.id


def test_a_number_entered(owner: Actor) -> None:
    contract = make_contract(owner.shop_id, "圆通", carrier="YTO", numbers="entered")
    bought = stocked(owner)
    brought = make_contract(owner.shop_id, "中通上门", numbers="entered")
    first, second = (make_order(owner.shop_id, n, now=NOW) for n in (1, 2))
    number = "YT1234567890123"
    made = labels.entered(owner, first, contract.id, " yt1234567890123", NOW)
    assert isinstance(made, Made)
    assert (made.waybill, made.new) == (number, True)
    again = labels.entered(owner, first, contract.id, number, NOW)
    assert isinstance(again, Made)
    assert (again.label_id, again.new) == (made.label_id, False)
    outcomes = [
        labels.entered(owner, first, contract.id, "YT1234567890124", NOW),
        labels.entered(owner, second, contract.id, number, NOW),
        labels.entered(owner, second, contract.id, "SF1234567890123", NOW),
        labels.entered(owner, second, brought.id, "75330000000501", NOW),
        labels.entered(owner, second, bought.id, "75330000000501", NOW),
        labels.entered(owner, 1, contract.id, "YT1234567890125", NOW),
    ]
    assert codes(outcomes) == [
        "label_elsewhere", "number_on_label", "waybill_other_carrier", "number_of_stock", "numbers_from_stock",
        "order_unknown",
    ]  # fmt: skip
    assert labels.ship(owner, [made.label_id], now=NOW) == [Parcel.objects.get(shop_id=owner.shop_id).id]
    assert codes([labels.entered(owner, second, contract.id, number, NOW)]) == ["waybill_in_use"]
    parcels.void(owner, Parcel.objects.get(shop_id=owner.shop_id).id, now=NOW)
    assert codes(labels.void(owner, [made.label_id], reason="重填", now=NOW)) == [""]
    warnings: list[Problem] = []
    assert isinstance(labels.entered(owner, second, contract.id, number, NOW, warnings=warnings), Made)
    assert [problem.code for problem in warnings] == ["waybill_used_before"]
    consistent(owner.shop_id)


def test_a_voided_label_gives_its_number_back_while_no_printer_saw_it(owner: Actor) -> None:
    stocked(owner)
    order, label = labelled(owner)
    assert labels.void(owner, [label], reason="  选错  快递 ", now=NOW) == [label]
    assert Label.objects.get(shop_id=owner.shop_id).void_reason == "选错 快递"
    assert states(owner.shop_id) == {"free": 10}
    assert labels.void(owner, [label], reason="again", now=NOW) == [label]
    assert acts(owner.shop_id) == ["label.made", "label.voided"]
    assert isinstance(labels.make(owner, [order], now=NOW)[0], Made)
    consistent(owner.shop_id)


def test_what_a_printer_saw_is_voided_for_good(owner: Actor) -> None:
    stocked(owner)
    order, label = labelled(owner)
    printer = Printer.objects.create(shop_id=owner.shop_id, name="打印机", kind="raw", created_at=NOW)
    job = PrintJob.objects.create(shop_id=owner.shop_id, printer_id=printer.id, created_at=NOW)
    PrintDocument.objects.create(
        shop_id=owner.shop_id, job_id=job.id, place=1, label_id=label, state="sent", attempts=1
    )
    labels.void(owner, [label], reason="卡纸", now=NOW)
    assert states(owner.shop_id) == {"free": 9, "voided": 1}
    made = labels.make(owner, [order], now=NOW)[0]
    assert isinstance(made, Made)
    assert made.waybill == "75330000000502"
    consistent(owner.shop_id)


def test_voiding_needs_a_reason_and_a_label_at_home(owner: Actor, stranger: Actor) -> None:
    stocked(owner)
    _, label = labelled(owner)
    for reason, code in (("  ", "reason_missing"), ("长" * 201, "reason_long")):
        with pytest.raises(Refusal, match=code):
            labels.void(owner, [label], reason=reason, now=NOW)
    assert codes(labels.void(stranger, [label], reason="x", now=NOW)) == ["label_unknown"]
    labels.ship(owner, [label], now=NOW)
    assert codes(labels.void(owner, [label, 1], reason="x", now=NOW)) == ["label_shipped", "label_unknown"]
    consistent(owner.shop_id)


def test_a_new_number_for_an_order_whose_receiver_moved(owner: Actor) -> None:
    stocked(owner, 2)
    order, label = labelled(owner)
    Order.objects.filter(shop_id=owner.shop_id, id=order).update(receiver_key="moved")
    assert codes(labels.ship(owner, [label], now=NOW)) == ["receiver_changed"]
    made = labels.replace(owner, [label, label], reason="改地址", now=NOW)
    assert isinstance(made[0], Made)
    assert made[0] == made[1]
    new = Label.objects.get(shop_id=owner.shop_id, id=made[0].label_id)
    assert (new.replaces_id, new.receiver_key, new.waybill) == (label, "moved", "75330000000502")
    assert state(owner.shop_id, label) == "voided"
    assert states(owner.shop_id) == {"free": 1, "taken": 1}
    consistent(owner.shop_id)
    assert codes(labels.replace(owner, [label], reason="x", now=NOW)) == ["label_voided"]
    _, last = labelled(owner, 2)
    assert codes(labels.replace(owner, [last], reason="x", now=NOW)) == ["stock_short"]
    assert state(owner.shop_id, last) == "made"
    consistent(owner.shop_id)


def test_who_may(owner: Actor, teammate: Actor) -> None:
    stocked(owner)
    _, label = labelled(owner)
    packer = Actor(owner.shop_id, None, "packer", permissions=frozenset({"ship"}))
    printer = Actor(owner.shop_id, None, "printer", permissions=frozenset({"print"}))
    for actor, act in (
        (teammate, lambda who: labels.make(who, [1], now=NOW)), (packer, lambda who: labels.make(who, [1], now=NOW)),
        (packer, lambda who: labels.void(who, [label], reason="x", now=NOW)),
        (packer, lambda who: labels.replace(who, [label], reason="x", now=NOW)),
        (packer, lambda who: labels.entered(who, 1, 1, "x", NOW)), (printer, lambda who: labels.ship(who, [label], now=NOW)),
    ):  # fmt: skip
        with pytest.raises(Refusal, match="not_permitted"):
            act(actor)


def test_the_statement_of_what_is_blocked_says_what_the_rule_says(owner: Actor) -> None:
    stocked(owner, 300)
    cases = list(product(ORDER_STATUSES, REFUND_STATUSES, (False, True), ("made", "shipped"), (Decimal(0), Decimal(3))))
    for n, (status, refund, moved, stands, amount) in enumerate(cases, 1):
        order, label = labelled(owner, n)
        Label.objects.filter(shop_id=owner.shop_id, id=label).update(state=stands)
        Order.objects.filter(shop_id=owner.shop_id, id=order).update(
            status=status, refund_status=refund, receiver_key="moved" if moved else f"key{n}", refund_amount=amount
        )
    ids = list(Label.objects.filter(shop_id=owner.shop_id).values_list("id", flat=True))
    expected = {row.label_id for row in store.label_facts(owner.shop_id, ids) if why_blocked(row) is not None}
    found = sql.fetch(
        f"""SELECT l.id FROM labels l JOIN label_orders h ON h.shop_id = %(shop_id)s AND h.label_id = l.id
        JOIN orders o ON o.shop_id = %(shop_id)s AND o.id = h.order_id WHERE l.shop_id = %(shop_id)s AND {store.BLOCKED}""",
        shop_id=owner.shop_id, **store.BLOCKED_PARAMS,
    )  # fmt: skip
    assert {row.id for row in found} == expected
    assert 0 < len(expected) < len(cases)
    assert WaybillNumber.objects.filter(shop_id=owner.shop_id).count() == 300
