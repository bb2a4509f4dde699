"""The pages of contracts: terms, prices, numbers and their ledger, rules, marks, goods; and orders given to a contract."""

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from fahuo.connectors.sheet.writer import write_xlsx
from fahuo.rules.contracts import Tariff
from fahuo.rules.people import Actor
from fahuo.services import batches, contracts
from fahuo.store import stock as store
from fahuo.store.models import Assignment, CarrierRule, Contract, RouteMark, Shop, Sku, WaybillLot, WaybillNumber
from tests.conftest import Account
from tests.services.shipping import make_order
from tests.services.stocks import adds_up, buy, make_contract, states

pytestmark = pytest.mark.django_db
NOW = datetime.now(UTC)
TERMS = {
    "carrier": "ZTO",
    "name": "中通西湖",
    "numbers": "stock",
    "ships_at": "packed",
    "pickup_times": "16：30, 9:00",
    "active": "on",
}


@pytest.fixture
def page(client: Client, owner_account: Account) -> Client:
    client.force_login(owner_account.user)
    return client


@pytest.fixture
def contract(shop: Shop, owner: Actor) -> Contract:
    made = make_contract(shop.id, now=NOW)
    buy(owner, made, 20, now=NOW - timedelta(days=9))
    return made


def said(answer: Any) -> str:
    return str(answer.content.decode())


def test_a_contract_from_nothing_to_its_prices(page: Client, shop: Shop) -> None:
    assert "还没有快递合同" in said(page.get("/s/lan/contracts/"))
    answer = page.post("/s/lan/contracts/new/", TERMS, follow=True)
    made = Contract.objects.get(shop_id=shop.id)
    assert answer.redirect_chain[-1][0] == f"/s/lan/contracts/{made.id}/tariffs/"
    assert [f"{at:%H:%M}" for at in made.pickup_times] == ["09:00", "16:30"]
    wrong = page.post("/s/lan/contracts/new/", {**TERMS, "pickup_times": "下午"})
    assert wrong.status_code == 422
    assert "看不懂的时间" in said(wrong)
    assert "已经有一份叫“中通西湖”的合同" in said(page.post("/s/lan/contracts/new/", TERMS))

    rows = {
        "region": ["", "浙江", "新疆维吾尔自治区", ""], "served": ["1", "1", "0", "1"], "first_grams": ["1000", "", "", ""],
        "first_price": ["5", "3.2", "", ""], "next_grams": ["1000", "500", "", ""], "next_price": ["2", "0.6", "", ""],
    }  # fmt: skip
    here = f"/s/lan/contracts/{made.id}/tariffs/"
    page.post(here, rows)
    assert contracts.tariffs_of(shop.id, made.id) == [
        Tariff("", True, 1000, Decimal("5.00"), 1000, Decimal("2.00")),
        Tariff("33", True, 1000, Decimal("3.20"), 500, Decimal("0.60")), Tariff("65", False, 1000),
    ]  # fmt: skip
    for asked, price in (("浙江省杭州市", "¥4.40"), ("北京", "¥7.00"), ("新疆", "不到那里")):
        assert price in said(page.get(here, {"to": asked, "grams": "2000"}))
    bad = page.post(here, {**rows, "region": ["", "某地", "", ""]})
    assert bad.status_code == 422
    assert "某地" in said(bad)
    assert said(page.get(here, {"all": "1"})).count('name="region"') > 34

    sheet = page.get(f"{here}sheet/")
    answer = page.post(f"{here}sheet/", {"file": SimpleUploadedFile("运费.xlsx", sheet.content)})
    batch_id = int(answer.headers["Location"].rstrip("/").rpartition("/")[2])
    batches.work(shop.id, batch_id, now=NOW)
    looked = said(page.get(f"/s/lan/batches/{batch_id}/"))
    assert "没有新的东西要写入" in looked
    assert "首重 1 kg ¥3.20 · 续重每 500 g ¥0.60" in looked
    assert f"{here}" in looked
    assert "最近的表格" in said(page.get(here))
    assert page.post(f"{here}sheet/").status_code == 422


def test_numbers_are_looked_at_and_then_bought(page: Client, shop: Shop, contract: Contract) -> None:
    here = f"/s/lan/contracts/{contract.id}/stock/"
    run = {"kind": "run", "first": "75330000000601", "count": "50", "price": "1.2", "bought_on": "2026-03-02"}
    looked = said(page.post(f"{here}buy/", run))
    assert "75330000000650" in looked
    assert "60.00" in looked
    assert states(shop.id) == {"free": 20}
    assert page.post(f"{here}buy/", {**run, "step": "buy"}).status_code == 302
    assert states(shop.id) == {"free": 70}
    pasted = {"kind": "list", "numbers": "75330000000601\n75330000000999，YT1000000000017", "price": "1"}
    looked = said(page.post(f"{here}buy/", pasted))
    assert "已经在库存里" in looked
    assert "像是" in looked
    page.post(f"{here}buy/", {**pasted, "step": "buy"})
    assert states(shop.id) == {"free": 71}
    for wrong, why in (
        ({"price": "x"}, "单价不对"),
        ({"count": ""}, "请填写数量或末号"),
        ({"bought_on": "x"}, "购买日期不对"),
    ):
        answer = page.post(f"{here}buy/", {**run, **wrong})
        assert (answer.status_code, why in said(answer)) == (422, True)
    adds_up(shop.id)


def test_a_sheet_of_numbers_goes_through_a_batch(page: Client, shop: Shop, contract: Contract) -> None:
    body = write_xlsx(["运单号"], [["75330000000601"], ["75330000000501"]])
    answer = page.post(
        f"/s/lan/contracts/{contract.id}/stock/buy/",
        {"kind": "list", "price": "1", "file": SimpleUploadedFile("a.xlsx", body)},
    )
    batch_id = int(answer.headers["Location"].rstrip("/").rpartition("/")[2])
    batches.work(shop.id, batch_id, now=NOW)
    looked = said(page.get(f"/s/lan/batches/{batch_id}/"))
    assert "1 个单号可以入库" in looked
    assert f"/s/lan/contracts/{contract.id}/stock/" in looked
    page.post(f"/s/lan/batches/{batch_id}/commit/")
    batches.work(shop.id, batch_id, now=NOW)
    assert "已入库 1 个单号" in said(page.get(f"/s/lan/batches/{batch_id}/"))
    assert states(shop.id) == {"free": 21}


def test_every_figure_opens_its_numbers(page: Client, shop: Shop, owner: Actor, contract: Contract) -> None:
    taken = store.take(owner, contract.id, 3, now=NOW - timedelta(days=1))
    store.move(owner, [taken[0].id], "void", now=NOW, note="受潮")
    lot = WaybillLot.objects.get(shop_id=shop.id)
    ledger = said(page.get(f"/s/lan/contracts/{contract.id}/ledger/"))
    stock = said(page.get(f"/s/lan/contracts/{contract.id}/stock/"))
    numbers = f"/s/lan/contracts/{contract.id}/numbers/"
    assert f'{numbers}?lot={lot.id}&amp;state=voided">1</a>' in stock
    for link, count in (
        (f"{numbers}?state=free", 17), (f"{numbers}?state=taken", 2), (f"{numbers}?lot={lot.id}", 20), (f"{numbers}?state=shipped", 0),
    ):  # fmt: skip
        assert link in ledger
        assert len(re.findall(r'id="row-\d+"', said(page.get(link)))) == count
    moves = re.findall(rf"{re.escape(numbers)}\?move=(\d+)\">([\d,]+)", ledger)
    assert [count for _, count in moves] == ["1", "3"]
    for move, count in moves:
        assert len(re.findall(r'id="row-\d+"', said(page.get(f"{numbers}?move={move}")))) == int(count)
    assert len(re.findall(r"<tr data-row", said(page.get(f"/s/lan/contracts/{contract.id}/ledger/?act=void")))) == 1
    one = page.get(numbers, {"number": f" {taken[0].number} "}, follow=True)
    assert one.redirect_chain[0][0].endswith(f"/numbers/{taken[0].id}/")
    assert [word in said(one) for word in ("受潮", "入库", "取号", "已作废")] == [True] * 4
    assert "没有单号 123" in said(page.get(numbers, {"number": "123"}))


def test_long_lists_turn_their_pages(page: Client, shop: Shop, owner: Actor, contract: Contract) -> None:
    buy(owner, contract, 250, first="75330000001001", now=NOW)
    seen: list[str] = []
    address = f"/s/lan/contracts/{contract.id}/numbers/?state=free"
    while address:
        text = said(page.get(address))
        seen += re.findall(r"numbers/\d+/\">(\d+)</a>", text)
        cursor = re.search(r'rel="next" href="\?([^"]+)"', text)
        address = f"/s/lan/contracts/{contract.id}/numbers/?{cursor[1].replace('&amp;', '&')}" if cursor else ""
    assert len(seen) == len(set(seen)) == 270
    assert seen == sorted(seen)


def test_spoilt_slips_are_given_up_from_the_list(page: Client, shop: Shop, contract: Contract) -> None:
    ids = list(WaybillNumber.objects.filter(shop_id=shop.id).order_by("id").values_list("id", flat=True)[:2])
    answer = page.post(
        f"/s/lan/contracts/{contract.id}/numbers/void/", {"ids": ",".join(map(str, ids)), "note": "受潮"}, follow=True
    )
    assert "已作废 2 个单号" in said(answer)
    assert states(shop.id) == {"free": 18, "voided": 2}
    again = page.post(f"/s/lan/contracts/{contract.id}/numbers/void/", {"ids": str(ids[0])}, follow=True)
    assert "现在不能这样处理" in said(again)


def test_a_short_stock_is_said_where_people_look(page: Client, shop: Shop, owner: Actor, contract: Contract) -> None:
    assert "去补单号" not in said(page.get("/s/lan/"))
    store.take(owner, contract.id, 15, now=NOW - timedelta(days=2))
    for address in ("/s/lan/", "/s/lan/contracts/"):
        text = said(page.get(address))
        assert "单号还剩 5 个，还够 16 小时" in text or "单号还剩 5 个，还够 15 小时" in text, text
    store.take(owner, contract.id, 5, now=NOW)
    assert "单号用完了" in said(page.get("/s/lan/"))
    assert "用完了" in said(page.get("/s/lan/contracts/"))


# ---- rules and orders -------------------------------------------------------------------------------------------


def test_a_rule_is_made_read_and_moved(page: Client, shop: Shop, contract: Contract) -> None:
    form = {
        "name": "贵重", "contract": str(contract.id), "regions": "浙江、江苏省苏州市", "min_grams": "500", "goods": "玻璃，陶瓷",
        "min_amount": "200", "flags": ["1", "3"], "active": "1",
    }  # fmt: skip
    page.post("/s/lan/carrier-rules/new/", form)
    page.post("/s/lan/carrier-rules/new/", {"name": "其余", "active": "1"})
    listed = said(page.get("/s/lan/carrier-rules/"))
    for part in (
        "寄往 浙江省、江苏省 苏州市",
        "重 500 g 起",
        "宝贝含 玻璃、陶瓷",
        "实付 ¥200 起",
        "红旗、绿旗",
        "所有订单",
        "最便宜的合同",
    ):
        assert part in listed
    first, second = CarrierRule.objects.filter(shop_id=shop.id).order_by("position")
    again = said(page.get(f"/s/lan/carrier-rules/{first.id}/"))
    assert 'value="浙江省、江苏省 苏州市"' in again
    page.post(f"/s/lan/carrier-rules/{second.id}/up/")
    assert [rule.name for rule in CarrierRule.objects.filter(shop_id=shop.id).order_by("position")] == ["其余", "贵重"]
    wrong = page.post("/s/lan/carrier-rules/new/", {**form, "regions": "某地"})
    assert (wrong.status_code, "某地" in said(wrong)) == (422, True)
    page.post(f"/s/lan/carrier-rules/{first.id}/drop/")
    assert CarrierRule.objects.filter(shop_id=shop.id).count() == 1


def test_orders_are_given_from_the_list_and_on_their_page(page: Client, shop: Shop, contract: Contract) -> None:
    other = make_contract(shop.id, "顺丰", carrier="SF", position=1, now=NOW)
    orders = [make_order(shop.id, n, now=NOW, region="330106") for n in range(3)]
    answer = page.post("/s/lan/orders/assign/", {"ids": ",".join(map(str, orders)), "contract": "rules"}, follow=True)
    assert "已分配 3 单" in said(answer)
    answer = page.post("/s/lan/orders/assign/", {"ids": str(orders[0]), "contract": str(other.id)}, follow=True)
    listed = said(answer)
    assert [listed.count(f"<td>{name}") for name in ("中通西湖", "顺丰")] == [2, 1]
    assert len(re.findall(r'id="row-\d+"', said(page.get("/s/lan/orders/", {"contract": str(other.id)})))) == 1
    assert "没有符合条件的订单" in said(page.get("/s/lan/orders/", {"contract": "-1"}))
    why = said(page.get(f"/s/lan/orders/{orders[0]}/carrier/"))
    assert [word in why for word in ("人工指定", "没有规则选中", "不知道", "没有填运费")] == [True] * 4
    page.post(f"/s/lan/orders/{orders[0]}/assign/", {"contract": "rules"})
    assert set(Assignment.objects.filter(shop_id=shop.id).values_list("contract_id", "chosen_by")) == {
        (contract.id, "rule")
    }
    refused = page.post(f"/s/lan/orders/{orders[0]}/assign/", {"contract": "999"})
    assert (refused.status_code, "没有这份快递合同" in said(refused)) == (422, True)


# ---- marks and goods --------------------------------------------------------------------------------------------


def test_marks_and_goods_by_hand_and_by_sheet(page: Client, shop: Shop) -> None:
    page.post("/s/lan/route-marks/keep/", {"carrier": "ZTO", "region": "浙江省杭州市", "mark": "杭州"})
    assert "浙江省 杭州市" in said(page.get("/s/lan/route-marks/?carrier=ZTO"))
    wrong = page.post("/s/lan/route-marks/keep/", {"carrier": "ZTO", "region": "某地", "mark": ""})
    assert (wrong.status_code, "某地" in said(wrong)) == (422, True)
    mark = RouteMark.objects.get(shop_id=shop.id)
    page.post(f"/s/lan/route-marks/{mark.id}/drop/")

    page.post("/s/lan/skus/new/", {"code": "C1", "title": "杯", "grams": "350", "shelf": "A-1"})
    sku = Sku.objects.get(shop_id=shop.id)
    page.post(f"/s/lan/skus/{sku.id}/", {"code": "C1", "title": "杯", "grams": "", "shelf": "A-2"})
    sku.refresh_from_db()
    assert (sku.grams, sku.shelf) == (None, "A-2")
    assert "不是重量" in said(page.post("/s/lan/skus/new/", {"code": "C2", "grams": "重"}))
    assert "C1" in said(page.get("/s/lan/skus/?q=a-2&lacking=1"))
    assert "没有符合条件的商品" in said(page.get("/s/lan/skus/?q=zz"))
    out = page.get("/s/lan/skus/sheet/")
    answer = page.post("/s/lan/skus/sheet/", {"file": SimpleUploadedFile("s.xlsx", out.content)})
    batch_id = int(answer.headers["Location"].rstrip("/").rpartition("/")[2])
    batches.work(shop.id, batch_id, now=NOW)
    assert "没有新的东西要写入" in said(page.get(f"/s/lan/batches/{batch_id}/"))


def test_pages_speak_english(page: Client, shop: Shop, contract: Contract) -> None:
    page.cookies["fahuo_language"] = "en"
    for address in (
        "contracts/",
        f"contracts/{contract.id}/stock/",
        f"contracts/{contract.id}/ledger/",
        "carrier-rules/",
        "skus/",
    ):
        text = re.sub(r"<script.*?</script>", "", said(page.get(f"/s/lan/{address}")), flags=re.DOTALL)
        body = re.sub(r"<[^>]+>", "", text.partition("<main")[2])
        left = re.sub("中通西湖|兰草小铺|中通快递", "", body)
        assert not re.search(r"[一-鿿]", left), (address, re.findall(r".{0,20}[一-鿿].{0,20}", left))
