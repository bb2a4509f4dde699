"""Sheets of bought numbers, SKUs, route marks and prices: every row judged, good ones written, bad ones told by row and column."""

import io
from decimal import Decimal

import pytest
from python_calamine import CalamineWorkbook

from fahuo.connectors.sheet.writer import write_csv, write_xlsx
from fahuo.rules import regions
from fahuo.rules.contracts import Tariff
from fahuo.rules.people import Actor
from fahuo.rules.problems import Refusal
from fahuo.rules.skus import SkuData
from fahuo.services import batches, contracts, own_sheets, route_marks, skus, stock, tariff_sheets
from fahuo.store import sealed
from fahuo.store.models import Batch, BatchRow, JournalEntry, OrderLine, RouteMark, Sku, WaybillLot, WaybillNumber
from tests.conftest import NOW
from tests.services.shipping import make_order
from tests.services.stocks import TERMS, adds_up, buy, make_contract

pytestmark = pytest.mark.django_db


def read(actor: Actor, batch_id: int) -> tuple[Batch, list[tuple[int, str, list[str]]]]:
    """The batch after its check, and its rows: number, verdict, codes."""
    batches.work(actor.shop_id, batch_id, now=NOW)
    rows = BatchRow.objects.filter(shop_id=actor.shop_id, batch_id=batch_id).order_by("row_no")
    found = [(row.row_no, row.verdict, [each["code"] for each in row.problems or []]) for row in rows]
    return Batch.objects.get(shop_id=actor.shop_id, id=batch_id), found


def write(actor: Actor, batch_id: int) -> list[tuple[int, str, list[str]]]:
    batches.commit(actor, batch_id, now=NOW)
    return read(actor, batch_id)[1]


def test_a_sheet_of_numbers_becomes_a_lot(owner: Actor) -> None:
    contract = make_contract(owner.shop_id)
    buy(owner, contract, 1)
    cells = ["75330000000501", "75330000000502", " 75330000000503", "YT1000000000017", "", "75330000000502", "12"]
    body = write_csv(["序号", "运单号 "], [[str(n), cell] for n, cell in enumerate(cells, 1)])
    batch_id = own_sheets.open_numbers_sheet(owner, contract.id, TERMS, name="单号.csv", body=body, now=NOW)
    batch, rows = read(owner, batch_id)
    assert rows == [
        (2, "bad", ["number_in_stock"]), (3, "ready", []), (4, "ready", []), (5, "bad", ["waybill_other_carrier"]),
        (6, "bad", ["cell_empty"]), (7, "bad", ["number_in_list_twice"]), (8, "bad", ["waybill_shape"]),
    ]  # fmt: skip
    assert (batch.good_count, batch.bad_count) == (2, 5)
    problem = BatchRow.objects.get(shop_id=owner.shop_id, batch_id=batch_id, row_no=7).problems[0]
    problem["value"] = sealed.open_text(owner.shop_id, sealed.ROW, problem["value"])
    assert (problem["column"], problem["value"], problem["data"]["row"]) == ("运单号", "75330000000502", 3)
    assert WaybillNumber.objects.filter(shop_id=owner.shop_id).count() == 1
    # one of them comes in by another way before the sheet is written
    stock.buy_list(owner, contract.id, TERMS, ["75330000000503"], now=NOW)
    assert [row for row in write(owner, batch_id) if row[0] in (3, 4)] == [
        (3, "done", []), (4, "bad", ["number_in_stock"]),
    ]  # fmt: skip
    lot = WaybillLot.objects.filter(shop_id=owner.shop_id).order_by("id").last()
    assert lot is not None
    assert (lot.kind, lot.count, lot.price) == ("list", 1, TERMS.price)
    adds_up(owner.shop_id)
    name, sheet = batches.problems_sheet(owner, batch_id)
    table = [tuple(row) for row in CalamineWorkbook.from_filelike(io.BytesIO(sheet)).get_sheet_by_index(0).to_python()]
    assert name == "单号-问题行.xlsx"
    assert table[0][:4] == ("行号", "问题列", "问题值", "原因")
    assert ("5", "运单号", "YT1000000000017") in [row[:3] for row in table]
    # mended, the problem sheet itself comes back
    mended = [[*row[:4], *row[4:]] for row in table]
    mended[1][5] = "75330000000777"
    again = own_sheets.open_numbers_sheet(
        owner, contract.id, TERMS, name=name, body=write_xlsx(mended[0], mended[1:2]), now=NOW
    )
    assert [row[1] for row in read(owner, again)[1]] == ["ready"]


def test_skus_come_in_and_go_out_and_come_in_the_same(owner: Actor) -> None:
    head = ["商家编码", "商品名称", "条码", "货位", "重量(克)"]
    rows = [
        ["C1", "白杯", "6901", "A-1", "350"],
        ["C2", "黑杯", "", "A-2", "0.5kg"],
        ["C3", "盘", "", "", "重"],
        ["C1", "又", "", "", ""],
    ]
    batch_id = own_sheets.open_skus_sheet(owner, name="商品.xlsx", body=write_xlsx(head, rows), now=NOW)
    assert read(owner, batch_id)[1] == [
        (2, "new", []), (3, "new", []), (4, "bad", ["not_grams"]), (5, "bad", ["row_again"]),
    ]  # fmt: skip
    assert [row[1] for row in write(owner, batch_id)] == ["done", "done", "bad", "bad"]
    kept = Sku.objects.filter(shop_id=owner.shop_id).order_by("code")
    assert list(kept.values_list("code", "title", "barcode", "shelf", "grams")) == [
        ("C1", "白杯", "6901", "A-1", 350), ("C2", "黑杯", "", "A-2", 500),
    ]  # fmt: skip
    out = own_sheets.open_skus_sheet(owner, name="商品.xlsx", body=skus.sheet(list(kept)), now=NOW)
    assert [row[1] for row in read(owner, out)[1]] == ["same", "same"]
    # a sheet that says less leaves the rest as it is
    less = write_xlsx(["sku code", "weight (kg)"], [["C1", "0.4"], ["C9", "1"]])
    part = own_sheets.open_skus_sheet(owner, name="重量.xlsx", body=less, now=NOW)
    assert [row[1] for row in read(owner, part)[1]] == ["update", "new"]
    write(owner, part)
    assert list(kept.values_list("code", "shelf", "grams")) == [
        ("C1", "A-1", 400),
        ("C2", "A-2", 500),
        ("C9", "", 1000),
    ]


def test_route_marks_by_carrier_and_region(owner: Actor) -> None:
    head = ["快递公司", "地区", "大头笔", "三段码", "集包地", "集包地编码"]
    rows = [
        ["中通", "浙江省杭州市", "杭州", "571-01 00", "杭州集", "H1"], ["", "33", "浙", "", "", ""], ["中通", "某地", "x", "", "", ""],
        ["圆通", "浙江", "", "", "", ""], ["中通", "330100", "杭", "", "", ""],
    ]  # fmt: skip
    batch_id = own_sheets.open_route_marks_sheet(
        owner, carrier="ZTO", name="码.xlsx", body=write_xlsx(head, rows), now=NOW
    )
    assert read(owner, batch_id)[1] == [
        (2, "new", []), (3, "new", []), (4, "bad", ["region_unknown"]), (5, "bad", ["route_mark_empty"]),
        (6, "bad", ["row_again"]),
    ]  # fmt: skip
    write(owner, batch_id)
    kept = list(RouteMark.objects.filter(shop_id=owner.shop_id).order_by("region"))
    assert [(row.carrier, row.region, row.mark, row.hub_code) for row in kept] == [
        ("ZTO", "33", "浙", ""),
        ("ZTO", "3301", "杭州", "H1"),
    ]
    out = own_sheets.open_route_marks_sheet(owner, carrier="", name="码.xlsx", body=route_marks.sheet(kept), now=NOW)
    assert [row[1] for row in read(owner, out)[1]] == ["same", "same"]


def test_a_text_that_looks_like_the_nul_of_json_is_a_text(owner: Actor) -> None:
    body = write_csv(["商家编码", "商品名称", "重量(克)"], [["C1", "a\\u0000b", "1"], ["C2", "\\\\u0000", "x"]])
    batch_id = own_sheets.open_skus_sheet(owner, name="a.csv", body=body, now=NOW)
    assert read(owner, batch_id)[1] == [(2, "new", []), (3, "bad", ["not_grams"])]
    write(owner, batch_id)
    assert Sku.objects.get(shop_id=owner.shop_id).title == "a\\u0000b"


def test_a_header_that_nobody_knows_is_mapped_once(owner: Actor) -> None:
    body = write_xlsx(["号码", "别的"], [["75330000000501", "x"]])
    contract = make_contract(owner.shop_id)
    batch_id = own_sheets.open_numbers_sheet(owner, contract.id, TERMS, name="a.xlsx", body=body, now=NOW)
    batch, _ = read(owner, batch_id)
    assert (batch.status, (batch.problem or {})["code"]) == ("refused", "columns_missing")
    batches.map_columns(owner, batch_id, {"号码": "waybill"}, now=NOW)
    assert [row[1] for row in read(owner, batch_id)[1]] == ["ready"]


def test_who_may(owner: Actor, teammate: Actor, stranger: Actor) -> None:
    contract = make_contract(owner.shop_id)
    body = write_xlsx(["运单号"], [["75330000000501"]])
    with pytest.raises(Refusal) as refusal:
        own_sheets.open_numbers_sheet(stranger, contract.id, TERMS, name="a.xlsx", body=body, now=NOW)
    assert refusal.value.problems[0].code == "contract_unknown"
    for act in (
        lambda: own_sheets.open_numbers_sheet(teammate, contract.id, TERMS, name="a.xlsx", body=body, now=NOW),
        lambda: own_sheets.open_skus_sheet(teammate, name="a.xlsx", body=body, now=NOW),
        lambda: own_sheets.open_route_marks_sheet(teammate, carrier="", name="a.xlsx", body=body, now=NOW),
        lambda: skus.keep(teammate, SkuData("C1"), now=NOW),
        lambda: route_marks.keep(teammate, {"carrier": "ZTO", "region": "33", "mark": "x"}, now=NOW),
    ):
        with pytest.raises(Refusal) as refusal:
            act()
        assert refusal.value.problems[0].code == "not_permitted"


def test_one_sku_by_hand_and_all_that_the_orders_name(owner: Actor) -> None:
    order = make_order(owner.shop_id, 1, now=NOW, quantities=(1, 1, 1))
    for line, code in zip(
        OrderLine.objects.filter(shop_id=owner.shop_id, order_id=order).order_by("id"), ("C1", "C2", ""), strict=True
    ):
        OrderLine.objects.filter(shop_id=owner.shop_id, id=line.id).update(sku_code=code)
    skus.keep(owner, SkuData("C1", "我的杯", grams=300), now=NOW)
    assert skus.add_named(owner, now=NOW) == 1
    assert skus.add_named(owner, now=NOW) == 0
    kept = {sku.code: sku for sku in Sku.objects.filter(shop_id=owner.shop_id)}
    assert (kept["C1"].title, kept["C2"].title, kept["C2"].grams) == ("我的杯", "杯1 白", None)
    skus.keep(owner, SkuData("C2", shelf="B-1"), sku_id=kept["C2"].id, now=NOW)
    with pytest.raises(Refusal) as refusal:
        skus.keep(owner, SkuData("C1"), sku_id=kept["C2"].id, now=NOW)
    assert refusal.value.problems[0].code == "sku_code_taken"
    for bad, code in (
        (SkuData(" "), "sku_code_missing"),
        (SkuData("x", grams=0), "grams_range"),
        (SkuData("x" * 201), "text_too_long"),
    ):
        with pytest.raises(Refusal) as refusal:
            skus.keep(owner, bad, now=NOW)
        assert refusal.value.problems[0].code == code
    assert skus.drop(owner, [kept["C1"].id], now=NOW) == 1


def test_one_mark_by_hand(owner: Actor) -> None:
    for _ in range(2):
        route_marks.keep(owner, {"carrier": "ZTO", "region": "330000", "mark": " 浙江 "}, now=NOW)
    row = RouteMark.objects.get(shop_id=owner.shop_id)
    assert (row.region, row.mark) == ("33", "浙江")
    with pytest.raises(Refusal) as refusal:
        route_marks.keep(owner, {"carrier": "X", "region": "9", "mark": ""}, now=NOW)
    assert [problem.code for problem in refusal.value.problems] == [
        "carrier_unknown",
        "region_unknown",
        "route_mark_empty",
    ]
    assert route_marks.drop(owner, [row.id], now=NOW) == 1


def test_prices_come_in_row_by_row_and_go_out_as_they_come_in(owner: Actor) -> None:
    contract = make_contract(owner.shop_id, now=NOW)
    contracts.set_tariffs(
        owner, contract.id, [Tariff(first_price=Decimal("5.00")), Tariff("33", first_price=Decimal("3.20"))], now=NOW
    )
    head = ["寄到", "到不到", "首重(公斤)", "首重运费(元)", "续重每(克)", "续重价"]
    rows = [
        ["其他地区", "", "", "5.00", "", ""], ["浙江省", "能到", "0.5", "2.8", "500g", "0.5"], ["新疆", "不到", "", "", "", ""],
        ["北京", "", "", "", "", ""], ["某地", "", "", "1", "", ""], ["上海", "", "1", "三块", "", ""], ["33", "", "", "9", "", ""],
        ["西藏", "也许", "", "1", "", ""], ["广东", "", "1", "200000", "", ""],
    ]  # fmt: skip
    batch_id = own_sheets.open_tariffs_sheet(owner, contract.id, name="运费.xlsx", body=write_xlsx(head, rows), now=NOW)
    batch, found = read(owner, batch_id)
    assert found == [
        (2, "same", []), (3, "update", []), (4, "new", []), (5, "bad", ["cell_empty"]), (6, "bad", ["region_unknown"]),
        (7, "bad", ["not_money"]), (8, "bad", ["row_again"]), (9, "bad", ["not_yes_or_no"]), (10, "bad", ["tariff_price"]),
    ]  # fmt: skip
    problem = BatchRow.objects.get(shop_id=owner.shop_id, batch_id=batch_id, row_no=7).problems[0]
    problem["value"] = sealed.open_text(owner.shop_id, sealed.ROW, problem["value"])
    assert (problem["column"], problem["value"]) == ("首重运费(元)", "三块")
    assert batch.options["contract_name"] == contract.name
    assert [row[1] for row in write(owner, batch_id)[:3]] == ["same", "done", "done"]
    kept = contracts.tariffs_of(owner.shop_id, contract.id)
    assert kept == [
        Tariff(first_price=Decimal("5.00")), Tariff("33", True, 500, Decimal("2.80"), 500, Decimal("0.50")),
        Tariff("65", False),
    ]  # fmt: skip
    told = JournalEntry.objects.filter(shop_id=owner.shop_id, act="contract.tariffs").order_by("id").last()
    assert told is not None
    assert (told.actor, told.after["rows"]) == ("owner", 3)
    out = own_sheets.open_tariffs_sheet(owner, contract.id, name="运费.xlsx", body=tariff_sheets.sheet(kept), now=NOW)
    assert [row[1] for row in read(owner, out)[1]] == ["same", "same", "same"]
    cities = [code for province, _ in regions.provinces() for code, _ in regions.children(province)]
    full = [[code, "1"] for code in cities[: contracts.MOST_TARIFFS]]
    many = write_xlsx(["地区代码", "首费"], full)
    batch_id = own_sheets.open_tariffs_sheet(owner, contract.id, name="多.xlsx", body=many, now=NOW)
    codes = [row[2] for row in read(owner, batch_id)[1]]
    assert codes == [[]] * (contracts.MOST_TARIFFS - 3) + [["tariffs_many"]] * 3
