"""The walls around a courier: no page or file of his holds a price, the buyer's account or words, the shop's memo, or an
order of another contract; whatever is another's answers 404 and stays as it is."""

from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from html.parser import HTMLParser
from typing import Any, Final

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client
from pypdfium2 import PdfDocument

from fahuo.connectors.sheet.reader import open_sheet
from fahuo.connectors.sheet.writer import write_xlsx
from fahuo.rules.people import Actor
from fahuo.services import courier, courier_pickups, courier_printing, handing, labels, pickups
from fahuo.store.models import (
    Contract,
    JournalEntry,
    Label,
    Order,
    OrderLine,
    PickupParcel,
    PrintDocument,
    Shop,
)  # fmt: skip
from tests.services.contracts import CourierAccount, make_contract, make_courier
from tests.services.shipping import make_order, order_number, waybill

PRICE: Final = Decimal("8317.53")
SECRETS: Final = ("8317.53", "8,317.53", "831753", "狐狸买家", "请快点发货谢谢", "成本价三百", "给客服看的备注")
"""What is planted in his order and must not come through."""
ON_LABELS: Final = "请快点发货谢谢"
"""The buyer's words may stand on the label, where the shop's template has them."""
MINE: Final = 1
THEIRS: Final = (2, 3, 4, 5)
"""Of another contract of the same carrier; with nobody; of another shop; of another contract, and shipped."""


@pytest.fixture
def now() -> datetime:
    return datetime.now(UTC)


def planted(shop_id: int, n: int, now: datetime) -> int:
    order = make_order(
        shop_id, n, now=now, buyer="狐狸买家", buyer_message="请快点发货谢谢", memo="成本价三百", channel_memo="给客服看的备注",
        paid_amount=PRICE, postage=PRICE, quantities=(2,),
    )  # fmt: skip
    Order.objects.filter(shop_id=shop_id, id=order).update(item_amount=PRICE)
    OrderLine.objects.filter(shop_id=shop_id, order_id=order).update(price=PRICE, amount=PRICE)
    return order


@pytest.fixture
def world(owner: Actor, shop: Shop, other_shop: Shop, now: datetime) -> dict[str, Any]:
    contract, other = make_contract(shop.id, now=now), make_contract(shop.id, "中通余杭", now=now)
    li, zhang = make_courier(contract, "li"), make_courier(other, "zhang")
    orders = {n: planted(other_shop.id if n == 4 else shop.id, n, now) for n in (MINE, *THEIRS)}
    handing.hand(owner, [orders[MINE]], contract_id=contract.id, note="轻放", now=now)
    handing.hand(owner, [orders[2], orders[5]], contract_id=other.id, now=now)
    courier.enter(zhang.actor, [(orders[2], waybill(2)), (orders[5], waybill(5))], now=now)
    courier.ship(zhang.actor, [orders[5]], now=now)
    return {"li": li, "zhang": zhang, "orders": orders, "contract": contract, "other": other}


class Links(HTMLParser):
    """The addresses that a page leads to, and the forms it has."""

    def __init__(self, page: bytes) -> None:
        super().__init__()
        self.found: set[str] = set()
        self.forms: set[str] = set()
        self.feed(page.decode())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "a" and given.get("href"):
            self.found.add(str(given["href"]))
        if given.get("formaction") or (given.get("method") == "post" and given.get("action")):
            self.forms.add(str(given.get("formaction") or given.get("action")))


def body_of(answer: HttpResponse) -> bytes:
    return b"".join(answer.streaming_content) if answer.streaming else answer.content  # type: ignore[attr-defined]


def words_on(paper: bytes) -> str:
    """Everything that a PDF says."""
    return "\n".join(page.get_textpage().get_text_range() for page in PdfDocument(paper))


def leaks(body: bytes, numbers: tuple[str, ...]) -> list[str]:
    """What must not stand in these bytes; of a sheet the cells are read, of a paper the words."""
    if body.startswith(b"%PDF"):
        body = words_on(body).replace(ON_LABELS, "").encode()
    if body[:2] == b"PK":
        sheet = open_sheet("a.xlsx", body)
        body = "\n".join(cell for row in [sheet.header, *(row.cells for row in sheet.rows())] for cell in row).encode()
    return [word for word in (*SECRETS, *numbers) if word.encode() in body]


def walk(client: Client, start: str) -> Iterator[tuple[str, bytes, set[str]]]:
    """Every page of his that links lead to: address, bytes, forms."""
    todo, seen = [start], {start}
    while todo:
        address = todo.pop()
        answer = client.get(address, follow=True)
        assert answer.status_code == 200, address
        body = body_of(answer)
        links = Links(b"" if body.startswith(b"%PDF") else body)
        yield address, body, links.forms
        for link in links.found:
            to = f"{start}{link}" if link.startswith("?") else link.partition("#")[0]
            if to.startswith("/c/") and to not in seen:
                seen.add(to)
                todo.append(to)


STEPS: Final = ("waiting", "numbered", "printing", "shipped")


@pytest.mark.parametrize("step", STEPS)
def test_no_page_or_file_of_his_holds_what_is_not_his(world: dict[str, Any], step: str, now: datetime) -> None:
    li, order = world["li"], world["orders"][MINE]
    if step != "waiting":
        courier.enter(li.actor, [(order, waybill(1))], now=now)
    if step in ("printing", "shipped"):
        pickup = courier_pickups.begin(li.actor, now=now)
        job = courier_printing.send(li.actor, [order], by_phone=True, now=now).job_id or 0
    if step == "shipped":
        courier_printing.answer(li.actor, job, came_out=True, now=now)
        courier.ship(li.actor, [order], now=now)
        courier_pickups.add_own(li.actor, pickup, now=now)
    client = Client()
    client.force_login(li.user)
    others = tuple(order_number(n) for n in THEIRS) + (waybill(2), waybill(5))
    pages = {address: (body, forms) for address, body, forms in walk(client, "/c/lan/")}
    assert f"/c/lan/orders/{order}/" in pages
    papers = [body for body, _ in pages.values() if body.startswith(b"%PDF")]
    assert [waybill(1) in words_on(paper).replace(" ", "") for paper in papers] == [True] * (step == "printing")
    if step == "shipped":
        assert waybill(1).encode() in pages[f"/c/lan/pickups/{pickup}/"][0]
    assert any(order_number(MINE).encode() in body for body, _ in pages.values())
    assert [(address, found) for address, (body, _) in pages.items() if (found := leaks(body, others))] == []
    forms = {form for _, of_page in pages.values() for form in of_page if form.startswith("/c/")}
    assert forms
    posted = {
        "ids": str(order), "waybill": waybill(2), "first": waybill(5), "scan": waybill(2), "reason": "x", "tab": "ship",
        "count": "9", "number": waybill(5), "to": "phone",
    }  # fmt: skip
    for form in sorted(forms):
        answer = client.post(form, posted, follow=True)
        assert answer.status_code in (200, 422), form
        typed = tuple(word for word in others if word not in (waybill(2), waybill(5)))
        assert leaks(body_of(answer), typed) == [], form


def named(world: dict[str, Any]) -> list[int]:
    return [world["orders"][n] for n in THEIRS] + [10**12]


def test_what_is_anothers_answers_404_and_stays_as_it_is(world: dict[str, Any], now: datetime) -> None:
    li, before = world["li"], JournalEntry.objects.count()
    client = Client()
    client.force_login(li.user)
    for order in named(world):
        for place in ("", "receiver/", "number/", "void/", "again/"):
            address = f"/c/lan/orders/{order}/{place}"
            posted = client.post(address, {"waybill": waybill(40), "reason": "x"})
            assert posted.status_code == (404 if place else 405)
            assert client.get(address).status_code == (405 if place else 404)
        for place in ("take/", "ship/", "run/", "addresses/"):
            for ids in (str(order), f"{world['orders'][MINE]},{order}"):
                answer = client.post(f"/c/lan/{place}", {"ids": ids, "first": waybill(41), "write": "1"})
                assert answer.status_code == 404, place
        pairs = {"pair": [f"{world['orders'][MINE]}:{waybill(41)}", f"{order}:{waybill(42)}"], "write": "1"}
        assert client.post("/c/lan/sheet/", pairs).status_code == 404
    for n in THEIRS:
        for text in (order_number(n), waybill(n)):
            answer = client.get("/c/lan/find/", {"q": text})
            assert answer.status_code == 404
    for code in ("zhu", "nowhere"):
        assert client.get(f"/c/{code}/").status_code == 404
    assert JournalEntry.objects.count() == before
    assert Label.objects.count() == 2


def test_a_sheet_finds_his_orders_only_and_is_written_under_his_name(world: dict[str, Any]) -> None:
    li, mine = world["li"], world["orders"][MINE]
    client = Client()
    client.force_login(li.user)
    assert "用表格填单号" in client.get("/c/lan/").content.decode()
    rows = [[order_number(n), waybill(60 + n)] for n in (MINE, *THEIRS)] + [["270000000000099999", waybill(69)]]
    file = SimpleUploadedFile("单号.xlsx", write_xlsx(["订单编号", "运单号"], rows))
    page = client.post("/c/lan/sheet/", {"file": file}).content.decode()
    assert page.count("你手里没有订单") == len(THEIRS) + 1, "whoever has it, the same words"
    assert f'name="pair" value="{mine}:{waybill(61)}"' in page
    assert Label.objects.filter(waybill=waybill(61)).count() == 0
    answer = client.post("/c/lan/sheet/", {"pair": f"{mine}:{waybill(61)}", "write": "1"})
    assert answer.headers["Location"] == "/c/lan/?tab=ship"
    entry = JournalEntry.objects.get(order_id=mine, act="label.made")
    assert (entry.actor, entry.member_id) == ("li", li.courier.id)
    empty = client.post("/c/lan/sheet/")
    assert empty.status_code == 422


def test_jobs_and_pickups_of_another_contract_are_not_there(world: dict[str, Any], owner: Actor, now: datetime) -> None:
    zhang = world["zhang"].actor
    job = courier_printing.send(zhang, [world["orders"][2]], by_phone=True, now=now).job_id
    theirs = courier_pickups.begin(zhang, now=now)
    pickups.add(owner, theirs, [waybill(2)], now=now)
    client = Client()
    client.force_login(world["li"].user)
    for n in (job, theirs, 10**12):
        for place in (f"print/{n}/", f"print/{n}/labels.pdf", f"pickups/{n}/"):
            assert client.get(f"/c/lan/{place}").status_code == 404
        for place in ("answer", "cancel"):
            assert client.post(f"/c/lan/print/{n}/{place}/", {"out": "yes"}).status_code == 404
        for place in ("add", "remove", "sign"):
            given = {"scan": waybill(2), "number": waybill(2), "count": "1"}
            assert client.post(f"/c/lan/pickups/{n}/{place}/", given).status_code == 404
    assert PrintDocument.objects.get(job_id=job).state == "sent"
    assert PickupParcel.objects.get().pickup_id == theirs
    mine = courier_pickups.begin(world["li"].actor, now=now)
    page = client.post(f"/c/lan/pickups/{mine}/add/", {"scan": waybill(2)})
    assert page.status_code == 422
    assert order_number(2).encode() not in page.content
    assert "中通余杭".encode() not in page.content


def test_what_stops_a_parcel_of_the_shops_own_names_no_order(
    world: dict[str, Any], owner: Actor, shop: Shop, now: datetime
) -> None:
    free = planted(shop.id, 9, now)
    made = labels.entered(owner, free, world["contract"].id, waybill(9), now)
    assert isinstance(made, labels.Made)
    client = Client()
    client.force_login(world["li"].user)
    mine = courier_pickups.begin(world["li"].actor, now=now)
    assert client.post(f"/c/lan/pickups/{mine}/add/", {"scan": waybill(9)}, follow=True).status_code == 200
    Order.objects.filter(shop_id=shop.id, id=free).update(refund_status="requested")
    page = client.post(f"/c/lan/pickups/{mine}/sign/", {"count": "1"})
    assert page.status_code == 422
    assert leaks(page.content, (order_number(9),)) == []
    assert "请问店铺" in page.content.decode()


def test_a_courier_of_another_shop_finds_nothing_here(world: dict[str, Any], other_shop: Shop, now: datetime) -> None:
    theirs = make_courier(make_contract(other_shop.id, now=now), "mo")
    client = Client()
    client.force_login(theirs.user)
    assert client.get("/c/zhu/").status_code == 200
    assert client.get("/c/lan/").status_code == 404
    for n in (MINE, *THEIRS):
        assert client.get(f"/c/zhu/orders/{world['orders'][n]}/").status_code == 404


def test_the_shops_own_labels_of_his_contract_are_not_his(
    owner: Actor, world: dict[str, Any], shop: Shop, now: datetime
) -> None:
    free = planted(shop.id, 9, now)
    labels.entered(owner, free, world["contract"].id, waybill(9), now)
    client = Client()
    client.force_login(world["li"].user)
    assert client.get("/c/lan/find/", {"q": waybill(9)}).status_code == 404
    assert client.get(f"/c/lan/orders/{free}/").status_code == 404
    assert order_number(9).encode() not in client.get("/c/lan/").content
    assert Contract.objects.filter(shop_id=shop.id).count() == 2


def test_a_closed_courier_gets_nothing_by_any_method(world: dict[str, Any]) -> None:
    li: CourierAccount = world["li"]
    li.courier.active = False
    li.courier.save(update_fields=["active"])
    for method in ("get", "post"):
        for place in ("", "scan/", "find/", "take/", "ship/", f"orders/{world['orders'][MINE]}/"):
            client = Client()
            client.force_login(li.user)
            answer = getattr(client, method)(f"/c/lan/{place}", {"ids": str(world["orders"][MINE])})
            assert answer.status_code == 404
            assert order_number(MINE).encode() not in answer.content
