"""Address tables, upload files and consignment sheets: what is in them, who may have them, what the journal says."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from fahuo.connectors.sheet.reader import open_sheet
from fahuo.connectors.sheet.writer import write_xlsx
from fahuo.rules.people import Actor
from fahuo.rules.problems import Refusal
from fahuo.services import batches, papers, parcels, shipments
from fahuo.store.models import JournalEntry, Order, OrderLine, Parcel, SheetTemplate, Shop
from tests.services.shipping import make_order, order_number, waybill

pytestmark = pytest.mark.django_db


@pytest.fixture
def orders(owner: Actor, now: datetime) -> list[int]:
    Shop.objects.filter(id=owner.shop_id).update(
        sender_name="兰草小铺", sender_phone="0571-1", sender_address="文二路1号"
    )
    return [make_order(owner.shop_id, n, now=now, quantities=(2, 1), memo=f"备注{n}") for n in (1, 2, 3)]


def table(answer: tuple[str, bytes]) -> list[dict[str, str]]:
    sheet = open_sheet(*answer)
    return [dict(zip(sheet.header, row.cells, strict=False)) for row in sheet.rows()]


def committed(owner: Actor, batch_id: int, now: datetime) -> None:
    assert batches.work(owner.shop_id, batch_id, now=now)
    batches.commit(owner, batch_id, now=now)
    assert batches.work(owner.shop_id, batch_id, now=now)


def test_the_address_table_keeps_the_order_and_tells_the_count(owner: Actor, orders: list[int], now: datetime) -> None:
    line = OrderLine.objects.filter(shop_id=owner.shop_id, order_id=orders[0]).order_by("id")[1]
    OrderLine.objects.filter(shop_id=owner.shop_id, id=line.id).update(refund_status="succeeded")
    blocked = make_order(owner.shop_id, 4, now=now, status="closed")
    batch_id = batches.open_shipments(owner, order_ids=[orders[2], blocked, orders[0], orders[1]], now=now)
    name, body = batches.address_sheet(owner, batch_id, carrier="中通", now=now)
    assert name == f"发货地址-中通快递-{batch_id}-3单.xlsx"
    rows = table((name, body))
    assert [row["订单编号"] for row in rows] == [order_number(3), order_number(1), order_number(2)]
    assert rows[1] == {
        "订单编号": order_number(1), "收件人": "甲一", "联系电话": "17000000001-1234", "省": "浙江省", "市": "杭州市",
        "区县": "西湖区", "详细地址": "花园路1号3栋501室", "物品": "杯0 白 ×2", "数量": "3", "备注": "备注1",
        "寄件人": "兰草小铺", "寄件电话": "0571-1", "寄件地址": "文二路1号", "运单号": "",
    }  # fmt: skip
    assert rows[0]["物品"] == "杯0 白 ×2;杯1 白 ×1"
    told = JournalEntry.objects.filter(shop_id=owner.shop_id, act="order.exported", batch_id=batch_id)
    assert sorted(told.values_list("order_id", flat=True)) == sorted(orders)
    assert all("17000000001" not in str(entry.after) for entry in told)


def test_the_address_table_comes_back_with_its_numbers(owner: Actor, orders: list[int], now: datetime) -> None:
    batch_id = batches.open_shipments(owner, order_ids=orders, now=now)
    rows = table(batches.address_sheet(owner, batch_id, carrier="ZTO", now=now))
    filled = [[*list(row.values())[:-1], waybill(n)] for n, row in enumerate(rows)]
    batches.fill_from_sheet(
        owner, batch_id, name="back.xlsx", body=write_xlsx(list(rows[0]), filled), carrier="ZTO", now=now
    )
    committed(owner, batch_id, now)
    assert Order.objects.filter(shop_id=owner.shop_id, status="shipped").count() == 3


def test_split_by_carrier(owner: Actor, orders: list[int], now: datetime) -> None:
    batch_id = batches.open_shipments(owner, order_ids=orders, now=now)
    shipments.assign_carrier(owner, batch_id, carrier="YTO", now=now, row_nos=[2])
    numbers = {
        carrier: [row["订单编号"] for row in table(batches.address_sheet(owner, batch_id, carrier=carrier, now=now))]
        for carrier in ("YTO", "ZTO", "")
    }
    assert numbers == {
        "YTO": [order_number(2)], "ZTO": [order_number(1), order_number(3)],
        "": [order_number(1), order_number(2), order_number(3)],
    }  # fmt: skip


def test_own_templates(owner: Actor, orders: list[int], now: datetime) -> None:
    made: dict[str, Any] = {
        purpose: SheetTemplate.objects.create(
            shop_id=owner.shop_id, name="own", purpose=purpose, carrier=carrier, columns=columns, format="csv"
        )
        for purpose, carrier, columns in (
            ("address", "ZTO", [["单号", "number"], ["地址", "full_address"], ["空", "blank"], ["怪", "nothing"]]),
            ("upload", "", [["tid", "number"], ["code", "carrier_code"], ["no", "waybill"]]),
        )
    }
    batch_id = batches.open_shipments(owner, order_ids=orders[:1], now=now)
    for template in (None, SheetTemplate.objects.get(shop_id=owner.shop_id, purpose="address").id):
        name, body = batches.address_sheet(owner, batch_id, carrier="ZTO", template_id=template, now=now)
        assert name.endswith(".csv")
        address = "浙江省 杭州市 西湖区 花园路1号3栋501室"
        assert table((name, body)) == [{"单号": order_number(1), "地址": address, "空": "", "怪": ""}]
    standard = table(batches.address_sheet(owner, batch_id, carrier="ZTO", template_id=0, now=now))
    assert "详细地址" in standard[0], "the table every shop has can be had all the same"
    with pytest.raises(Refusal, match="template_unknown"):
        batches.address_sheet(owner, batch_id, carrier="ZTO", template_id=made["upload"].id, now=now)
    batches.fill_from_run(owner, batch_id, carrier="ZTO", first=waybill(1), now=now)
    committed(owner, batch_id, now)
    assert table(batches.upload_file(owner, batch_id, now=now)) == [
        {"tid": order_number(1), "code": "ZTO", "no": waybill(1)}
    ]
    other = SheetTemplate.objects.create(
        shop_id=owner.shop_id, name="other", purpose="upload", columns=[["单号", "waybill"]], format="xlsx"
    )
    chosen = batches.upload_file(owner, batch_id, template_id=other.id, now=now)
    assert table(chosen) == [{"单号": waybill(1)}]
    assert "物流公司" in table(batches.upload_file(owner, batch_id, template_id=0, now=now))[0]
    with pytest.raises(Refusal, match="template_unknown"):
        batches.upload_file(owner, batch_id, template_id=made["address"].id, now=now)


def test_the_upload_file_tells_what_really_left(owner: Actor, orders: list[int], now: datetime) -> None:
    batch_id = batches.open_shipments(owner, order_ids=orders, now=now)
    with pytest.raises(Refusal, match="nothing_to_export"):
        batches.upload_file(owner, batch_id, now=now)
    batches.fill_from_run(owner, batch_id, carrier="ZTO", first=waybill(1), now=now)
    committed(owner, batch_id, now)
    by_number = {parcel.waybill: parcel.id for parcel in Parcel.objects.filter(shop_id=owner.shop_id)}
    parcels.correct(owner, by_number[waybill(1)], carrier="YUNDA", waybill="4600000000001", now=now)
    parcels.void(owner, by_number[waybill(2)], now=now)
    name, body = batches.upload_file(owner, batch_id, now=now)
    assert name == f"批量发货-{batch_id}-2单.xlsx"
    assert table((name, body)) == [
        {"订单编号": order_number(1), "物流公司": "韵达快递", "运单号": "4600000000001"},
        {"订单编号": order_number(3), "物流公司": "中通快递", "运单号": waybill(3)},
    ]


def test_consignment_sheets(owner: Actor, orders: list[int], now: datetime) -> None:
    later = now + timedelta(minutes=1)
    sheets = papers.consignment_sheets(owner, [orders[1], orders[0]], now=later)
    assert [sheet.number for sheet in sheets] == [order_number(2), order_number(1)]
    first = sheets[0]
    assert (first.sender_name, first.receiver, first.phone) == ("兰草小铺", "甲一", "17000000001-1234")
    assert first.full_address == "浙江省 杭州市 西湖区 花园路2号3栋501室"
    assert first.goods == (("杯0", "白", 2), ("杯1", "白", 1))
    printed = Order.objects.filter(shop_id=owner.shop_id, printed_at=later)
    assert set(printed.values_list("id", flat=True)) == {orders[0], orders[1]}
    assert JournalEntry.objects.filter(shop_id=owner.shop_id, act="order.printed").count() == 2


def test_doors(owner: Actor, stranger: Actor, teammate: Actor, orders: list[int], now: datetime) -> None:
    batch_id = batches.open_shipments(owner, order_ids=orders, now=now)
    shipper = Actor(owner.shop_id, 9, "shipper", permissions=frozenset({"ship"}))
    with pytest.raises(Refusal, match="not_permitted"):
        batches.address_sheet(shipper, batch_id, carrier="ZTO", now=now)
    with pytest.raises(Refusal, match="not_permitted"):
        batches.upload_file(teammate, batch_id, now=now)
    with pytest.raises(Refusal, match="not_permitted"):
        papers.consignment_sheets(teammate, orders, now=now)
    for act in (batches.address_sheet, batches.upload_file):
        options = {"carrier": "ZTO"} if act is batches.address_sheet else {}
        with pytest.raises(Refusal, match="batch_unknown"):
            act(stranger, batch_id, now=now, **options)
    with pytest.raises(Refusal, match="order_unknown"):
        papers.consignment_sheets(stranger, orders, now=now)
    with pytest.raises(Refusal, match="no_orders_chosen"):
        papers.consignment_sheets(owner, [], now=now)
    with pytest.raises(Refusal, match="carrier_unknown"):
        batches.address_sheet(owner, batch_id, carrier="nobody", now=now)
    assert not JournalEntry.objects.filter(act__in=("order.exported", "order.printed")).exists()
