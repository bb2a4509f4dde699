"""The sample files are read by the importer's own reader and rules: good ones whole, dirty ones fault by fault."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from fahuo import samples
from fahuo.cli.samples import command
from fahuo.connectors.sheet.reader import Sheet, open_sheet
from fahuo.rules import sheets, waybills
from fahuo.rules.orders import IN_BACKLOG, LineDraft, OrderDraft
from fahuo.rules.problems import Refusal, sentences
from fahuo.samples import exports, faults

AT = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
READERS = {"orders": sheets.read_order, "lines": sheets.read_line, "shipments": sheets.read_shipment}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("samples")
    samples.write(path, at=AT, seed=7, count=200)
    return path


def opened(folder: Path, pattern: str) -> Sheet:
    (path,) = folder.glob(pattern)
    return open_sheet(path.name, path.read_bytes())


def drafts(sheet: Sheet) -> Iterator[object]:
    layout = sheets.recognise(sheet.header)
    assert layout is not None
    for row in sheet.rows():
        yield READERS[layout.require().kind](layout, row, exports.ZONE)


@pytest.mark.parametrize(
    ("pattern", "name", "width", "form", "encoding"),
    [
        ("ExportOrderList????????????.xlsx", "orders_2022", 71, "xlsx", ""),
        ("ExportOrderList*-2019.xlsx", "orders_2019", 61, "xlsx", ""),
        ("ExportOrderList*-2017.csv", "orders_2017", 38, "text", "gb18030"),
        ("ExportOrderDetailList????????????.csv", "lines_2022", 18, "text", "gb18030"),
        ("ExportOrderDetailList*-2017.csv", "lines_2017", 10, "text", "gb18030"),
        ("shipments-*.xlsx", "shipments", 4, "xlsx", ""),
    ],
)
def test_each_format_is_known_by_its_header(folder, pattern, name, width, form, encoding):
    sheet = opened(folder, pattern)
    layout = sheets.recognise(sheet.header)
    assert layout is not None
    assert (layout.name, len(sheet.header), sheet.format, sheet.encoding) == (name, width, form, encoding)
    assert sheet.count == len(list(drafts(sheet))) > 0


@pytest.mark.parametrize(
    "pattern", ["ExportOrderList????????????.xlsx", "ExportOrderList*-2019.xlsx", "ExportOrderList*-2017.csv"]
)
def test_what_was_drawn_is_what_is_read(folder, pattern):
    first = {"-2019.xlsx": 200, "-2017.csv": 250}.get(pattern[pattern.rfind("-") :], 0)
    drawn = list(samples.orders(200 if first == 0 else 50, 7, AT, first=first))
    for was, read in zip(drawn, drafts(opened(folder, pattern)), strict=True):
        assert isinstance(read, OrderDraft)
        for field in (
            "number", "status", "buyer", "receiver", "province", "city", "district", "region", "address", "postcode",
            "item_amount", "postage", "paid_amount", "quantity", "ordered_at", "paid_at", "buyer_message", "memo",
            "carrier", "waybill",
        ):  # fmt: skip
            assert getattr(read, field) == getattr(was, field), field
        assert read.phone == was.phone
        if first == 0:
            assert (read.kind, read.phone_extension, read.phone_expires_at, read.shipped_at) == (
                was.kind, was.phone_extension, was.phone_expires_at, was.shipped_at,
            )  # fmt: skip
            assert read.refund_amount == was.refund_amount


def test_lines_belong_to_their_orders(folder):
    drawn = {order.number: order for order in samples.orders(200, 7, AT)}
    lines = list(drafts(opened(folder, "ExportOrderDetailList????????????.csv")))
    assert lines == [line for order in drawn.values() for line in order.lines]
    assert all(isinstance(line, LineDraft) and line.order_number in drawn for line in lines)


def test_returned_numbers_fit_their_carrier(folder):
    shipped = list(drafts(opened(folder, "shipments-*.xlsx")))
    assert len({draft.waybill for draft in shipped}) == len(shipped) > 30
    assert all(waybills.check(draft.carrier, draft.waybill) is None for draft in shipped)


def test_every_cell_fault_is_found_and_nothing_else(folder):
    for name in {fault.file for fault in faults.CELL_FAULTS}:
        told = [found[0].problem.code if isinstance(found, tuple) and isinstance(found[0], sheets.CellProblem) else "" for found in drafts(opened(folder, name))]  # fmt: skip
        wanted = [code for fault in faults.CELL_FAULTS if fault.file == name for code in (fault.code, "")]
        assert told == wanted


@pytest.mark.parametrize("fault", faults.FILE_FAULTS, ids=lambda fault: fault.file)
def test_every_faulty_file_is_refused_by_its_code(folder, fault):
    with pytest.raises(Refusal) as refusal:
        known(folder, fault.file)
    assert [problem.code for problem in refusal.value.problems] == [fault.code]


def known(folder: Path, name: str) -> sheets.Layout:
    layout = sheets.recognise(opened(folder, name).header)
    if layout is None:
        raise Refusal.of("unknown_sheet")
    return layout.require()


def test_rounded_numbers_are_refused_not_guessed(folder):
    (found,) = drafts(opened(folder, "dirty-numbers.xlsx"))
    assert [(bad.column, bad.problem.code) for bad in found] == [("订单编号", "digits_lost")]


def test_thirty_kinds_and_more_each_once_each_in_the_guide():
    codes = [fault.code for fault in (*faults.CELL_FAULTS, *faults.FILE_FAULTS)]
    assert len(codes) == len(set(codes)) >= 30
    guide = Path("docs/import.md").read_text("utf-8")
    assert [code for code in codes if f"`{code}`" not in guide] == []
    assert set(codes) <= set(sentences())


def test_the_same_seed_gives_the_same_orders():
    some = list(samples.orders(300, 3, AT))
    assert some == list(samples.orders(300, 3, AT))
    assert some != list(samples.orders(300, 4, AT))
    more = [*some, *samples.orders(300, 3, AT, first=300)]
    assert len({order.number for order in more}) == 600


def test_the_desk_has_something_of_everything():
    drawn = list(samples.orders(600, 1, AT))
    assert {order.status for order in drawn} >= {
        "awaiting_payment",
        "awaiting_shipment",
        "shipped",
        "completed",
        "closed",
    }
    assert {order.kind for order in drawn} >= {"normal", "virtual", "presale_staged", "presale_full"}
    left = [
        48 - (AT - order.paid_at) / timedelta(hours=1)
        for order in drawn
        if order.status in IN_BACKLOG and order.paid_at
    ]
    for least, most in ((-100, 0), (0, 2), (2, 6), (6, 24), (24, 48)):
        assert any(least <= hours < most for hours in left)
    assert len({(order.receiver, order.address) for order in drawn}) < 590


def test_the_command_writes_a_folder(tmp_path):
    asked = ["--at", "2026-03-02T12:00", "--orders", "20", "--json", str(tmp_path / "new")]
    answer = CliRunner().invoke(command, asked)
    assert answer.exit_code == 0, answer.output
    told = json.loads(answer.output)
    assert sorted(told["files"]) == sorted(path.name for path in (tmp_path / "new").iterdir())
    assert told["at"] == "2026-03-02T12:00:00+08:00"
