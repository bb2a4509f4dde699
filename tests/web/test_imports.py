"""Importing orders in the browser: files taken or refused, the preview, writing, and an unknown sheet's columns."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client, override_settings

from fahuo.connectors.sheet.writer import write_csv
from fahuo.rules.people import Actor
from fahuo.services import batches
from fahuo.store.models import Batch, Order, OrderLine, Shop
from tests.conftest import Account

HEADER = ("订单编号", "买家会员名", "买家应付货款", "买家实际支付金额", "订单状态", "收货人姓名", "收货地址", "联系手机", "订单创建时间",
          "订单付款时间", "宝贝标题", "宝贝总数量", "商家备忘")  # fmt: skip
WAITS = "买家已付款,等待卖家发货"


def order(place: int, **changed: str) -> list[str]:
    row = {
        "订单编号": f"30019{place:013d}", "买家会员名": f"买家{place}", "买家应付货款": "59.80", "买家实际支付金额": "59.80",
        "订单状态": WAITS, "收货人姓名": "甲一方", "收货地址": "浙江省 杭州市 西湖区 花园路9号3栋501室", "联系手机": "17012345678",
        "订单创建时间": "2026-03-01 10:00:00", "订单付款时间": "2026-03-01 10:01:00", "宝贝标题": "手工陶瓷杯", "宝贝总数量": "2",
    } | changed  # fmt: skip
    return [row.get(name, "") for name in HEADER]


def sheet(*rows: list[str], header: tuple[str, ...] = HEADER, name: str = "orders.csv") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, write_csv(header, rows))


def sign_in(account: Account) -> Client:
    client = Client()
    client.force_login(account.user)
    return client


@pytest.fixture
def desk(owner_account: Account) -> Client:
    return sign_in(owner_account)


def work(actor: Actor, batch_id: int) -> Batch:
    """What the clock does."""
    batches.work(actor.shop_id, batch_id, now=datetime.now(UTC))
    return Batch.objects.get(shop_id=actor.shop_id, id=batch_id)


def take_in(client: Client, actor: Actor, *rows: list[str], **more: Any) -> str:
    """Upload a sheet and let it be checked; the address of its batch."""
    answer = client.post("/s/lan/import/", {"file": sheet(*rows, **more)})
    assert answer.status_code == 302, answer.content.decode()
    work(actor, int(answer.url.rstrip("/").rsplit("/", 1)[1]))
    return str(answer.url)


def text(answer: Any) -> str:
    return str(answer.content.decode())


@pytest.mark.usefixtures("shop")
class TestImportPage:
    def test_an_empty_shop_is_taught(self, desk: Client) -> None:
        page = text(desk.get("/s/lan/import/"))
        assert "已卖出的宝贝" in page
        assert "GB18030" in page
        assert " multiple" in page
        assert "导入过的文件会列在这里" in page

    def test_one_file_goes_on_to_its_batch(self, desk: Client, owner: Actor) -> None:
        answer = desk.post("/s/lan/import/", {"file": sheet(order(1))})
        batch = Batch.objects.get()
        assert answer.url == f"/s/lan/batches/{batch.id}/"
        assert "orders.csv" in text(desk.get("/s/lan/import/"))

    def test_several_files_are_a_batch_each(self, desk: Client) -> None:
        answer = desk.post("/s/lan/import/", {"file": [sheet(order(1), name="a.csv"), sheet(order(2), name="b.csv")]})
        assert answer.url == "/s/lan/import/?received=2"
        assert Batch.objects.count() == 2
        page = text(desk.get(answer.url))
        assert "a.csv" in page
        assert "收到 2 个文件" in page
        assert "个文件" not in text(desk.get("/s/lan/import/?received=many"))

    def test_no_file_says_so_where_it_arose(self, desk: Client) -> None:
        answer = desk.post("/s/lan/import/", {})
        assert answer.status_code == 422
        assert "没有选择文件" in text(answer)

    def test_a_name_is_taken_without_its_folders(self, desk: Client) -> None:
        desk.post("/s/lan/import/", {"file": sheet(order(1), name="..\\..\\etc\\orders.csv")})
        assert Batch.objects.get().name == "orders.csv"

    def test_two_gigabytes_are_refused_before_they_are_read(self, desk: Client) -> None:
        class Untouched:
            def read(self, *_: int) -> bytes:
                raise AssertionError("the body was read")

            readline = read

        answer = desk.generic(
            "POST", "/s/lan/import/", b"", content_type="multipart/form-data; boundary=x",
            CONTENT_LENGTH=str(2 * 2**30), **{"wsgi.input": Untouched()},
        )  # fmt: skip
        assert answer.status_code == 413
        assert "2048 MB" in text(answer)
        assert not Batch.objects.exists()

    def test_the_token_is_still_asked_for(self, owner_account: Account) -> None:
        client = Client(enforce_csrf_checks=True)
        client.force_login(owner_account.user)
        assert client.post("/s/lan/import/", {"file": sheet(order(1))}).status_code == 403

    @override_settings(UPLOAD_LIMIT=1000)
    def test_a_file_over_the_limit_is_refused(self, desk: Client) -> None:
        answer = desk.post("/s/lan/import/", {"file": SimpleUploadedFile("big.csv", b"x" * 5000)})
        assert answer.status_code == 413
        assert not Batch.objects.exists()

    def test_who_may_not_import_sees_why(self, teammate_account: Account) -> None:
        assert sign_in(teammate_account).get("/s/lan/import/").status_code == 403

    def test_a_stranger_sees_nothing(self, stranger_account: Account) -> None:
        client = sign_in(stranger_account)
        assert client.get("/s/lan/import/").status_code == 404
        assert client.post("/s/lan/import/", {"file": sheet(order(1))}).status_code == 404

    def test_samples_are_offered_by_a_demo_only(self, desk: Client, tmp_path: Path, monkeypatch: Any) -> None:
        (tmp_path / "ExportOrderList.csv").write_bytes(b"x")
        (tmp_path / "notes.txt").write_bytes(b"x")
        monkeypatch.setattr("fahuo.web.imports.SAMPLES", tmp_path)
        assert desk.get("/s/lan/import/samples/ExportOrderList.csv").status_code == 404
        with override_settings(DEMO=True):
            page = text(desk.get("/s/lan/import/"))
            assert "ExportOrderList.csv" in page
            assert "notes.txt" not in page
            answer = desk.get("/s/lan/import/samples/ExportOrderList.csv")
            assert b"".join(answer.streaming_content) == b"x"  # type: ignore[attr-defined]
            assert desk.get("/s/lan/import/samples/notes.txt").status_code == 404
            for stamp in ("202603011200", "202603021200"):
                (tmp_path / f"ExportOrderList{stamp}-2017.csv").write_bytes(b"x")
            page = text(desk.get("/s/lan/import/"))
            assert "ExportOrderList202603021200-2017.csv" in page
            assert "202603011200" not in page, "an older set is not offered"
            assert "ExportOrderList.csv" in page


@pytest.mark.usefixtures("shop")
class TestImportBatch:
    def test_progress_until_it_is_checked(self, desk: Client, owner: Actor) -> None:
        address = desk.post("/s/lan/import/", {"file": sheet(order(1))}).url
        page = text(desk.get(address))
        assert "正在检查每一行" in page
        assert 'hx-trigger="every 1s"' in page
        assert "<noscript><meta" in page
        part = desk.get(f"{address}progress/", headers={"HX-Request": "true"})
        assert 'id="progress"' in text(part)
        assert desk.get(f"{address}progress/").url == address
        work(owner, Batch.objects.get().id)
        part = desk.get(f"{address}progress/", headers={"HX-Request": "true"})
        assert part.headers["HX-Retarget"] == "#batch"
        assert "1 行可以写入" in text(part)
        assert "<html" not in text(part)

    def test_preview_shows_every_row_and_masks_people(self, desk: Client, owner: Actor) -> None:
        bad = order(2, 订单状态="飞走了", 收货人姓名="丙三方")
        address = take_in(desk, owner, order(1), bad, order(3, 联系手机="12"))
        page = text(desk.get(address))
        assert "1 行可以写入" in page
        assert "2 行有问题，不会写入" in page
        assert "飞走了" in page
        assert "不认识的订单状态" in page
        assert "甲**" in page
        assert "170******78" in page
        for secret in ("甲一方", "17012345678", "501室", "丙三方"):
            assert secret not in page
        only_bad = text(desk.get(f"{address}?verdict=bad"))
        assert "甲**" not in only_bad
        assert not Order.objects.exists()

    def test_commit_writes_and_tells(self, desk: Client, owner: Actor) -> None:
        address = take_in(desk, owner, order(1), order(2), order(3, 订单状态="?"))
        answer = desk.post(f"{address}commit/")
        assert answer.url == address
        assert "正在写入" in text(desk.get(address))
        assert work(owner, Batch.objects.get().id).status == "committed"
        page = text(desk.get(address))
        assert "已写入 2 行" in page
        assert Order.objects.count() == 2
        assert f"/s/lan/orders/{Order.objects.order_by('number')[0].id}/" in page

    def test_commit_by_script_answers_with_the_part(self, desk: Client, owner: Actor) -> None:
        address = take_in(desk, owner, order(1))
        answer = desk.post(f"{address}commit/", headers={"HX-Request": "true"})
        assert answer.status_code == 200
        assert text(answer).lstrip().startswith('<div id="batch"')
        assert "toast" in answer.headers["HX-Trigger"]
        again = desk.post(f"{address}commit/", headers={"HX-Request": "true"})
        assert again.status_code == 200

    def test_importing_again_tells_what_changes(self, desk: Client, owner: Actor) -> None:
        first = take_in(desk, owner, order(1), order(2))
        desk.post(f"{first}commit/")
        work(owner, Batch.objects.get().id)
        address = take_in(desk, owner, order(1, 商家备忘="送赠品给甲一方", 买家应付货款="61.00"), order(2))
        page = text(desk.get(address))
        assert "货款" in page
        assert "¥61.00" in page
        assert "备注有变" in page
        assert "送赠品" not in page
        assert "无变化" in page

    def test_problem_sheet_has_a_chinese_name(self, desk: Client, owner: Actor) -> None:
        address = take_in(desk, owner, order(1, 订单状态="?"), name="三月.csv")
        answer = desk.get(f"{address}problems/")
        assert answer.headers["Content-Disposition"].startswith("attachment; filename*=utf-8''%E4%B8%89")
        assert answer.content[:2] == b"PK"

    def test_close_and_reopen(self, desk: Client, owner: Actor) -> None:
        address = take_in(desk, owner, order(1))
        desk.post(f"{address}close/")
        page = text(desk.get(address))
        assert "批次已关闭" in page
        assert "重新打开" in page
        desk.post(f"{address}reopen/")
        assert "1 行可以写入" in text(desk.get(address))

    def test_what_cannot_be_done_is_said_on_the_batch(self, desk: Client, owner: Actor) -> None:
        address = take_in(desk, owner, order(1))
        answer = desk.post(f"{address}undo/")
        assert answer.status_code == 422
        assert "导入的批次没有这一步" in text(answer)
        assert desk.post(f"{address}numbers/", {}).status_code == 404

    def test_a_refused_file_says_one_thing_and_what_to_do(self, desk: Client, owner: Actor) -> None:
        answer = desk.post("/s/lan/import/", {"file": SimpleUploadedFile("a.xlsx", b"MZ\x90\x00" + b"\0" * 600)})
        work(owner, Batch.objects.get().id)
        page = text(desk.get(answer.url))
        assert "这份表格没有被采用" in page
        assert "换一份文件" in page
        assert "每一列是什么" not in page

    def test_a_batch_that_is_not_ours_is_not_there(
        self, desk: Client, owner: Actor, stranger_account: Account, other_shop: Shop
    ) -> None:
        address = take_in(desk, owner, order(1))
        batch_id = Batch.objects.get().id
        stranger = sign_in(stranger_account)
        assert stranger.get(address).status_code == 404
        theirs = f"/s/{other_shop.code}/batches/{batch_id}/"
        assert stranger.get(theirs).status_code == 404
        assert stranger.post(f"{theirs}commit/").status_code == 404
        assert stranger.get(f"{theirs}problems/").status_code == 404

    def test_a_teammate_may_look_and_not_touch(self, desk: Client, owner: Actor, teammate_account: Account) -> None:
        address = take_in(desk, owner, order(1), order(2, 订单状态="?"))
        client = sign_in(teammate_account)
        page = text(client.get(address))
        assert "写入 1 行" not in page
        assert client.post(f"{address}commit/").status_code == 403
        assert client.get(f"{address}problems/").status_code == 403
        assert Batch.objects.get().status == "checked"

    def test_pages_of_a_long_batch(self, desk: Client, owner: Actor) -> None:
        address = take_in(desk, owner, *(order(place) for place in range(1, 131)))
        page = text(desk.get(address))
        assert page.count("<tr data-row=") == 100
        assert "cursor=n101" in page
        assert text(desk.get(f"{address}?cursor=n101")).count("<tr data-row=") == 30
        assert text(desk.get(f"{address}?cursor=nonsense")).count("<tr data-row=") == 100


@pytest.mark.usefixtures("shop")
class TestColumns:
    HEADER = ("单据", "买家昵称", "状态说明", "收件人", "收件地址", "手机", "付款时间", "商品")

    def row(self) -> list[str]:
        return [
            "30019000000000001",
            "买家1",
            WAITS,
            "甲一方",
            "浙江省杭州市西湖区花园路9号",
            "17012345678",
            "2026-03-01 10:01:00",
            "杯",
        ]

    def test_an_unknown_sheet_is_explained_once(self, desk: Client, owner: Actor) -> None:
        address = take_in(desk, owner, self.row(), header=self.HEADER)
        page = text(desk.get(address))
        assert "每一列是什么" in page
        assert "17012345678" not in page
        chosen = {"column-0": "number", "column-2": "status", "column-3": "receiver", "column-4": "address",
                  "column-5": "phone", "column-6": "paid_at", "column-7": "title"}  # fmt: skip
        answer = desk.post(f"{address}columns/", chosen)
        assert answer.url == address
        assert work(owner, Batch.objects.get().id).status == "checked"
        assert "1 行可以写入" in text(desk.get(address))
        again = take_in(desk, owner, self.row(), header=self.HEADER)
        assert "1 行可以写入" in text(desk.get(again))

    def test_values_help_to_tell_the_columns_and_nobody_is_named(self, desk: Client, owner: Actor) -> None:
        page = text(desk.get(take_in(desk, owner, self.row(), header=self.HEADER)))
        for shown in (
            "30019000000000001",
            "买家1",
            "甲**",
            "170******78",
            "浙江省杭州市西湖区花园路***",
            "2026-03-01 10:01:00",
        ):
            assert shown in page
        for hidden in ("甲一方", "17012345678", "9号"):
            assert hidden not in page
        options = str(Batch.objects.get().options)
        assert "甲一方" not in options
        assert "17012345678" not in options

    def test_an_unknown_line_list_is_explained_too(self, desk: Client, owner: Actor) -> None:
        first = take_in(desk, owner, order(1))
        desk.post(f"{first}commit/")
        work(owner, Batch.objects.get().id)
        header = ("哪一单", "内部号", "啥", "款式", "几个")
        row = [order(1)[0], "77001", "手工杯", "红色", "3"]
        address = take_in(desk, owner, row, header=header)
        assert "一行是订单里的一件宝贝" in text(desk.get(address))
        page = text(desk.get(f"{address}?sheet=lines"))
        assert 'name="sheet" value="lines"' in page
        assert '<option value="sku"' in page
        chosen = {"sheet": "lines", "column-0": "order_number", "column-2": "title", "column-3": "sku",
                  "column-4": "quantity"}  # fmt: skip
        wrong = desk.post(f"{address}columns/", {"sheet": "lines", "column-2": "title"}, headers={"HX-Request": "true"})
        assert wrong.status_code == 422
        assert 'name="sheet" value="lines"' in text(wrong)
        assert desk.post(f"{address}columns/", chosen).url == address
        batch = Batch.objects.latest("id")
        assert work(owner, batch.id).status == "checked"
        desk.post(f"{address}commit/")
        work(owner, batch.id)
        line = OrderLine.objects.get(shop_id=owner.shop_id)
        assert (line.title, line.sku, line.quantity) == ("手工杯", "红色", 3)
        again = take_in(desk, owner, row, header=header)
        assert Batch.objects.latest("id").status == "checked", again

    def test_best_guesses_are_chosen_already(self, desk: Client, owner: Actor) -> None:
        address = take_in(desk, owner, self.row(), header=self.HEADER)
        page = text(desk.get(address))
        for field in ("receiver", "address", "phone", "paid_at", "buyer"):
            assert f'<option value="{field}" selected>' in page

    def test_missing_columns_keep_what_was_chosen(self, desk: Client, owner: Actor) -> None:
        address = take_in(desk, owner, self.row(), header=self.HEADER)
        answer = desk.post(f"{address}columns/", {"column-7": "memo"}, headers={"HX-Request": "true"})
        assert answer.status_code == 422
        assert "缺少必需的列" in text(answer)
        assert '<option value="memo" selected>' in text(answer)
        assert Batch.objects.get().status == "refused"

    def test_english(self, desk: Client, owner: Actor) -> None:
        address = take_in(desk, owner, self.row(), header=self.HEADER)
        desk.cookies["fahuo_language"] = "en"
        assert "Order number" in text(desk.get(address))
