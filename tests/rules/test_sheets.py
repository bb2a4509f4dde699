"""Headers are recognised by name, and rows become drafts or say all that is wrong with them."""

import random
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fahuo.rules import sheets
from fahuo.rules.orders import OrderDraft
from fahuo.rules.problems import Refusal
from fahuo.rules.sheets import SheetRow
from fahuo.samples.exports import LINES_2017, LINES_2022, ORDERS_2017, ORDERS_2019, ORDERS_2022

ZONE = ZoneInfo("Asia/Shanghai")
GOOD = {
    "订单编号": "3100000000000012399", "订单状态": "买家已付款,等待卖家发货", "收货人姓名": "赵一禾",
    "收货地址": "浙江省 杭州市 西湖区 样例路1号(310012)", "联系手机": "15400000001", "订单创建时间": "2026-03-01 12:00:00",
    "订单付款时间": "2026-03-01 12:00:30", "买家应付货款": "39.90", "买家实际支付金额": "45.90",
}  # fmt: skip


def read(header: tuple[str, ...] = ORDERS_2022, **changes: str) -> object:
    layout = sheets.recognise(header)
    assert layout is not None
    told = {**GOOD, **changes}
    return sheets.read_order(layout, SheetRow(2, [told.get(heading.strip(), "") for heading in header]), ZONE)


def draft(header: tuple[str, ...] = ORDERS_2022, **changes: str) -> OrderDraft:
    found = read(header, **changes)
    assert isinstance(found, OrderDraft), found
    return found


def codes(header: tuple[str, ...] = ORDERS_2022, **changes: str) -> list[tuple[str, str]]:
    found = read(header, **changes)
    assert isinstance(found, tuple), found
    return [(bad.column.strip(), bad.problem.code) for bad in found]


# ---- headers --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("header", "name", "width"),
    [
        (ORDERS_2017, "orders_2017", 38), (ORDERS_2019, "orders_2019", 61), (ORDERS_2022, "orders_2022", 71),
        (LINES_2017, "lines_2017", 10), (LINES_2022, "lines_2022", 18),
        (("订单号", "快递公司", "运单号"), "shipments", 3), (("订单编号", "物流单号"), "shipments", 2),
        (("序号", "收件人", "收货地址", "订单编号*", "物流公司", "快递单号"), "shipments", 6),
    ],
)  # fmt: skip
def test_known_headers_in_any_order_and_spelling(header, name, width):
    assert len(header) == width
    shuffled = list(header)
    random.Random(1).shuffle(shuffled)
    for seen in (header, shuffled, [f" {text}\t" for text in header], [text.replace("单", "单 ") for text in header]):
        layout = sheets.recognise(seen)
        assert layout is not None
        assert (layout.name, layout.problems) == (name, ())
        assert sheets.fingerprint(seen) == sheets.fingerprint(header)


@pytest.mark.parametrize(
    "header",
    [(), ("",), ("甲", "乙"), ("订单编号",), ("订单编号", "买家公司名", "订单状态", "收货人姓名", "货品标题", "单价(元)", "数量"), ("订单状态", "备注")],
)  # fmt: skip
def test_unknown_headers(header):
    assert sheets.recognise(header) is None


def test_a_known_sheet_names_what_it_lacks_and_what_it_has_twice():
    layout = sheets.recognise(
        [*(text for text in ORDERS_2022 if text not in ("订单状态", "订单编号", "主订单编号")), "联系手机"]
    )
    assert layout is not None
    assert [(problem.code, *problem.data.values()) for problem in layout.problems] == [
        ("columns_missing", "订单编号, 订单状态"), ("column_twice", "联系手机"),
    ]  # fmt: skip
    with pytest.raises(Refusal):
        layout.require()


def test_a_mended_problem_sheet_is_the_sheet_it_came_from():
    added = ("行号", "问题列", "问题值", "原因")
    layout = sheets.recognise((*added, *ORDERS_2022))
    assert layout is not None
    assert layout.name == "orders_2022"
    assert (
        sheets.fingerprint((*added, "甲", "乙")) == sheets.fingerprint(("甲", "乙")) != sheets.fingerprint(("甲", "丙"))
    )


def test_a_header_mapped_by_hand():
    layout = sheets.map_header(["No.", "Who", "x"], {"no.": "number", " Who ": "receiver", "x": ""})
    found = sheets.read_order(layout, SheetRow(2, ["A-1000-22", "赵一禾", "z"]), ZONE)
    assert isinstance(found, tuple)
    assert [bad.problem.code for bad in found] == ["paid_without_time"]
    assert (layout.name, layout.kind, layout.fields) == ("mapped", "orders", {"number", "receiver"})
    assert sheets.map_header(["a", "b"], {"a": "number", "b": "waybill"}).kind == "shipments"
    assert sheets.map_header(["a", "b"], {"a": "order_number", "b": "title"}).kind == "lines"


@pytest.mark.parametrize(
    ("header", "columns", "code"),
    [
        (["a"], {"a": "nonsense"}, "unknown_field"), (["a"], {"b": "number"}, "unknown_heading"),
        (["a"], {"a": "receiver"}, "columns_missing"), (["a", "a"], {"a": "number"}, "column_twice"), (["a"], {}, "columns_missing"),
    ],
)  # fmt: skip
def test_a_map_that_does_not_fit(header, columns, code):
    with pytest.raises(Refusal) as refusal:
        sheets.map_header(header, columns)
    assert refusal.value.problems[0].code == code


def test_the_guide_names_every_column():
    guide = Path("docs/import.md").read_text("utf-8")
    for columns in sheets.COLUMNS.values():
        for column in columns.values():
            required = " (required)" if column.required else ""
            assert f"| `{column.field}`{required} | {', '.join(column.headings)} | {column.en} |" in guide


# ---- rows -----------------------------------------------------------------------------------------------------------


def test_an_order():
    assert draft() == OrderDraft(
        number="3100000000000012399", status="awaiting_shipment", receiver="赵一禾", phone="15400000001",
        province="浙江省", city="杭州市", district="西湖区", region="330106", address="样例路1号", postcode="310012",
        item_amount=Decimal("39.90"), paid_amount=Decimal("45.90"), memo="",
        ordered_at=datetime(2026, 3, 1, 4, 0, tzinfo=UTC), paid_at=datetime(2026, 3, 1, 4, 0, 30, tzinfo=UTC),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "field", "value"),
    [
        ({"订单状态": "买家已付款\uff0c等待卖家发货"}, "status", "awaiting_shipment"),
        ({"订单状态": "卖家已发货 \uff0c 等待买家确认"}, "status", "shipped"),
        ({"订单状态": "WAIT_BUYER_PAY"}, "status", "awaiting_payment"),
        ({"买家应付货款": "\uffe51,234.50元"}, "item_amount", Decimal("1234.50")),
        ({"买家应付货款": "39.900000000000006"}, "item_amount", Decimal("39.90")),
        ({"买家应付货款": "null"}, "item_amount", Decimal("0.00")),
        ({"宝贝总数量": "null"}, "quantity", 1),
        ({"宝贝总数量": "3.0"}, "quantity", 3),
        ({"联系手机": "15400091234-1024"}, "phone_extension", "1024"),
        ({"联系手机": "+86 154 0000 0001"}, "phone", "15400000001"),
        ({"联系手机": "154****0001"}, "phone", "154****0001"),
        ({"联系手机": "", "联系电话": "0571-88886666-12"}, "phone", "0571-88886666"),
        ({"联系手机": "", "联系电话": "400-123-4567"}, "phone", "400-123-4567"),
        ({"虚拟号过期时间": "2026-03-31 12:00:00"}, "phone_expires_at", datetime(2026, 3, 31, 4, tzinfo=UTC)),
        ({"收货人姓名": "赵**"}, "receiver", "赵**"),
        ({"收货地址": "浙江省 杭州市 西湖区 样***"}, "address", "样***"),
        ({"修改后的收货地址": "上海 上海市 浦东新区 星河路2号"}, "region", "310115"),
        ({"订单备注": "甲", "商家备忘": "乙"}, "memo", "乙"),
        ({"订单备注": "甲"}, "memo", "甲"),
        ({"买家留言": "null"}, "buyer_message", ""),
        ({"买家留言": "=_="}, "buyer_message", "=_="),
        ({"分阶段订单信息": "阶段1:定金"}, "kind", "presale_staged"),
        ({"预售订单": "是"}, "kind", "presale_full"),
        ({"预售订单": "否"}, "kind", "normal"),
        ({"运送方式": "虚拟物品", "收货地址": ""}, "kind", "virtual"),
        ({"退款金额": "5.00"}, "refund_status", "succeeded"),
        ({"退款金额": "0.00"}, "refund_status", "none"),
        ({"订单状态": "交易关闭", "订单关闭原因": "退款"}, "refund_status", "succeeded"),
        ({"订单关闭原因": "订单未关闭"}, "close_reason", ""),
        ({"物流单号": "No:yt1000000000017", "物流公司": "圆通"}, "waybill", "YT1000000000017"),
        ({"物流公司": "大雁传书"}, "carrier", "OTHER"),
        ({"订单付款时间": "2026/3/1 12:05"}, "paid_at", datetime(2026, 3, 1, 4, 5, tzinfo=UTC)),
        ({"订单付款时间": "2026年3月1日 12时05分"}, "paid_at", datetime(2026, 3, 1, 4, 5, tzinfo=UTC)),
        ({"订单付款时间": "20260301120500"}, "paid_at", datetime(2026, 3, 1, 4, 5, tzinfo=UTC)),
        ({"订单付款时间": "2026-03-01T12:05:00+00:00"}, "paid_at", datetime(2026, 3, 1, 12, 5, tzinfo=UTC)),
        ({"订单付款时间": "2026-03-02"}, "paid_at", datetime(2026, 3, 1, 16, tzinfo=UTC)),
        ({"订单付款时间": "46082.5"}, "paid_at", datetime(2026, 3, 1, 4, 0, tzinfo=UTC)),
    ],
)  # fmt: skip
def test_the_quirks(changes, field, value):
    if field == "paid_at":
        changes = {**changes, "订单创建时间": "2026-03-01 00:00:00"}
    assert getattr(draft(**changes), field) == value


def test_a_sheet_without_memo_columns_says_nothing_about_memos():
    assert draft().memo == ""
    assert draft(tuple(text for text in ORDERS_2022 if text not in ("订单备注", "商家备忘"))).memo is None


def test_more_columns_an_order_sheet_may_have():
    header = (*ORDERS_2019, "旗帜", "承诺发货时效", "最晚发货时间", "省", "市", "区", "订单类型")
    found = draft(header, 旗帜="红旗", 承诺发货时效="3天", 最晚发货时间="2026-03-03 12:00", 省="江苏省", 市="苏州市", 区="吴中区", 收货地址="云台街3号", 订单类型="定制")  # fmt: skip
    assert (found.flag, found.promise_hours, found.kind, found.address) == (1, 72, "custom", "云台街3号")
    assert (found.province, found.city, found.district, found.region) == ("江苏省", "苏州市", "吴中区", "320506")
    assert found.channel_deadline == datetime(2026, 3, 3, 4, tzinfo=UTC)


def test_all_problems_of_a_row_at_once_without_anything_personal():
    found = read(收货人姓名="=HYPERLINK(1)", 联系手机="赵一禾的电话", 买家应付货款="很多", 宝贝总数量="-1")
    assert isinstance(found, tuple)
    assert {(bad.column, bad.problem.code) for bad in found} == {
        ("收货人姓名", "formula"), ("联系手机", "not_a_phone"), ("买家应付货款", "not_money"), ("宝贝总数量", "count_range"),
    }  # fmt: skip
    assert not any("赵一禾" in str(bad.problem.data) for bad in found)
    assert all(bad.problem.sentence(language) for bad in found for language in ("zh", "en"))


def test_other_zones_have_their_summer():
    layout = sheets.recognise(ORDERS_2022)
    assert layout is not None
    told = {**GOOD, "订单付款时间": "2026-07-01 12:00:00"}
    row = SheetRow(2, [told.get(heading.strip(), "") for heading in ORDERS_2022])
    found = sheets.read_order(layout, row, ZoneInfo("Europe/Berlin"))
    assert isinstance(found, OrderDraft)
    assert (found.paid_at, found.ordered_at) == (
        datetime(2026, 7, 1, 10, tzinfo=UTC),
        datetime(2026, 3, 1, 11, tzinfo=UTC),
    )


def test_lost_digits_only_matter_where_they_mean_something():
    layout = sheets.recognise(ORDERS_2022)
    assert layout is not None
    cells = [GOOD.get(heading.strip(), "") for heading in ORDERS_2022]
    paid_no, number = ORDERS_2022.index("支付单号"), ORDERS_2022.index("订单编号")
    assert isinstance(sheets.read_order(layout, SheetRow(2, cells, frozenset({paid_no})), ZONE), OrderDraft)
    found = sheets.read_order(layout, SheetRow(2, cells, frozenset({number})), ZONE)
    assert isinstance(found, tuple)
    assert [bad.problem.code for bad in found] == ["digits_lost"]


def test_a_rounded_number_that_makes_no_sense_where_it_stands_is_told():
    layout = sheets.expect(["快递公司", "地区", "大头笔"], "route_marks").require()
    found = sheets.read_entry(layout, SheetRow(2, ["中通", "3.10000E+18", "浙"], frozenset({1})), ZONE)
    assert isinstance(found, tuple)
    assert [bad.problem.code for bad in found] == ["region_unknown"]


def test_shipments():
    layout = sheets.recognise(["运单号", "物流公司", "订单号"])
    assert layout is not None
    good = SheetRow(2, [" 7530 0000 000001", "中通", "3100000000000012399"])
    assert sheets.read_shipment(layout, good) == ("3100000000000012399", "ZTO", "75300000000001")
    bare = SheetRow(2, ["YT1000000000017", "", "3100000000000012399"])
    assert sheets.read_shipment(layout, bare, carrier="YTO") == ("3100000000000012399", "YTO", "YT1000000000017")
    for cells, code in (
        (["", "中通", "3100000000000012399"], "cell_empty"), (["751", "=A1", "3100000000000012399"], "formula"),
        (["751", "大雁", "3100000000000012399"], "carrier_unknown"), (["7.53E+13", "中通", "3100000000000012399"], "digits_lost"),
    ):  # fmt: skip
        found = sheets.read_shipment(layout, SheetRow(2, cells))
        assert isinstance(found[0], sheets.CellProblem)
        assert found[0].problem.code == code


# ---- the attack -----------------------------------------------------------------------------------------------------

ODD = st.one_of(
    st.text(max_size=40),
    st.sampled_from(["null", "=", "=1+1", "-", "1e309", "9" * 40, "\u0661\u0662", "\u00b2", "0000-00-00 00:00:00", "2026-02-30 00:00:00",
                     "2026-03-01T12:00:00+99:99", "9999-12-31 23:59:59", "79999.999999", "1,2,3", "--5", "1-5", "(310012)", "\uff08\uff09", ")", "-转1"]),
    st.from_regex(r"[0-9¥,.:/ T+-]{1,24}", fullmatch=True),
)  # fmt: skip


@pytest.mark.parametrize(
    "header", [ORDERS_2017, ORDERS_2022, LINES_2017, LINES_2022, ("订单编号", "物流公司", "运单号")]
)
@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_no_cell_raises_anything(header, data):
    layout = sheets.recognise(header)
    assert layout is not None
    cells = [data.draw(ODD) if heading in chosen else GOOD.get(heading.strip(), "") for chosen in [data.draw(st.sets(st.sampled_from(header)))] for heading in header]  # fmt: skip
    row = SheetRow(2, cells[: data.draw(st.integers(0, len(cells)))] if data.draw(st.booleans()) else cells, data.draw(st.frozensets(st.integers(0, len(header) - 1), max_size=2)))  # fmt: skip
    reader = {"orders": sheets.read_order, "lines": sheets.read_line, "shipments": sheets.read_shipment}[layout.kind]
    found = reader(layout, row, ZONE)
    if isinstance(found, tuple) and found and isinstance(found[0], sheets.CellProblem):
        assert all(bad.problem.sentence("zh") and bad.column in {"", *header} for bad in found)
    elif isinstance(found, OrderDraft):
        assert found.number
        assert found.item_amount >= 0
        assert all(
            instant is None or instant.tzinfo is UTC for instant in (found.ordered_at, found.paid_at, found.shipped_at)
        )


@given(st.sampled_from(sorted(field for field in sheets.FIELDS)), ODD.filter(lambda text: text.strip()))
@settings(max_examples=800, deadline=None)
def test_no_parser_raises_anything_but_its_problem(field, text):
    layout = sheets.map_header(["n", "x"], {"n": "number", **({} if field == "number" else {"x": field})})
    cells = [text, ""] if field == "number" else ["3100000000000012399", text]
    found = sheets.read_order(layout, SheetRow(2, cells), ZONE)
    assert isinstance(found, OrderDraft | tuple)


@given(st.lists(st.text(max_size=12), max_size=12))
@settings(max_examples=300, deadline=None)
def test_no_header_raises_anything(header):
    sheets.recognise(header)
    assert len(sheets.fingerprint(header)) == 32
