"""No cell of any sheet that leaves the product becomes a formula: one walk over every function that writes one.

What a spreadsheet would run is planted wherever people outside may write; then every sheet is made by its service and read
cell by cell. A function that writes a sheet and is not reached by the walk fails, and so does one that writes sheets by
another way than the one writer.
"""

import ast
import csv
import io
import re
import sys
import zipfile
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Final
from xml.etree import ElementTree

import pytest

from fahuo.connectors.sheet import writer
from fahuo.rules.metrics import Span
from fahuo.services import (
    batches,
    courier,
    exports,
    handing,
    ledger,
    metric_sheets,
    papers,
    route_marks,
    skus,
    tariff_sheets,
    urge_sheets,
)
from fahuo.services.settings import SheetTemplate, keep_template
from fahuo.store.boards.ledger import LedgerFilter
from fahuo.store.models import Member, Order, Parcel, Shop
from tests.conftest import NOW, Account
from tests.services import lists
from tests.services.contracts import make_contract, make_courier
from tests.services.importing import take_in
from tests.services.shipping import waybill

ROOT: Final = Path(__file__).resolve().parent.parent / "fahuo"
PLANTS: Final = (
    "=cmd|' /C calc'!A1", "+cmd", "-cmd()", "@SUM(A1)", "\tcmd", "\rcmd", "\ncmd", "＝cmd", "＋cmd", "－cmd", "＠cmd",
)  # fmt: skip
"""What a spreadsheet of one language or another would run, at the start of a cell."""
RUNS: Final = re.compile(r"[=+\-@\t\r\n＝＋－＠]")
HARMLESS: Final = re.compile(r"[+-]?[\d.]*\d|\+?\d[\d ()-]*|=\"\d+\"", re.ASCII)
"""Numbers, phone numbers, and long digits in the marketplace's own way of writing them."""
OUTSIDE: Final = {("cli/demo.py", "_moved_away")}
"""Functions whose sheet goes nowhere: the demo's own orders, into the demo."""


WORDLESS: Final = {
    ("services/ledger.py", "workbook"), ("services/metric_sheets.py", "workbook"), ("services/urge_sheets.py", "empty"),
}  # fmt: skip
"""Sheets of numbers and of our own words, in which nothing could be planted here; they are read all the same."""


def writers() -> set[tuple[str, str]]:
    """(file, function) of whatever calls the writer of sheets."""
    found = set()
    for path in ROOT.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.FunctionDef) and "samples" not in path.parts:
                called = {
                    ast.unparse(each.func).rpartition(".")[2] for each in ast.walk(node) if isinstance(each, ast.Call)
                }
                if called & {"write_xlsx", "write_csv"}:
                    found.add((str(path.relative_to(ROOT)), node.name))
    return found - OUTSIDE


def test_sheets_are_written_by_the_one_writer() -> None:
    ways = re.compile(r"^\s*(?:import|from) (?:csv|xlsxwriter|rustpy_xlsxwriter|openpyxl|xlwt|pandas)\b", re.MULTILINE)
    found = {str(path.relative_to(ROOT)) for path in ROOT.rglob("*.py") if ways.search(path.read_text("utf-8"))}
    assert {file for file in found if not file.startswith("samples/")} == {
        "connectors/sheet/writer.py",
        "connectors/sheet/delimited.py",  # reads
    }


def cells(body: bytes) -> Iterator[str]:
    """Every cell of a sheet as it is stored; a formula fails here."""
    if not body.startswith(b"PK"):
        for row in csv.reader(io.StringIO(body.decode("gb18030"), newline="")):
            yield from row
        return
    packed = zipfile.ZipFile(io.BytesIO(body))
    for name in packed.namelist():
        if re.match(r"xl/(worksheets/.*|sharedStrings)\.xml", name):
            for element in ElementTree.fromstring(packed.read(name)).iter():
                tag = element.tag.rpartition("}")[2]
                assert tag != "f", name
                if tag in ("t", "v") and element.text:
                    yield element.text.replace("_x000D_", "\r")


def running(body: bytes) -> list[str]:
    """The cells that a spreadsheet would run."""
    return [text for text in cells(body) if RUNS.match(text) and not HARMLESS.fullmatch(text)]


@pytest.mark.parametrize("plant", PLANTS)
@pytest.mark.parametrize("write", [writer.write_xlsx, writer.write_csv])
def test_the_reading_finds_what_would_run_and_the_writer_leaves_none(
    plant: str, write: Callable[..., bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert running(write(["a", plant], [["b", plant]])) == []
    monkeypatch.setattr(writer, "neutral", lambda text: text)
    assert running(write(["a", plant], [["b", plant]])) != []


class Walk:
    """Makes every sheet, and keeps which functions wrote one and what would run in it."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.wrote: set[tuple[str, str]] = set()
        self.found: dict[tuple[str, str], list[str]] = {}
        self.planted: set[tuple[str, str]] = set()
        for name in ("write_xlsx", "write_csv"):
            real = getattr(writer, name)
            for module in list(sys.modules.values()):
                if getattr(module, name, None) is real and getattr(module, "__name__", "").startswith("fahuo.services"):
                    monkeypatch.setattr(module, name, self.watched(real))

    def watched(self, real: Callable[..., bytes]) -> Callable[..., bytes]:
        def write(*given: Any, **more: Any) -> bytes:
            frame = sys._getframe(1)
            who = (str(Path(frame.f_code.co_filename).relative_to(ROOT)), frame.f_code.co_name)
            body = real(*given, **more)
            self.wrote.add(who)
            self.found.setdefault(who, []).extend(running(body))
            if any("cmd" in text or "SUM(" in text for text in cells(body)):
                self.planted.add(who)
            return body

        return write


@pytest.fixture
def ids(owner_account: Account) -> list[int]:
    """Orders whose every word is planted, one way each; the account's and the shop's names are, too."""
    rows = [
        lists.order(n, 买家会员名=plant, 收货人姓名=plant, 收货地址=f"{plant} {plant} {plant} {plant}", 宝贝标题=plant, 买家留言=plant, 订单备注=plant)
        for n, plant in enumerate(PLANTS, 1)
    ]  # fmt: skip
    take_in(owner_account.actor, lists.as_csv(rows))
    shop_id = owner_account.actor.shop_id
    Member.objects.filter(shop_id=shop_id).update(name="=cmd")
    Shop.objects.filter(id=shop_id).update(sender_name="＝cmd", sender_address="@SUM(A1)")
    return list(Order.objects.filter(shop_id=shop_id).order_by("id").values_list("id", flat=True))


def rows_of(*fields: str) -> list[SimpleNamespace]:
    """A row for each plant, as the boards give them."""
    return [SimpleNamespace(**dict.fromkeys(fields, plant)) for plant in PLANTS]


def test_no_sheet_that_leaves_holds_a_formula(
    ids: list[int], owner_account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner, shop_id = owner_account.actor, owner_account.actor.shop_id
    assert {plant.strip() for plant in PLANTS} >= set(Order.objects.values_list("memo", flat=True))
    assert len(ids) >= 10  # one row is refused for what stands in it
    walk = Walk(monkeypatch)
    exports.export_orders(owner, ids, now=NOW)
    batch = batches.open_shipments(owner, order_ids=ids, now=NOW)
    for form in ("xlsx", "csv"):
        columns = [("=cmd", "receiver"), ("电话", "phone"), ("地", "address"), ("备注", "memo"), ("寄", "sender_name")]
        template = SheetTemplate(form, "address", columns, format=form)
        made = keep_template(owner, template, fields=list(papers.ADDRESS_FIELDS), now=NOW)
        papers.address_sheet(owner, batch, carrier="", now=NOW, template_id=made)
    contract = make_contract(shop_id, now=NOW)
    his = make_courier(contract).actor
    handing.hand(owner, ids[:5], contract_id=contract.id, now=NOW)
    courier.address_table(his, ids[:5], now=NOW)
    batches.fill_from_run(owner, batch, carrier="ZTO", first=waybill(1), now=NOW)
    for step in (batches.work, batches.commit, batches.work):
        step(*((owner, batch) if step is batches.commit else (shop_id, batch)), now=NOW)
    assert Parcel.objects.filter(shop_id=shop_id).exists()
    papers.upload_file(owner, batch, now=NOW)
    bad = lists.as_csv([lists.order(90 + n, 订单状态=plant, 买家会员名=plant) for n, plant in enumerate(PLANTS)])
    batches.problems_sheet(owner, take_in(owner, bad, name="=cmd.csv").id)
    metric_sheets.workbook(owner, Span(NOW.date() - timedelta(days=7), NOW.date()), "members", now=NOW)
    ledger.workbook(owner, LedgerFilter(start=NOW - timedelta(days=30), end=NOW))
    skus.sheet(rows_of(*skus.FIELDS))
    route_marks.sheet(rows_of(*route_marks.FIELDS))
    tariff_sheets.sheet(
        [SimpleNamespace(**{**dict.fromkeys(tariff_sheets.FIELDS, plant), "region": ""}) for plant in PLANTS]
    )
    urge_sheets.empty()
    assert walk.wrote == writers()
    assert {who: texts for who, texts in walk.found.items() if texts} == {}
    assert walk.planted >= writers() - WORDLESS
