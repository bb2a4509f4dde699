"""What is written opens again as what it was, and runs nowhere."""

import io
import warnings
import zipfile

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from fahuo.connectors.sheet.reader import open_sheet
from fahuo.connectors.sheet.text import clean
from fahuo.connectors.sheet.writer import neutral, write_csv, write_xlsx

TEXT = st.text(st.characters(codec="gb18030", exclude_categories=("Cs",)), max_size=30)


@pytest.mark.parametrize("text", ["=1+1", "@SUM(A1)", "+cmd|' /C calc'!A0", "-2+3", "\tx", "\r=1", "\n=1", "-", '="a"'])
def test_what_would_run_gets_a_quote(text):
    assert neutral(text) == "'" + text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "3100000000000012399",
        "+86 154 0000 1234",
        "+8615400001234",
        "-5.00",
        "0571-88886666",
        "YT1000000000017",
        "'x",
        "a=b",
    ],
)
def test_numbers_and_phones_stay(text):
    assert neutral(text) == text


def test_a_workbook_for_people():
    body = write_xlsx(
        ["订单编号", "收货地址"], [["3100000000000012399", "浙江省 杭州市"], ["1"], ["2", "b", "too many"]]
    )
    sheet = open_sheet("a.xlsx", body)
    assert sheet.header == ["订单编号", "收货地址"]
    assert [(row.cells, row.damaged) for row in sheet.rows()] == [
        (["3100000000000012399", "浙江省 杭州市"], frozenset()), (["1", ""], frozenset()), (["2", "b"], frozenset()),
    ]  # fmt: skip
    parts = zipfile.ZipFile(io.BytesIO(body))
    xml = parts.read("xl/worksheets/sheet1.xml").decode()
    assert 'state="frozen"' in xml
    assert "<b/>" in parts.read("xl/styles.xml").decode()
    assert 'formatCode="@"' in parts.read("xl/styles.xml").decode()
    assert "<f>" not in xml


def test_a_header_alone_and_repeated_headings():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        alone = write_xlsx(["a", "b"], [])
    assert "a" in zipfile.ZipFile(io.BytesIO(alone)).read("xl/worksheets/sheet1.xml").decode()
    sheet = open_sheet("a", write_xlsx(["a", "a", "", "c"], [["1", "2", "3", "4"]]))
    assert sheet.header == ["a", "a", "", "c"]
    assert [row.cells for row in sheet.rows()] == [["1", "2", "3", "4"]]


def test_a_cell_and_headings_longer_than_a_workbook_holds_are_cut():
    long = "字" * 40_000
    sheet = open_sheet("a", write_xlsx([long, long, "a"], [[long, "1", "2"]]))
    assert [len(text) for text in sheet.header] == [32_000, 32_000, 1]
    assert [len(text) for row in sheet.rows() for text in row.cells] == [32_767, 1, 1]


def test_csv_keeps_long_numbers_for_people_and_plain_for_machines():
    rows = [["3100000000000012399", "001", "15400001234"]]
    assert (
        write_csv(["a", "b", "c"], rows).decode().splitlines()[1] == '"=""3100000000000012399""","=""001""",15400001234'
    )
    assert (
        write_csv(["a", "b", "c"], rows, guard_ids=False).decode().splitlines()[1]
        == "3100000000000012399,001,15400001234"
    )
    assert write_csv(["订单"], [["好"]], "utf-8-sig").startswith(b"\xef\xbb\xbf")
    assert write_csv(["a"], [["\U0001f375"]], "gbk").splitlines()[1] == b"?"


@given(
    st.lists(st.lists(TEXT, min_size=3, max_size=3), min_size=1, max_size=8), st.sampled_from(["gb18030", "utf-8-sig"])
)
@example([["=1+1", "'a", "3100000000000012399"]], "gb18030")
@settings(max_examples=200, deadline=None)
def test_csv_comes_back(rows, encoding):
    kept = [[clean(neutral(text.strip()) if text.strip() else "") for text in row] for row in rows]
    body = write_csv(
        ["第一", "第二", "第三"], [["x", "y", "z"], *([cell.strip() for cell in row] for row in rows)], encoding
    )
    sheet = open_sheet("a.csv", body)
    assert sheet.header == ["第一", "第二", "第三"]
    found = [row.cells for row in sheet.rows()]
    assert [same(cells) for cells in found[1:]] == [same(cells) for cells in kept if any(same(cells))]


def same(cells: list[str]) -> list[str]:
    """Line breaks inside a cell may come back as the other kind."""
    return ["".join(text.split()) for text in cells]


@given(st.lists(st.lists(st.text(max_size=20), min_size=2, max_size=2), min_size=1, max_size=5))
@settings(max_examples=25, deadline=None)
def test_xlsx_comes_back_whatever_is_in_it(rows):
    sheet = open_sheet("a.xlsx", write_xlsx(["a", "b"], [["x", "y"], *rows]))
    assert next(sheet.rows()).cells == ["x", "y"]
    assert sheet.count <= len(rows) + 1
