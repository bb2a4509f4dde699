"""A courier prints: on the contract's printer or his phone, his own labels only, and says what came out."""

import pytest
from pypdfium2 import PdfDocument

from fahuo.rules.people import Actor, CourierActor
from fahuo.services import courier, courier_printing, handing
from fahuo.store.models import Contract, JournalEntry, Label, Order, PrintDocument, Printer, PrintJob, Shop
from tests.conftest import NOW
from tests.services.contracts import make_contract, make_courier
from tests.services.shipping import make_order, waybill
from tests.services.test_courier import buy
from tests.services.test_people import codes

pytestmark = pytest.mark.django_db


@pytest.fixture
def contract(owner: Actor, shop: Shop) -> Contract:
    found = make_contract(shop.id, numbers="stock", now=NOW)
    buy(owner, found, 1, 20)
    return found


@pytest.fixture
def li(contract: Contract) -> CourierActor:
    return make_courier(contract, "li").actor


@pytest.fixture
def orders(owner: Actor, shop: Shop, contract: Contract, li: CourierActor) -> list[int]:
    made = [make_order(shop.id, n, now=NOW) for n in range(1, 5)]
    handing.hand(owner, made, contract_id=contract.id, now=NOW)
    return made


def states(shop: Shop) -> list[str]:
    return list(
        PrintDocument.objects.filter(shop_id=shop.id).order_by("job_id", "place").values_list("state", flat=True)
    )


def test_his_phone_prints_and_he_says_what_came_out(shop: Shop, li: CourierActor, orders: list[int]) -> None:
    sent = courier_printing.send(li, orders[:3], by_phone=True, now=NOW)
    assert (sent.count, sent.problems) == (3, [])
    assert states(shop) == ["sent"] * 3
    pdf = courier_printing.sheet(li, sent.job_id or 0, now=NOW)
    assert pdf.startswith(b"%PDF")
    assert courier_printing.answer(li, sent.job_id or 0, came_out=True, places=[1], now=NOW) == 1
    assert courier_printing.answer(li, sent.job_id or 0, came_out=False, now=NOW) == 2
    assert states(shop) == ["printed", "sent", "sent"], "what did not come out is in his hand again"
    courier_printing.answer(li, sent.job_id or 0, came_out=True, now=NOW)
    assert courier_printing.job(li, sent.job_id or 0).status == "done"
    assert set(Label.objects.filter(shop_id=shop.id).values_list("state", flat=True)) == {"printed"}
    told = JournalEntry.objects.filter(shop_id=shop.id, act="label.printed")
    assert {entry.member_id for entry in told} == {li.courier_id}
    assert courier_printing.send(li, orders[:1], by_phone=True, now=NOW).problems[0].code == "label_printed"
    again = courier_printing.send(li, orders[:1], by_phone=True, reason="卡纸", now=NOW)
    assert again.count == 1
    assert Printer.objects.filter(shop_id=shop.id, kind="browser").count() == 1


def test_the_contracts_printer_gets_a_job_in_his_name(
    shop: Shop, contract: Contract, li: CourierActor, orders: list[int]
) -> None:
    assert codes(lambda: courier_printing.send(li, orders, by_phone=False, now=NOW)) == ["contract_without_printer"]
    printer = Printer.objects.create(shop_id=shop.id, name="标签机", kind="raw", host="192.0.2.7", created_at=NOW)
    Contract.objects.filter(shop_id=shop.id, id=contract.id).update(printer_id=printer.id)
    sent = courier_printing.send(li, orders, by_phone=False, now=NOW)
    job = PrintJob.objects.get(shop_id=shop.id, id=sent.job_id)
    assert (sent.count, job.member_id, job.actor, job.status) == (4, li.courier_id, "li", "waiting")
    courier_printing.cancel(li, job.id, now=NOW)
    assert states(shop) == ["cancelled"] * 4


def test_what_cannot_be_printed_says_so_and_stops_nothing(shop: Shop, li: CourierActor, orders: list[int]) -> None:
    Order.objects.filter(shop_id=shop.id, id=orders[0]).update(refund_status="requested")
    sent = courier_printing.send(li, orders, by_phone=True, now=NOW)
    assert sent.count == 3
    assert [problem.code for problem in sent.problems] == ["refund_in_progress"]
    assert courier_printing.send(li, orders[:1], by_phone=True, now=NOW).job_id is None


def test_numbers_that_are_entered_come_first(owner: Actor, shop: Shop) -> None:
    of = make_courier(make_contract(shop.id, "自带单号", now=NOW), "wang").actor
    order = make_order(shop.id, 9, now=NOW)
    handing.hand(owner, [order], contract_id=of.contract_id, now=NOW)
    assert [one.code for one in courier_printing.send(of, [order], by_phone=True, now=NOW).problems] == ["label_none"]
    courier.enter(of, [(order, waybill(90))], now=NOW)
    assert courier_printing.send(of, [order], by_phone=True, now=NOW).count == 1


def test_what_was_taken_back_is_printed_no_more(
    owner: Actor, shop: Shop, contract: Contract, li: CourierActor, orders: list[int]
) -> None:
    printer = Printer.objects.create(shop_id=shop.id, name="标签机", kind="raw", host="192.0.2.7", created_at=NOW)
    Contract.objects.filter(shop_id=shop.id, id=contract.id).update(printer_id=printer.id)
    courier_printing.send(li, orders[:2], by_phone=False, now=NOW)
    phone = courier_printing.send(li, orders[2:], by_phone=True, now=NOW).job_id or 0
    handing.take_back(owner, [orders[0], orders[2]], now=NOW)
    assert states(shop) == ["cancelled", "waiting", "sent", "sent"]
    pages = courier_printing.sheet(li, phone, now=NOW)
    handing.take_back(owner, [orders[3]], now=NOW)
    assert codes(lambda: courier_printing.sheet(li, phone, now=NOW)) == ["nothing_to_print"]
    assert len(PdfDocument(pages)) == 1
    courier_printing.answer(li, phone, came_out=False, now=NOW)
    assert states(shop) == ["cancelled", "waiting", "cancelled", "cancelled"]


def test_anothers_job_is_not_there(owner: Actor, shop: Shop, li: CourierActor, orders: list[int]) -> None:
    job = courier_printing.send(li, orders, by_phone=True, now=NOW).job_id or 0
    mate = make_courier(Contract.objects.get(shop_id=shop.id, id=li.contract_id), "mate").actor
    zhang = make_courier(make_contract(shop.id, "别家", now=NOW), "zhang").actor
    for other in (mate, zhang):
        for act in (
            lambda: courier_printing.job(other, job),  # noqa: B023
            lambda: courier_printing.sheet(other, job, now=NOW),  # noqa: B023
            lambda: courier_printing.answer(other, job, came_out=True, now=NOW),  # noqa: B023
            lambda: courier_printing.cancel(other, job, now=NOW),  # noqa: B023
        ):
            assert codes(act) == ["job_unknown"]
    assert states(shop) == ["sent"] * 4


def test_numbers_of_a_carriers_service_are_ordered_not_typed(owner: Actor, shop: Shop) -> None:
    of = make_courier(make_contract(shop.id, "接口取号", numbers="service", now=NOW), "zhao").actor
    order = make_order(shop.id, 9, now=NOW)
    handing.hand(owner, [order], contract_id=of.contract_id, now=NOW)
    sent = courier_printing.send(of, [order], by_phone=True, now=NOW)
    assert (sent.job_id, [one.code for one in sent.problems]) == (None, ["contract_without_service"])
    (typed,) = courier.enter(of, [(order, waybill(90))], now=NOW)
    assert not isinstance(typed, courier.Made)
