"""Every sheet a person may upload gives its rows; every file that is none, or is hostile, one clear code."""

import io
import random
import struct
import zipfile
from datetime import UTC, datetime
from typing import Any

import pytest
import xlsxwriter
import xlwt
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from fahuo.connectors.sheet import child, limits, sniff, workbook
from fahuo.connectors.sheet.reader import Sheet, open_sheet
from fahuo.connectors.sheet.text import clean
from fahuo.rules.problems import Refusal, sentences
from fahuo.samples import faults

HEADER = ["订单编号", "买家留言"]
FEW = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def cells(sheet: Sheet) -> list[list[str]]:
    return [row.cells for row in sheet.rows()]


def refused(body: bytes, **options: Any) -> str:
    with pytest.raises(Refusal) as refusal:
        open_sheet("orders.xlsx", body, **options)
    (problem,) = refusal.value.problems
    assert problem.sentence("zh")
    assert problem.sentence("en")
    return problem.code


def book(rows: list[list[Any]], *, at: tuple[int, int] = (0, 0), hidden_first: bool = False) -> bytes:
    body = io.BytesIO()
    with xlsxwriter.Workbook(body, {"remove_timezone": True, "strings_to_formulas": False}) as made:
        if hidden_first:
            made.add_worksheet("visible first").write(0, 0, "")
            secret = made.add_worksheet("secret")
            secret.write(0, 0, "geheim")
            secret.hide()
        sheet = made.add_worksheet("orders")
        day = made.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
        for r, row in enumerate(rows):
            for c, value in enumerate(row):
                sheet.write(r + at[0], c + at[1], value, day if isinstance(value, datetime) else None)
    return body.getvalue()


# ---- workbooks ------------------------------------------------------------------------------------------------------


def test_a_workbook_as_a_person_sees_it():
    sheet = open_sheet("a.xlsx", book([
        ["title above", "", ""],
        ["订单编号", "数量", "时间", ""],
        ["3100000000000012399\t", 2.0, datetime(2026, 3, 1, 12, 30, 5, tzinfo=UTC)],
        ["", "", ""],
        ['="42"', 1.25, "'15400001234"],
        [12345678901234, True, 0.1 + 0.2],
    ]))  # fmt: skip
    assert (sheet.header, sheet.header_no, sheet.format, sheet.count) == (["订单编号", "数量", "时间"], 2, "xlsx", 3)
    assert [(row.no, row.cells) for row in sheet.rows()] == [
        (3, ["3100000000000012399", "2", "2026-03-01 12:30:05"]),
        (5, ["42", "1.25", "15400001234"]),
        (6, ["12345678901234", "TRUE", "0.3"]),
    ]
    assert cells(sheet) == cells(sheet)


def test_the_first_visible_sheet_that_holds_something():
    assert open_sheet("a", book([["a", "b"], ["1", "2"]], hidden_first=True)).header == ["a", "b"]


def test_rows_keep_their_number_when_the_sheet_begins_below():
    sheet = open_sheet("a", book([["a", "b"], ["1", "2"]], at=(4, 2)))
    assert (sheet.header, sheet.header_no, [row.no for row in sheet.rows()]) == (["a", "b"], 5, [6])


def test_a_rounded_number_is_marked():
    (row,) = open_sheet(
        "a", book([["a", "b", "c"], [3100000000000012399, "3100000000000012399", 999999999999999]])
    ).rows()
    assert row.damaged == {0}
    assert row.cells[1:] == ["3100000000000012399", "999999999999999"]


def test_a_formula_counts_by_its_stored_result():
    body = io.BytesIO()
    with xlsxwriter.Workbook(body) as made:
        sheet = made.add_worksheet()
        sheet.write_row(0, 0, ["a", "b", "c"])
        sheet.write_formula(1, 0, "=1+1", None, 2)
        sheet.write_formula(1, 1, "=1+1", None, "")
        sheet.write_formula(1, 2, "=1/0", None, "#DIV/0!")
    assert cells(open_sheet("a", body.getvalue())) == [["2", "", ""]]


def test_the_old_binary_format():
    made = xlwt.Workbook(encoding="utf-8")
    sheet = made.add_sheet("订单")
    for r, row in enumerate([HEADER, ["3100000000000012399", "尽快发货"], [3100000000000012399, ""]]):
        for c, value in enumerate(row):
            sheet.write(r, c, value)
    body = io.BytesIO()
    made.save(body)
    opened = open_sheet("a.xls", body.getvalue())
    assert (opened.format, opened.header) == ("xls", HEADER)
    assert [(row.cells[0][:15], row.damaged) for row in opened.rows()] == [
        ("310000000000001", frozenset()),
        ("310000000000001", {0}),
    ]
    assert refused(body.getvalue()[: len(body.getvalue()) // 2]) == "file_damaged"


# ---- text -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16"])
@pytest.mark.parametrize("mark", [",", "\t", ";"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_any_encoding_and_separator(encoding, mark, end):
    text = end.join(
        [mark.join(HEADER), mark.join(['="3100000000000012399"', "尽快发货 "]), "", mark.join(["1\t".strip(), ""])]
    )
    sheet = open_sheet("a.csv", text.encode(encoding))
    assert (sheet.header, sheet.count) == (HEADER, 2)
    assert [(row.no, row.cells) for row in sheet.rows()] == [(2, ["3100000000000012399", "尽快发货"]), (4, ["1", ""])]


def test_quotes_breaks_and_the_separator_line():
    text = 'sep=;\r\n订单编号;买家留言\r\n1;"两行\r\n还有;分号"\r\n6.93217E+12;x'
    first, second = open_sheet("a.csv", text.encode()).rows()
    assert (first.no, first.cells) == (2, ["1", "两行\n还有;分号"])
    assert (second.no, second.damaged) == (3, {0})


def test_ragged_rows_stay_visible():
    sheet = open_sheet("a.csv", b"a,b\n1\n1,2,\n1,2,3\n")
    assert cells(sheet) == [["1"], ["1", "2"], ["1", "2", "3"]]


@given(st.lists(st.lists(st.text(max_size=20), min_size=2, max_size=4), min_size=2, max_size=6))
@settings(max_examples=200, deadline=None)
def test_clean_settles_and_leaves_nothing_unprintable(rows):
    for text in (text for row in rows for text in row):
        once = clean(text)
        assert once == once.strip()
        assert "\x00" not in once
        once.encode("utf-8")


# ---- what is none, and what is hostile ------------------------------------------------------------------------------


def zipped(*parts: tuple[str, bytes]) -> bytes:
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts:
            archive.writestr(name, text)
    return body.getvalue()


PLAIN = book([HEADER, ["1", "2"]])


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "file_empty"),
        (b"\xef\xbb\xbf \r\n", "file_empty"),
        (b"%PDF-1.7 ...", "file_not_a_sheet"),
        (b"\x89PNG\r\n\x1a\n" + bytes(50), "file_not_a_sheet"),
        (b"MZ" + bytes(500), "file_not_a_sheet"),
        (b"\x7fELF" + bytes(500), "file_not_a_sheet"),
        (b"Rar!\x1a\x07" + bytes(50), "file_not_a_sheet"),
        (b"a,b\x01\x02\n1,2", "file_not_a_sheet"),
        (zipped(("word/document.xml", b"<a/>")), "file_not_a_sheet"),
        (zipped(("xl/workbook.bin", b"x")), "file_not_a_sheet"),
        (zipped(("readme.txt", b"x")), "file_not_a_sheet"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(8000), "file_not_a_sheet"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(80), "file_damaged"),
        (b"<!DOCTYPE html><html><table></table>", "file_html"),
        (b"\xef\xbb\xbf\n <?xml version='1.0'?><Workbook/>", "file_html"),
        (PLAIN[:-30], "file_damaged"),
        (PLAIN[: len(PLAIN) // 2], "file_damaged"),
        (zipped(("xl/workbook.xml", b"<workbook"), ("[Content_Types].xml", b"")), "file_damaged"),
        (zipped(*[(f"xl/{n}", b"") for n in range(limits.ZIP_ENTRIES + 1)]), "file_bomb"),
        (zipped(("xl/workbook.xml", bytes(30 * 2**20))), "file_bomb"),
        (book([HEADER]), "sheet_no_rows"),
        (book([]), "sheet_blank"),
        (book([HEADER, ["1", "2"]], at=(300_000, 0)), "sheet_too_large"),
        (book([HEADER, ["1", "2"]], at=(0, 800)), "sheet_too_large"),
        (book([["a", *[""] * 600, "b"], ["1"]]), "sheet_too_large"),
        ("订单,备注\n".encode("gb18030") + b"\xff\xff", "text_encoding"),
        (b"a,b\n" + b"1," * 1000, "sheet_too_large"),
        (b"a,b\n" + b"," * 1_000_000, "sheet_too_large"),
        (b"a,b\n" + b"1,2\n" * 200_001, "sheet_too_large"),
        (b'a,b\n1,"' + b"x" * 200_000, "csv_broken"),
        (b",,\n , ,\n", "sheet_blank"),
        (b"a,b\n,\n", "sheet_no_rows"),
    ],
)  # fmt: skip
def test_one_clear_code(body, code):
    assert refused(body) == code


def test_a_far_styled_cell_without_a_value_does_no_harm():
    body = io.BytesIO()
    with xlsxwriter.Workbook(body) as made:
        sheet = made.add_worksheet()
        sheet.write_row(0, 0, HEADER)
        sheet.write_row(1, 0, ["1", "2"])
        sheet.write_blank(1_048_575, 16_383, None, made.add_format({"bold": True}))
    assert cells(open_sheet("a", body.getvalue())) == [["1", "2"]]


def test_the_limit_of_bytes_comes_first():
    assert refused(bytes(1001), limit=1000) == "file_too_large"


def test_a_far_cell_that_slips_past_the_scan_dies_alone(monkeypatch):
    """The scan is a courtesy; the walls of the process are what holds."""
    xml = b'<row r="1"><c t="inlineStr" r=\'A1\'><is><t>x</t></is></c><c t="inlineStr" r=\'XFD1048576\'><is><t>x</t></is></c></row>'
    assert refused(faults._workbook(xml)) == "sheet_too_large"


def test_billion_laughs_are_not_heard():
    xml = b"<!DOCTYPE x [<!ENTITY a 'ha'>]>"
    body = zipped(("xl/workbook.xml", xml + b"<workbook>&a;</workbook>"), ("[Content_Types].xml", b"<Types/>"))
    assert refused(body) == "file_damaged"


def test_a_child_that_takes_too_long_is_ended(monkeypatch):
    monkeypatch.setattr(limits, "CHILD_PATIENCE", 0.001)
    assert refused(PLAIN) == "sheet_too_slow"


@pytest.mark.parametrize(
    ("code", "why"),
    [
        (-24, "sheet_too_slow"),
        (-6, "sheet_too_large"),
        (-9, "sheet_too_large"),
        (-11, "file_damaged"),
        (1, "file_damaged"),
    ],
)
def test_how_a_child_died_says_why(code, why):
    assert workbook._why(code, b"") == why


def test_a_lying_directory_is_no_way_in():
    """The archive's directory says the sheet is small; the parser must not be led to more than the walls allow."""
    body = bytearray(faults._workbook(b" " * (24 * 2**20)))
    at = body.rfind(b"PK\x01\x02", 0, body.rfind(b"worksheets/sheet1.xml"))
    body[at + 24 : at + 28] = struct.pack("<I", 1000)
    assert refused(bytes(body)) in {"file_damaged", "sheet_blank", "file_bomb"}


def test_every_code_the_child_knows_has_its_sentence():
    assert {"sheet_blank", "sheet_too_large", "sheet_too_slow", "file_encrypted", "file_damaged"} <= set(sentences())
    assert child.REFUSED not in {0, 1, 2}


# ---- the attack -----------------------------------------------------------------------------------------------------


def rows_or_one_refusal(body: bytes) -> None:
    try:
        sheet = open_sheet("x", body)
    except Refusal as refusal:
        (problem,) = refusal.problems
        problem.sentence("en")
        return
    rows = list(sheet.rows())
    assert rows
    assert all(row.no > sheet.header_no and any(row.cells) for row in rows)


@given(st.binary(max_size=400))
@example(b"\x00")
@example(b"\xff\xfe")
@example(b"\xff\xfea")
@example(b'"')
@example(b"sep=,\n")
@example(b"\r\r\r,")
@settings(max_examples=300, deadline=None)
def test_any_bytes_give_rows_or_one_refusal(body):
    rows_or_one_refusal(body)


@given(st.text(max_size=200), st.sampled_from(["utf-8", "utf-8-sig", "gb18030", "utf-16"]))
@settings(max_examples=300, deadline=None)
def test_any_text_gives_rows_or_one_refusal(text, encoding):
    rows_or_one_refusal(text.encode(encoding, "ignore"))


@given(st.integers(0, 2**32))
@FEW
def test_a_workbook_with_flipped_bytes_gives_rows_or_one_refusal(seed):
    dice = random.Random(seed)
    body = bytearray(PLAIN)
    for _ in range(dice.randrange(1, 6)):
        body[dice.randrange(len(body))] = dice.randrange(256)
    rows_or_one_refusal(bytes(body))


@given(st.binary(max_size=300), st.sampled_from([b"PK\x03\x04", b"PK\x05\x06", sniff._OLE, b"<html"]))
@settings(max_examples=60, deadline=None)
def test_any_bytes_behind_a_known_beginning(body, magic):
    rows_or_one_refusal(magic + body)
