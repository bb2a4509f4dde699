"""Sheets, all the way: posted to their page, read by the clock, their columns explained, their good rows written.

`Texts` sends CSV and TSV, which the clock reads by itself; `Workbooks` sends xlsx and xls, each read in a limited process of
its own as the product reads them, which costs a tenth of a second: hence its smaller share.
"""

import csv
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from random import Random
from typing import Any, Final

import xlwt
from django.core.files.uploadedfile import SimpleUploadedFile

from fahuo.connectors.sheet.writer import write_xlsx
from fahuo.rules.sheets import COLUMNS
from fahuo.samples import exports
from fahuo.samples.draw import orders
from fahuo.samples.faults import CELL_FAULTS, FILE_FAULTS
from fahuo.services import batches
from fahuo.store.models import Batch
from tests.fuzz.house import World
from tests.fuzz.judging import Answer
from tests.fuzz.spoil import ENCODINGS, any_text, plain, spoil_bytes, spoil_grid, spoil_text
from tests.fuzz.zips import spoil_zip
from tests.services.shipping import order_number, waybill

AT: Final = datetime(2026, 11, 20, 4, tzinfo=UTC)
TABLES: Final = frozenset({"batches", "batch_rows", "uploads", "column_maps", "sessions", "batch_events"})
"""What a sheet may move before anybody let its good rows be written."""
KNOWN: Final = (
    "买家已付款，等待卖家发货", "等待买家付款", "交易成功", "卖家已发货，等待买家确认", "退款成功", "中通快递", "顺丰速运", "330106", "浙江省", "2026-11-27 09:00:00",
    "2026-03-02", "1000", "0.5", "3.20", "到", "不到", order_number(1), order_number(301), waybill(8101), "75330000000901", "C1", "13812345678",
)  # fmt: skip


@dataclass(slots=True)
class Base:
    """A good sheet: where it goes, what else the form says, its header and rows."""

    kind: str
    address: str
    form: Mapping[str, str]
    header: Sequence[str]
    rows: Sequence[Sequence[str]]


@dataclass(slots=True)
class Sheet:
    kind: str
    address: str
    form: dict[str, str]
    name: str
    body: bytes
    columns: tuple[str, ...]
    """Fields that are chosen for the columns of a sheet that nobody knows, by their place."""


@lru_cache
def _exports() -> tuple[tuple[Sequence[str], list[list[str]]], ...]:
    drafts = list(orders(12, 7, AT))
    lines = [exports.line_row(exports.LINES_2022, order, line) for order in drafts for line in order.lines]
    return (
        (exports.ORDERS_2022, [exports.order_row(exports.ORDERS_2022, order) for order in drafts]),
        (exports.ORDERS_2019, [exports.order_row(exports.ORDERS_2019, order) for order in drafts]),
        (exports.LINES_2022, lines),
    )


def bases(world: World) -> list[Base]:
    """A good sheet of every kind."""
    api = world["api"]
    numbers = [[order_number(n), waybill(8100 + n)] for n in (1, 3, 4, 21, 22, 23)]
    shop = "/s/lan/"
    return [
        *(Base("orders", f"{shop}import/", {}, header, rows) for header, rows in _exports()),
        Base("shipments", f"{shop}batches/new/", {"carrier": "ZTO"}, ("订单编号", "运单号"), numbers),
        Base("shipments", f"{shop}batches/new/", {}, exports.SHIPMENTS, [[row[0], "甲一", "中通快递", row[1]] for row in numbers]),
        Base("fill", f"{shop}batches/{api['waiting']}/numbers/", {"carrier": "ZTO"}, ("订单编号", "运单号"), [[order_number(10), waybill(8110)]]),
        Base("urges", f"{shop}urges/sheet/", {}, ("订单编号", "催促时间", "平台截止时间"), [[row[0], "2026-11-27 09:00:00", "2026-11-29 09:00:00"] for row in numbers]),
        Base("numbers", f"{shop}contracts/{api['contract']}/stock/buy/", {"kind": "list", "price": "0.8"}, ("运单号",), [[waybill(8200 + n)] for n in range(6)]),
        Base("skus", f"{shop}skus/sheet/", {}, ("商家编码", "商品名称", "条码", "货位", "重量(克)"), [[f"C{n}", f"杯{n}", f"690000000000{n}", "A-1", "350"] for n in range(6)]),
        Base("route_marks", f"{shop}route-marks/sheet/", {"carrier": "ZTO"}, ("地区", "大头笔", "三段码", "集包地", "集包地编码"), [["浙江省", "浙", "300-1", "杭州", "571"], ["330106", "杭", "", "", ""]]),
        Base("tariffs", f"{shop}contracts/{api['contract']}/tariffs/sheet/", {}, ("寄到", "到不到", "首重(克)", "首重运费(元)", "续重每(克)", "续重运费(元)"), [["浙江省", "到", "1000", "3.20", "1000", "1.00"], ["", "到", "1000", "8", "500", "2"], ["西藏", "不到", "", "", "", ""]]),
        Base("courier", "/c/lan/sheet/", {}, ("订单编号", "运单号"), [[order_number(21), waybill(8121)], [order_number(1), waybill(8122)]]),
    ]  # fmt: skip


class Texts:
    name, world, share = "csv", "machines", 40
    writes: Final = {
        "uploads": "the file that was refused is kept, so that its columns can be explained",
        "batches": "its batch says why it was refused",
        "sessions": "as at the forms",
    }

    def make(self, chance: Random, world: World) -> Sheet:
        base = chance.choice(bases(world))
        grid = [list(base.header), *map(list, base.rows)]
        for _ in range(chance.choice((0, 1, 1, 2))):
            grid = spoil_grid(chance, grid[0], grid[1:]) if len(grid) > 1 and grid[0] else grid
        if chance.random() < 0.3 and len(grid) > 1:
            row = chance.choice(grid[1:])
            if row:
                row[chance.randrange(len(row))] = chance.choice((*KNOWN, *(fault.text for fault in CELL_FAULTS)))
        if chance.random() < 0.12:  # a header nobody knows
            grid[0] = [f"{heading}?" for heading in grid[0]]
        form = dict(base.form)
        if form and chance.random() < 0.1:
            name = chance.choice(sorted(form))
            form[name] = spoil_text(chance, form[name])
        name = (
            plain(chance.choice(("a.csv", "a.xlsx", "../../a", any_text(chance)[:120])).replace("\0", "").strip())
            or "a"
        )
        body = self._body(chance, grid)
        known = COLUMNS["shipments" if base.kind == "fill" else base.kind if base.kind in COLUMNS else "orders"]
        columns = tuple(chance.choice((*known, "", any_text(chance)[:40])) for _ in grid[0][:80])
        return Sheet(base.kind, base.address, form, name, body, columns)

    def _body(self, chance: Random, grid: list[list[str]]) -> bytes:
        text = io.StringIO()
        csv.writer(text, delimiter=chance.choice((",", ",", "\t", ";"))).writerows(grid)
        body = text.getvalue().encode(chance.choice((*("utf-8-sig", "gb18030") * 6, *ENCODINGS)), "replace")
        if chance.random() < 0.02:
            return chance.choice(FILE_FAULTS).make([row[:] for row in ([list(_exports()[0][0]), *_exports()[0][1]])])
        return spoil_bytes(chance, body) if chance.random() < 0.2 else body

    def send(self, given: Sheet, world: World) -> Answer:
        return Way(given, world).walk()


class Workbooks(Texts):
    name, share = "workbooks", 10

    def _body(self, chance: Random, grid: list[list[str]]) -> bytes:
        if chance.random() < 0.3:
            body = _old(grid)
            return spoil_bytes(chance, body) if chance.random() < 0.6 else body
        width = max(map(len, grid))
        body = write_xlsx([*grid[0], *map(str, range(width - len(grid[0])))], grid[1:])
        kind = chance.random()
        if kind < 0.15:
            return spoil_bytes(chance, body)
        return spoil_zip(chance, body) if kind < 0.7 else body


def _old(grid: list[list[str]]) -> bytes:
    book = xlwt.Workbook(encoding="utf-8")
    sheet = book.add_sheet("a")
    for r, row in enumerate(grid[:60_000]):
        for c, text in enumerate(row[:250]):
            sheet.write(r, c, text.encode("utf-8", "replace").decode()[:32_000])
    body = io.BytesIO()
    book.save(body)
    return body.getvalue()


class Way:
    """One sheet on its way; what must not be is noted at each station."""

    def __init__(self, given: Sheet, world: World) -> None:
        self.given, self.world = given, world
        self.client = world["courier" if given.kind == "courier" else "owner"]
        self.answer = Answer(200, refused=False, shops=frozenset({world["shop"].id}), moved={})
        self.seen: dict[Any, int] = {}

    def walk(self) -> Answer:
        given = self.given
        form: dict[str, Any] = {name: plain(text) for name, text in given.form.items()}
        said = self._post(given.address, {**form, "file": SimpleUploadedFile(given.name, given.body)})
        self.answer.status, self.answer.refused, self.answer.said = (
            said.status_code,
            said.status_code >= 400,
            said.content.decode()[-200:],
        )
        if given.kind == "courier":
            self._write_courier(said)
        found = re.search(r"/batches/(\d+)/", said.headers.get("Location", ""))
        if found:
            self._batch(int(found[1]))
        self.answer.moved = self.seen
        return self.answer

    def _post(self, address: str, form: Mapping[str, Any]) -> Any:
        said = self.client.post(address, form)
        if said.status_code >= 500:
            self.answer.wrong.append(f"{address} answered {said.status_code}")
        return said

    def _moved(self, station: str, allowed: frozenset[str] | None) -> None:
        moves = self.world["house"].take()
        astray = sorted({each.table for each in moves} - allowed) if allowed is not None else []
        if astray:
            self.answer.wrong.append(f"{station}: rows moved in {', '.join(astray)}")
        self.seen |= moves

    def _batch(self, batch_id: int) -> None:
        before = TABLES | {"backlog"} if self.given.kind in ("fill", "shipments") else TABLES
        self._moved("posted", before)
        self._work("read", before)
        batch = self._find(batch_id)
        if batch.status == "refused" and (batch.options or {}).get("header"):
            columns = {f"column-{place}": plain(field) for place, field in enumerate(self.given.columns)}
            self._post(f"/s/lan/batches/{batch_id}/columns/", columns)
            self._moved("columns explained", before)
            self._work("read again", before)
            batch = self._find(batch_id)
        page = self.client.get(f"/s/lan/batches/{batch_id}/")
        if page.status_code != 200:
            self.answer.wrong.append(f"the batch's page answered {page.status_code}")
        if batch.status == "refused":
            self._refused(batch)
            return
        self._post(f"/s/lan/batches/{batch_id}/problems/", {})
        self._post(f"/s/lan/batches/{batch_id}/commit/", {})
        self._moved("let be written", before)
        self._work("written", None)
        status = self._find(batch_id).status
        if status not in ("committed", "checked", "open"):
            self.answer.wrong.append(f"a batch that was {batch.status} and let be written is {status}")

    def _refused(self, batch: Any) -> None:
        self.answer.refused = True
        self.answer.said = str(batch.problem)[:200]
        rows = self.world["house"].line.execute(
            "SELECT count(*) FROM batch_rows WHERE shop_id = %s AND batch_id = %s", (batch.shop_id, batch.id)
        )
        if batch.kind != "shipments" and rows.fetchone() != (0,):
            self.answer.wrong.append("a refused sheet left rows behind")

    def _work(self, station: str, allowed: frozenset[str] | None) -> None:
        """What the clock does with it."""
        batches.work_waiting(now=datetime.now(UTC))
        self._moved(station, allowed)
        if Batch.objects.filter(shop_id=self.world["shop"].id, status__in=("received", "committing")).exists():
            self.answer.wrong.append(f"{station}: a batch still waits for the clock")

    def _find(self, batch_id: int) -> Any:
        return Batch.objects.get(shop_id=self.world["shop"].id, id=batch_id)

    def _write_courier(self, said: Any) -> None:
        """The courier lets the rows be written that were shown as good."""
        self._moved("looked at", TABLES)
        pairs = re.findall(r'name="pair" value="([^"]*)"', said.content.decode())
        if pairs:
            self._post(self.given.address, {"write": "1", "pair": pairs})
