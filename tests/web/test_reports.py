"""延迟发货报备 in the browser's language: preview, send with files, withdraw, read the verdict."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from fahuo.rules.people import PlatformActor
from fahuo.services import reports
from fahuo.store.models import DelayReport, Order, Shop
from tests.conftest import Account
from tests.services.shipping import make_order, order_number
from tests.web.pages import sign_in, text_of

HERE = "/s/lan/reports/"
PDF = SimpleUploadedFile("停运公告.pdf", b"%PDF-1.4 notice")


@pytest.fixture
def now() -> datetime:
    """The pages live now."""
    return datetime.now(UTC)


@pytest.fixture
def client(owner_account: Account) -> Client:
    return sign_in(owner_account)


def typed(now: datetime, **changes: str) -> dict[str, str]:
    form = {
        "step": "preview", "timing": "urgent", "scope": "orders", "numbers": f"{order_number(1)}，{order_number(2)}\n9999",
        "until": f"{now + timedelta(days=6):%Y-%m-%dT%H:%M}", "name": "快递停运",
    }  # fmt: skip
    return form | changes


def test_what_it_would_move_is_shown_before_it_is_sent(client: Client, shop: Shop, now: datetime) -> None:
    ids = [make_order(shop.id, n, now=now) for n in (1, 2, 3)]
    Order.objects.filter(shop_id=shop.id, id=ids[0]).update(deadline=now - timedelta(hours=1))
    page = client.post(f"{HERE}new/", typed(now))
    text = text_of(page.content)
    assert "2 个待发货订单在范围内 2 个期限会顺延" in text
    assert "1 个已经超时" in text
    assert "不会报上去： 9999" in text
    assert order_number(3) not in text
    assert not DelayReport.objects.exists(), "a preview files nothing"
    form = dict(re.findall(r'<input type="hidden" name="([a-z_]+)" value="([^"]*)"', page.content.decode()))
    sent = client.post(f"{HERE}new/", {**form, "step": "file", "body": "见公告", "file": [PDF]})
    again = client.post(f"{HERE}new/", {**form, "step": "file", "body": "见公告", "file": [PDF]})
    assert again.headers["Location"] == sent.headers["Location"], "pressed twice, it stands once"
    report = DelayReport.objects.get(shop_id=shop.id)
    assert sent.headers["Location"] == f"{HERE}{report.id}/"
    shown = client.get(sent.headers["Location"]).content
    assert "停运公告.pdf" in text_of(shown)
    assert "见公告" in text_of(shown)
    link = re.search(rf"{HERE}{report.id}/evidence/\d+/", shown.decode())
    assert link is not None
    assert client.get(link[0]).content == b"%PDF-1.4 notice"
    reports.approve(PlatformActor("陆一"), shop.id, report.id, now=now, reason="属实")
    after = text_of(client.get(sent.headers["Location"]).content)
    assert "属实" in after
    assert "平台已批准" in after
    assert "已批准 1" in text_of(client.get(f"{HERE}?tab=approved").content)


def test_a_list_of_orders_may_be_uploaded(client: Client, shop: Shop, now: datetime) -> None:
    for n in (1, 2):
        make_order(shop.id, n, now=now)
    for rows in (f"买家,订单编号\nb,{order_number(2)}\n", f"{order_number(2)},x\n{order_number(9)},y\n"):
        sheet = SimpleUploadedFile("list.csv", rows.encode())
        text = text_of(client.post(f"{HERE}new/", typed(now, numbers="") | {"list": sheet}).content)  # type: ignore[arg-type]  # a file
        assert "1 个待发货订单在范围内" in text
        assert order_number(2) in text


def test_ahead_of_time_for_a_region(client: Client, shop: Shop, now: datetime) -> None:
    make_order(shop.id, 1, now=now, region="330106")
    form = typed(
        now, timing="ahead", scope="region", region="浙江省", paid_from=f"{now - timedelta(days=1):%Y-%m-%dT%H:%M}",
        paid_until=f"{now + timedelta(days=3):%Y-%m-%dT%H:%M}",
    )  # fmt: skip
    assert "新订单也照此计算" in text_of(client.post(f"{HERE}new/", form).content)
    client.post(f"{HERE}new/", form | {"step": "file"})
    report = DelayReport.objects.get(shop_id=shop.id)
    assert (report.scope, report.scope_value) == ("region", "33")
    assert report.paid_until is not None
    assert "浙江省" in text_of(client.get(HERE).content)
    answer = client.post(f"{HERE}{report.id}/withdraw/", follow=True)
    assert "已撤回" in text_of(answer.content)
    assert client.post(f"{HERE}{report.id}/withdraw/").status_code == 422


def test_what_is_wrong_stands_beside_what_was_typed(client: Client, shop: Shop, now: datetime) -> None:
    make_order(shop.id, 1, now=now)
    wrong: list[tuple[dict[str, str], str]] = [
        ({"until": ""}, "填写延迟到什么时间"), ({"until": "soon"}, "soon"), ({"until": "2020-01-01T00:00"}, "将来"),
        ({"name": ""}, "原因"), ({"numbers": ""}, "填入要报备的订单编号"), ({"numbers": "777"}, "777"),
        ({"scope": "region", "region": "月球"}, "月球"), ({"scope": "goods"}, "写明是哪些"),
        ({"timing": "ahead"}, "付款时段"),
    ]  # fmt: skip
    for changes, said in wrong:
        answer = client.post(f"{HERE}new/", typed(now, **changes))
        assert answer.status_code == 422, changes
        page = answer.content.decode()
        assert 'role="alert"' in page
        assert said in page, changes
        assert 'name="step" value="preview"' in page, "the form again"
    bad = SimpleUploadedFile("x.exe", b"MZ\x00")
    assert client.post(f"{HERE}new/", typed(now, step="file") | {"file": bad}).status_code == 422  # type: ignore[arg-type]  # a file
    assert not DelayReport.objects.exists(), "nothing half done"
    again = client.post(f"{HERE}new/", typed(now, step="again"))
    assert "快递停运" in again.content.decode()


def test_another_shops_report_is_not_here(client: Client, other_shop: Shop, stranger_account: Account, now: datetime) -> None:  # fmt: skip
    theirs = reports.file(stranger_account.actor, name="x", scope="shop", until=now + timedelta(days=2), now=now)
    assert client.get(f"{HERE}{theirs}/").status_code == 404
    assert client.post(f"{HERE}{theirs}/withdraw/").status_code == 404
    assert DelayReport.objects.get(id=theirs).status == "filed"
