"""Files in which something is wrong, each fault of its own kind, and the code it must be refused with."""

import csv
import io
import zipfile
from collections.abc import Callable, Iterator, Sequence
from typing import Final, NamedTuple

from fahuo.connectors.sheet.writer import write_xlsx
from fahuo.rules.orders import OrderDraft
from fahuo.samples import exports

MORE: Final = ("旗帜", "邮编", "订单类型", "承诺发货时效")
"""Columns that no export has but that every order sheet may have."""
DIRTY_ORDERS: Final = (*exports.ORDERS_2022, *MORE)


class CellFault(NamedTuple):
    """One wrong cell in an otherwise good row of a dirty-*.csv. `column` "" is a cell too many."""

    code: str
    file: str
    column: str
    text: str


CELL_FAULTS: Final = (
    CellFault("cell_empty", "dirty-orders.csv", "订单编号", ""),
    CellFault("digits_lost", "dirty-orders.csv", "订单编号", "3.10000E+18"),
    CellFault("number_shape", "dirty-orders.csv", "订单编号", "第三单"),
    CellFault("status_unknown", "dirty-orders.csv", "订单状态", "等待火星人签收"),
    CellFault("not_money", "dirty-orders.csv", "买家应付货款", "面议"),
    CellFault("money_negative", "dirty-orders.csv", "买家应付邮费", "-6.00"),
    CellFault("money_decimals", "dirty-orders.csv", "买家实际支付金额", "39.905"),
    CellFault("money_range", "dirty-orders.csv", "买家实际支付金额", "100000000.00"),
    CellFault("formula", "dirty-orders.csv", "买家应付货款", "=39.9+6"),
    CellFault("not_a_count", "dirty-orders.csv", "宝贝总数量", "两只"),
    CellFault("count_range", "dirty-orders.csv", "宝贝总数量", "0"),
    CellFault("not_a_time", "dirty-orders.csv", "订单付款时间 ", "前天下午"),
    CellFault("time_range", "dirty-orders.csv", "订单创建时间", "1970-01-01 08:00:00"),
    CellFault("not_a_phone", "dirty-orders.csv", "联系手机", "找不到了"),
    CellFault("paid_without_time", "dirty-orders.csv", "订单付款时间 ", ""),
    CellFault("paid_before_ordered", "dirty-orders.csv", "订单付款时间 ", "2001-01-01 00:00:00"),
    CellFault("receiver_missing", "dirty-orders.csv", "收货人姓名", ""),
    CellFault("row_shifted", "dirty-orders.csv", "", "多出来的"),
    CellFault("text_too_long", "dirty-orders.csv", "买家留言", "请尽快发货" * 500),
    CellFault("not_yes_or_no", "dirty-orders.csv", "预售订单", "也许"),
    CellFault("flag_unknown", "dirty-orders.csv", "旗帜", "彩虹"),
    CellFault("not_a_postcode", "dirty-orders.csv", "邮编", "西湖边"),
    CellFault("kind_unknown", "dirty-orders.csv", "订单类型", "秘密"),
    CellFault("hours_range", "dirty-orders.csv", "承诺发货时效", "9999"),
    CellFault("refund_unknown", "dirty-lines.csv", "退款状态", "想退又不想退"),
    CellFault("carrier_unknown", "dirty-shipments.csv", "快递公司", "大雁传书"),
    CellFault("waybill_text", "dirty-shipments.csv", "运单号", "还没贴单"),
)


class FileFault(NamedTuple):
    """A file that is refused whole."""

    code: str
    file: str
    make: Callable[[Sequence[Sequence[str]]], bytes]


def _csv(rows: Sequence[Sequence[str]], encoding: str = "gb18030") -> bytes:
    """As it stands: nothing neutralised, for faults must stay faults."""
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue().encode(encoding)


def _without(rows: Sequence[Sequence[str]], heading: str) -> list[list[str]]:
    place = rows[0].index(heading)
    return [[*row[:place], *row[place + 1 :]] for row in rows]


def _workbook(sheet_xml: bytes) -> bytes:
    """The least xlsx there is, around one worksheet."""
    space = b"http://schemas.openxmlformats.org"
    head = b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
    office = space + b"/officeDocument/2006/relationships"
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in (
            ("[Content_Types].xml", b'<Types xmlns="%b/package/2006/content-types"/>' % space),
            ("_rels/.rels", b'<Relationships xmlns="%b/package/2006/relationships"><Relationship Id="r1" Type="%b/officeDocument" Target="xl/workbook.xml"/></Relationships>' % (space, office)),
            ("xl/workbook.xml", b'<workbook xmlns="%b/spreadsheetml/2006/main" xmlns:r="%b"><sheets><sheet name="a" sheetId="1" r:id="r1"/></sheets></workbook>' % (space, office)),
            ("xl/_rels/workbook.xml.rels", b'<Relationships xmlns="%b/package/2006/relationships"><Relationship Id="r1" Type="%b/worksheet" Target="worksheets/sheet1.xml"/></Relationships>' % (space, office)),
            ("xl/worksheets/sheet1.xml", b'<worksheet xmlns="%b/spreadsheetml/2006/main"><sheetData>%b</sheetData></worksheet>' % (space, sheet_xml)),
        ):  # fmt: skip
            archive.writestr(zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0)), head + text, zipfile.ZIP_DEFLATED)
    return body.getvalue()


def _far_cell() -> bytes:
    cell = b'<row r="%d"><c r="%b" t="inlineStr"><is><t>x</t></is></c></row>'
    return _workbook(cell % (1, b"A1") + cell % (1048576, b"XFD1048576"))


def _truncated(rows: Sequence[Sequence[str]]) -> bytes:
    body = write_xlsx(rows[0], rows[1:])
    return body[: len(body) * 2 // 3]


def _encrypted() -> bytes:
    """The frame of an encrypted workbook: a compound file that names its encrypted package."""
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504) + "EncryptedPackage".encode("utf-16-le") + bytes(4096)


FILE_FAULTS: Final = (
    FileFault("columns_missing", "dirty-no-number.csv", lambda rows: _csv(_without(_without(rows, "订单编号"), "主订单编号"))),
    FileFault("column_twice", "dirty-column-twice.csv", lambda rows: _csv([[*row, row[rows[0].index("订单状态")]] for row in rows])),
    FileFault("unknown_sheet", "dirty-other-columns.csv", lambda rows: _csv([["甲", "乙", "丙"], ["1", "2", "3"]])),
    FileFault("sheet_no_rows", "dirty-header-only.csv", lambda rows: _csv(rows[:1])),
    FileFault("file_empty", "dirty-empty.csv", lambda rows: b""),
    FileFault("file_html", "dirty-web-page.xls", lambda rows: b"<html><body><table><tr><td>1</td></tr></table></body></html>"),
    FileFault("file_not_a_sheet", "dirty-program.xlsx", lambda rows: b"MZ\x90\x00\x03\x00\x00\x00\x04\x00" + bytes(200)),
    FileFault("file_damaged", "dirty-truncated.xlsx", _truncated),
    FileFault("file_encrypted", "dirty-password.xlsx", lambda rows: _encrypted()),
    FileFault("file_bomb", "dirty-bomb.xlsx", lambda rows: _workbook(b" " * (24 * 2**20))),
    FileFault("sheet_too_large", "dirty-far-cell.xlsx", lambda rows: _far_cell()),
    FileFault("text_encoding", "dirty-encoding.csv", lambda rows: _csv(rows) + b"\xff\xff\x80"),
    FileFault("csv_broken", "dirty-open-quote.csv", lambda rows: _csv(rows) + b'"' + b"x" * 200_000),
)  # fmt: skip


def files(orders: Sequence[OrderDraft]) -> Iterator[tuple[str, bytes]]:
    """(name, body) of every dirty file; each takes its good rows from `orders`, which wait to be shipped."""
    for name, header, rows in (
        ("dirty-orders.csv", DIRTY_ORDERS, [exports.order_row(DIRTY_ORDERS, order) for order in orders]),
        ("dirty-lines.csv", exports.LINES_2022, [exports.line_row(exports.LINES_2022, order, order.lines[0]) for order in orders]),
        ("dirty-shipments.csv", exports.SHIPMENTS, [[order.number, order.receiver, "中通快递", f"7510{order.number[5:15]}"] for order in orders]),
    ):  # fmt: skip
        yield name, _csv([header, *_spoiled(name, header, rows)])
    good = [list(exports.ORDERS_2022), *(exports.order_row(exports.ORDERS_2022, order) for order in orders[:20])]
    good[0] = [heading.strip() for heading in good[0]]
    good_twice = [row[:] for row in good]
    for fault in FILE_FAULTS:
        yield fault.file, fault.make(good_twice)
    yield "dirty-numbers.xlsx", _rounded_numbers(orders[0])


def _spoiled(name: str, header: Sequence[str], rows: list[list[str]]) -> list[list[str]]:
    """Every second row is good; between them one row a fault, in the order of CELL_FAULTS."""
    faults = [fault for fault in CELL_FAULTS if fault.file == name]
    found: list[list[str]] = []
    for n, fault in enumerate(faults):
        bad = rows[2 * n][:]
        if fault.column:
            bad[header.index(fault.column)] = fault.text
            if fault.code == "cell_empty" and "主订单编号" in header:
                bad[header.index("主订单编号")] = ""
            if fault.column == "订单编号" and fault.text and "主订单编号" in header:
                bad[header.index("主订单编号")] = fault.text
        else:
            bad.append(fault.text)
        found += [bad, rows[2 * n + 1]]
    return found


def _rounded_numbers(order: OrderDraft) -> bytes:
    """An order list whose ids a spreadsheet saved as numbers: their last digits are gone."""
    cells = "".join(
        f'<c r="{chr(65 + n)}1" t="inlineStr"><is><t>{text}</t></is></c>'
        for n, text in enumerate(("订单编号", "快递公司", "运单号"))
    )
    row = f'<c r="A2"><v>{float(order.number):.15g}</v></c><c r="B2" t="inlineStr"><is><t>中通快递</t></is></c><c r="C2" t="inlineStr"><is><t>75100000000001</t></is></c>'
    return _workbook(f'<row r="1">{cells}</row><row r="2">{row}</row>'.encode())
