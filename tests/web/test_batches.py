"""Shipping by batch in the browser: the list, each step of the one screen, its acts and what they refuse."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import PurePosixPath
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from fahuo.connectors.sheet.reader import open_sheet
from fahuo.connectors.sheet.writer import write_csv
from fahuo.rules.people import Actor
from fahuo.services import batches, parcels
from fahuo.store.models import Batch, Order, Parcel, Shop
from tests.conftest import Account, make_account
from tests.web.test_imports import HEADER, order, sign_in, text, work

HTMX = {"HX-Request": "true"}


@pytest.fixture
def desk(owner_account: Account) -> Client:
    return sign_in(owner_account)


@pytest.fixture
def orders(owner: Actor) -> list[Order]:
    """Five orders that wait, each of another receiver."""
    now = datetime.now(UTC)
    paid = (now - timedelta(hours=3)).astimezone().strftime("%Y-%m-%d %H:%M:%S")
    rows = [
        order(place, 收货人姓名=f"甲{place}方", 联系手机=f"1701234567{place}", 订单创建时间=paid, 订单付款时间=paid)
        for place in range(1, 6)
    ]
    batch_id = batches.open_import(owner, name="a.csv", body=write_csv(HEADER, rows), now=now)
    batches.work(owner.shop_id, batch_id, now=now)
    batches.commit(owner, batch_id, now=now)
    batches.work(owner.shop_id, batch_id, now=now)
    return list(Order.objects.filter(shop_id=owner.shop_id).order_by("number"))


@pytest.fixture
def batch(owner: Actor, orders: list[Order]) -> str:
    """The address of a batch of the five orders."""
    batch_id = batches.open_shipments(owner, order_ids=[found.id for found in orders], now=datetime.now(UTC))
    return f"/s/lan/batches/{batch_id}/"


def number_of(address: str) -> int:
    return int(PurePosixPath(address).name)


def filled(client: Client, owner: Actor, address: str, first: str = "75300000000001") -> None:
    """Numbers by a run, checked."""
    answer = client.post(f"{address}run/", {"carrier": "ZTO", "first": first})
    assert answer.status_code == 302, text(answer)
    work(owner, number_of(address))


def shipped(client: Client, owner: Actor, address: str) -> None:
    filled(client, owner, address)
    client.post(f"{address}commit/")
    work(owner, number_of(address))


def returned(
    rows: Sequence[Sequence[str]], header: Sequence[str] = ("订单编号", "快递公司", "运单号")
) -> SimpleUploadedFile:
    return SimpleUploadedFile("回单.csv", write_csv(header, rows))


@pytest.mark.usefixtures("shop")
class TestList:
    def test_empty_teaches_both_ways_in(self, desk: Client) -> None:
        page = text(desk.get("/s/lan/batches/"))
        assert "还没有批量发货" in page
        assert "选择订单" in page
        assert "已经有单号表格" in page
        assert "还没有导入过订单" in text(desk.get("/s/lan/batches/?kind=orders"))

    def test_unfinished_first(self, desk: Client, owner: Actor, batch: str, orders: list[Order]) -> None:
        later = batches.open_shipments(owner, order_ids=[orders[0].id], now=datetime.now(UTC))
        batches.close(owner, later, now=datetime.now(UTC))
        page = text(desk.get("/s/lan/batches/"))
        assert page.index("还没做完") < page.index(batch) < page.index("做完的") < page.index(f"/batches/{later}/")
        assert "owner" in page

    def test_a_sheet_opens_a_batch(self, desk: Client, owner: Actor, orders: list[Order]) -> None:
        sheet = returned([[orders[0].number, "中通快递", "75300000000001"], [orders[1].number, "", "75300000000002"]])
        answer = desk.post("/s/lan/batches/new/", {"file": sheet, "carrier": "ZTO"})
        work(owner, number_of(answer.url))
        assert "2 单可以发货" in text(desk.get(answer.url))

    def test_an_unknown_sheet_of_numbers_is_explained_once(
        self, desk: Client, owner: Actor, orders: list[Order]
    ) -> None:
        header = ("什么", "谁送", "哪个")
        for place, said in ((0, "每一列是什么"), (1, "1 单可以发货")):
            row = [orders[place].number, "中通快递", f"7530000000000{place}"]
            answer = desk.post("/s/lan/batches/new/", {"file": returned([row], header)})
            work(owner, number_of(answer.url))
            page = text(desk.get(answer.url))
            assert said in page
            if place:
                break
            assert f"<small>{orders[0].number}</small>" in page
            assert "<small>中通快递</small>" in page
            assert '<option value="waybill"' in page
            assert '<option value="receiver"' not in page
            chosen = {"column-0": "number", "column-1": "carrier", "column-2": "waybill"}
            assert desk.post(f"{answer.url}columns/", chosen).status_code == 302
            work(owner, number_of(answer.url))
            assert "1 单可以发货" in text(desk.get(answer.url))

    def test_a_sheet_that_is_missing_keeps_the_carrier(self, desk: Client) -> None:
        answer = desk.post("/s/lan/batches/new/", {"carrier": "YTO"})
        assert answer.status_code == 422
        assert "没有选择文件" in text(answer)
        assert '<option value="YTO" selected>' in text(answer)
        assert desk.get("/s/lan/batches/new/").url == "/s/lan/batches/"

    def test_too_large_a_sheet(self, desk: Client, batch: str) -> None:
        for address in ("/s/lan/batches/new/", f"{batch}numbers/"):
            answer = desk.generic("POST", address, b"", content_type="multipart/form-data; boundary=x",
                                  CONTENT_LENGTH=str(2**31))  # fmt: skip
            assert answer.status_code in {413, 422}
            assert "2048 MB" in text(answer)


@pytest.mark.usefixtures("shop")
class TestSteps:
    def test_it_leads(self, desk: Client, batch: str) -> None:
        page = text(desk.get(batch))
        assert "5 单等着填单号" in page
        assert "导出地址表给快递" in page
        assert "填回单号" in page
        assert page.count("<tr data-row=") == 5
        assert "甲**" in page
        assert "甲1方" not in page

    def test_addresses_for_a_carrier(self, desk: Client, owner: Actor, batch: str) -> None:
        answer = desk.post(f"{batch}addresses/", {"carrier": "ZTO"})
        assert answer.status_code == 200, text(answer)
        assert "filename*=utf-8''" in answer.headers["Content-Disposition"]
        rows = list(open_sheet("a.xlsx", answer.content).rows())
        assert len(rows) == 5
        assert any("甲1方" in cell for cell in rows[0].cells)

    def test_split_by_carrier(self, desk: Client, batch: str) -> None:
        answer = desk.post(f"{batch}carrier/", {"carrier": "YTO", "from": "1", "to": "2"}, headers=HTMX)
        assert answer.status_code == 200
        page = text(answer)
        assert "圆通" in page
        assert "2 单" in page
        assert "3 单" in page
        sheet = desk.post(f"{batch}addresses/", {"carrier": "YTO"})
        assert len(list(open_sheet("a.xlsx", sheet.content).rows())) == 2
        backwards = desk.post(f"{batch}carrier/", {"carrier": "YTO", "from": "5", "to": "2"})
        assert backwards.status_code == 422
        assert "行号范围不对" in text(backwards)
        assert 'value="5"' in text(backwards)

    def test_addresses_for_nobody_are_refused_where_it_arose(self, desk: Client, batch: str) -> None:
        answer = desk.post(f"{batch}addresses/", {"carrier": "鸽子"})
        assert answer.status_code == 422
        assert "不认识的快递公司" in text(answer)
        assert '<details class="step is-now" open>' in text(answer)

    def test_addresses_need_the_permission(self, shop: Shop, batch: str) -> None:
        client = sign_in(make_account(shop, "packer", permissions=("ship",)))
        page = text(client.get(batch))
        assert "导出地址表需要" in page
        assert client.post(f"{batch}addresses/", {"carrier": "ZTO"}).status_code == 403

    def test_a_run_is_shown_while_it_is_typed(self, desk: Client, batch: str) -> None:
        typed = {"carrier": "ZTO", "first": "75300000000001", "last": ""}
        part = text(desk.get(f"{batch}run/", typed, headers=HTMX))
        assert "中通" in part
        assert "5 个" in part
        assert "75300000000001 … 75300000000005" in part
        short = text(desk.get(f"{batch}run/", typed | {"last": "75300000000003"}, headers=HTMX))
        assert "只有3个单号" in short
        assert "没有这种单号" in text(desk.get(f"{batch}run/", typed | {"first": "12"}, headers=HTMX))
        assert "这里会显示整段" in text(desk.get(f"{batch}run/", {"carrier": "ZTO", "first": ""}, headers=HTMX))
        assert desk.get(f"{batch}run/").url == batch

    def test_a_refused_run_keeps_what_was_typed(self, desk: Client, batch: str) -> None:
        typed = {"carrier": "ZTO", "first": "75300000000001", "last": "75300000000003"}
        for headers in ({}, HTMX):
            answer = desk.post(f"{batch}run/", typed, headers=headers)
            assert answer.status_code == 422
            assert "只有3个单号" in text(answer)
            assert 'value="75300000000001"' in text(answer)
            assert '<option value="ZTO" selected>' in text(answer)
        assert desk.post(f"{batch}run/", {"carrier": "ZTO", "first": " "}).status_code == 422

    def test_numbers_by_a_run_then_shipped(self, desk: Client, owner: Actor, batch: str) -> None:
        filled(desk, owner, batch)
        page = text(desk.get(batch))
        assert "5 单可以发货" in page
        assert "75300000000005" in page
        desk.post(f"{batch}commit/")
        assert "正在发货" in text(desk.get(batch))
        work(owner, number_of(batch))
        page = text(desk.get(batch))
        assert "已发货 5 单" in page
        assert "下载上传文件" in page
        assert set(Order.objects.values_list("status", flat=True)) == {"shipped"}

    def test_numbers_by_sheet_with_problems(self, desk: Client, owner: Actor, batch: str, orders: list[Order]) -> None:
        rows = [[orders[0].number, "中通快递", "75300000000001"], [orders[1].number, "顺丰速运", "75300000000002"],
                ["999999", "中通快递", "75300000000003"]]  # fmt: skip
        answer = desk.post(f"{batch}numbers/", {"file": returned(rows), "carrier": ""})
        assert answer.url == batch
        work(owner, number_of(batch))
        page = text(desk.get(batch))
        assert "1 单可以发货" in page
        assert "3 行没填单号，先不发" in page
        assert "这个单号像是" in page
        assert "中通" in text(desk.get(f"{batch}?verdict=bad"))
        assert "2 行有问题，不会发" in page
        assert desk.get(f"{batch}problems/").content[:2] == b"PK"

    def test_no_sheet(self, desk: Client, batch: str) -> None:
        answer = desk.post(f"{batch}numbers/", {"carrier": "YTO"})
        assert answer.status_code == 422
        assert "没有选择文件" in text(answer)

    def test_an_unknown_sheet_is_explained(self, desk: Client, owner: Actor, orders: list[Order]) -> None:
        sheet = returned([[orders[0].number, "75300000000001"]], header=("单据", "面单"))
        answer = desk.post("/s/lan/batches/new/", {"file": sheet, "carrier": "ZTO"})
        work(owner, number_of(answer.url))
        page = text(desk.get(answer.url))
        assert "每一列是什么" in page
        desk.post(f"{answer.url}columns/", {"column-0": "number", "column-1": "waybill"})
        work(owner, number_of(answer.url))
        assert "1 单可以发货" in text(desk.get(answer.url))

    def test_columns_explained_for_a_batch_keep_its_rows(
        self, desk: Client, owner: Actor, batch: str, orders: list[Order]
    ) -> None:
        sheet = returned([[orders[0].number, "75300000000001"]], header=("单据", "面单"))
        desk.post(f"{batch}numbers/", {"file": sheet, "carrier": "ZTO"})
        work(owner, number_of(batch))
        assert "每一列是什么" in text(desk.get(batch))
        desk.post(f"{batch}columns/", {"column-0": "number", "column-1": "waybill"})
        work(owner, number_of(batch))
        page = text(desk.get(batch))
        assert "1 单可以发货" in page
        assert page.count("<tr data-row=") == 5

    def test_a_sheet_nobody_can_read_leaves_the_rows(self, desk: Client, owner: Actor, batch: str) -> None:
        desk.post(f"{batch}numbers/", {"file": SimpleUploadedFile("a.xlsx", b"MZ\x90\x00" + b"\0" * 600)})
        work(owner, number_of(batch))
        page = text(desk.get(batch))
        assert "这份表格没有被采用" in page
        assert page.count("<tr data-row=") == 5
        filled(desk, owner, batch)
        assert "5 单可以发货" in text(desk.get(batch))

    def test_an_import_has_no_such_steps(self, desk: Client, orders: list[Order]) -> None:
        address = f"/s/lan/batches/{Batch.objects.get(kind='orders').id}/"
        for step in ("addresses", "carrier", "numbers", "run", "upload-file"):
            assert desk.post(f"{address}{step}/", {"carrier": "ZTO", "first": "1"}).status_code == 404


@pytest.mark.usefixtures("shop")
class TestAfterwards:
    def test_upload_file(self, desk: Client, owner: Actor, batch: str, orders: list[Order]) -> None:
        shipped(desk, owner, batch)
        answer = desk.post(f"{batch}upload-file/")
        assert answer.status_code == 200
        name = "a.xlsx" if answer.content[:2] == b"PK" else "a.csv"
        rows = [row.cells for row in open_sheet(name, answer.content).rows()]
        assert [orders[0].number, "中通快递", "75300000000001"] in rows

    def test_undo_asks_first_and_takes_everything_back(self, desk: Client, owner: Actor, batch: str) -> None:
        shipped(desk, owner, batch)
        page = text(desk.get(batch))
        assert "撤销这一批发货？" in page
        assert "5 单会回到待发货" in page
        answer = desk.post(f"{batch}undo/", follow=True)
        assert "已撤销" in text(answer)
        assert set(Order.objects.values_list("status", flat=True)) == {"awaiting_shipment"}

    def test_after_handing_over_there_is_no_undo(self, desk: Client, owner: Actor, batch: str) -> None:
        shipped(desk, owner, batch)
        desk.post(f"{batch}hand-over/")
        page = text(desk.get(batch))
        assert "已交接给快递" in page
        assert "ask-undo" not in page
        answer = desk.post(f"{batch}undo/")
        assert answer.status_code == 422
        assert "不能再撤销" in text(answer)
        assert desk.post(f"{batch}hand-over/").status_code == 302

    def test_scanned_parcels_stop_the_undo(self, desk: Client, owner: Actor, batch: str) -> None:
        shipped(desk, owner, batch)
        Parcel.objects.filter(waybill="75300000000003").update(picked_up_at=datetime.now(UTC))
        answer = desk.post(f"{batch}undo/")
        assert answer.status_code == 422
        assert "已经被快递扫描" in text(answer)

    def test_twice_is_harmless_and_says_so(
        self, desk: Client, owner: Actor, batch: str, orders: list[Order]
    ) -> None:  # fmt: skip
        shipped(desk, owner, batch)
        assert desk.post(f"{batch}commit/").status_code == 302
        sheet = returned([[found.number, "中通快递", f"7530000000000{n}"] for n, found in enumerate(orders, start=1)])
        answer = desk.post("/s/lan/batches/new/", {"file": sheet})
        work(owner, number_of(answer.url))
        page = text(desk.get(answer.url))
        assert "没有可以发货的行" in page
        assert "5 行早就这样发过了，不会再发一次" in page
        assert Parcel.objects.count() == 5

    def test_close_and_reopen(self, desk: Client, owner: Actor, batch: str) -> None:
        shipped(desk, owner, batch)
        desk.post(f"{batch}close/")
        assert "批次已关闭" in text(desk.get(batch))
        desk.post(f"{batch}reopen/")
        page = text(desk.get(batch))
        assert "批次已关闭" not in page

    def test_who_may_not_ship_only_looks(
        self, desk: Client, owner: Actor, batch: str, teammate_account: Account
    ) -> None:
        client = sign_in(teammate_account)
        page = text(client.get(batch))
        assert "5 单等着填单号" in page
        assert "填回单号" not in page
        for step in ("commit", "close", "undo", "hand-over", "run", "numbers", "carrier", "upload-file", "addresses"):
            assert client.post(f"{batch}{step}/", {"carrier": "ZTO", "first": "75300000000001"}).status_code == 403, (
                step
            )

    def test_a_stranger_finds_nothing(self, batch: str, stranger_account: Account) -> None:
        client = sign_in(stranger_account)
        assert client.get("/s/lan/batches/").status_code == 404
        theirs = batch.replace("/lan/", "/zhu/")
        assert client.get(theirs).status_code == 404
        for step in ("commit", "close", "undo", "hand-over", "run", "numbers", "carrier", "upload-file", "addresses"):
            answer = client.post(f"{theirs}{step}/", {"carrier": "ZTO", "first": "75300000000001"})
            assert answer.status_code == 404, step

    def test_one_query_does_not_grow_with_the_rows(
        self, desk: Client, owner: Actor, batch: str, orders: list[Order], django_assert_max_num_queries: Any
    ) -> None:
        with django_assert_max_num_queries(20):
            desk.get(batch)

    def test_an_order_shipped_meanwhile_is_told(
        self, desk: Client, owner: Actor, batch: str, orders: list[Order]
    ) -> None:  # fmt: skip
        filled(desk, owner, batch)
        parcels.ship(
            owner, order_ids=[orders[0].id], carrier="ZTO", waybill="75399999999999", now=datetime.now(UTC)
        )  # fmt: skip
        desk.post(f"{batch}commit/")
        work(owner, number_of(batch))
        page = text(desk.get(batch))
        assert "已发货 4 单" in page
        assert "75399999999999" in page
